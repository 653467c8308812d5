//! Why stems cannot be mastered together.

use std::path::PathBuf;

use thiserror::Error;

/// Why stems, their mix or the versions that were asked for do not fit together.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum StemsError {
    /// There are none.
    #[error("there are no stems")]
    None,
    /// A stem has another rate than the first.
    #[error(
        "{name}: {given_hz} Hz, but {first} has {wanted_hz} Hz; stems of one song have one rate"
    )]
    Rate {
        /// The stem.
        name: String,
        /// Its rate.
        given_hz: u32,
        /// The first stem.
        first: String,
        /// The rate of the first.
        wanted_hz: u32,
    },
    /// A stem has channels that the others have not; one channel is heard in both of two.
    #[error("{name}: {given} channels, but {first} has {wanted}")]
    Channels {
        /// The stem.
        name: String,
        /// Its channels.
        given: usize,
        /// A stem with more.
        first: String,
        /// The channels of that.
        wanted: usize,
    },
    /// Two stems have one name.
    #[error("two stems are called {name}")]
    SameName {
        /// The name.
        name: String,
    },
    /// A stem that is called as mixes are, and no mix was named.
    #[error("{name} looks like the mix itself, which is no stem")]
    LooksLikeMix {
        /// The stem.
        name: String,
    },
    /// A container of stems beside other stems.
    #[error("{name} is a container of several stems, which is a song of its own: name it alone")]
    ContainerAmongStems {
        /// The container.
        name: String,
    },
    /// The mix is no version of the sum of the stems.
    #[error(
        "{mix}: the stems do not sound like it: correlation below 0.2 around its loudest place"
    )]
    OtherMix {
        /// The mix.
        mix: String,
    },
    /// More of the song is in none of the stems than in all of them.
    #[error(
        "{mix}: these are no stems of it, or not all of them: what is in none of them is only {} dB quieter than the song",
        acetate_audio::numbers::number(Some(-rest_db), 1)
    )]
    NotTheSum {
        /// The song.
        mix: String,
        /// Level of what is in none of the stems, dB re the song.
        rest_db: f64,
    },
    /// A version names what is no stem.
    #[error(
        "the version {version} names {stem}, and there is no such stem{}; there are {known}",
        near.as_deref().map_or_else(String::new, |near| format!("; did you mean {near}?"))
    )]
    NoSuchStem {
        /// The version.
        version: String,
        /// What it names.
        stem: String,
        /// The stem that was meant, perhaps.
        near: Option<String>,
        /// The stems.
        known: String,
    },
    /// A version that takes all stems away.
    #[error("the version {version} has no stem left")]
    EmptyVersion {
        /// The version.
        version: String,
    },
    /// A version that takes none away.
    #[error("the version {version} has every stem: that is the master")]
    WholeVersion {
        /// The version.
        version: String,
    },
    /// Two of the files have one name.
    #[error("{name}: {} is the name of another of the files", path.display())]
    SameFile {
        /// The stem or version.
        name: String,
        /// The file.
        path: PathBuf,
    },
    /// A stem that is what the others add up to.
    #[error(
        "{name} is the sum of the other stems: it sounds like the mix itself, which is no stem"
    )]
    IsTheMix {
        /// The stem.
        name: String,
    },
    /// A file of several sound tracks that is called like no container of stems.
    #[error(
        "{name} holds {count} sound tracks, and which is the stem is not said: call it .stem.mp4 if they are a mix and its stems, or save one"
    )]
    SeveralTracks {
        /// The file.
        name: String,
        /// Its sound tracks.
        count: usize,
    },
    /// A container of stems that holds none.
    #[error("{name} holds one sound track: a container of stems has the mix and its stems")]
    NoStemsInside {
        /// The container.
        name: String,
    },
    /// A version that is not written as one.
    #[error("{given} is no version: it is NAME=STEM+STEM, or NAME=-STEM+STEM for all but these")]
    NoVersion {
        /// What was given.
        given: String,
    },
    /// A lossy format, in which nothing adds up.
    #[error("stems add up to the master in lossless files alone, and {format} is not one")]
    Lossy {
        /// The format.
        format: &'static str,
    },
    /// What was written does not add up: a fault of this program.
    #[error(
        "the written stems differ from the written master by {difference_lsb} steps of {bits} bits"
    )]
    DoNotAddUp {
        /// Largest difference, in steps.
        difference_lsb: f64,
        /// Bits of a step.
        bits: u32,
    },
}
