//! The token endpoint: codes, refresh tokens and device codes to what they stand for, and the end of a grant.
//!
//! Refresh tokens rotate, each with one successor. Clients lose answers, and several processes of one client share a token: so the
//! generation just replaced gets the very same successor again, for a minute in any case and after that until the successor is first
//! used. Whatever is older was stolen, or its thief holds the newer one: the grant ends. (RFC 9700, section 4.14; the single
//! successor is that of Cloudflare's `workers-oauth-provider`.)

use std::{net::IpAddr, sync::Arc, time::Duration};

use super::{
    Clients, Failure, Fault, GrantRow, Held, OAuthSettings, Opens, Pair, RequestRow, RequestStore, Rotation, TokenKind, TokenRow,
    TokenStore,
    client::app_label,
    consent::POLL_SECS,
    redirect::RedirectUri,
    request::{self, once, proves},
    seal::Seal,
};
use crate::{
    auth::{Credential, CredentialKind, CredentialService, ParsedSecret, Secret, SecretKind, ServerKeys},
    clock::{Clock, Timestamp},
    ids::CredentialId,
    limits::{Action, Limiter, Network},
    tenancy::UserStore,
};

/// How long a code can be exchanged.
const CODE: Duration = Duration::from_mins(1);
/// For how long a replaced refresh token gets the same successor in any case.
const RETRY: Duration = Duration::from_mins(1);
/// What the audit says where a token or code came back that had been replaced.
const REUSED: &str = "a code or refresh token was used again";
/// What it says where the client gave the grant up.
const GIVEN_UP: &str = "given up by the client";
/// How refusals begin that a client cannot tell apart, and need not.
const NO_GRANT: &str = "The code or refresh token does not open anything for this client. Begin again with an authorization.";

/// What a client gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    pub access_token: String,
    /// Seconds; `None` for an API key that does not end.
    pub expires_in: Option<u64>,
    /// `None` for an API key.
    pub refresh_token: Option<String>,
    pub scope: String,
}

/// Answers the token and revocation endpoints.
pub struct Exchange {
    requests: Arc<dyn RequestStore>,
    tokens: Arc<dyn TokenStore>,
    clients: Arc<Clients>,
    users: Arc<dyn UserStore>,
    credentials: Arc<CredentialService>,
    keys: ServerKeys,
    seal: Seal,
    settings: OAuthSettings,
    rate: Limiter<(String, Network)>,
    clock: Arc<dyn Clock>,
}

/// Who asks, as far as they say.
struct Asking {
    client_id: String,
    given: std::collections::HashMap<String, String>,
}

impl Asking {
    fn need(&self, name: &str) -> Result<&str, Failure> {
        self.given
            .get(name)
            .map(String::as_str)
            .filter(|text| !text.is_empty())
            .ok_or_else(|| Failure::client(Fault::InvalidRequest, format!("{name} is missing.")))
    }
}

impl Exchange {
    /// Over its stores, and the services whose credentials it makes and ends.
    #[must_use]
    pub fn new<S: RequestStore + TokenStore + 'static>(
        store: Arc<S>,
        clients: Arc<Clients>,
        users: Arc<dyn UserStore>,
        credentials: Arc<CredentialService>,
        keys: &ServerKeys,
        settings: OAuthSettings,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            requests: store.clone(),
            tokens: store,
            clients,
            users,
            credentials,
            keys: keys.clone(),
            seal: Seal::new(keys.oauth()),
            settings,
            rate: Limiter::new(Action::TokenRequest, &clock),
            clock,
        }
    }

    /// Answers a token request: the pairs of its form, and the client id and secret of an `Authorization: Basic` header.
    ///
    /// # Errors
    /// Those of RFC 6749, section 5.2, and RFC 8628, section 3.5.
    pub async fn token(
        &self,
        from: IpAddr,
        form: impl IntoIterator<Item = (String, String)> + Send,
        basic: Option<(String, String)>,
    ) -> Result<Issued, Failure> {
        let asking = self.asking(from, form, basic)?;
        match asking.need("grant_type")? {
            "authorization_code" => self.code(&asking).await,
            "refresh_token" => self.refresh(&asking).await,
            "urn:ietf:params:oauth:grant-type:device_code" => self.device(&asking).await,
            _ => {
                let sentence = "grant_type must be authorization_code, refresh_token or urn:ietf:params:oauth:grant-type:device_code.";
                Err(Failure::client(Fault::UnsupportedGrantType, sentence))
            }
        }
    }

    /// Ends what a token stands for (RFC 7009): a refresh token's whole grant, an access token alone. Fine for any other text.
    ///
    /// # Errors
    /// `invalid_client`, and those of the store.
    pub async fn revoke(
        &self,
        from: IpAddr,
        form: impl IntoIterator<Item = (String, String)> + Send,
        basic: Option<(String, String)>,
    ) -> Result<(), Failure> {
        let asking = self.asking(from, form, basic)?;
        let Some(held) = self.held(asking.need("token")?).await?.filter(|held| held.grant.client_id == asking.client_id) else {
            return Ok(());
        };
        match held.kind {
            TokenKind::Refresh => self.end(&held.credential, GIVEN_UP).await?,
            TokenKind::Access => {
                for hash in self.keys.hashes_of(asking.need("token")?) {
                    self.tokens.end_access_token(&hash, self.clock.now()).await?;
                }
                self.credentials.forget(held.credential.id);
            }
        }
        Ok(())
    }

    fn asking(
        &self,
        from: IpAddr,
        form: impl IntoIterator<Item = (String, String)>,
        basic: Option<(String, String)>,
    ) -> Result<Asking, Failure> {
        let given = once(form).map_err(|name| Failure::client(Fault::InvalidRequest, format!("{name} was sent twice.")))?;
        let (id, secret) = match basic {
            Some((id, secret)) => (id, Some(secret)),
            None => (given.get("client_id").cloned().unwrap_or_default(), given.get("client_secret").cloned()),
        };
        if id.is_empty() {
            return Err(Failure::client(Fault::InvalidRequest, "client_id is missing."));
        }
        self.rate.take(&(id.clone(), Network::of(from))).map_err(|exceeded| Failure::Ours(exceeded.into()))?;
        if id != super::consent::DEVICE_CLIENT {
            self.clients.authenticate(&id, secret.as_deref().filter(|secret| !secret.is_empty()))?;
        }
        Ok(Asking { client_id: id, given })
    }

    async fn code(&self, asking: &Asking) -> Result<Issued, Failure> {
        let row = self.request_of(asking.need("code")?).await?.ok_or_else(no_grant)?;
        let Opens::Code { redirect_uri, challenge, resource, .. } = &row.opens else { return Err(no_grant()) };
        if let Some(spent) = row.credential {
            return Err(self.reused(&row, spent).await);
        }
        let Some(decision) = row.decision.as_ref().filter(|decision| decision.at.plus(CODE) > self.clock.now()) else {
            return Err(no_grant());
        };
        let sent_back_to = asking.given.get("redirect_uri").filter(|uri| !uri.is_empty());
        let bound = row.client_id == asking.client_id
            && sent_back_to.is_none_or(|uri| is_same(redirect_uri, uri))
            && proves(asking.need("code_verifier")?, challenge);
        if !bound {
            return Err(no_grant());
        }
        self.same_resource(asking, resource)?;
        let now = self.clock.now();
        let longest = now.plus(self.settings.absolute);
        let absolute_until = decision.until.map_or(longest, |until| until.min(longest));
        let grant = GrantRow {
            client_id: row.client_id.clone(),
            client_host: row.client_host.clone(),
            redirect_uri: redirect_uri.clone(),
            resource: resource.clone(),
            absolute_until,
        };
        let (secrets, pair) = self.pair(now, absolute_until);
        // Nobody holds the secret of a grant: its tokens open it.
        let (nobodys, hash) = self.keys.new_secret(SecretKind::Access);
        let credential = self.credential(&row, CredentialKind::Grant, (&nobodys, hash), Some(pair.refresh.expires_at)).await?;
        if !self.tokens.redeem(&row.id_hash, &credential, Some((&grant, &pair))).await? {
            // Two came at once, so one of them is not the client.
            let spent = self.requests.request(&row.id_hash).await?.and_then(|row| row.credential);
            return match spent {
                Some(spent) => Err(self.reused(&row, spent).await),
                None => Err(no_grant()),
            };
        }
        Ok(issued(&secrets, &pair, &credential, now))
    }

    async fn refresh(&self, asking: &Asking) -> Result<Issued, Failure> {
        let token = asking.need("refresh_token")?;
        // Twice: who loses the race for the rotation finds what the winner made.
        for _ in 0..2 {
            let Some(held) = self.held(token).await? else { return Err(no_grant()) };
            let now = self.clock.now();
            let works = held.kind == TokenKind::Refresh
                && held.grant.client_id == asking.client_id
                && held.credential.revoked_at.is_none()
                && held.credential.expires_at.is_none_or(|at| at > now)
                && held.expires_at > now;
            if !works {
                return Err(no_grant());
            }
            self.same_resource(asking, &held.grant.resource)?;
            let Some(replaced_at) = held.used_at else {
                if let Some(issued) = self.rotate(token, &held, now).await? {
                    return Ok(issued);
                }
                continue;
            };
            let again = held.newest == held.generation + 1 && (replaced_at.plus(RETRY) > now || !held.successor_used);
            if let Some([access_token, refresh_token]) =
                held.successor.as_ref().filter(|_| again).and_then(|sealed| self.seal.open(token, sealed))
            {
                return Ok(Issued {
                    access_token,
                    expires_in: Some(secs_until(held.successor_expires_at.unwrap_or(now), now)),
                    refresh_token: Some(refresh_token),
                    scope: held.credential.scopes.names().join(" "),
                });
            }
            self.end(&held.credential, REUSED).await?;
            return Err(no_grant());
        }
        Err(no_grant())
    }

    async fn rotate(&self, token: &str, held: &Held, now: Timestamp) -> Result<Option<Issued>, Failure> {
        let (secrets, pair) = self.pair(now, held.grant.absolute_until);
        let sealed = self.seal.close(token, [secrets[0].expose(), secrets[1].expose()]).unwrap_or_default();
        for token_hash in self.keys.hashes_of(token) {
            let rotation = Rotation {
                credential: held.credential.id,
                token_hash: &token_hash,
                generation: held.generation,
                next: &pair,
                sealed: &sealed,
                now,
            };
            if self.tokens.rotate(rotation).await? {
                // Its expiry has moved.
                self.credentials.forget(held.credential.id);
                return Ok(Some(issued(&secrets, &pair, &held.credential, now)));
            }
        }
        Ok(None)
    }

    async fn device(&self, asking: &Asking) -> Result<Issued, Failure> {
        let code = asking.need("device_code")?;
        let now = self.clock.now();
        let mut found = None;
        for hash in self.keys.hashes_of(code) {
            found = found.or(self.requests.poll(&hash, now).await?);
        }
        let row = found.filter(|row| row.client_id == asking.client_id && row.credential.is_none()).ok_or_else(no_grant)?;
        let Some(decision) = &row.decision else {
            let failure = |fault, sentence: &str| Err(Failure::client(fault, sentence));
            return match row.polled_at {
                _ if row.expires_at <= now => failure(Fault::ExpiredToken, "Nobody decided in time. Begin again."),
                Some(at) if at.plus(Duration::from_secs(POLL_SECS - 1)) > now => {
                    failure(Fault::SlowDown, "Wait five seconds between two questions.")
                }
                _ => failure(Fault::AuthorizationPending, "Nobody has decided yet. Ask again in five seconds."),
            };
        };
        if decision.scopes.is_none() {
            return Err(Failure::client(Fault::AccessDenied, "The person said no."));
        }
        let (secret, hash) = self.keys.new_secret(SecretKind::ApiKey);
        let credential = self.credential(&row, CredentialKind::ApiKey, (&secret, hash), decision.until).await?;
        if !self.tokens.redeem(&row.id_hash, &credential, None).await? {
            return Err(no_grant());
        }
        Ok(Issued {
            access_token: secret.expose().to_owned(),
            expires_in: credential.expires_at.map(|at| secs_until(at, now)),
            refresh_token: None,
            scope: credential.scopes.names().join(" "),
        })
    }

    /// What an approved request is exchanged for.
    async fn credential(
        &self,
        row: &RequestRow,
        kind: CredentialKind,
        (secret, hash): (&Secret, [u8; 32]),
        expires_at: Option<Timestamp>,
    ) -> Result<Credential, Failure> {
        let decision = row.decision.as_ref().ok_or_else(no_grant)?;
        let scopes = decision.scopes.ok_or_else(no_grant)?;
        let member = self.users.member(decision.user, decision.tenant).await?.ok_or_else(no_grant)?;
        let (name, client) = match &row.opens {
            Opens::Code { redirect_uri, .. } => {
                let back = RedirectUri::parse(redirect_uri).ok();
                let hosts: Vec<_> = row.client_host.as_deref().into_iter().chain(back.as_ref().and_then(RedirectUri::host)).collect();
                (row.client_name.clone(), app_label(&row.client_name, &hosts))
            }
            Opens::Device { .. } => (row.client_id.clone(), row.client_id.clone()),
        };
        Ok(Credential {
            id: CredentialId::new(),
            tenant: decision.tenant,
            user: decision.user,
            kind,
            name,
            client,
            secret_hash: hash.to_vec(),
            pepper_version: self.keys.version(),
            hint: secret.hint().to_owned(),
            scopes,
            project: decision.project,
            created_at: self.clock.now(),
            expires_at,
            last_used_at: None,
            revoked_at: None,
            default_project: member.default_project,
        })
    }

    /// Ends the grant of a code that came back.
    async fn reused(&self, row: &RequestRow, spent: CredentialId) -> Failure {
        let Some(decision) = &row.decision else { return no_grant() };
        match self.credentials.end_grant(decision.tenant, decision.user, spent, REUSED).await {
            Ok(()) => no_grant(),
            Err(error) => Failure::Ours(error),
        }
    }

    async fn end(&self, credential: &Credential, reason: &str) -> Result<(), Failure> {
        Ok(self.credentials.end_grant(credential.tenant, credential.user, credential.id, reason).await?)
    }

    fn same_resource(&self, asking: &Asking, bound: &str) -> Result<(), Failure> {
        let asked = asking.given.get("resource").map(String::as_str).filter(|text| !text.is_empty());
        let asked = request::resource(asked, &self.settings)?;
        // A server that moved to another address does not take the tokens of the old one with it.
        if asked == bound { Ok(()) } else { Err(Failure::client(Fault::InvalidTarget, "This grant is for another resource.")) }
    }

    async fn request_of(&self, code: &str) -> Result<Option<RequestRow>, Failure> {
        for hash in self.keys.hashes_of(parsed(code, SecretKind::Code)?) {
            if let Some(row) = self.requests.request_by_code(&hash).await? {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    async fn held(&self, token: &str) -> Result<Option<Held>, Failure> {
        if ParsedSecret::parse(token).is_none() {
            return Ok(None);
        }
        for hash in self.keys.hashes_of(token) {
            if let Some(held) = self.tokens.held(&hash).await? {
                return Ok(Some(held));
            }
        }
        Ok(None)
    }

    /// A new access and refresh token, and what is stored of them.
    fn pair(&self, now: Timestamp, absolute_until: Timestamp) -> ([Secret; 2], Pair) {
        let (access, access_hash) = self.keys.new_secret(SecretKind::Access);
        let (refresh, refresh_hash) = self.keys.new_secret(SecretKind::Refresh);
        let row = |hash: [u8; 32], life| TokenRow { token_hash: hash.to_vec(), expires_at: now.plus(life).min(absolute_until) };
        let pair = Pair { access: row(access_hash, self.settings.access), refresh: row(refresh_hash, self.settings.idle) };
        ([access, refresh], pair)
    }
}

fn issued(secrets: &[Secret; 2], pair: &Pair, credential: &Credential, now: Timestamp) -> Issued {
    Issued {
        access_token: secrets[0].expose().to_owned(),
        expires_in: Some(secs_until(pair.access.expires_at, now)),
        refresh_token: Some(secrets[1].expose().to_owned()),
        scope: credential.scopes.names().join(" "),
    }
}

/// Whether a redirect URI is the one of the request; of a program on this computer, under whichever name and port.
fn is_same(of_request: &str, sent: &str) -> bool {
    let [of_request, sent] = [of_request, sent].map(RedirectUri::parse);
    matches!((of_request, sent), (Ok(of_request), Ok(sent)) if of_request.admits(&sent))
}

fn parsed(text: &str, kind: SecretKind) -> Result<&str, Failure> {
    ParsedSecret::parse(text).filter(|parsed| parsed.kind() == kind).map(|_| text).ok_or_else(no_grant)
}

fn secs_until(at: Timestamp, now: Timestamp) -> u64 {
    u64::try_from((at.0 - now.0) / 1_000_000).unwrap_or(0)
}

fn no_grant() -> Failure {
    Failure::client(Fault::InvalidGrant, NO_GRANT)
}
