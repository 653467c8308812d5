//! How far rebuilt tops can be believed in a sound: tops of it that are known are hidden, rebuilt, and compared with what they are.
//!
//! Tops that a limiter has held, and the plateaus of square waves, end in no peak that a sparse spectrum could find again: what is rebuilt
//! there is noise. Just below the level that a sound is clipped at there are tops of the same kind, and of those the truth is known.

use acetate_audio::Audio;

use super::Solver;

/// Tops that reach this share of the clip level, and not the level itself, are hidden.
const HIDDEN: f64 = 0.9;
/// With fewer known samples nothing is told.
const SAMPLES_MIN: usize = 200;

/// Known tops and what was rebuilt in their place, summed over stretches of a sound.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct KnownTops {
    samples: usize,
    /// Of what is above the hidden level, true times rebuilt, and rebuilt squared.
    products: f64,
    squares: f64,
}

impl KnownTops {
    /// Hides the known tops of a stretch that is clipped at `levels`, upper and lower of each channel, rebuilds and compares them.
    pub fn hidden_in(stretch: &Audio, levels: &[[Option<f64>; 2]]) -> Self {
        let channels: Vec<Hidden> = (stretch.planes().iter().zip(levels))
            .map(|(plane, levels)| Hidden::of(plane, levels))
            .collect();
        // Both channels of a stereo sound together, as they are rebuilt.
        let together = if channels.len() == 2 { 2 } else { 1 };
        let solver = Solver::new();
        let mut known = Self::default();
        for channels in channels.chunks(together) {
            if channels.iter().all(|channel| channel.sides.iter().all(|&side| side == 0)) {
                continue;
            }
            let sounds: Vec<&[f32]> = channels.iter().map(|channel| &channel.sound[..]).collect();
            let rebuilt = solver.solve(&sounds, &|channel, n| channels[channel].sides[n]);
            for (channel, rebuilt) in channels.iter().zip(&rebuilt) {
                known = known.and(channel.compared(rebuilt));
            }
        }
        known
    }

    /// Is a sample of a channel that is clipped at `levels` at a top which is known?
    pub fn are_at(sample: f32, levels: &[Option<f64>; 2]) -> bool {
        side(sample, levels, HIDDEN) != 0 && side(sample, levels, 1.0) == 0
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            samples: self.samples + other.samples,
            products: self.products + other.products,
            squares: self.squares + other.squares,
        }
    }

    /// The share of what is rebuilt that is nearest to the truth, 0 to 1, by least squares; `None` where too few tops are known.
    pub fn believable_share(&self) -> Option<f64> {
        let told = self.samples >= SAMPLES_MIN && self.squares > 0.0;
        told.then(|| (self.products / self.squares).clamp(0.0, 1.0))
    }
}

/// On which side a sample reaches that share of the levels of its channel: 1, -1, or 0 where it does not.
fn side(sample: f32, levels: &[Option<f64>; 2], share: f64) -> i8 {
    let x = f64::from(sample);
    match levels {
        [Some(upper), _] if x >= share * upper => 1,
        [_, Some(lower)] if x <= share * lower => -1,
        _ => 0,
    }
}

/// A channel with its tops cut off lower than they were.
struct Hidden<'a> {
    /// What it was.
    whole: &'a [f32],
    levels: [Option<f64>; 2],
    sound: Vec<f32>,
    /// On which side each sample is hidden.
    sides: Vec<i8>,
}

impl<'a> Hidden<'a> {
    fn of(whole: &'a [f32], levels: &[Option<f64>; 2]) -> Self {
        let sides: Vec<i8> = whole.iter().map(|&x| side(x, levels, HIDDEN)).collect();
        let [upper, lower] = levels.map(|level| level.map_or(0.0, |level| (HIDDEN * level) as f32));
        let held = |(&x, &side): (&f32, &i8)| match side {
            1 => upper,
            -1 => lower,
            _ => x,
        };
        let sound = whole.iter().zip(&sides).map(held).collect();
        Self { whole, levels: *levels, sound, sides }
    }

    /// The tops that are known whole: runs of hidden samples none of which was clipped.
    fn compared(&self, rebuilt: &[f32]) -> KnownTops {
        let mut known = KnownTops::default();
        let mut from = 0;
        for run in self.sides.chunk_by(|one, other| (*one == 0) == (*other == 0)) {
            let range = from..from + run.len();
            from = range.end;
            if run[0] == 0
                || self.whole[range.clone()].iter().any(|&x| side(x, &self.levels, 1.0) != 0)
            {
                continue;
            }
            for n in range {
                let above = |x: f32| f64::from(x - self.sound[n]);
                let (truth, guess) = (above(self.whole[n]), above(rebuilt[n]));
                known.samples += 1;
                known.products += truth * guess;
                known.squares += guess * guess;
            }
        }
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(sound: impl Fn(f64) -> f64, level: f64) -> Option<f64> {
        let samples = (0..1 << 16).map(|n| sound(f64::from(n)).clamp(-level, level) as f32);
        let stretch = Audio::from_planes(44_100, vec![samples.collect()]);
        KnownTops::hidden_in(&stretch, &[[Some(level), Some(-level)]]).believable_share()
    }

    #[test]
    fn tops_of_tones_are_believed_and_plateaus_are_not() {
        let tones = |n: f64| {
            let swell = 0.7 + 0.3 * libm::sin(n * 0.0004);
            swell * (0.5 * libm::sin(n * 0.031) + 0.3 * libm::sin(n * 0.171 + 1.0))
        };
        let believed = share(tones, 0.6).unwrap();
        assert!(believed > 0.9, "{believed}");
        // Squares of many levels: every top is flat as it is.
        let steps = |n: f64| {
            let (swell, high) = (0.5 + 0.25 * libm::sin(n * 0.0004), libm::sin(n * 0.02) > 0.0);
            let level = libm::round(40.0 * swell) / 40.0;
            if high { level } else { -level }
        };
        let believed = share(steps, 0.7).unwrap();
        assert!(believed < 0.5, "{believed}");
    }

    #[test]
    fn where_no_top_is_known_nothing_is_told() {
        assert_eq!(share(|n| 2.0 * libm::sin(n * 0.05), 0.1), None);
        assert_eq!(share(|_| 0.0, 0.5), None);
    }
}
