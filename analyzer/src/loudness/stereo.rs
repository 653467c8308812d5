//! Loudness of two channels that lie with somebody else.

use std::ops::Range;

use acetate_audio::AudioSpec;
use acetate_audio::units::Lufs;

use super::LoudnessTrack;
use super::k_weighting::Eight;
use crate::tamed::LARGEST;

/// Two channels; samples of double width count rounded to single.
#[derive(Clone, Copy, Debug)]
pub enum StereoView<'a> {
    /// Frames of single width.
    Frames32(&'a [[f32; 2]]),
    /// Frames of double width.
    Frames64(&'a [[f64; 2]]),
    /// Planes of single width, as long as each other.
    Planes32([&'a [f32]; 2]),
    /// Planes of double width, as long as each other.
    Planes64([&'a [f64]; 2]),
}

/// Measures integrated loudness as [`LoudnessMeter`](crate::LoudnessMeter) does, bit for bit, of two channels that nobody copied: the filter
/// waits for itself, and they are read meanwhile.
#[derive(Debug)]
pub struct StereoLoudness {
    track: LoudnessTrack,
}

impl StereoLoudness {
    /// A meter that has heard nothing yet, at so many frames a second.
    pub fn new(sample_rate_hz: u32) -> Self {
        Self { track: LoudnessTrack::integrated(AudioSpec::new(sample_rate_hz, 2)) }
    }

    /// Listens on. `false`, and a meter that is of no use any more, when there are samples beyond 120 dB over full scale or that are no
    /// numbers: [`LoudnessMeter`](crate::LoudnessMeter) takes those that sound can have.
    #[must_use]
    pub fn push(&mut self, view: StereoView<'_>) -> bool {
        match view {
            StereoView::Frames32(frames) => self.push_frames(frames),
            StereoView::Frames64(frames) => self.push_frames(frames),
            StereoView::Planes32(planes) => self.push_planes(planes),
            StereoView::Planes64(planes) => self.push_planes(planes),
        }
    }

    fn push_frames<T: Into<f64> + Copy>(&mut self, frames: &[[T; 2]]) -> bool {
        let eights = |range: Range<usize>| {
            frames[range].chunks(8).map(|chunk| {
                let mut eight = [[0.0; 2]; 8];
                for (to, &from) in eight.as_flattened_mut().iter_mut().zip(chunk.as_flattened()) {
                    *to = from.into() as f32;
                }
                (eight, chunk.len())
            })
        };
        self.push_eights(frames.len(), eights)
    }

    fn push_planes<T: Into<f64> + Copy>(&mut self, [left, right]: [&[T]; 2]) -> bool {
        let eights = |range: Range<usize>| {
            left[range.clone()].chunks(8).zip(right[range].chunks(8)).map(|(left, right)| {
                let mut eight = [[0.0; 2]; 8];
                for ((to, &left), &right) in eight.iter_mut().zip(left).zip(right) {
                    *to = [left.into() as f32, right.into() as f32];
                }
                (eight, left.len())
            })
        };
        self.push_eights(left.len().min(right.len()), eights)
    }

    #[inline(always)]
    fn push_eights<I: Iterator<Item = Eight>>(
        &mut self,
        frames: usize,
        eights: impl Fn(Range<usize>) -> I,
    ) -> bool {
        self.track.push_eights(0..frames, LARGEST, eights)
    }

    /// Integrated loudness of all that was heard; `None` when shorter than 400 ms or never above -70 LUFS.
    pub fn finish(self) -> Option<Lufs> {
        self.track.finish().integrated_lufs().map(Lufs)
    }
}

#[cfg(test)]
mod tests {
    use acetate_audio::Audio;

    use super::*;
    use crate::LoudnessMeter;

    fn lufs(view: StereoView<'_>) -> Option<f64> {
        let mut meter = StereoLoudness::new(44_100);
        meter.push(view).then(|| meter.finish())?.map(|lufs| lufs.0)
    }

    #[test]
    fn two_channels_are_as_loud_wherever_they_lie() {
        let plane = |hz: f64| -> Vec<f64> {
            let at = |frame| std::f64::consts::TAU * hz * f64::from(frame) / 44_100.0;
            (0..100_003).map(|frame| 0.3 * libm::sin(at(frame))).collect()
        };
        let double = [plane(220.0), plane(1_771.0)];
        let planes =
            double.clone().map(|plane| plane.iter().map(|&s| s as f32).collect::<Vec<_>>());
        let frames64: Vec<[f64; 2]> =
            double[0].iter().zip(&double[1]).map(|(&l, &r)| [l, r]).collect();
        let frames32: Vec<[f32; 2]> =
            frames64.iter().map(|frame| frame.map(|s| s as f32)).collect();
        let mut meter = LoudnessMeter::new(AudioSpec::new(44_100, 2));
        meter.push(&Audio::from_planes(44_100, planes.to_vec()));
        let copied = meter.finish().map(|lufs| lufs.0);
        assert!(copied.is_some());
        assert_eq!(lufs(StereoView::Frames32(&frames32)), copied);
        assert_eq!(lufs(StereoView::Frames64(&frames64)), copied);
        assert_eq!(lufs(StereoView::Planes32([&planes[0], &planes[1]])), copied);
        assert_eq!(lufs(StereoView::Planes64([&double[0], &double[1]])), copied);
        // In pieces of any length.
        let mut pieces = StereoLoudness::new(44_100);
        assert!(frames64.chunks(777).all(|piece| pieces.push(StereoView::Frames64(piece))));
        assert_eq!(pieces.finish().map(|lufs| lufs.0), copied);
    }

    #[test]
    fn what_is_no_sound_is_not_heard() {
        for wrong in [f64::NAN, f64::INFINITY, -2e6] {
            let mut frames = vec![[0.1, 0.2]; 50_000];
            frames[49_999][1] = wrong;
            assert_eq!(lufs(StereoView::Frames64(&frames)), None, "{wrong}");
        }
    }
}
