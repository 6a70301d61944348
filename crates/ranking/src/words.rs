//! What a text is found by: its words, reduced to their stems; both forms where there are two; the parts of what was glued
//! together and the whole of what belongs together; and pairs of letters where a script writes no spaces. The same for memories
//! and questions.
//!
//! A text in Latin letters is of the language whose commonest words are most frequent in it. Every word is stemmed as English,
//! since a name or one word of a question tells no language; where the text is of another, the stem of that language is a second
//! form.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::{IsNormalized, UnicodeNormalization, char::is_combining_mark, is_nfkc_quick};
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

/// The English stop words of NLTK.
static ENGLISH: LazyLock<HashSet<&'static str>> = LazyLock::new(|| include_str!("english.txt").split_whitespace().collect());

/// A language: its commonest words, and its Snowball stemmer where there is one.
struct Language {
    common: HashSet<&'static str>,
    stemmer: Option<Algorithm>,
}

static OTHERS: LazyLock<Vec<Language>> = LazyLock::new(|| {
    let line = |line: &'static str| {
        let mut words = line.split(' ');
        let stemmer = match words.next().unwrap_or_default() {
            "spanish" => Some(Algorithm::Spanish),
            "portuguese" => Some(Algorithm::Portuguese),
            "french" => Some(Algorithm::French),
            "german" => Some(Algorithm::German),
            "italian" => Some(Algorithm::Italian),
            "dutch" => Some(Algorithm::Dutch),
            "swedish" => Some(Algorithm::Swedish),
            "danish" => Some(Algorithm::Danish),
            "norwegian" => Some(Algorithm::Norwegian),
            "finnish" => Some(Algorithm::Finnish),
            "hungarian" => Some(Algorithm::Hungarian),
            "romanian" => Some(Algorithm::Romanian),
            "turkish" => Some(Algorithm::Turkish),
            "russian" => Some(Algorithm::Russian),
            "greek" => Some(Algorithm::Greek),
            "arabic" => Some(Algorithm::Arabic),
            _ => None,
        };
        Language { common: words.collect(), stemmer }
    };
    include_str!("languages.txt").lines().map(line).collect()
});

/// Languages by a common word of theirs.
static BY_WORD: LazyLock<HashMap<&'static str, Vec<usize>>> = LazyLock::new(|| {
    let mut by_word: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, language) in OTHERS.iter().enumerate() {
        language.common.iter().for_each(|word| by_word.entry(word).or_default().push(at));
    }
    by_word
});

/// The language of a text other than English, by its words in lower case.
fn language(words: &[String]) -> Option<&'static Language> {
    let mut counts = [0usize; 32];
    let mut english = 0;
    for word in words {
        english += usize::from(ENGLISH.contains(word.as_str()));
        BY_WORD.get(word.as_str()).into_iter().flatten().for_each(|at| counts[*at] += 1);
    }
    let (at, most) = counts.iter().enumerate().max_by_key(|(at, count)| (**count, std::cmp::Reverse(*at)))?;
    (*most > english).then(|| &OTHERS[at])
}

/// Lower-case words: letters with their marks, digits, `_` and inner apostrophes, without `'s`.
pub fn words(text: &str) -> impl Iterator<Item = String> {
    written(text).into_iter().map(|word| word.to_lowercase())
}

/// The same as they are written.
fn written(text: &str) -> Vec<String> {
    let text = text.replace('\u{2019}', "'");
    let words = text.split(|c: char| !(c.is_alphanumeric() || is_mark(c) || c == '_' || c == '\''));
    let bare = words.map(|word| {
        let word = word.trim_matches('\'');
        word.strip_suffix("'s").or_else(|| word.strip_suffix("'S")).unwrap_or(word).to_owned()
    });
    bare.filter(|word| !word.is_empty()).collect()
}

/// The names in a question: what is written with a capital, or a digit, other than its first word.
pub fn names(question: &str) -> impl Iterator<Item = String> {
    let written = written(question);
    written.into_iter().skip(1).filter(|word| word.starts_with(|c: char| c.is_uppercase() || c.is_numeric()) && word != "I")
}

/// A vowel sign, a tone or an accent, which belongs to the letter before it.
fn is_mark(c: char) -> bool {
    !c.is_ascii() && c.general_category_group() == GeneralCategoryGroup::Mark
}

/// Han, kana, Hangul, Thai, Lao, Burmese and Khmer: scripts that write no spaces, or glue particles to words. Parts of a run must
/// match, so it is indexed by its pairs of letters.
pub(crate) const fn runs_on(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{1100}'..='\u{11ff}' | '\u{3040}'..='\u{30ff}' | '\u{3130}'..='\u{318f}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Whether a word in lower case is among the commonest of a language.
pub(crate) fn is_common(word: &str) -> bool {
    ENGLISH.contains(word) || BY_WORD.contains_key(word)
}

/// A form of a word, and which word of the text that is, from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// What the index keeps.
    pub form: String,
    /// Forms of one word are alternatives.
    pub word: usize,
}

/// What a text is found by, word by word.
#[must_use]
pub fn terms(text: &str) -> Vec<Term> {
    let composed;
    let text = if is_nfkc_quick(text.chars()) == IsNormalized::Yes {
        text
    } else {
        composed = text.nfkc().collect::<String>();
        &composed
    };
    let written = written(text);
    let lower: Vec<String> = written.iter().map(|word| word.to_lowercase()).collect();
    let of = language(&lower);
    let other = of.and_then(|of| of.stemmer).map(Stemmer::create);
    let mut forms = Forms { of, english: Stemmer::create(Algorithm::English), other, found: Vec::new(), words: 0 };
    for (word, lower) in written.iter().zip(lower) {
        if word.is_ascii() || !word.chars().any(runs_on) {
            forms.add(&lower);
            let parts = glued(word);
            parts.iter().filter(|part| part.len() > 1 && part.len() < word.len()).for_each(|part| forms.add(&part.to_lowercase()));
        } else {
            for pair in pairs(word) {
                forms.push([pair.to_lowercase()]);
            }
        }
    }
    wholes(text).for_each(|whole| forms.push([whole]));
    forms.found
}

struct Forms {
    of: Option<&'static Language>,
    english: Stemmer,
    other: Option<Stemmer>,
    found: Vec<Term>,
    words: usize,
}

impl Forms {
    fn push(&mut self, forms: impl IntoIterator<Item = String>) {
        let word = self.words;
        self.words += 1;
        self.found.extend(forms.into_iter().map(|form| Term { form, word }));
    }

    fn add(&mut self, word: &str) {
        if self.of.map_or_else(|| ENGLISH.contains(word), |of| of.common.contains(word)) {
            return;
        }
        let mut forms = vec![self.english.stem(word).into_owned()];
        forms.extend(self.other.as_ref().map(|stemmer| stemmer.stem(word).into_owned()));
        if !word.is_ascii() {
            if let Some(bare) = without_marks(word) {
                forms.extend(self.other.as_ref().map(|stemmer| stemmer.stem(&bare).into_owned()));
                forms.push(self.english.stem(&bare).into_owned());
            }
            forms.extend(without_particle(word));
        }
        forms.sort_unstable();
        forms.dedup();
        self.push(forms);
    }
}

/// A word without accents and other marks over or under its letters; `None` where it has none.
fn without_marks(word: &str) -> Option<String> {
    let of_alphabet = |c: char| c < '\u{530}' || ('\u{1e00}'..='\u{1fff}').contains(&c);
    if !word.chars().all(of_alphabet) {
        return None;
    }
    let bare: String = word.nfd().filter(|c| !is_combining_mark(*c)).map(|c| if c == 'ё' { 'е' } else { c }).collect();
    let bare = bare.replace('ß', "ss").replace('ø', "o").replace('ł', "l").replace('ı', "i");
    (bare != word).then_some(bare)
}

/// A Hebrew word without the article, conjunction or preposition that is written as its first letter.
fn without_particle(word: &str) -> Option<String> {
    let mut letters = word.chars();
    let first = letters.next().filter(|c| matches!(c, 'ה' | 'ו' | 'ב' | 'ל' | 'מ' | 'ש' | 'כ'))?;
    (letters.clone().count() >= 3).then(|| word[first.len_utf8()..].to_owned())
}

/// What belongs together although it is more than one word: addresses, paths, versions, numbers with signs, `C++`.
fn wholes(text: &str) -> impl Iterator<Item = String> {
    let whole = |piece: &str| {
        let piece = piece.trim_matches(|c: char| !(c.is_alphanumeric() || matches!(c, '+' | '#' | '/')));
        let joins =
            |c: char| matches!(c, '.' | '@' | '/' | ':' | '\\' | '+' | '#') || (c == '-' && piece.contains(|c: char| c.is_ascii_digit()));
        let piece = piece.trim_end_matches('/');
        (piece.len() > 1 && piece.len() < 200 && piece.is_ascii() && piece.contains(joins) && piece.contains(|c: char| c.is_alphanumeric()))
            .then(|| piece.to_lowercase())
    };
    text.split_whitespace().filter_map(whole)
}

/// The parts of `camelCase` and `snake_case`.
fn glued(word: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut from, mut before) = (0, None::<char>);
    for (at, c) in word.char_indices() {
        let begins = c == '_' || before == Some('_') || (c.is_uppercase() && before.is_some_and(char::is_lowercase));
        if begins && at > from {
            parts.push(word[from..at].trim_matches('_'));
            from = at;
        }
        before = Some(c);
    }
    parts.push(word[from..].trim_matches('_'));
    parts
}

/// The pairs of letters of the runs in a word, and whatever stands between those.
fn pairs(word: &str) -> Vec<String> {
    // A letter with its marks is one.
    let mut letters: Vec<String> = Vec::new();
    for c in word.chars() {
        match letters.last_mut() {
            Some(letter) if is_mark(c) => letter.push(c),
            _ => letters.push(c.into()),
        }
    }
    let run = |letter: &String| letter.chars().next().is_some_and(runs_on);
    let of_chunk = |chunk: &[String]| -> Vec<String> {
        if chunk.len() > 1 && run(&chunk[0]) { chunk.windows(2).map(<[String]>::concat).collect() } else { vec![chunk.concat()] }
    };
    letters.chunk_by(|a, b| run(a) == run(b)).flat_map(of_chunk).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(text: &str) -> Vec<String> {
        terms(text).into_iter().map(|term| term.form).collect()
    }

    #[test]
    fn words_fold_case_apostrophes_and_possessives() {
        assert_eq!(words("Caroline\u{2019}s dog, don't 'stop'!").collect::<Vec<_>>(), ["caroline", "dog", "don't", "stop"]);
        assert_eq!(words("हिन्दी, ฉันแพ้กุ้ง").collect::<Vec<_>>(), ["हिन्दी", "ฉันแพ้กุ้ง"], "marks belong to their word");
    }

    #[test]
    fn a_text_has_the_language_of_its_common_words() {
        let stemmer = |text: &str| language(&words(text).collect::<Vec<_>>()).and_then(|of| of.stemmer);
        assert!(matches!(stemmer("¿Dónde está la casa de mi hermana?"), Some(Algorithm::Spanish)));
        assert!(matches!(stemmer("Wo ist der Schlüssel für das Haus?"), Some(Algorithm::German)));
        assert!(matches!(stemmer("Где находится ключ от моей квартиры"), Some(Algorithm::Russian)));
        assert!(stemmer("Where is the key of the house?").is_none() && stemmer("Berlin").is_none() && stemmer("").is_none());
    }

    #[test]
    fn stems_marks_and_particles_are_forms_of_their_word() {
        assert_eq!(forms("the running dogs"), ["run", "dog"]);
        assert!(forms("Die Häuser sind alt und die Gärten auch").contains(&"haus".to_owned()));
        assert!(forms("naïve").contains(&"naiv".to_owned()) && forms("ёлка").contains(&"елка".to_owned()));
        assert!(forms("הספר").contains(&"ספר".to_owned()));
        assert_eq!(terms("naïve dogs").iter().map(|term| term.word).max(), Some(1), "forms of one word are one");
    }

    #[test]
    fn what_belongs_together_is_found_whole_and_in_parts() {
        for (text, whole) in [
            ("Mail ana.b@example.com today", "ana.b@example.com"),
            ("see src/main.rs.", "src/main.rs"),
            ("upgrade to v1.24.3!", "v1.24.3"),
            ("I write C++ and C#", "c++"),
            ("at https://example.com/a/", "https://example.com/a"),
            ("ticket ISO-27001", "iso-27001"),
        ] {
            assert!(forms(text).contains(&whole.to_owned()), "{text}: {:?}", forms(text));
        }
        assert!(forms("src/main.rs").contains(&"main".to_owned()));
        assert!(!forms("He said: go. Then, well-known").iter().any(|form| form.contains(['.', ':', '-'])));
        assert!(forms("ＦＵＬＬ width").contains(&"full".to_owned()), "compatibility forms are one");
    }
}
