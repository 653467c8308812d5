//! What can be heard on the page: versions of a song, and perhaps a record to hold them against.

use acetate_analyzer::Series;

use crate::places::Place;

/// A version that can be heard.
#[derive(Clone, Debug, PartialEq)]
pub struct Version<'a> {
    /// Its name on the button.
    pub name: String,
    /// Loudness of the whole, by which versions are matched.
    pub lufs: Option<f64>,
    /// Its level over time, as it is drawn.
    pub series: &'a Series,
    /// Seconds of `series` before the time of the page begins: what mastering cut off at the start.
    pub begin_s: f64,
    /// The sound of each place: FLAC in base64, 16 bit, one or two channels.
    pub sound: Vec<String>,
}

/// Versions that have one time in common: a switch between them goes on at the same moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline<'a> {
    /// In the order of their buttons; the first is the one they are compared with.
    pub versions: Vec<Version<'a>>,
    /// What can be heard of them. A record's are in the order of the song's places, each of the same kind.
    pub places: Vec<Place>,
}

/// A moment or a stretch of a timeline: where a song of a record begins, what was mended, what noise covers.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// When, seconds.
    pub at_s: f64,
    /// How long, seconds; 0 is a moment.
    pub length_s: f64,
    /// Its name; what has none is drawn, and no button goes to it.
    pub name: String,
}

/// All that can be heard.
#[derive(Clone, Debug, PartialEq)]
pub struct Listening<'a> {
    /// The song in its versions.
    pub song: Timeline<'a>,
    /// Other music, which goes on in a time of its own.
    pub record: Option<Timeline<'a>>,
    /// Moments of the song that are marked; where all of it can be heard, each can be gone to.
    pub marks: Vec<Mark>,
}

impl Listening<'_> {
    pub(crate) fn timelines(&self) -> impl Iterator<Item = &Timeline<'_>> {
        std::iter::once(&self.song).chain(&self.record)
    }
}

/// Gains that bring all to the loudness of the quietest, dB: nothing is turned up, so nothing clips. What has no
/// loudness is left as it is.
pub fn matching_gains_db(lufs: &[Option<f64>]) -> Vec<f64> {
    let quietest = lufs.iter().flatten().copied().fold(f64::INFINITY, f64::min);
    lufs.iter().map(|lufs| lufs.map_or(0.0, |lufs| quietest - lufs)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_brought_to_the_quietest_and_nothing_is_turned_up() {
        assert_eq!(
            matching_gains_db(&[Some(-18.0), Some(-9.5), None, Some(-14.0)]),
            [0.0, -8.5, 0.0, -4.0]
        );
        assert_eq!(matching_gains_db(&[None]), [0.0]);
    }
}
