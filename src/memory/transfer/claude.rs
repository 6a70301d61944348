//! Claude's export: conversations (`conversations.json`), what Claude remembers of a person and of their projects
//! (`memories.json`, or files in `memories/`), and the names of the projects (`projects.json`, or files in `projects/`).

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{
    Exported, ImportOptions, Parsed,
    conversations::{Product, Turn},
};
use crate::{
    clock::Timestamp,
    error::{Error, Result},
    memory::model::{MemoryType, Metadata},
};

const CLAUDE: Product = Product { app: "claude", name: "Claude" };

#[derive(Deserialize)]
struct Conversation {
    uuid: Option<String>,
    name: Option<String>,
    chat_messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Message {
    /// `human` or `assistant`.
    sender: String,
    /// RFC 3339.
    created_at: Option<String>,
    text: Option<String>,
    /// The same in blocks, beside those of tools and files.
    content: Option<Vec<Block>>,
}

#[derive(Deserialize)]
struct Block {
    r#type: Option<String>,
    text: Option<String>,
}

/// Takes what was said in a conversation, in its order.
pub(super) fn conversation(value: &RawValue, options: &ImportOptions, parsed: &mut Parsed) -> serde_json::Result<()> {
    let conversation: Conversation = serde_json::from_str(value.get())?;
    for message in &conversation.chat_messages {
        match message.said(options) {
            Ok(text) => parsed.take(
                Turn {
                    conversation: conversation.uuid.as_deref(),
                    title: conversation.name.as_deref(),
                    by_person: message.sender == "human",
                    at: message.created_at.as_deref().and_then(Timestamp::parse),
                    text,
                }
                .exported(&CLAUDE),
            ),
            Err(why) => parsed.leave_out(why),
        }
    }
    Ok(())
}

impl Message {
    /// The words, or why there are none to keep.
    fn said(&self, options: &ImportOptions) -> Result<String, &'static str> {
        match self.sender.as_str() {
            "human" => {}
            "assistant" if options.assistant => {}
            "assistant" => return Err("assistant"),
            _ => return Err("system"),
        }
        let blocks = self.content.iter().flatten().filter(|block| block.r#type.as_deref() == Some("text"));
        let blocks: Vec<_> = blocks.filter_map(|block| block.text.as_deref()).map(str::trim).filter(|text| !text.is_empty()).collect();
        let text = if blocks.is_empty() { self.text.as_deref().unwrap_or_default().trim().to_owned() } else { blocks.join("\n") };
        if text.is_empty() { Err("no_text") } else { Ok(text) }
    }
}

/// Names of projects by their ids.
#[derive(Default)]
pub(super) struct Projects(HashMap<String, String>);

#[derive(Deserialize)]
struct Project {
    uuid: String,
    name: String,
    docs: Option<Vec<serde::de::IgnoredAny>>,
}

impl Projects {
    /// Notes the projects of a file: one, or a list. Their documents are files, not memories.
    pub(super) fn add(&mut self, file: Value, parsed: &mut Parsed) {
        for value in one_or_more(file) {
            if let Ok(project) = serde_json::from_value::<Project>(value) {
                for _ in project.docs.iter().flatten() {
                    parsed.leave_out("documents");
                }
                self.0.insert(project.uuid, project.name);
            }
        }
    }
}

#[derive(Deserialize)]
struct Remembered {
    conversations_memory: Option<String>,
    /// By the id of the project.
    project_memories: Option<BTreeMap<String, String>>,
}

/// Takes what Claude remembers, a paragraph at a time: of one account, or of a list of them.
pub(super) fn memories(file: Value, projects: &Projects, parsed: &mut Parsed) -> Result<()> {
    for value in one_or_more(file) {
        let remembered: Remembered = serde_json::from_value(value)
            .map_err(|error| Error::invalid(format!("The memories in the archive have a form that is not known here: {error}.")))?;
        paragraphs(&remembered.conversations_memory.unwrap_or_default(), None, parsed);
        for (id, text) in remembered.project_memories.unwrap_or_default() {
            let name = projects.0.get(&id).map(String::as_str).filter(|name| !name.trim().is_empty());
            paragraphs(&text, name, parsed);
        }
    }
    Ok(())
}

fn one_or_more(file: Value) -> Vec<Value> {
    match file {
        Value::Array(list) => list,
        one => vec![one],
    }
}

/// The paragraphs of a text in Markdown, each under the heading that it stands below.
fn paragraphs(text: &str, project: Option<&str>, parsed: &mut Parsed) {
    let (mut section, mut open) = (None::<String>, Vec::new());
    for line in text.lines().map(str::trim).chain([""]) {
        let heading = heading(line);
        if !line.is_empty() && heading.is_none() {
            open.push(line);
            continue;
        }
        if !open.is_empty() {
            parsed.take(Exported {
                text: open.join("\n"),
                project: project.map(str::to_owned),
                app: Some(CLAUDE.app.into()),
                metadata: section.iter().map(|section| ("section".to_owned(), Value::from(section.as_str()))).collect::<Metadata>(),
                tags: vec![CLAUDE.app.into()],
                memory_type: Some(MemoryType::Semantic),
                ..Exported::default()
            });
            open.clear();
        }
        if heading.is_some() {
            section = heading;
        }
    }
}

/// A line that is a heading: `# so` or `**so**`.
fn heading(line: &str) -> Option<String> {
    let bold = line.strip_prefix("**").and_then(|rest| rest.strip_suffix("**")).filter(|inner| !inner.contains("**"));
    let heading = bold.or_else(|| line.strip_prefix('#').map(|rest| rest.trim_start_matches('#')))?;
    Some(heading.trim().trim_end_matches(':').to_owned()).filter(|heading| !heading.is_empty())
}
