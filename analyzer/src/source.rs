//! Everything about the recording itself, put together from the tracks.

use acetate_audio::AudioSpec;
use acetate_audio::units::amplitude_to_db;

use crate::analysis::{Loudness, SourceQuality, Stereo};
use crate::band_result::BandResult;
use crate::faults::{
    Boom, FlatTops, Noise, PLACES, Resonance, bandwidth, boom, hum_lines, noise, resonance,
    rumble_dbfs, sibilants, ultrasonic_lu,
};
use crate::spectrum::grids::{cell_edges, narrow_edges};
use crate::spectrum::{LowResult, STEPS_PER_SECOND};
use crate::waveform::WaveformResult;

/// Below this PLR a sound may have been limited...
const LIMITED_PLR_DB: f64 = 9.5;
/// ...when its peaks come this close to full scale, or are all of one height.
const LIMITED_PEAK_DBFS: f64 = -1.2;
/// A channel this far below the other is dead.
pub(crate) const DEAD_DB: f64 = -50.0;
/// Side over mid energy up to which both channels are the same but for dither: -60 dB.
const DUAL_MONO_WIDTH: f64 = 1e-6;

/// What the tracks say about the source, with the places for the findings.
#[derive(Debug, Default)]
pub(crate) struct Source {
    pub(crate) quality: SourceQuality,
    pub(crate) hiss: bool,
    pub(crate) flat_tops_at_s: Vec<f64>,
    pub(crate) clicks_at_s: Vec<f64>,
    pub(crate) sibilants_at_s: Vec<f64>,
    /// Level of what is there below the bass even when nothing is played.
    pub(crate) rumble_dbfs: Option<f64>,
    pub(crate) boom: Option<Boom>,
    pub(crate) resonance: Option<Resonance>,
    /// How much of the loudness comes from above 20 kHz, LU.
    pub(crate) ultrasonic_lu: Option<f64>,
    /// The channel, counted from 0, that is dead.
    pub(crate) dead_channel: Option<usize>,
}

/// Faults found in each channel.
#[derive(Debug, Default)]
pub(crate) struct ChannelFaults {
    pub(crate) flat_tops: FlatTops,
    pub(crate) clicks_at_frames: Vec<u64>,
    pub(crate) clicks: u64,
}

/// Puts together what is known of the source.
pub(crate) fn source(
    spec: AudioSpec,
    (bands, low, waveform): (&BandResult, &LowResult, &WaveformResult),
    faults: &[ChannelFaults],
    loudness: &Loudness,
    stereo: &Stereo,
) -> Source {
    let rate = f64::from(spec.sample_rate_hz);
    let bandwidth = bandwidth(&bands.bins, bands.bin_hz);
    let edges_hz = narrow_edges(rate / 2.0);
    let Noise { floor_db, hiss } = noise(bands, &edges_hz);
    let sibilants_at_s = sibilants(bands, &edges_hz, 1.0 / STEPS_PER_SECOND as f64);
    let clicks_at_s = click_places(faults, rate);
    let clip_level = faults.iter().map(|channel| channel.flat_tops.level).fold(0.0, f32::max);
    let quality = SourceQuality {
        bandwidth_hz: bandwidth.top_hz,
        lossy_suspected: bandwidth.cliff,
        limited_suspected: limited(loudness),
        clipped_runs: faults.iter().map(|channel| channel.flat_tops.runs).sum(),
        clip_level_dbfs: (clip_level > 0.0).then(|| amplitude_to_db(f64::from(clip_level))),
        dc_offset: dc_offset(waveform),
        noise_floor_dbfs: floor_db,
        clicks: clicks_at_s.len().max(most_clicks(faults)) as u64,
        hum_lines: hum_lines(&low.floor),
        leading_silence_s: waveform.first_sound.unwrap_or(waveform.frames) as f64 / rate,
        trailing_silence_s: trailing_silence(waveform) as f64 / rate,
        dual_mono: dual_mono(waveform, stereo),
    };
    let flat_tops_at_s =
        places(faults.iter().flat_map(|channel| &channel.flat_tops.at_frames), rate);
    let dead_channel = dead_channel(waveform);
    let ultrasonic_lu = ultrasonic_lu(&bands.bins, bands.bin_hz, spec.sample_rate_hz);
    Source {
        quality,
        hiss,
        ultrasonic_lu,
        flat_tops_at_s,
        clicks_at_s,
        sibilants_at_s,
        rumble_dbfs: rumble_dbfs(&low.floor),
        boom: boom(&low.each_row(), low.cells, &cell_edges(rate / 2.0)),
        resonance: resonance(bands, &edges_hz),
        dead_channel,
    }
}

fn limited(loudness: &Loudness) -> bool {
    let low_plr = loudness.plr_db.is_some_and(|plr| plr < LIMITED_PLR_DB);
    let near_full = loudness.sample_peak_dbfs.is_some_and(|peak| peak > LIMITED_PEAK_DBFS);
    low_plr && near_full
}

fn dc_offset(waveform: &WaveformResult) -> f64 {
    let frames = waveform.frames.max(1) as f64;
    let means = waveform.channels.iter().map(|sums| sums.sum / frames);
    means.max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or(0.0)
}

fn trailing_silence(waveform: &WaveformResult) -> u64 {
    match waveform.first_sound {
        Some(_) => waveform.frames - 1 - waveform.last_sound,
        None => 0,
    }
}

fn dual_mono(waveform: &WaveformResult, stereo: &Stereo) -> bool {
    waveform.first_sound.is_some() && stereo.width.is_some_and(|width| width <= DUAL_MONO_WIDTH)
}

/// The quieter of two channels, when it is too quiet to be meant.
fn dead_channel(waveform: &WaveformResult) -> Option<usize> {
    let [left, right] = waveform.channels.as_slice() else { return None };
    let powers = [left, right].map(|sums| libm::sqrt(sums.square));
    let quiet = usize::from(powers[1] < powers[0]);
    let (low, high) = (powers[quiet], powers[1 - quiet]);
    (high > 0.0 && (low == 0.0 || amplitude_to_db(low / high) < DEAD_DB)).then_some(quiet)
}

fn most_clicks(faults: &[ChannelFaults]) -> usize {
    faults.iter().map(|channel| channel.clicks as usize).max().unwrap_or(0)
}

/// Clicks of all channels; those of several channels at once count once.
fn click_places(faults: &[ChannelFaults], rate: f64) -> Vec<f64> {
    let mut at_s = places(faults.iter().flat_map(|channel| &channel.clicks_at_frames), rate);
    at_s.dedup_by(|later, earlier| *later - *earlier < 0.003);
    at_s
}

fn places<'a>(frames: impl Iterator<Item = &'a u64>, rate: f64) -> Vec<f64> {
    let mut at_s: Vec<f64> = frames.map(|&frame| frame as f64 / rate).collect();
    at_s.sort_by(f64::total_cmp);
    at_s.truncate(PLACES);
    at_s
}
