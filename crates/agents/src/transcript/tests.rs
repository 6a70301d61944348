use std::fs;

use super::*;

fn fixture(kind: Kind) -> Source {
    let name = match kind {
        Kind::ClaudeCode => "claude-code",
        Kind::Codex => "codex",
        _ => "cursor",
    };
    Source { kind, path: PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/transcripts/{name}.jsonl")) }
}

fn said(batch: &Batch) -> Vec<(Speaker, &str)> {
    batch.turns.iter().map(|turn| (turn.speaker, turn.text.as_str())).collect()
}

fn all(source: &Source) -> Batch {
    read(source, "s", 0, &Limits::default()).expect("a transcript")
}

use Speaker::{Assistant, User};

#[test]
fn of_claude_code_only_what_was_said_is_read() {
    let batch = all(&fixture(Kind::ClaudeCode));
    assert_eq!(
        said(&batch),
        [
            (User, "I prefer oat milk."),
            (Assistant, "I will run a command."),
            (Assistant, "Noted: you prefer oat milk."),
            (User, "And what do I prefer?"),
            (Assistant, "Noted: you prefer oat milk."),
            (User, "Anna is allergic to peanuts."),
            (Assistant, "I will check the menu for peanuts."),
            (User, "And no walnuts either, please."),
            (User, "Naïve question – wie heißt das auf Deutsch? 花生"),
            (Assistant, "Erdnuss."),
        ]
    );
    assert_eq!(batch.turns[0].at.as_deref(), Some("2026-11-30T14:45:50.621Z"));
    assert_eq!(batch.turns[0].session, "s");
    assert!(batch.turns.is_sorted_by(|a, b| a.position < b.position));
}

#[test]
fn of_codex_only_what_was_said_is_read() {
    assert_eq!(
        said(&all(&fixture(Kind::Codex))),
        [
            (User, "I prefer oat milk."),
            (Assistant, "I will run a command."),
            (Assistant, "Noted: you prefer oat milk."),
            (User, "And what do I prefer?"),
            (Assistant, "Noted: you prefer oat milk."),
            (User, "Anna is allergic to peanuts."),
            (Assistant, "I will leave peanuts out."),
            (User, "What is on this picture?"),
            (Assistant, "A bowl of satay."),
        ]
    );
}

#[test]
fn of_cursor_only_what_was_said_is_read() {
    assert_eq!(
        said(&all(&fixture(Kind::Cursor))),
        [
            (User, "I prefer oat milk."),
            (Assistant, "I will look at the menu."),
            (Assistant, "Noted: you prefer oat milk."),
            (User, "<timestamp>2026-01-01</timestamp> is my format"),
            (Assistant, "I will use that format."),
        ]
    );
}

#[test]
fn wherever_the_file_ends_the_rest_comes_the_next_time() {
    let folder = tempfile::tempdir().expect("a folder");
    for kind in [Kind::ClaudeCode, Kind::Codex, Kind::Cursor] {
        let whole = fixture(kind);
        let bytes = fs::read(&whole.path).expect("a transcript");
        let expected = all(&whole);
        let source = Source { kind, path: folder.path().join("growing.jsonl") };
        // Each byte would take long, and a prime step meets all places in a line.
        for cut in (0..bytes.len()).step_by(211).chain([bytes.len() - 1, bytes.len()]) {
            fs::write(&source.path, &bytes[..cut]).expect("written");
            let first = all(&source);
            fs::write(&source.path, &bytes).expect("written");
            let rest = read(&source, "s", first.next, &Limits::default()).expect("a transcript");
            assert!(!rest.restarted, "at {cut}");
            let turns: Vec<_> = first.turns.into_iter().chain(rest.turns).collect();
            assert_eq!(turns, expected.turns, "cut at {cut}");
        }
    }
}

#[test]
fn much_comes_in_parts() {
    let source = fixture(Kind::ClaudeCode);
    let expected = all(&source);
    for limits in [Limits { turns: 3, ..Limits::default() }, Limits { bytes: 40, ..Limits::default() }] {
        let (mut from, mut turns) = (0, Vec::new());
        loop {
            let batch = read(&source, "s", from, &limits).expect("a transcript");
            assert!(batch.turns.len() <= limits.turns);
            turns.extend(batch.turns);
            from = batch.next;
            if !batch.more {
                break;
            }
        }
        assert_eq!(turns, expected.turns);
    }
    let short = read(&source, "s", 0, &Limits { text: 5, ..Limits::default() }).expect("a transcript");
    assert_eq!(short.turns[8].text, "Naïv…");
}

#[test]
fn rubbish_and_giants_are_passed_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = Source { kind: Kind::Cursor, path: folder.path().join("t.jsonl") };
    let line = |text: &str| format!("{{\"role\":\"user\",\"message\":{{\"content\":\"{text}\"}}}}\n");
    let giant = "x".repeat(9 * 1024 * 1024);
    let mut bytes = format!("no json\n\n[]\n42\n{{\"role\":\"user\"}}\n{}{}", line(&giant), line("still here")).into_bytes();
    bytes.extend(b"\xff\xfe\n");
    bytes.extend(line("and here").as_bytes());
    fs::write(&source.path, &bytes).expect("written");
    let batch = all(&source);
    assert_eq!(said(&batch), [(User, "still here"), (User, "and here")]);
    assert_eq!(batch.next, bytes.len() as u64);
    let missing = Source { kind: Kind::Codex, path: folder.path().join("missing.jsonl") };
    assert_eq!(all(&missing), Batch { turns: Vec::new(), next: 0, more: false, restarted: false });
}

#[test]
fn a_line_without_an_end_counts_once_it_is_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = Source { kind: Kind::Cursor, path: folder.path().join("t.jsonl") };
    let line = "{\"role\":\"user\",\"message\":{\"content\":\"one\"}}";
    fs::write(&source.path, line).expect("written");
    let first = all(&source);
    assert_eq!(said(&first), [(User, "one")]);
    fs::write(&source.path, format!("{line}\n{}\n", line.replace("one", "two"))).expect("written");
    let second = read(&source, "s", first.next, &Limits::default()).expect("a transcript");
    assert_eq!(said(&second), [(User, "two")]);
}
