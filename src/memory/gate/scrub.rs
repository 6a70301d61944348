//! Secrets and personal identifiers in a text: found by their form, where a form has one by its checksum, and where neither
//! is enough by what the text says of them.

macro_rules! pattern {
    ($(#[$about:meta])* $name:ident, $pattern:literal) => {
        $(#[$about])*
        static $name: LazyLock<Regex> = LazyLock::new(|| Regex::new($pattern).expect("a pattern"));
    };
}

mod cards;
mod looks;
mod passwords;

use std::{
    collections::HashMap,
    ops::Range,
    sync::{LazyLock, OnceLock},
};

use aho_corasick::AhoCorasick;
use regex::{Regex, bytes};
use serde::Deserialize;

/// Grows with every change of the rules.
pub const VERSION: u32 = 2;

/// What kind of thing was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Keys, tokens, passwords.
    Secret,
    /// Payment cards, bank accounts, social security numbers.
    Identifier,
    /// E-mail addresses and telephone numbers.
    Contact,
}

/// Something found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub kind: Kind,
    pub rule: String,
    /// Bytes of the text.
    pub range: Range<usize>,
}

#[derive(Deserialize)]
struct File {
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Rule {
    id: String,
    regex: String,
    #[serde(default)]
    entropy: f64,
    group: Option<usize>,
    keywords: Vec<String>,
    #[serde(skip)]
    compiled: OnceLock<Option<bytes::Regex>>,
}

impl Rule {
    /// Compiled when a text first has one of its keywords: most never do.
    fn pattern(&self) -> Option<&bytes::Regex> {
        let compiled = || bytes::RegexBuilder::new(&self.regex).unicode(false).size_limit(1 << 24).build();
        self.compiled.get_or_init(|| compiled().ok()).as_ref()
    }
}

struct Rules {
    all: Vec<Rule>,
    keywords: AhoCorasick,
    of_keyword: Vec<Vec<usize>>,
}

static SECRETS: LazyLock<Rules> = LazyLock::new(|| {
    let File { rules } = toml::from_str(include_str!("secrets.toml")).expect("the list of secrets");
    let mut of: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, rule) in rules.iter().enumerate() {
        for keyword in &rule.keywords {
            of.entry(keyword).or_default().push(at);
        }
    }
    let (words, of_keyword): (Vec<String>, Vec<Vec<usize>>) = of.into_iter().map(|(word, rules)| (word.to_owned(), rules)).unzip();
    let keywords = AhoCorasick::builder().ascii_case_insensitive(true).build(words).expect("keywords");
    Rules { all: rules, keywords, of_keyword }
});

// The borders are those of ASCII: scripts without spaces write their letters right beside these.
pattern!(IBAN, r"(?-u:\b)[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?-u:\b)");
pattern!(SSN, r"(?-u:\b)([0-9]{3})-([0-9]{2})-([0-9]{4})(?-u:\b)");
pattern!(EMAIL, r"(?-u:\b)[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}(?-u:\b)");
pattern!(
    PHONE,
    r"(?:\+[0-9]{1,3}[ .-]?(?:\(?[0-9]{1,4}\)?[ .-]?){2,5}[0-9]{2,4}|\([0-9]{3}\) ?[0-9]{3}-[0-9]{4}|(?-u:\b)[0-9]{3}[.-][0-9]{3}[.-][0-9]{4})(?-u:\b)"
);

pattern!(
    /// A key whose maker no rule knows, behind a word that says what it is.
    LABELLED_KEY,
    r#"(?i)(?:api[ _-]?key|secret[ _-]?(?:access[ _-]?)?key|client[ _-]?secret|(?:access|auth|bot|refresh)[ _-]?token|private[ _-]?key|account[ _-]?key|\bbearer|\btoken)["']?\s*(?:is|=|:|=>)?\s*["']?([A-Za-z0-9_+/=.:-]{20,})"#
);

/// Whether a word was drawn by chance: letters of both kinds or hexadecimal digits, with numbers among them.
fn is_drawn(word: &str) -> bool {
    let has = |of: fn(&u8) -> bool| word.bytes().any(|b| of(&b));
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    digits >= 3 && has(u8::is_ascii_alphabetic) && entropy(word) >= 3.0 && !word.contains("://")
}

/// Everything of the text that is a secret or identifies a person, in order, without overlaps.
#[must_use]
pub fn findings(text: &str) -> Vec<Finding> {
    let mut all = secrets(text);
    let mut add = |kind, rule: &str, range| all.push(Finding { kind, rule: rule.to_owned(), range });
    for (rule, range) in passwords::passwords(text) {
        add(Kind::Secret, rule, range);
    }
    for found in LABELLED_KEY.captures_iter(text).filter_map(|c| c.get(1)).filter(|m| is_drawn(m.as_str())) {
        add(Kind::Secret, "labelled-key", found.range());
    }
    cards::cards(text).for_each(|range| add(Kind::Identifier, "payment-card", range));
    IBAN.find_iter(text).filter(|m| is_iban(m.as_str())).for_each(|m| add(Kind::Identifier, "iban", m.range()));
    SSN.captures_iter(text).filter(|c| is_ssn(&c[1], &c[2], &c[3])).for_each(|c| add(Kind::Identifier, "us-ssn", c.get_match().range()));
    EMAIL.find_iter(text).for_each(|m| add(Kind::Contact, "e-mail", m.range()));
    PHONE.find_iter(text).for_each(|m| add(Kind::Contact, "phone", m.range()));
    all.sort_by_key(|finding| (finding.range.start, finding.kind));
    let mut apart: Vec<Finding> = Vec::with_capacity(all.len());
    for finding in all {
        match apart.last_mut() {
            // The graver one stays: an account may keep addresses, and one must not cover a password.
            Some(last) if finding.range.start < last.range.end => {
                if finding.kind < last.kind {
                    *last = finding;
                } else if finding.kind == last.kind {
                    last.range.end = last.range.end.max(finding.range.end);
                }
            }
            _ => apart.push(finding),
        }
    }
    apart
}

/// The text with what was found replaced by its name.
#[must_use]
pub fn redacted(text: &str, findings: &[Finding]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for finding in findings {
        out.push_str(&text[at..finding.range.start]);
        out.push_str("[redacted: ");
        out.push_str(&finding.rule);
        out.push(']');
        at = finding.range.end;
    }
    out.push_str(&text[at..]);
    out
}

fn secrets(text: &str) -> Vec<Finding> {
    let Rules { all, keywords, of_keyword } = &*SECRETS;
    let mut candidates: Vec<usize> =
        keywords.find_overlapping_iter(text).flat_map(|m| &of_keyword[m.pattern().as_usize()]).copied().collect();
    candidates.sort_unstable();
    candidates.dedup();
    let mut found = Vec::new();
    for rule in candidates.into_iter().map(|at| &all[at]) {
        let Some(pattern) = rule.pattern() else { continue };
        for captures in pattern.captures_iter(text.as_bytes()) {
            let group = rule
                .group
                .and_then(|at| captures.get(at))
                .or_else(|| captures.iter().skip(1).flatten().next())
                .unwrap_or(captures.get_match());
            // The patterns know bytes alone: a match may end inside a letter.
            let range = text.floor_char_boundary(group.start())..text.ceil_char_boundary(group.end());
            if entropy(&text[range.clone()]) >= rule.entropy {
                found.push(Finding { kind: Kind::Secret, rule: rule.id.clone(), range });
            }
        }
    }
    found
}

/// Shannon entropy in bits per character.
fn entropy(text: &str) -> f64 {
    let mut counts: HashMap<char, f64> = HashMap::new();
    for c in text.chars() {
        *counts.entry(c).or_default() += 1.0;
    }
    let all: f64 = counts.values().sum();
    -counts.values().map(|n| n / all * (n / all).log2()).sum::<f64>()
}

fn is_iban(text: &str) -> bool {
    let plain: String = text.chars().filter(|c| *c != ' ').collect();
    if !(15..=34).contains(&plain.len()) {
        return false;
    }
    // ISO 7064 mod 97-10, over the text with its first four characters moved to the end.
    let turned = plain[4..].chars().chain(plain[..4].chars());
    turned.filter_map(|c| c.to_digit(36)).fold(0u32, |rest, value| (rest * if value > 9 { 100 } else { 10 } + value) % 97) == 1
}

fn is_ssn(area: &str, group: &str, serial: &str) -> bool {
    area != "000" && area != "666" && !area.starts_with('9') && group != "00" && serial != "0000"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_of_the_list_compiles() {
        for rule in &SECRETS.all {
            assert!(rule.pattern().is_some(), "{}", rule.id);
            assert!(!rule.keywords.is_empty(), "{} would never be asked", rule.id);
        }
        assert!(SECRETS.all.len() > 200);
    }

    fn rules(text: &str) -> Vec<(Kind, String)> {
        findings(text).into_iter().map(|f| (f.kind, f.rule)).collect()
    }

    #[test]
    fn secrets_and_identifiers_are_found() {
        // Put together here, so that nobody's scanner takes this file for a leak.
        let aws = format!("AKIA{}", "Z7VRSQ5TJN2XMPLQ");
        let github = format!("ghp_{}", "k3J9xQ2mZ7vB1nR5tW8yD4fG6hL0pS2aEcUo");
        for (text, rule) in [
            (format!("the key is {aws}, keep it"), "aws-access-token"),
            (format!("use {github} for the repo"), "github-pat"),
            ("my wifi password is Tr0ub4dor&3!".into(), "password"),
            ("postgres://app:s3cretpw@db.example/app".into(), "url-password"),
        ] {
            assert_eq!(rules(&text), [(Kind::Secret, rule.to_owned())], "{text}");
        }
        assert_eq!(rules("card 4111 1111 1111 1111"), [(Kind::Identifier, "payment-card".into())]);
        assert_eq!(rules("IBAN DE89 3704 0044 0532 0130 00"), [(Kind::Identifier, "iban".into())]);
        assert_eq!(rules("SSN 536-90-4399"), [(Kind::Identifier, "us-ssn".into())]);
        assert_eq!(rules("jo@example.com, +47 22 12 34 56"), [(Kind::Contact, "e-mail".into()), (Kind::Contact, "phone".into())]);
    }

    #[test]
    fn a_key_that_says_what_it_is_needs_no_maker() {
        let key = format!("{}{}", "9f86d081884c7d65", "9a2feaa0c55ad015");
        for text in [
            format!("api_key: {key}"),
            format!("API_KEY={key}"),
            format!("my api key is {key}"),
            format!("{{\"client_secret\":\"{key}\"}}"),
            format!("Authorization: Bearer {key}"),
            format!("my telegram bot token 6497736815:{key}"),
        ] {
            let found = findings(&text);
            assert!(found.iter().any(|f| f.kind == Kind::Secret && text[f.range.clone()].contains(&key)), "{text}: {found:?}");
        }
        for text in
            ["the api key is in the vault of the operations team", "token of appreciation-from-the-whole-team", "Bearer bonds are old"]
        {
            assert!(findings(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        for text in [
            "She forgot her password is what I heard",
            "order 1234 5678 9012 3456 arrived",
            "room 536-00-4399",
            "the commit 3f2a9b7c was on 2023-05-08 at 10:30:00",
            "key insight: people like tea",
            "my token of appreciation is a cake",
            "Passwords are case-sensitive on the clinic portal",
            "The password is well-known to the whole team, ask Ana",
            "Order number 4503 2291 8811 0042 arrives Friday",
        ] {
            assert!(findings(text).is_empty(), "{text}: {:?}", findings(text));
        }
    }

    #[test]
    fn what_is_found_is_named_in_its_place() {
        let text = "pay 4111 1111 1111 1111 by jo@example.com";
        let found = findings(text);
        assert_eq!(redacted(text, &found), "pay [redacted: payment-card] by [redacted: e-mail]");
        assert_eq!(redacted(text, &[]), text);
        for (text, expected) in [
            ("DB_PASSWORD: 'Tr0ub4dor&3'", "DB_PASSWORD: '[redacted: password]'"),
            ("login: maria / pass: Tr0ub4dor&3", "login: maria / pass: [redacted: password]"),
            ("邮箱jo@example.com，密码是Tr0ub4dor&3。", "邮箱[redacted: e-mail]，密码是[redacted: password]。"),
            // An address does not cover a password.
            ("amqp://app:p@ss.x1@mq.example.com/", "amqp://app:[redacted: url-password]@mq.example.com/"),
            ("password is [redacted: password]", "password is [redacted: password]"),
        ] {
            assert_eq!(redacted(text, &findings(text)), expected);
        }
    }
}
