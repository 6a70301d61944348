//! A server somewhere else, as the command line reaches it: which one, with what key, and what went wrong in words and in the exit
//! code. What a person or a program keeps and asks there lies in [`memories`], signing in in [`login`].

mod login;
mod memories;

use std::{fmt, path::PathBuf, time::Duration};

use anyhow::{Context, bail};
use clap::Args;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::place;

pub use login::{Login, Logout};
pub use memories::{Add, ContextOf, ExportFrom, List, Search};

/// Longest wait for an answer: facts may be taken by a model.
const PATIENCE: Duration = Duration::from_mins(1);
/// Where a sign-in is kept, in this user's folder of state.
const SIGN_IN: &str = "sign-in.json";

/// Exit code of a credential that is missing, refused or not enough.
const NOT_LET_IN: u8 = 3;
/// Exit code of something that is not there.
const NOT_THERE: u8 = 4;
/// Exit code of a server that does not answer, or asks to come back later.
const AWAY: u8 = 5;

/// A failure with an exit code of its own, so that scripts can tell them apart: 3 not let in, 4 not there, 5 away; 1 for the rest.
#[derive(Debug)]
pub struct Failure {
    pub code: u8,
    sentence: String,
}

impl Failure {
    fn with(code: u8, sentence: impl Into<String>) -> anyhow::Error {
        Self { code, sentence: sentence.into() }.into()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for Failure {}

/// Which server.
#[derive(Debug, Clone, Default, Args)]
pub struct Where {
    /// Address of the server; the one that you signed in to when absent.
    #[arg(long, env = "JM_URL", value_name = "BASE")]
    pub url: Option<String>,
}

/// What a sign-in leaves.
#[derive(Serialize, Deserialize)]
struct SignIn {
    url: String,
    api_key: String,
}

/// A server, and what opens it.
#[derive(Clone)]
pub struct Server {
    pub base: String,
    pub key: String,
    http: reqwest::Client,
}

impl Where {
    /// The server that is meant: the key comes from `JM_API_KEY`, or from a sign-in at that very server.
    ///
    /// # Errors
    /// A sentence that says what to set, or how to sign in.
    pub fn server(&self) -> anyhow::Result<Server> {
        let kept = kept();
        let Some(base) = self.url.clone().or_else(|| kept.as_ref().map(|kept| kept.url.clone())) else {
            return Err(Failure::with(
                NOT_LET_IN,
                "Which server? Say so with --url or JM_URL, or sign in with 'jmem login --url ADDRESS'.",
            ));
        };
        let base = base.trim_end_matches('/').to_owned();
        let from_environment = std::env::var("JM_API_KEY").ok().filter(|key| !key.trim().is_empty());
        let key = from_environment.or_else(|| kept.filter(|kept| kept.url == base).map(|kept| kept.api_key));
        let Some(key) = key else {
            let sentence = format!("There is no key to {base}: set JM_API_KEY, or sign in with 'jmem login --url {base}'.");
            return Err(Failure::with(NOT_LET_IN, sentence));
        };
        Server::new(&base, key.trim())
    }
}

impl Server {
    /// A server at an address, opened by a key.
    ///
    /// # Errors
    /// When the address is none.
    pub fn new(base: &str, key: &str) -> anyhow::Result<Self> {
        let base = base.trim_end_matches('/').to_owned();
        if !(base.starts_with("http://") || base.starts_with("https://")) {
            bail!("the address of a server begins with http:// or https://, not '{base}'");
        }
        Ok(Self { base, key: key.to_owned(), http: client()? })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.key).header("x-client-name", "jmem")
    }

    /// One call of REST; answers its JSON.
    ///
    /// # Errors
    /// [`Failure`], with the server's own sentence where there is one.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let request = self.request(method, path);
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        let answer = answered(request).await?;
        if answer.status() == StatusCode::NO_CONTENT {
            return Ok(Value::Null);
        }
        answer.json().await.context("the server's answer is no JSON")
    }
}

/// A client that waits as long as an answer may take.
fn client() -> anyhow::Result<reqwest::Client> {
    reqwest::Client::builder().timeout(PATIENCE).build().context("the HTTP client cannot be built")
}

/// The answer to a request that went well.
async fn answered(request: RequestBuilder) -> anyhow::Result<Response> {
    let answer = match request.send().await {
        Ok(answer) => answer,
        // The address may hold nothing secret, but whoever reads this knows it.
        Err(error) => return Err(Failure::with(AWAY, format!("The server does not answer: {}", error.without_url()))),
    };
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let problem: Value = answer.json().await.unwrap_or_default();
    let sentence = problem["detail"].as_str().map_or_else(|| format!("The server answered {status}."), str::to_owned);
    let code = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => NOT_LET_IN,
        StatusCode::NOT_FOUND => NOT_THERE,
        StatusCode::TOO_MANY_REQUESTS => AWAY,
        status if status.is_server_error() => AWAY,
        _ => 1,
    };
    Err(Failure::with(code, sentence))
}

fn sign_in_file() -> Option<PathBuf> {
    place::home().map(|home| home.join(SIGN_IN))
}

fn kept() -> Option<SignIn> {
    let text = std::fs::read_to_string(sign_in_file()?).ok()?;
    serde_json::from_str(&text).ok()
}

/// Writes a file that this user alone may read, whole or not at all.
///
/// # Errors
/// When it cannot be written.
pub fn write_private(path: &std::path::Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write;
    let folder = path.parent().context("a file lies in a folder")?;
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    // Such a file is made with mode 0600.
    let mut draft = tempfile::NamedTempFile::new_in(folder).with_context(|| format!("cannot write in {}", folder.display()))?;
    draft.write_all(text.as_bytes())?;
    draft.persist(path).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(())
}
