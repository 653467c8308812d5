//! What a mix is judged by: 45 numbers, of which an equaliser moves nine and a compressor 27.

use acetate_analyzer::{Analysis, DynamicsBand};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bands::WIDE_BANDS;
use crate::limits::{LEVEL_DB, OutOfRange, check_each};
use crate::profile::{Profile, ProfileBand};

/// One value a wide band.
pub type Nine = [f64; WIDE_BANDS];

/// What is shorter than this is an excerpt, s: the spreads of 30 s are not those of a song (docs/oneshot.md).
pub const EXCERPT_S: f64 = 60.0;

/// Spreads below this are taken for it, dB: silence that is not quite.
const SPREAD_DB_MIN: f64 = 0.5;
/// Side minus mid is held within these, dB: beyond, it is mono, or out of phase.
const SIDE_MINUS_MID_DB: [f64; 2] = [-30.0, 10.0];
/// A band whose mean level is lower than this is made of the floor, dB: the records were measured down to -69.5 dB.
const FLOOR_DB: f64 = -69.0;
/// Ten times the natural logarithm of the spread over 40 ms (bands cut by filters) less that of the analyzer's over 50 ms: mean
/// over 15 pieces of free music, with a deviation of 0.2 to 0.8 (docs/oneshot.md).
const QUICK_OFFSET: Nine = [-0.08, -0.04, -0.41, -0.34, -0.28, -0.11, -0.02, -0.01, -0.15];

/// The numbers of one mix or record. Spreads are ten times their natural logarithm: a compressor moves that by as much whatever
/// the spread.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Signs {
    /// Mean level of the mid in each wide band, K-weighted, less the mean of all bands, dB.
    pub tone_db: Nine,
    /// Spread of the level of the mid over 400 ms.
    pub spread: Nine,
    /// The same over 40 ms; `None` where it was not measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quick: Option<Nine>,
    /// Mean level of the side less that of the mid, and the spread of the side over 400 ms; `None` for mono.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<SideSigns>,
}

/// What the side tells of a mix.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SideSigns {
    /// Mean level less that of the mid, dB.
    pub minus_mid_db: Nine,
    /// Spread of its level over 400 ms.
    pub spread: Nine,
}

/// Levels and spreads of a recording as they were measured, band by band, dB.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BandSigns {
    /// K-weighted log-mean of the mid.
    pub mid_db: f64,
    /// Spread of the mid over 400 ms.
    pub spread_db: f64,
    /// Spread of the mid over 40 ms.
    pub quick_db: f64,
    /// Log-mean of the side.
    pub side_db: f64,
    /// Spread of the side over 400 ms.
    pub side_spread_db: f64,
}

impl Signs {
    /// The signs of a recording of the statistics; `None` when a band lies at the floor.
    pub fn from_bands(bands: &[BandSigns; WIDE_BANDS]) -> Option<Self> {
        let levels = bands.map(|band| band.mid_db);
        levels.iter().all(|&db| db > FLOOR_DB).then(|| Self {
            tone_db: less_their_mean(levels),
            spread: bands.map(|band| ten_ln(band.spread_db)),
            quick: Some(bands.map(|band| ten_ln(band.quick_db))),
            side: Some(SideSigns {
                minus_mid_db: bands.map(|band| side_minus_mid_db(band.mid_db, band.side_db)),
                spread: bands.map(|band| ten_ln(band.side_spread_db)),
            }),
        })
    }

    /// The signs of a measured mix; `None` when a band has no signal.
    ///
    /// A mix is quieter than the records may be: its floor lies as much lower as it is quieter than they are.
    pub fn from_analysis(mix: &Analysis) -> Option<Self> {
        let measures: Vec<BandMeasures> = mix.dynamics.bands.iter().map(BandMeasures::of).collect();
        Self::from_measures(&measures, mix.loudness.integrated_lufs?)
    }

    /// The signs of a record of which the profile is known, in the same way; `None` for an excerpt, too. Profiles from before they were
    /// kept have no quick spreads.
    pub fn from_profile(record: &Profile) -> Option<Self> {
        if record.source.duration_s < EXCERPT_S {
            return None;
        }
        let measures: Vec<BandMeasures> = record.bands.iter().map(BandMeasures::kept).collect();
        Self::from_measures(&measures, record.loudness.integrated_lufs?)
    }

    fn from_measures(bands: &[BandMeasures], loudness_lufs: f64) -> Option<Self> {
        let gain_db = USUAL_LUFS - loudness_lufs;
        let each = |value: &dyn Fn(usize) -> Option<f64>| -> Option<Nine> {
            let values: Vec<f64> = (0..WIDE_BANDS).map(value).collect::<Option<_>>()?;
            values.try_into().ok()
        };
        let mid_db = each(&|band| bands.get(band)?.mid_db)?;
        let spread = each(&|band| bands.get(band)?.spread_db.map(ten_ln))?;
        let quick = each(&|band| Some(ten_ln(bands.get(band)?.quick_db?) + QUICK_OFFSET[band]));
        let minus_mid_db =
            each(&|band| Some(side_minus_mid_db(mid_db[band], bands.get(band)?.side_db?)));
        let side_spread = each(&|band| bands.get(band)?.side_spread_db.map(ten_ln));
        let heard = mid_db.iter().all(|db| db + gain_db > FLOOR_DB);
        heard.then(|| Self {
            tone_db: less_their_mean(mid_db),
            spread,
            quick,
            side: minus_mid_db
                .zip(side_spread)
                .map(|(minus_mid_db, spread)| SideSigns { minus_mid_db, spread }),
        })
    }

    /// Whether these are numbers that a record can have; `path` is where they stand.
    pub(crate) fn check(&self, path: &str) -> Result<(), OutOfRange> {
        let side = self.side.as_ref();
        let values = [
            ("tone_db", Some(&self.tone_db)),
            ("spread", Some(&self.spread)),
            ("quick", self.quick.as_ref()),
            ("side.minus_mid_db", side.map(|side| &side.minus_mid_db)),
            ("side.spread", side.map(|side| &side.spread)),
        ];
        for (name, values) in values {
            check_each(
                &format!("{path}.{name}"),
                values.into_iter().flatten().copied(),
                &LEVEL_DB,
            )?;
        }
        Ok(())
    }

    /// The same after a change of tone, dB, and of every spread, in tens of natural logarithms: for what must be recognised.
    pub fn bent(&self, tone_db: &Nine, density: &Nine) -> Self {
        let add = |values: &Nine, change: &Nine| -> Nine {
            std::array::from_fn(|band| values[band] + change[band])
        };
        Self {
            tone_db: less_their_mean(add(&self.tone_db, tone_db)),
            spread: add(&self.spread, density),
            quick: self.quick.as_ref().map(|quick| add(quick, density)),
            side: self.side.as_ref().map(|side| SideSigns {
                minus_mid_db: side.minus_mid_db,
                spread: add(&side.spread, density),
            }),
        }
    }
}

/// What was measured of one band, dB; what was not is `None`.
struct BandMeasures {
    mid_db: Option<f64>,
    spread_db: Option<f64>,
    quick_db: Option<f64>,
    side_db: Option<f64>,
    side_spread_db: Option<f64>,
}

impl BandMeasures {
    fn of(band: &DynamicsBand) -> Self {
        Self {
            mid_db: band.mid_log_mean_db,
            spread_db: band.level_std_db,
            quick_db: band.quick_level_std_db,
            side_db: band.side_log_mean_db,
            side_spread_db: band.side_level_std_db,
        }
    }

    fn kept(band: &ProfileBand) -> Self {
        Self {
            mid_db: band.mid_log_mean_db,
            spread_db: band.level_std_db,
            quick_db: band.quick_level_std_db,
            side_db: band.side_log_mean_db,
            side_spread_db: band.side_level_std_db,
        }
    }
}

/// The median loudness of the records, LUFS.
const USUAL_LUFS: f64 = -13.5;

fn ten_ln(spread_db: f64) -> f64 {
    10.0 * libm::log(spread_db.max(SPREAD_DB_MIN))
}

fn side_minus_mid_db(mid_db: f64, side_db: f64) -> f64 {
    let [low, high] = SIDE_MINUS_MID_DB;
    (side_db - mid_db).clamp(low, high)
}

fn less_their_mean(values: Nine) -> Nine {
    let mean = values.iter().sum::<f64>() / WIDE_BANDS as f64;
    values.map(|value| value - mean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_sounds::{shaped, silence};

    #[test]
    fn silence_has_no_signs_and_a_steady_sound_has_them() {
        assert_eq!(Signs::from_analysis(&silence()), None);
        let signs = Signs::from_analysis(&shaped(&[Some(-20.0); 29])).unwrap();
        assert!(signs.quick.is_none());
        assert!(signs.side.unwrap().minus_mid_db.iter().all(|db| (db + 8.0).abs() < 1e-9));
    }

    #[test]
    fn an_equaliser_moves_the_tone_alone_and_a_gain_nothing() {
        let signs = Signs::from_analysis(&shaped(&[Some(-20.0); 29])).unwrap();
        let bent = signs.bent(&[3.0; WIDE_BANDS], &[0.0; WIDE_BANDS]);
        assert_eq!(bent, signs);
        let mut tone_db = [0.0; WIDE_BANDS];
        tone_db[2] = 9.0;
        let bent = signs.bent(&tone_db, &[0.0; WIDE_BANDS]);
        assert!((bent.tone_db[2] - signs.tone_db[2] - 8.0).abs() < 1e-9);
        assert_eq!((bent.spread, bent.side), (signs.spread, signs.side));
    }
}
