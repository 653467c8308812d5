//! A configuration for CamillaDSP (version 2 and later); devices are left for the user to fill in.

use crate::Settings;
use crate::settings::{BandChannel, EqualizerBand, FilterType};

use super::{Export, active_bands, is_mid_side, level_db, missing, without_tilts};

/// A filter with its name and channel.
struct Named {
    name: String,
    channel: BandChannel,
    parameters: String,
}

pub(super) fn export(settings: &Settings, rate_hz: u32) -> Export {
    let filters: Vec<Named> =
        active_bands(settings).flat_map(without_tilts).enumerate().flat_map(named).collect();
    let mid_side = active_bands(settings).any(is_mid_side);
    let mut text = format!(
        "# Made by acetate. Replace the devices by yours.\ndevices:\n  samplerate: {rate_hz}\n  chunksize: 1024\n  \
         capture: {{ type: Stdin, channels: 2, format: FLOAT32LE }}\n  playback: {{ type: Stdout, channels: 2, format: FLOAT32LE }}\n"
    );
    text.push_str("filters:\n");
    text.push_str(&format!(
        "  drive: {{ type: Gain, parameters: {{ gain: {:.4} }} }}\n",
        level_db(settings)
    ));
    for filter in &filters {
        text.push_str(&format!(
            "  {}: {{ type: Biquad, parameters: {{ {} }} }}\n",
            filter.name, filter.parameters
        ));
    }
    if mid_side {
        text.push_str(MIXERS);
    }
    text.push_str("pipeline:\n");
    let group = |channels: &[BandChannel]| -> Vec<&str> {
        filters.iter().filter(|f| channels.contains(&f.channel)).map(|f| f.name.as_str()).collect()
    };
    step(&mut text, "0, 1", &group(&[BandChannel::Stereo]));
    step(&mut text, "0", &group(&[BandChannel::Left]));
    step(&mut text, "1", &group(&[BandChannel::Right]));
    if mid_side {
        text.push_str("  - { type: Mixer, name: to_mid_side }\n");
        step(&mut text, "0", &group(&[BandChannel::Mid]));
        step(&mut text, "1", &group(&[BandChannel::Side]));
        text.push_str("  - { type: Mixer, name: to_left_right }\n");
    }
    step(&mut text, "0, 1", &["drive"]);
    let limiter = "CamillaDSP's only clips; lower the gain until nothing does";
    Export { text, not_carried: missing(settings, Some(limiter)) }
}

const MIXERS: &str = "mixers:
  to_mid_side:
    channels: { in: 2, out: 2 }
    mapping:
      - { dest: 0, sources: [ { channel: 0, gain: 0.5, scale: linear }, { channel: 1, gain: 0.5, scale: linear } ] }
      - { dest: 1, sources: [ { channel: 0, gain: 0.5, scale: linear }, { channel: 1, gain: -0.5, scale: linear } ] }
  to_left_right:
    channels: { in: 2, out: 2 }
    mapping:
      - { dest: 0, sources: [ { channel: 0, gain: 1, scale: linear }, { channel: 1, gain: 1, scale: linear } ] }
      - { dest: 1, sources: [ { channel: 0, gain: 1, scale: linear }, { channel: 1, gain: -1, scale: linear } ] }
";

fn step(text: &mut String, channels: &str, names: &[&str]) {
    if !names.is_empty() {
        text.push_str(&format!(
            "  - {{ type: Filter, channels: [{channels}], names: [{}] }}\n",
            names.join(", ")
        ));
    }
}

/// A band under a name that YAML takes for one, several times when it is steep.
fn named((index, band): (usize, EqualizerBand)) -> Vec<Named> {
    let (freq_hz, gain_db, q) = (band.freq_hz, band.gain_db, band.q);
    let parameters = match band.kind {
        FilterType::Bell => format!("type: Peaking, freq: {freq_hz}, q: {q}, gain: {gain_db}"),
        FilterType::LowShelf => format!("type: Lowshelf, freq: {freq_hz}, q: {q}, gain: {gain_db}"),
        FilterType::HighShelf => {
            format!("type: Highshelf, freq: {freq_hz}, q: {q}, gain: {gain_db}")
        }
        FilterType::LowPass => format!("type: Lowpass, freq: {freq_hz}, q: {q}"),
        FilterType::HighPass => format!("type: Highpass, freq: {freq_hz}, q: {q}"),
        FilterType::Tilt => return Vec::new(),
    };
    let passes = match band.kind {
        FilterType::LowPass | FilterType::HighPass => band.slope_db_per_octave.div_ceil(12).max(1),
        _ => 1,
    };
    (0..passes)
        .map(|pass| Named {
            name: format!("filter{}_{}", index + 1, pass + 1),
            channel: band.channel,
            parameters: parameters.clone(),
        })
        .collect()
}
