//! The REST edge: `/api/v1`, one file per resource, data-transfer types beside their handlers.
//!
//! A handler turns a request into a call of a domain service and the answer into JSON; it decides nothing that another
//! edge would have to decide as well. Who is calling comes from [`Caller`](crate::http::extract::Caller), failures
//! leave through [`crate::http::problem`]. Shapes are those of OpenMemory and Jean Memory where they had one: a
//! `user_id` in a body or query is taken and ignored, since the tenant comes from the credential alone.

mod account;
mod accounts;
mod added;
mod admin;
mod apps;
mod billing;
mod common;
mod context;
mod credentials;
mod docs;
mod events;
mod form;
mod hits;
mod learning;
mod memories;
mod oauth;
mod openapi;
mod operations;
mod projects;
mod review;
mod settings;
mod stats;
mod undo;
mod upload;
mod usage;
mod webhooks;
mod wire;

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRef},
};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

pub use {admin::Machinery, events::EventStreams, upload::Uploads};

use crate::{
    auth::{AccountService, Authenticator, CredentialService, Principal},
    billing::Billing,
    config::LimitsConfig,
    error::Result,
    http::health::{self, Probes},
    jobs::JobQueue,
    limits::Edges,
    live::LiveService,
    memory::{
        Contexts, Embeddings, Erasure, Gate, Inference, Memories, Reader, Recall, Reviews, Revisions, Settings, Writer, learning::Learning,
    },
    metering::Usage,
    oauth::OAuth,
    personal_url::PersonalUrls,
    tenancy::{OperatorService, TenancyService, UserStore},
    transfer::Transfer,
    webhooks::Webhooks,
};

/// Built-in accounts, where they are switched on.
#[derive(Clone)]
pub struct Accounts {
    /// `None` where another identity provider signs people in.
    pub service: Option<Arc<AccountService>>,
    /// Whether strangers may register.
    pub registration: bool,
}

/// Looks up the e-mail address of whoever is calling, and nothing else of the store behind it.
#[derive(Clone)]
pub struct Emails(Arc<dyn UserStore>);

impl Emails {
    /// Over the store that holds the users.
    #[must_use]
    pub fn new(store: Arc<dyn UserStore>) -> Self {
        Self(store)
    }

    /// A credential that opens one project is lent to others: it does not tell whose it is.
    async fn of(&self, by: &Principal) -> Result<Option<String>> {
        if by.project.is_some() {
            return Ok(None);
        }
        Ok(self.0.member(by.user, by.scope.tenant()).await?.and_then(|member| member.email))
    }
}

/// What the handlers are made of; each asks for the part that it needs.
#[derive(Clone, FromRef)]
pub struct RestParts {
    pub memories: Arc<Memories>,
    /// Memories out and in.
    pub transfer: Transfer,
    /// Projects, apps, totals.
    pub tenancy: TenancyService,
    /// Bearer tokens to principals.
    pub authenticator: Arc<Authenticator>,
    /// Endpoints and API keys.
    pub credentials: Arc<CredentialService>,
    /// Register and sign in.
    pub accounts: Accounts,
    /// E-mail addresses, to be shown to their owners.
    pub emails: Emails,
    /// Letting clients in; `None` where that is switched off.
    pub oauth: Option<OAuth>,
    /// For the URLs of new endpoints.
    pub urls: PersonalUrls,
    /// Size of bodies and batches.
    pub limits: LimitsConfig,
    /// How often callers may ask.
    pub edges: Arc<Edges>,
    /// What the account uses.
    pub usage: Usage,
    /// What it pays.
    pub billing: Billing,
    /// Whom it tells what happens.
    pub webhooks: Webhooks,
    /// Files of imports.
    pub uploads: Uploads,
    /// Health and metrics.
    pub probes: Probes,
    /// What happens, as it happens.
    pub live: LiveService,
    /// How long event streams last.
    pub streams: EventStreams,
    /// The operator's view.
    pub operator: OperatorService,
    /// Background work.
    pub queue: Arc<dyn JobQueue>,
    /// What runs.
    pub machinery: Machinery,
}

/// A handler that asks for a service gets that of [`Memories`].
macro_rules! of_memories {
    ($($service:ty: $name:ident;)+) => { $(impl FromRef<RestParts> for $service {
        fn from_ref(parts: &RestParts) -> Self {
            parts.memories.$name.clone()
        }
    })+ };
}
of_memories! {
    Writer: writer;
    Recall: recall;
    Contexts: contexts;
    Reader: reader;
    Revisions: revisions;
    Reviews: reviews;
    Erasure: erasure;
    Inference: inference;
    Learning: learning;
    Settings: settings;
    Gate: gate;
    Embeddings: embeddings;
}

/// All routes of this edge, with the document that was collected from the same routes. The router carries neither
/// fallbacks nor middleware: the server adds those once, around every edge.
pub fn router(parts: RestParts) -> (Router, utoipa::openapi::OpenApi) {
    let largest = DefaultBodyLimit::max(parts.limits.body_bytes);
    let wire = parts.oauth.clone().map(oauth::wire).unwrap_or_default();
    let (api, document) = documented().with_state(parts).split_for_parts();
    let document = openapi::completed(document);
    let router = api.merge(docs::router(&document)).layer(largest).merge(wire);
    (router, document)
}

fn documented() -> OpenApiRouter<RestParts> {
    let api = OpenApiRouter::new()
        .merge(memories::routes())
        .merge(learning::routes())
        .merge(context::routes())
        .merge(apps::routes())
        .merge(operations::routes())
        .merge(projects::routes())
        .merge(settings::routes())
        .merge(stats::routes())
        .merge(undo::routes())
        .merge(review::routes())
        .merge(credentials::routes())
        .merge(oauth::routes())
        .merge(accounts::routes())
        .merge(account::routes())
        .merge(events::routes())
        .merge(usage::routes())
        .merge(billing::routes())
        .merge(webhooks::routes())
        .merge(admin::routes());
    OpenApiRouter::with_openapi(openapi::head()).nest("/api/v1", api).merge(health::routes())
}

/// Adds routes under their documented path and under the same path with or without its last slash: clients of the
/// older products send both, and a redirect would lose their bodies.
fn both(router: OpenApiRouter<RestParts>, group: UtoipaMethodRouter<RestParts>) -> OpenApiRouter<RestParts> {
    let aliases: Vec<String> =
        group.1.paths.keys().map(|path| path.strip_suffix('/').map_or_else(|| format!("{path}/"), str::to_owned)).collect();
    let handlers = group.2.clone();
    aliases.into_iter().fold(router.routes(group), |router, alias| router.route(&alias, handlers.clone()))
}

/// [`both`] for several groups of handlers, each group on one path.
macro_rules! route_table {
    ($($($handler:path),+);+ $(;)?) => {{
        let router = utoipa_axum::router::OpenApiRouter::new();
        $(let router = $crate::rest::both(router, utoipa_axum::routes!($($handler),+));)+
        router
    }};
}
use route_table;
