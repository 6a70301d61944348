//! The composition root: configuration in, adapters and services out.

mod memories;
mod models;
mod oauth;

use std::{sync::Arc, time::Duration};

use anyhow::{bail, ensure};
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use oauth::OAuthParts;

use crate::{
    adapters::{
        jwks::HttpJwks,
        outbound::Outbound,
        sql::{
            Db, Engine, SqlAuthStore, SqlBillingStore, SqlJobQueue, SqlLiveStore, SqlNodeStore, SqlOAuthStore, SqlOperatorStore,
            SqlSubscriptionStore, SqlTenancyStore, SqlUsageStore, SqlWebhookStore,
        },
        stripe::{Stripe, StripeSettings},
    },
    auth::{AccountService, Authenticator, CredentialService, JwksCache, JwtVerifier, PasswordPolicy, ServerKeys, SupabaseSettings},
    billing::{Billing, Manual, PaymentProvider},
    clock::{Clock, SystemClock},
    config::{BillingProvider, Config, IndexProvider, LimitsConfig, Mode, SecretString},
    data_dir::DataDir,
    jobs::{
        ForgetGrants, ForgetKeys, ForgetTold, IndexJob, InferJob, JobQueue, KeepMoney, Purge, ReembedJob, RollUp, Runner, Task, Upkeep,
        WebhookJob, schedule,
    },
    limits::{Edges, NodeStore},
    live::LiveService,
    memory::{self, AccessRecorder, Embedder, GateCounts, Memories, Sayings, WorkingSets},
    metering::Usage,
    oauth::{DocumentFetch, OAuth},
    plans::{Catalog, Plans},
    rest::Machinery,
    tenancy::{Bounds, Nudges, OperatorService, TenancyService, UserStore},
    transfer::Transfer,
    webhooks::{Deliver, WebhookKeys, Webhooks},
};

/// How often bookkeeping that may wait is written down.
const FLUSH_EVERY: Duration = Duration::from_secs(5);

/// Everything that runs, built once.
#[derive(Clone)]
pub struct App {
    /// What it was built from.
    pub config: Arc<Config>,
    pub db: Db,
    pub memories: Arc<Memories>,
    pub transfer: Transfer,
    pub tenancy: TenancyService,
    /// Users; sign-in and provisioning only.
    pub users: Arc<dyn UserStore>,
    pub authenticator: Arc<Authenticator>,
    pub credentials: Arc<CredentialService>,
    /// Built-in accounts. The operator's command line uses them even where sign-in is switched off.
    pub accounts: Arc<AccountService>,
    /// Keys of the outside identity provider, where there is one.
    pub identity_keys: Option<JwksCache>,
    /// What happens, as it happens.
    pub live: LiveService,
    pub operator: OperatorService,
    /// How often callers may ask.
    pub edges: Arc<Edges>,
    /// What tenants may use, and do.
    pub usage: Usage,
    /// What they pay.
    pub billing: Billing,
    /// Whom they tell what happens.
    pub webhooks: Webhooks,
    /// What was built, for people.
    pub machinery: Machinery,
    pub queue: Arc<SqlJobQueue>,
    oauth: OAuthParts,
    runner_parts: RunnerParts,
}

/// What lies outside the process and can be put in another's place.
pub struct Outside {
    pub clock: Arc<dyn Clock>,
    /// Text to vectors; the configured one when absent.
    pub embedder: Option<Arc<dyn Embedder>>,
    /// Documents about clients; from the network when absent.
    pub documents: Option<Arc<dyn DocumentFetch>>,
    /// What reaches the addresses of webhooks; the network when absent.
    pub deliver: Option<Arc<dyn Deliver>>,
}

impl Default for Outside {
    fn default() -> Self {
        Self { clock: Arc::new(SystemClock), embedder: None, documents: None, deliver: None }
    }
}

#[derive(Clone)]
struct RunnerParts {
    job: IndexJob,
    clock: Arc<dyn Clock>,
    access: AccessRecorder,
    gate_counts: GateCounts,
    sets: WorkingSets,
}

impl App {
    /// Opens the database, brings its schema forward (in production it only checks) and builds the services.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub async fn build(config: Config) -> anyhow::Result<Self> {
        // The largest future of the program: no command carries it within its own.
        Box::pin(Self::build_with(config, Outside::default())).await
    }

    /// As [`Self::build`] with another outside world: tests move the clock and break the embedder.
    ///
    /// # Errors
    /// As [`Self::build`].
    pub async fn build_with(config: Config, outside: Outside) -> anyhow::Result<Self> {
        let clock = outside.clock;
        let migration = if config.server.mode == Mode::Embedded { Migration::Apply } else { Migration::Check };
        let db = open_database(&config, migration, clock.clone()).await?;
        let keys = server_keys(&config)?;
        let embedders = models::embedders(&config, outside.embedder, &db).await?;
        let index = models::vector_index(&config, &embedders).await?;
        let bounds = Bounds { apps: config.limits.apps, projects: config.limits.projects, credentials: config.limits.credentials };
        let users = SqlTenancyStore::shared(&db, bounds);
        let auth_store = SqlAuthStore::shared(&db, bounds);
        let tenancy = TenancyService::new(users.clone());
        let queue = SqlJobQueue::shared(&db);

        let (store, documents) = (SqlOAuthStore::shared(&db, bounds), outside.documents);
        let (verifier, identity_keys) = verifier(&config, &keys, &clock)?;
        let nudges = Nudges::default();
        let authenticator = Authenticator::new(users.clone(), tenancy.clone(), auth_store.clone(), &keys, verifier, clock.clone());
        let authenticator = Arc::new(authenticator.nudging(nudges.clone()));
        let credentials = Arc::new(CredentialService::new(users.clone(), auth_store.clone(), &keys, clock.clone(), authenticator.clone()));
        let accounts = Arc::new(AccountService::new(
            users.clone(),
            auth_store,
            &keys,
            clock.clone(),
            PasswordPolicy::default(),
            config.limits.registrations_per_hour,
        ));

        let oauth = OAuthParts {
            store,
            tenancy: users.clone(),
            credentials: credentials.clone(),
            keys: keys.clone(),
            clock: clock.clone(),
            documents,
        };
        let embedder = embedders.current().model().id.clone();
        let catalog = Catalog::load(config.plans.file.as_deref())?;
        let plans = Plans::new(catalog, &config.plans.default, SqlSubscriptionStore::shared(&db), clock.clone())?;
        let usage = Usage::new(plans, SqlUsageStore::shared(&db), clock.clone());
        let billing = Billing {
            provider: payment_provider(&config)?,
            store: SqlBillingStore::shared(&db),
            usage: usage.clone(),
            clock: clock.clone(),
            looking: Arc::default(),
        };
        let webhooks = Webhooks {
            store: SqlWebhookStore::shared(&db),
            deliver: outside.deliver.unwrap_or_else(|| Arc::new(Outbound::default())),
            keys: WebhookKeys::new(keys.webhooks()),
            clock: clock.clone(),
        };
        let LimitsConfig { rates, costly_at_once, requests_at_once, .. } = &config.limits;
        let edges = Edges::new(rates, usage.plans().clone(), *costly_at_once, *requests_at_once, clock.clone());
        let base = memories::Base {
            usage: usage.clone(),
            db: db.clone(),
            sayings: Sayings::under(keys.sayings()),
            clock: clock.clone(),
            tenancy: tenancy.clone(),
            nudges: nudges.clone(),
            embedders,
            index,
        };
        let memories::Built { memories, transfer, index_job: job, access, gate_counts, sets } = memories::build(base, &config)?;
        let live =
            LiveService::new(SqlLiveStore::shared(&db), authenticator.clone(), nudges, clock.clone(), config.limits.streams_per_user);
        let operator = OperatorService::new(SqlOperatorStore::shared(&db), users.clone());
        let runner_parts = RunnerParts { job, clock, access, gate_counts, sets };
        Ok(Self {
            machinery: machinery(&config, &db, embedder),
            config: Arc::new(config),
            db,
            memories,
            transfer,
            tenancy,
            users,
            authenticator,
            credentials,
            accounts,
            identity_keys,
            live,
            operator,
            edges: Arc::new(edges),
            billing,
            webhooks,
            usage,
            queue,
            oauth,
            runner_parts,
        })
    }

    /// The job runner of this process, with every kind of job: the registry.
    #[must_use]
    pub fn runner(&self) -> Runner {
        let RunnerParts { job, clock, .. } = self.runner_parts.clone();
        let webhooks = WebhookJob { webhooks: self.webhooks.clone(), woken: Notify::new() };
        let infer = InferJob { inference: self.memories.inference.clone(), wake: job.wake.clone() };
        Runner {
            queue: self.queue.clone(),
            jobs: vec![Arc::new(infer), Arc::new(job.clone()), Arc::new(ReembedJob(job)), Arc::new(webhooks)],
            clock,
        }
    }

    /// What is due from time to time, once across all nodes.
    #[must_use]
    pub fn tasks(&self) -> Vec<Arc<dyn Task>> {
        let days = |days: u32| Duration::from_hours(24 * u64::from(days));
        let (clock, limits) = (&self.runner_parts.clock, &self.config.limits);
        let purge = Purge {
            tenants: self.queue.clone(),
            erasure: self.memories.erasure.clone(),
            deleted_kept: days(limits.deleted_kept_days),
            held_kept: days(limits.held_days),
            clock: clock.clone(),
        };
        let forget_grants = ForgetGrants { requests: self.oauth.store.clone(), clock: clock.clone() };
        let roll_up = RollUp { tenants: self.queue.clone(), usage: self.usage.clone() };
        vec![
            Arc::new(purge),
            Arc::new(roll_up),
            Arc::new(KeepMoney { tenants: self.queue.clone(), billing: self.billing.clone() }),
            Arc::new(ForgetTold { tenants: self.queue.clone(), webhooks: self.webhooks.clone(), clock: clock.clone() }),
            Arc::new(ForgetKeys { records: self.queue.clone(), clock: clock.clone() }),
            Arc::new(forget_grants),
        ]
    }

    /// Letting clients in by OAuth, for a server that they reach at `base`; `None` where that is switched off.
    #[must_use]
    pub fn oauth(&self, base: &str) -> Option<OAuth> {
        self.oauth.build(&self.config, base)
    }

    /// What index jobs do, for whoever looks after vectors.
    #[must_use]
    pub const fn index_job(&self) -> &IndexJob {
        &self.runner_parts.job
    }

    /// The upkeep of the index outside this process, where there is one.
    #[must_use]
    pub fn upkeep(&self) -> Option<Upkeep> {
        let RunnerParts { job, clock, .. } = self.runner_parts.clone();
        Some(Upkeep { index: job.index.clone()?, job, queue: self.queue.clone(), tenants: self.queue.clone(), clock })
    }

    /// Starts the background tasks on `tasks`; they end after `stop`, writing down what they hold.
    pub fn start_background(&self, tasks: &TaskTracker, stop: &CancellationToken) {
        tasks.spawn_blocking(memory::warm_up);
        tasks.spawn(self.runner().run(stop.clone()));
        if let Some(upkeep) = self.upkeep() {
            tasks.spawn(upkeep.run(stop.clone()));
        }
        tasks.spawn(schedule::run(self.queue.clone(), self.tasks(), stop.clone()));
        tasks.spawn(self.clone().keep_books(stop.clone()));
    }

    /// Writes down what is gathered in memory: who read what, and when credentials were used.
    pub async fn flush(&self) {
        self.runner_parts.access.flush().await;
        self.runner_parts.gate_counts.flush().await;
        self.usage.counted().flush().await;
        if let Err(error) = self.authenticator.flush_last_used().await {
            tracing::warn!(%error, cause = ?error.cause(), "the last use of credentials could not be written");
        }
    }

    /// What each node does for itself: it writes down what it holds, and tells how it is.
    async fn keep_books(self, stop: CancellationToken) {
        let (node, nodes) = (Uuid::now_v7(), SqlNodeStore::shared(&self.db));
        while !stop.is_cancelled() {
            match nodes.seen(node).await {
                Ok(count) => self.edges.share_with(count),
                Err(error) => tracing::warn!(%error, cause = ?error.cause(), "it could not be noted that this node serves"),
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(FLUSH_EVERY) => {}
            }
            self.flush().await;
            self.publish_gauges().await;
        }
        self.usage.counted().end().await;
        if let Err(error) = nodes.gone(node).await {
            tracing::warn!(%error, cause = ?error.cause(), "it could not be noted that this node serves no longer");
        }
    }

    async fn publish_gauges(&self) {
        #[expect(clippy::cast_precision_loss, reason = "gauges are floats")]
        if let Ok(stats) = self.queue.stats().await {
            for state in ["queued", "running", "dead"] {
                metrics::gauge!("jobs", "state" => state).set(stats.by_state.get(state).copied().unwrap_or(0) as f64);
            }
            metrics::gauge!("nodes").set(f64::from(self.edges.nodes()));
            metrics::gauge!("active_users").set(self.authenticator.active_users() as f64);
            metrics::gauge!("working_set_bytes").set(self.runner_parts.sets.bytes() as f64);
        }
    }
}

/// Whether opening the database may change its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Migration {
    /// Bring it forward.
    Apply,
    /// Refuse to work with an older one.
    Check,
}

/// Opens the configured database, or the SQLite file in the data directory.
///
/// # Errors
/// A sentence for the operator.
pub async fn open_database(config: &Config, migration: Migration, clock: Arc<dyn Clock>) -> anyhow::Result<Db> {
    let db = connect_database(config, clock).await?;
    if migration == Migration::Apply {
        db.migrate().await?;
        return Ok(db);
    }
    let (applied, known) = db.schema_versions().await?;
    ensure!(
        applied >= known,
        "the database schema is at {applied}, this program needs {known}. Run 'jmem migrate': in production mode the start never does it"
    );
    Ok(db)
}

/// As [`open_database`], whatever schema the database has, or none.
///
/// # Errors
/// A sentence for the operator.
pub async fn connect_database(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Db> {
    let data = DataDir::of(config);
    data.prepare()?;
    let timeout = Duration::from_secs(config.database.acquire_timeout_secs);
    Db::connect(&data.database_url(), config.database.max_connections, timeout, clock).await
}

/// Who proves who somebody is, and the keys of the outside identity provider, where there is one.
fn verifier(config: &Config, keys: &ServerKeys, clock: &Arc<dyn Clock>) -> anyhow::Result<(JwtVerifier, Option<JwksCache>)> {
    let supabase = supabase(config, clock)?;
    let identity_keys = supabase.as_ref().map(|(_, keys)| keys.clone());
    Ok((JwtVerifier::new(keys, config.auth.accounts, supabase, clock.clone()), identity_keys))
}

/// Who takes the money.
fn payment_provider(config: &Config) -> anyhow::Result<Arc<dyn PaymentProvider>> {
    let billing = &config.billing;
    if billing.provider == BillingProvider::Manual {
        return Ok(Arc::new(Manual));
    }
    let exposed = |secret: &Option<SecretString>| secret.as_ref().map(|secret| secret.expose().to_owned()).unwrap_or_default();
    let secrets = exposed(&billing.stripe_webhook_secret);
    Ok(Arc::new(Stripe::new(StripeSettings {
        base_url: billing.stripe_url.clone(),
        api_key: exposed(&billing.stripe_api_key),
        webhook_secrets: secrets.split(',').map(str::trim).filter(|secret| !secret.is_empty()).map(str::to_owned).collect(),
        payment_methods: billing.payment_methods.clone(),
    })?))
}

/// What was built, for people.
fn machinery(config: &Config, db: &Db, embedder: String) -> Machinery {
    Machinery {
        database: if db.engine() == Engine::Sqlite { "sqlite" } else { "postgres" },
        index: if config.index.provider == IndexProvider::Embedded { "embedded" } else { "qdrant" },
        embedder,
    }
}

fn server_keys(config: &Config) -> anyhow::Result<ServerKeys> {
    match known_keys(config)? {
        Some(keys) => Ok(keys),
        None => ServerKeys::load_or_create(&DataDir::of(config).key()),
    }
}

/// The server's keys; `None` where the first start has not made any yet.
///
/// # Errors
/// When the key file cannot be read.
pub fn known_keys(config: &Config) -> anyhow::Result<Option<ServerKeys>> {
    match &config.auth.secret_key {
        Some(key) => Ok(ServerKeys::parse(key.expose())),
        None => ServerKeys::load(&DataDir::of(config).key()),
    }
}

fn supabase(config: &Config, clock: &Arc<dyn Clock>) -> anyhow::Result<Option<(SupabaseSettings, JwksCache)>> {
    let Some(url) = &config.auth.supabase_url else { return Ok(None) };
    let jwt_secret = config.auth.supabase_jwt_secret.as_ref().map(|s| s.expose().to_owned());
    let settings = SupabaseSettings { url: url.clone(), jwt_secret };
    settings.check()?;
    if config.server.mode == Mode::Production && settings.uses_demo_secret() {
        bail!("SUPABASE_JWT_SECRET is the demo secret that everybody knows; set the secret of your own project");
    }
    let cache = JwksCache::new(Arc::new(HttpJwks::new(&settings)?), clock.clone());
    Ok(Some((settings, cache)))
}
