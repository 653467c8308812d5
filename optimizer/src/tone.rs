//! From an aim to what the equaliser is wanted to do.

use acetate_analyzer::Analysis;
use acetate_audio::units::{db_to_power, power_to_db};
use acetate_engine::settings::BandChannel;
use acetate_references::bands::curve_loudness_db;
use acetate_references::{Aim, Wanted};

use crate::equalizer::Goal;
use crate::options::{Detail, FitOptions};
use crate::surrogate::{Part, ToneTable};

/// A third octave this far below the loudest one is not music that could be raised.
const SIGNAL_RANGE_DB: f64 = 60.0;

/// What is wanted of one part of the sound, third octave by third octave; `None` where nothing is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wish {
    /// Wanted change at equal loudness, in dB.
    pub(crate) change_db: Vec<Option<f64>>,
    /// How much it counts, 0 to 1.
    pub(crate) weight: Vec<f64>,
}

/// Wishes for the parts that get bands of their own.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ToneWish {
    /// One set of bands on all channels.
    Together(Wish),
    /// Bands on mid and bands on side.
    Apart(Wish, Wish),
}

/// What the equaliser is wanted to change in a sound that measures `now`.
pub(crate) fn tone_wish(aim: &Aim, now: &Analysis, options: &FitOptions) -> ToneWish {
    let share = options.amounts.tone_share();
    let spectrum = &now.spectrum;
    let signal = |levels: &[Option<f64>]| with_signal(levels, &spectrum.level_db, now);
    let apart = options.detail == Detail::Fine && options.take.width && now.format.channels == 2;
    if !apart {
        let excess = aim.tone_excess_db(&spectrum.level_db);
        let there = signal(&spectrum.level_db);
        return ToneWish::Together(wish(&excess, &aim.tone, &there, options, share));
    }
    let (mid, side) = mid_and_side(aim, now);
    let part = |levels: &[Option<f64>], wanted: &[Wanted]| {
        wish(&excess_db(levels, wanted, now), wanted, &signal(levels), options, share)
    };
    ToneWish::Apart(part(&spectrum.mid_level_db, &mid), part(&spectrum.side_level_db, &side))
}

/// Level of a part less its aim in each third octave, when the whole has the loudness of the aim.
fn excess_db(levels: &[Option<f64>], wanted: &[Wanted], now: &Analysis) -> Vec<Option<f64>> {
    let loudness_db = curve_loudness_db(&now.spectrum.level_db);
    levels
        .iter()
        .zip(wanted)
        .map(|(level, wanted)| {
            let level = level.filter(|_| wanted.weight > 0.0)?;
            Some(level - loudness_db? - wanted.db)
        })
        .collect()
}

/// The same for the mid or the side of a sound.
pub(crate) fn part_excess_db(aim: &Aim, now: &Analysis, channel: BandChannel) -> Vec<Option<f64>> {
    let (mid, side) = mid_and_side(aim, now);
    match channel {
        BandChannel::Side => excess_db(&now.spectrum.side_level_db, &side, now),
        _ => excess_db(&now.spectrum.mid_level_db, &mid, now),
    }
}

/// The aim for mid and side on their own: their powers sum to the aim of the whole.
fn mid_and_side(aim: &Aim, now: &Analysis) -> (Vec<Wanted>, Vec<Wanted>) {
    let spectrum = &now.spectrum;
    aim.tone
        .iter()
        .zip(&aim.side_minus_mid)
        .enumerate()
        .map(|(band, (tone, difference))| {
            // Where the reference says nothing about the side, the song's own image is kept.
            let own = spectrum.side_level_db[band]
                .zip(spectrum.mid_level_db[band])
                .map(|(side, mid)| side - mid);
            let side_minus_mid =
                if difference.weight > 0.0 { difference.db } else { own.unwrap_or(-40.0) };
            let mid_db = tone.db - power_to_db(1.0 + db_to_power(side_minus_mid));
            (Wanted { db: mid_db, ..*tone }, Wanted { db: mid_db + side_minus_mid, ..*tone })
        })
        .unzip()
}

/// Whether each third octave holds music: neither silence, nor noise far below the rest, nor above the bandwidth.
pub(crate) fn with_signal(
    levels: &[Option<f64>],
    whole: &[Option<f64>],
    now: &Analysis,
) -> Vec<bool> {
    let loudest = whole.iter().flatten().fold(f64::NEG_INFINITY, |most, &db| most.max(db));
    let bandwidth_hz = now.source.bandwidth_hz.unwrap_or(f64::INFINITY);
    levels
        .iter()
        .zip(&now.spectrum.third_octave_hz)
        .map(|(level, &centre)| {
            level.is_some_and(|level| level > loudest - SIGNAL_RANGE_DB) && centre < bandwidth_hz
        })
        .collect()
}

fn wish(
    excess_db: &[Option<f64>],
    wanted: &[Wanted],
    signal: &[bool],
    options: &FitOptions,
    share: f64,
) -> Wish {
    let finest = wanted
        .iter()
        .filter(|wanted| wanted.weight > 0.0)
        .fold(f64::INFINITY, |least, wanted| least.min(wanted.tolerance_db));
    let mut change_db = Vec::new();
    let mut weight = Vec::new();
    for ((excess, wanted), &there) in excess_db.iter().zip(wanted).zip(signal) {
        let allowed_db = match options.detail {
            Detail::Fine => 0.0,
            _ => wanted.tolerance_db,
        };
        change_db.push(excess.filter(|_| there).map(|excess| -share * beyond(excess, allowed_db)));
        let exactness = finest / wanted.tolerance_db;
        weight.push(if there && excess.is_some() {
            wanted.weight * exactness * exactness
        } else {
            0.0
        });
    }
    Wish { change_db, weight }
}

/// The part of `value` that lies outside ±`allowed`.
pub(crate) fn beyond(value: f64, allowed: f64) -> f64 {
    if value > allowed {
        value - allowed
    } else if value < -allowed {
        value + allowed
    } else {
        0.0
    }
}

impl Wish {
    /// The goal for the bands: the wish, held within `max_eq_db` around the level that suits it best.
    pub(crate) fn goal(&self, table: &ToneTable, part: Part, max_eq_db: f64) -> Goal {
        let total: f64 = self.weight.iter().sum();
        let mean = if total > 0.0 {
            let sum: f64 = self
                .change_db
                .iter()
                .zip(&self.weight)
                .map(|(change, weight)| weight * change.unwrap_or(0.0))
                .sum();
            sum / total
        } else {
            0.0
        };
        let wanted = self
            .change_db
            .iter()
            .map(|change| {
                change.map_or(mean, |change| mean + (change - mean).clamp(-max_eq_db, max_eq_db))
            })
            .collect();
        Goal::new(table.cells(part), wanted, self.weight.clone())
    }
}
