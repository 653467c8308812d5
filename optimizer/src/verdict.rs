//! Whether the written file is what was asked for.

use acetate_analyzer::Analysis;
use acetate_references::Aim;
use acetate_references::target::check::TargetCheck;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::options::FitOptions;
use crate::wanted::{wanted_lufs, wanted_rms_dbfs};

/// Loudness this near to the target is the target, LU.
pub const LOUDNESS_TOLERANCE_LU: f64 = 0.05;
/// A true peak this much over the ceiling is a rounding of the meter, dB.
const PEAK_TOLERANCE_DB: f64 = 0.0;
/// A single third octave this many of its tolerances off is a hole or a hump, however good the rest is.
const WORST_TOLERANCES: f64 = 3.0;

/// One thing that was asked for, and what the file measures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// `loudness` or `rms`, `true_peak`, `tone`.
    pub name: String,
    /// What the file measures; `None` when there is nothing to measure.
    pub measured: Option<f64>,
    /// What was asked for.
    pub aim: f64,
    /// Largest difference that is still met.
    pub tolerance: f64,
    /// Unit of the three numbers.
    pub unit: String,
    /// Whether it is met.
    pub met: bool,
    /// What the source measured, where that is told beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<f64>,
    /// The place that is furthest off, of a measure with many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worst: Option<Worst>,
    /// Told and judged, but nobody asked for it: a style describes records of its kind and is no rule.
    #[serde(default, skip_serializing_if = "is_false")]
    pub advisory: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_false(value: &bool) -> bool {
    !value
}

/// The third octave that is furthest from the aim.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Worst {
    /// Its centre, Hz.
    pub freq_hz: f64,
    /// How far above (positive) or below the aim it lies, dB.
    pub excess_db: f64,
    /// How far from it is still good, dB.
    pub tolerance_db: f64,
}

/// What was asked for and what the file measures. A missed target is a result, not an error.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// Everything that was asked for.
    pub checks: Vec<Check>,
    /// The rules of the target, judged on the file that was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<TargetCheck>,
    /// Why the loudness could not be had, and what can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cannot: Option<Cannot>,
}

/// A loudness that cannot be had.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cannot {
    /// What was asked for, LUFS.
    pub wanted_lufs: f64,
    /// What was reached, LUFS.
    pub reached_lufs: f64,
    /// A sentence: why, and what it would cost to go on.
    pub reason: String,
    /// What would help.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub lever: String,
}

impl Verdict {
    /// Whether everything that was asked for is met, and every rule of the target that could be checked.
    pub fn met(&self) -> bool {
        self.checks.iter().all(|check| check.met || check.advisory) && self.rules_kept()
    }

    /// Whether the rules of the delivery are met: everything but the tone, which is an approach to a record.
    pub fn delivered(&self) -> bool {
        self.checks.iter().all(|check| check.met || check.advisory || check.name == TONE)
            && self.rules_kept()
    }

    /// Whether every rule of the target that could be checked is kept.
    fn rules_kept(&self) -> bool {
        self.delivery.as_ref().is_none_or(|delivery| delivery.ok)
    }

    /// The check of that name.
    pub fn check(&self, name: &str) -> Option<&Check> {
        self.checks.iter().find(|check| check.name == name)
    }
}

/// Name of the check of the tone.
const TONE: &str = "tone";

/// Compares the measured file with what was asked for. `before` is the source, whose loudness is kept where the target has
/// none; tone is compared where the aim has an opinion.
pub fn verify(before: &Analysis, after: &Analysis, aim: &Aim, options: &FitOptions) -> Verdict {
    let mut checks = Vec::new();
    let by_rms = wanted_rms_dbfs(before, aim, options).and(aim.rms_window_dbfs);
    if let Some([low, high]) = by_rms {
        let measured = after.rms_dbfs();
        checks.push(Check {
            name: "rms".to_owned(),
            measured,
            aim: (low + high) / 2.0,
            tolerance: (high - low) / 2.0,
            unit: "dBFS RMS".to_owned(),
            met: measured.is_some_and(|got| (low..=high).contains(&got)),
            before: None,
            worst: None,
            advisory: false,
        });
    } else if let Some(lufs) = wanted_lufs(before, aim, options) {
        let measured = after.loudness.integrated_lufs;
        checks.push(Check {
            name: "loudness".to_owned(),
            measured,
            aim: lufs,
            tolerance: LOUDNESS_TOLERANCE_LU,
            unit: "LUFS".to_owned(),
            met: measured.is_some_and(|got| (got - lufs).abs() <= LOUDNESS_TOLERANCE_LU),
            before: None,
            worst: None,
            advisory: false,
        });
    }
    let ceiling = options.ceiling_dbtp.unwrap_or(aim.ceiling_dbtp);
    let peaks = [after.loudness.true_peak_dbtp, after.loudness.true_peak_bs1770_dbtp];
    let highest = peaks.into_iter().flatten().reduce(f64::max);
    checks.push(Check {
        name: "true_peak".to_owned(),
        measured: highest,
        aim: ceiling,
        tolerance: PEAK_TOLERANCE_DB,
        unit: "dBTP".to_owned(),
        met: highest.is_none_or(|peak| peak <= ceiling + PEAK_TOLERANCE_DB),
        before: None,
        worst: None,
        advisory: false,
    });
    checks.extend(tone_check(before, after, aim).filter(|_| options.take.tone));
    Verdict { checks, ..Verdict::default() }
}

/// The tone against the tolerance of the aim: the whole of it within, and no third octave far outside.
fn tone_check(before: &Analysis, after: &Analysis, aim: &Aim) -> Option<Check> {
    let measured = tone_error_db(aim, after)?;
    let distance = aim.tone_distance(&after.spectrum.level_db)?;
    let worst = worst_third_octave(aim, after);
    let hole =
        worst.is_some_and(|worst| worst.excess_db.abs() > WORST_TOLERANCES * worst.tolerance_db);
    Some(Check {
        name: TONE.to_owned(),
        measured: Some(measured),
        aim: 0.0,
        tolerance: tone_tolerance_db(aim),
        unit: "dB rms".to_owned(),
        met: distance <= 1.0 && !hole,
        before: tone_error_db(aim, before),
        worst,
        advisory: aim.style.is_some(),
    })
}

/// The third octave that is most of its tolerances away from the aim, as far as it counts.
fn worst_third_octave(aim: &Aim, measured: &Analysis) -> Option<Worst> {
    let spectrum = &measured.spectrum;
    let excess = aim.tone_excess_db(&spectrum.level_db);
    let bands = spectrum.third_octave_hz.iter().zip(&aim.tone).zip(excess);
    let off = |(worst, weight): &(Worst, f64)| weight * worst.excess_db.abs() / worst.tolerance_db;
    bands
        .filter_map(|((&freq_hz, wanted), excess)| {
            let tolerance_db = wanted.tolerance_db;
            Some((Worst { freq_hz, excess_db: excess?, tolerance_db }, wanted.weight))
        })
        .max_by(|one, other| off(one).total_cmp(&off(other)))
        .map(|(worst, _)| worst)
}

/// Root mean square of the tolerances of the aim, weighted as the differences are, in dB.
fn tone_tolerance_db(aim: &Aim) -> f64 {
    let weights: f64 = aim.tone.iter().map(|wanted| wanted.weight).sum();
    let squares =
        aim.tone.iter().map(|wanted| wanted.weight * wanted.tolerance_db * wanted.tolerance_db);
    if weights > 0.0 { (squares.sum::<f64>() / weights).sqrt() } else { 0.0 }
}

/// Root mean square of the differences from the aim's curve at equal loudness, weighted, in dB.
pub fn tone_error_db(aim: &Aim, measured: &Analysis) -> Option<f64> {
    let excess = aim.tone_excess_db(&measured.spectrum.level_db);
    let (mut sum, mut weights) = (0.0, 0.0);
    for (excess, wanted) in excess.iter().zip(&aim.tone) {
        if let Some(excess) = excess {
            sum += wanted.weight * excess * excess;
            weights += wanted.weight;
        }
    }
    (weights > 0.0).then(|| (sum / weights).sqrt())
}

#[cfg(test)]
mod tests {
    use acetate_analyzer::analyze;
    use acetate_audio::{Audio, AudioSpec, Source};
    use acetate_references::target::check::{Evidence, check};

    use super::*;

    fn measuring(lufs: f64, peak_dbtp: f64) -> Analysis {
        let silence = Audio::silence(AudioSpec::new(48_000, 2), 48_000);
        let mut analysis = analyze(&Source::from_audio(silence)).unwrap().analysis;
        analysis.loudness.integrated_lufs = Some(lufs);
        analysis.loudness.true_peak_dbtp = Some(peak_dbtp);
        analysis
    }

    #[test]
    fn a_window_for_rms_is_judged_in_place_of_loudness_unless_that_is_asked_for() {
        let acx = acetate_references::target("acx").unwrap();
        let aim = Aim::of_target(acx);
        let mut before = measuring(-40.0, -20.0);
        let rms = |dbfs: f64| {
            let mut sound = measuring(dbfs + 1.0, -4.0);
            sound.loudness.sample_peak_dbfs = Some(-4.0);
            sound.dynamics.crest_factor_db = Some(-4.0 - dbfs);
            sound
        };
        before.loudness.sample_peak_dbfs = Some(-20.0);
        before.dynamics.crest_factor_db = Some(21.0);
        for (dbfs, met) in [(-23.1, false), (-22.9, true), (-18.1, true), (-17.9, false)] {
            let verdict = verify(&before, &rms(dbfs), &aim, &FitOptions::default());
            assert_eq!(verdict.check("rms").unwrap().met, met, "{dbfs}");
            assert_eq!(verdict.check("loudness"), None);
        }
        let asked = FitOptions { lufs: Some(-20.0), ..FitOptions::default() };
        let verdict = verify(&before, &rms(-20.0), &aim, &asked);
        assert!(verdict.check("rms").is_none() && verdict.check("loudness").is_some());
    }

    #[test]
    fn a_broken_rule_of_the_target_is_a_missed_target() {
        let aim = Aim::of_loudness(Some(-14.0), -1.0);
        let (before, after) = (measuring(-20.0, -6.0), measuring(-14.0, -1.5));
        let mut verdict = verify(&before, &after, &aim, &FitOptions::default());
        assert!(verdict.met());
        let ebu = acetate_references::target("ebu-r128").unwrap();
        verdict.delivery = Some(check(&after, ebu, Evidence::default()));
        assert!(!verdict.met(), "{:?}", verdict.delivery);
    }

    #[test]
    fn loudness_is_met_on_either_side_of_its_aim_and_a_peak_below_its_ceiling() {
        let aim = Aim::of_loudness(Some(-14.0), -1.0);
        let before = measuring(-20.0, -6.0);
        for (lufs, peak_dbtp, met) in [
            (-14.0, -1.0, [true, true]),
            (-14.0 - 0.9 * LOUDNESS_TOLERANCE_LU, -8.0, [true, true]),
            (-14.0 + 1.1 * LOUDNESS_TOLERANCE_LU, -1.0, [false, true]),
            (-14.0 - 1.1 * LOUDNESS_TOLERANCE_LU, -1.0, [false, true]),
            (-14.0, -1.0 + PEAK_TOLERANCE_DB + 0.01, [true, false]),
        ] {
            let after = measuring(lufs, peak_dbtp);
            let verdict = verify(&before, &after, &aim, &FitOptions::default());
            let judged = ["loudness", "true_peak"].map(|name| verdict.check(name).unwrap().met);
            assert_eq!(judged, met, "{lufs} LUFS, {peak_dbtp} dBTP");
        }
    }

    /// An aim at 0 dB in every third octave, give or take `tolerance_db`, and a sound that lies `excess_db` from it at one.
    fn a_hole(tolerance_db: f64, excess_db: f64) -> (Aim, Analysis) {
        let mut aim = Aim::of_loudness(None, -1.0);
        aim.alignment = acetate_references::aim::Alignment::LeastChange;
        for wanted in &mut aim.tone {
            *wanted = acetate_references::aim::Wanted { db: 0.0, tolerance_db, weight: 1.0 };
        }
        let mut after = measuring(-14.0, -1.0);
        after.spectrum.level_db = vec![Some(-30.0); aim.tone.len()];
        after.spectrum.level_db[3] = Some(-30.0 + excess_db);
        (aim, after)
    }

    fn asking_for_tone() -> FitOptions {
        let mut options = FitOptions::default();
        options.take.tone = true;
        options
    }

    #[test]
    fn a_hole_of_ten_decibels_is_named_and_missed_though_the_rest_fits() {
        let (aim, after) = a_hole(2.5, -10.0);
        let verdict = verify(&after, &after, &aim, &asking_for_tone());
        let tone = verdict.check("tone").unwrap();
        assert!(tone.measured.unwrap() < tone.tolerance, "{tone:?}");
        let worst = tone.worst.unwrap();
        assert_eq!((worst.freq_hz, worst.tolerance_db), (50.0, 2.5));
        assert!((worst.excess_db + 10.0).abs() < 1e-9);
        assert!(!tone.met && !verdict.met() && verdict.delivered());
    }

    #[test]
    fn tone_is_judged_by_the_tolerance_of_the_aim_and_not_by_where_it_was() {
        for (tolerance_db, met) in [(2.0, true), (0.5, false)] {
            let (aim, mut after) = a_hole(tolerance_db, 0.0);
            after
                .spectrum
                .level_db
                .iter_mut()
                .skip(1)
                .step_by(2)
                .for_each(|level| *level = Some(-28.5));
            // Nothing was done: before and after are the same.
            let verdict = verify(&after, &after, &aim, &asking_for_tone());
            let tone = verdict.check("tone").unwrap();
            assert_eq!(tone.met, met, "{tone:?}");
            assert_eq!(tone.before, tone.measured);
            assert_eq!(tone.tolerance, tolerance_db);
        }
    }
}
