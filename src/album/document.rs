//! What was decided for a record, as a document.

use acetate_audio::numbers::{counted, frequency};
use acetate_engine::Settings;
use acetate_optimizer::album::{
    ALBUM_PLAN_SCHEMA, AlbumDocument, AlbumGroup, AlbumLevel, AlbumSong, AlbumStart, AlbumTone,
    Anchor, BeforeFade, Follows, GroupPlan, Own, OwnMove, RecordPlan, RecordWishes, SPREAD_LU,
    StartKind, album_lufs, top_lufs,
};
use acetate_optimizer::{TargetRecord, aim_record};

use serde_json::json;

use super::meters::Measures;
use super::sides::minutes;
use super::{Album, AlbumPlan, AlbumRequest};
use crate::output::lossy_codec;
use crate::{Error, fingerprint, made_by};

/// What is this near to its level is there, LU.
const LEVEL_LU: f64 = 0.1;
/// Peaks this far over the ceiling are on it: two meters of the standard differ by more.
const PEAK_DB: f64 = 0.05;
/// The key of the fingerprint of what was asked for.
pub(super) const RECORD_MD5: &str = "record_md5";

impl Album {
    /// A fingerprint of what is said and asked of the record: it changes when that does.
    pub(super) fn fingerprint(&self, request: &AlbumRequest) -> String {
        let wishes = &request.wishes;
        let layouts: Vec<&str> = request.layouts.iter().map(|layout| layout.name()).collect();
        fingerprint(&json!({
            "file": self.file, "request": request.request, "levels": wishes.levels, "anchor": wishes.anchor,
            "spread_lu": wishes.spread_lu, "together_pct": wishes.together.pct, "gaps": wishes.gaps,
            "sample_rate_hz": wishes.sample_rate_hz, "layouts": layouts, "vinyl": format!("{:?}", request.vinyl),
            "sides": request.sides, "tape": request.tape.map(|tape| tape.minutes), "preview": request.preview,
            "singles": request.singles, "like": wishes.like.as_ref().map(|like| format!("{like:?}")),
        }))
    }
}

/// The document; without `measures` nothing was rendered, and what the confirming renders measured stands for it.
pub(super) fn document(
    album: &Album,
    plan: &AlbumPlan,
    request: &AlbumRequest,
    measures: Option<&Measures>,
    notes: Vec<String>,
) -> Result<AlbumDocument, Error> {
    let record = &plan.record;
    let wishes = &request.wishes;
    let wanted = &request.request;
    let options = wanted.fit_options();
    let first = album.songs[0].analysis();
    let mut target = aim_record(first, &record.aim, &options).target.unwrap_or_default();
    target.describe(wanted.delivery());
    let songs = (0..album.songs.len())
        .map(|song| song_record(album, record, song, measures))
        .collect::<Result<Vec<AlbumSong>, Error>>()?;
    let whole = measures.map(|measures| measures.whole);
    let mut notes = notes;
    notes.extend(record.groups.iter().flat_map(|group| told_elsewhere(album, group)));
    let peak_dbtp = whole.and_then(|levels| levels.true_peak_dbtp);
    if let (Some(codec), Some(peak_dbtp)) = (lossy_codec(plan.output.format), peak_dbtp)
        && peak_dbtp > target.true_peak_dbtp + PEAK_DB
    {
        let over_db = peak_dbtp - target.true_peak_dbtp;
        notes.push(format!(
            "{} raises the peaks to {peak_dbtp:.1} dBTP: a ceiling {over_db:.1} dB lower makes room for it",
            codec.name
        ));
    }
    let mut maker = made_by(None, wanted.options.seed, &wanted.md5());
    maker.extra.insert(RECORD_MD5.to_owned(), album.fingerprint(request).into());
    Ok(AlbumDocument {
        schema: ALBUM_PLAN_SCHEMA.to_owned(),
        title: album.file.title.clone().unwrap_or_default(),
        artist: album.file.artist.clone().unwrap_or_default(),
        summary: summary(record, wishes, &songs, &target, measures),
        made_by: maker,
        target,
        levels: wishes.levels,
        anchor: wishes.anchor.clone(),
        max_spread_lu: wishes.spread_lu.unwrap_or(SPREAD_LU),
        tone_together_pct: wishes.together.pct,
        loudest_top_lufs: rounded(record.loudest_top_lufs),
        lowered_lu: rounded(record.lowered_lu),
        finished: record.finished,
        sample_rate_hz: record.timeline.sample_rate_hz,
        frames: record.timeline.frames(),
        common: record.common.clone(),
        centre_db: record.tone.centre_db.iter().map(|db| db.map(rounded)).collect(),
        groups: groups(record, measures),
        songs,
        integrated_lufs: whole.and_then(|levels| levels.integrated_lufs).map(rounded),
        true_peak_dbtp: whole.and_then(|levels| levels.true_peak_dbtp).map(rounded),
        notes,
    })
}

/// A thousandth says all there is to say.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

fn groups(record: &RecordPlan, measures: Option<&Measures>) -> Vec<AlbumGroup> {
    let levels = |index: usize| measures.and_then(|measures| measures.groups.get(index));
    let groups = record.groups.iter().zip(&record.timeline.groups);
    groups
        .enumerate()
        .map(|(index, (group, start))| AlbumGroup {
            songs: group.songs.clone().map(|song| song + 1).collect(),
            start_frame: record.timeline.frame(*start),
            frames: group.frames,
            master_lufs: levels(index).and_then(|levels| levels.integrated_lufs).map(rounded),
            settings: group.settings.clone(),
            before_fades: before_fades(record, group),
        })
        .collect()
}

/// What a group takes from other systems, by the name of its first song.
fn told_elsewhere<'a>(album: &'a Album, group: &'a GroupPlan) -> impl Iterator<Item = String> {
    let song = album.title(group.songs.start);
    group.elsewhere.iter().map(move |step| format!("{song}: {}", step.text))
}

/// What songs of a group get alone before they fade into each other.
pub(super) fn before_fades(record: &RecordPlan, group: &GroupPlan) -> Vec<BeforeFade> {
    let of = |song: usize| {
        let Own { gain_db, bands } = record.songs[song].own.clone();
        BeforeFade { song: song + 1, gain_db, bands }
    };
    let fades = group.songs.clone().any(|song| record.songs[song].own != Own::default());
    if fades { group.songs.clone().map(of).collect() } else { Vec::new() }
}

fn song_record(
    album: &Album,
    record: &RecordPlan,
    index: usize,
    measures: Option<&Measures>,
) -> Result<AlbumSong, Error> {
    let (song, entry, decided) =
        (&album.songs[index], &album.file.songs[index], &record.songs[index]);
    let group = &record.groups[decided.group];
    let file = record.timeline.file(index);
    let placed = record.timeline.songs[index];
    let after = match measures {
        Some(measures) => Some(measures.songs[index]),
        // Of a song in a group nothing is known before it is written.
        None => (group.songs.len() == 1).then_some(group.settled.levels),
    };
    let mut because = decided.place.because();
    let compressed = |settings: &Settings| -> f64 {
        settings.compressor.bands.iter().map(|band| band.mix_pct).sum()
    };
    if compressed(&group.settings) < compressed(&record.common) {
        because = format!("{because}; compressed less than the others, for it is denser");
    }
    if let Some(cannot) = &group.settled.cannot {
        because = format!("{because}; {}", cannot.reason);
    }
    Ok(AlbumSong {
        number: index + 1,
        title: album.title(index).to_owned(),
        file: entry.file.clone(),
        pcm_md5: song.pcm_md5()?.to_owned(),
        master_md5: measures.and_then(|measures| measures.md5.get(index).cloned()),
        isrc: entry.isrc.clone(),
        before_it: start(record, index),
        start_frame: file.start,
        frames: file.end - file.start,
        start_sector: placed.start.0,
        pause_sector: placed.pause_start.0,
        level: AlbumLevel {
            mix_lufs: song.analysis().loudness.integrated_lufs.map(rounded),
            mix_top_lufs: top_lufs(&song.measured().series).map(rounded),
            under_lu: rounded(decided.place.under_lu),
            master_lufs: after.and_then(|levels| levels.integrated_lufs).map(rounded),
            master_top_lufs: after.and_then(|levels| levels.top_lufs).map(rounded),
            master_dbtp: after.and_then(|levels| levels.true_peak_dbtp).map(rounded),
            because,
        },
        tone: tone(record, decided.recording),
        restore: album.repairs(index),
    })
}

pub(super) fn start(record: &RecordPlan, index: usize) -> AlbumStart {
    let decided = &record.songs[index];
    let (kind, seconds, because) = match (&decided.follows, &decided.gap) {
        (Follows::Join { found: true }, _) => {
            (StartKind::Join, 0.0, "it goes on where the song before ends".to_owned())
        }
        (Follows::Join { found: false }, _) => {
            (StartKind::Join, 0.0, "as the record's file says".to_owned())
        }
        (Follows::Crossfade(seconds), _) => {
            (StartKind::Crossfade, *seconds, "as the record's file says".to_owned())
        }
        (_, Some(gap)) => (StartKind::Gap, gap.seconds, gap.because.clone()),
        (_, None) => (StartKind::Gap, 0.0, "the first song".to_owned()),
    };
    AlbumStart { kind, seconds: rounded(seconds), because }
}

fn tone(record: &RecordPlan, recording: usize) -> AlbumTone {
    let own = &record.tone.own[recording];
    let step = |own: &OwnMove| format!("{:+.1} dB at {}", own.gain_db, frequency(own.freq_hz));
    let away = |own: &OwnMove| format!("{:+.1} dB at {}", own.away_db, frequency(own.freq_hz));
    let list =
        |text: &dyn Fn(&OwnMove) -> String| own.iter().map(text).collect::<Vec<_>>().join(", ");
    let (text, because) = match own.is_empty() {
        true => ("ok".to_owned(), "within what songs of a record differ by: left alone".to_owned()),
        false => (list(&step), format!("away from the record by {}: eased in part", list(&away))),
    };
    AlbumTone {
        distance_db: rounded(record.tone.distance_db[recording]),
        away_db: Vec::new(),
        own: text,
        because,
    }
}

fn summary(
    record: &RecordPlan,
    wishes: &RecordWishes,
    songs: &[AlbumSong],
    target: &TargetRecord,
    measures: Option<&Measures>,
) -> String {
    let rate = f64::from(record.timeline.sample_rate_hz);
    let length = minutes(record.timeline.frames() as f64 / rate);
    let mut parts = vec![format!("{}, {length}", counted(songs.len(), "song"))];
    parts.extend(at_its_level(record, wishes, songs, target, measures));
    if let Some(peak) = measures.and_then(|measures| measures.whole.true_peak_dbtp) {
        let met = if peak <= target.true_peak_dbtp + PEAK_DB { "ok" } else { "missed" };
        parts.push(format!("{peak:.1} dBTP {met}"));
    }
    if record.finished {
        parts.push("levels and tone of a finished record, left as they are".to_owned());
    }
    if record.lowered_lu > 0.0 {
        parts.push(format!("lowered by {:.1} LU for a song that cannot follow", record.lowered_lu));
    }
    let joins = songs.iter().filter(|song| song.before_it.kind == StartKind::Join).count();
    if joins > 0 {
        parts.push(format!("{joins} joined"));
    }
    parts.join(", ")
}

/// What was brought to its level, and whether it is there: the loudest song, the record or a song, as it was asked for; of songs that
/// come to a finished record whether they stand in their places on it.
fn at_its_level(
    record: &RecordPlan,
    wishes: &RecordWishes,
    songs: &[AlbumSong],
    target: &TargetRecord,
    measures: Option<&Measures>,
) -> Option<String> {
    // A group counts as the recording that it is.
    let levels = |group: usize| match measures {
        Some(measures) => measures.groups.get(group).copied(),
        None => Some(record.groups[group].settled.levels),
    };
    let groups = 0..record.groups.len();
    let lufs_of = |group: usize| {
        let below = record.groups[group].below;
        Some(levels(group)?.integrated_lufs? + below.integrated_lu)
    };
    let loudest = groups.clone().filter_map(lufs_of).reduce(f64::max);
    if wishes.like.is_some() {
        let off_lu = |group: usize| {
            let plan = &record.groups[group];
            let top_lufs = levels(group).and_then(|levels| levels.top_lufs)?;
            plan.settled.cannot.is_none().then(|| (top_lufs - plan.wanted_top_lufs).abs())
        };
        let met = groups.filter_map(off_lu).all(|off_lu| off_lu <= LEVEL_LU);
        let word = if met { "ok" } else { "missed" };
        return loudest.map(|lufs| format!("loudest {lufs:.1} LUFS, place on that record {word}"));
    }
    let against = |name: &str, lufs: f64| {
        let wanted = target.integrated_lufs.unwrap_or(lufs) - record.lowered_lu;
        let met = if (lufs - wanted).abs() <= LEVEL_LU { "ok" } else { "missed" };
        format!("{name} {lufs:.1} LUFS {met}")
    };
    let (name, lufs) = match &wishes.anchor {
        Anchor::Loudest => ("loudest", loudest?),
        Anchor::Album => {
            let lengths = groups
                .filter_map(|group| Some((lufs_of(group)?, record.groups[group].frames as f64)));
            let planned = album_lufs(&lengths.collect::<Vec<_>>());
            let written = measures.and_then(|measures| measures.whole.integrated_lufs);
            ("record", written.or(planned)?)
        }
        Anchor::Song(wanted) => {
            let is = |song: &&AlbumSong| {
                song.title.eq_ignore_ascii_case(wanted) || song.file.eq_ignore_ascii_case(wanted)
            };
            let song = songs.iter().find(is)?;
            let lufs = lufs_of(record.songs[song.number - 1].group)?;
            return Some(against(&format!("song {}", song.number), lufs));
        }
    };
    Some(against(name, lufs))
}
