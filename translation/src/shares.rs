//! What of a sound is heard elsewhere, in a few numbers, and quickly enough to ask for every candidate of a plan.

use acetate_analyzer::{BandEnergy, BassLine};
use acetate_audio::threads;

use crate::balance::{active, moments};
use crate::bass::{How, Line, heard_pct, how};
use crate::cover::drowned_pct;
use crate::ear::Ear;
use crate::heard::{AtEar, Rows};
use crate::loudness::LoudnessTable;
use crate::mono::{Cancelling, MonoLoss};
use crate::system::{Side, System, at_home};

/// What is heard of a sound on one system, percent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shares {
    /// Of the bass notes that are heard at home, those that are heard here at their pitch; `None` without a bass line.
    pub bass_pct: Option<f64>,
    /// Of the time, that in which less than a quarter of the loudness is left beside the noise; `None` in a quiet room.
    pub drowned_pct: Option<f64>,
    /// Of the loudness, what cancels; `None` where both channels are played.
    pub cancelled_pct: Option<f64>,
}

/// One sound, to be asked what is heard of it elsewhere when it is changed.
#[derive(Debug)]
pub struct Everywhere<'a> {
    ear: Ear,
    places: Vec<Place<'a>>,
    room: LoudnessTable,
    quiet: LoudnessTable,
    /// Rows that count, and how the notes are heard at home, of the sound as it is: so a note that is taken away is missed.
    counts: Vec<bool>,
    home: Vec<How>,
}

/// A system, and loudness beside its noise where it has one.
#[derive(Debug)]
struct Place<'a> {
    system: &'a System,
    noise: Option<LoudnessTable>,
}

impl<'a> Everywhere<'a> {
    /// A sound by its table and its bass line; `None` of silence.
    pub fn new(energy: &BandEnergy, bass: &BassLine, systems: &'a [System]) -> Option<Self> {
        let ear = Ear::new(&energy.edges_hz);
        let rows = Rows::new(energy, &ear);
        let quiet = LoudnessTable::new(&ear, &vec![0.0; ear.len()]);
        let at_home = AtEar::middle(&ear, rows, &at_home())?;
        let room = at_home.loudness(&ear);
        let place = |system: &'a System| {
            let is_noisy = system.noise != crate::system::at_home().noise;
            let noise = is_noisy.then(|| AtEar::middle(&ear, rows, system));
            Place { system, noise: noise.flatten().map(|at_ear| at_ear.loudness(&ear)) }
        };
        Some(Self {
            places: systems.iter().map(place).collect(),
            counts: active(&moments(&ear, rows, &at_home, &room, &quiet)),
            home: Line::new(bass).map_or_else(Vec::new, |line| how(&ear, rows, &at_home, &line)),
            room,
            quiet,
            ear,
        })
    }

    /// What is heard on each system of the sound when its table and its bass line are these: as long as before, with the same notes.
    pub fn shares(&self, energy: &BandEnergy, bass: &BassLine) -> Vec<Shares> {
        threads::map(&self.places, |_, place| self.on(place, energy, bass))
    }

    /// The same on one of them, by its number.
    pub fn shares_on(&self, system: usize, energy: &BandEnergy, bass: &BassLine) -> Shares {
        self.on(&self.places[system], energy, bass)
    }

    fn on(&self, place: &Place<'_>, energy: &BandEnergy, bass: &BassLine) -> Shares {
        let ear = &self.ear;
        let rows = Rows::new(energy, ear);
        let Some(at_ear) = AtEar::middle(ear, rows, place.system) else { return Shares::default() };
        let line = Line::new(bass).filter(|_| self.home.iter().any(|how| how.is_heard()));
        let drowned = place.noise.as_ref().map(|noise| {
            drowned_pct(&moments(ear, rows, &at_ear, noise, &self.quiet), &self.counts)
        });
        let cancelled = matches!(place.system.side, Side::Mono).then(|| {
            let home = AtEar::middle(ear, rows, &at_home())?;
            Cancelling::new(ear, rows, &home, &self.room)
                .on(ear, Side::Mono, MonoLoss::default())?
                .cancelled_pct
        });
        Shares {
            bass_pct: line.map(|line| heard_pct(&how(ear, rows, &at_ear, &line), &self.home)),
            drowned_pct: drowned,
            cancelled_pct: cancelled.flatten(),
        }
    }
}
