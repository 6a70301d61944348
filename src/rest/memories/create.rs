//! `POST /memories/`.

use axum::{extract::State, http::header};

use crate::{
    auth::Scope,
    error::{Error, Result},
    http::extract::{Caller, IdempotencyKey, Json, Query, etag},
    memory::{AddOptions, Added, Inference, Inferred, Reader, Writer},
    rest::{
        added::{AddedOut, CreatedOut, CreatedRow, Remarks},
        common::{idempotency, typed},
        operations::{self, OperationOut},
        wire::{HowToAdd, MemoryIn, MemoryOut},
    },
};

use axum::response::{IntoResponse, Response};

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
