//! Dates in Chinese, which writes no spaces: `2023年5月8日`, `5月8号`, `去年五月`, `昨天`, `上周六`, `三天前`.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

use super::{Asked, When};

/// What a question names, in Chinese.
pub(super) fn named(question: &str, asked: &Asked<'_>) -> Vec<When> {
    let mut found = Vec::new();
    let mut rest = question;
    while let Some(c) = rest.chars().next() {
        let used = match absolute(rest, asked).or_else(|| relative(rest, asked.today)) {
            Some((when, used)) => {
                found.push(when);
                used
            }
            // A number is read from its beginning.
            None => c.len_utf8().max(rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len()),
        };
        rest = &rest[used..];
    }
    found
}

/// A number in digits or in Chinese up to 99 at the start, and its length in bytes.
fn number(text: &str) -> Option<(u32, usize)> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if digits > 4 {
        return None;
    }
    if digits > 0 {
        return Some((text[..digits].parse().ok()?, digits));
    }
    let value = |c: char| "一二三四五六七八九".chars().position(|digit| digit == c).and_then(|at| u32::try_from(at + 1).ok());
    let (mut sum, mut used) = (None::<u32>, 0);
    for c in text.chars().take(3) {
        sum = match (value(if c == '两' { '二' } else { c }), sum) {
            (Some(digit), None) => Some(digit),
            (Some(digit), Some(tens)) if tens >= 10 => Some(tens + digit),
            (None, tens) if c == '十' => Some(tens.unwrap_or(1) * 10),
            _ => break,
        };
        used += c.len_utf8();
    }
    Some((sum?, used))
}

/// A number with one of these signs after it.
fn with<'t>(text: &'t str, signs: &[&str]) -> Option<(u32, &'t str)> {
    let (value, used) = number(text)?;
    signs.iter().find_map(|sign| text[used..].strip_prefix(sign)).map(|rest| (value, rest))
}

fn absolute(text: &str, asked: &Asked<'_>) -> Option<(When, usize)> {
    let used = |rest: &str| text.len() - rest.len();
    let word = |word: &str, back: i32| text.strip_prefix(word).map(|rest| (asked.today.year() - back, rest));
    let written = with(text, &["年"]).filter(|(year, _)| (1900..2100).contains(year)).map(|(year, rest)| (year.cast_signed(), rest));
    let year = written.or_else(|| word("去年", 1)).or_else(|| word("前年", 2)).or_else(|| word("今年", 0));
    let after = year.map_or(text, |(_, rest)| rest);
    let Some((month, rest)) = with(after, &["月份", "月"]).filter(|(month, _)| (1..=12).contains(month)) else {
        return year.map(|(year, rest)| (When::Year(year), used(rest)));
    };
    if let Some((day, rest)) = with(rest, &["日", "号"]) {
        let year = year.map_or_else(|| asked.year_of(month, day), |(year, _)| year);
        return Some((When::Day(NaiveDate::from_ymd_opt(year, month, day)?), used(rest)));
    }
    let year = year.map_or_else(|| asked.year_of(month, 1), |(year, _)| year);
    Some((When::Month(NaiveDate::from_ymd_opt(year, month, 1)?), used(rest)))
}

fn relative(text: &str, today: NaiveDate) -> Option<(When, usize)> {
    let back = |days: u64| today.checked_sub_days(Days::new(days));
    let monday = today.week(Weekday::Mon).first_day();
    let first = today.with_day(1)?;
    let span = |from: NaiveDate, to: NaiveDate, used: usize| Some((When::Span(from, to), used));
    for (word, days) in [("今天", 0), ("今晚", 0), ("昨天", 1), ("昨晚", 1), ("前天", 2), ("大前天", 3)] {
        if text.starts_with(word) {
            return span(back(days)?, back(days)?, word.len());
        }
    }
    for word in ["上个星期", "上星期", "上个周", "上周"] {
        if let Some(rest) = text.strip_prefix(word) {
            let last = monday.checked_sub_days(Days::new(7))?;
            let day = rest.chars().next().and_then(|c| "一二三四五六日天".chars().position(|day| day == c)).map(|at| at.min(6) as u64);
            let Some(day) = day else { return span(last, monday.pred_opt()?, word.len()) };
            let day = last.checked_add_days(Days::new(day))?;
            return span(day, day, word.len() + rest.chars().next()?.len_utf8());
        }
    }
    for word in ["上个月", "上月"] {
        if text.starts_with(word) {
            return span(first.checked_sub_months(Months::new(1))?, first.pred_opt()?, word.len());
        }
    }
    for (word, from) in [("这周", monday), ("本周", monday), ("这个月", first), ("本月", first)] {
        if text.starts_with(word) {
            return span(from, today, word.len());
        }
    }
    let used = |rest: &str| text.len() - rest.len();
    for (units, slack) in [(&["天前", "天以前"][..], 0), (&["个星期前", "星期前", "周前"], 3), (&["个月前"], 15), (&["年前"], 90)]
    {
        if let Some((count, rest)) = with(text, units) {
            let day = match slack {
                0 => back(u64::from(count))?,
                3 => back(7 * u64::from(count))?,
                15 => today.checked_sub_months(Months::new(count))?,
                _ => today.checked_sub_months(Months::new(count.checked_mul(12)?))?,
            };
            return span(day.checked_sub_days(Days::new(slack))?, day.checked_add_days(Days::new(slack))?, used(rest));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn dates_are_found_within_a_sentence() {
        // A Wednesday.
        let asked = Asked { today: day("2026-03-18"), year_with: &|_| None };
        let span = |from, to| When::Span(day(from), day(to));
        for (question, expected) in [
            ("2023年5月8日发生了什么？", When::Day(day("2023-05-08"))),
            ("我五月八号去了哪里", When::Day(day("2025-05-08"))),
            ("去年十二月", When::Month(day("2025-12-01"))),
            ("2022年的计划", When::Year(2022)),
            ("我昨天吃了什么", span("2026-03-17", "2026-03-17")),
            ("上周六", span("2026-03-14", "2026-03-14")),
            ("上周做了什么", span("2026-03-09", "2026-03-15")),
            ("上个月", span("2026-02-01", "2026-02-28")),
            ("三天前说的", span("2026-03-15", "2026-03-15")),
            ("两周前", span("2026-03-01", "2026-03-07")),
            ("今年", When::Year(2026)),
        ] {
            assert_eq!(named(question, &asked), [expected], "{question}");
        }
        for nothing in ["我对花生过敏", "十个苹果", "月亮", "99999999999年前", "第三年", ""] {
            assert!(named(nothing, &asked).is_empty(), "{nothing}: {:?}", named(nothing, &asked));
        }
    }
}
