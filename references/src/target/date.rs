//! A calendar date, for saying when a rule was looked up.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A day of the Gregorian calendar, written `2026-11-20` (ISO 8601).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Date {
    year: i32,
    month: u32,
    day: u32,
}

impl Date {
    /// The day of that year, month (1-12) and day of the month; `None` if there is none.
    pub fn new(year: i32, month: u32, day: u32) -> Option<Self> {
        let in_range = (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day);
        in_range.then_some(Self { year, month, day })
    }

    /// The Gregorian date so many days after 1 January 1970, found from its distance to known dates; `None` beyond what a date can hold.
    pub fn after_1970(days: i64) -> Option<Self> {
        let epoch = Self::new(1970, 1, 1)?;
        // Never too late a year, since no year is longer than 366 days.
        let estimate = 1970 + i32::try_from(days / 366).ok()?;
        let year = (estimate..).find(|&year| {
            Self::new(year + 1, 1, 1).is_none_or(|next| next.days_since(epoch) > days)
        })?;
        let month = (1..=12).rev().find(|&month| {
            Self::new(year, month, 1).is_some_and(|first| first.days_since(epoch) <= days)
        })?;
        let first = Self::new(year, month, 1)?;
        Self::new(year, month, u32::try_from(days - first.days_since(epoch)).ok()? + 1)
    }

    /// Days from `earlier` to this date; negative when it lies in the future of this one.
    pub fn days_since(self, earlier: Self) -> i64 {
        self.day_number() - earlier.day_number()
    }

    /// Days since the year 0 of the proleptic Gregorian calendar, counted from the first of March so that the
    /// leap day comes last.
    fn day_number(self) -> i64 {
        let months_from_march = i64::from((self.month + 9) % 12);
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
        365 * year + leap_days + (153 * months_from_march + 2) / 5 + i64::from(self.day)
    }
}

fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let wrong = || DateError { given: text.to_owned() };
        let mut parts = text.splitn(3, '-');
        let mut part = || parts.next().ok_or_else(wrong);
        let year = part()?.parse().map_err(|_| wrong())?;
        let month = part()?.parse().map_err(|_| wrong())?;
        let day = part()?.parse().map_err(|_| wrong())?;
        Self::new(year, month, day).ok_or_else(wrong)
    }
}

impl TryFrom<String> for Date {
    type Error = DateError;

    fn try_from(text: String) -> Result<Self, DateError> {
        text.parse()
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

/// A text that is not a date.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{given}\" is not a date; write it like 2026-11-20")]
pub struct DateError {
    /// What was written.
    pub given: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_leap_year_has_366_days_and_a_century_has_not() {
        assert_eq!(date("2025-01-01").days_since(date("2024-01-01")), 366);
        assert_eq!(date("2026-01-01").days_since(date("2025-01-01")), 365);
        assert_eq!(date("2100-03-01").days_since(date("2100-02-28")), 1);
        assert_eq!(date("2024-03-01").days_since(date("2024-02-28")), 2);
    }

    #[test]
    fn days_since_1970_become_dates() {
        for (days, text) in
            [(0, "1970-01-01"), (59, "1970-03-01"), (11_016, "2000-02-29"), (20_777, "2026-11-20")]
        {
            assert_eq!(Date::after_1970(days).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_day_that_does_not_exist_is_refused() {
        for text in ["2026-02-29", "2026-13-01", "2026-00-10", "2026-11", "soon", "2026-11-31"] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }
}
