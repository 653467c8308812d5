//! How near what was mended is to what was there.

use serde::Serialize;

use crate::damage::{Damaged, Planted};
use crate::material::Excerpt;

/// Where nothing differs at all.
pub(crate) const IDENTICAL_DB: f64 = 200.0;

fn db(ratio: f64) -> f64 {
    10.0 * ratio.max(1e-20).log10()
}

/// Squared errors of two sounds against the truth, over the samples that `counts` says.
fn errors(
    clean: &Excerpt,
    other: &[Vec<f32>],
    counts: impl Fn(usize, usize) -> bool,
) -> (f64, f64) {
    let (mut signal, mut error) = (0.0, 0.0);
    for (channel, (clean, other)) in clean.planes.iter().zip(other).enumerate() {
        for (frame, (x, y)) in clean.iter().zip(other).enumerate() {
            if counts(channel, frame) {
                signal += x * x;
                error += (x - f64::from(*y)) * (x - f64::from(*y));
            }
        }
    }
    (signal, error)
}

/// Gain in signal-to-distortion ratio where the damage is, dB.
fn gained_db(clean: &Excerpt, damaged: &Damaged, mended: &[Vec<f32>]) -> f64 {
    let counts = |c: usize, n: usize| damaged.sound.planes[c][n] != clean.planes[c][n];
    let before = damaged.sound.audio();
    let (_, found) = errors(clean, before.planes(), counts);
    let (_, left) = errors(clean, mended, counts);
    db(found / left.max(1e-20))
}

/// Root of the mean square of all channels, dBFS.
pub(crate) fn level_dbfs(sound: &Excerpt) -> f64 {
    let samples = || sound.planes.iter().flatten();
    db(samples().map(|x| x * x).sum::<f64>() / samples().count().max(1) as f64)
}

/// Samples this near to damage belong to it: a repair begins and ends there.
const NEAR: usize = 100;

/// Signal-to-distortion ratio of the samples that are nowhere near damage, dB; none where all are near.
fn healthy_db(clean: &Excerpt, damaged: &Damaged, mended: &[Vec<f32>]) -> Option<f64> {
    let far: Vec<Vec<bool>> = clean.planes.iter().zip(&damaged.sound.planes).map(far).collect();
    let (signal, error) = errors(clean, mended, |c, n| far[c][n]);
    let is_any = far.iter().flatten().any(|far| *far);
    is_any.then(|| if error == 0.0 { IDENTICAL_DB } else { db(signal / error) })
}

/// How near what was mended is over some files, by whoever mended it.
#[derive(Clone, Default, Serialize)]
pub(crate) struct Scores {
    pub(crate) files: usize,
    pub(crate) gained_db: f64,
    pub(crate) gained_db_min: f64,
    /// None where damage is everywhere, as of hum.
    pub(crate) healthy_db_min: Option<f64>,
    /// Changed stretches far from damage, a file; none where damage is everywhere.
    pub(crate) changed_places: Option<f64>,
    pub(crate) gained_db_each: Vec<f64>,
}

impl Scores {
    /// One more file; what was mended may end sooner, and what it lacks is not judged. Gives its gain and its healthy ratio.
    pub(crate) fn push(
        &mut self,
        clean: &Excerpt,
        damaged: &Damaged,
        mended: &[Vec<f32>],
    ) -> (f64, f64) {
        let frames = mended[0].len();
        let cut = Damaged { sound: damaged.sound.until(frames), ..damaged.clone() };
        let (clean, damaged) = (&clean.until(frames), &cut);
        let gained = gained_db(clean, damaged, mended);
        let healthy = healthy_db(clean, damaged, mended);
        self.gained_db_each.push(gained);
        self.files = self.gained_db_each.len();
        self.gained_db = self.gained_db_each.iter().sum::<f64>() / self.files as f64;
        self.gained_db_min = self.gained_db_each.iter().copied().fold(f64::MAX, f64::min);
        if let Some(healthy) = healthy {
            let least = self.healthy_db_min.unwrap_or(f64::MAX);
            self.healthy_db_min = Some(least.min(healthy));
            let before = self.changed_places.unwrap_or(0.0) * (self.files - 1) as f64;
            let places = changed_places(clean, damaged, mended) as f64;
            self.changed_places = Some((before + places) / self.files as f64);
        }
        (gained, healthy.unwrap_or(IDENTICAL_DB))
    }

    pub(crate) fn line(&self) -> String {
        let Self { files, gained_db, gained_db_min, .. } = self;
        let healthy = self.healthy_db_min.zip(self.changed_places);
        let healthy = healthy.map_or_else(String::new, |(least_db, places)| {
            format!("  healthy >= {least_db:.0} dB  changed {places:.1} places a file")
        });
        format!("{files:2} files  gained {gained_db:+6.2} dB (least {gained_db_min:+6.2}){healthy}")
    }
}

/// Which samples of a channel are far from all damage.
fn far((clean, damaged): (&Vec<f64>, &Vec<f64>)) -> Vec<bool> {
    let mut far = vec![true; clean.len()];
    for n in (0..clean.len()).filter(|&n| clean[n] != damaged[n]) {
        far[n.saturating_sub(NEAR)..clean.len().min(n + NEAR + 1)].fill(false);
    }
    far
}

/// Stretches that were changed although no damage is near; what is nearer to each other than damage may be is one.
fn changed_places(clean: &Excerpt, damaged: &Damaged, mended: &[Vec<f32>]) -> usize {
    let channels = clean.planes.iter().zip(&damaged.sound.planes).zip(mended);
    let places = |((clean, damaged), mended): ((&Vec<f64>, &Vec<f64>), &Vec<f32>)| {
        let far = far((clean, damaged));
        let changed = |&n: &usize| far[n] && damaged[n] != f64::from(mended[n]);
        let frames = (0..mended.len()).filter(changed);
        let counted = |(places, last): (usize, Option<usize>), n| {
            let is_new = last.is_none_or(|last| n - last > NEAR);
            (places + usize::from(is_new), Some(n))
        };
        frames.fold((0, None), counted).0
    };
    channels.map(places).sum()
}

/// Distortion of a sound that should have been left alone, as a ratio in dB.
pub(crate) fn untouched_db(clean: &Excerpt, mended: &[Vec<f32>]) -> f64 {
    let (signal, error) = errors(clean, mended, |_, _| true);
    if error == 0.0 { IDENTICAL_DB } else { db(signal / error) }
}

/// Is there a planted click in a stretch of a channel?
pub(crate) fn is_hit(planted: &[Planted], (channel, from, to): (usize, usize, usize)) -> bool {
    planted.iter().any(|click| click.channel == channel && from < click.to && click.from < to)
}

/// Which planted clicks were found, by class; and how many finds are none.
pub(crate) fn hits(planted: &[Planted], found: &[(usize, usize, usize)]) -> ([f64; 3], usize) {
    let overlap = |click: &Planted, stretch: &(usize, usize, usize)| {
        stretch.0 == click.channel && stretch.1 < click.to && click.from < stretch.2
    };
    let mut shares = [0.0; 3];
    for (class, share) in shares.iter_mut().enumerate() {
        let all: Vec<&Planted> = planted.iter().filter(|click| click.class == class).collect();
        let hit = all.iter().filter(|click| found.iter().any(|s| overlap(click, s))).count();
        *share = hit as f64 / all.len().max(1) as f64;
    }
    let wrong = found.iter().filter(|s| !planted.iter().any(|click| overlap(click, s))).count();
    (shares, wrong)
}

/// What is left of damage after a repair, as shares of the energy it had: of clicks that were missed, of parts of found ones that no stretch reaches,
/// and of what was repaired.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Remains {
    pub(crate) missed_pct: f64,
    pub(crate) beyond_pct: f64,
    pub(crate) within_pct: f64,
}

pub(crate) fn remains(
    clean: &Excerpt,
    damaged: &Damaged,
    mended: &[Vec<f32>],
    found: &[(usize, usize, usize)],
) -> Remains {
    let stretches = |channel| {
        let mut reached = vec![false; clean.frames()];
        for &(_, from, to) in found.iter().filter(|stretch| stretch.0 == channel) {
            reached[from..to.min(clean.frames())].fill(true);
        }
        reached
    };
    let (mut remains, mut energy) = (Remains::default(), 0.0);
    for (channel, (x, y)) in clean.planes.iter().zip(&damaged.sound.planes).enumerate() {
        let reached = stretches(channel);
        let mut hit = vec![false; x.len()];
        for click in damaged.clicks.iter().filter(|click| click.channel == channel) {
            if reached[click.from..click.to].contains(&true) {
                hit[click.from..click.to].fill(true);
            }
        }
        for n in (0..x.len()).filter(|&n| x[n] != y[n]) {
            energy += (x[n] - y[n]) * (x[n] - y[n]);
            let left = x[n] - f64::from(mended[channel][n]);
            *match (reached[n], hit[n]) {
                (true, _) => &mut remains.within_pct,
                (false, true) => &mut remains.beyond_pct,
                (false, false) => &mut remains.missed_pct,
            } += left * left;
        }
    }
    let Remains { missed_pct, beyond_pct, within_pct } = &mut remains;
    for share in [missed_pct, beyond_pct, within_pct] {
        *share *= 100.0 / energy.max(1e-20);
    }
    remains
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_changed_near_each_other_are_one_and_those_near_damage_none() {
        let plane = vec![0.25; 5000];
        let clean = Excerpt { name: "clean".to_owned(), rate_hz: 44_100, planes: vec![plane] };
        let mut sound = clean.clone();
        sound.planes[0][1000] = 0.5;
        let damaged = Damaged { sound, clicks: Vec::new(), mains_hz: None };
        let mut mended = vec![0.25f32; 5000];
        for n in [1000, 1050, 3000, 3060, 4000] {
            mended[n] = 0.3;
        }
        assert_eq!(changed_places(&clean, &damaged, &[mended]), 2);
    }
}
