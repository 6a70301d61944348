//! What a month may come to: what was used so far, and for each day that is left the median of the last seven of its weekday. The band
//! is that of the quartiles. An estimate, and called so.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};
use serde::Serialize;
use utoipa::ToSchema;

use super::Month;

/// Weeks that are looked back on.
pub(super) const WEEKS: u64 = 7;

/// An estimate of a month's use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Forecast {
    pub estimate: i64,
    /// Half of all months should lie between this…
    pub low: i64,
    /// …and this.
    pub high: i64,
}

impl Forecast {
    /// Of the month of `today`, of which `by_day` tells each day's use; days without one are 0 from the first that is known on.
    #[must_use]
    pub fn of(by_day: &BTreeMap<NaiveDate, i64>, today: NaiveDate) -> Self {
        let month = Month::of(crate::clock::Timestamp(today.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_micros()));
        let so_far: i64 = by_day.range(month.first()..=today).map(|(_, quantity)| quantity).sum();
        let since = by_day.keys().next().copied().unwrap_or(today);
        let mut forecast = Self { estimate: so_far, low: so_far, high: so_far };
        for day in month.days().filter(|day| *day > today) {
            let mut same: Vec<i64> = (1..=WEEKS + 6)
                .filter_map(|weeks| day.checked_sub_days(Days::new(7 * weeks)))
                .filter(|past| *past < today && *past >= since)
                .take(7)
                .map(|past| by_day.get(&past).copied().unwrap_or_default())
                .collect();
            if same.is_empty() {
                // Nothing is known of such a weekday: any day so far.
                same = days_between(since, today).map(|past| by_day.get(&past).copied().unwrap_or_default()).collect();
            }
            same.sort_unstable();
            forecast.estimate += quantile(&same, 2);
            forecast.low += quantile(&same, 1);
            forecast.high += quantile(&same, 3);
        }
        forecast
    }
}

fn days_between(first: NaiveDate, last: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    let days = u64::from(last.num_days_from_ce().saturating_sub(first.num_days_from_ce()).unsigned_abs());
    (0..=days).filter_map(move |n| first.checked_add_days(Days::new(n)))
}

/// A quarter of sorted numbers, between two of them where it falls there.
fn quantile(sorted: &[i64], quarter: usize) -> i64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0 };
    let (at, rest) = (last * quarter / 4, i64::try_from(last * quarter % 4).unwrap_or_default());
    let (here, next) = (sorted[at], sorted[(at + 1).min(last)]);
    here + (next - here) * rest / 4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn days_that_are_left_are_like_their_weekdays() {
        // Ten on each weekday, nothing on Saturdays and Sundays, for two months before the 10th of June 2026, a Wednesday.
        let by_day = days_between(day("2026-04-01"), day("2026-06-10"))
            .map(|day| (day, if day.weekday().num_days_from_monday() < 5 { 10 } else { 0 }))
            .collect();
        let forecast = Forecast::of(&by_day, day("2026-06-10"));
        assert_eq!(forecast, Forecast { estimate: 220, low: 220, high: 220 }, "June 2026 has 22 weekdays");
    }

    #[test]
    fn the_band_is_wide_where_days_differ_and_nothing_is_made_of_nothing() {
        let by_day = days_between(day("2026-04-01"), day("2026-06-15")).zip(0i64..).map(|(day, n)| (day, n / 7 * 10)).collect();
        let forecast = Forecast::of(&by_day, day("2026-06-15"));
        assert!(forecast.low < forecast.estimate && forecast.estimate < forecast.high, "{forecast:?}");
        assert_eq!(Forecast::of(&BTreeMap::new(), day("2026-06-15")), Forecast { estimate: 0, low: 0, high: 0 });
        assert_eq!(Forecast::of(&BTreeMap::from([(day("2026-06-30"), 7)]), day("2026-06-30")).estimate, 7, "the last day");
    }
}
