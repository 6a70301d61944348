//! A client of OAuth as the specifications describe it, without a library: what it sends can be bent at each step.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use reqwest::{Response, redirect::Policy};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use crate::support::app::{Person, TestApp};

/// The verifier that every client here uses.
pub const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters-123";
/// What the client tells apart its requests by; not everybody's is plain.
pub const STATE: &str = "eyJh.eyJz.s+/=%&ü";

/// A client, registered at a server.
pub struct Client<'a> {
    pub app: &'a TestApp,
    pub id: String,
    pub secret: Option<String>,
    pub redirect: String,
    http: reqwest::Client,
}

/// What a token request answered.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    pub fn access(&self) -> String {
        self.body["access_token"].as_str().unwrap_or_else(|| panic!("no token in {self:?}")).to_owned()
    }

    pub fn refresh(&self) -> String {
        self.body["refresh_token"].as_str().unwrap_or_else(|| panic!("no refresh token in {self:?}")).to_owned()
    }

    pub fn error(&self) -> (u16, &str) {
        (self.status, self.body["error"].as_str().unwrap_or_default())
    }
}

pub fn challenge() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

impl<'a> Client<'a> {
    /// One that registers itself.
    pub async fn registered(app: &'a TestApp, redirect: &str) -> Self {
        Self::with(app, &json!({ "client_name": "A tester", "redirect_uris": [redirect] }), redirect).await
    }

    /// One that registers itself with this, and will come back to `redirect`.
    pub async fn with(app: &'a TestApp, registration: &Value, redirect: &str) -> Self {
        let answer = app.http.post(format!("{}/oauth/register", app.base)).json(registration).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 201, "{registration}");
        let registered: Value = answer.json().await.expect("JSON");
        let secret = registered["client_secret"].as_str().map(str::to_owned);
        Self { secret, ..Self::known(app, registered["client_id"].as_str().expect("an id"), redirect) }
    }

    /// One of this id.
    pub fn known(app: &'a TestApp, id: &str, redirect: &str) -> Self {
        let http = reqwest::Client::builder().redirect(Policy::none()).build().expect("a client");
        Self { app, id: id.into(), secret: None, redirect: redirect.into(), http }
    }

    /// The parameters of a good authorization request.
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![
            ("response_type", "code".into()),
            ("client_id", self.id.clone()),
            ("redirect_uri", self.redirect.clone()),
            ("state", STATE.into()),
            ("code_challenge", challenge()),
            ("code_challenge_method", "S256".into()),
        ]
    }

    /// Sends a person to be asked, with these parameters instead of or beside the good ones; an empty value leaves one out.
    pub async fn authorize(&self, instead: &[(&'static str, &str)]) -> Response {
        let mut parameters = self.parameters();
        for (name, value) in instead {
            parameters.retain(|(known, _)| known != name);
            if !value.is_empty() {
                parameters.push((name, (*value).to_owned()));
            }
        }
        let address = Url::parse_with_params(&format!("{}/oauth/authorize", self.app.base), parameters).expect("an address");
        self.http.get(address).send().await.expect("an answer")
    }

    /// The id of the request that a person is asked about.
    pub async fn ask(&self, instead: &[(&'static str, &str)]) -> String {
        let answer = self.authorize(instead).await;
        let location = location(&answer);
        assert_eq!(answer.status().as_u16(), 302, "{location}");
        let page = location.strip_prefix(&format!("{}/authorize/", issuer(self.app))).unwrap_or_else(|| panic!("sent to {location}"));
        page.to_owned()
    }

    /// Where the person's browser goes after they have said this.
    pub async fn decide(&self, person: &Person, request: &str, word: Value) -> Url {
        let (status, body) = self.app.rest(&person.jwt, "POST", &format!("/api/v1/oauth/requests/{request}"), Some(word)).await;
        assert_eq!(status, 200, "{body}");
        Url::parse(body["redirect_to"].as_str().expect("an address")).expect("a URL")
    }

    /// A code, for a request with these parameters that the person says yes to.
    pub async fn code(&self, person: &Person, instead: &[(&'static str, &str)]) -> String {
        let request = self.ask(instead).await;
        let back = self.decide(person, &request, json!({ "approve": true })).await;
        query(&back, "code").unwrap_or_else(|| panic!("no code in {back}"))
    }

    /// A token request with these parameters, beside the client's own; an empty value leaves one out.
    pub async fn token(&self, parameters: &[(&str, &str)]) -> Answer {
        self.post("/oauth/token", parameters).await
    }

    pub async fn post(&self, path: &str, parameters: &[(&str, &str)]) -> Answer {
        let mut form = vec![("client_id", self.id.as_str())];
        form.extend(self.secret.as_deref().map(|secret| ("client_secret", secret)));
        for (name, value) in parameters {
            form.retain(|(known, _)| known != name);
            if !value.is_empty() {
                form.push((name, value));
            }
        }
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self.http.post(format!("{}{path}", self.app.base)).header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(body).send().await.expect("an answer");
        Answer { status: answer.status().as_u16(), body: answer.json().await.unwrap_or(Value::Null) }
    }

    pub async fn exchange(&self, code: &str) -> Answer {
        self.token(&[("grant_type", "authorization_code"), ("code", code), ("redirect_uri", &self.redirect), ("code_verifier", VERIFIER)])
            .await
    }

    pub async fn refresh(&self, token: &str) -> Answer {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// The tokens of a grant, from the beginning.
    pub async fn granted(&self, person: &Person) -> Answer {
        let answer = self.exchange(&self.code(person, &[]).await).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer
    }
}

/// How the server calls itself.
pub fn issuer(app: &TestApp) -> String {
    app.app.config.server.public_url.clone().unwrap_or_else(|| app.base.clone())
}

pub fn location(answer: &Response) -> String {
    answer.headers().get("location").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

/// The one value of a parameter.
pub fn query(url: &Url, name: &str) -> Option<String> {
    let values: Vec<_> = url.query_pairs().filter(|(known, _)| known == name).map(|(_, value)| value.into_owned()).collect();
    assert!(values.len() <= 1, "{name} comes {} times in {url}", values.len());
    values.into_iter().next()
}

/// One call at `/mcp` with a token; answers status, challenge and body.
pub async fn call(app: &TestApp, token: Option<&str>, method: &str, params: Value) -> (u16, String, Value) {
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let mut request = app.http.post(format!("{}/mcp", app.base)).header("accept", "application/json, text/event-stream").json(&body);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await.expect("an answer");
    let challenge = answer.headers().get("www-authenticate").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    (answer.status().as_u16(), challenge, answer.json().await.unwrap_or(Value::Null))
}

/// Whether a token opens the MCP endpoint.
pub async fn opens(app: &TestApp, token: &str) -> bool {
    call(app, Some(token), "tools/list", json!({})).await.0 == 200
}
