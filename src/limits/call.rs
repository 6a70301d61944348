//! What callers ask for, by names that rules can use, and what it weighs.

use std::str::FromStr;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Call {
    Search,
    Context,
    Add,
    Change,
    Delete,
    Read,
    Export,
    Import,
    /// Everything else: settings, credentials, projects.
    Manage,
}

/// Bytes of a body that weigh as much as a call by themselves: some 500 tokens.
const BYTES_OF_ONE: u64 = 2_000;

impl Call {
    pub const ALL: [Self; 9] =
        [Self::Search, Self::Context, Self::Add, Self::Change, Self::Delete, Self::Read, Self::Export, Self::Import, Self::Manage];

    /// Its name in rules.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Context => "context",
            Self::Add => "add",
            Self::Change => "change",
            Self::Delete => "delete",
            Self::Read => "read",
            Self::Export => "export",
            Self::Import => "import",
            Self::Manage => "manage",
        }
    }

    /// What it counts for, with a body of so many bytes.
    #[must_use]
    pub fn weight(self, bytes: u64) -> u32 {
        match self {
            Self::Context => 2,
            Self::Add => u32::try_from(1 + bytes / BYTES_OF_ONE).unwrap_or(u32::MAX),
            Self::Export | Self::Import => 20,
            Self::Search | Self::Change | Self::Delete | Self::Read | Self::Manage => 1,
        }
    }

    /// Whether a tenant may have only so many of them at a time.
    pub(super) const fn is_costly(self) -> bool {
        matches!(self, Self::Context | Self::Export | Self::Import)
    }
}

impl FromStr for Call {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let named = Self::ALL.into_iter().find(|call| call.as_str() == text);
        named.ok_or_else(|| format!("\"{text}\" is none of {}", Self::ALL.map(Self::as_str).join(", ")))
    }
}
