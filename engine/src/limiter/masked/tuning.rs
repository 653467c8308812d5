//! How the problem is posed and how long it is worked on.

/// Rounds of a draft. Noise-to-mask is within 0.3 dB of twelve rounds on six excerpts, loudness 0.04 LU above it.
const DRAFT_ITERATIONS: usize = 6;

/// How the problem is posed and how long it is worked on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tuning {
    /// Rounds of the solver.
    pub iterations: usize,
    /// Rounds where those leave too much above the ceiling, and for few steady tones.
    pub iterations_max: usize,
    /// What is left above the ceiling, to be clipped, may have this power relative to the masking threshold.
    pub left_to_mask: f32,
    /// Weight = masking threshold to minus this.
    pub mask_exponent: f32,
    /// Penalty of the first and of the last rounds, between which it rises geometrically.
    pub penalty: (f32, f32),
    /// Share of the rounds in which the penalty rises.
    pub rising_share: f32,
    /// Over-relaxation, 1 to 2.
    pub relaxation: f32,
    /// Steady tones are turned down until no more energy than this share of what their masking thresholds hide is above the ceiling.
    pub level_above: f32,
    /// Steady is where a long segment has less perceptual entropy than this share of its frames'.
    pub level_steady: f32,
    /// Frames that may carry a residual on each side of those that reach an over.
    pub padding_frames: usize,
    /// Short segments are taken where the power of the treble rises by this ratio above that of the 23 ms before.
    pub onset_ratio: f32,
    /// Short segments are taken there if their perceptual entropy is below this share of a long one's.
    pub cut_below: f32,
    /// Longer segments are taken where their perceptual entropy is below this share of the shorter ones'.
    pub merge_below: f32,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            iterations: 12,
            iterations_max: 48,
            left_to_mask: 1.0,
            mask_exponent: 0.7,
            penalty: (0.02, 0.5),
            rising_share: 0.8,
            relaxation: 1.2,
            level_above: 0.063,
            level_steady: 0.9,
            padding_frames: 1,
            onset_ratio: 10.0,
            cut_below: 1.02,
            merge_below: 0.9,
        }
    }
}

impl Tuning {
    /// Half the work, for trial renders.
    pub fn draft() -> Self {
        Self { iterations: DRAFT_ITERATIONS, iterations_max: DRAFT_ITERATIONS, ..Self::default() }
    }
}
