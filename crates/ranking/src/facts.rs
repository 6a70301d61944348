//! What can be told of a memory before anything is asked: how long it is, whether it is a question, whether it names a time or a
//! number. And the same two of a question: whether it asks when, or how many.

use std::{collections::HashSet, sync::LazyLock};

use crate::words::words;

/// What is told of one memory, or of none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    /// It ends as a question does.
    pub question: bool,
    /// It names a time: a year, a month, a day, `yesterday`.
    pub time: bool,
    /// It names a number, in digits or as a word.
    pub number: bool,
    /// Who said it, as a number; [`crate::NONE`] where that is unknown.
    pub speaker: u32,
}

/// Words for times, in English and in other languages where the same letters mean little else.
static TIMES: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    HashSet::from([
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "yesterday",
        "today",
        "tonight",
        "tomorrow",
        "last",
        "next",
        "ago",
        "week",
        "weekend",
        "month",
        "year",
        "years",
        "weeks",
        "months",
        "days",
        "day",
        "morning",
        "evening",
        "recently",
        "birthday",
        "since",
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
        "ayer",
        "hoy",
        "semana",
        "mes",
        "año",
        "januar",
        "februar",
        "märz",
        "mai",
        "juni",
        "juli",
        "oktober",
        "dezember",
        "gestern",
        "heute",
        "woche",
        "monat",
        "jahr",
        "hier",
        "janvier",
        "вчера",
        "году",
    ])
});
static NUMBERS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    HashSet::from([
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twice", "couple", "few", "several", "dozen", "both",
    ])
});
/// What stands for a date, a day, an hour in scripts without spaces.
const SIGNS: [char; 8] = ['年', '月', '日', '周', '星', '昨', '今', '時'];

impl Facts {
    /// Of a memory's text.
    #[must_use]
    pub fn of(text: &str, speaker: u32) -> Self {
        let question = text.trim_end().ends_with(['?', '？', '؟', ';', '՞']) && !text.trim_end().ends_with(';');
        let (mut time, mut number) = (text.contains(SIGNS), false);
        for word in words(text) {
            let digits = word.starts_with(|c: char| c.is_numeric());
            number |= digits || NUMBERS.contains(word.as_str());
            time |= (digits && word.len() == 4) || TIMES.contains(word.as_str());
        }
        Self { question, time, number, speaker }
    }
}

/// What a question asks for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wants {
    /// When something was.
    pub time: bool,
    /// How many, how much, how long.
    pub number: bool,
}

impl Wants {
    /// Of a question.
    #[must_use]
    pub fn of(question: &str) -> Self {
        let text = question.to_lowercase();
        let any = |phrases: &[&str]| phrases.iter().any(|phrase| text.contains(phrase));
        let first: Vec<_> = words(&text).take(3).collect();
        let asks = |word: &str| first.iter().any(|first| first == word);
        let time = ["when", "cuándo", "wann", "quand", "quando", "когда", "متى", "कब"].iter().any(|word| asks(word))
            || any(&[
                "what date",
                "what day",
                "which day",
                "what year",
                "which year",
                "what month",
                "which month",
                "什么时候",
                "何时",
                "いつ",
                "언제",
                "เมื่อไหร่",
                "เมื่อใด",
            ]);
        let number = any(&[
            "how many",
            "how much",
            "how long",
            "how often",
            "how old",
            "cuántos",
            "cuántas",
            "wie viele",
            "wie viel",
            "combien",
            "quanti",
            "quantos",
            "сколько",
            "كم",
            "कितने",
            "कितनी",
            "多少",
            "几",
            "いくつ",
            "何人",
            "เท่าไหร่",
            "เท่าไร",
            "กี่",
        ]);
        Self { time, number }
    }
}
