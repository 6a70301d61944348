//! BM25 over one tenant's memories (Robertson & Zaragoza, "The Probabilistic Relevance Framework", 2009), with the
//! statistics of that tenant alone. Text becomes lower-case words, without English stop words (the NLTK list), reduced
//! by the Snowball English stemmer.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};

use crate::clock::Timestamp;

const K1: f32 = 1.2;
const B: f32 = 0.75;

static STOP_WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| include_str!("stop_words.txt").split_whitespace().collect());

/// Postings and document lengths by slot.
#[derive(Default)]
pub struct LexicalIndex {
    terms: HashMap<Box<str>, u32>,
    postings: Vec<Vec<(u32, u16)>>,
    /// Terms of each slot, to take it out again.
    documents: Vec<Option<Box<[u32]>>>,
    /// Number of words of each slot.
    lengths: Vec<u32>,
    live: usize,
    total_length: u64,
}

impl LexicalIndex {
    /// Puts a text in a slot, replacing what was there; `None` empties the slot.
    pub fn set(&mut self, slot: u32, text: Option<&str>) {
        self.remove(slot);
        let Some(text) = text else { return };
        let mut counts: HashMap<u32, u16> = HashMap::new();
        let mut length = 0;
        for term in terms(text) {
            length += 1;
            let next = u32::try_from(self.terms.len()).expect("fewer than 2^32 distinct terms fit in memory");
            let id = *self.terms.entry(term.into_boxed_str()).or_insert(next);
            if id == next {
                self.postings.push(Vec::new());
            }
            let count = counts.entry(id).or_default();
            *count = count.saturating_add(1);
        }
        for (term, count) in &counts {
            self.postings[*term as usize].push((slot, *count));
        }
        let at = slot as usize;
        if self.documents.len() <= at {
            self.documents.resize_with(at + 1, || None);
            self.lengths.resize(at + 1, 0);
        }
        self.documents[at] = Some(counts.into_keys().collect());
        self.lengths[at] = length;
        self.live += 1;
        self.total_length += u64::from(length);
    }

    fn remove(&mut self, slot: u32) {
        let Some(terms) = self.documents.get_mut(slot as usize).and_then(Option::take) else { return };
        for term in terms {
            self.postings[term as usize].retain(|(s, _)| *s != slot);
        }
        self.live -= 1;
        self.total_length -= u64::from(self.lengths[slot as usize]);
    }

    /// BM25 by slot, 0 where no word of the query occurs; `slots` long.
    #[must_use]
    pub fn scores(&self, query: &str, slots: usize) -> Vec<f32> {
        let mut scores = vec![0.0f32; slots];
        let wanted: HashSet<u32> = terms(query).filter_map(|t| self.terms.get(t.as_str()).copied()).collect();
        #[expect(clippy::cast_precision_loss, reason = "counts of one tenant are far below 2^24")]
        let (live, mean) = (self.live as f32, self.total_length as f32 / self.live.max(1) as f32);
        let (flat, by_length) = (K1 * (1.0 - B), K1 * B / mean.max(1.0));
        for term in wanted {
            let postings = &self.postings[term as usize];
            #[expect(clippy::cast_precision_loss, reason = "as above")]
            let df = postings.len() as f32;
            let idf = (1.0 + (live - df + 0.5) / (df + 0.5)).ln();
            for (slot, count) in postings {
                let tf = f32::from(*count);
                #[expect(clippy::cast_precision_loss, reason = "texts have fewer than 2^24 words")]
                let length = self.lengths[*slot as usize] as f32;
                scores[*slot as usize] += idf * (K1 + 1.0) * tf / (tf + flat + by_length * length);
            }
        }
        scores
    }

    /// Bytes held, roughly.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let postings: usize = self.documents.iter().flatten().map(|terms| terms.len()).sum();
        self.terms.len() * 80 + postings * 12 + self.documents.len() * 36
    }
}

/// What the lexical leg sees of a memory: `[8 May 2023] Speaker: text`.
pub fn lexical_text(occurred_at: Option<Timestamp>, speaker: Option<&str>, text: &str) -> String {
    let date = occurred_at.map(|at| at.date_time().format("[%-d %B %Y] ").to_string()).unwrap_or_default();
    let speaker = speaker.map(|s| format!("{s}: ")).unwrap_or_default();
    format!("{date}{speaker}{text}")
}

/// Lower-case words as the index and the name cut see them: letters, digits, `_` and inner apostrophes, without `'s`.
pub fn words(text: &str) -> impl Iterator<Item = String> {
    let folded = text.to_lowercase().replace('\u{2019}', "'");
    let words: Vec<String> = folded
        .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '\''))
        .map(|word| {
            let word = word.trim_matches('\'');
            word.strip_suffix("'s").unwrap_or(word).to_owned()
        })
        .filter(|word| !word.is_empty())
        .collect();
    words.into_iter()
}

fn terms(text: &str) -> impl Iterator<Item = String> {
    let stemmer = Stemmer::create(Algorithm::English);
    words(text).filter(|w| !STOP_WORDS.contains(w.as_str())).map(move |w| stemmer.stem(&w).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_fold_case_apostrophes_and_possessives() {
        assert_eq!(words("Caroline\u{2019}s dog, don't 'stop'!").collect::<Vec<_>>(), ["caroline", "dog", "don't", "stop"]);
    }

    #[test]
    fn finds_by_stem_and_forgets_removed_text() {
        let mut index = LexicalIndex::default();
        index.set(0, Some("She runs marathons"));
        index.set(1, Some("He paints the old barn"));
        let scores = index.scores("who is running?", 2);
        assert!(scores[0] > 0.0 && scores[1] == 0.0, "{scores:?}");
        index.set(0, Some("She swims"));
        assert_eq!(index.scores("running", 2), [0.0, 0.0]);
        index.set(1, None);
        assert_eq!(index.scores("barn", 2), [0.0, 0.0]);
    }

    #[test]
    fn equals_the_formula() {
        let mut index = LexicalIndex::default();
        index.set(0, Some("apple apple pear"));
        index.set(1, Some("pear"));
        // N = 2, df(apple) = 1, mean length 2, tf 2 in a text of 3.
        let idf = (1.0f32 + 1.5 / 1.5).ln();
        let expected = idf * 2.0 * 2.2 / (2.0 + 1.2 * (0.25 + 0.75 * 1.5));
        assert!((index.scores("apple", 2)[0] - expected).abs() < 1e-6);
    }

    #[test]
    fn dates_and_speakers_are_words() {
        let at = Timestamp::parse("2023-05-08");
        assert_eq!(lexical_text(at, Some("Ann"), "Hi"), "[8 May 2023] Ann: Hi");
        assert_eq!(lexical_text(None, None, "Hi"), "Hi");
    }
}
