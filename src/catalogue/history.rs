//! What earlier runs and other workers have left in the ledger.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use super::folder::LEDGER;
use super::line::{Line, Stamp, State};
use super::shard::Shard;
use super::store::Store;
use crate::Error;

/// A worker that dies may have done so for another song, or for none: it counts half.
const DEATH_STRIKES: f64 = 0.5;

/// How long the name of a worker's ledger is before its part: time, hyphen, random.
pub(super) const JOURNAL_CHARS: usize = 13 + 1 + 16;

/// What is known of songs, by name and order.
#[derive(Debug, Default)]
pub(super) struct History {
    songs: HashMap<(String, String), Past>,
}

/// What is known of one song.
#[derive(Clone, Debug, Default)]
pub(super) struct Past {
    /// The stamp it had when it was mastered, and its master.
    pub(super) done: Option<(Stamp, String)>,
    /// How often it failed with the stamp that it had last.
    pub(super) strikes: f64,
    /// Why it failed last.
    pub(super) reason: Option<String>,
    stamp: Option<Stamp>,
}

/// Of a line only what is asked; the rest of 100,000 lines is passed over.
#[derive(Deserialize)]
struct Brief {
    song: String,
    state: State,
    #[serde(default)]
    order: String,
    #[serde(default)]
    sound: String,
    stamp: Option<Stamp>,
    output: Option<String>,
    error: Option<String>,
}

impl History {
    /// Reads the ledgers of all workers that may have had songs of `shard`.
    pub(super) fn read(store: &dyn Store, shard: Shard) -> Result<Self, Error> {
        let mut history = Self::default();
        let names = ledgers(store, shard)?;
        for parts in names.chunk_by(|one, other| worker_of(one) == worker_of(other)) {
            let mut lines = Vec::new();
            for name in parts {
                lines.extend(store.read(name)?.unwrap_or_default());
            }
            history.add(&lines);
        }
        Ok(history)
    }

    /// Takes the lines of one worker, in their order. A line that was cut off is not there.
    fn add(&mut self, lines: &[u8]) {
        // Begun and not ended.
        let mut open: HashMap<(String, String), Option<Stamp>> = HashMap::new();
        for line in lines.split(|&byte| byte == b'\n') {
            let Ok(brief) = serde_json::from_slice::<Brief>(line) else { continue };
            let key = (brief.song.clone(), brief.order.clone());
            if brief.state == State::Begun {
                open.insert(key, brief.stamp);
                continue;
            }
            open.remove(&key);
            self.songs.entry(key).or_default().take(brief);
        }
        for (key, stamp) in open {
            self.songs.entry(key).or_default().strike(
                stamp,
                DEATH_STRIKES,
                "the worker that had it died".to_owned(),
            );
        }
    }

    /// What is known of a song with this order.
    pub(super) fn of(&self, song: &str, order: &str) -> Option<&Past> {
        self.songs.get(&(song.to_owned(), order.to_owned()))
    }
}

impl Past {
    fn take(&mut self, line: Brief) {
        match (line.state, line.stamp, line.output) {
            (State::Done | State::There, Some(stamp), Some(output)) => {
                if line.sound == acetate_engine::SOUND {
                    self.done = Some((stamp, output));
                }
                self.strikes = 0.0;
            }
            (State::Failed, stamp, _) => self.strike(stamp, 1.0, line.error.unwrap_or_default()),
            _ => {}
        }
    }

    fn strike(&mut self, stamp: Option<Stamp>, count: f64, reason: String) {
        if self.stamp != stamp {
            self.strikes = 0.0;
        }
        self.stamp = stamp;
        self.strikes += count;
        self.reason = Some(reason);
    }

    /// How often it failed as it is now.
    pub(super) fn strikes_with(&self, stamp: Option<&Stamp>) -> f64 {
        if self.stamp.as_ref() == stamp { self.strikes } else { 0.0 }
    }
}

/// What the ledgers of one worker share, however many parts there are of them.
fn worker_of(name: &str) -> &str {
    let own = name.rsplit('/').next().unwrap_or_default();
    own.get(..JOURNAL_CHARS).unwrap_or(own)
}

/// The ledgers of all workers that may have had songs of `shard`, oldest first.
fn ledgers(store: &dyn Store, shard: Shard) -> Result<Vec<String>, Error> {
    let folder_of = |name: &str| name.split('/').nth(1).map(str::to_owned).unwrap_or_default();
    let mut names: Vec<String> = store.list(LEDGER)?.into_iter().collect();
    names.retain(|name| Shard::of_folder(&folder_of(name)).is_none_or(|other| other.meets(shard)));
    names.sort_by(|a, b| a.rsplit('/').next().cmp(&b.rsplit('/').next()));
    Ok(names)
}

/// The last line of every song in the ledgers, by the name of the song; what is begun and not ended is left out. Rows of other wishes or
/// with other tags are songs of their own.
pub(super) fn last_lines(store: &dyn Store, shard: Shard) -> Result<Vec<Line>, Error> {
    let mut lines: HashMap<(String, String, String), Line> = HashMap::new();
    for name in ledgers(store, shard)? {
        let bytes = store.read(&name)?.unwrap_or_default();
        for line in bytes.split(|&byte| byte == b'\n') {
            let Ok(line) = serde_json::from_slice::<Line>(line) else { continue };
            let tags = Value::from(line.tags.clone()).to_string();
            let key = (line.song.clone(), line.order.clone(), tags);
            let before = lines.get(&key).map(|line| line.state);
            // Whoever came later and found it there did not make it; a failure does not undo a master.
            let kept = match line.state {
                State::Begun => false,
                State::Done => true,
                State::There => before != Some(State::Done),
                State::Failed | State::Quarantined => !before.is_some_and(State::is_done),
            };
            if kept {
                lines.insert(key, line);
            }
        }
    }
    let mut lines: Vec<_> = lines.into_iter().collect();
    lines.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(lines.into_iter().map(|(_, line)| line).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(state: State, bytes: u64, error: Option<&str>) -> String {
        let line = Line {
            order: "o".to_owned(),
            sound: acetate_engine::SOUND.to_owned(),
            stamp: Some(Stamp { bytes, ..Stamp::default() }),
            output: state.is_done().then(|| "ab/abc.wav".to_owned()),
            error: error.map(str::to_owned),
            ..Line::new("a.wav", state)
        };
        line.to_json() + "\n"
    }

    fn past(lines: &[String]) -> Past {
        let mut history = History::default();
        lines.iter().for_each(|worker| history.add(worker.as_bytes()));
        history.of("a.wav", "o").cloned().unwrap_or_default()
    }

    #[test]
    fn deaths_count_half_and_a_song_that_changed_begins_anew() {
        let begun = || line(State::Begun, 1, None);
        let failed = |bytes| line(State::Failed, bytes, Some("is silent"));
        let now = Stamp { bytes: 1, ..Stamp::default() };
        let once = past(&[begun() + &failed(1), begun()]);
        assert_eq!(once.strikes_with(Some(&now)), 1.5);
        let mended = past(&[begun() + &failed(2), begun() + &failed(1)]);
        assert_eq!(mended.strikes_with(Some(&now)), 1.0);
        assert_eq!(mended.reason.as_deref(), Some("is silent"));
    }

    #[test]
    fn a_line_that_was_cut_off_is_not_there() {
        let whole = line(State::Begun, 1, None) + &line(State::Done, 1, None);
        let cut = &whole[..whole.len() - 20];
        assert!(past(std::slice::from_ref(&whole)).done.is_some());
        let past = past(&[cut.to_owned()]);
        assert!(past.done.is_none() && past.strikes == 0.5);
    }
}
