//! Which stem of a song disappears elsewhere.

use acetate_translation::{Stem, System, Translation, stems_elsewhere};

use crate::Song;

impl Song {
    /// Adds to what was found of the song on `systems` which of its stems are lost there; `stems` are as loud as they are in the song,
    /// begin with it, and are heard beside each other.
    pub fn find_lost_stems(&self, stems: &[Song], systems: &[System], found: &mut Translation) {
        let named: Vec<Stem<'_>> = stems
            .iter()
            .map(|stem| Stem { name: stem.stem(), energy: &stem.measured().tables.energy })
            .collect();
        let heard = stems_elsewhere(&self.measured().tables.energy, &named, systems);
        for (system, stems) in found.systems.iter_mut().zip(heard) {
            system.as_most_records &= !stems.iter().any(|stem| stem.gone);
            system.stems = stems;
        }
    }
}
