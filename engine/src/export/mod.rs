//! Settings for other programs. Each export says what it could not carry.

mod apo;
mod camilladsp;
mod csv;
mod easyeffects;
mod ffmpeg;
mod ir;
mod sheet;
mod sox;

use crate::Settings;
use crate::settings::{BandChannel, EqualizerBand, FilterType};
pub use ir::{ImpulseResponse, impulse_response};

/// A program or format that settings can be written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A sheet to dial in by hand.
    Text,
    /// Equalizer APO (Windows).
    Apo,
    /// An ffmpeg filter chain, for `-af`.
    Ffmpeg,
    /// Effects for sox.
    Sox,
    /// Every parameter with value and unit.
    Csv,
    /// A preset for EasyEffects (Linux).
    Easyeffects,
    /// A configuration for CamillaDSP.
    Camilladsp,
    /// The impulse response of all that is linear, as a WAV of floats: [`impulse_response`].
    Ir,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Text,
        Self::Apo,
        Self::Ffmpeg,
        Self::Sox,
        Self::Csv,
        Self::Easyeffects,
        Self::Camilladsp,
        Self::Ir,
    ];

    /// The word that stands for it.
    pub fn id(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Apo => "apo",
            Self::Ffmpeg => "ffmpeg",
            Self::Sox => "sox",
            Self::Csv => "csv",
            Self::Easyeffects => "easyeffects",
            Self::Camilladsp => "camilladsp",
            Self::Ir => "ir",
        }
    }

    /// What it is, in a few words.
    pub fn description(self) -> &'static str {
        match self {
            Self::Text => "A sheet to dial in by hand",
            Self::Apo => "Equalizer APO (Windows)",
            Self::Ffmpeg => "An ffmpeg filter chain, for -af",
            Self::Sox => "Effects for sox",
            Self::Csv => "Every parameter with value and unit",
            Self::Easyeffects => "A preset for EasyEffects (Linux)",
            Self::Camilladsp => "A configuration for CamillaDSP",
            Self::Ir => "The impulse response of all that is linear, as a WAV of floats",
        }
    }
}

/// Settings in another program's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// What to give that program.
    pub text: String,
    /// What it cannot do, or does differently.
    pub not_carried: Vec<String>,
}

/// Writes settings for a program, in text; `None` for the format that is sound. `rate_hz` is the rate of the sound they
/// are for.
pub fn export(settings: &Settings, rate_hz: u32, format: Format) -> Option<Export> {
    Some(match format {
        Format::Text => sheet::export(settings),
        Format::Apo => apo::export(settings),
        Format::Ffmpeg => ffmpeg::export(settings),
        Format::Sox => sox::export(settings),
        Format::Csv => csv::export(settings),
        Format::Easyeffects => easyeffects::export(settings),
        Format::Camilladsp => camilladsp::export(settings, rate_hz),
        Format::Ir => return None,
    })
}

/// The equaliser bands that do something.
fn active_bands(settings: &Settings) -> impl Iterator<Item = &EqualizerBand> {
    settings.equalizer.bands.iter().filter(|band| !band.is_neutral())
}

/// Does a band act on mid or side?
fn is_mid_side(band: &EqualizerBand) -> bool {
    matches!(band.channel, BandChannel::Mid | BandChannel::Side)
}

/// A tilt is two shelves of half the gain with opposite sign around its frequency.
fn without_tilts(band: &EqualizerBand) -> Vec<EqualizerBand> {
    if band.kind != FilterType::Tilt {
        return vec![band.clone()];
    }
    let shelf = |kind, gain_db| EqualizerBand { kind, gain_db, ..band.clone() };
    vec![
        shelf(FilterType::LowShelf, -band.gain_db / 2.0),
        shelf(FilterType::HighShelf, band.gain_db / 2.0),
    ]
}

/// Drive and the gain behind the limiter: one gain where there is no limiter between them.
fn level_db(settings: &Settings) -> f64 {
    settings.drive_db + settings.limiter.output_gain_db
}

/// Names of the active stages other than equaliser, drive and limiter.
fn other_stages(settings: &Settings) -> Vec<&'static str> {
    let dynamic = &settings.dynamic_equalizer;
    let stages = [
        ("dynamic equaliser", dynamic.bands.iter().any(|band| band.enabled)),
        ("de-esser", dynamic.de_esser.enabled),
        ("resonance taming", dynamic.resonance.enabled),
        ("compressor", !settings.compressor.is_neutral()),
        ("bass harmonics", !settings.bass_harmonics.is_neutral()),
        ("saturator", !settings.saturator.is_neutral()),
        ("stereo width", !settings.stereo.is_neutral()),
        ("reverb", !settings.reverb.is_neutral()),
    ];
    stages.into_iter().filter(|(_, active)| *active).map(|(name, _)| name).collect()
}

/// Sentences about the stages a program cannot do.
fn missing(settings: &Settings, limiter: Option<&str>) -> Vec<String> {
    let mut sentences: Vec<String> =
        other_stages(settings).into_iter().map(|stage| format!("{stage}: not carried")).collect();
    if let Some(limiter) = limiter {
        sentences.push(format!("limiter: {limiter}"));
    }
    if active_bands(settings).next().is_some() {
        sentences.push(
            "equaliser: bilinear filters there, analogue-matched here; they differ above about 10 kHz"
                .to_owned(),
        );
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One bell, one side shelf, drive and a limiter.
    pub(super) fn example() -> Settings {
        crate::parse(
            r#"{ "equalizer": { "bands": [
                { "id": "eq1", "type": "bell", "freq_hz": 250, "gain_db": -1.6, "q": 0.8 },
                { "id": "eq2", "type": "high_shelf", "channel": "side", "freq_hz": 9000, "gain_db": 1.2, "q": 0.7 },
                { "id": "off", "enabled": false, "freq_hz": 99, "gain_db": 9, "q": 1 } ] },
              "compressor": { "bands": [ { "id": "comp1", "ratio": 1.5, "threshold_db": -24 } ] },
              "drive_db": 4.3, "limiter": { "kind": "masked", "ceiling_dbtp": -1 } }"#,
        )
        .unwrap()
    }

    #[test]
    fn every_export_leaves_out_what_is_switched_off_and_says_what_it_cannot_do() {
        for format in Format::ALL {
            let Some(Export { text, not_carried }) = export(&example(), 48_000, format) else {
                assert_eq!(format, Format::Ir);
                continue;
            };
            assert!(text.contains("250") && text.contains("1.6"), "{format:?}: {text}");
            let complete = matches!(format, Format::Text | Format::Csv);
            assert_eq!(not_carried.is_empty(), complete, "{format:?}: {not_carried:?}");
            if !complete {
                assert!(!text.contains("99"), "{format:?}: {text}");
                assert!(not_carried.iter().any(|s| s.starts_with("compressor")), "{not_carried:?}");
            }
        }
    }

    #[test]
    fn a_tilt_becomes_two_shelves() {
        let tilt =
            EqualizerBand { kind: FilterType::Tilt, gain_db: 2.0, ..EqualizerBand::default() };
        let gains: Vec<f64> = without_tilts(&tilt).iter().map(|band| band.gain_db).collect();
        assert_eq!(gains, [-1.0, 1.0]);
    }
}
