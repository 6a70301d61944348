//! Where a person may be sent back to.
//!
//! A redirect URI is compared as text, with one exception (RFC 8252): programs on the person's own computer listen on whatever port
//! is free, and say `localhost` once and `127.0.0.1` the next time.

use url::{Host, Url};

/// Longest redirect URI, in bytes.
const MOST: usize = 2000;
/// Schemes of programs that take a person back by one of their own. The specification of MCP wants https or localhost.
const PRIVATE: [&str; 4] = ["cursor", "vscode", "vscode-insiders", "windsurf"];

/// A redirect URI that breaks no rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectUri {
    text: String,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// `https` at this host.
    Web(String),
    /// A program on the person's own computer, with what follows host and port.
    Loopback(String),
    /// One of [`PRIVATE`].
    Private,
}

impl RedirectUri {
    /// Checks the rules: `https` anywhere, `http` on this computer, or one of a few known schemes; no fragment and no user.
    ///
    /// # Errors
    /// What is wrong, as the rest of a sentence.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.len() > MOST {
            return Err("is too long");
        }
        // A parser drops or turns round what a browser may read otherwise.
        if text.bytes().any(|b| !b.is_ascii_graphic() || b == b'\\') {
            return Err("may hold only visible ASCII characters and no backslash");
        }
        let url = Url::parse(text).map_err(|_| "is no absolute URL")?;
        if text.contains('#') {
            return Err("must have no fragment");
        }
        let authority = text.split_once("://").map_or("", |(_, rest)| rest.split(['/', '?']).next().unwrap_or_default());
        if authority.contains('@') {
            return Err("must name no user");
        }
        let kind = match (url.scheme(), url.host()) {
            ("https", Some(host)) => Kind::Web(host.to_string()),
            ("http", Some(host)) if is_loopback(&host) => Kind::Loopback(behind_authority(text, authority)),
            ("http", _) => return Err("must be https, or http on localhost"),
            (scheme, _) if PRIVATE.contains(&scheme) => Kind::Private,
            _ => return Err("must be https, or http on localhost"),
        };
        Ok(Self { text: text.to_owned(), kind })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// The host of a website; `None` for a program on the person's computer.
    pub(super) fn host(&self) -> Option<&str> {
        match &self.kind {
            Kind::Web(host) => Some(host),
            Kind::Loopback(_) | Kind::Private => None,
        }
    }

    /// Whether a person may be sent to `asked` where this one was registered.
    pub(super) fn admits(&self, asked: &Self) -> bool {
        match (&self.kind, &asked.kind) {
            (Kind::Loopback(registered), Kind::Loopback(asked)) => registered == asked,
            _ => self.text == asked.text,
        }
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        // 127.0.0.1 alone: other addresses of that network may belong to somebody else on a shared machine.
        Host::Ipv4(address) => address.octets() == [127, 0, 0, 1],
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// Path and query, where a missing path is `/`.
fn behind_authority(text: &str, authority: &str) -> String {
    let rest = &text["http://".len() + authority.len()..];
    if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(registered: &str, asked: &str) -> bool {
        RedirectUri::parse(asked).is_ok_and(|asked| RedirectUri::parse(registered).expect(registered).admits(&asked))
    }

    #[test]
    fn hostile_addresses_are_refused() {
        for uri in [
            "",
            "/callback",
            "//evil.example/x",
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "ftp://evil.example/",
            "http://evil.example/cb",
            "http://localhost.evil.example/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://127.0.0.2/cb",
            "http://0.0.0.0/cb",
            "http://169.254.169.254/cb",
            "https://user@evil.example/cb",
            "https://claude.ai@evil.example/cb",
            "https://evil.example/cb#fragment",
            "https://evil.example/c\nb",
            "https://claude.ai\\@evil.example/cb",
            "https://evil.example/ü",
            "myapp://callback",
            "https:",
            "https://",
            "http:localhost/x y",
        ] {
            assert!(RedirectUri::parse(uri).is_err(), "{uri}");
        }
    }

    #[test]
    fn known_clients_come_back() {
        for uri in [
            "https://claude.ai/api/mcp/auth_callback",
            "https://chatgpt.com/connector/oauth/abc",
            "http://localhost/callback",
            "http://127.0.0.1:33418/",
            "http://127.0.0.1:33418",
            "http://[::1]:8080/callback",
            "cursor://anysphere.cursor-mcp/oauth/callback",
            "vscode://x/y",
            "https://www.cursor.com/agents/mcp/oauth/callback",
        ] {
            assert!(RedirectUri::parse(uri).is_ok(), "{uri}");
        }
    }

    #[test]
    fn a_program_on_this_computer_may_take_any_port_and_name() {
        let registered = "http://localhost/callback";
        for asked in ["http://localhost:9/callback", "http://127.0.0.1:1/callback", "http://[::1]/callback", registered] {
            assert!(admits(registered, asked), "{asked}");
        }
        for asked in ["http://localhost/other", "http://localhost/callback?x=1", "http://localhost/callback/", "https://localhost/callback"]
        {
            assert!(!admits(registered, asked), "{asked}");
        }
        assert!(admits("http://127.0.0.1:33418/", "http://127.0.0.1:4000"));
        assert!(
            admits("http://127.0.0.1:9/callback/x1", "http://localhost:9/callback/x1"),
            "Codex registers one name and asks with the other"
        );
    }

    #[test]
    fn websites_are_compared_to_the_letter() {
        let registered = "https://claude.ai/api/mcp/auth_callback";
        assert!(admits(registered, registered));
        for asked in [
            "https://claude.ai/api/mcp/auth_callback/",
            "https://claude.ai:443/api/mcp/auth_callback",
            "https://claude.com/api/mcp/auth_callback",
            "https://CLAUDE.ai/api/mcp/auth_callback",
            "https://claude.ai/api/mcp/../mcp/auth_callback",
        ] {
            assert!(!admits(registered, asked), "{asked}");
        }
    }
}
