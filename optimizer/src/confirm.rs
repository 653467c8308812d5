//! Real renders settle what was predicted.

use acetate_analyzer::{Levels, Measured};
use acetate_audio::{DecodeError, Source};
use acetate_engine::Settings;
use acetate_references::Aim;

use crate::options::FitOptions;
use crate::plan::Progress;
use crate::verdict::Cannot;

/// Settings whose render was measured.
pub(crate) struct Confirmed {
    pub(crate) settings: Settings,
    pub(crate) levels: Option<Levels>,
    pub(crate) renders: usize,
    pub(crate) cannot: Option<Cannot>,
}

pub(crate) fn confirm(
    _source: &Source,
    _measured: &Measured,
    _aim: &Aim,
    _options: &FitOptions,
    settings: Settings,
    _progress: &mut dyn FnMut(Progress),
) -> Result<Confirmed, DecodeError> {
    Ok(Confirmed { settings, levels: None, renders: 0, cannot: None })
}
