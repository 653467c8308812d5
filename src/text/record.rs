//! The table of a record.

use acetate_optimizer::repairs_in_words;

use super::table::{Align, Table, WIDTH, wrap};
use crate::album::{AlbumDocument, AlbumSong, StartKind};

/// Before each line of reasons but the first.
const INDENT: &str = "     ";

/// A row a song, why it stands where it stands, and the record in one line.
pub fn table(document: &AlbumDocument) -> String {
    let mut table = Table::new(&[
        ("#", Align::Right),
        ("song", Align::Left),
        ("mix", Align::Right),
        ("master", Align::Right),
        ("under", Align::Right),
        ("tone", Align::Left),
        ("before it", Align::Left),
    ]);
    for song in &document.songs {
        let lufs = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |v| format!("{v:.1}"));
        table.row([
            song.number.to_string(),
            short(&song.title, 16),
            lufs(song.level.mix_lufs),
            lufs(song.level.master_lufs),
            format!("{:.1}", song.level.under_lu),
            tone(song),
            before(song),
        ]);
    }
    let mut text = table.lines().join("\n");
    for song in &document.songs {
        let mended = repairs_in_words(&song.restore);
        let mended = mended.map_or(String::new(), |what| format!("mended: {what}; "));
        let why = format!("{mended}{}; before it: {}", song.level.because, song.before_it.because);
        let lines = wrap(&why, WIDTH - INDENT.len(), INDENT);
        text.push_str(&format!("\n{:>3}  {lines}", song.number));
    }
    text.push_str(&format!("\n Record  {}\n", document.summary));
    text
}

/// `ok`, or the largest move.
fn tone(song: &AlbumSong) -> String {
    let mut moves = song.tone.own.split(", ");
    let first = moves.next().unwrap_or_default().replace(" at ", " ");
    if moves.next().is_some() { format!("{first}, \u{2026}") } else { first }
}

fn before(song: &AlbumSong) -> String {
    let start = &song.before_it;
    match start.kind {
        StartKind::Join => "join".to_owned(),
        StartKind::Crossfade => format!("{:.1} s crossfade", start.seconds),
        StartKind::Gap if song.number == 1 => "-".to_owned(),
        StartKind::Gap => format!("{:.1} s", start.seconds),
    }
}

fn short(text: &str, letters: usize) -> String {
    if text.chars().count() <= letters {
        return text.to_owned();
    }
    text.chars().take(letters - 1).chain(['\u{2026}']).collect()
}
