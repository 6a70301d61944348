//! Words of the wire and of the tables, as types.

macro_rules! word_enum {
    ($(#[$doc:meta])* $name:ident: $what:literal { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The wire and storage name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::error::Error;
            fn from_str(text: &str) -> Result<Self, $crate::error::Error> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    other => Err($crate::error::Error::invalid(format!(
                        concat!("Unknown ", $what, " '{}'. Known: {}."),
                        other,
                        [$($word),+].join(", "),
                    ))),
                }
            }
        }
    };
}

pub(in crate::memory) use word_enum;

word_enum! {
    /// What kind of thing a memory records.
    MemoryType: "memory type" {
        /// Something that happened.
        Episodic = "episodic",
        /// A fact.
        Semantic = "semantic",
        /// How to do something.
        Procedural = "procedural",
        /// Short-lived, of one session.
        Working = "working",
        /// A link between memories.
        Associative = "associative",
    }
}

word_enum! {
    /// Whether a memory is seen.
    State: "state" {
        /// Found and listed.
        Active = "active",
        /// Kept, hidden from every client.
        Paused = "paused",
        /// Kept, hidden unless archived memories are asked for.
        Archived = "archived",
        /// Held back by the write gate: hidden until somebody keeps it, erased after a while.
        Held = "held",
        /// Held once; kept, hidden unless asked for or `as_of` a time when it held.
        Superseded = "superseded",
        /// Can be restored for a while, then it is erased.
        Deleted = "deleted",
    }
}

word_enum! {
    /// What a history entry tells.
    Event: "event" {
        /// The first version.
        Created = "created",
        /// Text, tags or metadata changed.
        Updated = "updated",
        /// The state changed.
        StateChanged = "state_changed",
        /// Deleted; it can be restored for a while.
        Deleted = "deleted",
        /// Another memory took its place, or it was found to hold no longer.
        Superseded = "superseded",
        /// An earlier version came back.
        Restored = "restored",
    }
}

word_enum! {
    /// How a memory was read.
    Access: "access type" {
        /// Returned by a search.
        Search = "search",
        /// Returned by a list, which shows everything whatever it is worth: noted, and no use that strengthens it.
        List = "list",
        /// Opened by its id.
        Get = "get",
        /// Put into a context, which no one asked for by name: noted, and no use either.
        Context = "context",
        /// Shown in the list of what fades: noted, and no use either.
        Inspect = "inspect",
    }
}

word_enum! {
    /// How far an operation is.
    OperationState: "operation state" {
        /// A job will do it.
        Queued = "queued",
        /// Its results are stored.
        Done = "done",
        /// It cannot be done; its reason says why.
        Failed = "failed",
    }
}

impl Access {
    /// Whether it counts as a use of the memory: somebody asked for it.
    #[must_use]
    pub const fn is_use(self) -> bool {
        matches!(self, Self::Search | Self::Get)
    }
}

word_enum! {
    /// Why a memory stands in the queue.
    ReviewKind: "kind of review" {
        /// The write gate holds it back.
        Held = "held",
        /// It was taken from a text; nobody said it in these words.
        Inferred = "inferred",
        /// It speaks to agents, or hides letters.
        Flagged = "flagged",
        /// It is nearly the same as another one.
        Alike = "alike",
        /// It changes or ends what another one says.
        Contradicts = "contradicts",
    }
}
