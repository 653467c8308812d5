//! The equaliser: matched filters in series, in transposed direct form II and f64.
//!
//! Channels run in pairs, and two sections at a time, the second one frame behind: four independent lanes, which the
//! compiler turns into vector instructions. The order is: bands on all channels, left and right; then mid and side.

use acetate_audio::units::power_to_db;
use acetate_audio::{Audio, AudioSpec};

use crate::Processor;
use crate::biquad::{self, Biquad};
use crate::settings::{BandChannel, EqualizerBand, EqualizerSettings, FilterType};

/// A pair of channels, in one frame.
type Pair = [f64; 2];

/// Frames worked on at once: small enough for the first-level cache.
const CHUNK_FRAMES: usize = 512;

/// Minimum-phase filters in series.
pub struct Equalizer {
    pairs: Vec<PairChain>,
    scratch: Vec<Pair>,
}

impl Equalizer {
    /// The bands of `settings` that act on sound of this rate and channel count; `None` when none does.
    pub fn new(settings: &EqualizerSettings, spec: AudioSpec) -> Option<Self> {
        let rate = f64::from(spec.sample_rate_hz);
        let lanes = |first, second| Lanes::new(settings, rate, first, second);
        let direct = if spec.is_stereo() {
            lanes(
                &[BandChannel::Stereo, BandChannel::Left],
                &[BandChannel::Stereo, BandChannel::Right],
            )
        } else if spec.channels == 1 {
            lanes(&[BandChannel::Stereo, BandChannel::Mid], &[])
        } else {
            lanes(&[BandChannel::Stereo], &[BandChannel::Stereo])
        };
        let mid_side = if spec.is_stereo() {
            lanes(&[BandChannel::Mid], &[BandChannel::Side])
        } else {
            lanes(&[], &[])
        };
        if direct.sections.is_empty() && mid_side.sections.is_empty() {
            return None;
        }
        let chain = PairChain { direct, mid_side };
        Some(Self {
            pairs: vec![chain; spec.channels.div_ceil(2)],
            scratch: vec![[0.0; 2]; CHUNK_FRAMES],
        })
    }
}

impl Processor for Equalizer {
    fn process(&mut self, block: &mut Audio) {
        let frames = block.frames();
        for (chain, planes) in self.pairs.iter_mut().zip(block.planes_mut().chunks_mut(2)) {
            for start in (0..frames).step_by(CHUNK_FRAMES) {
                let end = frames.min(start + CHUNK_FRAMES);
                let chunk = &mut self.scratch[..end - start];
                gather(planes, start, chunk);
                chain.run(chunk);
                scatter(chunk, planes, start);
            }
        }
    }

    fn reset(&mut self) {
        for chain in &mut self.pairs {
            for lanes in [&mut chain.direct, &mut chain.mid_side] {
                lanes.sections.iter_mut().for_each(|s| s.state = [[0.0; 2]; 2]);
            }
        }
    }
}

fn gather(planes: &[Vec<f32>], start: usize, chunk: &mut [Pair]) {
    match planes {
        [left, right] => {
            for ((pair, l), r) in chunk.iter_mut().zip(&left[start..]).zip(&right[start..]) {
                *pair = [f64::from(*l), f64::from(*r)];
            }
        }
        [only] => {
            chunk.iter_mut().zip(&only[start..]).for_each(|(pair, x)| *pair = [f64::from(*x), 0.0]);
        }
        _ => unreachable!("planes come in ones and twos"),
    }
}

fn scatter(chunk: &[Pair], planes: &mut [Vec<f32>], start: usize) {
    for (lane, plane) in planes.iter_mut().enumerate() {
        for (sample, pair) in plane[start..].iter_mut().zip(chunk) {
            *sample = pair[lane] as f32;
        }
    }
}

/// The filters of a pair of channels.
#[derive(Clone)]
struct PairChain {
    direct: Lanes,
    mid_side: Lanes,
}

impl PairChain {
    fn run(&mut self, chunk: &mut [Pair]) {
        self.direct.run(chunk);
        if self.mid_side.sections.is_empty() {
            return;
        }
        for pair in chunk.iter_mut() {
            *pair = [(pair[0] + pair[1]) * 0.5, (pair[0] - pair[1]) * 0.5];
        }
        self.mid_side.run(chunk);
        for pair in chunk.iter_mut() {
            *pair = [pair[0] + pair[1], pair[0] - pair[1]];
        }
    }
}

/// Sections in series, each on two lanes.
#[derive(Clone)]
struct Lanes {
    sections: Vec<PairSection>,
}

/// A section with coefficients and state for each of two lanes.
#[derive(Clone, Copy)]
struct PairSection {
    b: [Pair; 3],
    a: [Pair; 2],
    state: [Pair; 2],
}

impl Lanes {
    fn new(
        settings: &EqualizerSettings,
        rate: f64,
        first: &[BandChannel],
        second: &[BandChannel],
    ) -> Self {
        let of = |channels: &[BandChannel]| -> Vec<Biquad> {
            let bands = settings.bands.iter().filter(|band| channels.contains(&band.channel));
            bands.flat_map(|band| band_sections(band, rate)).collect()
        };
        let (first, second) = (of(first), of(second));
        let at = |list: &[Biquad], i: usize| list.get(i).copied().unwrap_or(Biquad::IDENTITY);
        let sections = (0..first.len().max(second.len()))
            .map(|i| PairSection::new(at(&first, i), at(&second, i)))
            .collect();
        Self { sections }
    }

    fn run(&mut self, chunk: &mut [Pair]) {
        let mut twos = self.sections.chunks_exact_mut(2);
        for two in &mut twos {
            run_two(two, chunk);
        }
        if let [last] = twos.into_remainder() {
            chunk.iter_mut().for_each(|pair| *pair = last.next(*pair));
        }
    }
}

impl PairSection {
    fn new(first: Biquad, second: Biquad) -> Self {
        let b = std::array::from_fn(|i| [first.b[i], second.b[i]]);
        let a = std::array::from_fn(|i| [first.a[i], second.a[i]]);
        Self { b, a, state: [[0.0; 2]; 2] }
    }

    #[inline(always)]
    fn next(&mut self, x: Pair) -> Pair {
        let mut y = [0.0; 2];
        for lane in 0..2 {
            y[lane] = self.b[0][lane] * x[lane] + self.state[0][lane];
            self.state[0][lane] =
                (self.b[1][lane] * x[lane] + self.state[1][lane]) - self.a[0][lane] * y[lane];
            self.state[1][lane] = self.b[2][lane] * x[lane] - self.a[1][lane] * y[lane];
        }
        y
    }
}

/// Two sections in series; the second lags a frame, so that neither waits for the other.
fn run_two(two: &mut [PairSection], chunk: &mut [Pair]) {
    let (mut first, mut second) = (two[0], two[1]);
    let mut between = first.next(chunk[0]);
    for i in 1..chunk.len() {
        let ahead = first.next(chunk[i]);
        chunk[i - 1] = second.next(between);
        between = ahead;
    }
    let last = chunk.len() - 1;
    chunk[last] = second.next(between);
    two.copy_from_slice(&[first, second]);
}

/// The sections of one band at a sample rate; none when the band changes nothing.
pub(crate) fn band_sections(band: &EqualizerBand, sample_rate_hz: f64) -> Vec<Biquad> {
    if band.is_neutral() {
        return Vec::new();
    }
    let (freq, gain, q) = (band.freq_hz, band.gain_db, band.q);
    match band.kind {
        FilterType::Bell => vec![biquad::bell(freq, gain, q, sample_rate_hz)],
        FilterType::LowShelf => vec![biquad::low_shelf(freq, gain, q, sample_rate_hz)],
        FilterType::HighShelf => vec![biquad::high_shelf(freq, gain, q, sample_rate_hz)],
        FilterType::Tilt => vec![biquad::tilt(freq, gain, sample_rate_hz)],
        FilterType::LowPass => pass_sections(
            band,
            |q| biquad::low_pass(freq, q, sample_rate_hz),
            || biquad::low_pass_first(freq, sample_rate_hz),
        ),
        FilterType::HighPass => pass_sections(
            band,
            |q| biquad::high_pass(freq, q, sample_rate_hz),
            || biquad::high_pass_first(freq, sample_rate_hz),
        ),
    }
}

fn pass_sections(
    band: &EqualizerBand,
    second_order: impl Fn(f64) -> Biquad,
    first_order: impl Fn() -> Biquad,
) -> Vec<Biquad> {
    let order = band.slope_db_per_octave / 6;
    if order == 2 {
        return vec![second_order(band.q)];
    }
    let mut sections: Vec<_> = biquad::butterworth_q(order).map(second_order).collect();
    if order % 2 == 1 {
        sections.push(first_order());
    }
    sections
}

impl EqualizerBand {
    /// Gain of this band at a frequency, as the minimum-phase filter has it at this sample rate.
    pub fn response_db(&self, freq_hz: f64, sample_rate_hz: f64) -> f64 {
        let omega = 2.0 * std::f64::consts::PI * freq_hz / sample_rate_hz;
        let power: f64 =
            band_sections(self, sample_rate_hz).iter().map(|s| s.power_at(omega)).product();
        power_to_db(power)
    }
}

impl EqualizerSettings {
    /// Gain of all bands together at a frequency, for one part of the sound: stereo bands, and those of `channel`.
    pub fn response_db(&self, channel: BandChannel, freq_hz: f64, sample_rate_hz: f64) -> f64 {
        let applies =
            |band: &&EqualizerBand| band.channel == BandChannel::Stereo || band.channel == channel;
        let bands = self.bands.iter().filter(applies);
        bands.map(|band| band.response_db(freq_hz, sample_rate_hz)).sum()
    }
}
