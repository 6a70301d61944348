//! What a text says once its dress is taken off: case, punctuation, contractions, articles, and words that only introduce or
//! stress. Two texts with one gist say the same; two that differ in a name, a number or a negation never do.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
    sync::LazyLock,
};

use crate::memory::lexical::words;

/// Words without which a sentence says the same.
const WEAK: &str = "a an the really very just also actually quite simply please definitely basically certainly truly indeed well so oh \
    hey ok okay yeah yes";
/// Beginnings that only introduce, longest first.
const OPENINGS: [&str; 22] = [
    "please remember that",
    "just so you know that",
    "it is worth noting that",
    "i want you to know that",
    "the user told me that",
    "the user mentioned that",
    "the user says that",
    "the user said that",
    "the user stated that",
    "according to my memory",
    "according to memory",
    "i remember that",
    "please remember",
    "just so you know",
    "remember that",
    "keep in mind that",
    "note that",
    "by the way",
    "for the record",
    "as i said",
    "for your information",
    "fyi",
];
/// Endings that only close.
const CLOSINGS: [&str; 5] = ["by the way", "just so you know", "as you know", "you know", "for the record"];
const NEGATIONS: &str = "not no never none neither nor without cannot nothing nobody";
const NUMBERS: [(&str, &str); 12] = [
    ("one", "1"),
    ("two", "2"),
    ("three", "3"),
    ("four", "4"),
    ("five", "5"),
    ("six", "6"),
    ("seven", "7"),
    ("eight", "8"),
    ("nine", "9"),
    ("ten", "10"),
    ("eleven", "11"),
    ("twelve", "12"),
];

static WEAK_WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| WEAK.split_whitespace().collect());
static NEGATION_WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| NEGATIONS.split_whitespace().collect());

/// The words that carry what a text says, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gist {
    words: Vec<String>,
}

impl Gist {
    /// Of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let plain: Vec<String> = words(&text.replace('&', " and ")).flat_map(|word| expanded(&word)).collect();
        let mut rest = plain.as_slice();
        while let Some(shorter) = OPENINGS.iter().find_map(|opening| without(rest, opening, true)) {
            rest = shorter;
        }
        while let Some(shorter) = CLOSINGS.iter().find_map(|closing| without(rest, closing, false)) {
            rest = shorter;
        }
        let strong = |word: &&String| !WEAK_WORDS.contains(word.as_str());
        let kept: Vec<_> = rest.iter().filter(strong).cloned().collect();
        // A text of weak words alone is all that it says.
        Self { words: if kept.is_empty() { plain } else { kept } }
    }

    /// Equal for equal gists.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.words.hash(&mut hasher);
        hasher.finish()
    }

    /// Whether both may say the same, as far as words can tell: the one has all the words of the other in their order, few more,
    /// and no other number or negation.
    #[must_use]
    pub fn agrees(&self, other: &Self) -> bool {
        let longest = self.words.len().max(other.words.len());
        let common = common_subsequence(&self.words, &other.words);
        let marks = |gist: &Self| -> Vec<String> {
            let mut marks: Vec<_> = gist
                .words
                .iter()
                .filter(|w| w.bytes().any(|b| b.is_ascii_digit()) || NEGATION_WORDS.contains(w.as_str()))
                .cloned()
                .collect();
            marks.sort_unstable();
            marks
        };
        // A word in another's place may be another name: only words that are added may differ, one of ten.
        common == self.words.len().min(other.words.len()) && common * 10 >= longest * 9 && marks(self) == marks(other)
    }

    /// Hashes of every three words that follow each other.
    pub fn shingles(&self) -> impl Iterator<Item = u64> {
        self.words.windows(3).map(|three| {
            let mut hasher = DefaultHasher::new();
            three.hash(&mut hasher);
            hasher.finish()
        })
    }
}

/// A contraction in full, a number in digits.
fn expanded(word: &str) -> Vec<String> {
    let own = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect();
    match word {
        "can't" | "cannot" => return own(&["can", "not"]),
        "won't" => return own(&["will", "not"]),
        "let's" => return own(&["let", "us"]),
        _ => {}
    }
    for (ending, full) in [("n't", "not"), ("'re", "are"), ("'m", "am"), ("'ll", "will"), ("'ve", "have"), ("'d", "would")] {
        if let Some(stem) = word.strip_suffix(ending).filter(|stem| !stem.is_empty()) {
            return own(&[stem, full]);
        }
    }
    let digits = NUMBERS.iter().find(|(name, _)| *name == word).map(|(_, digits)| *digits);
    own(&[digits.unwrap_or(word)])
}

fn without<'a>(words: &'a [String], phrase: &str, at_start: bool) -> Option<&'a [String]> {
    let count = phrase.split(' ').count();
    if words.len() <= count {
        return None;
    }
    let (part, rest) = if at_start {
        words.split_at(count)
    } else {
        let (rest, part) = words.split_at(words.len() - count);
        (part, rest)
    };
    part.iter().map(String::as_str).eq(phrase.split(' ')).then_some(rest)
}

/// Length of the longest common subsequence.
fn common_subsequence(a: &[String], b: &[String]) -> usize {
    let mut row = vec![0; b.len() + 1];
    for x in a {
        let mut diagonal = 0;
        for (at, y) in b.iter().enumerate() {
            let above = row[at + 1];
            row[at + 1] = if x == y { diagonal + 1 } else { above.max(row[at]) };
            diagonal = above;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(a: &str, b: &str) -> bool {
        Gist::of(a) == Gist::of(b)
    }

    #[test]
    fn dress_is_nothing() {
        let plain = "Maria doesn't eat the peanuts & has two dogs.";
        for dressed in [
            "maria does not eat peanuts and has 2 dogs",
            "By the way, Maria really doesn\u{2019}t eat the peanuts and has two dogs!",
            "Please remember that Maria doesn't eat peanuts and has two dogs, you know.",
            "  Maria   doesn't eat the  PEANUTS & has two dogs ",
        ] {
            assert!(same(plain, dressed), "{dressed}: {:?}", Gist::of(dressed));
        }
        assert!(same("ok", "OK!") && !same("ok", "yes"));
    }

    #[test]
    fn what_a_sentence_says_is_not_dress() {
        let fact = "Maria moved from Oslo to Paris with her two dogs in May";
        for other in [
            "Maria moved from Paris to Oslo with her two dogs in May",
            "Mario moved from Oslo to Paris with her two dogs in May",
            "Maria never moved from Oslo to Paris with her two dogs in May",
            "Maria moved from Oslo to Paris with her three dogs in May",
        ] {
            assert!(!same(fact, other), "{other}");
            assert!(!Gist::of(fact).agrees(&Gist::of(other)), "{other}");
        }
        assert!(Gist::of(fact).agrees(&Gist::of("Maria then moved from Oslo to Paris with her two dogs in May")));
    }
}
