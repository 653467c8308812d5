//! Vinyl and cassette: a file a side.

use std::fmt::Write as _;
use std::fs;
use std::ops::Range;
use std::path::Path;

use acetate_audio::{Audio, AudioSpec, PcmBlock, PcmMd5, SampleFormat};
use acetate_engine::settings::{Bits, OutputFormat, OutputSettings};
use acetate_files::{FirstPass, Tags};
use acetate_layouts::{
    CASSETTE_LEAD_S, Cassette, Groove, GrooveFindingKind, GrooveMeter, Record, SidePlan,
    plan_cassette, plan_sides,
};
use acetate_optimizer::album::{Again, RecordPlan, render_record_again};

use super::staging::Staging;
use super::takers::{Takers, format_of};
use super::{Album, AlbumError, AlbumPlan, AlbumRequest, Layout};
use crate::observer::Watch;
use crate::output::render::came_of;
use crate::{Error, Stage};

/// Most sides that are tried where nobody says how many: four records.
const SIDES_MAX: usize = 8;
/// A side is not cut lower than this on purpose, dB: it takes another record.
const LEVEL_DB_MIN: f64 = -6.0;

/// A short side has more room than a cutter uses: hot singles are cut so, dB. What is found is found at this level at most.
const LEVEL_DB_MAX: f64 = 9.0;

fn output(plan: &AlbumPlan) -> OutputSettings {
    OutputSettings { format: OutputFormat::Wav, bits: Bits::Int24, ..plan.output.clone() }
}

/// The name of a side: A, B, ...
fn letter(side: usize) -> char {
    char::from(b'A' + side as u8)
}

/// Renders a record for `take`, block by block.
pub(super) fn render_whole(
    record: &RecordPlan,
    output: &OutputSettings,
    channels: usize,
    take: &mut dyn FnMut(&PcmBlock) -> Result<(), Error>,
    watch: &Watch<'_>,
) -> Result<(), Error> {
    render_rest(record, output, channels, &mut |_, _| Ok(false), take, watch)
}

/// The same, where `again` has the samples of some groups.
pub(super) fn render_rest(
    record: &RecordPlan,
    output: &OutputSettings,
    channels: usize,
    again: &mut Again<'_, Error>,
    take: &mut dyn FnMut(&PcmBlock) -> Result<(), Error>,
    watch: &Watch<'_>,
) -> Result<(), Error> {
    let frames = record.timeline.frames().max(1) as f64;
    let mut written = 0;
    let rendered = render_record_again(record, output, channels, again, &mut |block| {
        written += block.frames() as u64;
        watch.progress(Stage::Rendering, written as f64 / frames);
        take(block)
    });
    came_of(rendered, "the record", watch).map(|_| ())
}

/// Cassette: two files, the order kept, side A the longer one.
pub(super) fn cassette(
    album: &Album,
    plan: &AlbumPlan,
    request: &AlbumRequest,
    staging: &Staging,
    watch: &Watch<'_>,
) -> Result<String, Error> {
    let record = plan.record.for_cassette();
    let rate = record.timeline.sample_rate_hz;
    let places = places(&record);
    let seconds = |frame: u64| frame as f64 / f64::from(rate);
    let starts: Vec<f64> = places.iter().map(|range| seconds(range.start)).collect();
    let ends: Vec<f64> = places.iter().map(|range| seconds(range.end)).collect();
    let cassette = plan_cassette(&starts, &ends, &record.may_break(), request.tape)
        .map_err(AlbumError::from)?;
    let folder = staging.path(Layout::Cassette.name());
    let mut takers = Takers::default();
    let lead = (CASSETTE_LEAD_S * f64::from(rate)).round() as u64;
    let songs = [0..cassette.songs_on_a, cassette.songs_on_a..places.len()];
    for (side, songs) in songs.iter().enumerate().filter(|(_, songs)| !songs.is_empty()) {
        let range = places[songs.start].start..places[songs.end - 1].end;
        let path = folder.join(format!("side {}.wav", letter(side)));
        let format = format_of(&output(plan), rate, 2);
        takers.sound(&path, format, &Tags::none(), range, lead)?;
    }
    render_whole(&record, &output(plan), 2, &mut |block| takers.take(block), watch)?;
    takers.finish()?;
    write(&folder.join("sides.txt"), &cassette_sheet(album, &cassette))?;
    let [a, b] = cassette.sides_s.map(minutes);
    Ok(format!("C{}: side A {a}, side B {b}", cassette.tape.minutes))
}

/// Vinyl: a file a side with its cue, and what a cutting engineer wants to know.
pub(super) fn vinyl(
    album: &Album,
    plan: &AlbumPlan,
    request: &AlbumRequest,
    staging: &Staging,
    watch: &Watch<'_>,
) -> Result<String, Error> {
    let record = plan.record.for_vinyl();
    let rate = record.timeline.sample_rate_hz;
    let folder = staging.path(Layout::Vinyl.name());
    let whole = folder.join("whole.wav");
    let mut takers = Takers::default();
    let format = format_of(&output(plan), rate, 2);
    takers.sound(&whole, format, &Tags::none(), 0..record.timeline.frames(), 0)?;
    render_whole(&record, &output(plan), 2, &mut |block| takers.take(block), watch)?;
    takers.finish()?;
    let mut meter = GrooveMeter::new(rate, request.vinyl.speed);
    each_block(&whole, &mut |block| {
        meter.push(block.channel(0), block.channel(1));
        Ok(())
    })?;
    let groove = meter.finish();
    let places = places(&record);
    let seconds: Vec<Range<f64>> = places
        .iter()
        .map(|range| range.start as f64 / f64::from(rate)..range.end as f64 / f64::from(rate))
        .collect();
    let sides = sides_of(album, &record, &groove, &seconds, request)?;
    // The sides, cut out of the whole.
    let mut takers = Takers::default();
    for side in 0..sides.first_songs.len() {
        let songs = songs_of(&sides, side, places.len());
        let range = places[songs.start].start..places[songs.end - 1].end;
        let name = format!("side {}.wav", letter(side));
        takers.sound(&folder.join(&name), format, &Tags::none(), range.clone(), 0)?;
        let cue = side_cue(album, &name, songs, &places, rate);
        write(&folder.join(format!("side {}.cue", letter(side))), &cue)?;
    }
    let mut pcm = PcmBlock::new(AudioSpec::new(rate, 2), SampleFormat::Int24);
    each_block(&whole, &mut |block| {
        pcm.encode_from(block);
        takers.take(&pcm)
    })?;
    takers.finish()?;
    fs::remove_file(&whole).map_err(|reason| Error::Write { path: whole.clone(), reason })?;
    let sheet = vinyl_sheet(album, &sides, &groove, &seconds, request.vinyl);
    write(&folder.join("sides.txt"), &sheet)?;
    let levels: Vec<String> = (0..sides.first_songs.len())
        .map(|side| format!("{} {:+.1} dB", letter(side), sides.levels_db[side].min(LEVEL_DB_MAX)))
        .collect();
    Ok(format!("{} inch: {}", request.vinyl.inches, levels.join(", ")))
}

/// Where each song sounds: to the pause before the next.
fn places(record: &RecordPlan) -> Vec<Range<u64>> {
    let timeline = &record.timeline;
    (0..timeline.songs.len())
        .map(|song| {
            let end = timeline.songs.get(song + 1).map_or(timeline.end, |next| next.pause_start);
            timeline.frame(timeline.songs[song].start)..timeline.frame(end)
        })
        .collect()
}

fn songs_of(sides: &SidePlan, side: usize, songs: usize) -> Range<usize> {
    sides.first_songs[side]..sides.first_songs.get(side + 1).copied().unwrap_or(songs)
}

/// The sides that the record's file names; else as many as were asked for; else as few as hold the music.
fn sides_of(
    album: &Album,
    record: &RecordPlan,
    groove: &Groove,
    seconds: &[Range<f64>],
    request: &AlbumRequest,
) -> Result<SidePlan, Error> {
    let mut level = |from: usize, to: usize| {
        let side = seconds[from].start..seconds[to - 1].end;
        groove.side_level(side, request.vinyl).map(|level| level.level_db)
    };
    let mut may_break = record.may_break();
    let said: Vec<Option<char>> = album.file.songs.iter().map(|entry| entry.side).collect();
    if said.iter().any(Option::is_some) {
        let mut now = 'A';
        let mut sides = 1;
        for song in 1..said.len() {
            let next = said[song].unwrap_or(now);
            may_break[song - 1] = next != now;
            sides += usize::from(next != now);
            now = next;
        }
        return Ok(plan_sides(&may_break, sides, &mut level).map_err(AlbumError::from)?);
    }
    if let Some(sides) = request.sides {
        return Ok(plan_sides(&may_break, sides, &mut level).map_err(AlbumError::from)?);
    }
    let pieces = may_break.iter().filter(|&&may| may).count();
    let counts = std::iter::once(2.min(pieces)).chain((4..=SIDES_MAX).step_by(2));
    let mut found = Err(acetate_layouts::SidesError::TooLong { sides: SIDES_MAX });
    for sides in counts.filter(|&sides| sides <= pieces) {
        match plan_sides(&may_break, sides, &mut level) {
            Ok(plan) if plan.quietest_db() >= LEVEL_DB_MIN => return Ok(plan),
            // More sides are louder; without more songs it stays as it is.
            other => found = other.or(found),
        }
    }
    Ok(found.map_err(AlbumError::from)?)
}

fn side_cue(
    album: &Album,
    name: &str,
    songs: Range<usize>,
    places: &[Range<u64>],
    rate: u32,
) -> String {
    let clean = |text: &str| text.replace('"', "'");
    let mut cue = format!("FILE \"{name}\" WAVE\r\n");
    let begin = places[songs.start].start;
    for (song, number) in songs.zip(1..) {
        let sectors = (places[song].start - begin) * 75 / u64::from(rate);
        let place = acetate_layouts::Sectors(sectors as u32);
        let title = clean(album.title(song));
        let _ = write!(
            cue,
            "  TRACK {number:02} AUDIO\r\n    TITLE \"{title}\"\r\n    INDEX 01 {place}\r\n"
        );
    }
    cue
}

fn vinyl_sheet(
    album: &Album,
    sides: &SidePlan,
    groove: &Groove,
    seconds: &[Range<f64>],
    record: Record,
) -> String {
    let mut sheet = format!(
        "{}\n{} inch, {} a turn\n\nLevel: full scale over 5 cm/s RMS sideways at 1 kHz, with the side filled, +9 dB at most.\nThe groove model is computed, not cut: let the cutting engineer decide.\n",
        album.file.title.as_deref().unwrap_or("Record"),
        record.inches,
        format_args!("{:.2} s", record.speed.turn_s()),
    );
    for side in 0..sides.first_songs.len() {
        let songs = songs_of(sides, side, seconds.len());
        let range = seconds[songs.start].start..seconds[songs.end - 1].end;
        let level_db = sides.levels_db[side].min(LEVEL_DB_MAX);
        let length = minutes(range.end - range.start);
        let _ = writeln!(sheet, "\nSide {}   {length}   {level_db:+.1} dB", letter(side));
        for song in songs.clone() {
            let at = minutes(seconds[song].start - range.start);
            let _ = writeln!(sheet, "  {at:>6}  {}", album.title(song));
        }
        for finding in groove.findings(range.clone(), record, level_db) {
            let places: Vec<String> =
                grouped_times(&finding.at_s).iter().map(|&s| minutes(s)).collect();
            let (worst, limit) = (finding.worst_um, finding.limit_um);
            let text = match finding.kind {
                GrooveFindingKind::Sibilance => format!(
                    "  Sibilance: curves down to {worst:.0} um radius, a stylus traces {limit:.0}: de-ess at"
                ),
                GrooveFindingKind::LowEnd => format!(
                    "  Low end out of phase: the groove rises {worst:.0} um, more than {limit:.0}: narrow the bass at"
                ),
            };
            let _ = writeln!(sheet, "{text} {}", places.join(", "));
        }
        let brightness = |song: usize| groove.brightness_db(seconds[song].clone());
        let brightest = songs.clone().filter_map(|song| Some((song, brightness(song)?)));
        if let Some((song, _)) = brightest.max_by(|a, b| a.1.total_cmp(&b.1))
            && songs.len() > 1
            && song == songs.end - 1
        {
            let _ = writeln!(
                sheet,
                "  {:?} is the brightest song of the side and lies at its end, where the same treble is hardest to trace",
                album.title(song)
            );
        }
    }
    sheet
}

fn cassette_sheet(album: &Album, cassette: &Cassette) -> String {
    let mut sheet = format!(
        "{}\nC{}\n",
        album.file.title.as_deref().unwrap_or("Record"),
        cassette.tape.minutes
    );
    let songs = [0..cassette.songs_on_a, cassette.songs_on_a..album.songs.len()];
    for (side, songs) in songs.into_iter().enumerate() {
        let _ = writeln!(sheet, "\nSide {}   {}", letter(side), minutes(cassette.sides_s[side]));
        for song in songs {
            let _ = writeln!(sheet, "  {}", album.title(song));
        }
    }
    sheet
}

/// Places that lie within two seconds of each other as one.
fn grouped_times(at_s: &[f64]) -> Vec<f64> {
    let mut grouped: Vec<f64> = Vec::new();
    let mut last = f64::NEG_INFINITY;
    for &at in at_s {
        if at - last > 2.0 {
            grouped.push(at);
        }
        last = at;
    }
    grouped
}

/// `3:07`.
pub(super) fn minutes(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    format!("{}:{:02}", whole / 60, whole % 60)
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    fs::write(path, text).map_err(|reason| Error::Write { path: path.to_owned(), reason })
}

/// Calls `take` with every block of a file; gives the fingerprint of its sound.
pub(super) fn each_block(
    path: &Path,
    take: &mut dyn FnMut(&Audio) -> Result<(), Error>,
) -> Result<String, Error> {
    let name = path.display().to_string();
    let mut pass = FirstPass::open(path, 0).map_err(|error| Error::read(name.clone(), error))?;
    let mut block = Audio::silence(acetate_audio::Blocks::spec(&pass), 0);
    let mut md5 = PcmMd5::new(pass.format());
    while pass.next_block(&mut block).map_err(|error| Error::read(name.clone(), error))? {
        md5.update(&block);
        take(&block)?;
    }
    Ok(md5.finish())
}
