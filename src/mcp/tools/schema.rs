//! JSON Schemas of the tools, made small: every client pays for them in its context window at each start.

use std::sync::Arc;

use rmcp::model::JsonObject;
use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value;

/// Schema of a tool's arguments, with the descriptions that a model needs.
pub(super) fn input<T: JsonSchema>() -> Arc<JsonObject> {
    slim::<T>(SchemaSettings::draft2020_12().for_deserialize(), true)
}

/// Schema of a tool's answer. The names say enough.
pub(super) fn output<T: JsonSchema>() -> Arc<JsonObject> {
    slim::<T>(SchemaSettings::draft2020_12().for_serialize(), false)
}

fn slim<T: JsonSchema>(settings: SchemaSettings, descriptions: bool) -> Arc<JsonObject> {
    let generator = settings
        .with(|s| {
            s.inline_subschemas = true;
            s.meta_schema = None;
        })
        .into_generator();
    let mut schema = generator.into_root_schema_for::<T>().to_value();
    // The root's description is the Rust documentation of the struct.
    if let Value::Object(root) = &mut schema {
        root.remove("description");
    }
    trim(&mut schema, descriptions);
    match schema {
        Value::Object(root) => Arc::new(root),
        _ => Arc::default(),
    }
}

/// Takes away what tells a client nothing: titles, number formats, lower bounds of unsigned numbers, empty defaults.
fn trim(schema: &mut Value, descriptions: bool) {
    let Value::Object(schema) = schema else { return };
    schema.retain(|key, value| match key.as_str() {
        "title" | "format" => false,
        "description" => descriptions,
        "minimum" => value.as_f64() != Some(0.0),
        "default" => !matches!(value, Value::Null) && *value != false && *value != "" && !is_empty(value) && value.as_f64() != Some(0.0),
        // True is what a schema without the word means.
        "additionalProperties" => *value != true,
        _ => true,
    });
    for (key, value) in schema.iter_mut() {
        match (key.as_str(), value) {
            // Here the keys are names of fields, not words of the schema language.
            ("properties", Value::Object(fields)) => fields.values_mut().for_each(|field| trim(field, descriptions)),
            ("items" | "additionalProperties", inner) => {
                // What each entry of an answer always has is of no use to who reads it.
                if let (Value::Object(inner), false) = (&mut *inner, descriptions) {
                    inner.remove("required");
                }
                trim(inner, descriptions);
            }
            _ => {}
        }
    }
}

fn is_empty(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(serde_json::Map::is_empty)
}

/// The arguments of a schema in words: `text (string, required), limit (integer)`.
pub(super) fn summary(schema: &JsonObject) -> String {
    let required = |name: &String| schema.get("required").and_then(Value::as_array).is_some_and(|r| r.iter().any(|n| n == name));
    let fields = schema.get("properties").and_then(Value::as_object);
    let words = fields.into_iter().flatten().map(|(name, field)| {
        let kind = field.get("type").and_then(Value::as_str).unwrap_or("any");
        let needed = if required(name) { ", required" } else { "" };
        format!("{name} ({kind}{needed})")
    });
    words.collect::<Vec<_>>().join(", ")
}
