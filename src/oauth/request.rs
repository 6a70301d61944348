//! What a client asks for when it sends a person here, and whether that can be asked at all.

use std::collections::HashMap;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::{Failure, Fault, OAuthSettings};
use crate::auth::{Scope, Scopes};

/// Longest `state`, in bytes.
const MOST_STATE: usize = 2000;

/// The parameters of an authorization request, as they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Authorize {
    pub client_id: Option<String>,
    pub redirect_uri: Option<String>,
    pub response_type: Option<String>,
    pub state: Option<String>,
    pub scope: Option<String>,
    pub resource: Option<String>,
    pub code_challenge: Option<String>,
    pub code_challenge_method: Option<String>,
}

impl Authorize {
    /// From the pairs of a query; parameters that nobody knows are passed over.
    ///
    /// # Errors
    /// The parameter that came twice: two readers could take different ones.
    pub fn of(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, String> {
        let mut given = once(pairs)?;
        let mut take = |name: &str| given.remove(name).filter(|value| !value.is_empty());
        Ok(Self {
            client_id: take("client_id"),
            redirect_uri: take("redirect_uri"),
            response_type: take("response_type"),
            state: take("state"),
            scope: take("scope"),
            resource: take("resource"),
            code_challenge: take("code_challenge"),
            code_challenge_method: take("code_challenge_method"),
        })
    }
}

/// Pairs by name.
///
/// # Errors
/// The name that came twice.
pub(super) fn once(pairs: impl IntoIterator<Item = (String, String)>) -> Result<HashMap<String, String>, String> {
    let mut given = HashMap::new();
    for (name, value) in pairs {
        if given.insert(name.clone(), value).is_some() {
            return Err(name);
        }
    }
    Ok(given)
}

/// A request that can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Checked {
    pub(super) scopes: Scopes,
    pub(super) resource: String,
    pub(super) challenge: String,
}

/// Checks all but the client and where it wants the person back, which come first.
pub(super) fn checked(asked: &Authorize, settings: &OAuthSettings) -> Result<Checked, Failure> {
    if asked.state.as_ref().is_some_and(|state| state.len() > MOST_STATE) {
        return Err(Failure::client(Fault::InvalidRequest, "state is too long."));
    }
    if asked.response_type.as_deref() != Some("code") {
        return Err(Failure::client(Fault::UnsupportedResponseType, "response_type must be code."));
    }
    let challenge = asked.code_challenge.clone().filter(|text| is_challenge(text));
    let (Some(challenge), Some("S256")) = (challenge, asked.code_challenge_method.as_deref()) else {
        return Err(Failure::client(Fault::InvalidRequest, "PKCE is required: a code_challenge with code_challenge_method S256."));
    };
    let resource = resource(asked.resource.as_deref(), settings)?;
    Ok(Checked { scopes: wanted(asked.scope.as_deref()), resource, challenge })
}

/// The resource that an access token shall be for: the one there is, also where none is named.
pub(super) fn resource(asked: Option<&str>, settings: &OAuthSettings) -> Result<String, Failure> {
    match asked {
        Some(other) if !settings.is_resource(other) => {
            Err(Failure::client(Fault::InvalidTarget, format!("resource must be {}.", settings.resource())))
        }
        _ => Ok(settings.resource()),
    }
}

/// The scopes among those asked for that exist and can be granted; the usual ones where that leaves none. Clients ask for scopes of
/// other servers (`openid`, `read write`), and are told what they got.
pub(super) fn wanted(asked: Option<&str>) -> Scopes {
    let grantable = Scope::ALL.into_iter().filter(|scope| *scope != Scope::AccountManage);
    let named: Vec<_> = grantable.filter(|scope| asked.unwrap_or_default().split(' ').any(|name| name == scope.as_str())).collect();
    if named.is_empty() { Scopes::default_for_credentials() } else { Scopes::of(&named) }
}

/// A SHA-256 in base64url: 43 characters.
fn is_challenge(text: &str) -> bool {
    text.len() == 43 && BASE64_URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32)
}

/// Whether `verifier` is what `challenge` was made of (RFC 7636, S256).
pub(super) fn proves(verifier: &str, challenge: &str) -> bool {
    let fits = (43..=128).contains(&verifier.len()) && verifier.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
    fits && BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == challenge
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn settings() -> OAuthSettings {
        OAuthSettings { base: "https://mem.example".into(), access: Duration::ZERO, idle: Duration::ZERO, absolute: Duration::ZERO }
    }

    /// RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn good() -> Authorize {
        let pairs = [("response_type", "code"), ("code_challenge", CHALLENGE), ("code_challenge_method", "S256"), ("nonce", "x")];
        Authorize::of(pairs.map(|(name, value)| (name.to_owned(), value.to_owned()))).expect("once each")
    }

    #[test]
    fn pkce_is_that_of_the_rfc() {
        assert!(proves(VERIFIER, CHALLENGE));
        for verifier in ["", "short", &VERIFIER.replace('d', "e"), &"x".repeat(129), CHALLENGE] {
            assert!(!proves(verifier, CHALLENGE), "{verifier}");
        }
    }

    #[test]
    fn what_is_missing_or_foreign_is_refused() {
        let fault = |asked: Authorize| match checked(&asked, &settings()) {
            Err(Failure::Client(fault, _)) => Some(fault),
            Ok(_) => None,
            Err(other) => panic!("{other:?}"),
        };
        assert_eq!(fault(good()), None);
        assert_eq!(fault(Authorize { response_type: Some("token".into()), ..good() }), Some(Fault::UnsupportedResponseType));
        assert_eq!(fault(Authorize { code_challenge: None, ..good() }), Some(Fault::InvalidRequest));
        assert_eq!(fault(Authorize { code_challenge_method: Some("plain".into()), ..good() }), Some(Fault::InvalidRequest));
        assert_eq!(fault(Authorize { code_challenge_method: None, ..good() }), Some(Fault::InvalidRequest));
        assert_eq!(fault(Authorize { code_challenge: Some("x".repeat(42)), ..good() }), Some(Fault::InvalidRequest));
        assert_eq!(fault(Authorize { resource: Some("https://other.example/mcp".into()), ..good() }), Some(Fault::InvalidTarget));
        assert_eq!(fault(Authorize { state: Some("x".repeat(2001)), ..good() }), Some(Fault::InvalidRequest));
        let twice = [("state", "a"), ("state", "b")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(Authorize::of(twice), Err("state".into()));
    }

    #[test]
    fn unknown_scopes_are_passed_over() {
        let usual = Scopes::default_for_credentials();
        for asked in [None, Some(""), Some("openid email mcp"), Some("read write"), Some("account:manage")] {
            assert_eq!(wanted(asked), usual, "{asked:?}");
        }
        assert_eq!(wanted(Some("memory:read offline_access")), Scopes::of(&[Scope::MemoryRead]));
        assert!(wanted(Some("memory:read memory:delete_all")).allows(Scope::MemoryDeleteAll));
    }
}
