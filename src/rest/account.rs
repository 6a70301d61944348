//! Leaving, and coming from elsewhere: export, import, and the end of an account.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{Accounts, RestParts, accounts::Peer, common::manages_tenant, upload::Uploads};
use crate::{
    auth::{Authenticator, CredentialKind, Scope},
    billing::Billing,
    error::{Code, Error, Result},
    http::extract::{Caller, Json, Query},
    ids::ProjectId,
    memory::{Erasure, LeftOut, Receipt},
    transfer::{ImportOptions, Imported, Transfer},
};

/// An archive may unpack to so many bytes, which are read as they unpack.
const UNPACKED: u64 = 1 << 30;
/// What is kept of a file until it is stored: some sixty thousand memories.
const KEPT: u64 = 32 << 20;

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
pub(super) async fn export_memories(State(transfer): State<Transfer>, Caller(by): Caller) -> Result<Response> {
    let lines = transfer.export(&by).await?;
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

/// What to take of an import.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct ImportParams {
    /// Of conversations, also what the assistant said.
    assistant: bool,
    /// Only tell what would become of each memory; nothing is stored.
    dry_run: bool,
    /// Put everything into this project, whatever the file says.
    #[param(value_type = Option<Uuid>)]
    project_id: Option<ProjectId>,
}

/// A memory that was not stored.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FailedLine {
    /// The number of its line; in an archive, of the memory. From 1.
    line: usize,
    /// Why.
    detail: String,
}

/// What became of an import, or would: each memory that was read is stored, known, held, forgotten or failed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportOut {
    /// Send it as `import_id` to `/api/v1/undo` to take all of it back; null where nothing was stored.
    import_id: Option<Uuid>,
    /// True when nothing was stored, and this tells what would be.
    dry_run: bool,
    /// Memories that were read.
    read: usize,
    /// New ones.
    stored: usize,
    /// Those that were there already.
    known: usize,
    /// Turns of conversations that the write gate holds back.
    held: usize,
    /// The same by reason.
    #[schema(value_type = std::collections::HashMap<String, usize>)]
    held_by: BTreeMap<String, usize>,
    /// Turns that the person has deleted before: they stay forgotten.
    forgotten: usize,
    /// Those that do not fit, the first hundred of them.
    failed: Vec<FailedLine>,
    /// How many others do not fit.
    failed_more: usize,
    /// What the file has beside and was not read as a memory, by reason: `assistant`, `system`, `hidden`, `no_text`,
    /// `other_branch`, `unknown_speaker`, `unreadable`, `attachments`, `deleted`, `documents`.
    #[schema(value_type = std::collections::HashMap<String, usize>)]
    left_out: LeftOut,
    /// What is odd about the file as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<String>,
    /// Some texts of each kind: `stored`, `held_…`.
    #[schema(value_type = std::collections::HashMap<String, Vec<String>>)]
    samples: BTreeMap<String, Vec<String>>,
}

impl ImportOut {
    fn of(imported: Imported, dry_run: bool) -> Self {
        let failed_more = imported.failed.more();
        let failed = imported.failed.into_iter().map(|(line, detail)| FailedLine { line, detail }).collect();
        Self {
            import_id: imported.id.map(|id| id.0),
            dry_run,
            read: imported.read,
            stored: imported.stored,
            known: imported.known,
            held: imported.held.values().sum(),
            held_by: imported.held,
            forgotten: imported.forgotten,
            failed,
            failed_more,
            left_out: imported.left_out,
            warning: imported.warning,
            samples: imported.samples,
        }
    }
}

/// Import memories
///
/// An export of this product; JSON lines, a JSON list, or an object with one, as OpenMemory, Jean Memory and mem0 write
/// them; the archives that OpenMemory, ChatGPT and Claude export, whole or only their `conversations.json`. Of conversations,
/// what the person said is taken, and passes the write gate: what says nothing is held back. What is there already stays as it
/// is, so an import can be repeated; `dry_run` tells first what would happen, and one undo takes all of it back. One import of an
/// account runs at a time; `limits.import_bytes` is the largest file. It is the body, or the first
/// file of a form.
#[utoipa::path(post, path = "/import", operation_id = "importMemories", tag = "account", params(ImportParams),
    request_body(content((String = "application/x-ndjson"), (String = "application/json"), (Vec<u8> = "application/zip"),
        (Vec<u8> = "multipart/form-data"))),
    responses((status = 200, description = "What became of each memory", body = ImportOut)))]
pub(super) async fn import_memories(
    State(transfer): State<Transfer>,
    State(uploads): State<Uploads>,
    Caller(by): Caller,
    Query(params): Query<ImportParams>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<ImportOut>> {
    by.require(Scope::MemoryWrite)?;
    let (file, _held) = uploads.receive(by.scope.tenant(), &headers, body).await?;
    let options = ImportOptions {
        dry_run: params.dry_run,
        project: params.project_id,
        assistant: params.assistant,
        unpacked_bytes: UNPACKED,
        kept_bytes: KEPT,
    };
    Ok(Json(ImportOut::of(transfer.import(&by, file, options).await?, params.dry_run)))
}

/// That the end is meant, and by whom. Without `Debug`: it may hold a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EraseIn {
    /// Must be true.
    confirm: bool,
    /// The account's password. May be left out within ten minutes of a sign-in, and where another provider signs people in.
    #[serde(default)]
    #[schema(format = Password)]
    password: Option<String>,
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
/// audit trail stays, which holds ids and counts. It takes the person: an access token with the account's password, or one of a
/// sign-in of the last ten minutes; API keys are refused.
#[utoipa::path(delete, path = "/account", operation_id = "eraseAccount", tag = "account", request_body = EraseIn,
    responses((status = 200, description = "The receipt", body = ReceiptOut)))]
pub(super) async fn erase_account(
    State(erasure): State<Erasure>,
    State(billing): State<Billing>,
    State(accounts): State<Accounts>,
    State(authenticator): State<Arc<Authenticator>>,
    Peer(ip): Peer,
    Caller(by): Caller,
    Json(body): Json<EraseIn>,
) -> Result<Json<ReceiptOut>> {
    if by.kind != CredentialKind::Jwt {
        let detail = "An account is erased by the person who is signed in, not with an API key or an endpoint. Nothing was erased.";
        return Err(Error::new(Code::InsufficientScope, detail));
    }
    manages_tenant(&by)?;
    if !body.confirm {
        return Err(Error::invalid("Erasing the account needs \"confirm\": true. Nothing was erased."));
    }
    match (&body.password, &accounts.service) {
        (Some(password), Some(service)) => service.prove(by.user, by.scope.tenant(), password, ip).await?,
        _ if authenticator.just_signed_in(&by) => {}
        _ => {
            let detail = "Erasing the account needs you: sign in again and repeat it within ten minutes, or send the account's password. \
                          Nothing was erased.";
            return Err(Error::new(Code::InsufficientScope, detail));
        }
    }
    billing.leave(&by.scope).await?;
    Ok(Json(erasure.erase(&by.scope).await?.into()))
}
