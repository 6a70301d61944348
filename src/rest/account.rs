//! Leaving, and coming from elsewhere: export, import, and the end of an account.

use std::collections::BTreeMap;

use axum::{
    body::{Body, Bytes},
    extract::{State, rejection::BytesRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{RestParts, common::manages_tenant};
use crate::{
    error::{Code, Error, Result},
    http::extract::{Caller, Json},
    memory::{Imported, MemoryService, Receipt},
};

pub(super) fn routes() -> OpenApiRouter<RestParts> {
    super::route_table! {
        export_memories;
        import_memories;
        erase_account;
    }
}

/// Export all memories
///
/// JSON lines: a header, the projects, every memory that is not deleted, and a last line that counts them. What
/// `/api/v1/import` reads.
#[utoipa::path(get, path = "/export", operation_id = "exportMemories", tag = "account",
    responses((status = 200, description = "JSON lines", body = String, content_type = "application/x-ndjson")))]
pub(super) async fn export_memories(State(memories): State<MemoryService>, Caller(by): Caller) -> Result<Response> {
    let lines = memories.export(&by).await?;
    let body = lines.map_err(std::io::Error::other).and_then(async |lines| {
        let mut text = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut text, &line)?;
            text.push(b'\n');
        }
        Ok(Bytes::from(text))
    });
    let headers =
        [(header::CONTENT_TYPE, "application/x-ndjson"), (header::CONTENT_DISPOSITION, "attachment; filename=\"memories.jsonl\"")];
    Ok((headers, Body::from_stream(body)).into_response())
}

/// A line that was not stored.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FailedLine {
    /// Its number, from 1.
    line: usize,
    /// Why.
    detail: String,
}

/// What became of an import.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportOut {
    /// Memories that were read.
    read: usize,
    /// New ones.
    stored: usize,
    /// Those that were there already.
    known: usize,
    /// Those that do not fit.
    failed: Vec<FailedLine>,
    /// What is odd about the file as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<String>,
}

impl From<Imported> for ImportOut {
    fn from(imported: Imported) -> Self {
        let failed = imported.failed.into_iter().map(|(line, detail)| FailedLine { line, detail }).collect();
        Self { read: imported.read, stored: imported.stored, known: imported.known, failed, warning: imported.warning }
    }
}

/// Import memories
///
/// An export of this product; or JSON lines, a JSON list, or an object with one, as OpenMemory, Jean Memory and mem0 write
/// them. What is there already stays as it is, so an import can be repeated. For files beyond the largest body:
/// `jmem import`.
#[utoipa::path(post, path = "/import", operation_id = "importMemories", tag = "account",
    request_body(content = String, content_type = "application/x-ndjson"),
    responses((status = 200, description = "What became of each line", body = ImportOut)))]
pub(super) async fn import_memories(
    State(memories): State<MemoryService>,
    Caller(by): Caller,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<ImportOut>> {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Error::new(Code::TooLarge, "The file is larger than one request may be. Send it in parts, or use 'jmem import'.")
        }
        _ => Error::new(Code::InvalidBody, "The file could not be read to its end. Send it again."),
    })?;
    let file = std::str::from_utf8(&body).map_err(|_| Error::new(Code::InvalidBody, "The file is not text in UTF-8."))?;
    Ok(Json(memories.import(&by, file).await?.into()))
}

/// That the end is meant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EraseIn {
    /// Must be true.
    confirm: bool,
}

/// What was erased.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Receipt)]
pub(super) struct ReceiptOut {
    tenant_id: Uuid,
    /// RFC 3339.
    erased_at: String,
    /// Rows by table.
    #[schema(value_type = std::collections::HashMap<String, u64>)]
    rows: BTreeMap<&'static str, u64>,
}

impl From<Receipt> for ReceiptOut {
    fn from(receipt: Receipt) -> Self {
        Self { tenant_id: receipt.tenant.0, erased_at: receipt.erased_at.rfc3339(), rows: receipt.rows }
    }
}

/// Erase the account
///
/// All memories with their history, every app, project, credential and session, and the user: at once and for good. Only the
/// audit trail stays, which holds ids and counts.
#[utoipa::path(delete, path = "/account", operation_id = "eraseAccount", tag = "account", request_body = EraseIn,
    responses((status = 200, description = "The receipt", body = ReceiptOut)))]
pub(super) async fn erase_account(
    State(memories): State<MemoryService>,
    Caller(by): Caller,
    Json(body): Json<EraseIn>,
) -> Result<Json<ReceiptOut>> {
    manages_tenant(&by)?;
    if !body.confirm {
        return Err(Error::invalid("Erasing the account needs \"confirm\": true. Nothing was erased."));
    }
    Ok(Json(memories.erase(&by.scope).await?.into()))
}
