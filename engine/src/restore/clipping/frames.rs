//! A tight frame of windowed transforms: what is taken apart and put together again is the same, energy included.

use acetate_audio::fourier::{Bins, RealFourier, RealWorkspace};
use acetate_audio::windows::hann;

/// Windows overlap so many times.
const OVERLAP: usize = 4;

/// Hann windows, four times overlapped, orthonormal transforms.
pub(super) struct Frames {
    fourier: RealFourier,
    window: Vec<f32>,
}

/// The coefficients of a stretch of sound, window after window.
#[derive(Clone, Debug)]
pub(super) struct Coefficients {
    pub(super) frames: Vec<Bins>,
}

/// Working memory.
pub(super) struct Space {
    work: RealWorkspace,
    samples: Vec<f32>,
    padded: Vec<f32>,
}

impl Frames {
    pub(super) fn new(length: usize) -> Self {
        let hann: Vec<f64> = (0..length).map(|n| hann(n, length)).collect();
        let power: f64 = hann.iter().map(|w| w * w).sum();
        // Tight, and the transform orthonormal: both roots in one.
        let scale = 1.0 / (power * OVERLAP as f64).sqrt();
        let window = hann.iter().map(|w| (w * scale) as f32).collect();
        Self { fourier: RealFourier::new(length), window }
    }

    pub(super) fn hop(&self) -> usize {
        self.fourier.length() / OVERLAP
    }

    pub(super) fn bins(&self) -> usize {
        self.fourier.bins()
    }

    /// How many windows touch so many samples.
    pub(super) fn count(&self, samples: usize) -> usize {
        samples.div_ceil(self.hop()) + OVERLAP - 1
    }

    pub(super) fn space(&self) -> Space {
        let length = self.fourier.length();
        Space { work: self.fourier.workspace(), samples: vec![0.0; length], padded: Vec::new() }
    }

    pub(super) fn zeros(&self, samples: usize) -> Coefficients {
        Coefficients { frames: vec![Bins::new(self.bins()); self.count(samples)] }
    }

    /// The coefficients of `sound`.
    pub(super) fn analyse(&self, sound: &[f32], to: &mut Coefficients, space: &mut Space) {
        let (hop, length) = (self.hop(), self.fourier.length());
        space.padded.clear();
        space.padded.resize(length - hop, 0.0);
        space.padded.extend_from_slice(sound);
        space.padded.resize((to.frames.len() - 1) * hop + length, 0.0);
        for (index, bins) in to.frames.iter_mut().enumerate() {
            let samples = &space.padded[index * hop..];
            self.fourier.forward_windowed(samples, &self.window, bins, &mut space.work);
        }
    }

    /// The sound of coefficients.
    pub(super) fn synthesise(&self, from: &Coefficients, sound: &mut [f32], space: &mut Space) {
        let (hop, length) = (self.hop(), self.fourier.length());
        space.padded.clear();
        space.padded.resize((from.frames.len() - 1) * hop + length, 0.0);
        for (index, bins) in from.frames.iter().enumerate() {
            self.fourier.inverse(bins, &mut space.samples, &mut space.work);
            let to = &mut space.padded[index * hop..][..length];
            for ((to, x), window) in to.iter_mut().zip(&space.samples).zip(&self.window) {
                *to += x * window;
            }
        }
        sound.copy_from_slice(&space.padded[length - hop..][..sound.len()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_apart_is_put_together_again() {
        let frames = Frames::new(256);
        let sound: Vec<f32> =
            (0..1000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 8) as f32 / 1.7e7).collect();
        let (mut space, mut coefficients) = (frames.space(), frames.zeros(1000));
        let mut again = vec![0.0; 1000];
        frames.analyse(&sound, &mut coefficients, &mut space);
        frames.synthesise(&coefficients, &mut again, &mut space);
        for (x, y) in sound.iter().zip(&again) {
            assert!((x - y).abs() < 1e-5, "{x} {y}");
        }
    }
}
