//! The equaliser without phase: the magnitude of the same filters, as one long symmetric FIR a plane.

use acetate_audio::AudioSpec;
use realfft::RealFftPlanner;
use realfft::num_complex::Complex;

use crate::biquad::Biquad;
use crate::equalizer::band_sections;
use crate::linear_filter::{LinearFilter, Planes};
use crate::settings::{BandChannel, EqualizerSettings};
use acetate_audio::windows::kaiser_window;

/// Length of the FIR at 44.1 and 48 kHz: bins of about 3 Hz.
const TAPS_EXPONENT: u32 = 14;

/// Shape of the window on the FIR.
const BETA: f64 = 10.0;

/// Points of the magnitude per tap, against aliasing in time.
const OVERSAMPLING: usize = 4;

/// The filters of `settings` that act on sound of this rate and channel count, in order: on channels, on mid and side.
pub fn linear_equalizer(
    settings: &EqualizerSettings,
    spec: AudioSpec,
) -> [Option<LinearFilter>; 2] {
    use BandChannel::{Left, Mid, Right, Side, Stereo};
    let kernel = |channels: &[BandChannel]| kernel(settings, channels, spec.sample_rate_hz);
    let channels: Vec<_> = match spec.channels {
        1 => vec![kernel(&[Stereo, Mid])],
        2 => vec![kernel(&[Stereo, Left]), kernel(&[Stereo, Right])],
        count => vec![kernel(&[Stereo]); count],
    };
    let mid_side = if spec.is_stereo() { vec![kernel(&[Mid]), kernel(&[Side])] } else { vec![] };
    let filter = |planes, kernels: Vec<Option<Vec<f64>>>| {
        let any = kernels.iter().any(Option::is_some);
        any.then(|| LinearFilter::new(planes, &kernels, spec))
    };
    [filter(Planes::Channels, channels), filter(Planes::MidSide, mid_side)]
}

/// The kernel of (magnitude - 1) of all bands on these channels; `None` when there are none.
fn kernel(
    settings: &EqualizerSettings,
    channels: &[BandChannel],
    rate_hz: u32,
) -> Option<Vec<f64>> {
    let rate = f64::from(rate_hz);
    let bands = settings.bands.iter().filter(|band| channels.contains(&band.channel));
    let sections: Vec<Biquad> = bands.flat_map(|band| band_sections(band, rate)).collect();
    if sections.is_empty() {
        return None;
    }
    let extra = libm::ceil(libm::log2((rate / 48_000.0).max(1.0))) as u32;
    let taps = (1usize << (TAPS_EXPONENT + extra)) + 1;
    let size = (taps - 1) * OVERSAMPLING;
    let inverse = RealFftPlanner::<f64>::new().plan_fft_inverse(size);
    let mut spectrum = inverse.make_input_vec();
    for (bin, value) in spectrum.iter_mut().enumerate() {
        let omega = std::f64::consts::TAU * bin as f64 / size as f64;
        let power: f64 = sections.iter().map(|section| section.power_at(omega)).product();
        *value = Complex::new((power.max(0.0).sqrt() - 1.0) / size as f64, 0.0);
    }
    let mut time = inverse.make_output_vec();
    inverse.process(&mut spectrum, &mut time).expect("lengths come from the plan");
    let half = taps / 2;
    let tap = |k: usize| {
        let distance = k.abs_diff(half);
        time[distance] * kaiser_window(distance as f64 / (half + 1) as f64, BETA)
    };
    Some((0..taps).map(tap).collect())
}
