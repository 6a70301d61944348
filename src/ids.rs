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
/// The end of a memory's id in twelve digits: what a model is shown, and says when it means that memory. A tenant of 100,000 memories
/// has two of the same in one of a hundred cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShortId(u64);

impl ShortId {
    /// Bits of the id: 39 make twelve digits at most.
    const BITS: u32 = 39;
    const DIGITS: usize = 12;

    /// The last five bytes that an id of this name has: one of two, for their first bit is not part of the name.
    #[must_use]
    pub fn endings(self) -> [[u8; 5]; 2] {
        let five = |number: u64| {
            let [_, _, _, rest @ ..] = number.to_be_bytes();
            rest
        };
        [five(self.0), five(self.0 | (1 << Self::BITS))]
    }
}

impl From<MemoryId> for ShortId {
    fn from(id: MemoryId) -> Self {
        let number = id.0.as_u128() & ((1 << Self::BITS) - 1);
        Self(u64::try_from(number).unwrap_or_default())
    }
}

impl fmt::Display for ShortId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:0width$}", self.0, width = Self::DIGITS)
    }
}

impl FromStr for ShortId {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = text.len() == Self::DIGITS && text.bytes().all(|b| b.is_ascii_digit());
        let number = text.parse().ok().filter(|number: &u64| digits && number >> Self::BITS == 0);
        number.map(Self).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_id_leads_back_to_the_end_of_its_id() {
        for _ in 0..1000 {
            let id = MemoryId::new();
            let short: ShortId = id.to_string().parse::<MemoryId>().expect("an id").into();
            let text = short.to_string();
            assert_eq!((text.len(), text.parse()), (12, Ok(short)));
            assert!(short.endings().iter().any(|ending| id.0.as_bytes().ends_with(ending)));
        }
        for text in ["", "12345678901", "1234567890123", "12345678901x", "+12345678901", "999999999999"] {
            assert!(text.parse::<ShortId>().is_err(), "{text}");
        }
    }
}
