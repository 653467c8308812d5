//! Real renders settle what was predicted.

use acetate_analyzer::{Levels, Measured};
use acetate_audio::Source;
use acetate_engine::parameters::range;
use acetate_engine::settings::LimiterKind;
use acetate_engine::{Prepared, RenderError, Settings, prepare};

use crate::damage::hold_damage;
use crate::loudness::solve_drive;
use crate::progress::Progress;
use crate::rounding;
use crate::subject::Subject;
use crate::surrogate::Surrogate;
use crate::trial::{Rendered, Settled, measure_levels};
use crate::verdict::Cannot;
use crate::wanted::Level;

/// Loudness this near to what is wanted is exact: the tolerance of a verdict is wider (DSP C4).
const EXACT_LU: f64 = 0.02;
/// From this render on the tolerance of the verdict is enough.
const PATIENT_RENDERS: usize = 2;
pub(crate) const PATIENT_LU: f64 = 0.045;
/// A step that makes up for no more than this needs no trial of its own: slopes are known within a tenth.
const TRUSTED_LU: f64 = 0.3;
/// Most renders.
pub(crate) const RENDERS_MAX: usize = 8;
/// Loudness per drive between which a slope is believed.
const SLOPE: (f64, f64) = (0.2, 1.2);
/// A slope below this is saturation: more drive only makes it worse.
const SLOPE_SATURATED: f64 = 0.12;
/// Peaks that stay this far under the ceiling leave the limiter with nothing to do, dB.
const IDLE_MARGIN_DB: f64 = 0.1;
/// A song that comes out too loud by no more than this is turned down behind the limiter: that is exact, and saves the longest of all renders for so much
/// room below the ceiling, LU.
const LOWERED_MAX_LU: f64 = 0.15;

/// Brings `settings` to a loudness with real renders, changing the drive alone: for settings that were scaled or edited.
///
/// With no wanted loudness they are rendered once, as they are.
///
/// # Errors
/// When the source cannot be read again, or a setting is out of range.
pub fn settle_loudness(
    source: &Source,
    measured: &Measured,
    settings: &Settings,
    wanted_lufs: Option<f64>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Settled, RenderError> {
    settle_level(source, measured, settings, wanted_lufs.map(Level::Lufs), progress)
}

/// As [`settle_loudness`], for a level of any kind.
///
/// # Errors
/// When the source cannot be read again, or a setting is out of range.
pub fn settle_level(
    source: &Source,
    measured: &Measured,
    settings: &Settings,
    wanted: Option<Level>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Settled, RenderError> {
    let surrogate = Surrogate::new(measured);
    let mut settings = settings.clone();
    if let Some(lufs) = wanted.and_then(|level| level.lufs(measured)) {
        settings.drive_db = solve_drive(&surrogate, &settings, lufs);
    }
    let prepared = prepare(source, &settings)?;
    let song = Subject::song(source, measured, &surrogate);
    settle(&song, &prepared, settings, wanted, progress)
}

/// As [`settle_level`], but no louder than `max_damage_db` of noise over mask allows.
///
/// # Errors
/// When the source cannot be read again, or a setting is out of range.
pub fn settle_within(
    source: &Source,
    measured: &Measured,
    settings: &Settings,
    wanted: Option<Level>,
    max_damage_db: f64,
) -> Result<Settled, RenderError> {
    let surrogate = Surrogate::new(measured);
    let mut settings = settings.clone();
    if let Some(lufs) = wanted.and_then(|level| level.lufs(measured)) {
        settings.drive_db = solve_drive(&surrogate, &settings, lufs);
    }
    let prepared = prepare(source, &settings)?;
    let mut progress = |_| {};
    let song = Subject::song(source, measured, &surrogate);
    let settled = settle(&song, &prepared, settings, wanted, &mut progress)?;
    let goal = (wanted, max_damage_db);
    let held = hold_damage(&song, &prepared, settled, goal, None, &mut progress)?;
    Ok(held.0)
}

/// Drives measured so far, with the loudness each gave.
#[derive(Clone, Debug, Default)]
struct Tried {
    points: Vec<(f64, f64)>,
}

impl Tried {
    fn add(&mut self, drive_db: f64, lufs: f64) {
        self.points.push((drive_db, lufs));
    }

    /// The next drive: secant through the two points nearest to the wanted loudness, kept between the nearest points on
    /// either side of it.
    fn next_drive_db(&self, wanted: f64, first_slope: f64) -> f64 {
        let mut nearest = self.points.clone();
        nearest.sort_by(|a, b| (a.1 - wanted).abs().total_cmp(&(b.1 - wanted).abs()));
        let (drive_db, lufs) = nearest[0];
        let slope = self.slope().unwrap_or(first_slope).clamp(SLOPE.0, SLOPE.1);
        let next = drive_db + (wanted - lufs) / slope;
        let below = self.points.iter().filter(|point| point.1 < wanted).map(|point| point.0);
        let above = self.points.iter().filter(|point| point.1 >= wanted).map(|point| point.0);
        let low = below.fold(f64::NEG_INFINITY, f64::max);
        let high = above.fold(f64::INFINITY, f64::min);
        if low < high && (next <= low || next >= high) { (low + high) / 2.0 } else { next }
    }

    /// Slope between the last two points.
    fn slope(&self) -> Option<f64> {
        let [.., one, other] = self.points.as_slice() else { return None };
        let apart = other.0 - one.0;
        (apart.abs() > 1e-3).then(|| (other.1 - one.1) / apart)
    }
}

/// When a level is near enough.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Near {
    /// Exactly, as long as that takes no third render.
    Exactly,
    /// Within what a verdict allows, the drive was found on a medley; and not by more drive where the noise over mask is above this
    /// already, dB.
    AsWanted { max_damage_db: f64 },
    /// Near enough for a last step that is not rendered here: it is confirmed on the song.
    ToBeConfirmed,
}

impl Near {
    fn enough(self, error: f64, renders: usize) -> bool {
        let patient = match self {
            Self::Exactly => renders >= PATIENT_RENDERS,
            Self::AsWanted { .. } => true,
            Self::ToBeConfirmed => false,
        };
        error <= if patient { PATIENT_LU } else { EXACT_LU }
    }

    fn is_too_dear(self, damage_db: Option<f64>) -> bool {
        match self {
            Self::AsWanted { max_damage_db } => damage_db.is_some_and(|db| db > max_damage_db),
            Self::Exactly | Self::ToBeConfirmed => false,
        }
    }

    fn trusts_a_step(self, error: f64) -> bool {
        self == Self::ToBeConfirmed && error <= TRUSTED_LU
    }

    /// May what is this much too loud be turned down behind the limiter?
    fn lowers(self, over_lu: f64) -> bool {
        matches!(self, Self::AsWanted { .. }) && over_lu > 0.0 && over_lu <= LOWERED_MAX_LU
    }
}

/// Renders `settings` until the level is the `wanted` one exactly; with none wanted, once.
pub(crate) fn settle(
    subject: &Subject<'_>,
    prepared: &Prepared,
    settings: Settings,
    goal: Option<Level>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Settled, RenderError> {
    settle_from(subject, prepared, settings, None, goal, Near::Exactly, progress)
}

/// As [`settle`], but so `near`, and where a render of `settings` may have been measured already; it is not counted again.
pub(crate) fn settle_from(
    subject: &Subject<'_>,
    prepared: &Prepared,
    mut settings: Settings,
    mut rendered: Option<Rendered>,
    goal: Option<Level>,
    near: Near,
    progress: &mut dyn FnMut(Progress),
) -> Result<Settled, RenderError> {
    let known = usize::from(rendered.is_some());
    let bounds = range("drive_db");
    let first_slope = subject.slope(&settings)?.unwrap_or(1.0);
    let mut tried = Tried::default();
    let mut renders = 0;
    loop {
        renders += 1;
        let mut report = |share| {
            progress(Progress::Confirming { render: renders, renders_max: RENDERS_MAX, share });
        };
        let Rendered { levels, trace, kept } = match rendered.take() {
            Some(rendered) => rendered,
            None => measure_levels(subject, prepared, &settings, &mut report)?,
        };
        let renders_here = renders - known;
        let done = |settings: Settings, cannot| {
            let (trace, kept) = (trace.clone(), kept.clone());
            Ok(Settled { settings, levels, renders: renders_here, cannot, trace, kept })
        };
        let Some(goal) = goal else { return done(settings, None) };
        let Some(reached) = subject.reached(goal, &settings, &levels)? else {
            return done(settings, None);
        };
        let wanted = goal.wanted();
        let error = (reached - wanted).abs();
        if near.enough(error, renders) {
            return done(settings, None);
        }
        // Without a limiter samples may be cut off at full scale, and then gain is not gain.
        let limited = settings.limiter.kind != LimiterKind::Off;
        if limited && near.lowers(reached - wanted) {
            let down_db = rounding::drive(wanted - reached);
            let mut lowered = settings.clone();
            lowered.limiter.output_gain_db =
                rounding::drive(lowered.limiter.output_gain_db + down_db);
            if lowered.limiter.output_gain_db >= range("limiter.output_gain_db").min {
                return Ok(Settled { levels: shifted(&levels, down_db), ..done(lowered, None)? });
            }
        }
        if reached < wanted && near.is_too_dear(subject.damage_db(&trace)) {
            return done(settings, Some(cannot(goal, reached)));
        }
        tried.add(settings.drive_db, reached);
        let saturated =
            reached < wanted && tried.slope().is_some_and(|slope| slope < SLOPE_SATURATED);
        let next =
            rounding::drive(tried.next_drive_db(wanted, first_slope).clamp(bounds.min, bounds.max));
        if saturated || renders == RENDERS_MAX || next == settings.drive_db {
            let cannot = (error > PATIENT_LU).then(|| cannot(goal, reached));
            return done(settings, cannot);
        }
        let shift_db = next - settings.drive_db;
        settings.drive_db = next;
        if near.trusts_a_step(error) {
            return done(settings, None);
        }
        if let Some(levels) = shifted_idle(&levels, &settings, shift_db) {
            // The limiter has nothing to do before or after the shift: gain is gain.
            let (renders, cannot, kept) = (renders_here, None, None);
            return Ok(Settled { settings, levels, renders, cannot, trace, kept });
        }
    }
}

/// The levels after a further gain of `shift_db`, when the true peak stays under the ceiling throughout.
fn shifted_idle(levels: &Levels, settings: &Settings, shift_db: f64) -> Option<Levels> {
    let ceiling = settings.limiter.ceiling_dbtp - IDLE_MARGIN_DB;
    let peak = levels.true_peak_dbtp?;
    if peak > ceiling || peak + shift_db > ceiling {
        return None;
    }
    Some(shifted(levels, shift_db))
}

/// The levels after a gain.
fn shifted(levels: &Levels, shift_db: f64) -> Levels {
    let shift = |value: Option<f64>| value.map(|value| value + shift_db);
    Levels {
        integrated_lufs: shift(levels.integrated_lufs),
        loudness_range_lu: levels.loudness_range_lu,
        top_lufs: shift(levels.top_lufs),
        momentary_max_lufs: shift(levels.momentary_max_lufs),
        short_term_max_lufs: shift(levels.short_term_max_lufs),
        true_peak_dbtp: shift(levels.true_peak_dbtp),
        true_peak_bs1770_dbtp: shift(levels.true_peak_bs1770_dbtp),
        sample_peak_dbfs: shift(levels.sample_peak_dbfs),
        rms_dbfs: shift(levels.rms_dbfs),
    }
}

/// More drive gives no more.
pub(crate) fn cannot(goal: Level, reached: f64) -> Cannot {
    let wanted = goal.wanted();
    let unit = match goal {
        Level::Lufs(_) => "LUFS",
        Level::RmsDbfs(_) => "dBFS RMS",
        Level::TopLufs(_) => "LUFS in the loud parts",
    };
    Cannot {
        wanted_lufs: wanted,
        reached_lufs: reached,
        reason: format!(
            "{wanted:.1} {unit} cannot be had: more drive into this limiter gives no more than \
             {reached:.1} {unit}"
        ),
        lever: "peaks that stand out are tamed better on single tracks, in the mix; a limit here leaves less of them"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use acetate_audio::{Audio, PcmBlock, PcmPlanes};

    use super::*;

    #[test]
    fn a_secant_finds_the_drive_of_a_bent_curve() {
        // Loudness that bends over like a limiter's.
        let loudness = |drive: f64| -20.0 + drive - 0.02 * drive * drive;
        let mut tried = Tried::default();
        let mut drive = 5.0;
        for _ in 0..6 {
            tried.add(drive, loudness(drive));
            drive = tried.next_drive_db(-11.0, 1.0);
        }
        assert!((loudness(drive) + 11.0).abs() < 0.01, "{drive}");
    }

    #[test]
    fn what_is_a_little_too_loud_is_turned_down_without_another_render() {
        let plane: Vec<f32> = (0..80_000_u64).map(|n| (n * n % 97) as f32 / 97.0 - 0.5).collect();
        let source = Source::from_audio(Audio::from_planes(8_000, vec![plane.clone(), plane]));
        let measured = acetate_analyzer::analyze(&source).unwrap();
        let surrogate = Surrogate::new(&measured);
        let mut settings = Settings { drive_db: 12.0, ..Settings::default() };
        settings.limiter.kind = LimiterKind::Transparent;
        let prepared = prepare(&source, &settings).unwrap();
        let song = Subject::song(&source, &measured, &surrogate).keeping(u64::MAX);
        let settle = |settings: &Settings, lufs: Option<f64>, near| {
            let (settings, goal) = (settings.clone(), lufs.map(Level::Lufs));
            settle_from(&song, &prepared, settings, None, goal, near, &mut |_| {}).unwrap()
        };
        let near = Near::AsWanted { max_damage_db: 0.0 };
        let lufs = settle(&settings, None, near).levels.integrated_lufs.unwrap();

        let settled = settle(&settings, Some(lufs - 0.1), near);
        assert_eq!((settled.renders, settled.settings.drive_db), (1, 12.0));
        assert!((settled.settings.limiter.output_gain_db + 0.1).abs() < 0.001);
        let again = settle(&settled.settings, None, near);
        let [rendered, promised] =
            [&again, &settled].map(|settled| settled.levels.integrated_lufs.unwrap());
        assert!((rendered - promised).abs() < 0.001, "{rendered} for {promised}, of {lufs}");
        let written = |of: &Settled| {
            let (kept, mut planes) = (of.kept.as_ref().unwrap(), vec![Vec::new(); 2]);
            assert!(kept.is_of(&source, &settled.settings));
            let take = &mut |_, pcm: &PcmBlock| {
                let PcmPlanes::Int(new) = &pcm.planes else { panic!("24 bits are whole numbers") };
                planes.iter_mut().zip(new).for_each(|(plane, new)| plane.extend_from_slice(new));
                Ok::<(), ()>(())
            };
            kept.write(&settled.settings, take).unwrap();
            planes
        };
        assert_eq!(written(&settled)[0].len(), 80_000);
        assert!(written(&settled) == written(&again));

        let settled = settle(&settings, Some(lufs - 0.2), near);
        assert!(settled.renders > 1 && settled.settings.drive_db < 12.0, "too much for a gain");
        let settled = settle(&settings, Some(lufs - 0.1), Near::Exactly);
        assert!(settled.settings.drive_db < 12.0, "where renders are cheap the ceiling is reached");
    }

    #[test]
    fn a_wild_step_stays_between_what_is_known() {
        let mut tried = Tried::default();
        tried.add(0.0, -20.0);
        tried.add(10.0, -9.0);
        let next = tried.next_drive_db(-15.0, 1.0);
        assert!(next > 0.0 && next < 10.0);
    }
}
