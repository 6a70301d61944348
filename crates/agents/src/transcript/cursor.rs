//! The transcript of Cursor: one message a line, without times.

use serde::Deserialize;

use super::claude::Content;
use super::clean::{within, without};
use super::{Said, Speaker};

#[derive(Deserialize)]
struct Line {
    role: String,
    message: Message,
    timestamp: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    content: Content,
}

/// Elements that Cursor puts around and among what the person said.
const ADDED: [&str; 12] = [
    "timestamp",
    "system_reminder",
    "system-reminder",
    "attached_files",
    "open_and_recently_viewed_files",
    "user_info",
    "git_status",
    "project_layout",
    "rules",
    "agent_skills",
    "image_files",
    "additional_data",
];

pub(super) fn said(line: &[u8]) -> Option<Said> {
    let line: Line = serde_json::from_slice(line).ok()?;
    let speaker = match line.role.as_str() {
        "user" => Speaker::User,
        "assistant" => Speaker::Assistant,
        _ => return None,
    };
    let text = line.message.content.text(speaker);
    let text = match speaker {
        // What the person typed is marked; what stands in it is theirs, whatever it looks like.
        Speaker::User => within(&text, "user_query").map_or_else(|| without(&text, &ADDED), ToOwned::to_owned),
        // Thoughts are kept from it, or stand there as a placeholder.
        Speaker::Assistant if text.trim() == "[REDACTED]" => return None,
        Speaker::Assistant => text.replace("\n\n[REDACTED]", ""),
    };
    Some(Said { speaker, text, at: line.timestamp })
}
