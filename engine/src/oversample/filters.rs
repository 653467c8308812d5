//! The half-band filters, each between one rate and twice it.

use std::f64::consts::PI;

use acetate_audio::windows::{kaiser_beta, kaiser_window, taps_for};
use multiversion::multiversion;

use super::CHUNK;

/// Upper end of the pass band as a share of the base rate: 20 kHz at 44.1 kHz.
const PASS_EDGE: f64 = 0.4535;
/// Depth of images and aliases, in dB.
const ATTENUATION_DB: f64 = 120.0;
/// Outputs computed together: their sums stay in registers.
const LANES: usize = 16;

/// Pairs of taps of the filter between the rates 2^(k-1) and 2^k; even, so that delays add up to whole frames.
pub(super) fn pairs_at(k: usize) -> usize {
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
pub(super) struct Past {
    window: Vec<f64>,
    frames: usize,
}

impl Past {
    /// Remembers `frames` samples; up to `block_max` new ones at a time.
    pub(super) fn new(frames: usize, block_max: usize) -> Self {
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

    pub(super) fn clear(&mut self) {
        self.window.fill(0.0);
    }
}

/// To twice the rate; delays by its number of tap pairs, in samples of the lower rate.
pub(super) struct Doubler {
    taps: Vec<f64>,
    pub(super) past: Past,
    between: Vec<f64>,
}

impl Doubler {
    pub(super) fn new(pairs: usize) -> Self {
        let block_max = CHUNK * 8;
        Self {
            taps: half_band(pairs, 1.0, 2.0),
            past: Past::new(2 * pairs, block_max),
            between: vec![0.0; block_max],
        }
    }

    pub(super) fn process(&mut self, low: &[f64], high: &mut [f64]) {
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
pub(super) struct Halver {
    taps: Vec<f64>,
    pub(super) even: Past,
    pub(super) odd: Past,
}

impl Halver {
    pub(super) fn new(pairs: usize) -> Self {
        let block_max = CHUNK * 4;
        Self {
            taps: half_band(pairs, 1.0, 2.0),
            even: Past::new(pairs, block_max),
            odd: Past::new(2 * pairs, block_max),
        }
    }

    pub(super) fn process(&mut self, high: &[f64], low: &mut [f64]) {
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

    pub(super) fn reset(&mut self) {
        self.even.clear();
        self.odd.clear();
    }
}

/// To the base rate: what lies above its Nyquist frequency is gone before it can fold. Delays by its number of odd taps, in
/// samples of the lower rate.
pub(super) struct LastHalver {
    /// Tap in the middle, and those at the distances 1, 3, ... and 2, 4, ...
    middle: f64,
    pub(super) odd_taps: Vec<f64>,
    even_taps: Vec<f64>,
    pub(super) even: Past,
    pub(super) odd: Past,
    from_even: Vec<f64>,
}

impl LastHalver {
    pub(super) fn new() -> Self {
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

    pub(super) fn process(&mut self, high: &[f64], low: &mut [f64]) {
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

    pub(super) fn reset(&mut self) {
        self.even.clear();
        self.odd.clear();
    }
}

/// To half the rate for input that is half a sample late; delays by its number of tap pairs like the others.
pub(super) struct OffsetHalver {
    /// Taps at the distances 1/2, 5/2, ... and at 3/2, 7/2, ...
    near: Vec<f64>,
    far: Vec<f64>,
    pub(super) even: Past,
    pub(super) odd: Past,
}

impl OffsetHalver {
    pub(super) fn new(pairs: usize) -> Self {
        let taps = half_band(2 * pairs, 0.5, 1.0);
        let block_max = CHUNK * 4;
        Self {
            near: taps.iter().step_by(2).copied().collect(),
            far: taps.iter().skip(1).step_by(2).copied().collect(),
            even: Past::new(2 * pairs, block_max),
            odd: Past::new(2 * pairs, block_max),
        }
    }

    pub(super) fn process(&mut self, high: &[f64], low: &mut [f64]) {
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
