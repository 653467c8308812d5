//! Why stems cannot be mastered together.

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
    /// A version names what is no stem.
    #[error("the version {version} names {stem}, and there is no such stem; there are {known}")]
    NoSuchStem {
        /// The version.
        version: String,
        /// What it names.
        stem: String,
        /// The stems.
        known: String,
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
