//! One memory: create, read, change, delete.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, de::IgnoredAny};
use utoipa::ToSchema;

use super::{
    actions::{DeletedOut, HowToDelete},
    model::{AddedOut, CreatedOut, CreatedRow, HowToAdd, MemoryIn, MemoryOut, Remarks},
};
use crate::{
    auth::Scope,
    clock::Period,
    error::{Error, Result},
    http::extract::{Caller, IdempotencyKey, IfMatch, Json, Path, Query, etag},
    ids::MemoryId,
    memory::{AddOptions, Added, ContentChange, Erasure, Inference, Inferred, Memory, Metadata, Reader, Selection, Writer},
    rest::{
        common::{idempotency, typed},
        operations::{self, OperationOut},
    },
};

/// Store a memory
///
/// The text is stored verbatim, but for secrets, whose names take their place. What the next search finds already is not stored
/// again, and what says nothing for certain is held back: stored in the state `held`, hidden, erased after `limits.held_days`,
/// kept by `POST /api/v1/memories/{id}/keep`. The event is then `NONE` with a `reason` and a `message`. What is sent with `force`
/// or asks to be remembered is never held back.
///
/// With `infer` or `messages`, facts are taken from it where the server is set up for that. The answer is then an operation:
/// `{"results": [{"id", "memory", "event"}], …}` once it is done (`?wait=true`), and until then its address.
#[utoipa::path(post, path = "/memories/", operation_id = "createMemory", tag = "memories", request_body = MemoryIn,
    params(HowToAdd, ("Idempotency-Key" = Option<String>, Header, description = "Sending the same key and body again stores nothing and answers the same")),
    responses((status = 200, description = "The memory as stored; an operation where facts were taken", body = CreatedOut),
        (status = 202, description = "Facts are being taken; the address is in `Location`", body = OperationOut)))]
pub(super) async fn create_memory(
    State(inference): State<Inference>,
    State(writer): State<Writer>,
    State(reader): State<Reader>,
    caller: Caller,
    key: IdempotencyKey,
    Query(how): Query<HowToAdd>,
    Json(body): Json<serde_json::Value>,
) -> Result<Response> {
    let guard = idempotency("create_memory", key, &body);
    let mut new: MemoryIn = typed(body)?;
    let caller = match new.app() {
        Some(app) => caller.speaking_for(app),
        None => caller,
    };
    let by = &caller.0;
    let options = AddOptions { idempotency: guard, wait: how.wait, ..AddOptions::default() };
    let messages = new.take_messages()?;
    let mut added = if new.infer == Some(true) || !messages.is_empty() {
        match inference.infer(by, new.into_domain()?, messages, options).await? {
            Inferred::Operation(operation) if how.wait => return Ok(operations::answer(inference.awaited(by, *operation).await?)),
            Inferred::Operation(operation) => return Ok(operations::answer(*operation)),
            Inferred::Now(added) => added,
        }
    } else {
        writer.add(by, vec![new.into_domain()?], options).await?
    };
    if added.len() > 1 {
        return Ok(Json(ResultsOut { results: added.into_iter().map(Into::into).collect() }).into_response());
    }
    let added = added.pop().ok_or_else(|| Error::internal(anyhow::anyhow!("an add of one memory answered none")))?;

    // A repeated request may find its memory gone, and a credential may write without reading: both get what they sent.
    let stored = match added.id {
        Some(id) if by.scopes.allows(Scope::MemoryRead) => reader.written(by, id).await.ok(),
        _ => None,
    };
    let Remarks { reason, state, message, .. } = Remarks::of(&added);
    let Added { id, memory: text, event, .. } = added;
    let Some(memory) = stored else {
        let row = CreatedRow::Brief { id: id.map(|id| id.0), content: text.clone(), memory: text, state };
        return Ok(Json(CreatedOut { event, reason, message, row }).into_response());
    };
    let tag = etag(memory.version);
    let row = CreatedRow::Full(Box::new(MemoryOut::single(memory)));
    Ok(([(header::ETAG, tag)], Json(CreatedOut { event, reason, message, row })).into_response())
}

/// What became of the pieces of a text that rules split.
#[derive(Debug, serde::Serialize)]
struct ResultsOut {
    results: Vec<AddedOut>,
}

/// Read a memory
#[utoipa::path(get, path = "/memories/{memory_id}", operation_id = "getMemory", tag = "memories",
    params(("memory_id" = Uuid, Path, description = "The memory")),
    responses((status = 200, description = "The memory; its version is in the ETag", body = MemoryOut)))]
pub(super) async fn get_memory(State(reader): State<Reader>, Caller(by): Caller, Path(id): Path<MemoryId>) -> Result<Response> {
    Ok(answer(reader.get(&by, id).await?))
}

/// What to change; absent fields stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MemoryChange {
    /// The new text; also taken as `text`.
    #[serde(default, alias = "text")]
    memory_content: Option<String>,
    /// The new metadata, replacing the old object.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    metadata: Option<Metadata>,
    /// The new labels, replacing the old ones.
    #[serde(default)]
    tags: Option<Vec<String>>,
    /// The new kind.
    #[serde(default)]
    memory_type: Option<String>,
    /// The new confidence, 0 to 1.
    #[serde(default)]
    confidence: Option<f64>,
    /// Pins (or unpins): a pinned memory never expires and comes first in a context.
    #[serde(default)]
    pinned: Option<bool>,
    /// The new end (RFC 3339, a date, which is included, or seconds since 1970), or null for none.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    #[expect(clippy::option_option, reason = "null is not the same as nothing")]
    expires_at: Option<Option<Period>>,
    #[serde(default, rename = "user_id")]
    #[schema(ignore)]
    _user_id: Option<IgnoredAny>,
}

/// ContentChange a memory
///
/// A new text is found by the very next search. With `If-Match`, the change is made only to that version.
#[utoipa::path(put, path = "/memories/{memory_id}", operation_id = "updateMemory", tag = "memories", request_body = MemoryChange,
    params(("memory_id" = Uuid, Path, description = "The memory"), ("If-Match" = Option<String>, Header, description = "ETag of the version to change")),
    responses((status = 200, description = "The memory as it is now", body = MemoryOut)))]
pub(super) async fn update_memory(
    State(writer): State<Writer>,
    Caller(by): Caller,
    Path(id): Path<MemoryId>,
    IfMatch(version): IfMatch,
    Json(body): Json<MemoryChange>,
) -> Result<Response> {
    let change = ContentChange {
        text: body.memory_content,
        metadata: body.metadata,
        tags: body.tags,
        memory_type: body.memory_type.as_deref().map(str::parse).transpose()?,
        confidence: body.confidence,
        pinned: body.pinned,
        expires_at: body.expires_at.map(|end| end.map(Period::last)),
    };
    if change == ContentChange::default() {
        return Err(Error::invalid(
            "Nothing to change. Send memory_content, metadata, tags, memory_type, confidence, pinned or expires_at.",
        ));
    }
    Ok(answer(writer.update(&by, id, version, change).await?))
}

/// Delete a memory
///
/// It can be restored for a while (`limits.deleted_kept_days`), then it is erased.
#[utoipa::path(delete, path = "/memories/{memory_id}", operation_id = "deleteMemory", tag = "memories",
    params(("memory_id" = Uuid, Path, description = "The memory"), HowToDelete),
    responses((status = 200, description = "It is gone", body = DeletedOut)))]
pub(super) async fn delete_memory(
    State(erasure): State<Erasure>,
    State(writer): State<Writer>,
    Caller(by): Caller,
    Path(id): Path<MemoryId>,
    Query(how): Query<HowToDelete>,
) -> Result<Json<DeletedOut>> {
    let selection = Selection { ids: vec![id], ..Selection::default() };
    let deleted = if how.permanent { erasure.erase_memories(&by, selection).await? } else { writer.delete(&by, selection).await? };
    if deleted.is_empty() {
        return Err(Error::not_found("memory"));
    }
    Ok(Json(DeletedOut::of(&deleted)))
}

pub(super) fn answer(memory: Memory) -> Response {
    ([(header::ETAG, etag(memory.version))], Json(MemoryOut::single(memory))).into_response()
}

/// Tells a field that was sent as null from one that was not sent.
#[expect(clippy::option_option, reason = "as said")]
fn present<'de, D: serde::Deserializer<'de>>(field: D) -> Result<Option<Option<Period>>, D::Error> {
    Option::deserialize(field).map(Some)
}
