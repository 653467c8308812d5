//! What a limiter does to attacks and to the level, from the envelopes of its input and output.

use acetate_audio::Audio;

/// Step of the envelopes, s: the attack of a sound.
const STEP_S: f64 = 0.005;
/// Steps before an attack above which it rises (30 ms), and after it that are its body (50 ms).
const BEFORE: usize = 6;
const BODY: usize = 10;
/// An attack has this many times the power of what was before it (9 dB), and is above -40 dB FS.
const RISE: f64 = 8.0;
const QUIETEST: f64 = 1e-4;
/// Steps a level is taken over (20 ms).
const LEVEL_STEPS: usize = 4;

/// Peak and power of each step of a sound, over all its channels.
#[derive(Clone, Debug)]
pub(super) struct Envelope {
    frames_a_step: usize,
    steps: Vec<Step>,
    current: Step,
    frames: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Step {
    peak: f64,
    energy: f64,
}

impl Envelope {
    pub(super) fn new(sample_rate_hz: u32) -> Self {
        let frames_a_step = (STEP_S * f64::from(sample_rate_hz)).round().max(1.0) as usize;
        Self { frames_a_step, steps: Vec::new(), current: Step::default(), frames: 0 }
    }

    pub(super) fn push(&mut self, block: &Audio) {
        for frame in 0..block.frames() {
            for plane in block.planes() {
                let sample = f64::from(plane[frame]);
                self.current.peak = self.current.peak.max(sample.abs());
                self.current.energy += sample * sample;
            }
            self.frames += 1;
            if self.frames == self.frames_a_step {
                self.steps.push(std::mem::take(&mut self.current));
                self.frames = 0;
            }
        }
    }

    fn energy(&self, steps: std::ops::Range<usize>) -> f64 {
        self.steps[steps].iter().map(|step| step.energy).sum()
    }

    /// Steps with which something begins.
    fn attacks(&self) -> Vec<usize> {
        let quietest = QUIETEST * self.frames_a_step as f64;
        let begins = |&step: &usize| {
            let before = self.energy(step - BEFORE..step) / BEFORE as f64;
            self.steps[step].energy > quietest.max(RISE * before)
        };
        (BEFORE..self.steps.len().saturating_sub(BODY)).filter(begins).collect()
    }

    /// Peak of a step over the power of the 50 ms that follow, dB.
    fn crest_db(&self, step: usize) -> f64 {
        let body = self.energy(step + 1..step + 1 + BODY).max(1e-20);
        let peak = self.steps[step].peak;
        10.0 * libm::log10((peak * peak).max(1e-20) / body)
    }
}

/// Median over the attacks of the input of what their peaks lost against the 50 ms after them, dB; `None` without attacks.
pub(super) fn transient_loss_db(input: &Envelope, output: &Envelope) -> Option<f64> {
    let loss = |step| input.crest_db(step) - output.crest_db(step);
    let mut losses: Vec<f64> = input.attacks().into_iter().map(loss).collect();
    losses.sort_by(f64::total_cmp);
    losses.get(losses.len() / 2).copied()
}

/// How far the gain from input to output strays from its mean, over 20 ms at a time and weighted by their energy: root mean
/// square, dB.
pub(super) fn gain_modulation_db(input: &Envelope, output: &Envelope) -> f64 {
    let levels = |envelope: &Envelope| -> Vec<f64> {
        let chunks = envelope.steps.chunks(LEVEL_STEPS);
        chunks.map(|steps| steps.iter().map(|step| step.energy).sum()).collect()
    };
    let (mut weights, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for (before, after) in levels(input).into_iter().zip(levels(output)) {
        if before > 0.0 && after > 0.0 {
            let gain_db = 10.0 * libm::log10(after / before);
            weights += before;
            sum += before * gain_db;
            squares += before * gain_db * gain_db;
        }
    }
    if weights == 0.0 {
        return 0.0;
    }
    let mean = sum / weights;
    libm::sqrt((squares / weights - mean * mean).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four strokes a second, each with a peak of its own above a decaying body.
    fn strokes(peak: f32) -> Envelope {
        let sample = |t: usize| match t % 12_000 {
            0..200 => peak * (t % 2) as f32,
            rest => 0.3 * libm::expf(-(rest as f32) / 2_000.0) * (t % 2) as f32,
        };
        let mut envelope = Envelope::new(48_000);
        let plane: Vec<f32> =
            (0..48_000).map(|t| if t < 6_000 { 0.0 } else { sample(t) }).collect();
        envelope.push(&Audio::from_planes(48_000, vec![plane]));
        envelope
    }

    #[test]
    fn peaks_of_half_the_size_are_six_db_lost() {
        let loss = transient_loss_db(&strokes(0.8), &strokes(0.4)).unwrap();
        assert!((loss - 6.02).abs() < 0.01, "{loss}");
        assert_eq!(transient_loss_db(&strokes(0.8), &strokes(0.8)), Some(0.0));
    }

    #[test]
    fn only_a_gain_that_moves_is_modulation() {
        let tone = |gain: &dyn Fn(usize) -> f32| {
            let plane =
                (0..48_000).map(|t| gain(t) * if t % 2 == 0 { 0.5 } else { -0.5 }).collect();
            let mut envelope = Envelope::new(48_000);
            envelope.push(&Audio::from_planes(48_000, vec![plane]));
            envelope
        };
        let steady = tone(&|_| 1.0);
        assert!(gain_modulation_db(&steady, &tone(&|_| 0.5)) < 1e-6);
        let pumping = tone(&|t| if t % 9_600 < 4_800 { 1.0 } else { 0.501_187 });
        assert!((gain_modulation_db(&steady, &pumping) - 3.0).abs() < 0.01);
    }
}
