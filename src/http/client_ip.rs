//! Who is at the other end of the wire. Behind `trusted` proxies, that is what the outermost of them wrote into
//! X-Forwarded-For; whatever a client put there itself stands further left and is not looked at.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{Extensions, HeaderMap},
    middleware::Next,
    response::Response,
};

/// The address that limits on failed sign-ins count by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

impl ClientIp {
    /// What [`layer`] found, else the peer of the connection; `None` where there is none (tests without a listener).
    #[must_use]
    pub fn of(extensions: &Extensions) -> Option<IpAddr> {
        extensions.get::<Self>().map(|ip| ip.0).or_else(|| extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip()))
    }
}

/// Middleware for `axum::middleware::from_fn_with_state(trusted_proxies, …)`. The service must be made with
/// `into_make_service_with_connect_info::<SocketAddr>`.
pub async fn layer(State(trusted): State<usize>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    if let Some(peer) = peer {
        let ip = client_ip(peer, request.headers(), trusted);
        request.extensions_mut().insert(ClientIp(ip));
    }
    next.run(request).await
}

fn client_ip(peer: IpAddr, headers: &HeaderMap, trusted: usize) -> IpAddr {
    let forwarded: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(',')).map(str::trim).collect();
    // Each trusted proxy appended the address that it saw: the n-th from the right is what the n-th proxy saw.
    let seen = trusted.checked_sub(1).and_then(|skip| forwarded.iter().rev().nth(skip));
    seen.and_then(|text| text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|a| a.ip()))).unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let peer: IpAddr = "10.0.0.1".parse().expect("an address");
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "6.6.6.6, 203.0.113.7".parse().expect("a header"));
        headers.append("x-forwarded-for", "10.0.0.9:443".parse().expect("a header"));
        let seen = |trusted| client_ip(peer, &headers, trusted).to_string();
        assert_eq!(seen(0), "10.0.0.1");
        assert_eq!(seen(1), "10.0.0.9");
        assert_eq!(seen(2), "203.0.113.7");
        assert_eq!(seen(9), "10.0.0.1");
    }
}
