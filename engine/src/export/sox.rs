//! Effects for sox, to stand behind the file names.

use crate::Settings;
use crate::settings::{BandChannel, EqualizerBand, FilterType, LimiterKind};

use super::{Export, active_bands, level_db, missing, without_tilts};

pub(super) fn export(settings: &Settings) -> Export {
    let mut effects = Vec::new();
    let mut not_carried = Vec::new();
    for band in active_bands(settings) {
        if band.channel == BandChannel::Stereo {
            effects.extend(without_tilts(band).iter().flat_map(filters));
        } else {
            let channel = format!("{:?}", band.channel).to_lowercase();
            not_carried
                .push(format!("{}: sox filters all channels, not the {channel} alone", band.id));
        }
    }
    let level_db = level_db(settings);
    if level_db != 0.0 {
        effects.push(format!("gain {level_db:.4}"));
    }
    let limiter = (settings.limiter.kind != LimiterKind::Off)
        .then_some("sox has none that keeps a true peak; what is too loud clips");
    not_carried.extend(missing(settings, limiter));
    Export { text: effects.join(" ") + "\n", not_carried }
}

fn filters(band: &EqualizerBand) -> Vec<String> {
    let (freq_hz, gain_db, q) = (band.freq_hz, band.gain_db, band.q);
    let passes = band.slope_db_per_octave.div_ceil(12).max(1) as usize;
    match band.kind {
        FilterType::Bell => vec![format!("equalizer {freq_hz} {q}q {gain_db}")],
        FilterType::LowShelf => vec![format!("bass {gain_db} {freq_hz} {q}q")],
        FilterType::HighShelf => vec![format!("treble {gain_db} {freq_hz} {q}q")],
        FilterType::LowPass => vec![format!("lowpass -2 {freq_hz} {q}q"); passes],
        FilterType::HighPass => vec![format!("highpass -2 {freq_hz} {q}q"); passes],
        FilterType::Tilt => Vec::new(),
    }
}
