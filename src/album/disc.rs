//! The compact disc of a record: its sheets, its image, its rules.

use std::fs;
use std::path::{Path, PathBuf};

use acetate_engine::settings::{Bits, OutputFormat, OutputSettings};
use acetate_layouts::{
    Disc, DiscFile, Ean, FIRST_PAUSE, IMAGE_FILE, Isrc, Sectors, Text, Track, cd_text, cue_sheet,
    ddp, pq_sheet, slug, toc,
};
use data_encoding::HEXLOWER;
use md5::{Digest, Md5};

use super::staging::Staging;
use super::takers::Takers;
use super::{Album, AlbumError, AlbumPlan, AlbumRequest, Layout};
use crate::Error;

/// Rate of a compact disc.
pub(super) const DISC_RATE_HZ: u32 = 44_100;
const SECTORS_PER_S: f64 = 75.0;

/// How samples of a disc are stored.
pub(super) fn disc_output(plan: &AlbumPlan) -> OutputSettings {
    OutputSettings {
        format: OutputFormat::Wav,
        bits: Bits::Int16,
        sample_rate_hz: Some(DISC_RATE_HZ),
        ..plan.output.clone()
    }
}

/// Whether a disc of some kind is asked for.
pub(super) fn wants_disc(request: &AlbumRequest) -> bool {
    request.layouts.iter().any(|layout| matches!(layout, Layout::Cd | Layout::Bin | Layout::Ddp))
}

/// Holds a record against the rules of the discs that are asked for; gives what a plant may complain about.
///
/// # Errors
/// The first rule that is broken.
pub(super) fn check(
    album: &Album,
    plan: &AlbumPlan,
    request: &AlbumRequest,
) -> Result<Vec<String>, Error> {
    check_disc(&disc_of(album, plan), request)
}

/// The same before anything is decided, from the lengths of the files: what is wrong then is wrong whatever is decided.
pub(super) fn check_early(album: &Album, request: &AlbumRequest) -> Result<(), Error> {
    let mut at = 0.0;
    let mut starts = Vec::new();
    for song in &album.songs {
        let start = Sectors((at * SECTORS_PER_S) as u32);
        starts.push((start, start));
        at += song.source().duration_s();
    }
    let end = Sectors((at * SECTORS_PER_S).ceil() as u32);
    let mut disc = disc_with(album, &starts, end);
    disc.tracks.iter_mut().for_each(|track| track.indexes.clear());
    check_disc(&disc, request).map(|_| ())
}

fn check_disc(disc: &Disc, request: &AlbumRequest) -> Result<Vec<String>, Error> {
    if !wants_disc(request) {
        return Ok(Vec::new());
    }
    let warnings = disc.check().map_err(AlbumError::from)?;
    cd_text(disc).map_err(AlbumError::from)?;
    if request.layouts.contains(&Layout::Ddp) {
        ddp(disc).map_err(AlbumError::from)?;
    }
    Ok(warnings.iter().map(ToString::to_string).collect())
}

/// The record as a disc.
pub(super) fn disc_of(album: &Album, plan: &AlbumPlan) -> Disc {
    let timeline = &plan.record.timeline;
    let starts: Vec<(Sectors, Sectors)> =
        timeline.songs.iter().map(|song| (song.pause_start, song.start)).collect();
    disc_with(album, &starts, timeline.end)
}

fn disc_with(album: &Album, starts: &[(Sectors, Sectors)], end: Sectors) -> Disc {
    let said = |text: &Option<String>| text.clone().unwrap_or_default();
    let file = &album.file;
    let track = |(index, &(pause_start, start)): (usize, &(Sectors, Sectors))| {
        let entry = &file.songs[index];
        let places = entry.index_s.iter().map(|seconds| (seconds * SECTORS_PER_S).round() as u32);
        Track {
            text: Text {
                title: entry.cd_title.clone().unwrap_or_else(|| album.title(index).to_owned()),
                performer: said(&entry.artist.clone().or_else(|| file.artist.clone())),
                songwriter: said(&entry.songwriter),
                composer: said(&entry.composer),
                arranger: said(&entry.arranger),
                message: String::new(),
            },
            isrc: entry.isrc.as_deref().and_then(|isrc| Isrc::parse(isrc).ok()),
            copy_permitted: entry.copy.unwrap_or(false),
            pause_start,
            start,
            indexes: places.map(|place| Sectors(start.0 + place)).collect(),
        }
    };
    Disc {
        text: Text { title: said(&file.title), performer: said(&file.artist), ..Text::default() },
        ean: file.upc.as_deref().and_then(|upc| Ean::parse(upc).ok()),
        catalog: said(&file.catalog),
        date: said(&file.date),
        tracks: starts.iter().enumerate().map(track).collect(),
        end,
    }
}

/// What the files of a disc are named after.
pub(super) fn disc_name(album: &Album) -> String {
    slug(album.file.title.as_deref().unwrap_or("record"))
}

/// Begins the files of sound of every disc.
pub(super) fn begin(
    album: &Album,
    plan: &AlbumPlan,
    request: &AlbumRequest,
    staging: &Staging,
    takers: &mut Takers,
) -> Result<(), Error> {
    let frames = 0..plan.record.timeline.end.frames();
    let name = disc_name(album);
    for layout in &request.layouts {
        let folder = staging.path(layout.name());
        match layout {
            Layout::Cd => {
                let path = folder.join(format!("{name}.wav"));
                takers.plain_wav(&path, DISC_RATE_HZ, frames.clone())?;
            }
            Layout::Bin => takers.raw(&folder.join(format!("{name}.bin")), frames.clone(), 0)?,
            Layout::Ddp => {
                takers.raw(&folder.join(IMAGE_FILE), frames.clone(), FIRST_PAUSE.frames())?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Writes the sheets beside the sound, once that is complete.
pub(super) fn finish(
    album: &Album,
    plan: &AlbumPlan,
    request: &AlbumRequest,
    staging: &Staging,
) -> Result<(), Error> {
    let disc = disc_of(album, plan);
    let name = disc_name(album);
    for layout in &request.layouts {
        let folder = staging.path(layout.name());
        let mut files: Vec<(String, Vec<u8>)> = Vec::new();
        let sound = match layout {
            Layout::Cd => {
                let wav = format!("{name}.wav");
                let cue = cue_sheet(&disc, &wav, DiscFile::Wave);
                files.push((format!("{name}.cue"), cue.into_bytes()));
                files.push((format!("{name}.toc"), toc(&disc, &wav).into_bytes()));
                let packs = cd_text(&disc).map_err(AlbumError::from)?;
                if !packs.is_empty() {
                    files.push((format!("{name}.cdt"), packs));
                }
                wav
            }
            Layout::Bin => {
                let bin = format!("{name}.bin");
                let cue = cue_sheet(&disc, &bin, DiscFile::Binary);
                files.push((format!("{name}.cue"), cue.into_bytes()));
                bin
            }
            Layout::Ddp => {
                let image_md5 = md5_of(&folder.join(IMAGE_FILE))?;
                let set = ddp(&disc).map_err(AlbumError::from)?;
                let set = set.files(&image_md5).into_iter();
                files.extend(set.map(|(name, bytes)| (name.to_owned(), bytes)));
                IMAGE_FILE.to_owned()
            }
            _ => continue,
        };
        let sums = [(sound.clone(), md5_of(&folder.join(&sound))?)];
        let sheet = pq_sheet(&disc, &sums);
        // A DDP holds nothing but itself: its sheet lies beside it.
        let sheet_name = match layout {
            Layout::Ddp => "PQ SHEET.TXT".to_owned(),
            _ => format!("{name}.pq.txt"),
        };
        files.push((sheet_name, sheet.into_bytes()));
        for (name, bytes) in files {
            let path = folder.join(name);
            fs::write(&path, bytes).map_err(|reason| Error::Write { path, reason })?;
        }
    }
    Ok(())
}

/// MD5 of a file in hexadecimal.
pub(super) fn md5_of(path: &Path) -> Result<String, Error> {
    let cannot = |reason| Error::Write { path: PathBuf::from(path), reason };
    let mut file = fs::File::open(path).map_err(cannot)?;
    let mut hash = Md5::new();
    std::io::copy(&mut file, &mut hash).map_err(cannot)?;
    Ok(HEXLOWER.encode(&hash.finalize()))
}
