//! One move for each band and stage that does something.

use acetate_analyzer::{Analysis, StereoBand};
use acetate_audio::numbers::signed;
use acetate_engine::Settings;
use acetate_engine::settings::{
    BandChannel, CompressorBand, EqualizerBand, FilterType, StereoSettings,
};
use acetate_references::Aim;
use acetate_references::aim::MONO_BELOW_DB;

use super::drive::drive_move;
use super::heard;
use super::mono::{mono_remark, record_remark};
use super::repairs::repair_moves;
use super::sections::{sections_what, sections_why};
use super::settings::name_of;
use super::stages::{stage_moves, with_offset};
use super::words::{hz_text, words_for};
use crate::document::{Confidence, Move};

/// The measures before and expected after, and the aim between them.
pub(crate) struct Evidence<'a> {
    pub(crate) before: &'a Analysis,
    pub(crate) after: &'a Analysis,
    pub(crate) aim: &'a Aim,
    pub(crate) wanted_lufs: Option<f64>,
}

/// Explains everything `settings` do.
pub(crate) fn explain(
    settings: &Settings,
    before: &Analysis,
    after: &Analysis,
    aim: &Aim,
    wanted_lufs: Option<f64>,
) -> Vec<Move> {
    let evidence = Evidence { before, after, aim, wanted_lufs };
    let mut moves = repair_moves(&settings.restore);
    let bands = settings.equalizer.bands.iter().enumerate();
    moves.extend(bands.filter(|(_, band)| !band.is_neutral()).map(|(index, band)| {
        let id = name_of(&band.id, "equalizer", index);
        Move { id, ..band_move(band, &evidence) }
    }));
    moves.extend(compressor_moves(settings, &evidence));
    moves.extend(stereo_move(settings, &evidence));
    moves.extend(stage_moves(settings).into_iter().map(|step| with_offset(step, before)));
    moves.extend(mono_remark(&evidence));
    moves.extend(drive_move(settings, &evidence));
    moves
}

/// The part of the spectrum a band is about: between its half-gain points, or the whole shelf.
fn band_region_hz(band: &EqualizerBand) -> [f64; 2] {
    match band.kind {
        FilterType::LowShelf | FilterType::HighPass => [20.0_f64.min(band.freq_hz), band.freq_hz],
        FilterType::HighShelf | FilterType::LowPass => {
            [band.freq_hz, 20_000.0_f64.max(band.freq_hz)]
        }
        _ => {
            let half_octaves = libm::asinh(1.0 / (2.0 * band.q)) / std::f64::consts::LN_2;
            let factor = libm::exp2(half_octaves);
            [band.freq_hz / factor, band.freq_hz * factor]
        }
    }
}

fn band_move(band: &EqualizerBand, evidence: &Evidence) -> Move {
    // What is said of a region is measured in the region as it is said.
    let region = band_region_hz(band).map(crate::rounding::to_three_digits);
    let [measured, expected] = mean_excesses_db(evidence, region, band.channel);
    let tolerance = mean_tolerance_db(evidence.aim, region);
    let hearing = evidence.aim.hearing.as_ref();
    let heard = hearing.and_then(|hearing| heard::band_text(hearing, region, band.gain_db));
    let words = words_for(libm::sqrt(region[0] * region[1]));
    let place = format!("{} to {}", hz_text(region[0]), hz_text(region[1]));
    let of_part = match band.channel {
        BandChannel::Mid => " in the middle",
        BandChannel::Side => " at the sides",
        _ => "",
    };
    let (text, in_the_mix) = match measured {
        _ if heard.is_some() => (heard.unwrap_or_default(), None),
        _ if passes(band) => (format!("{place}{of_part} is taken away."), None),
        Some(db) if db * band.gain_db < 0.0 && db.abs() >= least_db(band.gain_db) => {
            let (direction, sound, advice) = if db > 0.0 {
                ("above", words.too_much, words.cut_in_mix)
            } else {
                ("below", words.too_little, words.raise_in_mix)
            };
            (
                format!(
                    "{place}{of_part} is {:.1} dB {direction} the aim, which sounds {sound}.",
                    db.abs()
                ),
                // Advice where a mix engineer would act: clear deviations, not fine-tuning.
                (db.abs() > 2.0 * tolerance && band.channel != BandChannel::Side).then(|| {
                    format!(
                        "{advice} ({:.1} dB {direction} the aim around {})",
                        db.abs(),
                        hz_text(band.freq_hz)
                    )
                }),
            )
        }
        Some(db) => {
            let ends = expected
                .map_or(String::new(), |db| format!(", and it ends at {} dB", signed(db, 1)));
            let text = format!(
                "{place}{of_part} is {} dB from the aim as it is; this band balances what its neighbours do there{ends}.",
                signed(db, 1)
            );
            (text, None)
        }
        None => {
            (format!("{place}{of_part} follows its neighbours; the aim says nothing there."), None)
        }
    };
    Move {
        id: band.id.clone(),
        what: band_text(band),
        text,
        metric: "third_octave_db".to_owned(),
        band_hz: Some(region),
        measured: tenth(measured.unwrap_or(0.0)),
        aim: 0.0,
        tolerance: tenth(tolerance),
        expected: tenth(expected.unwrap_or(0.0)),
        unit: "dB".to_owned(),
        confidence: confidence(measured.unwrap_or(0.0), tolerance),
        certainty_pct: hearing.and_then(|hearing| Some(hearing.tone.as_ref()?.certainty_pct)),
        in_the_mix,
        ..Move::default()
    }
}

/// A region that is less far off than this is not what a band of that gain is for: it balances its neighbours.
fn least_db(gain_db: f64) -> f64 {
    const SHARE: f64 = 0.25;
    (SHARE * gain_db.abs()).max(0.1)
}

/// A band as one would say it: `bell 250 Hz -1.6 dB Q 0.8`.
fn band_text(band: &EqualizerBand) -> String {
    let kind = match band.kind {
        FilterType::Bell => "bell",
        FilterType::LowShelf => "low shelf",
        FilterType::HighShelf => "high shelf",
        FilterType::LowPass => "low-pass",
        FilterType::HighPass => "high-pass",
        FilterType::Tilt => "tilt",
    };
    let part = match band.channel {
        BandChannel::Stereo => "",
        BandChannel::Mid => "mid ",
        BandChannel::Side => "side ",
        BandChannel::Left => "left ",
        BandChannel::Right => "right ",
    };
    let place = hz_text(band.freq_hz);
    if passes(band) {
        return format!("{part}{kind} {place}, {} dB per octave", band.slope_db_per_octave);
    }
    format!("{part}{kind} {place} {:+.1} dB Q {}", band.gain_db, band.q)
}

fn passes(band: &EqualizerBand) -> bool {
    matches!(band.kind, FilterType::LowPass | FilterType::HighPass)
}

/// `compress 1.5:1 over -24 dB, attack 30 ms, release 250 ms`, and what else is out of the ordinary.
fn compressor_text(band: &CompressorBand) -> String {
    let mut text = format!(
        "compress {}:1 over {} dB, attack {} ms, release {} ms",
        band.ratio, band.threshold_db, band.attack_ms, band.release_ms
    );
    if band.makeup_db != 0.0 {
        text.push_str(&format!(", makeup {:+} dB", band.makeup_db));
    }
    if band.mix_pct != 100.0 {
        text.push_str(&format!(", mix {} %", band.mix_pct));
    }
    text
}

/// `width 100/110 % from low to high`, and what else the stage does.
fn stereo_text(stereo: &StereoSettings) -> String {
    let mut parts = Vec::new();
    if stereo.bands.iter().any(|band| band.width_pct != 100.0) {
        let widths: Vec<String> =
            stereo.bands.iter().map(|band| format!("{:.0}", band.width_pct)).collect();
        parts.push(format!("width {} % from low to high", widths.join("/")));
    }
    if let Some(below_hz) = stereo.mono_below_hz {
        parts.push(format!("mono below {}", hz_text(below_hz)));
    }
    if stereo.decorrelate_pct != 0.0 {
        parts.push(format!("decorrelated middle {} %", stereo.decorrelate_pct));
    }
    if stereo.balance_db != 0.0 {
        parts.push(format!("balance {:+} dB to the right", stereo.balance_db));
    }
    parts.join(", ")
}

/// At equal loudness, how far a region lies from the aim before and afterwards, over the bands of which both are known.
fn mean_excesses_db(
    evidence: &Evidence,
    region_hz: [f64; 2],
    channel: BandChannel,
) -> [Option<f64>; 2] {
    let aim = evidence.aim;
    let excess = |now: &Analysis| match channel {
        BandChannel::Mid | BandChannel::Side => crate::tone::part_excess_db(aim, now, channel),
        _ => aim.tone_excess_db(&now.spectrum.level_db),
    };
    let (before, after) = (excess(evidence.before), excess(evidence.after));
    let bands = || inside(&evidence.before.spectrum.third_octave_hz, region_hz);
    let predicted = bands().any(|i| before[i].is_some() && after[i].is_some());
    let mean = |excess: &[Option<f64>]| {
        let known = bands().filter(|&i| !predicted || (before[i].is_some() && after[i].is_some()));
        let values: Vec<f64> = known.filter_map(|i| excess[i]).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    [mean(&before), if predicted { mean(&after) } else { None }]
}

fn mean_tolerance_db(aim: &Aim, region_hz: [f64; 2]) -> f64 {
    let centres: Vec<f64> = (0..aim.tone.len()).map(acetate_references::bands::centre_hz).collect();
    let values: Vec<f64> = inside(&centres, region_hz).map(|i| aim.tone[i].tolerance_db).collect();
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Indices of the third octaves whose centre lies in a region; the nearest one when none does.
fn inside(centres_hz: &[f64], region_hz: [f64; 2]) -> impl Iterator<Item = usize> {
    let first = centres_hz.partition_point(|&hz| hz < region_hz[0]);
    let end = centres_hz.partition_point(|&hz| hz <= region_hz[1]);
    let last = centres_hz.len().saturating_sub(1);
    let range = if first < end { first..end } else { first.min(last)..first.min(last) + 1 };
    range.filter(move |_| last > 0)
}

fn compressor_moves(settings: &Settings, evidence: &Evidence) -> Vec<Move> {
    let mean = |analysis: &Analysis| {
        let stds = analysis.dynamics.bands.iter().zip(&evidence.aim.bands);
        let (sum, weights) = stds.fold((0.0, 0.0), |(sum, weights), (band, aim)| {
            let weight = if band.level_std_db.is_some() { aim.level_std.weight } else { 0.0 };
            (sum + weight * band.level_std_db.unwrap_or(0.0), weights + weight)
        });
        if weights > 0.0 { sum / weights } else { 0.0 }
    };
    let aimed = {
        let (sum, weights) = evidence.aim.bands.iter().fold((0.0, 0.0), |(sum, weights), band| {
            (sum + band.level_std.weight * band.level_std.db, weights + band.level_std.weight)
        });
        if weights > 0.0 { sum / weights } else { 0.0 }
    };
    let hearing = evidence.aim.hearing.as_ref();
    let tolerance = evidence.aim.bands.first().map_or(0.5, |band| band.level_std.tolerance_db);
    let sections = &settings.compressor.sections;
    settings
        .compressor
        .bands
        .iter()
        .enumerate()
        .filter(|(_, band)| !band.is_neutral())
        .map(|(index, band)| {
            let (measured, expected) = (mean(evidence.before), mean(evidence.after));
            Move {
                id: name_of(&band.id, "compressor", index),
                what: compressor_text(band) + &sections_what(sections),
                text: hearing.and_then(heard::compressor_text).unwrap_or_else(|| {
                    format!(
                        "The level varies by {measured:.1} dB from moment to moment, the aim by {aimed:.1} dB. Attack and \
                         release cannot be read from a record; these suit most music."
                    )
                }) + &sections_why(sections),
                certainty_pct: hearing
                    .and_then(|hearing| Some(hearing.density.as_ref()?.certainty_pct)),
                metric: "dynamics.bands[].level_std_db".to_owned(),
                measured: tenth(measured),
                aim: tenth(aimed),
                tolerance: tenth(tolerance),
                expected: tenth(expected),
                unit: "dB".to_owned(),
                confidence: confidence(measured - aimed, tolerance),
                ..Move::default()
            }
        })
        .collect()
}

fn stereo_move(settings: &Settings, evidence: &Evidence) -> Option<Move> {
    if settings.stereo.is_neutral() {
        return None;
    }
    let what = stereo_text(&settings.stereo);
    // Bands that are as good as mono have no width to speak of, and none to predict.
    let has_side = |band: &StereoBand| band.side_minus_mid_db.is_some_and(|db| db > MONO_BELOW_DB);
    let wide: Vec<bool> = evidence.before.stereo.bands.iter().map(has_side).collect();
    let aims = evidence.aim.bands.iter().map(|band| band.side_minus_mid);
    let mean = |levels: &mut dyn Iterator<Item = Option<f64>>| {
        let bands = levels.zip(aims.clone()).zip(&wide).filter(|(_, wide)| **wide);
        let (sum, weights) = bands.fold((0.0, 0.0), |(sum, weights), ((level_db, aim), _)| {
            let weight = level_db.map_or(0.0, |_| aim.weight);
            (sum + weight * level_db.unwrap_or(0.0).max(MONO_BELOW_DB), weights + weight)
        });
        (weights > 0.0).then_some(sum / weights)
    };
    let levels = |analysis: &Analysis| -> Vec<Option<f64>> {
        analysis.stereo.bands.iter().map(|band| band.side_minus_mid_db).collect()
    };
    let both = mean(&mut levels(evidence.before).into_iter())
        .zip(mean(&mut aims.clone().map(|aim| Some(aim.db))));
    let Some((measured, aimed)) = both else {
        return Some(Move::told(
            "stereo",
            what,
            "The aim says nothing of the width: it was asked for.",
        ));
    };
    let tolerance = evidence.aim.bands.first().map_or(1.0, |band| band.side_minus_mid.tolerance_db);
    let expected = mean(&mut levels(evidence.after).into_iter()).unwrap_or(measured);
    let relation = if measured < aimed { "narrower" } else { "wider" };
    Some(Move {
        id: "stereo".to_owned(),
        what,
        text: format!(
            "The sides are {} the middle on average, the aim's {}: the image is {relation}.{}",
            beside_text(measured),
            beside_text(aimed),
            record_remark(evidence.aim)
        ),
        metric: "stereo.bands[].side_minus_mid_db".to_owned(),
        measured: tenth(measured),
        aim: tenth(aimed),
        tolerance: tenth(tolerance),
        expected: tenth(expected),
        unit: "dB".to_owned(),
        confidence: confidence(measured - aimed, tolerance),
        ..Move::default()
    })
}

/// `14.9 dB below`
fn beside_text(side_minus_mid_db: f64) -> String {
    let way = if side_minus_mid_db > 0.0 { "above" } else { "below" };
    format!("{:.1} dB {way}", side_minus_mid_db.abs())
}

fn confidence(excess: f64, tolerance: f64) -> Confidence {
    if excess.abs() > 3.0 * tolerance {
        Confidence::High
    } else if excess.abs() > tolerance {
        Confidence::Medium
    } else {
        Confidence::Low
    }
}

pub(super) fn tenth(value: f64) -> f64 {
    crate::rounding::to_step(value, 0.1)
}
