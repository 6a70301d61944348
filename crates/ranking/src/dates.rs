//! Dates that a question names: `8 May 2023`, `May 2023`, `2023`, `in May`, `yesterday`, `last week`, `three days ago`. How well
//! a memory's day matches is graded, for people remember days roughly. English and Chinese; no library was found that finds such
//! words inside a sentence and tells how exact they are.

mod chinese;

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

use crate::words::words;

const MONTHS: [&str; 12] =
    ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
const DAYS: [Weekday; 7] = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
const NUMBERS: [&str; 10] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

/// What a question says about when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// A day.
    Day(NaiveDate),
    /// A month; its first day.
    Month(NaiveDate),
    /// A year.
    Year(i32),
    /// From a day to a day, both included.
    Span(NaiveDate, NaiveDate),
}

impl When {
    /// How well a day matches, in `0..=1`.
    #[must_use]
    pub fn matches(self, day: NaiveDate) -> f32 {
        let near = |days: u64| -> f32 {
            match days {
                0..=3 => 1.0,
                4..=14 => 0.6,
                _ => 0.0,
            }
        };
        match self {
            Self::Day(named) => near(named.signed_duration_since(day).num_days().unsigned_abs()),
            Self::Month(first) => of_month(first, day),
            Self::Year(year) => {
                if day.year() == year {
                    0.3
                } else {
                    0.0
                }
            }
            Self::Span(from, to) if (from..=to).contains(&day) => 1.0,
            Self::Span(from, to) => {
                let away = if day < from { from.signed_duration_since(day) } else { day.signed_duration_since(to) };
                near(away.num_days().unsigned_abs()).min(0.6)
            }
        }
    }
}

/// The same month, the first half of the one after (what happened is often told later), the same year.
fn of_month(named: NaiveDate, day: NaiveDate) -> f32 {
    let months = (day.year() - named.year()) * 12 + day.month0().cast_signed() - named.month0().cast_signed();
    match months {
        0 => 0.8,
        1 if day.day() <= 15 => 0.5,
        _ if day.year() == named.year() => 0.3,
        _ => 0.0,
    }
}

/// When a question is asked.
pub struct Asked<'a> {
    pub today: NaiveDate,
    /// The newest year in which anything is known of a month, up to today: that is meant where none is named.
    pub year_with: &'a dyn Fn(u32) -> Option<i32>,
}

impl Asked<'_> {
    /// The year of a day that is named without one; where nothing is known of its month, that of the last such day.
    fn year_of(&self, month: u32, day: u32) -> i32 {
        let last = || self.today.year() - i32::from((month, day) > (self.today.month(), self.today.day()));
        (self.year_with)(month).unwrap_or_else(last)
    }
}

/// What the question names.
#[must_use]
pub fn named(question: &str, asked: &Asked<'_>) -> Vec<When> {
    let tokens = tokens(question);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let rest = &tokens[at..];
        match absolute(rest, asked).or_else(|| relative(rest, asked.today)) {
            Some((when, used)) => {
                found.push(when);
                at += used;
            }
            None => at += 1,
        }
    }
    if !question.is_ascii() {
        found.extend(chinese::named(question, asked));
    }
    found
}

/// The days that a text tells of which was said on a day: `we left last Saturday`. What is as long as a month is no day.
#[must_use]
pub fn told(text: &str, said: NaiveDate) -> Vec<NaiveDate> {
    let days = |when| match when {
        When::Day(day) => Some(day),
        When::Span(from, to) if to.signed_duration_since(from).num_days() < 14 => Some(from + (to - from) / 2),
        _ => None,
    };
    named(text, &Asked { today: said, year_with: &|_| None }).into_iter().filter_map(days).filter(|day| *day != said).collect()
}

struct Token {
    word: String,
    /// As it was written, for `may` and `May`.
    capital: bool,
}

fn tokens(question: &str) -> Vec<Token> {
    let split = |c: char| c.is_whitespace() || matches!(c, ',' | '?' | '!' | ';' | '(' | ')' | '"');
    let of = |text: &str| {
        let text = text.trim_end_matches('.');
        // A date in one word stays one; anything else becomes what the index calls a word.
        let word = if text.parse::<NaiveDate>().is_ok() { Some(text.to_owned()) } else { words(text).next() };
        word.map(|word| Token { word, capital: text.starts_with(char::is_uppercase) })
    };
    question.split(split).filter(|text| !text.is_empty()).filter_map(of).collect()
}

/// A date, month or year at the start of the tokens, and how many of them it takes.
fn absolute(tokens: &[Token], asked: &Asked<'_>) -> Option<(When, usize)> {
    let word = |at: usize| tokens.get(at).map(|token| token.word.as_str());
    let year_at = |at: usize| word(at).filter(|w| w.len() == 4).and_then(|w| w.parse::<i32>().ok()).filter(|y| (1900..2100).contains(y));
    let day_at = |at: usize| {
        let digits = word(at)?.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        digits.parse::<u32>().ok().filter(|day| digits.len() <= 2 && (1..=31).contains(day))
    };
    let month_at = |at: usize| tokens.get(at).and_then(month);

    if let Ok(day) = word(0)?.parse::<NaiveDate>() {
        return Some((When::Day(day), 1));
    }
    // 8 May 2023, 8th of May
    if let Some(day) = day_at(0) {
        let of = usize::from(word(1) == Some("of"));
        if let Some(month) = month_at(1 + of) {
            let year = year_at(2 + of);
            return Some((day_of(day, month, year, asked)?, 2 + of + usize::from(year.is_some())));
        }
    }
    if let Some(month) = month_at(0) {
        // May 8, 2023
        if let Some(day) = day_at(1) {
            let year = year_at(2);
            return Some((day_of(day, month, year, asked)?, 2 + usize::from(year.is_some())));
        }
        // May 2023, and May alone
        let year = year_at(1);
        let first = NaiveDate::from_ymd_opt(year.unwrap_or_else(|| asked.year_of(month, 1)), month, 1)?;
        return Some((When::Month(first), 1 + usize::from(year.is_some())));
    }
    year_at(0).map(|year| (When::Year(year), 1))
}

fn day_of(day: u32, month: u32, year: Option<i32>, asked: &Asked<'_>) -> Option<When> {
    NaiveDate::from_ymd_opt(year.unwrap_or_else(|| asked.year_of(month, day)), month, day).map(When::Day)
}

/// The number of a month's name or of its first three letters; names that are words too only where written as names.
fn month(token: &Token) -> Option<u32> {
    let full = MONTHS.iter().position(|name| *name == token.word);
    let short = MONTHS
        .iter()
        .position(|name| token.word.len() == 3 && name.starts_with(&token.word) || (token.word == "sept" && *name == "september"));
    let found = match full {
        Some(found) => Some(found).filter(|_| token.capital || !matches!(token.word.as_str(), "may" | "march" | "august")),
        None => short.filter(|_| token.capital),
    };
    found.and_then(|at| u32::try_from(at + 1).ok())
}

/// A time told from today.
fn relative(tokens: &[Token], today: NaiveDate) -> Option<(When, usize)> {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.word.as_str());
    let back = |days: u64| today.checked_sub_days(Days::new(days));
    match (word(0), word(1)) {
        ("today" | "tonight", _) => Some((When::Day(today), 1)),
        ("yesterday", _) => Some((When::Span(back(1)?, back(1)?), 1)),
        ("last" | "past" | "previous", unit) => Some((last(unit, today)?, 2)),
        ("this", unit) => Some((this(unit, today)?, 2)),
        (count, unit) if word(2) == "ago" => {
            let count = count
                .parse()
                .ok()
                .or_else(|| NUMBERS.iter().position(|n| *n == count).and_then(|at| u32::try_from(at + 1).ok()))
                .or((matches!(count, "a" | "an")).then_some(1))?;
            let (day, slack) = match unit.trim_end_matches('s') {
                "day" => (back(u64::from(count))?, 0),
                "week" => (back(7 * u64::from(count))?, 3),
                "month" => (today.checked_sub_months(Months::new(count))?, 15),
                "year" => (today.checked_sub_months(Months::new(count.checked_mul(12)?))?, 90),
                _ => return None,
            };
            Some((When::Span(day.checked_sub_days(Days::new(slack))?, day.checked_add_days(Days::new(slack))?), 3))
        }
        _ => None,
    }
}

fn last(unit: &str, today: NaiveDate) -> Option<When> {
    let monday = today.week(Weekday::Mon).first_day();
    let first = today.with_day(1)?;
    Some(match unit {
        "week" => When::Span(monday.checked_sub_days(Days::new(7))?, monday.pred_opt()?),
        "weekend" => When::Span(monday.checked_sub_days(Days::new(2))?, monday.pred_opt()?),
        "month" => When::Span(first.checked_sub_months(Months::new(1))?, first.pred_opt()?),
        "year" => When::Span(NaiveDate::from_ymd_opt(today.year() - 1, 1, 1)?, NaiveDate::from_ymd_opt(today.year() - 1, 12, 31)?),
        "night" => When::Span(today.pred_opt()?, today.pred_opt()?),
        day => {
            let named = DAYS.into_iter().find(|d| day.parse::<Weekday>().is_ok_and(|parsed| parsed == *d))?;
            let ago = (7 + today.weekday().num_days_from_monday() - named.num_days_from_monday() - 1) % 7 + 1;
            let day = today.checked_sub_days(Days::new(u64::from(ago)))?;
            When::Span(day, day)
        }
    })
}

fn this(unit: &str, today: NaiveDate) -> Option<When> {
    Some(match unit {
        "week" => When::Span(today.week(Weekday::Mon).first_day(), today),
        "month" => When::Span(today.with_day(1)?, today),
        "year" => When::Span(NaiveDate::from_ymd_opt(today.year(), 1, 1)?, today),
        "morning" | "afternoon" | "evening" => When::Span(today, today),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_on_a_day_may_tell_of_another() {
        // A Wednesday.
        let said = day("2026-03-18");
        assert_eq!(told("We went camping last Saturday", said), [day("2026-03-14")]);
        assert_eq!(told("昨天去了海边", said), [day("2026-03-17")]);
        assert_eq!(told("The trial is on 8 May 2023", said), [day("2023-05-08")]);
        assert!(told("I like tea, in May above all, and did today and last year", said).is_empty());
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    /// Asked on a Wednesday.
    fn found(question: &str) -> Vec<When> {
        named(question, &Asked { today: day("2026-03-18"), year_with: &|_| None })
    }

    #[test]
    fn a_month_without_a_year_is_the_newest_of_which_anything_is_known() {
        let known = |month| [(5, 2023), (1, 2025)].into_iter().find(|(of, _)| *of == month).map(|(_, year)| year);
        let found = |question| named(question, &Asked { today: day("2026-03-18"), year_with: &known });
        assert_eq!(found("in May or June"), [When::Month(day("2023-05-01")), When::Month(day("2025-06-01"))]);
        assert_eq!(found("on 2 January, and January 2, 2024"), [When::Day(day("2025-01-02")), When::Day(day("2024-01-02"))]);
    }

    #[test]
    fn dates_are_found_in_the_forms_that_people_write() {
        let eighth = [When::Day(day("2023-05-08"))];
        for question in
            ["What was on 8 May 2023?", "on May 8, 2023?", "the 8th of May 2023", "May 8th 2023.", "2023-05-08, what?", "8 may 2023"]
        {
            let expected = if question == "8 may 2023" { vec![When::Year(2023)] } else { eighth.to_vec() };
            assert_eq!(found(question), expected, "{question}");
        }
        assert_eq!(found("in May 2023 or June?"), [When::Month(day("2023-05-01")), When::Month(day("2025-06-01"))]);
        assert_eq!(found("since Feb 2026"), [When::Month(day("2026-02-01"))]);
        assert_eq!(found("on 2 January"), [When::Day(day("2026-01-02"))]);
        assert_eq!(found("what happened in 2022"), [When::Year(2022)]);
        for nothing in ["what may I eat?", "she may march on", "room 2023b has 12 chairs", "the decade", "mark it"] {
            assert!(found(nothing).iter().all(|when| matches!(when, When::Year(_))), "{nothing}: {:?}", found(nothing));
        }
    }

    #[test]
    fn time_is_told_from_today() {
        let span = |from, to| vec![When::Span(day(from), day(to))];
        assert_eq!(found("what did I do yesterday?"), span("2026-03-17", "2026-03-17"));
        assert_eq!(found("last week"), span("2026-03-09", "2026-03-15"));
        assert_eq!(found("last month"), span("2026-02-01", "2026-02-28"));
        assert_eq!(found("last Wednesday"), span("2026-03-11", "2026-03-11"));
        assert_eq!(found("last Tuesday"), span("2026-03-17", "2026-03-17"));
        assert_eq!(found("three days ago"), span("2026-03-15", "2026-03-15"));
        assert_eq!(found("a week ago"), span("2026-03-08", "2026-03-14"));
        assert_eq!(found("this year"), span("2026-01-01", "2026-03-18"));
        assert!(found("the last word of this book, long ago, 99999999999 years ago").is_empty());
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "grades are the very constants")]
    fn the_nearer_the_better() {
        let may = When::Day(day("2023-05-08"));
        let grades = ["2023-05-10", "2023-05-20", "2023-05-31", "2023-06-10", "2023-06-20", "2024-05-08"].map(|at| may.matches(day(at)));
        assert_eq!(grades, [1.0, 0.6, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(When::Month(day("2022-12-01")).matches(day("2023-01-09")), 0.5);
        assert_eq!(When::Year(2023).matches(day("2023-09-09")), 0.3);
        let week = When::Span(day("2026-03-09"), day("2026-03-15"));
        assert_eq!(["2026-03-12", "2026-03-17", "2026-04-17"].map(|at| week.matches(day(at))), [1.0, 0.6, 0.0]);
    }
}
