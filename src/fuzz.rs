//! What strangers' bytes are put through, a function for each parser: the targets in `fuzz/` call them, and so does a short run
//! with the other tests. None may panic, whatever comes.

#![expect(clippy::missing_panics_doc, reason = "a panic is a finding")]

use ranking::{dates, lexical::LexicalIndex};

use crate::{
    memory::{Cursor, GateSettings, clean_text, same_text, shown, windows},
    transfer,
};

/// A file to be imported, of any form.
pub fn import(bytes: &[u8]) {
    transfer::look_at(bytes);
}

/// A place in a list.
pub fn cursor(bytes: &[u8]) {
    if let Ok(cursor) = String::from_utf8_lossy(bytes).parse::<Cursor>() {
        assert_eq!(cursor.to_string().parse::<Cursor>().expect("ours"), cursor);
    }
}

/// A text that may hold secrets.
pub fn secrets(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    // Refusing it is right as well.
    let _ = clean_text(text, &GateSettings::default());
}

/// A question that may name days.
pub fn days(bytes: &[u8]) {
    let today = chrono::NaiveDate::from_ymd_opt(2024, 2, 29).expect("a day");
    let named = dates::named(&String::from_utf8_lossy(bytes), &dates::Asked { today, year_with: &|_| Some(2023) });
    assert!(named.iter().all(|when| (0.0..=1.0).contains(&when.matches(today))));
}

/// A text as search, gate and windows cut it.
pub fn words(bytes: &[u8]) {
    let text = &*String::from_utf8_lossy(bytes);
    let mut index = LexicalIndex::default();
    index.set(0, Some(text));
    assert!(index.look(text, 1, &[]).bm25[0].is_finite());
    assert!(same_text(text, text));
    let clear = shown(text);
    assert_eq!(shown(&clear), clear, "what is shown has nothing hidden");
    let cut = windows::cut(text, 60);
    assert_eq!((cut[0].start, cut[cut.len() - 1].end), (0, text.len()));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    /// Bytes that begin as something that is known, and go on as anything.
    fn strange() -> impl Strategy<Value = Vec<u8>> {
        let known = prop::sample::select(vec![
            &b""[..],
            b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03",
            b"PK\x03\x04\x14\x00\x00\x00\x00\x00",
            b"[{\"mapping\": {\"a\": {\"message\": {\"author\": {\"role\": \"user\"}, \"content\": {\"parts\": [\"",
            b"{\"memories\": [{\"text\": \"",
            b"{\"type\": \"header\", \"format\": \"jonathans-memory\", \"version\": 1}\n{\"text\": \"",
            b"\xff\xfe{\x00",
            "What happened on 30 February 2024, 31.12., 昨天, ".as_bytes(),
            b"my password: hunter2 sk-live-0123456789abcdefghijklmnop 4111 1111 1111 1111 ",
            "e\u{301}\u{200b}\u{e0041}👩‍👩‍👧 I\u{307} ﬁ ".as_bytes(),
        ]);
        let piece = prop_oneof![
            3 => "\\PC{0,12}".prop_map(String::into_bytes),
            2 => prop::collection::vec(any::<u8>(), 0..12),
            2 => prop::sample::select(vec![&b"\""[..], b"{", b"}", b"[", b"]", b",", b":", b"\\u", b"1e99", b"\n", b"null"]).prop_map(<[u8]>::to_vec),
        ];
        (known, prop::collection::vec(piece, 0..24)).prop_map(|(known, rest)| [known, &rest.concat()].concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_bytes_break_a_parser(bytes in strange()) {
            super::import(&bytes);
            super::cursor(&bytes);
            super::secrets(&bytes);
            super::days(&bytes);
            super::words(&bytes);
        }
    }
}
