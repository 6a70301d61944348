//! Claude's export: conversations (`conversations.json`), what Claude remembers of a person and of their projects
//! (`memories.json`, or files in `memories/`), and the names of the projects (`projects.json`, or files in `projects/`).

use std::{cell::Cell, collections::HashMap, io::BufRead};

use serde::de::DeserializeSeed;
use serde_json::Value;

use super::{
    Exported, ImportOptions, Parsed,
    json::{Keep, Lean, Lists, Weighed, begin},
    openmemory::not_json,
    short::Short,
    turn::{Product, Turn, damaged, time, words},
};
use crate::{
    error::Result,
    memory::{MemoryType, Metadata},
};

/// What is read of a project, of what is remembered, and how many projects there may be with names of what length.
const PROJECT: Keep = Keep { most: 4 << 20, fields: Some((&["uuid", "name", "docs"], "")) };
const REMEMBERED: Keep = Keep { most: 16 << 20, fields: None };
const PROJECTS: usize = 10_000;
const LONGEST_NAME: usize = 1_000;

const CLAUDE: Product = Product { app: "claude", name: "Claude" };

/// Takes what was said in a conversation, in its order; false where it has no messages that are known here.
pub(super) fn conversation(conversation: &Value, options: &ImportOptions, parsed: &mut Parsed) -> bool {
    let Some(messages) = conversation["chat_messages"].as_array() else { return false };
    for message in messages {
        let by_person = match by_person(message, options) {
            Ok(by_person) => by_person,
            Err(why) => {
                parsed.leave_out(why);
                continue;
            }
        };
        let turn = |text, file| Turn {
            conversation: conversation["uuid"].as_str(),
            title: conversation["name"].as_str(),
            by_person,
            at: time(&message["created_at"]),
            file,
            text,
        };
        let text = text(message, by_person);
        let alone = text.is_empty();
        let mut said = if alone { Vec::new() } else { vec![turn(text, None)] };
        for (file, text) in handed_over(message).filter(|_| by_person) {
            // Beside a message, a document that was uploaded is what the message is about.
            if alone || is_pasted(file) {
                said.push(turn(text, file));
            } else {
                parsed.leave_out("attachments");
            }
        }
        if said.is_empty() {
            parsed.leave_out("no_text");
        }
        for turn in said {
            parsed.take(turn.exported(&CLAUDE));
        }
    }
    true
}

/// Whether the person said it, where it is to be kept; else why not.
fn by_person(message: &Value, options: &ImportOptions) -> Result<bool, &'static str> {
    match message["sender"].as_str() {
        Some("human") => Ok(true),
        Some("assistant") if options.assistant => Ok(false),
        Some("assistant") => Err("assistant"),
        Some(_) => Err("system"),
        None if message.is_object() => Err("unknown_speaker"),
        None => Err("unreadable"),
    }
}

/// The words of a message: those of its blocks, beside which are those of tools, or of older exports in one piece.
fn text(message: &Value, by_person: bool) -> String {
    // A person also speaks; what Claude thinks is no answer.
    let counts = |block: &&Value| block.is_string() || by_person || matches!(block["type"].as_str(), None | Some("text"));
    let of_block = |block: &Value| words(if block.is_object() { &block["text"] } else { block });
    let blocks = match &message["content"] {
        Value::Array(blocks) => blocks.iter().filter(counts).map(of_block).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n"),
        other => words(other),
    };
    if blocks.is_empty() { words(&message["text"]) } else { blocks }
}

/// The texts that came with a message, each with the name of its file.
fn handed_over(message: &Value) -> impl Iterator<Item = (Option<&str>, String)> {
    let attachments = message["attachments"].as_array().into_iter().flatten();
    let texts = attachments.map(|file| (file["file_name"].as_str(), words(&file["extracted_content"])));
    texts.filter(|(_, text)| !text.is_empty())
}

/// Whether a text was pasted: Claude makes a long one a file, without a name or with one of its own.
fn is_pasted(file: Option<&str>) -> bool {
    file.is_none_or(|name| name.trim().is_empty() || name.to_ascii_lowercase().starts_with("paste"))
}

/// Names of projects by their ids.
#[derive(Default)]
pub(super) struct Projects(HashMap<String, String>);

impl Projects {
    /// Notes the projects of a file: one, or a list. Their documents are files, not memories.
    pub(super) fn add(&mut self, file: impl BufRead, parsed: &mut Parsed) -> Result<()> {
        one_or_more(file, PROJECT, |project| {
            parsed.saw("projects of Claude");
            let Weighed::Value(project) = project else { return parsed.leave_out("unreadable") };
            for _ in project["docs"].as_array().into_iter().flatten() {
                parsed.leave_out("documents");
            }
            if let (Some(id), Some(name)) = (project["uuid"].as_str(), project["name"].as_str())
                && self.0.len() < PROJECTS
                && id.len() + name.len() < LONGEST_NAME
            {
                self.0.insert(id.to_owned(), name.to_owned());
            }
        })
    }
}

/// Takes what Claude remembers, a paragraph at a time: of one account, or of a list of them.
pub(super) fn memories(file: impl BufRead, projects: &Projects, parsed: &mut Parsed) -> Result<()> {
    one_or_more(file, REMEMBERED, |remembered| {
        parsed.saw("what Claude remembers");
        let Weighed::Value(remembered) = remembered else {
            return parsed.refuse("There is more in what Claude remembers than is taken.");
        };
        if !remembered.is_object() {
            return parsed.refuse("What Claude remembers has a form that is not known here.");
        }
        paragraphs(&words(&remembered["conversations_memory"]), None, parsed);
        match &remembered["project_memories"] {
            Value::Object(of_projects) => {
                for (id, text) in of_projects {
                    let name = projects.0.get(id).map(String::as_str).filter(|name| !name.trim().is_empty());
                    paragraphs(&words(text), name, parsed);
                }
            }
            Value::Null => {}
            _ => parsed.leave_out("unreadable"),
        }
    })
}

/// Hands over the values of a list, or the one that a file is.
fn one_or_more(mut file: impl BufRead, keep: Keep, mut take: impl FnMut(Weighed)) -> Result<()> {
    let first = begin(&mut file).map_err(damaged)?;
    let cut = Cell::new(0);
    let mut json = serde_json::Deserializer::from_reader(Short::new(file, &cut));
    let read = if first == Some(b'[') {
        let take = |_: &str, value| {
            take(value);
            true
        };
        Lists { names: &[], keep, cut: &cut, take }.deserialize(&mut json)
    } else {
        Lean::new(keep, &cut).deserialize(&mut json).map(take)
    };
    read.and_then(|()| json.end()).map_err(|error| if error.is_io() { damaged(error.into()) } else { not_json(&error) })
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
