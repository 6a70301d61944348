//! OpenAI, and every server that speaks its API (Ollama, vLLM, TEI, gateways): one HTTP client, one breaker, no retries.
//! Whoever asked decides about those: a search goes on without, a job comes back later.

use std::{future::Future, sync::Arc, time::Duration};

use async_openai::{Client, config::OpenAIConfig, error::OpenAIError, middleware::HttpRequestFactory};
use reqwest::{Response, StatusCode, header::HeaderMap, redirect::Policy};
use serde::Deserialize;
use tokio::time::Instant;

use crate::{
    adapters::breaker::Breaker,
    clock::{Clock, SystemClock},
    memory::ModelError,
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Most bytes read of an error's body: enough for its code.
const ERROR_BODY: usize = 16 * 1024;

/// Where the server is and how long to wait for it.
#[derive(Debug, Clone)]
pub struct OpenAiSettings {
    /// Without a trailing slash, with the version: `https://api.openai.com/v1`.
    pub base_url: String,
    /// Sent as a bearer token; most servers of one's own need none.
    pub api_key: Option<String>,
    pub timeout: Duration,
}

/// A client of one server; cheap to clone.
#[derive(Clone)]
pub struct OpenAi {
    client: Client<OpenAIConfig>,
    breaker: Arc<Breaker>,
    timeout: Duration,
}

impl OpenAi {
    /// A client that has not called yet.
    ///
    /// # Errors
    /// When the HTTP client cannot be built.
    pub fn new(settings: OpenAiSettings) -> anyhow::Result<Self> {
        // A redirect would carry the key elsewhere.
        let http = reqwest::Client::builder().connect_timeout(CONNECT_TIMEOUT).redirect(Policy::none()).build()?;
        let service = tower::service_fn(move |request: HttpRequestFactory| send(http.clone(), request));
        // Every value is set: the defaults of the library read the environment.
        let config = OpenAIConfig::new()
            .with_api_base(settings.base_url)
            .with_api_key(settings.api_key.unwrap_or_default())
            .with_org_id("")
            .with_project_id("");
        let client = Client::with_config(config).with_http_service(service);
        Ok(Self { client, breaker: Arc::new(Breaker::of("the model's server")), timeout: settings.timeout })
    }

    /// Whether the server did its work the last time.
    #[must_use]
    pub fn answers(&self) -> bool {
        self.breaker.did_last()
    }

    /// One call. `model` says in the metrics which kind of model it asks: `embedder` or `llm`.
    ///
    /// # Errors
    /// `Unavailable` at once while the breaker is open.
    pub async fn call<T, F>(&self, model: &'static str, request: impl FnOnce(Client<OpenAIConfig>) -> F) -> Result<T, ModelError>
    where
        F: Future<Output = Result<T, OpenAIError>>,
    {
        let start = Instant::now();
        self.breaker
            .enter(start)
            .map_err(|wait| ModelError::Unavailable(format!("not called: it failed before; the next try is in {} ms", wait.as_millis())))?;
        let outcome = match tokio::time::timeout(self.timeout, request(self.client.clone())).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(Failure::from(error)),
            Err(_) => Err(Failure::unavailable(format!("no answer within {} s", self.timeout.as_secs()))),
        };
        let label = match &outcome {
            Ok(_) => "ok",
            Err(failure) => failure.label(),
        };
        metrics::histogram!("model_request_duration_seconds", "model" => model, "outcome" => label).record(start.elapsed().as_secs_f64());
        match outcome {
            Err(Failure { error, pause }) if !matches!(error, ModelError::Refused(_)) => {
                self.breaker.failed(Instant::now(), pause, &error.to_string());
                Err(error)
            }
            other => {
                self.breaker.succeeded();
                other.map_err(|failure| failure.error)
            }
        }
    }
}

struct Failure {
    error: ModelError,
    /// How long the server asked to be left alone.
    pause: Option<Duration>,
}

impl Failure {
    fn unavailable(why: impl Into<String>) -> Self {
        Self { error: ModelError::Unavailable(why.into()), pause: None }
    }

    const fn label(&self) -> &'static str {
        match self.error {
            ModelError::Unavailable(_) => "unavailable",
            ModelError::Refused(_) => "refused",
            ModelError::Faulty(_) => "faulty",
        }
    }
}

impl From<OpenAIError> for Failure {
    fn from(error: OpenAIError) -> Self {
        match error {
            OpenAIError::Boxed(error) => match error.downcast::<HttpFailure>() {
                Ok(failure) => (*failure).into(),
                Err(_) => Self::unavailable("the call failed"),
            },
            // The body may quote what was sent: it goes nowhere.
            OpenAIError::JSONDeserialize(..) => Self::unavailable("the answer is not the JSON of this API"),
            OpenAIError::Reqwest(error) => Self::unavailable(error.without_url().to_string()),
            _ => Self::unavailable("the call failed"),
        }
    }
}

/// An answer that is not a success. It keeps the status and the code, never the message, which may quote the request.
#[derive(Debug, thiserror::Error)]
#[error("HTTP {status} {code}")]
struct HttpFailure {
    status: StatusCode,
    code: String,
    pause: Option<Duration>,
}

impl From<HttpFailure> for Failure {
    fn from(failure: HttpFailure) -> Self {
        let text = failure.to_string();
        let error = match failure.status.as_u16() {
            // The request itself is at fault: the same again ends the same.
            400 | 413 | 422 => ModelError::Refused(text),
            // Everything else can heal, a wrong key or model too: the operator puts it right, and the work goes on.
            _ => ModelError::Unavailable(text),
        };
        Self { error, pause: failure.pause }
    }
}

async fn send(http: reqwest::Client, request: HttpRequestFactory) -> Result<Response, OpenAIError> {
    let answer = http.execute(request.build().await?).await?;
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let pause = retry_after(answer.headers());
    let code = error_code(answer).await.unwrap_or_default();
    Err(OpenAIError::Boxed(Box::new(HttpFailure { status, code, pause })))
}

/// What `Retry-After` (seconds or a date, RFC 9110 section 10.2.3) or OpenAI's `retry-after-ms` ask for.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let header = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    if let Some(millis) = header("retry-after-ms").and_then(|v| v.parse().ok()) {
        return Some(Duration::from_millis(millis));
    }
    let value = header("retry-after")?;
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = chrono::DateTime::parse_from_rfc2822(value).ok()?.timestamp_micros();
    Some(Duration::from_micros(u64::try_from(at - SystemClock.now().0).unwrap_or(0)))
}

/// `error.code` (or `error.type`) of the body, if it looks like a code.
async fn error_code(mut answer: Response) -> Option<String> {
    #[derive(Deserialize)]
    struct Body {
        error: Inner,
    }
    #[derive(Deserialize)]
    struct Inner {
        code: Option<serde_json::Value>,
        r#type: Option<String>,
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.ok()? {
        body.extend_from_slice(&chunk);
        if body.len() > ERROR_BODY {
            return None;
        }
    }
    let Body { error } = serde_json::from_slice(&body).ok()?;
    let code = error.code.and_then(|code| code.as_str().map(str::to_owned)).or(error.r#type)?;
    (code.len() <= 64 && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_form_of_a_pause() {
        let asks = |name: &'static str, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().expect("a header"));
            retry_after(&headers)
        };
        assert_eq!(asks("retry-after", "7"), Some(Duration::from_secs(7)));
        assert_eq!(asks("retry-after-ms", "250"), Some(Duration::from_millis(250)));
        assert_eq!(asks("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO), "it is past");
        assert_eq!(asks("retry-after", "soon"), None);
        let later = SystemClock.now().plus(Duration::from_secs(90));
        let later = chrono::DateTime::from_timestamp_micros(later.0).expect("a date");
        let wait = asks("retry-after", &later.to_rfc2822()).expect("a date");
        assert!((80..=90).contains(&wait.as_secs()), "{wait:?}");
    }
}
