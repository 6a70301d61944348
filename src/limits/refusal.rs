//! What is said to whom a limit stops: every sentence, and after how many seconds it is worth trying again.

use super::{Action, Resource};
use crate::error::Error;

impl Action {
    /// The answer `secs` before the next one is free.
    pub(super) fn refusal(self, secs: u64) -> Error {
        let sentence = match self {
            // Who has noted enough is told nothing; the words are those of what was noted.
            Self::SignInFromNetwork | Self::SignInAtAccountFromNetwork | Self::NotedSignIn => {
                "Too many failed sign-ins from your network. Wait a little, then try again."
            }
            Self::SignInAtAccount => {
                "Too many failed sign-ins with this e-mail address. Wait a little, then try again, or from where you last signed in."
            }
            Self::Registration => "Too many accounts were made from your network. Try again later, or ask the operator for one.",
            Self::ClientRegistration => "Too many clients registered from your network. Try again later.",
            Self::AuthorizationRequest => "Too many requests to be let in came from your network. Wait a little, then try again.",
            Self::TokenRequest => "Too many token requests of this client. Wait a little, then try again.",
            Self::GuessedCode => "Too many requests were looked up. Wait a little, then try again.",
            Self::RefusedCredential => "Too many requests with credentials that do not work. Check yours, then try again later.",
        };
        Error::rate_limited(sentence, secs)
    }
}

impl Resource {
    /// The answer to who holds `held`, as many as allowed.
    pub(super) fn refusal(self, held: usize) -> Error {
        match self {
            Self::EventStream => Error::rate_limited(format!("You have {held} event streams open, as many as allowed. Close a page."), 30),
            Self::McpStream => {
                let sentence = format!("You have {held} open streams, as many as allowed. Close a client, or use Streamable HTTP instead.");
                Error::rate_limited(sentence, 30)
            }
            Self::CostlyCall => Error::rate_limited(
                format!("{held} contexts, exports or imports of this account are running, as many as allowed. Wait until one has ended."),
                1,
            ),
            Self::Upload => Error::rate_limited("Another import of this account is running. Wait until it has ended.", 10),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn each_refusal_says_what_there_was_too_much_of_and_when_to_come_back() {
        let rates = [
            Action::SignInFromNetwork,
            Action::SignInAtAccountFromNetwork,
            Action::SignInAtAccount,
            Action::Registration,
            Action::RefusedCredential,
            Action::ClientRegistration,
            Action::AuthorizationRequest,
            Action::TokenRequest,
            Action::GuessedCode,
        ];
        for error in rates.map(|action| action.refusal(7)) {
            assert_eq!((error.code(), error.retry_after_secs()), (Code::RateLimited, Some(7)));
            assert!(error.detail().starts_with("Too many "), "{}", error.detail());
        }
        let counts = [(Resource::EventStream, 30), (Resource::McpStream, 30), (Resource::Upload, 10), (Resource::CostlyCall, 1)];
        for (resource, secs) in counts {
            let error = resource.refusal(4);
            assert_eq!((error.code(), error.retry_after_secs()), (Code::RateLimited, Some(secs)), "{resource:?}");
        }
        assert!(Resource::McpStream.refusal(4).detail().starts_with("You have 4 open streams,"));
    }
}
