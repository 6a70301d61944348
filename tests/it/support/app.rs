//! The real router on a free port over a real database, in this process.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use jonathans_memory::{
    app::{App, Outside},
    auth::{CredentialKind, Maker, NewCredential, Principal, Scopes},
    config::Config,
    memory::Embedder,
    server,
    tenancy::Member,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// A served [`App`]; it stops when dropped.
pub struct TestApp {
    /// The services behind the routes.
    pub app: App,
    /// `http://127.0.0.1:<port>`
    pub base: String,
    /// A client without any credential.
    pub http: reqwest::Client,
    stop: CancellationToken,
    _dir: tempfile::TempDir,
}

/// A person with everything that opens their memories.
pub struct Person {
    /// User, tenant and default project.
    pub member: Member,
    /// Access token of the built-in account.
    pub jwt: String,
    /// API key with every scope.
    pub api_key: String,
    /// Secret of an endpoint of the client `test`, with every scope that an endpoint can have.
    pub endpoint: String,
    /// What the endpoint's requests act as.
    pub principal: Principal,
}

impl TestApp {
    /// Does what is due from time to time, whatever its schedule says.
    pub async fn tasks(&self, stop: &CancellationToken) {
        for task in self.app.tasks() {
            task.run(stop).await.expect("done");
        }
    }

    /// With the hash embedder and defaults otherwise.
    pub async fn start() -> Self {
        Self::start_with(&[], Outside::default()).await
    }

    /// With an embedder of the test's own.
    pub async fn start_embedding_by(embedder: Arc<dyn Embedder>) -> Self {
        Self::start_with(&[], Outside { embedder: Some(embedder), ..Outside::default() }).await
    }

    /// With these environment variables.
    pub async fn start_with(env: &[(&str, &str)], outside: Outside) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        // Most tests need texts and no facts; those of the gate switch it on.
        let base = [
            ("JM_DATA_DIR", dir.path().to_str().expect("utf-8")),
            ("EMBEDDER_PROVIDER", "hash"),
            ("JM__GATE__JUNK", "false"),
            ("JM__LIMITS__REGISTRATIONS_PER_HOUR", "1000000"),
        ];
        let env = base.iter().chain(env).map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        let config = Config::load(None, env).expect("valid settings");
        let app = App::build_with(config, outside).await.expect("the app is built");
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let stop = CancellationToken::new();
        let service = server::service(&app, address.port(), None, &stop);
        tokio::spawn(server::run(app.clone(), listener, service, stop.clone()));
        let http = reqwest::Client::new();
        Self { app, base: format!("http://{address}"), http, stop, _dir: dir }
    }

    /// A new person.
    pub async fn person(&self, name: &str) -> Person {
        let email = format!("{name}@example.com");
        let signed_in = self.app.accounts.register(&email, "correct horse battery", Ipv4Addr::LOCALHOST.into()).await.expect("registered");
        let (member, jwt) = (signed_in.member, signed_in.tokens.access_token);
        let maker = Maker::operator(&member);
        let new = |kind, client: Option<&str>, scopes| NewCredential {
            kind,
            name: "test".into(),
            client: client.map(str::to_owned),
            scopes: Some(scopes),
            project: None,
            expires_at: None,
        };
        let of_endpoints = Scopes::parse(&["memory:read", "memory:write", "memory:delete", "memory:delete_all"]).expect("scopes");
        let key = self.app.credentials.create(&maker, new(CredentialKind::ApiKey, None, Scopes::all())).await.expect("a key");
        let endpoint =
            self.app.credentials.create(&maker, new(CredentialKind::Endpoint, Some("test"), of_endpoints)).await.expect("an endpoint");
        let principal = self.app.authenticator.path_secret("test", endpoint.secret.expose()).await.expect("it opens");
        Person { member, jwt, api_key: key.secret.expose().to_owned(), endpoint: endpoint.secret.expose().to_owned(), principal }
    }

    /// One REST call; answers status and JSON (`null` for an empty body).
    pub async fn rest(&self, token: &str, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let method = method.parse().expect("a method");
        let mut request = self.http.request(method, format!("{}{path}", self.base)).bearer_auth(token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("an answer");
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or(Value::Null))
    }

    /// What readiness says.
    pub async fn ready(&self) -> Value {
        let answer = self.http.get(format!("{}/health/ready", self.base)).send().await.expect("an answer");
        answer.json().await.expect("JSON")
    }

    /// One tool call at a person's endpoint; answers the tool's result.
    pub async fn tool(&self, person: &Person, tool: &str, arguments: Value) -> Value {
        let url = format!("{}/mcp/test/http/{}", self.base, person.endpoint);
        super::process::call_tool(&self.http, &url, tool, arguments).await.expect("an answer")
    }

    /// Adds one text through the endpoint and answers its id.
    pub async fn add(&self, person: &Person, text: &str) -> String {
        let added = self.tool(person, "add_memories", json!({ "text": text })).await;
        added["structuredContent"]["results"][0]["id"].as_str().unwrap_or_else(|| panic!("no id in {added}")).to_owned()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
