//! What was done, in one plain sentence.

use acetate_analyzer::Analysis;

use super::summary::{Named, tone_names};
use crate::document::SettingsDocument;
use crate::verdict::{Check, Verdict};

/// Loudness that changed by less was kept, LU.
const KEPT_LU: f64 = 0.05;

/// One sentence on what was done to `before` to make `after`: loudness first, then the tone and why it was left alone where
/// it was, then the rest.
pub fn what_was_done(
    document: &SettingsDocument,
    before: &Analysis,
    after: &Analysis,
    verdict: &Verdict,
) -> String {
    let mut parts = vec![loudness(before, after, verdict), tone(document, verdict)];
    let settings = &document.settings;
    if !settings.compressor.is_neutral() {
        parts.push("level evened out".to_owned());
    }
    if !settings.stereo.width_is_neutral() {
        parts.push("width changed".to_owned());
    }
    if settings.input.remove_dc {
        parts.push("constant offset removed".to_owned());
    }
    parts.join("; ") + "."
}

fn loudness(before: &Analysis, after: &Analysis, verdict: &Verdict) -> String {
    let levels = before.loudness.integrated_lufs.zip(after.loudness.integrated_lufs);
    let change_lu = levels.map_or(0.0, |(before, after)| after - before);
    let done = match change_lu {
        lu if lu >= KEPT_LU => format!("Raised {lu:.1} dB"),
        lu if lu <= -KEPT_LU => format!("Lowered {:.1} dB", -lu),
        _ => "Loudness kept".to_owned(),
    };
    let missed = verdict.check("loudness").filter(|check| !check.met);
    match missed.and_then(|check| Some(check.measured? - check.aim)) {
        Some(lu) if lu < 0.0 => format!("{done}, {:.1} dB short of what was asked for", -lu),
        Some(lu) => format!("{done}, {lu:.1} dB over what was asked for"),
        None => done,
    }
}

fn tone(document: &SettingsDocument, verdict: &Verdict) -> String {
    let bands = &document.settings.equalizer.bands;
    let named = tone_names(bands, Named::Done);
    if !named.is_empty() {
        return named.join(", ");
    }
    if bands.iter().any(|band| !band.is_neutral()) {
        return "tone moved a little".to_owned();
    }
    let asked = document.aim.take.iter().any(|taken| taken == "tone");
    format!("tone left alone: {}", why_alone(verdict.check("tone"), asked))
}

fn why_alone(check: Option<&Check>, asked: bool) -> &'static str {
    match check.map(|check| (check.advisory, check.met)) {
        Some((true, true)) => "it lies within what records of this kind do",
        Some((true, false)) => "where it differs from records of this kind, it may well be meant",
        Some((false, true)) => "it is as near to the reference as can be told",
        Some((false, false)) => "no difference from the reference is sure enough to follow",
        None if asked => "there is nothing to hold it against",
        None => "that was not asked for",
    }
}

#[cfg(test)]
mod tests {
    use acetate_engine::Settings;
    use acetate_engine::settings::EqualizerBand;

    use super::*;

    fn measuring(lufs: f64) -> Analysis {
        let spec = acetate_audio::AudioSpec::new(48_000, 2);
        let silence = acetate_audio::Audio::silence(spec, 48_000);
        let source = acetate_audio::Source::from_audio(silence);
        let mut analysis = acetate_analyzer::analyze(&source).unwrap().analysis;
        analysis.loudness.integrated_lufs = Some(lufs);
        analysis
    }

    fn check(name: &str, measured: f64, aim: f64, met: bool, advisory: bool) -> Check {
        Check {
            name: name.to_owned(),
            measured: Some(measured),
            aim,
            tolerance: 1.0,
            unit: String::new(),
            met,
            before: None,
            worst: None,
            advisory,
        }
    }

    #[track_caller]
    fn told(settings: Settings, lufs: [f64; 2], checks: Vec<Check>) -> String {
        let document = SettingsDocument::new(settings);
        let verdict = Verdict { checks, ..Verdict::default() };
        what_was_done(&document, &measuring(lufs[0]), &measuring(lufs[1]), &verdict)
    }

    #[test]
    fn what_was_left_alone_is_said_with_the_reason() {
        let style = vec![check("tone", 2.0, 0.0, true, true)];
        assert_eq!(
            told(Settings::default(), [-20.8, -14.0], style),
            "Raised 6.8 dB; tone left alone: it lies within what records of this kind do."
        );
        let nothing = told(Settings::default(), [-14.0, -14.02], Vec::new());
        assert_eq!(nothing, "Loudness kept; tone left alone: that was not asked for.");
    }

    #[test]
    fn a_loudness_that_was_not_reached_is_said_in_the_same_breath() {
        let mut settings = Settings::default();
        settings.equalizer.bands =
            vec![EqualizerBand { freq_hz: 9_000.0, gain_db: 2.5, ..EqualizerBand::default() }];
        let missed = vec![check("loudness", -11.5, -6.6, false, false)];
        assert_eq!(
            told(settings, [-20.0, -11.5], missed),
            "Raised 8.5 dB, 4.9 dB short of what was asked for; lifted the treble."
        );
    }
}
