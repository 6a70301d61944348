//! How a personal endpoint is written down for a person: its URLs, a ready client configuration and the lines to paste.

use std::net::SocketAddr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::config::ServerConfig;

/// The public address that URLs begin with.
#[derive(Debug, Clone)]
pub struct PersonalUrls(String);

impl PersonalUrls {
    /// `public_url`, or the address and port that are listened on.
    #[must_use]
    pub fn of(server: &ServerConfig) -> Self {
        Self::at(server, server.port)
    }

    /// As [`Self::of`], with the port that the listener really has.
    #[must_use]
    pub fn at(server: &ServerConfig, port: u16) -> Self {
        Self(server.public_url.clone().unwrap_or_else(|| format!("http://{}", SocketAddr::new(server.reachable_host(), port))))
    }

    /// Those of a server that has said where it answers.
    #[must_use]
    pub fn known(url: &str) -> Self {
        Self(url.trim_end_matches('/').to_owned())
    }

    /// The address itself.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.0
    }

    /// URL of the legacy HTTP+SSE transport.
    #[must_use]
    pub fn sse(&self, client: &str, secret: &str) -> String {
        format!("{}/mcp/{}/sse/{secret}", self.0, segment(client))
    }

    /// URL of the Streamable HTTP transport.
    #[must_use]
    pub fn http(&self, client: &str, secret: &str) -> String {
        format!("{}/mcp/{}/http/{secret}", self.0, segment(client))
    }

    /// The `mcpServers` object that most clients take.
    #[must_use]
    pub fn client_config(&self, client: &str, secret: &str) -> Value {
        json!({ "mcpServers": { "memory": { "type": "http", "url": self.http(client, secret) } } })
    }

    /// What to do with the endpoint, in a few lines.
    #[must_use]
    pub fn invitation(&self, client: &str, secret: &str) -> String {
        let http = self.http(client, secret);
        format!(
            "Personal endpoint for '{client}' (shown once; whoever has the URL can use it):\n\n  \
             Streamable HTTP  {http}\n  \
             HTTP+SSE         {sse}\n\n\
             {how}",
            sse = self.sse(client, secret),
            how = self.steps(client, &http, secret),
        )
    }

    /// How this client is told of it: by its own command or file where those are known.
    fn steps(&self, client: &str, http: &str, secret: &str) -> String {
        let any = || format!("Most clients     {}", self.client_config(client, secret));
        match client.replace([' ', '_'], "-").as_str() {
            "claude" | "claude-code" => {
                format!("Claude Code      claude mcp add --transport http --scope user memory {http}\n{}", any())
            }
            "codex" => format!("Codex            codex mcp add memory --url {http}"),
            "gemini" | "gemini-cli" => format!("Gemini CLI       gemini mcp add --transport http --scope user memory {http}"),
            "vscode" | "vs-code" => {
                format!("VS Code          code --add-mcp '{}'", json!({ "name": "memory", "type": "http", "url": http }))
            }
            "cursor" => format!("Cursor           in ~/.cursor/mcp.json: {}", json!({ "mcpServers": { "memory": { "url": http } } })),
            _ => any(),
        }
    }
}

/// What is encoded in a path segment; client labels hold letters and digits of any script, spaces and `. _ -`.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'_').remove(b'-');

/// A client label as one path segment.
fn segment(client: &str) -> impl std::fmt::Display {
    utf8_percent_encode(client, SEGMENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_one_that_answers() {
        for (host, base) in [
            ("127.0.0.1", "http://127.0.0.1:9000"),
            ("0.0.0.0", "http://127.0.0.1:9000"),
            ("::1", "http://[::1]:9000"),
            ("::", "http://[::1]:9000"),
            ("192.168.1.5", "http://192.168.1.5:9000"),
            ("fd00::5", "http://[fd00::5]:9000"),
        ] {
            let server = ServerConfig { host: host.parse().expect("an address"), ..ServerConfig::default() };
            let urls = PersonalUrls::at(&server, 9000);
            assert_eq!(urls.base(), base);
            let public = ServerConfig { public_url: Some("https://m.example".into()), ..server };
            assert_eq!(PersonalUrls::at(&public, 9000).base(), "https://m.example");
        }
    }

    #[test]
    fn each_client_is_told_its_own_way() {
        let urls = PersonalUrls("https://m.example".into());
        for (client, way) in [
            ("claude", "claude mcp add"),
            ("cursor", "~/.cursor/mcp.json"),
            ("codex", "codex mcp add memory --url https://m.example/mcp/codex/http/jme_x"),
            ("gemini cli", "gemini mcp add"),
            ("vscode", "code --add-mcp"),
            ("my own", "mcpServers"),
        ] {
            let told = urls.invitation(client, "jme_x");
            assert!(told.contains(way) && (client == "claude" || !told.contains("claude mcp")), "{told}");
        }
    }

    #[test]
    fn urls_are_complete_and_safe() {
        let urls = PersonalUrls("https://m.example".into());
        assert_eq!(urls.http("my äpp", "jme_x"), "https://m.example/mcp/my%20%C3%A4pp/http/jme_x");
        assert_eq!(urls.sse("claude", "jme_x"), "https://m.example/mcp/claude/sse/jme_x");
        assert!(
            urls.invitation("claude", "jme_x")
                .contains("claude mcp add --transport http --scope user memory https://m.example/mcp/claude/http/jme_x")
        );
    }
}
