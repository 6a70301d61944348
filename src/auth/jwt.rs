//! Access tokens: verifying those of Supabase and of the built-in accounts, and signing the latter.
//!
//! Owns which key, algorithm and claims a token must have. It does not know users: [`Claims`] go to `authenticator`,
//! which finds or makes the member. The keys of Supabase come from `jwks`, ours from `keys`.

use std::{fmt, sync::Arc, time::Duration};

use anyhow::ensure;
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, dangerous::insecure_decode_claims, decode, decode_header, encode,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    JwksCache, ServerKeys,
    jwks::{NoKey, VerifyKey},
};
use crate::{
    clock::{Clock, Timestamp},
    error::{Error, Result},
    ids::{SessionId, TenantId, UserId},
};

/// Issuer of the built-in accounts' tokens.
const OWN_ISSUER: &str = "jonathans-memory";
/// Audience and role of every token that speaks for a signed-in person; the project's `anon` and `service_role` keys
/// have others.
const AUTHENTICATED: &str = "authenticated";
/// Largest token that is looked at, in bytes.
const MAX_TOKEN: usize = 8 * 1024;
/// How far the issuer's clock may differ from ours.
const LEEWAY: Duration = Duration::from_secs(30);
/// The secret that the Supabase tools ship for local use: public knowledge.
const DEMO_SECRET: &str = "super-secret-jwt-token-with-at-least-32-characters-long";

/// The Supabase project whose users may sign in.
#[derive(Clone)]
pub struct SupabaseSettings {
    /// Address of the project without a path, such as `https://abc.supabase.co` (`SUPABASE_URL`).
    pub url: String,
    /// Shared secret of a project that still signs with HS256 (`SUPABASE_JWT_SECRET`); `None` refuses such tokens.
    pub jwt_secret: Option<String>,
}

impl SupabaseSettings {
    /// The exact `iss` of the project's tokens: `{url}/auth/v1`.
    #[must_use]
    pub fn issuer(&self) -> String {
        format!("{}/auth/v1", self.url.trim_end_matches('/'))
    }

    /// Where the project publishes its keys.
    #[must_use]
    pub fn jwks_url(&self) -> String {
        format!("{}/.well-known/jwks.json", self.issuer())
    }

    /// Whether the shared secret is the one that every local Supabase ships with: whoever can read its documentation
    /// can sign for it, so production must refuse it.
    #[must_use]
    pub fn uses_demo_secret(&self) -> bool {
        self.jwt_secret.as_deref() == Some(DEMO_SECRET)
    }

    /// Refuses settings that cannot work or are not safe, for the check of the configuration at start.
    ///
    /// # Errors
    /// For an address that is not http(s), and for a shared secret shorter than 32 bytes.
    pub fn check(&self) -> anyhow::Result<()> {
        ensure!(
            self.url.starts_with("https://") || self.url.starts_with("http://"),
            "SUPABASE_URL must be an address such as https://abc.supabase.co"
        );
        ensure!(
            self.jwt_secret.as_ref().is_none_or(|secret| secret.len() >= 32),
            "SUPABASE_JWT_SECRET must have at least 32 characters; leave it out for a project that signs with ES256 or RS256"
        );
        Ok(())
    }
}

impl fmt::Debug for SupabaseSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SupabaseSettings")
            .field("url", &self.url)
            .field("jwt_secret", &self.jwt_secret.as_ref().map(|_| "[redacted]"))
            .finish()
    }
}

/// What a verified token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    pub who: TokenSubject,
    /// When it stops working, without the leeway.
    pub expires_at: Timestamp,
    /// When the outside provider last saw the person prove who they are, as far as it tells; a token that is merely renewed says
    /// the same as before. `None` for our own tokens: the store knows their sign-in.
    pub proven_at: Option<Timestamp>,
}

/// Who a verified token speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenSubject {
    /// A user of the Supabase project, perhaps not known here yet.
    Supabase {
        /// The `sub`.
        subject: Uuid,
        /// E-mail address as Supabase tells it. Never a reason to join two accounts.
        email: Option<String>,
    },
    /// A built-in account.
    BuiltIn {
        /// The user.
        user: UserId,
        /// The tenant.
        tenant: TenantId,
        /// The sign-in, which may have been revoked since.
        session: SessionId,
    },
}

/// The claims as they travel. Ours have the shape of Supabase's, with `tenant` added.
#[derive(Serialize, Deserialize)]
struct RawClaims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    role: String,
    #[serde(default)]
    is_anonymous: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    /// How and when the person proved who they are, by Supabase's account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    amr: Option<serde_json::Value>,
}

impl RawClaims {
    /// The last proof by the person themselves. Where the provider tells of none, the token's own beginning stands for it.
    fn proven_at(&self) -> Option<Timestamp> {
        let proofs = self.amr.as_ref().and_then(|amr| amr.as_array()).into_iter().flatten();
        let by_person = proofs.filter(|proof| proof["method"] != "token_refresh").filter_map(|proof| proof["timestamp"].as_i64());
        by_person.max().or(self.iat.filter(|_| self.amr.is_none())).map(Timestamp::from_secs)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    fn contains(&self, audience: &str) -> bool {
        match self {
            Self::One(one) => one == audience,
            Self::Many(many) => many.iter().any(|one| one == audience),
        }
    }
}

#[derive(Deserialize)]
struct IssuerOnly {
    iss: String,
}

/// Why a token is refused: for the log alone, and without a word of the token.
type Refusal = &'static str;

/// Verifies access tokens. The issuer that a token names chooses the keys; what the token proves is then checked
/// against exactly those.
pub struct JwtVerifier {
    own: Vec<VerifyKey>,
    supabase: Option<Supabase>,
    clock: Arc<dyn Clock>,
}

struct Supabase {
    issuer: String,
    keys: JwksCache,
    shared: Option<Arc<VerifyKey>>,
}

enum Chosen {
    Key(Arc<VerifyKey>),
    Refused(Refusal),
    Down,
}

impl JwtVerifier {
    /// `built_in` accepts the tokens of the built-in accounts; `supabase` those of a project, with its key cache.
    #[must_use]
    pub fn new(keys: &ServerKeys, built_in: bool, supabase: Option<(SupabaseSettings, JwksCache)>, clock: Arc<dyn Clock>) -> Self {
        Self {
            own: keys.account_jwt().filter(|_| built_in).map(|key| hs256(key)).collect(),
            supabase: supabase.map(|(settings, keys)| Supabase {
                issuer: settings.issuer(),
                keys,
                // An empty variable means "not set"; an empty key would let anyone sign.
                shared: settings.jwt_secret.as_deref().filter(|secret| !secret.is_empty()).map(|secret| Arc::new(hs256(secret.as_bytes()))),
            }),
            clock,
        }
    }

    /// What `token` says, once signature, issuer, audience, role, times and subject have been checked.
    ///
    /// # Errors
    /// `unauthenticated`, the same for every reason. `unavailable` only while the provider's keys could never be
    /// fetched (or not for 24 hours): refusing then would sign people out for a fault that is not theirs.
    pub async fn verify(&self, token: &str) -> Result<Claims> {
        match self.try_verify(token).await {
            Ok(Ok(claims)) => Ok(claims),
            Ok(Err(reason)) => {
                tracing::debug!(reason, "refused an access token");
                Err(Error::unauthenticated())
            }
            Err(down) => Err(down),
        }
    }

    async fn try_verify(&self, token: &str) -> Result<Result<Claims, Refusal>> {
        if token.len() > MAX_TOKEN {
            return Ok(Err("longer than 8 KiB"));
        }
        let Ok(header) = decode_header(token) else { return Ok(Err("malformed header or unknown algorithm")) };
        if header.crit.is_some() {
            return Ok(Err("critical header fields"));
        }
        // Unverified: it only chooses the keys, and is checked again below as part of what was signed.
        let Ok(IssuerOnly { iss }) = insecure_decode_claims::<IssuerOnly>(token) else { return Ok(Err("no issuer")) };
        if iss == OWN_ISSUER {
            let off = Err("built-in accounts are switched off");
            let by = |found: Result<RawClaims, Refusal>, key| found.or_else(|_| self.check(token, key, OWN_ISSUER));
            return Ok(self.own.iter().fold(off, by).and_then(|claims| built_in(&claims)));
        }
        let Some(supabase) = self.supabase.as_ref().filter(|supabase| supabase.issuer == iss) else { return Ok(Err("unknown issuer")) };
        match supabase.choose(&header).await {
            Chosen::Key(key) => Ok(self.check(token, &key, &supabase.issuer).and_then(|claims| outside(&claims))),
            Chosen::Refused(reason) => Ok(Err(reason)),
            Chosen::Down => Err(Error::unavailable("The identity provider cannot be reached to check this token. Try again shortly.", 30)),
        }
    }

    fn check(&self, token: &str, key: &VerifyKey, issuer: &str) -> Result<RawClaims, Refusal> {
        // The key's algorithm, never the token's: that alone defeats `none` and every mix-up of key types.
        let mut rules = Validation::new(key.alg);
        rules.set_issuer(&[issuer]);
        rules.set_audience(&[AUTHENTICATED]);
        rules.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        // Times are checked below, on the product's clock.
        rules.validate_exp = false;
        rules.validate_nbf = false;
        let claims = decode::<RawClaims>(token, &key.key, &rules).map_err(|_| "signature, algorithm or claims")?.claims;
        let now = self.clock.now();
        if claims.iss != issuer || !claims.aud.contains(AUTHENTICATED) {
            return Err("issuer or audience");
        }
        if claims.role != AUTHENTICATED {
            return Err("role");
        }
        if claims.is_anonymous == Some(true) {
            return Err("anonymous");
        }
        if Timestamp::from_secs(claims.exp).plus(LEEWAY) <= now {
            return Err("expired");
        }
        if claims.nbf.is_some_and(|nbf| Timestamp::from_secs(nbf) > now.plus(LEEWAY)) {
            return Err("not valid yet");
        }
        Ok(claims)
    }
}

impl Supabase {
    /// The key for a token of this header. `jku`, `x5u`, `jwk` and `x5c` play no part.
    async fn choose(&self, header: &Header) -> Chosen {
        match header.alg {
            Algorithm::HS256 => self.shared.clone().map_or(Chosen::Refused("no shared secret"), Chosen::Key),
            Algorithm::ES256 | Algorithm::RS256 => {
                let Some(kid) = &header.kid else { return Chosen::Refused("no kid") };
                match self.keys.key(kid).await {
                    Ok(key) if key.alg == header.alg => Chosen::Key(key),
                    Ok(_) => Chosen::Refused("algorithm of another key"),
                    Err(NoKey::Unknown) => Chosen::Refused("unknown kid"),
                    Err(NoKey::Down) => Chosen::Down,
                }
            }
            _ => Chosen::Refused("algorithm"),
        }
    }
}

fn hs256(secret: &[u8]) -> VerifyKey {
    VerifyKey { alg: Algorithm::HS256, key: DecodingKey::from_secret(secret) }
}

fn outside(claims: &RawClaims) -> Result<Claims, Refusal> {
    let subject = claims.sub.parse().map_err(|_| "subject")?;
    let who = TokenSubject::Supabase { subject, email: claims.email.clone() };
    Ok(Claims { who, expires_at: Timestamp::from_secs(claims.exp), proven_at: claims.proven_at() })
}

fn built_in(claims: &RawClaims) -> Result<Claims, Refusal> {
    let parse = |id: Option<&str>| id.and_then(|id| id.parse::<Uuid>().ok()).ok_or("subject, tenant or session");
    let who = TokenSubject::BuiltIn {
        user: UserId(parse(Some(&claims.sub))?),
        tenant: TenantId(parse(claims.tenant.as_deref())?),
        session: SessionId(parse(claims.session_id.as_deref())?),
    };
    Ok(Claims { who, expires_at: Timestamp::from_secs(claims.exp), proven_at: None })
}

/// Signs access tokens of the built-in accounts.
pub(super) struct TokenSigner(EncodingKey);

impl TokenSigner {
    pub(super) fn new(keys: &ServerKeys) -> Self {
        Self(EncodingKey::from_secret(keys.account_jwt().next().expect("a server has a key")))
    }

    /// A token that [`JwtVerifier`] accepts from `now` for `ttl`.
    pub(super) fn sign(
        &self,
        user: UserId,
        tenant: TenantId,
        session: SessionId,
        email: Option<String>,
        now: Timestamp,
        ttl: Duration,
    ) -> Result<String> {
        let claims = RawClaims {
            iss: OWN_ISSUER.into(),
            sub: user.to_string(),
            aud: Audience::One(AUTHENTICATED.into()),
            exp: now.plus(ttl).secs(),
            iat: Some(now.secs()),
            nbf: None,
            role: AUTHENTICATED.into(),
            is_anonymous: Some(false),
            email,
            session_id: Some(session.to_string()),
            tenant: Some(tenant.to_string()),
            amr: None,
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.0).map_err(Error::internal)
    }
}

#[cfg(test)]
mod tests {
    use std::panic::AssertUnwindSafe;

    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use futures::FutureExt;
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        auth::fakes::{FakeJwks, TestKey, clock},
        clock::ManualClock,
        error::Code,
    };

    const URL: &str = "https://project.supabase.co";
    const SHARED: &str = "the-shared-secret-of-a-legacy-project-0123456789";

    struct World {
        verifier: JwtVerifier,
        source: Arc<FakeJwks>,
        clock: Arc<ManualClock>,
        keys: ServerKeys,
    }

    fn world(jwt_secret: Option<&str>) -> World {
        let (source, clock, keys) =
            (Arc::new(FakeJwks::new(&[("ec", TestKey::EcA), ("rsa", TestKey::Rsa)])), clock(), ServerKeys::from_master([1; 32]));
        let settings = SupabaseSettings { url: format!("{URL}/"), jwt_secret: jwt_secret.map(Into::into) };
        let cache = JwksCache::new(source.clone(), clock.clone());
        World { verifier: JwtVerifier::new(&keys, true, Some((settings, cache)), clock.clone()), source, clock, keys }
    }

    fn claims(now: Timestamp) -> Value {
        json!({
            "iss": format!("{URL}/auth/v1"), "sub": "0b5e2c5e-3a55-4d5c-9f0e-6f6d1d1f0a01", "aud": "authenticated",
            "role": "authenticated", "exp": now.secs() + 3600, "iat": now.secs(), "email": "a@example.com",
            "session_id": "0b5e2c5e-3a55-4d5c-9f0e-6f6d1d1f0a02", "is_anonymous": false, "aal": "aal1", "app_metadata": {},
        })
    }

    fn with(now: Timestamp, field: &str, value: Value) -> Value {
        let mut changed = claims(now);
        if value.is_null() {
            changed.as_object_mut().expect("an object").remove(field);
        } else {
            changed[field] = value;
        }
        changed
    }

    fn ec(claims: &Value) -> String {
        TestKey::EcA.sign("ec", claims)
    }

    fn raw(header: &Value, claims: &Value, signature: &str) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.{signature}", part(header), part(claims))
    }

    fn mac(secret: &[u8], header: &Header, claims: &Value) -> String {
        encode(header, claims, &EncodingKey::from_secret(secret)).expect("signed")
    }

    #[tokio::test]
    async fn a_token_tells_when_the_person_was_there_last() {
        let w = world(None);
        let now = w.clock.now();
        let proof = |method: &str, secs: i64| json!({ "method": method, "timestamp": now.secs() - secs });
        for (amr, secs) in [
            (Value::Null, Some(0)),
            (json!([proof("password", 900)]), Some(900)),
            (json!([proof("token_refresh", 5), proof("password", 900), proof("totp", 60)]), Some(60)),
            (json!([proof("token_refresh", 5)]), None),
            (json!(["password"]), None),
            (json!([{ "method": "password" }, 7, null]), None),
            (json!("password"), None),
        ] {
            let told = w.verifier.verify(&ec(&with(now, "amr", amr.clone()))).await.expect("accepted");
            assert_eq!(told.proven_at.map(Timestamp::secs), secs.map(|secs| now.secs() - secs), "{amr}");
        }
    }

    #[tokio::test]
    async fn good_tokens_of_every_sort_are_accepted() {
        let w = world(Some(SHARED));
        let good = claims(w.clock.now());
        let hs = Header { kid: Some("legacy".into()), ..Header::new(Algorithm::HS256) };
        let many = with(w.clock.now(), "aud", json!(["other", "authenticated"]));
        for token in [ec(&good), TestKey::Rsa.sign("rsa", &good), mac(SHARED.as_bytes(), &hs, &good), ec(&many)] {
            let told = w.verifier.verify(&token).await.expect("accepted");
            let TokenSubject::Supabase { subject, email } = told.who else { panic!("of Supabase") };
            assert_eq!(subject.to_string(), "0b5e2c5e-3a55-4d5c-9f0e-6f6d1d1f0a01");
            assert_eq!(email.as_deref(), Some("a@example.com"));
            assert_eq!(told.expires_at.secs(), w.clock.now().secs() + 3600);
        }
        let (user, tenant, session) = (UserId::new(), TenantId::new(), SessionId::new());
        let own = TokenSigner::new(&w.keys).sign(user, tenant, session, None, w.clock.now(), Duration::from_mins(15)).expect("signed");
        assert_eq!(w.verifier.verify(&own).await.expect("accepted").who, TokenSubject::BuiltIn { user, tenant, session });
        w.clock.advance(Duration::from_secs(15 * 60 + 29));
        assert!(w.verifier.verify(&own).await.is_ok(), "within the leeway");
        w.clock.advance(Duration::from_secs(1));
        assert!(w.verifier.verify(&own).await.is_err(), "expired on our clock");
    }

    /// Every bad token that the public lists know.
    fn battery(w: &World) -> Vec<(&'static str, String)> {
        let now = w.clock.now();
        let good = claims(now);
        let token = ec(&good);
        let (head, signature) = token.rsplit_once('.').expect("three parts");
        let header = head.split_once('.').expect("two parts").0;
        let mut flipped = URL_SAFE_NO_PAD.decode(signature).expect("base64");
        flipped[10] ^= 1;
        let public = TestKey::EcA.jwk("ec");
        let public_point = TestKey::EcA.public_bytes();
        let hs = |kid: &str| Header { kid: Some(kid.into()), ..Header::new(Algorithm::HS256) };
        let evil = |field: &str, value: Value| {
            let mut header = json!({"alg": "ES256", "typ": "JWT", "kid": "evil"});
            header[field] = value;
            TestKey::EcB.sign_header(&header, &good)
        };
        let own = |claims: &Value, secret: &[u8]| mac(secret, &Header::new(Algorithm::HS256), claims);
        let own_claims = with(now, "iss", json!(OWN_ISSUER));
        vec![
            ("empty", String::new()),
            ("not a token", "a.b.c".into()),
            ("four parts", format!("{token}.x")),
            ("none", raw(&json!({"alg": "none", "typ": "JWT"}), &good, "")),
            ("None", raw(&json!({"alg": "None", "kid": "ec"}), &good, signature)),
            ("no alg", raw(&json!({"kid": "ec"}), &good, signature)),
            ("HS256 with the public key", mac(public.to_string().as_bytes(), &hs("ec"), &good)),
            ("HS256 with the public point", mac(&public_point, &hs("ec"), &good)),
            ("HS256 with an empty key", mac(b"", &hs("ec"), &good)),
            ("HS256 with the demo secret", mac(DEMO_SECRET.as_bytes(), &hs("ec"), &good)),
            ("RS256 under the kid of an EC key", TestKey::Rsa.sign("ec", &good)),
            ("ES256 under the kid of an RSA key", TestKey::EcA.sign("rsa", &good)),
            ("ES256 by another key", TestKey::EcB.sign("ec", &good)),
            ("wrong issuer", ec(&with(now, "iss", json!("https://evil.example/auth/v1")))),
            ("issuer with a slash", ec(&with(now, "iss", json!(format!("{URL}/auth/v1/"))))),
            ("issuers in a list", ec(&with(now, "iss", json!([format!("{URL}/auth/v1")])))),
            ("no issuer", ec(&with(now, "iss", Value::Null))),
            ("wrong audience", ec(&with(now, "aud", json!("anon")))),
            ("no audience", ec(&with(now, "aud", Value::Null))),
            ("no matching audience", ec(&with(now, "aud", json!(["a", "b"])))),
            ("expired", ec(&with(now, "exp", json!(now.secs() - 30)))),
            ("no expiry", ec(&with(now, "exp", Value::Null))),
            ("expiry as text", ec(&with(now, "exp", json!("9999999999")))),
            ("expiry out of range", ec(&with(now, "exp", json!(-9e300)))),
            ("future nbf", ec(&with(now, "nbf", json!(now.secs() + 31)))),
            ("nbf as text", ec(&with(now, "nbf", json!("soon")))),
            ("no subject", ec(&with(now, "sub", Value::Null))),
            ("subject not a UUID", ec(&with(now, "sub", json!("admin")))),
            ("anon", ec(&with(now, "role", json!("anon")))),
            ("service_role", ec(&with(now, "role", json!("service_role")))),
            ("no role", ec(&with(now, "role", Value::Null))),
            ("anonymous user", ec(&with(now, "is_anonymous", json!(true)))),
            ("unknown kid", TestKey::EcA.sign("unknown", &good)),
            ("no kid", TestKey::EcA.sign_header(&json!({"alg": "ES256"}), &good)),
            ("jku", evil("jku", json!("https://evil.example/jwks.json"))),
            ("x5u", evil("x5u", json!("https://evil.example/cert.pem"))),
            ("jwk", evil("jwk", TestKey::EcB.jwk("evil"))),
            ("crit", TestKey::EcA.sign_header(&json!({"alg": "ES256", "kid": "ec", "crit": ["exp"]}), &good)),
            ("64 KiB", ec(&with(now, "padding", json!("x".repeat(64 * 1024))))),
            ("stripped signature", format!("{head}.")),
            ("no signature part", head.to_owned()),
            ("flipped signature", format!("{head}.{}", URL_SAFE_NO_PAD.encode(flipped))),
            ("swapped payload", format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode(with(now, "email", json!("b@x")).to_string()))),
            ("built-in issuer signed by Supabase", ec(&own_claims)),
            ("built-in issuer, demo secret", own(&own_claims, DEMO_SECRET.as_bytes())),
            ("built-in without tenant", own(&own_claims, w.keys.account_jwt().next().expect("a key"))),
            ("Supabase issuer signed by us", own(&good, w.keys.account_jwt().next().expect("a key"))),
        ]
    }

    #[tokio::test]
    async fn the_whole_battery_gets_one_answer_without_a_panic_or_a_foreign_fetch() {
        for shared in [None, Some(SHARED), Some("")] {
            let w = world(shared);
            w.verifier.verify(&ec(&claims(w.clock.now()))).await.expect("the keys are loaded");
            let expected = Error::unauthenticated();
            for (name, token) in battery(&w) {
                let outcome = AssertUnwindSafe(w.verifier.verify(&token)).catch_unwind().await;
                let error = outcome.unwrap_or_else(|_| panic!("{name}: panicked")).expect_err(name);
                assert_eq!((error.code(), error.detail()), (expected.code(), expected.detail()), "{name}");
                assert!(error.cause().is_none(), "{name}");
            }
            // One to load the keys, one for all the unknown kids: both from the configured source, the only one there is.
            assert_eq!(w.source.fetches(), 2);
        }
    }

    #[tokio::test]
    async fn switched_off_issuers_are_refused() {
        let w = world(None);
        let (keys, now) = (ServerKeys::from_master([1; 32]), w.clock.now());
        let own = TokenSigner::new(&keys)
            .sign(UserId::new(), TenantId::new(), SessionId::new(), None, now, Duration::from_mins(1))
            .expect("signed");
        let off = JwtVerifier::new(&keys, false, None, w.clock.clone());
        for token in [own, ec(&claims(now))] {
            assert_eq!(off.verify(&token).await.expect_err("refused").code(), Code::Unauthenticated);
        }
    }

    #[tokio::test]
    async fn keys_that_were_never_fetched_are_our_fault_not_the_callers() {
        let w = world(Some(SHARED));
        w.source.down.store(true, std::sync::atomic::Ordering::SeqCst);
        let now = w.clock.now();
        assert_eq!(w.verifier.verify(&ec(&claims(now))).await.expect_err("down").code(), Code::Unavailable);
        assert!(w.verifier.verify(&mac(SHARED.as_bytes(), &Header::new(Algorithm::HS256), &claims(now))).await.is_ok());
    }

    #[test]
    fn settings_are_checked_and_not_shown() {
        let settings = |url: &str, secret: Option<&str>| SupabaseSettings { url: url.into(), jwt_secret: secret.map(Into::into) };
        assert!(settings(URL, Some(SHARED)).check().is_ok());
        assert!(settings(URL, Some("short")).check().is_err());
        assert!(settings("project.supabase.co", None).check().is_err());
        assert!(settings(URL, Some(DEMO_SECRET)).uses_demo_secret());
        assert!(!format!("{:?}", settings(URL, Some(SHARED))).contains(SHARED));
    }
}
