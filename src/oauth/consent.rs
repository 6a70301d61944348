//! Asking the person. A request is kept under a random id that is the address of its page; who is signed in there sees what is
//! asked and says yes or no with the bearer token of their session. No cookie plays a part, so no other site can say yes for them,
//! and no client gets in without a click.

use std::{net::IpAddr, sync::Arc, time::Duration};

use rand::{
    RngExt,
    distr::{Alphanumeric, SampleString},
};

use super::{
    Authorize, Clients, Decision, Failure, Fault, OAuthSettings, Opens, RequestRow, RequestStore,
    client::imitates,
    redirect::RedirectUri,
    request::{checked, wanted},
};
use crate::{
    auth::{CredentialKind, Principal, Scope, Scopes, SecretKind, ServerKeys},
    clock::{Clock, Timestamp},
    error::{Code, Error, Result},
    ids::{ProjectId, UserId},
    limits::{Action, Limiter, Network},
    tenancy::ProjectStore,
};

/// How long a person may take.
const OPEN: Duration = Duration::from_mins(10);
/// Characters of a request's id: 256 bits.
const ID_LEN: usize = 43;
/// Letters of a code that is typed: no vowels, so that no words come of it, and nothing that looks like something else (RFC 8628,
/// section 6.1).
const TYPED: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ";
const TYPED_LEN: usize = 8;
/// Seconds between two questions of a device.
pub(super) const POLL_SECS: u64 = 5;
/// Longest life of a grant that a person can choose, in days.
const MOST_DAYS: u32 = 3650;
/// The program that devices run: our own command line.
pub(super) const DEVICE_CLIENT: &str = "jmem";

/// Why a person who was sent here is not asked.
#[derive(Debug)]
pub enum Refusal {
    /// The client or its address is not known: nobody is sent anywhere.
    Here(String),
    /// Sent back with the reason, to this address.
    Back(String),
    /// Ours, or too many requests.
    Ours(Error),
}

/// What a device is told.
#[derive(Debug, Clone)]
pub struct DeviceCode {
    /// What it asks with.
    pub device_code: String,
    /// What the person types.
    pub user_code: String,
    pub expires_in: u64,
    /// Seconds between two questions.
    pub interval: u64,
}

/// What a person is asked.
#[derive(Debug, Clone)]
pub struct Asked {
    pub row: RequestRow,
    /// Where the person is sent back to; `None` for a program on their computer or a device.
    pub redirect_host: Option<String>,
    /// The trusted name that the client seems to borrow.
    pub imitates: Option<&'static str>,
    /// Whether the person let the same client in before, to the same address.
    pub before: bool,
}

/// What the person says.
#[derive(Debug, Clone, Default)]
pub struct Word {
    pub approve: bool,
    /// As far as they were asked for; all of those when absent.
    pub scopes: Option<Scopes>,
    /// The only project, by id or name.
    pub project: Option<String>,
    pub expires_in_days: Option<u32>,
}

/// Keeps requests until somebody decides.
pub struct Consents {
    store: Arc<dyn RequestStore>,
    clients: Arc<Clients>,
    projects: Arc<dyn ProjectStore>,
    keys: ServerKeys,
    settings: OAuthSettings,
    requests: Limiter<Network>,
    guesses: Limiter<UserId>,
    clock: Arc<dyn Clock>,
}

impl Consents {
    /// Over its store, the clients, and the projects that a grant may be bound to.
    #[must_use]
    pub fn new(
        store: Arc<dyn RequestStore>,
        clients: Arc<Clients>,
        projects: Arc<dyn ProjectStore>,
        keys: &ServerKeys,
        settings: OAuthSettings,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            store,
            clients,
            projects,
            keys: keys.clone(),
            settings,
            requests: Limiter::new(Action::AuthorizationRequest, &clock),
            guesses: Limiter::new(Action::GuessedCode, &clock),
            clock,
        }
    }

    /// Keeps a request of a client that sent a person here; answers its id.
    ///
    /// # Errors
    /// See [`Refusal`]. Client and address are checked first: before both are known, nobody is sent anywhere.
    pub async fn ask(&self, from: IpAddr, asked: &Authorize) -> Result<String, Refusal> {
        self.requests.take(&Network::of(from)).map_err(|exceeded| Refusal::Ours(exceeded.into()))?;
        let Some(client_id) = &asked.client_id else { return Err(Refusal::Here("The address lacks a client_id.".into())) };
        let client = self.clients.find(client_id).await.map_err(|failure| match failure {
            Failure::Client(_, sentence) => Refusal::Here(sentence),
            Failure::Ours(error) => Refusal::Ours(error),
        })?;
        let Some(redirect) = client.redirect(asked.redirect_uri.as_deref()) else {
            return Err(Refusal::Here("The client did not register the address that it wants you sent back to.".into()));
        };
        let state = asked.state.clone();
        let checked = checked(asked, &self.settings).map_err(|failure| match failure {
            Failure::Client(fault, sentence) => Refusal::Back(self.back(
                redirect.as_str(),
                state.as_deref(),
                &[("error", fault.as_str()), ("error_description", &sentence)],
            )),
            Failure::Ours(error) => Refusal::Ours(error),
        })?;
        let id = Alphanumeric.sample_string(&mut rand::rng(), ID_LEN);
        let opens =
            Opens::Code { redirect_uri: redirect.as_str().to_owned(), state, challenge: checked.challenge, resource: checked.resource };
        let request = RequestRow {
            client_id: client.id.clone(),
            client_name: client.name.clone(),
            client_host: client.host.clone(),
            scopes: checked.scopes,
            opens,
            ..self.new_request(&id)
        };
        self.store.insert_request(&request).await.map_err(Refusal::Ours)?;
        Ok(id)
    }

    /// Keeps a request of a device (RFC 8628).
    ///
    /// # Errors
    /// `invalid_client` for any program but the command line, or that there were too many.
    pub async fn ask_for_device(&self, from: IpAddr, client_id: &str, scope: Option<&str>) -> Result<DeviceCode, Failure> {
        self.requests.take(&Network::of(from)).map_err(|exceeded| Failure::Ours(exceeded.into()))?;
        if client_id != DEVICE_CLIENT {
            return Err(Failure::client(Fault::InvalidClient, "Only jmem, the command line of this product, is let in this way."));
        }
        let user_code = typed_code();
        let (device, device_hash) = self.keys.new_secret(SecretKind::Device);
        let mut scopes = wanted(scope);
        if scope.is_some_and(|names| names.split(' ').any(|name| name == Scope::AccountManage.as_str())) {
            scopes = Scopes::of(&scopes.iter().chain([Scope::AccountManage]).collect::<Vec<_>>());
        }
        let request = RequestRow {
            client_id: DEVICE_CLIENT.to_owned(),
            client_name: "The command line jmem".to_owned(),
            scopes,
            opens: Opens::Device { device_hash: device_hash.to_vec() },
            ..self.new_request(&user_code)
        };
        self.store.insert_request(&request).await?;
        Ok(DeviceCode { device_code: device.expose().to_owned(), user_code, expires_in: OPEN.as_secs(), interval: POLL_SECS })
    }

    /// What a signed-in person is asked by the request of an id, or of a code that they typed.
    ///
    /// # Errors
    /// `insufficient_scope` for anybody but a person; `not_found` for a request that is unknown, decided or too old.
    pub async fn look(&self, by: &Principal, id: &str) -> Result<Asked> {
        let row = self.open_request(by, id).await?;
        let redirect = match &row.opens {
            Opens::Code { redirect_uri, .. } => {
                Some(RedirectUri::parse(redirect_uri).map_err(|wrong| Error::internal(anyhow::anyhow!(wrong)))?)
            }
            Opens::Device { .. } => None,
        };
        let redirect_host = redirect.as_ref().and_then(RedirectUri::host).map(str::to_owned);
        let hosts: Vec<_> = row.client_host.as_deref().into_iter().chain(redirect_host.as_deref()).collect();
        let before = match &row.opens {
            Opens::Code { redirect_uri, .. } => self.store.approved_before(&by.scope, by.user, &row.client_id, redirect_uri).await?,
            Opens::Device { .. } => false,
        };
        Ok(Asked { imitates: imitates(&row.client_name, &hosts), redirect_host, before, row })
    }

    /// Notes what a signed-in person says; answers where their browser goes next, for a client that sent them here.
    ///
    /// # Errors
    /// As [`Self::look`]; `invalid_argument` for scopes that were not asked for or a time out of range; `not_found` for a project;
    /// `limit_reached`.
    pub async fn decide(&self, by: &Principal, id: &str, word: Word) -> Result<Option<String>> {
        let row = self.open_request(by, id).await?;
        let now = self.clock.now();
        let mut decision =
            Decision { tenant: by.scope.tenant(), user: by.user, scopes: None, project: None, until: None, code_hash: None, at: now };
        let code = match &row.opens {
            Opens::Code { .. } if word.approve => Some(self.keys.new_secret(SecretKind::Code)),
            _ => None,
        };
        if word.approve {
            decision.scopes = Some(granted(row.scopes, word.scopes)?);
            decision.project = self.project(by, word.project.as_deref()).await?;
            decision.until = word.expires_in_days.map(|days| lasting(now, days)).transpose()?;
            decision.code_hash = code.as_ref().map(|(_, hash)| hash.to_vec());
        }
        if !self.store.decide(&row.id_hash, &decision).await? {
            return Err(gone());
        }
        Ok(match &row.opens {
            Opens::Device { .. } => None,
            Opens::Code { redirect_uri, state, .. } => Some(match &code {
                Some((code, _)) => self.back(redirect_uri, state.as_deref(), &[("code", code.expose())]),
                None => self.back(redirect_uri, state.as_deref(), &[("error", Fault::AccessDenied.as_str())]),
            }),
        })
    }

    fn new_request(&self, id: &str) -> RequestRow {
        let now = self.clock.now();
        RequestRow {
            id_hash: self.keys.hash_secret(id).to_vec(),
            client_id: String::new(),
            client_name: String::new(),
            client_host: None,
            scopes: Scopes::default(),
            opens: Opens::Device { device_hash: Vec::new() },
            created_at: now,
            expires_at: now.plus(OPEN),
            polled_at: None,
            decision: None,
            credential: None,
        }
    }

    async fn open_request(&self, by: &Principal, id: &str) -> Result<RequestRow> {
        if by.kind != CredentialKind::Jwt {
            let sentence = "Who may enter is decided by the person who is signed in, not with an API key.";
            return Err(Error::new(Code::InsufficientScope, sentence));
        }
        let id = normal_id(id);
        // A code of eight letters can be guessed where nobody counts.
        self.guesses.take(&by.user)?;
        let row = self.store.request(&self.keys.hash_secret(&id)).await?;
        let row = row.filter(|row| row.expires_at > self.clock.now() && row.decision.is_none()).ok_or_else(gone)?;
        self.guesses.give_back(&by.user);
        Ok(row)
    }

    async fn project(&self, by: &Principal, asked: Option<&str>) -> Result<Option<ProjectId>> {
        let Some(asked) = asked.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
        let all = self.projects.projects(&by.scope).await?;
        let named = |project: &&crate::tenancy::Project| project.id.to_string() == asked || project.name == asked;
        all.iter().find(named).map(|project| Some(project.id)).ok_or_else(|| Error::not_found("project"))
    }

    /// A redirect URI with what the client is told (RFC 9207 adds who says so).
    fn back(&self, redirect_uri: &str, state: Option<&str>, told: &[(&str, &str)]) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(told);
        if let Some(state) = state {
            query.append_pair("state", state);
        }
        query.append_pair("iss", &self.settings.base);
        let joint = if redirect_uri.contains('?') { '&' } else { '?' };
        format!("{redirect_uri}{joint}{}", query.finish())
    }
}

fn gone() -> Error {
    Error::new(
        Code::NotFound,
        "This request is not open any more: it was decided, or ten minutes have passed. Start again in the program that asked.",
    )
}

/// What the person grants of what was asked.
fn granted(asked: Scopes, chosen: Option<Scopes>) -> Result<Scopes> {
    let Some(chosen) = chosen else { return Ok(asked) };
    match chosen.iter().find(|scope| !asked.allows(*scope)) {
        Some(more) => Err(Error::invalid(format!("The scope '{}' was not asked for.", more.as_str()))),
        None => Ok(chosen),
    }
}

fn lasting(now: Timestamp, days: u32) -> Result<Timestamp> {
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(Error::invalid(format!("expires_in_days must be 1 to {MOST_DAYS}.")));
    }
    Ok(now.plus(Duration::from_hours(24 * u64::from(days))))
}

/// `BCDF-GHJK`
fn typed_code() -> String {
    let mut rng = rand::rng();
    let letters: Vec<char> = (0..TYPED_LEN).map(|_| char::from(TYPED[rng.random_range(0..TYPED.len())])).collect();
    letters.chunks(TYPED_LEN / 2).map(|half| half.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// An id as it was made; a code that was typed in small letters, or without its dash, as it is meant.
fn normal_id(id: &str) -> String {
    let letters: String = id.chars().filter(|c| !matches!(c, '-' | ' ')).flat_map(char::to_uppercase).collect();
    if letters.len() == TYPED_LEN && letters.bytes().all(|b| TYPED.contains(&b)) {
        format!("{}-{}", &letters[..TYPED_LEN / 2], &letters[TYPED_LEN / 2..])
    } else {
        id.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_people_type_them() {
        let code = typed_code();
        assert_eq!(code.len(), TYPED_LEN + 1);
        for typed in [code.to_lowercase(), code.replace('-', ""), format!(" {} ", code.replace('-', " "))] {
            assert_eq!(normal_id(&typed), code, "{typed}");
        }
        let id = Alphanumeric.sample_string(&mut rand::rng(), ID_LEN);
        assert_eq!(normal_id(&id), id);
    }

    #[test]
    fn nobody_grants_more_than_was_asked() {
        let asked = Scopes::default_for_credentials();
        assert_eq!(granted(asked, None).expect("all"), asked);
        assert_eq!(granted(asked, Some(Scopes::of(&[Scope::MemoryRead]))).expect("less"), Scopes::of(&[Scope::MemoryRead]));
        assert!(granted(asked, Some(Scopes::all())).is_err());
        assert!(lasting(Timestamp(0), 0).is_err() && lasting(Timestamp(0), 3651).is_err());
    }
}
