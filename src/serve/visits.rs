//! One visit for each page that is open: its song and plan, what it uploaded, what it may hear and take.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use acetate_optimizer::SettingsDocument;
use axum::body::Bytes;
use tempfile::TempDir;
use tokio::sync::Mutex as Turns;

use super::refusal::Refusal;
use super::token::random_name;
use super::uploads::Uploaded;
use crate::Desk;

/// Pages at once: each holds a song, or half of one. One more takes the place of the one that was silent longest.
const VISITS_MAX: usize = 8;
/// What a page may leave lying about, of each kind; the oldest goes.
const KEPT_MAX: usize = 4;

/// All that are open.
#[derive(Debug, Default)]
pub(super) struct Visits(Mutex<BTreeMap<String, Arc<Visit>>>);

/// What one page works on.
#[derive(Debug)]
pub(super) struct Visit {
    /// The song; one question after the other.
    pub(super) work: Arc<Turns<Work>>,
    uploads: Mutex<Kept<Uploaded>>,
    sounds: Mutex<Kept<Bytes>>,
    masters: Mutex<Kept<Arc<Made>>>,
    used: Mutex<Instant>,
}

/// The song, and the file it is read from again.
#[derive(Debug, Default)]
pub(super) struct Work {
    pub(super) desk: Desk,
    pub(super) mix: Option<Sound>,
}

/// A file that a song is read from.
#[derive(Debug)]
pub(super) struct Sound {
    pub(super) name: String,
    pub(super) path: PathBuf,
    /// Its folder below the one that is served.
    pub(super) inner: PathBuf,
    /// Removed when nobody reads it any more.
    pub(super) _upload: Option<Uploaded>,
}

/// A master that was made.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) folder: TempDir,
    pub(super) name: String,
    pub(super) inner: PathBuf,
    pub(super) document: SettingsDocument,
}

impl Made {
    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join(&self.name)
    }
}

/// The newest few, by numbers that never come again.
#[derive(Debug)]
struct Kept<T> {
    next: u64,
    all: VecDeque<(u64, T)>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { next: 1, all: VecDeque::new() }
    }
}

impl<T> Kept<T> {
    fn add(&mut self, one: T) -> u64 {
        let number = self.next;
        self.next += 1;
        self.all.push_back((number, one));
        if self.all.len() > KEPT_MAX {
            self.all.pop_front();
        }
        number
    }

    fn get(&self, number: u64) -> Option<&T> {
        self.all.iter().find(|(known, _)| *known == number).map(|(_, one)| one)
    }

    fn take(&mut self, number: u64) -> Option<T> {
        let at = self.all.iter().position(|(known, _)| *known == number)?;
        self.all.remove(at).map(|(_, one)| one)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Visits {
    /// A new one; gives its name.
    pub(super) fn open(&self) -> Result<String, Refusal> {
        let name = random_name().map_err(|error| Refusal::failed(error.to_string()))?;
        let mut all = locked(&self.0);
        if all.len() >= VISITS_MAX {
            let idle = all.iter().filter(|(_, visit)| visit.work.try_lock().is_ok());
            let longest = idle.min_by_key(|(_, visit)| *locked(&visit.used));
            let Some(oldest) = longest.map(|(name, _)| name.clone()) else {
                return Err(Refusal::busy(format!(
                    "{VISITS_MAX} pages are working already: close one of them, or wait"
                )));
            };
            all.remove(&oldest);
        }
        all.insert(name.clone(), Arc::new(Visit::new()));
        Ok(name)
    }

    /// One that is open.
    pub(super) fn get(&self, name: &str) -> Result<Arc<Visit>, Refusal> {
        let gone = || {
            let status = axum::http::StatusCode::GONE;
            Refusal::new(status, "this page was put away, because others were opened; ask again")
        };
        let visit = locked(&self.0).get(name).cloned().ok_or_else(gone)?;
        *locked(&visit.used) = Instant::now();
        Ok(visit)
    }

    /// Puts one away with all it has.
    pub(super) fn close(&self, name: &str) {
        let visit = locked(&self.0).remove(name);
        drop(visit);
    }
}

impl Visit {
    fn new() -> Self {
        Self {
            work: Arc::default(),
            uploads: Mutex::default(),
            sounds: Mutex::default(),
            masters: Mutex::default(),
            used: Mutex::new(Instant::now()),
        }
    }

    pub(super) fn uploaded(&self, upload: Uploaded) -> u64 {
        locked(&self.uploads).add(upload)
    }

    /// What was uploaded, to be opened: once.
    pub(super) fn upload(&self, number: u64) -> Option<Sound> {
        let upload = locked(&self.uploads).take(number)?;
        let (name, path) = (upload.name.clone(), upload.path());
        Some(Sound { name, path, inner: Path::new("").to_owned(), _upload: Some(upload) })
    }

    pub(super) fn sounding(&self, sound: Bytes) -> u64 {
        locked(&self.sounds).add(sound)
    }

    /// What is heard: once.
    pub(super) fn sound(&self, number: u64) -> Option<Bytes> {
        locked(&self.sounds).take(number)
    }

    pub(super) fn made(&self, made: Made) -> u64 {
        locked(&self.masters).add(Arc::new(made))
    }

    pub(super) fn master(&self, number: u64) -> Option<Arc<Made>> {
        locked(&self.masters).get(number).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_few_are_kept_under_numbers_of_their_own() {
        let mut kept = Kept::default();
        let numbers: Vec<u64> = (0..6).map(|one| kept.add(one)).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
        assert_eq!((kept.get(2), kept.get(3)), (None, Some(&2)));
        assert_eq!((kept.take(5), kept.take(5)), (Some(4), None));
        assert_eq!(kept.add(9), 7);
    }

    #[test]
    fn one_page_more_takes_the_place_of_the_one_that_was_silent_longest() {
        let visits = Visits::default();
        let names: Vec<String> = (0..VISITS_MAX).map(|_| visits.open().unwrap()).collect();
        let work = Arc::clone(&visits.get(&names[1]).unwrap().work);
        let _busy = work.try_lock().unwrap();
        visits.get(&names[0]).unwrap();
        let newest = visits.open().unwrap();
        assert!(visits.get(&names[2]).is_err(), "it was silent longest");
        for name in [&names[0], &names[1], &newest] {
            assert!(visits.get(name).is_ok());
        }
        visits.close(&newest);
        assert!(visits.get(&newest).is_err());
    }
}
