//! The one door to a row: an account's rules on secrets and identifiers, applied to every text of a memory, whichever way it
//! came. Nothing overrules them but the account's own settings; `force` is about holding, not about secrets.

use std::mem;

use serde_json::Value;

use super::scrub;
use crate::{
    error::{Error, Result},
    ids::{MemoryId, ProjectId},
    memory::{
        model::{Content, ContentChange, Insert, Metadata, NewMemory, Origin, Voice},
        settings::{GateSettings, Redaction},
        text,
    },
};

/// A memory that the account's rules were applied to: the only thing that becomes a row.
#[derive(Debug, Clone)]
pub struct Clean {
    memory: NewMemory,
    is_redacted: bool,
}

impl Clean {
    /// Whether something was replaced.
    #[must_use]
    pub const fn is_redacted(&self) -> bool {
        self.is_redacted
    }

    /// A memory to be stored, with an id of its own, without a vector yet.
    #[must_use]
    pub(super) fn into_insert(self, project: ProjectId) -> Insert {
        let memory = self.memory;
        Insert {
            id: MemoryId::new(),
            project,
            hash: memory.origin.hash(&memory.content.text),
            content: memory.content,
            origin: memory.origin,
            pattern_signature: memory.pattern_signature,
            created_at: memory.created_at,
            supersedes: memory.supersedes,
            related: memory.related,
            superseded_at: memory.superseded_at,
            trust: memory.trust.map_or(1.0, |trust| trust.clamp(0.0, 1.0)),
            flags: memory.flags,
            held_for: memory.held_for,
            voice: Voice::default(),
            force: memory.force,
            review: Vec::new(),
            vector: None,
        }
    }

    /// The memory.
    #[must_use]
    pub fn into_memory(self) -> NewMemory {
        self.memory
    }
}

/// The rule that found what the account does not keep.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused(pub String);

impl From<Refused> for Error {
    fn from(Refused(rule): Refused) -> Self {
        Self::invalid(format!(
            "The text holds what this account does not keep ({rule}). Take it out, or change the settings of the write gate."
        ))
    }
}

/// A memory as the account's rules let it be stored.
///
/// # Errors
/// The rule, where they refuse it.
pub fn clean(mut memory: NewMemory, settings: &GateSettings) -> Result<Clean, Refused> {
    let mut rules = Rules { settings, is_redacted: false };
    // Each field by name: a new one is not let in unlooked at.
    let Content { text, metadata, tags, memory_type: _, confidence: _, pinned: _, expires_at: _ } = &mut memory.content;
    let Origin { speaker, occurred_at: _, session_id, position: _, source } = &mut memory.origin;
    rules.text(text)?;
    rules.metadata(metadata)?;
    rules.labels(tags)?;
    rules.labels(&mut memory.flags)?;
    for label in [speaker, session_id, &mut memory.pattern_signature].into_iter().flatten() {
        rules.text(label)?;
    }
    if let Some(source) = source {
        for text in [&mut source.quote, &mut source.session_id].into_iter().flatten() {
            rules.text(text)?;
        }
    }
    let is_redacted = rules.is_redacted;
    Ok(Clean { memory, is_redacted })
}

/// A change as the account's rules let it be made.
///
/// # Errors
/// `invalid_argument` where they refuse it.
pub fn cleaned(mut change: ContentChange, settings: &GateSettings) -> Result<ContentChange> {
    let mut rules = Rules { settings, is_redacted: false };
    let ContentChange { text, metadata, tags, memory_type: _, confidence: _, pinned: _, expires_at: _ } = &mut change;
    text.iter_mut().try_for_each(|text| rules.text(text))?;
    metadata.iter_mut().try_for_each(|metadata| rules.metadata(metadata))?;
    tags.iter_mut().try_for_each(|tags| rules.labels(tags))?;
    Ok(change)
}

/// One text, as the account's rules let it be stored.
///
/// # Errors
/// `invalid_argument` where they refuse it.
pub fn clean_text(mut text: String, settings: &GateSettings) -> Result<String> {
    Rules { settings, is_redacted: false }.text(&mut text)?;
    Ok(text)
}

struct Rules<'a> {
    settings: &'a GateSettings,
    is_redacted: bool,
}

impl Rules<'_> {
    fn text(&mut self, text: &mut String) -> Result<(), Refused> {
        self.field("", text)
    }

    /// A text behind a label, which may tell what it is.
    fn field(&mut self, label: &str, text: &mut String) -> Result<(), Refused> {
        let policy = |kind| match kind {
            scrub::Kind::Secret => self.settings.secrets,
            scrub::Kind::Identifier => self.settings.identifiers,
            scrub::Kind::Contact => self.settings.contacts,
        };
        let head = if label.is_empty() { String::new() } else { format!("{label}: ") };
        let mut found = scrub::findings(&format!("{head}{text}"));
        found.retain(|finding| policy(finding.kind) != Redaction::Keep && finding.range.start >= head.len());
        for finding in &mut found {
            finding.range = finding.range.start - head.len()..finding.range.end - head.len();
        }
        if let Some(refused) = found.iter().find(|finding| policy(finding.kind) == Redaction::Refuse) {
            return Err(Refused(refused.rule.clone()));
        }
        if !found.is_empty() {
            *text = scrub::redacted(text, &found);
            self.is_redacted = true;
        }
        Ok(())
    }

    /// Two tags may have become one.
    fn labels(&mut self, labels: &mut Vec<String>) -> Result<(), Refused> {
        labels.iter_mut().try_for_each(|label| self.text(label))?;
        text::without_repeats(labels);
        Ok(())
    }

    /// Names of fields as well: a secret may stand in either.
    fn metadata(&mut self, metadata: &mut Metadata) -> Result<(), Refused> {
        for (mut name, mut value) in mem::take(metadata) {
            self.text(&mut name)?;
            self.value(&name, &mut value)?;
            metadata.insert(name, value);
        }
        Ok(())
    }

    fn value(&mut self, name: &str, value: &mut Value) -> Result<(), Refused> {
        match value {
            Value::String(text) => self.field(name, text),
            Value::Array(items) => items.iter_mut().try_for_each(|item| self.value(name, item)),
            Value::Object(fields) => self.metadata(fields),
            Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with<T>(mut value: T, change: impl FnOnce(&mut T)) -> T {
        change(&mut value);
        value
    }

    fn token() -> String {
        // Put together here, so that nobody's scanner takes this file for a leak.
        format!("ghp_{}", "k3J9xQ2mZ7vB1nR5tW8yD4fG6hL0pS2aEcUo")
    }

    fn everywhere() -> NewMemory {
        let secret = token();
        let metadata = json!({ secret.clone(): 1, "deep": [{ "in": format!("key {secret}") }] });
        NewMemory {
            content: Content {
                text: format!("the key is {secret}"),
                metadata: metadata.as_object().expect("an object").clone(),
                tags: vec![secret.clone(), "deploy".into()],
                ..Content::default()
            },
            origin: Origin { speaker: Some(secret.clone()), session_id: Some(secret.clone()), ..Origin::default() },
            pattern_signature: Some(secret),
            force: true,
            ..NewMemory::default()
        }
    }

    #[test]
    fn no_field_carries_a_secret_past_the_rules() {
        let clean = clean(everywhere(), &GateSettings::default()).expect("replaced");
        assert!(clean.is_redacted());
        let all = serde_json::to_string(&clean.into_memory()).expect("JSON");
        assert!(!all.contains(&token()), "{all}");
    }

    #[test]
    fn the_name_of_a_field_tells_what_its_value_is() {
        let metadata =
            json!({ "card": "4111111111111111", "password": "Tr0ub4dor&3", "deep": { "iban": ["DE89370400440532013000"] }, "note": "tea" });
        let memory = NewMemory {
            content: Content { text: "t".into(), metadata: metadata.as_object().expect("an object").clone(), ..Content::default() },
            ..NewMemory::default()
        };
        let clean = clean(memory, &GateSettings::default()).expect("replaced").into_memory().content.metadata;
        let clean = serde_json::to_string(&clean).expect("JSON");
        assert!(!clean.contains("4111") && !clean.contains("Tr0ub") && !clean.contains("DE89") && clean.contains("tea"), "{clean}");
    }

    #[test]
    fn each_field_alone_is_refused_where_the_account_says_so() {
        let settings = GateSettings { secrets: Redaction::Refuse, ..GateSettings::default() };
        let plain =
            || NewMemory { content: Content { text: "a plain text".into(), ..Content::default() }, force: true, ..NewMemory::default() };
        let all = everywhere();
        for memory in [
            with(plain(), |m| {
                m.content.text = all.content.text.clone();
            }),
            with(plain(), |m| {
                m.content.metadata = json!({ token(): 1 }).as_object().expect("an object").clone();
            }),
            with(plain(), |m| {
                m.content.metadata = json!({ "a": [token()] }).as_object().expect("an object").clone();
            }),
            with(plain(), |m| {
                m.content.tags = all.content.tags.clone();
            }),
            with(plain(), |m| {
                m.origin.speaker = all.origin.speaker.clone();
            }),
            with(plain(), |m| {
                m.origin.session_id = all.origin.session_id.clone();
            }),
            NewMemory { pattern_signature: all.pattern_signature, ..plain() },
        ] {
            assert_eq!(clean(memory, &settings).expect_err("refused"), Refused("github-pat".into()));
        }
        assert!(clean(plain(), &settings).is_ok());
        assert!(cleaned(ContentChange { tags: Some(all.content.tags), ..ContentChange::default() }, &settings).is_err());
    }
}
