//! The stereo image: correlation, width, balance, and what is lost in mono.

use acetate_audio::units::power_to_db;

use crate::analysis::{Stereo, StereoBand};
use crate::bands::WideBands;
use crate::loudness::{LoudnessResult, gating};
use crate::statistics::percentile;
use crate::waveform::{PairSums, WaveformResult};

/// Blocks of 100 ms in the window of [`Stereo::correlation_p5`].
const CORRELATION_BLOCKS: usize = 4;
/// Windows more than this below the mean power do not count for it.
const CORRELATION_GATE: f64 = 1e-3;
/// A mid with less than this of both channels' power is rounding of these sums: -120 dB.
const NOTHING_LEFT: f64 = 1e-12;
/// Mean squares below are no signal: -150 dB.
const NO_SIGNAL: f64 = 1e-15;

/// The image of two channels.
pub(crate) fn image(
    waveform: &WaveformResult,
    loudness: &LoudnessResult,
    wide: &WideBands,
) -> Stereo {
    let whole = waveform.pairs.iter().copied().fold(PairSums::default(), plus);
    Stereo {
        correlation: whole.correlation(),
        correlation_p5: correlation_p5(&waveform.pairs, whole),
        width: whole.width(),
        balance_db: balance_db(loudness),
        mono_loss_lu: mono_loss_lu(loudness),
        bands: (0..wide.edges.len()).map(|band| band_of(wide, band)).collect(),
    }
}

impl Stereo {
    /// Does nothing at all of two channels with sound remain when they are added?
    pub fn is_silent_mid(&self) -> bool {
        self.correlation.is_some() && self.width.is_none()
    }
}

fn plus(a: PairSums, b: PairSums) -> PairSums {
    PairSums { left: a.left + b.left, right: a.right + b.right, product: a.product + b.product }
}

impl PairSums {
    /// `None` when a channel is silent.
    pub(crate) fn correlation(&self) -> Option<f64> {
        let power = libm::sqrt(self.left) * libm::sqrt(self.right);
        (power > 0.0).then(|| (self.product / power).clamp(-1.0, 1.0))
    }

    /// Side energy over mid energy; `None` when the mid is silent.
    pub(crate) fn width(&self) -> Option<f64> {
        let mid = self.left + self.right + 2.0 * self.product;
        let side = (self.left + self.right - 2.0 * self.product).max(0.0);
        (mid > (self.left + self.right) * NOTHING_LEFT).then(|| side / mid)
    }
}

fn correlation_p5(pairs: &[PairSums], whole: PairSums) -> Option<f64> {
    let mean = (whole.left + whole.right) / pairs.len().max(1) as f64;
    let correlations: Vec<f64> = pairs
        .windows(CORRELATION_BLOCKS)
        .map(|window| window.iter().copied().fold(PairSums::default(), plus))
        .filter(|sums| sums.left + sums.right > mean * CORRELATION_GATE * CORRELATION_BLOCKS as f64)
        .filter_map(|sums| sums.correlation())
        .collect();
    percentile(&correlations, 0.05)
}

/// K-weighted right over left, over all blocks that are not far below the rest.
fn balance_db(loudness: &LoudnessResult) -> Option<f64> {
    let sum = |channel: usize| loudness.blocks[channel].iter().sum::<f64>();
    let (left, right) = (sum(0), sum(1));
    (left > 0.0 && right > 0.0).then(|| power_to_db(right / left))
}

/// Loudness of the sound less that of its mid on both channels, each gated on its own; where all of the mid lies below the gate, the
/// ratio of their powers. `None` where nothing is left at all.
fn mono_loss_lu(loudness: &LoudnessResult) -> Option<f64> {
    // Mid on both channels: 2 ((L+R)/2)^2.
    let folded: Vec<f64> = loudness.blocks[0]
        .iter()
        .zip(&loudness.blocks[1])
        .zip(&loudness.products)
        .map(|((left, right), product)| (0.5 * (left + right) + product).max(0.0))
        .collect();
    let whole_lufs = loudness.integrated_lufs()?;
    match gating::integrated(&gating::sliding_means(&folded, gating::GATING_BLOCKS)) {
        Some(mono_lufs) => Some(whole_lufs - mono_lufs),
        None => {
            let whole: f64 = loudness.blocks[..2].iter().flatten().sum();
            let left: f64 = folded.iter().sum();
            (left > NOTHING_LEFT * whole).then(|| power_to_db(whole / left))
        }
    }
}

fn band_of(wide: &WideBands, band: usize) -> StereoBand {
    let [left, right, mid, side] = wide.gated_power(band);
    let [low_hz, high_hz] = wide.edges[band];
    let product = mid - side;
    let ratio_db = |above: f64, below: f64| {
        (above > NO_SIGNAL && below > NO_SIGNAL).then(|| power_to_db(above / below))
    };
    StereoBand {
        low_hz,
        high_hz,
        correlation: PairSums { left, right, product }
            .correlation()
            .filter(|_| left > NO_SIGNAL && right > NO_SIGNAL),
        side_minus_mid_db: ratio_db(side, mid),
        side_minus_mid_error_db: ratio_db(side, mid)
            .and_then(|_| wide.side_minus_mid_error_db(band)),
        balance_db: ratio_db(right, left),
        mono_loss_db: ratio_db(left + right, 2.0 * mid),
    }
}
