//! Which names the server answers to, and which web pages may call it.
//!
//! A page of a stranger can make a browser call any address, and by DNS rebinding under a name of its own; so all routes look
//! at `Host` ([`names`]), and those of MCP at `Origin` as well ([`guard`]), before anything else. Non-browser clients send no
//! `Origin` and pass. The lists come from the configuration only, never from forwarded headers.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue,
        header::{CACHE_CONTROL, HOST, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS},
        uri::Authority,
    },
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::health;
use crate::{
    config::{Mode, ServerConfig},
    error::{Code, Error, Result},
};

const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
const X_ROBOTS_TAG: HeaderName = HeaderName::from_static("x-robots-tag");

/// A host name, and the port if it matters.
#[derive(Debug, Clone, PartialEq, Eq)]
struct HostRule {
    /// Lower case, IPv6 without brackets.
    name: String,
    /// `None` accepts any port.
    port: Option<u16>,
}

/// Scheme, host and port of a page, the port always explicit where the scheme has a default.
#[derive(Debug, Clone, PartialEq, Eq)]
struct PageOrigin {
    scheme: String,
    host: HostRule,
}

/// The allow-lists, computed once.
#[derive(Debug, Clone, Default)]
pub struct AllowedHosts {
    hosts: Vec<HostRule>,
    origins: Vec<PageOrigin>,
    loopback: bool,
}

impl AllowedHosts {
    /// Hosts: that of `public_url`, `allowed_hosts`, the address that is listened on where it is a certain one (the
    /// printed URLs name it, and a number cannot be rebound), and loopback names with any port in embedded mode.
    /// Origins: that of `public_url`, `allowed_origins`, and pages served by the listed or loopback hosts.
    /// An entry of `allowed_hosts` without a port accepts any.
    #[must_use]
    pub fn from_config(server: &ServerConfig) -> Self {
        let public = server.public_url.as_deref().and_then(|url| page_origin(site(url)));
        let mut hosts: Vec<_> = server.allowed_hosts.iter().filter_map(|entry| host_rule(entry.trim())).collect();
        if let Some(public) = &public {
            hosts.push(public.host.clone());
        } else if !server.host.is_unspecified() && server.mode == Mode::Embedded {
            hosts.push(HostRule { name: server.host.to_string(), port: Some(server.port).filter(|port| *port != 0) });
        }
        let origins = server.allowed_origins.iter().filter_map(|entry| page_origin(site(entry.trim()))).chain(public).collect();
        Self { hosts, origins, loopback: server.mode == Mode::Embedded }
    }

    /// Refuses a request whose `Host`, `:authority` or `Origin` is not listed.
    ///
    /// # Errors
    /// `forbidden_origin`.
    pub fn check(&self, authority: Option<&Authority>, headers: &HeaderMap) -> Result<()> {
        if !all_named(authority, headers, |host| self.lists(host)) {
            return Err(refused("Host", "server.allowed_hosts"));
        }
        if headers.get_all(ORIGIN).iter().all(|origin| self.allows_page(origin)) {
            return Ok(());
        }
        Err(refused("Origin", "server.allowed_origins"))
    }

    /// Refuses a request to a name that is not listed. A page can have a name of its own lead to this machine, and call it as if
    /// it were where the page came from; it cannot have a number lead anywhere, so numbers pass: that is how Prometheus finds its
    /// targets, and people a machine in their network.
    ///
    /// # Errors
    /// `forbidden_origin`.
    pub fn answers_to(&self, authority: Option<&Authority>, headers: &HeaderMap) -> Result<()> {
        let known = |host: &HostRule| host.name.parse::<IpAddr>().is_ok() || self.lists(host);
        if all_named(authority, headers, known) { Ok(()) } else { Err(refused("Host", "server.allowed_hosts")) }
    }

    fn lists(&self, host: &HostRule) -> bool {
        let listed = |rule: &HostRule| {
            // A public address on a default port is named without it.
            let same_port = rule.port.is_none() || rule.port == host.port || (host.port.is_none() && matches!(rule.port, Some(80 | 443)));
            rule.name == host.name && same_port
        };
        (self.loopback && LOOPBACK.contains(&host.name.as_str())) || self.hosts.iter().any(listed)
    }

    /// Whether a page of this origin may call.
    #[must_use]
    pub fn allows_page(&self, origin: &HeaderValue) -> bool {
        origin.to_str().is_ok_and(|origin| self.origin_allowed(origin))
    }

    fn origin_allowed(&self, origin: &str) -> bool {
        let Some(origin) = page_origin(origin) else { return false };
        if self.origins.contains(&origin) {
            return true;
        }
        let name = origin.host.name.as_str();
        // Entries with a port or from `public_url` name their one origin; a bare host name stands for all of its pages.
        let bare = self.hosts.iter().any(|rule| rule.port.is_none() && rule.name == name);
        matches!(origin.scheme.as_str(), "http" | "https") && (bare || (self.loopback && LOOPBACK.contains(&name)))
    }
}

/// Middleware of the MCP routes: refuses foreign hosts and pages, and keeps every answer out of caches, referrers and
/// search engines, since the address of a personal endpoint is a secret.
pub async fn guard(State(allowed): State<Arc<AllowedHosts>>, request: Request, next: Next) -> Response {
    let mut response = match allowed.check(request.uri().authority(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_ROBOTS_TAG, HeaderValue::from_static("noindex"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Middleware of all routes: the server answers to its own names alone. Probes of health pass, whatever name they call: they
/// tell nothing, and who balances loads has names of its own.
pub async fn names(State(allowed): State<Arc<AllowedHosts>>, request: Request, next: Next) -> Response {
    let uri = request.uri();
    if !health::is_probe(uri.path())
        && let Err(error) = allowed.answers_to(uri.authority(), request.headers())
    {
        return error.into_response();
    }
    next.run(request).await
}

/// Whether the request names its host, and each name that it gives is one of `these`.
fn all_named(authority: Option<&Authority>, headers: &HeaderMap, these: impl Fn(&HostRule) -> bool) -> bool {
    let in_headers = headers.get_all(HOST).iter().map(|host| host.to_str().ok());
    let mut names = in_headers.chain(authority.map(|authority| Some(authority.as_str()))).peekable();
    names.peek().is_some() && names.all(|name| name.and_then(host_rule).is_some_and(|host| these(&host)))
}

fn refused(header: &str, key: &str) -> Error {
    let variable = format!("JM__{}", key.replace('.', "__").to_uppercase());
    Error::new(Code::ForbiddenOrigin, format!("This {header} is not allowed. The operator can list it in '{key}' ({variable})."))
}

/// `host` or `host:port`; `None` for anything else, user information included.
fn host_rule(text: &str) -> Option<HostRule> {
    if text.contains('@') {
        return None;
    }
    let authority: Authority = text.parse().ok()?;
    let name = authority.host().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    // A colon left over is a port that is no number.
    let port = authority.port_u16();
    let clean = !name.is_empty() && port.is_some() == authority.port().is_some() && !text.ends_with(':');
    clean.then_some(HostRule { name, port })
}

/// `scheme://host[:port]`, as browsers send it; `None` for `null` and anything else.
fn page_origin(text: &str) -> Option<PageOrigin> {
    let (scheme, rest) = text.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let mut host = host_rule(rest)?;
    host.port = host.port.or(match scheme.as_str() {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    });
    Some(PageOrigin { scheme, host })
}

/// A URL without its path.
fn site(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    url[start..].find('/').map_or(url, |end| &url[..start + end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(mode: Mode) -> AllowedHosts {
        AllowedHosts::from_config(&ServerConfig {
            mode,
            public_url: Some("https://Mem.example/base".into()),
            allowed_hosts: vec!["alias.example".into(), "pinned.example:8443".into()],
            allowed_origins: vec!["https://app.example".into(), "chrome-extension://abcdef".into()],
            ..ServerConfig::default()
        })
    }

    fn check(allowed: &AllowedHosts, host: &str, origin: &str) -> bool {
        let mut headers = HeaderMap::new();
        if !host.is_empty() {
            headers.insert(HOST, host.parse().expect("a header"));
        }
        if !origin.is_empty() {
            headers.insert(ORIGIN, origin.parse().expect("a header"));
        }
        allowed.check(None, &headers).is_ok()
    }

    #[test]
    fn only_listed_hosts_pass() {
        let public = allowed(Mode::Production);
        for host in ["mem.example", "MEM.example", "mem.example:443", "alias.example", "alias.example:9", "pinned.example:8443"] {
            assert!(check(&public, host, ""), "{host}");
        }
        let foreign = ["", "evil.example", "mem.example:8080", "mem.example.evil.example", "pinned.example", "pinned.example:1"];
        for host in foreign.into_iter().chain(["localhost", "127.0.0.1:8765", "[::1]", "a@mem.example", "mem.example.", "mem.example:"]) {
            assert!(!check(&public, host, ""), "{host}");
        }
    }

    #[test]
    fn loopback_passes_in_embedded_mode_on_any_port() {
        let local = allowed(Mode::Embedded);
        for host in ["localhost", "localhost:1", "127.0.0.1:8765", "[::1]:8765", "[::1]"] {
            assert!(check(&local, host, "http://localhost:6274"), "{host}");
        }
        assert!(!check(&local, "127.0.0.2", ""));
        assert!(!check(&local, "localhost.evil.example", ""));
    }

    #[test]
    fn only_listed_pages_pass() {
        let public = allowed(Mode::Production);
        let own = ["", "https://mem.example", "https://mem.example:443", "https://app.example", "chrome-extension://abcdef"];
        for origin in own.into_iter().chain(["http://alias.example:1234"]) {
            assert!(check(&public, "mem.example", origin), "{origin}");
        }
        let foreign =
            ["null", "https://evil.example", "http://mem.example", "https://mem.example:444", "http://app.example", "app.example"];
        for origin in
            foreign.into_iter().chain(["http://localhost", "https://x@mem.example", "chrome-extension://other", "https://mem.example/x"])
        {
            assert!(!check(&public, "mem.example", origin), "{origin}");
        }
        assert!(!check(&allowed(Mode::Embedded), "localhost", "null"));
    }

    #[test]
    fn numbers_and_listed_names_are_answered_to() {
        let answers = |mode, host: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, host.parse().expect("a header"));
            allowed(mode).answers_to(None, &headers).is_ok()
        };
        for mode in [Mode::Production, Mode::Embedded] {
            for host in ["mem.example", "alias.example:9", "10.1.2.3:8765", "[fd00::1]:8765", "127.0.0.1"] {
                assert!(answers(mode, host), "{host}");
            }
            for host in ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", "localhost.evil.example", "1.2.3", "", "a@10.1.2.3"]
            {
                assert!(!answers(mode, host), "{host}");
            }
        }
        assert!(answers(Mode::Embedded, "localhost:8765") && !answers(Mode::Production, "localhost:8765"));
        assert!(allowed(Mode::Embedded).answers_to(None, &HeaderMap::new()).is_err(), "no name at all");
    }

    #[test]
    fn every_repetition_and_the_authority_must_pass() {
        let local = allowed(Mode::Embedded);
        let mut headers = HeaderMap::new();
        headers.append(HOST, HeaderValue::from_static("localhost"));
        let evil = Authority::from_static("evil.example");
        assert!(local.check(Some(&evil), &headers).is_err());
        assert!(local.check(Some(&Authority::from_static("localhost:1")), &headers).is_ok());
        headers.append(HOST, HeaderValue::from_static("evil.example"));
        assert!(local.check(None, &headers).is_err());
        assert!(local.check(Some(&Authority::from_static("localhost")), &HeaderMap::new()).is_ok(), "HTTP/2 has no Host");
    }
}
