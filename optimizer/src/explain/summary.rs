//! The whole in one sentence.

use std::collections::BTreeSet;

use acetate_analyzer::Analysis;
use acetate_engine::Settings;
use acetate_engine::settings::{
    BandChannel, EqualizerBand, FilterType, LimiterKind, StereoSettings,
};

use super::words::{BAND_WORDS, BandWords};
use crate::verdict::Cannot;

/// Moves smaller than this are not worth a word, dB.
const WORTH_DB: f64 = 0.5;
/// Most regions that a sentence names.
const NAMED_MAX: usize = 3;

/// One sentence on what `settings` do to the sound `before`, whose render measures `after_lufs`.
pub(crate) fn summarize(
    settings: &Settings,
    before: &Analysis,
    after_lufs: Option<f64>,
    cannot: Option<&Cannot>,
) -> String {
    let mut parts = Vec::new();
    let change_lu = before.loudness.integrated_lufs.zip(after_lufs).map(|(was, is)| is - was);
    if let Some(change) = change_lu
        && change.abs() >= 0.1
    {
        let verb = if change > 0.0 { "raise" } else { "lower" };
        parts.push(format!("{verb} the loudness by {:.1} dB", change.abs()));
    } else if limits(settings, before) {
        parts.push(format!("hold the peaks under {} dBTP", settings.limiter.ceiling_dbtp));
    }
    if settings.input.remove_dc {
        parts.push("remove a constant offset".to_owned());
    }
    parts.extend(tone_names(&settings.equalizer.bands, Named::Suggested));
    if !settings.compressor.is_neutral() {
        parts.push("even out the level with gentle compression".to_owned());
    }
    parts.extend(width_words(&settings.stereo, WidthTold::Suggested));
    if parts.is_empty() {
        return cannot.map_or_else(
            || "Already meets the target: nothing to do.".to_owned(),
            |cannot| format!("Stays as it is, off the target: {}.", cannot.reason),
        );
    }
    let mut sentence = parts.join(", ");
    sentence[..1].make_ascii_uppercase();
    sentence.push('.');
    sentence
}

/// Whether peaks of the source lie over the ceiling and are brought under it.
fn limits(settings: &Settings, before: &Analysis) -> bool {
    settings.limiter.kind != LimiterKind::Off
        && before.loudness.true_peak_dbtp.is_some_and(|peak| peak > settings.limiter.ceiling_dbtp)
}

/// How a change of the width is spoken of.
#[derive(Clone, Copy, Debug)]
pub(super) enum WidthTold {
    /// `widen the image`
    Suggested,
    /// `image widened`
    Done,
}

/// Which way the image goes: both, where the bass goes another way than the rest. `None` when it stays.
pub(super) fn width_words(stereo: &StereoSettings, told_as: WidthTold) -> Option<String> {
    let wider = stereo.bands.iter().any(|band| band.width_pct > 100.0);
    let narrower = stereo.bands.iter().any(|band| band.width_pct < 100.0);
    let words = match (told_as, wider, narrower) {
        _ if stereo.width_is_neutral() => return None,
        (WidthTold::Suggested, true, false) => "widen the image",
        (WidthTold::Suggested, true, true) => "widen the image in part, narrow it in part",
        (WidthTold::Suggested, false, _) => "narrow the image",
        (WidthTold::Done, true, false) => "image widened",
        (WidthTold::Done, true, true) => "image widened in part, narrowed in part",
        (WidthTold::Done, false, _) => "image narrowed",
    };
    Some(words.to_owned())
}

/// How a move of the equaliser is spoken of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Named {
    /// `lift the treble`
    Suggested,
    /// `lifted the treble`
    Done,
}

/// A rate at which the response of a band is read: no region ends near half of it.
const READ_AT_HZ: f64 = 96_000.0;
/// Points of a region at which the response is read.
const POINTS: usize = 9;
/// The regions that are heard: what lies beyond is no music, Hz.
const HEARD_HZ: [f64; 2] = [30.0, 16_000.0];

/// Regions side by side that are moved by this share of the most of them are moved as one.
const AS_ONE: f64 = 0.7;

/// What the equaliser does in words: where all its bands together move the sound most, the most first.
pub(super) fn tone_names(bands: &[EqualizerBand], named_as: Named) -> Vec<String> {
    let moves = |band: &&EqualizerBand| {
        let by_gain = !matches!(band.kind, FilterType::LowPass | FilterType::HighPass);
        by_gain && !band.is_neutral() && band.channel != BandChannel::Side
    };
    let bands: Vec<&EqualizerBand> = bands.iter().filter(moves).collect();
    let response_db =
        |hz: f64| bands.iter().map(|band| band.response_db(hz, READ_AT_HZ)).sum::<f64>();
    let mean_db = |words: &BandWords| {
        let (low, high) = (words.low_hz.max(HEARD_HZ[0]), words.high_hz.min(HEARD_HZ[1]));
        let at = |point: usize| low * libm::pow(high / low, (point as f64 + 0.5) / POINTS as f64);
        (0..POINTS).map(|point| response_db(at(point))).sum::<f64>() / POINTS as f64
    };
    let regions: Vec<(f64, &str)> =
        BAND_WORDS.iter().map(|words| (mean_db(words), words.name)).collect();
    let way = |&(db, _): &(f64, &str)| (db.abs() >= WORTH_DB).then_some(db > 0.0);
    let alike = |one: usize, other: usize| way(&regions[one]) == way(&regions[other]);
    let size = |at: usize| regions[at].0.abs();
    let last = regions.len() - 1;
    let is_peak = |&at: &usize| {
        let above_before = at == 0 || !alike(at - 1, at) || size(at - 1) < size(at);
        let above_behind = at == last || !alike(at + 1, at) || size(at + 1) <= size(at);
        way(&regions[at]).is_some() && above_before && above_behind
    };
    // What is moved nearly as far beside it is the same move, which has the name of its middle.
    let named_as_one = |at: usize| {
        let same = |&other: &usize| alike(other, at) && size(other) >= AS_ONE * size(at);
        let low = (0..at).rev().take_while(same).last().unwrap_or(at);
        let high = (at + 1..=last).take_while(same).last().unwrap_or(at);
        (regions[at].0, regions[(low + high).div_ceil(2)].1)
    };
    let mut named: Vec<(f64, &str)> = (0..=last).filter(is_peak).map(named_as_one).collect();
    named.sort_by(|one, other| other.0.abs().total_cmp(&one.0.abs()));
    let mut seen = BTreeSet::new();
    named.retain(|(_, name)| seen.insert(*name));
    named.truncate(NAMED_MAX);
    let told = |&(db, name): &(f64, &str)| {
        let verb = match (named_as, db < 0.0) {
            (Named::Suggested, true) => "ease",
            (Named::Suggested, false) => "lift",
            (Named::Done, true) => "eased",
            (Named::Done, false) => "lifted",
        };
        format!("{verb} {name}")
    };
    named.iter().map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(
        settings: &Settings,
        peak_dbtp: f64,
        lufs: [f64; 2],
        cannot: Option<&Cannot>,
    ) -> String {
        let spec = acetate_audio::AudioSpec::new(48_000, 2);
        let silence = acetate_audio::Audio::silence(spec, 48_000);
        let source = acetate_audio::Source::from_audio(silence);
        let mut before = acetate_analyzer::analyze(&source).unwrap().analysis;
        before.loudness.integrated_lufs = Some(lufs[0]);
        before.loudness.true_peak_dbtp = Some(peak_dbtp);
        summarize(settings, &before, Some(lufs[1]), cannot)
    }

    #[test]
    fn nothing_to_do_is_said_only_where_nothing_is_done_and_nothing_missed() {
        let mut settings = Settings::default();
        settings.limiter.kind = LimiterKind::Masked;
        assert!(told(&settings, -3.0, [-14.0, -13.98], None).contains("nothing to do"));
        let peaks = told(&settings, 0.5, [-14.0, -13.98], None);
        assert_eq!(peaks, "Hold the peaks under -1 dBTP.");
        let cannot = Cannot {
            wanted_lufs: -6.0,
            reached_lufs: -14.0,
            reason: "-6.0 LUFS cannot be had".to_owned(),
            lever: String::new(),
        };
        let missed = told(&settings, -3.0, [-14.0, -13.98], Some(&cannot));
        assert_eq!(missed, "Stays as it is, off the target: -6.0 LUFS cannot be had.");
    }

    #[test]
    fn the_largest_moves_are_named_first() {
        let mut settings = Settings::default();
        settings.equalizer.bands = vec![
            EqualizerBand { freq_hz: 300.0, gain_db: -1.0, ..EqualizerBand::default() },
            EqualizerBand { freq_hz: 9_000.0, gain_db: 2.5, ..EqualizerBand::default() },
        ];
        assert_eq!(
            told(&settings, -3.0, [-18.0, -14.16], None),
            "Raise the loudness by 3.8 dB, lift the treble, ease the low mids."
        );
    }

    #[test]
    fn a_region_is_named_by_what_all_bands_do_there() {
        let band = |kind, freq_hz, gain_db| EqualizerBand {
            kind,
            freq_hz,
            gain_db,
            ..EqualizerBand::default()
        };
        let bands = [
            band(FilterType::LowShelf, 300.0, -6.0),
            band(FilterType::Bell, 150.0, 3.0),
            band(FilterType::Bell, 9_000.0, 0.3),
            band(FilterType::Bell, 1_500.0, -2.0),
        ];
        let names = tone_names(&bands, Named::Suggested);
        assert_eq!(names, ["ease the bass", "ease the upper mids"]);
    }
}
