//! `/operations`: writes that are acknowledged before they are done.

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{RestParts, added::AddedOut};
use crate::{
    error::Result,
    http::extract::{Caller, Json, Path},
    ids::OperationId,
    memory::{Inference, Operation, OperationState},
};

pub(super) fn routes() -> OpenApiRouter<RestParts> {
    super::route_table! {
        get_operation;
    }
}

/// A write that takes facts from text.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Operation)]
pub(super) struct OperationOut {
    id: Uuid,
    /// `queued`, `done` or `failed`.
    status: &'static str,
    /// What became of each fact; empty until it is done.
    results: Vec<AddedOut>,
    /// Why it ended otherwise than by the model's answer: `no_facts`, or because rules took the model's place:
    /// `token_budget`, `model_refused`, `model_faulty`, `no_model`, or why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Tokens that it took.
    tokens: i64,
    /// RFC 3339.
    created_at: String,
    /// RFC 3339; null until it has ended.
    finished_at: Option<String>,
}

impl From<Operation> for OperationOut {
    fn from(o: Operation) -> Self {
        Self {
            id: o.id.0,
            status: o.state.as_str(),
            results: o.results.into_iter().map(Into::into).collect(),
            reason: o.reason,
            tokens: o.tokens,
            created_at: o.created_at.rfc3339(),
            finished_at: o.finished_at.map(crate::clock::Timestamp::rfc3339),
        }
    }
}

/// 200 when it has ended, else 202 with the address to ask.
pub(super) fn answer(operation: Operation) -> Response {
    let waits = operation.state == OperationState::Queued;
    let address = format!("/api/v1/operations/{}", operation.id);
    let body = Json(OperationOut::from(operation));
    if waits { (StatusCode::ACCEPTED, [(header::LOCATION, address)], body).into_response() } else { body.into_response() }
}

/// Read an operation
#[utoipa::path(get, path = "/operations/{operation_id}", operation_id = "getOperation", tag = "memories",
    params(("operation_id" = Uuid, Path, description = "The operation")),
    responses((status = 200, description = "How far it is; kept for two days after its end", body = OperationOut)))]
pub(super) async fn get_operation(
    State(inference): State<Inference>,
    Caller(by): Caller,
    Path(id): Path<OperationId>,
) -> Result<Json<OperationOut>> {
    Ok(Json(inference.operation(&by, id).await?.into()))
}
