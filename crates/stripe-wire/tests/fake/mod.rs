//! A server that writes down what it is asked and answers what it is told to.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, Response, StatusCode},
};
use reqwest::Url;
use serde_json::Value;
use stripe_wire::{Client, Timeouts, VERSION};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

pub const KEY: &str = "sk_test_secret";

struct Answer {
    status: StatusCode,
    headers: Vec<(String, String)>,
    body: String,
}

struct Call {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    form: Vec<(String, String)>,
}

type Shared = Arc<Mutex<(Answer, Vec<Call>)>>;

pub struct Fake {
    pub base: String,
    pub client: Client,
    shared: Shared,
}

impl Fake {
    /// One that answers `body` until it is told otherwise.
    pub async fn answering(body: Value) -> Self {
        let answer = Answer { status: StatusCode::OK, headers: Vec::new(), body: body.to_string() };
        let shared = Arc::new(Mutex::new((answer, Vec::new())));
        let (listener, base) = listening().await;
        let app = Router::new().fallback(served).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let client = Client::new(&base, KEY, Timeouts::default()).expect("a client");
        Self { base, client, shared }
    }

    pub fn answers(&self, status: StatusCode, headers: &[(&str, &str)], body: &Value) {
        self.answers_text(status, headers, &body.to_string());
    }

    pub fn answers_text(&self, status: StatusCode, headers: &[(&str, &str)], body: &str) {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.shared.lock().expect("no panic").0 = Answer { status, headers, body: body.to_owned() };
    }

    /// How often it was asked.
    pub fn calls(&self) -> usize {
        self.shared.lock().expect("no panic").1.len()
    }

    /// The last call was this order.
    pub fn posted(&self, path: &str, form: &[(&str, &str)], key: &str) {
        let call = self.last();
        assert_eq!((call.method.as_str(), call.path.as_str()), ("POST", path));
        assert_eq!(call.query, []);
        assert_eq!(borrowed(&call.form), form);
        assert_eq!(call.headers["idempotency-key"], key);
        assert_eq!(call.headers["content-type"], "application/x-www-form-urlencoded");
    }

    /// The last call was this one, without a body.
    pub fn asked(&self, method: &str, path: &str, query: &[(&str, &str)]) {
        let call = self.last();
        assert_eq!((call.method.as_str(), call.path.as_str()), (method, path));
        assert_eq!(borrowed(&call.query), query);
        assert_eq!(call.form, []);
        assert!(!call.headers.contains_key("idempotency-key"));
    }

    fn last(&self) -> Call {
        let call = self.shared.lock().expect("no panic").1.pop().expect("a call");
        assert_eq!(call.headers["authorization"], format!("Bearer {KEY}"));
        assert_eq!(call.headers["stripe-version"], VERSION);
        call
    }
}

/// A server that takes a connection and, after the beginning of an answer or without one, says no more.
pub async fn silent(begins: bool) -> String {
    let (listener, base) = listening().await;
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await?;
        if begins {
            socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{").await?;
        }
        // Until the client goes.
        while socket.read(&mut [0; 1024]).await? > 0 {}
        std::io::Result::Ok(())
    });
    base
}

/// An address at which nothing listens.
pub async fn nobody() -> String {
    listening().await.1
}

async fn listening() -> (TcpListener, String) {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    (listener, base)
}

async fn served(State(shared): State<Shared>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let form = to_bytes(body, 1 << 16).await.expect("a body");
    let call = Call {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: fields(parts.uri.query().unwrap_or_default()),
        headers: parts.headers,
        form: fields(std::str::from_utf8(&form).expect("text")),
    };
    let mut shared = shared.lock().expect("no panic");
    shared.1.push(call);
    let mut response = Response::builder().status(shared.0.status);
    for (name, value) in &shared.0.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(shared.0.body.clone())).expect("a response")
}

/// The fields of a form or a query, decoded.
fn fields(text: &str) -> Vec<(String, String)> {
    let url = Url::parse(&format!("http://form/?{text}")).expect("an address");
    url.query_pairs().into_owned().collect()
}

fn borrowed(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}
