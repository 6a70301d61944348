//! Configuration: defaults, then an optional TOML file, then the environment; each section in a file of its own,
//! validated at start, unknown keys refused, secrets redacted in every print-out.
//!
//! A key `embedder.model` of the file is `JM__EMBEDDER__MODEL` in the environment. The names that people know from
//! OpenMemory and Supabase (`PORT`, `DATABASE_URL`, `SUPABASE_URL`, …) work as well; see [`ALIASES`].

mod auth;
mod billing;
mod database;
mod embedder;
mod gate;
mod index;
mod limits;
mod llm;
mod oauth;
mod openai;
mod plans;
mod qdrant;
mod secret;
mod server;
mod telemetry;

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

pub use auth::AuthConfig;
pub use billing::{BillingConfig, BillingProvider};
pub use database::DatabaseConfig;
pub use embedder::{EmbedderConfig, EmbedderProvider, PreviousEmbedder};
pub use gate::GateConfig;
pub use index::{IndexConfig, IndexProvider};
pub use limits::LimitsConfig;
pub use llm::{LlmConfig, LlmProvider};
pub use oauth::OAuthConfig;
pub use openai::OpenAiConfig;
pub use plans::PlansConfig;
pub use qdrant::QdrantConfig;
pub use secret::SecretString;
pub use server::{Mode, ServerConfig};
pub use telemetry::{LogFormat, TelemetryConfig};

/// Everything that can be set.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Listener, public address and data directory.
    pub server: ServerConfig,
    /// The relational truth.
    pub database: DatabaseConfig,
    /// Where embeddings come from.
    pub embedder: EmbedderConfig,
    /// The OpenAI-compatible server.
    pub openai: OpenAiConfig,
    /// Facts from text.
    pub llm: LlmConfig,
    /// Working sets and the vector index.
    pub index: IndexConfig,
    /// The Qdrant server.
    pub qdrant: QdrantConfig,
    /// Who may sign in, and how.
    pub auth: AuthConfig,
    /// Clients let in by OAuth.
    pub oauth: OAuthConfig,
    /// Plans of tenants.
    pub plans: PlansConfig,
    /// Who takes the money.
    pub billing: BillingConfig,
    /// The write gate.
    pub gate: GateConfig,
    /// Sizes, counts and times.
    pub limits: LimitsConfig,
    /// Logs, metrics and traces.
    pub telemetry: TelemetryConfig,
}

/// Well-known environment names, and the key that each one sets.
pub const ALIASES: &[(&str, &str)] = &[
    ("PORT", "server.port"),
    ("JM_DATA_DIR", "server.data_dir"),
    ("JM_MODE", "server.mode"),
    ("JM_PUBLIC_URL", "server.public_url"),
    ("JM_SECRET_KEY", "auth.secret_key"),
    ("DATABASE_URL", "database.url"),
    ("SUPABASE_URL", "auth.supabase_url"),
    ("SUPABASE_ANON_KEY", "auth.supabase_anon_key"),
    ("SUPABASE_JWT_SECRET", "auth.supabase_jwt_secret"),
    ("EMBEDDER_PROVIDER", "embedder.provider"),
    ("EMBEDDER_MODEL", "embedder.model"),
    ("OPENAI_API_KEY", "openai.api_key"),
    ("OPENAI_BASE_URL", "openai.base_url"),
    ("LLM_PROVIDER", "llm.provider"),
    ("OPENAI_MODEL", "llm.model"),
    ("INDEX_PROVIDER", "index.provider"),
    ("QDRANT_URL", "qdrant.url"),
    ("QDRANT_HOST", "qdrant.host"),
    ("QDRANT_PORT", "qdrant.port"),
    ("QDRANT_API_KEY", "qdrant.api_key"),
    ("MAIN_QDRANT_COLLECTION_NAME", "qdrant.collection"),
    ("JM_LOG", "telemetry.filter"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "telemetry.otlp_endpoint"),
    ("OTEL_SERVICE_NAME", "telemetry.service_name"),
];

const PREFIX: &str = "JM__";

/// The key that a variable of the environment sets; `None` for one that is none of ours.
#[must_use]
pub fn key_of(name: &str) -> Option<String> {
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name).map(|(_, key)| (*key).to_owned());
    alias.or_else(|| name.strip_prefix(PREFIX).map(|rest| rest.to_lowercase().replace("__", ".")))
}

impl Config {
    /// Reads the file (where given) and this environment, and validates the result.
    ///
    /// # Errors
    /// A sentence naming the key or variable, what is wrong with it and what would be right.
    pub fn load(file: Option<&Path>, env: impl IntoIterator<Item = (String, String)>) -> Result<Self> {
        let mut table = match file {
            None => Table::new(),
            Some(path) => std::fs::read_to_string(path)
                .with_context(|| format!("cannot read the configuration file {}", path.display()))?
                .parse::<Table>()
                .with_context(|| format!("{} is not valid TOML", path.display()))?,
        };
        for (name, value) in env {
            if let Some(key) = ALIASES.iter().find(|(alias, _)| *alias == name).map(|(_, key)| (*key).to_owned()) {
                if !value.is_empty() {
                    set(&mut table, &key, &value)?;
                }
            } else if let Some(rest) = name.strip_prefix(PREFIX) {
                let key = rest.to_lowercase().replace("__", ".");
                set(&mut table, &key, &value).with_context(|| format!("environment variable {name}"))?;
            }
        }
        mean_qdrant(&mut table);
        let config: Self = Value::Table(table).try_into().context("the configuration does not fit")?;
        config.validate()?;
        Ok(config)
    }

    /// Checks what types cannot: ranges and combinations.
    ///
    /// # Errors
    /// A sentence naming the keys.
    pub fn validate(&self) -> Result<()> {
        self.server.validate()?;
        self.database.validate()?;
        self.embedder.validate()?;
        self.openai.validate()?;
        self.llm.validate()?;
        let previous = self.embedder.previous.as_ref().map(|previous| previous.provider);
        if [Some(self.embedder.provider), previous].contains(&Some(EmbedderProvider::OpenAi)) || self.llm.provider == LlmProvider::OpenAi {
            self.openai.check_used()?;
        }
        self.index.validate()?;
        self.qdrant.validate()?;
        if self.index.provider == IndexProvider::Qdrant {
            self.qdrant.address()?;
        }
        self.limits.validate()?;
        self.auth.validate()?;
        self.billing.validate()?;
        self.oauth.validate()?;
        self.telemetry.validate()?;
        if self.server.mode == Mode::Production {
            ensure!(self.server.public_url.is_some(), "server.public_url (JM_PUBLIC_URL) must be set in production mode");
            self.server.refuse_open_wires()?;
            ensure!(self.auth.secret_key.is_some(), "auth.secret_key (JM_SECRET_KEY) must be set in production mode: 64 hex characters");
            self.auth.refuse_a_weak_key()?;
            ensure!(
                self.embedder.provider != EmbedderProvider::Hash,
                "embedder.provider = \"hash\" serves tests only and is refused in production mode"
            );
            ensure!(
                !(self.auth.accounts && self.auth.supabase_url.is_some()),
                "auth.accounts must be false beside Supabase in production mode: one place to sign in"
            );
        }
        Ok(())
    }

    /// Whether strangers may make themselves an account: as set, else in embedded mode only.
    #[must_use]
    pub fn registration(&self) -> bool {
        self.auth.accounts && self.auth.registration.unwrap_or(self.server.mode == Mode::Embedded)
    }

    /// Whether documents about clients are fetched from addresses that clients name: as set, else where the server is itself known by
    /// an address of the internet.
    #[must_use]
    pub fn fetches_documents(&self) -> bool {
        let public = || self.server.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
        self.oauth.client_documents.unwrap_or_else(public)
    }

    /// The configuration as TOML with every secret replaced.
    #[must_use]
    pub fn redacted(&self) -> String {
        toml::to_string_pretty(self).unwrap_or_default()
    }
}

/// Whoever says where Qdrant is means it to be used, unless something else is said.
fn mean_qdrant(table: &mut Table) {
    let named = table.get("qdrant").is_some_and(|qdrant| qdrant.get("url").or_else(|| qdrant.get("host")).is_some());
    if named && let Value::Table(index) = table.entry("index").or_insert_with(|| Value::Table(Table::new())) {
        index.entry("provider").or_insert_with(|| Value::from("qdrant"));
    }
}

/// Puts `value` at the dotted `key`, typed by what it looks like; the section structs have the last word.
fn set(table: &mut Table, key: &str, value: &str) -> Result<()> {
    let Some((sections, field)) = key.rsplit_once('.') else {
        bail!("'{key}' names no section; use JM__SECTION__KEY");
    };
    let mut table = table;
    for section in sections.split('.') {
        let Value::Table(inner) = table.entry(section).or_insert_with(|| Value::Table(Table::new())) else {
            bail!("'{section}' is not a section");
        };
        table = inner;
    }
    table.insert(field.to_owned(), typed(field, value));
    Ok(())
}

fn typed(field: &str, value: &str) -> Value {
    let list = matches!(field, "allowed_hosts" | "allowed_origins" | "rates" | "payment_methods");
    if list {
        return Value::Array(value.split(',').map(str::trim).filter(|s| !s.is_empty()).map(Value::from).collect());
    }
    let text = matches!(
        field,
        "secret_key"
            | "supabase_jwt_secret"
            | "supabase_anon_key"
            | "contact"
            | "api_key"
            | "stripe_api_key"
            | "stripe_webhook_secret"
            | "model"
            | "host"
            | "collection"
            | "data_dir"
            | "url"
            | "service_name"
            | "openai_challenge"
    );
    match value {
        _ if text => Value::from(value),
        "true" => Value::Boolean(true),
        "false" => Value::Boolean(false),
        _ => value.parse().map(Value::Integer).or_else(|_| value.parse().map(Value::Float)).unwrap_or_else(|_| Value::from(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `openssl rand -hex 32` draws one.
    const DRAWN: &str = "9f1c02b7e5a84d63c0de17f2385b6ad94e70c1aa2f86d35b7719e4028cfb5d36";

    fn load(env: &[(&str, &str)]) -> Result<Config> {
        Config::load(None, env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())))
    }

    #[test]
    fn environment_overrides_defaults() {
        let config = load(&[("PORT", "9000"), ("JM__SERVER__ALLOWED_HOSTS", "a.example, b.example"), ("HOME", "/x")]).expect("valid");
        assert_eq!(config.server.port, 9000);
        assert_eq!(config.server.allowed_hosts, ["a.example", "b.example"]);
    }

    #[test]
    fn fractions_come_from_the_environment_too() {
        let config = load(&[("JM__INDEX__DENSE_WEIGHT", "0.25")]).expect("valid");
        assert!((config.index.dense_weight - 0.25).abs() < f32::EPSILON);
    }

    #[test]
    fn unknown_keys_are_refused() {
        let error = load(&[("JM__SERVER__PROT", "9000")]).expect_err("a typing error");
        assert!(format!("{error:#}").contains("prot"), "{error:#}");
        assert!(load(&[("JM__SREVER__PORT", "9000")]).is_err());
    }

    #[test]
    fn who_names_a_qdrant_server_uses_it() {
        let provider = |env: &[(&str, &str)]| load(env).expect("valid").index.provider;
        assert_eq!(provider(&[]), IndexProvider::Embedded);
        for named in [("QDRANT_URL", "http://q:6334"), ("QDRANT_HOST", "q"), ("JM__QDRANT__HOST", "q")] {
            assert_eq!(provider(&[named]), IndexProvider::Qdrant, "{named:?}");
            assert_eq!(provider(&[named, ("INDEX_PROVIDER", "embedded")]), IndexProvider::Embedded, "{named:?}");
        }
        assert_eq!(provider(&[("QDRANT_PORT", "6334"), ("QDRANT_HOST", "")]), IndexProvider::Embedded, "a port is no server");
        load(&[("QDRANT_HOST", "q"), ("JM__INDEX", "1")]).expect_err("no section");
    }

    #[test]
    fn production_refuses_what_is_only_for_tests() {
        let production = [("JM_MODE", "production"), ("JM_PUBLIC_URL", "https://m.example"), ("JM_SECRET_KEY", DRAWN)];
        load(&production).expect("valid");
        let with = |extra: (&'static str, &'static str)| load(&[&production[..], &[extra]].concat());
        assert!(with(("EMBEDDER_PROVIDER", "hash")).is_err());
        assert!(with(("SUPABASE_URL", "https://x.supabase.co")).is_err(), "accounts beside Supabase");
        assert!(load(&production[..2]).is_err(), "no secret key");
    }

    #[test]
    fn production_lets_strangers_in_only_on_purpose() {
        let registration = |env: &[(&str, &str)]| load(env).expect("valid").registration();
        let production = [("JM_MODE", "production"), ("JM_PUBLIC_URL", "https://m.example"), ("JM_SECRET_KEY", DRAWN)];
        assert!(registration(&[]), "a machine of one's own");
        assert!(!registration(&production));
        assert!(registration(&[&production[..], &[("JM__AUTH__REGISTRATION", "true")]].concat()), "said so");
        assert!(!registration(&[("JM__AUTH__REGISTRATION", "false")]));
        assert!(!registration(&[("JM__AUTH__ACCOUNTS", "false"), ("JM__AUTH__REGISTRATION", "true")]), "no accounts to make");
    }

    #[test]
    fn production_refuses_a_key_that_was_typed() {
        let with = |key: &str| load(&[("JM_MODE", "production"), ("JM_PUBLIC_URL", "https://m.example"), ("JM_SECRET_KEY", key)]);
        for typed in ["00".repeat(32), "Ff".repeat(32), "aBAb".repeat(16), "0123456789abcdef".repeat(4), "deadbeef".repeat(8)] {
            let error = with(&typed).expect_err(&typed);
            let error = format!("{error:#}");
            assert!(error.contains("openssl") && !error.contains(&typed), "{error}");
            load(&[("JM_SECRET_KEY", &typed)]).expect("embedded mode leaves it to its owner");
        }
        with(DRAWN).expect("drawn by lot");
    }

    #[test]
    fn production_is_not_reached_over_an_open_wire() {
        let with = |url: &str| load(&[("JM_MODE", "production"), ("JM_PUBLIC_URL", url), ("JM_SECRET_KEY", DRAWN)]);
        for url in ["https://m.example", "HTTPS://m.example:8443", "http://127.0.0.1:8765", "http://localhost", "http://[::1]:1"] {
            with(url).unwrap_or_else(|error| panic!("{url}: {error:#}"));
        }
        for url in ["http://m.example", "HTTP://m.example", "http://10.0.0.1", "http://localhost.example", "http://127.0.0.1.example"] {
            let error = with(url).expect_err(url);
            assert!(format!("{error:#}").contains("https"), "{error:#}");
        }
    }

    #[test]
    fn the_public_address_is_a_host() {
        for url in ["https://m.example", "http://127.0.0.1:8765", "http://[::1]:8765", "https://m.example:8443"] {
            load(&[("JM_PUBLIC_URL", url)]).expect(url);
        }
        for url in [
            "https://m.example/memory",
            "http://127.0.0.1:1/a/b",
            "https://m.example/",
            "https://m.example?a=1",
            "https://m.example#a",
            "https://me@m.example",
            "https://",
            "https://m example",
            "m.example",
        ] {
            let error = load(&[("JM_PUBLIC_URL", url)]).expect_err(url);
            assert!(format!("{error:#}").contains("server.public_url"), "{error:#}");
        }
    }

    #[test]
    fn openai_needs_a_key_and_others_do_not() {
        load(&[("EMBEDDER_PROVIDER", "openai")]).expect_err("no key");
        load(&[("EMBEDDER_PROVIDER", "openai"), ("OPENAI_API_KEY", "sk-x")]).expect("valid");
        let own = [("EMBEDDER_PROVIDER", "openai"), ("OPENAI_BASE_URL", "http://127.0.0.1:11434/v1")];
        load(&own).expect("a server of one's own");
        load(&[own[0], ("OPENAI_BASE_URL", "ftp://x")]).expect_err("not HTTP");
    }

    #[test]
    fn secrets_are_not_printed() {
        let key = "cd".repeat(32);
        let config = load(&[("JM_SECRET_KEY", &key), ("DATABASE_URL", "postgres://u:hunter2@h/db"), ("OPENAI_API_KEY", "sk-hunter3")])
            .expect("valid");
        for shown in [config.redacted(), format!("{config:?}")] {
            assert!(!shown.contains(&key) && !shown.contains("hunter2") && !shown.contains("hunter3"), "{shown}");
        }
    }
}
