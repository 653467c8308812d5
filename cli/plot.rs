//! Small charts in text.

use crate::numbers::number;

/// Rows of a chart.
const ROWS: usize = 8;
/// Blocks of one eighth to eight eighths.
const EIGHTHS: [char; 9] = [
    ' ', '\u{2581}', '\u{2582}', '\u{2583}', '\u{2584}', '\u{2585}', '\u{2586}', '\u{2587}',
    '\u{2588}',
];

/// A third-octave spectrum as columns, two characters each, over the highest `span_db`.
pub(crate) fn spectrum(centres_hz: &[f64], level_db: &[Option<f64>], span_db: f64) -> Vec<String> {
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
    let share = level_db.map_or(0.0, |level| 1.0 - (top_db - level) / span_db);
    let eighths = (share.clamp(0.0, 1.0) * (ROWS * 8) as f64).round() as usize;
    let below = (ROWS - 1 - row) * 8;
    EIGHTHS[eighths.saturating_sub(below).min(8)]
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
}
