//! Programs in which people talk to models: connected by one command, told what is remembered, heard out by their hooks, and let go
//! without a trace. The files of each are tried in `crates/agents`, and by the programs themselves in `tests/agents`.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::support::{
    eventually,
    process::{Served, jmem, json_of},
};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/agents/fixtures");

/// A machine: a home, a server's data, and the address at which the server comes back after it was killed.
struct Machine {
    folder: tempfile::TempDir,
    port: u16,
}

impl Machine {
    fn new() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
        let machine = Self { folder: tempfile::tempdir().expect("a directory"), port };
        fs::create_dir_all(machine.home()).expect("made");
        machine
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    fn jmem(&self) -> Command {
        let mut command = jmem(&self.folder.path().join("data"));
        command.env("PORT", self.port.to_string()).env("HOME", self.home()).env("XDG_STATE_HOME", self.folder.path().join("state"));
        command.current_dir(self.home());
        command
    }

    fn serve(&self) -> Served {
        Served::start(&mut self.jmem())
    }

    /// Runs a hook to its end, as its client does; answers what it printed.
    fn hook(&self, client: &str, event: &Value) -> String {
        let mut child = self.jmem().args(["hook", client]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
        child.stdin.take().expect("piped").write_all(event.to_string().as_bytes()).expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "a hook keeps nobody from working");
        String::from_utf8(output.stdout).expect("text")
    }

    /// What is remembered: place in its session, and text.
    fn remembered(&self) -> Vec<(i64, String)> {
        let output = self.jmem().args(["export", "--user", "owner@localhost.local"]).output().expect("it runs");
        let lines = String::from_utf8(output.stdout).expect("text");
        let memories = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let mut all: Vec<_> = memories
            .filter_map(|line| {
                let memory = line.get("memory").filter(|inner| inner.is_object()).cloned().unwrap_or(line);
                Some((memory["position"].as_i64()?, memory["text"].as_str().or_else(|| memory["memory"].as_str())?.to_owned()))
            })
            .collect();
        all.sort();
        all
    }
}

/// Every file of a folder.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                all.insert(path.clone(), fs::read(&path).expect("a file"));
            }
        }
    }
    all
}

fn copied(from: &Path, to: &Path) {
    for (path, bytes) in files(from) {
        let there = to.join(path.strip_prefix(from).expect("below"));
        fs::create_dir_all(there.parent().expect("a folder")).expect("made");
        fs::write(there, bytes).expect("written");
    }
}

fn json_lines(command: &mut Command) -> Vec<Value> {
    let output = command.output().expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text").lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn every_program_of_a_home_is_connected_by_one_command_and_let_go_to_the_byte() {
    let machine = Machine::new();
    copied(&Path::new(FIXTURES).join("home"), &machine.home());
    let before = files(&machine.home());
    let _server = machine.serve();

    let connected = json_lines(machine.jmem().args(["connect", "all", "--json"]));
    assert!(connected.len() >= 7, "{connected:#?}");
    for client in &connected {
        let check = client["check"].as_str().expect("it was checked");
        let opens = check.starts_with("called: it opens, with") || client["client"] == "claude-desktop";
        assert!(opens, "{client}");
    }
    let after = files(&machine.home());
    assert!(after.keys().any(|path| path.ends_with(".claude.json")) && after != before);
    let (_, working) = endpoints(&machine);
    assert!(working >= 6, "{working}");
    // Once more: nothing is written twice, and no credential is left over.
    json_lines(machine.jmem().args(["connect", "all", "--json"]));

    json_lines(machine.jmem().args(["connect", "all", "--remove", "--json"]));
    assert_eq!(files(&machine.home()), before, "byte for byte");
    let (revoked, working) = endpoints(&machine);
    assert!(revoked >= 12 && working == 1, "all but the first run's own: {revoked} revoked, {working} working");
}

/// Endpoints that are revoked, and that work.
fn endpoints(machine: &Machine) -> (usize, usize) {
    let list = json_of(machine.jmem().args(["endpoint", "list", "--user", "owner@localhost.local", "--json"]));
    let all = list.as_array().expect("a list");
    let revoked = all.iter().filter(|one| !one["revoked_at"].is_null()).count();
    (revoked, all.len() - revoked)
}

#[test]
fn no_secret_gets_into_what_a_project_commits() {
    let machine = Machine::new();
    let _server = machine.serve();
    let project = machine.home().join("project");
    fs::create_dir_all(&project).expect("made");
    json_lines(machine.jmem().current_dir(&project).args(["connect", "claude-code", "cursor", "vscode", "--scope", "project", "--json"]));
    let written = files(&project);
    assert!(written.len() >= 3, "{:?}", written.keys());
    for (path, bytes) in &written {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains("jme_") && !text.contains("jmk_"), "{}: {text}", path.display());
    }
    json_lines(machine.jmem().current_dir(&project).args(["connect", "all", "--scope", "project", "--remove", "--json"]));
    assert!(files(&project).is_empty(), "{:?}", files(&project).keys());
}

/// What was said in a recorded session is kept once, whatever happens to the server.
async fn captured(client: &str, transcript: &str, stop: &str, interrupted: bool) -> Vec<(i64, String)> {
    let machine = Machine::new();
    let mut server = machine.serve();
    json_lines(machine.jmem().args(["connect", client, "--json"]));
    let whole = fs::read_to_string(Path::new(FIXTURES).join("transcripts").join(transcript)).expect("a transcript");
    let path = machine.home().join(transcript);
    let event = json!({
        "hook_event_name": stop, "session_id": "s-1", "conversation_id": "s-1", "transcript_path": path, "cwd": machine.home(),
        "workspace_roots": [machine.home()],
    });
    if interrupted {
        let half = whole.lines().count() / 2;
        let part: String = whole.lines().take(half).flat_map(|line| [line, "\n"]).collect();
        fs::write(&path, part).expect("written");
        assert_eq!(machine.hook(client, &event), "", "it says nothing");
        eventually("the first half is kept", async || !machine.remembered().is_empty()).await;
        server.kill();
        fs::write(&path, &whole).expect("written");
        machine.hook(client, &event);
        server = machine.serve();
        for _ in 0..2 {
            machine.hook(client, &event);
        }
    } else {
        fs::write(&path, &whole).expect("written");
        machine.hook(client, &event);
    }
    // What is sent in the background has an end: it is there when a while nothing came any more.
    let mut all = Vec::new();
    eventually("nothing comes any more", async || {
        tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
        let now = machine.remembered();
        let still = now == all && !now.is_empty();
        all = now;
        still
    })
    .await;
    drop(server);
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_to_coding_agents_is_kept_once_though_the_server_is_killed() {
    for (client, transcript, stop) in
        [("claude-code", "claude-code.jsonl", "Stop"), ("codex", "codex.jsonl", "Stop"), ("cursor", "cursor.jsonl", "stop")]
    {
        let (clean, interrupted) = (captured(client, transcript, stop, false).await, captured(client, transcript, stop, true).await);
        assert!(!clean.is_empty(), "{client}");
        assert_eq!(interrupted, clean, "{client}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_told_what_is_remembered_and_a_folder_can_be_left_out() {
    let machine = Machine::new();
    let _server = machine.serve();
    json_lines(machine.jmem().args(["connect", "claude-code", "--json"]));
    let door: Value =
        serde_json::from_str(&fs::read_to_string(machine.folder.path().join("state/jmem/hooks.json")).expect("kept")).expect("JSON");
    let (url, key) = (door["url"].as_str().expect("an address"), door["api_key"].as_str().expect("a key"));
    let add = json!({ "text": "Maria is allergic to peanuts." });
    let http = reqwest::Client::new();
    http.post(format!("{url}/api/v1/memories/")).bearer_auth(key).json(&add).send().await.expect("an answer");
    let event = |prompt: &str| json!({ "hook_event_name": "UserPromptSubmit", "session_id": "s", "cwd": machine.home(), "prompt": prompt, "transcript_path": "" });
    let told = machine.hook("claude-code", &event("What may Maria not eat?"));
    assert!(told.contains("additionalContext") && told.contains("peanuts"), "{told}");

    let quiet = machine.home().join("quiet");
    fs::create_dir_all(&quiet).expect("made");
    fs::write(quiet.join(".jmem-off"), "").expect("written");
    let transcript = machine.home().join("t.jsonl");
    fs::copy(Path::new(FIXTURES).join("transcripts/claude-code.jsonl"), &transcript).expect("copied");
    let stop =
        |cwd: &Path, session: &str| json!({ "hook_event_name": "Stop", "session_id": session, "cwd": cwd, "transcript_path": transcript });
    machine.hook("claude-code", &stop(&quiet, "off"));
    machine.hook("claude-code", &stop(&machine.home(), "on"));
    let mut kept = Vec::new();
    eventually("the other session is kept", async || {
        kept = machine.remembered();
        kept.len() > 1
    })
    .await;
    let lines = machine.jmem().args(["export", "--user", "owner@localhost.local"]).output().expect("it runs").stdout;
    assert!(!String::from_utf8(lines).expect("text").contains("\"off\""), "nothing of the folder that is left out");

    let gone = machine.hook("cursor", &json!({ "nonsense": true }));
    assert_eq!(gone, "", "what is not understood is passed over");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_works_from_anywhere_after_a_sign_in() {
    let machine = Machine::new();
    let server = machine.serve();
    // Another machine: no data, its own home.
    let elsewhere = Machine::new();
    let far = || {
        let mut command = elsewhere.jmem();
        command.env_remove("JM_DATA_DIR").env_remove("PORT");
        command
    };
    let refused = far().args(["search", "tea"]).output().expect("it runs");
    assert_eq!(refused.status.code(), Some(3), "{}", String::from_utf8_lossy(&refused.stderr));

    let http = reqwest::Client::new();
    let mut login = far().args(["login", "--url", &server.base]).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut told = String::new();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(login.stdout.take().expect("piped")));
    let code = loop {
        let line = lines.next().expect("it shows a code").expect("text");
        told.push_str(&line);
        if let Some(code) = line.trim().split_once('-').filter(|(a, b)| a.len() == 4 && b.len() == 4).map(|_| line.trim().to_owned()) {
            break code;
        }
    };
    assert!(told.contains("/device"), "{told}");
    let password = json_of(machine.jmem().args(["user", "password", "owner@localhost.local", "--json"]))["password"]
        .as_str()
        .expect("a password")
        .to_owned();
    let body = json!({ "email": "owner@localhost.local", "password": password });
    let signed_in: Value =
        http.post(format!("{}/api/v1/auth/login", server.base)).json(&body).send().await.expect("an answer").json().await.expect("JSON");
    let approve = http.post(format!("{}/api/v1/oauth/requests/{code}", server.base)).json(&json!({ "approve": true }));
    let token = signed_in["access_token"].as_str().expect("a token");
    assert!(approve.bearer_auth(token).send().await.expect("an answer").status().is_success());
    assert!(tokio::task::spawn_blocking(move || login.wait()).await.expect("no panic").expect("it ends").success());

    let added = json_of(far().args(["add", "The boat is moored at pier 7", "--tag", "boat", "--json"]));
    assert_eq!(added["event"], json!("ADD"), "{added}");
    let found = far().args(["search", "where is the boat"]).output().expect("it runs");
    assert!(found.status.success() && String::from_utf8_lossy(&found.stdout).contains("pier 7"), "{found:?}");
    let context = far().args(["context", "the boat"]).output().expect("it runs");
    assert!(String::from_utf8_lossy(&context.stdout).contains("<memories"), "{context:?}");
    let listed = far().arg("list").output().expect("it runs");
    assert!(String::from_utf8_lossy(&listed.stdout).contains("1 memory in all"), "{listed:?}");
    let exported = far().arg("export").output().expect("it runs");
    assert!(String::from_utf8_lossy(&exported.stdout).contains("pier 7"), "{exported:?}");

    // A program on that other machine is connected to the server over there.
    fs::create_dir_all(elsewhere.home().join(".cursor")).expect("made");
    let connected = json_lines(far().args(["connect", "cursor", "--url", &server.base, "--json"]));
    assert!(connected[0]["check"].as_str().expect("checked").starts_with("called: it opens"), "{connected:?}");
    json_lines(far().args(["connect", "cursor", "--remove", "--url", &server.base, "--json"]));

    drop(server);
    assert_eq!(far().args(["list"]).output().expect("it runs").status.code(), Some(5), "it is away");
    assert!(far().arg("logout").output().expect("it runs").status.success());
    assert_eq!(far().args(["list"]).output().expect("it runs").status.code(), Some(3));
}
