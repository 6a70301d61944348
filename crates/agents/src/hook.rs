//! What a client hands to a hook on its standard input.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::json;

use crate::client::Client;
use crate::error::Error;
use crate::file::fingerprint;
use crate::journal;
use crate::transcript::{Kind, Source, Speaker, without, without_private};

/// What happened, whatever the client calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A session starts or goes on.
    SessionStart,
    /// The person sends a prompt.
    Prompt,
    /// The model has said something.
    Answer,
    /// The model is done, and the turn of the person has come.
    TurnEnd,
    /// What was said is about to be shortened.
    BeforeCompaction,
    /// The session ends.
    SessionEnd,
    /// Anything else.
    Other,
}

impl Event {
    fn of(name: &str) -> Self {
        match name {
            "SessionStart" | "sessionStart" => Self::SessionStart,
            "UserPromptSubmit" | "beforeSubmitPrompt" | "BeforeAgent" => Self::Prompt,
            "afterAgentResponse" => Self::Answer,
            "Stop" | "stop" | "AfterAgent" => Self::TurnEnd,
            "PreCompact" | "preCompact" | "PreCompress" => Self::BeforeCompaction,
            "SessionEnd" | "sessionEnd" => Self::SessionEnd,
            _ => Self::Other,
        }
    }

    /// Whether what was said until now is to be sent.
    #[must_use]
    pub const fn captures(self) -> bool {
        matches!(self, Self::TurnEnd | Self::BeforeCompaction | Self::SessionEnd)
    }

    /// Whether the client takes something to tell the model.
    #[must_use]
    pub fn takes_context(self, client: Client) -> bool {
        self == Self::SessionStart || (self == Self::Prompt && client != Client::Cursor)
    }
}

/// A call of a hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Whose it is.
    pub client: Client,
    /// What happened.
    pub event: Event,
    /// What the client calls that: some want it back in the answer.
    pub event_name: String,
    /// The session.
    pub session: String,
    /// The file with what was said, if the client names one.
    pub transcript: Option<PathBuf>,
    /// The folder in which the person works.
    pub cwd: Option<PathBuf>,
    /// The prompt, without what is private.
    pub prompt: Option<String>,
    /// What was said, where the hook itself is handed it, without what is private.
    pub said: Vec<(Speaker, String)>,
    /// When, if the client says it.
    pub at: Option<String>,
    /// By which this call is known, should it come twice.
    key: Option<u64>,
}

#[derive(Deserialize)]
struct Handed {
    hook_event_name: Option<String>,
    session_id: Option<String>,
    generation_id: Option<String>,
    conversation_id: Option<String>,
    transcript_path: Option<PathBuf>,
    cwd: Option<PathBuf>,
    #[serde(default)]
    workspace_roots: Vec<PathBuf>,
    prompt: Option<String>,
    prompt_response: Option<String>,
    text: Option<String>,
    timestamp: Option<String>,
}

impl Call {
    /// Reads what a client handed over.
    pub fn parse(client: Client, input: &str) -> Result<Self, Error> {
        // Some shells of Windows put a byte order mark before it.
        let input = input.trim_start_matches('\u{feff}');
        let handed: Handed = serde_json::from_str(input).map_err(|error| Error::Handed(error.to_string()))?;
        let event_name = handed.hook_event_name.unwrap_or_default();
        // Cursor's name for the conversation; its session is the same where it has one.
        let session = handed.conversation_id.or(handed.session_id).filter(|session| !session.is_empty());
        let session = session.ok_or_else(|| Error::Handed("it names no session".to_owned()))?;
        let event = Event::of(&event_name);
        let clean = |text: Option<String>| text.map(|text| without_private(&text).trim().to_owned()).filter(|text| !text.is_empty());
        // At the end of a turn, Gemini hands back what hooks told the model as if the person had said it.
        let prompt = clean(handed.prompt.map(|prompt| without(&prompt, &["hook_context"])));
        let said = match (client, event) {
            (Client::Cursor, Event::Prompt) => vec![(Speaker::User, prompt.clone())],
            (Client::Cursor, Event::Answer) => vec![(Speaker::Assistant, clean(handed.text))],
            (Client::Gemini, Event::TurnEnd) => vec![(Speaker::User, prompt.clone()), (Speaker::Assistant, clean(handed.prompt_response))],
            _ => Vec::new(),
        };
        let said: Vec<_> = said.into_iter().filter_map(|(speaker, text)| Some((speaker, text?))).collect();
        let named = handed.generation_id.or_else(|| handed.timestamp.clone());
        Ok(Self {
            client,
            event,
            key: named.map(|named| fingerprint(format!("{named}\n{event_name}\n{said:?}").as_bytes())),
            event_name,
            session,
            transcript: handed.transcript_path.filter(|path| !path.as_os_str().is_empty()),
            cwd: handed.cwd.or_else(|| handed.workspace_roots.into_iter().next()),
            prompt,
            said,
            at: handed.timestamp,
        })
    }

    /// Keeps what the hook itself was handed, for a client whose transcript may not be there. `now` is the time as RFC 3339.
    pub fn keep(&self, journals: &Path, now: &str) -> Result<(), Error> {
        let path = journal::path(journals, self.client, &self.session);
        journal::append(&path, &self.said, Some(self.at.as_deref().unwrap_or(now)), self.key)
    }

    /// What the hook has to print so that the model is told this; `None` where the client takes nothing.
    #[must_use]
    pub fn answer(&self, context: &str) -> Option<String> {
        let answer = match self.client {
            _ if !self.event.takes_context(self.client) => return None,
            Client::Cursor => json!({"additional_context": context}),
            Client::ClaudeCode | Client::Codex | Client::Gemini => {
                json!({"hookSpecificOutput": {"hookEventName": self.event_name, "additionalContext": context}})
            }
            _ => return None,
        };
        Some(answer.to_string())
    }

    /// From where what was said is read; `None` where there is nothing to read.
    #[must_use]
    pub fn source(&self, home: &Path, journals: &Path) -> Option<Source> {
        let transcript = |kind, path: PathBuf| Source { kind, path };
        match self.client {
            Client::ClaudeCode => self.transcript.clone().map(|path| transcript(Kind::ClaudeCode, path)),
            Client::Codex => self.transcript.clone().map(|path| transcript(Kind::Codex, path)),
            Client::Cursor => {
                let kept = self.transcript.clone().filter(|path| path.exists()).or_else(|| self.cursor_transcript(home));
                kept.map(|path| transcript(Kind::Cursor, path)).or_else(|| self.journal(journals))
            }
            Client::Gemini => self.journal(journals),
            _ => None,
        }
    }

    fn journal(&self, journals: &Path) -> Option<Source> {
        let path = journal::path(journals, self.client, &self.session);
        path.exists().then_some(Source { kind: Kind::Journal, path })
    }

    /// Cursor's command line keeps a transcript, and does not name it.
    fn cursor_transcript(&self, home: &Path) -> Option<PathBuf> {
        // A drive of Windows loses its colon, and stands in small letters.
        let folder = self.cwd.as_ref()?.to_string_lossy().replace(":\\", "/").replace(":/", "/");
        let slug: String =
            folder.trim_start_matches('/').chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect();
        let transcripts = home.join(".cursor").join("projects").join(slug).join("agent-transcripts");
        // A name that leads elsewhere is none of Cursor's.
        if self.session.contains(['/', '\\', '.']) {
            return None;
        }
        let file = format!("{}.jsonl", self.session);
        [transcripts.join(&self.session).join(&file), transcripts.join(&file)].into_iter().find(|path| path.exists())
    }
}

/// Whether what is said in this folder is not to be kept: a file `.jmem-off`, or `.jmem` with `capture = false`, in it or in a
/// folder around it, up to the home folder.
#[must_use]
pub fn is_off(cwd: &Path, home: &Path) -> bool {
    // As the system sees them, for a link may lead into a folder where it is off.
    let real = fs::canonicalize(cwd).unwrap_or_else(|_| cwd.to_owned());
    let home = fs::canonicalize(home).unwrap_or_else(|_| home.to_owned());
    let says_off = |folder: &Path| {
        if folder.join(".jmem-off").exists() {
            return true;
        }
        match fs::read_to_string(folder.join(".jmem")) {
            // What is not understood may have been meant to switch it off.
            Ok(text) => text
                .parse::<toml_edit::DocumentMut>()
                .map_or(true, |file| file.get("capture").is_some_and(|item| item.as_bool() != Some(true))),
            Err(error) => error.kind() == std::io::ErrorKind::InvalidData,
        }
    };
    let within = real.starts_with(&home);
    // Outside the home folder, to the root.
    real.ancestors().take_while(|folder| !within || folder.starts_with(&home)).any(says_off)
}

#[cfg(test)]
mod tests;
