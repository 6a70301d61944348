use std::sync::Mutex;

use super::*;
use crate::journal;
use crate::transcript::{Speaker, Turn};

const NOW: Duration = Duration::ZERO;

fn fixture(client: Client) -> Vec<u8> {
    let name = format!("fixtures/transcripts/{client}.jsonl");
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect("a transcript")
}

fn session(client: Client, path: PathBuf) -> Session {
    let kind = match client {
        Client::ClaudeCode => Kind::ClaudeCode,
        Client::Codex => Kind::Codex,
        _ => Kind::Cursor,
    };
    Session { client, id: "s1".to_owned(), source: Source { kind, path } }
}

/// One run of a hook against a server that takes so many batches before it is gone.
fn run(captures: &Captures, session: &Session, server: &Mutex<Vec<Turn>>, mut takes: usize) {
    let Some(mut capture) = captures.open(session, NOW).expect("can be opened") else { return };
    loop {
        let batch = capture.next(&Limits { turns: 2, ..Limits::default() }).expect("can be read");
        if !batch.turns.is_empty() {
            if takes == 0 {
                return;
            }
            takes -= 1;
            server.lock().expect("no panic").extend(batch.turns.clone());
        }
        capture.sent(&batch).expect("can be kept");
        if !batch.more {
            return;
        }
    }
}

#[test]
fn every_turn_is_sent_once() {
    for client in [Client::ClaudeCode, Client::Codex, Client::Cursor] {
        let folder = tempfile::tempdir().expect("a folder");
        let bytes = fixture(client);
        let session = session(client, folder.path().join("t.jsonl"));
        let captures = Captures::new(folder.path().join("state"));
        let server = Mutex::new(Vec::new());
        // The file grows, and the server is gone after the first batch, then twice altogether, and is back.
        for (part, takes) in
            [(bytes.len() / 3, 1), (bytes.len() / 2, 0), (bytes.len() / 2 + 11, 0), (bytes.len(), 1), (bytes.len(), 9), (bytes.len(), 9)]
        {
            fs::write(&session.source.path, &bytes[..part]).expect("written");
            run(&captures, &session, &server, takes);
        }
        let sent = server.into_inner().expect("no panic");
        let expected = transcript::read(&session.source, "s1", 0, &Limits::default()).expect("a transcript").turns;
        assert_eq!(sent, expected);
        assert_eq!(captures.behind().expect("a folder"), []);
    }
}

#[test]
fn two_at_once_send_nothing_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let bytes = fixture(Client::ClaudeCode);
    let session = session(Client::ClaudeCode, folder.path().join("t.jsonl"));
    fs::write(&session.source.path, &bytes).expect("written");
    let captures = Captures::new(folder.path().join("state"));
    let server = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| run(&captures, &session, &server, 9));
        }
    });
    run(&captures, &session, &server, 9);
    let expected = transcript::read(&session.source, "s1", 0, &Limits::default()).expect("a transcript").turns;
    assert_eq!(server.into_inner().expect("no panic"), expected);
}

#[test]
fn whoever_comes_last_waits() {
    let folder = tempfile::tempdir().expect("a folder");
    let session = session(Client::Codex, folder.path().join("t.jsonl"));
    let captures = Captures::new(folder.path());
    let first = captures.open(&session, NOW).expect("can be opened").expect("nobody else");
    assert!(captures.open(&session, NOW).expect("can be opened").is_none());
    thread::scope(|scope| {
        let waiting = scope.spawn(|| captures.open(&session, Duration::from_secs(20)).expect("can be opened").is_some());
        thread::sleep(Duration::from_millis(60));
        drop(first);
        assert!(waiting.join().expect("no panic"));
    });
}

#[test]
fn a_file_that_was_written_anew_is_not_sent_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = |text: &str| format!("{{\"role\":\"user\",\"message\":{{\"content\":\"{text}\"}}}}\n");
    let session = session(Client::Cursor, folder.path().join("t.jsonl"));
    let captures = Captures::new(folder.path().join("state"));
    let server = Mutex::new(Vec::new());
    fs::write(&session.source.path, format!("{}{}{}", line("a long line that goes"), line("two"), line("three"))).expect("written");
    run(&captures, &session, &server, 9);
    fs::write(&session.source.path, format!("{}{}{}", line("two"), line("three"), line("4"))).expect("written");
    run(&captures, &session, &server, 9);
    let texts: Vec<_> = server.into_inner().expect("no panic").into_iter().map(|turn| turn.text).collect();
    assert_eq!(texts, ["a long line that goes", "two", "three", "4"]);
}

#[test]
fn what_was_said_while_it_was_off_is_never_sent() {
    let folder = tempfile::tempdir().expect("a folder");
    let bytes = fixture(Client::Cursor);
    let session = session(Client::Cursor, folder.path().join("t.jsonl"));
    let captures = Captures::new(folder.path().join("state"));
    let server = Mutex::new(Vec::new());
    fs::write(&session.source.path, &bytes[..bytes.len() / 2]).expect("written");
    captures.open(&session, NOW).expect("can be opened").expect("nobody else").skip().expect("skipped");
    fs::write(&session.source.path, &bytes).expect("written");
    run(&captures, &session, &server, 9);
    let sent = server.into_inner().expect("no panic");
    assert!(!sent.is_empty() && sent.iter().all(|turn| !turn.text.contains("oat milk")));
}

#[test]
fn sessions_that_are_behind_are_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let session = session(Client::Codex, folder.path().join("t.jsonl"));
    let captures = Captures::new(folder.path().join("state"));
    assert_eq!(captures.behind().expect("no folder yet"), []);
    fs::write(&session.source.path, fixture(Client::Codex)).expect("written");
    run(&captures, &session, &Mutex::new(Vec::new()), 0);
    assert_eq!(captures.behind().expect("a folder"), std::slice::from_ref(&session));
    fs::remove_file(&session.source.path).expect("gone");
    assert_eq!(captures.behind().expect("a folder"), []);
}

#[test]
fn a_session_without_a_transcript_is_sent_from_its_journal() {
    let folder = tempfile::tempdir().expect("a folder");
    let captures = Captures::new(folder.path());
    let path = journal::path(&captures.journals(), Client::Gemini, "g");
    let said = [(Speaker::User, "I prefer oat milk. <private>1234</private>".to_owned()), (Speaker::Assistant, "Noted.".to_owned())];
    let session = Session { client: Client::Gemini, id: "g".to_owned(), source: Source { kind: Kind::Journal, path: path.clone() } };
    let server = Mutex::new(Vec::new());
    for _ in 0..2 {
        journal::append(&path, &said, Some("2026-11-30T14:45:58.952Z"), None).expect("kept");
        assert!(!fs::read_to_string(&path).expect("a journal").contains("1234"));
        run(&captures, &session, &server, 9);
        run(&captures, &session, &server, 9);
        captures.open(&session, NOW).expect("can be opened").expect("nobody else").finish().expect("finished");
        assert!(!path.exists());
        assert_eq!(captures.behind().expect("a folder"), []);
    }
    // It went on after its end: four turns, each at a place of its own.
    let positions: Vec<_> = server.into_inner().expect("no panic").into_iter().map(|turn| turn.position).collect();
    assert_eq!(positions.len(), 4);
    assert!(positions.is_sorted_by(|a, b| a < b), "{positions:?}");
}
