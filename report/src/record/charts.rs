//! Charts of a record: its loudness from beginning to end, and the tone of each song.

use acetate_audio::numbers::signed;
use acetate_optimizer::album::{AlbumSong, tone_tolerance_db};

use super::{RecordPage, SongTone, duration_s};
use crate::axis::Axis;
use crate::chart::Chart;
use crate::figure::{Key, figure, side_by_side};
use crate::html::{escape, words};
use crate::level::{LOUDNESS_RANGE_LU, thinned};

/// Sectors of a disc in a second.
const SECTORS_PER_S: f64 = 75.0;
/// The least and the most of a distance in tone that is drawn at its place, dB.
const AWAY_SHOWN_DB: (f64, f64) = (6.0, 15.0);

/// Loudness over the whole time line with the songs marked, and how loud their loud parts were to be.
pub(super) fn loudness(page: RecordPage<'_>) -> String {
    let document = page.document;
    let values = || page.series.short_term_lufs.iter().flatten().copied();
    let highest = values().fold(f64::NEG_INFINITY, f64::max);
    if !highest.is_finite() {
        return String::new();
    }
    let lowest = values().fold(highest, f64::min).max(highest - LOUDNESS_RANGE_LU);
    let mut chart =
        Chart::new(Axis::time(duration_s(document)), Axis::linear(lowest, highest), 240.0);
    let start_s =
        |song: &AlbumSong| song.start_frame as f64 / f64::from(document.sample_rate_hz.max(1));
    for song in &document.songs {
        chart.mark(start_s(song), &song.number.to_string());
    }
    // To where the silence before the next song begins.
    let next =
        document.songs.iter().skip(1).map(|song| f64::from(song.pause_sector) / SECTORS_PER_S);
    let ends_s = next.chain([duration_s(document)]);
    let planned: Vec<(f64, Option<f64>)> = document
        .songs
        .iter()
        .zip(ends_s)
        .flat_map(|(song, end_s)| {
            let top = Some(document.loudest_top_lufs - song.level.under_lu);
            [(start_s(song), top), (end_s, top), (end_s, None)]
        })
        .collect();
    chart.line("after", thinned(page.series, lowest));
    chart.line("aim", planned.into_iter());
    let text = "Each point is the loudness of the three seconds around it (short-term, EBU Tech 3341). A song's loud parts are what it exceeds for a twentieth of its time.";
    let keys: [Key; 2] = [("after", "record".into()), ("aim", "loud parts as planned".into())];
    let svg = chart.finish("loudness", "Loudness over the record, its songs marked", text);
    format!(
        "<section><h2>Loudness from beginning to end</h2>\n{}</section>\n",
        figure("Loudness over time", "LUFS", &keys, &svg, text)
    )
}

/// The tone of each song against the record, a chart each.
pub(super) fn tones(page: RecordPage<'_>) -> String {
    let values = page.tones.iter().flat_map(|tone| tone.mix_db.iter().chain(&tone.master_db));
    let most = values.flatten().fold(AWAY_SHOWN_DB.0, |most, db| most.max(db.abs()));
    let span_db = most.min(AWAY_SHOWN_DB.1);
    let songs = page.document.songs.iter().zip(page.tones);
    let charts: String =
        songs.map(|(song, tone)| song_tone(song, tone, page.third_octave_hz, span_db)).collect();
    format!(
        "<section><h2>Tone of the songs</h2>\n<p class=\"soft\">How far each song is from the middle of the record, dashed as a mix, drawn through as a master. Inside the green band songs are left alone.</p>\n{}</section>\n",
        side_by_side("three", "Tone of each song", &charts)
    )
}

fn song_tone(song: &AlbumSong, tone: &SongTone, hz: &[f64], span_db: f64) -> String {
    let mut chart = Chart::new(Axis::frequency(), Axis::linear(-span_db, span_db), 300.0);
    let band: Vec<(f64, f64, f64)> =
        hz.iter().map(|&hz| (hz, -tone_tolerance_db(hz), tone_tolerance_db(hz))).collect();
    chart.area("", &band);
    let points = |levels: &[Option<f64>]| -> Vec<(f64, Option<f64>)> {
        let shown = |db: &Option<f64>| db.map(|db| db.clamp(-span_db, span_db));
        hz.iter().copied().zip(levels.iter().map(shown)).collect()
    };
    chart.line("before", points(&tone.mix_db).into_iter());
    chart.line("after", points(&tone.master_db).into_iter());
    let worst = tone.master_db.iter().zip(hz).filter_map(|(db, &hz)| Some(((*db)?, hz)));
    let worst = worst.max_by(|a, b| a.0.abs().total_cmp(&b.0.abs()));
    let furthest = worst.map_or_else(String::new, |(db, hz)| {
        let at = acetate_audio::numbers::frequency(hz);
        format!("The master is furthest at {at}: {} dB. ", signed(db, 1))
    });
    let own = match song.tone.own.as_str() {
        "ok" => "Nothing is done to it alone.".to_owned(),
        own => format!("Alone: {own}."),
    };
    let text = format!("{furthest}{own}");
    let keys: [Key; 2] = [("before", "mix".into()), ("after", "master".into())];
    let number = song.number;
    let heading = format!("{number} {}", escape(&song.title));
    let title = format!("Tone of {} against the record", song.title);
    let svg = chart.finish(&format!("tone-{number}"), &title, &text);
    figure(&heading, "dB", &keys, &svg, &words(&text))
}
