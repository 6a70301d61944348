//! Forms that recur in what Stripe writes.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A page of a list.
#[derive(Deserialize)]
pub struct List<T> {
    pub data: Vec<T>,
}

/// An id; that of the object, where the object itself was put in its place.
pub fn id(value: &Value) -> Option<String> {
    value.as_str().or_else(|| value.get("id")?.as_str()).map(str::to_owned)
}

/// A field that holds an [`id`], or none.
pub fn maybe_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(id(&Value::deserialize(deserializer)?))
}
