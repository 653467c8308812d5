//! A limit for samples that no converter ever made.

use std::borrow::Cow;

use acetate_audio::Audio;

/// 120 dB over full scale. Beyond, squares leave the range of `f32`; float files with such samples exist.
const LARGEST: f32 = 1e6;

/// The block itself, or a copy whose samples are limited to 120 dB over full scale.
pub(crate) fn tamed(block: &Audio) -> Cow<'_, Audio> {
    let tame = block.planes().iter().all(|plane| is_tame(plane));
    if tame {
        return Cow::Borrowed(block);
    }
    let mut copy = block.clone();
    for plane in copy.planes_mut() {
        plane.iter_mut().for_each(|sample| *sample = sample.clamp(-LARGEST, LARGEST));
    }
    Cow::Owned(copy)
}

fn is_tame(plane: &[f32]) -> bool {
    let mut largest = [0.0f32; 16];
    for chunk in plane.chunks(16) {
        for (largest, sample) in largest.iter_mut().zip(chunk) {
            *largest = largest.max(sample.abs());
        }
    }
    largest.iter().all(|&largest| largest <= LARGEST)
}
