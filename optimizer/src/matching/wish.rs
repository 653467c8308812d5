//! What a record asks for: the believed part of what like moments differ by, or of what the spectra do.

use acetate_analyzer::{Analysis, SpectrumFrames};
use acetate_audio::threads;
use acetate_references::Aim;
use acetate_references::aim::MONO_BELOW_DB;
use acetate_references::frames::thinned;

use super::bounds::nearly_mono_record;
use super::likeness::{Likeness, likeness};
use crate::belief::{Errors, Prior, believable};
use crate::tone::{TONE_PRIOR, believable_excess_db, rms, with_signal};

/// What is wanted of a mix, third octave by third octave; `None` where nothing is.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordWish {
    /// Change of level; its mean over what is wanted is 0.
    pub tone_db: Vec<Option<f64>>,
    /// Change of the side against the mid; empty unless both are stereo.
    pub side_db: Vec<Option<f64>>,
    /// Distance of like moments over that of moments of one song; `None` when there were none to compare.
    pub kinship: Option<f64>,
    /// What the spectra differ by, rms over the third octaves that are matched, at the level where that is least, dB.
    pub apart_db: f64,
}

impl RecordWish {
    /// A change of the tone and nothing else.
    pub(crate) fn of_tone(change_db: &[Option<f64>]) -> Self {
        Self { tone_db: centred(change_db), side_db: Vec::new(), kinship: None, apart_db: 0.0 }
    }

    /// 0 where mix and record play like music, 1 where they share nothing that could be told apart.
    pub(crate) fn unlike(&self) -> f64 {
        self.kinship.map_or(1.0, unlike)
    }
}

/// The same of a kinship.
fn unlike(kinship: f64) -> f64 {
    ((kinship - KIN.0) / (KIN.1 - KIN.0)).clamp(0.0, 1.0)
}

/// First third octave that is matched: 40 Hz. What is below is rumble in one song and nothing in another.
const FIRST_BAND: usize = 2;
/// Kinship up to which songs are taken as one, and from which on they share nothing.
const KIN: (f64, f64) = (0.9, 1.2);
/// Like moments tell no more than this, dB, and err twice as much as their moments say: pairs share moments.
const LIKE_ERROR_DB: f64 = 0.6;
const LIKE_ERROR_SCALE: f64 = 2.0;
/// The same for the side.
const SIDE_LIKE_ERROR_DB: f64 = 0.707;
/// How well side minus mid of whole songs tells what was done, dB.
const SIDE_ERROR_DB: f64 = 1.5;

/// What mastering does to the side: a level, hardly a slope, broad shapes or none, each as likely as it makes what was found.
const SIDE_PRIORS: [Prior; 3] = [
    Prior { level: 5.0, slope: 0.1, shape: 0.05, reach: 6.0 },
    Prior { level: 5.0, slope: 0.1, shape: 0.7, reach: 6.0 },
    Prior { level: 5.0, slope: 0.1, shape: 2.0, reach: 6.0 },
];

/// After a record that is nearly mono a side is lowered by no more than this, dB: the image is made narrower, not mono.
const NOT_MONO_DB: f64 = 12.0;

/// What the records of `aim` ask of the mix that measures `now`.
pub(crate) fn record_wish(aim: &Aim, now: &Analysis) -> RecordWish {
    let mut wish = whole_wish(aim, now);
    if nearly_mono_record(aim) {
        wish.side_db.iter_mut().flatten().for_each(|db| *db = db.max(-NOT_MONO_DB));
    }
    wish
}

/// The same, though it were mono.
fn whole_wish(aim: &Aim, now: &Analysis) -> RecordWish {
    let levels = &now.spectrum.level_db;
    let there = with_signal(levels, levels, now);
    let excess_db: Vec<Option<f64>> = aim
        .tone_excess_db(levels)
        .into_iter()
        .enumerate()
        .map(|(band, excess)| excess.filter(|_| there[band] && band >= FIRST_BAND))
        .collect();
    let plain_db: Vec<Option<f64>> = excess_db.iter().map(|db| db.map(|db| -db)).collect();
    let believed_db: Vec<Option<f64>> =
        believable_excess_db(excess_db, now, aim).into_iter().map(|db| db.map(|db| -db)).collect();
    let apart_db = rms(&centred(&plain_db));
    let known: Vec<usize> = (0..plain_db.len()).filter(|&band| plain_db[band].is_some()).collect();
    let plain_side_db = plain_side_db(aim, now, &known);
    let start_db: Vec<f64> = known.iter().filter_map(|&band| believed_db[band]).collect();
    let alike = compare(aim, now, &known, &start_db);
    if alike.is_empty() {
        let side_db = believed_side_db(&plain_side_db);
        return RecordWish { tone_db: centred(&believed_db), side_db, kinship: None, apart_db };
    }
    let (plain_db, mut wish) = (
        centred(&plain_db),
        RecordWish {
            tone_db: vec![None; levels.len()],
            side_db: vec![None; plain_side_db.len()],
            kinship: Some(0.0),
            apart_db,
        },
    );
    for (tone_share, width_share, like) in &alike {
        let unlike = unlike(like.kinship);
        let like_db = centred(&believed_like_db(like, &known, levels.len()));
        add_blend(&mut wish.tone_db, *tone_share, unlike, &like_db, &plain_db);
        if !wish.side_db.is_empty() {
            let like_db = believed_like_side_db(like, &known, levels.len());
            let like_db = like_db.unwrap_or_else(|| plain_side_db.clone());
            add_blend(&mut wish.side_db, *width_share, unlike, &like_db, &plain_side_db);
        }
        let share = (tone_share + width_share) / 2.0;
        wish.kinship = wish.kinship.map(|kinship| kinship + share * like.kinship);
    }
    wish
}

/// The mix compared with each record: its shares in tone and width, and what was found; empty when one cannot be compared.
fn compare(
    aim: &Aim,
    now: &Analysis,
    known: &[usize],
    start_db: &[f64],
) -> Vec<(f64, f64, Likeness)> {
    let Some(frames) = now.spectrum.frames.as_deref().filter(|_| known.len() > 1) else {
        return Vec::new();
    };
    let mix: SpectrumFrames = thinned(frames);
    let found = threads::map(&aim.records, |_, record| {
        let like = likeness(&mix, &thinned(&record.frames), known, start_db)?;
        Some((record.tone_share, record.width_share, like))
    });
    found.into_iter().collect::<Option<Vec<_>>>().unwrap_or_default()
}

fn believed_like_db(like: &Likeness, known: &[usize], bands: usize) -> Vec<Option<f64>> {
    let errors = Errors::of_known(&like.errors, known, bands, LIKE_ERROR_SCALE, LIKE_ERROR_DB);
    believable(&spread_out(&like.change_db, known, bands), &errors, &[TONE_PRIOR], bands)
}

fn believed_like_side_db(
    like: &Likeness,
    known: &[usize],
    bands: usize,
) -> Option<Vec<Option<f64>>> {
    let (change_db, errors) = like.side.as_ref()?;
    let errors = Errors::of_known(errors, known, bands, LIKE_ERROR_SCALE, SIDE_LIKE_ERROR_DB);
    Some(believable(&spread_out(change_db, known, bands), &errors, &SIDE_PRIORS, bands))
}

/// Side minus mid that the record has more than the mix; empty unless there is something to compare.
fn plain_side_db(aim: &Aim, now: &Analysis, known: &[usize]) -> Vec<Option<f64>> {
    let spectrum = &now.spectrum;
    let bands = spectrum.level_db.len();
    if now.format.channels != 2 || spectrum.side_level_db.len() != bands {
        return Vec::new();
    }
    let mut wanted = vec![None; bands];
    for &band in known {
        let difference = aim.side_minus_mid[band];
        let Some(mid_db) = spectrum.mid_level_db[band].filter(|_| difference.weight > 0.0) else {
            continue;
        };
        let floor_db = mid_db + MONO_BELOW_DB;
        let side_db = spectrum.side_level_db[band].unwrap_or(floor_db).max(floor_db);
        wanted[band] = Some(difference.db - (side_db - mid_db));
    }
    if wanted.iter().all(Option::is_none) { Vec::new() } else { wanted }
}

fn believed_side_db(plain_db: &[Option<f64>]) -> Vec<Option<f64>> {
    let errors = Errors::apart(&vec![SIDE_ERROR_DB; plain_db.len()]);
    if plain_db.is_empty() {
        return Vec::new();
    }
    believable(plain_db, &errors, &SIDE_PRIORS, plain_db.len())
}

/// Values of the known third octaves in their places.
fn spread_out(values: &[f64], known: &[usize], bands: usize) -> Vec<Option<f64>> {
    let mut all = vec![None; bands];
    known.iter().zip(values).for_each(|(&band, &value)| all[band] = Some(value));
    all
}

/// The same with a mean of 0.
pub(super) fn centred(values: &[Option<f64>]) -> Vec<Option<f64>> {
    let count = values.iter().flatten().count().max(1) as f64;
    let mean = values.iter().flatten().sum::<f64>() / count;
    values.iter().map(|value| value.map(|value| value - mean)).collect()
}

/// Adds `share` of what lies between two wishes.
fn add_blend(
    sum: &mut [Option<f64>],
    share: f64,
    unlike: f64,
    like_db: &[Option<f64>],
    plain_db: &[Option<f64>],
) {
    for ((sum, like), plain) in sum.iter_mut().zip(like_db).zip(plain_db) {
        if let Some((like, plain)) = like.zip(*plain) {
            let wanted = (1.0 - unlike) * like + unlike * plain;
            *sum = Some(sum.unwrap_or(0.0) + share * wanted);
        }
    }
}
