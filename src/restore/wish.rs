//! What is wanted of a restoration.

use std::path::{Path, PathBuf};

use acetate_analyzer::restore::DamageKinds;
use acetate_engine::settings::DitherKind;
use acetate_files::Existing;
use serde_json::json;

use crate::fingerprint::fingerprint;
use crate::output::{BitsWish, FileWish, NameParts, extension_of, lossy_codec};
use crate::{Error, Input};

/// The kinds of damage, by the names that a person gives them.
pub const KIND_NAMES: [&str; 1] = ["clicks"];

/// Least confidence of what is repaired without being asked.
const CONFIDENCE_MIN: f64 = 0.5;

/// What is to be looked for, how far repairs go, and what file is wanted.
#[derive(Clone, Debug)]
pub struct RestoreWish {
    /// What is looked for.
    pub kinds: DamageKinds,
    /// Share of the damage that is taken away, 0 to 100 %.
    pub strength_pct: f64,
    /// Findings that are less sure than this are left, 0 to 1.
    pub confidence_min: f64,
    /// What is asked of the written file.
    pub file: FileWish,
    /// Write what was taken away to this file, as 32-bit floats.
    pub removed: Option<PathBuf>,
    /// May that replace a file?
    pub replace_removed: bool,
    /// The command that makes the same again, for the settings beside the file.
    pub command: Option<String>,
}

impl Default for RestoreWish {
    fn default() -> Self {
        Self {
            kinds: DamageKinds::ALL,
            strength_pct: 100.0,
            confidence_min: CONFIDENCE_MIN,
            file: FileWish::default(),
            removed: None,
            replace_removed: false,
            command: None,
        }
    }
}

impl RestoreWish {
    /// Looks for these alone, by their [names](KIND_NAMES).
    ///
    /// # Errors
    /// When there is no kind of that name.
    pub fn only(mut self, names: &[String]) -> Result<Self, Error> {
        if names.is_empty() {
            return Ok(self);
        }
        self.kinds = DamageKinds::NONE;
        for name in names {
            match name.as_str() {
                "clicks" => self.kinds.clicks = true,
                _ => return Err(Error::NoDamageKind { given: name.clone() }),
            }
        }
        Ok(self)
    }

    /// The usual name of the restored file of `input`, or that of a template.
    ///
    /// # Errors
    /// When the file cannot be read as sound, or the template has a field that there is none of.
    pub fn output_name(&self, input: &Input, template: Option<&str>) -> Result<String, Error> {
        let format = self.whole_file().output(None, None, &input.format()?)?.format;
        let stem = input.stem();
        let parts = NameParts {
            stem: &stem,
            target: "restored",
            target_asked: true,
            reference: None,
            extension: extension_of(format),
        };
        parts.fill(template)
    }

    /// A fingerprint of what is wanted.
    pub fn md5(&self) -> String {
        let DamageKinds { clicks } = self.kinds;
        fingerprint(
            &json!([{ "clicks": clicks }, self.strength_pct, self.confidence_min, self.file]),
        )
    }

    /// Where to write what is taken away.
    pub(super) fn removed(&self) -> Option<(&Path, Existing)> {
        let existing = if self.replace_removed { Existing::Replace } else { Existing::Error };
        self.removed.as_deref().map(|path| (path, existing))
    }

    /// As the source, and without noise, where nothing else is asked for.
    pub(super) fn whole_file(&self) -> FileWish {
        let mut file = self.file.clone();
        if file.format.is_none_or(|format| lossy_codec(format).is_none()) {
            file.bits = file.bits.or(Some(BitsWish::Keep));
            file.dither = file.dither.or(Some(DitherKind::None));
        }
        file
    }
}
