//! A client, and what its name is worth.

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use super::redirect::RedirectUri;
use crate::auth::normal_client;

/// Longest name of a client that is kept, in characters.
const MOST_NAME: usize = 100;
/// What a client without a name is called.
const NAMELESS: &str = "A program without a name";

/// A client, as far as this server knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    pub id: String,
    /// What it calls itself: a claim, in plain characters.
    pub name: String,
    /// The host that vouches for it; `None` where it registered itself and nobody does.
    pub host: Option<String>,
    pub(super) redirects: Vec<RedirectUri>,
    /// Whether it proves who it is by a secret.
    pub(super) confidential: bool,
}

impl Client {
    /// The redirect URI that an authorization asks for, if the client registered it. One that names none means its only one.
    pub(super) fn redirect(&self, asked: Option<&str>) -> Option<RedirectUri> {
        match (asked, &self.redirects[..]) {
            (None, [only]) => Some(only.clone()),
            (None, _) => None,
            (Some(asked), registered) => {
                let asked = RedirectUri::parse(asked).ok()?;
                registered.iter().any(|one| one.admits(&asked)).then_some(asked)
            }
        }
    }
}

/// A name in characters that people can see and that turn nothing round.
pub(super) fn plain_name(name: &str) -> String {
    let seen = |c: char| {
        !matches!(
            c.general_category(),
            GeneralCategory::Control
                | GeneralCategory::Format
                | GeneralCategory::PrivateUse
                | GeneralCategory::Unassigned
                | GeneralCategory::LineSeparator
                | GeneralCategory::ParagraphSeparator
        )
    };
    let name: String = name.chars().filter(|c| seen(*c)).take(MOST_NAME).collect();
    let name = name.trim();
    if name.is_empty() { NAMELESS.to_owned() } else { name.to_owned() }
}

/// The app that a client's memories are filed under: its name, or where it is at when it bears the name of another.
pub(super) fn app_label(name: &str, hosts: &[&str]) -> String {
    let name = match imitates(name, hosts) {
        Some(_) => hosts.last().copied().unwrap_or(name),
        None => name,
    };
    let plain: String = name.chars().map(|c| if c.is_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { ' ' }).collect();
    let words = plain.split_whitespace().collect::<Vec<_>>().join("-");
    normal_client(&words).unwrap_or_else(|| "oauth".to_owned())
}

/// Names that people trust, and the hosts that may use them.
const TRUSTED: [(&str, &[&str]); 9] = [
    ("claude", &["claude.ai", "claude.com", "anthropic.com"]),
    ("anthropic", &["claude.ai", "claude.com", "anthropic.com"]),
    ("chatgpt", &["chatgpt.com", "openai.com"]),
    ("openai", &["chatgpt.com", "openai.com"]),
    ("cursor", &["cursor.com", "cursor.sh"]),
    ("vscode", &["vscode.dev", "visualstudio.com", "microsoft.com"]),
    ("copilot", &["github.com", "microsoft.com", "vscode.dev"]),
    ("gemini", &["google.com", "gemini.google.com"]),
    ("jonathansmemory", &[]),
];

/// The trusted name that a client bears without being at one of its hosts. A program on the person's own computer is at no host:
/// of that the person is warned in any case.
pub(super) fn imitates(name: &str, hosts: &[&str]) -> Option<&'static str> {
    let skeleton: String = name.nfkd().filter_map(folded).collect();
    let at =
        |host: &str, trusted: &[&str]| trusted.iter().any(|t| host == *t || host.strip_suffix(t).is_some_and(|rest| rest.ends_with('.')));
    let found = TRUSTED.iter().find(|(word, trusted)| skeleton.contains(word) && hosts.iter().any(|host| !at(host, trusted)));
    found.map(|(word, _)| *word)
}

/// A letter as it looks to a hasty reader; nothing for what stands between letters.
fn folded(c: char) -> Option<char> {
    let c = c.to_lowercase().next().unwrap_or(c);
    let c = match c {
        'а' | 'ɑ' | 'α' => 'a',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' | 'ҽ' => 'e',
        'ɡ' => 'g',
        'һ' => 'h',
        'і' | 'ı' | 'ι' => 'i',
        'ӏ' | '1' | '|' | 'ⅼ' => 'l',
        'о' | 'ο' | '0' => 'o',
        'р' | 'ρ' => 'p',
        'г' => 'r',
        'ѕ' | '5' => 's',
        'т' | 'τ' => 't',
        'υ' | 'ս' => 'u',
        'у' => 'y',
        c => c,
    };
    c.is_alphanumeric().then_some(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borrowed_names_are_noticed() {
        for name in ["Claude", "CLAUDE.AI", "C l a u d e", "Сlаude", "Cl\u{430}ud\u{435} Code", "Ｃｌａｕｄｅ", "C1aude", "Clau\u{301}de"]
        {
            assert_eq!(imitates(&plain_name(name), &["evil.example"]), Some("claude"), "{name}");
            assert_eq!(imitates(&plain_name(name), &["claude.ai"]), None, "{name}");
        }
        assert_eq!(imitates("ChatGPT", &["chatgpt.com.evil.example"]), Some("chatgpt"));
        assert_eq!(imitates("ChatGPT", &["evilchatgpt.com"]), Some("chatgpt"));
        assert_eq!(imitates("ChatGPT", &["auth.chatgpt.com"]), None);
        assert_eq!(imitates("Claude Code", &[]), None, "a program on this computer is at no host");
        assert_eq!(imitates("My notes", &["evil.example"]), None);
    }

    #[test]
    fn names_lose_what_nobody_sees() {
        assert_eq!(plain_name("Cl\u{200b}au\u{202e}de\n"), "Claude");
        assert_eq!(plain_name("\u{200b}"), NAMELESS);
        assert_eq!(plain_name(&"x".repeat(500)).chars().count(), MOST_NAME);
        assert_eq!(app_label("Claude Code (work)", &[]), "claude-code-work");
        assert_eq!(app_label("Claude", &["evil.example"]), "evil.example", "its memories do not pass for those of Claude");
        assert_eq!(app_label("***", &[]), "oauth");
    }
}
