//! What was measured, for people.

use acetate_analyzer::{Analysis, Finding, Severity};

use crate::text::Paint;
use crate::text::plot;
use crate::text::table::{Align, Table, WIDTH, wrap};
use acetate_audio::numbers::{duration, frequency, number};

/// One file in full.
pub fn sheet(name: &str, analysis: &Analysis, paint: Paint, verbose: u8) -> String {
    let Analysis { loudness, dynamics, spectrum, stereo, source, .. } = analysis;
    let mut lines = vec![format!("{}  {}", paint.bold(name), analysis.format)];
    let mut row = |label: &str, cells: &[(Option<f64>, usize, &str, &str)]| {
        lines.extend(measures(label, cells));
    };
    row(
        "loudness",
        &[
            (loudness.integrated_lufs, 1, "", " LUFS"),
            (loudness.loudness_range_lu, 1, "range ", " LU"),
            (loudness.short_term_max_lufs, 1, "max 3 s ", ""),
            (loudness.momentary_max_lufs, 1, "max 0.4 s ", ""),
        ],
    );
    row(
        "peaks",
        &[
            (loudness.true_peak_dbtp, 1, "", " dBTP"),
            (loudness.sample_peak_dbfs, 1, "sample ", " dBFS"),
            (loudness.plr_db, 1, "PLR ", " dB"),
            (loudness.psr_db, 1, "PSR ", " dB"),
        ],
    );
    row(
        "dynamics",
        &[
            (dynamics.crest_factor_db, 1, "crest ", " dB"),
            (dynamics.attack_crest_db, 1, "attacks ", " dB"),
        ],
    );
    row(
        "tone",
        &[
            (spectrum.tilt_db_per_octave, 1, "tilt ", " dB/octave"),
            (source.bandwidth_hz.map(|hz| hz / 1000.0), 1, "up to ", " kHz"),
            (source.noise_floor_dbfs, 0, "quietest ", " dBFS"),
        ],
    );
    if analysis.format.is_stereo() {
        row(
            "stereo",
            &[
                (stereo.correlation, 2, "correlation ", ""),
                (stereo.width, 2, "width ", ""),
                (stereo.balance_db, 1, "balance ", " dB"),
                (stereo.mono_loss_lu, 1, "mono loss ", " LU"),
            ],
        );
    }
    if verbose > 0 {
        lines.extend(plot::spectrum(&spectrum.third_octave_hz, &spectrum.level_db, 48.0));
        lines.extend(bands(analysis));
    }
    lines.extend(findings(&analysis.findings, paint));
    lines.join("\n") + "\n"
}

/// Measures that exist, on one line behind their label; no line without any.
fn measures(label: &str, cells: &[(Option<f64>, usize, &str, &str)]) -> Option<String> {
    let shown: Vec<String> = cells
        .iter()
        .filter(|(value, ..)| value.is_some())
        .map(|(value, decimals, before, after)| {
            format!("{before}{}{after}", number(*value, *decimals))
        })
        .collect();
    (!shown.is_empty()).then(|| format!("  {label:<9} {}", shown.join("   ")))
}

/// The bands of dynamics and stereo as a table.
fn bands(analysis: &Analysis) -> Vec<String> {
    let heading = ["band", "crest dB", "spread dB", "correlation", "side-mid dB"];
    let mut table = Table::new(&heading.map(|name| (name, Align::Right)));
    for (index, band) in analysis.dynamics.bands.iter().enumerate() {
        let stereo = analysis.stereo.bands.get(index);
        table.row([
            format!("{} - {}", frequency(band.low_hz), frequency(band.high_hz)),
            number(band.crest_factor_db, 1),
            number(band.level_std_db, 1),
            number(stereo.and_then(|band| band.correlation), 2),
            number(stereo.and_then(|band| band.side_minus_mid_db), 1),
        ]);
    }
    if table.is_empty() { Vec::new() } else { table.lines() }
}

/// Findings: code, sentence, advice, in lines that fit.
pub fn findings(findings: &[Finding], paint: Paint) -> Vec<String> {
    findings
        .iter()
        .map(|finding| {
            let text = format!("{}. {}", finding.text.trim_end_matches('.'), finding.advice);
            let indent = " ".repeat(finding.code.len() + 4);
            // Wrapped with the room of the code before it, which is then put in, perhaps with colour.
            let room = "_".repeat(indent.len());
            let body = wrap(&format!("{room}{text}"), WIDTH, &indent).replacen(&room, "", 1);
            format!("  {}  {body}", colored(finding, paint))
        })
        .collect()
}

fn colored(finding: &Finding, paint: Paint) -> String {
    match finding.severity {
        Severity::Error => paint.bad(&finding.code),
        Severity::Warning | Severity::Mix => paint.warn(&finding.code),
        Severity::Info => paint.dim(&finding.code),
    }
}

/// Several files: one line each.
pub fn overview() -> Table {
    Table::new(&[
        ("LUFS", Align::Right),
        ("dBTP", Align::Right),
        ("LRA", Align::Right),
        ("PLR", Align::Right),
        ("tilt", Align::Right),
        ("width", Align::Right),
        ("length", Align::Right),
        ("file", Align::Left),
    ])
}

/// The line of one file in the overview.
pub fn overview_row(name: &str, analysis: &Analysis) -> [String; 8] {
    [
        number(analysis.loudness.integrated_lufs, 1),
        number(analysis.loudness.true_peak_dbtp, 1),
        number(analysis.loudness.loudness_range_lu, 1),
        number(analysis.loudness.plr_db, 1),
        number(analysis.spectrum.tilt_db_per_octave, 1),
        number(analysis.stereo.width, 2),
        duration(analysis.format.duration_s),
        name.to_owned(),
    ]
}
