//! The table of a record: levels before and after, tone, what is before each song, and why.

use acetate_optimizer::album::{AlbumDocument, AlbumSong, StartKind};
use acetate_optimizer::repairs_in_words;

use crate::html::{escape, number, words};

/// Columns of the table; the reasons stand under the numbers across the rest.
const COLUMNS: usize = 7;

/// A row a song with its reasons under it.
pub(super) fn songs(document: &AlbumDocument) -> String {
    let rows: String = document.songs.iter().map(row).collect();
    let head = |name: &str, unit: &str| {
        format!("<th scope=\"col\" class=\"n\">{name} <span class=\"unit\">{unit}</span></th>")
    };
    let heads = [
        head("mix", "LUFS"),
        head("master", "LUFS"),
        head("under", "LU"),
        head("peak", "dBTP").replace("class=\"n\"", "class=\"n opt\""),
        head("tone away", "dB").replace("class=\"n\"", "class=\"n opt\""),
    ]
    .concat();
    format!(
        "<section><h2>Songs</h2><div class=\"table\"><table id=\"songs\"><thead><tr><th scope=\"col\">song</th>{heads}<th scope=\"col\">before it</th></tr></thead>{rows}</table></div></section>\n"
    )
}

fn row(song: &AlbumSong) -> String {
    let level = &song.level;
    let cell = |text: String, class: &str| format!("<td class=\"n{class}\">{text}</td>");
    let cells = [
        cell(number(level.mix_lufs, 1), ""),
        cell(number(level.master_lufs, 1), ""),
        cell(number(Some(level.under_lu), 1), ""),
        cell(number(level.master_dbtp, 1), " opt"),
        cell(number(Some(song.tone.distance_db), 1), " opt"),
    ]
    .concat();
    let number = song.number;
    format!(
        "<tbody><tr class=\"with-why\"><th scope=\"row\" id=\"s{number}\">{number} {}</th>{cells}<td>{}</td></tr><tr><td colspan=\"{COLUMNS}\" headers=\"s{number}\" class=\"why soft\">{}</td></tr></tbody>",
        escape(&song.title),
        before(song),
        why(song)
    )
}

fn before(song: &AlbumSong) -> String {
    let start = &song.before_it;
    match start.kind {
        StartKind::Join => "join".to_owned(),
        StartKind::Crossfade => format!("{} s crossfade", number(Some(start.seconds), 1)),
        StartKind::Gap if song.number == 1 => "\u{2013}".to_owned(),
        StartKind::Gap => format!("{} s", number(Some(start.seconds), 1)),
    }
}

/// Reasons for level, tone and what is before the song.
fn why(song: &AlbumSong) -> String {
    let tone = match song.tone.own.as_str() {
        "ok" => song.tone.because.clone(),
        own => format!("{own}; {}", song.tone.because),
    };
    let mended = repairs_in_words(&song.restore).unwrap_or_default();
    let reasons = [
        ("Mended", &mended),
        ("Level", &song.level.because),
        ("Tone", &tone),
        ("Before it", &song.before_it.because),
    ];
    let lines = reasons.iter().filter(|(_, text)| !text.is_empty());
    lines
        .map(|(name, text)| format!("<span>{name}: {}</span>", words(text)))
        .collect::<Vec<_>>()
        .join(" ")
}
