//! Why a record cannot be planned.

use acetate_audio::numbers::counted;
use acetate_engine::RenderError;
use thiserror::Error;

/// Why a record cannot be planned. Each names the song, the value and the rule.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecordError {
    /// No song.
    #[error("a record needs at least one song")]
    Empty,
    /// Mono and stereo on one record.
    #[error(
        "{song} has {} and {other} has {}: a record has the same number everywhere; {}",
        counted(*channels, "channel"), counted(*expected, "channel"), channels_remedy(*channels, *expected)
    )]
    Channels {
        /// The song.
        song: String,
        /// Its channels.
        channels: usize,
        /// The first song.
        other: String,
        /// Its channels.
        expected: usize,
    },
    /// Nothing to hear.
    #[error("{song} is silent, or too quiet or short to have a loudness: leave it out")]
    Silent {
        /// The song.
        song: String,
    },
    /// Two files that are said to be one recording, and are not.
    #[error(
        "{song}: join = \"gapless\", but it does not go on where {before} ends ({why}): cut both from one recording, or give a gap"
    )]
    NotMeeting {
        /// The song.
        song: String,
        /// The song before.
        before: String,
        /// What was found.
        why: String,
    },
    /// A crossfade between songs of two sample rates.
    #[error(
        "{song}: crossfade_s needs the sample rate of {before} ({new} Hz meets {old} Hz): bring one to the other's rate first"
    )]
    CrossfadeRates {
        /// The song.
        song: String,
        /// Its rate, Hz.
        new: u32,
        /// The song before.
        before: String,
        /// Its rate, Hz.
        old: u32,
    },
    /// A crossfade longer than a song.
    #[error("{song}: crossfade_s = {seconds} is longer than half of it or of {before}")]
    LongCrossfade {
        /// The song.
        song: String,
        /// What was asked for.
        seconds: f64,
        /// The song before.
        before: String,
    },
    /// A fade longer than its song.
    #[error("{song}: fade_out_s = {seconds} is longer than the song, which has {length_s:.2} s")]
    LongFade {
        /// The song.
        song: String,
        /// What was asked for.
        seconds: f64,
        /// Length of the song.
        length_s: f64,
    },
    /// A fade at the end of a song that has none.
    #[error(
        "{song}: fade_out_s has no place where {next} {}",
        if *crossed { "fades in: crossfade_s is the fade" } else { "goes on in the same recording: give that a gap_s, or leave the fade out" }
    )]
    FadeWithin {
        /// The song.
        song: String,
        /// The song that goes on.
        next: String,
        /// Does it fade in?
        crossed: bool,
    },
    /// An index beyond the end of its song.
    #[error("{song}: index_s = {seconds} lies beyond its end at {end_s:.2}")]
    IndexBeyond {
        /// The song.
        song: String,
        /// What was asked for.
        seconds: f64,
        /// The end of the song.
        end_s: f64,
    },
    /// An anchor that is no song.
    #[error("anchor {name:?} is none of the songs: {titles}")]
    NoAnchor {
        /// What was asked for.
        name: String,
        /// The titles there are.
        titles: String,
    },
    /// A song could not be read or rendered.
    #[error("{song}")]
    Render {
        /// The song.
        song: String,
        /// Why.
        #[source]
        source: RenderError,
    },
}

/// What to do about a song of another number of channels.
fn channels_remedy(channels: usize, expected: usize) -> &'static str {
    match (channels, expected) {
        (1, 2) => {
            "save it with its channel twice (it stays the same left and right), or leave it out"
        }
        (2, 1) => "save the songs of one channel with it twice (they stay the same left and right)",
        _ => "bring all to one number, or leave it out",
    }
}
