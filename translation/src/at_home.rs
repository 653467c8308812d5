//! What a change of a sound is at home, where everything is heard.

use acetate_analyzer::BandEnergy;

use crate::balance::{REGIONS, active, moments, shares};
use crate::document::BandHeard;
use crate::ear::Ear;
use crate::heard::{AtEar, Rows};
use crate::loudness::LoudnessTable;
use crate::system::at_home;
use crate::translate::changes;

/// What a change of a sound does to its regions at home, by the tables before and after it; empty of silence.
pub fn changes_at_home(before: &BandEnergy, after: &BandEnergy) -> Vec<BandHeard> {
    let both = shares_at_home(before).zip(shares_at_home(after));
    both.map_or_else(Vec::new, |(before, after)| changes(&at_home().id, before, after))
}

/// Share of each region in the loudness.
fn shares_at_home(energy: &BandEnergy) -> Option<[f64; REGIONS]> {
    let ear = Ear::new(&energy.edges_hz);
    let rows = Rows::new(energy, &ear);
    let at_ear = AtEar::middle(&ear, rows, &at_home())?;
    let quiet = LoudnessTable::new(&ear, &vec![0.0; ear.len()]);
    let heard = moments(&ear, rows, &at_ear, &at_ear.loudness(&ear), &quiet);
    Some(shares(&heard, &active(&heard)))
}
