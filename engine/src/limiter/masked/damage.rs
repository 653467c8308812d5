//! What loudness costs, before it is paid.

use acetate_audio::units::Decibels;
use acetate_audio::{Audio, AudioSpec};

use super::{MaskedLimiter, Tuning};
use crate::Stage;

/// Frames that are driven at a time.
const BLOCK_FRAMES: usize = 1 << 15;

/// The damage (see [`MaskedTrace::damage`](super::MaskedTrace::damage)) that each drive would do to a sound under a ceiling.
///
/// One point of the loudness-damage curve a drive; takes about a draft render each.
pub fn damage_by_drive(audio: &Audio, ceiling: Decibels, drives: &[Decibels]) -> Vec<Decibels> {
    drives.iter().map(|&drive| damage_at(audio, ceiling, drive)).collect()
}

fn damage_at(audio: &Audio, ceiling: Decibels, drive: Decibels) -> Decibels {
    let spec: AudioSpec = audio.spec();
    let mut limiter = MaskedLimiter::new(spec, ceiling.to_amplitude() as f32, Tuning::draft());
    let gain = drive.to_amplitude() as f32;
    let (mut block, mut out) = (Audio::silence(spec, 0), Audio::silence(spec, 0));
    for start in (0..audio.frames()).step_by(BLOCK_FRAMES) {
        let end = audio.frames().min(start + BLOCK_FRAMES);
        for (driven, plane) in block.planes_mut().iter_mut().zip(audio.planes()) {
            driven.clear();
            driven.extend(plane[start..end].iter().map(|sample| sample * gain));
        }
        out.planes_mut().iter_mut().for_each(Vec::clear);
        limiter.push(&block, &mut out);
    }
    out.planes_mut().iter_mut().for_each(Vec::clear);
    limiter.finish(&mut out);
    limiter.take_trace().damage(audio.duration_s())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_drive_does_more_damage_and_none_does_none() {
        let sample = |t: usize| 0.4 * libm::sin(t as f64 * 0.05) + 0.1 * libm::sin(t as f64 * 0.71);
        let plane = (0..44_100).map(|t| sample(t) as f32).collect();
        let audio = Audio::from_planes(44_100, vec![plane]);
        let drives = [0.0, 6.5, 8.0, 10.0].map(Decibels);
        let damage = damage_by_drive(&audio, Decibels(-1.0), &drives);
        assert!(damage[0].0 < -100.0);
        assert!(damage.windows(2).all(|pair| pair[0] < pair[1]), "{damage:?}");
    }
}
