//! How sure a find is, seen among the others of the recording.
//!
//! What was played is in both channels of a stereo mix, more or less loud; damage strikes one of them as often. And a find that stands alone must speak
//! for itself: of a recording that is damaged more is known. What comes on the beat was played, in however many channels.

use super::super::damage::DamagedStretch;
use super::rhythm::in_rhythm;
use super::search::LIKELY;

/// Finds this near to each other belong together, seconds.
const NEAR_S: f64 = 30.0;
/// With fewer others nearby a find stands alone, and its doubt counts so many times.
const OTHERS: usize = 3;
const ALONE: f64 = 8.0;
/// Finds from this confidence on tell whether there is a rhythm in them.
const IN_RHYTHM: f64 = 0.3;
/// Where finds in both channels are more than so many times those in one, they were played, and the few in one no less.
const BOTH_PER_ONE: usize = 4;
/// The confidence of what seems to have been played is so much less.
pub(super) const PLAYED: f64 = 0.4;

/// A find of any channel, and whether it is in another one, too.
#[derive(Clone, Debug)]
pub(in crate::restore) struct Find {
    pub(in crate::restore) click: DamagedStretch,
    pub(in crate::restore) echoed: bool,
    /// The part of its confidence that the piece gave it.
    pub(in crate::restore) share: f64,
}

impl Find {
    fn is_in_both(&self) -> bool {
        self.echoed || self.click.channels.len() > 1
    }
}

/// Gives each find, in order, the confidence that it has among the others.
pub(in crate::restore) fn weigh(finds: &mut [Find], stereo: bool, rate_hz: u32) {
    let likely: Vec<(u64, bool)> = finds
        .iter()
        .filter(|find| find.click.confidence >= LIKELY)
        .map(|find| (find.click.start_frame, find.is_in_both()))
        .collect();
    let struck: Vec<usize> =
        (0..finds.len()).filter(|&n| finds[n].click.confidence >= IN_RHYTHM).collect();
    let at_s = |n: &usize| finds[*n].click.start_frame as f64 / f64::from(rate_hz);
    let rhythmic = in_rhythm(&struck.iter().map(at_s).collect::<Vec<f64>>());
    let near = (NEAR_S * f64::from(rate_hz)) as u64;
    for Find { click, share, .. } in finds.iter_mut().filter(|find| find.click.confidence >= LIKELY)
    {
        let first = likely.partition_point(|&(at, _)| at + near < click.start_frame);
        let end = likely.partition_point(|&(at, _)| at <= click.start_frame + near);
        let both = likely[first..end].iter().filter(|(_, both)| *both).count();
        let one = end - first - both;
        if end - first <= OTHERS {
            let own = (click.confidence / *share).min(1.0);
            click.confidence = *share * (1.0 - ALONE * (1.0 - own)).max(0.0);
        }
        if !stereo {
            // No other channel can be asked: what the piece says counts twice.
            click.confidence *= *share;
        } else if both > BOTH_PER_ONE * one {
            click.confidence *= PLAYED;
        }
    }
    for (n, _) in struck.into_iter().zip(rhythmic).filter(|(_, rhythmic)| *rhythmic) {
        let click = &mut finds[n].click;
        click.confidence = click.confidence.min(PLAYED);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn click(at_s: u64, channels: &[usize], confidence: f64) -> Find {
        let click = DamagedStretch {
            channels: channels.to_vec(),
            start_frame: at_s * 44_100,
            frames: 40,
            peak_dbfs: -20.0,
            confidence,
        };
        Find { click, echoed: false, share: 1.0 }
    }

    fn weighed(mut finds: Vec<Find>, stereo: bool) -> Vec<f64> {
        weigh(&mut finds, stereo, 44_100);
        finds.iter().map(|find| find.click.confidence).collect()
    }

    #[test]
    fn what_is_in_both_channels_all_the_time_was_played() {
        let all: Vec<_> = (0..8).map(|k| click(k, &[0, 1], 0.95)).collect();
        assert!(weighed(all.clone(), true).iter().all(|&c| c < LIKELY));
        assert!(weighed(all.clone(), false).iter().all(|&c| c == 0.95));
        let echoed = |find: Find| Find {
            click: DamagedStretch { channels: vec![0], ..find.click.clone() },
            echoed: true,
            ..find
        };
        let heard = all.iter().cloned().map(echoed).collect();
        assert!(weighed(heard, true).iter().all(|&c| c < LIKELY));
        let mut some = all;
        some.extend([click(8, &[0], 0.95), click(9, &[1], 0.95)]);
        assert!(weighed(some, true).iter().all(|&c| c == 0.95));
    }

    #[test]
    fn in_mono_the_share_of_damage_counts_twice() {
        let all: Vec<Find> = (0..8).map(|k| Find { share: 0.6, ..click(k, &[0], 0.55) }).collect();
        assert!(weighed(all.clone(), true).iter().all(|&c| c > LIKELY));
        assert!(weighed(all, false).iter().all(|&c| c < LIKELY));
    }

    #[test]
    fn what_stands_alone_must_be_surer() {
        assert!(weighed(vec![click(5, &[0], 0.75)], true)[0] < LIKELY);
        assert!(weighed(vec![click(5, &[0], 0.85)], true)[0] < LIKELY);
        assert!(weighed(vec![click(5, &[0], 0.99)], true)[0] > 0.9);
        let far = vec![click(5, &[0], 0.75), click(100, &[1], 0.75), click(200, &[1], 0.75)];
        assert!(weighed(far, true).iter().all(|&c| c < LIKELY));
        let near = (0..5).map(|k| click(k, &[k as usize % 2], 0.75)).collect();
        assert!(weighed(near, true).iter().all(|&c| c == 0.75));
    }
}
