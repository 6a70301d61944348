//! Passwords as people write them down: beside a word for password in any of many languages, with a sign, a verb or nothing
//! between, in settings, commands and addresses. What stands there is a password if it looks made up: people write
//! about passwords far more often than they write one. The less the words around it promise, the more it must look so.
//!
//! A PIN of four to eight digits is a password. Six digits are none where they may be a postal code of India, which is called
//! a PIN as well: unless somebody says that the PIN *is* that number.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::looks::{Look, look};

pattern!(
    /// Words for a password: those that others are put in front of, those that are part of other words, those of scripts
    /// that glue words together; then abbreviations, numbers, and what stands before a name and its password.
    LABEL,
    r"(?ix)
    (?P<stem> passwor[dt](?:es|en|et|e|s)?(?:['’]s)? | passw[öo]rter[ns]? | passwd | passphrases? | passcodes? | requirepass | kennw[oö]rt(?:e?s|er)? | wachtwoord(?:en)?
      | mots?\ de\ passe | contrase[ñn]a s? | contrasenyes | contrasenya | palavras?[\ -]passe | lösenord(?:et)? | passord(?:et)? | adgangskoden? | парол(?:ь|я|ю|ем|е|и) )
    | (?P<word> senhas? | mdp | claves? | parola(?:m[ıi]z|n[ıi]z|s[ıi]|m|n|d'ordine)? | parolă | [sş][iİ]fre(?:miz|niz|si|m|n)?
      | has[łl](?:o|a|em|u|ami) | heslo | jelszó | jelszava?m? | salasana(?:ni)? | κωδικός\ πρόσβασης | συνθηματικό | mật\ khẩu | kata\ sandi | парола(?:та)? )
    | (?P<glued> 密码 | 密碼 | 口令 | パスワード | 合言葉 | 비밀번호 | 비번 | 패스워드 | 암호 | كلمة\ (?:ال)?(?:مرور|سر) | كلمة\ السر | باسورد | الباسورد
      | पासवर्ड | कूटशब्द | סיסמ[הא] | הסיסמ[הא] | รหัสผ่าน | গোপন\ সংকেত | পাসওয়ার্ড | گذرواژه | رمز\ عبور | پاس\ ?ورد )
    | (?P<short> pwd? | psk )
    | (?P<pass> pass )
    | (?P<pin> pin(?:[\ -]?(?:codes?|number|nummer))?(?:[码碼])? | puk | пин(?:-?код)? | código\ pin | code\ pin | codice\ pin | geheimzahl | 暗証番号 )
    | (?P<access> logins? | credentials? | zugangsdaten | anmeldedaten | identifiants | credenciales | credenciais | credenziali | inloggegevens | логин | 账号 | 帐号 )"
);
pattern!(
    /// `scheme://name:password@host`.
    IN_URL,
    r"\b[a-zA-Z][a-zA-Z0-9+.-]{0,30}://[^\s/:@]*:([^\s/?]{3,})@[^\s/@]"
);
pattern!(
    /// What phones read off a wall to join a network: `WIFI:T:WPA;S:name;P:password;;`.
    IN_WIFI_CODE,
    r"\bWIFI:(?:[TSHRAEI]:(?:\\.|[^;\\\n])*;)*P:((?:\\.|[^;\\\n])+)"
);
pattern!(
    /// `curl -u name:password`, `sshpass -p password`, `mysql -ppassword`.
    IN_COMMAND,
    r"(?:(?:^|\s)(?:-u|--user)[ =]?['\x22]?[\w.@-]+:|\b(?:sshpass|mysql\w*)\b[^\n|]{0,60}?\s-p\s?['\x22]?)([^\s'\x22]{3,})"
);
pattern!(
    /// `IDENTIFIED BY 'password'`, as databases are told.
    IN_STATEMENT,
    r"(?i)\bidentified\s+by\s+['\x22]([^'\x22\s]{3,})['\x22]"
);
pattern!(
    /// Whether somebody sets a password, where what it is set to follows `to`.
    CHANGED,
    r"(?i)chang|\bset\b|reset|updat|switch|geänder|gesetzt|setz|cambi|alter|mud(?:ei|ou|ar)|mis à|zmien|ustaw|измен|смен|поменя|gewijzigd|veranderd|değiştir|yaptı"
);

pattern!(
    /// What a name of somebody follows.
    NAMES,
    r"(?i)login|user|usr\b|benutzer|utilisateur|usuario|usuário|utente|логин|mail|账号|account|\bname\b"
);

/// Bytes after a label in which a password may stand, and before it.
const AFTER: usize = 120;
const BEFORE: usize = 60;
/// Words that are looked at on either side.
const WORDS: usize = 10;

/// What says "is".
#[rustfmt::skip]
const BEING: [&str; 49] = [
    "is", "are", "was", "were", "be", "equals", "reads", "ist", "lautet", "lautete", "heißt", "heisst", "war", "sind", "est", "était", "es", "era",
    "son", "é", "è", "e'", "foi", "fue", "sono", "luidt", "jest", "brzmi", "był", "było", "это", "был", "такой", "är", "var", "je", "este", "là",
    "adalah", "er", "c'est", "siendo", "คือ", "είναι", "هو", "هي", "היא", "הוא", "है",
];
/// What says it in scripts without spaces.
const BEING_GLUED: [&str; 18] =
    ["就是", "改成", "改为", "设为", "設為", "是", "为", "為", "は", "が", "는", "은", "이", "가", "คือ", "के", "को", "का"];
/// What may stand between that and the password.
#[rustfmt::skip]
const STILL: [&str; 27] = [
    "now", "still", "currently", "just", "simply", "always", "probably", "again", "jetzt", "noch", "immer", "einfach", "maintenant", "toujours", "ahora",
    "agora", "ora", "adesso", "nu", "teraz", "теперь", "сейчас", "şimdi", "als", "wie", "folgt", "follows",
];
/// What the password is set to follows these.
const TO: [&str; 6] = ["to", "auf", "a", "à", "на", "naar"];
/// What the password is for follows these; and after a password, they go on.
#[rustfmt::skip]
const OF: [&str; 58] = [
    "for", "of", "to", "on", "at", "in", "from", "für", "von", "vom", "zum", "zur", "zu", "am", "im", "des", "der", "fürs", "pour", "de", "du", "sur",
    "para", "del", "do", "da", "no", "na", "per", "di", "della", "dello", "su", "voor", "van", "op", "dla", "od", "w", "от", "для", "к", "у",
    "için", "and", "but", "or", "und", "oder", "aber", "et", "y", "e", "en", "ve", "и", "і", "if",
];
/// The pairs in which people quote.
const QUOTES: [(char, char); 10] =
    [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('„', '“'), ('«', '»'), ('‘', '’'), ('「', '」'), ('『', '』'), ('‚', '‘')];

/// How a password is announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    /// A word for password that others are put in front of.
    Stem,
    /// One that may be part of others.
    Word,
    /// One of a script that glues words together.
    Glued,
    /// An abbreviation.
    Short,
    /// That which is a word as well.
    Pass,
    /// A password of digits.
    Pin,
    /// What announces a name and its password.
    Access,
}

/// The groups of [`LABEL`].
const LABELS: [(&str, Label); 7] = [
    ("stem", Label::Stem),
    ("word", Label::Word),
    ("glued", Label::Glued),
    ("short", Label::Short),
    ("pass", Label::Pass),
    ("pin", Label::Pin),
    ("access", Label::Access),
];

/// What stands between the announcement and what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    Sign,
    Verb,
    Nothing,
}

/// Bytes of the passwords of a text, in no order, with the name of the rule.
pub fn passwords(text: &str) -> Vec<(&'static str, Range<usize>)> {
    let mut found = Vec::new();
    for captures in LABEL.captures_iter(text) {
        let announced = LABELS.iter().find_map(|(name, label)| Some(Announced::new(text, captures.name(name)?.range(), *label)));
        let passwords = announced.filter(Announced::stands_alone).map(|announced| announced.passwords());
        found.extend(passwords.into_iter().flatten().map(|range| ("password", range)));
    }
    let mut add = |rule, pattern: &Regex| {
        let passwords = pattern.captures_iter(text).filter_map(|captures| captures.get(1));
        found.extend(passwords.filter(|m| !super::looks::is_placeholder(m.as_str())).map(|m| (rule, m.range())));
    };
    add("url-password", &IN_URL);
    add("password", &IN_WIFI_CODE);
    add("password", &IN_STATEMENT);
    let commands = IN_COMMAND.captures_iter(text).filter_map(|captures| captures.get(1));
    found.extend(commands.filter(|m| look(m.as_str()) >= Look::Named).map(|m| ("password", m.range())));
    found
}

/// A label in a text.
struct Announced<'a> {
    text: &'a str,
    at: Range<usize>,
    label: Label,
    /// What stands before, from the beginning of a word.
    before: Range<usize>,
    /// What follows, up to the end of a word.
    after: Range<usize>,
}

impl<'a> Announced<'a> {
    fn new(text: &'a str, at: Range<usize>, label: Label) -> Self {
        let start = text.floor_char_boundary(at.start.saturating_sub(BEFORE));
        let word = &text[text.floor_char_boundary(start.saturating_sub(BEFORE))..start];
        let start = start - word.chars().rev().take_while(|c| !c.is_whitespace()).map(char::len_utf8).sum::<usize>();
        let end = text.floor_char_boundary(at.end + AFTER);
        let word = &text[end..text.floor_char_boundary(end + BEFORE)];
        let end = end + word.find(char::is_whitespace).unwrap_or(0);
        Self { text, before: start..at.start, after: at.end..end, at, label }
    }

    /// Whether this is a label and no part of another word or name.
    fn stands_alone(&self) -> bool {
        let label = &self.text[self.at.clone()];
        let before = self.text[..self.at.start].chars().next_back();
        let mut after = self.text[self.at.end..].chars();
        let (after, beyond) = (after.next(), after.next());
        let hump = before.is_some_and(char::is_lowercase) && label.starts_with(char::is_uppercase);
        let prefixed = before.is_some_and(char::is_alphanumeric) && !hump && !matches!(self.label, Label::Stem | Label::Glued);
        let suffixed = after.is_some_and(|c| c.is_alphanumeric() && !is_wide(c)) && self.label != Label::Glued;
        // `password-protected`, `password_hash`, `passwords.txt`.
        let joined = after.is_some_and(|c| "-_./\\".contains(c)) && beyond.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !(prefixed || suffixed || joined)
    }

    fn passwords(&self) -> Vec<Range<usize>> {
        if self.in_address() && !self.is_parameter() {
            return Vec::new();
        }
        let (link, at) = self.link();
        if let Some((value, quoted)) = self.value(at)
            && self.takes(link, &value, quoted)
        {
            return vec![value];
        }
        if self.label == Label::Pin {
            return Vec::new();
        }
        let certain = |range: &Range<usize>| look(&self.text[range.clone()]) == Look::Certain;
        let after: Vec<_> = words(self.text, self.after.clone()).into_iter().take(WORDS).filter(certain).collect();
        if !after.is_empty() || !matches!(self.label, Label::Stem | Label::Word | Label::Glued) {
            return after;
        }
        words(self.text, self.before.clone()).into_iter().rev().take(WORDS / 2).filter(certain).collect()
    }

    /// Whether the label is part of a web address.
    fn in_address(&self) -> bool {
        let before = &self.text[self.before.clone()];
        before.rsplit(char::is_whitespace).next().is_some_and(|word| word.contains("://"))
    }

    fn is_parameter(&self) -> bool {
        self.text[..self.at.start].ends_with(['?', '&'])
    }

    /// Whether the label is that of a setting or follows a name: `DB_PASS`, `--pass`, `login: x / pass: y`.
    fn is_field(&self) -> bool {
        let before = &self.text[self.before.clone()];
        before.ends_with('_') || before.ends_with("--") || NAMES.is_match(before)
    }

    /// What links the label to what follows, and where that begins.
    fn link(&self) -> (Link, usize) {
        let window = &self.text[self.after.clone()];
        let mut rest = window.trim_start_matches(['"', '\'', '`', '*', ')', ']', '»', '”', '\\']);
        let mut link = Link::Nothing;
        for _ in 0..6 {
            let trimmed = if link == Link::Sign { rest.trim_start() } else { rest.trim_start_matches([' ', '\t', '\u{a0}']) };
            if let Some(after) = after_sign(trimmed) {
                (link, rest) = (Link::Sign, after);
            } else if let Some(after) = self.after_verb(trimmed, link) {
                (link, rest) = (if link == Link::Sign { link } else { Link::Verb }, after);
            } else if link == Link::Nothing
                && let Some(after) = self.after_purpose(trimmed)
            {
                (link, rest) = after;
            } else {
                rest = trimmed;
                break;
            }
        }
        (link, self.at.end + (window.len() - rest.len()))
    }

    fn after_verb<'t>(&self, rest: &'t str, link: Link) -> Option<&'t str> {
        if self.is_glued() {
            let glued = BEING_GLUED.iter().find_map(|verb| rest.strip_prefix(verb));
            if let Some(after) = glued.filter(|after| !after.starts_with(char::is_alphabetic) || after.starts_with(|c: char| c.is_ascii()))
            {
                return Some(after);
            }
        }
        let (word, after) = rest.split_once(char::is_whitespace)?;
        let word = word.trim_end_matches(':').to_lowercase();
        if link != Link::Nothing && CHANGED.is_match(&word) {
            return after.split_once(char::is_whitespace).filter(|(to, _)| self.leads_to(to)).map(|(_, after)| after);
        }
        let sets = || self.leads_to(&word) && CHANGED.is_match(&self.text[self.before.start..self.after.end]);
        let is = self.says_is(&word) || link != Link::Nothing && STILL.contains(&word.as_str()) || link == Link::Nothing && sets();
        is.then_some(after)
    }

    /// Whether a word says "is"; `to` does so in Polish.
    fn says_is(&self, word: &str) -> bool {
        BEING.contains(&word) || word == "to" && self.text[self.at.clone()].to_lowercase().starts_with("has")
    }

    /// Whether the label only tells what something else is of, as in "gestore di password".
    fn is_genitive(&self) -> bool {
        let word = self.text[self.before.clone()].trim_end().rsplit(char::is_whitespace).next();
        word.is_some_and(|word| ["of", "de", "di", "von", "van"].contains(&word))
    }

    /// Whether what somebody sets the password to follows a word, in the language of the label.
    fn leads_to(&self, word: &str) -> bool {
        let label = self.text[self.at.clone()].to_lowercase();
        match word {
            "na" => label.starts_with("has"),
            "para" => label.starts_with("senha") || label.starts_with("palavra"),
            word => TO.contains(&word),
        }
    }

    fn is_glued(&self) -> bool {
        self.label == Label::Glued || self.text[self.at.clone()].chars().any(is_wide)
    }

    /// Beyond what the password is for, in brackets or after a preposition.
    fn after_purpose<'t>(&self, rest: &'t str) -> Option<(Link, &'t str)> {
        if let Some(inner) = rest.strip_prefix('(') {
            let (inside, after) = inner.split_once(')')?;
            return inside.split_whitespace().all(|word| look(word) < Look::Invented).then_some((Link::Nothing, after));
        }
        let (first, mut rest) = rest.split_once(char::is_whitespace)?;
        if !OF.contains(&first.to_lowercase().as_str()) {
            return None;
        }
        for _ in 0..8 {
            let (word, after) = rest.split_once(char::is_whitespace)?;
            if word.ends_with([':', '=']) {
                return Some((Link::Sign, after));
            }
            if let Some(after) = after_sign(rest) {
                return Some((Link::Sign, after));
            }
            if self.says_is(&word.to_lowercase()) {
                return Some((Link::Verb, after));
            }
            if word.ends_with(['.', '!', '?', ';']) {
                return None;
            }
            rest = after;
        }
        None
    }

    /// The quoted text or the word that begins at a place, and whether it is quoted.
    fn value(&self, at: usize) -> Option<(Range<usize>, bool)> {
        let rest = &self.text[at..self.after.end];
        let first = rest.chars().next().filter(|c| !is_wide(*c) || QUOTES.iter().any(|(open, _)| open == c))?;
        for (open, close) in QUOTES {
            if first == open
                && let Some(end) = rest[open.len_utf8()..].find([close, '\n'])
            {
                let start = at + open.len_utf8();
                let inside = self.text[start..start + end].trim_end_matches('\\');
                return (!inside.is_empty()).then_some((start..start + inside.len(), true));
            }
        }
        let stops =
            |c: char| c.is_whitespace() || matches!(c, ';' | '<' | '"' | '`' | '|') || is_wide(c) || (c == '&' && self.is_parameter());
        // A word may go on behind the window.
        let rest = &self.text[at..self.text.floor_char_boundary(at + 2 * AFTER)];
        let end = rest.find(stops).unwrap_or(rest.len());
        let range = trimmed(self.text, at..at + end);
        (!range.is_empty()).then_some((range, false))
    }

    /// Whether what follows the label is a password.
    fn takes(&self, link: Link, value: &Range<usize>, quoted: bool) -> bool {
        let word = &self.text[value.clone()];
        let look = if quoted { word.split_whitespace().map(look).max().unwrap_or(Look::Word) } else { look(word) };
        if self.label == Label::Pin {
            return look == Look::Digits && self.is_pin(link, word, self.ends_clause(value.end));
        }
        let ends = || quoted || self.ends_clause(value.end);
        let strict = match self.label {
            Label::Access => true,
            Label::Pass => !(self.is_field() && (link == Link::Sign || self.text[..self.at.start].ends_with("--"))),
            Label::Short => link == Link::Nothing,
            _ => self.is_genitive(),
        };
        if strict {
            return look == Look::Certain;
        }
        let code = self.text[self.at.clone()].to_lowercase().contains("code");
        match (look, link) {
            (Look::Word, _) => false,
            (Look::Digits, Link::Verb) => ends() && (code || word.len() > 4),
            (Look::Digits, Link::Nothing) => ends() && word.len() > 5,
            (Look::Named, Link::Nothing) => quoted,
            (Look::Digits | Look::Named, _) => ends(),
            (Look::Invented, Link::Nothing) => ends() || self.label == Label::Glued,
            (Look::Invented | Look::Certain, _) => true,
        }
    }

    fn is_pin(&self, link: Link, digits: &str, ends: bool) -> bool {
        let label = &self.text[self.at.clone()];
        let capital = label.contains("PIN") || label.contains("PUK") || !label.is_ascii() || label.eq_ignore_ascii_case("geheimzahl");
        let postal = label.is_ascii() && digits.len() == 6 && (link != Link::Verb || label.to_lowercase().contains("code"));
        let told = link != Link::Nothing || capital;
        digits.len() <= 8 && !postal && told && (capital || ends)
    }

    /// Whether a clause ends here, or goes on with what the password is for: what describes a noun is no password.
    fn ends_clause(&self, at: usize) -> bool {
        let rest = self.text[at..].trim_start_matches([' ', '\t', ')', '"', '\'', '”', '»', '*', '`']);
        let word: String = rest.chars().take_while(|c| c.is_alphanumeric()).take(20).collect();
        word.is_empty() || word.chars().all(is_wide) || !word.is_ascii() && self.is_glued() || OF.contains(&word.to_lowercase().as_str())
    }
}

/// Beyond a sign that gives a value to what stands before it.
fn after_sign(rest: &str) -> Option<&str> {
    let after = rest.trim_start_matches([':', '=', '：', '＝', '→', '>', '|']);
    let after =
        if after.len() == rest.len() { ["-> ", "— ", "– ", "- "].iter().find_map(|sign| rest.strip_prefix(sign))? } else { after };
    Some(after.trim_start().trim_start_matches(['*', '_', '\\']))
}

/// Whole words of a part of a text, without the punctuation around them.
fn words(text: &str, within: Range<usize>) -> Vec<Range<usize>> {
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut start = None;
    let part = &text[within.clone()];
    let mut previous = None;
    for (at, c) in part.char_indices().chain([(part.len(), ' ')]) {
        let breaks = c.is_whitespace() || previous.is_some_and(|previous| is_wide(previous) != is_wide(c));
        if breaks && let Some(start) = start.take() {
            words.push(trimmed(text, within.start + start..within.start + at));
        }
        if start.is_none() && !c.is_whitespace() {
            start = Some(at);
        }
        previous = Some(c);
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A word without brackets, quotes and punctuation around it.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let word = &text[range.clone()];
    let opened = word.trim_start_matches(['(', '"', '\'', '`', '“', '„', '«', '‘', '‚', '*', ':', '=']);
    let closed = opened.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '}', '"', '\'', '`', '”', '“', '»', '’', '*', '…']);
    let start = range.end - opened.len();
    start..start + closed.len()
}

/// Letters and punctuation of scripts without spaces, and Korean, whose particles cling to what they follow.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{3000}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{ff00}'..='\u{ffef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line with its password in double brackets, or without any.
    const LINES: &str = include_str!("passwords.txt");

    #[test]
    fn passwords_are_found_and_talk_of_them_is_not() {
        let mut wrong = Vec::new();
        for line in LINES.lines().filter(|line| !line.is_empty() && !line.starts_with("## ")) {
            let text = line.replace("\\n", "\n").replace(['⟦', '⟧'], "");
            let expected: Vec<&str> = line.split('⟦').skip(1).filter_map(|part| Some(part.split_once('⟧')?.0)).collect();
            let mut found: Vec<_> = passwords(&text).into_iter().map(|(_, range)| range).collect();
            found.sort_by_key(|range| range.start);
            found.dedup();
            let found: Vec<&str> = found.into_iter().map(|range| &text[range]).collect();
            if found != expected {
                wrong.push(format!("{line}\n    {found:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn a_long_text_takes_time_by_its_length() {
        for part in [
            "password ",
            "password for ",
            "password to Tr0 ",
            "pw=",
            "://:a",
            "WIFI:T:",
            "https://a:b@",
            "密码",
            "login: a ",
            "pass:'",
            "password is \"",
            "password is a",
            "-u a:b ",
        ] {
            // Far more than it takes: others use the machine as well.
            let text = part.repeat((64 << 10) / part.len());
            let start = std::time::Instant::now();
            let _ = passwords(&text);
            assert!(start.elapsed().as_secs() < 20, "{part:?}: {:?}", start.elapsed());
        }
    }
}
