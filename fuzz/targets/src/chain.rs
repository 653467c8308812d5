//! Sound through the chain, with arbitrary valid settings.

use acetate_audio::{Audio, PcmBlock, PcmPlanes};
use acetate_engine::settings::LimiterKind;
use acetate_engine::{Chain, Settings, SettingsError};

use crate::arbitrary::{self, Choices};

/// A little sound: the processors' windows and look-aheads fit in.
const FRAMES: usize = 6000;
/// Rates of the sound that goes in.
const RATES_HZ: [u32; 4] = [44_100, 48_000, 96_000, 8_000];
/// Sizes of the blocks that go in.
const BLOCK_FRAMES: [usize; 4] = [6000, 1024, 333, 4096];

/// Sound and settings chosen by any bytes, through the chain.
///
/// What must hold: the settings are taken, or refused for a filter beyond Nyquist, nothing panics, every sample is finite, the ceiling holds, and other
/// blocks give the same samples.
///
/// # Panics
/// When that does not hold.
pub fn chain(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let rate_hz = RATES_HZ[choices.index(RATES_HZ.len())];
    let channels = 1 + choices.index(3);
    let planes = (0..channels).map(|_| plane(&mut choices)).collect();
    let audio = Audio::from_planes(rate_hz, planes);
    let sizes = [choices.index(4), choices.index(4)].map(|size| BLOCK_FRAMES[size]);
    let value = arbitrary::settings(&mut choices);
    let settings = acetate_engine::from_value(&value)
        .unwrap_or_else(|error| panic!("valid settings were refused: {error}\n{value}"));
    // Settings know nothing of the rate: a filter may lie beyond half of it, which the chain says.
    if let Err(SettingsError::BeyondNyquist { .. }) = Chain::new(&settings, audio.spec()) {
        return;
    }
    let first = pushed(&settings, &audio, sizes[0]);
    check_samples(&first, &settings);
    if sizes[0] != sizes[1] {
        assert!(pushed(&settings, &audio, sizes[1]) == first, "blocks of {sizes:?} differ");
    }
}

/// Silence, one impulse, a constant, a sine, noise, or samples far beyond full scale.
fn plane(choices: &mut Choices<'_>) -> Vec<f32> {
    let kind = choices.index(6);
    let gain = [1.0, 1e-4, 30.0, 1e-30][choices.index(4)];
    let mut noise = 1 + u32::from(choices.byte());
    let sample = |index: usize| match kind {
        0 => 0.0,
        1 => f32::from(u8::from(index == 1000)),
        2 => 0.5,
        3 => (index as f32 * 0.07).sin() * 0.9,
        4 => {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (noise >> 8) as f32 / 8_388_608.0 - 1.0
        }
        _ => 900.0 * (index as f32 * 0.9).cos(),
    };
    (0..FRAMES).map(sample).map(|sample| sample * gain).collect()
}

fn pushed(settings: &Settings, audio: &Audio, frames: usize) -> PcmPlanes {
    let mut chain = Chain::new(settings, audio.spec()).expect("the settings were checked");
    let mut out = chain.block();
    let mut all = Joined::default();
    for start in (0..audio.frames()).step_by(frames) {
        let end = audio.frames().min(start + frames);
        let planes = audio.planes().iter().map(|plane| plane[start..end].to_vec()).collect();
        chain.push(&Audio::from_planes(audio.spec().sample_rate_hz, planes), &mut out);
        all.append(&out);
    }
    chain.finish(&mut out);
    all.append(&out);
    all.planes.expect("the last block was appended")
}

/// The blocks of a pass, one after the other.
#[derive(Default)]
struct Joined {
    planes: Option<PcmPlanes>,
}

impl Joined {
    fn append(&mut self, block: &PcmBlock) {
        match (&mut self.planes, &block.planes) {
            (None, planes) => self.planes = Some(planes.clone()),
            (Some(PcmPlanes::Int(all)), PcmPlanes::Int(planes)) => {
                all.iter_mut().zip(planes).for_each(|(all, plane)| all.extend(plane));
            }
            (Some(PcmPlanes::Float(all)), PcmPlanes::Float(planes)) => {
                all.iter_mut().zip(planes).for_each(|(all, plane)| all.extend(plane));
            }
            _ => panic!("blocks of two kinds"),
        }
    }
}

/// Planes of one length, finite, within their format, and not above the ceiling of the limiter.
fn check_samples(planes: &PcmPlanes, settings: &Settings) {
    let ceiling = 10f64.powf(settings.limiter.ceiling_dbtp / 20.0);
    let limited = settings.limiter.kind != LimiterKind::Off;
    match planes {
        PcmPlanes::Int(planes) => {
            let bits = settings.output.bits.format().bits();
            let full_scale = f64::from(1u32 << (bits - 1));
            let highest = if limited { ceiling * full_scale } else { full_scale };
            check_planes(planes, |&sample| f64::from(sample).abs() <= highest);
        }
        PcmPlanes::Float(planes) => check_planes(planes, |sample| {
            sample.is_finite() && (!limited || f64::from(*sample).abs() <= ceiling)
        }),
    }
}

fn check_planes<T: std::fmt::Display>(planes: &[Vec<T>], right: impl Fn(&T) -> bool) {
    for (channel, plane) in planes.iter().enumerate() {
        assert_eq!(plane.len(), planes[0].len(), "channel {channel} is of another length");
        if let Some(frame) = plane.iter().position(|sample| !right(sample)) {
            panic!("channel {channel}, frame {frame} is {}", plane[frame]);
        }
    }
}
