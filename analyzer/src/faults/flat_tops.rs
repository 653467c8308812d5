//! Clipping: runs of equal samples at the top of the waveform, wherever that top now is.

use multiversion::multiversion;

use super::PLACES;
use crate::peaks::larger;

/// Samples this close count as equal: one step of 16 bits, so that clipping survives being turned down
/// and rounded.
const EQUAL: f32 = 1.01 / 32_768.0;
/// Least samples in a run.
const RUN_SAMPLES: usize = 3;
/// The waveform must bend at both ends of the run by at least this many times [`EQUAL`]; a smooth crest
/// that is as flat for three samples bends by about two.
const CORNER: f32 = 5.0;
/// Quieter runs are not looked at: -46 dBFS.
const LEAST_LEVEL: f32 = 0.005;
/// Runs within this share of each other lie at the same level.
const SAME_LEVEL: f32 = 0.002;
/// Levels remembered at once; the lowest gives way.
const LEVELS: usize = 16;
/// A level counts as the top of the waveform from this share of the largest sample on.
const TOP_SHARE: f32 = 0.98;
/// Stretches whose largest sample is below this share of the largest so far are not looked at: less than
/// [`TOP_SHARE`], so that nothing near the top is missed.
const LOOK_SHARE: f32 = 0.9;
/// Samples looked at together.
const GROUP: usize = 32;

/// Runs at one level.
#[derive(Clone, Debug)]
struct Level {
    value: f32,
    runs: u64,
    at_frames: Vec<u64>,
}

/// Looks for flat tops in one channel.
#[derive(Clone, Debug)]
pub(crate) struct FlatTopTrack {
    frame: u64,
    /// Largest sample so far.
    peak: f32,
    previous: f32,
    /// The sample before the run of equal ones, and the first of the run.
    before_run: f32,
    run_start: f32,
    run_frame: u64,
    run_samples: usize,
    levels: Vec<Level>,
}

/// Flat tops of one channel.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct FlatTops {
    pub(crate) runs: u64,
    /// Magnitude of the highest level that has any.
    pub(crate) level: f32,
    pub(crate) at_frames: Vec<u64>,
}

impl FlatTopTrack {
    pub(crate) fn new() -> Self {
        Self {
            frame: 0,
            peak: 0.0,
            previous: 0.0,
            before_run: 0.0,
            run_start: 0.0,
            run_frame: 0,
            run_samples: 1,
            levels: Vec::new(),
        }
    }

    /// Listens on to `samples`, the largest of which is `peak`. Where they are cut decides what is looked at:
    /// they come in the same pieces however the sound arrives.
    pub(crate) fn push(&mut self, samples: &[f32], peak: f32) {
        self.peak = larger(self.peak, peak);
        if self.run_samples == 1 && peak < LOOK_SHARE * self.peak && !samples.is_empty() {
            self.skip(samples);
            self.frame += samples.len() as u64;
            return;
        }
        for group in samples.chunks(GROUP) {
            if self.run_samples == 1 && !any_flat(self.previous, group) {
                self.skip(group);
            } else {
                for (frame, &sample) in (self.frame..).zip(group) {
                    self.sample(frame, sample);
                }
            }
            self.frame += group.len() as u64;
        }
    }

    /// Moves over samples without a flat top.
    fn skip(&mut self, group: &[f32]) {
        let last = group[group.len() - 1];
        self.before_run = if group.len() > 1 { group[group.len() - 2] } else { self.previous };
        (self.run_start, self.previous) = (last, last);
        self.run_frame = self.frame + group.len() as u64 - 1;
    }

    fn sample(&mut self, frame: u64, sample: f32) {
        if (sample - self.previous).abs() <= EQUAL && sample.abs() >= LEAST_LEVEL {
            self.run_samples += 1;
        } else {
            if self.run_samples >= RUN_SAMPLES {
                self.finish_run(sample);
            }
            self.before_run = self.previous;
            (self.run_start, self.run_frame) = (sample, frame);
            self.run_samples = 1;
        }
        self.previous = sample;
    }

    fn finish_run(&mut self, after: f32) {
        let sign = self.run_start.signum();
        let rise = sign * (self.run_start - self.before_run);
        let fall = sign * (self.previous - after);
        if rise.min(fall) > CORNER * EQUAL {
            self.remember(self.run_start);
        }
    }

    fn remember(&mut self, value: f32) {
        let place = self.run_frame;
        let same = |level: &&mut Level| (level.value - value).abs() <= SAME_LEVEL * value.abs();
        if let Some(level) = self.levels.iter_mut().find(same) {
            level.runs += 1;
            if level.at_frames.len() < PLACES {
                level.at_frames.push(place);
            }
            return;
        }
        if self.levels.len() == LEVELS {
            let lowest = (0..LEVELS)
                .min_by(|&a, &b| self.levels[a].value.abs().total_cmp(&self.levels[b].value.abs()));
            if let Some(lowest) = lowest.filter(|&at| self.levels[at].value.abs() < value.abs()) {
                self.levels.swap_remove(lowest);
            } else {
                return;
            }
        }
        self.levels.push(Level { value, runs: 1, at_frames: vec![place] });
    }

    /// Flat tops near the largest sample of the channel, on either side.
    pub(crate) fn finish(self) -> FlatTops {
        let mut tops = FlatTops::default();
        let least = TOP_SHARE * self.peak;
        for level in self.levels.iter().filter(|level| level.value.abs() >= least) {
            tops.runs += level.runs;
            tops.level = tops.level.max(level.value.abs());
            tops.at_frames.extend(&level.at_frames);
        }
        tops.at_frames.sort_unstable();
        tops.at_frames.truncate(PLACES);
        tops
    }
}

/// Whether any two neighbours are equal and not quiet.
#[multiversion(targets("x86_64+avx2"))]
fn any_flat(before: f32, group: &[f32]) -> bool {
    let flat = |a: f32, b: f32| ((b - a).abs() <= EQUAL) & (b.abs() >= LEAST_LEVEL);
    let mut any = flat(before, group[0]);
    for (&a, &b) in group.iter().zip(&group[1..]) {
        any |= flat(a, b);
    }
    any
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(samples: &[f32]) -> FlatTops {
        let mut track = FlatTopTrack::new();
        for block in samples.chunks(128) {
            track.push(block, crate::peaks::largest(block));
        }
        track.finish()
    }

    fn sine(freq_hz: f64, amplitude: f64) -> impl Iterator<Item = f32> {
        (0..44_100).map(move |n| {
            let angle = std::f64::consts::TAU * freq_hz / 44_100.0 * f64::from(n);
            (amplitude * libm::sin(angle)) as f32
        })
    }

    #[test]
    fn every_clipped_half_wave_is_a_run() {
        let clipped: Vec<f32> = sine(441.0, 1.5).map(|sample| sample.clamp(-1.0, 1.0)).collect();
        let tops = found(&clipped);
        assert_eq!(tops.level, 1.0);
        assert!((880..=882).contains(&tops.runs), "{}", tops.runs);
    }

    #[test]
    fn clipping_is_still_found_after_it_was_turned_down_and_rounded() {
        let lowered: Vec<f32> = sine(441.0, 1.5)
            .map(|sample| (sample.clamp(-1.0, 1.0) * 0.631 * 32_767.0).round() / 32_768.0)
            .collect();
        let tops = found(&lowered);
        assert!((880..=882).contains(&tops.runs), "{}", tops.runs);
        assert!((tops.level - 0.631).abs() < 1e-3);
    }

    #[test]
    fn the_smooth_crests_of_a_low_sine_are_no_flat_tops() {
        for freq_hz in [20.0, 50.0, 110.0, 440.0] {
            let smooth: Vec<f32> = sine(freq_hz, 0.9).collect();
            assert_eq!(found(&smooth).runs, 0, "{freq_hz} Hz");
        }
    }
}
