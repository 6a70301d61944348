//! Rules of the operator, each a line of the configuration: `SCOPE [CALL] AMOUNT/PERIOD [burst N] [STRATEGY]`.

use std::{str::FromStr, time::Duration};

use rate_limits::{Rate, Strategy};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Call;

/// Whose calls are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleScope {
    /// Those of all.
    Global,
    /// Those of one account.
    Tenant,
    /// Those of one person.
    User,
    /// Those from one network: an IPv4 address, or an IPv6 /64.
    Network,
    /// Those with one key or personal URL; of a signed-in person, their own.
    Credential,
}

impl RuleScope {
    const ALL: [Self; 5] = [Self::Global, Self::Tenant, Self::User, Self::Network, Self::Credential];

    /// Its name in rules.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Tenant => "tenant",
            Self::User => "user",
            Self::Network => "network",
            Self::Credential => "credential",
        }
    }
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// As it was written.
    text: String,
    pub scope: RuleScope,
    /// `None` counts all calls together.
    pub call: Option<Call>,
    pub rate: Rate,
    pub strategy: Strategy,
}

impl Rule {
    /// Its name in headers and errors, such as `tenant-search`.
    #[must_use]
    pub fn name(&self) -> String {
        let scope = self.scope.as_str();
        self.call.map_or_else(|| scope.to_owned(), |call| format!("{scope}-{}", call.as_str()))
    }

    /// Whether it stops whom nobody knows yet.
    pub(super) fn is_at_the_door(&self) -> bool {
        self.call.is_none() && matches!(self.scope, RuleScope::Global | RuleScope::Network)
    }
}

impl FromStr for Rule {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace().peekable();
        let scope = words.next().unwrap_or_default();
        let scope = RuleScope::ALL
            .into_iter()
            .find(|known| known.as_str() == scope)
            .ok_or_else(|| format!("\"{scope}\" is none of {}", RuleScope::ALL.map(RuleScope::as_str).join(", ")))?;
        let call = words.next_if(|word| !word.contains('/')).map(str::parse).transpose()?;
        let mut rate = words.next().and_then(rate).ok_or("say how often as 600/minute (second, minute, hour, day)")?;
        let mut strategy = Strategy::default();
        while let Some(word) = words.next() {
            if word == "burst" {
                let burst = words.next().and_then(|n| n.parse().ok()).filter(|n| *n > 0).ok_or("burst takes a number from 1")?;
                rate = rate.with_burst(burst);
            } else {
                strategy = word.parse()?;
            }
        }
        Ok(Self { text: text.to_owned(), scope, call, rate, strategy })
    }
}

fn rate(text: &str) -> Option<Rate> {
    let (amount, period) = text.split_once('/')?;
    let period = match period {
        "second" => Duration::from_secs(1),
        "minute" => Duration::from_mins(1),
        "hour" => Duration::from_hours(1),
        "day" => Duration::from_hours(24),
        _ => return None,
    };
    amount.parse().ok().filter(|amount| *amount > 0).map(|amount| Rate::new(amount, period))
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(|why| serde::de::Error::custom(format!("the rule \"{text}\": {why}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_as_they_are_meant() {
        let rule: Rule = "tenant search 600/minute burst 50 sliding_window".parse().expect("a rule");
        assert_eq!((rule.name().as_str(), rule.scope, rule.call), ("tenant-search", RuleScope::Tenant, Some(Call::Search)));
        assert_eq!((rule.rate, rule.strategy), (Rate::new(600, Duration::from_mins(1)).with_burst(50), Strategy::SlidingWindow));
        let rule: Rule = "network 10/second".parse().expect("a rule");
        assert_eq!((rule.name().as_str(), rule.rate.burst, rule.strategy), ("network", 10, Strategy::Gcra));
        assert!(rule.is_at_the_door());
        for (wrong, why) in [
            ("", "is none of global"),
            ("everybody 1/second", "is none of global"),
            ("tenant", "say how often"),
            ("tenant 600", "is none of search"),
            ("tenant 0/minute", "say how often"),
            ("tenant 6/fortnight", "say how often"),
            ("tenant fly 6/minute", "is none of search"),
            ("tenant 6/minute burst", "burst takes"),
            ("tenant 6/minute magic", "is none of fixed_window"),
        ] {
            let said = wrong.parse::<Rule>().expect_err(wrong);
            assert!(said.contains(why), "{wrong}: {said}");
        }
    }
}
