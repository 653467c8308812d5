//! A limit for samples that no converter ever made.

use std::borrow::Cow;

use acetate_audio::Audio;

use crate::peaks::largest;

/// 120 dB over full scale. Beyond, squares leave the range of `f32`; float files with such samples exist.
pub(crate) const LARGEST: f32 = 1e6;

/// The block itself, or a copy whose samples are limited to 120 dB over full scale.
pub(crate) fn tamed(block: &Audio) -> Cow<'_, Audio> {
    if is_tame(block) {
        return Cow::Borrowed(block);
    }
    let mut copy = block.clone();
    tame(&mut copy);
    Cow::Owned(copy)
}

/// Limits the samples of a block.
pub(crate) fn tame(block: &mut Audio) {
    if is_tame(block) {
        return;
    }
    for plane in block.planes_mut() {
        plane.iter_mut().for_each(|sample| *sample = sample.clamp(-LARGEST, LARGEST));
    }
}

fn is_tame(block: &Audio) -> bool {
    block.planes().iter().all(|plane| largest(plane) <= LARGEST)
}
