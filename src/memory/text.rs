//! What a text must be before it is stored, and its hash.

use std::collections::HashSet;

use super::model::{Content, ContentChange, Filter, MemoryLimits, Metadata, NewMemory, Origin};
use crate::error::{Code, Error, Result};

/// Longest tag, speaker, session id or key, in characters.
const MAX_LABEL: usize = 200;
/// Most memories that one is linked with as it is added.
const MAX_RELATED: usize = 50;
/// Most apps of one filter.
const MAX_FILTERED: usize = 100;
/// Most tags of one memory, and of one filter.
const MAX_TAGS: usize = 50;

/// Trims and checks the text of a memory.
pub(super) fn checked_text(text: &str, limits: &MemoryLimits) -> Result<String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::invalid("The text is empty. Send the fact to remember as one or more sentences."));
    }
    if text.len() > limits.text_bytes {
        return Err(Error::new(
            Code::TooLarge,
            format!("The text has {} bytes; the limit is {}. Split it into several memories.", text.len(), limits.text_bytes),
        ));
    }
    if text.contains('\0') {
        return Err(Error::invalid("The text contains a NUL character. Remove it and send the text again."));
    }
    Ok(text.to_owned())
}

pub(super) fn checked_metadata(metadata: &Metadata, limits: &MemoryLimits) -> Result<()> {
    let json = serde_json::to_string(metadata).map_err(Error::internal)?;
    if json.len() > limits.metadata_bytes {
        return Err(Error::new(
            Code::TooLarge,
            format!("The metadata has {} bytes of JSON; the limit is {}.", json.len(), limits.metadata_bytes),
        ));
    }
    // Postgres cannot store it, so neither engine takes it.
    if json.contains("\\u0000") {
        return Err(Error::invalid("The metadata contains a NUL character. Remove it and send it again."));
    }
    Ok(())
}

/// Trims tags and leaves out those that say nothing, as forms and models send them.
fn said(tags: &[String]) -> impl Iterator<Item = &str> {
    tags.iter().map(|tag| tag.trim()).filter(|tag| !tag.is_empty())
}

/// Trims, removes repeats and checks tags.
pub(super) fn checked_tags(tags: &[String]) -> Result<Vec<String>> {
    let mut seen = HashSet::new();
    let mut kept = Vec::with_capacity(tags.len());
    for tag in said(tags) {
        let tag = checked_label("tag", tag)?;
        if seen.insert(tag.clone()) {
            kept.push(tag);
        }
    }
    if kept.len() > MAX_TAGS {
        return Err(Error::invalid(format!("{} tags; a memory and a filter take at most {MAX_TAGS}.", kept.len())));
    }
    Ok(kept)
}

/// Leaves the first of equal labels.
pub(super) fn without_repeats(labels: &mut Vec<String>) {
    let mut seen = HashSet::new();
    labels.retain(|label| seen.insert(label.clone()));
}

pub(super) fn checked_label(what: &str, label: &str) -> Result<String> {
    let label = label.trim();
    if label.is_empty() || label.chars().count() > MAX_LABEL || label.chars().any(char::is_control) {
        return Err(Error::invalid(format!("A {what} must be 1 to {MAX_LABEL} characters without control characters.")));
    }
    Ok(label.to_owned())
}

/// Checks what a filter compares with: what no memory can have is a mistake, and a list has its bound.
pub(super) fn checked_filter(filter: &mut Filter) -> Result<()> {
    filter.tags = checked_tags(&filter.tags)?;
    filter.session_id = filter.session_id.take().map(|session| checked_label("session_id", &session)).transpose()?;
    if filter.apps.len() > MAX_FILTERED {
        return Err(Error::invalid(format!("{} apps; name at most {MAX_FILTERED} in one filter.", filter.apps.len())));
    }
    Ok(())
}

/// Checks a text that memories are to contain: it is compared letter by letter with all that there is.
pub(super) fn checked_part(part: &str) -> Result<()> {
    if part.chars().count() > MAX_LABEL || part.contains('\0') {
        return Err(Error::invalid(format!(
            "search_query looks for these very letters and takes at most {MAX_LABEL} characters, without NUL. To find by meaning, use search."
        )));
    }
    Ok(())
}

pub(super) fn checked_confidence(confidence: f64) -> Result<f64> {
    if (0.0..=1.0).contains(&confidence) { Ok(confidence) } else { Err(Error::invalid("confidence must be 0 to 1.")) }
}

/// Checks everything but the project.
pub(super) fn checked(mut memory: NewMemory, limits: &MemoryLimits) -> Result<NewMemory> {
    let label = |what, value: Option<String>| value.map(|v| checked_label(what, &v)).transpose();
    // Each field by name: a new one is not let in unlooked at.
    let Content { text, metadata, tags, memory_type: _, confidence, pinned: _, expires_at: _ } = &mut memory.content;
    let Origin { speaker, occurred_at: _, session_id, position: _, source: _ } = &mut memory.origin;
    *text = checked_text(text, limits)?;
    checked_metadata(metadata, limits)?;
    *tags = checked_tags(tags)?;
    *confidence = checked_confidence(*confidence)?;
    *speaker = label("speaker", speaker.take())?;
    *session_id = label("session_id", session_id.take())?;
    memory.pattern_signature = label("pattern_signature", memory.pattern_signature)?;
    if memory.related.len() > MAX_RELATED {
        return Err(Error::invalid(format!(
            "{} related memories; a memory takes at most {MAX_RELATED} as it is added.",
            memory.related.len()
        )));
    }
    Ok(memory)
}

/// Checks what is to change.
pub(super) fn checked_change(change: ContentChange, limits: &MemoryLimits) -> Result<ContentChange> {
    let ContentChange { text, metadata, tags, memory_type, confidence, pinned, expires_at } = change;
    metadata.iter().try_for_each(|metadata| checked_metadata(metadata, limits))?;
    let text = text.map(|text| checked_text(&text, limits)).transpose()?;
    let tags = tags.map(|tags| checked_tags(&tags)).transpose()?;
    let confidence = confidence.map(checked_confidence).transpose()?;
    Ok(ContentChange { text, metadata, tags, memory_type, confidence, pinned, expires_at })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_tags_are_left_out_and_bad_ones_refused() {
        let tags = |tags: &[&str]| checked_tags(&tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>());
        assert_eq!(tags(&["", "ok"]).expect("fit"), ["ok"]);
        assert_eq!(tags(&[" ok ", "  ", "ok", "a,b", "\t"]).expect("fit"), ["ok", "a,b"]);
        assert!(tags(&["", " "]).expect("fit").is_empty());
        assert!(tags(&["a\nb"]).is_err() && tags(&[&"x".repeat(201)]).is_err());
    }
}
