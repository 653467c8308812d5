//! The date of today, in UTC.

use std::time::{SystemTime, UNIX_EPOCH};

use acetate::references::target::Date;

/// Today, by the clock of this computer.
pub(crate) fn today() -> Option<Date> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    Date::after_1970(i64::try_from(seconds / 86_400).ok()?)
}
