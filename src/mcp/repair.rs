//! One JSON-RPC message as it came, before rmcp reads it: what is meant is clear in many messages that rmcp would refuse, or
//! would take for an unknown method; and whoever sent an id waits for an answer with that id. All three transports read
//! their messages here.

use std::{collections::HashMap, fmt, sync::LazyLock};

use axum::http::StatusCode;
use rmcp::model::{ClientJsonRpcMessage, ErrorCode, JsonObject, ProtocolVersion};
use serde::{
    Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::{Value, json};

use super::fit::{EXACT, ROOT, fit, misfit};
use crate::cut_text;

const BOM: &[u8] = b"\xEF\xBB\xBF";
/// A client that does not say who it is.
const NOBODY: &str = "unknown";

/// The parameters of the methods that this server knows.
static METHODS: LazyLock<HashMap<&'static str, JsonObject>> = LazyLock::new(|| {
    let text = || json!({ "type": "string" });
    let object = || json!({ "type": "object" });
    let client = || json!({ "type": "object", "properties": { "name": text(), "version": text(), "title": text() } });
    let capabilities = || {
        let roots = json!({ "type": "object", "properties": { "listChanged": { "type": "boolean" } } });
        json!({ "type": "object", "properties": { "experimental": object(), "extensions": object(), "roots": roots,
            "sampling": object(), "elicitation": object() } })
    };
    let method = |fields: Value, required: &[&str]| {
        let mut schema = json!({ "type": "object", "required": required, "properties": fields });
        schema["properties"]["_meta"] = json!({ "type": "object", "properties": {
            "io.modelcontextprotocol/protocolVersion": text(), "io.modelcontextprotocol/clientInfo": client(),
            "io.modelcontextprotocol/clientCapabilities": capabilities() } });
        match schema {
            Value::Object(schema) => schema,
            _ => JsonObject::new(),
        }
    };
    let page = || method(json!({ "cursor": text() }), &[]);
    let resource = || method(json!({ "uri": text() }), &["uri"]);
    let texts = json!({ "type": "object", "additionalProperties": text() });
    HashMap::from([
        (
            "initialize",
            method(json!({ "protocolVersion": text(), "capabilities": capabilities(), "clientInfo": client() }), &["protocolVersion"]),
        ),
        ("server/discover", method(json!({}), &[])),
        ("ping", method(json!({}), &[])),
        ("tools/list", page()),
        ("tools/call", method(json!({ "name": text(), "arguments": object() }), &["name"])),
        ("prompts/list", page()),
        ("prompts/get", method(json!({ "name": text(), "arguments": texts }), &["name"])),
        ("resources/list", page()),
        ("resources/templates/list", page()),
        ("resources/read", resource()),
        ("resources/subscribe", resource()),
        ("resources/unsubscribe", resource()),
        ("completion/complete", method(json!({ "ref": object(), "argument": object() }), &["ref", "argument"])),
        ("logging/setLevel", method(json!({ "level": text() }), &["level"])),
        ("subscriptions/listen", method(json!({ "notifications": object() }), &["notifications"])),
    ])
});

/// Whether this is a method of the protocol that rmcp serves: whatever is wrong with a call of it, it exists.
pub(super) fn is_known(method: &str) -> bool {
    METHODS.contains_key(method)
}

/// A message that cannot be understood, with what to answer.
#[derive(Debug)]
pub(super) struct Refusal {
    id: Value,
    code: ErrorCode,
    reason: String,
}

impl Refusal {
    fn new(id: Value, code: ErrorCode, reason: impl Into<String>) -> Self {
        Self { id, code, reason: reason.into() }
    }

    fn invalid(id: Value, reason: impl Into<String>) -> Self {
        Self::new(id, ErrorCode::INVALID_REQUEST, reason)
    }

    /// A message that is longer than is read; this is how it begins.
    pub(super) fn too_long(beginning: &[u8], most: usize) -> Self {
        Self::invalid(id_of(beginning), format!("The message is larger than the {most} bytes that are taken"))
    }

    /// What HTTP says of it, as rmcp does: only what is no call of a method at all is the fault of the request.
    pub(super) fn status(&self) -> StatusCode {
        match self.code {
            ErrorCode::INVALID_PARAMS => StatusCode::OK,
            ErrorCode::METHOD_NOT_FOUND => StatusCode::NOT_FOUND,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// Whether somebody waits for the answer.
    pub(super) fn is_awaited(&self) -> bool {
        !self.id.is_null()
    }

    /// The answer.
    pub(super) fn json(&self) -> String {
        let error = |id: &Value| json!({ "jsonrpc": "2.0", "id": id, "error": { "code": self.code.0, "message": self.reason } });
        match &self.id {
            Value::Array(ids) => Value::Array(ids.iter().map(error).collect()).to_string(),
            id => error(id).to_string(),
        }
    }
}

/// A message for rmcp.
///
/// # Errors
/// What to answer instead.
pub(super) fn read(bytes: &[u8]) -> Result<ClientJsonRpcMessage, Refusal> {
    let message = mended(bytes)?;
    let id = message.get("id").cloned().unwrap_or_default();
    serde_json::from_value(message).map_err(|_| Refusal::invalid(id, "This is no JSON-RPC message that MCP knows"))
}

/// A message as it was meant.
///
/// # Errors
/// What to answer instead.
pub(super) fn mended(bytes: &[u8]) -> Result<Value, Refusal> {
    let text = cut_text::mended(bytes.strip_prefix(BOM).unwrap_or(bytes));
    let parsed = serde_json::from_slice(&text)
        .map_err(|error| Refusal::new(id_of(&text), ErrorCode::PARSE_ERROR, format!("Parse error: the message is no JSON: {error}")))?;
    let mut message = match parsed {
        Value::Object(message) => message,
        Value::Array(batch) => return single(batch),
        _ => return Err(Refusal::invalid(Value::Null, "A message is a JSON object")),
    };
    mend(&mut message)?;
    Ok(Value::Object(message))
}

/// Batches were in one old revision only; a list of one message is that message.
fn single(mut batch: Vec<Value>) -> Result<Value, Refusal> {
    if let [Value::Object(message)] = batch.as_mut_slice() {
        mend(message)?;
        return Ok(batch.remove(0));
    }
    let asks = batch.iter().filter(|message| message.get("method").is_some());
    let ids: Vec<_> = asks.map(|message| readable(message.get("id"))).filter(|id| !id.is_null()).collect();
    Err(Refusal::invalid(if ids.is_empty() { Value::Null } else { ids.into() }, "Send one message at a time, not a list of them"))
}

fn mend(message: &mut JsonObject) -> Result<(), Refusal> {
    let id = readable(message.get("id"));
    match message.get("jsonrpc") {
        Some(Value::String(version)) if version != "2.0" => return Err(Refusal::invalid(id, "jsonrpc must be \"2.0\"")),
        // Nobody speaks another version here, so one that is left out, or written as a number, is this one.
        _ => drop(message.insert("jsonrpc".into(), "2.0".into())),
    }
    let method = match message.get("method") {
        Some(Value::String(method)) => method.clone(),
        None if message.contains_key("result") || message.contains_key("error") => return Ok(()),
        None => return Err(Refusal::invalid(id, "method is missing")),
        Some(_) => return Err(Refusal::invalid(id, "method must be a string")),
    };
    match message.get("id") {
        // An answer would go to nobody.
        Some(Value::Null) if method.starts_with("notifications/") => drop(message.remove("id")),
        Some(given) if !is_id(given) => return Err(Refusal::invalid(id, "id must be a string or a whole number")),
        _ => {}
    }
    let Some(schema) = METHODS.get(method.as_str()) else {
        // Of what is not read anyway, rmcp takes objects only.
        if message.get("params").is_some_and(|params| !params.is_object()) {
            message.remove("params");
        }
        return Ok(());
    };
    let mut params = message.remove("params").filter(|params| !params.is_null()).unwrap_or_else(|| json!({}));
    fit(&mut params, schema);
    if method == "initialize"
        && let Value::Object(params) = &mut params
    {
        introduce(params);
    }
    if let Some(misfit) = misfit(&params, schema, ROOT) {
        if is_gone(&method, &params) {
            return Err(Refusal::new(id, ErrorCode::METHOD_NOT_FOUND, method));
        }
        return Err(Refusal::new(id, ErrorCode::INVALID_PARAMS, format!("Invalid params of {method}: {misfit}")));
    }
    message.insert("params".into(), params);
    Ok(())
}

/// Whether the caller's revision has taken this method away (SEP-2575): then it is that, whatever is wrong with its params.
fn is_gone(method: &str, params: &Value) -> bool {
    let revision = params["_meta"]["io.modelcontextprotocol/protocolVersion"].as_str().unwrap_or_default();
    let is_taken_away = ["initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe"].contains(&method);
    is_taken_away && revision >= ProtocolVersion::V_2026_07_28.as_str()
}

/// Clients that leave out what they can do, or who they are, can do nothing special and are nobody in particular.
fn introduce(params: &mut JsonObject) {
    params.entry("capabilities").or_insert_with(|| json!({}));
    let client = params.entry("clientInfo").or_insert_with(|| json!({}));
    if let Value::Object(client) = client {
        for name in ["name", "version"] {
            client.entry(name).or_insert_with(|| NOBODY.into());
        }
    }
}

/// What an answer can carry back.
fn readable(id: Option<&Value>) -> Value {
    id.filter(|id| id.is_string() || id.is_number()).cloned().unwrap_or_default()
}

/// What rmcp takes as an id.
fn is_id(id: &Value) -> bool {
    match id {
        Value::String(_) => true,
        Value::Number(number) => number.is_i64() || number.as_f64().is_some_and(|n| number.is_f64() && n.fract() == 0.0 && n.abs() < EXACT),
        _ => false,
    }
}

/// The id of a message that cannot be read to its end, if it stands before that.
fn id_of(broken: &[u8]) -> Value {
    struct Fields(Option<Value>);
    impl<'de> Visitor<'de> for &mut Fields {
        type Value = ();
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
            while let Some(name) = fields.next_key::<String>()? {
                if name == "id" {
                    self.0 = Some(fields.next_value()?);
                } else {
                    fields.next_value::<IgnoredAny>()?;
                }
            }
            Ok(())
        }
    }
    let mut fields = Fields(None);
    // It fails: that is why it is asked.
    let _ = serde_json::Deserializer::from_slice(broken).deserialize_map(&mut fields);
    readable(fields.0.as_ref())
}

#[cfg(test)]
mod tests {
    use rmcp::model::ClientRequest;

    use super::*;

    fn call(message: &Value) -> ClientRequest {
        match read(message.to_string().as_bytes()) {
            Ok(ClientJsonRpcMessage::Request(request)) => request.request,
            other => panic!("{message}: {other:?}"),
        }
    }

    fn refused(message: &[u8]) -> Value {
        let refusal = read(message).expect_err("refused");
        serde_json::from_str(&refusal.json()).expect("JSON")
    }

    #[test]
    fn a_greeting_that_leaves_things_out_is_understood() {
        let full = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } });
        for (field, value) in [
            ("capabilities", json!([])),
            ("capabilities", json!("")),
            ("capabilities", json!(null)),
            ("capabilities", json!({ "roots": [], "sampling": null, "experimental": "", "elicitation": [] })),
            ("capabilities", json!({ "roots": { "listChanged": "true" } })),
            ("clientInfo", json!(null)),
            ("clientInfo", json!({ "name": "t" })),
            ("clientInfo", json!({ "name": "t", "version": 1.5 })),
            ("clientInfo", json!("{\"name\": \"t\"}")),
            ("_meta", json!([])),
            ("_meta", json!(null)),
        ] {
            let mut params = full.clone();
            params[field] = value;
            let message = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params });
            assert!(matches!(call(&message), ClientRequest::InitializeRequest(_)), "{message}");
        }
        for field in ["capabilities", "clientInfo"] {
            let mut params = full.clone();
            params.as_object_mut().expect("an object").remove(field);
            let message = json!({ "id": "a", "method": "initialize", "params": params.to_string() });
            assert!(matches!(call(&message), ClientRequest::InitializeRequest(_)), "{message}");
        }
    }

    #[test]
    fn calls_are_understood_with_any_form_of_nothing() {
        for arguments in [json!([]), json!(""), json!(null), json!("{}"), json!({})] {
            let message =
                json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "list_memories", "arguments": arguments } });
            assert!(matches!(call(&message), ClientRequest::CallToolRequest(_)), "{message}");
        }
        for params in [json!([]), json!(""), json!(null), json!({ "cursor": null }), json!({ "_meta": [] })] {
            for method in ["tools/list", "prompts/list", "resources/list", "resources/templates/list", "ping"] {
                let message = json!({ "jsonrpc": 2.0, "id": 1, "method": method, "params": params });
                assert!(!matches!(call(&message), ClientRequest::CustomRequest(_)), "{message}");
            }
        }
        let one = json!([{ "jsonrpc": "2.0", "id": 1, "method": "ping" }]);
        assert!(matches!(call(&one), ClientRequest::PingRequest(_)));
        let ClientRequest::GetPromptRequest(prompt) =
            call(&json!({ "id": 1, "method": "prompts/get", "params": { "name": "memory_context", "arguments": { "query": 5 } } }))
        else {
            panic!("a prompt is asked for")
        };
        assert_eq!(prompt.params.arguments.expect("arguments")["query"], "5");
    }

    #[test]
    fn the_letters_of_a_text_stay_and_halves_do_not() {
        let text = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{"text":"x \ud83d 5 null []"}}}"#;
        let bytes = [BOM, text.as_bytes()].concat();
        let message = mended(&bytes).expect("understood");
        assert_eq!(message["params"]["arguments"]["text"], "x \u{fffd} 5 null []");
    }

    #[test]
    fn what_a_known_method_lacks_is_named() {
        for (method, params, named) in [
            ("initialize", json!({}), "protocolVersion is missing"),
            ("initialize", json!({ "protocolVersion": "2025-06-18", "capabilities": 5 }), "capabilities must be an object"),
            ("initialize", json!({ "protocolVersion": "2025-06-18", "clientInfo": "me" }), "clientInfo must be an object"),
            ("tools/call", json!(null), "name is missing"),
            ("tools/call", json!({ "name": "a", "arguments": "words" }), "arguments must be an object"),
            ("tools/call", json!({ "name": "a", "arguments": [1, 2] }), "arguments must be an object"),
            ("tools/call", json!([1, 2]), "params must be an object"),
            ("prompts/get", json!([]), "name is missing"),
            ("resources/read", json!({ "uri": null }), "uri"),
        ] {
            let answer = refused(json!({ "jsonrpc": "2.0", "id": "x7", "method": method, "params": params }).to_string().as_bytes());
            assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!("x7"), &json!(-32602)), "{answer}");
            assert!(answer["error"]["message"].as_str().is_some_and(|m| m.contains(named) && m.contains(method)), "{answer}");
        }
        let unknown = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/burn", "params": [] });
        assert!(matches!(call(&unknown), ClientRequest::CustomRequest(_)), "rmcp answers that it does not exist");
    }

    #[test]
    fn a_readable_id_comes_back() {
        for (message, id, code) in [
            (r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"#, json!(7), -32700),
            (r#"{"id":"a","method":"ping"} trailing"#, json!("a"), -32700),
            (r#"{"id":7,"method":5}"#, json!(7), -32600),
            (r#"{"id":7}"#, json!(7), -32600),
            (r#"{"jsonrpc":"1.0","id":7,"method":"ping"}"#, json!(7), -32600),
            (r#"{"id":1.5,"method":"ping"}"#, json!(1.5), -32600),
            (r#"{"id":18446744073709551615,"method":"ping"}"#, json!(u64::MAX), -32600),
            (r#"{"id":null,"method":"ping"}"#, json!(null), -32600),
            (r#"{"id":[1],"method":"ping"}"#, json!(null), -32600),
            (r#"{"id":1,"method":"ping","result":{}}"#, json!(1), -32600),
            ("5", json!(null), -32600),
            ("[]", json!(null), -32600),
            ("", json!(null), -32700),
            ("no JSON", json!(null), -32700),
        ] {
            let answer = refused(message.as_bytes());
            assert_eq!((&answer["id"], &answer["error"]["code"]), (&id, &json!(code)), "{message}: {answer}");
        }
        let deep = format!("{{\"id\":9,\"method\":\"ping\",\"params\":{}", "[".repeat(100_000));
        assert_eq!(refused(deep.as_bytes())["id"], 9);
        let batch = refused(br#"[{"id":1,"method":"ping"},{"method":"notifications/initialized"},{"id":"b","method":"ping"}]"#);
        assert_eq!((&batch[0]["id"], &batch[1]["id"]), (&json!(1), &json!("b")), "{batch}");
        assert_eq!(Refusal::too_long(br#"{"id":3,"method":"tools/call","params":{"x":"aaaa"#, 5).id, 3);
    }

    #[test]
    fn notifications_and_answers_pass() {
        for message in [
            r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
            r#"{"jsonrpc":"2.0","id":null,"method":"notifications/initialized","params":[]}"#,
            r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}}"#,
            r#"{"jsonrpc":"2.0","method":"$/odd","params":[1]}"#,
            r#"{"jsonrpc":"2.0","id":3,"result":{}}"#,
        ] {
            assert!(!matches!(read(message.as_bytes()).expect("understood"), ClientJsonRpcMessage::Request(_)), "{message}");
        }
    }
}
