//! The command line as a person at a terminal meets it: where it finds the data, and what it says.

use std::{
    fs,
    io::Read,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::support::process::{Served, jmem, json_of};

/// `jmem` of a person who says nothing: in this folder, with this home, and without a word of where the data are.
fn standing_in(folder: &Path, home: &Path) -> Command {
    let mut command = jmem(folder);
    command.env_remove("JM_DATA_DIR").env_remove("PORT").env("HOME", home).current_dir(folder);
    command
}

/// What a failing command says.
fn refused(command: &mut Command) -> String {
    let output = command.output().expect("the program starts");
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr).expect("text")
}

fn said(command: &mut Command) -> String {
    let output = command.output().expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// What the log says is not lost, with the settings that nobody has changed.
#[test]
fn the_log_says_what_was_done() {
    let folder = tempfile::tempdir().expect("a directory");
    said(jmem(folder.path()).args(["user", "create", "ann@example.com"]));
    let erased =
        jmem(folder.path()).env_remove("JM_LOG").args(["erase", "--user", "ann@example.com", "--yes"]).output().expect("it starts");
    let log = String::from_utf8(erased.stderr).expect("text");
    assert!(erased.status.success() && log.contains("account erased"), "{log}");
}

#[test]
fn no_command_begins_a_second_data_directory_by_accident() {
    let folder = tempfile::tempdir().expect("a directory");
    let user = ["--user", "ann@example.com"];
    let commands: [&[&str]; 9] = [
        &["user", "list"],
        &["user", "create", "ann@example.com"],
        &["user", "password", "ann@example.com"],
        &["user", "role", "ann@example.com", "owner"],
        &["endpoint", "list", user[0], user[1]],
        &["key", "create", user[0], user[1]],
        &["export", user[0], user[1]],
        &["backup", "all.backup"],
        &["doctor"],
    ];
    for command in commands {
        let error = refused(standing_in(folder.path(), folder.path()).args(command));
        assert!(error.contains("./data") && error.contains("--data-dir") && error.lines().count() == 1, "{command:?}: {error}");
        if !command.starts_with(&["user", "create"]) {
            let error = refused(jmem(&folder.path().join("typo")).args(command));
            assert!(error.contains("typo"), "{command:?}: {error}");
        }
    }
    assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 0, "nothing was made");

    said(jmem(&folder.path().join("new")).args(["user", "create", "ann@example.com"]));
    let listed = json_of(jmem(&folder.path().join("new")).args(["user", "list", "--json"]));
    assert_eq!((listed.as_array().map(Vec::len), &listed[0]["email"]), (Some(1), &json!("ann@example.com")));
    let flagged = json_of(standing_in(folder.path(), folder.path()).args(["user", "list", "--json", "--data-dir", "new"]));
    assert_eq!(flagged, listed, "a flag says it as the variable does");
}

#[test]
fn commands_find_the_server_of_this_user_and_its_address() {
    let (work, elsewhere, home) =
        (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
    // A port that was free a moment ago, as a person would choose one.
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port().to_string();
    let mut served = Served::start_as(standing_in(work.path(), home.path()).args(["serve", "--port", &free]));
    assert_eq!(served.base, format!("http://127.0.0.1:{free}"));
    let there = || standing_in(elsewhere.path(), home.path());
    let made = json_of(there().args(["endpoint", "create", "--user", "owner@localhost.local", "--client", "cursor", "--json"]));
    assert!(made["http_url"].as_str().is_some_and(|url| url.starts_with(&served.base)), "{made}");
    assert!(!elsewhere.path().join("data").exists());
    let health = json_of(standing_in(work.path(), home.path()).args(["health", "--json"]));
    assert_eq!(health, json!({ "url": served.base, "ready": true }));
    let taken = refused(standing_in(elsewhere.path(), home.path()).args(["serve", "--port", &free]));
    assert!(taken.contains("--port") && !elsewhere.path().join("data").exists(), "{taken}");

    assert!(served.terminate().success());
    assert!(!work.path().join("data/server.json").exists(), "it takes its word back");
    let made = json_of(there().args(["endpoint", "create", "--user", "owner@localhost.local", "--client", "zed", "--json"]));
    assert!(made["http_url"].as_str().is_some_and(|url| url.starts_with("http://127.0.0.1:8765/")), "{made}");
}

#[test]
fn it_speaks_in_sentences() {
    let folder = tempfile::tempdir().expect("a directory");
    let run = |words: &[&str]| {
        let mut command = jmem(folder.path());
        command.args(words);
        command
    };
    said(&mut run(&["user", "create", "ann@example.com"]));
    let user = ["--user", "ann@example.com"];
    assert!(said(&mut run(&["key", "list", user[0], user[1]])).starts_with("No API key yet."));
    for (words, sentence) in [
        (&["key", "list", "--user", "bob@example.com"][..], "No user with this e-mail address. Make one with 'jmem user create'."),
        (&["endpoint", "revoke", user[0], user[1], "nonsense"], "no endpoint is called 'nonsense'"),
        (&["user", "create", "ann@example.com"], "An account with this e-mail address exists already."),
    ] {
        let error = refused(&mut run(words));
        assert!(error.starts_with(&format!("jmem: {sentence}")) && error.lines().count() == 1, "{error}");
    }
    let role = refused(&mut run(&["user", "role", "ann@example.com", "admin"]));
    assert!(role.contains("Known: owner, operator") && !role.contains("invalid_argument"), "{role}");

    let made = json_of(&mut run(&["endpoint", "create", user[0], user[1], "--client", "cursor", "--json"]));
    let hint = made["hint"].as_str().expect("a hint");
    assert!(said(&mut run(&["endpoint", "revoke", user[0], user[1], hint])).contains(made["id"].as_str().expect("an id")));

    // Whatever answers something answers it as JSON.
    fs::write(folder.path().join("memories.jsonl"), "{\"text\": \"tea\"}\n").expect("written");
    let file = folder.path().join("memories.jsonl");
    let backup = folder.path().join("all.backup");
    let (file, backup) = (file.to_str().expect("utf-8"), backup.to_str().expect("utf-8"));
    for (words, key) in [
        (&["user", "role", "ann@example.com", "operator", "--json"][..], "role"),
        (&["migrate", "--json"], "schema"),
        (&["reindex", "--json"], "done"),
        (&["reembed", "--json"], "moved"),
        (&["import", user[0], user[1], file, "--json"], "stored"),
        (&["backup", backup, "--json"], "rows"),
        (&["doctor", "--json"], "jobs"),
        (&["config", "check", "--json"], "server"),
    ] {
        assert!(json_of(&mut run(words)).get(key).is_some(), "{words:?}");
    }
}

/// A program that is ended with its test, however that ends.
struct Running(std::process::Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().expect("it runs");
        self.0.wait().expect("it ends");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_start_prints_a_link_that_signs_in_once() {
    let folder = tempfile::tempdir().expect("a directory");
    let mut running = Running(jmem(folder.path()).arg("serve").stdout(Stdio::piped()).spawn().expect("the program starts"));
    let mut out = running.0.stdout.take().expect("piped");
    let mut text = String::new();
    while !text.contains("More clients") {
        let mut part = [0; 4096];
        let read = out.read(&mut part).expect("it speaks");
        assert!(read > 0, "it ended: {text}");
        text.push_str(&String::from_utf8_lossy(&part[..read]));
    }
    let link = text.split_whitespace().find(|word| word.contains("/start#")).unwrap_or_else(|| panic!("no link in {text}"));
    let (page, token) = link.split_once('#').expect("a token");
    let http = reqwest::Client::new();
    assert_eq!(http.get(page).send().await.expect("an answer").status().as_u16(), 200, "the page takes it from there");
    let base = page.trim_end_matches("/start");
    let refresh = async || {
        let request = http.post(format!("{base}/api/v1/auth/refresh")).json(&json!({ "refresh_token": token }));
        let response = request.send().await.expect("an answer");
        (response.status().as_u16(), response.json::<Value>().await.expect("JSON"))
    };
    let (status, tokens) = refresh().await;
    assert_eq!(status, 200, "{tokens}");
    let me = http.get(format!("{base}/api/v1/auth/me")).bearer_auth(tokens["access_token"].as_str().expect("a token"));
    let me: Value = me.send().await.expect("an answer").json().await.expect("JSON");
    assert_eq!((&me["email"], &me["operator"]), (&json!("owner@localhost.local"), &json!(true)), "{me}");
    assert_eq!(refresh().await.0, 401, "once");
}

#[cfg(unix)]
#[test]
fn what_lies_in_the_data_directory_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let parent = tempfile::tempdir().expect("a directory");
    let data = parent.path().join("data");
    fs::create_dir(&data).expect("made");
    fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).expect("open to all");
    let served = Served::start(&mut jmem(&data));
    let open: Vec<_> = walk(&data).into_iter().filter(|(_, mode)| mode & 0o077 != 0).collect();
    assert!(open.is_empty(), "{open:?}");
    assert!(walk(&data).iter().any(|(name, _)| name.ends_with("memory.db-wal")), "it is running: {:?}", walk(&data));
    drop(served);
}

#[cfg(unix)]
fn walk(folder: &Path) -> Vec<(String, u32)> {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| fs::metadata(path).map_or(0, |found| found.permissions().mode() & 0o777);
    let inside = fs::read_dir(folder).expect("listed").map(|entry| entry.expect("an entry").path());
    let all = std::iter::once(folder.to_owned()).chain(inside);
    all.map(|path| (path.display().to_string(), mode(&path))).collect()
}
