//! What of a list is still to be done: from the ledger and a listing, without reading a song.

use std::collections::HashSet;
use std::path::Path;
use std::sync::PoisonError;

use super::entry::{Entry, Row};
use super::fetch::{is_address, stamp_of};
use super::history::History;
use super::line::{Line, Stamp, State};
use super::run::Catalogue;
use crate::Error;

/// The songs of a list, divided by what is known of them.
#[derive(Clone, Debug, Default)]
pub struct CataloguePlan {
    /// To be mastered, in the order of the list.
    pub due: Vec<Entry>,
    /// Mastered already as they are, with the same wishes and sound.
    pub done: usize,
    /// Failed too often; their lines say why. They are left out until they or their wishes change.
    pub quarantined: Vec<Line>,
    /// Rows that name no song; their lines say why.
    pub wrong: Vec<Line>,
}

/// What is known of the songs of a catalogue, as it was when it was read.
#[derive(Default)]
pub(super) struct Known {
    history: History,
    /// Listed only when something is said to be done: in a first run there is nothing to list.
    masters: Option<HashSet<String>>,
    listed: Listed,
}

/// How a song stands.
enum Standing {
    Due,
    Done,
    Quarantined(Box<Line>),
}

impl Catalogue {
    /// Divides a list by what the ledger knows; costs the size and time of each file, and one listing of the masters.
    ///
    /// # Errors
    /// When the ledger or the masters cannot be listed.
    pub fn plan(&self, rows: Vec<Row>) -> Result<CataloguePlan, Error> {
        self.store.sweep();
        let mut known = self.read_known()?;
        let mut plan = CataloguePlan::default();
        for row in rows {
            match row {
                // Masters in a folder of songs are no songs.
                Row::Song(entry) if entry.is_found() && self.store.holds(entry.song.as_ref()) => {}
                Row::Song(entry) => match self.standing(&entry, &mut known)? {
                    Standing::Due => plan.due.push(entry),
                    Standing::Done => plan.done += 1,
                    Standing::Quarantined(line) => plan.quarantined.push(*line),
                },
                Row::Wrong(wrong) => {
                    let error = Some(format!("{}: {}", wrong.place, wrong.reason));
                    plan.wrong.push(Line { error, ..Line::new(&wrong.place, State::Failed) });
                }
            }
        }
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
        Ok(plan)
    }

    /// The line of a song that failed too often, for workers that are given songs by someone who cannot know: the ledger is read with
    /// the first of them.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn left_out(&self, entry: &Entry) -> Result<Option<Line>, Error> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_none() {
            *known = Some(self.read_known()?);
        }
        let known = known.as_mut().expect("it was just read");
        Ok(match self.standing(entry, known)? {
            Standing::Quarantined(line) => Some(*line),
            Standing::Due | Standing::Done => None,
        })
    }

    fn read_known(&self) -> Result<Known, Error> {
        let history = History::read(self.store.as_ref(), self.options.shard)?;
        Ok(Known { history, ..Known::default() })
    }

    fn standing(&self, entry: &Entry, known: &mut Known) -> Result<Standing, Error> {
        let order = self.orders.name_of(&entry.wishes);
        let Some(past) = known.history.of(&entry.name, &order) else { return Ok(Standing::Due) };
        let stamp = known.listed.stamp(&entry.song)?;
        if let (Some((before, master)), Some(stamp)) = (&past.done, &stamp)
            && before == stamp
        {
            if known.masters.is_none() {
                known.masters = Some(self.store.list("")?);
            }
            if known.masters.as_ref().is_some_and(|masters| masters.contains(master)) {
                return Ok(Standing::Done);
            }
        }
        if past.strikes_with(stamp.as_ref()) < f64::from(self.options.attempts) {
            return Ok(Standing::Due);
        }
        let (error, tags) = (past.reason.clone(), entry.tags.clone());
        let line = Line { error, order, stamp, tags, ..Line::new(&entry.name, State::Quarantined) };
        Ok(Standing::Quarantined(Box::new(line)))
    }
}

/// Stamps of songs; those of objects come by the folder.
#[derive(Default)]
struct Listed {
    #[cfg(feature = "cloud")]
    folders: std::collections::HashMap<String, std::collections::HashMap<String, Stamp>>,
}

impl Listed {
    fn stamp(&mut self, song: &str) -> Result<Option<Stamp>, Error> {
        if !is_address(song) {
            return Ok(stamp_of(Path::new(song)));
        }
        #[cfg(feature = "cloud")]
        {
            let folder = song.rsplit_once('/').map_or(song, |(folder, _)| folder);
            if !self.folders.contains_key(folder) {
                self.folders.insert(folder.to_owned(), super::bucket::stamps_in(folder)?);
            }
            Ok(self.folders[folder].get(song).cloned())
        }
        #[cfg(not(feature = "cloud"))]
        Err(Error::NoStores { address: song.to_owned() })
    }
}
