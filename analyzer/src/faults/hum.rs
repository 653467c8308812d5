//! Mains hum: steady lines at multiples of 50 or 60 Hz.

use acetate_audio::units::power_to_db;

use crate::analysis::HumLine;
use crate::statistics::percentile;
use crate::timeline::Timeline;

/// Mains frequencies of the world.
const MAINS_HZ: [f64; 2] = [50.0, 60.0];
/// Harmonics looked for.
const HARMONICS: usize = 8;
/// Lines that make a hum.
const LEAST_LINES: usize = 3;
/// A line stands at least this far above the median of its surroundings.
const PROMINENCE_DB: f64 = 12.0;
/// How far a line may be from its multiple: mains keep to 0.2 Hz, and a bin is over 1 Hz wide.
const TOLERANCE_HZ: f64 = 0.6;
/// Surroundings: this far on both sides, less the line itself.
const SURROUNDINGS_HZ: f64 = 18.0;
const LINE_HALF_WIDTH_HZ: f64 = 4.0;
/// Quieter lines are no concern.
const LEAST_LEVEL_DB: f64 = -85.0;
/// Highest frequency kept.
const TOP_HZ: f64 = 520.0;
/// Spectra kept; then neighbours merge into the quieter of the two, bin by bin.
const ROWS: usize = 512;
/// A steady line is there even in the quietest tenth of the windows.
const QUIET_SHARE: f64 = 0.1;

/// Collects low spectra of the mid.
#[derive(Debug)]
pub(crate) struct HumTrack {
    bin_hz: f64,
    rows: Timeline<f32>,
    width: usize,
}

impl HumTrack {
    /// For spectra whose bins are `bin_hz` apart and that have `bins` of them.
    pub(crate) fn new(bin_hz: f64, bins: usize) -> Self {
        let width = ((TOP_HZ / bin_hz) as usize).min(bins);
        Self { bin_hz, rows: Timeline::new(width, ROWS, f32::min), width }
    }

    /// One spectrum, as power.
    pub(crate) fn push(&mut self, powers: &[f32]) {
        let row = &powers[..self.width];
        // Digital silence says nothing about hum.
        if row.iter().any(|&power| power > 0.0) {
            self.rows.push(row);
        }
    }

    /// The spectrum that is there nearly always, and the distance of its bins.
    pub(crate) fn finish(self) -> Floor {
        let (width, bin_hz) = (self.width, self.bin_hz);
        let rows = self.rows.into_rows();
        let powers = (0..width)
            .map(|bin| {
                let column: Vec<f64> =
                    rows.iter().skip(bin).step_by(width).map(|&power| f64::from(power)).collect();
                percentile(&column, QUIET_SHARE).unwrap_or(0.0)
            })
            .collect();
        Floor { powers, bin_hz }
    }
}

/// The quiet floor of a sound at low frequencies.
#[derive(Clone, Debug, Default)]
pub(crate) struct Floor {
    powers: Vec<f64>,
    bin_hz: f64,
}

impl Floor {
    /// Power between two frequencies.
    pub(crate) fn power(&self, range_hz: std::ops::Range<f64>) -> f64 {
        let bins = self.powers.iter().enumerate();
        bins.filter(|(bin, _)| range_hz.contains(&(*bin as f64 * self.bin_hz)))
            .map(|(_, power)| power)
            .sum()
    }
}

/// Lines of the hum, lowest first; empty when there are too few to be one.
pub(crate) fn hum_lines(floor: &Floor) -> Vec<HumLine> {
    let lines = |mains: &f64| -> Vec<HumLine> {
        (1..=HARMONICS).filter_map(|harmonic| line_at(floor, mains * harmonic as f64)).collect()
    };
    MAINS_HZ
        .iter()
        .map(lines)
        .filter(|lines| lines.len() >= LEAST_LINES)
        .max_by_key(Vec::len)
        .unwrap_or_default()
}

fn line_at(floor: &Floor, wanted_hz: f64) -> Option<HumLine> {
    let powers = &floor.powers;
    let near = |hz: f64| (libm::round(hz / floor.bin_hz) as usize).min(powers.len());
    let top = (near(wanted_hz - TOLERANCE_HZ)..=near(wanted_hz + TOLERANCE_HZ))
        .filter(|&bin| bin > 0 && bin + 2 < powers.len())
        .max_by(|&a, &b| powers[a].total_cmp(&powers[b]))?;
    let freq_hz =
        (top as f64 + peak_offset([powers[top - 1], powers[top], powers[top + 1]])) * floor.bin_hz;
    let around: Vec<f64> = (near(wanted_hz - SURROUNDINGS_HZ)..near(wanted_hz + SURROUNDINGS_HZ))
        .filter(|&bin| (bin as f64 * floor.bin_hz - freq_hz).abs() > LINE_HALF_WIDTH_HZ)
        .map(|bin| powers[bin])
        .collect();
    // A Hann window spreads a line over three bins and a half.
    let power: f64 = powers[top - 1..=top + 1].iter().sum();
    let level_db = power_to_db(power.max(1e-20));
    let prominence_db = level_db - power_to_db(percentile(&around, 0.5)?.max(1e-20) * 3.0);
    ((freq_hz - wanted_hz).abs() <= TOLERANCE_HZ
        && prominence_db >= PROMINENCE_DB
        && level_db >= LEAST_LEVEL_DB)
        .then_some(HumLine { freq_hz, level_db, prominence_db })
}

/// Where the top of a line lies between three bins, from its parabola in amplitude.
fn peak_offset(powers: [f64; 3]) -> f64 {
    let [a, b, c] = powers.map(libm::sqrt);
    let bend = a - 2.0 * b + c;
    if bend < 0.0 { (0.5 * (a - c) / bend).clamp(-0.5, 0.5) } else { 0.0 }
}
