//! Change of sample rate by a fixed ratio, in the frequency domain.
//!
//! A block of input is padded with as much silence, transformed, multiplied by the spectrum of a symmetric low-pass, cut or
//! extended to the spectrum length of the output rate and transformed back; the results overlap and add up (Crochiere &
//! Rabiner, "Multirate Digital Signal Processing", 1983, ch. 7, for the overlap). The filter is centred on time zero and both
//! block lengths are even, so no frame is shifted by any fraction, whatever the ratio.

use std::f64::consts::PI;
use std::sync::Arc;

use acetate_audio::{Audio, AudioSpec, threads};
use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use crate::stage::Stage;
use acetate_audio::windows::{kaiser_beta, kaiser_window, taps_for};

/// Upper end of the pass band as a share of the lower rate: 20 kHz at 44.1 kHz.
const PASS_EDGE: f64 = 0.4535;
/// Lower end of the stop band: half of the lower rate, so that nothing folds.
const STOP_EDGE: f64 = 0.5;
/// Depth of the stop band and, for a windowed sinc, of the ripple in the pass band, in dB.
const ATTENUATION_DB: f64 = 160.0;
/// Shortest block of input: longer ones spend less on the filter's overlap but leave the cache.
const BLOCK_FRAMES_MIN: usize = 4096;

/// Brings sound to another sample rate.
///
/// The output has [`resampled_frames`] frames and is aligned with the input: a sine keeps its phase. Flat to 0.4535 of the
/// lower rate; beyond half of it everything is 160 dB down. Before the first and after the last frame there is silence.
pub struct Resampler {
    from: AudioSpec,
    to_hz: u32,
    plan: Plan,
    lanes: Vec<Lane>,
    /// Frames of the block being collected.
    collected: usize,
    frames_in: u64,
    frames_out: u64,
    /// Frames of the first blocks that lie before time zero.
    to_skip: usize,
}

/// Number of frames after a change of rate: the nearest to the same duration.
pub fn resampled_frames(frames: u64, from_hz: u32, to_hz: u32) -> u64 {
    let (frames, from, to) = (u128::from(frames), u128::from(from_hz), u128::from(to_hz));
    ((frames * to + from / 2) / from) as u64
}

impl Resampler {
    /// A change from the rate of `from` to `to_hz`; none when they are the same.
    pub fn new(from: AudioSpec, to_hz: u32) -> Option<Self> {
        if from.sample_rate_hz == to_hz {
            return None;
        }
        let plan = Plan::new(from.sample_rate_hz, to_hz);
        let lanes = (0..from.channels).map(|_| Lane::new(&plan)).collect();
        let to_skip = plan.frames_out / 2;
        Some(Self { from, to_hz, plan, lanes, collected: 0, frames_in: 0, frames_out: 0, to_skip })
    }

    /// Rate and channels of the output.
    pub fn output_spec(&self) -> AudioSpec {
        AudioSpec { sample_rate_hz: self.to_hz, ..self.from }
    }

    /// Converts the collected block and appends what became final, up to `frames_out_max` frames since the start.
    fn convert(&mut self, out: &mut Audio, frames_out_max: u64) {
        let skip = self.to_skip.min(self.plan.frames_out);
        self.to_skip -= skip;
        let room = (frames_out_max - self.frames_out).min(self.plan.frames_out as u64) as usize;
        let final_frames = skip..self.plan.frames_out.min(skip + room);
        let plan = &self.plan;
        threads::for_each_pair(&mut self.lanes, out.planes_mut(), |_, lane, plane| {
            lane.convert(plan, final_frames.clone(), plane);
        });
        self.frames_out += final_frames.len() as u64;
        self.collected = 0;
    }
}

impl Stage for Resampler {
    fn push(&mut self, block: &Audio, out: &mut Audio) {
        let mut taken = 0;
        while taken < block.frames() {
            let frames = (block.frames() - taken).min(self.plan.frames_in - self.collected);
            for (lane, plane) in self.lanes.iter_mut().zip(block.planes()) {
                lane.collect(self.collected, &plane[taken..taken + frames]);
            }
            taken += frames;
            self.collected += frames;
            self.frames_in += frames as u64;
            if self.collected == self.plan.frames_in {
                self.convert(out, u64::MAX);
            }
        }
    }

    fn finish(&mut self, out: &mut Audio) {
        let total = resampled_frames(self.frames_in, self.from.sample_rate_hz, self.to_hz);
        while self.frames_out < total {
            for lane in &mut self.lanes {
                lane.silence_from(self.collected);
            }
            self.convert(out, total);
        }
        self.reset();
    }

    fn reset(&mut self) {
        for lane in &mut self.lanes {
            lane.input.fill(0.0);
            lane.overlap.fill(0.0);
        }
        (self.collected, self.frames_in, self.frames_out) = (0, 0, 0);
        self.to_skip = self.plan.frames_out / 2;
    }

    fn latency_frames(&self) -> usize {
        let collected = self.plan.frames_in as u64 - 1;
        let waiting = resampled_frames(collected, self.from.sample_rate_hz, self.to_hz);
        self.plan.frames_out / 2 + waiting as usize
    }
}

/// What all channels share.
struct Plan {
    /// Frames of a block at the input rate; even.
    frames_in: usize,
    /// Frames of a block at the output rate; even.
    frames_out: usize,
    forward: Arc<dyn RealToComplex<f64>>,
    inverse: Arc<dyn ComplexToReal<f64>>,
    /// Zero-phase response of the low-pass, with the scale of the transforms.
    response: Vec<f64>,
}

impl Plan {
    fn new(from_hz: u32, to_hz: u32) -> Self {
        let common = greatest_common_divisor(from_hz, to_hz);
        let (unit_in, unit_out) = ((from_hz / common) as usize, (to_hz / common) as usize);
        let lower = f64::from(from_hz.min(to_hz)) / f64::from(from_hz);
        let half = taps_for(ATTENUATION_DB, (STOP_EDGE - PASS_EDGE) * lower).div_ceil(2);
        let mut units = 2;
        while units * unit_in < BLOCK_FRAMES_MIN.max(2 * half + 2) {
            units *= 2;
        }
        let (frames_in, frames_out) = (units * unit_in, units * unit_out);
        let mut planner = RealFftPlanner::new();
        let forward = planner.plan_fft_forward(2 * frames_in);
        let inverse = planner.plan_fft_inverse(2 * frames_out);
        let cutoff = 0.5 * (PASS_EDGE + STOP_EDGE) * lower;
        let mut response = zero_phase_response(half, cutoff, forward.as_ref());
        response.truncate(frames_in.min(frames_out) + 1);
        Self { frames_in, frames_out, forward, inverse, response }
    }
}

/// Response of a Kaiser-windowed sinc of `2 half + 1` taps, divided by the length of the transform.
/// `cutoff` is a share of the sample rate.
fn zero_phase_response(half: usize, cutoff: f64, transform: &dyn RealToComplex<f64>) -> Vec<f64> {
    let length = transform.len();
    let beta = kaiser_beta(ATTENUATION_DB);
    let mut kernel = vec![0.0; length];
    for distance in 0..=half {
        let t = distance as f64;
        let sinc =
            if distance == 0 { 2.0 * cutoff } else { libm::sin(2.0 * PI * cutoff * t) / (PI * t) };
        let tap = sinc * kaiser_window(t / (half as f64 + 1.0), beta);
        kernel[distance] = tap;
        kernel[(length - distance) % length] = tap;
    }
    let sum: f64 = kernel.iter().sum();
    let mut spectrum = transform.make_output_vec();
    transform.process(&mut kernel, &mut spectrum).expect("lengths are the transform's own");
    spectrum.iter().map(|bin| bin.re / (sum * length as f64)).collect()
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// One channel: its block of input in the middle of silence, and what has not become final yet.
struct Lane {
    input: Vec<f64>,
    transformed: Vec<f64>,
    spectrum_in: Vec<Complex<f64>>,
    spectrum_out: Vec<Complex<f64>>,
    output: Vec<f64>,
    overlap: Vec<f64>,
    scratch: Vec<Complex<f64>>,
}

impl Lane {
    fn new(plan: &Plan) -> Self {
        let scratch = plan.forward.get_scratch_len().max(plan.inverse.get_scratch_len());
        Self {
            input: vec![0.0; plan.frames_in],
            transformed: plan.forward.make_input_vec(),
            spectrum_in: plan.forward.make_output_vec(),
            spectrum_out: plan.inverse.make_input_vec(),
            output: plan.inverse.make_output_vec(),
            overlap: vec![0.0; plan.frames_out],
            scratch: vec![Complex::default(); scratch],
        }
    }

    fn collect(&mut self, at: usize, samples: &[f32]) {
        for (to, from) in self.input[at..].iter_mut().zip(samples) {
            *to = f64::from(*from);
        }
    }

    fn silence_from(&mut self, at: usize) {
        self.input[at..].fill(0.0);
    }

    fn convert(&mut self, plan: &Plan, final_frames: std::ops::Range<usize>, out: &mut Vec<f32>) {
        let quarter = plan.frames_in / 2;
        self.transformed.fill(0.0);
        self.transformed[quarter..quarter + plan.frames_in].copy_from_slice(&self.input);
        plan.forward
            .process_with_scratch(&mut self.transformed, &mut self.spectrum_in, &mut self.scratch)
            .expect("lengths are the transform's own");
        self.spectrum_out.fill(Complex::default());
        let bins = self.spectrum_out.iter_mut().zip(&self.spectrum_in).zip(&plan.response);
        for ((to, from), gain) in bins {
            *to = from * gain;
        }
        self.settle_nyquist();
        plan.inverse
            .process_with_scratch(&mut self.spectrum_out, &mut self.output, &mut self.scratch)
            .expect("lengths are the transform's own");
        let (first, second) = self.output.split_at(plan.frames_out);
        for (sum, sample) in self.overlap.iter_mut().zip(first) {
            *sum += sample;
        }
        out.extend(self.overlap[final_frames].iter().map(|sample| *sample as f32));
        self.overlap.copy_from_slice(second);
    }

    /// The last bin of a real signal's spectrum is real; the filter has made it negligible.
    fn settle_nyquist(&mut self) {
        if let Some(last) = self.spectrum_out.last_mut() {
            last.im = 0.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATES_HZ: [(u32, u32); 8] = [
        (44_100, 48_000),
        (48_000, 44_100),
        (44_100, 96_000),
        (96_000, 44_100),
        (192_000, 48_000),
        (48_000, 96_000),
        (8_000, 44_100),
        (44_100, 44_056),
    ];

    fn sine(freq_hz: f64, rate_hz: u32, frames: usize) -> Vec<f64> {
        let step = 2.0 * PI * freq_hz / f64::from(rate_hz);
        (0..frames).map(|n| 0.5 * libm::sin(step * n as f64 + 0.3)).collect()
    }

    fn sound(plane: &[f64], rate_hz: u32) -> Audio {
        Audio::from_planes(rate_hz, vec![plane.iter().map(|x| *x as f32).collect()])
    }

    fn converted(input: &Audio, to_hz: u32, block: usize) -> Audio {
        let mut resampler = Resampler::new(input.spec(), to_hz).expect("rates differ");
        run(&mut resampler, input, block)
    }

    fn run(resampler: &mut Resampler, input: &Audio, block: usize) -> Audio {
        let mut out = Audio::silence(resampler.output_spec(), 0);
        for start in (0..input.frames()).step_by(block) {
            let end = (start + block).min(input.frames());
            let planes = input.planes().iter().map(|p| p[start..end].to_vec()).collect();
            resampler.push(&Audio::from_planes(input.spec().sample_rate_hz, planes), &mut out);
        }
        resampler.finish(&mut out);
        out
    }

    /// Largest difference from the sine of the same phase, away from both ends, in dB re the sine.
    fn residue_db(freq_hz: f64, from_hz: u32, to_hz: u32) -> f64 {
        let seconds = 1;
        let input = sound(&sine(freq_hz, from_hz, seconds * from_hz as usize), from_hz);
        let output = converted(&input, to_hz, 1000);
        let wanted = sine(freq_hz, to_hz, output.frames());
        let edge = to_hz as usize / 10;
        let middle = edge..output.frames() - edge;
        let worst = output.channel(0)[middle.clone()]
            .iter()
            .zip(&wanted[middle])
            .map(|(a, b)| (f64::from(*a) - b).abs())
            .fold(0.0, f64::max);
        acetate_audio::units::amplitude_to_db(worst / 0.5)
    }

    #[test]
    fn a_sine_keeps_level_and_phase_to_130_db() {
        for (from_hz, to_hz) in RATES_HZ {
            for share in [0.02, 0.2, 0.45] {
                let freq_hz = share * f64::from(from_hz.min(to_hz));
                let residue = residue_db(freq_hz, from_hz, to_hz);
                assert!(residue < -130.0, "{freq_hz} Hz, {from_hz} to {to_hz}: {residue:.1} dB");
            }
        }
    }

    #[test]
    fn nothing_folds_from_above_half_the_lower_rate() {
        for freq_hz in [22_100.0, 23_000.0, 30_000.0, 47_000.0] {
            let output = converted(&sound(&sine(freq_hz, 96_000, 96_000), 96_000), 44_100, 4096);
            let middle = &output.channel(0)[4_410..39_690];
            let peak = middle.iter().fold(0.0_f32, |peak, x| peak.max(x.abs()));
            let level = acetate_audio::units::amplitude_to_db(f64::from(peak) / 0.5);
            assert!(level < -130.0, "{freq_hz} Hz leaves {level:.1} dB");
        }
    }

    #[test]
    fn the_duration_is_exact() {
        for (from_hz, to_hz) in RATES_HZ {
            for frames in [0, 1, 2, 999, 30_000] {
                let output = converted(&sound(&vec![0.1; frames], from_hz), to_hz, 777);
                let wanted = resampled_frames(frames as u64, from_hz, to_hz);
                assert_eq!(output.frames() as u64, wanted, "{frames} of {from_hz} to {to_hz}");
            }
        }
        assert_eq!(resampled_frames(44_100, 44_100, 48_000), 48_000);
    }

    #[test]
    fn an_impulse_stays_where_it_was_and_is_symmetric() {
        let mut plane = vec![0.0; 20_000];
        plane[7350] = 0.9;
        let output = converted(&sound(&plane, 44_100), 48_000, 512);
        let y = output.channel(0);
        let centre = 8000;
        let loudest = (0..y.len()).max_by(|a, b| y[*a].abs().total_cmp(&y[*b].abs()));
        assert_eq!(loudest, Some(centre));
        for distance in 1..300 {
            assert!((y[centre - distance] - y[centre + distance]).abs() < 1e-7, "{distance}");
        }
    }

    #[test]
    fn neither_block_size_nor_an_earlier_piece_changes_a_bit() {
        let mut plane = sine(997.0, 44_100, 20_000);
        plane[12_345] = -0.8;
        let input = sound(&plane, 44_100);
        let mut resampler = Resampler::new(input.spec(), 48_000).expect("rates differ");
        let whole = run(&mut resampler, &input, 20_000);
        for block in [1, 7, 64, 1024] {
            assert_eq!(whole, run(&mut resampler, &input, block), "blocks of {block}");
        }
    }

    #[test]
    fn each_channel_is_converted_as_if_alone() {
        let planes: Vec<Vec<f32>> = (0..8)
            .map(|k| {
                sine(100.0 * f64::from(k + 1), 48_000, 9000).iter().map(|x| *x as f32).collect()
            })
            .collect();
        let together = converted(&Audio::from_planes(48_000, planes.clone()), 44_100, 500);
        for (k, plane) in planes.into_iter().enumerate() {
            let alone = converted(&Audio::from_planes(48_000, vec![plane]), 44_100, 500);
            assert_eq!(together.channel(k), alone.channel(0));
        }
    }

    #[test]
    fn equal_rates_need_no_resampler() {
        let spec = AudioSpec::new(44_100, 2);
        assert!(Resampler::new(spec, 44_100).is_none());
    }
}
