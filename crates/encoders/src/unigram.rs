//! Unigram tokenizer in the manner of `SentencePiece`: normalisation, words, and the likeliest split of each into pieces.
//!
//! Owns the mapping from text to piece numbers, and the vocabulary file, which is read where it lies: pieces are found by
//! binary search among their sorted bytes, so that nothing is built and no memory taken. Does not own what is put before a text
//! (`e5`). Names of special tokens inside a text, such as `</s>`, are ordinary text here: stored or queried text must not be
//! able to steer the model's control tokens.

use unicode_normalization::UnicodeNormalization;

use crate::{EncoderError, bert::POSITIONS};

/// Longest input of the model as it was trained, the first and the last piece included.
pub const MAX_PIECES: usize = 512;
const _: () = assert!(MAX_PIECES <= POSITIONS);
/// Characters of the longest piece.
const LONGEST: usize = 16;
/// Longer words are cut: they have more pieces than count.
const MAX_WORD_CHARS: usize = MAX_PIECES * LONGEST;
/// Longer texts are cut before anything else: of ordinary text, a tenth is more than counts.
const MAX_TEXT_BYTES: usize = 1 << 18;
/// Stands for the space before a word.
const SPACE: char = '\u{2581}';
/// Stands for [`FULL_WIDTH_TILDE`] while the rest is normalised; no text has it.
const STAND_IN: char = '\u{fdd0}';
/// The one character that NFKC would change and the model knows.
const FULL_WIDTH_TILDE: char = '\u{ff5e}';

const FIRST: u32 = 0;
const LAST: u32 = 1;
const UNKNOWN: u32 = 2;
/// Pieces that no text has.
const SPECIAL: usize = 3;

/// A piece vocabulary; immutable.
pub(super) struct Tokenizer {
    /// Where the pieces end in `text`, after a 0 at which the first begins.
    ends: &'static [[u8; 4]],
    /// Logarithms of the probabilities, as f32.
    scores: &'static [[u8; 4]],
    /// The pieces from [`SPECIAL`] on are sorted.
    text: &'static [u8],
    /// Score of a character that no piece covers.
    unknown: f64,
}

/// Pieces that begin alike: `from..to`, all equal in their first `length` bytes.
#[derive(Clone, Copy)]
struct Candidates {
    from: usize,
    to: usize,
    length: usize,
}

/// The best split of a word up to a character: its score, the last piece, and the character at which that begins.
#[derive(Clone, Copy)]
struct Best {
    score: f64,
    piece: u32,
    start: usize,
}

impl Tokenizer {
    /// Reads a vocabulary file; the layout is described in `model/e5/convert.py`.
    ///
    /// # Errors
    /// [`EncoderError::Vocabulary`] when it is damaged.
    pub(super) fn parse(file: &'static [u8]) -> Result<Self, EncoderError> {
        let damaged = |problem| move || EncoderError::Vocabulary(problem);
        let rest = file.strip_prefix(b"UNIGRAM1").ok_or_else(damaged("the magic bytes are missing"))?;
        let short = "it is cut off";
        let (head, rest) = rest.as_chunks::<4>().0.split_at_checked(2).map(|(head, _)| (head, &rest[8..])).ok_or_else(damaged(short))?;
        let count = u32::from_le_bytes(head[0]) as usize;
        let words = rest.as_chunks::<4>().0;
        let (ends, words) = words.split_at_checked(count + 1).ok_or_else(damaged(short))?;
        let (scores, _) = words.split_at_checked(count).ok_or_else(damaged(short))?;
        let text = &rest[4 * (2 * count + 1)..];
        let this = Self { ends, scores, text, unknown: f64::from(f32::from_le_bytes(head[1])) };
        let ordered = ends.windows(2).all(|pair| u32::from_le_bytes(pair[0]) < u32::from_le_bytes(pair[1]));
        if count <= SPECIAL || !ordered || this.end(count) != text.len() {
            return Err(EncoderError::Vocabulary("its directory is damaged"));
        }
        if !(SPECIAL + 1..count).all(|piece| this.bytes(piece - 1) < this.bytes(piece) || piece == SPECIAL) {
            return Err(EncoderError::Vocabulary("its pieces are not sorted"));
        }
        Ok(this)
    }

    /// Number of pieces.
    pub(super) fn len(&self) -> usize {
        self.scores.len()
    }

    fn end(&self, piece: usize) -> usize {
        u32::from_le_bytes(self.ends[piece]) as usize
    }

    /// The text of a piece.
    pub(super) fn bytes(&self, piece: usize) -> &'static [u8] {
        &self.text[self.end(piece)..self.end(piece + 1)]
    }

    /// Piece numbers of `text` after `before`: the start token, at most `MAX_PIECES - 2` pieces, the end token.
    ///
    /// Reads only as much of the text as the limit needs, so the cost is bounded for text of any length.
    pub(super) fn encode(&self, before: &str, text: &str) -> Vec<u32> {
        let mut ids = vec![FIRST];
        let mut word = vec![SPACE];
        let text = &text[..text.floor_char_boundary(MAX_TEXT_BYTES)];
        for c in normalised(before.chars().chain(text.chars())).chain([' ']) {
            if c != ' ' && word.len() < MAX_WORD_CHARS {
                word.push(c);
            } else if word.len() > 1 {
                self.split(&word, &mut ids);
                word.truncate(1);
                if ids.len() >= MAX_PIECES {
                    break;
                }
            }
        }
        ids.truncate(MAX_PIECES - 1);
        ids.push(LAST);
        ids
    }

    /// Appends the pieces of a word's likeliest split. Neighbouring characters that no piece covers are one unknown piece.
    fn split(&self, word: &[char], ids: &mut Vec<u32>) {
        let nothing = Best { score: f64::NEG_INFINITY, piece: UNKNOWN, start: 0 };
        let mut best = vec![nothing; word.len() + 1];
        best[0].score = 0.0;
        for start in 0..word.len() {
            let before = best[start].score;
            let mut offer = |end: usize, score: f64, piece: u32| {
                if before + score > best[end].score {
                    best[end] = Best { score: before + score, piece, start };
                }
            };
            offer(start + 1, self.unknown, UNKNOWN);
            let mut candidates = Candidates { from: SPECIAL, to: self.len(), length: 0 };
            for (end, c) in (start + 1..).zip(word[start..].iter().take(LONGEST)) {
                candidates = self.narrow(candidates, *c);
                if candidates.from == candidates.to {
                    break;
                }
                if self.bytes(candidates.from).len() == candidates.length {
                    let score = f64::from(f32::from_le_bytes(self.scores[candidates.from]));
                    offer(end, score, u32::try_from(candidates.from).unwrap_or(UNKNOWN));
                }
            }
        }
        let before = ids.len();
        let mut end = word.len();
        while end > 0 {
            let Best { piece, start, .. } = best[end];
            if piece != UNKNOWN || ids.len() == before || ids.last() != Some(&UNKNOWN) {
                ids.push(piece);
            }
            end = start;
        }
        ids[before..].reverse();
    }

    /// Those of the candidates that go on with `c`.
    fn narrow(&self, candidates: Candidates, c: char) -> Candidates {
        let Candidates { from, to, length } = candidates;
        let mut buffer = [0; 4];
        let next: &[u8] = c.encode_utf8(&mut buffer).as_bytes();
        // Pieces that are as long as what they have in common come first; the next bytes of the others are in order.
        let tail = |piece: usize| {
            let bytes = &self.bytes(piece)[length..];
            &bytes[..bytes.len().min(next.len())]
        };
        let from = partition(from, to, |piece| tail(piece) < next);
        let to = partition(from, to, |piece| tail(piece) == next);
        Candidates { from, to, length: length + next.len() }
    }
}

/// The first of `from..to` for which `before` does not hold; those for which it does come first.
fn partition(mut from: usize, mut to: usize, before: impl Fn(usize) -> bool) -> usize {
    while from < to {
        let middle = from.midpoint(to);
        if before(middle) { from = middle + 1 } else { to = middle }
    }
    from
}

/// NFKC, without control characters, and with a plain space for all that separates, lazily.
fn normalised(text: impl Iterator<Item = char>) -> impl Iterator<Item = char> {
    let known = |c| match c {
        '\t' | '\n' | '\u{c}' | '\r' | '\u{1680}' | '\u{200b}'..='\u{200f}' | '\u{2028}' | '\u{2029}' | SPACE | '\u{feff}' | '\u{fffd}' => {
            Some(' ')
        }
        '\0'..='\u{1f}' | '\u{7f}' | '\u{8f}' | '\u{9f}' => None,
        FULL_WIDTH_TILDE => Some(STAND_IN),
        _ => Some(c),
    };
    text.filter_map(known).nfkc().map(|c| if c == STAND_IN { FULL_WIDTH_TILDE } else { c })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A vocabulary file of the special pieces and of others with their scores.
    fn file(pieces: &[(&str, f32)]) -> Vec<u8> {
        let pieces: Vec<_> = [("<s>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)].iter().chain(pieces).copied().collect();
        let mut bytes = b"UNIGRAM1".to_vec();
        bytes.extend(u32::try_from(pieces.len()).unwrap().to_le_bytes());
        bytes.extend((-20.0_f32).to_le_bytes());
        let mut end = 0_u32;
        bytes.extend(end.to_le_bytes());
        for (piece, _) in &pieces {
            end += u32::try_from(piece.len()).unwrap();
            bytes.extend(end.to_le_bytes());
        }
        bytes.extend(pieces.iter().flat_map(|(_, score)| score.to_le_bytes()));
        bytes.extend(pieces.iter().flat_map(|(piece, _)| piece.bytes()));
        bytes
    }

    fn sample() -> Vec<u8> {
        file(&[
            ("a", -3.0),
            ("ab", -3.5),
            ("b", -3.0),
            ("é", -4.0),
            ("\u{2581}", -2.0),
            ("\u{2581}a", -2.5),
            ("\u{2581}ab", -7.0),
            ("～", -4.0),
        ])
    }

    fn encode(text: &str) -> Vec<u32> {
        let ids = Tokenizer::parse(sample().leak()).unwrap().encode("", text);
        assert_eq!((ids[0], ids[ids.len() - 1]), (FIRST, LAST));
        ids[1..ids.len() - 1].to_vec()
    }

    #[test]
    fn the_likeliest_split_wins() {
        let (a, ab, b, space, space_a) = (3, 4, 5, 7, 8);
        assert_eq!(encode("a"), [space_a]);
        assert_eq!(encode("ab"), [space, ab]);
        assert_eq!(encode("aab"), [space_a, ab]);
        assert_eq!(encode("b aa"), [space, b, space_a, a]);
    }

    #[test]
    fn text_is_cleaned_and_characters_without_a_piece_are_one_unknown_piece() {
        assert_eq!(encode(""), Vec::<u32>::new());
        assert_eq!(encode(" \t\u{200b}a\0\u{3000}\n"), [8]);
        assert_eq!(encode("\u{ff41}\u{ff5e}e\u{301}"), [8, 10, 6]);
        assert_eq!(encode("xyz a"), [7, UNKNOWN, 8]);
        assert_eq!(encode("</s>"), [7, UNKNOWN]);
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(encode(&"a ".repeat(1000)), [8; MAX_PIECES - 2]);
        assert_eq!(encode(&"b".repeat(100_000)).len(), MAX_PIECES - 2);
    }

    #[test]
    fn damaged_vocabularies_are_errors() {
        for length in 0..sample().len() {
            assert!(Tokenizer::parse(sample()[..length].to_vec().leak()).is_err(), "cut to {length} bytes");
        }
        assert!(Tokenizer::parse(file(&[("b", -1.0), ("a", -1.0)]).leak()).is_err());
        assert!(Tokenizer::parse(file(&[("a", -1.0), ("a", -1.0)]).leak()).is_err());
    }
}
