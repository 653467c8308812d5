//! Which songs a record has, and what is said of them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use acetate_engine::settings::RestoreSettings;
use acetate_optimizer::album::{ALBUM_FILE_SCHEMA, AlbumFile, SongEntry, is_date, natural_order};

use super::{ALBUM_FILE, AlbumError};
use crate::documents::read_text;
use crate::inputs::{is_sound, visible};
use crate::{Error, Input, Observer, Song};

/// Songs in their order, read and measured, and what is said of them.
#[derive(Clone, Debug)]
pub struct Album {
    /// What the record's file says, with an entry for every song; titles and codes are there where tags or names have them.
    pub file: AlbumFile,
    /// The folder that its names belong to.
    pub folder: PathBuf,
    /// The songs.
    pub songs: Vec<Song>,
    /// What was mended in each of them; empty where nobody looked.
    pub(super) repairs: Vec<RestoreSettings>,
}

/// What the order of the songs follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The record's file or how they were named; of a folder track tags where all have one, else names.
    #[default]
    Auto,
    /// As they were named.
    File,
    /// Track tags, where all have one.
    Tags,
    /// Names, as people count.
    Name,
}

/// Whether a path names a record's file.
pub fn is_album_file(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"))
}

impl Album {
    /// Reads and measures the songs of a folder, of an `album.toml`, or the files that are named.
    ///
    /// A folder with an `album.toml` is what that says. Without, its songs are in the order of their track tags where all have one, else
    /// of their names.
    ///
    /// # Errors
    /// When what is said of the record cannot be, or a song cannot be read.
    pub fn open(paths: &[PathBuf], observer: &mut dyn Observer) -> Result<Self, Error> {
        Self::open_in(paths, Order::Auto, observer)
    }

    /// The same in an order of its own.
    ///
    /// # Errors
    /// Those of [`Album::open`].
    pub fn open_in(
        paths: &[PathBuf],
        order: Order,
        observer: &mut dyn Observer,
    ) -> Result<Self, Error> {
        Self::read(listed(paths)?, order, observer)
    }

    /// The songs of a folder as they are found, whatever an `album.toml` says: to write one.
    ///
    /// # Errors
    /// Those of [`Album::open`].
    pub fn found(folder: &Path, order: Order, observer: &mut dyn Observer) -> Result<Self, Error> {
        Self::read(named(in_folder(folder)?, folder.to_owned(), false), order, observer)
    }

    fn read(listed: Listed, order: Order, observer: &mut dyn Observer) -> Result<Self, Error> {
        let Listed { mut file, folder, mut paths, in_order, left_out } = listed;
        if paths.is_empty() {
            return Err(AlbumError::Empty.into());
        }
        if !left_out.is_empty() {
            let names = left_out.join(", ");
            observer.note(&format!("{ALBUM_FILE} does not name {names}: left out"));
        }
        if order == Order::Name {
            let mut places: Vec<usize> = (0..paths.len()).collect();
            places.sort_by(|&a, &b| {
                natural_order(&paths[a].to_string_lossy(), &paths[b].to_string_lossy())
            });
            paths = places.iter().map(|&place| paths[place].clone()).collect();
            file.songs = places.iter().map(|&place| file.songs[place].clone()).collect();
        }
        let mut songs = Vec::new();
        for path in &paths {
            // What is not held is read again: eighty minutes of sound would be a gigabyte.
            let song = Song::opening(path).memory_limit_bytes(0).measure(observer)?;
            song.flaws().chain(song.missing()).for_each(|line| observer.note(&line));
            songs.push(song);
        }
        let mut tags: Vec<Tagged> = songs.iter().map(Tagged::of).collect();
        let by_tags = order == Order::Tags || (order == Order::Auto && !in_order);
        if by_tags && tags.iter().all(|tags| tags.number.is_some()) {
            let mut order: Vec<usize> = (0..songs.len()).collect();
            order.sort_by_key(|&song| tags[song].number);
            songs = order.iter().map(|&song| songs[song].clone()).collect();
            file.songs = order.iter().map(|&song| file.songs[song].clone()).collect();
            tags.sort_by_key(|tags| tags.number);
        }
        let mut album = Self { file, folder, songs, repairs: Vec::new() };
        album.complete(tags);
        let path = album.folder.join(ALBUM_FILE);
        album.file.check().map_err(|reason| AlbumError::File { path, reason })?;
        album.cover()?;
        Ok(album)
    }

    /// The record's file with everything that is known, to be filled in.
    pub fn file_text(&self) -> String {
        self.file.to_text()
    }

    /// The title of a song.
    pub fn title(&self, song: usize) -> &str {
        self.file.songs[song].title.as_deref().unwrap_or_else(|| self.songs[song].stem())
    }

    /// What tags and names know and the file does not say.
    fn complete(&mut self, tags: Vec<Tagged>) {
        let file = &mut self.file;
        file.title = file.title.take().or_else(|| most_say(&tags, |tags| tags.album.as_ref()));
        file.date = file.date.take().or_else(|| most_say(&tags, |tags| tags.date.as_ref()));
        file.genre = file.genre.take().or_else(|| most_say(&tags, |tags| tags.genre.as_ref()));
        for ((entry, song), tags) in self.file.songs.iter_mut().zip(&self.songs).zip(tags) {
            entry.title = entry.title.take().or(tags.title).or_else(|| Some(plain(song.stem())));
            entry.artist = entry.artist.take().or(tags.artist);
            entry.isrc = entry.isrc.take().or(tags.isrc);
        }
        let first = self.file.songs.first().and_then(|entry| entry.artist.clone());
        let same = self.file.songs.iter().all(|entry| entry.artist == first);
        if self.file.artist.is_none() && same {
            self.file.artist = first;
        }
    }
}

/// The songs before they are read.
struct Listed {
    file: AlbumFile,
    folder: PathBuf,
    paths: Vec<PathBuf>,
    /// Whether somebody put them in this order.
    in_order: bool,
    /// Songs that lie beside the record's file, which does not name them.
    left_out: Vec<String>,
}

fn listed(paths: &[PathBuf]) -> Result<Listed, Error> {
    match paths {
        [path] if path.is_dir() && path.join(ALBUM_FILE).is_file() => said(&path.join(ALBUM_FILE)),
        [path] if path.is_dir() => {
            let files = in_folder(path)?;
            Ok(named(files, path.clone(), false))
        }
        [path] if is_album_file(path) => said(path),
        files => {
            let mut seen = BTreeSet::new();
            for path in files {
                if !seen.insert(path) {
                    return Err(AlbumError::Twice { path: path.clone() }.into());
                }
            }
            let folder = files.first().and_then(|path| path.parent()).unwrap_or(Path::new(""));
            Ok(named(files.to_vec(), folder.to_owned(), true))
        }
    }
}

/// What an `album.toml` says.
fn said(path: &Path) -> Result<Listed, Error> {
    let wrong = |reason| AlbumError::File { path: path.to_owned(), reason };
    let mut file = AlbumFile::parse(&read_text(path)?).map_err(wrong)?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let folder = parent.unwrap_or(Path::new(".")).to_owned();
    if file.songs.is_empty() {
        let found = named(in_folder(&folder)?, folder, false);
        file.songs = found.file.songs;
        return Ok(Listed { file, ..found });
    }
    let mut paths = Vec::new();
    for (entry, number) in file.songs.iter().zip(1..) {
        let path = folder.join(&entry.file);
        if !path.is_file() {
            return Err(AlbumError::Missing { song: entry.name(number), path }.into());
        }
        paths.push(path);
    }
    let left_out = beside(&folder, &paths);
    Ok(Listed { file, folder, paths, in_order: true, left_out })
}

fn named(paths: Vec<PathBuf>, folder: PathBuf, in_order: bool) -> Listed {
    let entry = |path: &PathBuf| SongEntry {
        file: path.strip_prefix(&folder).unwrap_or(path).display().to_string(),
        ..SongEntry::default()
    };
    let songs = paths.iter().map(entry).collect();
    let schema = ALBUM_FILE_SCHEMA.to_owned();
    let file = AlbumFile { schema, songs, ..AlbumFile::default() };
    Listed { file, folder, paths, in_order, left_out: Vec::new() }
}

/// The names of songs in a folder that are none of these.
fn beside(folder: &Path, songs: &[PathBuf]) -> Vec<String> {
    let whole = |path: &PathBuf| path.canonicalize().unwrap_or_else(|_| path.clone());
    let known: BTreeSet<PathBuf> = songs.iter().map(whole).collect();
    let there = in_folder(folder).unwrap_or_default();
    let others = there.into_iter().filter(|path| !known.contains(&whole(path)));
    others.map(|path| Input::file(path).short_name()).collect()
}

/// The songs of a folder, in the order of their names.
fn in_folder(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = visible(folder)?;
    files.retain(|path| {
        let input = Input::File { path: path.clone(), root: Some(folder.to_owned()) };
        path.is_file() && is_sound(path) && !input.is_own_master()
    });
    if files.is_empty() {
        return Err(AlbumError::NoSongs { path: folder.to_owned() }.into());
    }
    files.sort_by(|a, b| natural_order(&a.to_string_lossy(), &b.to_string_lossy()));
    Ok(files)
}

/// What the tags of a song say of its record.
#[derive(Default)]
struct Tagged {
    number: Option<u32>,
    title: Option<String>,
    artist: Option<String>,
    album: Option<String>,
    date: Option<String>,
    genre: Option<String>,
    isrc: Option<String>,
}

impl Tagged {
    fn of(song: &Song) -> Self {
        let Ok((tags, _)) = song.tags(song.source().spec().sample_rate_hz) else {
            return Self::default();
        };
        let tag = |name: &str| {
            tags.comment(name)
                .map(|value| value.trim().to_owned())
                .filter(|value| !value.is_empty())
        };
        let number = tag("TRACKNUMBER");
        Self {
            // `3` or `3/12`.
            number: number.and_then(|text| text.split('/').next()?.trim().parse().ok()),
            title: tag("TITLE"),
            artist: tag("ARTIST"),
            album: tag("ALBUM"),
            // Of a moment the day; what is no date stays where it is.
            date: tag("DATE")
                .and_then(|text| text.split(['T', ' ']).next().map(str::to_owned))
                .filter(|date| is_date(date)),
            genre: tag("GENRE"),
            isrc: tag("ISRC"),
        }
    }
}

/// What more than half of the songs say of their record: one that was on another before does not name this one.
fn most_say(songs: &[Tagged], of: impl Fn(&Tagged) -> Option<&String>) -> Option<String> {
    let count = |text: &String| songs.iter().filter(|song| of(song) == Some(text)).count();
    let said = songs.iter().filter_map(&of).max_by_key(|text| count(text))?;
    (2 * count(said) > songs.len()).then(|| said.clone())
}

/// A file's name without its number: `01 Run` is `Run`.
fn plain(stem: &str) -> String {
    let rest = stem.trim_start_matches(|c: char| c.is_ascii_digit());
    let title = rest.trim_start_matches([' ', '.', '-', '_']);
    let numbered = rest.len() < stem.len() && title.len() < rest.len() && !title.is_empty();
    if numbered { title.to_owned() } else { stem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{Tagged, most_say, plain};

    #[test]
    fn a_record_is_called_what_most_of_its_songs_say() {
        let song =
            |album: Option<&str>| Tagged { album: album.map(str::to_owned), ..Tagged::default() };
        let title = |albums: &[Option<&str>]| {
            let songs: Vec<Tagged> = albums.iter().map(|&album| song(album)).collect();
            most_say(&songs, |song| song.album.as_ref())
        };
        assert_eq!(title(&[Some("A"), Some("B"), Some("A")]).as_deref(), Some("A"));
        assert_eq!(title(&[None, Some("B"), None]), None);
        assert_eq!(title(&[Some("A"), Some("B")]), None);
    }

    #[test]
    fn the_number_of_a_file_is_no_part_of_its_title() {
        assert_eq!(plain("01 Run"), "Run");
        assert_eq!(plain("2 - Slow Air"), "Slow Air");
        assert_eq!(plain("99 Luftballons"), "Luftballons");
        assert_eq!(plain("1979"), "1979");
        assert_eq!(plain("3rd Floor"), "3rd Floor");
    }
}
