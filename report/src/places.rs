//! Where in a song to listen.

use std::borrow::Cow;

use acetate_analyzer::Series;

/// Length of an excerpt.
const EXCERPT_S: f64 = 8.0;
/// Number of excerpts of a long song.
const PLACES: usize = 3;
/// As long as all excerpts of a song together: what is heard of a record beside a whole song.
const STRETCH_S: f64 = EXCERPT_S * PLACES as f64;

/// A stretch of the song that can be heard.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// Where it begins.
    pub at_s: f64,
    /// How long it is.
    pub length_s: f64,
    /// What is special about it.
    pub name: Cow<'static, str>,
}

/// The whole song as one place.
pub fn whole(duration_s: f64) -> Vec<Place> {
    vec![Place { at_s: 0.0, length_s: duration_s, name: "all of it".into() }]
}

/// Where to listen to a song of this loudness and length: the loudest, the quietest and a middling place of eight seconds, in the order
/// of the song, never overlapping; all of it where it is no longer than they are together.
pub fn places(series: &Series, duration_s: f64) -> Vec<Place> {
    if duration_s <= STRETCH_S {
        return whole(duration_s);
    }
    let known = by_loudness(series);
    let quiet = known.len().saturating_sub(1 + known.len() / 20);
    let mut chosen: Vec<Place> = Vec::new();
    for (rank, name) in [(0, "loudest"), (known.len() / 2, "typical"), (quiet, "quiet")] {
        let free = |at_s: &f64| chosen.iter().all(|other| (at_s - other.at_s).abs() >= EXCERPT_S);
        let nearest = known.iter().skip(rank).chain(known.iter().take(rank).rev());
        let found = nearest.map(|centre_s| begin(*centre_s, EXCERPT_S, duration_s)).find(free);
        chosen.extend(found.map(|at_s| Place { at_s, length_s: EXCERPT_S, name: name.into() }));
    }
    if chosen.is_empty() {
        chosen.push(Place { at_s: 0.0, length_s: EXCERPT_S, name: "beginning".into() });
    }
    chosen.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    chosen
}

/// Where to listen to a record beside `song`: for each place of the song the record's own of that kind. Beside a whole
/// song, or where the record has no such places, its loudest 24 seconds, or all of it if it is no longer.
pub fn record_places(series: &Series, duration_s: f64, song: &[Place]) -> Vec<Place> {
    let own = places(series, duration_s);
    let like = |place: &Place| own.iter().find(|own| own.name == place.name).cloned();
    if song.len() > 1
        && let Some(found) = song.iter().map(like).collect()
    {
        return found;
    }
    if duration_s <= STRETCH_S {
        return whole(duration_s);
    }
    let at_s = loudest(series, STRETCH_S, duration_s);
    vec![Place { at_s, length_s: STRETCH_S, name: "loudest".into() }]
}

/// Where the loudest stretch of this length begins, in whole seconds; the beginning, where the sound is no longer.
pub fn loudest(series: &Series, length_s: f64, duration_s: f64) -> f64 {
    let loudest_s = by_loudness(series).first().copied().unwrap_or(0.0);
    begin(loudest_s, length_s, duration_s.max(length_s))
}

/// The middles of all three-second windows, from the loudest to the quietest.
fn by_loudness(series: &Series) -> Vec<f64> {
    let mut known: Vec<(f64, f64)> = series
        .short_term_lufs
        .iter()
        .enumerate()
        .filter_map(|(index, lufs)| {
            lufs.map(|lufs| (lufs, (index + 1) as f64 * series.step_s - 1.5))
        })
        .collect();
    known.sort_by(|a, b| b.0.total_cmp(&a.0));
    known.into_iter().map(|(_, centre_s)| centre_s).collect()
}

/// Where a stretch around `centre_s` begins, so that it lies inside the song.
fn begin(centre_s: f64, length_s: f64, duration_s: f64) -> f64 {
    (centre_s - length_s / 2.0).clamp(0.0, duration_s - length_s).floor()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn song() -> Series {
        let lufs = |step: i32| Some(-20.0 + f64::from(step % 700) / 100.0);
        Series { step_s: 0.1, short_term_lufs: (0..2000).map(lufs).collect(), ..Series::default() }
    }

    #[test]
    fn a_long_song_is_heard_at_three_places_that_do_not_overlap() {
        let found = places(&song(), 200.0);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found.windows(2).all(|pair| pair[1].at_s - pair[0].at_s >= EXCERPT_S), "{found:?}");
        assert!(found.iter().all(|place| place.at_s + place.length_s <= 200.0));
        let names: Vec<&str> = found.iter().map(|place| &*place.name).collect();
        assert!(names.contains(&"loudest") && names.contains(&"quiet"), "{names:?}");
        let short = places(&song(), 20.0);
        assert_eq!((short.len(), short[0].at_s, short[0].length_s), (1, 0.0, 20.0));
    }

    #[test]
    fn a_record_is_heard_at_places_of_the_same_kind_and_beside_a_whole_song_at_its_loudest() {
        let mut places = places(&song(), 200.0);
        places.reverse();
        let beside = record_places(&song(), 150.0, &places);
        let names =
            |places: &[Place]| places.iter().map(|place| place.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&beside), names(&places));
        let stretch = record_places(&song(), 200.0, &whole(100.0));
        assert_eq!((stretch.len(), stretch[0].length_s), (1, 24.0));
        assert!(stretch[0].at_s > 40.0, "around a loud moment: {stretch:?}");
        assert_eq!(record_places(&song(), 20.0, &places), whole(20.0));
    }
}
