//! `jmem hook CLIENT`: what the hooks of coding agents run, at every event. It tells the model what is remembered, keeps what was
//! said, and never keeps anybody from working: whatever goes wrong, it prints nothing and ends well, within two seconds.
//!
//! What was said is sent by a process of its own, in the background, so that the client waits for nothing. A server that is away is
//! caught up with at the next event: [`agents::Captures`] knows how far each session was sent.

use std::{
    io::{Read, Write},
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use agents::{
    Captures, Client, Session,
    hook::{self, Call, Event},
    transcript::{Limits, Speaker, Turn},
};
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::place;
use crate::clock::{Clock, SystemClock};

/// Longest event that is read, in bytes.
const EVENT: u64 = 8 << 20;
/// Longest wait for a context.
const CONTEXT: Duration = Duration::from_secs(2);
/// Longest wait for one turn to be taken.
const TURN: Duration = Duration::from_secs(30);
/// How long the last in a session waits for others that send the same.
const LAST: Duration = Duration::from_secs(20);
/// Size of a context, in tokens; `JM_TOKENS` says otherwise.
const TOKENS: u32 = 1000;
/// Where hooks find their server, in this user's folder of state.
const DOOR: &str = "hooks.json";

/// `jmem hook`
#[derive(Debug, Args)]
pub struct Hook {
    /// Whose hook it is: claude-code, codex, cursor or gemini.
    client: String,
    /// Send what was said; for the process in the background.
    #[arg(long, hide = true)]
    send: bool,
}

/// Where hooks find their server.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HookDoor {
    pub url: String,
    pub api_key: String,
    /// The credential, to be revoked when nothing is connected any more.
    pub id: String,
}

impl HookDoor {
    /// The file.
    pub fn file() -> Option<PathBuf> {
        place::home().map(|home| home.join(DOOR))
    }

    /// That of this user, or of the environment (`JM_URL`, `JM_API_KEY`) where it has one.
    pub fn of_user() -> Option<Self> {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        if let (Some(url), Some(api_key)) = (set("JM_URL"), set("JM_API_KEY")) {
            return Some(Self { url, api_key, id: String::new() });
        }
        serde_json::from_str(&std::fs::read_to_string(Self::file()?).ok()?).ok()
    }
}

impl Hook {
    /// Does what the event asks for. It has no failures.
    pub async fn run(self) {
        // Nobody is helped by an error here, and a client may show it to somebody who is working.
        let _ = self.handled().await;
    }

    async fn handled(&self) -> Option<()> {
        let client: Client = self.client.parse().ok()?;
        let mut input = String::new();
        std::io::stdin().take(EVENT).read_to_string(&mut input).ok()?;
        let call = Call::parse(client, &input).ok()?;
        let door = HookDoor::of_user()?;
        let (home, state) = (PathBuf::from(std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"))?), place::home()?);
        let captures = Captures::new(state.join("captures"));
        let off = call.cwd.as_deref().is_some_and(|cwd| hook::is_off(cwd, &home));
        if self.send {
            return send(&call, &captures, &door, &home, off).await;
        }
        if !off {
            // Kept before anything else: a slow server loses nothing.
            call.keep(&captures.journals(), &SystemClock.now().rfc3339()).ok();
        }
        if call.event.captures() || call.event == Event::SessionStart {
            in_background(&self.client, &input);
        }
        if call.event.takes_context(client) {
            let text = context(&door, call.prompt.as_deref()).await?;
            println!("{}", call.answer(&text)?);
        }
        Some(())
    }
}

/// Starts this program again, for the same event, with nobody waiting for it.
fn in_background(client: &str, input: &str) -> Option<()> {
    let mut command = Command::new(std::env::current_exe().ok()?);
    command.args(["hook", client, "--send"]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        // A client that ends takes its own group of processes with it.
        command.process_group(0);
    }
    let mut child = command.spawn().ok()?;
    child.stdin.take()?.write_all(input.as_bytes()).ok()
}

/// Sends what was said in the session, and in others from which something is left.
async fn send(call: &Call, captures: &Captures, door: &HookDoor, home: &std::path::Path, off: bool) -> Option<()> {
    let http = reqwest::Client::builder().timeout(TURN).build().ok()?;
    let over = call.event == Event::SessionEnd;
    if let Some(source) = call.source(home, &captures.journals()).filter(|_| call.event.captures()) {
        let session = Session { client: call.client, id: call.session.clone(), source };
        if let Some(mut capture) = captures.open(&session, if over { LAST } else { Duration::ZERO }).ok()? {
            if off {
                capture.skip().ok()?;
            } else {
                send_all(&http, door, call.client, &mut capture).await?;
            }
            if over {
                capture.finish().ok()?;
            }
        }
    }
    for session in captures.behind().ok()? {
        if let Some(mut capture) = captures.open(&session, Duration::ZERO).ok()? {
            send_all(&http, door, session.client, &mut capture).await?;
        }
    }
    Some(())
}

/// Sends all that is left of a session, turn by turn; nothing when the server is away.
async fn send_all(http: &reqwest::Client, door: &HookDoor, client: Client, capture: &mut agents::Capture) -> Option<()> {
    loop {
        let batch = capture.next(&Limits::default()).ok()?;
        for turn in &batch.turns {
            if !taken(http, door, client, turn).await {
                return None;
            }
        }
        capture.sent(&batch).ok()?;
        if !batch.more {
            return Some(());
        }
    }
}

/// Whether a turn was taken, or will never be. Its key is made of its place, so that one that is sent again counts once.
async fn taken(http: &reqwest::Client, door: &HookDoor, client: Client, turn: &Turn) -> bool {
    let role = match turn.speaker {
        Speaker::User => "user",
        Speaker::Assistant => "assistant",
    };
    let mut body = json!({
        "messages": [{ "role": role, "content": turn.text }], "session_id": turn.session, "position": turn.position, "app": client.id(),
    });
    if let Some(at) = &turn.at {
        body["occurred_at"] = at.as_str().into();
    }
    let place = format!("{}\n{}\n{}", client.id(), turn.session, turn.position);
    let request = http
        .post(format!("{}/api/v1/memories/", door.url.trim_end_matches('/')))
        .bearer_auth(&door.api_key)
        .header("idempotency-key", format!("capture-{}", hex::encode(&Sha256::digest(place)[..16])))
        .json(&body);
    let Ok(answer) = request.send().await else { return false };
    let status = answer.status();
    // What the server will never take must not hold up what comes after it; a key that is refused may be put right.
    let never = status.is_client_error() && !matches!(status.as_u16(), 401 | 403 | 404 | 408 | 429);
    status.is_success() || never
}

/// What a model should know; nothing where the server is away or remembers nothing.
async fn context(door: &HookDoor, prompt: Option<&str>) -> Option<String> {
    let tokens = std::env::var("JM_TOKENS").ok().and_then(|text| text.parse().ok()).unwrap_or(TOKENS);
    let http = reqwest::Client::builder().timeout(CONTEXT).build().ok()?;
    let request = http
        .post(format!("{}/api/v1/context", door.url.trim_end_matches('/')))
        .bearer_auth(&door.api_key)
        .header("accept", "text/plain")
        .json(&json!({ "tokens": tokens, "query": prompt }));
    let answer = request.send().await.ok()?.error_for_status().ok()?;
    answer.text().await.ok().filter(|text| !text.is_empty())
}
