//! Two, four or eight times the sample rate and back, by a cascade of half-band filters.
//!
//! Each doubling is a linear-phase half-band filter (every second tap is zero, so one phase is a delay; Crochiere & Rabiner
//! 1983, section 7.7), flat to 0.4535 of the base rate and 120 dB deep. The first has a steep skirt, the later ones hardly any
//! taps. The last halving is centred between two samples: it takes back the half sample by which antiderivative antialiasing
//! comes late. The halving to the base rate is no half-band filter, whose skirt lies around the new Nyquist frequency: what
//! is above that would fold below it, so this one ends there.

use std::f64::consts::PI;

use multiversion::multiversion;

use acetate_audio::windows::{kaiser_beta, kaiser_window, taps_for};

/// Frames of the base rate that are taken through the cascade at once; what they become stays in the first-level cache.
pub(crate) const CHUNK: usize = 128;
/// Upper end of the pass band as a share of the base rate: 20 kHz at 44.1 kHz.
const PASS_EDGE: f64 = 0.4535;
/// Depth of images and aliases, in dB.
const ATTENUATION_DB: f64 = 120.0;
/// Outputs computed together: their sums stay in registers.
const LANES: usize = 16;

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

/// Pairs of taps of the filter between the rates 2^(k-1) and 2^k; even, so that delays add up to whole frames.
fn pairs_at(k: usize) -> usize {
    let width = 0.5 - 2.0 * PASS_EDGE / f64::from(1 << k);
    taps_for(ATTENUATION_DB, width).div_ceil(8) * 2
}

/// Taps of a windowed half-band sinc at `count` distances `first`, `first + step`, ..., scaled so that all, twice, sum to one.
fn half_band(count: usize, first: f64, step: f64) -> Vec<f64> {
    let beta = kaiser_beta(ATTENUATION_DB);
    let end = first + step * count as f64;
    let taps: Vec<f64> = (0..count)
        .map(|k| first + step * k as f64)
        .map(|t| libm::sin(0.5 * PI * t) / (PI * t) * kaiser_window(t / end, beta))
        .collect();
    let sum: f64 = 2.0 * taps.iter().sum::<f64>();
    taps.iter().map(|tap| tap / sum).collect()
}

/// The latest samples behind a window of new ones.
struct Past {
    window: Vec<f64>,
    frames: usize,
}

impl Past {
    /// Remembers `frames` samples; up to `block_max` new ones at a time.
    fn new(frames: usize, block_max: usize) -> Self {
        Self { window: vec![0.0; frames + block_max], frames }
    }

    /// The remembered samples, then `count` new ones.
    fn extend(&mut self, count: usize, new: impl Iterator<Item = f64>) -> &[f64] {
        for (to, from) in self.window[self.frames..self.frames + count].iter_mut().zip(new) {
            *to = from;
        }
        &self.window[..self.frames + count]
    }

    /// Keeps the latest after `count` new ones were used.
    fn advance(&mut self, count: usize) {
        self.window.copy_within(count..count + self.frames, 0);
    }

    fn clear(&mut self) {
        self.window.fill(0.0);
    }
}

/// To twice the rate; delays by its number of tap pairs, in samples of the lower rate.
struct Doubler {
    taps: Vec<f64>,
    past: Past,
    between: Vec<f64>,
}

impl Doubler {
    fn new(pairs: usize) -> Self {
        let block_max = CHUNK * 8;
        Self {
            taps: half_band(pairs, 1.0, 2.0),
            past: Past::new(2 * pairs, block_max),
            between: vec![0.0; block_max],
        }
    }

    fn process(&mut self, low: &[f64], high: &mut [f64]) {
        let (frames, pairs) = (low.len(), self.taps.len());
        let window = self.past.extend(frames, low.iter().copied());
        let between = &mut self.between[..frames];
        symmetric_fir(&window[1..], 0, &self.taps, between);
        for ((pair, exact), between) in high.chunks_exact_mut(2).zip(&window[pairs..]).zip(between)
        {
            pair[0] = *exact;
            pair[1] = *between;
        }
        self.past.advance(frames);
    }
}

/// To half the rate; delays by its number of tap pairs, in samples of the lower rate.
struct Halver {
    taps: Vec<f64>,
    even: Past,
    odd: Past,
}

impl Halver {
    fn new(pairs: usize) -> Self {
        let block_max = CHUNK * 4;
        Self {
            taps: half_band(pairs, 1.0, 2.0),
            even: Past::new(pairs, block_max),
            odd: Past::new(2 * pairs, block_max),
        }
    }

    fn process(&mut self, high: &[f64], low: &mut [f64]) {
        let frames = low.len();
        let odd = self.odd.extend(frames, high.iter().skip(1).step_by(2).copied());
        symmetric_fir(&odd[..frames + 2 * self.taps.len() - 1], 0, &self.taps, low);
        let even = self.even.extend(frames, high.iter().step_by(2).copied());
        for (sample, exact) in low.iter_mut().zip(even) {
            *sample = 0.5 * (*sample + exact);
        }
        self.even.advance(frames);
        self.odd.advance(frames);
    }

    fn reset(&mut self) {
        self.even.clear();
        self.odd.clear();
    }
}

/// To the base rate: what lies above its Nyquist frequency is gone before it can fold. Delays by its number of odd taps, in
/// samples of the lower rate.
struct LastHalver {
    /// Tap in the middle, and those at the distances 1, 3, ... and 2, 4, ...
    middle: f64,
    odd_taps: Vec<f64>,
    even_taps: Vec<f64>,
    even: Past,
    odd: Past,
    from_even: Vec<f64>,
}

impl LastHalver {
    fn new() -> Self {
        // As shares of the higher rate.
        let (pass, stop) = (PASS_EDGE / 2.0, 0.25);
        let taps = taps_for(ATTENUATION_DB, stop - pass);
        let pairs = taps.div_ceil(4);
        let (cutoff, beta) = (pass + stop, kaiser_beta(ATTENUATION_DB));
        let tap = |distance: usize| {
            let t = distance as f64;
            let sinc = if distance == 0 { cutoff } else { libm::sin(PI * cutoff * t) / (PI * t) };
            sinc * kaiser_window(t / (2 * pairs) as f64, beta)
        };
        let sum = tap(0) + 2.0 * (1..2 * pairs).map(tap).sum::<f64>();
        let every_second = |first: usize| (first..2 * pairs).step_by(2).map(|d| tap(d) / sum);
        let block_max = CHUNK * 4;
        Self {
            middle: tap(0) / sum,
            odd_taps: every_second(1).collect(),
            even_taps: every_second(2).collect(),
            even: Past::new(2 * pairs, block_max),
            odd: Past::new(2 * pairs, block_max),
            from_even: vec![0.0; block_max],
        }
    }

    fn process(&mut self, high: &[f64], low: &mut [f64]) {
        let (frames, pairs) = (low.len(), self.odd_taps.len());
        let odd = self.odd.extend(frames, high.iter().skip(1).step_by(2).copied());
        symmetric_fir(&odd[..frames + 2 * pairs - 1], 0, &self.odd_taps, low);
        let even = self.even.extend(frames, high.iter().step_by(2).copied());
        let from_even = &mut self.from_even[..frames];
        symmetric_fir(&even[1..], 1, &self.even_taps, from_even);
        for ((sample, even), middle) in low.iter_mut().zip(from_even).zip(&even[pairs..]) {
            *sample += *even + self.middle * middle;
        }
        self.even.advance(frames);
        self.odd.advance(frames);
    }

    fn reset(&mut self) {
        self.even.clear();
        self.odd.clear();
    }
}

/// To half the rate for input that is half a sample late; delays by its number of tap pairs like the others.
struct OffsetHalver {
    /// Taps at the distances 1/2, 5/2, ... and at 3/2, 7/2, ...
    near: Vec<f64>,
    far: Vec<f64>,
    even: Past,
    odd: Past,
}

impl OffsetHalver {
    fn new(pairs: usize) -> Self {
        let taps = half_band(2 * pairs, 0.5, 1.0);
        let block_max = CHUNK * 4;
        Self {
            near: taps.iter().step_by(2).copied().collect(),
            far: taps.iter().skip(1).step_by(2).copied().collect(),
            even: Past::new(2 * pairs, block_max),
            odd: Past::new(2 * pairs, block_max),
        }
    }

    fn process(&mut self, high: &[f64], low: &mut [f64]) {
        let frames = low.len();
        let even = self.even.extend(frames, high.iter().step_by(2).copied());
        let odd = self.odd.extend(frames, high.iter().skip(1).step_by(2).copied());
        offset_fir(even, odd, &self.near, &self.far, low);
        self.even.advance(frames);
        self.odd.advance(frames);
    }
}

/// `out[n]` = Σ `taps[k]` (`x[n + K - 1 - k]` + `x[n + K + gap + k]`), K taps.
#[multiversion(targets("x86_64+avx2"))]
fn symmetric_fir(x: &[f64], gap: usize, taps: &[f64], out: &mut [f64]) {
    let pairs = taps.len();
    assert!(x.len() + 1 >= out.len() + 2 * pairs + gap);
    let mut chunks = out.chunks_exact_mut(LANES);
    let mut at = 0;
    for chunk in &mut chunks {
        let mut sums = [0.0; LANES];
        for (k, tap) in taps.iter().enumerate() {
            let before = &x[at + pairs - 1 - k..][..LANES];
            let after = &x[at + pairs + gap + k..][..LANES];
            for ((sum, a), b) in sums.iter_mut().zip(before).zip(after) {
                *sum += tap * (a + b);
            }
        }
        chunk.copy_from_slice(&sums);
        at += LANES;
    }
    for (n, sum) in chunks.into_remainder().iter_mut().enumerate() {
        *sum = 0.0;
        for (k, tap) in taps.iter().enumerate() {
            *sum += tap * (x[at + n + pairs - 1 - k] + x[at + n + pairs + gap + k]);
        }
    }
}

/// `out[n]` = Σ `near[i]` (`even[m - i]` + `odd[m + i]`) + `far[i]` (`odd[m - 1 - i]` + `even[m + 1 + i]`), m = n + I, I taps each.
#[multiversion(targets("x86_64+avx2"))]
fn offset_fir(even: &[f64], odd: &[f64], near: &[f64], far: &[f64], out: &mut [f64]) {
    let taps = near.len();
    assert!(even.len() >= out.len() + 2 * taps && odd.len() >= out.len() + 2 * taps);
    let mut chunks = out.chunks_exact_mut(LANES);
    let mut at = taps;
    for chunk in &mut chunks {
        let mut sums = [0.0; LANES];
        for (i, (near, far)) in near.iter().zip(far).enumerate() {
            let (a, b) = (&even[at - i..][..LANES], &odd[at + i..][..LANES]);
            let (c, d) = (&odd[at - 1 - i..][..LANES], &even[at + 1 + i..][..LANES]);
            for (lane, sum) in sums.iter_mut().enumerate() {
                *sum += near * (a[lane] + b[lane]) + far * (c[lane] + d[lane]);
            }
        }
        chunk.copy_from_slice(&sums);
        at += LANES;
    }
    for (n, sum) in chunks.into_remainder().iter_mut().enumerate() {
        let m = at + n;
        *sum = 0.0;
        for (i, (near, far)) in near.iter().zip(far).enumerate() {
            *sum += near * (even[m - i] + odd[m + i]) + far * (odd[m - 1 - i] + even[m + 1 + i]);
        }
    }
}

#[cfg(test)]
mod tests {
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
