//! How a client reaches the server, and how each writes that down.

use std::path::Path;

use crate::client::Client;
use crate::edit::Op;
use crate::error::Error;
use crate::node::Node;
use crate::places::Scope;

/// A text of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    /// Everybody may read it.
    Plain(String),
    /// It opens something: it goes into files of this person alone.
    Secret(String),
    /// The client takes it from this variable of the environment, or asks for it.
    Variable(String),
}

/// How a client reaches the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Door {
    /// Streamable HTTP.
    Http {
        /// The address; a secret where it opens by itself.
        url: Setting,
        /// What is sent as `Authorization: Bearer …`.
        bearer: Option<Setting>,
    },
    /// A command that the client starts and talks to.
    Command {
        /// The program, best with its whole path: clients have paths of their own.
        program: String,
        /// Its arguments.
        args: Vec<String>,
        /// Variables that it is started with.
        env: Vec<(String, Setting)>,
    },
}

impl Door {
    /// An address that opens by itself.
    #[must_use]
    pub fn personal(url: impl Into<String>) -> Self {
        Self::Http { url: Setting::Secret(url.into()), bearer: None }
    }

    /// An address, and a key to it.
    #[must_use]
    pub fn bearer(url: impl Into<String>, key: impl Into<String>) -> Self {
        Self::Http { url: Setting::Plain(url.into()), bearer: Some(Setting::Secret(key.into())) }
    }

    /// An address, and the variable of the environment that has the key to it.
    #[must_use]
    pub fn bearer_from(url: impl Into<String>, variable: impl Into<String>) -> Self {
        Self::Http { url: Setting::Plain(url.into()), bearer: Some(Setting::Variable(variable.into())) }
    }

    /// A command without variables.
    #[must_use]
    pub fn command(program: impl Into<String>, args: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::Command { program: program.into(), args: args.into_iter().map(Into::into).collect(), env: Vec::new() }
    }

    /// Whether a secret is in it.
    #[must_use]
    pub fn holds_secret(&self) -> bool {
        let secret = |setting: &Setting| matches!(setting, Setting::Secret(_));
        match self {
            Self::Http { url, bearer } => secret(url) || bearer.as_ref().is_some_and(secret),
            Self::Command { env, .. } => env.iter().any(|(_, setting)| secret(setting)),
        }
    }

    fn settings(&self) -> Vec<&Setting> {
        match self {
            Self::Http { url, bearer } => std::iter::once(url).chain(bearer).collect(),
            Self::Command { env, .. } => env.iter().map(|(_, setting)| setting).collect(),
        }
    }
}

/// What is wanted of the client's file so that it knows the server under this name.
pub(crate) fn ops(client: Client, scope: Scope, file: &Path, name: &str, door: &Door) -> Result<Vec<Op>, Error> {
    if scope == Scope::Project && door.holds_secret() {
        return Err(Error::Secret { client, file: file.to_owned() });
    }
    let outer = match client {
        Client::Codex => "mcp_servers",
        Client::VsCode => "servers",
        Client::OpenCode => "mcp",
        Client::Zed => "context_servers",
        _ => "mcpServers",
    };
    let entry = Op::Entry { path: vec![outer.to_owned(), name.to_owned()], value: entry(client, door)? };
    let mut ops = match client {
        Client::VsCode => inputs(door),
        // It puts this into a file without it by itself, and the file would not be ours alone any more.
        Client::OpenCode => {
            let schema = Node::text("https://opencode.ai/config.json");
            vec![Op::Default { path: vec!["$schema".to_owned()], value: schema }]
        }
        _ => Vec::new(),
    };
    ops.push(entry);
    Ok(ops)
}

fn entry(client: Client, door: &Door) -> Result<Node, Error> {
    match door {
        Door::Command { program, args, env } => command(client, program, args, env),
        Door::Http { .. } if client == Client::ClaudeDesktop => Err(Error::CommandsOnly(client)),
        Door::Http { url, bearer } if client == Client::Codex => codex(url, bearer.as_ref()),
        Door::Http { url, bearer } => {
            let url = Node::text(text(client, url)?);
            let mut pairs = match client {
                Client::Windsurf => vec![("serverUrl", url)],
                Client::Cursor | Client::Zed => vec![("url", url)],
                Client::OpenCode => vec![("type", Node::text("remote")), ("url", url), ("enabled", Node::Flag(true))],
                _ => vec![("type", Node::text("http")), ("url", url)],
            };
            if let Some(bearer) = bearer {
                let header = Node::text(format!("Bearer {}", text(client, bearer)?));
                pairs.push(("headers", Node::map([("Authorization", header)])));
            }
            if client == Client::OpenCode && bearer.is_some() {
                // Else it answers a refused key by a sign-in in the browser.
                pairs.push(("oauth", Node::Flag(false)));
            }
            Ok(Node::Map(pairs.into_iter().map(|(key, node)| (key.to_owned(), node)).collect()))
        }
    }
}

/// Codex takes the name of the variable, not its value, and has no place for an address from a variable.
fn codex(url: &Setting, bearer: Option<&Setting>) -> Result<Node, Error> {
    let mut pairs = vec![("url".to_owned(), Node::text(text(Client::Codex, url)?))];
    match bearer {
        Some(Setting::Variable(name)) => pairs.push(("bearer_token_env_var".to_owned(), Node::text(name))),
        Some(Setting::Plain(key) | Setting::Secret(key)) => {
            pairs.push(("http_headers".to_owned(), Node::map([("Authorization", Node::text(format!("Bearer {key}")))])));
        }
        None => {}
    }
    Ok(Node::Map(pairs))
}

fn command(client: Client, program: &str, args: &[String], env: &[(String, Setting)]) -> Result<Node, Error> {
    let words = |words: &mut dyn Iterator<Item = &str>| Node::List(words.map(Node::text).collect());
    let mut pairs = Vec::new();
    if client == Client::OpenCode {
        let mut line = std::iter::once(program).chain(args.iter().map(String::as_str));
        pairs.extend([("type", Node::text("local")), ("command", words(&mut line)), ("enabled", Node::Flag(true))]);
    } else {
        if matches!(client, Client::ClaudeCode | Client::Cursor | Client::VsCode) {
            pairs.push(("type", Node::text("stdio")));
        }
        pairs.extend([("command", Node::text(program)), ("args", words(&mut args.iter().map(String::as_str)))]);
    }
    let mut passed = Vec::new();
    let mut variables = Vec::new();
    for (name, setting) in env {
        match setting {
            // It passes variables on by their own names.
            Setting::Variable(variable) if client == Client::Codex && variable == name => passed.push(Node::text(name)),
            setting => variables.push((name.clone(), Node::text(text(client, setting)?))),
        }
    }
    if !variables.is_empty() {
        pairs.push((if client == Client::OpenCode { "environment" } else { "env" }, Node::Map(variables)));
    }
    if !passed.is_empty() {
        pairs.push(("env_vars", Node::List(passed)));
    }
    Ok(Node::Map(pairs.into_iter().map(|(key, node)| (key.to_owned(), node)).collect()))
}

/// The text of a setting, a variable in the client's own form.
fn text(client: Client, setting: &Setting) -> Result<String, Error> {
    let name = match setting {
        Setting::Plain(text) | Setting::Secret(text) => return Ok(text.clone()),
        Setting::Variable(name) => name,
    };
    match client {
        Client::ClaudeCode | Client::Gemini => Ok(format!("${{{name}}}")),
        Client::Cursor | Client::Windsurf => Ok(format!("${{env:{name}}}")),
        Client::VsCode => Ok(format!("${{input:{}}}", input(name))),
        Client::OpenCode => Ok(format!("{{env:{name}}}")),
        Client::ClaudeDesktop | Client::Codex | Client::Zed => Err(Error::NoVariables(client)),
    }
}

/// VS Code asks for it once, and keeps it where it keeps secrets.
fn input(variable: &str) -> String {
    variable.to_ascii_lowercase().replace('_', "-")
}

fn inputs(door: &Door) -> Vec<Op> {
    let variables = door.settings().into_iter().filter_map(|setting| match setting {
        Setting::Variable(name) => Some(name),
        _ => None,
    });
    let op = |name: &String| Op::Append {
        path: vec!["inputs".to_owned()],
        value: Node::map([
            ("type", Node::text("promptString")),
            ("id", Node::text(input(name))),
            ("description", Node::text(name)),
            ("password", Node::Flag(true)),
        ]),
        key: "id".to_owned(),
        mark: input(name),
    };
    variables.map(op).collect()
}
