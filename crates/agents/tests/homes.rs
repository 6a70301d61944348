//! Homes with settings of every client: connected, looked at, and taken back to the byte.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use agents::{Client, Door, Error, Hooks, Os, Outcome, Places, Plan, Receipts, Scope, Setting, Wanted, disconnect};

struct Home {
    _folder: tempfile::TempDir,
    places: Places,
    receipts: Receipts,
}

impl Home {
    fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let home = folder.path().join("home");
        fs::create_dir_all(home.join("project")).expect("made");
        let places = Places::of_home(Os::Linux, &home).with_project(home.join("project"));
        Self { places, receipts: Receipts::new(folder.path().join("receipts")), _folder: folder }
    }

    /// One in which every client is at home already.
    fn lived_in() -> Self {
        let home = Self::empty();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/home"), &home.places.home);
        home
    }

    fn connect(&self, client: Client, scope: Scope, door: &Door) -> Result<Vec<agents::Report>, Error> {
        let hooks = hooks(client);
        let hooks = Hooks::known_to(client).then_some(&hooks);
        Plan::new(&self.places, &Wanted { client, scope, name: "memory", door: Some(door), hooks })?.apply(&self.receipts)
    }

    fn disconnect(&self, client: Client, scope: Scope) -> Vec<agents::Report> {
        let project = self.places.project.as_deref().filter(|_| scope == Scope::Project);
        disconnect(client, scope, project, &self.receipts).expect("can be taken back")
    }

    /// Every file and folder, with bytes and permissions.
    fn snapshot(&self) -> BTreeMap<PathBuf, Option<(Vec<u8>, u32)>> {
        let mut seen = BTreeMap::new();
        look(&self.places.home, &mut seen);
        seen
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.places.home.join(path)).expect("a file")
    }
}

fn hooks(client: Client) -> Hooks {
    Hooks { program: "/usr/local/bin/jmem".into(), args: vec!["hook".into(), client.id().into()], context: true, capture: true }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() { copy(&path, &target) } else { fs::copy(&path, &target).map(drop).expect("copied") }
    }
}

fn look(folder: &Path, seen: &mut BTreeMap<PathBuf, Option<(Vec<u8>, u32)>>) {
    use std::os::unix::fs::PermissionsExt;
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            seen.insert(path.clone(), None);
            look(&path, seen);
        } else {
            let mode = fs::metadata(&path).expect("there").permissions().mode() & 0o777;
            seen.insert(path.clone(), Some((fs::read(&path).expect("readable"), mode)));
        }
    }
}

/// What each client is connected by: commands where it takes nothing else.
fn doors(client: Client, scope: Scope) -> Vec<Door> {
    let command = Door::command("/usr/local/bin/jmem", ["stdio"]);
    let from = Door::bearer_from("https://memory.example.com/mcp", "JM_API_KEY");
    let secret = [Door::personal("http://127.0.0.1:8765/mcp/x/http/mep_abc"), Door::bearer("http://127.0.0.1:8765/mcp", "jmk_abc")];
    let mut doors = vec![command];
    if client != Client::ClaudeDesktop {
        doors.extend(secret.into_iter().filter(|_| scope == Scope::User));
        doors.extend(Some(from).filter(|_| client != Client::Zed));
    }
    doors
}

fn all(scope: Scope) -> impl Iterator<Item = Client> {
    let alone = |client: &Client| matches!(client, Client::ClaudeDesktop | Client::Windsurf);
    Client::ALL.into_iter().filter(move |client| scope == Scope::User || !alone(client))
}

#[test]
fn every_home_is_as_before() {
    for home in [Home::empty(), Home::lived_in()] {
        for scope in [Scope::User, Scope::Project] {
            let before = home.snapshot();
            for client in all(scope) {
                for door in doors(client, scope) {
                    let reports = home.connect(client, scope, &door).expect("can be connected");
                    assert!(
                        reports.iter().any(|report| matches!(report.outcome, Outcome::Created | Outcome::Changed)),
                        "{client} {door:?}"
                    );
                    let once = home.snapshot();
                    let again = home.connect(client, scope, &door).expect("can be connected");
                    assert!(again.iter().all(|report| report.outcome == Outcome::Unchanged), "{again:?}");
                    assert_eq!(home.snapshot(), once);
                }
            }
            assert_eq!(home.receipts.list().expect("receipts").len(), all(scope).count());
            for client in all(scope) {
                home.disconnect(client, scope);
            }
            assert_eq!(home.snapshot(), before);
            assert_eq!(home.receipts.list().expect("receipts"), []);
        }
    }
}

#[test]
fn no_secret_goes_into_a_project() {
    let home = Home::lived_in();
    let before = home.snapshot();
    for client in all(Scope::Project) {
        for door in doors(client, Scope::User).iter().filter(|door| door.holds_secret()) {
            assert!(matches!(home.connect(client, Scope::Project, door), Err(Error::Secret { .. })), "{client}");
        }
    }
    assert_eq!(home.snapshot(), before);
    for client in all(Scope::Project).filter(|client| *client != Client::Zed) {
        home.connect(client, Scope::Project, &Door::bearer_from("https://memory.example.com/mcp", "JM_API_KEY")).expect("can be connected");
    }
    assert!(home.read("project/.mcp.json").contains("\"Bearer ${JM_API_KEY}\""));
    assert!(home.read("project/.codex/config.toml").contains("bearer_token_env_var = \"JM_API_KEY\""));
    assert!(home.read("project/.cursor/mcp.json").contains("\"Bearer ${env:JM_API_KEY}\""));
    assert!(home.read("project/.vscode/mcp.json").contains("\"Bearer ${input:jm-api-key}\""));
    assert!(home.read("project/.vscode/mcp.json").contains("\"id\": \"jm-api-key\""));
    assert!(home.read("project/.gemini/settings.json").contains("\"Bearer ${JM_API_KEY}\""));
    assert!(home.read("project/opencode.json").contains("\"Bearer {env:JM_API_KEY}\""));
}

#[test]
fn a_file_with_a_secret_is_its_owners_alone() {
    let home = Home::lived_in();
    home.connect(Client::Cursor, Scope::User, &Door::bearer("http://127.0.0.1:8765/mcp", "jmk_abc")).expect("can be connected");
    let path = home.places.home.join(".cursor/mcp.json");
    assert_eq!(home.snapshot()[&path].as_ref().expect("a file").1, 0o600);
    home.disconnect(Client::Cursor, Scope::User);
    assert_eq!(home.snapshot()[&path].as_ref().expect("a file").1 & 0o077, 0o044);
}

#[test]
fn a_broken_file_stops_everything_and_stays() {
    let home = Home::lived_in();
    let hooks = home.places.home.join(".codex/hooks.json");
    fs::write(&hooks, "{\n  \"hooks\": {,}\n}").expect("written");
    let before = home.snapshot();
    let error = home.connect(Client::Codex, Scope::User, &Door::command("jmem", ["stdio"])).expect_err("broken");
    assert!(error.to_string().starts_with(&format!("{}:2: ", hooks.display())), "{error}");
    assert_eq!(home.snapshot(), before);
    fs::write(&hooks, b"{}\n\xff").expect("written");
    let error = home.connect(Client::Codex, Scope::User, &Door::command("jmem", ["stdio"])).expect_err("broken");
    assert!(error.to_string().contains("hooks.json:2: it is not in UTF-8"), "{error}");
}

#[test]
fn an_entry_of_that_name_comes_back() {
    let home = Home::lived_in();
    for (client, file, text) in [
        (Client::ClaudeCode, ".claude.json", "{\"mcpServers\": {\"memory\": {\"command\": \"npx\", \"args\": [\"server-memory\"]}}}"),
        (Client::Codex, ".codex/config.toml", "[mcp_servers.memory]\ncommand = 'npx' # mine\n[mcp_servers.memory.env]\nA = 'b'\n[tui]\n"),
    ] {
        fs::write(home.places.home.join(file), text).expect("written");
        home.connect(client, Scope::User, &Door::personal("http://127.0.0.1:8765/one")).expect("can be connected");
        home.connect(client, Scope::User, &Door::personal("http://127.0.0.1:8765/two")).expect("can be connected");
        let connected = home.read(file);
        assert!(connected.contains("/two") && !connected.contains("/one") && !connected.contains("npx"), "{connected}");
        home.disconnect(client, Scope::User);
        assert_eq!(home.read(file), text);
    }
}

#[test]
fn a_file_that_a_person_took_away_is_made_anew_and_goes() {
    let home = Home::lived_in();
    let path = home.places.home.join(".codeium/windsurf/mcp_config.json");
    home.connect(Client::Windsurf, Scope::User, &Door::personal("http://127.0.0.1:8765/one")).expect("can be connected");
    fs::remove_file(&path).expect("gone");
    home.connect(Client::Windsurf, Scope::User, &Door::personal("http://127.0.0.1:8765/one")).expect("can be connected");
    assert!(path.exists());
    assert_eq!(home.disconnect(Client::Windsurf, Scope::User)[0].outcome, Outcome::Deleted);
}

#[test]
fn a_link_stays_a_link() {
    let home = Home::empty();
    let real = home.places.home.join("dotfiles/mcp.json");
    fs::create_dir_all(real.parent().expect("a folder")).expect("made");
    fs::create_dir_all(home.places.home.join(".cursor")).expect("made");
    fs::write(&real, "{}").expect("written");
    let link = home.places.home.join(".cursor/mcp.json");
    std::os::unix::fs::symlink("../dotfiles/mcp.json", &link).expect("linked");
    home.connect(Client::Cursor, Scope::User, &Door::command("jmem", ["stdio"])).expect("can be connected");
    assert!(link.is_symlink() && fs::read_to_string(&real).expect("a file").contains("jmem"));
    home.disconnect(Client::Cursor, Scope::User);
    assert!(link.is_symlink());
    assert_eq!(fs::read_to_string(&real).expect("a file"), "{}");
}

#[test]
fn what_came_later_stays_and_what_was_made_for_us_goes() {
    let home = Home::empty();
    home.connect(Client::Cursor, Scope::User, &Door::command("jmem", ["stdio"])).expect("can be connected");
    let hooks = home.places.home.join(".cursor/hooks.json");
    let text = home.read(".cursor/hooks.json").replace("\"stop\": [", "\"stop\": [{ \"command\": \"say done\" },");
    fs::write(&hooks, text).expect("written");
    home.disconnect(Client::Cursor, Scope::User);
    // Without the version the hook of the person would not count.
    let left: serde_json::Value = serde_json::from_str(&home.read(".cursor/hooks.json")).expect("JSON");
    assert_eq!(left, serde_json::json!({"version": 1, "hooks": {"stop": [{"command": "say done"}]}}));
    assert!(!home.places.home.join(".cursor/mcp.json").exists());
}

#[test]
fn an_entry_that_became_another_is_left() {
    let home = Home::lived_in();
    home.connect(Client::Windsurf, Scope::User, &Door::personal("http://127.0.0.1:8765/one")).expect("can be connected");
    let path = home.places.home.join(".codeium/windsurf/mcp_config.json");
    let text = fs::read_to_string(&path).expect("a file").replace("127.0.0.1:8765/one", "example.com/mine");
    fs::write(&path, &text).expect("written");
    let reports = home.disconnect(Client::Windsurf, Scope::User);
    assert_eq!((reports[0].outcome, reports[0].left.as_slice()), (Outcome::Left, ["mcpServers.memory".to_owned()].as_slice()));
    assert_eq!(fs::read_to_string(&path).expect("a file"), text);
    assert!(reports[0].backup.as_ref().is_some_and(|backup| backup.exists()));
}

#[test]
fn what_a_client_has_not_is_said() {
    let home = Home::empty();
    let http = Door::bearer("http://127.0.0.1:8765/mcp", "jmk_abc");
    let stdio = Door::command("jmem", ["stdio"]);
    let from = Door::bearer_from("https://memory.example.com/mcp", "JM_API_KEY");
    assert!(matches!(home.connect(Client::ClaudeDesktop, Scope::User, &http), Err(Error::CommandsOnly(_))));
    assert!(matches!(home.connect(Client::Windsurf, Scope::Project, &stdio), Err(Error::NoProject(_))));
    assert!(matches!(home.connect(Client::Zed, Scope::User, &from), Err(Error::NoVariables(_))));
    let hooks = hooks(Client::Zed);
    let wanted = Wanted { client: Client::Zed, scope: Scope::User, name: "memory", door: None, hooks: Some(&hooks) };
    assert!(matches!(Plan::new(&home.places, &wanted), Err(Error::NoHooks(_))));
    let nowhere = Places::of_home(Os::Linux, "/nowhere");
    let wanted = Wanted { client: Client::Cursor, scope: Scope::Project, name: "memory", door: Some(&stdio), hooks: None };
    assert!(matches!(Plan::new(&nowhere, &wanted), Err(Error::NoFolder)));
}

#[test]
fn variables_of_a_command_take_each_clients_form() {
    let home = Home::empty();
    let env =
        vec![("JM_API_KEY".to_owned(), Setting::Variable("JM_API_KEY".into())), ("JM_DATA_DIR".to_owned(), Setting::Plain("/d".into()))];
    let door = Door::Command { program: "jmem".into(), args: vec!["stdio".into()], env };
    for client in [Client::Codex, Client::OpenCode, Client::VsCode] {
        home.connect(client, Scope::Project, &door).expect("can be connected");
    }
    let codex = home.read("project/.codex/config.toml");
    assert!(codex.contains("env = { JM_DATA_DIR = \"/d\" }") && codex.contains("env_vars = [\"JM_API_KEY\"]"), "{codex}");
    assert!(home.read("project/opencode.json").contains("\"JM_API_KEY\": \"{env:JM_API_KEY}\""));
    assert!(home.read("project/.vscode/mcp.json").contains("\"JM_API_KEY\": \"${input:jm-api-key}\""));
}

/// What stands in the file of an empty home, as each client's own description of its settings has it.
#[test]
fn each_client_is_given_its_own_form() {
    let json = |client: Client, door: &Door| {
        let home = Home::empty();
        Plan::new(&home.places, &Wanted { client, scope: Scope::User, name: "memory", door: Some(door), hooks: None })
            .and_then(|plan| plan.apply(&home.receipts))
            .expect("can be connected");
        let path = agents::servers_file(client, Scope::User, &home.places).expect("one").path;
        serde_json::from_str::<serde_json::Value>(&fs::read_to_string(path).expect("a file")).expect("JSON")
    };
    let bearer = Door::bearer("http://127.0.0.1:8765/mcp", "jmk_abc");
    let headers = serde_json::json!({"Authorization": "Bearer jmk_abc"});
    let url = "http://127.0.0.1:8765/mcp";
    let typed = serde_json::json!({"mcpServers": {"memory": {"type": "http", "url": url, "headers": headers}}});
    for (client, expected) in [
        (Client::ClaudeCode, typed.clone()),
        (Client::Gemini, typed),
        (Client::Cursor, serde_json::json!({"mcpServers": {"memory": {"url": url, "headers": headers}}})),
        (Client::VsCode, serde_json::json!({"servers": {"memory": {"type": "http", "url": url, "headers": headers}}})),
        (Client::Windsurf, serde_json::json!({"mcpServers": {"memory": {"serverUrl": url, "headers": headers}}})),
        (Client::Zed, serde_json::json!({"context_servers": {"memory": {"url": url, "headers": headers}}})),
        (
            Client::OpenCode,
            serde_json::json!({"$schema": "https://opencode.ai/config.json", "mcp": {"memory": {"type": "remote", "url": url, "enabled": true, "headers": headers, "oauth": false}}}),
        ),
    ] {
        assert_eq!(json(client, &bearer), expected, "{client}");
    }
    let stdio = Door::command("/bin/jmem", ["stdio"]);
    let plain = serde_json::json!({"command": "/bin/jmem", "args": ["stdio"]});
    assert_eq!(json(Client::ClaudeDesktop, &stdio), serde_json::json!({"mcpServers": {"memory": plain}}));
    assert_eq!(json(Client::Zed, &stdio), serde_json::json!({"context_servers": {"memory": plain}}));
    let local = serde_json::json!({"type": "local", "command": ["/bin/jmem", "stdio"], "enabled": true});
    assert_eq!(json(Client::OpenCode, &stdio)["mcp"]["memory"], local);
}

#[test]
fn each_client_is_given_hooks_of_its_own_form() {
    let hooks = |client: Client, context: bool, capture: bool| {
        let home = Home::empty();
        let hooks = Hooks { context, capture, ..hooks(client) };
        Plan::new(&home.places, &Wanted { client, scope: Scope::User, name: "memory", door: None, hooks: Some(&hooks) })
            .and_then(|plan| plan.apply(&home.receipts))
            .expect("can be connected");
        let path = agents::hooks_file(client, Scope::User, &home.places).expect("one").path;
        serde_json::from_str::<serde_json::Value>(&fs::read_to_string(path).expect("a file")).expect("JSON")
    };
    let group = |client: &str, seconds: i64| serde_json::json!([{"hooks": [{"type": "command", "command": format!("/usr/local/bin/jmem hook {client}"), "timeout": seconds}]}]);
    let expected = serde_json::json!({"hooks": {"SessionStart": group("claude-code", 5), "UserPromptSubmit": group("claude-code", 5)}});
    assert_eq!(hooks(Client::ClaudeCode, true, false), expected);
    let expected =
        serde_json::json!({"hooks": {"Stop": group("codex", 10), "PreCompact": group("codex", 10), "SessionEnd": group("codex", 3)}});
    assert_eq!(hooks(Client::Codex, false, true), expected);
    let command = "/usr/local/bin/jmem hook cursor";
    let expected = serde_json::json!({"version": 1, "hooks": {"sessionStart": [{"command": command, "timeout": 5}]}});
    assert_eq!(hooks(Client::Cursor, true, false), expected);
    let gemini = hooks(Client::Gemini, true, true);
    let handler = serde_json::json!({"name": "jmem", "type": "command", "command": "/usr/local/bin/jmem hook gemini", "timeout": 10_000});
    assert_eq!(gemini["hooks"]["AfterAgent"], serde_json::json!([{"hooks": [handler]}]));
}
