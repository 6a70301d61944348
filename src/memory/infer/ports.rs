//! What taking facts from text needs from the outside.

use async_trait::async_trait;

use super::{Answer, Fact, InferInput, Message, Operation, Resolution, Spent, Step};
use crate::{
    clock::Timestamp,
    error::Result,
    ids::{OperationId, ProjectId},
    memory::{
        embedding::ModelError,
        model::{Actor, Idempotency},
    },
    tenancy::TenantScope,
};

/// Takes facts from text: a model.
#[async_trait]
pub trait Extractor: Send + Sync {
    /// The name of the model.
    fn model(&self) -> &str;
    /// Whether the model did its work the last time that it was asked.
    fn answers(&self) -> bool;
    /// The facts of a conversation that was held on `today`.
    async fn facts(&self, scope: &TenantScope, messages: &[Message], today: Timestamp) -> Result<Answer<Vec<Fact>>, ModelError>;
    /// What each fact changes about the memories that are shown with them, in the order of the facts.
    async fn resolve(&self, scope: &TenantScope, facts: &[Fact], known: &[String]) -> Result<Answer<Vec<Resolution>>, ModelError>;
}

/// Writes that are acknowledged before they are done.
#[async_trait]
pub trait OperationStore: Send + Sync {
    /// Keeps an operation with its job. A repeated key answers the operation that it made first; `None` when that was
    /// asked for something else.
    async fn create(
        &self,
        scope: &TenantScope,
        actor: &Actor,
        project: ProjectId,
        input: &InferInput,
        idempotency: Option<&Idempotency>,
    ) -> Result<Option<Operation>>;
    /// One operation.
    async fn get(&self, scope: &TenantScope, id: OperationId) -> Result<Option<Operation>>;
    /// Tokens of the tenant's operations that ended since.
    async fn tokens_since(&self, scope: &TenantScope, since: Timestamp) -> Result<u64>;
    /// Makes all changes and ends the operation, in one transaction; changes nothing when it has ended already.
    async fn end(&self, scope: &TenantScope, operation: &Operation, steps: Vec<Step>, spent: &Spent, reason: Option<&str>) -> Result<()>;
    /// Drops operations that ended longer ago than they can be asked for: their results repeat texts.
    async fn forget(&self, scope: &TenantScope) -> Result<()>;
    /// Ends an operation that cannot be done.
    async fn fail(&self, scope: &TenantScope, id: OperationId, reason: &str) -> Result<()>;
}
