//! Loudness and peaks, as every rendered file and every trial render is judged by.

/// Loudness and peaks of a sound. `None` where a measure does not exist (silence, too short).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Levels {
    /// Integrated loudness (ITU-R BS.1770-5).
    pub integrated_lufs: Option<f64>,
    /// Loudness range (EBU Tech 3342).
    pub loudness_range_lu: Option<f64>,
    /// Upper end of the loudness range: the 95th percentile of the gated loudness over 3 s. How loud the loud parts are.
    pub top_lufs: Option<f64>,
    /// Loudest 400 ms.
    pub momentary_max_lufs: Option<f64>,
    /// Loudest 3 s.
    pub short_term_max_lufs: Option<f64>,
    /// Largest value of the waveform.
    pub true_peak_dbtp: Option<f64>,
    /// The same as BS.1770's example meter reads it.
    pub true_peak_bs1770_dbtp: Option<f64>,
    /// Largest sample.
    pub sample_peak_dbfs: Option<f64>,
    /// RMS level of the whole, of all channels but the low-frequency effects.
    pub rms_dbfs: Option<f64>,
}
