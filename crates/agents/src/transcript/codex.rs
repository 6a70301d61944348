//! The rollout of Codex: one JSON object a line. What was said stands in it twice, as items for the model and as events for its
//! page; the items are read, for all versions have them.

use serde::Deserialize;

use super::{Said, Speaker};

#[derive(Deserialize)]
struct Line {
    timestamp: Option<String>,
    r#type: String,
    payload: Payload,
}

#[derive(Deserialize)]
struct Payload {
    r#type: Option<String>,
    role: Option<String>,
    #[serde(default)]
    content: Items,
    internal_chat_message_metadata_passthrough: Option<Passthrough>,
}

/// Items have lists here, other lines something else.
#[derive(Deserialize, Default)]
#[serde(untagged)]
enum Items {
    List(Vec<Item>),
    #[default]
    None,
    Other(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
struct Item {
    r#type: Option<String>,
    text: Option<String>,
}

/// Newer versions say of each item where it comes from.
#[derive(Deserialize)]
struct Passthrough {
    #[serde(default)]
    content_item_kinds: Vec<String>,
}

/// Texts of the person's side that begin like this are the program's.
const ADDED: [&str; 16] = [
    "<environment_context>",
    "<user_instructions>",
    "<permissions instructions>",
    "<skills_instructions>",
    "<collaboration_mode>",
    "<INSTRUCTIONS>",
    "# AGENTS.md instructions",
    "<turn_aborted>",
    "<skill>",
    "<user_action>",
    "<user_shell_command>",
    "<subagent_notification>",
    "<hook_prompt",
    "<image",
    "</image>",
    "Warning: The maximum number of unified exec processes",
];

/// Editors put what is open before the prompt, and this before what the person wrote.
const REQUEST: &str = "## My request for Codex:";

pub(super) fn said(line: &[u8]) -> Option<Said> {
    let line: Line = serde_json::from_slice(line).ok()?;
    if line.r#type != "response_item" || line.payload.r#type.as_deref() != Some("message") {
        return None;
    }
    let Items::List(items) = line.payload.content else { return None };
    let speaker = match line.payload.role.as_deref() {
        Some("user") => Speaker::User,
        Some("assistant") => Speaker::Assistant,
        _ => return None,
    };
    let kinds = line.payload.internal_chat_message_metadata_passthrough.map(|known| known.content_item_kinds).unwrap_or_default();
    let told = kinds.len() == items.len() && speaker == Speaker::User;
    let texts = items.into_iter().enumerate().filter(|(at, item)| {
        let kind = item.r#type.as_deref();
        matches!(kind, Some("input_text" | "output_text" | "text")) && (!told || kinds[*at].starts_with("user."))
    });
    let texts = texts.filter_map(|(_, item)| item.text).filter(|text| speaker == Speaker::Assistant || !is_added(text));
    let text = texts.collect::<Vec<_>>().join("\n\n");
    let text = match text.split_once(REQUEST) {
        Some((before, request)) if speaker == Speaker::User && before.trim_start().starts_with('#') => request.to_owned(),
        Some((before, request)) if speaker == Speaker::User && before.trim().is_empty() => request.to_owned(),
        _ => text,
    };
    Some(Said { speaker, text, at: line.timestamp })
}

fn is_added(text: &str) -> bool {
    ADDED.iter().any(|start| text.trim_start().starts_with(start))
}
