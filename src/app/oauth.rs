//! Letting clients in by OAuth, put together.

use std::{sync::Arc, time::Duration};

use crate::{
    adapters::{
        outbound::Outbound,
        sql::{SqlOAuthStore, SqlTenancyStore},
    },
    auth::{CredentialService, ServerKeys},
    clock::Clock,
    config::Config,
    oauth::{Clients, Consents, DocumentFetch, Exchange, Grants, OAuth, OAuthSettings},
};

/// What it is made of, once the server knows its own address.
#[derive(Clone)]
pub(super) struct OAuthParts {
    pub(super) store: Arc<SqlOAuthStore>,
    pub(super) tenancy: Arc<SqlTenancyStore>,
    pub(super) credentials: Arc<CredentialService>,
    pub(super) keys: ServerKeys,
    pub(super) clock: Arc<dyn Clock>,
    /// Another way to fetch documents than over the network.
    pub(super) documents: Option<Arc<dyn DocumentFetch>>,
}

impl OAuthParts {
    /// The services of a server that clients reach at `base`; `None` where they are switched off.
    pub(super) fn build(&self, config: &Config, base: &str) -> Option<OAuth> {
        let Self { store, tenancy, credentials, keys, clock, documents } = self.clone();
        let days = |days: u64| Duration::from_hours(24 * days);
        let settings = OAuthSettings {
            base: base.to_owned(),
            access: Duration::from_hours(config.oauth.access_hours),
            idle: days(config.oauth.idle_days),
            absolute: days(config.oauth.absolute_days),
        };
        let fetch = config.fetches_documents().then(|| documents.unwrap_or_else(|| Arc::new(Outbound::default())));
        let clients = Arc::new(Clients::new(&keys, fetch, clock.clone()));
        config.oauth.enabled.then(|| OAuth {
            consents: Arc::new(Consents::new(store.clone(), clients.clone(), tenancy.clone(), &keys, settings.clone(), clock.clone())),
            exchange: Arc::new(Exchange::new(store.clone(), clients.clone(), tenancy, credentials.clone(), &keys, settings.clone(), clock)),
            grants: Arc::new(Grants::new(credentials, store)),
            clients,
            settings,
            openai_challenge: config.oauth.openai_challenge.as_deref().map(Into::into),
        })
    }
}
