//! How loud the loud parts of a sound are.

use acetate_analyzer::Series;
use acetate_audio::units::{db_to_power, power_to_db};

/// The absolute gate (BS.1770-5) and the relative one of the loudness range (EBU Tech 3342).
const GATE_LUFS: f64 = -70.0;
const GATE_LU: f64 = -20.0;
/// The upper end of the loudness range (EBU Tech 3342).
const TOP_PERCENTILE: f64 = 0.95;

/// The top of a sound, LUFS, from its loudness over time; the loudest moment of what is shorter than 3 s; `None` of silence.
pub fn top_lufs(series: &Series) -> Option<f64> {
    let percentile = |values: &[Option<f64>]| {
        let gated = |gate: f64| -> Vec<f64> {
            values.iter().flatten().copied().filter(|&lufs| lufs >= gate).collect()
        };
        let mean = mean_lufs(&gated(GATE_LUFS))?;
        let mut tops = gated((mean + GATE_LU).max(GATE_LUFS));
        tops.sort_by(f64::total_cmp);
        let last = tops.len().checked_sub(1)?;
        Some(tops[libm::round(last as f64 * TOP_PERCENTILE) as usize])
    };
    percentile(&series.short_term_lufs).or_else(|| percentile(&series.momentary_lufs))
}

fn mean_lufs(values: &[f64]) -> Option<f64> {
    let sum: f64 = values.iter().map(|&lufs| db_to_power(lufs)).sum();
    (!values.is_empty()).then(|| power_to_db(sum / values.len() as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_top_is_the_level_of_the_loud_parts() {
        let mut short_term_lufs = vec![None; 29];
        short_term_lufs.extend(vec![Some(-30.0); 60]);
        short_term_lufs.extend(vec![Some(-20.0); 40]);
        short_term_lufs.extend(vec![Some(-80.0); 40]);
        let series = Series { step_s: 0.1, short_term_lufs, ..Series::default() };
        assert_eq!(top_lufs(&series), Some(-20.0));
        assert_eq!(top_lufs(&Series::default()), None);
    }
}
