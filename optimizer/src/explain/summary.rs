//! The whole in one sentence.

use acetate_engine::Settings;
use acetate_engine::settings::{BandChannel, EqualizerBand};

use super::words::words_for;

/// Moves smaller than this are not worth a word, dB.
const WORTH_DB: f64 = 0.5;
/// Most equaliser moves that a sentence names.
const NAMED_MAX: usize = 3;

/// One sentence on what `settings` do to a sound of loudness `before_lufs` that ends at `after_lufs`.
pub(crate) fn summarize(settings: &Settings, loudness_change_lu: Option<f64>) -> String {
    let mut parts = Vec::new();
    if let Some(change) = loudness_change_lu
        && change.abs() >= 0.1
    {
        let verb = if change > 0.0 { "raise" } else { "lower" };
        parts.push(format!("{verb} the loudness by {:.1} dB", change.abs()));
    }
    parts.extend(tone_parts(&settings.equalizer.bands));
    if !settings.compressor.is_neutral() {
        parts.push("even out the level with gentle compression".to_owned());
    }
    if !settings.stereo.width_is_neutral() {
        let mean: f64 = settings.stereo.bands.iter().map(|band| band.width_pct).sum::<f64>()
            / settings.stereo.bands.len().max(1) as f64;
        parts.push(if mean >= 100.0 { "widen the image" } else { "narrow the image" }.to_owned());
    }
    if parts.is_empty() {
        return "Already meets the target: nothing to do.".to_owned();
    }
    let mut sentence = parts.join(", ");
    sentence[..1].make_ascii_uppercase();
    sentence.push('.');
    sentence
}

fn tone_parts(bands: &[EqualizerBand]) -> Vec<String> {
    let mut strongest: Vec<&EqualizerBand> = bands
        .iter()
        .filter(|band| !band.is_neutral() && band.channel != BandChannel::Side)
        .filter(|band| band.gain_db.abs() >= WORTH_DB)
        .collect();
    strongest.sort_by(|one, other| other.gain_db.abs().total_cmp(&one.gain_db.abs()));
    let mut named: Vec<&str> = Vec::new();
    let mut parts = Vec::new();
    for band in strongest {
        let name = words_for(band.freq_hz).name;
        if named.contains(&name) || named.len() == NAMED_MAX {
            continue;
        }
        named.push(name);
        let verb = if band.gain_db < 0.0 { "ease" } else { "lift" };
        parts.push(format!("{verb} {name}"));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_to_do_is_said() {
        assert!(summarize(&Settings::default(), Some(0.02)).contains("nothing to do"));
    }

    #[test]
    fn the_largest_moves_are_named_first() {
        let mut settings = Settings::default();
        settings.equalizer.bands = vec![
            EqualizerBand { freq_hz: 300.0, gain_db: -1.0, ..EqualizerBand::default() },
            EqualizerBand { freq_hz: 9_000.0, gain_db: 2.5, ..EqualizerBand::default() },
        ];
        assert_eq!(
            summarize(&settings, Some(3.84)),
            "Raise the loudness by 3.8 dB, lift the treble, ease the low mids."
        );
    }
}
