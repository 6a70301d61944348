//! Conversations of ChatGPT's export (`conversations.json`, since 2026 `conversations-000.json` and on): each a tree of
//! messages (`mapping`), whose branch that was last seen ends at `current_node`.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{
    ImportOptions, Parsed,
    conversations::{Product, Turn},
};
use crate::clock::Timestamp;

const CHATGPT: Product = Product { app: "chatgpt", name: "ChatGPT" };

#[derive(Deserialize)]
struct Conversation {
    #[serde(rename = "conversation_id")]
    id: Option<String>,
    /// The same under its older name.
    #[serde(rename = "id")]
    old_id: Option<String>,
    title: Option<String>,
    current_node: Option<String>,
    mapping: HashMap<String, Node>,
}

#[derive(Deserialize)]
struct Node {
    message: Option<Message>,
    parent: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    author: Author,
    /// Seconds since 1970 UTC.
    create_time: Option<f64>,
    content: Content,
    /// To whom; `all` is the person.
    recipient: Option<String>,
    metadata: Option<Marks>,
}

#[derive(Deserialize)]
struct Author {
    role: String,
}

#[derive(Deserialize)]
struct Content {
    content_type: Option<String>,
    /// Strings, and objects for pictures and sound.
    parts: Option<Vec<Value>>,
}

#[derive(Deserialize)]
struct Marks {
    is_visually_hidden_from_conversation: Option<bool>,
    /// Carries the person's custom instructions into the conversation.
    is_user_system_message: Option<bool>,
}

/// Takes what was said in a conversation, in its order.
pub(super) fn conversation(value: &RawValue, options: &ImportOptions, parsed: &mut Parsed) -> serde_json::Result<()> {
    let conversation: Conversation = serde_json::from_str(value.get())?;
    let branch = conversation.branch();
    let seen: HashSet<_> = branch.iter().copied().collect();
    for (id, node) in &conversation.mapping {
        if node.message.as_ref().is_some_and(|message| message.author.role == "user") && !seen.contains(id.as_str()) {
            parsed.leave_out("other_branch");
        }
    }
    for message in branch.iter().filter_map(|id| conversation.mapping.get(*id)?.message.as_ref()) {
        match message.said(options) {
            Ok(text) => parsed.take(
                Turn {
                    conversation: conversation.id.as_deref().or(conversation.old_id.as_deref()),
                    title: conversation.title.as_deref(),
                    by_person: message.author.role == "user",
                    at: message.create_time.and_then(moment),
                    text,
                }
                .exported(&CHATGPT),
            ),
            Err(why) => parsed.leave_out(why),
        }
    }
    Ok(())
}

impl Conversation {
    /// The ids from the root to the node that was last seen; all of them by time where that is not told.
    fn branch(&self) -> Vec<&str> {
        let (mut branch, mut seen) = (Vec::new(), HashSet::new());
        let mut at = self.current_node.as_deref();
        while let Some((id, node)) = at.and_then(|id| self.mapping.get_key_value(id)) {
            // A file can be made to run in a circle.
            if !seen.insert(id) {
                break;
            }
            branch.push(id.as_str());
            at = node.parent.as_deref();
        }
        branch.reverse();
        if branch.is_empty() {
            branch = self.mapping.keys().map(String::as_str).collect();
            let time = |id: &str| self.mapping[id].message.as_ref().and_then(|message| message.create_time).unwrap_or_default();
            branch.sort_by(|one, other| time(one).total_cmp(&time(other)).then(one.cmp(other)));
        }
        branch
    }
}

impl Message {
    /// The words, or why there are none to keep.
    fn said(&self, options: &ImportOptions) -> Result<String, &'static str> {
        match self.author.role.as_str() {
            "user" => {}
            // What it tells its tools is no answer.
            "assistant" if self.recipient.as_deref().is_none_or(|to| to == "all") => {
                if !options.assistant {
                    return Err("assistant");
                }
            }
            _ => return Err("system"),
        }
        let marked = |mark: fn(&Marks) -> Option<bool>| self.metadata.as_ref().and_then(mark) == Some(true);
        if marked(|m| m.is_visually_hidden_from_conversation) || marked(|m| m.is_user_system_message) {
            return Err("hidden");
        }
        if !matches!(self.content.content_type.as_deref(), None | Some("text" | "multimodal_text")) {
            return Err("no_text");
        }
        let parts = self.content.parts.iter().flatten().filter_map(Value::as_str).map(str::trim).filter(|part| !part.is_empty());
        let text = parts.collect::<Vec<_>>().join("\n");
        if text.is_empty() { Err("no_text") } else { Ok(text) }
    }
}

fn moment(seconds: f64) -> Option<Timestamp> {
    /// The end of the year 9999.
    const LAST: f64 = 253_402_300_799.0;
    #[expect(clippy::cast_possible_truncation, reason = "it is within the range")]
    (0.0..=LAST).contains(&seconds).then(|| Timestamp((seconds * 1e6).round() as i64))
}
