//! Clicks: what is predicted neither from before nor from after, and whose removal makes the music predictable.
//!
//! Two-sided prediction error over a robust scale of its surroundings (Godsill and Rayner 1998, chapter 5; Kay 1988), loud ones first, so that they do
//! not hide the rest. Each suspicion must pass gates that false alarms have asked for: flat tops, attacks, pulses of a pitch, copies.

mod errors;
mod gates;
mod heard;
mod rhythm;
mod search;
mod sure;

use std::ops::Range;

pub(super) use search::Spot;
pub(super) use sure::{Find, weigh};

/// What was found in a piece.
#[derive(Clone, Debug, Default)]
pub(super) struct Clicks {
    pub(super) found: Vec<Spot>,
    /// Where copies of each other are, which were played.
    pub(super) played: Vec<Range<usize>>,
}

impl Clicks {
    /// Says of each find whether the other channel has something there, too.
    pub(super) fn listen(&mut self, other: &[f64], sample_rate_hz: u32) {
        for spot in &mut self.found {
            spot.echoed = heard::has_echo(other, spot.from, spot.to, sample_rate_hz.into());
        }
    }

    /// Leaves what is near to that which was played, in whatever channel, and trusts the rest less where more was played than not.
    pub(super) fn leave(&mut self, played: &[Range<usize>], near: usize) {
        let is_near = |spot: &Spot| {
            played.iter().any(|p| spot.from < p.end + near && p.start < spot.to + near)
        };
        let all = std::mem::take(&mut self.found);
        let (left, mut found): (Vec<Spot>, Vec<Spot>) = all.into_iter().partition(is_near);
        self.played.extend(left.iter().map(|spot| spot.from..spot.to));
        if played.len() > found.len() {
            found.iter_mut().for_each(|spot| spot.confidence *= sure::PLAYED);
        }
        self.found = found;
    }
}

/// Strict search finds at least this many clicks, and this many a second, where a close one follows; and that this many where the closest does.
const CLOSE_FROM: usize = 3;
const CLOSE_RATE_HZ: f64 = 2.0;
const CLOSEST_RATE_HZ: f64 = 5.0;

/// The clicks of one channel that begin in `core`.
pub(super) fn find(sound: &[f64], core: Range<usize>, sample_rate_hz: u32) -> Clicks {
    let rate = f64::from(sample_rate_hz);
    let search = search::Search::new(sound, rate);
    let counts = |spot: &&Spot| core.contains(&spot.from) && spot.confidence >= search::LIKELY;
    let within = |clicks: &Clicks| clicks.found.iter().filter(counts).count();
    let enough = |each_s: f64| libm::ceil(each_s * core.len() as f64 / rate) as usize;
    let mut clicks = search.run(search::Worth::STRICT);
    if within(&clicks) >= CLOSE_FROM.max(enough(CLOSE_RATE_HZ)) {
        clicks = search.run(search::Worth::CLOSE);
        if within(&clicks) >= CLOSE_FROM.max(enough(CLOSEST_RATE_HZ)) {
            clicks = search.run(search::Worth::CLOSEST);
        }
    }
    clicks.found.retain(|spot| core.contains(&spot.from));
    clicks.played.retain(|place| core.contains(&place.start));
    clicks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn music(count: usize) -> Vec<f64> {
        let mut state = 5u32;
        (0..count)
            .map(|n| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let noise = f64::from(state >> 8) / 8_388_608.0 - 1.0;
                let n = n as f64;
                0.2 * libm::sin(n * 0.03) + 0.1 * libm::sin(n * 0.21) + 1e-3 * noise
            })
            .collect()
    }

    fn at(clicks: &Clicks) -> Vec<usize> {
        clicks.found.iter().map(|spot| (spot.from + spot.to) / 2).collect()
    }

    #[test]
    fn a_click_is_found_where_it_is_and_nothing_else() {
        let mut sound = music(80_000);
        assert!(find(&sound, 0..80_000, 44_100).found.is_empty());
        for (n, x) in [0.2, 0.3, -0.1, -0.05].into_iter().enumerate() {
            sound[40_000 + n] += x;
        }
        let clicks = find(&sound, 0..80_000, 44_100);
        assert_eq!(clicks.found.len(), 1);
        assert!(at(&clicks)[0].abs_diff(40_002) < 30, "{clicks:?}");
        assert!((clicks.found[0].peak_dbfs + 10.5).abs() < 1.0, "{clicks:?}");
    }

    #[test]
    fn what_nobody_can_hear_is_no_click() {
        let mut sound = music(80_000);
        sound[40_000] += 0.4;
        let at_db = |db: f64| sound.iter().map(|x| x * libm::exp10(db / 20.0)).collect::<Vec<_>>();
        assert_eq!(find(&at_db(-80.0), 0..80_000, 44_100).found.len(), 1);
        assert!(find(&at_db(-90.0), 0..80_000, 44_100).found.is_empty());
    }

    #[test]
    fn a_click_at_the_first_or_the_last_sample_is_found() {
        for place in [0, 79_999] {
            let mut sound = music(80_000);
            sound[place] += 0.4;
            let clicks = find(&sound, 0..80_000, 44_100);
            assert_eq!(clicks.found.len(), 1, "{place}");
        }
    }

    #[test]
    fn pulses_of_a_pitch_are_no_clicks() {
        let mut sound = music(80_000);
        for n in (1000..79_000).step_by(400) {
            sound[n] += 0.3;
        }
        assert!(find(&sound, 0..80_000, 44_100).found.is_empty());
    }

    #[test]
    fn silence_and_short_sounds_have_none() {
        assert!(find(&[0.0; 44_100], 0..44_100, 44_100).found.is_empty());
        assert!(find(&[0.1], 0..1, 44_100).found.is_empty());
        assert!(find(&music(40), 0..40, 8_000).found.is_empty());
    }
}
