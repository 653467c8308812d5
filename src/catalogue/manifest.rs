//! Lists of songs: manifests as JSON lines or comma-separated values, plain lists of names, folders.

use std::io::{BufRead, Read};
use std::path::Path;

use serde_json::{Map, Value};

#[cfg(feature = "cloud")]
use super::bucket::listed;
use super::entry::{Entry, Row, WrongRow};
use super::folder::LEDGER;
use super::shard::Shard;
use crate::{Error, inputs};

/// The column of a manifest that names the song.
const SONG: &str = "song";
/// How columns begin that are carried along.
const TAG: &str = "tags.";
/// What some programs put before text in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// Columns of which each value is text, even where it looks like a number.
const TEXTS: [&str; 3] = [SONG, "name", "style"];

/// The rows of a manifest that fall into `shard`: JSON lines, or comma-separated values (RFC 4180) under a heading with a column
/// `song`. `name` is what errors call it.
///
/// # Errors
/// When it cannot be read, or its heading is wrong. A wrong row is a [`Row::Wrong`].
pub fn read(name: &str, reader: &mut dyn Read, shard: Shard) -> Result<Vec<Row>, Error> {
    let mut reader = std::io::BufReader::new(reader);
    let unreadable = |reason: String| Error::Document { name: name.to_owned(), reason };
    let cannot = |error| unreadable(format!("cannot read: {error}"));
    if reader.fill_buf().map_err(cannot)?.starts_with(BYTE_ORDER_MARK) {
        reader.consume(BYTE_ORDER_MARK.len());
    }
    let beginning = reader.fill_buf().map_err(cannot)?;
    let rows = Rows { name, shard, rows: Vec::new() };
    let is_json = beginning.trim_ascii_start().first().is_none_or(|&byte| byte == b'{');
    if is_json { rows.json_lines(&mut reader) } else { rows.csv(&mut reader) }.map_err(unreadable)
}

/// The names in a list, a line each, or with NUL between them (`find -print0`), that fall into `shard`.
///
/// # Errors
/// When it cannot be read.
pub fn read_names(name: &str, reader: &mut dyn Read, shard: Shard) -> Result<Vec<String>, Error> {
    let mut bytes = Vec::new();
    let unreadable = |reason: String| Error::Document { name: name.to_owned(), reason };
    reader.read_to_end(&mut bytes).map_err(|error| unreadable(format!("cannot read: {error}")))?;
    let text =
        String::from_utf8(bytes).map_err(|_| unreadable("is not text in UTF-8".to_owned()))?;
    let separator = if text.contains('\0') { '\0' } else { '\n' };
    let names = text.split(separator).map(|name| name.trim_end_matches('\r'));
    Ok(names.filter(|name| !name.is_empty() && shard.holds(name)).map(str::to_owned).collect())
}

/// Is a folder a catalogue of masters? Its ledger has a folder for each division into shards.
fn is_catalogue(folder: &Path) -> bool {
    let shards = std::fs::read_dir(folder.join(LEDGER)).into_iter().flatten().flatten();
    let mut names = shards.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.any(|name| name.contains("-of-"))
}

/// The sound files below a folder that fall into `shard`, each named by its path in it: two machines that see the folder in different
/// places divide it alike. Folders in it that are catalogues hold masters, and no songs.
///
/// # Errors
/// When a folder cannot be read.
pub fn of_folder(root: &Path, shard: Shard) -> Result<Vec<Row>, Error> {
    let mut rows = Vec::new();
    for input in inputs::in_folder_but(root, &is_catalogue)? {
        let Some(path) = input.path() else { continue };
        let name = input.name_in_folder();
        if shard.holds(&name) {
            let song = path.to_string_lossy().into_owned();
            rows.push(Row::Song(Entry { name, ..Entry::plain(song) }));
        }
    }
    Ok(rows)
}

/// The sound files below an address that ends in `/` (`s3://bucket/songs/`) that fall into `shard`, each named by the rest of its own.
///
/// # Errors
/// When the store cannot be listed, or stores are not built in.
pub fn of_bucket(address: &str, shard: Shard) -> Result<Vec<Row>, Error> {
    let mut rows = Vec::new();
    for song in listed(address)? {
        let name = song.strip_prefix(address).unwrap_or(&song).to_owned();
        if inputs::is_sound(Path::new(&name)) && shard.holds(&name) {
            rows.push(Row::Song(Entry { name, ..Entry::plain(song) }));
        }
    }
    Ok(rows)
}

#[cfg(not(feature = "cloud"))]
fn listed(address: &str) -> Result<Vec<String>, Error> {
    Err(Error::NoStores { address: address.to_owned() })
}

struct Rows<'a> {
    name: &'a str,
    shard: Shard,
    rows: Vec<Row>,
}

impl Rows<'_> {
    fn json_lines(mut self, reader: &mut dyn BufRead) -> Result<Vec<Row>, String> {
        let mut line = Vec::new();
        let mut number = 0;
        loop {
            line.clear();
            let any = reader
                .read_until(b'\n', &mut line)
                .map_err(|error| format!("cannot read: {error}"))?;
            if any == 0 {
                return Ok(self.rows);
            }
            number += 1;
            let text = line.trim_ascii();
            if !text.is_empty() {
                let text = std::str::from_utf8(text).map_err(|_| "is not text in UTF-8".to_owned());
                self.take(number, text.and_then(Entry::parse));
            }
        }
    }

    fn csv(mut self, reader: &mut dyn BufRead) -> Result<Vec<Row>, String> {
        let mut heading: Option<Vec<String>> = None;
        let mut number = 0;
        while let Some(cells) =
            next_record(reader).map_err(|reason| format!("row {}: {reason}", number + 1))?
        {
            number += 1;
            if cells.iter().all(String::is_empty) {
                continue;
            }
            match &heading {
                None => heading = Some(checked_heading(cells)?),
                Some(columns) => self.take(number, entry_of(columns, cells)),
            }
        }
        Ok(self.rows)
    }

    fn take(&mut self, number: usize, entry: Result<Entry, String>) {
        match entry {
            Ok(entry) => {
                if self.shard.holds(&entry.name) {
                    let shared = self.rows.last().and_then(|row| match row {
                        Row::Song(before) if before.wishes == entry.wishes => {
                            Some(before.wishes.clone())
                        }
                        _ => None,
                    });
                    let wishes = shared.unwrap_or_else(|| entry.wishes.clone());
                    self.rows.push(Row::Song(Entry { wishes, ..entry }));
                }
            }
            Err(reason) => {
                let place = format!("{}:{number}", self.name);
                if self.shard.holds(&place) {
                    self.rows.push(Row::Wrong(WrongRow { place, reason }));
                }
            }
        }
    }
}

/// The columns, where they are known: a misspelt wish is found before the first song, not after the last.
fn checked_heading(cells: Vec<String>) -> Result<Vec<String>, String> {
    let columns: Vec<String> = cells.iter().map(|cell| cell.trim().to_owned()).collect();
    if !columns.iter().any(|column| column == SONG) {
        let columns = columns.join(", ");
        return Err(format!("has no column song in its heading ({columns}), and is no JSON lines"));
    }
    for column in columns.iter().filter(|column| *column != SONG && !column.starts_with(TAG)) {
        // What nobody knows is wrong whatever its value.
        let probe = [(SONG, Value::from("x")), (column.as_str(), Value::Bool(true))];
        let row = probe.map(|(column, value)| (column.to_owned(), value)).into_iter().collect();
        if Entry::of_fields(row).is_err_and(|error| error.starts_with("unknown field")) {
            return Err(format!(
                "has a column {column}, which is no wish; tags.{column} is carried along"
            ));
        }
    }
    Ok(columns)
}

fn entry_of(columns: &[String], cells: Vec<String>) -> Result<Entry, String> {
    if cells.len() != columns.len() {
        return Err(format!("has {} cells, and the heading {}", cells.len(), columns.len()));
    }
    let mut fields = Map::new();
    let mut tags = Map::new();
    for (column, cell) in columns.iter().zip(cells).filter(|(_, cell)| !cell.trim().is_empty()) {
        if let Some(tag) = column.strip_prefix(TAG) {
            tags.insert(tag.to_owned(), cell.into());
            continue;
        }
        let list = || -> Value { cell.split(';').map(|one| Value::from(one.trim())).collect() };
        let value = match column.as_str() {
            "references" | "reference" | "match" => list(),
            name if TEXTS.contains(&name) => cell.into(),
            _ => serde_json::from_str(&cell).unwrap_or_else(|_| cell.into()),
        };
        fields.insert(column.clone(), value);
    }
    if !tags.is_empty() {
        fields.insert("tags".to_owned(), tags.into());
    }
    Entry::of_fields(fields)
}

/// The cells of the next record; a quoted cell may hold commas, quotes and ends of lines.
fn next_record(reader: &mut dyn BufRead) -> Result<Option<Vec<String>>, String> {
    let (mut cells, mut cell, mut quoted, mut any) = (Vec::new(), Vec::new(), false, false);
    let text = |cell: &mut Vec<u8>| {
        String::from_utf8(std::mem::take(cell))
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    };
    let mut line = Vec::new();
    loop {
        line.clear();
        let count =
            reader.read_until(b'\n', &mut line).map_err(|error| format!("cannot read: {error}"))?;
        if count == 0 && quoted {
            return Err("a quote that opens in it is not closed".to_owned());
        }
        if count == 0 {
            return if any {
                cells.push(text(&mut cell));
                Ok(Some(cells))
            } else {
                Ok(None)
            };
        }
        any = true;
        let mut bytes = line.iter().copied().peekable();
        while let Some(byte) = bytes.next() {
            match byte {
                b'"' if quoted && bytes.peek() == Some(&b'"') => {
                    bytes.next();
                    cell.push(byte);
                }
                b'"' => quoted = !quoted,
                b',' if !quoted => cells.push(text(&mut cell)),
                b'\r' | b'\n' if !quoted => {}
                _ => cell.push(byte),
            }
        }
        if !quoted {
            cells.push(text(&mut cell));
            return Ok(Some(cells));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Row> {
        read("list", &mut text.as_bytes(), Shard::ALL).unwrap()
    }

    #[test]
    fn a_table_says_what_lines_of_json_say() {
        let table = "\u{feff}song,references,target,lufs,tags.isrc\n\"a, b.wav\",r.flac;s.flac,cd,-11,X1\nc.wav,,,,\n";
        let lines = concat!(
            r#"{"song":"a, b.wav","references":["r.flac","s.flac"],"target":"cd","lufs":-11,"tags":{"isrc":"X1"}}"#,
            "\n\n",
            r#"{"song":"c.wav"}"#
        );
        assert_eq!(rows(table), rows(lines));
    }

    #[test]
    fn one_wrong_row_is_that_row_alone() {
        let rows = rows("{\"song\":\"a.wav\"}\n{\"song\":}\n{\"song\":\"b.wav\"}\n");
        assert_eq!(rows.len(), 3);
        let Row::Wrong(wrong) = &rows[1] else { panic!("{rows:?}") };
        assert_eq!(wrong.place, "list:2");
        assert!(wrong.reason.starts_with("is no JSON"), "{}", wrong.reason);
    }

    #[test]
    fn a_heading_with_a_wish_that_nobody_knows_is_refused() {
        let error =
            |text: &str| read("list", &mut text.as_bytes(), Shard::ALL).unwrap_err().to_string();
        assert_eq!(
            error("song,luf\na.wav,-9\n"),
            "list: has a column luf, which is no wish; tags.luf is carried along"
        );
        assert!(error("a.wav,b.wav\n").contains("no column song"));
        let unclosed = "song,tags.n\na.wav,\"open\nb.wav,x\nc.wav,y\n";
        assert_eq!(error(unclosed), "list: row 2: a quote that opens in it is not closed");
    }

    #[test]
    fn a_list_may_have_lines_or_nuls() {
        let names = |text: &str| read_names("list", &mut text.as_bytes(), Shard::ALL).unwrap();
        assert_eq!(names("a.wav\r\n\nb.wav"), ["a.wav", "b.wav"]);
        assert_eq!(names("a\nb.wav\0c.wav\0"), ["a\nb.wav", "c.wav"]);
    }
}
