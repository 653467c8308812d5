//! What the bass line plays: its notes with their lower partials, from a transform long enough to tell low notes apart.

use acetate_audio::fourier::{Bins, RealFourier, RealWorkspace};
use acetate_audio::units::db_to_power;
use acetate_audio::{Audio, AudioSpec};

use crate::spectrum::{Decimator, Frames, Image};
use crate::statistics::{percentile, percentile_of_sorted};

/// Partials of a note that are looked at; the first is the fundamental.
pub const PARTIALS: usize = 6;
/// Moments looked at in a second.
const STEPS_PER_SECOND: u64 = 10;
/// Length of the Hann window: notes a tone apart at 40 Hz are two of its bins apart.
const WINDOW_S: f64 = 0.37;
/// The decimated rate is the lowest above this that a power of two gives: six partials of 160 Hz fit twice.
const LOWEST_RATE_HZ: f64 = 5_400.0;
/// Where the strongest tone of a bass line lies: from the low B of five strings to the E above middle D of its neck.
const FUNDAMENTAL_HZ: std::ops::RangeInclusive<f64> = 28.0..=160.0;
/// A moment more than this below the loudest ones plays no note of the line.
const QUIET_DB: f64 = -22.0;
/// How far the tone stands above the median of the bass, as a ratio of powers.
const TONE_OVER_MEDIAN: f64 = 8.0;
/// A weak fundamental under a strong partial is at most this far below it.
const WEAK_FUNDAMENTAL_DB: f64 = -18.0;
/// A note is steady when its neighbours in time differ by less than this share.
const STEADY: f64 = 0.03;
/// Half width of a partial: a share of its frequency, and half the main lobe of the window in Hz.
const HALF_WIDTH: (f64, f64) = (0.012, 2.7);
/// Where the harmonics of a bass line are heard on small loudspeakers.
pub const MIDS_HZ: std::ops::Range<f64> = 150.0..600.0;

/// One steady moment of a bass line.
#[derive(Clone, Debug, PartialEq)]
pub struct BassNote {
    /// Middle of the window, in seconds.
    pub at_s: f64,
    /// The fundamental.
    pub fundamental_hz: f64,
    /// Power of the mid at each partial, the first being the fundamental (1.0 is 0 dB).
    pub partials: [f64; PARTIALS],
    /// The same half a fundamental above and below each partial, their mean: what is there without the note; zero for the first.
    pub between: [f64; PARTIALS],
    /// Power of the mid from 150 to 600 Hz, all that plays there.
    pub mids: f64,
}

impl BassNote {
    /// Power that partial `index` has above its surroundings; all of it for the fundamental.
    pub fn net(&self, index: usize) -> f64 {
        (self.partials[index] - self.between[index]).max(0.0)
    }
}

/// A bass line: its steady moments, a tenth of a second each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BassLine {
    /// In the order of time.
    pub notes: Vec<BassNote>,
}

impl BassLine {
    /// Power at partial `index` over that beside it, all notes together; 0 where nothing is there.
    pub fn contrast(&self, index: usize) -> f64 {
        let sum = |of: fn(&BassNote, usize) -> f64| -> f64 {
            self.notes.iter().map(|note| of(note, index)).sum()
        };
        let on = sum(|note, index| note.partials[index]);
        let off = sum(|note, index| note.between[index]);
        if on > 0.0 { on / off.max(1e-15) } else { 0.0 }
    }
}

/// A moment that may belong to the line, before its neighbours are known.
#[derive(Clone, Debug)]
struct Candidate {
    step: u64,
    strongest: f64,
    note: BassNote,
}

/// Listens to the mid for a bass line; several channels that are no pair count as their mean.
#[derive(Debug)]
pub struct BassMeter {
    image: Image,
    decimator: Decimator,
    mid: Vec<f32>,
    low: Vec<f32>,
    frames: Frames,
    fourier: RealFourier,
    window: Vec<f32>,
    spectrum: Bins,
    work: RealWorkspace,
    powers: Vec<f64>,
    bin_hz: f64,
    low_rate_hz: f64,
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
        Self {
            image: Image::new(spec),
            decimator: Decimator::new(factor),
            mid: Vec::new(),
            low: Vec::new(),
            frames: Frames::new(spec.sample_rate_hz, STEPS_PER_SECOND * factor as u64, 1, length),
            window: centred_hann(hann, length),
            spectrum: Bins::new(fourier.bins()),
            work: fourier.workspace(),
            powers: vec![0.0; fourier.bins()],
            fourier,
            bin_hz: low_rate_hz / length as f64,
            low_rate_hz: low_rate_hz * factor as f64,
            strongest: Vec::new(),
            candidates: Vec::new(),
            seen: 0,
        }
    }

    /// Listens on.
    pub fn push(&mut self, block: &Audio) {
        let channels = self.image.channels();
        let share = 1.0 / channels.len() as f32;
        self.mid.clear();
        self.mid.resize(block.frames(), 0.0);
        for channel in channels {
            for (mid, sample) in self.mid.iter_mut().zip(block.channel(channel)) {
                *mid += share * sample;
            }
        }
        self.seen += block.frames() as u64;
        self.low.clear();
        self.decimator.push(&self.mid, &mut self.low);
        self.frames.push(&self.low);
        while self.step() {}
        self.frames.trim();
    }

    fn step(&mut self) -> bool {
        let Some(window) = self.frames.next_window() else { return false };
        self.fourier.forward_windowed(window, &self.window, &mut self.spectrum, &mut self.work);
        for (to, power) in self.powers.iter_mut().zip(self.spectrum.powers()) {
            *to = f64::from(power);
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
        let at = |index: usize| (index + 1) as f64 * fundamental_hz;
        let mut note = BassNote {
            at_s: (step as f64 + 0.5) / STEPS_PER_SECOND as f64,
            fundamental_hz,
            partials: [0.0; PARTIALS],
            between: [0.0; PARTIALS],
            mids: self.sum(MIDS_HZ.start, MIDS_HZ.end),
        };
        for index in 0..PARTIALS {
            note.partials[index] = self.tone(at(index));
            if index > 0 {
                let beside = [-0.5, 0.5].map(|off| self.tone(at(index) + off * fundamental_hz));
                note.between[index] = 0.5 * (beside[0] + beside[1]);
            }
        }
        Some(Candidate { step, strongest, note })
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
        let weakest = self.tone(found_hz) * db_to_power(WEAK_FUNDAMENTAL_DB);
        let is_played = |&hz: &f64| {
            let power = self.tone(hz);
            hz > *FUNDAMENTAL_HZ.start() && power > weakest && power > 4.0 * self.tone(1.5 * hz)
        };
        [3.0, 2.0].map(|part| found_hz / part).into_iter().find(is_played).unwrap_or(found_hz)
    }

    /// Power of a tone: what lies within its main lobe.
    fn tone(&self, hz: f64) -> f64 {
        let half = HALF_WIDTH.0 * hz + HALF_WIDTH.1;
        self.sum(hz - half, hz + half)
    }

    /// Power between two frequencies, less what the decimation took from it.
    fn sum(&self, low_hz: f64, high_hz: f64) -> f64 {
        let last = self.powers.len() - 1;
        let bin = |hz: f64| (libm::round(hz / self.bin_hz).max(0.0) as usize).min(last);
        let sum: f64 = self.powers[bin(low_hz)..=bin(high_hz)].iter().sum();
        sum / self.decimator.power_gain(0.5 * (low_hz + high_hz), self.low_rate_hz)
    }

    /// The line that was heard.
    pub fn finish(mut self) -> BassLine {
        let factor = self.decimator.factor as u64;
        // Two moments more, so that the last notes have neighbours as they would have before silence.
        let wanted = self.frames.steps_begun(self.seen.div_ceil(factor)) + 2;
        let silence = vec![0.0; 8 * factor as usize];
        self.low.clear();
        self.decimator.push(&silence, &mut self.low);
        self.frames.push(&self.low);
        self.frames.pad();
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
    loud.windows(3)
        .filter(|three| same(&three[0], &three[1]) && same(&three[1], &three[2]))
        .map(|three| three[1].note.clone())
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
            assert!(line.notes.len() > 30, "{hz} Hz: {}", line.notes.len());
            let note = &line.notes[line.notes.len() / 2];
            assert!((note.fundamental_hz / hz - 1.0).abs() < 0.004, "{}", note.fundamental_hz);
            for (index, level) in [0.2f64, 0.1, 0.05, 0.02].into_iter().enumerate() {
                let error_db = 10.0 * (note.net(index) / (0.5 * level * level)).log10();
                assert!(error_db.abs() < 0.3, "{hz} Hz, partial {}: {error_db:.2} dB", index + 1);
            }
            assert!(line.contrast(1) > 100.0 && line.contrast(5) < 100.0);
        }
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
        let plane: Vec<f32> = (0..4 * RATE)
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
