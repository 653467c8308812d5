//! Small charts in text.

use acetate_audio::numbers::number;

/// Rows of a chart.
const ROWS: usize = 8;
/// Blocks of one eighth to eight eighths.
const EIGHTHS: [char; 9] = [
    ' ', '\u{2581}', '\u{2582}', '\u{2583}', '\u{2584}', '\u{2585}', '\u{2586}', '\u{2587}',
    '\u{2588}',
];

/// A third-octave spectrum as columns, two characters each, over the highest `span_db`.
pub fn spectrum(centres_hz: &[f64], level_db: &[Option<f64>], span_db: f64) -> Vec<String> {
    let highest_db = level_db.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
    if !highest_db.is_finite() {
        return vec!["  no signal".to_owned()];
    }
    let top_db = (highest_db / 6.0).ceil() * 6.0;
    let mut lines: Vec<String> = (0..ROWS)
        .map(|row| {
            let label_db = top_db - span_db * row as f64 / ROWS as f64;
            let cells = level_db.iter().map(|level| cell(*level, top_db, span_db, row));
            let columns: String = cells.flat_map(|block| [block, ' ']).collect();
            format!("  {:>5} |{}", number(Some(label_db), 0), columns.trim_end())
        })
        .collect();
    lines.push(format!("     dB +{}", "-".repeat(2 * level_db.len())));
    lines.push(axis(centres_hz));
    lines
}

/// The block of one column in one row, counted from the top.
fn cell(level_db: Option<f64>, top_db: f64, span_db: f64, row: usize) -> char {
    block(level_db.map_or(0.0, |level| 1.0 - (top_db - level) / span_db), row, ROWS)
}

/// The block in `row` of a column that fills `share` of `rows`.
fn block(share: f64, row: usize, rows: usize) -> char {
    let eighths = (share.clamp(0.0, 1.0) * (rows * 8) as f64).round() as usize;
    let below = (rows - 1 - row) * 8;
    EIGHTHS[eighths.saturating_sub(below).min(8)]
}

/// Rows of a chart over time: three of them fit one screen.
const TIME_ROWS: usize = 4;

/// Values over time as columns of one character, down to `span` below the largest, or else to zero.
pub fn columns(values: &[Option<f64>], span: Option<f64>, decimals: usize) -> Vec<String> {
    let highest = values.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
    if !highest.is_finite() {
        return vec!["  no signal".to_owned()];
    }
    let span = span.unwrap_or(highest).max(1e-6);
    (0..TIME_ROWS)
        .map(|row| {
            let label = highest - span * row as f64 / TIME_ROWS as f64;
            let share =
                |value: &Option<f64>| value.map_or(0.0, |value| 1.0 - (highest - value) / span);
            let bars: String =
                values.iter().map(|value| block(share(value), row, TIME_ROWS)).collect();
            format!("  {:>5} |{}", number(Some(label), decimals), bars.trim_end())
        })
        .collect()
}

/// The axis under [`columns`]: from the beginning to `end`.
pub fn time_axis(columns: usize, end: &str) -> String {
    format!("{:9}0:00{end:>width$}", "", width = columns.saturating_sub(4))
}

fn axis(centres_hz: &[f64]) -> String {
    let mut line = " ".repeat(9);
    for (index, &centre_hz) in centres_hz.iter().enumerate() {
        let label = match centre_hz.round() as u64 {
            31 | 32 => "31",
            63 => "63",
            125 => "125",
            250 => "250",
            500 => "500",
            1000 => "1k",
            2000 => "2k",
            4000 => "4k",
            8000 => "8k",
            16000 => "16k Hz",
            _ => continue,
        };
        let column = 9 + 2 * index;
        line.extend(std::iter::repeat_n(' ', column.saturating_sub(line.len())));
        line.push_str(label);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loudest_band_is_the_tallest_column() {
        let lines = spectrum(&[500.0, 1000.0, 2000.0], &[Some(-48.0), Some(-6.0), None], 48.0);
        assert!(lines[0].ends_with("|  \u{2588}"), "{}", lines[0]);
        assert_eq!(spectrum(&[1000.0], &[None], 48.0), ["  no signal"]);
    }

    #[test]
    fn time_runs_to_the_right_and_the_largest_value_fills_its_column() {
        let lines = columns(&[Some(-20.0), Some(-8.0), None], Some(24.0), 0);
        assert_eq!(lines.len(), TIME_ROWS);
        assert!(lines[0].ends_with("| \u{2588}"), "{}", lines[0]);
        assert!(lines[TIME_ROWS - 1].ends_with("|\u{2588}\u{2588}"), "{}", lines[TIME_ROWS - 1]);
    }
}
