//! The programs that are known, and what is particular to each.

use std::fmt;
use std::str::FromStr;

use crate::places::{Os, Places};

/// A program in which a person talks to a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Client {
    /// Anthropic's command line.
    ClaudeCode,
    /// Anthropic's desktop program.
    ClaudeDesktop,
    /// `OpenAI`'s command line.
    Codex,
    /// The Cursor editor and its command line.
    Cursor,
    /// Visual Studio Code.
    VsCode,
    /// Google's command line.
    Gemini,
    /// The Windsurf editor.
    Windsurf,
    /// The `OpenCode` command line.
    OpenCode,
    /// The Zed editor.
    Zed,
}

/// A name that is none of the known clients.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("'{0}' is no client that is known here. Known are: {list}", list = Client::ALL.map(Client::id).join(", "))]
pub struct UnknownClient(pub String);

impl Client {
    /// All of them, in the order in which they are listed for people.
    pub const ALL: [Self; 9] = [
        Self::ClaudeCode,
        Self::ClaudeDesktop,
        Self::Codex,
        Self::Cursor,
        Self::VsCode,
        Self::Gemini,
        Self::Windsurf,
        Self::OpenCode,
        Self::Zed,
    ];

    /// The name on a command line and in the names of files.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::ClaudeCode => "claude-code",
            Self::ClaudeDesktop => "claude-desktop",
            Self::Codex => "codex",
            Self::Cursor => "cursor",
            Self::VsCode => "vscode",
            Self::Gemini => "gemini",
            Self::Windsurf => "windsurf",
            Self::OpenCode => "opencode",
            Self::Zed => "zed",
        }
    }

    /// The name as people know it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::ClaudeCode => "Claude Code",
            Self::ClaudeDesktop => "Claude Desktop",
            Self::Codex => "Codex",
            Self::Cursor => "Cursor",
            Self::VsCode => "VS Code",
            Self::Gemini => "Gemini CLI",
            Self::Windsurf => "Windsurf",
            Self::OpenCode => "OpenCode",
            Self::Zed => "Zed",
        }
    }

    /// Whether it has left traces where it keeps its settings. One that was installed and never started has left none.
    #[must_use]
    pub fn seems_installed(self, places: &Places) -> bool {
        self.traces(places).iter().any(|path| path.exists())
    }

    /// Folders and files that it makes when it is used, none of which are ours.
    fn traces(self, places: &Places) -> Vec<std::path::PathBuf> {
        let home = &places.home;
        match self {
            Self::ClaudeCode => vec![places.claude_dir(), places.claude_json()],
            Self::ClaudeDesktop => vec![places.program_dir("Claude")],
            Self::Codex => vec![places.codex_dir()],
            Self::Cursor => vec![home.join(".cursor")],
            Self::VsCode => vec![places.program_dir("Code")],
            Self::Gemini => vec![home.join(".gemini")],
            Self::Windsurf => vec![home.join(".codeium").join("windsurf")],
            Self::OpenCode => vec![places.config_home.join("opencode"), home.join(".local/share/opencode")],
            Self::Zed => vec![places.zed_dir()],
        }
    }

    /// What a person has to do before the client uses what was written; `None` where a new start is enough.
    #[must_use]
    pub const fn afterwards(self, os: Os) -> Option<&'static str> {
        match (self, os) {
            (Self::Codex, _) => Some("Codex asks once whether new hooks are trusted: answer in its /hooks"),
            (Self::ClaudeDesktop, _) => Some("Quit Claude Desktop altogether and start it again"),
            _ => None,
        }
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

impl FromStr for Client {
    type Err = UnknownClient;

    fn from_str(text: &str) -> Result<Self, UnknownClient> {
        let wanted = text.trim().to_ascii_lowercase();
        let known = Self::ALL.into_iter().find(|client| client.id() == wanted);
        // Names that people and other parts of the product use for the same programs.
        known.map_or_else(
            || match wanted.as_str() {
                "claude" | "claude_code" => Ok(Self::ClaudeCode),
                "gemini-cli" => Ok(Self::Gemini),
                "vs-code" | "code" => Ok(Self::VsCode),
                _ => Err(UnknownClient(text.to_owned())),
            },
            Ok,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_shown() {
        for client in Client::ALL {
            assert_eq!(client.to_string().parse(), Ok(client));
        }
        assert!("emacs".parse::<Client>().is_err_and(|error| error.to_string().contains("claude-code, claude-desktop, codex")));
    }
}
