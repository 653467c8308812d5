//! What the bass line plays: its notes with their lower partials, from a transform long enough to tell low notes apart.

use acetate_audio::fourier::{Bins, RealFourier, RealWorkspace};
use acetate_audio::units::db_to_power;
use acetate_audio::{Audio, AudioSpec};

use crate::bass_note::{BassLine, BassNote, Partials};
use crate::spectrum::{Decimator, Frames, Image};
use crate::statistics::{percentile, percentile_of_sorted};

/// Moments looked at in a second: a note of 0.3 s between two beats of a drum still has one whose neighbours are its own.
const STEPS_PER_SECOND: u64 = 20;
/// How long one of them is, seconds.
pub const MOMENT_S: f64 = 1.0 / STEPS_PER_SECOND as f64;
/// Length of the Hann window: notes a tone apart at 40 Hz are two of its bins apart.
const WINDOW_S: f64 = 0.37;
/// The decimated rate is the lowest above this that a power of two gives: six partials of 160 Hz fit twice.
const LOWEST_RATE_HZ: f64 = 5_400.0;
/// Where the strongest tone of a bass line lies: from the low B of five strings to the E above middle D of its neck.
const FUNDAMENTAL_HZ: std::ops::RangeInclusive<f64> = 28.0..=160.0;
/// A moment more than this below the loudest ones plays no note of the line.
const QUIET_DB: f64 = -22.0;
/// How far the tone stands above the median of the bass, as a ratio of powers: of a minute of noise no moment is as tonal for so long.
const TONE_OVER_MEDIAN: f64 = 12.0;
/// A weak fundamental under a strong partial is at most this far below it.
const WEAK_FUNDAMENTAL_DB: f64 = -18.0;
/// A note is steady when its neighbours in time differ by less than this share: drums glide faster.
const STEADY: f64 = 0.015;
/// Half width of a partial: a share of its frequency, and half the main lobe of the window in Hz.
const HALF_WIDTH: (f64, f64) = (0.012, 2.7);
/// Where the harmonics of a bass line are heard on small loudspeakers.
pub const MIDS_HZ: std::ops::Range<f64> = 150.0..600.0;

/// A moment that may belong to the line, before its neighbours are known.
#[derive(Clone, Debug)]
struct Candidate {
    step: u64,
    strongest: f64,
    note: BassNote,
}

/// Mid or side at a low rate, and its spectrum at the moment.
#[derive(Debug)]
struct Lane {
    decimator: Decimator,
    frames: Frames,
    full: Vec<f32>,
    low: Vec<f32>,
    spectrum: Bins,
    powers: Vec<f64>,
}

impl Lane {
    fn push(&mut self) {
        self.low.clear();
        self.decimator.push(&self.full, &mut self.low);
        self.frames.push(&self.low);
    }
}

/// Listens for a bass line, in whichever of mid and side it is; several channels that are no pair count as their mean.
#[derive(Debug)]
pub struct BassMeter {
    image: Image,
    /// The mid; and the side, where there is a pair.
    lanes: Vec<Lane>,
    fourier: RealFourier,
    window: Vec<f32>,
    work: RealWorkspace,
    /// Both together.
    powers: Vec<f64>,
    factor: u64,
    bin_hz: f64,
    rate_hz: f64,
    /// Strongest tone of the bass at each moment.
    strongest: Vec<f64>,
    candidates: Vec<Candidate>,
    seen: u64,
}

impl BassMeter {
    /// A meter that has heard nothing yet.
    pub fn new(spec: AudioSpec) -> Self {
        let factor = Decimator::factor_for(spec.sample_rate_hz, LOWEST_RATE_HZ);
        let low_rate_hz = f64::from(spec.sample_rate_hz) / factor as f64;
        let hann = ((low_rate_hz * WINDOW_S) as usize).next_multiple_of(2);
        let length = hann.next_power_of_two();
        let fourier = RealFourier::new(length);
        let image = Image::new(spec);
        let lane = |_| Lane {
            decimator: Decimator::new(factor),
            frames: Frames::new(spec.sample_rate_hz, STEPS_PER_SECOND * factor as u64, 1, length),
            full: Vec::new(),
            low: Vec::new(),
            spectrum: Bins::new(fourier.bins()),
            powers: vec![0.0; fourier.bins()],
        };
        let lanes = if image == Image::Stereo { 2 } else { 1 };
        Self {
            image,
            lanes: (0..lanes).map(lane).collect(),
            window: centred_hann(hann, length),
            work: fourier.workspace(),
            powers: vec![0.0; fourier.bins()],
            fourier,
            factor: factor as u64,
            bin_hz: low_rate_hz / length as f64,
            rate_hz: f64::from(spec.sample_rate_hz),
            strongest: Vec::new(),
            candidates: Vec::new(),
            seen: 0,
        }
    }

    /// Listens on.
    pub fn push(&mut self, block: &Audio) {
        let channels = self.image.channels();
        let share = 1.0 / channels.len() as f32;
        for (index, lane) in self.lanes.iter_mut().enumerate() {
            lane.full.clear();
            lane.full.resize(block.frames(), 0.0);
            for &channel in &channels {
                let gain = if index > 0 && channel > 0 { -share } else { share };
                for (sum, sample) in lane.full.iter_mut().zip(block.channel(channel)) {
                    *sum += gain * sample;
                }
            }
            lane.push();
        }
        self.seen += block.frames() as u64;
        while self.step() {}
        self.lanes.iter_mut().for_each(|lane| lane.frames.trim());
    }

    fn step(&mut self) -> bool {
        self.powers.fill(0.0);
        for lane in &mut self.lanes {
            let Some(window) = lane.frames.next_window() else { return false };
            let spectrum = &mut lane.spectrum;
            self.fourier.forward_windowed(window, &self.window, spectrum, &mut self.work);
            let powers = lane.powers.iter_mut().zip(&mut self.powers);
            for ((own, all), power) in powers.zip(spectrum.powers()) {
                *own = f64::from(power);
                *all += *own;
            }
        }
        let step = self.strongest.len() as u64;
        let candidate = self.candidate(step);
        self.strongest.push(candidate.as_ref().map_or(0.0, |found| found.strongest));
        self.candidates.extend(candidate);
        true
    }

    /// The strongest tone of the bass with its partials; `None` where nothing stands out.
    fn candidate(&self, step: u64) -> Option<Candidate> {
        let first = libm::ceil(FUNDAMENTAL_HZ.start() / self.bin_hz) as usize;
        let last = (FUNDAMENTAL_HZ.end() / self.bin_hz) as usize;
        let bass = &self.powers[first..=last];
        let top = (0..bass.len()).max_by(|&a, &b| bass[a].total_cmp(&bass[b]))? + first;
        let strongest = self.powers[top];
        let median = percentile(bass, 0.5)?;
        if strongest <= 0.0 || strongest < TONE_OVER_MEDIAN * median {
            return None;
        }
        let fundamental_hz = self.lowest(self.peak_hz(top));
        let none = Partials::default();
        let note = BassNote {
            at_s: (step as f64 + 0.5) * MOMENT_S,
            fundamental_hz,
            mid: self.partials(&self.lanes[0].powers, fundamental_hz),
            side: self
                .lanes
                .get(1)
                .map_or(none, |lane| self.partials(&lane.powers, fundamental_hz)),
            mids: self.sum(&self.lanes[0].powers, MIDS_HZ.start, MIDS_HZ.end),
            is_held: false,
        };
        Some(Candidate { step, strongest, note })
    }

    fn partials(&self, powers: &[f64], fundamental_hz: f64) -> Partials {
        let tone = |partial: f64| self.tone(powers, partial * fundamental_hz);
        let at = std::array::from_fn(|index| tone((index + 1) as f64));
        let beside = |index: usize| 0.5 * (tone(index as f64 + 0.5) + tone(index as f64 + 1.5));
        let between = std::array::from_fn(|index| if index > 0 { beside(index) } else { 0.0 });
        Partials { at, between }
    }

    /// Frequency of the peak around a bin, by a parabola through the logarithms of three.
    fn peak_hz(&self, bin: usize) -> f64 {
        let [a, b, c] = [bin - 1, bin, bin + 1].map(|bin| libm::log(self.powers[bin].max(1e-30)));
        let bend = a - 2.0 * b + c;
        let off = if bend < 0.0 { (0.5 * (a - c) / bend).clamp(-0.5, 0.5) } else { 0.0 };
        (bin as f64 + off) * self.bin_hz
    }

    /// A lower note whose second or third partial was taken for it.
    fn lowest(&self, found_hz: f64) -> f64 {
        let tone = |hz: f64| self.tone(&self.powers, hz);
        let weakest = tone(found_hz) * db_to_power(WEAK_FUNDAMENTAL_DB);
        let is_played = |&hz: &f64| {
            let power = tone(hz);
            hz > *FUNDAMENTAL_HZ.start() && power > weakest && power > 4.0 * tone(1.5 * hz)
        };
        [3.0, 2.0].map(|part| found_hz / part).into_iter().find(is_played).unwrap_or(found_hz)
    }

    /// Power of a tone: what lies within its main lobe.
    fn tone(&self, powers: &[f64], hz: f64) -> f64 {
        let half = HALF_WIDTH.0 * hz + HALF_WIDTH.1;
        self.sum(powers, hz - half, hz + half)
    }

    /// Power between two frequencies, less what the decimation took from it.
    fn sum(&self, powers: &[f64], low_hz: f64, high_hz: f64) -> f64 {
        let last = powers.len() - 1;
        let bin = |hz: f64| (libm::round(hz / self.bin_hz).max(0.0) as usize).min(last);
        let sum: f64 = powers[bin(low_hz)..=bin(high_hz)].iter().sum();
        sum / self.lanes[0].decimator.power_gain(0.5 * (low_hz + high_hz), self.rate_hz)
    }

    /// The line that was heard.
    pub fn finish(mut self) -> BassLine {
        let frames = &self.lanes[0].frames;
        // So many moments more as have sound in half of their window: the last notes have neighbours as they would have before silence.
        let more = libm::ceil(0.5 * WINDOW_S / MOMENT_S) as u64;
        let wanted = frames.steps_begun(self.seen.div_ceil(self.factor)) + more;
        for lane in &mut self.lanes {
            lane.full = vec![0.0; 8 * self.factor as usize];
            lane.push();
            lane.frames.pad();
        }
        while (self.strongest.len() as u64) < wanted && self.step() {}
        BassLine { notes: steady(&self.strongest, self.candidates) }
    }
}

/// The moments that are loud enough and lie between two others of the same pitch.
fn steady(strongest: &[f64], candidates: Vec<Candidate>) -> Vec<BassNote> {
    let most = strongest.iter().copied().fold(0.0, f64::max);
    let mut heard: Vec<f64> =
        strongest.iter().copied().filter(|&power| power > 1e-6 * most).collect();
    heard.sort_by(f64::total_cmp);
    let Some(top) = percentile_of_sorted(&heard, 0.98) else { return Vec::new() };
    let loud: Vec<Candidate> = candidates
        .into_iter()
        .filter(|candidate| candidate.strongest >= top * db_to_power(QUIET_DB))
        .collect();
    let same = |a: &Candidate, b: &Candidate| {
        let ratio = a.note.fundamental_hz / b.note.fundamental_hz;
        b.step == a.step + 1 && libm::fabs(libm::log(ratio)) < STEADY
    };
    // Of each pair of neighbours, whether they play the same.
    let pairs: Vec<bool> = loud.windows(2).map(|pair| same(&pair[0], &pair[1])).collect();
    let are_same = |from: usize, to: usize| (from..to).all(|pair| pairs.get(pair) == Some(&true));
    let steady = (1..loud.len()).filter(|&index| are_same(index - 1, index + 1));
    steady
        .map(|index| BassNote {
            is_held: index >= 2 && are_same(index - 2, index + 2),
            ..loud[index].note.clone()
        })
        .collect()
}

/// A Hann window in the middle of `length` samples, scaled so that squared bins add up to the mean square.
fn centred_hann(hann: usize, length: usize) -> Vec<f32> {
    let before = (length - hann) / 2;
    let inner: Vec<f64> = (0..hann)
        .map(|n| 0.5 - 0.5 * libm::cos(std::f64::consts::TAU * n as f64 / hann as f64))
        .collect();
    let squares: f64 = inner.iter().map(|value| value * value).sum();
    let scale = libm::sqrt(2.0 / (length as f64 * squares));
    let mut window = vec![0.0; length];
    for (to, value) in window[before..].iter_mut().zip(&inner) {
        *to = (value * scale) as f32;
    }
    window
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 48_000;

    fn line(partials: &[f64], hz: f64) -> BassLine {
        let sample = |frame: usize| {
            let time = frame as f64 / f64::from(RATE);
            let tones = partials.iter().enumerate().map(|(index, level)| {
                level * (std::f64::consts::TAU * hz * (index + 1) as f64 * time).sin()
            });
            tones.sum::<f64>() as f32
        };
        let plane: Vec<f32> = (0..4 * RATE as usize).map(sample).collect();
        let audio = Audio::from_planes(RATE, vec![plane.clone(), plane]);
        let mut meter = BassMeter::new(audio.spec());
        meter.push(&audio);
        meter.finish()
    }

    #[test]
    fn a_note_has_its_pitch_and_the_power_of_its_partials() {
        for hz in [41.2, 55.0, 123.5] {
            let line = line(&[0.2, 0.1, 0.05, 0.02], hz);
            assert!(line.notes.len() > 60, "{hz} Hz: {}", line.notes.len());
            let note = &line.notes[line.notes.len() / 2];
            assert!((note.fundamental_hz / hz - 1.0).abs() < 0.004, "{}", note.fundamental_hz);
            for (index, level) in [0.2f64, 0.1, 0.05, 0.02].into_iter().enumerate() {
                let error_db = 10.0 * (note.mid.net(index) / (0.5 * level * level)).log10();
                assert!(error_db.abs() < 0.3, "{hz} Hz, partial {}: {error_db:.2} dB", index + 1);
            }
            assert!(
                line.contrast(1, |note| &note.mid) > 100.0
                    && line.contrast(5, |note| &note.mid) < 100.0
            );
        }
    }

    #[test]
    fn a_line_that_one_channel_has_upside_down_is_in_the_side() {
        let tone =
            |n: usize| 0.2 * (std::f64::consts::TAU * 55.0 * n as f64 / f64::from(RATE)).sin();
        let left: Vec<f32> = (0..4 * RATE as usize).map(|n| tone(n) as f32).collect();
        let right = left.iter().map(|sample| -sample).collect();
        let audio = Audio::from_planes(RATE, vec![left, right]);
        let mut meter = BassMeter::new(audio.spec());
        meter.push(&audio);
        let line = meter.finish();
        assert!(line.notes.len() > 60, "{}", line.notes.len());
        let note = &line.notes[30];
        assert!((note.side.net(0) / 0.02 - 1.0).abs() < 0.05 && note.mid.net(0) < 1e-9, "{note:?}");
    }

    #[test]
    fn notes_of_a_third_of_a_second_between_gliding_drums_have_moments() {
        // A drum that falls from 110 to 40 Hz, then 0.3 s of a note, twice in 1.2 s.
        let sample = |n: usize| {
            let time = n as f64 / f64::from(RATE) % 0.6;
            let drum = 40.0 + 70.0 * (-time / 0.06).exp();
            let phase = 40.0 * time + 70.0 * 0.06 * (1.0 - (-time / 0.06).exp());
            let fades = (-time / 0.08).exp();
            let note = if (0.25..0.57).contains(&time) { 0.15 } else { 0.0 };
            let turn = std::f64::consts::TAU;
            let drum = if drum > 40.5 { 0.4 * fades * (turn * phase).sin() } else { 0.0 };
            (drum + note * (turn * 49.0 * time).sin()) as f32
        };
        let plane: Vec<f32> = (0..12 * RATE as usize).map(sample).collect();
        let audio = Audio::from_planes(RATE, vec![plane.clone(), plane]);
        let mut meter = BassMeter::new(audio.spec());
        meter.push(&audio);
        let line = meter.finish();
        assert!(line.notes.len() >= 20, "{}", line.notes.len());
        let of_note = |note: &&BassNote| (note.fundamental_hz / 49.0 - 1.0).abs() < 0.03;
        let right = line.notes.iter().filter(of_note).count();
        assert!(right * 10 >= line.notes.len() * 9, "{right} of {}", line.notes.len());
    }

    #[test]
    fn a_weak_fundamental_is_found_under_its_octave() {
        let line = line(&[0.05, 0.2, 0.1], 41.2);
        let note = &line.notes[line.notes.len() / 2];
        assert!((note.fundamental_hz - 41.2).abs() < 0.3, "{}", note.fundamental_hz);
    }

    #[test]
    fn silence_and_noise_play_no_line() {
        assert!(line(&[0.0], 50.0).notes.is_empty());
        let mut state = 1u32;
        let plane: Vec<f32> = (0..30 * RATE)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 24) as f32 - 0.5
            })
            .collect();
        let audio = Audio::from_planes(RATE, vec![plane]);
        let mut meter = BassMeter::new(audio.spec());
        meter.push(&audio);
        assert!(meter.finish().notes.len() < 4);
    }
}
