//! Which messages a fact was taken from: a model tells the fact, not its place, so the message with most of its words is named,
//! and its nearest sentence quoted. The fact is trusted no more than any message that it may be from.

use std::collections::HashSet;

use ranking::words::words;

use super::{Fact, InferInput, of_fact};
use crate::memory::{
    gate,
    model::{NewMemory, Source},
    text,
};

/// Longest quote, in bytes.
const QUOTE: usize = 240;
/// A message with at least this part of the words of the best one, in tenths, may be what a fact was taken from.
const MAY_BE: usize = 6;

/// The messages of an operation.
pub(super) struct Sources(Vec<Said>);

struct Said {
    words: HashSet<String>,
    flags: Vec<String>,
    trust: f64,
}

impl Sources {
    pub(super) fn of(input: &InferInput) -> Self {
        let said = input.messages.iter().map(|message| {
            let (flags, trust) = gate::noted(&message.content);
            Said { words: words(&message.content).collect(), flags, trust }
        });
        Self(said.collect())
    }

    /// A fact as a memory to be judged; `at` is its place among the facts.
    pub(super) fn memory(&self, input: &InferInput, fact: &Fact, at: usize) -> NewMemory {
        let told: HashSet<String> = words(&fact.text).collect();
        let shared: Vec<usize> = self.0.iter().map(|said| told.intersection(&said.words).count()).collect();
        let most = shared.iter().copied().max().unwrap_or_default();
        let best = shared.iter().position(|count| *count == most && most > 0);
        let (mut flags, mut trust) = (input.shared.flags.clone(), input.shared.trust.unwrap_or(1.0));
        for (said, _) in self.0.iter().zip(&shared).filter(|(_, count)| **count * 10 >= most * MAY_BE) {
            trust = trust.min(said.trust);
            flags.extend(said.flags.iter().filter(|flag| !flags.contains(flag)).cloned().collect::<Vec<_>>());
        }
        let mut memory = of_fact(&input.shared, at);
        let mut tags = memory.content.tags.clone();
        tags.extend(fact.categories.iter().cloned());
        fact.text.trim().clone_into(&mut memory.content.text);
        // A category that is no tag is left out; the fact is kept.
        if let Ok(tags) = text::checked_tags(&tags) {
            memory.content.tags = tags;
        }
        memory.origin.source = Some(Source {
            session_id: memory.origin.session_id.clone(),
            message: best,
            quote: best.map(|best| quote(&input.messages[best].content, &told)),
        });
        NewMemory { trust: Some(trust), flags, ..memory }
    }
}

/// The sentence with most of these words, cut to a length.
fn quote(message: &str, told: &HashSet<String>) -> String {
    let sentences = message.split_inclusive(['.', '!', '?', '\n', '\u{3002}', '\u{ff01}', '\u{ff1f}']).map(str::trim);
    let best = sentences.max_by_key(|sentence| words(sentence).filter(|word| told.contains(word)).count()).unwrap_or(message);
    best[..best.floor_char_boundary(QUOTE)].to_owned()
}
