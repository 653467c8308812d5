//! The level that a render is brought to.

use acetate_analyzer::{Analysis, Levels, Measured};
use acetate_references::Aim;

use crate::options::FitOptions;
use crate::top::top_lufs;

/// A level that renders are brought to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Level {
    /// Integrated loudness, LUFS.
    Lufs(f64),
    /// RMS of the whole, dBFS.
    RmsDbfs(f64),
    /// Loudness of the loud parts ([`Levels::top_lufs`]), LUFS; of what is shorter than 3 s the integrated loudness.
    TopLufs(f64),
}

impl Level {
    /// The number that is wanted.
    pub(crate) fn wanted(self) -> f64 {
        match self {
            Self::Lufs(wanted) | Self::RmsDbfs(wanted) | Self::TopLufs(wanted) => wanted,
        }
    }

    /// What a render has of it.
    pub(crate) fn of(self, levels: &Levels) -> Option<f64> {
        match self {
            Self::Lufs(_) => levels.integrated_lufs,
            Self::RmsDbfs(_) => levels.rms_dbfs,
            Self::TopLufs(_) => levels.top_lufs.or(levels.integrated_lufs),
        }
    }

    /// What a sound has of it.
    pub(crate) fn before(self, measured: &Measured) -> Option<f64> {
        let integrated_lufs = measured.analysis.loudness.integrated_lufs;
        match self {
            Self::Lufs(_) => integrated_lufs,
            Self::RmsDbfs(_) => measured.analysis.rms_dbfs(),
            Self::TopLufs(_) => top_lufs(&measured.series).or(integrated_lufs),
        }
    }

    /// The loudness that goes with it in sound like `measured`.
    pub(crate) fn lufs(self, measured: &Measured) -> Option<f64> {
        if let Self::Lufs(wanted) = self {
            return Some(wanted);
        }
        let integrated_lufs = measured.analysis.loudness.integrated_lufs?;
        Some(integrated_lufs + self.wanted() - self.before(measured)?)
    }
}

/// The loudness that is asked for: the option, the reference's, the target's, what a window for RMS amounts to, or else
/// the source's own.
pub(crate) fn wanted_lufs(before: &Analysis, aim: &Aim, options: &FitOptions) -> Option<f64> {
    let own = before.loudness.integrated_lufs?;
    let by_rms = || {
        let change_db = wanted_rms_dbfs(before, aim, options)? - before.rms_dbfs()?;
        Some(own + change_db)
    };
    named_lufs(aim, options).or_else(by_rms).or(Some(own))
}

/// The loudness that somebody named: the option, the reference's or the target's.
fn named_lufs(aim: &Aim, options: &FitOptions) -> Option<f64> {
    let reference = aim.reference_lufs.filter(|_| options.take.loudness);
    options.lufs.or(reference).or(aim.loudness_lufs)
}

/// How far inside a window for RMS is safe from what other meters read, dB; less in a narrow window.
const INSIDE_DB: f64 = 1.0;

/// The RMS level that is asked for, dBFS: the nearest inside the target's window; `None` where loudness is asked for.
pub(crate) fn wanted_rms_dbfs(before: &Analysis, aim: &Aim, options: &FitOptions) -> Option<f64> {
    let [low, high] = aim.rms_window_dbfs.filter(|_| named_lufs(aim, options).is_none())?;
    let inside_db = INSIDE_DB.min((high - low) / 4.0);
    Some(before.rms_dbfs()?.max(low + inside_db).min(high - inside_db))
}

/// What renders are brought to.
pub(crate) fn wanted_level(before: &Analysis, aim: &Aim, options: &FitOptions) -> Option<Level> {
    let rms = wanted_rms_dbfs(before, aim, options).map(Level::RmsDbfs);
    rms.or_else(|| wanted_lufs(before, aim, options).map(Level::Lufs))
}
