//! Why a use case stopped: facts, and no word about any program's options.

use std::error::Error as StdError;
use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;

use acetate_files::{DecodeError, EncodeError};
use acetate_optimizer::album::RecordError;
use acetate_references::AimError;
use thiserror::Error;

use crate::album::AlbumError;
use crate::desk::DeskError;
use crate::library::LibraryError;
use crate::named::Named;
use crate::restore::{KIND_NAMES, RestoreError};
use crate::stems_error::StemsError;

/// Why something could not be done.
///
/// The message names what it is about, the value and the limit; [`Error::kind`] says whose turn it is.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A sound could not be read or decoded.
    #[error("{name}: {}", causes(.reason.as_ref()))]
    Read {
        /// The sound.
        name: String,
        /// What the reader says.
        reason: Box<dyn StdError + Send + Sync>,
    },
    /// A file could not be written or given its name.
    #[error("{name}: {}", causes(.reason))]
    Encode {
        /// The file.
        name: String,
        /// What the writer says.
        reason: EncodeError,
    },
    /// A file other than sound, or anything into a folder, could not be written.
    #[error("{}: cannot be written: {reason}", path.display())]
    Write {
        /// The file, or the folder.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// A folder could not be made.
    #[error("{}: cannot make the folder: {reason}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// A folder could not be searched.
    #[error("{}: cannot read the folder: {reason}", path.display())]
    Unlisted {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// The system's temporary folder takes nothing.
    #[error("cannot make a temporary folder: {0}")]
    Temporary(io::Error),
    /// An encoder outside of this program failed.
    #[error("{name}: {reason}")]
    Encoder {
        /// The file.
        name: String,
        /// What it said.
        reason: String,
    },
    /// There is no encoder for a lossy format here.
    #[error("{codec} cannot be encoded here: {reason}")]
    NoEncoder {
        /// The codec.
        codec: &'static str,
        /// Why.
        reason: String,
    },
    /// The output is there already, and is not to be replaced.
    #[error("{} exists", path.display())]
    Exists {
        /// The output.
        path: PathBuf,
    },
    /// So are all its numbered names.
    #[error("{} exists 9999 times over", path.display())]
    NoFreeName {
        /// The output.
        path: PathBuf,
    },
    /// The output is one of the inputs.
    #[error("{} is the input {input}, which is never overwritten", path.display())]
    IsInput {
        /// The output.
        path: PathBuf,
        /// The input, as it was named.
        input: String,
    },
    /// The output is a folder.
    #[error("{} is a folder", path.display())]
    IsFolder {
        /// The folder.
        path: PathBuf,
    },
    /// Two inputs have the same output.
    #[error("{input}: {} is the output of another input", path.display())]
    Claimed {
        /// The input.
        input: String,
        /// The output.
        path: PathBuf,
    },
    /// A template of names has a field that there is none of.
    #[error(
        "the name {template} has no field {{{field}}}; the fields are {{stem}} {{target}} {{reference}} {{ext}}"
    )]
    NameField {
        /// The template.
        template: String,
        /// The field.
        field: String,
    },
    /// A template of names opens a field and does not close it.
    #[error("the name {template} has a {{ without a }}")]
    NameBrace {
        /// The template.
        template: String,
    },
    /// A name whose ending is no format that can be written.
    #[error("{}: .{extension} cannot be written; name it .wav, .flac, .aiff, .mp3, .ogg, .opus or .m4a", path.display())]
    UnknownExtension {
        /// The output.
        path: PathBuf,
        /// Its ending.
        extension: String,
    },
    /// A kind of damage that there is none of.
    #[error("there is no damage called {given}; there are {}", KIND_NAMES.join(", "))]
    NoDamageKind {
        /// The name that was given.
        given: String,
    },
    /// The name asks for another format than was asked for.
    #[error("{asked} was asked for, but the name ends in .{extension}")]
    ContradictsName {
        /// The format asked for.
        asked: &'static str,
        /// The ending of the name.
        extension: String,
    },
    /// A format cannot say where the channels are heard, or cannot hold so many.
    #[error("{format} cannot hold this layout: {layout}")]
    NoLayout {
        /// The format.
        format: &'static str,
        /// The layout.
        layout: String,
    },
    /// A bit rate was asked for of a lossless format.
    #[error("{format} has no bit rate to choose")]
    NoBitRate {
        /// The format.
        format: &'static str,
    },
    /// Floats were asked for of FLAC.
    #[error("FLAC holds integers, not 32-bit floats")]
    FlacFloats,
    /// Bits or dither were asked for of a lossy format.
    #[error("{codec} has no bits a sample, and needs no dither")]
    NoBits {
        /// The codec.
        codec: &'static str,
    },
    /// A rate that a codec does not know.
    #[error("{codec} has no rate of {given_hz} Hz; there are {} Hz", list(known_hz))]
    NoRate {
        /// The codec.
        codec: &'static str,
        /// The rate asked for.
        given_hz: u32,
        /// Those it knows.
        known_hz: &'static [u32],
    },
    /// Nothing but zeros.
    #[error("{name}: is silent; there is nothing to master")]
    Silent {
        /// The sound.
        name: String,
    },
    /// Shorter than loudness can be measured.
    #[error(
        "{name}: is {duration_s:.2} s long, and loudness needs 0.4 s; there is nothing to master"
    )]
    TooShort {
        /// The sound.
        name: String,
        /// Its length.
        duration_s: f64,
    },
    /// Sound, but none that loudness counts.
    #[error(
        "{name}: is not silent, but nowhere louder than -70 LUFS (peak {peak_dbfs:.1} dBFS), so it has no loudness to aim from"
    )]
    TooQuiet {
        /// The sound.
        name: String,
        /// Its sample peak.
        peak_dbfs: f64,
    },
    /// The settings do not say what sound they were made for.
    #[error("{document}: does not say what sound it was made for")]
    UnknownSound {
        /// The settings.
        document: String,
    },
    /// The settings were made for another sound.
    #[error("{name}: not the sound the settings were made for; they were made for {made_for}")]
    OtherSound {
        /// The sound.
        name: String,
        /// What they were made for.
        made_for: String,
    },
    /// Repairs that cannot be made or written.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// Settings that this sound cannot be rendered with.
    #[error("{name}: {reason}")]
    Settings {
        /// The settings and the sound.
        name: String,
        /// What is wrong.
        reason: acetate_engine::SettingsError,
    },
    /// An option outside its range.
    #[error("{option} is {given}: it takes {low} to {high} {unit}")]
    OutOfRange {
        /// The option.
        option: &'static str,
        /// What was given.
        given: f64,
        /// Lowest.
        low: f64,
        /// Highest.
        high: f64,
        /// Unit of all three.
        unit: &'static str,
    },
    /// Samples that are no sound.
    #[error("{0}")]
    Samples(String),
    /// The references cannot be aimed at.
    #[error(transparent)]
    Aim(#[from] AimError),
    /// The library of references refused.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// Stems do not fit together.
    #[error(transparent)]
    Stems(#[from] StemsError),
    /// There is no target, style or reference of that name.
    #[error("there is no {what} \"{name}\"{}", did_you_mean(near.as_deref()))]
    Unknown {
        /// What was looked for.
        what: Named,
        /// The name.
        name: String,
        /// The known name most like it.
        near: Option<String>,
    },
    /// What is heard elsewhere has one channel or two.
    #[error(
        "{name}: has {channels} channels, and its sound elsewhere can be written of one or two only"
    )]
    Surround {
        /// The sound.
        name: String,
        /// How many it has.
        channels: usize,
    },
    /// A list is not divided so.
    #[error("there is no shard {index} of {count}: {}", shards(*count))]
    NoShard {
        /// Which was asked for.
        index: u64,
        /// How many there are.
        count: u64,
    },
    /// Object stores are not built in.
    #[error("{address}: object stores are not part of this build; the feature `cloud` adds them")]
    NoStores {
        /// The address.
        address: String,
    },
    /// An object store refused, or could not be reached.
    #[error("{address}: {reason}")]
    Store {
        /// The object.
        address: String,
        /// What the store says.
        reason: String,
    },
    /// A song took longer than it may.
    #[error("{name}: took longer than {seconds} s")]
    TooSlow {
        /// The song.
        name: String,
        /// What it may take.
        seconds: f64,
    },
    /// A document could not be read.
    #[error("{name}: {reason}")]
    Document {
        /// The document.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// A record cannot be made so.
    #[error(transparent)]
    Album(Box<AlbumError>),
    /// A page cannot be served, or asks for what is not there yet.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// Whoever asked for the work stopped it.
    #[error("stopped")]
    Cancelled,
}

impl From<AlbumError> for Error {
    fn from(error: AlbumError) -> Self {
        Self::Album(Box::new(error))
    }
}

/// A song that could not be read is that, not a fault of the record.
impl From<RecordError> for Error {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Render { song, source } => Self::read(song, source),
            other => AlbumError::from(other).into(),
        }
    }
}

impl Error {
    /// A sound that could not be read: stopped, where that is the reason.
    pub fn read(
        name: impl Into<String>,
        reason: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        let reason = reason.into();
        let stopped = acetate_audio::Cancelled::is_behind(reason.as_ref());
        if stopped { Self::Cancelled } else { Self::Read { name: name.into(), reason } }
    }

    /// What the decoder says, when that is why.
    pub fn decode_error(&self) -> Option<&DecodeError> {
        let Self::Read { reason, .. } = self else { return None };
        let read = reason.downcast_ref::<acetate_audio::ReadError>();
        reason.downcast_ref().or_else(|| read.and_then(|error| error.reason()))
    }
}

/// An error and its causes on one line.
fn causes(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            let _ = write!(text, ": {inner_text}");
        }
        cause = inner.source();
    }
    text
}

fn list(numbers: &[u32]) -> String {
    numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
}

fn shards(count: u64) -> String {
    match count.checked_sub(1) {
        None => "there is at least one".to_owned(),
        Some(last) => format!("they count from 0 to {last}"),
    }
}

fn did_you_mean(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean \"{near}\"?"))
}
