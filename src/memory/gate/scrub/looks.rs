//! How much a word looks made up, as passwords do and words, names, dates and addresses do not.

use std::sync::LazyLock;

use regex::Regex;

/// From the most ordinary to what nobody writes but as a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Look {
    /// A word, a compound of words, a date, a measure, an address, a stand-in for a value.
    Word,
    /// Four digits or more, and nothing else.
    Digits,
    /// Capitals and digits, as standards and products are named, and some passwords are.
    Named,
    /// Letters with digits or signs among them.
    Invented,
    /// Letters, digits and signs so mixed that it is nothing else.
    Certain,
}

pattern!(
    /// What has digits or signs in it, and is written every day.
    ORDINARY,
    r"(?x)^(?:
    \d+(?:[.,]\d+)?[-–]\p{L}[\p{L}\d–-]*          # 12-character, 2-factor
    | \d+(?:[.,]\d+)?\p{L}{1,3}                   # 90d, 21st, 16GB
    | \d{1,2}\p{Lu}\p{Ll}+                        # 1Password
    | (?:(?:\p{Lu}{2,}-?\d{1,5}\p{L}{0,2}|\d{1,2}\p{Lu}\p{Ll}+|\p{L}+)[-/.'’&+])+\p{L}{2,} # WPA2-encrypted
    | v?\d+(?:\.\d+)+\p{L}?                       # v2.3.1
    | \d{1,2}[-./]\p{L}{3,9}[-./]\d{2,4}          # 3-May-2024
    | \d{4}-\d\d-\d\d[T\d:.Z+-]*                  # 2024-05-03T10:00
    | \d{4}-(?:Q\d|W\d\d|KW\d\d) | [QH]\d[-/]\d{2,4}
    | \p{L}[\p{L}\d_]*(?:\.\p{L}[\p{L}\d_]*)*\.\p{Ll}{1,12} # vault2.kdbx, config.db2.password
    | \p{L}+(?:_\p{L}+)+
    | (?:[.~]?/|[A-Za-z]:\\)[\w.~/\\-]+           # paths
    | [^\s@:/]+@[^\s@]+\.\p{L}{2,}                # mail
    | [@\#][\w.-]+                                # handles, numbers of issues
    )$"
);
pattern!(
    /// What stands for a value that is elsewhere.
    PLACEHOLDER,
    r"^(?:[<\[{].*|\$(?:[{(].*|[A-Z_][A-Z0-9_]*|[a-z_]+)|%\w+%|%\(.*)$"
);
pattern!(NAMED, r"^(?:\p{Lu}[\p{Lu}\d./-]*\d[\p{Lu}\d./-]*|\d+\p{Lu}[\p{Lu}\d./-]*)$");

/// Signs that nobody writes within a word.
const ODD: &str = "!@#$%^*~\\";

/// Bytes of a word that are looked at.
const LONGEST: usize = 128;

/// How a word looks.
pub fn look(word: &str) -> Look {
    let word = &word[..word.floor_char_boundary(LONGEST)];
    let length = word.chars().count();
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let digits = word.chars().filter(char::is_ascii_digit).count();
    if digits == length && length > 3 {
        return Look::Digits;
    }
    let odd = word.chars().filter(|c| ODD.contains(*c)).count();
    let plain = length < 5 || letters == 0 || (digits == 0 && odd == 0);
    if plain || word.contains("://") || word.contains(['(', ')']) || is_placeholder(word) || ORDINARY.is_match(word) {
        return Look::Word;
    }
    if is_certain(word, length, digits, odd) {
        return Look::Certain;
    }
    if NAMED.is_match(word) { Look::Named } else { Look::Invented }
}

fn is_certain(word: &str, length: usize, digits: usize, odd: usize) -> bool {
    let (upper, lower) = (word.chars().any(char::is_uppercase), word.chars().any(char::is_lowercase));
    let turns = word.chars().zip(word.chars().skip(1)).filter(|(a, b)| a.is_alphabetic() && b.is_ascii_digit()).count();
    let signs = odd + word.chars().skip(1).filter(|c| matches!(c, '&' | '?' | '+')).count();
    let mixed = upper && lower;
    length >= 8
        && digits > 0
        && (signs > 0 && (mixed && !word.contains('=') || odd > 1) || mixed && turns > 1 && word.chars().all(char::is_alphanumeric))
}

/// Whether this only stands where a value would: a variable, a form, stars.
pub fn is_placeholder(word: &str) -> bool {
    let mut kinds: Vec<char> = word.chars().collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds.len() < 3 || PLACEHOLDER.is_match(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_names_and_passwords_are_told_apart() {
        for (look_of, words) in [
            (
                Look::Word,
                "case-sensitive well-known and/or l'ancien Ana's 12-character 90-day 21st 16GB 1Password WPA2-encrypted AES-256-encrypted \
                v2.3.1 3-May-2024 2024-05-03 10:30 vault2.kdbx example2.com /run/secrets/db2 maria84@example.com #1234 ${DB_PASS2} <your-pass1> \
                $PASSWORD1 ******** xxxxx hash2(pw) https://a.example/x?y=1 100% WPA2 db_password Tom&Jerry C++ Hund/Katze 2-factor 1Password-managed",
            ),
            (Look::Digits, "4711 12345678"),
            (Look::Named, "SHA-256 AES256 K7XQ2M ISO27001 ABC123 2FA88"),
            (Look::Invented, "hunter2 maria1984 Summer-2024 Sunflower2024 p@ssword Hund!Katze 2fast4u OAuth2 C++17x iPhone15"),
            (Look::Certain, "Tr0ub4dor&3 Hund!Katze42 xK9mQ2pLw7 P@ssw0rd! Кот!Пёс42 Güneş!2024 a#b$c%d1"),
        ] {
            for word in words.split_whitespace() {
                assert_eq!(look(word), look_of, "{word}");
            }
        }
    }
}
