//! `PUT /memories/{memory_id}`.

use axum::{extract::State, response::Response};
use serde::{Deserialize, de::IgnoredAny};
use utoipa::ToSchema;

use crate::{
    clock::Period,
    error::{Error, Result},
    http::extract::{Caller, IfMatch, Json, Path},
    ids::MemoryId,
    memory::{ContentChange, Metadata, Writer},
    rest::wire::{MemoryOut, answer},
};

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

/// Change a memory
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

/// Tells a field that was sent as null from one that was not sent.
#[expect(clippy::option_option, reason = "as said")]
fn present<'de, D: serde::Deserializer<'de>>(field: D) -> Result<Option<Option<Period>>, D::Error> {
    Option::deserialize(field).map(Some)
}
