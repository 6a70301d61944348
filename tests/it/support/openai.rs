//! A server that speaks OpenAI's API and can be told to misbehave. Vectors are those of the hash embedder.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use jonathans_memory::adapters::embedder::HashEmbedder;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::{net::TcpListener, time::Instant};

/// Length of the vectors.
pub const DIMENSION: usize = 64;
/// A text with this word is refused as invalid.
pub const POISON: &str = "poison";
/// A text with this word gets a vector that is no number.
pub const NOT_A_NUMBER: &str = "nan";

/// What the server does instead of answering.
#[derive(Debug, Clone)]
pub enum Fault {
    /// This status, with `Retry-After` where given.
    Status(u16, Option<&'static str>),
    /// Nothing, for as long as the client waits.
    Hang,
    /// Half of an answer.
    Truncated,
    /// Vectors of another length.
    WrongDimension,
    /// Numbers in place of base64; no fault, some servers do.
    Numbers,
}

/// A call as it arrived.
#[derive(Debug, Clone)]
pub struct Call {
    pub at: Instant,
    pub texts: Vec<String>,
    pub authorization: String,
    pub body: Value,
}

#[derive(Default)]
struct Inner {
    /// One for each of the next calls.
    script: VecDeque<Fault>,
    /// For every call after those.
    standing: Option<Fault>,
    latency: Duration,
    calls: Vec<Call>,
    /// Contents of the next chat answers.
    says: VecDeque<String>,
    chats: Vec<Value>,
}

/// The server; it lives as long as the runtime.
#[derive(Clone)]
pub struct OpenAiDouble {
    /// What `OPENAI_BASE_URL` is to be.
    pub url: String,
    inner: Arc<Mutex<Inner>>,
    running: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl OpenAiDouble {
    /// On a free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a free port");
        let url = format!("http://{}/v1", listener.local_addr().expect("an address"));
        let double = Self { url, inner: Arc::default(), running: Arc::default(), most: Arc::default() };
        let router =
            Router::new().route("/v1/embeddings", post(embeddings)).route("/v1/chat/completions", post(chat)).with_state(double.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        double
    }

    /// From now on, until [`Self::heal`].
    pub fn always(&self, fault: Fault) {
        self.inner.lock().standing = Some(fault);
    }

    /// For the next call.
    pub fn once(&self, fault: Fault) {
        self.inner.lock().script.push_back(fault);
    }

    /// Back to work.
    pub fn heal(&self) {
        let mut inner = self.inner.lock();
        inner.standing = None;
        inner.script.clear();
    }

    /// How long each answer takes.
    pub fn latency(&self, latency: Duration) {
        self.inner.lock().latency = latency;
    }

    /// The content of the next chat answer.
    pub fn says(&self, content: &impl ToString) {
        self.inner.lock().says.push_back(content.to_string());
    }

    /// What it was to say and was not asked for.
    pub fn forget_script(&self) {
        self.inner.lock().says.clear();
    }

    /// Bodies of the chat calls so far.
    pub fn chats(&self) -> Vec<Value> {
        self.inner.lock().chats.clone()
    }

    /// What arrived so far.
    pub fn calls(&self) -> Vec<Call> {
        self.inner.lock().calls.clone()
    }

    /// Most calls that ran at one time.
    pub fn most_at_a_time(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }
}

async fn embeddings(State(double): State<OpenAiDouble>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    let running = double.running.fetch_add(1, Ordering::SeqCst) + 1;
    double.most.fetch_max(running, Ordering::SeqCst);
    let answer = answer(&double, &headers, body).await;
    double.running.fetch_sub(1, Ordering::SeqCst);
    answer
}

async fn chat(State(double): State<OpenAiDouble>, Json(body): Json<Value>) -> Response {
    let (fault, content) = {
        let mut inner = double.inner.lock();
        inner.chats.push(body.clone());
        let fault = inner.script.pop_front().or_else(|| inner.standing.clone());
        (fault.clone(), if fault.is_none() { inner.says.pop_front() } else { None })
    };
    match fault {
        Some(Fault::Status(status, _)) => return StatusCode::from_u16(status).expect("a status").into_response(),
        Some(Fault::Hang) => std::future::pending().await,
        _ => {}
    }
    let schema = body["response_format"]["json_schema"]["name"].as_str().expect("structured output");
    let said: Value = serde_json::from_str(body["messages"][1]["content"].as_str().expect("text")).expect("JSON");
    // Unless told otherwise: each message is a fact, and every fact is new.
    let content = content.unwrap_or_else(|| match schema {
        "facts" => {
            let fact = |message: &Value| json!({ "text": message["content"], "categories": ["Personal"] });
            json!({ "facts": said["messages"].as_array().expect("messages").iter().map(fact).collect::<Vec<_>>() }).to_string()
        }
        _ => json!({ "decisions": [] }).to_string(),
    });
    let message = json!({ "role": "assistant", "content": content });
    Json(json!({ "id": "x", "object": "chat.completion", "created": 1, "model": body["model"], "usage": { "total_tokens": 100 },
        "choices": [{ "index": 0, "finish_reason": "stop", "message": message }] }))
    .into_response()
}

async fn answer(double: &OpenAiDouble, headers: &HeaderMap, body: Value) -> Response {
    let texts: Vec<String> = serde_json::from_value(body["input"].clone()).expect("a list of texts");
    let authorization = headers.get(header::AUTHORIZATION).map_or("", |v| v.to_str().expect("text")).to_owned();
    let (fault, latency) = {
        let mut inner = double.inner.lock();
        inner.calls.push(Call { at: Instant::now(), texts: texts.clone(), authorization, body });
        (inner.script.pop_front().or_else(|| inner.standing.clone()), inner.latency)
    };
    tokio::time::sleep(latency).await;
    let mut dimension = DIMENSION;
    let mut numbers = false;
    match fault {
        Some(Fault::Status(status, retry_after)) => {
            let status = StatusCode::from_u16(status).expect("a status");
            let body = json!({ "error": { "message": format!("you sent {}", texts[0]), "code": "made_up" } });
            let mut response = (status, Json(body)).into_response();
            if let Some(value) = retry_after {
                response.headers_mut().insert(header::RETRY_AFTER, value.parse().expect("a header"));
            }
            return response;
        }
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::Truncated) => return Body::from(r#"{"object":"list","data":[{"index":0,"embed"#).into_response(),
        Some(Fault::WrongDimension) => dimension = 7,
        Some(Fault::Numbers) => numbers = true,
        None => {}
    }
    if texts.iter().any(|text| text.contains(POISON)) {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": { "message": "no", "type": "invalid_request_error" } }))).into_response();
    }
    let embedder = HashEmbedder::new(dimension);
    let item = |(index, text): (usize, &String)| {
        let mut vector = embedder.vector(text);
        if text.contains(NOT_A_NUMBER) {
            vector[0] = f32::NAN;
        }
        let bytes: Vec<u8> = vector.iter().flat_map(|v| v.to_le_bytes()).collect();
        let embedding = if numbers { json!(vector) } else { json!(STANDARD.encode(bytes)) };
        json!({ "object": "embedding", "index": index, "embedding": embedding })
    };
    // The order of the answer is the server's own business.
    let data: Vec<_> = texts.iter().enumerate().map(item).rev().collect();
    let tokens = texts.iter().map(|t| t.split_whitespace().count()).sum::<usize>();
    Json(json!({ "object": "list", "model": "m", "data": data, "usage": { "prompt_tokens": tokens, "total_tokens": tokens } }))
        .into_response()
}
