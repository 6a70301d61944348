//! Text that was cut in the middle of a character, by a client that counts UTF-16 units or bytes. What is left of the
//! character says nothing, but a reader of JSON refuses the whole text for it: U+FFFD takes its place first.

use std::borrow::Cow;

/// U+FFFD as JSON writes it, as long as the half that it replaces.
const REPLACEMENT: &[u8; 6] = b"\\ufffd";

/// The same JSON with every half of a character replaced. Bytes that are no part of a character in UTF-8 stay: they are of
/// another encoding, and whoever sends that must hear of it.
#[must_use]
pub fn mended(json: &[u8]) -> Cow<'_, [u8]> {
    let mut json = whole_characters(json);
    let halves = half_escapes(&json);
    if !halves.is_empty() {
        let json = json.to_mut();
        for start in halves {
            json[start..start + REPLACEMENT.len()].copy_from_slice(REPLACEMENT);
        }
    }
    json
}

/// Bytes of a surrogate, which UTF-8 never has, and first bytes of a longer character without the rest.
fn whole_characters(bytes: &[u8]) -> Cow<'_, [u8]> {
    const REPLACED: &[u8] = "\u{fffd}".as_bytes();
    if str::from_utf8(bytes).is_ok() {
        return Cow::Borrowed(bytes);
    }
    let mut bytes = bytes.to_vec();
    let surrogate = |three: &[u8]| three[0] == 0xED && (0xA0..=0xBF).contains(&three[1]) && (0x80..=0xBF).contains(&three[2]);
    let surrogates: Vec<_> = bytes.windows(3).enumerate().filter(|(_, three)| surrogate(three)).map(|(at, _)| at).collect();
    for at in surrogates {
        bytes[at..at + 3].copy_from_slice(REPLACED);
    }
    let mut whole = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        whole.extend_from_slice(chunk.valid().as_bytes());
        // A single byte may as well be a letter of Latin-1.
        whole.extend_from_slice(if chunk.invalid().len() > 1 { REPLACED } else { chunk.invalid() });
    }
    Cow::Owned(whole)
}

/// Where escapes of surrogates stand that have no partner.
fn half_escapes(json: &[u8]) -> Vec<usize> {
    let mut halves = Vec::new();
    let mut at = 0;
    while let Some(found) = json.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'\\')) {
        let start = at + found;
        at = match unit(json, start) {
            Some(0xD800..=0xDBFF) if matches!(unit(json, start + 6), Some(0xDC00..=0xDFFF)) => start + 12,
            Some(0xD800..=0xDFFF) => {
                halves.push(start);
                start + 6
            }
            Some(_) => start + 6,
            // Another escape, such as that of the backslash itself.
            None => start + 2,
        };
    }
    halves
}

/// The UTF-16 unit of the escape that starts here.
fn unit(json: &[u8], start: usize) -> Option<u16> {
    let digits = json.get(start..start + 6)?.strip_prefix(b"\\u")?;
    let digits = str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &[u8]) -> Option<String> {
        serde_json::from_slice(&mended(json)).ok()
    }

    #[test]
    fn halves_of_pairs_are_replaced_and_pairs_stay() {
        for (json, text) in [
            (r#""a \ud83d b""#, "a \u{fffd} b"),
            (r#""\uDE00""#, "\u{fffd}"),
            (r#""\ud83d""#, "\u{fffd}"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
            (r#""\ude00\ud83d""#, "\u{fffd}\u{fffd}"),
            (r#""\uD83D\uDE00 \u00e9""#, "😀 é"),
            (r#""\ud83d\n\ude00""#, "\u{fffd}\n\u{fffd}"),
            (r#""\\ud83d""#, "\\ud83d"),
            (r#""\\\ud83d""#, "\\\u{fffd}"),
            (r#""\"\ud83d\"""#, "\"\u{fffd}\""),
            ("\"😀\"", "😀"),
        ] {
            assert_eq!(read(json.as_bytes()).as_deref(), Some(text), "{json}");
        }
    }

    #[test]
    fn characters_cut_by_bytes_are_replaced_and_other_encodings_are_not() {
        assert_eq!(read(b"\"a \xf0\x9f\x98 b\"").as_deref(), Some("a \u{fffd} b"));
        assert_eq!(read(b"\"\xe6\x88\"").as_deref(), Some("\u{fffd}"));
        assert_eq!(read(b"\"\xed\xa0\xbd!\"").as_deref(), Some("\u{fffd}!"));
        assert_eq!(read(b"\"caf\xe9 au lait\""), None);
    }

    #[test]
    fn what_is_no_escape_is_left_alone() {
        for json in [&b"{\"a\": \"\\ud8"[..], b"\\", b"\\u", b"\\ud83", b"\\u+83d", b"", b"[1]"] {
            assert_eq!(mended(json).as_ref(), json);
        }
    }
}
