//! What may be done so often, and how often.

use std::time::Duration;

use rate_limits::Rate;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// A wrong password at any account, from one network.
    SignInFromNetwork,
    /// A wrong password at one account, from one network.
    SignInAtAccountFromNetwork,
    /// A wrong password at one account, from all networks but those that its person signed in from.
    SignInAtAccount,
    /// An account made from one network.
    Registration,
    /// A credential that opens nothing, from one network.
    RefusedCredential,
    /// A client that registers itself, from one network.
    ClientRegistration,
    /// A person sent here by a client, or a device that asks, from one network.
    AuthorizationRequest,
    /// Codes and tokens exchanged, by one client from one network.
    TokenRequest,
    /// A request looked up by one person, by an id or a code that they typed.
    GuessedCode,
    /// A refused sign-in at one account that the audit trail is told of.
    NotedSignIn,
}

impl Action {
    pub(super) const fn rate(self) -> Rate {
        match self {
            // A family or an office mistypes less.
            Self::SignInFromNetwork | Self::AuthorizationRequest | Self::GuessedCode => a_minute(30),
            Self::SignInAtAccountFromNetwork => a_minute(10),
            // Against one who guesses from many networks.
            Self::SignInAtAccount => a_minute(100),
            // Where `limits.registrations_per_hour` says nothing else; some clients register anew for each connection.
            Self::Registration | Self::ClientRegistration => Rate::new(20, Duration::from_hours(1)),
            Self::RefusedCredential => a_minute(20),
            Self::TokenRequest => a_minute(60),
            // A flood is noted by its beginning.
            Self::NotedSignIn => a_minute(5),
        }
    }
}

const fn a_minute(burst: u32) -> Rate {
    Rate::new(burst, Duration::from_mins(1))
}
