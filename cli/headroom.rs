//! Room for what a lossy codec adds to the peaks: a ceiling low enough that the decoded file keeps the one asked for.

use acetate_engine::settings::LimiterKind;
use acetate_optimizer::{Confidence, Fit, Move, settle_loudness};
use acetate_references::Target;

use crate::failure::Outcome;
use crate::lossy::Codec;
use crate::progress::Progress;
use crate::reading::{Track, because};
use crate::writing::Writing;

/// Encodings that may be spent.
const ROUNDS_MAX: usize = 4;
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
}

/// Lowers the ceiling of `fit`, and settles its loudness again, until the decoded file keeps `limits`.
///
/// # Errors
/// When the source cannot be read again, or the encoder fails.
pub(crate) fn make_room(
    track: &Track,
    target: &Target,
    fit: &mut Fit,
    limits: Limits,
    progress: &Progress,
) -> Outcome<()> {
    let Some(codec) = Codec::of(fit.settings.output.format) else { return Ok(()) };
    if fit.settings.limiter.kind == LimiterKind::Off {
        return Ok(());
    }
    let mut first_dbtp = None;
    let mut lufs = limits.lufs;
    for _ in 0..ROUNDS_MAX {
        let settings = fit.settings.clone();
        let source = &track.source;
        let writing = Writing {
            source,
            settings: &settings,
            target: Some(target),
            path: None,
            replace: false,
        };
        let after = writing.render(progress)?.after.analysis.loudness;
        let over_db = after.true_peak_dbtp.map_or(0.0, |peak| peak - limits.ceiling_dbtp);
        let missed = after.integrated_lufs.zip(limits.lufs).map_or(0.0, |(is, wanted)| is - wanted);
        if over_db <= 0.0 && (missed.abs() <= LOUDNESS_LU || fit.cannot.is_some()) {
            break;
        }
        if over_db > 0.0 {
            first_dbtp = first_dbtp.or(after.true_peak_dbtp);
            fit.settings.limiter.ceiling_dbtp = lower(settings.limiter.ceiling_dbtp, over_db);
        }
        lufs = lufs.map(|lufs| lufs - missed);
        let settled = settle_loudness(source, &track.measured, &fit.settings, lufs, &mut |_| {})
            .map_err(|error| because(&error).about(track.input.name()))?;
        fit.settings = settled.settings;
        fit.confirmed = settled.levels;
        fit.trace = settled.trace;
        fit.renders += settled.renders;
        fit.cannot = fit.cannot.take().or(settled.cannot);
    }
    if let Some(peak_dbtp) = first_dbtp {
        explain(fit, codec, peak_dbtp, limits);
    }
    Ok(())
}

/// The next ceiling, in steps that a person can read.
fn lower(ceiling_dbtp: f64, over_db: f64) -> f64 {
    ((ceiling_dbtp - over_db - MARGIN_DB) * 20.0).floor() / 20.0
}

fn explain(fit: &mut Fit, codec: Codec, peak_dbtp: f64, limits: Limits) {
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
