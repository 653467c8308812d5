//! A preset for EasyEffects: its equaliser, with the drive as output gain.

use crate::Settings;
use crate::settings::{BandChannel, EqualizerBand, FilterType};
use serde_json::{Map, Value, json};

use super::{Export, active_bands, level_db, missing, without_tilts};

/// Bands of the equaliser of EasyEffects.
const BANDS_MAX: usize = 32;

pub(super) fn export(settings: &Settings) -> Export {
    let (stereo, others): (Vec<_>, Vec<_>) =
        active_bands(settings).partition(|band| band.channel == BandChannel::Stereo);
    let bands: Vec<EqualizerBand> =
        stereo.into_iter().flat_map(without_tilts).take(BANDS_MAX).collect();
    let side: Map<String, Value> = bands
        .iter()
        .enumerate()
        .map(|(index, band)| (format!("band{index}"), json_band(band)))
        .collect();
    let preset = json!({ "output": {
        "blocklist": [],
        "plugins_order": ["equalizer#0"],
        "equalizer#0": {
            "bypass": false, "input-gain": 0.0, "output-gain": level_db(settings), "mode": "IIR",
            "num-bands": bands.len(), "split-channels": false, "left": side, "right": side,
        },
    } });
    let mut not_carried: Vec<String> = others
        .iter()
        .map(|band| {
            format!("{}: acts on one of mid, side, left or right, which is left out", band.id)
        })
        .collect();
    not_carried.extend(missing(settings, Some("left out; add its limiter behind the equaliser")));
    let text = serde_json::to_string_pretty(&preset).unwrap_or_default() + "\n";
    Export { text, not_carried }
}

fn json_band(band: &EqualizerBand) -> Value {
    let kind = match band.kind {
        FilterType::Bell | FilterType::Tilt => "Bell",
        FilterType::LowShelf => "Lo-shelf",
        FilterType::HighShelf => "Hi-shelf",
        FilterType::LowPass => "Lo-pass",
        FilterType::HighPass => "Hi-pass",
    };
    let slope = format!("x{}", band.slope_db_per_octave.div_ceil(12).clamp(1, 4));
    json!({
        "type": kind, "mode": "APO (DR)", "slope": slope, "frequency": band.freq_hz, "gain": band.gain_db,
        "q": band.q, "mute": false, "solo": false,
    })
}
