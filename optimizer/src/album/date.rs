//! Dates of releases, as people and tags write them.

use std::ops::RangeInclusive;

use serde::{Deserialize as _, Deserializer};

/// A date as people write it: in quotes, as the number of a year, or as a date of TOML.
pub(super) fn written_date<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    match toml::Value::deserialize(from)? {
        toml::Value::String(text) => Ok(Some(text)),
        toml::Value::Integer(year) => Ok(Some(year.to_string())),
        toml::Value::Datetime(date) => Ok(Some(date.to_string())),
        other => Err(serde::de::Error::custom(format!("{other} is no year and no date"))),
    }
}

/// Whether a text is a year, a year and a month, or a date (ISO 8601, as tags have it).
pub fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let number = |part: &str, digits: usize, range: RangeInclusive<u32>| {
        let is_number = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        is_number && part.parse().is_ok_and(|number| range.contains(&number))
    };
    match parts[..] {
        [year] => number(year, 4, 1..=9999),
        [year, month] => number(year, 4, 1..=9999) && number(month, 2, 1..=12),
        [year, month, day] => {
            number(year, 4, 1..=9999) && number(month, 2, 1..=12) && number(day, 2, 1..=31)
        }
        _ => false,
    }
}
