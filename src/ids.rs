//! Typed identifiers. All are `UUIDv7`: unique without coordination, and sorted by the time of their creation.
//! An id is never a credential.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id, later in order than all made before it by this process.
            #[must_use]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }
        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )+};
}

id! {
    /// A closed world of memories; usually one person.
    TenantId,
    /// A person who signs in.
    UserId,
    /// A named space of memories within a tenant.
    ProjectId,
    /// A client program as the tenant knows it (`claude`, `cursor`, …).
    AppId,
    /// An endpoint secret or API key; safe to show and to log.
    CredentialId,
    /// One memory, the same in SQL and in every index.
    MemoryId,
    /// One write that is done in the background.
    OperationId,
    /// One entry of what was said of a memory.
    FeedbackId,
    /// One sign-in of a built-in account.
    SessionId,
}
