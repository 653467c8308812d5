//! The tone of a record: what all songs share, and what one needs alone.
//!
//! Songs of a record differ because they are different songs. What the middle of them is away from the aim, all of them turn alike;
//! what a song is away from the middle is its own, and only the excess over a tolerance is eased, in part.

use acetate_analyzer::{Analysis, Measured};
use acetate_audio::units::db_to_power;
use acetate_engine::Settings;
use acetate_engine::settings::{EqualizerBand, FilterType};
use acetate_references::Aim;

use crate::equalizer::{Band, Shape};
use crate::fit::{draft, wish_of_records};
use crate::options::FitOptions;
use crate::rounding;
use crate::surrogate::Surrogate;
use crate::tone::rms;

/// Songs may differ from the middle of the record by so much, dB; more at both ends of the spectrum, where instruments differ most.
const TOLERANCE_DB: f64 = 2.0;
const TOLERANCE_EDGE_DB: f64 = 3.0;
const EDGES_HZ: (f64, f64) = (100.0, 8000.0);
/// An own move is never more than this anywhere, dB.
const OWN_DB_MAX: f64 = 1.5;
/// An own move of less is not made, dB.
const OWN_DB_MIN: f64 = 0.2;
/// Spectra are laid over each other here.
const ALIGNED_HZ: (f64, f64) = (250.0, 4000.0);
/// Width of the bells of own moves: an octave.
const BELL_Q: f64 = 1.4;
/// The edges of the regions that move together, Hz: broad, for own moves are.
const REGIONS_HZ: [f64; 8] = [20.0, 70.0, 180.0, 450.0, 1120.0, 2800.0, 7000.0, 18_000.0];
/// A third octave this far under a song's loudest is not heard, dB.
const HEARD_DB: f64 = -45.0;
/// Points at which the sum of moves is held to its cap.
const POINTS: usize = 120;

/// How much of the excess over the tolerance an own move takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ToneTogether {
    /// Percent; 0 leaves every song as it is.
    pub pct: f64,
}

impl Default for ToneTogether {
    fn default() -> Self {
        Self { pct: 30.0 }
    }
}

/// A move that one song makes alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OwnMove {
    /// The middle of the region.
    pub freq_hz: f64,
    /// How far the song is from the middle of the record there, dB.
    pub away_db: f64,
    /// What is done, dB.
    pub gain_db: f64,
}

/// The tone of the songs of a record against each other.
#[derive(Clone, Debug, PartialEq)]
pub struct TonePlan {
    /// The middle of the record in third octaves, at the level of the closest song; `None` where no song has signal.
    pub centre_db: Vec<Option<f64>>,
    /// The song that is nearest to the middle.
    pub closest: usize,
    /// How far each song is from the middle: root mean square over the third octaves, dB.
    pub distance_db: Vec<f64>,
    /// What each song does alone; nothing within the tolerance.
    pub own: Vec<Vec<OwnMove>>,
}

/// Finds the middle of a record and what each song does alone. `weights` say how much each song counts: its power in the record times its
/// length.
///
/// # Panics
/// When there is no song, or not a weight for each.
pub fn plan_tone(songs: &[&Analysis], weights: &[f64], together: ToneTogether) -> TonePlan {
    assert!(!songs.is_empty() && songs.len() == weights.len(), "a weight for each song");
    let hz = &songs[0].spectrum.third_octave_hz;
    let aligned: Vec<Vec<Option<f64>>> =
        songs.iter().map(|song| shifted(&song.spectrum.level_db, -middle_db(song))).collect();
    let centre: Vec<Option<f64>> = (0..hz.len())
        .map(|band| {
            let levels = aligned.iter().zip(weights);
            let levels =
                levels.filter_map(|(song, &weight)| Some((song.get(band).copied()??, weight)));
            weighted_median(levels.collect())
        })
        .collect();
    against(songs, &aligned, &centre, together)
}

/// The same for songs that come to a record whose middle is known.
///
/// # Panics
/// When there is no song.
pub(super) fn tone_against(
    songs: &[&Analysis],
    centre_db: &[Option<f64>],
    together: ToneTogether,
) -> TonePlan {
    let hz = &songs[0].spectrum.third_octave_hz;
    let aligned: Vec<Vec<Option<f64>>> =
        songs.iter().map(|song| shifted(&song.spectrum.level_db, -middle_db(song))).collect();
    let centre = shifted(centre_db, -middle_of(hz, centre_db));
    against(songs, &aligned, &centre, together)
}

/// Songs against a middle, all laid over each other.
fn against(
    songs: &[&Analysis],
    aligned: &[Vec<Option<f64>>],
    centre: &[Option<f64>],
    together: ToneTogether,
) -> TonePlan {
    let hz = &songs[0].spectrum.third_octave_hz;
    let away_of = |song: &Vec<Option<f64>>| -> Vec<Option<f64>> {
        song.iter().zip(centre).map(|(song, centre)| Some((*song)? - (*centre)?)).collect()
    };
    let away: Vec<Vec<Option<f64>>> = aligned.iter().map(away_of).collect();
    let distance_db: Vec<f64> = away.iter().map(|away| rms(away)).collect();
    let nearer = |a: &usize, b: &usize| distance_db[*a].total_cmp(&distance_db[*b]);
    let closest = (0..songs.len()).min_by(nearer).expect("there is a song");
    TonePlan {
        centre_db: shifted(centre, middle_db(songs[closest])),
        closest,
        own: (0..songs.len())
            .map(|song| own_moves(hz, &heard(&away[song], &aligned[song]), together))
            .collect(),
        distance_db,
    }
}

/// Where a song can be heard: what nobody hears is no tone, and the noise of a band without music is not raised.
fn heard(away: &[Option<f64>], levels: &[Option<f64>]) -> Vec<Option<f64>> {
    let loudest = levels.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
    let is_heard = |level: &Option<f64>| level.is_some_and(|db| db > loudest + HEARD_DB);
    away.iter().zip(levels).map(|(away, level)| away.filter(|_| is_heard(level))).collect()
}

/// How far a song is from a middle in third octaves, laid over each other, dB; `None` where it cannot be heard.
pub fn tone_away_db(song: &Analysis, centre_db: &[Option<f64>]) -> Vec<Option<f64>> {
    let hz = &song.spectrum.third_octave_hz;
    let by_db = middle_of(hz, centre_db) - middle_db(song);
    let aligned = shifted(&song.spectrum.level_db, by_db);
    let away = |(song, centre): (&Option<f64>, &Option<f64>)| Some((*song)? - (*centre)?);
    let away: Vec<Option<f64>> = aligned.iter().zip(centre_db).map(away).collect();
    heard(&away, &aligned)
}

/// Mean level of a song where spectra are laid over each other.
fn middle_db(song: &Analysis) -> f64 {
    middle_of(&song.spectrum.third_octave_hz, &song.spectrum.level_db)
}

fn middle_of(hz: &[f64], levels_db: &[Option<f64>]) -> f64 {
    let bands = hz.iter().zip(levels_db);
    let inside = bands.filter(|(hz, _)| (ALIGNED_HZ.0..=ALIGNED_HZ.1).contains(*hz));
    let levels: Vec<f64> = inside.filter_map(|(_, level)| *level).collect();
    levels.iter().sum::<f64>() / levels.len().max(1) as f64
}

fn shifted(levels: &[Option<f64>], by_db: f64) -> Vec<Option<f64>> {
    levels.iter().map(|level| level.map(|level| level + by_db)).collect()
}

/// The value that half of the weight is below.
fn weighted_median(mut values: Vec<(f64, f64)>) -> Option<f64> {
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = values.iter().map(|(_, weight)| weight).sum();
    let mut below = 0.0;
    for (at, &(value, weight)) in values.iter().enumerate() {
        below += weight;
        if below > total / 2.0 {
            return Some(value);
        }
        if below == total / 2.0 {
            // Half on each side: between the two.
            return Some(values.get(at + 1).map_or(value, |next| (value + next.0) / 2.0));
        }
    }
    None
}

/// How far a song may be from the middle of its record at a frequency and be left alone, dB.
pub fn tone_tolerance_db(freq_hz: f64) -> f64 {
    let edge = freq_hz < EDGES_HZ.0 || freq_hz > EDGES_HZ.1;
    if edge { TOLERANCE_EDGE_DB } else { TOLERANCE_DB }
}

fn own_moves(hz: &[f64], away: &[Option<f64>], together: ToneTogether) -> Vec<OwnMove> {
    let mut moves: Vec<OwnMove> = REGIONS_HZ
        .windows(2)
        .filter_map(|edges| {
            let inside = hz.iter().zip(away).filter(|(hz, _)| (edges[0]..edges[1]).contains(*hz));
            let values: Vec<f64> = inside.filter_map(|(_, away)| *away).collect();
            if values.is_empty() {
                return None;
            }
            let away_db = values.iter().sum::<f64>() / values.len() as f64;
            let freq_hz = libm::round(libm::sqrt(edges[0] * edges[1]));
            let excess_db = (away_db.abs() - tone_tolerance_db(freq_hz)).max(0.0);
            let eased_db = (excess_db * together.pct / 100.0).min(OWN_DB_MAX);
            let gain_db = -eased_db.copysign(away_db);
            (eased_db >= OWN_DB_MIN).then_some(OwnMove { freq_hz, away_db, gain_db })
        })
        .collect();
    // Neighbours overlap: their sum is held to the cap as well.
    let most = most_db(&moves);
    if most > OWN_DB_MAX {
        moves.iter_mut().for_each(|own| own.gain_db *= OWN_DB_MAX / most);
    }
    for own in &mut moves {
        // Towards zero, so that rounding never passes the cap.
        own.gain_db = libm::trunc(own.gain_db * 100.0) / 100.0;
    }
    moves
}

/// The furthest that moves change anything together, dB.
fn most_db(moves: &[OwnMove]) -> f64 {
    let bands: Vec<Band> = moves.iter().map(band_of).collect();
    let (low, high) = (REGIONS_HZ[0], REGIONS_HZ[REGIONS_HZ.len() - 1]);
    let at = |point: usize| low * libm::pow(high / low, point as f64 / (POINTS - 1) as f64);
    let sum = |hz: f64| bands.iter().map(|band| band.response_db(hz)).sum::<f64>();
    (0..POINTS).map(|point| sum(at(point)).abs()).fold(0.0, f64::max)
}

fn band_of(own: &OwnMove) -> Band {
    Band { shape: Shape::Bell, freq_hz: own.freq_hz, gain_db: own.gain_db, q: BELL_Q }
}

/// The bands of own moves, named apart from the common ones.
pub fn own_bands(moves: &[OwnMove]) -> Vec<EqualizerBand> {
    let band = |(own, number): (&OwnMove, usize)| EqualizerBand {
        id: format!("own{number}"),
        kind: FilterType::Bell,
        freq_hz: own.freq_hz,
        gain_db: own.gain_db,
        q: BELL_Q,
        ..EqualizerBand::default()
    };
    moves.iter().zip(1..).map(band).collect()
}

/// What every song of a record does: the settings that bring its middle to the aim, without level. `closest` is the song that
/// [`TonePlan::closest`] names, whose tables stand for the record.
pub fn common_settings(
    closest: &Measured,
    plan: &TonePlan,
    aim: &Aim,
    options: &FitOptions,
) -> Settings {
    let now = with_tone(&closest.analysis, &plan.centre_db);
    let records = wish_of_records(aim, &now, options);
    let surrogate = Surrogate::new(closest);
    let mut settings = draft(&surrogate, closest, &now, aim, records.as_ref(), options).settings;
    settings.input.remove_dc = false;
    rounding::round(&mut settings);
    settings
}

/// A song as it would be with the tone of the record's middle.
fn with_tone(song: &Analysis, centre_db: &[Option<f64>]) -> Analysis {
    let mut now = song.clone();
    let change: Vec<f64> = song
        .spectrum
        .level_db
        .iter()
        .zip(centre_db)
        .map(|(song, centre)| song.zip(*centre).map_or(0.0, |(song, centre)| centre - song))
        .collect();
    let spectrum = &mut now.spectrum;
    for levels in [&mut spectrum.level_db, &mut spectrum.mid_level_db, &mut spectrum.side_level_db]
    {
        for (level, change) in levels.iter_mut().zip(&change) {
            *level = level.map(|level| level + change);
        }
    }
    if let Some(evidence) = &mut spectrum.evidence {
        for (level, change) in evidence.log_mean_db.iter_mut().zip(&change) {
            *level = level.map(|level| level + change);
        }
    }
    if let Some(frames) = &mut spectrum.frames {
        let frames = std::sync::Arc::make_mut(frames);
        for moment in frames.level_db.chunks_mut(frames.bands.max(1)) {
            for (level, change) in moment.iter_mut().zip(&change) {
                *level += *change as f32;
            }
        }
    }
    now
}

/// The power that a song has in a record, for [`plan_tone`]: how far it stays under the loudest, and its length.
pub fn weight(under_lu: f64, duration_s: f64) -> f64 {
    db_to_power(-under_lu) * duration_s
}

#[cfg(test)]
mod tests {
    use super::*;
    use acetate_analyzer::Spectrum;

    const CENTRES: [f64; 10] =
        [31.5, 63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16_000.0];

    fn song(levels: [f64; 10]) -> Analysis {
        let mut analysis: Analysis = serde_json::from_value(serde_json::json!({
            "schema": "acetate.analysis/1",
            "format": { "container": null, "codec": null, "sample_rate_hz": 48_000, "bits": null, "channels": 2,
                        "duration_s": 100.0, "frames": 4_800_000 },
            "loudness": { }, "dynamics": { "bands": [] }, "spectrum": { "third_octave_hz": [], "level_db": [],
                "mid_level_db": [], "side_level_db": [], "spread_db": [] },
            "stereo": { "bands": [] }, "findings": []
        }))
        .unwrap();
        analysis.spectrum = Spectrum {
            third_octave_hz: CENTRES.to_vec(),
            level_db: levels.iter().map(|&level| Some(level)).collect(),
            ..Spectrum::default()
        };
        analysis
    }

    fn plan(songs: &[Analysis]) -> TonePlan {
        let songs: Vec<&Analysis> = songs.iter().collect();
        plan_tone(&songs, &vec![1.0; songs.len()], ToneTogether::default())
    }

    #[test]
    fn songs_within_the_tolerance_are_not_touched() {
        let flat = [-30.0; 10];
        let mut bright = flat;
        bright[8] += 1.9;
        bright[0] -= 2.9;
        let plan = plan(&[song(flat), song(flat), song(bright)]);
        assert_eq!(plan.own, [vec![], vec![], vec![]]);
    }

    #[test]
    fn only_the_excess_is_eased_and_only_in_part() {
        let mut boomy = [-30.0; 10];
        // 125 Hz: 6 over the middle, 4 over the tolerance, 30 % of that.
        boomy[2] += 6.0;
        let plan = plan(&[song([-30.0; 10]), song([-30.0; 10]), song(boomy)]);
        let [own] = plan.own[2][..] else { panic!("{plan:?}") };
        assert!((own.gain_db + 1.2).abs() < 0.011 && (own.away_db - 6.0).abs() < 1e-9, "{own:?}");
    }

    #[test]
    fn the_level_of_a_song_is_no_tone() {
        let plan = plan(&[song([-30.0; 10]), song([-45.0; 10]), song([-20.0; 10])]);
        assert!(plan.distance_db.iter().all(|&distance| distance < 1e-9), "{plan:?}");
    }

    #[test]
    fn the_cap_is_never_passed_even_where_moves_overlap() {
        let mut thin = [-30.0; 10];
        for level in &mut thin[..3] {
            *level -= 30.0;
        }
        let plan = plan(&[song([-30.0; 10]), song([-30.0; 10]), song(thin)]);
        assert!(plan.own[2].len() > 1);
        assert!(most_db(&plan.own[2]) <= OWN_DB_MAX + 1e-9, "{}", most_db(&plan.own[2]));
        assert!(most_db(&plan.own[2]) > OWN_DB_MAX * 0.9);
    }

    #[test]
    fn the_middle_is_the_median_by_weight() {
        assert_eq!(weighted_median(vec![(1.0, 1.0), (2.0, 1.0), (9.0, 5.0)]), Some(9.0));
        assert_eq!(weighted_median(vec![(1.0, 1.0), (3.0, 1.0)]), Some(2.0));
        assert_eq!(weighted_median(vec![]), None);
    }
}
