//! Conversations of ChatGPT's export (`conversations.json`, since 2026 `conversations-000.json` and on): each a tree of
//! messages (`mapping`), whose branch that was last seen ends at `current_node`.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{
    ImportOptions, Parsed,
    turn::{Product, Turn, time, words},
};

const CHATGPT: Product = Product { app: "chatgpt", name: "ChatGPT" };

/// Takes what was said in a conversation, in its order; false where it has no messages that are known here.
pub(super) fn conversation(conversation: &Value, options: &ImportOptions, parsed: &mut Parsed) -> bool {
    let Some(nodes) = conversation["mapping"].as_object() else { return false };
    let branch = branch(nodes, conversation["current_node"].as_str());
    let seen: HashSet<_> = branch.iter().copied().collect();
    for (id, node) in nodes {
        if role(&node["message"]) == Some("user") && !seen.contains(id.as_str()) {
            parsed.leave_out("other_branch");
        }
    }
    for node in branch.iter().filter_map(|id| nodes.get(*id)) {
        let message = &node["message"];
        match said(message, options) {
            // The root of the tree.
            _ if node.is_object() && message.is_null() => {}
            Ok(text) => parsed.take(
                Turn {
                    conversation: conversation["conversation_id"].as_str().or(conversation["id"].as_str()),
                    title: conversation["title"].as_str(),
                    by_person: role(message) == Some("user"),
                    at: time(&message["create_time"]),
                    file: None,
                    text,
                }
                .exported(&CHATGPT),
            ),
            Err(why) => parsed.leave_out(why),
        }
    }
    true
}

/// The ids from the root to the node that was last seen; all of them by time where that is not told.
fn branch<'a>(nodes: &'a Map<String, Value>, last: Option<&str>) -> Vec<&'a str> {
    let (mut branch, mut seen) = (Vec::new(), HashSet::new());
    let mut at = last;
    while let Some((id, node)) = at.and_then(|id| nodes.get_key_value(id)) {
        // A file can be made to run in a circle.
        if !seen.insert(id) {
            break;
        }
        branch.push(id.as_str());
        at = node["parent"].as_str();
    }
    branch.reverse();
    if branch.is_empty() {
        let at = |id: &str| nodes.get(id).and_then(|node| time(&node["message"]["create_time"]));
        branch = nodes.keys().map(String::as_str).collect();
        branch.sort_by_cached_key(|id| (at(id), *id));
    }
    branch
}

fn role(message: &Value) -> Option<&str> {
    message["author"]["role"].as_str()
}

/// The words of a message, or why there are none to keep.
fn said(message: &Value, options: &ImportOptions) -> Result<String, &'static str> {
    if !message.is_object() {
        return Err("unreadable");
    }
    let content = &message["content"];
    let written = matches!(content["content_type"].as_str(), None | Some("text" | "multimodal_text"));
    match role(message) {
        None => return Err("unknown_speaker"),
        Some("user") => {}
        // What it tells its tools is no answer.
        Some("assistant") if message["recipient"].as_str().is_none_or(|to| to == "all") => {
            if !options.assistant {
                return Err("assistant");
            }
            // Nor is what it tells itself.
            if !written {
                return Err("no_text");
            }
        }
        Some(_) => return Err("system"),
    }
    // The second carries the person's custom instructions into the conversation.
    let marks = ["is_visually_hidden_from_conversation", "is_user_system_message"];
    if marks.iter().any(|mark| message["metadata"][*mark] == true) {
        return Err("hidden");
    }
    Some(words(content)).filter(|text| !text.is_empty()).ok_or("no_text")
}
