//! Clients that are known by the address of a document about them (Client ID Metadata Documents): whoever controls the address
//! controls the name. Owns which addresses are asked, what a document must say, and how long it is believed.
//!
//! Two documents are compiled in, so that the clients that most people have get in where the server cannot or may not reach out.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
    time::Duration,
};

use async_trait::async_trait;
use moka::{Expiry, sync::Cache};
use serde::Deserialize;
use tokio::sync::Semaphore;
use url::{Host, Url};

use super::{
    Failure, Fault,
    client::{Client, plain_name},
    redirect::RedirectUri,
};

/// Longest address, in bytes.
const MOST_ADDRESS: usize = 500;
/// Redirect URIs of a document that are looked at.
const MOST_REDIRECTS: usize = 50;
/// Documents fetched at once.
const AT_ONCE: usize = 4;
/// Documents and failures remembered at once.
const REMEMBERED: u64 = 1000;
/// How long a document is believed, whatever its server says.
const SHORTEST: Duration = Duration::from_mins(5);
const LONGEST: Duration = Duration::from_hours(24);
/// How long a server that cannot be reached is left alone.
const LEFT_ALONE: Duration = Duration::from_mins(1);

static PINNED: LazyLock<HashMap<&str, &[u8]>> = LazyLock::new(|| {
    HashMap::from([
        ("https://claude.ai/oauth/mcp-oauth-client-metadata", include_bytes!("pinned/claude-web.json").as_slice()),
        ("https://claude.ai/oauth/claude-code-client-metadata", include_bytes!("pinned/claude-code.json").as_slice()),
    ])
});

/// Fetches a document from an address that a stranger chose.
///
/// An implementation MUST reach only addresses of the public internet, follow no redirect, and bound size and time.
#[async_trait]
pub trait DocumentFetch: Send + Sync {
    /// The body behind an https address, 200 and JSON.
    async fn fetch(&self, url: &str) -> Result<Fetched, FetchFailure>;
}

/// A document as it came.
#[derive(Debug, Clone)]
pub struct Fetched {
    pub body: Vec<u8>,
    /// For how long its server says that it stays as it is.
    pub fresh_for: Duration,
}

/// Why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchFailure {
    /// It may be there later.
    Unreachable(String),
    /// What is there is not to be had, or too large, or no JSON.
    Refused(String),
}

/// Known by their documents.
pub(super) struct Documents {
    /// `None` where the server does not reach out.
    fetch: Option<Arc<dyn DocumentFetch>>,
    known: Cache<String, Known>,
    permits: Semaphore,
}

#[derive(Clone)]
struct Known {
    client: Result<Arc<Client>, String>,
    keep: Duration,
}

struct AsLongAsTold;
impl Expiry<String, Known> for AsLongAsTold {
    fn expire_after_create(&self, _: &String, known: &Known, _: std::time::Instant) -> Option<Duration> {
        Some(known.keep)
    }
}

impl Documents {
    pub(super) fn new(fetch: Option<Arc<dyn DocumentFetch>>) -> Self {
        Self {
            fetch,
            known: Cache::builder().max_capacity(REMEMBERED).expire_after(AsLongAsTold).build(),
            permits: Semaphore::new(AT_ONCE),
        }
    }

    /// Whether any address is asked.
    pub(super) const fn reach_out(&self) -> bool {
        self.fetch.is_some()
    }

    /// The client of a document.
    pub(super) async fn client(&self, id: &str) -> Result<Arc<Client>, Failure> {
        let unknown = |why: String| Failure::client(Fault::InvalidClient, why);
        check_address(id).map_err(|wrong| unknown(format!("A client id that is an address {wrong}.")))?;
        if let Some(known) = self.known.get(id) {
            return known.client.map_err(unknown);
        }
        let known = self.look(id).await;
        if !known.keep.is_zero() {
            self.known.insert(id.to_owned(), known.clone());
        }
        known.client.map_err(unknown)
    }

    async fn look(&self, id: &str) -> Known {
        let pinned = || PINNED.get(id).and_then(|body| read(id, body).ok());
        let found = match &self.fetch {
            None => Err(FetchFailure::Unreachable("this server fetches no documents; the client can register itself instead".into())),
            Some(fetch) => match self.permits.acquire().await {
                Ok(_permit) => fetch.fetch(id).await,
                Err(_) => Err(FetchFailure::Unreachable("the server is stopping".into())),
            },
        };
        match found {
            Ok(Fetched { body, fresh_for }) => match read(id, &body) {
                Ok(client) => Known { client: Ok(Arc::new(client)), keep: fresh_for.clamp(SHORTEST, LONGEST) },
                // It may be mended this minute.
                Err(wrong) => Known { client: Err(format!("The client's document {wrong}.")), keep: Duration::ZERO },
            },
            Err(failure) => match (pinned(), failure) {
                (Some(client), _) => Known { client: Ok(Arc::new(client)), keep: SHORTEST },
                (None, FetchFailure::Unreachable(why)) => {
                    Known { client: Err(format!("The client's document cannot be fetched: {why}.")), keep: LEFT_ALONE }
                }
                (None, FetchFailure::Refused(why)) => {
                    Known { client: Err(format!("The client's document is not to be had: {why}.")), keep: Duration::ZERO }
                }
            },
        }
    }
}

/// Whether an address may be a client id: https, a host with a name, a path, and nothing that could be read in two ways.
fn check_address(id: &str) -> Result<(), &'static str> {
    let url = Url::parse(id).map_err(|_| "must be a URL")?;
    let parts = [
        (id.len() <= MOST_ADDRESS && id.bytes().all(|b| b.is_ascii_graphic() && b != b'\\'), "must be short and plain ASCII"),
        (id.starts_with("https://"), "must begin with https://"),
        (matches!(url.host(), Some(Host::Domain(name)) if name.contains('.') && !name.ends_with('.')), "must name a host"),
        (url.port().is_none(), "must not name a port"),
        (!id["https://".len().min(id.len())..].split('/').next().unwrap_or_default().contains('@'), "must name no user"),
        (!id.contains(['?', '#']), "must have no query and no fragment"),
        (url.path() != "/", "must have a path"),
        // Dot segments are gone in the parsed form, and an address that is written otherwise is another one.
        (url.as_str() == id && !id.to_ascii_lowercase().contains("%2e"), "must be written in its plain form"),
    ];
    parts.into_iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, wrong)| Err(wrong))
}

/// The members of a document that count.
#[derive(Deserialize)]
struct Document {
    client_id: String,
    client_name: String,
    redirect_uris: Vec<String>,
    #[serde(default)]
    client_secret: Option<serde_json::Value>,
    #[serde(default)]
    client_secret_expires_at: Option<serde_json::Value>,
    #[serde(default)]
    token_endpoint_auth_method: Option<String>,
    /// Some clients prefer one method and offer others.
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

fn read(id: &str, body: &[u8]) -> Result<Client, &'static str> {
    let document: Document = serde_json::from_slice(body).map_err(|_| "must be JSON with client_id, client_name and redirect_uris")?;
    if document.client_id != id {
        return Err("names another client_id than its own address");
    }
    if document.client_secret.is_some() || document.client_secret_expires_at.is_some() {
        return Err("must hold no secret: everybody can read it");
    }
    let offered = |method: &str| method == "none";
    let none = document.token_endpoint_auth_method.as_deref().is_none_or(offered)
        || document.token_endpoint_auth_methods_supported.iter().any(|method| offered(method));
    if !none {
        return Err("must offer 'none' as a token_endpoint_auth_method");
    }
    let redirects: Vec<_> = document.redirect_uris.iter().take(MOST_REDIRECTS).filter_map(|uri| RedirectUri::parse(uri).ok()).collect();
    if redirects.is_empty() {
        return Err("names no redirect URI that can be used");
    }
    let host = Url::parse(id).ok().and_then(|url| url.host_str().map(str::to_owned));
    Ok(Client { id: id.to_owned(), name: plain_name(&document.client_name), host, redirects, confidential: false })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    struct Answers(AtomicUsize, Result<Fetched, FetchFailure>);

    #[async_trait]
    impl DocumentFetch for Answers {
        async fn fetch(&self, _: &str) -> Result<Fetched, FetchFailure> {
            self.0.fetch_add(1, Ordering::SeqCst);
            self.1.clone()
        }
    }

    fn documents(answer: Result<Fetched, FetchFailure>) -> (Documents, Arc<Answers>) {
        let answers = Arc::new(Answers(AtomicUsize::new(0), answer));
        (Documents::new(Some(answers.clone())), answers)
    }

    fn body(text: &str) -> Fetched {
        Fetched { body: text.as_bytes().to_vec(), fresh_for: Duration::ZERO }
    }

    const ID: &str = "https://client.example/oauth/client.json";

    #[test]
    fn only_plain_addresses_are_asked() {
        for id in [ID, "https://chatgpt.com/oauth/abc/client.json"] {
            assert_eq!(check_address(id), Ok(()), "{id}");
        }
        for id in [
            "http://client.example/x",
            "https://client.example",
            "https://client.example/",
            "https://client.example:8443/x",
            "https://127.0.0.1/x",
            "https://[::1]/x",
            "https://2130706433/x",
            "https://0x7f.1/x",
            "https://localhost/x",
            "https://client.example./x",
            "https://user@client.example/x",
            "https://client.example/a/../x",
            "https://client.example/a/%2E%2e/x",
            "https://client.example/x?y",
            "https://client.example/x#y",
            "https://CLIENT.example/x",
            "https:\\\\client.example\\x",
            "ftp://client.example/x",
        ] {
            assert!(check_address(id).is_err(), "{id}");
        }
    }

    #[test]
    fn a_document_speaks_for_its_own_address_and_holds_no_secret() {
        let good = format!(r#"{{"client_id":"{ID}","client_name":"A","redirect_uris":["https://client.example/cb"],"extra":1}}"#);
        let client = read(ID, good.as_bytes()).expect("read");
        assert_eq!((client.name.as_str(), client.host.as_deref()), ("A", Some("client.example")));
        let chatgpt = good.replace(
            "\"extra\":1",
            r#""token_endpoint_auth_method":"private_key_jwt","token_endpoint_auth_methods_supported":["private_key_jwt","none"]"#,
        );
        assert!(read(ID, chatgpt.as_bytes()).is_ok(), "prefers a key and offers none");
        for bad in [
            good.replace(ID, "https://evil.example/x"),
            good.replace("\"extra\":1", r#""client_secret":"x""#),
            good.replace("\"extra\":1", r#""token_endpoint_auth_method":"private_key_jwt""#),
            good.replace("https://client.example/cb", "javascript:alert(1)"),
            "[]".into(),
            "{".into(),
        ] {
            assert!(read(ID, bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[tokio::test]
    async fn documents_are_remembered_and_mistakes_are_not() {
        let good = format!(r#"{{"client_id":"{ID}","client_name":"A","redirect_uris":["https://client.example/cb"]}}"#);
        for (answer, asked, works) in [
            (Ok(body(&good)), 1, true),
            (Err(FetchFailure::Unreachable("away".into())), 1, false),
            (Err(FetchFailure::Refused("404".into())), 2, false),
            (Ok(body("{}")), 2, false),
        ] {
            let (documents, answers) = documents(answer);
            for _ in 0..2 {
                assert_eq!(documents.client(ID).await.is_ok(), works);
            }
            assert_eq!(answers.0.load(Ordering::SeqCst), asked);
        }
    }

    #[tokio::test]
    async fn the_two_that_most_people_have_get_in_without_a_network() {
        for id in PINNED.keys() {
            let client = Documents::new(None).client(id).await.expect(id);
            assert_eq!(client.host.as_deref(), Some("claude.ai"));
            let (away, _) = documents(Err(FetchFailure::Unreachable("away".into())));
            assert!(away.client(id).await.is_ok());
        }
        assert!(Documents::new(None).client(ID).await.is_err());
    }
}
