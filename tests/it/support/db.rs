//! A fresh, migrated database for each test, on both engines.
//!
//! SQLite is a file in a temporary directory. Postgres is a new database, copied from a migrated template, on the server
//! of `TEST_DATABASE_URL` (default `postgres://postgres@127.0.0.1/postgres`, a role that may create databases). A server
//! that cannot be reached fails the test: a contract that one engine skipped is not held. The template is named after
//! the migrations, so that test binaries that run one process per test share it; what a killed run left behind is
//! dropped after an hour.

use std::{
    fmt::Write,
    future::Future,
    hash::{DefaultHasher, Hash, Hasher},
    panic::AssertUnwindSafe,
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use futures::FutureExt;
use jonathans_memory::{
    adapters::sql::{Db, Engine, SqlAuthStore, SqlJobQueue, SqlMemoryStore, SqlTenancyStore},
    clock::{Clock, ManualClock, SystemClock, Timestamp},
    ids::MemoryId,
    memory::{
        Actor, AddEvent, Added, Content, EmbeddingModel, Gated, Guarded, Indexing, Insert, MemoryStore, MemoryType, Origin, Sayings, Voice,
    },
    metering::Allowance,
    tenancy::{App, AppStore, Bounds, Member, NewUser, TenantScope, UserStore},
};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, SqliteConnection, postgres::PgConnectOptions};

/// Makes `name::sqlite` and `name::postgres` from one body.
macro_rules! both {
    ($($(#[$meta:meta])* async fn $name:ident($db:ident: $handle:ty) $body:block)+) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports, reason = "not every body uses what its module imports")]
            use super::*;
            async fn body($db: $handle) $body
            #[test]
            fn sqlite() {
                $crate::support::db::run(::jonathans_memory::adapters::sql::Engine::Sqlite, body);
            }
            #[test]
            fn postgres() {
                $crate::support::db::run(::jonathans_memory::adapters::sql::Engine::Postgres, body);
            }
        }
    )+};
}
pub(crate) use both;

/// Databases of tests are named `jm_it_<seconds>_…`.
const PREFIX: &str = "jm_it_";
/// Held while the template is looked for and made.
const TEMPLATE_LOCK: i64 = 0x6a6d_5f69_745f_7470;
/// A database this old belongs to no running test.
const STALE_SECS: u64 = 3600;
/// A template is used only while it is safe from every clean-up.
const TEMPLATE_SECS: u64 = 2400;

/// A migrated database that belongs to one test, and the clock that it runs by.
#[derive(Clone)]
pub struct TestDb {
    pub db: Db,
    pub clock: Arc<ManualClock>,
    pub engine: Engine,
    pub url: String,
}

/// What is removed when the test has ended.
enum Place {
    Directory(tempfile::TempDir),
    Database(String),
}

/// Runs one test body on one engine and removes its database, also when it panics.
pub fn run<F, Fut>(engine: Engine, body: F)
where
    F: FnOnce(TestDb) -> Fut,
    Fut: Future<Output = ()>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(within(engine, true, body));
}

/// The same within a runtime, for tests of several databases; without a schema unless `migrated`.
pub async fn within<F, Fut>(engine: Engine, migrated: bool, body: F)
where
    F: FnOnce(TestDb) -> Fut,
    Fut: Future<Output = ()>,
{
    let (place, url) = match engine {
        Engine::Sqlite => sqlite_place(),
        Engine::Postgres => postgres_place(migrated).await,
    };
    let db = connect(&url, Arc::new(ManualClock::at(Timestamp::from_secs(1_700_000_000)))).await;
    if migrated {
        db.db.migrate().await.expect("the migrations apply");
    }
    let outcome = AssertUnwindSafe(body(db.clone())).catch_unwind().await;
    db.db.close().await;
    match place {
        Place::Directory(directory) => drop(directory),
        Place::Database(name) => drop_database(&mut admin().await, &name).await,
    }
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

/// A SQLite URL in a directory of its own, and the directory.
pub fn sqlite_file() -> (tempfile::TempDir, String) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let url = format!("sqlite://{}", directory.path().join("memory.db").display());
    (directory, url)
}

fn sqlite_place() -> (Place, String) {
    let (directory, url) = sqlite_file();
    (Place::Directory(directory), url)
}

async fn connect(url: &str, clock: Arc<ManualClock>) -> TestDb {
    let db = Db::connect(url, 10, Duration::from_mins(1), Arc::clone(&clock) as Arc<dyn Clock>).await.expect("the database opens");
    TestDb { engine: db.engine(), db, clock, url: url.to_owned() }
}

fn admin_url() -> String {
    std::env::var("TEST_DATABASE_URL").unwrap_or_else(|_| "postgres://postgres@127.0.0.1/postgres".into())
}

fn admin_options() -> PgConnectOptions {
    PgConnectOptions::from_str(&admin_url()).expect("TEST_DATABASE_URL is a Postgres URL").disable_statement_logging()
}

async fn admin() -> PgConnection {
    let options = admin_options();
    match PgConnection::connect_with(&options).await {
        Ok(connection) => connection,
        Err(error) => panic!(
            "No Postgres at {}:{}: {error}. These tests run on both engines and skip neither: start a server, or name one in \
             TEST_DATABASE_URL (a role that may create databases).",
            options.get_host(),
            options.get_port(),
        ),
    }
}

fn now_secs() -> u64 {
    SystemClock.now().secs().try_into().expect("after 1970")
}

fn url_of(database: &str) -> String {
    admin_options().database(database).to_url_lossy().to_string()
}

async fn postgres_place(migrated: bool) -> (Place, String) {
    let mut admin = admin().await;
    let template = if migrated { template(&mut admin).await } else { "template1".into() };
    let name = format!("{PREFIX}{}_{}", now_secs(), uuid::Uuid::new_v4().simple());
    execute(&mut admin, format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
    (Place::Database(name.clone()), url_of(&name))
}

/// The migrated database that tests copy, made by whichever process comes first.
async fn template(admin: &mut PgConnection) -> String {
    let mut hasher = DefaultHasher::new();
    for migration in sqlx::migrate!("migrations/postgres").iter() {
        migration.checksum.hash(&mut hasher);
    }
    let suffix = format!("_template_{:016x}", hasher.finish());
    sqlx::query("SELECT pg_advisory_lock($1)").bind(TEMPLATE_LOCK).execute(&mut *admin).await.expect("the template lock");
    let existing: Vec<String> = sqlx::query_scalar("SELECT datname::text FROM pg_database WHERE datname LIKE 'jm\\_it\\_%'")
        .fetch_all(&mut *admin)
        .await
        .expect("the databases");
    let fresh = existing.iter().find(|name| name.ends_with(&suffix) && age(name) < TEMPLATE_SECS).cloned();
    let name = if let Some(name) = fresh {
        name
    } else {
        for stale in existing.iter().filter(|name| age(name) > STALE_SECS) {
            drop_database(admin, stale).await;
        }
        let name = format!("{PREFIX}{}{suffix}", now_secs());
        // A killed run leaves a draft, never half a template.
        let draft = format!("{name}_draft");
        drop_database(admin, &draft).await;
        execute(admin, format!("CREATE DATABASE {draft} TEMPLATE template0")).await;
        let db = connect(&url_of(&draft), Arc::new(ManualClock::at(Timestamp(0)))).await.db;
        db.migrate().await.expect("the migrations apply to Postgres");
        db.close().await;
        execute(admin, format!("ALTER DATABASE {draft} RENAME TO {name}")).await;
        name
    };
    sqlx::query("SELECT pg_advisory_unlock($1)").bind(TEMPLATE_LOCK).execute(&mut *admin).await.expect("the template lock");
    name
}

fn age(name: &str) -> u64 {
    let made = name.trim_start_matches(PREFIX).split('_').next().and_then(|secs| secs.parse().ok()).unwrap_or(0);
    now_secs().saturating_sub(made)
}

async fn drop_database(admin: &mut PgConnection, name: &str) {
    execute(admin, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
}

async fn execute(admin: &mut PgConnection, sql: String) {
    if let Err(error) = sqlx::query(AssertSqlSafe(sql.clone())).execute(admin).await {
        panic!("'{sql}' failed: {error}");
    }
}

impl TestDb {
    /// The same database through pools of its own, as another process would open it.
    pub async fn another_process(&self) -> Self {
        connect(&self.url, Arc::clone(&self.clock)).await
    }

    pub fn tenancy(&self) -> Arc<SqlTenancyStore> {
        SqlTenancyStore::shared(&self.db, Bounds::default())
    }

    /// Memories whose writes tell no index outside the process.
    pub fn memories(&self) -> Arc<SqlMemoryStore> {
        self.store(false)
    }

    /// Memories whose writes leave a job for an index outside the process.
    pub fn telling(&self) -> Arc<SqlMemoryStore> {
        self.store(true)
    }

    fn store(&self, external: bool) -> Arc<SqlMemoryStore> {
        SqlMemoryStore::new(&self.db, Sayings::under(vec![[7; 32]]), Indexing { model: model(), external, moving: false })
    }

    /// Runs a statement as the owner of the database, whom no policy binds.
    pub async fn as_owner(&self, sql: String) {
        match self.engine {
            Engine::Sqlite => {
                let mut connection = SqliteConnection::connect(&self.url).await.expect("connects");
                sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await.map(drop)
            }
            Engine::Postgres => {
                let mut connection = PgConnection::connect(&self.url).await.expect("connects");
                sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await.map(drop)
            }
        }
        .expect("done");
    }

    pub fn auth(&self) -> Arc<SqlAuthStore> {
        SqlAuthStore::shared(&self.db, Bounds::default())
    }

    pub fn jobs(&self) -> Arc<SqlJobQueue> {
        SqlJobQueue::shared(&self.db)
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new user in a tenant of their own, with one app.
    pub async fn person(&self, name: &str) -> Person {
        let email = Some(format!("{name}@example.org"));
        let new = NewUser { email, password_hash: Some("$argon2id$test".into()), external_subject: None };
        let member = self.tenancy().provision(new).await.expect("provisioned").expect("the e-mail is free");
        let scope = member.scope();
        let app = self.tenancy().app_by_name(&scope, "claude").await.expect("an app");
        let actor = Actor { user: member.user, credential: None, app: app.id, allowance: Allowance::default() };
        Person { member, scope, app, actor }
    }

    /// Stores memories that are all new or known; panics on any other end.
    pub async fn add(&self, who: &Person, memories: Vec<Insert>) -> Vec<Stored> {
        let memories = memories.into_iter().map(Gated::from).collect();
        let outcome = self.memories().insert(&who.scope, &who.actor, memories, None).await;
        match outcome.expect("stored") {
            Guarded::Done(added) => added.into_iter().map(Stored::from).collect(),
            other => panic!("not done: {other:?}"),
        }
    }

    /// Stores one memory with a vector, so that it leaves no job behind.
    pub async fn add_text(&self, who: &Person, text: &str) -> MemoryId {
        self.add(who, vec![who.memory(text)]).await[0].id
    }
}

/// What became of a memory that the store was given.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    pub id: MemoryId,
    pub memory: String,
    pub event: AddEvent,
}

impl From<Added> for Stored {
    fn from(added: Added) -> Self {
        Self { id: added.id.expect("the store always names one"), memory: added.memory, event: added.event }
    }
}

/// A user with their tenant, and what acting for them takes.
#[derive(Debug, Clone)]
pub struct Person {
    pub member: Member,
    pub scope: TenantScope,
    pub app: App,
    pub actor: Actor,
}

impl Person {
    /// A memory of the default project, with a vector.
    pub fn memory(&self, text: &str) -> Insert {
        Insert {
            content: Content {
                text: text.into(),
                metadata: serde_json::Map::new(),
                tags: Vec::new(),
                memory_type: MemoryType::Semantic,
                confidence: 1.0,
                pinned: false,
                expires_at: None,
            },
            origin: Origin { speaker: None, occurred_at: None, session_id: None, position: None, source: None },
            id: MemoryId::new(),
            project: self.member.default_project,
            hash: hash(text),
            pattern_signature: None,
            created_at: None,
            supersedes: None,
            related: Vec::new(),
            superseded_at: None,
            trust: 1.0,
            flags: Vec::new(),
            held_for: None,
            voice: Voice::default(),
            force: false,
            review: Vec::new(),
            vector: Some(vec![1.0, 0.0, 0.0]),
        }
    }

    /// The same, waiting for its vector.
    pub fn unembedded(&self, text: &str) -> Insert {
        Insert { vector: None, ..self.memory(text) }
    }
}

/// The model of the vectors in these tests.
pub fn model() -> EmbeddingModel {
    EmbeddingModel::new("test", 3)
}

/// Lower-case hex SHA-256.
pub fn hash(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::with_capacity(64), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("writing to a string cannot fail");
        hex
    })
}
