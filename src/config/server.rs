//! Listener, public address and data directory.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    path::PathBuf,
};

use anyhow::{Result, ensure};
use axum::http::Uri;
use serde::{Deserialize, Serialize};

/// How strict the start is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// For one machine: everything has a default.
    #[default]
    Embedded,
    /// For the public: nothing that a stranger could misuse has a default.
    Production,
}

/// `[server]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// `embedded` or `production`.
    pub mode: Mode,
    /// Address to listen on.
    pub host: IpAddr,
    /// TCP port; 0 takes a free one.
    pub port: u16,
    /// Where SQLite and the server key lie.
    pub data_dir: PathBuf,
    /// How clients reach the server: a host without a path; used in printed URLs.
    pub public_url: Option<String>,
    /// Host headers accepted besides loopback names and the host of `public_url`.
    pub allowed_hosts: Vec<String>,
    /// Origins accepted on MCP and REST besides that of `public_url`.
    pub allowed_origins: Vec<String>,
    /// Whom people ask for help: an e-mail address or a URL, shown on the web page.
    pub contact: Option<String>,
    /// How many proxies in front append to X-Forwarded-For; 0 trusts none of it.
    pub trusted_proxies: usize,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            mode: Mode::Embedded,
            host: IpAddr::from([127, 0, 0, 1]),
            port: 8765,
            data_dir: "./data".into(),
            public_url: None,
            allowed_hosts: Vec::new(),
            allowed_origins: Vec::new(),
            contact: None,
            trusted_proxies: 0,
        }
    }
}

impl ServerConfig {
    /// An address at which this machine reaches the server: that of `host`, or of this machine where it listens on all.
    #[must_use]
    pub fn reachable_host(&self) -> IpAddr {
        match self.host {
            IpAddr::V4(host) if host.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(host) if host.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            host => host,
        }
    }

    pub(super) fn validate(&self) -> Result<()> {
        if let Some(url) = &self.public_url {
            let scheme = url.split("://").next().unwrap_or_default().to_ascii_lowercase();
            ensure!(
                url.contains("://") && matches!(scheme.as_str(), "http" | "https") && !url.ends_with('/'),
                "server.public_url must begin with http:// or https:// and have no trailing slash, not '{url}'"
            );
            let site = url.parse::<Uri>().ok().filter(|uri| uri.authority().is_some_and(|host| !host.as_str().contains('@')));
            // The page and its files, the API and the addresses that clients are told all begin at the root.
            ensure!(
                site.is_some_and(|uri| uri.path() == "/" && uri.query().is_none()) && !url.contains('#'),
                "server.public_url must name a host and no path, such as https://memory.example, not '{url}'; behind a proxy, give the \
                 server a host name or a port of its own"
            );
        }
        Ok(())
    }

    /// Refuses a public address at which passwords and secrets would be read by whoever sits on the line.
    pub(super) fn refuse_open_wires(&self) -> Result<()> {
        let Some(site) = self.public_url.as_deref().and_then(|url| url.parse::<Uri>().ok()) else { return Ok(()) };
        let host = site.host().unwrap_or_default();
        let here = host.eq_ignore_ascii_case("localhost")
            || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        ensure!(
            here || site.scheme_str().is_some_and(|scheme| scheme.eq_ignore_ascii_case("https")),
            "server.public_url (JM_PUBLIC_URL) must begin with https:// in production mode: passwords and the secrets of endpoints travel \
             over it. A proxy in front may end TLS"
        );
        Ok(())
    }
}
