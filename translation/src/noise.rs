//! What is heard beside the music: cars, trains, cafes, quiet rooms.

use std::sync::OnceLock;

use acetate_audio::units::{db_to_power, power_to_db};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Confidence;
use crate::curve::{Curve, THIRD_OCTAVES_HZ, a_weight_db};

/// Width of a third octave over its centre: 10^0.05 - 10^-0.05.
const THIRD_OCTAVE: f64 = 0.230_767_6;

/// A steady noise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Noise {
    /// Short name: `car100`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Sound pressure level in each third octave, 20 Hz to 20 kHz, dB SPL.
    pub spl_db: Vec<f64>,
    /// How far the quieter and the louder quarter of such noises lie from it, dB.
    pub spread_db: f64,
    /// How far to trust it.
    pub confidence: Confidence,
    /// Where it comes from.
    pub source: String,
    /// When that was looked up.
    pub checked: String,
}

impl Noise {
    /// Its A-weighted level, dB(A).
    pub fn level_dba(&self) -> f64 {
        let weighted = self.spl_db.iter().zip(THIRD_OCTAVES_HZ);
        power_to_db(weighted.map(|(level, hz)| db_to_power(level + a_weight_db(hz))).sum())
    }

    /// Power density at each frequency, dB re 20 µPa in 1 Hz.
    pub fn density_db(&self) -> Curve {
        let density = self.spl_db.iter().zip(THIRD_OCTAVES_HZ);
        let levels: Vec<f64> =
            density.map(|(level, hz)| level - power_to_db(hz * THIRD_OCTAVE)).collect();
        Curve::new(&THIRD_OCTAVES_HZ, &levels)
    }
}

/// The noises that are known.
pub fn noises() -> &'static [Noise] {
    static NOISES: OnceLock<Vec<Noise>> = OnceLock::new();
    NOISES.get_or_init(|| {
        acetate_documents::from_text(include_str!("../data/noises.json"))
            .expect("a test reads the shipped noises")
    })
}

/// The known noise of that id.
pub fn noise(id: &str) -> Option<&'static Noise> {
    noises().iter().find(|noise| noise.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_noises_have_their_levels() {
        for (id, wanted) in
            [("car50", 58.0), ("car100", 66.0), ("car130", 70.0), ("cafe", 67.0), ("train", 70.0)]
        {
            let noise = noise(id).unwrap();
            assert_eq!(noise.spl_db.len(), THIRD_OCTAVES_HZ.len());
            assert!((noise.level_dba() - wanted).abs() < 0.6, "{id}: {}", noise.level_dba());
        }
    }
}
