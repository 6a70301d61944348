//! How many tokens a text has, estimated: every client's model has a tokenizer of its own, and none is asked. The estimate
//! is meant to be high for ordinary text (a test compares it with the tokenizer of the local embedding model), adds up over
//! lines, and is never off by more than a constant factor.

/// Tokens of a text, rounded up.
#[must_use]
pub fn tokens(text: &str) -> usize {
    tenths(text).div_ceil(10)
}

/// Tenths of tokens: the sum over the runs of a text, so that the parts of a text split at white space add up to the whole.
///
/// A word of letters counts a quarter of its letters, a run with digits half of its characters (numbers are cut small), and
/// each of them at least 1.4; any other visible character of ASCII 1; one beyond ASCII half of its bytes in UTF-8, rounded up.
pub(super) fn tenths(text: &str) -> usize {
    let (mut sum, mut letters, mut digits) = (0, 0, 0);
    for c in text.chars() {
        if c.is_ascii_alphabetic() {
            letters += 1;
            continue;
        }
        if c.is_ascii_digit() {
            digits += 1;
            continue;
        }
        sum += run(letters, digits);
        (letters, digits) = (0, 0);
        if !c.is_ascii() {
            sum += 10 * c.len_utf8().div_ceil(2);
        } else if !c.is_ascii_whitespace() {
            sum += 10;
        }
    }
    sum + run(letters, digits)
}

fn run(letters: usize, digits: usize) -> usize {
    match (letters, digits) {
        (0, 0) => 0,
        (letters, 0) => (letters * 10).div_ceil(4).max(14),
        (letters, digits) => (10 * (letters + digits).div_ceil(2)).max(14),
    }
}

/// The longest beginning of a text, cut where a word ends if it can be, that has at most `most` tenths.
pub(super) fn beginning(text: &str, most: usize) -> &str {
    let mut kept = 0;
    let mut used = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        used += tenths(word);
        if used > most {
            break;
        }
        kept += word.len();
    }
    if kept > 0 {
        return text[..kept].trim_end();
    }
    // One endless word: by characters, halving, as a run only grows with its length.
    let mut end = text.len();
    while end > 0 && tenths(&text[..end]) > most {
        end = text.floor_char_boundary(end / 2);
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_numbers_signs_and_other_scripts_count() {
        assert_eq!([tenths(""), tenths(" \n\t"), tenths("tea"), tenths("internationally"), tenths("tea, tea")], [0, 0, 14, 38, 38]);
        assert_eq!([tenths("2026-03-01"), tenths("a1b2"), tenths("é"), tenths("茶"), tenths("😀")], [68, 20, 10, 20, 20]);
        assert_eq!([tokens(""), tokens("tea"), tokens("tea tea tea")], [0, 2, 5]);
    }

    #[test]
    fn lines_add_up_and_more_text_is_never_less() {
        let text = "On 2026-03-01 Maria (née Kovač) said: \"x<y & z\" 😀 — 茶を飲む; v1.2.3 https://a.example/b?c=d internationalisation";
        let split: usize = text.split_whitespace().map(tenths).sum();
        assert_eq!(split, tenths(text));
        let ends = text.char_indices().map(|(at, _)| tenths(&text[..at])).collect::<Vec<_>>();
        assert!(ends.windows(2).all(|pair| pair[0] <= pair[1]), "{ends:?}");
        assert!(text.chars().count() <= 4 * tokens(text), "a token has at most four characters of the estimate");
    }

    #[test]
    fn a_beginning_fits_and_ends_with_a_word() {
        let text = "one two three four five six seven";
        for most in 0..=tenths(text) {
            let cut = beginning(text, most);
            assert!(tenths(cut) <= most && text.starts_with(cut), "{most}: {cut}");
        }
        assert_eq!(beginning(text, 14 * 2 + 5), "one two");
        assert_eq!(beginning(text, 1_000), text);
        let endless = "ä".repeat(500);
        let cut = beginning(&endless, 1_000);
        assert!(!cut.is_empty() && tenths(cut) <= 1_000);
    }
}
