//! Speed that is not constant: wow and flutter of records and tapes, as a sound that is read a little early and a little late.

use acetate_audio::{Audio, AudioSpec};
use acetate_engine::Stage;

use crate::medium::Wobble;

/// Samples on each side of a place between two of them, of which its value is made.
const HALF: usize = 16;
/// Places between two samples that the kernel is kept for; between them it is a straight line.
const PHASES: usize = 1_024;

/// Reads a sound with a speed that goes up and down. The output is as long as the input, and on average aligned with it.
pub(crate) struct WobbleStage {
    parts: Vec<Part>,
    /// Values of the kernel, phase by phase.
    kernel: Vec<f64>,
    /// Frames that are needed ahead of one that comes out, and kept behind it.
    reach: usize,
    /// What was read, channel by channel; its first frame is number `first` of the sound.
    held: Vec<Vec<f32>>,
    first: i64,
    /// The next frame that comes out, and how many have come in.
    next: i64,
    received: i64,
}

/// One periodic deviation.
#[derive(Clone, Copy)]
struct Part {
    turn: f64,
    /// Largest displacement, frames.
    frames: f64,
}

impl WobbleStage {
    /// `None` where the speed is constant.
    pub(crate) fn new(wobbles: &[Wobble], spec: AudioSpec) -> Option<Self> {
        let rate_hz = f64::from(spec.sample_rate_hz);
        let part = |wobble: &Wobble| Part {
            turn: std::f64::consts::TAU * wobble.hz / rate_hz,
            // A speed of 1 + p sin(wt) is a place of t - p / w cos(wt).
            frames: 0.01 * wobble.peak_pct * rate_hz / (std::f64::consts::TAU * wobble.hz),
        };
        let parts: Vec<Part> = wobbles.iter().map(part).collect();
        let most: f64 = parts.iter().map(|part| part.frames).sum();
        (most > 0.0).then(|| Self {
            parts,
            kernel: kernel(),
            reach: libm::ceil(most) as usize + HALF + 1,
            held: vec![Vec::new(); spec.channels],
            first: 0,
            next: 0,
            received: 0,
        })
    }

    /// Where a frame of the output is read.
    fn place(&self, frame: i64) -> f64 {
        let moved = |part: &Part| part.frames * libm::cos(part.turn * frame as f64);
        frame as f64 - self.parts.iter().map(moved).sum::<f64>()
    }

    /// Appends the frames of which all is there that they are made of.
    fn give(&mut self, until: i64, out: &mut Audio) {
        while self.next < until {
            let place = self.place(self.next);
            let before = libm::floor(place);
            let phase = (place - before) * PHASES as f64;
            let (row, share) = (phase as usize, phase - libm::floor(phase));
            let rows = &self.kernel[row * 2 * HALF..(row + 2) * 2 * HALF];
            let (low, high) = rows.split_at(2 * HALF);
            let from = before as i64 - HALF as i64 + 1 - self.first;
            for (held, plane) in self.held.iter().zip(out.planes_mut()) {
                let tap = |(tap, (low, high)): (usize, (&f64, &f64))| {
                    let at = usize::try_from(from + tap as i64).ok();
                    let sample = at.and_then(|at| held.get(at)).copied().unwrap_or(0.0);
                    (low + share * (high - low)) * f64::from(sample)
                };
                let value: f64 = low.iter().zip(high).enumerate().map(tap).sum();
                plane.push(value as f32);
            }
            self.next += 1;
        }
        let gone = self.next - self.reach as i64 - self.first;
        if gone > self.reach as i64 {
            self.held.iter_mut().for_each(|held| drop(held.drain(..gone as usize)));
            self.first += gone;
        }
    }
}

impl Stage for WobbleStage {
    fn push(&mut self, block: &Audio, out: &mut Audio) {
        for (held, plane) in self.held.iter_mut().zip(block.planes()) {
            held.extend_from_slice(plane);
        }
        self.received += block.frames() as i64;
        self.give(self.received - self.reach as i64, out);
    }

    fn finish(&mut self, out: &mut Audio) {
        self.give(self.received, out);
        self.reset();
    }

    fn reset(&mut self) {
        self.held.iter_mut().for_each(Vec::clear);
        (self.first, self.next, self.received) = (0, 0, 0);
    }

    fn latency_frames(&self) -> usize {
        self.reach
    }
}

/// A sine over its argument under a raised cosine, at each phase from one sample to the next.
fn kernel() -> Vec<f64> {
    let value = |row: usize, tap: usize| {
        let x = tap as f64 - (HALF - 1) as f64 - row as f64 / PHASES as f64;
        let turn = std::f64::consts::PI * x;
        let sinc = if x == 0.0 { 1.0 } else { libm::sin(turn) / turn };
        let place = (x / HALF as f64).clamp(-1.0, 1.0);
        sinc * (0.5 + 0.5 * libm::cos(std::f64::consts::PI * place))
    };
    (0..=PHASES).flat_map(|row| (0..2 * HALF).map(move |tap| value(row, tap))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 44_100;

    fn through(wobbles: &[Wobble], plane: Vec<f32>, size: usize) -> Vec<f32> {
        let audio = Audio::from_planes(RATE, vec![plane]);
        let mut stage = WobbleStage::new(wobbles, audio.spec()).unwrap();
        let mut out = Audio::silence(audio.spec(), 0);
        for chunk in audio.channel(0).chunks(size) {
            stage.push(&Audio::from_planes(RATE, vec![chunk.to_vec()]), &mut out);
            assert!(audio.frames() >= out.frames());
        }
        stage.finish(&mut out);
        out.channel(0).to_vec()
    }

    /// Deviation of the speed of a tone, percent, every 10 ms: its phase against that of a steady one.
    fn deviations_pct(heard: &[f32], hz: f64) -> Vec<f64> {
        let window = RATE as usize / 100;
        let phase = |(index, chunk): (usize, &[f32])| {
            let (mut re, mut im) = (0.0, 0.0);
            for (n, &sample) in chunk.iter().enumerate() {
                let turn =
                    std::f64::consts::TAU * hz * (index * window + n) as f64 / f64::from(RATE);
                re += f64::from(sample) * turn.cos();
                im -= f64::from(sample) * turn.sin();
            }
            im.atan2(re)
        };
        let phases: Vec<f64> = heard.chunks_exact(window).enumerate().map(phase).collect();
        let turned = |pair: &[f64]| {
            let turn = std::f64::consts::TAU;
            let step = (pair[1] - pair[0] + turn / 2.0).rem_euclid(turn) - turn / 2.0;
            100.0 * step / (turn * hz * 0.01)
        };
        phases.windows(2).map(turned).collect()
    }

    #[test]
    fn a_tone_goes_up_and_down_as_far_and_as_often_as_it_is_said_to() {
        let tone = |n: usize| (std::f64::consts::TAU * 3_150.0 * n as f64 / f64::from(RATE)).sin();
        let tone: Vec<f32> = (0..4 * RATE as usize).map(|n| 0.5 * tone(n) as f32).collect();
        for (hz, peak_pct) in [(4.0, 0.2), (0.555_556, 0.105)] {
            let heard = through(&[Wobble { hz, peak_pct }], tone.clone(), 4_096);
            assert_eq!(heard.len(), tone.len());
            let found = deviations_pct(&heard, 3_150.0);
            let found = &found[10..found.len() - 10];
            let most = found.iter().copied().fold(0.0, f64::max);
            assert!((most - peak_pct).abs() < 0.02 * peak_pct, "{hz} Hz: {most}");
            let turns = found.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
            assert!((turns as f64 - 3.8 * hz).abs() <= 1.0, "{hz} Hz: {turns} in 3.8 s");
        }
    }

    #[test]
    fn it_is_the_same_in_blocks_of_any_size_and_still_where_nothing_moves() {
        let noise: Vec<f32> = (0..20_000u32)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 16) as f32 / 65_536.0 - 0.5)
            .collect();
        let wobbles = [Wobble { hz: 4.0, peak_pct: 0.2 }, Wobble { hz: 0.5, peak_pct: 0.1 }];
        let whole = through(&wobbles, noise.clone(), 20_000);
        assert_eq!(whole, through(&wobbles, noise.clone(), 777));
        assert_eq!(whole.len(), noise.len());
        let spec = AudioSpec::new(RATE, 1);
        assert!(WobbleStage::new(&[], spec).is_none());
        assert!(WobbleStage::new(&[Wobble { hz: 4.0, peak_pct: 0.0 }], spec).is_none());
    }
}
