//! An aim from what records of a kind have in common.

use acetate_analyzer::Analysis;

use super::{Aim, Alignment, BandAim, StyleUse, UsualRange, Wanted};
use crate::bands::{THIRD_OCTAVES, WIDE_BANDS, WIDE_EDGES_HZ, shape_db};
use crate::profile::Profile;
use crate::reference_use::ReferenceUse;
use crate::style::{OwnRecords, Percentiles, Sample, Style, placement, style};
use crate::target::Target;

/// The style that stands for all records, when a mix is like none in particular.
pub(super) const EVERYTHING: &str = "all";

/// What a style of the person's own records is called.
const OWN: &str = "own records";
/// How many of them are named.
const NAMED: usize = 3;

/// How much wider the tolerance is when a mix resembles nothing.
const UNSURE: f64 = 2.0;

/// Bands of the long-term spectrum count less towards the ends, where the recordings that styles were learned
/// from tell little: below 60 Hz the wide band does not resolve them, above 12 kHz lossy sources and taste.
const WEIGHT_BELOW_60_HZ: f64 = 0.5;
const WEIGHT_ABOVE_12_KHZ: f64 = 0.5;
/// Third octaves below 60 Hz.
const BANDS_BELOW_60_HZ: usize = 4;
/// First third octave above 12 kHz.
const FIRST_BAND_ABOVE_12_KHZ: usize = 27;

/// Smallest tolerance of dynamics and width, dB: no two meters agree better.
const TOLERANCE_MIN_DB: f64 = 0.5;

impl Aim {
    /// The aim of staying what the mix is, within what records of the style are: the nearest point of the
    /// style's manifold, and for dynamics and width the nearest usual value.
    pub fn from_style(style: &Style, mix: &Analysis, target: &Target) -> Self {
        let share = ReferenceUse { id: style.id.clone(), weight: 1.0 };
        let text = format!(
            "leans to the style \"{}\", learned from {} records",
            style.name, style.records
        );
        let using = StyleUse {
            id: style.id.clone(),
            forced: true,
            shares: vec![share],
            resembles: true,
            text,
        };
        from_styles(&[(style, 1.0)], 1.0, mix, target, using)
    }

    /// What is usual among the person's own records that are most like the mix.
    ///
    /// `None` when they lack what a style is made of, or the mix is unlike them: then
    /// [`from_nearest_style`](Self::from_nearest_style) knows more.
    pub(super) fn from_own_records(
        own: &OwnRecords,
        mix: &Analysis,
        target: &Target,
    ) -> Option<Self> {
        let among = own.place(&Sample::from_analysis(mix));
        if !among.resembles {
            return None;
        }
        let style = own.style_of(OWN, &among.records).ok()?;
        let nearest: Vec<&str> =
            among.records.iter().take(NAMED).map(|&i| own.profiles()[i].name.as_str()).collect();
        let which = if among.of_one_kind { "of its kind" } else { "nearest to it" };
        let using = StyleUse {
            id: style.id.clone(),
            forced: false,
            shares: vec![ReferenceUse { id: style.id.clone(), weight: 1.0 }],
            resembles: true,
            text: format!(
                "among your own records those {which} are {}, the most alike {}",
                among.records.len(),
                nearest.join(", ")
            ),
        };
        Some(from_styles(&[(&style, 1.0)], 1.0, mix, target, using))
    }

    /// The same with the style found automatically: mixes of styles are aimed at between them, and a mix that
    /// resembles nothing gets a wide tolerance around what all records have in common.
    pub fn from_nearest_style(mix: &Analysis, target: &Target) -> Self {
        let placed = placement().place(&Sample::from_analysis(mix));
        if !placed.resembles {
            let everything = style(EVERYTHING).expect("a test finds it among the shipped styles");
            let text = "resembles none of the records the styles were learned from: only what would be unusual \
                        in any music is corrected"
                .into();
            let shares = vec![ReferenceUse { id: EVERYTHING.into(), weight: 1.0 }];
            let using =
                StyleUse { id: EVERYTHING.into(), forced: false, shares, resembles: false, text };
            return from_styles(&[(everything, 1.0)], UNSURE, mix, target, using);
        }
        let known: Vec<(&Style, f64)> = placed
            .shares
            .iter()
            .filter_map(|share| Some((style(&share.id)?, share.weight)))
            .collect();
        let text = sentence(&placed.shares);
        let using = StyleUse {
            id: placed.shares[0].id.clone(),
            forced: false,
            shares: placed.shares.clone(),
            resembles: true,
            text,
        };
        from_styles(&known, 1.0, mix, target, using)
    }
}

fn sentence(shares: &[ReferenceUse]) -> String {
    let parts: Vec<String> = shares
        .iter()
        .map(|share| format!("{} ({:.0} %)", share.id, 100.0 * share.weight))
        .collect();
    format!("among the records the styles were learned from it is most like {}", parts.join(", "))
}

/// Aims of several styles, averaged; what they differ widens the tolerance.
fn from_styles(
    styles: &[(&Style, f64)],
    widen: f64,
    mix: &Analysis,
    target: &Target,
    using: StyleUse,
) -> Aim {
    let profile = Profile::from_analysis("mix", mix);
    let sample = Sample::from_profile(&profile);
    let usual = |value: fn(&Style) -> Percentiles| {
        let mean = |pick: fn(&Percentiles) -> f64| {
            styles.iter().map(|(style, weight)| weight * pick(&value(style))).sum::<f64>()
        };
        UsualRange { low: mean(|p| p.p10), usual: mean(|p| p.p50), high: mean(|p| p.p90) }
    };
    let bands: Vec<BandAim> =
        (0..WIDE_BANDS).map(|band| band_aim(styles, widen, &sample, band)).collect();
    Aim {
        tone: tone(styles, widen, &profile, &sample),
        alignment: Alignment::LeastChange,
        side_minus_mid: side_minus_mid(&profile, &sample, &bands),
        bands,
        reference_lufs: Some(usual(|style| style.integrated_lufs).usual),
        plr_db: Some(usual(|style| style.plr_db)),
        loudness_range_lu: Some(usual(|style| style.loudness_range_lu)),
        style: Some(using),
        ..Aim::of_target(target)
    }
}

fn tone(styles: &[(&Style, f64)], widen: f64, mix: &Profile, sample: &Sample) -> Vec<Wanted> {
    let parts: Vec<_> = styles
        .iter()
        .map(|(style, share)| {
            let curve_db = style.curve_at(&style.tone.nearest(&sample.tone_db));
            (curve_db, style.tolerance_db(), *style, *share)
        })
        .collect();
    let shape = shape_db(&mix.spectrum.level_db);
    let wanted = |band: usize| {
        if !mix.matchable(band) {
            return Wanted::NOTHING;
        }
        let counted: Vec<_> = parts
            .iter()
            .map(|(curve_db, tolerance_db, style, share)| {
                (curve_db[band], tolerance_db[band], share * style.weight(band))
            })
            .collect();
        let mut wanted = mixed(&counted, widen);
        let missing_db = shape[band].map_or(0.0, |level_db| wanted.db - level_db);
        wanted.weight *= end_weight(band) * presence(band, missing_db);
        wanted
    };
    (0..THIRD_OCTAVES).map(wanted).collect()
}

/// What a bass band is short of beyond this is not tone but an instrument that does not play there, dB: no
/// equaliser can supply it.
const ABSENT_FROM_DB: f64 = 8.0;
/// At this much nothing of the band's weight is left, dB.
const ABSENT_AT_DB: f64 = 14.0;
/// Third octaves up to 100 Hz, where whole instruments may be missing.
const BASS_BANDS: usize = 7;

fn presence(band: usize, missing_db: f64) -> f64 {
    if band >= BASS_BANDS {
        return 1.0;
    }
    ((ABSENT_AT_DB - missing_db) / (ABSENT_AT_DB - ABSENT_FROM_DB)).clamp(0.0, 1.0)
}

fn end_weight(band: usize) -> f64 {
    if band < BANDS_BELOW_60_HZ {
        WEIGHT_BELOW_60_HZ
    } else if band >= FIRST_BAND_ABOVE_12_KHZ {
        WEIGHT_ABOVE_12_KHZ
    } else {
        1.0
    }
}

/// Mean of values with tolerances and weights; the weights sum to at most 1.
fn mixed(parts: &[(f64, f64, f64)], widen: f64) -> Wanted {
    let total: f64 = parts.iter().map(|(_, _, weight)| weight).sum();
    if total <= 0.0 {
        return Wanted::NOTHING;
    }
    let db = parts.iter().map(|(value, _, weight)| value * weight).sum::<f64>() / total;
    let variance = |(value, tolerance_db, weight): &(f64, f64, f64)| {
        weight * (tolerance_db * tolerance_db + (value - db) * (value - db))
    };
    let tolerance_db = widen * libm::sqrt(parts.iter().map(variance).sum::<f64>() / total);
    Wanted { db, tolerance_db, weight: total.min(1.0) }
}

/// The usual value nearest to the measured one, over styles.
fn nearest_usual(
    styles: &[(&Style, f64)],
    widen: f64,
    measured: Option<f64>,
    percentiles: impl Fn(&Style) -> Percentiles,
) -> Wanted {
    let Some(measured) = measured else { return Wanted::NOTHING };
    let part = |(style, share): &(&Style, f64)| {
        let percentiles = percentiles(style);
        (percentiles.usual(measured), percentiles.robust_std().max(TOLERANCE_MIN_DB), *share)
    };
    mixed(&styles.iter().map(part).collect::<Vec<_>>(), widen)
}

fn band_aim(styles: &[(&Style, f64)], widen: f64, sample: &Sample, band: usize) -> BandAim {
    let aimed_at: Vec<(&Style, f64)> =
        styles.iter().filter(|(style, _)| style.tone.weight[band] > 0.0).copied().collect();
    BandAim {
        low_hz: WIDE_EDGES_HZ[band],
        high_hz: WIDE_EDGES_HZ[band + 1],
        level_std: nearest_usual(&aimed_at, widen, sample.level_std_db[band], |style| {
            style.level_std_db[band]
        }),
        crest_factor: Wanted::NOTHING,
        side_minus_mid: nearest_usual(&aimed_at, widen, sample.side_minus_mid_db[band], |style| {
            style.side_minus_mid_db[band]
        }),
    }
}

/// The third octaves of a wide band are to move by what the band is to move.
fn side_minus_mid(mix: &Profile, sample: &Sample, bands: &[BandAim]) -> Vec<Wanted> {
    let wanted = |third: usize| {
        let wide = crate::style::wide::wide_band_of(third);
        let aim = bands[wide].side_minus_mid;
        let measured = sample.side_minus_mid_db[wide];
        let (mid, side) = (mix.spectrum.mid_level_db[third], mix.spectrum.side_level_db[third]);
        match (measured, mid, side) {
            (Some(measured), Some(mid), Some(side)) if aim.weight > 0.0 && mix.matchable(third) => {
                Wanted { db: side - mid + aim.db - measured, ..aim }
            }
            _ => Wanted::NOTHING,
        }
    };
    (0..THIRD_OCTAVES).map(wanted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::target;
    use crate::test_sounds::{shaped, silence};

    fn aim_for(style_id: &str, mix: &Analysis) -> Aim {
        Aim::from_style(style(style_id).unwrap(), mix, target("streaming").unwrap())
    }

    fn pop() -> [Option<f64>; THIRD_OCTAVES] {
        style("pop").unwrap().curve_db().map(|level_db| Some(level_db - 12.0))
    }

    #[test]
    fn the_middle_of_a_style_has_nothing_to_correct() {
        let mix = shaped(&pop());
        let aim = aim_for("pop", &mix);
        for excess_db in aim.tone_excess_db(&mix.spectrum.level_db).iter().flatten() {
            // A tenth of the smallest tolerance: the mean is drawn to itself a little.
            assert!(excess_db.abs() < 0.25, "{excess_db}");
        }
        assert!(aim.tone_distance(&mix.spectrum.level_db).unwrap() < 0.1);
    }

    #[test]
    fn a_hump_is_seen_as_excess_and_the_rest_is_left_alone() {
        let mut levels = pop();
        for level_db in &mut levels[9..13] {
            *level_db = level_db.map(|level_db| level_db + 6.0);
        }
        let excess = aim_for("pop", &shaped(&levels)).tone_excess_db(&levels);
        let hump = excess[10].unwrap() - excess[18].unwrap();
        assert!(hump > 2.5, "{hump} dB of a 6 dB hump");
    }

    #[test]
    fn a_mild_tilt_is_character_and_stays() {
        let mut levels = pop();
        for (band, level_db) in levels.iter_mut().enumerate() {
            *level_db = level_db.map(|level_db| level_db - 0.1 * (band as f64 - 14.0));
        }
        let excess = aim_for("pop", &shaped(&levels)).tone_excess_db(&levels);
        let left = excess[26].unwrap() - excess[10].unwrap();
        assert!(left.abs() < 0.8, "{left} of 1.6 dB would be corrected");
    }

    #[test]
    fn one_loud_note_does_not_make_the_rest_too_quiet() {
        let mut levels = pop();
        levels[5] = levels[5].map(|level_db| level_db + 15.0);
        let excess = aim_for("pop", &shaped(&levels)).tone_excess_db(&levels);
        assert!(excess[5].unwrap() > 8.0);
        assert!(
            excess[14..24].iter().flatten().all(|excess_db| excess_db.abs() < 2.0),
            "{excess:?}"
        );
    }

    #[test]
    fn a_mix_without_a_bass_instrument_is_not_asked_for_one() {
        let mut levels = pop();
        for level_db in &mut levels[..4] {
            *level_db = level_db.map(|level_db| level_db - 25.0);
        }
        let aim = aim_for("pop", &shaped(&levels));
        assert!(aim.tone[..4].iter().all(|wanted| wanted.weight == 0.0));
        assert!(aim.tone[7..20].iter().all(|wanted| wanted.weight > 0.9));
    }

    #[test]
    fn usual_dynamics_and_width_are_wanted_as_they_are() {
        let mix = shaped(&pop());
        for band in aim_for("pop", &mix).bands {
            assert!((band.level_std.db - 5.0).abs() < 1e-9, "{}", band.low_hz);
        }
        let mut wild = mix;
        wild.dynamics.bands[4].level_std_db = Some(14.0);
        let wanted = aim_for("pop", &wild).bands[4].level_std;
        assert_eq!(wanted.db, style("pop").unwrap().level_std_db[4].p90);
    }

    #[test]
    fn a_mix_like_nothing_gets_a_wide_tolerance_and_is_told_so() {
        let whistle = std::array::from_fn(|band| Some(if band == 22 { -10.0 } else { -75.0 }));
        let aim = Aim::from_nearest_style(&shaped(&whistle), target("streaming").unwrap());
        let using = aim.style.clone().unwrap();
        assert!(!using.resembles && using.text.contains("resembles none"));
        let narrow = aim_for("all", &shaped(&whistle));
        assert!((aim.tone[22].tolerance_db - 2.0 * narrow.tone[22].tolerance_db).abs() < 1e-9);
    }

    #[test]
    fn silence_is_not_asked_to_become_music() {
        let aim = Aim::from_nearest_style(&silence(), target("streaming").unwrap());
        assert!(aim.tone.iter().all(|wanted| wanted.weight == 0.0));
        assert!(aim.bands.iter().all(|band| band.level_std.weight == 0.0));
    }

    #[test]
    fn pop_is_placed_among_pop() {
        let mut mix = shaped(&pop());
        let pop = style("pop").unwrap();
        for band in 0..WIDE_BANDS {
            mix.dynamics.bands[band].level_std_db = Some(pop.level_std_db[band].p50);
            mix.dynamics.bands[band].side_log_mean_db =
                Some(-30.0 + pop.side_minus_mid_db[band].p50);
        }
        let using = Aim::from_nearest_style(&mix, target("streaming").unwrap()).style.unwrap();
        assert_eq!(using.id, "pop");
        assert!(using.resembles && !using.forced);
    }
}
