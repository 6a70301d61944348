//! Values as clients send them, made to fit the JSON Schema that they were told: models write lists as text, numbers as
//! text and nothing as null, and some languages know no empty object. What can only have been meant one way is taken that
//! way; all else stays as it came, for the reader to refuse it by name.

use rmcp::model::JsonObject;
use serde_json::{Value, json};

/// Largest whole number that a float holds exactly.
pub(super) const EXACT: f64 = 9_007_199_254_740_992.0;

/// Makes a value fit, as far as it certainly can.
pub(super) fn fit(value: &mut Value, schema: &JsonObject) {
    let nearer: fn(&Value) -> Option<Value> = match kind(schema) {
        "object" => nearer_object,
        "array" => nearer_list,
        "string" => nearer_text,
        "integer" => nearer_integer,
        "number" => nearer_number,
        "boolean" => nearer_boolean,
        _ => return,
    };
    // Text may hold text that holds a list: each step takes one shell off, so there is an end.
    while let Some(inner) = nearer(value) {
        *value = inner;
    }
    match value {
        Value::Object(fields) => fit_fields(fields, schema),
        Value::Array(items) => {
            items.retain(|item| !item.is_null());
            if let Some(schema) = schema.get("items").and_then(Value::as_object) {
                for item in items {
                    fit(item, schema);
                }
            }
        }
        _ => {}
    }
}

/// Makes the fields of an object fit, and drops those that say that they are not there.
pub(super) fn fit_fields(fields: &mut JsonObject, schema: &JsonObject) {
    let (named, others) = (schema.get("properties"), schema.get("additionalProperties").and_then(Value::as_object));
    let known = |name: &str| named.and_then(|fields| fields.get(name)).and_then(Value::as_object).or(others);
    fields.retain(|name, field| match known(name) {
        // Of an object that is the client's own, null is a value as any other.
        None => named.is_none() || !field.is_null(),
        Some(schema_of_field) if is_absent(field, schema_of_field) && !requires(schema, name) => false,
        Some(schema_of_field) => {
            fit(field, schema_of_field);
            true
        }
    });
}

/// The first thing that keeps a value from fitting, by the name of its field.
pub(super) fn misfit(value: &Value, schema: &JsonObject, name: &str) -> Option<String> {
    let fits = match kind(schema) {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        _ => true,
    };
    if !fits {
        return Some(format!("{name} must be {}", with_article(kind(schema))));
    }
    let inner = |field: &str| if name == ROOT { field.to_owned() } else { format!("{name}.{field}") };
    let Value::Object(fields) = value else { return None };
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    if let Some(missing) = required.into_iter().find(|field| !fields.contains_key(*field)) {
        return Some(format!("{} is missing", inner(missing)));
    }
    let named = schema.get("properties").and_then(Value::as_object)?;
    named.iter().find_map(|(field, schema)| misfit(fields.get(field)?, schema.as_object()?, &inner(field)))
}

/// What the whole is called, whose fields go by their own names.
pub(super) const ROOT: &str = "params";

fn kind(schema: &JsonObject) -> &str {
    schema.get("type").and_then(Value::as_str).unwrap_or_default()
}

fn with_article(kind: &str) -> String {
    let vowel = kind.starts_with(['a', 'i', 'o']);
    format!("{} {kind}", if vowel { "an" } else { "a" })
}

fn requires(schema: &JsonObject, name: &str) -> bool {
    schema.get("required").and_then(Value::as_array).is_some_and(|required| required.iter().any(|field| field == name))
}

/// Null, and text that stands for nothing where text is not what is wanted.
fn is_absent(value: &Value, schema: &JsonObject) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => kind(schema) != "string" && matches!(text.trim(), "" | "null"),
        _ => false,
    }
}

/// The one entry of a list, where a list is not what is wanted.
fn only(items: &[Value]) -> Option<Value> {
    match items {
        [one] => Some(one.clone()),
        _ => None,
    }
}

fn read(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

fn nearer_object(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) if text.trim().is_empty() => Some(json!({})),
        Value::String(text) => read(text).filter(|inner| inner.is_object() || inner.is_array() || inner.is_string()),
        Value::Array(items) if items.is_empty() => Some(json!({})),
        Value::Array(items) => only(items),
        _ => None,
    }
}

fn nearer_list(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) => Some(match read(text) {
            Some(inner @ (Value::Array(_) | Value::String(_))) => inner,
            _ => json!(listed(text)),
        }),
        Value::Object(fields) if fields.is_empty() => Some(json!([])),
        Value::Number(_) | Value::Bool(_) | Value::Object(_) => Some(json!([value])),
        _ => None,
    }
}

/// Entries of a list that is written with commas, in brackets and quotes of another language or without any.
fn listed(text: &str) -> Vec<&str> {
    let text = text.trim();
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let quotes: &[char] = if inner.is_some() { &['\'', '"'] } else { &[] };
    inner.unwrap_or(text).split(',').map(|entry| entry.trim().trim_matches(quotes)).filter(|entry| !entry.is_empty()).collect()
}

fn nearer_text(value: &Value) -> Option<Value> {
    match value {
        Value::Number(number) => Some(number.to_string().into()),
        Value::Bool(truth) => Some(truth.to_string().into()),
        Value::Array(items) if items.is_empty() => Some("".into()),
        Value::Array(items) => only(items),
        _ => None,
    }
}

fn nearer_integer(value: &Value) -> Option<Value> {
    match value {
        Value::Number(number) if number.is_f64() => number.as_f64().and_then(whole),
        Value::String(text) => {
            let text = text.trim();
            text.parse::<i64>().ok().map(Value::from).or_else(|| whole(text.parse().ok()?))
        }
        Value::Array(items) => only(items),
        _ => None,
    }
}

/// A float that is a whole number, as one.
fn whole(number: f64) -> Option<Value> {
    #[expect(clippy::cast_possible_truncation, reason = "it is whole, and no larger than a float holds exactly")]
    let integer = number as i64;
    (number.fract() == 0.0 && number.abs() < EXACT).then(|| integer.into())
}

fn nearer_number(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) => text.trim().parse::<f64>().ok().and_then(serde_json::Number::from_f64).map(Value::Number),
        Value::Array(items) => only(items),
        _ => None,
    }
}

fn nearer_boolean(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Some(true.into()),
            "false" | "no" | "0" => Some(false.into()),
            _ => None,
        },
        Value::Number(number) => match number.as_f64() {
            Some(1.0) => Some(true.into()),
            Some(0.0) => Some(false.into()),
            _ => None,
        },
        Value::Array(items) => only(items),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted(mut value: Value, schema: &Value) -> Value {
        fit(&mut value, schema.as_object().expect("a schema"));
        value
    }

    #[test]
    fn lists_are_read_however_they_are_written() {
        let schema = json!({ "type": "array", "items": { "type": "string" } });
        for (sent, taken) in [
            (json!("[\"boats\",\"red\"]"), json!(["boats", "red"])),
            (json!("\"[\\\"boats\\\"]\""), json!(["boats"])),
            (json!("['boats', 'red']"), json!(["boats", "red"])),
            (json!("[boats, red]"), json!(["boats", "red"])),
            (json!("boats"), json!(["boats"])),
            (json!("boats, red"), json!(["boats", "red"])),
            (json!("it's 'here'"), json!(["it's 'here'"])),
            (json!(["boats", 5, null, true]), json!(["boats", "5", "true"])),
            (json!([["boats"]]), json!(["boats"])),
            (json!(7), json!(["7"])),
            (json!({}), json!([])),
            (json!(""), json!([])),
            (json!("[]"), json!([])),
        ] {
            assert_eq!(fitted(sent.clone(), &schema), taken, "{sent}");
        }
    }

    #[test]
    fn single_values_are_read_however_they_are_written() {
        for (wanted, sent, taken) in [
            ("integer", json!("5"), json!(5)),
            ("integer", json!(" -5 "), json!(-5)),
            ("integer", json!(5.0), json!(5)),
            ("integer", json!("5.0"), json!(5)),
            ("integer", json!(["5"]), json!(5)),
            ("number", json!("0.5"), json!(0.5)),
            ("number", json!(1), json!(1)),
            ("string", json!(1234), json!("1234")),
            ("string", json!(true), json!("true")),
            ("string", json!(["bees"]), json!("bees")),
            ("string", json!("5"), json!("5")),
            ("string", json!("null"), json!("null")),
            ("boolean", json!("true"), json!(true)),
            ("boolean", json!("False"), json!(false)),
            ("boolean", json!(1), json!(true)),
            ("boolean", json!(0.0), json!(false)),
            ("boolean", json!("0"), json!(false)),
            ("object", json!([]), json!({})),
            ("object", json!(""), json!({})),
            ("object", json!("{\"a\": 1}"), json!({ "a": 1 })),
            ("object", json!([{ "a": 1 }]), json!({ "a": 1 })),
        ] {
            assert_eq!(fitted(sent.clone(), &json!({ "type": wanted })), taken, "{wanted}: {sent}");
        }
    }

    #[test]
    fn what_could_mean_several_things_stays() {
        for (wanted, sent) in [
            ("integer", json!(5.5)),
            ("integer", json!("five")),
            ("integer", json!(true)),
            ("integer", json!("1e300")),
            ("number", json!("NaN")),
            ("string", json!(["a", "b"])),
            ("string", json!({ "a": 1 })),
            ("boolean", json!(2)),
            ("boolean", json!("maybe")),
            ("object", json!("words")),
            ("object", json!([1, 2])),
            ("object", json!(5)),
        ] {
            assert_eq!(fitted(sent.clone(), &json!({ "type": wanted })), sent, "{wanted}");
        }
    }

    #[test]
    fn fields_that_say_nothing_are_dropped_at_any_depth() {
        let schema = json!({ "type": "object", "required": ["must"], "properties": {
            "must": { "type": "string" }, "limit": { "type": "integer" }, "name": { "type": "string" },
            "inner": { "type": "object", "properties": { "flag": { "type": "boolean" } } }, "own": { "type": "object" } } });
        let sent =
            json!({ "must": null, "limit": "", "name": "", "inner": { "flag": null, "other": null }, "own": { "a": null }, "odd": null });
        assert_eq!(fitted(sent, &schema), json!({ "must": null, "name": "", "inner": {}, "own": { "a": null } }));
        assert_eq!(fitted(json!("{\"must\": 1, \"limit\": \"null\"}"), &schema), json!({ "must": "1" }));
    }

    #[test]
    fn misfits_are_named() {
        let schema = json!({ "type": "object", "required": ["a"], "properties": {
            "a": { "type": "object", "required": ["b"], "properties": { "b": { "type": "integer" } } } } });
        let misfit = |value: Value| misfit(&value, schema.as_object().expect("a schema"), ROOT);
        assert_eq!(misfit(json!({ "a": { "b": 1 }, "c": 2 })), None);
        assert_eq!(misfit(json!({})).as_deref(), Some("a is missing"));
        assert_eq!(misfit(json!({ "a": {} })).as_deref(), Some("a.b is missing"));
        assert_eq!(misfit(json!({ "a": { "b": "x" } })).as_deref(), Some("a.b must be an integer"));
        assert_eq!(misfit(json!({ "a": 5 })).as_deref(), Some("a must be an object"));
        assert_eq!(misfit(json!([1])).as_deref(), Some("params must be an object"));
    }
}
