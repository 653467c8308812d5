//! Room for what a lossy codec adds to the peaks: a ceiling low enough that the decoded file keeps the one asked for; of a lossless file
//! that others will encode, low enough that nothing passes full scale then, where that is asked for. How low depends on the song, so it
//! is encoded: no blanket number.

use acetate_analyzer::Loudness;
use acetate_engine::settings::LimiterKind;
use acetate_files::lossy::LossyCodec;
use acetate_optimizer::{Cannot, Confidence, Fit, Level, Move, drive_text, settle_within};
use acetate_references::Target;

use crate::check::codec::{Lossy, peaks_dbtp};
use crate::observer::Watch;
use crate::output::render::{Placing, Rendering};
use crate::output::{lossy_codec, temporary_folder};
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
    /// The ceiling that was asked for, from which it goes down.
    pub(crate) asked_dbtp: f64,
    /// Loudness, if there is a rule about it.
    pub(crate) lufs: Option<f64>,
    /// Noise over mask that the limiter may make, dB.
    pub(crate) max_damage_db: f64,
}

/// What a file goes through before it is heard.
#[derive(Clone, Copy)]
enum Way<'a> {
    /// It is lossy itself.
    Output(LossyCodec),
    /// Others encode it.
    Codecs(&'a [Lossy]),
}

/// Full scale, over which nothing may go that others encode.
const FULL_SCALE_DBTP: f64 = 0.0;

/// Lowers the ceiling of `fit`, and settles its loudness again, until the decoded file keeps `limits`; of a lossless file, until it
/// stays below full scale after `codecs`.
///
/// # Errors
/// When the source cannot be read again, or the encoder fails.
pub(crate) fn make_room(
    song: &Song,
    target: &Target,
    fit: &mut Fit,
    limits: Limits,
    codecs: &[Lossy],
    watch: &Watch<'_>,
) -> Result<(), Error> {
    if fit.settings.limiter.kind == LimiterKind::Off {
        return Ok(());
    }
    if let Some(codec) = lossy_codec(fit.settings.output.format) {
        return settle_after(song, target, fit, limits, Way::Output(codec), watch);
    }
    let (there, missing): (Vec<Lossy>, Vec<Lossy>) =
        codecs.iter().partition(|codec| codec.can_encode().is_ok());
    for codec in missing {
        let why = codec.can_encode().err().unwrap_or_default();
        watch.note(&format!("{} was not tried, and the ceiling left alone: {why}", codec.name()));
    }
    if there.is_empty() {
        return Ok(());
    }
    let limits = Limits { ceiling_dbtp: FULL_SCALE_DBTP, ..limits };
    settle_after(song, target, fit, limits, Way::Codecs(&there), watch)
}

fn settle_after(
    song: &Song,
    target: &Target,
    fit: &mut Fit,
    limits: Limits,
    way: Way<'_>,
    watch: &Watch<'_>,
) -> Result<(), Error> {
    let mut first = None;
    // What the confirming render could not reach is not asked for again.
    let reachable = fit.cannot.as_ref().map_or(limits.lufs, |cannot| Some(cannot.reached_lufs));
    let mut lufs = reachable;
    for round in 1..=ROUNDS_MAX {
        let Decoded { loudness: after, peak_dbtp, codec } = decoded(song, target, fit, way, watch)?;
        let over_db = peak_dbtp.map_or(0.0, |peak| peak - limits.ceiling_dbtp);
        let missed = after.integrated_lufs.zip(reachable).map_or(0.0, |(is, wanted)| is - wanted);
        if over_db <= 0.0 && (missed.abs() <= LOUDNESS_LU || fit.cannot.is_some()) {
            // What a player decodes was measured: no need to predict it.
            fit.predicted.loudness = after;
            break;
        }
        if over_db > 0.0 {
            first = first.or(peak_dbtp.map(|peak| (peak, codec)));
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
        // What is reached is what this render says; what was wanted is what was asked for first.
        let cannot = settled.cannot.clone().map(|cannot| {
            let wanted_lufs = limits.lufs.unwrap_or(cannot.wanted_lufs);
            Cannot { wanted_lufs, ..cannot }
        });
        fit.resettle(song.measured(), settled);
        fit.cannot = cannot.or(fit.cannot.take());
    }
    match (first, way) {
        (Some((peak_dbtp, codec)), _) => explain(fit, codec, peak_dbtp, limits),
        (None, Way::Codecs(codecs)) => fit.moves.push(nothing_to_do(codecs, limits)),
        (None, Way::Output(_)) => {}
    }
    fit.retell(song.analysis());
    Ok(())
}

/// A file as it comes out of a codec.
struct Decoded {
    /// Loudness that counts: as a player decodes a lossy file, else of the file itself.
    loudness: Loudness,
    /// Highest true peak once decoded, and the codec that makes it.
    peak_dbtp: Option<f64>,
    codec: &'static str,
}

/// The file that `fit` gives, as a player decodes it.
fn decoded(
    song: &Song,
    target: &Target,
    fit: &Fit,
    way: Way<'_>,
    watch: &Watch<'_>,
) -> Result<Decoded, Error> {
    let settings = &fit.settings;
    let kept = fit.kept.as_deref();
    let rendering = |place| Rendering { song, settings, target: Some(target), place, kept, watch };
    let codecs = match way {
        Way::Output(codec) => {
            let loudness = rendering(Placing::Temporary).render()?.after.analysis.loudness;
            let peak_dbtp = loudness.true_peak_dbtp;
            return Ok(Decoded { loudness, peak_dbtp, codec: codec.name });
        }
        Way::Codecs(codecs) => codecs,
    };
    let folder = temporary_folder()?;
    let path = folder.path().join("rendered");
    let rendered = rendering(Placing::Beside { path: &path, replace: false }).render()?;
    let file = rendered.path().expect("it was written into a folder");
    let peaks = peaks_dbtp(codecs, file, None);
    let highest = peaks.into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
    let loudness = rendered.after.analysis.loudness.clone();
    let (codec, peak_dbtp) = highest.map_or(("", None), |(lossy, peak)| (lossy.name(), Some(peak)));
    Ok(Decoded { loudness, peak_dbtp, codec })
}

/// Turns everything down, ceiling and drive alike: the codec then gets the same sound at a lower level, and what it decodes to
/// is lower by as much. Limiting harder at the same loudness had only brought other peaks.
fn turn_down(fit: &mut Fit, ceiling_dbtp: f64, limits: Limits, codec: &str, lufs: Option<f64>) {
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
            "decoded from {}, it keeps {:.1} dBTP at {reached:.1} LUFS: at {wanted:.1} LUFS the codec adds to the peaks",
            codec, limits.ceiling_dbtp
        ),
        lever: "a higher bit rate adds less; so does less loudness".to_owned(),
    });
}

/// The next ceiling, in steps that a person can read.
pub(crate) fn lower(ceiling_dbtp: f64, over_db: f64) -> f64 {
    ((ceiling_dbtp - over_db - MARGIN_DB) * 20.0).floor() / 20.0
}

/// That encodes were tried, and need nothing.
fn nothing_to_do(codecs: &[Lossy], limits: Limits) -> Move {
    let names: Vec<&str> = codecs.iter().map(|codec| codec.name()).collect();
    let text = format!(
        "Decoded from {}, no peak passes {:.1} dBTP: the ceiling stays.",
        names.join(", "),
        limits.ceiling_dbtp
    );
    Move { confidence: Confidence::High, ..Move::told("codecs", Move::LEFT_ALONE, text) }
}

fn explain(fit: &mut Fit, codec: &str, peak_dbtp: f64, limits: Limits) {
    let ceiling_dbtp = fit.settings.limiter.ceiling_dbtp;
    if let Some(drive) = fit.moves.iter_mut().find(|step| step.id == "drive") {
        drive.what = drive_text(&fit.settings);
    }
    let tenth = |value: f64| (value * 10.0).round() / 10.0;
    fit.moves.push(Move {
        id: "limiter".to_owned(),
        what: format!("ceiling {ceiling_dbtp} dBTP"),
        text: format!(
            "{codec} moves the peaks: with the ceiling at {:.1} dBTP the decoded file reached {peak_dbtp:.1}.",
            limits.asked_dbtp
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
