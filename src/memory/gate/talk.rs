//! Talk that says nothing by itself: thanks, greetings, fillers, requests of the moment, what an assistant says before and
//! after its work, boilerplate of prompts. A text is such talk only where two judges agree about each of its sentences: every
//! piece of it is in a vocabulary learned from talk (so that one unknown word, name, number or sign keeps the text), and a
//! linear classifier finds it far likelier than not. How a text is dressed, its case, accents and punctuation, is taken off
//! before either looks.
//!
//! Both were learned from the lines in `benches/gate/lines`, which `make gate` does again.

use std::{collections::HashMap, sync::LazyLock};

use unicode_normalization::UnicodeNormalization;

use super::classifier::{self, Features};

/// Most bytes of a text that may be such talk. What is longer tells something somewhere.
const LONGEST: usize = 2_000;
/// Stands before the first word and after the last.
const EDGE: &str = "\u{2}";

/// A part of a text up to a full stop or a line's end.
#[derive(Debug, Default)]
pub struct Sentence {
    words: Vec<Word>,
}

/// Letters between spaces and signs, of one way of writing.
#[derive(Debug)]
struct Word {
    letters: String,
    script: Script,
}

/// How a script divides what it writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    /// Spaces between words.
    Spaced,
    /// Spaces between words that carry their endings in whole syllables.
    Hangul,
    /// None, and a letter is a syllable or a word: Chinese, Japanese.
    Ideographic,
    /// None, and a syllable has several letters: Thai, Lao, Khmer, Burmese.
    Stacked,
}

impl Script {
    const fn of(c: char) -> Self {
        match c {
            '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7ff}' => Self::Hangul,
            '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'.. => {
                Self::Ideographic
            }
            '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' => Self::Stacked,
            _ => Self::Spaced,
        }
    }

    /// Letters of a piece; of a spaced script a piece is a word.
    const fn piece(self) -> usize {
        match self {
            Self::Spaced => usize::MAX,
            Self::Hangul | Self::Ideographic => 2,
            Self::Stacked => 4,
        }
    }
}

/// What a piece of talk is mostly said for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Thanks, agreement, greeting, filler.
    Empty,
    /// A request of the moment.
    Request,
    /// An assistant's words about its work.
    Assistant,
    /// What a program tells a model.
    System,
    /// All of these.
    Any,
}

impl Use {
    /// In the order of their letters.
    pub const ALL: [Self; 5] = [Self::Empty, Self::Request, Self::Assistant, Self::System, Self::Any];

    /// How it is written in the vocabulary.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Empty => 'e',
            Self::Request => 'r',
            Self::Assistant => 'a',
            Self::System => 's',
            Self::Any => '-',
        }
    }
}

/// The stored vocabulary, a piece a line after a letter for what it is mostly said for and a digit for how surely.
static VOCABULARY: LazyLock<HashMap<&str, (Use, u32)>> = LazyLock::new(|| {
    let entry = |line: &'static str| {
        let (said, piece) = line.split_once(' ')?;
        let mut said = said.chars();
        let letter = said.next()?;
        Some((piece, (Use::ALL.into_iter().find(|of| of.letter() == letter)?, said.next()?.to_digit(10)?)))
    };
    include_str!("talk.txt").lines().filter_map(entry).collect()
});

/// What a text is said for, if it is certainly nothing but talk.
#[must_use]
pub fn kind(text: &str) -> Option<Use> {
    if text.len() > LONGEST {
        return None;
    }
    let said = sentences(text).filter(|said| !said.is_empty())?;
    let is_known = |piece: &str| VOCABULARY.contains_key(piece);
    if !said.iter().all(|sentence| sentence.is_made_of(is_known) && classifier::is_talk(&sentence.features())) {
        return None;
    }
    let mut votes = [0; Use::ALL.len()];
    for (of, sure) in said.iter().flat_map(Sentence::pieces).filter_map(|piece| VOCABULARY.get(piece.as_str()).copied()) {
        votes[of as usize] += sure;
    }
    let most = *votes.iter().max()?;
    Use::ALL.into_iter().find(|of| most > 0 && votes[*of as usize] == most).or(Some(Use::Any))
}

/// The sentences of a text without its dress; `None` where it holds what talk does not: digits, signs of code and money, a
/// label before a value.
#[must_use]
pub fn sentences(text: &str) -> Option<Vec<Sentence>> {
    read(text, true)
}

/// The same of any text, with a `0` for each digit: to learn from.
#[must_use]
pub fn all_sentences(text: &str) -> Vec<Sentence> {
    read(text, false).unwrap_or_default()
}

fn read(text: &str, strict: bool) -> Option<Vec<Sentence>> {
    let mut said = vec![Sentence::default()];
    let mut open = false;
    let plain = undressed(text);
    for (at, &c) in plain.iter().enumerate() {
        let next = plain.get(at + 1).copied().unwrap_or('\n');
        let sentence = said.last_mut()?;
        if c.is_numeric() {
            if strict {
                return None;
            }
            sentence.push('0', open);
            open = true;
        } else if is_letter(c) {
            sentence.push(c, open);
            open = true;
        } else if c == '\'' && open && is_letter(next) {
            // "don't" is the word of those who type "dont".
        } else {
            open = false;
            match c {
                '.' | ':' if strict && (is_letter(next) || next.is_numeric()) => return None,
                // A label stands before its value in the same line.
                ':' if strict && next != '\n' && plain[at + 1..].iter().any(|c| is_letter(*c)) && !plain[at + 1..].contains(&'\n') => {
                    return None;
                }
                '.' | '!' | '?' | ';' | ':' | '\n' | '\u{3002}' | '\u{61f}' | '\u{61b}' | '\u{964}' | '\u{965}' => {
                    if !sentence.words.is_empty() {
                        said.push(Sentence::default());
                    }
                }
                _ if !strict || is_dress(c) => {}
                _ => return None,
            }
        }
    }
    said.retain(|sentence| !sentence.words.is_empty());
    Some(said)
}

/// Lower case, compatible forms in one, without accents, vowel marks and what stretches a word: `Sooooo` and `soo` are one.
fn undressed(text: &str) -> Vec<char> {
    let mut plain: Vec<char> = Vec::with_capacity(text.len());
    let folded = text
        .nfkd()
        .filter(|c| !is_mark(*c))
        .nfc()
        .flat_map(char::to_lowercase)
        .flat_map(|c| if c == '\u{df}' { ['s'; 2].into_iter().take(2) } else { [c; 2].into_iter().take(1) })
        .filter(|c| !is_mark(*c))
        .map(|c| match c {
            '\u{2018}' | '\u{2019}' | '\u{2bc}' | '`' | '\u{b4}' => '\'',
            // Spellings of Arabic that people mix.
            '\u{649}' | '\u{6cc}' => '\u{64a}',
            '\u{629}' => '\u{647}',
            '\u{6a9}' => '\u{643}',
            // Final forms are forms.
            '\u{3c2}' => '\u{3c3}',
            '\u{131}' => 'i',
            c => c,
        });
    for c in folded {
        let stretched = plain.len() >= 2 && plain[plain.len() - 2..] == [c, c];
        if !(stretched && is_letter(c)) {
            plain.push(c);
        }
    }
    plain
}

/// Accents, vowel marks of Arabic and Hebrew, and letters without a shape: those without which a word is still read.
const fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}'
        | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}')
}

/// A letter, or a mark of a script whose marks are part of the word.
fn is_letter(c: char) -> bool {
    let marks = matches!(c, '\u{900}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17d3}');
    c.is_alphabetic() || (marks && !c.is_numeric() && !matches!(c, '\u{964}' | '\u{965}' | '\u{e2f}' | '\u{e3f}' | '\u{e4f}'))
}

/// What stands around words without saying anything.
fn is_dress(c: char) -> bool {
    c.is_whitespace()
        || is_emoji(c)
        || ",-\"'()*~^\u{a1}\u{bf}\u{ab}\u{bb}\u{60c}\u{3001}\u{b7}\u{30fb}\u{300c}\u{300d}\u{300e}\u{300f}\u{301c}\u{ff5e}\u{e2f}"
            .contains(c)
        || matches!(c, '\u{2010}'..='\u{2015}' | '\u{201a}'..='\u{201f}')
}

/// Pictures and the letters that join them.
const fn is_emoji(c: char) -> bool {
    matches!(c, '\u{1f000}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}' | '\u{2b50}' | '\u{2b55}' | '\u{200d}' | '\u{fe0e}' | '\u{fe0f}'
        | '\u{e0020}'..='\u{e007f}' | '\u{231a}' | '\u{231b}' | '\u{23e9}'..='\u{23fa}')
}

impl Sentence {
    fn push(&mut self, c: char, open: bool) {
        let script = Script::of(c);
        match self.words.last_mut() {
            Some(word) if open && word.script == script => word.letters.push(c),
            _ => self.words.push(Word { letters: c.into(), script }),
        }
    }

    /// Whether all of it is known: each word, or each letter where words are not told apart, as part of a known piece.
    pub fn is_made_of(&self, is_known: impl Fn(&str) -> bool) -> bool {
        self.words.iter().all(|word| word.is_made_of(&is_known))
    }

    /// What it is made of.
    pub fn pieces(&self) -> impl Iterator<Item = String> {
        self.words.iter().flat_map(Word::pieces)
    }

    /// What the classifier sees of it: words and letters, alone and in a row. Of unit length, so that a short sentence has no
    /// more and no less than a long one.
    #[must_use]
    pub fn features(&self) -> Features {
        let mut found = Features::new();
        let spoken: Vec<String> = self.words.iter().flat_map(Word::spoken).collect();
        let words: Vec<&str> = [EDGE].into_iter().chain(spoken.iter().map(String::as_str)).chain([EDGE]).collect();
        for (kind, length, much) in [("said", 1, 1.0), ("two said", 2, 1.0), ("three said", 3, 0.7)] {
            found.extend(words.windows(length).map(|gram| (classifier::talk_bucket(kind, gram), much)));
        }
        for word in self.words.iter().filter(|word| matches!(word.script, Script::Spaced | Script::Stacked)) {
            let edged = format!("<{}>", word.letters);
            let starts: Vec<usize> = edged.char_indices().map(|(at, _)| at).chain([edged.len()]).collect();
            for (kind, length) in [("three letters", 3), ("four letters", 4), ("five letters", 5)] {
                found.extend(starts.windows(length + 1).map(|at| (classifier::talk_bucket(kind, &[&edged[at[0]..at[length]]]), 0.35)));
            }
        }
        classifier::to_unit(&mut found);
        found
    }
}

impl Word {
    fn is_made_of(&self, is_known: impl Fn(&str) -> bool) -> bool {
        let pieces = self.pieces();
        // A letter that no known piece covers, counted from the last that one does.
        let mut uncovered = 0;
        let length = if pieces.len() == 1 { 1 } else { self.script.piece() };
        for piece in &pieces {
            uncovered = if is_known(piece) { 0 } else { uncovered + 1 };
            if uncovered >= length {
                return false;
            }
        }
        let ends = [pieces.first(), pieces.last()];
        self.script == Script::Hangul || ends.into_iter().flatten().all(|piece| is_known(piece))
    }

    fn pieces(&self) -> Vec<String> {
        let word = if is_laughter(&self.letters) { LAUGHTER } else { &self.letters };
        let letters: Vec<char> = match self.script {
            Script::Spaced => return vec![word.to_owned()],
            Script::Hangul => format!("<{word}>").chars().collect(),
            Script::Ideographic | Script::Stacked => word.chars().collect(),
        };
        let length = self.script.piece();
        if letters.len() < length {
            return vec![format!("<{word}>")];
        }
        letters.windows(length).map(|piece| piece.iter().collect()).collect()
    }

    /// Words, or the letters of a script in which letters are words.
    fn spoken(&self) -> Vec<String> {
        match self.script {
            _ if is_laughter(&self.letters) => vec![LAUGHTER.to_owned()],
            Script::Spaced => vec![self.letters.clone()],
            Script::Hangul | Script::Ideographic | Script::Stacked => self.letters.chars().map(String::from).collect(),
        }
    }
}

/// Stands for laughter of any length.
const LAUGHTER: &str = "haha";

/// A syllable of laughter over and over, in any of the ways in which people type it.
fn is_laughter(word: &str) -> bool {
    const SYLLABLES: [&str; 27] = [
        "ha",
        "he",
        "hi",
        "ho",
        "ja",
        "je",
        "ji",
        "rs",
        "hue",
        "wk",
        "xa",
        "\u{445}\u{430}",
        "\u{445}\u{435}",
        "\u{445}\u{438}",
        "\u{54c8}",
        "\u{5475}",
        "\u{563f}",
        "\u{563b}",
        "\u{314b}",
        "\u{314e}",
        "\u{3160}",
        "\u{315c}",
        "\u{647}",
        "\u{62e}",
        "\u{939}\u{93e}",
        "k",
        "w",
    ];
    let length = word.chars().count();
    SYLLABLES.iter().any(|syllable| {
        let rest = word.replace(syllable, "");
        let left = rest.chars().count();
        // What is cut off at either end: "ahahah", "hahah".
        length >= 3.max(2 * syllable.chars().count()) && left <= 1 && rest.chars().all(|c| syllable.contains(c))
            || (length == 2 && left == 0 && !syllable.is_ascii() && syllable.chars().count() == 1)
    })
}
