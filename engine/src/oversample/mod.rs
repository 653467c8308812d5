//! Two, four or eight times the sample rate and back, by a cascade of half-band filters.
//!
//! Each doubling is a linear-phase half-band filter (every second tap is zero, so one phase is a delay; Crochiere & Rabiner
//! 1983, section 7.7), flat to 0.4535 of the base rate and 120 dB deep. The first has a steep skirt, the later ones hardly any
//! taps. The last halving is centred between two samples: it takes back the half sample by which antiderivative antialiasing
//! comes late. The halving to the base rate is no half-band filter, whose skirt lies around the new Nyquist frequency: what
//! is above that would fold below it, so this one ends there.

mod filters;

use filters::{Doubler, Halver, LastHalver, OffsetHalver, pairs_at};

/// Frames of the base rate that are taken through the cascade at once; what they become stays in the first-level cache.
pub(crate) const CHUNK: usize = 128;

/// A detour through a higher rate.
pub(crate) struct Oversampler {
    doublers: Vec<Doubler>,
    top: OffsetHalver,
    /// From the highest rate but one down to twice the base rate.
    halvers: Vec<Halver>,
    /// From there to the base rate; none where the top already ends there.
    last: Option<LastHalver>,
    /// Sound at each rate, base rate first.
    levels: Vec<Vec<f64>>,
    latency_frames: usize,
}

impl Oversampler {
    /// `doublings` 1, 2 or 3: twice, four or eight times the rate.
    pub(crate) fn new(doublings: usize) -> Self {
        let pairs: Vec<usize> = (1..=doublings).map(pairs_at).collect();
        let top = pairs[doublings - 1];
        // Doublers and halvers of one rate delay by as much as their tap pairs, each in its own lower rate.
        let latency: f64 =
            pairs.iter().enumerate().map(|(k, n)| 2.0 * *n as f64 / (1 << k) as f64).sum();
        let last = (doublings > 1).then(LastHalver::new);
        let longer = last.as_ref().map_or(0, |last| last.odd_taps.len() - pairs[0]);
        Self {
            doublers: pairs.iter().map(|pairs| Doubler::new(*pairs)).collect(),
            top: OffsetHalver::new(top),
            halvers: pairs[1.min(doublings - 1)..doublings - 1]
                .iter()
                .rev()
                .map(|pairs| Halver::new(*pairs))
                .collect(),
            last,
            levels: (0..=doublings).map(|k| vec![0.0; CHUNK << k]).collect(),
            latency_frames: latency as usize + longer,
        }
    }

    /// Delay of the whole detour, in frames of the base rate.
    pub(crate) fn latency_frames(&self) -> usize {
        self.latency_frames
    }

    /// Replaces up to [`CHUNK`] samples by what `work` makes of them at the high rate. `work` must delay by half a sample.
    pub(crate) fn process(&mut self, samples: &mut [f64], work: impl FnOnce(&mut [f64])) {
        let frames = samples.len();
        self.levels[0][..frames].copy_from_slice(samples);
        for (k, doubler) in self.doublers.iter_mut().enumerate() {
            let (low, high) = self.levels.split_at_mut(k + 1);
            doubler.process(&low[k][..frames << k], &mut high[0][..frames << (k + 1)]);
        }
        let top = self.doublers.len();
        let (low, high) = self.levels.split_at_mut(top);
        let high = &mut high[0][..frames << top];
        work(high);
        self.top.process(high, &mut low[top - 1][..frames << (top - 1)]);
        for (halver, k) in self.halvers.iter_mut().zip((2..top).rev()) {
            let (low, high) = self.levels.split_at_mut(k);
            halver.process(&high[0][..frames << k], &mut low[k - 1][..frames << (k - 1)]);
        }
        if let Some(last) = &mut self.last {
            let (low, high) = self.levels.split_at_mut(1);
            last.process(&high[0][..2 * frames], &mut low[0][..frames]);
        }
        samples.copy_from_slice(&self.levels[0][..frames]);
    }

    pub(crate) fn reset(&mut self) {
        self.doublers.iter_mut().for_each(|doubler| doubler.past.clear());
        self.halvers.iter_mut().for_each(Halver::reset);
        self.last.iter_mut().for_each(LastHalver::reset);
        self.top.even.clear();
        self.top.odd.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;

    /// Half a sample of delay and nothing else: the mean of neighbours.
    fn mean(previous: &mut f64) -> impl FnOnce(&mut [f64]) {
        move |samples| {
            for sample in samples {
                let new = *sample;
                *sample = 0.5 * (new + *previous);
                *previous = new;
            }
        }
    }

    fn through(doublings: usize, input: &[f64], chunk: usize) -> Vec<f64> {
        let mut oversampler = Oversampler::new(doublings);
        let mut previous = 0.0;
        let mut output = input.to_vec();
        for samples in output.chunks_mut(chunk) {
            oversampler.process(samples, mean(&mut previous));
        }
        output
    }

    fn sine(cycles_per_sample: f64, frames: usize) -> Vec<f64> {
        (0..frames).map(|n| libm::sin(2.0 * PI * cycles_per_sample * n as f64)).collect()
    }

    #[test]
    fn the_detour_is_a_whole_number_of_frames_long() {
        for doublings in 1..=3 {
            let latency = Oversampler::new(doublings).latency_frames();
            let input = sine(0.05, 2000);
            let output = through(doublings, &input, CHUNK);
            // What is left is the droop of the mean, cos(pi f / rate), and 1e-6 of ripple for each of up to six filters.
            let droop = libm::cos(PI * 0.05 / f64::from(1 << doublings));
            for n in 500..1900 {
                let error = output[n] - droop * input[n - latency];
                assert!(error.abs() < 6e-6, "{doublings} doublings, frame {n}: {error:e}");
            }
        }
    }

    #[test]
    fn what_is_above_the_base_rates_nyquist_does_not_fold() {
        // A tone that exists at four times the rate only: 0.52 of the base rate would fold to 0.48.
        let mut oversampler = Oversampler::new(2);
        let mut phase = 0.0;
        let mut output = vec![0.0; 4096];
        for samples in output.chunks_mut(CHUNK) {
            oversampler.process(samples, |high| {
                for sample in high {
                    *sample = libm::sin(2.0 * PI * phase);
                    phase += 0.52 / 4.0;
                }
            });
        }
        let power = output[1000..].iter().map(|x| x * x).sum::<f64>() / 3096.0;
        let level = acetate_audio::units::power_to_db(2.0 * power);
        assert!(level < -115.0, "{level} dB");
    }

    #[test]
    fn images_are_120_db_down() {
        // A tone at 0.4 of the base rate has its image at 0.6; at the double rate they are at 0.2 and 0.3.
        let mut doubler = Doubler::new(pairs_at(1));
        let mut high = vec![0.0; 2048];
        for (low, high) in sine(0.4, 1024).chunks(CHUNK).zip(high.chunks_mut(2 * CHUNK)) {
            doubler.process(low, high);
        }
        let level = |f: f64| {
            let window = |n: usize| 0.5 - 0.5 * libm::cos(2.0 * PI * n as f64 / 1500.0);
            let (mut re, mut im) = (0.0, 0.0);
            for n in 0..1500 {
                let x = window(n) * high[300 + n];
                re += x * libm::cos(2.0 * PI * f * n as f64);
                im += x * libm::sin(2.0 * PI * f * n as f64);
            }
            acetate_audio::units::power_to_db(re * re + im * im)
        };
        assert!(level(0.3) - level(0.2) < -118.0, "{}", level(0.3) - level(0.2));
    }

    #[test]
    fn the_length_of_the_pieces_does_not_change_a_bit() {
        let input = sine(0.123, 700);
        for doublings in 1..=3 {
            let whole = through(doublings, &input, CHUNK);
            for chunk in [1, 7, 50] {
                assert_eq!(whole, through(doublings, &input, chunk), "pieces of {chunk}");
            }
        }
    }
}
