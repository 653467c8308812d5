//! Room for what a lossy codec adds to the peaks: a ceiling low enough that the decoded file keeps the one asked for.

use acetate_analyzer::Loudness;
use acetate_engine::settings::LimiterKind;
use acetate_files::lossy::LossyCodec;
use acetate_optimizer::{Cannot, Confidence, Fit, Level, Move, settle_within};
use acetate_references::Target;

use crate::observer::Watch;
use crate::output::lossy_codec;
use crate::output::render::{Placing, Rendering};
use crate::{Error, Song};

/// Encodings that may be spent.
const ROUNDS_MAX: usize = 5;
/// Rounds in which the limiter may make the room; after them, or when the codec adds more than this, the level does.
const ROUNDS_OF_LIMITING: usize = 2;
const LIMITING_DB_MAX: f64 = 1.5;
/// Codecs answer a lower ceiling with other errors: go this much lower than the last one overshot, dB.
const MARGIN_DB: f64 = 0.05;
/// Loudness that a codec may change without an answer, LU.
const LOUDNESS_LU: f64 = 0.03;

/// What the file has to keep once it is decoded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Highest true peak.
    pub(crate) ceiling_dbtp: f64,
    /// Loudness, if there is a rule about it.
    pub(crate) lufs: Option<f64>,
    /// Noise over mask that the limiter may make, dB.
    pub(crate) max_damage_db: f64,
}

/// Lowers the ceiling of `fit`, and settles its loudness again, until the decoded file keeps `limits`.
///
/// # Errors
/// When the source cannot be read again, or the encoder fails.
pub(crate) fn make_room(
    song: &Song,
    target: &Target,
    fit: &mut Fit,
    limits: Limits,
    watch: &Watch<'_>,
) -> Result<(), Error> {
    let Some(codec) = lossy_codec(fit.settings.output.format) else { return Ok(()) };
    if fit.settings.limiter.kind == LimiterKind::Off {
        return Ok(());
    }
    let mut first_dbtp = None;
    // What the confirming render could not reach is not asked for again.
    let reachable = fit.cannot.as_ref().map_or(limits.lufs, |cannot| Some(cannot.reached_lufs));
    let mut lufs = reachable;
    for round in 1..=ROUNDS_MAX {
        let after = decoded(song, target, fit, watch)?;
        let over_db = after.true_peak_dbtp.map_or(0.0, |peak| peak - limits.ceiling_dbtp);
        let missed = after.integrated_lufs.zip(reachable).map_or(0.0, |(is, wanted)| is - wanted);
        if over_db <= 0.0 && (missed.abs() <= LOUDNESS_LU || fit.cannot.is_some()) {
            // What a player decodes was measured: no need to predict it.
            fit.predicted.loudness = after;
            break;
        }
        if over_db > 0.0 {
            first_dbtp = first_dbtp.or(after.true_peak_dbtp);
            let lower_dbtp = lower(fit.settings.limiter.ceiling_dbtp, over_db);
            if round > ROUNDS_OF_LIMITING || over_db > LIMITING_DB_MAX {
                turn_down(fit, lower_dbtp, limits, codec, after.integrated_lufs);
                continue;
            }
            fit.settings.limiter.ceiling_dbtp = lower_dbtp;
        }
        lufs = lufs.map(|lufs| lufs - missed);
        let settled = settle_within(
            song.source(),
            song.measured(),
            &fit.settings,
            lufs.map(Level::Lufs),
            limits.max_damage_db,
        )
        .map_err(|error| Error::read(song.name(), error))?;
        let cannot = settled.cannot.clone();
        fit.resettle(song.measured(), settled);
        fit.cannot = fit.cannot.take().or(cannot);
    }
    if let Some(peak_dbtp) = first_dbtp {
        explain(fit, codec, peak_dbtp, limits);
    }
    Ok(())
}

/// Loudness and peaks of the file that `fit` gives, as a player decodes it.
fn decoded(song: &Song, target: &Target, fit: &Fit, watch: &Watch<'_>) -> Result<Loudness, Error> {
    let (settings, place) = (&fit.settings, Placing::Temporary);
    let rendering = Rendering { song, settings, target: Some(target), place, watch };
    Ok(rendering.render()?.after.analysis.loudness)
}

/// Turns everything down, ceiling and drive alike: the codec then gets the same sound at a lower level, and what it decodes to
/// is lower by as much. Limiting harder at the same loudness had only brought other peaks.
fn turn_down(
    fit: &mut Fit,
    ceiling_dbtp: f64,
    limits: Limits,
    codec: LossyCodec,
    lufs: Option<f64>,
) {
    let down_db = fit.settings.limiter.ceiling_dbtp - ceiling_dbtp;
    fit.settings.limiter.ceiling_dbtp = ceiling_dbtp;
    fit.predicted.loudness = Loudness::default();
    fit.settings.drive_db = ((fit.settings.drive_db - down_db) * 1000.0).round() / 1000.0;
    let Some((wanted, was)) = limits.lufs.zip(lufs) else { return };
    let reached = was - down_db;
    fit.cannot = Some(Cannot {
        wanted_lufs: wanted,
        reached_lufs: reached,
        reason: format!(
            "decoded from {}, the file keeps {:.1} dBTP only at {reached:.1} LUFS: at {wanted:.1} LUFS the codec adds to the peaks",
            codec.name, limits.ceiling_dbtp
        ),
        lever: "a higher bit rate adds less; so does a lossless file".to_owned(),
    });
}

/// The next ceiling, in steps that a person can read.
pub(crate) fn lower(ceiling_dbtp: f64, over_db: f64) -> f64 {
    ((ceiling_dbtp - over_db - MARGIN_DB) * 20.0).floor() / 20.0
}

fn explain(fit: &mut Fit, codec: LossyCodec, peak_dbtp: f64, limits: Limits) {
    let ceiling_dbtp = fit.settings.limiter.ceiling_dbtp;
    if let Some(drive) = fit.moves.iter_mut().find(|step| step.id == "drive") {
        let drive_db = fit.settings.drive_db;
        drive.what = format!("drive {drive_db:+.1} dB into the limiter at {ceiling_dbtp} dBTP");
    }
    let tenth = |value: f64| (value * 10.0).round() / 10.0;
    fit.moves.push(Move {
        id: "limiter".to_owned(),
        what: format!("ceiling {ceiling_dbtp} dBTP"),
        text: format!(
            "{} moves the peaks: with the ceiling at {:.1} dBTP the decoded file reached {peak_dbtp:.1}.",
            codec.name, limits.ceiling_dbtp
        ),
        metric: "loudness.true_peak_dbtp".to_owned(),
        measured: tenth(peak_dbtp),
        aim: limits.ceiling_dbtp,
        expected: limits.ceiling_dbtp,
        unit: "dBTP".to_owned(),
        confidence: Confidence::High,
        ..Move::default()
    });
}

#[cfg(test)]
mod tests {
    use super::lower;

    #[test]
    fn the_ceiling_goes_below_the_overshoot_in_steps_of_a_twentieth() {
        assert_eq!(lower(-1.0, 0.31), -1.4);
        assert!(lower(-1.0, 0.001) <= -1.05);
    }
}
