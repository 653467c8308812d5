//! The date of today, in UTC.

use std::time::{SystemTime, UNIX_EPOCH};

use acetate::references::target::Date;

/// Today, by the clock of this computer.
pub(crate) fn today() -> Option<Date> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    date_of(i64::try_from(seconds / 86_400).ok()?)
}

/// The Gregorian date `days` after 1 January 1970, found from its distance to known dates.
fn date_of(days: i64) -> Option<Date> {
    let epoch = Date::new(1970, 1, 1)?;
    // Never too late a year, since no year is longer than 366 days.
    let estimate = 1970 + i32::try_from(days / 366).ok()?;
    let year = (estimate..)
        .find(|&year| Date::new(year + 1, 1, 1).is_none_or(|next| next.days_since(epoch) > days))?;
    let month = (1..=12).rev().find(|&month| {
        Date::new(year, month, 1).is_some_and(|first| first.days_since(epoch) <= days)
    })?;
    let first = Date::new(year, month, 1)?;
    Date::new(year, month, u32::try_from(days - first.days_since(epoch)).ok()? + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_since_1970_become_dates() {
        for (days, text) in
            [(0, "1970-01-01"), (59, "1970-03-01"), (11_016, "2000-02-29"), (20_777, "2026-11-20")]
        {
            assert_eq!(date_of(days).unwrap().to_string(), text);
        }
    }
}
