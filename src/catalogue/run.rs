//! A catalogue that is worked on.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use acetate_engine::SOUND;
use acetate_files::MEMORY_LIMIT_BYTES;

use super::deadline::Deadline;
use super::entry::Entry;
use super::folder::LEDGER;
use super::history::last_lines;
use super::line::{Line, State};
use super::orders::Orders;
use super::plan::Known;
use super::shard::Shard;
use super::store::{self, Journal, Store};
use crate::output::{expect_writable, folder_of};
use crate::{Error, Library, Observer, Request};

/// What holds for all songs of a catalogue.
#[derive(Clone, Debug)]
pub struct CatalogueOptions {
    /// What is asked for where a row says nothing.
    pub usual: Request,
    /// Where records are looked for by their ids.
    pub library: Option<Library>,
    /// The part of the list that is worked on: it names the ledger, and says which ledgers are read.
    pub shard: Shard,
    /// A song that failed so often is quarantined; 3. A worker that died with it counts half.
    pub attempts: u32,
    /// The longest that one song may take; `None` is as long as it takes.
    pub longest: Option<Duration>,
    /// Sound of one song that is held in memory; longer songs are read again for each pass. 512 MB.
    pub memory_bytes: u64,
}

impl Default for CatalogueOptions {
    fn default() -> Self {
        Self {
            usual: Request::default(),
            library: None,
            shard: Shard::ALL,
            attempts: 3,
            longest: None,
            memory_bytes: MEMORY_LIMIT_BYTES,
        }
    }
}

/// A folder or a place in an object store where masters are kept, and what is asked of those to come.
pub struct Catalogue {
    pub(super) store: Box<dyn Store>,
    pub(super) orders: Orders,
    pub(super) options: CatalogueOptions,
    /// The ledger of this worker; begun with its first line.
    journal: Mutex<Option<Box<dyn Journal>>>,
    /// What the ledger said when it was first asked.
    pub(super) known: Mutex<Option<Known>>,
}

impl Catalogue {
    /// Opens the catalogue at a path or an address (`s3://bucket/masters`); what is not there is made with the first master.
    ///
    /// # Errors
    /// When the usual request is out of range, or the address is that of no store.
    pub fn open(place: &str, options: CatalogueOptions) -> Result<Self, Error> {
        options.usual.check()?;
        let orders = Orders::new(options.usual.clone(), options.library.clone());
        Ok(Self {
            store: store::open(place)?,
            orders,
            options,
            journal: Mutex::default(),
            known: Mutex::default(),
        })
    }

    /// Makes a file in its place and takes it away again: told before the work, not with each song.
    ///
    /// # Errors
    /// When its folder takes no files. What a store takes is found out with the first song.
    pub fn expect_writable(&self) -> Result<(), Error> {
        self.store.place("x").map_or(Ok(()), |path| expect_writable(folder_of(&path)))
    }

    /// Masters one song; gives its line, which is in the ledger by then. What goes wrong is in the line.
    pub fn master(&self, entry: &Entry) -> Line {
        let stopped = |_| Line::new(&entry.name, State::Begun);
        self.master_watched(entry, &mut ()).unwrap_or_else(stopped)
    }

    /// As [`Catalogue::master`], with somebody who watches.
    ///
    /// # Errors
    /// When the observer stops it. The song stays begun in the ledger.
    pub fn master_watched(
        &self,
        entry: &Entry,
        observer: &mut dyn Observer,
    ) -> Result<Line, Error> {
        let mut deadline = Deadline::new(self.options.longest, observer);
        let order = self.orders.name_of(&entry.wishes);
        let about = |line: Line, deadline: &Deadline<'_>| Line {
            song: entry.name.clone(),
            order: order.clone(),
            sound: SOUND.to_owned(),
            seconds: deadline.seconds(),
            tags: entry.tags.clone(),
            ..line
        };
        let mut fetched = None;
        let begun = self.begin(entry, &order, &mut fetched);
        let mastered = begun.and_then(|()| {
            let fetched = fetched.as_ref().expect("what has begun is there");
            self.mastered(entry, fetched, &mut deadline, &about)
        });
        let line = match mastered {
            Ok(line) => line,
            Err(Error::Cancelled) if !deadline.has_passed() => return Err(Error::Cancelled),
            Err(error) => {
                let longest = self.options.longest.filter(|_| deadline.has_passed());
                let error = longest.map_or(error, |longest| Error::TooSlow {
                    name: entry.name.clone(),
                    seconds: longest.as_secs_f64(),
                });
                let line = Line {
                    error: Some(error.to_string()),
                    ..Line::new(&entry.name, State::Failed)
                };
                about(line, &deadline)
            }
        };
        let stamp = fetched.map(|fetched| fetched.stamp);
        let line = Line { stamp, ..line };
        Ok(match self.add(&line) {
            Ok(()) => line,
            // Nobody will know of it: it counts as not done.
            Err(error) => Line { state: State::Failed, error: Some(error.to_string()), ..line },
        })
    }

    /// Everything that the ledger knows of the songs in this shard: the last of each, by name.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn lines(&self) -> Result<Vec<Line>, Error> {
        last_lines(self.store.as_ref(), self.options.shard)
    }

    /// Adds a line to the ledger of this worker.
    pub(super) fn add(&self, line: &Line) -> Result<(), Error> {
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        if journal.is_none() {
            *journal = Some(self.store.journal(&self.journal_name())?);
        }
        journal.as_mut().expect("it was just begun").add(&line.to_json())
    }

    /// A name that no other worker has, and that tells which came first.
    fn journal_name(&self) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let random = RandomState::new().build_hasher().finish();
        let folder = self.options.shard.folder();
        format!("{LEDGER}/{folder}/{:013}-{random:016x}", now.as_millis())
    }
}

impl std::fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Catalogue").field("options", &self.options).finish_non_exhaustive()
    }
}
