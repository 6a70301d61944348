//! The connections themselves: which are open, how long one may take for what, and who must go when no more fit.
//!
//! A connection costs a file descriptor and some 27 KB whether or not it ever says anything, so none is kept for nothing:
//! the head of a request has its time, silence between two requests has its time, and an answer that nobody takes has that
//! time as well, and no more than a certain amount of memory. When as many are open as allowed, the one that has waited longest for its next request makes room for the
//! new one. Where all of them are at work, a few more are let in and told so (503), and among those the health probes are
//! answered: a busy server is not a dead one.
//!
//! [`pulse`] tells what one connection is doing, [`wire`] is where it hears of that, and [`table`] knows them all. Everything
//! that ends a connection from outside goes through the table.

mod pulse;
mod table;
mod wire;

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{HeaderValue, Request, Response, Version, header},
    response::IntoResponse,
};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use tokio::{
    net::{TcpListener, TcpStream},
    time::{Instant, MissedTickBehavior, interval},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::{Service, ServiceExt};

use self::{
    pulse::{End, Patience},
    table::{Seat, Table},
    wire::{Answer, Wire},
};
use super::health;
use crate::{config::Config, error::Error};

/// How often connections whose time is over are looked for.
const LOOK: Duration = Duration::from_millis(250);
/// After a stop, how long what has been sent already may take to become a request.
const LAST_CALL: Duration = Duration::from_millis(250);
/// Pause after the system has refused a connection, for lack of descriptors or of memory.
const BREATH: Duration = Duration::from_millis(20);
/// How often such refusals are told of.
const TOLD_EVERY: Duration = Duration::from_secs(10);
/// The most that is gathered of one connection's head, or of its answers, in bytes; a longer head is answered 431.
const BUFFER: usize = 64 * 1024;
/// How often the other side of HTTP/2 is asked whether it is there, and how long it has for the answer.
const PING: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(20));
/// File descriptors that connections leave to everything else.
const OTHER_FILES: usize = 128;
/// Those of one connection to the database: SQLite has its file, its log and that log's index.
const FILES_OF_DATABASE: usize = 3;

/// How many connections there may be, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionLimits {
    /// In all.
    most: usize,
    /// From one address; `None` where all come from a proxy.
    per_address: Option<usize>,
    patience: Patience,
    /// Bytes of answers that may lie here while nobody takes them.
    unread: usize,
}

impl ConnectionLimits {
    /// As configured, and no more than the process has file descriptors for: their number is raised to what the system
    /// allows first.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let limits = &config.limits;
        let others = OTHER_FILES + FILES_OF_DATABASE * config.database.max_connections as usize;
        let room = descriptors().map_or(usize::MAX, |all| all.saturating_sub(others).max(all / 4));
        if room < limits.connections {
            tracing::warn!(
                connections = room,
                "the limit on open files (ulimit -n) leaves room for fewer connections than limits.connections; raise it to have all of them"
            );
        }
        Self {
            most: limits.connections.min(room),
            // Behind a proxy every connection is the proxy's.
            per_address: Some(limits.connections_per_address).filter(|_| config.server.trusted_proxies == 0),
            patience: Patience { head: Duration::from_secs(limits.head_secs), idle: Duration::from_secs(limits.idle_secs) },
            unread: limits.unread_bytes(),
        }
    }
}

/// How many files this process may have open, after asking for as many as it may ask for.
fn descriptors() -> Option<usize> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let now = getrlimit(Resource::Nofile);
        // Some systems name a maximum that they do not grant.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: now.maximum, maximum: now.maximum });
        getrlimit(Resource::Nofile).current.and_then(|files| usize::try_from(files).ok())
    }
    #[cfg(not(unix))]
    None
}

/// Answers what comes in at `listener` until `stop`, and returns when the requests that ran then have ended. Dropped before
/// that, it ends all connections.
pub async fn serve<S>(listener: TcpListener, service: S, limits: ConnectionLimits, stop: CancellationToken)
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    let open = Open { table: Table::new(limits.most, limits.per_address), service, stop, tasks: TaskTracker::new() };
    let _ends = EndsAll(open.table.clone());
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = None;
    loop {
        tokio::select! {
            () = open.stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok((tcp, peer)) => open.admit(tcp, peer),
                Err(error) => open.refused(&error, &mut told).await,
            },
            _ = look.tick() => {
                open.table.end_overdue(Instant::now(), &limits.patience);
                open.table.end_hoarding(limits.unread);
            }
        }
    }
    // Who calls now is told at once that nobody listens.
    drop(listener);
    open.tasks.close();
    tokio::select! {
        () = open.tasks.wait() => return,
        () = tokio::time::sleep(LAST_CALL) => {}
    }
    loop {
        // What has just been answered may not have left yet.
        open.table.end_waiting(Instant::now() - LAST_CALL);
        tokio::select! {
            () = open.tasks.wait() => return,
            _ = look.tick() => {}
        }
    }
}

/// What each new connection is given.
struct Open<S> {
    table: Arc<Table>,
    service: S,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl<S> Open<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    fn admit(&self, tcp: TcpStream, peer: SocketAddr) {
        let Some(seat) = self.table.admit(peer.ip()) else { return };
        if let Err(error) = tcp.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY was refused");
        }
        self.tasks.spawn(run(tcp, peer, seat, self.service.clone(), self.stop.clone()));
    }

    /// The system would not hand over a connection: one that waits gives up its descriptor, and the loop its turn.
    async fn refused(&self, error: &io::Error, told: &mut Option<Instant>) {
        use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
        // The caller left before anybody came.
        if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
            return;
        }
        self.table.make_room();
        if told.is_none_or(|at| at.elapsed() > TOLD_EVERY) {
            *told = Some(Instant::now());
            tracing::warn!(%error, "connections cannot be taken; those that wait for a request are closed to make room");
        }
        tokio::time::sleep(BREATH).await;
    }
}

/// Ends every connection when dropped.
struct EndsAll(Arc<Table>);

impl Drop for EndsAll {
    fn drop(&mut self) {
        self.0.end_all();
    }
}

/// One connection, until one side or the table ends it. After `stop` it takes no further request.
async fn run<S>(tcp: TcpStream, peer: SocketAddr, seat: Seat, service: S, stop: CancellationToken)
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    let (pulse, surplus) = (seat.pulse.clone(), seat.surplus);
    let answer = service_fn(move |mut request: Request<Incoming>| {
        let running = pulse.begin(request.version() == Version::HTTP_2);
        request.extensions_mut().insert(ConnectInfo(peer));
        let request = request.map(Body::new);
        let service = service.clone();
        async move {
            let response = if surplus { beyond(service, request).await } else { service.oneshot(request).await? };
            Ok::<_, Infallible>(response.map(|body| Answer::new(body, running)))
        }
    });
    let mut builder = Builder::new(TokioExecutor::new());
    // The table's times hold for all of a connection: before its protocol is known, too.
    builder.http1().header_read_timeout(None).max_buf_size(BUFFER);
    let (every, within) = PING;
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(every).keep_alive_timeout(within).max_send_buf_size(BUFFER);
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(Wire::new(tcp, seat.pulse.clone())), answer));
    let mut stopping = false;
    loop {
        tokio::select! {
            done = connection.as_mut() => {
                if let Err(error) = done {
                    tracing::debug!(%error, "a connection broke off");
                }
                return;
            }
            why = seat.pulse.ended() => return counted(why),
            () = stop.cancelled(), if !stopping => {
                stopping = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

/// The answer on a connection that is one too many: health, or that it is one too many.
async fn beyond<S>(service: S, request: Request<Body>) -> Response<Body>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    let names_connections = request.version() < Version::HTTP_2;
    let mut response = if health::is_probe(request.uri().path()) {
        service.oneshot(request).await.unwrap_or_else(|never| match never {})
    } else {
        let detail = "As many connections are open as the server takes, and all of them are at work. Close some, or try again soon.";
        Error::unavailable(detail, 1).into_response()
    };
    if names_connections {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

fn counted(why: End) {
    metrics::counter!("connections_ended_total", "reason" => why.as_str()).increment(1);
}
