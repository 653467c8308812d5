//! Is an output still what would be rendered?

use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use acetate_optimizer::{FileStamp, MadeBy, SettingsDocument};

use crate::output::naming::{IfExists, sidecar};
use crate::output::publish::write_settings;
use crate::{Error, Input, Song};

/// A file may be written to again without its time telling when both fall into one step of the clock: of the file system
/// where it counts in whole seconds (FAT in twos), else of the kernel (10 ms).
const STEPS_MS: [u64; 2] = [2_000, 20];

/// What the settings beside an output say.
#[derive(Debug)]
pub enum State {
    /// It was made from this very file by the same command, wishes and sound.
    Current,
    /// It was made by the same command, wishes and sound; the input has to be measured to tell whether it is the same.
    Unknown(Box<SettingsDocument>),
    /// It was made otherwise, or nobody knows how.
    Outdated,
}

/// The state of `output`, without reading `input`; `now` is what would be written into its settings today.
pub fn state(output: &Path, input: &Input, now: &MadeBy) -> State {
    let Ok(text) = fs::read_to_string(sidecar(output, "settings.json")) else {
        return State::Outdated;
    };
    let Ok(document) = SettingsDocument::parse(&text) else { return State::Outdated };
    let (Some(source), Some(made)) = (&document.source, &document.made_by) else {
        return State::Outdated;
    };
    // The program's own version says nothing: what is heard has a version of its own.
    let same = now.sound == made.sound && now.command == made.command && now.extra == made.extra;
    // A document without what was measured afterwards belongs to no finished file.
    let finished = document.numbers.after.is_some();
    if !finished || !same || source.pcm_md5.is_none() {
        return State::Outdated;
    }
    let settings = stamp_of(&sidecar(output, "settings.json"));
    match source.stamp {
        Some(known)
            if input.path().and_then(stamp_of) == Some(known)
                && settings.is_some_and(|settings| is_settled(known, settings)) =>
        {
            State::Current
        }
        _ => State::Unknown(Box::new(document)),
    }
}

/// Whether a measured input is the one that `document` was made for; if so, its new size and time are kept, so that the
/// next run need not measure it.
///
/// # Errors
/// When the settings cannot be written.
pub fn is_same(mut document: SettingsDocument, output: &Path, song: &Song) -> Result<bool, Error> {
    let Some(source) = document.source.as_mut() else { return Ok(false) };
    if source.pcm_md5.as_deref() != Some(song.pcm_md5()?) {
        return Ok(false);
    }
    let stamp = stamp(song);
    if stamp.is_some() && stamp != source.stamp {
        source.stamp = stamp;
        write_settings(&sidecar(output, "settings.json"), &document, IfExists::Replace)?;
    }
    Ok(true)
}

/// Were the settings written so long after the source that a later change of it would show in its time?
fn is_settled(source: FileStamp, settings: FileStamp) -> bool {
    let step_ms = STEPS_MS[usize::from(!source.modified_ms.is_multiple_of(1000))];
    settings.modified_ms >= source.modified_ms + step_ms
}

/// By what the file of a song is known again; `None` when it is no file, or was written to since it was opened.
pub(crate) fn stamp(song: &Song) -> Option<FileStamp> {
    let stamp = stamp_of(song.path()?)?;
    song.source().check_unchanged().is_ok().then_some(stamp)
}

/// Size and time of a file; `None` where there is none.
pub(crate) fn stamp_of(path: &Path) -> Option<FileStamp> {
    let metadata = fs::metadata(path).ok()?;
    let modified = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    let modified_ms = u64::try_from(modified.as_millis()).ok()?;
    Some(FileStamp { bytes: metadata.len(), modified_ms })
}
