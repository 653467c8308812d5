//! An aim without a record: what was heard, and what is done about it.

use acetate_analyzer::Analysis;

use super::{Aim, Alignment, BandAim, Wanted};
use crate::bands::{THIRD_OCTAVES, WIDE_BANDS, WIDE_EDGES_HZ, shape_db};
use crate::oneshot::{Boldness, Hearing, Model, Nine, model};
use crate::profile::Profile;
use crate::style::wide::{spread_over_third_octaves, wide_band_of};
use crate::style::{OwnRecords, Style};
use crate::target::Target;

/// Smallest tolerance of the tone, dB: no two meters agree better.
const TOLERANCE_MIN_DB: f64 = 0.5;
/// Tolerance of a level that is wanted to vary less, dB: it was decided that it should.
const SPREAD_TOLERANCE_DB: f64 = 0.1;
/// Half of a range that holds nine of ten, in standard deviations.
const NINE_OF_TEN_STD: f64 = 1.645;

impl Aim {
    /// The aim of taking away what is nearly surely wrong with a mix, and nothing else: width is left, and what is usual for
    /// loudness and range is that of the styles it is like.
    pub fn one_shot(mix: &Analysis, target: &Target, boldness: Boldness) -> Self {
        Self::usual_near(mix, target).heard(mix, Hearing::by(model(), mix, boldness))
    }

    /// The same where a person's own records are among what is known of records, by [`Model::with_own`]; where the mix is like
    /// them, what is usual is theirs.
    pub fn one_shot_among(
        known: &Model,
        own: Option<&OwnRecords>,
        mix: &Analysis,
        target: &Target,
        boldness: Boldness,
    ) -> Self {
        let like = own.and_then(|own| Self::usual_among_own(own, mix, target));
        let like = like.unwrap_or_else(|| Self::usual_near(mix, target));
        like.heard(mix, Hearing::by(known, mix, boldness))
    }

    /// The same where the mix is said to be of a style: it is judged by the records of that style alone, by [`Model::of_style`] (by all records
    /// where the style has none to judge by), and what is usual is theirs.
    pub fn one_shot_in(style: &Style, mix: &Analysis, target: &Target, boldness: Boldness) -> Self {
        let known = style.kind.as_ref().and_then(|kind| model().of_style(kind));
        let named = known.is_some().then(|| style.name.clone());
        let hearing = Hearing::by(known.as_ref().unwrap_or(model()), mix, boldness);
        let hearing = Hearing { style: named, ..hearing };
        Self::usual_in(style, target).heard(mix, hearing)
    }

    /// The aim with what was heard in the mix.
    fn heard(self, mix: &Analysis, hearing: Hearing) -> Self {
        let tone = match (hearing.tone_fault_db(), &hearing.tone) {
            (Some(fault_db), Some(doubt)) => wanted_tone(mix, fault_db, &doubt.range),
            _ => vec![Wanted::NOTHING; THIRD_OCTAVES],
        };
        let bands = (0..WIDE_BANDS).map(|band| BandAim {
            low_hz: WIDE_EDGES_HZ[band],
            high_hz: WIDE_EDGES_HZ[band + 1],
            level_std: wanted_spread(mix, &hearing, band),
            crest_factor: Wanted::NOTHING,
            side_minus_mid: Wanted::NOTHING,
        });
        let bands = bands.collect();
        Self { tone, alignment: Alignment::LeastChange, bands, hearing: Some(hearing), ..self }
    }
}

/// How much the levels of a band are to vary.
fn wanted_spread(mix: &Analysis, hearing: &Hearing, band: usize) -> Wanted {
    let spread_db = mix.dynamics.bands.get(band).and_then(|band| band.level_std_db);
    let wanted_db = spread_db
        .zip(hearing.density_fault_pct())
        .map(|(db, more_pct)| db / (1.0 + more_pct[band] / 100.0));
    wanted_db.map_or(Wanted::NOTHING, |db| Wanted {
        db,
        tolerance_db: SPREAD_TOLERANCE_DB,
        weight: 1.0,
    })
}

/// The tone of the mix less the fault.
fn wanted_tone(mix: &Analysis, fault_db: &Nine, range_db: &[[f64; 2]; WIDE_BANDS]) -> Vec<Wanted> {
    let profile = Profile::from_analysis("mix", mix);
    let shape = shape_db(&profile.spectrum.level_db);
    let fault_db = spread_over_third_octaves(fault_db);
    let wanted = |band: usize| {
        let Some(level_db) = shape[band].filter(|_| profile.matchable(band)) else {
            return Wanted::NOTHING;
        };
        let [low, high] = range_db[wide_band_of(band)];
        let tolerance_db = ((high - low) / 2.0 / NINE_OF_TEN_STD).max(TOLERANCE_MIN_DB);
        Wanted { db: level_db - fault_db[band], tolerance_db, weight: 1.0 }
    };
    (0..THIRD_OCTAVES).map(wanted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oneshot::{Signs, Unjudged};
    use crate::style::fit_collection;
    use crate::target::target;
    use crate::test_sounds::shaped;

    #[test]
    fn an_excerpt_is_left_alone_and_told_so() {
        let mut mix = shaped(&[Some(-20.0); THIRD_OCTAVES]);
        mix.format.duration_s = 12.0;
        let aim = Aim::one_shot(&mix, target("streaming").unwrap(), Boldness::Normal);
        assert!(aim.tone.iter().all(|wanted| wanted.weight == 0.0));
        assert!(aim.bands.iter().all(|band| band.level_std.weight == 0.0));
        assert!(aim.side_minus_mid.iter().all(|wanted| wanted.weight == 0.0));
        let why = aim.hearing.unwrap().unjudged;
        assert_eq!(why, Some(Unjudged::Excerpt { duration_s: 12.0 }));
    }

    /// A song with steps in its spectrum that no commercial record has.
    fn song(tilt_db: f64) -> Analysis {
        let mut mix = shaped(&[Some(-20.0); THIRD_OCTAVES]);
        mix.format.duration_s = 180.0;
        mix.loudness.loudness_range_lu = Some(6.0);
        mix.loudness.plr_db = Some(11.0);
        for (band, dynamics) in mix.dynamics.bands.iter_mut().enumerate() {
            let step_db = if band % 2 == 0 { 12.0 } else { -12.0 };
            let level_db = -30.0 + step_db + tilt_db * (band as f64 - 4.0);
            dynamics.mid_log_mean_db = Some(level_db);
            dynamics.side_log_mean_db = Some(level_db - 8.0);
            dynamics.quick_level_std_db = Some(5.5);
        }
        mix
    }

    /// Records like it.
    fn records() -> Vec<Profile> {
        let record =
            |n: i32| Profile::from_analysis(&format!("record {n}"), &song(0.1 * f64::from(n - 6)));
        (0..12).map(record).collect()
    }

    #[test]
    fn music_that_no_record_is_like_is_judged_among_ones_own() {
        let known = model().with_own(&[records().iter().filter_map(Signs::from_profile).collect()]);
        let (mix, delivery) = (song(0.0), target("streaming").unwrap());
        let alone = Aim::one_shot(&mix, delivery, Boldness::Normal).hearing.unwrap();
        assert_eq!(alone.unjudged, Some(Unjudged::Unlike));
        let among = Aim::one_shot_among(&known, None, &mix, delivery, Boldness::Normal);
        let among = among.hearing.unwrap();
        assert!(among.unjudged.is_none() && among.is_among_own(), "{among:?}");
        assert_eq!(among.tone_fault_db(), None);
    }

    #[test]
    fn a_mix_that_is_said_to_be_of_a_style_of_ones_own_is_judged_by_it() {
        let style = fit_collection("Mine", &records()).unwrap();
        let delivery = target("streaming").unwrap();
        let judged = |tilt_db| {
            Aim::one_shot_in(&style, &song(tilt_db), delivery, Boldness::Normal).hearing.unwrap()
        };
        let straight = judged(0.0);
        assert_eq!(straight.style.as_deref(), Some("Mine"));
        assert!(straight.unjudged.is_none() && straight.own_pct > 99.0, "{straight:?}");
        assert_eq!(straight.tone_fault_db(), None);
        let bent = judged(2.5);
        let fault_db = bent.tone_fault_db().expect("a tilt of 20 dB is surely wrong");
        assert!(fault_db[0] < -5.0 && fault_db[8] > 5.0, "{fault_db:?}");
        assert_eq!(style.learned_from(), "12 records");
        let mut excerpts = records();
        excerpts.iter_mut().for_each(|record| record.source.duration_s = 30.0);
        let excerpts = fit_collection("Short", &excerpts).unwrap();
        assert!(excerpts.learned_from().contains("(0 whole songs"), "{}", excerpts.learned_from());
        let nameless = Aim::one_shot_in(&excerpts, &song(0.0), delivery, Boldness::Normal);
        assert_eq!(nameless.hearing.unwrap().style, None, "it says nothing about a song");
        let jazz = crate::style::style("jazz").unwrap();
        let elsewhere = Aim::one_shot_in(jazz, &song(0.0), delivery, Boldness::Normal);
        assert_eq!(elsewhere.hearing.unwrap().unjudged, Some(Unjudged::Unlike));
    }
}
