//! `/events`: what happens to the caller's memories, as a stream of server-sent events. Ids and names of apps, no text.
//!
//! The credential is looked at anew before each event leaves: signing out, revoking and expiring end the stream.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderName},
    response::Response,
};
use futures::{Stream, StreamExt, stream};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::RestParts;
use crate::{
    auth::Authenticator,
    error::{Code, Error, Result},
    http::{
        event_stream,
        extract::{Caller, Query, bearer_token},
    },
    live::{Batch, Event, LiveService, Watching},
    memory::State as MemoryState,
};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// How event streams end.
#[derive(Clone)]
pub struct EventStreams {
    /// Longest life of one.
    pub lifetime: Duration,
    /// Ends them all.
    pub shutdown: CancellationToken,
}

pub(super) fn routes() -> OpenApiRouter<RestParts> {
    super::route_table! { watch_events }
}

/// Where to begin.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Begin {
    /// Begin with so many of the latest changes, up to 100; none when absent.
    #[serde(default)]
    recent: i64,
    /// Go on after this change: the `id` of the last event that was seen. The header `Last-Event-ID` says the same.
    after: Option<i64>,
}

/// The data of one event.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type")]
#[schema(as = LiveEvent)]
pub(super) enum EventOut {
    /// The stream is open. Changes after `seq` will follow.
    #[serde(rename = "ready")]
    Ready {
        /// Place in the change sequence.
        seq: i64,
        /// The newest change there was; events up to it lie in the past.
        newest: i64,
    },
    /// A memory is new.
    #[serde(rename = "memory.added")]
    Added(ChangeOut),
    /// A memory has another text, label or state.
    #[serde(rename = "memory.changed")]
    Changed(ChangeOut),
    /// A memory is gone.
    #[serde(rename = "memory.deleted")]
    Deleted(ChangeOut),
    /// An app read memories. Reads are written down in batches: this comes some seconds after them.
    #[serde(rename = "memory.read")]
    Read {
        /// The app.
        app: String,
        /// `search`, `context`, `list`, `get` or `inspect`.
        access: &'static str,
        /// Which.
        memory_ids: Vec<Uuid>,
        /// RFC 3339.
        at: String,
    },
    /// An endpoint or API key was used.
    #[serde(rename = "credential.used")]
    Used {
        /// Which.
        credential_id: Uuid,
        /// The app that it speaks for.
        app: String,
        /// RFC 3339.
        at: String,
    },
}

/// A change of one memory.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChangeOut {
    memory_id: Uuid,
    version: i64,
    /// The state after it.
    state: &'static str,
    /// The app that did it.
    app: String,
    /// RFC 3339.
    at: String,
}

impl EventOut {
    const fn name(&self) -> &'static str {
        match self {
            Self::Ready { .. } => "ready",
            Self::Added(_) => "memory.added",
            Self::Changed(_) => "memory.changed",
            Self::Deleted(_) => "memory.deleted",
            Self::Read { .. } => "memory.read",
            Self::Used { .. } => "credential.used",
        }
    }

    /// As it is sent; with the place in the change sequence from which to go on after it.
    fn sent(&self, id: Option<&str>) -> Bytes {
        event_stream::event(self.name(), &serde_json::to_string(self).unwrap_or_default(), id)
    }
}

impl From<Event> for EventOut {
    fn from(event: Event) -> Self {
        match event {
            Event::Memory(change) => {
                let out = ChangeOut {
                    memory_id: change.memory.0,
                    version: change.version,
                    state: change.state.as_str(),
                    app: change.app,
                    at: change.at.rfc3339(),
                };
                match (change.state, change.version) {
                    (MemoryState::Deleted, _) => Self::Deleted(out),
                    (_, 1) => Self::Added(out),
                    _ => Self::Changed(out),
                }
            }
            Event::Read { app, access, memories, at } => {
                Self::Read { app, access: access.as_str(), memory_ids: memories.into_iter().map(|id| id.0).collect(), at: at.rfc3339() }
            }
            Event::Credential(used) => Self::Used { credential_id: used.credential.0, app: used.app, at: used.at.rfc3339() },
        }
    }
}

/// Watch what happens
///
/// Server-sent events for the caller's own memories: what clients add, change, delete and read, and which credentials are
/// used. Needs `Accept: text/event-stream`. The stream ends with its credential; open it again with the last `id`.
#[utoipa::path(get, path = "/events", operation_id = "watchEvents", tag = "stats", params(Begin),
    responses((status = 200, description = "Events, until one side ends it", body = EventOut, content_type = "text/event-stream")))]
async fn watch_events(
    State(live): State<LiveService>,
    State(authenticator): State<Arc<Authenticator>>,
    State(streams): State<EventStreams>,
    Caller(by): Caller,
    Query(begin): Query<Begin>,
    headers: HeaderMap,
) -> Result<Response> {
    if !event_stream::is_accepted(&headers) {
        return Err(Error::new(Code::NotAcceptable, "This address streams events: send 'Accept: text/event-stream'."));
    }
    let last = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok()).and_then(|id| id.parse().ok());
    let token = bearer_token(&headers)?.to_owned();
    let watching = live.watch(by, begin.after.or(last), begin.recent).await?;
    let ready = EventOut::Ready { seq: watching.seq(), newest: watching.newest() }.sent(None);
    let ends = tokio::time::sleep(streams.lifetime);
    let events = stream::once(std::future::ready(ready))
        .chain(batches(watching, authenticator, token).flat_map(|batch| stream::iter(batch_out(batch))))
        .take_until(ends)
        .take_until(streams.shutdown.cancelled_owned());
    Ok(event_stream::response(events))
}

/// Written down one by one, as they are taken.
fn batch_out(batch: Batch) -> impl Iterator<Item = Bytes> {
    let id = batch.seq.to_string();
    batch.events.into_iter().map(move |event| EventOut::from(event).sent(Some(&id)))
}

/// Looks until the credential no longer opens this tenant. While the database is away it waits: nothing is lost by that.
fn batches(watching: Watching, authenticator: Arc<Authenticator>, token: String) -> impl Stream<Item = Batch> {
    stream::unfold((watching, authenticator, token), async |(mut watching, authenticator, token)| {
        let found = watching.next().await;
        match authenticator.bearer_for_rest(&token).await {
            Ok(by) if by.scope == watching.by().scope => {}
            Err(error) if error.code() == Code::Unavailable => {}
            _ => return None,
        }
        let batch = found.unwrap_or_else(|error| {
            tracing::debug!(%error, "events could not be read; looking again later");
            Batch { events: Vec::new(), seq: watching.seq() }
        });
        Some((batch, (watching, authenticator, token)))
    })
}
