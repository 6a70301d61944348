//! When two texts are the same, and when they say the same.
//!
//! [`same_text`] is strict: white space, final punctuation and the case of whole sentences may differ, nothing else. What it
//! calls the same is known, and not stored again. [`Gist`] also takes the dress off: contractions, articles, and words that
//! only introduce or stress. What has one gist is stored, and folded where it is read. Neither ever lets go of a sign, a unit,
//! a number, a negation, a name or the case of a name: these are what tells two facts apart.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
    sync::LazyLock,
};

use unicode_normalization::UnicodeNormalization;

use super::model::Memory;

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
const NEGATIONS: [&str; 9] = ["not", "no", "never", "none", "neither", "nor", "without", "nothing", "nobody"];
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

/// What ends a sentence and changes nothing of what it says; a question mark does.
const fn is_final(c: char) -> bool {
    matches!(c, '.' | '!' | '\u{2026}' | '\u{3002}' | '\u{ff01}' | '\u{ff0e}' | '\u{ff61}' | '\u{06d4}' | '\u{0964}')
}

/// What stands around words without being part of what they say.
const fn is_dress(c: char) -> bool {
    is_final(c)
        || matches!(
            c,
            ',' | ';' | ':' | '"' | '(' | ')' | '[' | ']' | '{' | '}' | '`' | '\'' | '\u{2018}'..='\u{201f}' | '\u{ab}' | '\u{bb}' | '\u{2013}' | '\u{2014}'
            | '\u{3001}' | '\u{300c}'..='\u{300f}' | '\u{ff0c}' | '\u{ff1a}' | '\u{ff1b}' | '\u{ff08}' | '\u{ff09}' | '\u{060c}' | '\u{061b}'
        )
}

/// The text on one line without its final punctuation.
fn plain(text: &str) -> String {
    let composed: String = text.nfc().collect();
    let line = composed.split_whitespace().collect::<Vec<_>>().join(" ");
    line.trim_end_matches(|c: char| is_final(c) || c == ' ').to_owned()
}

/// Whether both are equal but for white space, final punctuation, and the case of whole sentences: the first letter of a
/// sentence, a sentence all in capitals, a sentence without any.
#[must_use]
pub fn same_text(a: &str, b: &str) -> bool {
    let (a, b) = (plain(a), plain(b));
    a == b || (a.to_lowercase() == b.to_lowercase() && same_case(&cased(&a), &cased(&b)))
}

/// A word, and whether it begins a sentence.
type Cased<'a> = (&'a str, bool);

fn cased(text: &str) -> Vec<Cased<'_>> {
    let mut begins = true;
    let words = text.split(' ').map(|word| {
        let is_first = std::mem::replace(&mut begins, word.ends_with(|c| is_final(c) || c == '?'));
        (word, is_first)
    });
    words.collect()
}

/// Of two texts that differ in case alone: whether it is that of whole sentences. A capital inside a sentence may be a name.
fn same_case(a: &[Cased<'_>], b: &[Cased<'_>]) -> bool {
    let all = |words: &[Cased<'_>], is: fn(&str) -> bool| words.iter().all(|(word, _)| is(word));
    let is_lower = |word: &str| !word.chars().any(char::is_uppercase);
    let is_upper = |word: &str| !word.chars().any(char::is_lowercase);
    if all(a, is_upper) || all(b, is_upper) {
        return a.len().min(b.len()) > 1;
    }
    // Who writes without capitals writes names so, but not abbreviations: `us` is not the same as `US`.
    let careless = all(a, is_lower) || all(b, is_lower);
    a.len() == b.len()
        && a.iter().zip(b).all(|((one, first), (other, _))| {
            one == other || ((*first || careless) && rest_of(one) == rest_of(other) && (*first || !is_abbreviation(one, other)))
        })
}

/// A word without its first letter.
fn rest_of(word: &str) -> &str {
    let mut rest = word.chars();
    rest.next();
    rest.as_str()
}

fn is_abbreviation(one: &str, other: &str) -> bool {
    [one, other].iter().any(|word| word.chars().filter(|c| c.is_uppercase()).count() > 1)
}

/// The words that carry what a text says, in their order: each with its signs, in lower case, beside how it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gist {
    words: Vec<Word>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    lower: String,
    /// As it was written, but for the first letter of a sentence and shouting.
    written: String,
    /// Whether its capital, or its place, keeps it from being a word that says nothing.
    is_strong: bool,
}

impl Gist {
    /// Of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let all = words_of(text);
        let mut rest = all.as_slice();
        while let Some(shorter) = OPENINGS.iter().find_map(|opening| without(rest, opening, true)) {
            rest = shorter;
        }
        while let Some(shorter) = CLOSINGS.iter().find_map(|closing| without(rest, closing, false)) {
            rest = shorter;
        }
        let kept: Vec<_> = rest.iter().filter(|word| word.is_strong).cloned().collect();
        // A text of weak words alone is all that it says.
        let mut words = if kept.is_empty() { all } else { kept };
        // What stands first once the dress is off may begin the sentence elsewhere: its capital says nothing.
        if let Some(first) = words.first_mut().filter(|first| rest_of(&first.written) == rest_of(&first.lower)) {
            first.written.clone_from(&first.lower);
        }
        Self { words }
    }

    /// Equal for equal gists, and for those that differ in case alone: what [`same_text`] calls the same has one fingerprint.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        let is_strong = |word: &&Word| !WEAK_WORDS.contains(word.lower.as_str());
        self.words.iter().filter(is_strong).for_each(|word| word.lower.hash(&mut hasher));
        hasher.finish()
    }

    /// Whether it names nothing that the other does not name too: no name, number, sign or negation.
    #[must_use]
    pub fn adds_no_mark_to(&self, other: &Self) -> bool {
        let there: HashSet<&str> = other.words.iter().map(|word| word.lower.as_str()).collect();
        // A script without case gives no name away: each of its words counts.
        let has_case = |c: char| c.is_lowercase() || c.is_uppercase();
        let is_mark =
            |word: &&Word| word.written != word.lower || NEGATIONS.contains(&word.lower.as_str()) || !word.lower.chars().all(has_case);
        self.words.iter().filter(is_mark).all(|word| there.contains(word.lower.as_str()))
    }

    /// The gist as one line.
    #[must_use]
    pub fn line(&self) -> String {
        self.words.iter().map(|word| word.written.as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// The words of a text with the signs that belong to them.
fn words_of(text: &str) -> Vec<Word> {
    let composed: String = text.nfc().collect();
    let shouts = !composed.chars().any(char::is_lowercase) && composed.split_whitespace().nth(1).is_some();
    let mut found: Vec<Word> = Vec::new();
    let mut begins = true;
    for chunk in composed.split_whitespace() {
        let asks = chunk.ends_with(['?', '\u{ff1f}', '\u{61f}']);
        let bare = chunk.trim_matches(|c: char| is_dress(c) || matches!(c, '?' | '\u{ff1f}' | '\u{61f}')).replace('\u{2019}', "'");
        let is_first = std::mem::replace(&mut begins, asks || chunk.ends_with(is_final));
        if !bare.is_empty() {
            found.extend(expanded(&bare, is_first, shouts));
        }
        if asks {
            found.push(Word { lower: "?".into(), written: "?".into(), is_strong: true });
        }
    }
    // An article has its word after it: a last `a` is a letter.
    if let Some(last) = found.last_mut().filter(|last| last.lower.chars().count() == 1) {
        last.is_strong = true;
    }
    found
}

/// A contraction in full, a number in digits, without the possessive of whoever is spoken of.
fn expanded(bare: &str, is_first: bool, shouts: bool) -> Vec<Word> {
    let lower = bare.to_lowercase();
    let of = |words: &[&str]| {
        let word = |word: &&str| Word { lower: (*word).to_owned(), written: (*word).to_owned(), is_strong: !WEAK_WORDS.contains(word) };
        words.iter().map(word).collect()
    };
    match lower.as_str() {
        "&" => return of(&["and"]),
        "can't" | "cannot" => return of(&["can", "not"]),
        "won't" => return of(&["will", "not"]),
        "let's" => return of(&["let", "us"]),
        _ => {}
    }
    for (ending, full) in [("n't", "not"), ("'re", "are"), ("'m", "am"), ("'ll", "will"), ("'ve", "have"), ("'d", "would")] {
        if let Some(stem) = lower.strip_suffix(ending).filter(|stem| !stem.is_empty()) {
            return of(&[stem, full]);
        }
    }
    if let Some((_, digits)) = NUMBERS.iter().find(|(name, _)| *name == lower) {
        return of(&[digits]);
    }
    let written = if shouts || (is_first && rest_of(bare) == rest_of(&lower)) { lower.clone() } else { bare.to_owned() };
    let is_strong = !WEAK_WORDS.contains(lower.as_str()) || written != lower;
    vec![Word { lower, written, is_strong }]
}

fn without<'a>(words: &'a [Word], phrase: &str, at_start: bool) -> Option<&'a [Word]> {
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
    part.iter().map(|word| word.lower.as_str()).eq(phrase.split(' ')).then_some(rest)
}

/// Equal for memories that tell one fact in one dress or another: those are folded where they are read.
pub fn fold_key(memory: &Memory, gist: &Gist) -> u64 {
    let mut hasher = DefaultHasher::new();
    let talk =
        memory.origin.speaker.as_ref().map(|speaker| (speaker.to_lowercase(), memory.origin.session_id.as_deref(), memory.origin.position));
    (gist.line(), memory.project, talk, memory.origin.occurred_at.map(|at| at.date_time().date_naive())).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_final_punctuation_and_the_case_of_sentences_are_no_difference() {
        for (a, b) in [
            ("Maria is allergic to peanuts.", "maria is allergic to peanuts"),
            ("Maria is allergic  to\npeanuts", " Maria is allergic to peanuts! "),
            ("I LIVE IN OSLO", "I live in Oslo."),
            ("jon bakes rye bread on saturdays", "Jon bakes rye bread on Saturdays"),
            ("She runs. He swims.", "she runs. he swims"),
            ("I live in The Hague", "i live in the hague"),
            ("\u{6211}\u{4f4f}\u{5728}\u{676d}\u{5dde}\u{3002}", "\u{6211}\u{4f4f}\u{5728}\u{676d}\u{5dde}"),
            ("Caf\u{e9} Rosa opens at nine", "Cafe\u{301} Rosa opens at nine."),
        ] {
            assert!(same_text(a, b), "{a} | {b}");
            assert_eq!(Gist::of(a).fingerprint(), Gist::of(b).fingerprint(), "{a} | {b}");
        }
    }

    #[test]
    fn whatever_may_tell_two_facts_apart_does() {
        for (a, b) in [
            ("Her blood type is O+", "Her blood type is O-"),
            ("I program in C++ at work", "I program in C# at work"),
            ("The freezer is set to -18 degrees", "The freezer is set to 18 degrees"),
            ("Rent is $1500 a month", "Rent is \u{20ac}1500 a month"),
            ("Package foo-bar is deprecated", "Package foo.bar is deprecated"),
            ("The user worked at Acme", "The user formerly worked at Acme"),
            ("The contract was signed by both sides", "The contract was almost signed by both sides"),
            ("He works for us", "He works for US"),
            ("He plays Go", "He plays go"),
            ("His favourite flower is Rose", "His favourite flower is rose"),
            ("I take vitamin A", "I take vitamin B"),
            ("I take vitamin", "I take vitamin A"),
            ("Take 5 mg daily", "Take 5 g daily"),
            ("Take 5 mg", "Take 5 Mg"),
            ("She loves it \u{1f600}", "She loves it \u{1f612}"),
            ("Maria comes on Sunday", "Maria comes on Sunday?"),
            ("The pass is 3 km", "The pass is 3 km\u{b2}"),
            ("Version 1.2 is live", "Version 12 is live"),
            ("Maria moved from Oslo to Paris", "Maria moved from Paris to Oslo"),
            ("Maria has no dogs", "Maria has dogs"),
            ("a < b holds", "a > b holds"),
            ("Score was 3:1", "Score was 31"),
            ("Plan A", "Plan B"),
        ] {
            assert!(!same_text(a, b), "{a} | {b}");
            assert_ne!(Gist::of(a), Gist::of(b), "{a} | {b}");
        }
    }

    #[test]
    fn one_added_word_is_news_and_mere_dress_is_folded() {
        let plain = "Maria doesn't eat the peanuts & has two dogs.";
        for dressed in [
            "maria does not eat peanuts and has 2 dogs",
            "By the way, Maria really doesn\u{2019}t eat the peanuts and has two dogs!",
            "Please remember that Maria doesn't eat peanuts and has two dogs, you know.",
        ] {
            assert!(!same_text(plain, dressed), "it is stored: {dressed}");
            assert_eq!(Gist::of(plain).fingerprint(), Gist::of(dressed).fingerprint(), "and folded: {dressed}");
        }
        let (plain, dressed) = ("Jon bakes rye bread on Saturdays", "By the way, Jon bakes rye bread on Saturdays");
        assert_eq!(Gist::of(plain), Gist::of(dressed));
        assert_eq!(Gist::of("ok yes").line(), "ok yes", "weak words alone are all that it says");
    }
}
