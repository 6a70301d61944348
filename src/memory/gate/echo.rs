//! A client that stores what it was told by its memory makes the memory an echo of itself; known from a product whose store came
//! to be nothing else. An echo is only what was served whole: sentences put together of which each was served as it stands. One
//! other word is news.

use std::collections::{HashMap, HashSet};

use crate::{
    clock::Timestamp,
    ids::{MemoryId, ProjectId},
    memory::{
        gist::same_text,
        model::{Memory, State},
        recall::WorkingSet,
    },
};

/// Sentences of a text that are looked at: a longer text is more than an echo.
const MOST_SENTENCES: usize = 100;

/// The sentences of what was served, by project and lower-case text.
#[derive(Default)]
pub(super) struct Sentences(HashMap<(ProjectId, String), HashSet<String>>);

impl Sentences {
    /// Of those memories that the set still holds and a search finds: what holds no longer is news when it is said again. Only those
    /// sentences are looked at that may be one of `texts`.
    pub(super) fn of<'t>(set: &WorkingSet, served: &[MemoryId], now: Timestamp, texts: impl Iterator<Item = &'t str>) -> Self {
        let lengths: HashSet<_> = texts.flat_map(|text| sentences(text).take(MOST_SENTENCES)).map(lower_len).collect();
        let mut all = Self::default();
        let ids: HashSet<_> = served.iter().collect();
        let found = |memory: &&Memory| memory.state == State::Active && !memory.is_expired(now);
        for memory in ids.into_iter().filter_map(|id| set.memory(set.slot_of(*id)?)).filter(found) {
            all.add(memory.project, &memory.content.text, |sentence| lengths.contains(&lower_len(sentence)));
        }
        all
    }

    fn add(&mut self, project: ProjectId, text: &str, may_be_said: impl Fn(&str) -> bool) {
        for sentence in sentences(text).take(MOST_SENTENCES).filter(|sentence| may_be_said(sentence)) {
            self.0.entry((project, sentence.to_lowercase())).or_default().insert(sentence.to_owned());
        }
    }

    /// Whether each sentence of the text was served whole.
    pub(super) fn holds_all_of(&self, project: ProjectId, text: &str) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let mut any = false;
        for (at, sentence) in sentences(text).enumerate() {
            let served =
                self.0.get(&(project, sentence.to_lowercase())).is_some_and(|served| served.iter().any(|one| same_text(one, sentence)));
            if !served || at >= MOST_SENTENCES {
                return false;
            }
            any = true;
        }
        any
    }
}

/// Bytes of the text in lower case, without making it where it is plain.
fn lower_len(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.to_lowercase().len() }
}

/// The sentences of a text, without what ends them, and without the marks of a list.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let ends = |c: char| matches!(c, '!' | '\n' | '\u{3002}' | '\u{ff01}');
    // A full stop ends a sentence only where a space follows: `foo.bar` and `3.5` are words.
    text.split(ends)
        .flat_map(|part| part.split(". "))
        .map(|part| part.trim().trim_start_matches(['-', '*', '\u{2022}']).trim().trim_end_matches('.').trim())
        .filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_sentences_are_an_echo() {
        let (project, mut given) = (ProjectId::new(), Sentences::default());
        for text in ["Dentist appointment for Maria is on Tuesday", "Jon bakes rye bread. He lives in Oslo", "Rent is 3.5 percent up"] {
            given.add(project, text, |_| true);
        }
        for echo in [
            "Dentist appointment for Maria is on Tuesday.",
            "Jon bakes rye bread. Dentist appointment for Maria is on Tuesday!",
            "- He lives in Oslo\n- Rent is 3.5 percent up",
        ] {
            assert!(given.holds_all_of(project, echo), "{echo}");
            assert!(!given.holds_all_of(ProjectId::new(), echo), "another project was served nothing");
        }
        for news in [
            "Dentist appointment for Maria is on Thursday",
            "Jon bakes rye bread. Dentist appointment for Maria is on Friday",
            "Jon bakes rye bread for Maria",
            "Rent is 35 percent up",
            "Rent is 3 percent up",
            "He lives in oslo. She too",
        ] {
            assert!(!given.holds_all_of(project, news), "{news}");
        }
    }
}
