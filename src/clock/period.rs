//! Time as people and programs write it: a moment, or a date, a month or a year, which stands for all of it.

use std::{fmt, ops::RangeInclusive, sync::LazyLock};

use chrono::{Days, FixedOffset, Months, NaiveDate, NaiveDateTime, NaiveTime};
use regex::{Captures, Regex};
use serde::{Deserialize, Deserializer, de};

use super::Timestamp;

/// What was written about time. A moment begins and ends at once; a date ends with its day. There is no way to a
/// [`Timestamp`] but by saying which end is meant, so that nobody takes a date's first moment for all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    first: Timestamp,
    last: Timestamp,
    /// Microseconds by which the writer's clock is ahead of UTC, where a zone was named.
    ahead: i64,
}

/// The years 1 to 9999, which are those that RFC 3339 can write, in seconds.
const SECONDS: RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

impl Period {
    /// The forms that are taken, for who wrote another one.
    pub const FORMS: &str = "an RFC 3339 time such as 2026-03-01T09:30:00Z, a date such as 2026-03-01, a month such as 2026-03, \
                             a year such as 2026, or seconds since 1970";

    /// Its first moment: what it means as a lower bound, and as the time of what happened then.
    #[must_use]
    pub const fn first(self) -> Timestamp {
        self.first
    }

    /// Its last moment: what it means as an upper bound, as the end of something, and as the time to look back from.
    #[must_use]
    pub const fn last(self) -> Timestamp {
        self.last
    }

    /// Microseconds by which the clock of who wrote it is ahead of UTC; 0 where no zone was named.
    #[must_use]
    pub const fn ahead(self) -> i64 {
        self.ahead
    }

    /// Reads a text. What names no zone is told in UTC.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        match (text.parse(), text.parse()) {
            (Ok(whole), _) => Self::of_whole(whole),
            (_, Ok(number)) => Self::of_number(number),
            _ => written(text),
        }
    }

    /// Reads a whole number. Four digits are a year. More that begin with a year of 1900 to 2100 and are as many as a date
    /// has are that date (`20260503`, `20260503100000`) or nothing: as seconds they would lie in 1970 or after the year
    /// 7000, where nobody means to be. Others are seconds since 1970, or milliseconds where seconds would lie after 9999.
    #[must_use]
    pub fn of_whole(number: i64) -> Option<Self> {
        if like_a_date(number) {
            let digits = number.to_string();
            let (date, time) = digits.split_at(digits.len().min(8));
            return if time.is_empty() { written(date) } else { written(&format!("{date}T{time}")) };
        }
        if SECONDS.contains(&number) {
            return Some(Self::at(Timestamp::from_secs(number)));
        }
        SECONDS.contains(&number.div_euclid(1_000)).then(|| Self::at(Timestamp(number.saturating_mul(1_000))))
    }

    /// Reads a number as [`Self::of_whole`] does; a fraction is one of a second.
    #[must_use]
    pub fn of_number(number: f64) -> Option<Self> {
        let below = number.floor();
        #[expect(clippy::cast_possible_truncation, reason = "float casts saturate, and no end of the range is a time")]
        let whole = below as i64;
        if number.fract() == 0.0 {
            return Self::of_whole(whole);
        }
        #[expect(clippy::cast_possible_truncation, reason = "a fraction of a second in microseconds")]
        let micros = ((number - below) * 1e6).round() as i64;
        // `2026.05` is a month that somebody wrote.
        let seconds = number.is_finite() && SECONDS.contains(&whole) && !like_a_date(whole);
        seconds.then(|| Self::at(Timestamp(Timestamp::from_secs(whole).0 + micros)))
    }

    const fn at(moment: Timestamp) -> Self {
        Self { first: moment, last: moment, ahead: 0 }
    }

    /// From the beginning of a day to the beginning of another.
    fn between(first: NaiveDate, next: NaiveDate, zone: FixedOffset) -> Option<Self> {
        let start = |day: NaiveDate| moment(day.and_time(NaiveTime::MIN), zone);
        let last = Timestamp(start(next)?.0 - 1);
        let known = |at: Timestamp| SECONDS.contains(&at.secs());
        start(first)
            .map(|first| Self { first, last, ahead: 1_000_000 * i64::from(zone.local_minus_utc()) })
            .filter(|it| known(it.first) && known(it.last))
    }
}

/// Whether a number has the digits of a year, or of one of 1900 to 2100 with a month, a day, minutes or seconds behind it.
fn like_a_date(number: i64) -> bool {
    let of_our_time = |behind: &i64| (1900..=2100).contains(&(number / behind));
    (1000..=9999).contains(&number) || [100, 10_000, 100_000_000, 10_000_000_000].iter().any(of_our_time)
}

fn moment(local: NaiveDateTime, zone: FixedOffset) -> Option<Timestamp> {
    local.and_local_timezone(zone).single().map(|at| Timestamp(at.timestamp_micros()))
}

/// A date with its parts in falling order, which nobody reads in two ways, and perhaps a time and a zone. In a query
/// string an unescaped `+` before the zone arrives as a space.
static FORM: LazyLock<Regex> = LazyLock::new(|| {
    let form = r"(?x-u)^
        (?<year>[0-9]{4})
        (?: (?<mark>[-/.]) (?<month>[0-9]{1,2}) (?: (?<same>[-/.]) (?<day>[0-9]{1,2}) )? | (?<mm>[0-9]{2}) (?<dd>[0-9]{2}) )?
        (?: (?: [Tt] | \ + | _ )
            (?<hour>[0-9]{1,2}) (?: :? (?<minute>[0-9]{2}) (?: :? (?<second>[0-9]{2}) (?: [.,] (?<fraction>[0-9]+) )? )? )? )?
        (?: \ * (?<utc> [Zz] | (?i: UTC | GMT) ) | \ * (?<sign>[-+\ ]) (?<hours>[0-9]{2}) (?: :? (?<minutes>[0-9]{2}) )? )?
        $";
    Regex::new(form).expect("it is well formed")
});

/// Reads what [`FORM`] describes.
fn written(text: &str) -> Option<Period> {
    let parts = FORM.captures(text)?;
    let number = |name: &str| parts.name(name).and_then(|digits| digits.as_str().parse::<u32>().ok());
    let (month, day) = (number("month").or(number("mm")), number("day").or(number("dd")));
    if day.is_some() && parts.name("mark").map(|mark| mark.as_str()) != parts.name("same").map(|mark| mark.as_str()) {
        return None;
    }
    let year = number("year")?.try_into().ok()?;
    let first = NaiveDate::from_ymd_opt(year, month.unwrap_or(1), day.unwrap_or(1))?;
    let named = parts.name("utc").is_some() || parts.name("sign").is_some();
    let zone = zone(&parts)?;
    match (month, day, number("hour")) {
        (_, Some(_), Some(hour)) => moment(first.and_time(time(hour, &parts)?), zone)
            .filter(|at| SECONDS.contains(&at.secs()))
            .map(|at| Period { ahead: 1_000_000 * i64::from(zone.local_minus_utc()), ..Period::at(at) }),
        (_, Some(_), None) => Period::between(first, first.checked_add_days(Days::new(1))?, zone),
        // A month or a year has neither a time nor a zone.
        (_, None, Some(_)) => None,
        (_, None, None) if named => None,
        (Some(_), None, None) => Period::between(first, first.checked_add_months(Months::new(1))?, zone),
        (None, None, None) => Period::between(first, first.checked_add_months(Months::new(12))?, zone),
    }
}

fn time(hour: u32, parts: &Captures<'_>) -> Option<NaiveTime> {
    let number = |name: &str| parts.name(name).map_or(Some(0), |digits| digits.as_str().parse::<u32>().ok());
    let fraction = parts.name("fraction").map_or("", |digits| digits.as_str());
    let micros = format!("{fraction:0<6}").get(..6)?.parse::<u32>().ok()?;
    match number("second")? {
        // A leap second.
        60 => NaiveTime::from_hms_micro_opt(hour, number("minute")?, 59, 1_000_000 + micros),
        second => NaiveTime::from_hms_micro_opt(hour, number("minute")?, second, micros),
    }
}

fn zone(parts: &Captures<'_>) -> Option<FixedOffset> {
    let number = |name: &str| parts.name(name).map_or(Some(0), |digits| digits.as_str().parse::<i32>().ok());
    let east = number("hours")? * 3_600 + number("minutes")? * 60;
    let west = parts.name("sign").is_some_and(|sign| sign.as_str() == "-");
    FixedOffset::east_opt(if west { -east } else { east })
}

impl<'de> Deserialize<'de> for Period {
    /// From a text or a number.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyForm)
    }
}

struct AnyForm;

impl de::Visitor<'_> for AnyForm {
    type Value = Period;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Period::FORMS)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Period, E> {
        Period::of_whole(number).ok_or_else(|| E::invalid_value(de::Unexpected::Signed(number), &self))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Period, E> {
        self.visit_i64(i64::try_from(number).unwrap_or(i64::MAX))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Period, E> {
        Period::of_number(number).ok_or_else(|| E::invalid_value(de::Unexpected::Float(number), &self))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Period, E> {
        Period::parse(text).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn span(value: &Value) -> Option<(String, String)> {
        serde_json::from_value::<Period>(value.clone()).ok().map(|it| (it.first().rfc3339(), it.last().rfc3339()))
    }

    #[test]
    fn a_date_stands_for_its_whole_day() {
        let day = |date: &str| Some((format!("{date}T00:00:00.000000Z"), format!("{date}T23:59:59.999999Z")));
        for form in ["2026-05-03", "2026/05/03", "2026.05.03", "2026-5-3", "20260503", " 2026-05-03 ", "2026-05-03Z", "2026-05-03 UTC"] {
            assert_eq!(span(&json!(form)), day("2026-05-03"), "{form}");
        }
        assert_eq!(span(&json!(20_260_503)), day("2026-05-03"), "a number of eight digits that is a date");
        assert_eq!(span(&json!(20_260_503.0)), day("2026-05-03"));
        assert_eq!(span(&json!("2024-02-29")), day("2024-02-29"));
        assert_eq!(span(&json!("1066-10-14")), day("1066-10-14"));
        let of_zone = Some(("2026-05-02T22:00:00.000000Z".to_owned(), "2026-05-03T21:59:59.999999Z".to_owned()));
        assert_eq!(span(&json!("2026-05-03+02:00")), of_zone, "a day of another zone");
    }

    #[test]
    fn months_and_years_stand_for_all_of_them() {
        let from_to = |first: &str, last: &str| Some((format!("{first}T00:00:00.000000Z"), format!("{last}T23:59:59.999999Z")));
        for form in [json!("2024-02"), json!("2024/2"), json!("2024/02")] {
            assert_eq!(span(&form), from_to("2024-02-01", "2024-02-29"), "{form}");
        }
        for form in [json!("2026"), json!(2026), json!(2026.0)] {
            assert_eq!(span(&form), from_to("2026-01-01", "2026-12-31"), "{form}");
        }
        assert_eq!(span(&json!("2026-12")), from_to("2026-12-01", "2026-12-31"));
        assert_eq!(span(&json!("1848")), from_to("1848-01-01", "1848-12-31"));
    }

    #[test]
    fn a_moment_is_read_in_every_form_and_has_no_length() {
        let ten = "2026-05-03T10:00:00.000000Z";
        for form in [
            "2026-05-03T10:00:00Z",
            "2026-05-03T10:00",
            "2026-05-03 10:00:00",
            "2026-05-03 10:00",
            "2026-05-03T10",
            "2026-05-03t10:00:00z",
            "2026-05-03T12:00:00+02:00",
            "2026-05-03 12:00:00 +0200",
            "2026-05-03T12:00+02",
            "2026-05-03T12:00:00 02:00",
            "2026-05-03T04:30-05:30",
            "2026/05/03 10:00 UTC",
            "2026-05-03 10:00:00 gmt",
            "20260503T100000Z",
            "20260503T1000",
            "20260503100000",
            "202605031000",
            "2026-05-03T10:00:00.000000000Z",
            "1777802400",
            "1777802400000",
        ] {
            assert_eq!(span(&json!(form)), Some((ten.into(), ten.into())), "{form}");
        }
        for number in [json!(1_777_802_400), json!(1_777_802_400.0), json!(1_777_802_400_000_i64), json!(20_260_503_100_000_i64)] {
            assert_eq!(span(&number), Some((ten.into(), ten.into())), "{number}");
        }
        let at = |value: Value| span(&value).map(|(first, _)| first);
        assert_eq!(at(json!("2026-05-03T10:00:00.5Z")).as_deref(), Some("2026-05-03T10:00:00.500000Z"));
        assert_eq!(at(json!("2026-05-03T10:00:00,1234567")).as_deref(), Some("2026-05-03T10:00:00.123456Z"));
        assert_eq!(at(json!(1_683_504_000.5)).as_deref(), Some("2023-05-08T00:00:00.500000Z"));
        assert_eq!(at(json!(-86_400)).as_deref(), Some("1969-12-31T00:00:00.000000Z"));
        assert_eq!(at(json!(0)).as_deref(), Some("1970-01-01T00:00:00.000000Z"));
        assert_eq!(at(json!("2016-12-31T23:59:60Z")).as_deref(), Some("2017-01-01T00:00:00.000000Z"));
    }

    #[test]
    fn what_may_mean_two_things_or_nothing_is_refused_with_the_forms() {
        for odd in [
            json!("yesterday"),
            json!(""),
            json!("NaN"),
            json!("inf"),
            json!(true),
            json!(null),
            json!(1e300),
            json!(i64::MAX),
            json!(i64::MIN),
            json!(u64::MAX),
            json!("03/05/2026"),
            json!("3.5.2026"),
            json!("2026-05/03"),
            json!("2026.05"),
            json!(2026.05),
            json!("202605"),
            json!(20_261_345),
            json!("20260230"),
            json!("2026-02-30"),
            json!("2026-13"),
            json!("2026-00-01"),
            json!("2026-05T10:00"),
            json!("2026T10:00"),
            json!("2026-05-03T25:00"),
            json!("2026-05-03T10:61"),
            json!("2026-05-03T10:00:00+99:00"),
            json!("2026-05-03T10:00 Europe/Rome"),
            json!("2026-05-0310:00"),
            json!("0000-01-01"),
            json!("12026-05-03"),
            json!("٢٠٢٦-٠٥-٠٣"),
        ] {
            let refused = serde_json::from_value::<Period>(odd.clone());
            assert!(refused.is_err(), "{odd}: {refused:?}");
            assert!(refused.is_err_and(|error| error.to_string().contains("2026-03-01T09:30:00Z")), "{odd}");
        }
    }

    #[test]
    fn the_ends_of_the_calendar_hold() {
        assert_eq!(Period::parse("9999-12-31").map(|day| day.last().rfc3339()).as_deref(), Some("9999-12-31T23:59:59.999999Z"));
        assert_eq!(Period::parse("0001-01-01").map(|day| day.first().rfc3339()).as_deref(), Some("0001-01-01T00:00:00.000000Z"));
        assert_eq!(Period::parse("0001-01-01T00:00+02:00"), None);
        assert_eq!(Period::parse("9999-12-31T23:00-02:00"), None);
    }
}
