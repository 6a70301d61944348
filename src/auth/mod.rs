//! Who is calling. Turns a token, an API key or the secret of a personal endpoint into a [`Principal`], once per
//! request; keeps built-in accounts; makes, rotates and revokes credentials. It knows no HTTP: the edges read the
//! header or path and ask [`Authenticator`].

mod accounts;
mod authenticator;
mod credentials;
#[cfg(test)]
mod fakes;
mod guesses;
mod jwks;
mod jwt;
mod keys;
mod ports;
mod principal;
mod scopes;
mod secret;

pub use accounts::{AccountService, CreatedUser, PasswordPolicy, SignedIn, TokenPair};
pub use authenticator::Authenticator;
pub(crate) use credentials::normal_client;
pub use credentials::{CreatedCredential, CredentialService, Maker, NewCredential, Rotation};
pub use jwks::{JwksCache, JwksFetch};
pub use jwt::{Claims, JwtVerifier, SupabaseSettings, TokenSubject};
pub use keys::ServerKeys;
pub use ports::{AccessTokens, Credential, CredentialStore, NextSecret, RefreshOutcome, SessionRow, SessionStore};
pub use principal::{CredentialKind, Principal};
pub use scopes::{Scope, Scopes};
pub use secret::{ParsedSecret, Secret, SecretKind};
