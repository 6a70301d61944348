//! How each client writes down what it is to run when something happens.

use crate::client::Client;
use crate::edit::Op;
use crate::error::Error;
use crate::node::Node;
use crate::places::Os;

/// What is to be run by a client, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hooks {
    /// The program, with its whole path.
    pub program: String,
    /// Its arguments. They say which client runs it: what happened, it reads from standard input.
    pub args: Vec<String>,
    /// When the model can be told something: as a session starts, and with each prompt.
    pub context: bool,
    /// When there is something new that was said: at the end of a turn, before compaction, at the end of a session.
    pub capture: bool,
}

/// An event: its name, and for how many seconds it may take. Those that only keep what was said come back at once by themselves.
type Events = &'static [(&'static str, i64)];

impl Hooks {
    /// The events of a client; `None` where it has no hooks.
    fn events(client: Client) -> Option<(Events, Events)> {
        Some(match client {
            Client::ClaudeCode => {
                (&[("SessionStart", 5), ("UserPromptSubmit", 5)], &[("Stop", 10), ("PreCompact", 10), ("SessionEnd", 10)])
            }
            // It allows three seconds at the end of a session, and warns of more.
            Client::Codex => (&[("SessionStart", 5), ("UserPromptSubmit", 5)], &[("Stop", 10), ("PreCompact", 10), ("SessionEnd", 3)]),
            // A prompt cannot be given anything. It and the answer are heard for sessions without a transcript.
            Client::Cursor => (
                &[("sessionStart", 5)],
                &[("beforeSubmitPrompt", 5), ("afterAgentResponse", 10), ("stop", 10), ("preCompact", 10), ("sessionEnd", 10)],
            ),
            Client::Gemini => (&[("SessionStart", 5), ("BeforeAgent", 5)], &[("AfterAgent", 10), ("PreCompress", 10), ("SessionEnd", 10)]),
            _ => return None,
        })
    }

    /// Whether a client has hooks.
    #[must_use]
    pub fn known_to(client: Client) -> bool {
        Self::events(client).is_some()
    }

    pub(crate) fn ops(&self, client: Client, os: Os) -> Result<Vec<Op>, Error> {
        let (context, capture) = Self::events(client).ok_or(Error::NoHooks(client))?;
        let command = self.line(os);
        let wanted = context.iter().filter(|_| self.context).chain(capture.iter().filter(|_| self.capture));
        let append = wanted.map(|(event, seconds)| Op::Append {
            path: vec!["hooks".to_owned(), (*event).to_owned()],
            value: element(client, &command, *seconds),
            key: "command".to_owned(),
            mark: command.clone(),
        });
        let version = (client == Client::Cursor).then(|| Op::Default { path: vec!["version".to_owned()], value: Node::Number(1) });
        Ok(version.into_iter().chain(append).collect())
    }

    /// One line for the shell that the client starts it by.
    fn line(&self, os: Os) -> String {
        let words = std::iter::once(&self.program).chain(&self.args);
        words.map(|word| quoted(word, os)).collect::<Vec<_>>().join(" ")
    }
}

fn element(client: Client, command: &str, seconds: i64) -> Node {
    let command = ("command", Node::text(command));
    match client {
        Client::Cursor => Node::map([command, ("timeout", Node::Number(seconds))]),
        Client::Gemini => group(Node::map([
            ("name", Node::text("jmem")),
            ("type", Node::text("command")),
            command,
            // In milliseconds there.
            ("timeout", Node::Number(seconds * 1000)),
        ])),
        _ => group(Node::map([("type", Node::text("command")), command, ("timeout", Node::Number(seconds))])),
    }
}

fn group(handler: Node) -> Node {
    Node::map([("hooks", Node::List(vec![handler]))])
}

/// A word as a shell reads it. On Windows it may be one of three shells, which agree on double quotes and on `/` in paths.
fn quoted(word: &str, os: Os) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-:=+@%,".contains(letter);
    if os == Os::Windows {
        let word = word.replace('\\', "/");
        return if !word.is_empty() && word.chars().all(plain) { word } else { format!("\"{word}\"") };
    }
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_survives_the_shell() {
        let hooks =
            |program: &str| Hooks { program: program.to_owned(), args: vec!["hook".into(), "codex".into()], context: true, capture: true };
        assert_eq!(hooks("/usr/bin/jmem").line(Os::Linux), "/usr/bin/jmem hook codex");
        assert_eq!(hooks("/Users/o'neil x/jmem").line(Os::MacOs), "'/Users/o'\\''neil x/jmem' hook codex");
        assert_eq!(hooks(r"C:\Program Files\jmem.exe").line(Os::Windows), "\"C:/Program Files/jmem.exe\" hook codex");
    }
}
