//! Letting clients in by OAuth 2.1, as MCP asks for it: this server is both the authorization server and the resource it guards.
//!
//! A client says who it is by a [`document`] at an address of its own or by a stateless [`registration`]; [`clients`] knows both ([`client`] is what is known).
//! It sends the person here with a [`request`], which [`consent`] keeps until the person, signed in on the page, says yes or no.
//! A yes gives the client a code, which [`exchange`] turns into a grant: a credential like every other (scopes, project, expiry,
//! pause, access log, undo), held by opaque tokens that rotate. [`grants`] shows them. Nothing here knows HTTP: `rest::oauth` has
//! the wire. Who holds an access token is found by [`crate::auth::Authenticator`].
//!
//! The rules come from RFC 6749 with OAuth 2.1's cuts, 7591, 7636, 8252, 8414, 8628, 8707, 9207 and 9728.

mod client;
mod clients;
mod consent;
mod document;
mod exchange;
mod failure;
mod grants;
mod ports;
mod redirect;
mod registration;
mod request;
mod seal;
mod settings;

use std::sync::Arc;

pub use client::Client;
pub use clients::Clients;
pub use consent::{Asked, Consents, DeviceCode, Refusal, Word};
pub use document::{DocumentFetch, FetchFailure, Fetched};
pub use exchange::{Exchange, Issued};
pub use failure::{Failure, Fault};
pub use grants::{Grant, Grants};
pub use ports::{Decision, GrantRow, Held, Opens, Pair, RequestRow, RequestStore, Rotation, TokenKind, TokenRow, TokenStore};
pub use registration::{Registered, Registration};
pub use request::Authorize;
pub use settings::OAuthSettings;

/// The services of this room, for the edges.
#[derive(Clone)]
pub struct OAuth {
    pub clients: Arc<Clients>,
    pub consents: Arc<Consents>,
    pub exchange: Arc<Exchange>,
    pub grants: Arc<Grants>,
    pub settings: OAuthSettings,
    /// What OpenAI asks to be shown.
    pub openai_challenge: Option<Arc<str>>,
}
