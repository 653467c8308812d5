//! The statistics of commercial recordings, in the terms of styles.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

use acetate_audio::units::{db_to_power, power_to_db};
use acetate_references::bands::WIDE_BANDS;
use acetate_references::oneshot::{BandSigns, Signs};
use acetate_references::style::wide::POWER_PER_VARIANCE;
use acetate_references::style::{Known, Sample, side_minus_mid_db};

/// Lowest level the recordings were measured at, dB: below, a value is the floor's.
const FLOOR_DB: f64 = -69.5;

/// A mean this near to the floor is made of the floor, dB.
const NEAR_FLOOR_DB: f64 = -66.0;

/// One recording.
pub(crate) struct Track {
    /// `pop`, `jazz`, `classical` or `other` (not labelled).
    pub(crate) genre: String,
    /// As a style sees it.
    pub(crate) sample: Sample,
    /// As a one-shot sees it; `None` with a band at the floor.
    pub(crate) signs: Option<Signs>,
    /// Levels as they were measured.
    pub(crate) bands: [Band; WIDE_BANDS],
}

/// One wide band of a recording. Mid and side are (L+R)/sqrt 2 and (L-R)/sqrt 2: their powers sum to those of left
/// and right. Levels are K-weighted log-means over 400 ms blocks.
#[derive(Clone, Copy, Default)]
pub(crate) struct Band {
    mid_db: f64,
    side_db: f64,
    mid_std_db: f64,
    side_std_db: f64,
}

impl Band {
    /// Power of mid and side, from log-means and how much the levels move.
    pub(crate) fn power(&self, power_per_variance: f64) -> f64 {
        let power =
            |mean_db: f64, std_db: f64| db_to_power(mean_db + power_per_variance * std_db * std_db);
        power(self.mid_db, self.mid_std_db) + power(self.side_db, self.side_std_db)
    }

    /// Whether enough of the recording lies above the floor: a sixth of its blocks lie a standard deviation below.
    fn above_floor(&self) -> bool {
        self.mid_db - self.mid_std_db > FLOOR_DB && self.mid_db > NEAR_FLOOR_DB
    }
}

/// Reads the table; columns are found by name.
pub(crate) fn read(path: &Path) -> Result<Vec<Track>, Box<dyn Error>> {
    let text = fs::read_to_string(path)?;
    let mut lines = text.lines();
    let header = lines.next().ok_or("the table is empty")?;
    let columns: BTreeMap<&str, usize> =
        header.split(',').enumerate().map(|(index, name)| (name, index)).collect();
    lines.map(|line| track(&columns, &line.split(',').collect::<Vec<_>>())).collect()
}

fn track(columns: &BTreeMap<&str, usize>, cells: &[&str]) -> Result<Track, Box<dyn Error>> {
    let cell = |name: &str| -> Result<&str, Box<dyn Error>> {
        let index = columns.get(name).ok_or_else(|| format!("no column {name}"))?;
        cells.get(*index).copied().ok_or_else(|| format!("a row without {name}").into())
    };
    let number = |name: &str| -> Result<f64, Box<dyn Error>> { Ok(cell(name)?.parse()?) };
    let mut bands = [Band::default(); WIDE_BANDS];
    let mut quick_db = [0.0; WIDE_BANDS];
    for (index, band) in bands.iter_mut().enumerate() {
        let number = |what: &str| number(&format!("band{}_{what}", index + 1));
        *band = Band {
            mid_db: number("mid_db")?,
            side_db: number("side_db")?,
            mid_std_db: number("mid_std_400ms_db")?,
            side_std_db: number("side_std_400ms_db")?,
        };
        quick_db[index] = number("mid_std_40ms_db")?;
    }
    let integrated_lufs = number("integrated_lufs")?;
    let sample = Sample {
        integrated_lufs: Some(integrated_lufs),
        loudness_range_lu: Some(number("loudness_range_lu")?),
        plr_db: Some(number("peak_db")? - integrated_lufs),
        ..sample(&bands)
    };
    let signs = std::array::from_fn(|band| BandSigns {
        mid_db: bands[band].mid_db,
        spread_db: bands[band].mid_std_db,
        quick_db: quick_db[band],
        side_db: bands[band].side_db,
        side_spread_db: bands[band].side_std_db,
    });
    let signs = Signs::from_bands(&signs);
    Ok(Track { genre: cell("genre")?.to_owned(), sample, signs, bands })
}

fn sample(bands: &[Band; WIDE_BANDS]) -> Sample {
    let powers = bands.map(|band| band.power(POWER_PER_VARIANCE));
    let total_db = power_to_db(powers.iter().sum());
    let known = |value: &dyn Fn(usize) -> f64| -> Known {
        std::array::from_fn(|band| bands[band].above_floor().then(|| value(band)))
    };
    Sample {
        tone_db: known(&|band| power_to_db(powers[band]) - total_db),
        side_minus_mid_db: known(&|band| {
            side_minus_mid_db(bands[band].mid_db, bands[band].side_db)
        }),
        level_std_db: known(&|band| bands[band].mid_std_db),
        ..Sample::default()
    }
}
