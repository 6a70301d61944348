//! Long texts in windows. One vector of many topics is like none of them, and a model reads only so much: a long text is
//! embedded window by window, and is as near to a question as the nearest of its windows.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

/// What a character outside ASCII counts: models read most of them one by one, and about four of ASCII at once.
const WIDE: usize = 4;
/// Sentences of at most this part of a window stand at the end of one and at the beginning of the next: what they tell may
/// belong to either.
const SHARED: usize = 4;

/// Whether a text has more than one window of `size`.
#[must_use]
pub fn is_long(text: &str, size: usize) -> bool {
    // Most texts are short, and no character counts more than twice its bytes.
    text.len() > size / 2 && cost(text) > size
}

/// The windows of a text, in bytes: all of it, in order, each of at most `size` characters (one outside ASCII counts [`WIDE`])
/// and of whole sentences, else words, else characters, as they fit.
#[must_use]
pub fn cut(text: &str, size: usize) -> Vec<Range<usize>> {
    let mut windows = Vec::new();
    let (mut window, mut used) = (0..0, 0);
    // Where a short sentence begins that ends the window, and what it counts.
    let mut shared = None;
    for Piece { at, text, whole } in pieces(text, size) {
        let cost = cost(text);
        if used + cost > size && !window.is_empty() {
            windows.push(window.clone());
            (window.start, used) = shared.filter(|(from, used)| *from > window.start && used + cost <= size).unwrap_or((at, 0));
        }
        window.end = at + text.len();
        used += cost;
        shared = (whole && cost * SHARED <= size).then_some((at, cost));
    }
    if !window.is_empty() || windows.is_empty() {
        windows.push(window);
    }
    windows
}

/// What a window takes whole.
struct Piece<'a> {
    at: usize,
    text: &'a str,
    /// A sentence, not a part of one.
    whole: bool,
}

/// Sentences, in words where they are too long, and those in characters.
fn pieces(text: &str, size: usize) -> impl Iterator<Item = Piece<'_>> {
    text.split_sentence_bound_indices().flat_map(move |(start, sentence)| {
        if cost(sentence) <= size {
            return vec![Piece { at: start, text: sentence, whole: true }];
        }
        let parts = |(at, word): (usize, &str)| {
            let fits = cost(word) <= size;
            let lengths: Vec<usize> = if fits { vec![word.len()] } else { word.chars().map(char::len_utf8).collect() };
            lengths.into_iter().scan(at, |at, length| {
                let start = std::mem::replace(at, *at + length);
                Some(start..*at)
            })
        };
        let words = sentence.split_word_bound_indices().flat_map(parts);
        words.map(|range| Piece { at: start + range.start, text: &sentence[range], whole: false }).collect()
    })
}

fn cost(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { WIDE }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn windows(text: &str, size: usize) -> Vec<&str> {
        cut(text, size).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn a_short_text_is_one_window() {
        assert_eq!(windows("Anna plays the cello.", 40), ["Anna plays the cello."]);
        assert_eq!(windows("", 40), [""]);
    }

    #[test]
    fn windows_are_of_whole_sentences_and_share_a_short_one() {
        let text = "One is here. Two. The third one is longer. Four.";
        assert_eq!(windows(text, 20), ["One is here. Two. ", "Two. The third one ", "is longer. Four."]);
        assert_eq!(
            windows("A long one to begin with. Ok. A long one to end with.", 32),
            ["A long one to begin with. Ok. ", "Ok. A long one to end with."]
        );
    }

    #[test]
    fn nothing_is_left_out_and_no_window_is_too_long() {
        let texts = [
            "word ".repeat(500),
            "x".repeat(3_000),
            "我每年春天都喜欢在优胜美地攀岩。".repeat(40),
            "ฉันแพ้กุ้งและหมาของฉันชื่อมะลิ".repeat(40),
            "👩‍👩‍👧‍👦".repeat(100),
            "Line\n\n- item one\n- item two; and. more! and? more\u{2028}".repeat(40),
        ];
        for text in &texts {
            for size in [40, 300, 900] {
                let cuts = cut(text, size);
                assert_eq!((cuts[0].start, cuts[cuts.len() - 1].end), (0, text.len()));
                for pair in cuts.windows(2) {
                    assert!(pair[0].start < pair[1].start && pair[1].start <= pair[0].end && pair[0].end < pair[1].end, "{pair:?}");
                }
                assert!(cuts.iter().all(|window| cost(&text[window.clone()]) <= size), "{size}: {:?}", windows(text, size));
            }
        }
    }
}
