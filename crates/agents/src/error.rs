//! What can go wrong, in sentences that say what to do.

use std::io;
use std::path::{Path, PathBuf};

use crate::client::Client;

/// Why a client could not be connected, or a file not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A secret was to go into a file that others get.
    #[error(
        "{} is usually committed, and a secret is not to be in it. Name a variable of the environment instead, use a command that \
         holds none, or connect {} for yourself alone",
        file.display(),
        client.title()
    )]
    Secret {
        /// The client.
        client: Client,
        /// The file.
        file: PathBuf,
    },
    /// The client has no settings for a project.
    #[error("{} has no settings for a single project", .0.title())]
    NoProject(Client),
    /// No folder was given for a project's settings.
    #[error("Which folder is the project?")]
    NoFolder,
    /// The client starts commands only.
    #[error("{} takes no address from its file: add it in its Settings under Connectors, or use a command", .0.title())]
    CommandsOnly(Client),
    /// The client reads no variables there.
    #[error("{} reads no variables of the environment in its settings: use a command that holds no secret", .0.title())]
    NoVariables(Client),
    /// The client has no hooks.
    #[error("{} has no hooks", .0.title())]
    NoHooks(Client),
    /// The file is not what its client reads.
    #[error("{}:{line}: {what}. It was left as it is: correct it there, and try again", file.display())]
    Broken {
        /// The file.
        file: PathBuf,
        /// The line, from one.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// Another program writes the file all the time.
    #[error("{} is being changed by another program. Close it, and try again", .0.display())]
    Busy(PathBuf),
    /// The system refused.
    #[error("{}: {source}", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// What a hook was handed is not what its client hands over.
    #[error("what the hook was handed is not understood: {0}")]
    Handed(String),
}

impl Error {
    pub(crate) fn io(file: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::Io { file: file.to_owned(), source }
    }
}
