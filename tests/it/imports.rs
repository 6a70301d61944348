//! What an import costs in memory: its file and some more, whatever is in the file.

use std::{
    fmt::Write as _,
    io::{Cursor, Write},
    time::Duration,
};

use reqwest::Client;
use serde_json::{Value, json};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::support::{
    patience,
    process::{Served, jmem},
};

const MIB: usize = 1 << 20;
/// What an import may take beside its file, in MiB.
const BESIDE: u64 = 80;

/// Files by the names that they have in an archive; padded with what cannot be packed, so that its ratio is in order.
fn archive(entries: &[(&str, &[u8])], padding: usize) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut state = 1_u64;
    let noise: Vec<u8> = (0..padding)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        })
        .collect();
    for (name, content) in entries.iter().copied().chain([("noise.bin", noise.as_slice())]) {
        zip.start_file(name, SimpleFileOptions::default()).expect("an entry");
        zip.write_all(content).expect("written");
    }
    zip.finish().expect("ends").into_inner()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(text).expect("written");
    out.finish().expect("ends")
}

/// A conversation of ChatGPT of which one message has so many ones, and one has words.
fn talk(ones: usize) -> Vec<u8> {
    let parts = format!("[{}1]", "1,".repeat(ones));
    let node = |id: &str, parent: &str, parts: &str| {
        format!(
            r#""{id}": {{"parent": {parent}, "message": {{"author": {{"role": "user"}}, "content": {{"content_type": "text", "parts": {parts}}}}}}}"#
        )
    };
    let (odd, sound) = (node("a", "null", &parts), node("b", "\"a\"", r#"["I live in Turin"]"#));
    format!(r#"[{{"id": "c", "current_node": "b", "mapping": {{{odd}, {sound}}}}}]"#).into_bytes()
}

/// Each form of file that was made to take memory, with how many memories of it are stored.
fn files() -> Vec<(&'static str, Vec<u8>, u64)> {
    let ones = format!("[{}\"I live in Turin\"]", "1,".repeat(6 * MIB));
    let empty = format!("[{}\"I live in Turin\"]", "\"\",".repeat(4 * MIB));
    let rows = |row: &str, n: usize| format!("[{}{row}]", format!("{row},").repeat(n));
    let mut distinct = String::new();
    for n in 0..250_000 {
        write!(distinct, r#"{{"id":"{n}","name":"app {n}"}},"#).expect("a string");
    }
    let names: String = (0..600_000).fold(String::new(), |mut names, n| {
        write!(names, "\"{n}\":[],").expect("a string");
        names
    });
    let tables = format!(
        r#"{{"apps": [{distinct}{{"id":"a1","name":"cursor"}}], "categories": [], "memories": {}}}"#,
        rows(r#"{"id":"m","content":"","app_id":"a1"}"#, 200_000)
    );
    let docs = rows(r#"{"uuid":"d","content":"text"}"#, 300_000);
    let headings = "# a heading and no word\n".repeat(60_000);
    vec![
        ("a list of numbers", ones.clone().into_bytes(), 1),
        ("a list of nothing", empty.clone().into_bytes(), 1),
        ("a list in an object", format!(r#"{{"memories": {ones}}}"#).into_bytes(), 1),
        ("a list in a line", format!("{{\"text\": \"I live in Turin\"}}\n{ones}\n").into_bytes(), 1),
        ("a line that is no JSON", format!("{{\"text\": \"I live in Turin\"}}\n{}\n", "x".repeat(12 * MIB)).into_bytes(), 1),
        ("a long text", format!(r#"["I live in Turin", "{}"]"#, "x".repeat(12 * MIB)).into_bytes(), 1),
        ("a long name", format!(r#"[{{"text": "I live in Turin"}}, {{"{}": 1}}]"#, "x".repeat(12 * MIB)).into_bytes(), 1),
        ("many names", format!(r#"[{{"text": "I live in Turin"}}, {{{names}"z": 1}}]"#).into_bytes(), 1),
        ("deep lists", format!("[\"I live in Turin\", {}{}]", "[".repeat(4 * MIB), "]".repeat(4 * MIB)).into_bytes(), 1),
        (
            "deep objects in a line",
            format!("{{\"text\": \"I live in Turin\"}}\n{}1{}\n", "{\"a\":".repeat(MIB), "}".repeat(MIB)).into_bytes(),
            1,
        ),
        (
            "UTF-16",
            format!("\u{feff}{}", &empty[..6 * MIB].trim_end_matches(',').to_owned()).encode_utf16().flat_map(u16::to_le_bytes).collect(),
            0,
        ),
        ("gzip", gzip(ones.as_bytes()).into_iter().collect(), 0),
        ("a conversation", talk(6 * MIB), 1),
        ("a packed conversation", archive(&[("conversations.json", &talk(25 * MIB))], 540 * 1024), 1),
        ("OpenMemory's tables", archive(&[("memories.json", tables.as_bytes())], MIB), 0),
        ("OpenMemory's lines", archive(&[("memories.jsonl.gz", &gzip(ones.replace(',', "\n").as_bytes()))], MIB), 0),
        (
            "Claude's projects and memories",
            archive(
                &[
                    ("projects.json", format!(r#"[{{"uuid": "p", "name": "Boat", "docs": {docs}}}]"#).as_bytes()),
                    ("memories.json", json!({ "conversations_memory": format!("{headings}I live in Turin\n") }).to_string().as_bytes()),
                ],
                MIB,
            ),
            1,
        ),
    ]
}

async fn send(client: &Client, base: &str, token: &str, file: Vec<u8>) -> (u16, Value) {
    let request = client.post(format!("{base}/api/v1/import?dry_run=true")).bearer_auth(token).body(file);
    let answer = request.timeout(patience(Duration::from_mins(2))).send().await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

async fn token(client: &Client, base: &str, name: &str) -> String {
    let person = json!({ "email": format!("{name}@example.com"), "password": "correct horse battery" });
    let answer: Value =
        client.post(format!("{base}/api/v1/auth/register")).json(&person).send().await.expect("an answer").json().await.expect("JSON");
    answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_takes_no_more_memory_than_its_file_and_some() {
    let dir = tempfile::tempdir().expect("a directory");
    // Pages of a model's table come into memory as they are read, and count as the process's own.
    let served = Served::start(jmem(dir.path()).env("EMBEDDER_PROVIDER", "hash"));
    let client = Client::new();
    let ann = token(&client, &served.base, "ann").await;
    let warm = send(&client, &served.base, &ann, br#"["I sail on Sundays"]"#.to_vec()).await;
    assert_eq!((warm.0, &warm.1["stored"]), (200, &json!(1)), "{}", warm.1);
    let idle = served.memory("VmRSS");
    for (what, file, stored) in files() {
        let size = (file.len() / MIB) as u64;
        let (status, report) = send(&client, &served.base, &ann, file).await;
        let peak = served.memory("VmHWM");
        println!("{what}: {size} MiB, {status}, peak {} MiB above {idle} MiB; {report:.300}", peak.saturating_sub(idle));
        assert!(stored == 0 || (status == 200 && report["stored"] == json!(stored)), "{what}: {status} {report:.500}");
        assert!(peak <= idle + size.max(1) + BESIDE, "{what}: {} MiB more for {size} MiB", peak.saturating_sub(idle));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_imports_at_once_take_twice_that_at_most() {
    let dir = tempfile::tempdir().expect("a directory");
    let served = Served::start(jmem(dir.path()).env("JM__LIMITS__REQUEST_SECS", "600"));
    let client = Client::new();
    let (ann, bob) = (token(&client, &served.base, "ann").await, token(&client, &served.base, "bob").await);
    let file = archive(&[("conversations.json", &talk(25 * MIB))], 540 * 1024);
    let idle = served.memory("VmRSS");
    let (one, other) = tokio::join!(send(&client, &served.base, &ann, file.clone()), send(&client, &served.base, &bob, file));
    assert_eq!((one.0, other.0, &one.1["stored"], &other.1["stored"]), (200, 200, &json!(1), &json!(1)), "{}", one.1);
    let peak = served.memory("VmHWM");
    println!("two at once: peak {} MiB above {idle} MiB", peak.saturating_sub(idle));
    assert!(peak <= idle + 2 * BESIDE, "{} MiB more", peak.saturating_sub(idle));
}
