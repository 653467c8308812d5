//! One move for each stage that no measure asked for: colours, ends, and filters that act now and then.

use acetate_analyzer::Analysis;
use acetate_engine::Settings;
use acetate_engine::settings::{BassHarmonicsSettings, LimiterKind};

use super::drive::drive_text;
use super::settings::name_of;
use super::words::hz_text;
use crate::document::{Confidence, Move};

/// The moves of the stages that are used, in the order of processing.
pub(crate) fn stage_moves(settings: &Settings) -> Vec<Move> {
    let dynamics = &settings.dynamic_equalizer;
    let mut moves = Vec::new();
    for (index, band) in dynamics.bands.iter().enumerate().filter(|(_, band)| band.enabled) {
        moves.push(Move::told(
            &name_of(&band.id, "dynamic_equalizer", index),
            format!(
                "cut up to {} dB at {} while it is louder than {} dB",
                band.range_db,
                hz_text(band.freq_hz),
                band.threshold_db
            ),
            "Cuts only while its own band is loud.",
        ));
    }
    if dynamics.de_esser.enabled {
        let de_esser = &dynamics.de_esser;
        let what = format!(
            "soften s sounds around {} by {} % of their excess, at most {} dB",
            hz_text(de_esser.freq_hz),
            de_esser.amount_pct,
            de_esser.range_db
        );
        moves.push(Move::told("de_esser", what, "Sharp s sounds are softened, and nothing else."));
    }
    if dynamics.resonance.enabled {
        let resonance = &dynamics.resonance;
        let what = format!(
            "tame resonances by {} % of their excess, at most {} dB",
            resonance.amount_pct, resonance.range_db
        );
        moves.push(Move::told("resonance", what, "Narrow peaks that never pause are taken down."));
    }
    if !settings.bass_harmonics.is_neutral() {
        let what = bass_harmonics_text(&settings.bass_harmonics);
        let text = "Small loudspeakers play no bass: its pitch is heard there through harmonics.";
        moves.push(Move::told("bass_harmonics", what, text));
    }
    if !settings.saturator.is_neutral() {
        let what = format!("harmonics {} %", settings.saturator.mix_pct);
        moves.push(Move::told("saturator", what, "Colour is a matter of taste: it was asked for."));
    }
    if !settings.reverb.is_neutral() {
        let what = format!("room {} %, {} s", settings.reverb.mix_pct, settings.reverb.decay_s);
        moves.push(Move::told("reverb", what, "Room is a matter of taste: it was asked for."));
    }
    moves.extend(end_moves(settings));
    moves
}

/// `harmonics of the bass below 120 Hz at -12, -15 and -18 dB`
pub fn bass_harmonics_text(bass: &BassHarmonicsSettings) -> String {
    format!(
        "harmonics of the bass below {} at {}, {} and {} dB",
        hz_text(bass.below_hz),
        bass.second_db,
        bass.third_db,
        bass.fourth_db
    )
}

fn end_moves(settings: &Settings) -> Vec<Move> {
    let (input, fades) = (&settings.input, &settings.fades);
    let mut moves = Vec::new();
    if input.remove_dc {
        let what = "remove the constant offset".to_owned();
        moves.push(Move::told("offset", what, "The waveform does not swing around zero."));
    }
    let lengths = [
        ("cut", input.trim_start_s, "s from the beginning"),
        ("cut", input.trim_end_s, "s from the end"),
        ("fade in", fades.in_ms, "ms"),
        ("fade out", fades.out_ms, "ms"),
    ];
    let parts: Vec<String> = lengths
        .iter()
        .filter(|(_, length, _)| *length > 0.0)
        .map(|(verb, length, unit)| format!("{verb} {length} {unit}"))
        .collect();
    if !parts.is_empty() {
        moves.push(Move::told("ends", parts.join(", "), "Where the sound begins and ends."));
    }
    moves
}

/// A move that takes out a constant offset, with what there is of it.
pub(crate) fn with_offset(step: Move, before: &Analysis) -> Move {
    if step.id != "offset" {
        return step;
    }
    const PERCENT: f64 = 100.0;
    Move {
        metric: "source.dc_offset".to_owned(),
        measured: crate::rounding::to_three_digits(PERCENT * before.source.dc_offset.abs()),
        unit: "% of full scale".to_owned(),
        confidence: Confidence::High,
        ..step
    }
}

/// A gain that no target asked for.
pub(crate) fn gain_move(settings: &Settings) -> Move {
    Move::told(
        "drive",
        drive_text(settings),
        "Gain that was asked for, whatever loudness it gives.",
    )
}

/// The limiter by itself, where no drive speaks of it.
pub(crate) fn limiter_move(settings: &Settings) -> Move {
    let limiter = &settings.limiter;
    let what = match limiter.kind {
        LimiterKind::Off => "no limiter".to_owned(),
        kind => format!(
            "{} limiter at {} dBTP",
            format!("{kind:?}").to_lowercase(),
            limiter.ceiling_dbtp
        ),
    };
    Move::told("limiter", what, "What keeps the peaks under the ceiling.")
}
