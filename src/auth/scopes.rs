//! What a credential may do. A short closed list, kept as a bit set.

use std::fmt;

use crate::error::{Code, Error, Result};

/// One permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Scope {
    /// Search and list memories.
    MemoryRead = 1,
    /// Add and change memories.
    MemoryWrite = 2,
    /// Delete single memories.
    MemoryDelete = 4,
    /// Delete all memories at once.
    MemoryDeleteAll = 8,
    /// Manage credentials, apps and projects.
    AccountManage = 16,
}

impl Scope {
    /// Every scope, in the order in which lists show them.
    pub const ALL: [Self; 5] = [Self::MemoryRead, Self::MemoryWrite, Self::MemoryDelete, Self::MemoryDeleteAll, Self::AccountManage];

    /// The wire name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MemoryRead => "memory:read",
            Self::MemoryWrite => "memory:write",
            Self::MemoryDelete => "memory:delete",
            Self::MemoryDeleteAll => "memory:delete_all",
            Self::AccountManage => "account:manage",
        }
    }
}

/// A set of [`Scope`]s.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Scopes(u8);

impl Scopes {
    /// Everything: what a signed-in person holds.
    #[must_use]
    pub fn all() -> Self {
        Self::of(&Scope::ALL)
    }

    /// What a new personal endpoint or API key gets unless told otherwise: everything but delete-all and account
    /// management.
    #[must_use]
    pub fn default_for_credentials() -> Self {
        Self::of(&[Scope::MemoryRead, Scope::MemoryWrite, Scope::MemoryDelete])
    }

    /// A set of these.
    #[must_use]
    pub fn of(scopes: &[Scope]) -> Self {
        Self(scopes.iter().fold(0, |bits, s| bits | *s as u8))
    }

    /// Whether `scope` is in the set.
    #[must_use]
    pub const fn allows(self, scope: Scope) -> bool {
        self.0 & scope as u8 != 0
    }

    /// Refuses unless `scope` is in the set.
    ///
    /// # Errors
    /// `insufficient_scope`, naming the scope.
    pub fn require(self, scope: Scope) -> Result<()> {
        if self.allows(scope) {
            return Ok(());
        }
        Err(Error::new(
            Code::InsufficientScope,
            format!("This credential lacks the scope '{}'. Create one that has it, or use another credential.", scope.as_str()),
        ))
    }

    /// The members, in a fixed order.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |s| self.allows(*s))
    }

    /// Wire names, in a fixed order.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        self.iter().map(Scope::as_str).collect()
    }

    /// Parses wire names.
    ///
    /// # Errors
    /// `invalid_argument` for an unknown name or an empty set.
    pub fn parse<S: AsRef<str>>(names: &[S]) -> Result<Self> {
        let mut set = Self::default();
        for name in names {
            let name = name.as_ref();
            let scope = Scope::ALL
                .into_iter()
                .find(|s| s.as_str() == name)
                .ok_or_else(|| Error::invalid(format!("Unknown scope '{name}'. Known: {}.", Self::all().names().join(", "))))?;
            set.0 |= scope as u8;
        }
        if set.0 == 0 {
            return Err(Error::invalid("A credential needs at least one scope."));
        }
        Ok(set)
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}
