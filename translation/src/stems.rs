//! Which stem of a song disappears: how loud each is beside all the others, on a system and at home.
//!
//! Partial loudness of a source in a mix: D. Ward, J. D. Reiss & C. Athwal, "Multitrack mixing using a model of loudness and partial
//! loudness", AES 133, 2012; here with the ear of this crate.

use acetate_analyzer::BandEnergy;
use acetate_audio::threads;

use crate::document::StemHeard;
use crate::ear::Ear;
use crate::heard::{AtEar, Rows};
use crate::system::{System, at_home};

/// Of so many rows one is looked at: five a second.
const EVERY: usize = 4;
/// A moment of a stem counts when it has this share of what its loud ones have at home.
const COUNTS: f64 = 0.1;
/// It is lost when less than this of its loudness is left.
const LEFT: f64 = 0.25;
/// A stem disappears where this much of its time is lost, percent.
const GONE_PCT: f64 = 50.0;
/// A stem with less than this of the loudness at home is not missed, percent.
const MISSED_PCT: f64 = 1.0;

/// One stem: its name, and its table as it is in the mix.
#[derive(Clone, Copy, Debug)]
pub struct Stem<'a> {
    /// What it is called.
    pub name: &'a str,
    /// Its table.
    pub energy: &'a BandEnergy,
}

/// What is heard of each stem of a mix on each system, in their orders; nothing of a silent mix. Tables end with the shortest.
pub fn stems_elsewhere(
    mix: &BandEnergy,
    stems: &[Stem<'_>],
    systems: &[System],
) -> Vec<Vec<StemHeard>> {
    let ear = Ear::new(&mix.edges_hz);
    let rows = Rows::new(mix, &ear);
    let heard_at = |system: &System| {
        let at_ear = AtEar::middle(&ear, rows, system)?;
        Some(loudness(&ear, &at_ear, stems))
    };
    let Some(home) = heard_at(&at_home()) else { return Vec::new() };
    let whole: f64 = home.iter().flatten().sum();
    threads::map(systems, |_, system| {
        let Some(there) = heard_at(system) else { return Vec::new() };
        // What a system takes from everything is no loss of one stem.
        let all: f64 = there.iter().flatten().sum();
        let less = if whole > 0.0 { all / whole } else { 1.0 };
        let each = stems.iter().zip(home.iter().zip(&there));
        each.map(|(stem, (home, there))| stem_heard(stem.name, home, there, less, whole)).collect()
    })
}

fn stem_heard(name: &str, home: &[f64], there: &[f64], less: f64, whole: f64) -> StemHeard {
    let mut sorted = home.to_vec();
    sorted.sort_by(f64::total_cmp);
    let loud = sorted.get(sorted.len() * 95 / 100).copied().unwrap_or(0.0);
    let counts = |(home, _): &(&f64, &f64)| **home > COUNTS * loud;
    let moments: Vec<(&f64, &f64)> = home.iter().zip(there).filter(counts).collect();
    let lost = moments.iter().filter(|(home, there)| **there < LEFT * less * **home).count();
    let at_home = home.iter().sum::<f64>();
    let share_pct = 100.0 * at_home / whole.max(1e-12);
    let usual = less * at_home;
    let left_pct = if usual > 0.0 { 100.0 * there.iter().sum::<f64>() / usual } else { 0.0 };
    let lost_pct = 100.0 * lost as f64 / moments.len().max(1) as f64;
    let gone = share_pct >= MISSED_PCT && lost_pct >= GONE_PCT;
    StemHeard { name: name.to_owned(), share_pct, left_pct, lost_pct, gone }
}

/// Loudness of each stem beside all the others and the noise, at the rows that are looked at.
fn loudness(ear: &Ear, at_ear: &AtEar, stems: &[Stem<'_>]) -> Vec<Vec<f64>> {
    let rows: Vec<Rows<'_>> = stems.iter().map(|stem| Rows::new(stem.energy, ear)).collect();
    let count = rows.iter().map(|rows| rows.count).min().unwrap_or(0);
    let mut found = vec![Vec::with_capacity(count / EVERY); stems.len()];
    let mut powers = vec![0.0; ear.len()];
    let mut excitations = vec![vec![0.0f32; ear.len()]; stems.len()];
    for row in (0..count).step_by(EVERY) {
        for (rows, excitation) in rows.iter().zip(&mut excitations) {
            at_ear.excite(ear, *rows, row, &mut powers, excitation);
        }
        for (stem, found) in found.iter_mut().enumerate() {
            let beside = |band: usize| {
                let own = f64::from(excitations[stem][band]);
                let all: f64 = excitations.iter().map(|one| f64::from(one[band])).sum();
                let masker = (all - own).max(0.0) + at_ear.masker[band];
                ear.specific(band, own, masker) * ear.width_erb(band)
            };
            found.push((0..ear.len()).map(beside).sum());
        }
    }
    found
}
