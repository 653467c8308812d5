//! What is wanted of a restoration.

use std::path::{Path, PathBuf};

use acetate_analyzer::restore::DamageKinds;
use acetate_engine::settings::{Bits, DitherKind, OutputFormat, RestoreSettings};
use acetate_files::Existing;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::fingerprint::fingerprint;
use crate::output::wish::by_name;
use crate::output::{BitsWish, FileWish, NameParts, extension_of, lossy_codec};
use crate::{Error, Input};

/// The kinds of damage, by the names that a person gives them.
pub const KIND_NAMES: [&str; 5] = ["clicks", "crackle", "hum", "hiss", "clipping"];

/// How far hiss is lowered: little enough that nothing sings in what is left (docs/restore.md).
const HISS_DB: f64 = 12.0;
/// Least confidence of what is repaired without being asked.
const CONFIDENCE_MIN: f64 = 0.5;

/// What a master does about damage of its mix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestoreMode {
    /// Nothing, and says nothing.
    Off,
    /// Says what was found when the mix was measured, and what mends it.
    #[default]
    Report,
    /// Mends it before everything else, as [`RestoreWish::default`] says.
    Repair,
}

impl RestoreMode {
    pub(crate) fn is_report(&self) -> bool {
        *self == Self::Report
    }

    /// The kinds of damage of which a run says itself what it found: where it mends, all of them.
    pub fn tells(self) -> DamageKinds {
        if self == Self::Repair { DamageKinds::ALL } else { DamageKinds::NONE }
    }
}

/// What is to be looked for, how far repairs go, and what file is wanted.
#[derive(Clone, Debug)]
pub struct RestoreWish {
    /// What is looked for.
    pub kinds: DamageKinds,
    /// Share of the damage that is taken away, 0 to 100 %.
    pub strength_pct: f64,
    /// How far hiss is lowered where nothing else is, 0 to 30 dB.
    pub hiss_db: f64,
    /// Findings that are less sure than this are left, 0 to 1.
    pub confidence_min: f64,
    /// Mend what may be meant, too: tops of a sound of which more than 8 % are cut off.
    pub meant_too: bool,
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
            hiss_db: HISS_DB,
            confidence_min: CONFIDENCE_MIN,
            meant_too: false,
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
                "crackle" => self.kinds.crackle = true,
                "hum" => self.kinds.hum = true,
                "hiss" => self.kinds.hiss = true,
                "clipping" => self.kinds.clipping = true,
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
        let format = self
            .whole_file(&RestoreSettings::default(), None)?
            .output(None, None, &input.format()?)?
            .format;
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

    /// Where a file of the usual name goes once it is known what is mended: rebuilt tops need floats, and so WAV.
    pub fn place(&self, usual: PathBuf, plan: &RestoreSettings) -> PathBuf {
        let integers = usual.extension().is_some_and(|e| e == "flac" || e == "aiff");
        let asked = self.file.bits.is_some() || self.file.format.is_some();
        if plan.clipping.is_neutral() || asked || !integers {
            return usual;
        }
        usual.with_extension("wav")
    }

    /// A fingerprint of what is wanted.
    pub fn md5(&self) -> String {
        let DamageKinds { clipping, clicks, crackle, hum, hiss } = self.kinds;
        fingerprint(&json!([
            { "clipping": clipping, "clicks": clicks, "crackle": crackle, "hum": hum, "hiss": hiss },
            self.strength_pct,
            self.hiss_db,
            self.confidence_min,
            self.meant_too,
            self.file
        ]))
    }

    /// Where to write what is taken away.
    pub(super) fn removed(&self) -> Option<(&Path, Existing)> {
        let existing = if self.replace_removed { Existing::Replace } else { Existing::Error };
        self.removed.as_deref().map(|path| (path, existing))
    }

    /// As the source, and without noise, where nothing else is asked for; rebuilt tops go beyond full scale, which integers do not.
    pub(super) fn whole_file(
        &self,
        plan: &RestoreSettings,
        named: Option<&Path>,
    ) -> Result<FileWish, Error> {
        let mut file = self.file.clone();
        let rebuilds = !plan.clipping.is_neutral();
        if rebuilds && named.is_none() {
            file.format = file.format.or(Some(OutputFormat::Wav));
        }
        let format = file.format.or(by_name(named)?);
        if format.is_none_or(|format| lossy_codec(format).is_none()) {
            let usual = match format {
                // Tops of a file that was turned down may well stay below full scale.
                Some(OutputFormat::Flac) if rebuilds => BitsWish::Exactly(Bits::Int24),
                _ if rebuilds => BitsWish::Exactly(Bits::Float32),
                _ => BitsWish::Keep,
            };
            file.bits = file.bits.or(Some(usual));
            file.dither = file.dither.or(Some(DitherKind::None));
        }
        Ok(file)
    }
}
