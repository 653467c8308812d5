//! The page of a record: what was decided for every song and why, its loudness from beginning to end, its tone song by song.

mod charts;
mod songs;

use acetate_analyzer::Series;
use acetate_audio::numbers::{counted, duration, rate};
use acetate_optimizer::album::{AlbumDocument, AlbumGroup, Anchor};

use crate::html::{escape, number, words};
use crate::listening::Listening;
use crate::page::html;
use crate::player::player;

/// What the page of a record is made from.
#[derive(Clone, Copy, Debug)]
pub struct RecordPage<'a> {
    /// What was decided, and what came of it.
    pub document: &'a AlbumDocument,
    /// The whole record over time, as it was written.
    pub series: &'a Series,
    /// Centres of the third octaves of [`RecordPage::tones`], Hz.
    pub third_octave_hz: &'a [f64],
    /// The tone of each song.
    pub tones: &'a [SongTone],
    /// The folders that were written: their names, and what is to be said of each.
    pub layouts: &'a [(String, String)],
    /// What is wrong with the mixes, a line each.
    pub remarks: &'a [String],
    /// What can be heard.
    pub sound: Option<&'a Listening<'a>>,
}

/// How far a song's third octaves are from the middle of its record, dB; `None` where there is no signal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SongTone {
    /// The mix, from the middle of the mixes.
    pub mix_db: Vec<Option<f64>>,
    /// The written song, from the middle of those that were written.
    pub master_db: Vec<Option<f64>>,
}

/// The page of a record as HTML.
///
/// # Panics
/// When songs and their tones are not equally many.
pub fn record_page(page: RecordPage<'_>) -> String {
    assert_eq!(page.document.songs.len(), page.tones.len(), "a tone for each song");
    let title = match page.document.title.as_str() {
        "" => "Record",
        title => title,
    };
    let mut body = head(title, page);
    if let Some(listening) = page.sound {
        body.push_str(&player(listening));
    }
    body.push_str(&songs::songs(page.document));
    body.push_str(&remarks(page.remarks));
    body.push_str(&charts::loudness(page));
    body.push_str(&charts::tones(page));
    body.push_str(&provenance(page.document));
    html(title, &body, page.sound.is_some())
}

/// Title, verdict, and the numbers of the whole.
fn head(title: &str, page: RecordPage<'_>) -> String {
    let document = page.document;
    let missed = document.summary.contains("missed");
    let (class, mark, headline) = match missed {
        false => ("met", "\u{2713}", "On target"),
        true => ("missed", "\u{2717}", "Off target"),
    };
    let notes: String = document
        .notes
        .iter()
        .map(|note| format!("<p class=\"soft\">{}</p>", words(note)))
        .collect();
    let artist = match document.artist.as_str() {
        "" => String::new(),
        artist => format!("{} \u{b7} ", escape(artist)),
    };
    format!(
        "<header><p class=\"brand\">acetate</p><h1>{}</h1><p class=\"soft\">{artist}{} \u{b7} {} \u{b7} {}</p></header>\n\
         <section class=\"verdict {class}\" aria-labelledby=\"headline\"><h2 id=\"headline\"><span aria-hidden=\"true\">{mark}</span> {headline}</h2><p>{}</p>{notes}<dl class=\"tiles\">{}</dl>{}</section>\n",
        escape(title),
        counted(document.songs.len(), "song"),
        duration(duration_s(document)),
        rate(document.sample_rate_hz),
        words(&document.summary),
        tiles(document),
        layouts(page.layouts)
    )
}

/// Length of the record, seconds.
fn duration_s(document: &AlbumDocument) -> f64 {
    document.frames as f64 / f64::from(document.sample_rate_hz.max(1))
}

fn tiles(document: &AlbumDocument) -> String {
    let tile = |name: &str, value: String, unit: &str, said: String| {
        format!(
            "<div><dt>{name}</dt><dd><b>{value}</b> <span class=\"unit\">{unit}</span><span class=\"soft\">{said}</span></dd></div>"
        )
    };
    let target = &document.target;
    // A recording that was cut is as loud as it was before.
    let fades = |group: &&AlbumGroup| !group.before_fades.is_empty();
    let lufs_of = |number: &usize| document.songs.get(number - 1)?.level.master_lufs;
    let alone = document.groups.iter().filter(|group| !fades(group));
    let crossed = document.groups.iter().filter(fades).flat_map(|group| &group.songs);
    let all = alone.filter_map(|group| group.master_lufs).chain(crossed.filter_map(lufs_of));
    let loudest = all.reduce(f64::max);
    let aim = target
        .integrated_lufs
        .filter(|_| document.anchor == Anchor::Loudest)
        .map(|lufs| lufs - document.lowered_lu);
    let under = document.songs.iter().map(|song| song.level.under_lu).fold(0.0, f64::max);
    let own = document.songs.iter().filter(|song| song.tone.own != "ok").count();
    [
        tile(
            "Loudest song",
            number(loudest, 1),
            "LUFS",
            aim.map_or_else(String::new, |aim| format!("aim {}", number(Some(aim), 1))),
        ),
        tile("Whole record", number(document.integrated_lufs, 1), "LUFS", String::new()),
        tile(
            "True peak",
            number(document.true_peak_dbtp, 1),
            "dBTP",
            format!("at most {}", number(Some(target.true_peak_dbtp), 1)),
        ),
        tile("Quietest song", number(Some(under), 1), "LU under", "by its loud parts".to_owned()),
        tile("Eased in tone", own.to_string(), "songs", "the others as they are".to_owned()),
    ]
    .concat()
}

/// What is wrong with the mixes; nothing where nothing is.
fn remarks(lines: &[String]) -> String {
    let lines: String = lines.iter().map(|line| format!("<li>{}</li>", words(line))).collect();
    match lines.as_str() {
        "" => lines,
        _ => {
            format!("<section><h2>About the mixes</h2><ul class=\"rules\">{lines}</ul></section>\n")
        }
    }
}

fn layouts(layouts: &[(String, String)]) -> String {
    let line = |(name, said): &(String, String)| match said.as_str() {
        "" => format!("<li>{}</li>", escape(name)),
        said => format!("<li>{} <span class=\"soft\">{}</span></li>", escape(name), words(said)),
    };
    let lines: String = layouts.iter().map(line).collect();
    if lines.is_empty() { lines } else { format!("<ul class=\"players layouts\">{lines}</ul>") }
}

fn provenance(document: &AlbumDocument) -> String {
    let made = &document.made_by;
    let mut lines = vec![("Target", escape(&document.target.id))];
    lines.extend(
        made.command
            .as_ref()
            .map(|command| ("Command", format!("<code>{}</code>", escape(command)))),
    );
    let tool = format!("{} {}, sound {}, seed {}", made.tool, made.version, made.sound, made.seed);
    lines.push(("Made by", escape(&tool)));
    let lines: String = lines
        .iter()
        .map(|(name, text)| format!("<div><dt>{name}</dt><dd>{text}</dd></div>"))
        .collect();
    format!("<footer><dl>{lines}</dl><p>This page loads nothing and sends nothing.</p></footer>\n")
}
