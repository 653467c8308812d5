//! How far a sound is from the one that settings were made for.

use acetate_analyzer::Analysis;

/// Differences smaller than these are not worth a word.
const WORTH_LU: f64 = 0.3;
const WORTH_TONE_DB: f64 = 0.5;
const WORTH_WIDTH_DB: f64 = 0.5;
const WORTH_S: f64 = 0.5;

/// How far a sound is from another: positive where it is louder, wider, longer. `None` where either has no such measure.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SourceDifference {
    /// Integrated loudness, LU.
    pub loudness_lu: Option<f64>,
    /// Third octaves at equal mean level, root mean square, dB.
    pub tone_rms_db: Option<f64>,
    /// The third octave that is farthest off: its centre in Hz, and by how much in dB.
    pub tone_worst: Option<(f64, f64)>,
    /// Side against mid, mean of the bands, dB.
    pub width_db: Option<f64>,
    /// Length, seconds.
    pub duration_s: f64,
}

/// How far `given` is from `made_for`.
pub fn source_difference(made_for: &Analysis, given: &Analysis) -> SourceDifference {
    let differences = |one: &[Option<f64>], other: &[Option<f64>]| -> Vec<Option<f64>> {
        one.iter().zip(other).map(|(one, other)| Some((*other)? - (*one)?)).collect()
    };
    let tone = differences(&made_for.spectrum.level_db, &given.spectrum.level_db);
    let level_db = mean(&tone).unwrap_or(0.0);
    let centres = &given.spectrum.third_octave_hz;
    let tone: Vec<(f64, f64)> = centres
        .iter()
        .zip(&tone)
        .filter_map(|(hz, difference)| Some((*hz, (*difference)? - level_db)))
        .collect();
    let square = tone.iter().map(|(_, db)| db * db).sum::<f64>() / tone.len().max(1) as f64;
    let sides = |analysis: &Analysis| -> Vec<Option<f64>> {
        analysis.stereo.bands.iter().map(|band| band.side_minus_mid_db).collect()
    };
    let loudness = made_for.loudness.integrated_lufs.zip(given.loudness.integrated_lufs);
    SourceDifference {
        loudness_lu: loudness.map(|(made_for, given)| given - made_for),
        tone_rms_db: (!tone.is_empty()).then(|| square.sqrt()),
        tone_worst: tone.into_iter().max_by(|one, other| one.1.abs().total_cmp(&other.1.abs())),
        width_db: mean(&differences(&sides(made_for), &sides(given))),
        duration_s: given.format.duration_s - made_for.format.duration_s,
    }
}

fn mean(values: &[Option<f64>]) -> Option<f64> {
    let known: Vec<f64> = values.iter().flatten().copied().collect();
    (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
}

impl SourceDifference {
    /// `2.3 LU louder, tone 1.8 dB off (+4.1 dB at 63 Hz), 12.0 s shorter`; what is small is left out.
    pub fn text(&self) -> String {
        let direction = |value: f64, more: &'static str, less: &'static str| {
            if value > 0.0 { more } else { less }
        };
        let mut parts = Vec::new();
        if let Some(lu) = self.loudness_lu.filter(|lu| lu.abs() >= WORTH_LU) {
            parts.push(format!("{:.1} LU {}", lu.abs(), direction(lu, "louder", "quieter")));
        }
        if let Some(((hz, db), rms_db)) = self.tone_worst.zip(self.tone_rms_db)
            && rms_db >= WORTH_TONE_DB
        {
            let place = crate::explain::hz_text(hz);
            parts.push(format!("tone {rms_db:.1} dB off ({db:+.1} dB at {place})"));
        }
        if let Some(db) = self.width_db.filter(|db| db.abs() >= WORTH_WIDTH_DB) {
            let word = direction(db, "wider", "narrower");
            parts.push(format!("sides {:.1} dB {word}", db.abs()));
        }
        if self.duration_s.abs() >= WORTH_S {
            let word = direction(self.duration_s, "longer", "shorter");
            parts.push(format!("{:.1} s {word}", self.duration_s.abs()));
        }
        if parts.is_empty() {
            return "as loud, as bright and as wide".to_owned();
        }
        parts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use acetate_analyzer::analyze;
    use acetate_audio::{Audio, AudioSpec, Source};

    use super::*;

    #[test]
    fn what_differs_is_said_and_what_does_not_is_not() {
        let silence = Audio::silence(AudioSpec::new(48_000, 1), 48_000);
        let mut made_for = analyze(&Source::from_audio(silence)).unwrap().analysis;
        made_for.loudness.integrated_lufs = Some(-16.0);
        made_for.spectrum.third_octave_hz = vec![63.0, 1_000.0, 4_000.0];
        made_for.spectrum.level_db = vec![Some(-20.0), Some(-30.0), Some(-40.0)];
        made_for.format.duration_s = 200.0;
        let mut given = made_for.clone();
        assert_eq!(source_difference(&made_for, &given).text(), "as loud, as bright and as wide");
        given.loudness.integrated_lufs = Some(-18.3);
        given.spectrum.level_db = vec![Some(-16.0), Some(-32.0), Some(-42.0)];
        given.format.duration_s = 180.0;
        assert_eq!(
            source_difference(&made_for, &given).text(),
            "2.3 LU quieter, tone 2.8 dB off (+4.0 dB at 63 Hz), 20.0 s shorter"
        );
    }
}
