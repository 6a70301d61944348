//! Points as the server sees them: their ids, vectors, and whether a filter admits them.

use qdrant_client::qdrant::{self as q, condition::ConditionOneOf, r#match::MatchValue, point_id::PointIdOptions, value::Kind, vector};
use tonic::Status;

use super::{Fault, Stored};

pub(super) fn id(id: Option<&q::PointId>) -> Result<String, Status> {
    match id.and_then(|id| id.point_id_options.as_ref()) {
        Some(PointIdOptions::Uuid(uuid)) => Ok(uuid.clone()),
        _ => Err(Status::invalid_argument("points have UUIDs here")),
    }
}

pub(super) fn point_id(uuid: &str) -> q::PointId {
    q::PointId { point_id_options: Some(PointIdOptions::Uuid(uuid.to_owned())) }
}

/// Whether a point meets a filter. A condition that the adapter does not use is an error, not a match.
pub(super) fn admits(filter: &q::Filter, uuid: &str, point: &Stored, fault: Option<Fault>) -> Result<bool, Status> {
    if !filter.should.is_empty() {
        return Err(Status::unimplemented("`should` is not known here"));
    }
    let musts = filter.must.iter().map(|condition| (condition, true));
    for (condition, wanted) in musts.chain(filter.must_not.iter().map(|condition| (condition, false))) {
        let holds = match condition.condition_one_of.as_ref() {
            Some(ConditionOneOf::Field(field)) if field.key == "tenant_id" && fault == Some(Fault::NoTenantFilter) => true,
            Some(ConditionOneOf::Field(field)) => field_holds(field, point)?,
            Some(ConditionOneOf::HasId(ids)) => {
                ids.has_id.iter().map(|i| id(Some(i))).collect::<Result<Vec<_>, _>>()?.iter().any(|i| i == uuid)
            }
            Some(ConditionOneOf::HasVector(name)) => point.vectors.contains_key(&name.has_vector),
            _ => return Err(Status::unimplemented("this condition is not known here")),
        };
        if holds != wanted {
            return Ok(false);
        }
    }
    Ok(true)
}

fn field_holds(field: &q::FieldCondition, point: &Stored) -> Result<bool, Status> {
    let kinds: Vec<&Kind> = match point.payload.get(&field.key).and_then(|v| v.kind.as_ref()) {
        None => return Ok(false),
        Some(Kind::ListValue(list)) => list.values.iter().filter_map(|v| v.kind.as_ref()).collect(),
        Some(one) => vec![one],
    };
    let word = |wanted: &String| kinds.iter().any(|kind| matches!(kind, Kind::StringValue(have) if have == wanted));
    if let Some(range) = &field.range {
        #[expect(clippy::cast_precision_loss, reason = "as the server does")]
        let number = |kind: &&Kind| if let Kind::IntegerValue(n) = kind { Some(*n as f64) } else { None };
        return Ok(kinds.iter().filter_map(number).any(|n| range.gte.is_none_or(|gte| n >= gte) && range.lte.is_none_or(|lte| n <= lte)));
    }
    match field.r#match.as_ref().and_then(|m| m.match_value.as_ref()) {
        Some(MatchValue::Keyword(one)) => Ok(word(one)),
        Some(MatchValue::Keywords(any)) => Ok(any.strings.iter().any(word)),
        _ => Err(Status::unimplemented("this match is not known here")),
    }
}

/// The vectors under one name, and whether they are sent as several.
pub(super) fn dense(vector: &q::Vector) -> Option<(Vec<Vec<f32>>, bool)> {
    match vector.vector.as_ref()? {
        vector::Vector::Dense(dense) => Some((vec![dense.data.clone()], false)),
        vector::Vector::MultiDense(many) => Some((many.vectors.iter().map(|one| one.data.clone()).collect(), true)),
        _ => None,
    }
}

pub(super) fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f32>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt().max(f32::MIN_POSITIVE)
}
