//! The measures of a file as one row of comma-separated values (RFC 4180).

use acetate_analyzer::Analysis;

/// A column: its name, which is that in the analysis document, and its value.
type Column = (&'static str, fn(&Analysis) -> Option<f64>);

const COLUMNS: &[Column] = &[
    ("sample_rate_hz", |analysis| Some(f64::from(analysis.format.sample_rate_hz))),
    ("bits", |analysis| analysis.format.bits.map(f64::from)),
    ("channels", |analysis| Some(analysis.format.channels as f64)),
    ("duration_s", |analysis| Some(analysis.format.duration_s)),
    ("integrated_lufs", |analysis| analysis.loudness.integrated_lufs),
    ("momentary_max_lufs", |analysis| analysis.loudness.momentary_max_lufs),
    ("short_term_max_lufs", |analysis| analysis.loudness.short_term_max_lufs),
    ("loudness_range_lu", |analysis| analysis.loudness.loudness_range_lu),
    ("true_peak_dbtp", |analysis| analysis.loudness.true_peak_dbtp),
    ("true_peak_bs1770_dbtp", |analysis| analysis.loudness.true_peak_bs1770_dbtp),
    ("sample_peak_dbfs", |analysis| analysis.loudness.sample_peak_dbfs),
    ("plr_db", |analysis| analysis.loudness.plr_db),
    ("psr_db", |analysis| analysis.loudness.psr_db),
    ("crest_factor_db", |analysis| analysis.dynamics.crest_factor_db),
    ("attack_crest_db", |analysis| analysis.dynamics.attack_crest_db),
    ("tilt_db_per_octave", |analysis| analysis.spectrum.tilt_db_per_octave),
    ("correlation", |analysis| analysis.stereo.correlation),
    ("width", |analysis| analysis.stereo.width),
    ("balance_db", |analysis| analysis.stereo.balance_db),
    ("mono_loss_lu", |analysis| analysis.stereo.mono_loss_lu),
    ("bandwidth_hz", |analysis| analysis.source.bandwidth_hz),
    ("noise_floor_dbfs", |analysis| analysis.source.noise_floor_dbfs),
    ("clipped_runs", |analysis| Some(analysis.source.clipped_runs as f64)),
    ("clicks", |analysis| Some(analysis.source.clicks as f64)),
    ("dc_offset", |analysis| Some(analysis.source.dc_offset)),
];

/// Decimals of a measure; none are written that are zero.
const DECIMALS: usize = 4;

/// The names of the columns.
pub fn heading() -> String {
    let names: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
    format!("file,{},findings\n", names.join(","))
}

/// The row of one file; a measure that does not exist is empty, findings are codes with spaces between.
pub fn row(name: &str, analysis: &Analysis) -> String {
    let values: Vec<String> = COLUMNS.iter().map(|(_, value)| cell(value(analysis))).collect();
    let codes: Vec<&str> = analysis.findings.iter().map(|finding| finding.code.as_str()).collect();
    format!("{},{},{}\n", quoted(name), values.join(","), codes.join(" "))
}

/// A number, or nothing.
pub fn cell(value: Option<f64>) -> String {
    let Some(value) = value else { return String::new() };
    let text = format!("{value:.DECIMALS$}");
    let short = text.trim_end_matches('0').trim_end_matches('.');
    if short == "-0" { "0".to_owned() } else { short.to_owned() }
}

/// A field, in quotes where it needs them.
pub fn quoted(field: &str) -> String {
    if field.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_and_numbers_short() {
        assert_eq!(quoted("a,b \"c\".wav"), "\"a,b \"\"c\"\".wav\"");
        assert_eq!(quoted("plain name.wav"), "plain name.wav");
        let cells = [Some(-14.0), Some(0.062_5), Some(-0.000_001), Some(44_100.0), None].map(cell);
        assert_eq!(cells, ["-14", "0.0625", "0", "44100", ""]);
    }
}
