//! One pass over a sound, from blocks to everything measured.

use acetate_audio::{Audio, AudioSpec, DecodeError, Source};

use crate::analysis::{Analysis, Format, Loudness, SCHEMA};
use crate::loudness::LoudnessTrack;
use crate::series::Series;
use crate::tables::{LoudnessBlocks, Tables};
use crate::true_peak::TruePeakMeter;

/// All that an analysis gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The document.
    pub analysis: Analysis,
    /// What a prediction needs.
    pub tables: Tables,
    /// Measures over time.
    pub series: Series,
}

/// Measures everything of `source`; the next block is decoded while the last one is measured.
///
/// # Errors
/// When the source cannot be read, or holds a sample that is not finite.
pub fn analyze(source: &Source) -> Result<Measured, DecodeError> {
    let mut pass = source.blocks()?;
    let spec = pass.spec();
    let mut analyzer = Analyzer::new(spec);
    let (mut ready, mut next) = (Audio::silence(spec, 0), Audio::silence(spec, 0));
    let mut more = pass.next_block(&mut ready)?;
    while more {
        let (decoded, ()) = rayon::join(|| pass.next_block(&mut next), || analyzer.push(&ready));
        more = decoded?;
        std::mem::swap(&mut ready, &mut next);
    }
    Ok(analyzer.finish())
}

/// Measures sound that arrives in blocks of any size: neither their size nor the number of threads
/// changes a bit of the result.
#[derive(Debug)]
pub struct Analyzer {
    spec: AudioSpec,
    frames: u64,
    loudness: LoudnessTrack,
    peak: TruePeakMeter,
}

impl Analyzer {
    /// An analyzer that has heard nothing yet.
    pub fn new(spec: AudioSpec) -> Self {
        Self { spec, frames: 0, loudness: LoudnessTrack::new(spec), peak: TruePeakMeter::new(spec) }
    }

    /// Listens on.
    pub fn push(&mut self, block: &Audio) {
        self.frames += block.frames() as u64;
        rayon::join(|| self.loudness.push(block), || self.peak.push(block));
    }

    /// Everything measured of what was heard.
    pub fn finish(self) -> Measured {
        let loudness = self.loudness.finish();
        let peak = self.peak.finish();
        let rate = f64::from(self.spec.sample_rate_hz);
        let integrated_lufs = loudness.integrated_lufs();
        let true_peak_dbtp = peak.map(|peak| peak.true_peak_dbtp);
        let analysis = Analysis {
            schema: SCHEMA.to_owned(),
            file: None,
            format: Format {
                sample_rate_hz: self.spec.sample_rate_hz,
                channels: self.spec.channels,
                duration_s: self.frames as f64 / rate,
                frames: self.frames,
                ..Format::default()
            },
            loudness: Loudness {
                integrated_lufs,
                momentary_max_lufs: loudness.momentary_max_lufs(),
                short_term_max_lufs: loudness.short_term_max_lufs(),
                loudness_range_lu: loudness.range_lu(),
                true_peak_dbtp,
                true_peak_bs1770_dbtp: peak.map(|peak| peak.bs1770_dbtp),
                true_peak_at_s: peak.map(|peak| peak.at_frame / rate),
                sample_peak_dbfs: peak.map(|peak| peak.sample_peak_dbfs),
                plr_db: true_peak_dbtp.zip(integrated_lufs).map(|(peak, level)| peak - level),
                psr_db: None,
                psr_p10_db: None,
            },
            dynamics: Default::default(),
            spectrum: Default::default(),
            stereo: Default::default(),
            source: Default::default(),
            findings: Vec::new(),
        };
        let tables = Tables {
            sample_rate_hz: self.spec.sample_rate_hz,
            channels: self.spec.channels,
            frames: self.frames,
            loudness: LoudnessBlocks {
                step_s: 0.1,
                channel_weight: loudness.weights,
                power: loudness.blocks,
            },
            ..Tables::default()
        };
        Measured { analysis, tables, series: Series::default() }
    }
}
