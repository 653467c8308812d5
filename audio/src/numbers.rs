//! Numbers as people read them.

/// A number with so many decimals; a dash where there is none.
pub fn number(value: Option<f64>, decimals: usize) -> String {
    match value {
        // Adding zero turns -0 into 0; rounding first keeps "-0.0" from being printed.
        Some(value) => format!("{:.decimals$}", rounded(value, decimals)),
        None => "-".to_owned(),
    }
}

/// The same, with its sign always written.
pub fn signed(value: f64, decimals: usize) -> String {
    format!("{:+.decimals$}", rounded(value, decimals))
}

fn rounded(value: f64, decimals: usize) -> f64 {
    let scale = 10f64.powi(i32::try_from(decimals).unwrap_or(0));
    (value * scale).round() / scale + 0.0
}

/// `1 song`, `2 songs`.
pub fn counted(count: usize, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}

/// `3:42`, `1:02:03`, `0:00.4` below ten seconds.
pub fn duration(seconds: f64) -> String {
    if seconds < 9.95 {
        return format!("0:0{seconds:.1}");
    }
    let whole = seconds.round() as u64;
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// A place in a song: `0:48`.
pub fn clock(seconds: f64) -> String {
    let whole = seconds.max(0.0).floor() as u64;
    format!("{}:{:02}", whole / 60, whole % 60)
}

/// `48 kHz`, `44.1 kHz`.
pub fn rate(sample_rate_hz: u32) -> String {
    format!("{} kHz", f64::from(sample_rate_hz) / 1000.0)
}

/// `60 Hz`, `1.2 kHz`.
pub fn frequency(hz: f64) -> String {
    if hz < 1000.0 {
        format!("{} Hz", rounded(hz, 0))
    } else {
        format!("{} kHz", rounded(hz / 1000.0, 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(number(Some(-0.04), 1), "0.0");
        assert_eq!(number(None, 1), "-");
        assert_eq!(signed(1.25, 1), "+1.3");
        assert_eq!((duration(222.4), duration(3723.0)), ("3:42".to_owned(), "1:02:03".to_owned()));
        assert_eq!((duration(0.4), duration(59.7)), ("0:00.4".to_owned(), "1:00".to_owned()));
        assert_eq!(
            (rate(44_100), frequency(12_500.0)),
            ("44.1 kHz".to_owned(), "12.5 kHz".to_owned())
        );
    }
}
