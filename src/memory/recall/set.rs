//! What search keeps in memory of a tenant: its memories by slot, the lexical index, and (for the embedded vector
//! index) the vectors. A working set is a copy of SQL up to a number of the tenant's change sequence.

use std::{
    cmp::Ordering,
    collections::{HashMap, HashSet},
};

use chrono::{Datelike, NaiveDate};

use ranking::{
    chance::{Names, Usual},
    dates::{self, Asked},
    facts::{Facts, Wants},
    lexical::{LexicalIndex, Words},
    rank,
    sessions::Sessions,
    signals::Evidence,
    speakers::Speakers,
};

use super::matrix::Matrix;
use crate::{
    clock::Timestamp,
    ids::MemoryId,
    memory::{
        embedding::windows,
        gist::{Gist, fold_key},
        model::{EmbeddingModel, Filter, LeftOut, Memory, Placement, State, StoredMemory},
        strength::effective_strength,
    },
};

/// Fewer letters are in almost any text.
const LEAST_LITERAL: usize = 2;

/// One tenant's memories up to [`WorkingSet::sequence`].
pub struct WorkingSet {
    /// The change that the set is current to.
    pub(super) sequence: i64,
    /// What [`Changes::purged`](crate::memory::Changes::purged) said last.
    pub(super) purged: i64,
    /// Where the tenant's vectors are.
    pub(super) placement: Placement,
    /// Whose vectors the set holds, or knows of.
    model: EmbeddingModel,
    slots: Vec<Option<Memory>>,
    /// State of each slot, apart from the memories: searches without a filter read nothing else.
    states: Vec<Option<State>>,
    /// Whether SQL has a vector for the slot.
    embedded: Vec<bool>,
    /// Slots whose texts have more than one window, and how many.
    long: HashMap<u32, f32>,
    free: Vec<u32>,
    by_id: HashMap<MemoryId, u32>,
    lexical: LexicalIndex,
    vectors: Matrix,
    speakers: Speakers,
    /// In its order: a memory's position where the client told one, then time, then the order of adding.
    sessions: Sessions<(i64, Timestamp, MemoryId)>,
    /// What is told of each slot's text.
    facts: Vec<Facts>,
    /// Words of each slot's text without stop words.
    lengths: Vec<f32>,
    /// The day of each slot.
    days: Vec<NaiveDate>,
    /// Slots whose texts tell of other days.
    told: HashMap<u32, Vec<NaiveDate>>,
    /// Slots, in order, by the fingerprint of what their memories say, and that of each slot.
    gists: HashMap<u64, Vec<u32>>,
    gist_of: Vec<u64>,
    /// By what the memories of two slots are known to tell one fact, in one dress or another.
    fold_of: Vec<u64>,
    /// Fingerprints with more than one slot.
    repeated: HashSet<u64>,
    /// Slots whose memories end some day.
    ending: HashSet<u32>,
    /// Slots whose strength or trust is not that of a new memory.
    judged: HashSet<u32>,
    /// Bytes of the memories outside their slots.
    text_bytes: usize,
}

/// Which slots may be returned, and how many may not, by reason.
pub struct Eligible {
    pub slots: Vec<bool>,
    /// `paused`, `archived`, `held`, `superseded`, `expired`, or what a condition excludes (`filtered`).
    pub left_out: LeftOut,
    /// Slots under which older ones that say the same stand, with their number.
    pub alike: HashMap<u32, usize>,
    /// Slots that stand under another one.
    pub folded: HashSet<u32>,
}

/// What the dense leg found, by slot.
pub struct Dense {
    /// See [`Evidence::cosines`].
    pub cosines: Vec<f32>,
    /// See [`Evidence::far`].
    pub far: Vec<bool>,
    /// See [`Evidence::dense_weight`].
    pub weight: f32,
    /// Of the model that made the vectors.
    pub usual: Usual,
}

/// What a question says besides its meaning, by slot.
pub struct Pointers {
    pub(super) words: Words,
    date: Vec<f32>,
    speaker: Vec<bool>,
    wants: Wants,
    names: Names,
}

impl WorkingSet {
    pub(super) fn new(model: EmbeddingModel) -> Self {
        Self {
            sequence: 0,
            purged: 0,
            placement: Placement::default(),
            slots: Vec::new(),
            states: Vec::new(),
            embedded: Vec::new(),
            long: HashMap::new(),
            free: Vec::new(),
            by_id: HashMap::new(),
            lexical: LexicalIndex::default(),
            vectors: Matrix::new(model.dimension),
            model,
            speakers: Speakers::default(),
            sessions: Sessions::default(),
            days: Vec::new(),
            told: HashMap::new(),
            facts: Vec::new(),
            lengths: Vec::new(),
            gists: HashMap::new(),
            gist_of: Vec::new(),
            fold_of: Vec::new(),
            repeated: HashSet::new(),
            ending: HashSet::new(),
            judged: HashSet::new(),
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

    /// Where the tenant's vectors are.
    #[must_use]
    pub const fn placement(&self) -> &Placement {
        &self.placement
    }

    /// Whose vectors the set holds, or knows of.
    #[must_use]
    pub const fn model(&self) -> &EmbeddingModel {
        &self.model
    }

    /// Whether SQL has a vector of the text, and the memory is as it was before a moment; by slot.
    #[must_use]
    pub fn embedded_before(&self, moment: Timestamp) -> Vec<bool> {
        let settled = |(slot, embedded): (&Option<Memory>, &bool)| *embedded && slot.as_ref().is_some_and(|m| m.updated_at < moment);
        self.slots.iter().zip(&self.embedded).map(settled).collect()
    }

    /// Whether an answer that should name every embedded memory lacks one that is as it was before a moment.
    #[must_use]
    pub fn lacks_any(&self, scores: &[(u32, f32)], moment: Timestamp) -> bool {
        let mut expected = self.embedded_before(moment);
        for (slot, _) in scores {
            expected[*slot as usize] = false;
        }
        expected.contains(&true)
    }

    /// Whether a text has more than one window.
    #[must_use]
    pub fn has_long(&self) -> bool {
        !self.long.is_empty()
    }

    /// Slots whose texts have more than one window, and how many.
    pub fn long(&self) -> impl Iterator<Item = (u32, f32)> {
        self.long.iter().map(|(slot, windows)| (*slot, *windows))
    }

    /// The part of a long text that is nearest to a question's vector; `None` for a short one, and where an external index has
    /// the vectors.
    #[must_use]
    pub fn part_of(&self, slot: u32, question: &[f32]) -> Option<&str> {
        let (window, text) = (self.vectors.nearest_window(slot, question)?, &self.memory(slot)?.content.text);
        windows::cut(text, self.model.window).get(window).map(|range| text[range.clone()].trim())
    }

    /// The vectors that SQL keeps; none where an external index has them.
    #[must_use]
    pub const fn vectors(&self) -> &Matrix {
        &self.vectors
    }

    /// Slots whose memories say what has this fingerprint.
    #[must_use]
    pub fn of_gist(&self, fingerprint: u64) -> &[u32] {
        self.gists.get(&fingerprint).map_or(&[], Vec::as_slice)
    }

    /// Newer memories before older ones; the id settles ties.
    #[must_use]
    pub fn newest_first(&self, a: u32, b: u32) -> Ordering {
        let key = |slot| self.memory(slot).map(|m| (m.created_at, m.id));
        key(b).cmp(&key(a))
    }

    /// The query without the names of this tenant's speakers, as the dense leg asks it.
    #[must_use]
    pub fn without_names(&self, query: &str) -> String {
        self.speakers.cut_from(query)
    }

    /// What a question says besides its meaning.
    #[must_use]
    pub fn pointers(&self, query: &str, now: Timestamp) -> Pointers {
        let today = now.date_time().date_naive();
        let known = || self.days.iter().zip(&self.states).filter(|(day, state)| state.is_some() && **day <= today).map(|(day, _)| day);
        let year_with = |month| known().filter(|day| day.month() == month).map(NaiveDate::year).max();
        let named = dates::named(query, &Asked { today, year_with: &year_with });
        let matches = |day: &NaiveDate| named.iter().map(|when| when.matches(*day)).fold(0.0, f32::max);
        let mut date: Vec<f32> = if named.is_empty() { Vec::new() } else { self.days.iter().map(matches).collect() };
        for (slot, days) in self.told.iter().filter(|_| !named.is_empty()) {
            let best = &mut date[*slot as usize];
            *best = days.iter().map(matches).fold(*best, f32::max);
        }
        let mut words = self.lexical.look(query, self.slots.len(), self.sessions.around());
        if words.known == 0.0 {
            words.stands_in(self.literally(query));
        }
        Pointers { words, date, speaker: self.speakers.named_in(query), wants: Wants::of(query), names: Names::of(query, &self.lexical) }
    }

    /// Slots whose texts have this as it is written, in any case.
    fn literally(&self, query: &str) -> Vec<u32> {
        let query = query.trim();
        if query.chars().count() < LEAST_LITERAL {
            return Vec::new();
        }
        let patterns = [query.to_owned(), query.to_lowercase()];
        let Ok(finder) = aho_corasick::AhoCorasick::builder().ascii_case_insensitive(true).build(patterns) else { return Vec::new() };
        let texts = (0u32..).zip(&self.slots).filter_map(|(slot, memory)| Some((slot, &memory.as_ref()?.content.text)));
        texts.filter(|(_, text)| finder.is_match(text.as_str())).map(|(slot, _)| slot).collect()
    }

    /// All that the ranking weighs.
    #[must_use]
    pub fn evidence<'a>(&'a self, pointers: &'a Pointers, dense: &'a Dense, eligible: &'a [bool]) -> Evidence<'a> {
        let Dense { cosines, far, weight: dense_weight, usual } = dense;
        Evidence {
            cosines,
            far,
            words: &pointers.words,
            lengths: &self.lengths,
            eligible,
            facts: &self.facts,
            around: self.sessions.around(),
            session_of: self.sessions.numbers(),
            sessions: self.sessions.count(),
            date: &pointers.date,
            speaker: &pointers.speaker,
            wants: pointers.wants,
            names: pointers.names,
            usual: *usual,
            dense_weight: *dense_weight,
        }
    }

    /// What strength and trust make of each slot: see [`rank::quality`]. Empty where nothing is made of any.
    #[must_use]
    pub fn quality(&self, now: Timestamp, decays: bool) -> Vec<f32> {
        let of = |memory: &Memory| rank::quality(effective_strength(memory, now, decays), memory.trust);
        let mut quality = Vec::new();
        if decays {
            quality.extend(self.slots.iter().map(|memory| memory.as_ref().map_or(1.0, of)));
        } else if !self.judged.is_empty() {
            quality.resize(self.slots.len(), 1.0);
            for slot in &self.judged {
                quality[*slot as usize] = self.memory(*slot).map_or(1.0, of);
            }
        }
        quality
    }

    /// Applies a filter.
    #[must_use]
    pub fn eligible(&self, filter: &Filter, now: Timestamp) -> Eligible {
        let mut eligible =
            Eligible { slots: vec![false; self.slots.len()], left_out: LeftOut::default(), alike: HashMap::new(), folded: HashSet::new() };
        let asks = !filter.is_open();
        let states = filter.wanted_states();
        let now = filter.as_of.unwrap_or(now);
        for (at, state) in self.states.iter().enumerate() {
            let Some(state) = *state else { continue };
            let why = if asks && !self.slots[at].as_ref().is_some_and(|memory| filter.admits(memory)) {
                Some("filtered")
            } else if !states.contains(&state) {
                Some(match state {
                    State::Paused => "paused",
                    State::Archived => "archived",
                    State::Held => "held",
                    State::Superseded => "superseded",
                    State::Active | State::Deleted => "filtered",
                })
            } else {
                None
            };
            match why {
                Some(why) => *eligible.left_out.entry(why).or_default() += 1,
                None => eligible.slots[at] = true,
            }
        }
        if !filter.show_expired {
            for slot in &self.ending {
                let over = self.memory(*slot).is_some_and(|memory| memory.is_expired(now));
                if over && std::mem::take(&mut eligible.slots[*slot as usize]) {
                    *eligible.left_out.entry("expired").or_default() += 1;
                }
            }
        }
        self.fold(&mut eligible);
        eligible
    }

    /// Of memories that tell one fact, the newest stands for all.
    fn fold(&self, eligible: &mut Eligible) {
        for slots in self.repeated.iter().filter_map(|gist| self.gists.get(gist)) {
            let mut newest: HashMap<u64, u32> = HashMap::new();
            for slot in slots.iter().copied().filter(|slot| eligible.slots[*slot as usize]).collect::<Vec<_>>() {
                let Some(other) = newest.insert(self.fold_of[slot as usize], slot) else { continue };
                let (first, folded) = if self.newest_first(slot, other).is_lt() { (slot, other) } else { (other, slot) };
                newest.insert(self.fold_of[slot as usize], first);
                eligible.slots[folded as usize] = false;
                eligible.folded.insert(folded);
                let under = eligible.alike.remove(&folded).unwrap_or_default() + 1;
                *eligible.alike.entry(first).or_default() += under;
            }
        }
    }

    /// The memories that are folded with one, itself left out, newest first.
    #[must_use]
    pub fn alike(&self, slot: u32) -> Vec<&Memory> {
        let of_one = |other: &&u32| **other != slot && self.fold_of[**other as usize] == self.fold_of[slot as usize];
        let mut slots: Vec<u32> = self.of_gist(self.gist_of[slot as usize]).iter().filter(of_one).copied().collect();
        slots.sort_unstable_by(|a, b| self.newest_first(*a, *b));
        slots.into_iter().filter_map(|slot| self.memory(slot)).collect()
    }

    /// Takes a change in.
    pub(super) fn apply(&mut self, StoredMemory { memory, embedded, vector }: StoredMemory) {
        let known = self.by_id.get(&memory.id).copied();
        // A change of state, or a vector that comes late, changes no word.
        let same_words = memory.state != State::Deleted
            && known.and_then(|slot| self.memory(slot)).is_some_and(|old| {
                (&old.content.text, &old.origin.speaker, old.origin.occurred_at)
                    == (&memory.content.text, &memory.origin.speaker, memory.origin.occurred_at)
            });
        if let Some(slot) = known {
            self.empty(slot, same_words);
        }
        if memory.state == State::Deleted {
            if let Some(slot) = known {
                self.by_id.remove(&memory.id);
                self.free.push(slot);
            }
            return;
        }
        let slot = known.or_else(|| self.free.pop()).unwrap_or_else(|| self.new_slot());
        self.by_id.insert(memory.id, slot);
        if !same_words {
            self.lexical.set(slot, Some(&lexical_text(memory.origin.occurred_at, memory.origin.speaker.as_deref(), &memory.content.text)));
            self.lengths[slot as usize] = self.lexical.length(slot);
        }
        self.vectors.set(slot, vector.as_deref());
        let speaker = self.speakers.set(slot, memory.origin.speaker.as_deref());
        if same_words {
            self.facts[slot as usize].speaker = speaker;
        } else {
            self.facts[slot as usize] = Facts::of(&memory.content.text, speaker);
        }
        let when = memory.origin.occurred_at.unwrap_or(memory.created_at);
        let place = (memory.origin.position.unwrap_or(i64::MAX), when, memory.id);
        self.sessions.set(slot, memory.origin.session_id.as_deref().map(|session| (session, place)));
        let day = when.date_time().date_naive();
        self.days[slot as usize] = day;
        let told = dates::told(&memory.content.text, day);
        if !told.is_empty() {
            self.told.insert(slot, told);
        }
        self.set_gist(slot, &memory);
        if memory.content.expires_at.is_some() {
            self.ending.insert(slot);
        }
        #[expect(clippy::float_cmp, reason = "the very numbers that a new memory has")]
        if memory.strength != Memory::NEW_STRENGTH || memory.trust != 1.0 {
            self.judged.insert(slot);
        }
        if windows::is_long(&self.model, &memory.content.text) {
            #[expect(clippy::cast_precision_loss, reason = "a text has fewer than 2^24 windows")]
            self.long.insert(slot, windows::cut(&memory.content.text, self.model.window).len() as f32);
        }
        self.text_bytes += text_bytes(&memory);
        self.states[slot as usize] = Some(memory.state);
        self.embedded[slot as usize] = embedded;
        self.slots[slot as usize] = Some(memory);
    }

    fn new_slot(&mut self) -> u32 {
        self.slots.push(None);
        self.states.push(None);
        self.embedded.push(false);
        self.days.push(NaiveDate::default());
        self.facts.push(Facts::default());
        self.lengths.push(0.0);
        self.gist_of.push(0);
        self.fold_of.push(0);
        u32::try_from(self.slots.len() - 1).expect("a tenant in memory has fewer than 2^32 memories")
    }

    fn set_gist(&mut self, slot: u32, memory: &Memory) {
        let gist = Gist::of(&memory.content.text);
        self.fold_of[slot as usize] = fold_key(memory, &gist);
        self.gist_of[slot as usize] = gist.fingerprint();
        let same = self.gists.entry(gist.fingerprint()).or_default();
        if let Err(at) = same.binary_search(&slot) {
            same.insert(at, slot);
        }
        if same.len() > 1 {
            self.repeated.insert(gist.fingerprint());
        }
    }

    fn empty(&mut self, slot: u32, same_words: bool) {
        if let Some(old) = self.slots[slot as usize].take() {
            self.text_bytes -= text_bytes(&old);
            let gist = self.gist_of[slot as usize];
            if let Some(slots) = self.gists.get_mut(&gist) {
                if let Ok(at) = slots.binary_search(&slot) {
                    slots.remove(at);
                }
                if slots.len() < 2 {
                    self.repeated.remove(&gist);
                }
                if slots.is_empty() {
                    self.gists.remove(&gist);
                }
            }
        }
        self.states[slot as usize] = None;
        self.embedded[slot as usize] = false;
        if !same_words {
            self.lexical.set(slot, None);
        }
        self.vectors.set(slot, None);
        self.speakers.set(slot, None);
        self.sessions.set(slot, None);
        self.ending.remove(&slot);
        self.long.remove(&slot);
        self.told.remove(&slot);
        self.judged.remove(&slot);
    }

    /// To be called after changes, before the set is read.
    pub(super) fn settle(&mut self) {
        self.sessions.settle();
    }

    /// Bytes held, roughly.
    pub(super) fn bytes(&self) -> usize {
        self.vectors.bytes() + self.lexical.bytes() + self.text_bytes + self.slots.capacity() * (size_of::<Option<Memory>>() + 160)
    }
}

/// What the lexical leg sees of a memory: `[8 May 2023] Speaker: text`.
fn lexical_text(occurred_at: Option<Timestamp>, speaker: Option<&str>, text: &str) -> String {
    let date = occurred_at.map(|at| at.date_time().format("[%-d %B %Y] ").to_string()).unwrap_or_default();
    let speaker = speaker.map(|s| format!("{s}: ")).unwrap_or_default();
    format!("{date}{speaker}{text}")
}

/// Bytes of a memory outside its slot, roughly.
fn text_bytes(memory: &Memory) -> usize {
    let Memory { content, hash, app_name, .. } = memory;
    content.text.len() + hash.len() + app_name.len() + content.metadata.len() * 128 + content.tags.len() * 32
}
