//! Fetches the identity provider's key set over HTTP.
//!
//! Owns the one request and its limits. It does not decide when to fetch or what to trust: `auth::JwksCache` does.

use std::time::Duration;

use anyhow::{Context, bail};
use async_trait::async_trait;
use jsonwebtoken::jwk::JwkSet;
use reqwest::{Client, redirect::Policy};

use crate::auth::{JwksFetch, SupabaseSettings};

const TIMEOUT: Duration = Duration::from_secs(5);
const MAX_BODY: usize = 256 * 1024;

/// The key set at one configured address: 5 seconds, no redirects, at most 256 KiB.
pub struct HttpJwks {
    client: Client,
    url: String,
}

impl HttpJwks {
    /// A source at `{url}/auth/v1/.well-known/jwks.json` of the Supabase project.
    ///
    /// # Errors
    /// When the HTTP client cannot be built.
    pub fn new(supabase: &SupabaseSettings) -> anyhow::Result<Self> {
        let client = Client::builder()
            .timeout(TIMEOUT)
            // The address is configured by the operator; another one would not be.
            .redirect(Policy::none())
            .build()
            .context("The HTTP client for the identity provider's keys cannot be built")?;
        Ok(Self { client, url: supabase.jwks_url() })
    }
}

#[async_trait]
impl JwksFetch for HttpJwks {
    async fn fetch(&self) -> Result<JwkSet, anyhow::Error> {
        let mut answer = self.client.get(&self.url).send().await?;
        if !answer.status().is_success() {
            bail!("{} answered {}", self.url, answer.status());
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > MAX_BODY {
                bail!("{} answered more than {MAX_BODY} bytes", self.url);
            }
            body.extend_from_slice(&chunk);
        }
        serde_json::from_slice(&body).with_context(|| format!("{} did not answer a JSON Web Key Set", self.url))
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    /// Answers one request with `response` and returns what the client made of it.
    async fn answered(response: String) -> anyhow::Result<JwkSet> {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let server = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.expect("a client");
            let mut request = vec![0; 4096];
            let read = socket.read(&mut request).await.expect("a request");
            // The client may leave early, which is what some of these tests want.
            let _ = socket.write_all(response.as_bytes()).await;
            String::from_utf8_lossy(&request[..read]).into_owned()
        });
        let set = HttpJwks::new(&SupabaseSettings { url, jwt_secret: None }).expect("a client").fetch().await;
        let request = server.await.expect("no panic");
        assert!(request.starts_with("GET /auth/v1/.well-known/jwks.json HTTP/1.1"), "{request}");
        set
    }

    fn http(status: &str, body: &str) -> String {
        format!("HTTP/1.1 {status}\r\nlocation: http://127.0.0.1:1/elsewhere\r\ncontent-length: {}\r\n\r\n{body}", body.len())
    }

    #[tokio::test]
    async fn reads_a_set_and_refuses_everything_else() {
        assert_eq!(answered(http("200 OK", r#"{"keys": []}"#)).await.expect("a set").keys.len(), 0);
        assert!(answered(http("302 Found", "")).await.is_err(), "no redirects");
        assert!(answered(http("500 Oops", r#"{"keys": []}"#)).await.is_err());
        assert!(answered(http("200 OK", "<html>")).await.is_err());
        let huge = format!(r#"{{"keys": [], "pad": "{}"}}"#, "x".repeat(MAX_BODY));
        assert!(answered(http("200 OK", &huge)).await.is_err());
    }
}
