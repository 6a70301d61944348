//! Who said what: the speakers of one tenant, by slot. A name in a question attracts every text that greets the person, so
//! it is cut from what the dense leg asks; what that person said is lifted instead.

use std::collections::{HashMap, HashSet};

use crate::{NONE, words::words};

/// Speakers by slot.
#[derive(Default)]
pub struct Speakers {
    ids: HashMap<String, u32>,
    /// Words of each name, and how many memories carry it.
    names: Vec<(Vec<String>, usize)>,
    /// Words of names in use, with the number of memories that carry each.
    words: HashMap<String, usize>,
    slots: Vec<u32>,
}

impl Speakers {
    /// Puts a speaker in a slot, replacing whoever was there; who it is, as a number.
    pub fn set(&mut self, slot: u32, speaker: Option<&str>) -> u32 {
        let at = slot as usize;
        if self.slots.len() <= at {
            self.slots.resize(at + 1, NONE);
        }
        self.count(self.slots[at], false);
        self.slots[at] = speaker.map_or(NONE, |name| self.id(name));
        self.count(self.slots[at], true);
        self.slots[at]
    }

    fn id(&mut self, name: &str) -> u32 {
        let name = name.to_lowercase();
        let next = u32::try_from(self.names.len()).expect("fewer than 2^32 speakers fit in memory");
        let id = *self.ids.entry(name.clone()).or_insert(next);
        if id == next {
            self.names.push((words(&name).collect(), 0));
        }
        id
    }

    fn count(&mut self, id: u32, add: bool) {
        let Some((name, memories)) = self.names.get_mut(id as usize) else { return };
        *memories = if add { *memories + 1 } else { *memories - 1 };
        for word in name {
            let count = self.words.entry(word.clone()).or_default();
            *count = if add { *count + 1 } else { *count - 1 };
            if *count == 0 {
                self.words.remove(word);
            }
        }
    }

    /// The question without the words of names; one of names alone stays as it is.
    #[must_use]
    pub fn cut_from(&self, question: &str) -> String {
        if self.words.is_empty() {
            return question.to_owned();
        }
        let is_name = |token: &&str| words(token).next().is_some_and(|word| self.words.contains_key(&word));
        let kept: Vec<_> = question.split_whitespace().filter(|token| !is_name(token)).collect();
        if kept.is_empty() { question.to_owned() } else { kept.join(" ") }
    }

    /// Whether each slot's speaker is one whom the question names; empty when it names nobody, or everybody.
    #[must_use]
    pub fn named_in(&self, question: &str) -> Vec<bool> {
        let asked: HashSet<_> = words(question).collect();
        let present = self.names.iter().filter(|(_, memories)| *memories > 0).count();
        let named: Vec<_> =
            self.names.iter().map(|(name, memories)| *memories > 0 && name.iter().any(|word| asked.contains(word))).collect();
        let count = named.iter().filter(|named| **named).count();
        if count == 0 || count == present {
            return Vec::new();
        }
        self.slots.iter().map(|id| named.get(*id as usize).copied().unwrap_or(false)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_and_found_while_somebody_bears_them() {
        let mut speakers = Speakers::default();
        speakers.set(0, Some("Maria Lopez"));
        speakers.set(1, Some("Ann"));
        speakers.set(3, None);
        assert_eq!(speakers.cut_from("What does Maria's dog eat?"), "What does dog eat?");
        assert_eq!(speakers.cut_from("Maria"), "Maria");
        assert_eq!(speakers.named_in("what does ann eat?"), [false, true, false, false]);
        assert_eq!(speakers.named_in("Maria and Ann?"), [] as [bool; 0], "everybody");
        assert_eq!(speakers.named_in("what of Annabel?"), [] as [bool; 0], "nobody");
        speakers.set(1, None);
        assert_eq!(speakers.cut_from("Ann and Maria eat"), "Ann and eat");
        assert_eq!(speakers.named_in("Maria?"), [] as [bool; 0], "the only one left");
    }
}
