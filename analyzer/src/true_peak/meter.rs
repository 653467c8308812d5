//! A meter for true peak alone.

use acetate_audio::units::amplitude_to_db;
use acetate_audio::{Audio, AudioSpec, threads};

use super::ChannelPeak;

/// Peaks of a sound, all in dB re full scale; of all channels, the low-frequency effects too.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TruePeak {
    /// Largest value of the band-limited waveform.
    pub true_peak_dbtp: f64,
    /// What the example meter of ITU-R BS.1770-5 annex 2 reads: four-fold, 48 taps.
    pub bs1770_dbtp: f64,
    /// Largest sample.
    pub sample_peak_dbfs: f64,
    /// Where the true peak is, in frames from the start.
    pub at_frame: f64,
}

/// Measures the peaks of sound that arrives in blocks of any size.
///
/// The waveform is that of a windowed sinc of 1536 taps, flat to 0.497 of the rate, searched at 64 points to the sample. It shares
/// no interpolator with the limiters of acetate.
#[derive(Debug)]
pub struct TruePeakMeter {
    channels: Vec<ChannelPeak>,
}

impl TruePeakMeter {
    /// A meter that has heard nothing yet.
    pub fn new(spec: AudioSpec) -> Self {
        Self { channels: vec![ChannelPeak::new(); spec.channels] }
    }

    /// Listens on.
    pub fn push(&mut self, block: &Audio) {
        threads::for_each(&mut self.channels, |index, channel| {
            channel.push(block.channel(index), |_, _| {});
        });
    }

    /// The peaks of all that was heard; `None` for silence.
    pub fn finish(mut self) -> Option<TruePeak> {
        for channel in &mut self.channels {
            channel.finish(|_, _| {});
        }
        of_channels(&self.channels)
    }
}

/// Peaks over channels that have finished; `None` for silence.
pub(crate) fn of_channels(channels: &[ChannelPeak]) -> Option<TruePeak> {
    let over = |value: fn(&ChannelPeak) -> f64| channels.iter().map(value).fold(0.0, f64::max);
    let loudest = channels.iter().max_by(|a, b| a.peak().total_cmp(&b.peak()))?;
    (loudest.peak() > 0.0).then(|| TruePeak {
        true_peak_dbtp: amplitude_to_db(loudest.peak()),
        bs1770_dbtp: amplitude_to_db(over(ChannelPeak::bs1770)),
        sample_peak_dbfs: amplitude_to_db(over(ChannelPeak::sample_peak)),
        at_frame: loudest.peak_at(),
    })
}
