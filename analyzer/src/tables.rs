//! What a prediction of a rendered file needs: tables made in the same pass as the measures.
//!
//! All powers are mean squares (1.0 is 0 dB). Tables over time are bounded: when one reaches its limit,
//! neighbouring entries are merged and its step doubles, so ten hours need no more memory than one.

/// Tables of one sound.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tables {
    /// Frames a second of the sound.
    pub sample_rate_hz: u32,
    /// Channels of the sound.
    pub channels: usize,
    /// Frames of the sound.
    pub frames: u64,
    /// Power in ERB-spaced bands over time.
    pub energy: BandEnergy,
    /// K-weighted energy of each channel over time, exactly as the integrated loudness uses it.
    pub loudness: LoudnessBlocks,
    /// Peak and level on a fine grid, all channels linked.
    pub envelope: Envelope,
    /// How often each amplitude occurs, over time.
    pub amplitudes: AmplitudeHistogram,
    /// Gated long-term spectrum in narrow cells, from which a static equaliser's effect on the
    /// third-octave curves follows exactly.
    pub ltas: FineSpectrum,
}

/// Power over time in bands of equal width on the ERB-rate scale, 20 Hz to the Nyquist frequency.
///
/// Entry `[frame * bands + band]`. The sum over the bands of a frame is the mean square from 20 Hz on,
/// under a Hann window centred on it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BandEnergy {
    /// Edges of the bands, one more than bands. The same at every rate, but for the last.
    pub edges_hz: Vec<f64>,
    /// Power gain of the K-weighting, mean over each band.
    pub k_weight: Vec<f64>,
    /// Seconds from one frame to the next. Frame `t` stands for `t..t+1` times this.
    pub step_s: f64,
    /// Number of frames.
    pub frames: usize,
    /// Left, or the only channel, or the mean over all main channels when there are more than two.
    pub left: Vec<f32>,
    /// Right; equal to `left` when there are not two channels.
    pub right: Vec<f32>,
    /// Mid, (L+R)/2; equal to `left` when there are not two channels.
    pub mid: Vec<f32>,
    /// Side, (L-R)/2; zero when there are not two channels.
    pub side: Vec<f32>,
    /// Share of each frame that counts in the gated spectrum, 0 to 1.
    pub gate: Vec<f32>,
    /// Largest envelope of the mid in each of the bands of [`Dynamics`](crate::Dynamics),
    /// `[frame * wide bands + wide band]`.
    pub wide_peak: Vec<f32>,
}

impl BandEnergy {
    /// Number of bands.
    pub fn bands(&self) -> usize {
        self.edges_hz.len().saturating_sub(1)
    }

    /// Centre of each band: the geometric mean of its edges.
    pub fn centres_hz(&self) -> Vec<f64> {
        self.edges_hz.windows(2).map(|edge| libm::sqrt(edge[0] * edge[1])).collect()
    }
}

/// Mean squares after K-weighting in consecutive blocks of 100 ms.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoudnessBlocks {
    /// Length of a block.
    pub step_s: f64,
    /// What each channel counts for (BS.1770-5, table 3).
    pub channel_weight: Vec<f64>,
    /// `[channel][block]`. Only whole blocks.
    pub power: Vec<Vec<f64>>,
}

impl LoudnessBlocks {
    /// Power of each block over all channels: a programme of [`gating`](crate::gating).
    pub fn weighted(&self) -> Vec<f64> {
        crate::loudness::weighted(&self.power, &self.channel_weight)
    }
}

/// Peak and level over all main channels on a grid of 1 ms.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Envelope {
    /// Seconds from one entry to the next.
    pub step_s: f64,
    /// Largest sample magnitude of any channel.
    pub peak: Vec<f32>,
    /// Mean square over the channels.
    pub power: Vec<f32>,
}

/// Counts of amplitudes of the waveform interpolated four-fold.
///
/// A drive of `d` before a ceiling `c` clips what is above `c / d`: histograms need not be made again
/// when only the gain changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AmplitudeHistogram {
    /// Length of a block.
    pub step_s: f64,
    /// Edges of the bins, one more than bins: zero, then 16 to the octave from -60.2 to +12.04 dB.
    pub edges: Vec<f32>,
    /// Number of blocks.
    pub blocks: usize,
    /// `[channel][block * bins + bin]`.
    pub counts: Vec<Vec<u32>>,
    /// Largest interpolated amplitude, `[channel][block]`.
    pub peak: Vec<Vec<f32>>,
    /// Mean square, `[channel][block]`.
    pub power: Vec<Vec<f32>>,
}

impl AmplitudeHistogram {
    /// Number of bins.
    pub fn bins(&self) -> usize {
        self.edges.len().saturating_sub(1)
    }
}

/// Gated power in narrow cells (12 to the octave).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FineSpectrum {
    /// Edges of the cells, one more than cells.
    pub edges_hz: Vec<f64>,
    /// Mean over the main channels.
    pub power: Vec<f64>,
    /// Mid; equal to `power` when there are not two channels.
    pub mid: Vec<f64>,
    /// Side; zero when there are not two channels.
    pub side: Vec<f64>,
    /// Edges of the third octaves of [`Spectrum`](crate::Spectrum), low and high of each.
    pub third_octave_edges_hz: Vec<[f64; 2]>,
}
