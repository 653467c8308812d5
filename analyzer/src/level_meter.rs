//! The meter that every rendered file and every trial render passes through.

use acetate_audio::units::power_to_db;
use acetate_audio::{Audio, AudioSpec, ChannelRole, threads};

use crate::levels::Levels;
use crate::loudness::{LoudnessTrack, levels_of};
use crate::tamed::tamed;
use crate::true_peak::TruePeakMeter;

/// Measures [`Levels`] of sound that arrives in blocks of any size; loudness and peaks on two threads.
#[derive(Debug)]
pub struct LevelMeter {
    loudness: LoudnessTrack,
    peak: TruePeakMeter,
    power: Power,
}

/// Sum of the squares of the channels that count.
#[derive(Debug)]
struct Power {
    channels: Vec<usize>,
    square: f64,
    samples: u64,
}

impl Power {
    fn new(spec: AudioSpec) -> Self {
        let counts = |&index: &usize| spec.role(index) != ChannelRole::Lfe;
        Self { channels: (0..spec.channels).filter(counts).collect(), square: 0.0, samples: 0 }
    }

    fn push(&mut self, block: &Audio) {
        for &channel in &self.channels {
            let plane = &block.planes()[channel];
            self.square += plane.iter().map(|&sample| f64::from(sample).powi(2)).sum::<f64>();
            self.samples += plane.len() as u64;
        }
    }

    fn level_db(&self) -> Option<f64> {
        (self.square > 0.0).then(|| power_to_db(self.square / self.samples as f64))
    }
}

impl LevelMeter {
    /// A meter that has heard nothing yet.
    pub fn new(spec: AudioSpec) -> Self {
        Self {
            loudness: LoudnessTrack::new(spec),
            peak: TruePeakMeter::new(spec),
            power: Power::new(spec),
        }
    }

    /// Listens on.
    pub fn push(&mut self, block: &Audio) {
        let block = &*tamed(block);
        let Self { loudness, peak, power } = self;
        threads::join(
            || {
                loudness.push(block);
                power.push(block);
            },
            || peak.push(block),
        );
    }

    /// Levels of all that was heard.
    pub fn finish(self) -> Levels {
        let loudness = self.loudness.finish();
        let peak = self.peak.finish();
        Levels {
            true_peak_dbtp: peak.map(|peak| peak.true_peak_dbtp),
            true_peak_bs1770_dbtp: peak.map(|peak| peak.bs1770_dbtp),
            sample_peak_dbfs: peak.map(|peak| peak.sample_peak_dbfs),
            rms_dbfs: self.power.level_db(),
            ..levels_of(&loudness)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze;
    use acetate_audio::Source;

    #[test]
    fn the_rms_of_the_meter_is_that_of_the_analysis_at_any_block_size() {
        let spec = AudioSpec::new(48_000, 2);
        let mut audio = Audio::silence(spec, 48_000);
        for (channel, plane) in audio.planes_mut().iter_mut().enumerate() {
            for (frame, sample) in plane.iter_mut().enumerate() {
                *sample = if frame % 100 < 50 { 0.3 } else { -0.1 * (channel as f32 + 1.0) };
            }
        }
        let mut meter = LevelMeter::new(spec);
        for frames in [0..17, 17..30_000, 30_000..48_000] {
            let mut block = Audio::silence(spec, 0);
            for (part, plane) in block.planes_mut().iter_mut().zip(audio.planes()) {
                part.extend_from_slice(&plane[frames.clone()]);
            }
            meter.push(&block);
        }
        let analysis = analyze(&Source::from_audio(audio)).unwrap().analysis;
        let (meter, analysis) = (meter.finish().rms_dbfs.unwrap(), analysis.rms_dbfs().unwrap());
        assert!((meter - analysis).abs() < 1e-6, "{meter} is not {analysis}");
        assert_eq!(LevelMeter::new(spec).finish().rms_dbfs, None);
    }
}
