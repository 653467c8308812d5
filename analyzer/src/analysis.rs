//! The document `acetate.analysis/1`: everything measured, by name and unit.
//!
//! A measure that does not exist for a sound (the loudness of silence, the correlation of mono) is
//! `None`, written as `null`. Levels in dB are 10 log10 of a mean square where a square of 1.0 is
//! 0 dB, so a full-scale sine has a level of -3.01 dB. `mid` is (L+R)/2 and `side` is (L-R)/2.

use std::fmt;
use std::sync::Arc;

use acetate_audio::numbers::{duration, rate};
use acetate_audio::units::{db_to_power, power_to_db};
use acetate_audio::{Mono, SourceFormat};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Finding;

/// The value of [`Analysis::schema`].
pub const SCHEMA: &str = "acetate.analysis/1";

/// All that was measured of one sound.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Analysis {
    /// `acetate.analysis/1`.
    pub schema: String,
    /// Name of the file, where there is one; set by the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// What kind of file it is; container, codec and bits are set by the caller.
    pub format: Format,
    /// Loudness and peaks.
    pub loudness: Loudness,
    /// Crest factors and level spreads.
    pub dynamics: Dynamics,
    /// Long-term spectrum.
    pub spectrum: Spectrum,
    /// Width, correlation and balance.
    pub stereo: Stereo,
    /// Faults and properties of the recording itself; absent from predictions.
    #[serde(default, skip_serializing_if = "SourceQuality::is_unknown")]
    pub source: SourceQuality,
    /// Remarks that follow from the measures.
    pub findings: Vec<Finding>,
}

impl Analysis {
    /// RMS level of the whole, dB re full scale (a sine at full scale has -3.01); `None` of silence.
    pub fn rms_dbfs(&self) -> Option<f64> {
        let peak_dbfs = self.loudness.sample_peak_dbfs?;
        self.dynamics.crest_factor_db.map(|crest_db| peak_dbfs - crest_db)
    }
}

/// Shape of the file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Format {
    /// `wav`, `flac`, ...; absent for sound that is not from a file.
    pub container: Option<String>,
    /// `pcm`, `flac`, `mp3`, ...
    pub codec: Option<String>,
    /// Frames a second.
    pub sample_rate_hz: u32,
    /// Bits a sample as stored; `null` for lossy codecs.
    pub bits: Option<u32>,
    /// Number of channels.
    pub channels: usize,
    /// Where they are heard: `stereo`, `5.1(side)`, or `FL+FR+LFE+...` where the layout has no name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub layout: String,
    /// How a lone channel is counted: from one loudspeaker, or from two, which is 3.01 LU more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mono: Option<Mono>,
    /// Length in seconds.
    pub duration_s: f64,
    /// Length in frames.
    pub frames: u64,
}

impl Format {
    /// Takes over what only the file knows: container, codec and bits; of sound that never was a file, nothing.
    pub fn describe(&mut self, source: &SourceFormat) {
        let from_file = source.container.id();
        self.container = from_file.map(str::to_owned);
        self.codec = from_file.map(|_| source.codec.id().to_owned());
        self.bits = source.bits.filter(|_| from_file.is_some());
    }

    /// Whether the channels are the left and right of one pair.
    pub fn is_stereo(&self) -> bool {
        // Documents from before there was a layout had no other pairs.
        self.channels == 2 && !self.layout.contains('+')
    }

    /// `mono`, `stereo`, `6 channels, 5.1`.
    pub fn channels_text(&self) -> String {
        match (self.channels, self.layout.as_str()) {
            (1, _) if self.mono == Some(Mono::Dual) => "mono, as on two loudspeakers".to_owned(),
            (1, _) => "mono".to_owned(),
            (2, "" | "stereo") => "stereo".to_owned(),
            (count, "") => format!("{count} channels"),
            (count, layout) => format!("{count} channels, {layout}"),
        }
    }
}

/// For people: `3:42  48 kHz  24 bit  stereo`.
impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  {}", duration(self.duration_s), rate(self.sample_rate_hz))?;
        if let Some(bits) = self.bits {
            write!(f, "  {bits} bit")?;
        }
        write!(f, "  {}", self.channels_text())?;
        match self.codec.as_deref() {
            None | Some("pcm") => Ok(()),
            Some(codec) => write!(f, "  {codec}"),
        }
    }
}

/// Loudness (ITU-R BS.1770-5, EBU Tech 3341 and 3342) and peaks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Loudness {
    /// Gated loudness of the whole, LUFS. `null` when nothing is louder than -70 LUFS for 400 ms.
    pub integrated_lufs: Option<f64>,
    /// Loudest 400 ms, on a grid of 10 ms.
    pub momentary_max_lufs: Option<f64>,
    /// Loudest 3 s, on a grid of 10 ms. `null` below 3 s.
    pub short_term_max_lufs: Option<f64>,
    /// 10th to 95th percentile of gated short-term loudness (EBU Tech 3342). `null` below 3 s.
    pub loudness_range_lu: Option<f64>,
    /// Largest value of the band-limited waveform, dB re full scale.
    pub true_peak_dbtp: Option<f64>,
    /// The same as BS.1770's example meter reads it: four-fold, 48 taps.
    pub true_peak_bs1770_dbtp: Option<f64>,
    /// Where the true peak is, in seconds.
    pub true_peak_at_s: Option<f64>,
    /// Largest sample.
    pub sample_peak_dbfs: Option<f64>,
    /// True peak minus integrated loudness.
    pub plr_db: Option<f64>,
    /// True peak minus loudness of the same 3 s, median over the gated 3 s windows.
    pub psr_db: Option<f64>,
    /// The 10th percentile of the same: how squeezed the densest passages are.
    pub psr_p10_db: Option<f64>,
}

/// Crest factors and level spreads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Dynamics {
    /// Sample peak minus the level of the whole (loudest channel's peak, mean of the channels' power).
    pub crest_factor_db: Option<f64>,
    /// The nine bands of 6 ERB each.
    pub bands: Vec<DynamicsBand>,
    /// At attacks: peak of the first 5 ms over the level of the next 50 ms, median.
    pub attack_crest_db: Option<f64>,
    /// The same, 90th percentile.
    pub attack_crest_p90_db: Option<f64>,
    /// Attacks found in a second.
    pub attacks_per_s: Option<f64>,
    /// Level of the loudest fifth of the 3 s windows below the peak (as DR meters rank records).
    pub top_fifth_crest_db: Option<f64>,
    /// How it moves with syllables, of sounds of 10 s and more. Absent from predictions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub syllables: Option<Syllables>,
}

/// What tells talk from music: the power of the mid from 392 Hz to 4.3 kHz in steps of 50 ms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Syllables {
    /// Root mean square of what the amplitude moves at 2.5 to 6 Hz, over its mean; above 0.4 for most speech.
    pub depth: f64,
    /// Share of the steps that have less than half of the mean power of their second, 0 to 1.
    pub pause_share: f64,
}

/// How a band moves in level.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DynamicsBand {
    /// Lower edge.
    pub low_hz: f64,
    /// Upper edge.
    pub high_hz: f64,
    /// Peak of the band's envelope (as the sine of that envelope) over its level.
    pub crest_factor_db: Option<f64>,
    /// Standard deviation of the mid level over 400 ms blocks (every 100 ms) within 20 dB of the mean.
    pub level_std_db: Option<f64>,
    /// The same of steps of 50 ms: how it moves from stroke to stroke. Absent from predictions, and of sounds so long that steps
    /// are not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quick_level_std_db: Option<f64>,
    /// The same for the side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side_level_std_db: Option<f64>,
    /// Mean of the K-weighted mid level in dB over the same blocks (a log-mean, not a power mean).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mid_log_mean_db: Option<f64>,
    /// The same for the side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side_log_mean_db: Option<f64>,
}

/// Long-term average spectrum: power means over the loudness-gated windows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Spectrum {
    /// Centres of the third octaves, nominal (IEC 61260 base 10; 25 Hz to 16 kHz).
    pub third_octave_hz: Vec<f64>,
    /// Mean of the channels' power in each; `null` above the Nyquist frequency or without signal.
    pub level_db: Vec<Option<f64>>,
    /// The mid, of two channels.
    pub mid_level_db: Vec<Option<f64>>,
    /// The side, of two channels.
    pub side_level_db: Vec<Option<f64>>,
    /// Slope of the third-octave levels per octave less 3 dB: of the power density, 100 Hz to 10 kHz.
    pub tilt_db_per_octave: Option<f64>,
    /// Spread of each third octave: 95th percentile less median of its level over the gated windows.
    pub spread_db: Vec<Option<f64>>,
    /// Standard error of `level_db`: how far other passages of the same song may lie from it, from how its moments of 2 s
    /// differ. `null` below two moments; absent from predictions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub error_db: Vec<Option<f64>>,
    /// More that tells content from mastering. Only in memory and in profiles: a document of one analysis has no use for it.
    #[serde(skip)]
    pub evidence: Option<ToneEvidence>,
    /// The spectrum moment by moment. Only in memory: a profile keeps a few of them that stand for all.
    #[serde(skip)]
    pub frames: Option<Arc<SpectrumFrames>>,
}

/// Third-octave spectra of the moments that count for the loudness, in the order of time.
///
/// A mean over a song says little about what was done to it, for it hangs on what was played; moments of two songs in which like
/// was played can be compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpectrumFrames {
    /// Seconds from one moment to the next.
    pub step_s: f64,
    /// Third octaves of a moment, the same as those of [`Spectrum::third_octave_hz`].
    pub bands: usize,
    /// How many moments of the sound each of these stands for.
    pub count: Vec<u32>,
    /// Mean of the channels in dB, `[moment * bands + band]`; -200 where there is nothing.
    pub level_db: Vec<f32>,
    /// Side minus mid in dB, the same way, held within 60 dB; empty for anything but two channels.
    pub side_minus_mid_db: Vec<f32>,
    /// How far a moment is from the nearest one that is not close to it in time: median over the moments of the root mean square
    /// over the bands, dB; `None` where it can still be found from the moments themselves.
    pub own_distance_db: Option<f64>,
    /// Standard deviation of the level of the whole over blocks of 40 ms, dB.
    pub quick_spread_db: Option<f64>,
}

impl SpectrumFrames {
    /// Level of the mean power in each third octave, dB; `None` where there is nothing.
    pub fn mean_levels_db(&self) -> Vec<Option<f64>> {
        let mut sums = vec![0.0; self.bands];
        for (row, &count) in self.level_db.chunks_exact(self.bands.max(1)).zip(&self.count) {
            for (sum, &level) in sums.iter_mut().zip(row) {
                *sum += f64::from(count) * db_to_power(f64::from(level));
            }
        }
        let total: f64 = self.count.iter().map(|&count| f64::from(count)).sum();
        let level = |sum: f64| Some(power_to_db(sum / total)).filter(|db| *db > LEVEL_DB_MIN);
        sums.into_iter().map(level).collect()
    }
}

/// A mean level below this is none, dB.
const LEVEL_DB_MIN: f64 = -150.0;

/// A second view of the long-term spectrum, and how the errors of both go together.
///
/// What mastering did moves power means and means of levels alike; what the passages of a song do differently moves them
/// differently, and moves bands together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ToneEvidence {
    /// Mean of the level, in dB, of each third octave over the gated windows.
    pub log_mean_db: Vec<Option<f64>>,
    /// Standard error of the same, dB.
    pub log_mean_error_db: Vec<Option<f64>>,
    /// Correlations of the standard errors, first those of `level_db`, then those of `log_mean_db`: for each those with the
    /// ones before it, -1 to 1, shrunk by what few moments correlate by chance.
    pub correlation: Vec<Vec<f64>>,
}

/// Stereo image; all `null` and empty for anything but two channels.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Stereo {
    /// Correlation of left and right over the whole, -1 to 1.
    pub correlation: Option<f64>,
    /// The lowest twentieth of the correlation over 400 ms.
    pub correlation_p5: Option<f64>,
    /// Side energy over mid energy.
    pub width: Option<f64>,
    /// K-weighted level of right minus left.
    pub balance_db: Option<f64>,
    /// Loudness lost when both channels are folded to mono: loudness of (L, R) minus that of the mid on both; `null` where nothing is
    /// left.
    pub mono_loss_lu: Option<f64>,
    /// The nine bands of 6 ERB each.
    pub bands: Vec<StereoBand>,
}

/// Stereo image of a band.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StereoBand {
    /// Lower edge.
    pub low_hz: f64,
    /// Upper edge.
    pub high_hz: f64,
    /// Correlation of left and right.
    pub correlation: Option<f64>,
    /// Side level minus mid level.
    pub side_minus_mid_db: Option<f64>,
    /// Standard error of the same, from how moments of 2 s differ; absent from predictions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side_minus_mid_error_db: Option<f64>,
    /// Right level minus left level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance_db: Option<f64>,
    /// Power of left and right less that of the mid on both: what mono loses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mono_loss_db: Option<f64>,
}

/// Faults and properties of the recording itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SourceQuality {
    /// Highest frequency with signal.
    pub bandwidth_hz: Option<f64>,
    /// The spectrum ends in a cliff, as lossy codecs leave it.
    pub lossy_suspected: bool,
    /// Looks like a finished, limited master.
    pub limited_suspected: bool,
    /// Flat-topped runs of three samples and more at the largest level.
    pub clipped_runs: u64,
    /// Level of the flat tops, where there are any.
    pub clip_level_dbfs: Option<f64>,
    /// The mean of the channel with the largest one, re full scale.
    pub dc_offset: f64,
    /// Level of the quietest twentieth of the windows that are not digital silence.
    pub noise_floor_dbfs: Option<f64>,
    /// Clicks: single events shorter than 1.5 ms that do not ring on.
    pub clicks: u64,
    /// Steady lines at multiples of the mains frequency.
    pub hum_lines: Vec<HumLine>,
    /// Digital silence at the start.
    pub leading_silence_s: f64,
    /// Digital silence at the end.
    pub trailing_silence_s: f64,
    /// Both channels are the same.
    pub dual_mono: bool,
}

impl SourceQuality {
    /// Whether nothing was measured. Every sound has a noise floor or digital silence at its ends.
    fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}

/// A steady spectral line at a multiple of the mains frequency.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HumLine {
    /// Frequency.
    pub freq_hz: f64,
    /// Level of the line.
    pub level_db: f64,
    /// Level of the line above its surroundings.
    pub prominence_db: f64,
}
