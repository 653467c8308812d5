//! What a sound is heard as on a system: its curve, minimum in phase, and what becomes of the sides, as one filter of mid and side; of
//! records and tapes also what the medium does.

use acetate_audio::units::db_to_amplitude;
use acetate_audio::{Audio, AudioSpec};
use acetate_engine::Stage;
use acetate_engine::stages::{LinearFilter, Saturator};
use realfft::RealFftPlanner;
use realfft::num_complex::Complex;

use crate::curve::Curve;
use crate::heard::side_gain;
use crate::noise::Noise;
use crate::system::{Side, System};
use crate::wobble::WobbleStage;

/// Length of the curve's impulse response at 48 kHz; other rates have as much time.
const TAPS_48_KHZ: f64 = 16_384.0;
/// Points of the transform for each tap: the cepstrum of a curve of 70 dB must not fold.
const POINTS_PER_TAP: usize = 4;
/// Share of the response that fades out at its end.
const FADE: usize = 8;

/// A sound on its way to a listener: what a system makes of it, and the noise beside it.
pub struct Playback {
    /// One after the other: what a tape does to loud sound, the filter, and the speed that moves.
    stages: Vec<Box<dyn Stage>>,
    /// What came out of one stage, on its way to the next.
    between: [Audio; 2],
    gain: f32,
    noise: Option<Beside>,
}

/// A noise that is made while it is heard.
struct Beside {
    white: White,
    filter: LinearFilter,
    block: Audio,
    /// What has come out, and not been heard yet: the music is withheld longer where its speed moves.
    out: Audio,
}

impl Playback {
    /// What one or two channels of a sound are heard as on a system; `None` for more, which nothing here plays.
    pub fn new(system: &System, spec: AudioSpec) -> Option<Self> {
        let is_held = spec.channels == 1 || spec.is_stereo();
        is_held.then(|| {
            let rate_hz = f64::from(spec.sample_rate_hz);
            let [mid, mut side] = responses(&system.curve(), system.side, rate_hz);
            let medium = system.medium.clone().unwrap_or_default();
            let apart = medium.side_gain();
            side.iter_mut().for_each(|tap| *tap *= apart);
            let filter = LinearFilter::from_responses(&mid, &side, spec);
            let tape = medium.tape.and_then(|tape| Saturator::new(&tape.curve(), spec));
            let wobble = WobbleStage::new(&medium.speed, spec);
            let mut stages: Vec<Box<dyn Stage>> = Vec::new();
            stages.extend(tape.map(|stage| Box::new(stage) as Box<dyn Stage>));
            stages.push(Box::new(filter));
            stages.extend(wobble.map(|stage| Box::new(stage) as Box<dyn Stage>));
            let between = [Audio::silence(spec, 0), Audio::silence(spec, 0)];
            Self { stages, between, gain: 1.0, noise: None }
        })
    }

    /// Takes the music through all stages; without a block, what each of them still has.
    fn pass(&mut self, block: Option<&Audio>, out: &mut Audio) {
        let Self { stages, between: [from, to], .. } = self;
        from.resize(0);
        if let Some(block) = block {
            let planes = from.planes_mut().iter_mut().zip(block.planes());
            planes.for_each(|(plane, heard)| plane.extend_from_slice(heard));
        }
        let last = stages.len() - 1;
        for (index, stage) in stages.iter_mut().enumerate() {
            to.resize(0);
            let to_here: &mut Audio = if index == last { &mut *out } else { &mut *to };
            stage.push(from, to_here);
            if block.is_none() {
                stage.finish(to_here);
            }
            std::mem::swap(from, to);
        }
    }

    /// The same so much louder, dB.
    pub fn louder(self, gain_db: f64) -> Self {
        Self { gain: db_to_amplitude(gain_db) as f32, ..self }
    }

    /// The same with a noise beside it, which is always the same one. A level of 0 dB SPL is this many dB re full scale.
    pub fn beside(self, noise: &Noise, full_scale_re_spl_db: f64, spec: AudioSpec) -> Self {
        let [mid, side] =
            responses(&noise.density_db(), Side::Stereo, f64::from(spec.sample_rate_hz));
        // White noise from -1 to 1 has a power of 1/3, spread up to half of the rate; two channels share the power of the field, and
        // a lone one is heard from two loudspeakers.
        let power = 3.0 * 0.5 * f64::from(spec.sample_rate_hz) / 2.0;
        let gain = libm::sqrt(power) * db_to_amplitude(full_scale_re_spl_db);
        let silence = || Audio::silence(spec, 0);
        let noise = Beside {
            white: White { state: 1, gain: gain as f32 },
            filter: LinearFilter::from_responses(&mid, &side, spec),
            block: silence(),
            out: silence(),
        };
        Self { noise: Some(noise), ..self }
    }

    /// Brings what was appended to its level, and adds the noise.
    fn complete(&mut self, out: &mut Audio, from: usize) {
        for (channel, plane) in out.planes_mut().iter_mut().enumerate() {
            let plane = &mut plane[from..];
            plane.iter_mut().for_each(|sample| *sample *= self.gain);
            if let Some(noise) = &mut self.noise {
                let beside = noise.out.planes_mut()[channel].drain(..plane.len());
                plane.iter_mut().zip(beside).for_each(|(sample, noise)| *sample += noise);
            }
        }
    }
}

impl Stage for Playback {
    fn push(&mut self, block: &Audio, out: &mut Audio) {
        let from = out.frames();
        self.pass(Some(block), out);
        if let Some(noise) = &mut self.noise {
            noise.push(block.frames());
        }
        self.complete(out, from);
    }

    fn finish(&mut self, out: &mut Audio) {
        let from = out.frames();
        self.pass(None, out);
        if let Some(noise) = &mut self.noise {
            noise.filter.finish(&mut noise.out);
        }
        self.complete(out, from);
    }

    fn reset(&mut self) {
        self.stages.iter_mut().for_each(|stage| stage.reset());
        if let Some(noise) = &mut self.noise {
            noise.filter.reset();
            noise.out.resize(0);
            noise.white.state = 1;
        }
    }

    fn latency_frames(&self) -> usize {
        self.stages.iter().map(|stage| stage.latency_frames()).sum()
    }
}

impl Beside {
    /// As many frames of noise; its filter withholds as many as that of the music does.
    fn push(&mut self, frames: usize) {
        self.block.resize(frames);
        let planes = self.block.planes_mut();
        for frame in 0..frames {
            planes.iter_mut().for_each(|plane| plane[frame] = self.white.next());
        }
        self.filter.push(&self.block, &mut self.out);
    }
}

/// White noise: SplitMix64 (Steele, Lea & Flood 2014), of which the upper bits are taken.
struct White {
    state: u64,
    gain: f32,
}

impl White {
    fn next(&mut self) -> f32 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        self.gain * ((mixed >> 40) as f32 / (1u32 << 23) as f32 - 1.0)
    }
}

/// Impulse responses of mid and side, of one odd length, their middle being time zero.
fn responses(curve: &Curve, side: Side, rate_hz: f64) -> [Vec<f64>; 2] {
    let taps = (libm::round(TAPS_48_KHZ * rate_hz / 48_000.0) as usize).next_power_of_two();
    let size = POINTS_PER_TAP * taps;
    let bin_hz = rate_hz / size as f64;
    let spectrum = minimum_phase(curve, size, bin_hz);
    let bins = spectrum.iter().enumerate();
    let sides = bins.map(|(bin, value)| value * side_response(side, bin as f64 * bin_hz)).collect();
    [spectrum, sides].map(|spectrum| response(spectrum, size, taps))
}

/// The spectrum of a curve with the least phase it can have, by the folded cepstrum (Oppenheim & Schafer, Discrete-Time Signal
/// Processing, section 13.5).
fn minimum_phase(curve: &Curve, size: usize, bin_hz: f64) -> Vec<Complex<f64>> {
    let mut planner = RealFftPlanner::<f64>::new();
    let (forward, inverse) = (planner.plan_fft_forward(size), planner.plan_fft_inverse(size));
    let mut spectrum: Vec<Complex<f64>> = (0..=size / 2)
        .map(|bin| {
            let level_db = curve.level_db(bin as f64 * bin_hz);
            Complex::new(libm::log(db_to_amplitude(level_db)), 0.0)
        })
        .collect();
    let mut cepstrum = vec![0.0; size];
    inverse.process(&mut spectrum, &mut cepstrum).expect("a real spectrum of this length");
    let scale = 1.0 / size as f64;
    for (index, value) in cepstrum.iter_mut().enumerate() {
        let fold = match index {
            0 => 1.0,
            _ if index == size / 2 => 1.0,
            _ if index < size / 2 => 2.0,
            _ => 0.0,
        };
        *value *= fold * scale;
    }
    forward.process(&mut cepstrum, &mut spectrum).expect("lengths of the plan");
    for value in &mut spectrum {
        let (sin, cos) = libm::sincos(value.im);
        *value = Complex::new(cos, sin) * libm::exp(value.re);
    }
    spectrum
}

/// What the side gets beside the curve.
fn side_response(side: Side, hz: f64) -> Complex<f64> {
    match side {
        Side::Crossfeed { hz: corner, db } => {
            let low_pass = Complex::new(1.0, 0.0) / Complex::new(1.0, hz / corner);
            Complex::new(1.0, 0.0) - low_pass * (2.0 * Side::crossfeed_share(db))
        }
        _ => Complex::new(libm::sqrt(side_gain(side, hz)), 0.0),
    }
}

/// A spectrum as a response of `2 * taps + 1` values around time zero.
fn response(mut spectrum: Vec<Complex<f64>>, size: usize, taps: usize) -> Vec<f64> {
    let mut planner = RealFftPlanner::<f64>::new();
    let inverse = planner.plan_fft_inverse(size);
    let last = spectrum.len() - 1;
    (spectrum[0].im, spectrum[last].im) = (0.0, 0.0);
    let mut circular = vec![0.0; size];
    inverse.process(&mut spectrum, &mut circular).expect("lengths of the plan");
    let fade = taps / FADE;
    let gain = |from_end: usize| {
        let place = (from_end as f64 / fade as f64).min(1.0);
        (0.5 - 0.5 * libm::cos(std::f64::consts::PI * place)) / size as f64
    };
    (0..=2 * taps)
        .map(|index| {
            let time = (index + size - taps) % size;
            circular[time] * gain(index.min(2 * taps - index))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{THIRD_OCTAVES_HZ, system, systems};

    const RATE: u32 = 44_100;

    /// Left and right of what comes out of a pulse in the channels that play it.
    fn pulse(system: &System, gains: [f32; 2]) -> [Vec<f32>; 2] {
        let frames = 3 * RATE as usize;
        let planes = gains.map(|gain| {
            let mut plane = vec![0.0; frames];
            plane[RATE as usize] = gain;
            plane
        });
        let audio = Audio::from_planes(RATE, planes.to_vec());
        let mut filter = Playback::new(system, audio.spec()).unwrap();
        let mut out = Audio::silence(audio.spec(), 0);
        filter.push(&audio, &mut out);
        filter.finish(&mut out);
        assert_eq!(out.frames(), frames);
        [out.channel(0).to_vec(), out.channel(1).to_vec()]
    }

    fn level_db(plane: &[f32], hz: f64) -> f64 {
        let (mut re, mut im) = (0.0, 0.0);
        for (frame, &sample) in plane.iter().enumerate().filter(|(_, sample)| sample.abs() > 1e-9) {
            let angle = std::f64::consts::TAU * hz * frame as f64 / f64::from(RATE);
            re += f64::from(sample) * angle.cos();
            im += f64::from(sample) * angle.sin();
        }
        10.0 * (re * re + im * im).log10()
    }

    #[test]
    fn every_system_sounds_as_its_curve_says_within_a_decibel_a_third_octave() {
        for system in systems() {
            let [left, right] = pulse(system, [1.0, 1.0]);
            assert_eq!(left, right, "{}", system.id);
            let top = system.curve_db.iter().copied().fold(f64::MIN, f64::max);
            for (hz, wanted) in THIRD_OCTAVES_HZ.into_iter().zip(&system.curve_db) {
                let level = level_db(&left, hz);
                let near = (level - wanted).abs() <= 1.0 || *wanted < top - 30.0;
                assert!(near || hz > 18_000.0, "{} at {hz} Hz: {level:.2}, {wanted}", system.id);
            }
        }
    }

    #[test]
    fn noise_has_its_level_and_is_the_same_in_blocks_of_any_size() {
        let noise = crate::noise("car100").unwrap();
        let spec = AudioSpec::new(RATE, 2);
        let heard = |size: usize| {
            let mut playback = Playback::new(&crate::at_home(), spec).unwrap();
            playback = playback.beside(noise, -100.0, spec);
            let mut out = Audio::silence(spec, 0);
            for from in (0..10 * RATE as usize).step_by(size) {
                let frames = size.min(10 * RATE as usize - from);
                playback.push(&Audio::silence(spec, frames), &mut out);
            }
            playback.finish(&mut out);
            out
        };
        let out = heard(4_096);
        assert_eq!(out, heard(1_000));
        let power: f64 = out.planes().iter().flatten().map(|&s| f64::from(s).powi(2)).sum();
        let level = 10.0 * (power / out.frames() as f64).log10() + 100.0;
        let wanted: f64 = noise.spl_db.iter().map(|db| 10f64.powf(db / 10.0)).sum();
        assert!((level - 10.0 * wanted.log10()).abs() < 1.0, "{level}");
    }

    #[test]
    fn crossfeed_and_a_phone_leave_between_the_channels_what_they_say() {
        let apart = |id: &str, hz: f64| {
            let [left, right] = pulse(system(id).unwrap(), [1.0, 0.0]);
            level_db(&left, hz) - level_db(&right, hz)
        };
        assert!((apart("headphones", 100.0) - 4.5).abs() <= 0.4, "{}", apart("headphones", 100.0));
        assert!(apart("phone", 200.0).abs() <= 1.5, "{}", apart("phone", 200.0));
        assert!(apart("phone", 3_000.0) >= 25.0, "{}", apart("phone", 3_000.0));
    }
}
