//! What search keeps in memory of a tenant: its memories by slot, the lexical index, and (for the embedded vector
//! index) the vectors. A working set is a copy of SQL up to a number of the tenant's change sequence.

use std::{cmp::Ordering, collections::HashMap};

use super::{
    lexical::{LexicalIndex, lexical_text, words},
    matrix::Matrix,
    model::{Filter, Memory, Placement, State, StoredMemory},
};
use crate::ids::MemoryId;

/// One tenant's memories up to [`WorkingSet::sequence`].
pub struct WorkingSet {
    /// The change that the set is current to.
    pub(super) sequence: i64,
    /// Where an external index keeps the tenant.
    pub(super) placement: Placement,
    slots: Vec<Option<Memory>>,
    /// State of each slot, apart from the memories: searches without a filter read nothing else.
    states: Vec<Option<State>>,
    /// Whether SQL has a vector for the slot.
    embedded: Vec<bool>,
    free: Vec<u32>,
    by_id: HashMap<MemoryId, u32>,
    lexical: LexicalIndex,
    vectors: Matrix,
    /// Words of the speakers' names, with the number of memories that carry each.
    speakers: HashMap<String, usize>,
    /// Bytes of the memories outside their slots.
    text_bytes: usize,
}

/// Which slots may be returned, and why the others may not.
pub struct Eligible {
    /// By slot.
    pub slots: Vec<bool>,
    /// Paused ones that were not asked for.
    pub paused: usize,
    /// Archived ones that were not asked for.
    pub archived: usize,
    /// Others that a condition excludes.
    pub filtered: usize,
}

impl WorkingSet {
    pub(super) fn new(dimension: usize) -> Self {
        Self {
            sequence: 0,
            placement: Placement::default(),
            slots: Vec::new(),
            states: Vec::new(),
            embedded: Vec::new(),
            free: Vec::new(),
            by_id: HashMap::new(),
            lexical: LexicalIndex::default(),
            vectors: Matrix::new(dimension),
            speakers: HashMap::new(),
            text_bytes: 0,
        }
    }

    /// The change that the set is current to.
    #[must_use]
    pub const fn sequence(&self) -> i64 {
        self.sequence
    }

    /// Number of memories that are not deleted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// True for a tenant without memories.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Length of every array that is addressed by slot.
    #[must_use]
    pub fn slot_count(&self) -> usize {
        self.slots.len()
    }

    /// The memory of a slot that a leg returned.
    #[must_use]
    pub fn memory(&self, slot: u32) -> Option<&Memory> {
        self.slots.get(slot as usize)?.as_ref()
    }

    /// The slot of a memory, for indexes that answer with ids.
    #[must_use]
    pub fn slot_of(&self, id: MemoryId) -> Option<u32> {
        self.by_id.get(&id).copied()
    }

    /// Where an external index keeps the tenant.
    #[must_use]
    pub const fn placement(&self) -> &Placement {
        &self.placement
    }

    /// Whether SQL has a vector of the text, by slot.
    #[must_use]
    pub fn embedded(&self) -> &[bool] {
        &self.embedded
    }

    /// The vectors that SQL keeps; none where an external index has them.
    #[must_use]
    pub const fn vectors(&self) -> &Matrix {
        &self.vectors
    }

    /// BM25 of the query, by slot.
    #[must_use]
    pub fn lexical_scores(&self, query: &str) -> Vec<f32> {
        self.lexical.scores(query, self.slots.len())
    }

    /// Newer memories before older ones; the id settles ties.
    #[must_use]
    pub fn newest_first(&self, a: u32, b: u32) -> Ordering {
        let key = |slot| self.memory(slot).map(|m| (m.created_at, m.id));
        key(b).cmp(&key(a))
    }

    /// The query without the names of this tenant's speakers: a name attracts every text that greets the person. A
    /// query of names alone stays as it is.
    #[must_use]
    pub fn without_names(&self, query: &str) -> String {
        if self.speakers.is_empty() {
            return query.to_owned();
        }
        let is_name = |token: &&str| words(token).next().is_some_and(|word| self.speakers.contains_key(&word));
        let kept: Vec<_> = query.split_whitespace().filter(|token| !is_name(token)).collect();
        if kept.is_empty() { query.to_owned() } else { kept.join(" ") }
    }

    /// Applies a filter.
    #[must_use]
    pub fn eligible(&self, filter: &Filter) -> Eligible {
        let mut eligible = Eligible { slots: vec![false; self.slots.len()], paused: 0, archived: 0, filtered: 0 };
        let asks = !filter.is_open();
        for (at, state) in self.states.iter().enumerate() {
            let Some(state) = *state else { continue };
            let seen = if filter.states.is_empty() { state == State::Active } else { filter.states.contains(&state) };
            match (seen, state) {
                _ if asks && !self.slots[at].as_ref().is_some_and(|memory| filter.admits(memory)) => eligible.filtered += 1,
                (true, _) => eligible.slots[at] = true,
                (false, State::Paused) => eligible.paused += 1,
                (false, State::Archived) => eligible.archived += 1,
                (false, _) => eligible.filtered += 1,
            }
        }
        eligible
    }

    /// Takes a change in.
    pub(super) fn apply(&mut self, StoredMemory { memory, embedded, vector }: StoredMemory) {
        let known = self.by_id.get(&memory.id).copied();
        if let Some(slot) = known {
            self.empty(slot);
        }
        if memory.state == State::Deleted {
            if let Some(slot) = known {
                self.by_id.remove(&memory.id);
                self.free.push(slot);
            }
            return;
        }
        let slot = known.or_else(|| self.free.pop()).unwrap_or_else(|| {
            self.slots.push(None);
            self.states.push(None);
            self.embedded.push(false);
            u32::try_from(self.slots.len() - 1).expect("a tenant in memory has fewer than 2^32 memories")
        });
        self.by_id.insert(memory.id, slot);
        self.lexical.set(slot, Some(&lexical_text(memory.occurred_at, memory.speaker.as_deref(), &memory.text)));
        self.vectors.set(slot, vector.as_deref());
        self.count_speaker(memory.speaker.as_deref(), true);
        self.text_bytes += text_bytes(&memory);
        self.states[slot as usize] = Some(memory.state);
        self.embedded[slot as usize] = embedded;
        self.slots[slot as usize] = Some(memory);
    }

    fn empty(&mut self, slot: u32) {
        if let Some(old) = self.slots[slot as usize].take() {
            self.count_speaker(old.speaker.as_deref(), false);
            self.text_bytes -= text_bytes(&old);
        }
        self.states[slot as usize] = None;
        self.embedded[slot as usize] = false;
        self.lexical.set(slot, None);
        self.vectors.set(slot, None);
    }

    fn count_speaker(&mut self, speaker: Option<&str>, add: bool) {
        for word in speaker.into_iter().flat_map(words) {
            let count = self.speakers.entry(word.clone()).or_default();
            *count = if add { *count + 1 } else { count.saturating_sub(1) };
            if *count == 0 {
                self.speakers.remove(&word);
            }
        }
    }

    /// Bytes held, roughly.
    pub(super) fn bytes(&self) -> usize {
        self.vectors.bytes() + self.lexical.bytes() + self.text_bytes + self.slots.capacity() * (size_of::<Option<Memory>>() + 64)
    }
}

/// Bytes of a memory outside its slot, roughly.
fn text_bytes(memory: &Memory) -> usize {
    memory.text.len() + memory.hash.len() + memory.app_name.len() + memory.metadata.len() * 128 + memory.tags.len() * 32
}
