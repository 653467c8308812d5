//! What a record that was written before has of this one: layouts that stay, and the samples of songs that did not change.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use acetate_audio::{AudioSpec, PcmBlock, PcmPlanes};
use acetate_engine::settings::OutputSettings;
use acetate_layouts::{FIRST_PAUSE, IMAGE_FILE, Sectors, file_name, slug};
use acetate_optimizer::album::{
    AlbumDocument, AlbumGroup, BeforeFade, GroupPlan, RecordPlan, StartKind, part_of,
};
use serde_json::{Map, Value, json};

use super::disc::{DISC_RATE_HZ, disc_output, md5_of};
use super::document::{before_fades, start};
use super::sides::each_block;
use super::staging::Staging;
use super::{ALBUM_PLAN_FILE, Album, AlbumPlan, AlbumRequest, Layout};
use crate::documents::read_text;
use crate::output::{extension_of, lossy_codec};
use crate::{Error, fingerprint};

/// Keys of what is kept in the document: fingerprints of layouts, how samples of the songs' files are stored, and a disc.
const LAYOUTS_MD5: &str = "layouts_md5";
const SONGS: &str = "songs";
const DISC: &str = "disc";
/// Bytes of a frame of a disc.
const FRAME_BYTES: u64 = 4;
/// Frames that are read at once.
const BLOCK_FRAMES: usize = 1 << 15;

/// Takes blocks of samples.
type Sink<'a> = dyn FnMut(&PcmBlock) -> Result<(), Error> + 'a;

/// A record that was written before.
pub(super) struct Before {
    folder: PathBuf,
    document: AlbumDocument,
    /// For each group of the plan the same group of that record, by its place.
    same: Vec<Option<usize>>,
    /// Groups of the plan whose samples were taken from it.
    taken: RefCell<BTreeSet<usize>>,
    /// Whether its disc was found as it was written.
    disc: RefCell<Option<bool>>,
}

impl Album {
    /// A fingerprint of everything that a layout is made of, for each.
    pub(super) fn layout_fingerprints(
        &self,
        plan: &AlbumPlan,
        request: &AlbumRequest,
    ) -> Result<BTreeMap<String, Value>, Error> {
        let mut file = self.file.clone();
        // What was decided counts, not what was asked for.
        file.sound.clear();
        let songs = self.songs.iter().map(|song| song.pcm_md5()).collect::<Result<Vec<_>, _>>()?;
        let cover = self.cover()?.map(|bytes| fingerprint(&json!(bytes)));
        let record = &plan.record;
        let group = |group: &GroupPlan| json!([group.settings, before_fades(record, group)]);
        let groups: Vec<Value> = record.groups.iter().map(group).collect();
        let print = |layout: &Layout| {
            let own = match layout {
                Layout::Streaming => json!([plan.output, cover]),
                Layout::Vinyl => json!([format!("{:?}", request.vinyl), request.sides]),
                Layout::Cassette => json!(request.tape.map(|tape| tape.minutes)),
                _ => json!(disc_output(plan)),
            };
            let made_of = json!({ "file": file, "songs": songs, "groups": groups, "own": own,
                "sound": acetate_engine::SOUND, "channels": plan.channels,
                "timeline": format!("{:?}", plan.record.timeline) });
            (layout.name().to_owned(), Value::from(fingerprint(&made_of)))
        };
        Ok(request.layouts.iter().map(print).collect())
    }
}

impl Before {
    /// The record in `folder`, where one of this rate and this version of the sound is.
    pub(super) fn find(
        album: &Album,
        plan: &AlbumPlan,
        folder: &Path,
    ) -> Result<Option<Self>, Error> {
        let Ok(text) = read_text(&folder.join(ALBUM_PLAN_FILE)) else { return Ok(None) };
        let Ok(document) = acetate_documents::from_text::<AlbumDocument>(&text) else {
            return Ok(None);
        };
        let rate = plan.record.timeline.sample_rate_hz;
        if document.made_by.sound != acetate_engine::SOUND || document.sample_rate_hz != rate {
            return Ok(None);
        }
        let mut same = Vec::new();
        for index in 0..plan.record.groups.len() {
            let mut found = None;
            for (place, group) in document.groups.iter().enumerate() {
                if found.is_none() && is_same(album, &plan.record, index, &document, group)? {
                    found = Some(place);
                }
            }
            same.push(found);
        }
        let folder = folder.to_owned();
        let (taken, disc) = (RefCell::default(), RefCell::default());
        Ok(Some(Self { folder, document, same, taken, disc }))
    }

    /// Whether a layout is there, made of the very same.
    pub(super) fn stays(
        &self,
        album: &Album,
        plan: &AlbumPlan,
        layout: Layout,
        prints: &BTreeMap<String, Value>,
    ) -> bool {
        let folder = self.folder.join(layout.name());
        let there = match layout {
            Layout::Streaming => album.song_files(plan, &folder).iter().all(|path| path.is_file()),
            _ => folder.is_dir(),
        };
        let print = self.kept(LAYOUTS_MD5).and_then(|prints| prints.get(layout.name()));
        there && print.is_some() && print == prints.get(layout.name())
    }

    /// Numbers of the songs whose samples were taken.
    pub(super) fn taken(&self, plan: &AlbumPlan) -> Vec<usize> {
        let groups = self.taken.borrow();
        let songs = groups.iter().flat_map(|&group| plan.record.groups[group].songs.clone());
        songs.map(|song| song + 1).collect()
    }

    /// Gives the samples of a group as they are in the files of the songs; nothing where these are not what was written.
    pub(super) fn song_group(
        &self,
        plan: &AlbumPlan,
        index: usize,
        sink: &mut Sink<'_>,
    ) -> Result<bool, Error> {
        let stored = json!([&plan.output, plan.channels]);
        let Some(group) = self.group(index) else { return Ok(false) };
        if lossy_codec(plan.output.format).is_some() || self.kept(SONGS) != Some(&stored) {
            return Ok(false);
        }
        let extension = extension_of(plan.output.format);
        let folder = self.folder.join(Layout::Streaming.name());
        let mut paths = Vec::new();
        for song in group.songs.iter().filter_map(|&number| self.document.songs.get(number - 1)) {
            let path = folder.join(file_name(song.number, &song.title, extension));
            let as_written = path.is_file()
                && song.master_md5.is_some()
                && each_block(&path, &mut |_| Ok(())).ok() == song.master_md5;
            if !as_written {
                return Ok(false);
            }
            paths.push(path);
        }
        let spec = AudioSpec::new(self.document.sample_rate_hz, plan.channels);
        let mut pcm = PcmBlock::new(spec, plan.output.bits.format());
        let mut left = group.frames;
        for path in paths {
            each_block(&path, &mut |block| {
                pcm.encode_from(block);
                // After the last song of a group there is silence, to the next one.
                let frames = left.min(pcm.frames() as u64);
                left -= frames;
                if frames == pcm.frames() as u64 {
                    sink(&pcm)
                } else {
                    sink(&part_of(&pcm, 0..frames as usize))
                }
            })?;
        }
        self.taken.borrow_mut().insert(index);
        Ok(true)
    }

    /// Gives the samples of a group as they are on the disc; nothing where that is not what was written. `record` has the disc's rate.
    pub(super) fn disc_group(
        &self,
        record: &RecordPlan,
        output: &OutputSettings,
        index: usize,
        sink: &mut Sink<'_>,
    ) -> Result<bool, Error> {
        let Some(group) = self.group(index) else { return Ok(false) };
        let Some((path, header)) = self.disc(output) else { return Ok(false) };
        let first = group.songs.first().and_then(|&number| self.document.songs.get(number - 1));
        let Some(first) = first else { return Ok(false) };
        let cannot = |reason| Error::read(path.display().to_string(), reason);
        let mut file = BufReader::new(
            File::open(&path).map_err(|reason| cannot(acetate_audio::ReadError::new(reason)))?,
        );
        let at = header + Sectors(first.start_sector).frames() * FRAME_BYTES;
        let cannot = |reason: std::io::Error| cannot(acetate_audio::ReadError::new(reason));
        file.seek(SeekFrom::Start(at)).map_err(cannot)?;
        let mut left = record.groups[index].frames;
        let mut bytes = Vec::new();
        let mut block =
            PcmBlock::new(AudioSpec::new(DISC_RATE_HZ, 2), acetate_audio::SampleFormat::Int16);
        while left > 0 {
            let frames = left.min(BLOCK_FRAMES as u64) as usize;
            bytes.resize(frames * FRAME_BYTES as usize, 0);
            file.read_exact(&mut bytes).map_err(cannot)?;
            block.planes = PcmPlanes::Int(planes(&bytes));
            sink(&block)?;
            left -= frames as u64;
        }
        self.taken.borrow_mut().insert(index);
        Ok(true)
    }

    /// The samples of a disc, and where they begin, when they are what was written.
    fn disc(&self, output: &OutputSettings) -> Option<(PathBuf, u64)> {
        let kept = self.kept(DISC)?;
        let name = slug(&self.document.title);
        let layout = [Layout::Cd, Layout::Bin, Layout::Ddp]
            .into_iter()
            .find(|layout| kept["layout"] == layout.name())?;
        let (file, header) = sound_of(layout, &name)?;
        let path = self.folder.join(layout.name()).join(file);
        let as_written = *self.disc.borrow_mut().get_or_insert_with(|| {
            kept["output"] == json!(output)
                && md5_of(&path).is_ok_and(|md5| kept["md5"] == md5.as_str())
        });
        as_written.then_some((path, header))
    }

    fn group(&self, index: usize) -> Option<&AlbumGroup> {
        self.document.groups.get((*self.same.get(index)?)?)
    }

    fn kept(&self, key: &str) -> Option<&Value> {
        self.document.made_by.extra.get(key)
    }

    /// Keeps in a document what the next update needs; what is not written now stays as it was.
    pub(super) fn write(
        before: Option<&Self>,
        album: &Album,
        plan: &AlbumPlan,
        rest: &AlbumRequest,
        staging: &Staging,
        prints: BTreeMap<String, Value>,
        extra: &mut Map<String, Value>,
    ) -> Result<(), Error> {
        let kept = |key: &str| before.and_then(|before| before.kept(key)).cloned();
        let mut layouts = kept(LAYOUTS_MD5).and_then(|value| value.as_object().cloned());
        layouts.get_or_insert_default().extend(prints);
        extra.insert(LAYOUTS_MD5.to_owned(), layouts.unwrap_or_default().into());
        if rest.layouts.contains(&Layout::Streaming) {
            extra.insert(SONGS.to_owned(), json!([&plan.output, plan.channels]));
        } else if let Some(songs) = kept(SONGS) {
            extra.insert(SONGS.to_owned(), songs);
        }
        let name = super::disc::disc_name(album);
        let disc = rest.layouts.iter().find_map(|&layout| Some((layout, sound_of(layout, &name)?)));
        if let Some((layout, (file, _))) = disc {
            let md5 = md5_of(&staging.path(layout.name()).join(file))?;
            let disc = json!({ "layout": layout.name(), "md5": md5, "output": disc_output(plan) });
            extra.insert(DISC.to_owned(), disc);
        } else if let Some(disc) = kept(DISC) {
            extra.insert(DISC.to_owned(), disc);
        }
        Ok(())
    }
}

/// The fingerprints of layouts that the plan in a folder keeps; none where there is no plan.
pub(super) fn fingerprints_in(folder: &Path) -> Map<String, Value> {
    let text = read_text(&folder.join(ALBUM_PLAN_FILE)).unwrap_or_default();
    let document = acetate_documents::from_text::<AlbumDocument>(&text).ok();
    let kept = document.and_then(|document| document.made_by.extra.get(LAYOUTS_MD5).cloned());
    kept.and_then(|prints| prints.as_object().cloned()).unwrap_or_default()
}

/// The file with the samples of a disc, and the bytes before them.
fn sound_of(layout: Layout, name: &str) -> Option<(String, u64)> {
    match layout {
        // The plain header of 44 bytes.
        Layout::Cd => Some((format!("{name}.wav"), 44)),
        Layout::Bin => Some((format!("{name}.bin"), 0)),
        Layout::Ddp => Some((IMAGE_FILE.to_owned(), FIRST_PAUSE.frames() * FRAME_BYTES)),
        _ => None,
    }
}

/// Left and right of a disc.
fn planes(bytes: &[u8]) -> Vec<Vec<i32>> {
    let sample = |at: usize| {
        let pairs = bytes[at..].chunks(FRAME_BYTES as usize);
        pairs.map(|pair| i32::from(i16::from_le_bytes([pair[0], pair[1]]))).collect()
    };
    vec![sample(0), sample(2)]
}

/// Whether a group has the sound of one that was written: the same mixes, met in the same way, with the same settings.
fn is_same(
    album: &Album,
    record: &RecordPlan,
    index: usize,
    document: &AlbumDocument,
    group: &AlbumGroup,
) -> Result<bool, Error> {
    let plan = &record.groups[index];
    // Numbers of songs may be others: what they get is the same.
    let own = |list: &[BeforeFade]| {
        list.iter().map(|own| (own.gain_db, own.bands.clone())).collect::<Vec<_>>()
    };
    if plan.settings != group.settings
        || own(&before_fades(record, plan)) != own(&group.before_fades)
        || plan.frames != group.frames
        || plan.songs.len() != group.songs.len()
    {
        return Ok(false);
    }
    for (song, &number) in plan.songs.clone().zip(&group.songs) {
        let Some(other) = document.songs.get(number.wrapping_sub(1)) else { return Ok(false) };
        let (now, then) = (start(record, song), &other.before_it);
        let meets = song == plan.songs.start
            || (now.kind == then.kind
                && (now.kind == StartKind::Join || now.seconds == then.seconds));
        if !meets || album.songs[song].pcm_md5()? != other.pcm_md5 {
            return Ok(false);
        }
    }
    Ok(true)
}
