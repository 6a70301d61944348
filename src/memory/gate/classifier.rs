//! How likely a sentence is talk that says nothing, and how likely a text gives orders to an agent: two linear classifiers over
//! hashed n-grams of words and letters (logistic regression with the hashing trick, Weinberger et al. 2009). They were trained
//! on the lines in `benches/gate/lines`, which `make gate` does again.

use std::sync::LazyLock;

use crate::memory::fnv::fnv;

/// Grows with every training.
pub const VERSION: u32 = 2;
/// Weights of the classifier of orders. A power of two.
pub const BUCKETS: usize = 1 << 18;
/// Weights of the classifier of talk, whose sentences are short. A power of two.
pub const TALK_BUCKETS: usize = 1 << 17;
/// Tokens that are judged together; a longer text is judged in windows of so many, of which two overlap by half.
const WINDOW: usize = 192;
/// Lengths, in tokens, up to which a text is told to be short.
const SHORT: [usize; 9] = [1, 2, 3, 4, 6, 9, 13, 20, 40];

/// Hashes of what is in a text, with how much of it: sorted, each once, of unit length beside a few that tell how short it is.
pub type Features = Vec<(u32, f32)>;

/// A trained classifier.
pub struct Classifier {
    /// Added to each score. It puts the threshold at zero.
    pub bias: f32,
    /// A weight for each bucket, in units of `scale`.
    pub weights: Box<[i8]>,
    /// What a weight of one stands for.
    pub scale: f32,
}

impl Classifier {
    /// Bytes before the weights of a stored classifier.
    const HEAD: usize = 8;

    /// The log-odds that a text with these features is one of the kind, less those at which it is taken for one.
    #[must_use]
    pub fn score(&self, features: &Features) -> f32 {
        let sum: f32 = features.iter().map(|&(bucket, much)| f32::from(self.weights[bucket as usize]) * much).sum();
        self.bias + self.scale * sum
    }

    /// As it is stored: bias and scale as little-endian floats, then the weights.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = [self.bias.to_le_bytes(), self.scale.to_le_bytes()].concat();
        bytes.extend(self.weights.iter().map(|weight| weight.cast_unsigned()));
        bytes
    }

    fn of_bytes(bytes: &[u8]) -> Self {
        let float = |at: usize| f32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
        Self { bias: float(0), scale: float(4), weights: bytes[Self::HEAD..].iter().map(|byte| byte.cast_signed()).collect() }
    }
}

/// The stored classifiers: of talk, of orders.
static TRAINED: LazyLock<[Classifier; 2]> = LazyLock::new(|| {
    let (talk, orders) = include_bytes!("classifiers.bin").split_at(Classifier::HEAD + TALK_BUCKETS);
    [talk, orders].map(Classifier::of_bytes)
});

/// Whether a sentence with these features (`talk`) is nothing but talk, by a threshold that hardly any fact reaches.
#[must_use]
pub(super) fn is_talk(features: &Features) -> bool {
    TRAINED[0].score(features) > 0.0
}

/// Whether a text gives orders to an agent in any of its parts.
#[must_use]
pub fn gives_orders(text: &str) -> bool {
    windows(text).any(|window| TRAINED[1].score(&window) > 0.0)
}

/// The features of each part of a text by which orders are known; of a short one there is one part.
pub fn windows(text: &str) -> impl Iterator<Item = Features> {
    let tokens = tokens(text);
    let parts = tokens.len().saturating_sub(WINDOW / 2).div_ceil(WINDOW / 2).max(1);
    (0..parts).map(move |part| {
        let from = part * WINDOW / 2;
        features(&tokens[from..tokens.len().min(from + WINDOW)])
    })
}

/// Words, signs and ends of lines, in lower case, every digit a zero.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut in_word = false;
    for c in text.chars().flat_map(char::to_lowercase) {
        let c = if c.is_numeric() { '0' } else { c };
        let joins = c.is_alphanumeric();
        match tokens.last_mut() {
            Some(word) if joins && in_word => word.push(c),
            _ if c.is_whitespace() && c != '\n' => {}
            _ => tokens.push(c.into()),
        }
        in_word = joins;
    }
    tokens
}

fn features(tokens: &[String]) -> Features {
    let mut found = Features::new();
    let words: Vec<&str> = [EDGE].into_iter().chain(tokens.iter().map(String::as_str)).chain([EDGE]).collect();
    for (kind, length, much) in [("word", 1, 1.0), ("two words", 2, 1.0), ("three words", 3, 0.7)] {
        found.extend(words.windows(length).map(|gram| (bucket(kind, gram), much)));
    }
    found.extend(words.windows(3).map(|gram| (bucket("around a word", &[gram[0], gram[2]]), 0.5)));
    found.extend(tokens.iter().take(3).map(|word| (bucket("at the start", &[word]), 0.5)));
    found.extend(tokens.iter().rev().take(2).map(|word| (bucket("at the end", &[word]), 0.5)));
    for token in tokens {
        let word = format!("<{token}>");
        let starts: Vec<usize> = word.char_indices().map(|(at, _)| at).chain([word.len()]).collect();
        for (kind, length) in [("three letters", 3), ("four letters", 4)] {
            found.extend(starts.windows(length + 1).map(|at| (bucket(kind, &[&word[at[0]..at[length]]]), 0.35)));
        }
    }
    to_unit(&mut found);
    let short = SHORT.into_iter().filter(|length| tokens.len() <= *length);
    found.extend(short.map(|length| (bucket("at most so many", &[&length.to_string()]), 0.15)));
    merge(&mut found);
    found
}

/// Merges what was found, and makes it of unit length.
pub(super) fn to_unit(features: &mut Features) {
    merge(features);
    let norm = features.iter().map(|(_, much)| much * much).sum::<f32>().sqrt();
    for (_, much) in features {
        *much /= norm;
    }
}

/// Stands before the first word and after the last.
const EDGE: &str = "\u{2}";

/// Sorts by bucket and adds what falls into the same.
fn merge(features: &mut Features) {
    features.sort_unstable_by_key(|(bucket, _)| *bucket);
    features.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
}

/// The hash of a kind of feature and its parts, folded to a bucket.
fn bucket(kind: &str, parts: &[&str]) -> u32 {
    folded(kind, parts, BUCKETS)
}

/// The same for a feature of talk.
pub(super) fn talk_bucket(kind: &str, parts: &[&str]) -> u32 {
    folded(kind, parts, TALK_BUCKETS)
}

fn folded(kind: &str, parts: &[&str], buckets: usize) -> u32 {
    let hash = fnv([kind].into_iter().chain(parts.iter().copied()));
    let folded = (hash ^ (hash >> 32)) & (buckets as u64 - 1);
    u32::try_from(folded).expect("fewer buckets than u32 has values")
}
