//! Moments as a profile keeps them.

use std::sync::Arc;

use acetate_analyzer::SpectrumFrames;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{condense, telling_bands};
use crate::bands::THIRD_OCTAVES;

/// Spectra that are stored: 16 leave a quarter more of a damage, and with more the file grows but hardly the match
/// (docs/fit.md).
const STORED_MAX: usize = 64;

/// Spectra that stand for the moments of a record: a line each, tenths of a decibel, so that a profile stays short.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct StoredFrames {
    /// Seconds of a moment.
    step_s: f64,
    /// How many moments each line stands for.
    count: Vec<u32>,
    /// Levels of the third octaves in tenths of a decibel re full scale, 25 Hz to 16 kHz.
    level_tenths_db: Vec<String>,
    /// Side minus mid the same way; empty unless stereo.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    side_minus_mid_tenths_db: Vec<String>,
    /// Distance of a moment from the nearest one that is not close to it in time, dB.
    own_distance_db: Option<f64>,
    /// Standard deviation of the level over blocks of 40 ms, dB; absent in profiles from before it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quick_spread_db: Option<f64>,
}

impl From<&SpectrumFrames> for StoredFrames {
    fn from(frames: &SpectrumFrames) -> Self {
        let tenths = |level: &f32| format!("{:.0}", level * 10.0);
        let line = |row: &[f32]| row.iter().map(tenths).collect::<Vec<_>>().join(" ");
        let lines = |values: &[f32]| values.chunks_exact(frames.bands.max(1)).map(line).collect();
        Self {
            step_s: frames.step_s,
            count: frames.count.clone(),
            level_tenths_db: lines(&frames.level_db),
            side_minus_mid_tenths_db: lines(&frames.side_minus_mid_db),
            own_distance_db: frames.own_distance_db.map(thousandths),
            quick_spread_db: frames.quick_spread_db.map(thousandths),
        }
    }
}

impl StoredFrames {
    /// The moments again; what is wrong with them, when they cannot be: lines of another length, more or fewer than there are
    /// counts, levels that no sound has.
    pub(crate) fn read(&self, bands: usize) -> Result<SpectrumFrames, String> {
        let frames = SpectrumFrames {
            step_s: self.step_s,
            bands,
            count: self.count.clone(),
            level_db: levels_db(&self.level_tenths_db, bands)?,
            side_minus_mid_db: levels_db(&self.side_minus_mid_tenths_db, bands)?,
            own_distance_db: self.own_distance_db,
            quick_spread_db: self.quick_spread_db,
        };
        let rows = frames.count.len();
        let sides = self.side_minus_mid_tenths_db.len();
        if self.level_tenths_db.len() != rows || (sides != 0 && sides != rows) {
            return Err(format!("{rows} counts do not fit the number of lines"));
        }
        let step = self.step_s > 0.0 && self.step_s.is_finite();
        let sane = |db: Option<f64>| db.is_none_or(|db| (0.0..1e3).contains(&db));
        if step && sane(self.own_distance_db) && sane(self.quick_spread_db) {
            Ok(frames)
        } else {
            Err("a step or distance that no sound has".to_owned())
        }
    }
}

fn thousandths(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

/// How a field of a profile is written and read.
pub(crate) mod as_stored {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(
        frames: &Option<Arc<SpectrumFrames>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let stored = frames.as_ref().map(|frames| {
            let known = telling_bands(&frames.mean_levels_db());
            StoredFrames::from(&condense(frames, &known, STORED_MAX))
        });
        stored.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Arc<SpectrumFrames>>, D::Error> {
        let stored = Option::<StoredFrames>::deserialize(deserializer)?;
        let frames = stored.map(|stored| stored.read(THIRD_OCTAVES)).transpose();
        Ok(frames.map_err(serde::de::Error::custom)?.map(Arc::new))
    }
}

/// Largest magnitude of a level, tenths of a decibel.
const TENTHS_MAX: f32 = 4_000.0;

fn levels_db(lines: &[String], bands: usize) -> Result<Vec<f32>, String> {
    let mut levels = Vec::with_capacity(lines.len() * bands);
    for (index, line) in lines.iter().enumerate() {
        for word in line.split_ascii_whitespace() {
            let tenths = word.parse::<f32>().ok().filter(|tenths| tenths.abs() <= TENTHS_MAX);
            levels.push(
                tenths.ok_or_else(|| format!("line {index}: \"{word}\" is no level"))? / 10.0,
            );
        }
        if levels.len() != (index + 1) * bands {
            return Err(format!("line {index} must have {bands} levels"));
        }
    }
    Ok(levels)
}

#[cfg(test)]
mod tests {
    use super::super::tests::frames;
    use super::*;

    #[test]
    fn moments_come_back_to_a_tenth_of_a_decibel() {
        let mut frames = frames(&[[-12.34, -20.0, -71.26], [-3.0, 0.0, -200.0]]);
        frames.own_distance_db = Some(2.5);
        let read = StoredFrames::from(&frames).read(3).unwrap();
        assert_eq!((read.count.clone(), read.own_distance_db), (vec![1, 1], Some(2.5)));
        for (read, written) in read.level_db.iter().zip(&frames.level_db) {
            assert!((read - written).abs() < 0.051, "{read} {written}");
        }
    }

    #[test]
    fn lines_that_no_sound_has_are_refused() {
        let stored = StoredFrames::from(&frames(&[[-12.0, -20.0, -71.0]]));
        assert!(stored.read(4).unwrap_err().contains("must have 4"));
        let word = StoredFrames { level_tenths_db: vec!["-120 x -9".into()], ..stored.clone() };
        assert!(word.read(3).unwrap_err().contains("\"x\""));
        let level = StoredFrames { level_tenths_db: vec!["-120 9e9 -9".into()], ..stored.clone() };
        assert!(level.read(3).is_err());
        assert!(StoredFrames { count: vec![1, 1], ..stored.clone() }.read(3).is_err());
        assert!(StoredFrames { step_s: f64::NAN, ..stored }.read(3).is_err());
    }
}
