//! Equalizer APO: one filter a line.

use crate::Settings;
use crate::settings::{BandChannel, EqualizerBand, FilterType};

use super::{Export, active_bands, is_mid_side, level_db, missing, without_tilts};

pub(super) fn export(settings: &Settings) -> Export {
    let mut lines = vec!["# Made by acetate".to_owned()];
    lines.push(format!("Preamp: {:.2} dB", level_db(settings)));
    let mut section = |channel: &str, wanted: &dyn Fn(&EqualizerBand) -> bool| {
        let bands: Vec<_> =
            active_bands(settings).filter(|band| wanted(band)).flat_map(without_tilts).collect();
        if !bands.is_empty() {
            lines.push(format!("Channel: {channel}"));
            lines.extend(bands.iter().flat_map(filters));
        }
    };
    section("all", &|band| band.channel == BandChannel::Stereo);
    section("L", &|band| band.channel == BandChannel::Left);
    section("R", &|band| band.channel == BandChannel::Right);
    if active_bands(settings).any(is_mid_side) {
        lines.push("Copy: M=0.5*L+0.5*R S=0.5*L+-0.5*R".to_owned());
        for (name, channel) in [("M", BandChannel::Mid), ("S", BandChannel::Side)] {
            let bands = active_bands(settings).filter(|band| band.channel == channel);
            lines.push(format!("Channel: {name}"));
            lines.extend(bands.flat_map(without_tilts).flat_map(|band| filters(&band)));
        }
        lines.push("Copy: L=M+S R=M+-1.0*S".to_owned());
    }
    let limiter = "Equalizer APO has none; lower the preamp until nothing clips";
    Export { text: lines.join("\n") + "\n", not_carried: missing(settings, Some(limiter)) }
}

/// The lines of one band; steep pass filters take several.
fn filters(band: &EqualizerBand) -> Vec<String> {
    let (freq_hz, gain_db, q) = (band.freq_hz, band.gain_db, band.q);
    let passes = band.slope_db_per_octave.div_ceil(12).max(1) as usize;
    match band.kind {
        FilterType::Bell => {
            vec![format!("Filter: ON PK Fc {freq_hz} Hz Gain {gain_db:.2} dB Q {q:.3}")]
        }
        FilterType::LowShelf => {
            vec![format!("Filter: ON LSC Fc {freq_hz} Hz Gain {gain_db:.2} dB Q {q:.3}")]
        }
        FilterType::HighShelf => {
            vec![format!("Filter: ON HSC Fc {freq_hz} Hz Gain {gain_db:.2} dB Q {q:.3}")]
        }
        FilterType::LowPass => vec![format!("Filter: ON LPQ Fc {freq_hz} Hz Q {q:.3}"); passes],
        FilterType::HighPass => vec![format!("Filter: ON HPQ Fc {freq_hz} Hz Q {q:.3}"); passes],
        FilterType::Tilt => Vec::new(),
    }
}
