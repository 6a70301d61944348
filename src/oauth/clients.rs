//! Who asks to be let in, whichever way it is known.

use std::{net::IpAddr, sync::Arc};

use super::{DocumentFetch, Failure, Fault, Registered, Registration, client::Client, document::Documents, registration::Registry};
use crate::{
    auth::ServerKeys,
    clock::Clock,
    limits::{Action, Limiter, Network},
};

/// What is known of all clients.
pub struct Clients {
    registry: Registry,
    documents: Documents,
    registrations: Limiter<Network>,
    clock: Arc<dyn Clock>,
}

impl Clients {
    /// `fetch` is `None` where the server does not reach out.
    #[must_use]
    pub fn new(keys: &ServerKeys, fetch: Option<Arc<dyn DocumentFetch>>, clock: Arc<dyn Clock>) -> Self {
        Self {
            registry: Registry::new(keys.oauth()),
            documents: Documents::new(fetch),
            registrations: Limiter::new(Action::ClientRegistration, &clock),
            clock,
        }
    }

    /// Whether clients can be known by a document.
    #[must_use]
    pub const fn by_document(&self) -> bool {
        self.documents.reach_out()
    }

    /// Registers a client, for somebody at `from`.
    ///
    /// # Errors
    /// `invalid_redirect_uri`, `invalid_client_metadata`, or that there were too many.
    pub fn register(&self, from: IpAddr, asked: Registration) -> Result<Registered, Failure> {
        self.registrations.take(&Network::of(from)).map_err(|exceeded| Failure::Ours(exceeded.into()))?;
        self.registry.register(asked, self.clock.now())
    }

    /// The client of an id.
    ///
    /// # Errors
    /// `invalid_client`, with what is wrong.
    pub async fn find(&self, id: &str) -> Result<Arc<Client>, Failure> {
        if let Some(client) = self.registry.client(id) {
            return Ok(Arc::new(client));
        }
        if id.contains("://") {
            return self.documents.client(id).await;
        }
        Err(Failure::client(Fault::InvalidClient, "This client is not registered here. Let it register itself again."))
    }

    /// Refuses a client at the token endpoint that does not prove who it is. Public clients have nothing to prove: what they
    /// exchange is bound to them.
    pub(super) fn authenticate(&self, id: &str, secret: Option<&str>) -> Result<(), Failure> {
        let refused = |sentence| Err(Failure::client(Fault::InvalidClient, sentence));
        match (self.registry.client(id), secret) {
            (Some(client), Some(secret)) if client.confidential && !self.registry.is_secret(id, secret) => {
                refused("The client secret is wrong.")
            }
            (Some(client), None) if client.confidential => refused("This client proves who it is by its client secret, which is missing."),
            (None, _) if !id.starts_with("https://") => refused("This client is not registered here. Let it register itself again."),
            _ => Ok(()),
        }
    }
}
