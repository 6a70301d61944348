//! Months in UTC, by which amounts are counted and billed.

use std::{fmt, str::FromStr};

use chrono::{Datelike, Days, Months, NaiveDate, NaiveTime};

use crate::{clock::Timestamp, error::Error};

/// A calendar month in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    first: NaiveDate,
}

impl Month {
    /// The month of a moment.
    #[must_use]
    pub fn of(at: Timestamp) -> Self {
        let day = at.date_time().date_naive();
        Self { first: day.with_day(1).unwrap_or(day) }
    }

    /// Its first day.
    #[must_use]
    pub const fn first(self) -> NaiveDate {
        self.first
    }

    /// Its first moment.
    #[must_use]
    pub fn begin(self) -> Timestamp {
        midnight(self.first)
    }

    /// The first moment after it.
    #[must_use]
    pub fn end(self) -> Timestamp {
        midnight(self.first.checked_add_months(Months::new(1)).unwrap_or(self.first))
    }

    /// Its days.
    pub fn days(self) -> impl Iterator<Item = NaiveDate> {
        let first = self.first;
        (0..31).map_while(move |n| first.checked_add_days(Days::new(n))).take_while(move |day| day.month() == first.month())
    }

    /// The month before.
    #[must_use]
    pub fn before(self) -> Self {
        Self { first: self.first.checked_sub_months(Months::new(1)).unwrap_or(self.first) }
    }

    /// `YYYYMM`, as it is stored.
    #[must_use]
    pub fn number(self) -> i64 {
        i64::from(self.first.year()) * 100 + i64::from(self.first.month())
    }

    /// From [`Self::number`].
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        let (year, month) = (i32::try_from(number / 100).ok()?, u32::try_from(number % 100).ok()?);
        NaiveDate::from_ymd_opt(year, month, 1).map(|first| Self { first })
    }
}

fn midnight(day: NaiveDate) -> Timestamp {
    Timestamp(day.and_time(NaiveTime::MIN).and_utc().timestamp_micros())
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first.format("%Y-%m"))
    }
}

impl FromStr for Month {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let month = text.split_once('-').and_then(|(year, month)| {
            let number = (year.len() == 4 && month.len() == 2).then(|| Some(year.parse::<i64>().ok()? * 100 + month.parse::<i64>().ok()?));
            Self::from_number(number??)
        });
        month.ok_or_else(|| Error::invalid("month must be written as 2026-11."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_begin_and_end_where_calendars_say() {
        let month: Month = "2028-02".parse().expect("a month");
        assert_eq!((month.number(), month.days().count(), month.to_string()), (202_802, 29, "2028-02".into()));
        assert_eq!(Month::of(Timestamp(month.end().0 - 1)), month);
        assert_eq!(Month::of(month.end()).to_string(), "2028-03");
        assert_eq!(Month::from_number(202_801).map(Month::before).map(|m| m.to_string()), Some("2027-12".into()));
        for wrong in ["2028-13", "2028", "28-02", "2028-2", "", "２０２８-02"] {
            wrong.parse::<Month>().expect_err(wrong);
        }
    }
}
