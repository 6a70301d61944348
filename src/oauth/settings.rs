//! What does not change while the server runs.

use std::time::Duration;

/// Addresses and times of the authorization server.
#[derive(Debug, Clone)]
pub struct OAuthSettings {
    /// The issuer: how clients reach the server, without a path or trailing slash.
    pub base: String,
    /// How long an access token works.
    pub access: Duration,
    /// How long a grant works that nobody uses.
    pub idle: Duration,
    /// How long a grant works at most.
    pub absolute: Duration,
}

impl OAuthSettings {
    /// What access tokens are for: the address of the MCP endpoint.
    #[must_use]
    pub fn resource(&self) -> String {
        format!("{}/mcp", self.base)
    }

    /// Whether `asked` names the MCP endpoint. Scheme and host may be written in capitals, and a slash may follow: clients differ in
    /// how they write the same address.
    #[must_use]
    pub fn is_resource(&self, asked: &str) -> bool {
        let asked = asked.strip_suffix('/').unwrap_or(asked);
        let ours = self.resource();
        let path = ours.len() - "/mcp".len();
        asked.is_char_boundary(path)
            && asked.len() == ours.len()
            && asked[..path].eq_ignore_ascii_case(&ours[..path])
            && asked[path..] == ours[path..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_is_written_in_several_ways() {
        let settings =
            OAuthSettings { base: "https://mem.example".into(), access: Duration::ZERO, idle: Duration::ZERO, absolute: Duration::ZERO };
        for ours in ["https://mem.example/mcp", "HTTPS://Mem.Example/mcp", "https://mem.example/mcp/"] {
            assert!(settings.is_resource(ours), "{ours}");
        }
        for other in ["https://mem.example", "https://mem.example/MCP", "https://mem.example/mcp//", "https://evil.example/mcp", "", "é"] {
            assert!(!settings.is_resource(other), "{other}");
        }
    }
}
