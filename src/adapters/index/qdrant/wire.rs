//! What goes over the wire: filters, points with their payload, and ids that come back.

use qdrant_client::{
    Payload,
    qdrant::{Condition, Filter as QdrantFilter, NamedVectors, PointId, PointStruct, Range, Vector, point_id::PointIdOptions},
};
use uuid::Uuid;

use super::collections::Named;
use crate::{
    ids::MemoryId,
    memory::{EmbeddingModel, Filter, Memory, Point},
    tenancy::TenantScope,
};

pub(super) fn of_tenant(scope: &TenantScope) -> QdrantFilter {
    QdrantFilter::must([Condition::matches("tenant_id", scope.tenant().to_string())])
}

/// The tenant's points that have no vector of the model, under the one name nor the other.
pub(super) fn without_vector_of(scope: &TenantScope, model: &EmbeddingModel) -> QdrantFilter {
    let names = [Named::one(model).name, Named::windows(model).name];
    QdrantFilter { must_not: names.map(Condition::has_vector).into(), ..of_tenant(scope) }
}

/// The conditions of a search, so that a large tenant's candidates are all of use.
pub(super) fn of_filter(scope: &TenantScope, filter: &Filter) -> QdrantFilter {
    let mut all = of_tenant(scope);
    let words = |all: &mut QdrantFilter, field: &str, words: Vec<String>| {
        if !words.is_empty() {
            all.must.push(Condition::matches(field, words));
        }
    };
    words(&mut all, "project_id", filter.project.iter().map(ToString::to_string).collect());
    words(&mut all, "app_id", filter.apps.iter().map(ToString::to_string).collect());
    words(&mut all, "memory_type", filter.types.iter().map(ToString::to_string).collect());
    words(&mut all, "tags", filter.tags.clone());
    words(&mut all, "session_id", filter.session_id.iter().cloned().collect());
    words(&mut all, "state", filter.wanted_states().iter().map(ToString::to_string).collect());
    if filter.from.is_some() || filter.to.is_some() {
        #[expect(clippy::cast_precision_loss, reason = "microseconds of this age fit in 53 bits")]
        let micros = |at: crate::clock::Timestamp| at.0 as f64;
        // The day of a date is the reader's: a little more is asked for, and what does not belong is left out by who asked.
        let wide = std::time::Duration::from_micros(filter.ahead.unsigned_abs());
        let (from, to) = (filter.from.map(|at| at.minus(wide)), filter.to.map(|at| at.plus(wide)));
        let range = Range { gte: from.map(micros), lte: to.map(micros), ..Range::default() };
        all.must.push(Condition::range("when", range));
    }
    all
}

pub(super) fn point_struct(scope: &TenantScope, Point { memory, vectors }: Point) -> PointStruct {
    let id = memory.id.0.to_string();
    let named = |all: NamedVectors, (model, vector): (EmbeddingModel, Vec<f32>)| {
        if is_one(&model, &vector) {
            return all.add_vector(model.id, vector);
        }
        let windows: Vec<_> = vector.chunks_exact(model.dimension).map(<[f32]>::to_vec).collect();
        all.add_vector(Named::windows(&model).name, Vector::new_multi(windows))
    };
    PointStruct::new(id, vectors.into_iter().fold(NamedVectors::default(), named), payload(scope, memory))
}

/// Whether these are the vectors of a text with one window.
pub(super) const fn is_one(model: &EmbeddingModel, vector: &[f32]) -> bool {
    vector.len() == model.dimension
}

fn payload(scope: &TenantScope, memory: Memory) -> Payload {
    let mut payload = Payload::new();
    payload.insert("tenant_id", scope.tenant().to_string());
    payload.insert("project_id", memory.project.to_string());
    payload.insert("app_id", memory.app.to_string());
    payload.insert("memory_type", memory.content.memory_type.as_str());
    payload.insert("state", memory.state.as_str());
    payload.insert("tags", memory.content.tags);
    if let Some(session) = memory.origin.session_id {
        payload.insert("session_id", session);
    }
    payload.insert("when", memory.origin.occurred_at.unwrap_or(memory.created_at).0);
    payload
}

/// The memory that a point stands for.
pub(super) fn memory_id(id: Option<&PointId>) -> Option<MemoryId> {
    match id?.point_id_options.as_ref()? {
        PointIdOptions::Uuid(text) => Uuid::parse_str(text).ok().map(MemoryId),
        PointIdOptions::Num(_) => None,
    }
}
