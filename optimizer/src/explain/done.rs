//! What was done, in one plain sentence.

use acetate_analyzer::Analysis;

use super::heard;
use super::mono::WIDTH_AS_IT_IS;
use super::repairs::repairs_in_words;
use super::summary::{Named, WidthTold, tone_names, width_words};
use crate::document::{Move, SettingsDocument};
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
    parts.extend(width_words(&settings.stereo, WidthTold::Done));
    parts.extend(repairs_in_words(&settings.restore).map(|what| format!("mended: {what}")));
    if settings.input.remove_dc {
        parts.push("constant offset removed".to_owned());
    }
    parts.extend(nearness(document, verdict));
    parts.join("; ") + "."
}

/// How much nearer the tone came to the record, and what of it was not followed the whole way.
fn nearness(document: &SettingsDocument, verdict: &Verdict) -> Option<String> {
    let check = verdict.check("tone").filter(|check| !check.advisory)?;
    let (was, now) = check.before.zip(check.measured)?;
    let amounts = &document.aim.amount_pct;
    let families =
        [("tone", amounts.tone), ("dynamics", amounts.dynamics), ("width", amounts.width)];
    let taken = families.iter().filter(|(name, _)| document.aim.take.iter().any(|one| one == name));
    let mut limits: Vec<String> =
        taken.filter_map(|(name, pct)| part_way(name, amounts.all * pct / 100.0)).collect();
    let reached = |step: &Move| step.id == "stereo" && step.what == WIDTH_AS_IT_IS;
    if document.moves.iter().any(reached) {
        limits.push("width not reachable".to_owned());
    }
    let limits = if limits.is_empty() {
        String::new()
    } else {
        format!(" (matching: {})", limits.join(", "))
    };
    Some(format!("tone was {was:.1}, now {now:.1} dB from the record{limits}"))
}

/// How far a family goes, where that is not the whole way.
fn part_way(family: &str, pct: f64) -> Option<String> {
    match pct {
        0.0 => Some(format!("none of the {family}")),
        50.0 => Some(format!("half way in {family}")),
        100.0 => None,
        pct => Some(format!("{pct:.0} % of the way in {family}")),
    }
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
    let amounts = &document.aim.amount_pct;
    if amounts.tone_share() == 0.0 {
        return "tone left alone: its amount is 0 %".to_owned();
    }
    let asked = document.aim.take.iter().any(|taken| taken == "tone");
    if let Some(hearing) = document.aim.hearing.as_ref().filter(|_| asked) {
        return format!("tone left alone: {}", heard::why_alone(hearing));
    }
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
    fn a_tone_whose_amount_is_none_was_left_alone_for_that() {
        for amounts in [[0.0, 100.0], [100.0, 0.0]] {
            let mut document = SettingsDocument::new(Settings::default());
            document.aim.amount_pct.all = amounts[0];
            document.aim.amount_pct.tone = amounts[1];
            let verdict = Verdict { checks: Vec::new(), ..Verdict::default() };
            let told = what_was_done(&document, &measuring(-14.0), &measuring(-14.0), &verdict);
            assert_eq!(told, "Loudness kept; tone left alone: its amount is 0 %.");
        }
    }

    #[test]
    fn how_much_nearer_the_record_is_told_with_what_was_not_followed() {
        let mut document = SettingsDocument::new(Settings::default());
        document.settings.stereo.bands =
            vec![acetate_engine::settings::StereoBand { below_hz: None, width_pct: 80.0 }];
        document.aim.take = ["tone", "dynamics"].map(str::to_owned).to_vec();
        document.aim.amount_pct.dynamics = 50.0;
        let near = Check { before: Some(7.6), ..check("tone", 3.1, 0.0, true, false) };
        let verdict = Verdict { checks: vec![near], ..Verdict::default() };
        let told = what_was_done(&document, &measuring(-14.0), &measuring(-14.0), &verdict);
        assert_eq!(
            told,
            "Loudness kept; tone left alone: it is as near to the reference as can be told; image narrowed; tone was 7.6, \
             now 3.1 dB from the record (matching: half way in dynamics)."
        );
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
