//! Requests to addresses that a stranger chose. Every one of them goes through [`Outbound`]: https on its own port, a name that leads
//! to the public internet alone, a connection to just the address that was looked at, no redirect, and bounds on size and time.

mod address;

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use reqwest::{Client, Response, Url, header, redirect::Policy};
use tokio::time::timeout;

use crate::{
    oauth::{DocumentFetch, FetchFailure, Fetched},
    webhooks::{Answered, Deliver},
};

/// Largest document, in bytes.
const BODY: usize = 5 * 1024;
/// Longest look-up of a name, and longest wait for a connection.
const REACH: Duration = Duration::from_secs(4);
/// Longest wait for a body.
const READ: Duration = Duration::from_secs(5);
/// Longest request in all.
const WHOLE: Duration = Duration::from_secs(12);
/// Longest wait for the receiver of what is told.
const DELIVERY: Duration = Duration::from_secs(15);

/// Names to addresses.
#[async_trait]
pub trait Resolve: Send + Sync {
    /// Every address of a name.
    async fn resolve(&self, host: &str) -> std::io::Result<Vec<IpAddr>>;
}

/// The system's resolver.
struct System;

#[async_trait]
impl Resolve for System {
    async fn resolve(&self, host: &str) -> std::io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 443)).await?.map(|address| address.ip()).collect())
    }
}

/// See the module.
pub struct Outbound {
    resolver: Arc<dyn Resolve>,
    admits: fn(IpAddr) -> bool,
    /// Where tests have a server: no TLS, at this port.
    plain: Option<u16>,
}

impl Default for Outbound {
    fn default() -> Self {
        Self { resolver: Arc::new(System), admits: address::is_global, plain: None }
    }
}

fn unreachable(why: impl std::fmt::Display) -> FetchFailure {
    FetchFailure::Unreachable(why.to_string())
}

fn refused(why: &str) -> FetchFailure {
    FetchFailure::Refused(why.to_owned())
}

impl Outbound {
    /// The addresses of a host, all of which are public.
    async fn addresses(&self, host: &str) -> Result<Vec<SocketAddr>, FetchFailure> {
        let found = timeout(REACH, self.resolver.resolve(host)).await.map_err(|_| unreachable("its host is not found in time"))?;
        let found = found.map_err(|_| unreachable("its host is not found"))?;
        if found.is_empty() {
            return Err(unreachable("its host has no address"));
        }
        // All of them: which one a connection takes would otherwise be up to the stranger.
        if !found.iter().all(|address| (self.admits)(*address)) {
            return Err(refused("its host is not on the public internet"));
        }
        Ok(found.into_iter().map(|address| SocketAddr::new(address, 0)).collect())
    }

    /// A client that reaches the address that was looked at and no other, and that address.
    async fn reach(&self, url: &str) -> Result<(Client, Url), FetchFailure> {
        let mut url = Url::parse(url).map_err(|_| refused("its address is no URL"))?;
        let host = url
            .host_str()
            .filter(|_| url.scheme() == "https" && url.port().is_none())
            .ok_or_else(|| refused("its address is not https"))?;
        let host = host.to_owned();
        let addresses = self.addresses(&host).await?;
        if let Some(port) = self.plain {
            url.set_scheme("http").map_err(|()| refused("its address is not https"))?;
            url.set_port(Some(port)).map_err(|()| refused("its address is not https"))?;
        }
        let client = Client::builder()
            .resolve_to_addrs(&host, &addresses)
            .redirect(Policy::none())
            // A proxy would look the name up anew.
            .no_proxy()
            .connect_timeout(REACH)
            .timeout(WHOLE)
            .build()
            .map_err(unreachable)?;
        Ok((client, url))
    }

    async fn get(&self, url: &str) -> Result<Response, FetchFailure> {
        let (client, url) = self.reach(url).await?;
        let request = client.get(url).header(header::ACCEPT, "application/json");
        request.send().await.map_err(|_| unreachable("its server does not answer"))
    }

    async fn post(&self, url: &str, headers: [(&'static str, String); 3], body: String) -> Result<Answered, FetchFailure> {
        let (client, url) = self.reach(url).await?;
        let request = client.post(url).header(header::CONTENT_TYPE, "application/json").body(body);
        let request = headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        // What it says beside its status is of no use.
        let response = request.send().await.map_err(|_| unreachable("its server does not answer"))?;
        let secs = response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        Ok(Answered { status: response.status().as_u16(), retry_after: secs.map(Duration::from_secs) })
    }
}

#[async_trait]
impl Deliver for Outbound {
    async fn deliver(&self, url: &str, headers: [(&'static str, String); 3], body: String) -> Result<Answered, String> {
        match timeout(DELIVERY, self.post(url, headers, body)).await {
            Ok(Ok(answered)) => Ok(answered),
            Ok(Err(FetchFailure::Refused(why) | FetchFailure::Unreachable(why))) => Err(why),
            Err(_) => Err("its server does not answer in time".to_owned()),
        }
    }
}

#[async_trait]
impl DocumentFetch for Outbound {
    async fn fetch(&self, url: &str) -> Result<Fetched, FetchFailure> {
        let mut response = timeout(WHOLE, self.get(url)).await.map_err(|_| unreachable("its server does not answer in time"))??;
        let status = response.status();
        if status.is_server_error() {
            return Err(unreachable(format!("its server answers {status}")));
        }
        if status != reqwest::StatusCode::OK {
            return Err(refused(&format!("its server answers {status}")));
        }
        let named = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
        let essence = named(header::CONTENT_TYPE).split(';').next().unwrap_or_default().trim().to_owned();
        if essence != "application/json" && !(essence.starts_with("application/") && essence.ends_with("+json")) {
            return Err(refused("it is no JSON"));
        }
        let fresh_for = max_age(&named(header::CACHE_CONTROL));
        let mut body = Vec::new();
        let read = async {
            while let Some(chunk) = response.chunk().await.map_err(|_| unreachable("its server breaks off"))? {
                if body.len() + chunk.len() > BODY {
                    return Err(refused("it is larger than 5 KiB"));
                }
                body.extend_from_slice(&chunk);
            }
            Ok(())
        };
        timeout(READ, read).await.map_err(|_| unreachable("its server does not answer in time"))??;
        Ok(Fetched { body, fresh_for })
    }
}

/// What `Cache-Control` says; nothing where it forbids to keep the document.
fn max_age(cache_control: &str) -> Duration {
    let directives = || cache_control.split(',').map(str::trim);
    if directives().any(|directive| matches!(directive, "no-store" | "no-cache")) {
        return Duration::ZERO;
    }
    directives().find_map(|directive| directive.strip_prefix("max-age=")?.parse().ok()).map(Duration::from_secs).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::{
        net::Ipv4Addr,
        sync::atomic::{AtomicUsize, Ordering},
    };

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    /// Answers its addresses one set after the other.
    struct Fake(Vec<Vec<IpAddr>>, AtomicUsize);

    #[async_trait]
    impl Resolve for Fake {
        async fn resolve(&self, _: &str) -> std::io::Result<Vec<IpAddr>> {
            let n = self.1.fetch_add(1, Ordering::SeqCst);
            Ok(self.0[n.min(self.0.len() - 1)].clone())
        }
    }

    fn leading_to(addresses: &[&str]) -> Outbound {
        let addresses = addresses.iter().map(|address| address.parse().expect("an address")).collect();
        Outbound { resolver: Arc::new(Fake(vec![addresses], AtomicUsize::new(0))), ..Outbound::default() }
    }

    /// What becomes of an answer of a server on this machine, which stands for one on the internet.
    async fn answered(answer: Vec<u8>, pause: Duration) -> (Result<Fetched, FetchFailure>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let server = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.expect("a client");
            let mut request = vec![0; 4096];
            let read = socket.read(&mut request).await.expect("a request");
            tokio::time::sleep(pause).await;
            // The client may leave early, which is what some of these tests want.
            let _ = socket.write_all(&answer).await;
            String::from_utf8_lossy(&request[..read]).into_owned()
        });
        let here: IpAddr = Ipv4Addr::LOCALHOST.into();
        let outbound = Outbound { resolver: Arc::new(Fake(vec![vec![here]], AtomicUsize::new(0))), admits: |_| true, plain: Some(port) };
        let fetched = outbound.fetch("https://client.example/c.json").await;
        (fetched, server.await.expect("no panic"))
    }

    fn ok(headers: &str, body: &str) -> Vec<u8> {
        format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
    }

    #[tokio::test]
    async fn a_document_is_fetched_from_the_address_that_was_looked_at() {
        let (fetched, request) = answered(ok("Cache-Control: max-age=600\r\n", "{}"), Duration::ZERO).await;
        let fetched = fetched.expect("fetched");
        assert_eq!((fetched.body.as_slice(), fetched.fresh_for), (b"{}".as_slice(), Duration::from_mins(10)));
        assert!(request.starts_with("GET /c.json HTTP/1.1\r\n") && request.contains("host: client.example"), "{request}");
    }

    #[tokio::test]
    async fn names_that_lead_inside_are_refused_before_a_connection() {
        for addresses in
            [&["127.0.0.1"][..], &["169.254.169.254"], &["10.0.0.1"], &["::1"], &["::ffff:127.0.0.1"], &["8.8.8.8", "127.0.0.1"]]
        {
            let failure = leading_to(addresses).fetch("https://client.example/c.json").await.expect_err("refused");
            assert_eq!(failure, refused("its host is not on the public internet"), "{addresses:?}");
        }
        for url in ["http://client.example/x", "https://client.example:8443/x", "file:///etc/passwd"] {
            let failure = leading_to(&["8.8.8.8"]).fetch(url).await.expect_err("refused");
            assert!(matches!(failure, FetchFailure::Refused(_)), "{url}: {failure:?}");
        }
    }

    #[tokio::test]
    async fn a_name_that_turns_inside_after_the_look_is_not_followed() {
        // The first look finds a public address, and the connection asks nobody again.
        let resolver =
            Arc::new(Fake(vec![vec!["203.0.113.9".parse().expect("an address")], vec![Ipv4Addr::LOCALHOST.into()]], AtomicUsize::new(0)));
        let outbound = Outbound { resolver: resolver.clone(), admits: |_| true, plain: None };
        let addresses = outbound.addresses("client.example").await.expect("looked up");
        assert_eq!(addresses[0].ip().to_string(), "203.0.113.9");
        assert_eq!(resolver.1.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn what_is_no_small_json_document_is_refused() {
        let redirect = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n".to_vec();
        let html = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\n{}".to_vec();
        let chunked = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1800\r\n{}\r\n0\r\n\r\n",
            "x".repeat(6144)
        );
        for (answer, what) in [
            (redirect, "a redirect"),
            (html, "a page"),
            (ok("", &"x".repeat(6 * 1024)), "too large"),
            (chunked.into_bytes(), "too large without saying so"),
            (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec(), "not there"),
        ] {
            let (fetched, _) = answered(answer, Duration::ZERO).await;
            assert!(matches!(fetched, Err(FetchFailure::Refused(_))), "{what}: {fetched:?}");
        }
        let (fetched, _) = answered(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n".to_vec(), Duration::ZERO).await;
        assert!(matches!(fetched, Err(FetchFailure::Unreachable(_))), "{fetched:?}");
    }

    #[tokio::test]
    async fn a_slow_body_ends_in_time() {
        let half = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{".to_vec();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (sent, seen) = tokio::sync::oneshot::channel::<()>();
        tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.expect("a client");
            let mut request = vec![0; 4096];
            let _ = socket.read(&mut request).await;
            let _ = socket.write_all(&half).await;
            // Held open until the client has left.
            let _ = socket.read(&mut request).await;
            let _ = sent.send(());
        });
        let here: IpAddr = Ipv4Addr::LOCALHOST.into();
        let outbound = Outbound { resolver: Arc::new(Fake(vec![vec![here]], AtomicUsize::new(0))), admits: |_| true, plain: Some(port) };
        let failure = outbound.fetch("https://client.example/c.json").await.expect_err("too slow");
        assert!(matches!(failure, FetchFailure::Unreachable(_)), "{failure:?}");
        seen.await.expect("the connection was closed");
    }

    #[test]
    fn what_may_not_be_kept_is_not() {
        assert_eq!(max_age("public, max-age=60"), Duration::from_mins(1));
        assert_eq!(max_age("no-store, max-age=60"), Duration::ZERO);
        assert_eq!(max_age(""), Duration::ZERO);
    }
}
