//! Uncased BERT `WordPiece` tokenizer: normalisation, word splitting, greedy longest match.
//!
//! Owns the mapping from text to piece numbers, limited to [`MAX_PIECES`]. Does not own the vocabulary file
//! (handed in by the parent) or batching. Names of special tokens inside a text, such as `[SEP]`, are
//! ordinary text here: stored or queried text must not be able to steer the model's control tokens.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

use crate::{EncoderError, bert::POSITIONS};

/// Longest input of the model as it was trained, both special tokens included.
pub const MAX_PIECES: usize = 256;
const _: () = assert!(MAX_PIECES <= POSITIONS);
/// Longer words become a single unknown piece.
const MAX_WORD_CHARS: usize = 100;

/// A piece vocabulary; immutable after construction.
pub(super) struct Tokenizer {
    /// Pieces that start a word.
    starts: HashMap<&'static str, u32>,
    /// Pieces that continue a word, without their `##` marker.
    continuations: HashMap<&'static str, u32>,
    /// Bytes of the longest piece: bounds the search.
    longest: usize,
    unknown: u32,
    first: u32,
    last: u32,
}

impl Tokenizer {
    /// Builds the lookup tables from a vocabulary of one piece per line, numbered from 0.
    ///
    /// # Errors
    /// [`EncoderError::Vocabulary`] when a special token is missing.
    pub(super) fn new(vocabulary: &'static str) -> Result<Self, EncoderError> {
        let (mut starts, mut continuations) = (HashMap::with_capacity(25_000), HashMap::with_capacity(6_000));
        let mut longest = 0;
        for (id, piece) in (0_u32..).zip(vocabulary.lines()) {
            longest = longest.max(piece.len());
            match piece.strip_prefix("##") {
                // A bare "##" is the word start "##", not an empty continuation.
                Some(rest) if !rest.is_empty() => continuations.insert(rest, id),
                _ => starts.insert(piece, id),
            };
        }
        let special = |name: &'static str| starts.get(name).copied().ok_or(EncoderError::Vocabulary(name));
        let (unknown, first, last) = (special("[UNK]")?, special("[CLS]")?, special("[SEP]")?);
        Ok(Self { starts, continuations, longest, unknown, first, last })
    }

    /// Piece numbers of `text`: the start token, at most `MAX_PIECES - 2` pieces, the end token.
    ///
    /// Reads only as much of the text as the limit needs, so the cost is bounded for ordinary text of any length.
    pub(super) fn encode(&self, text: &str) -> Vec<u32> {
        let mut ids = vec![self.first];
        let mut word = Word::default();
        for c in normalised(text) {
            let alone = is_punctuation(c);
            if alone || c.is_whitespace() {
                self.flush(&mut word, &mut ids);
                if alone {
                    word.push(c);
                    self.flush(&mut word, &mut ids);
                }
                if ids.len() >= MAX_PIECES {
                    break;
                }
            } else {
                word.push(c);
            }
        }
        self.flush(&mut word, &mut ids);
        ids.truncate(MAX_PIECES - 1);
        ids.push(self.last);
        ids
    }

    /// Appends the pieces of a finished word and clears it. A word with any unknown part is one unknown piece.
    fn flush(&self, word: &mut Word, ids: &mut Vec<u32>) {
        if word.chars == 0 {
            return;
        }
        let before = ids.len();
        let mut rest = word.text.as_str();
        let mut table = &self.starts;
        while word.chars <= MAX_WORD_CHARS && !rest.is_empty() {
            let Some((length, id)) = self.longest_match(table, rest) else { break };
            ids.push(id);
            rest = &rest[length..];
            table = &self.continuations;
        }
        if !rest.is_empty() {
            ids.truncate(before);
            ids.push(self.unknown);
        }
        word.clear();
    }

    /// Byte length and number of the longest piece that `text` starts with.
    fn longest_match(&self, table: &HashMap<&'static str, u32>, text: &str) -> Option<(usize, u32)> {
        let limit = text.len().min(self.longest);
        (1..=limit).rev().filter(|end| text.is_char_boundary(*end)).find_map(|end| table.get(&text[..end]).map(|id| (end, *id)))
    }
}

/// A word being collected. Characters beyond the limit are counted, not stored.
#[derive(Default)]
struct Word {
    text: String,
    chars: usize,
}

impl Word {
    fn push(&mut self, c: char) {
        if self.chars <= MAX_WORD_CHARS {
            self.text.push(c);
            self.chars += 1;
        }
    }

    fn clear(&mut self) {
        self.text.clear();
        self.chars = 0;
    }
}

/// Cleans, spaces out CJK ideographs, strips accents and lower-cases, lazily.
fn normalised(text: &str) -> impl Iterator<Item = char> {
    text.chars()
        .filter(|c| !is_dropped(*c))
        .flat_map(|c| {
            let around = is_cjk(c).then_some(' ');
            around.into_iter().chain([c]).chain(around)
        })
        .nfd()
        .filter(|c| c.general_category() != GeneralCategory::NonspacingMark)
        .flat_map(char::to_lowercase)
}

/// Characters that vanish: NUL, the replacement character, control, format and private-use characters.
fn is_dropped(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' => false,
        '\0' | '\u{fffd}' => true,
        _ => matches!(c.general_category(), GeneralCategory::Control | GeneralCategory::Format | GeneralCategory::PrivateUse),
    }
}

/// Characters that are a word of their own. ASCII symbols such as `$` count, other symbols do not.
fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation() || (!c.is_ascii() && c.general_category_group() == GeneralCategoryGroup::Punctuation)
}

/// The ideograph blocks the model was trained with; kana and hangul are not among them.
fn is_cjk(c: char) -> bool {
    matches!(
        u32::from(c),
        0x4E00..=0x9FFF
            | 0x3400..=0x4DBF
            | 0x20000..=0x2A6DF
            | 0x2A700..=0x2B73F
            | 0x2B740..=0x2B81F
            | 0x2B820..=0x2CEAF
            | 0xF900..=0xFAFF
            | 0x2F800..=0x2FA1F
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const VOCABULARY: &str = "[UNK]\n[CLS]\n[SEP]\nun\n##aff\n##able\n##a\n,\ncafe\n漢\n##";

    fn encode(text: &str) -> Vec<u32> {
        let ids = Tokenizer::new(VOCABULARY).unwrap().encode(text);
        assert_eq!((ids[0], ids[ids.len() - 1]), (1, 2));
        ids[1..ids.len() - 1].to_vec()
    }

    #[test]
    fn longest_pieces_win() {
        assert_eq!(encode("unaffable"), [3, 4, 5]);
        assert_eq!(encode("una"), [3, 6]);
        assert_eq!(encode("unx un"), [0, 3]);
    }

    #[test]
    fn text_is_cleaned_split_and_folded() {
        assert_eq!(encode(" Café,\u{0}CAFE\u{301}\n漢漢"), [8, 7, 8, 9, 9]);
        assert_eq!(encode("un\u{200b}affable"), [3, 4, 5]);
        assert_eq!(encode(""), Vec::<u32>::new());
    }

    #[test]
    fn long_words_are_unknown_and_long_texts_are_cut() {
        assert_eq!(encode(&format!("un{}", "a".repeat(98))).len(), 99);
        assert_eq!(encode(&format!("un{}", "a".repeat(99))), [0]);
        assert_eq!(encode(&"un ".repeat(1000)), [3; MAX_PIECES - 2]);
    }

    #[test]
    fn special_names_are_plain_text() {
        assert!(!encode("[SEP]").contains(&2));
    }

    #[test]
    fn a_vocabulary_without_special_tokens_is_an_error() {
        assert!(matches!(Tokenizer::new("a\nb"), Err(EncoderError::Vocabulary("[UNK]"))));
    }
}
