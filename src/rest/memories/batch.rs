//! Many memories in one call, one answer for each.

use axum::extract::State;
use serde_json::Value;
use std::collections::HashMap;
use utoipa::ToSchema;

use serde::{Deserialize, Serialize, de::IgnoredAny};

use crate::rest::{
    added::AddedOut,
    wire::{HowToAdd, MemoryIn},
};
use crate::{
    auth::{Principal, Scope},
    config::LimitsConfig,
    error::{Error, Result},
    http::{
        extract::{Caller, IdempotencyKey, Json, Query},
        secret_path,
    },
    ids::ProjectId,
    memory::{AddOptions, Idempotency, NewMemory, Writer},
    rest::common::{idempotency, or_default, sha256_hex, typed},
    tenancy::TenancyService,
};

/// Memories to store.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BatchIn {
    /// Up to 1,000, each as for storing one.
    #[schema(value_type = Vec<MemoryIn>)]
    memories: Vec<Value>,
    /// Taken for compatibility: texts are stored verbatim.
    #[serde(default, rename = "infer")]
    #[schema(value_type = Option<bool>)]
    _infer: Option<bool>,
    /// The app to store those for that name none; the credential's when absent. Also taken as `app_name`.
    #[serde(default, alias = "app_name")]
    app: Option<String>,
    /// A person's own word: the write gate holds none of them back.
    #[serde(default, deserialize_with = "or_default")]
    force: bool,
    #[serde(default, rename = "user_id")]
    #[schema(ignore)]
    _user_id: Option<IgnoredAny>,
}

/// The answer to a batch, in the order of what was sent.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BatchOut {
    results: Vec<ItemOut>,
}

/// What became of one memory.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum ItemOut {
    /// Stored, or there already.
    Added(AddedOut),
    /// Not stored; the others are.
    Failed {
        /// Why.
        error: ItemError,
    },
}

/// Why a memory was not stored.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ItemError {
    /// As in a problem.
    code: &'static str,
    /// What is wrong with it.
    detail: String,
}

impl From<&Error> for ItemOut {
    fn from(error: &Error) -> Self {
        let detail = secret_path::without_secrets(error.detail()).into_owned();
        Self::Failed { error: ItemError { code: error.code().as_str(), detail } }
    }
}

/// Store many memories
///
/// Each gets an answer of its own, in order; one that does not fit keeps no other from being stored.
#[utoipa::path(post, path = "/memories/batch", operation_id = "addMemories", tag = "memories", request_body = BatchIn,
    params(HowToAdd, ("Idempotency-Key" = Option<String>, Header, description = "Sending the same key and body again stores nothing and answers the same")),
    responses((status = 200, description = "One answer per memory", body = BatchOut)))]
pub(super) async fn add_memories(
    State(writer): State<Writer>,
    State(tenancy): State<TenancyService>,
    State(limits): State<LimitsConfig>,
    caller: Caller,
    key: IdempotencyKey,
    Query(how): Query<HowToAdd>,
    Json(body): Json<Value>,
) -> Result<Json<BatchOut>> {
    caller.0.require(Scope::MemoryWrite)?;
    let guard = idempotency("add_memories", key, &body);
    let body: BatchIn = typed(body)?;
    if body.memories.is_empty() || body.memories.len() > limits.batch {
        return Err(Error::invalid(format!("Send 1 to {} memories in one call, not {}.", limits.batch, body.memories.len())));
    }

    let mut results: Vec<Option<ItemOut>> = Vec::with_capacity(body.memories.len());
    let mut groups: Vec<Group> = Vec::new();
    let mut projects = Projects { tenancy: &tenancy, by: &caller.0, known: HashMap::new() };
    for (position, item) in body.memories.into_iter().enumerate() {
        match converted(item, &writer, &mut projects).await {
            Ok((app, mut new)) => {
                new.force |= body.force;
                let app = app.or_else(|| body.app.clone());
                let group = match groups.iter().position(|g| g.app == app) {
                    Some(known) => &mut groups[known],
                    None => groups.push_mut(Group { app, positions: Vec::new(), memories: Vec::new() }),
                };
                group.positions.push(position);
                group.memories.push(new);
                results.push(None);
            }
            Err(error) => results.push(Some(ItemOut::from(&error))),
        }
    }

    let mut stored = false;
    for (number, group) in groups.into_iter().enumerate() {
        let options = AddOptions { idempotency: guard_of(guard.as_ref(), number), wait: how.wait, ..AddOptions::default() };
        let outcome = add_group(&writer, &caller, group.app.as_deref(), group.memories, options).await;
        match outcome {
            Ok(added) => {
                stored = true;
                for (position, added) in group.positions.into_iter().zip(added) {
                    results[position] = Some(ItemOut::Added(added.into()));
                }
            }
            // Nothing is stored yet, so the whole request may fail, and be sent again.
            Err(error) if !stored => return Err(error),
            Err(error) => group.positions.into_iter().for_each(|position| results[position] = Some(ItemOut::from(&error))),
        }
    }
    let missing = || Error::internal(anyhow::anyhow!("a batch answered fewer memories than it was given"));
    Ok(Json(BatchOut { results: results.into_iter().map(|r| r.ok_or_else(missing)).collect::<Result<_>>()? }))
}

/// Memories of one app: they are stored in one call.
struct Group {
    app: Option<String>,
    positions: Vec<usize>,
    memories: Vec<NewMemory>,
}

async fn converted(item: Value, writer: &Writer, projects: &mut Projects<'_>) -> Result<(Option<String>, NewMemory)> {
    let item: MemoryIn = serde_path_to_error::deserialize(item).map_err(|e| Error::invalid(format!("This memory does not fit: {e}.")))?;
    let app = item.app().map(str::to_owned);
    let new = item.into_domain()?;
    writer.check(&new)?;
    projects.check(new.project).await?;
    Ok((app, new))
}

async fn add_group(
    writer: &Writer,
    caller: &Caller,
    app: Option<&str>,
    group: Vec<NewMemory>,
    options: AddOptions,
) -> Result<Vec<crate::memory::Added>> {
    let caller = match app {
        Some(app) => caller.clone().speaking_for(app),
        None => caller.clone(),
    };
    writer.add(&caller.0, group, options).await
}

/// The first group is guarded by the client's key itself, so that a key that comes back with another body is refused
/// before anything is stored; later groups by keys derived from it, since one key guards one write.
fn guard_of(guard: Option<&Idempotency>, number: usize) -> Option<Idempotency> {
    let guard = guard?.clone();
    Some(match number {
        0 => guard,
        _ => Idempotency { key: sha256_hex(format!("{number}:{}", guard.key).as_bytes()), ..guard },
    })
}

/// Whether the caller may write to a project, asked once per project.
struct Projects<'a> {
    tenancy: &'a TenancyService,
    by: &'a Principal,
    known: HashMap<ProjectId, bool>,
}

impl Projects<'_> {
    async fn check(&mut self, asked: Option<ProjectId>) -> Result<()> {
        let Some(id) = asked else {
            return Ok(());
        };
        self.by.project_for_write(asked)?;
        if !self.known.contains_key(&id) {
            let found = match self.tenancy.project(&self.by.scope, id).await {
                Ok(_) => true,
                Err(error) if error.code() == crate::error::Code::NotFound => false,
                Err(error) => return Err(error),
            };
            self.known.insert(id, found);
        }
        if self.known[&id] { Ok(()) } else { Err(Error::not_found("project")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_guards_one_write() {
        let guard = Idempotency { operation: "add_memories", key: "k".into(), request_hash: "h".into() };
        let key = |number| guard_of(Some(&guard), number).expect("a guard").key;
        assert_eq!(key(0), "k");
        assert_ne!(key(1), key(2));
        assert_eq!(key(1), key(1));
        assert!(guard_of(None, 0).is_none());
    }
}
