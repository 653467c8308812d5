//! Where in a song to listen, and what is heard there.

use acetate_analyzer::Series;

/// Length of an excerpt.
const EXCERPT_S: f64 = 8.0;
/// Number of excerpts of a long song.
const PLACES: usize = 3;

/// A version that can be heard.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// Its name on the button.
    pub name: String,
    /// Its loudness, by which versions are matched.
    pub lufs: Option<f64>,
}

/// A stretch of the song that can be heard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Where it begins.
    pub at_s: f64,
    /// How long it is.
    pub length_s: f64,
    /// What is special about it.
    pub name: &'static str,
}

/// What can be heard: versions, places and, for each version, the sound of each place.
#[derive(Clone, Debug)]
pub struct Excerpts {
    /// In the order of their buttons; the first is the one they are compared with.
    pub versions: Vec<Version>,
    /// In the order of the song.
    pub places: Vec<Place>,
    /// `[version][place]`: FLAC in base64, 16 bit, one or two channels.
    pub sound: Vec<Vec<String>>,
}

/// The whole song as one place.
pub fn whole(duration_s: f64) -> Vec<Place> {
    vec![Place { at_s: 0.0, length_s: duration_s, name: "all of it" }]
}

/// Where to listen to a song of this loudness and length: the loudest, the quietest and a middling place of eight seconds, in the order
/// of the song, never overlapping; all of it where it is no longer than they are together.
pub fn places(series: &Series, duration_s: f64) -> Vec<Place> {
    if duration_s <= EXCERPT_S * (PLACES as f64) {
        return whole(duration_s);
    }
    let mut known: Vec<(f64, f64)> = series
        .short_term_lufs
        .iter()
        .enumerate()
        .filter_map(|(index, lufs)| {
            lufs.map(|lufs| (lufs, (index + 1) as f64 * series.step_s - 1.5))
        })
        .collect();
    known.sort_by(|a, b| b.0.total_cmp(&a.0));
    let quiet = known.len().saturating_sub(1 + known.len() / 20);
    let mut chosen: Vec<Place> = Vec::new();
    for (rank, name) in [(0, "loudest"), (known.len() / 2, "typical"), (quiet, "quiet")] {
        let begin =
            |centre_s: f64| (centre_s - EXCERPT_S / 2.0).clamp(0.0, duration_s - EXCERPT_S).floor();
        let free = |at_s: &f64| chosen.iter().all(|other| (at_s - other.at_s).abs() >= EXCERPT_S);
        let nearest = known.iter().skip(rank).chain(known.iter().take(rank).rev());
        let found = nearest.map(|(_, centre_s)| begin(*centre_s)).find(free);
        chosen.extend(found.map(|at_s| Place { at_s, length_s: EXCERPT_S, name }));
    }
    if chosen.is_empty() {
        chosen.push(Place { at_s: 0.0, length_s: EXCERPT_S, name: "beginning" });
    }
    chosen.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_song_is_heard_at_three_places_that_do_not_overlap() {
        let series = Series {
            step_s: 0.1,
            short_term_lufs: (0..2000).map(|i| Some(-20.0 + f64::from(i % 700) / 100.0)).collect(),
            ..Series::default()
        };
        let found = places(&series, 200.0);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found.windows(2).all(|pair| pair[1].at_s - pair[0].at_s >= EXCERPT_S), "{found:?}");
        assert!(found.iter().all(|place| place.at_s + place.length_s <= 200.0));
        let names: Vec<&str> = found.iter().map(|place| place.name).collect();
        assert!(names.contains(&"loudest") && names.contains(&"quiet"), "{names:?}");
        let short = places(&series, 20.0);
        assert_eq!((short.len(), short[0].at_s, short[0].length_s), (1, 0.0, 20.0));
    }
}
