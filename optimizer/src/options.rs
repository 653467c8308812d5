//! What a person may ask of a fit.

use acetate_references::oneshot::Boldness;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How far to go, in percent of the way to the aim: 0 leaves the mix as it is, 100 goes all the way.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Amounts {
    /// Everything, on top of the amounts of the families; 0 to 150.
    pub all: f64,
    /// Equaliser.
    pub tone: f64,
    /// Compression.
    pub dynamics: f64,
    /// Stereo.
    pub width: f64,
}

impl Default for Amounts {
    fn default() -> Self {
        Self { all: 100.0, tone: 100.0, dynamics: 100.0, width: 100.0 }
    }
}

impl Amounts {
    /// Share of the way in tone, 1 at 100 %.
    pub fn tone_share(&self) -> f64 {
        self.all * self.tone / 1e4
    }

    /// Share of the way in dynamics.
    pub fn dynamics_share(&self) -> f64 {
        self.all * self.dynamics / 1e4
    }

    /// Share of the way in width.
    pub fn width_share(&self) -> f64 {
        self.all * self.width / 1e4
    }
}

/// What to take from a reference or style.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Match {
    /// Tonal balance.
    pub tone: bool,
    /// Compression.
    pub dynamics: bool,
    /// Stereo width.
    pub width: bool,
    /// Loudness, in place of the target's.
    pub loudness: bool,
}

impl Default for Match {
    fn default() -> Self {
        Self { tone: true, dynamics: true, width: true, loudness: false }
    }
}

impl Match {
    /// The names of what is taken, as they are typed.
    pub fn names(&self) -> Vec<String> {
        [
            ("tone", self.tone),
            ("dynamics", self.dynamics),
            ("width", self.width),
            ("loudness", self.loudness),
        ]
        .iter()
        .filter(|(_, taken)| *taken)
        .map(|(name, _)| (*name).to_owned())
        .collect()
    }
}

/// How finely the equaliser follows a reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Detail {
    /// At most 4 wide bands, and 2 on the side.
    Broad,
    /// At most 9 bands, and 4 on the side.
    #[default]
    Medium,
    /// At most 16 bands, and 16 on the side.
    Fine,
}

/// What a person may ask of a fit. The default is what `acetate master` does without options.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FitOptions {
    /// What to take from the references.
    pub take: Match,
    /// How far to go.
    pub amounts: Amounts,
    /// The sum of the equaliser's bands stays within this, in dB. A cut below the bass may be twice as deep.
    pub max_eq_db: f64,
    /// How sure a fault has to be before it is mended, where there is no record to follow.
    pub one_shot: Boldness,
    /// How finely the equaliser follows.
    pub detail: Detail,
    /// A wider, slower search.
    pub thorough: bool,
    /// Every random choice is drawn from it.
    pub seed: u64,
    /// Loudness stops where the noise-to-mask figure would pass this, in dB.
    pub max_damage_db: f64,
    /// Go on to the target's loudness whatever the damage.
    pub force: bool,
    /// Which limiter.
    pub limiter: acetate_engine::settings::LimiterKind,
    /// Loudness in place of the target's, in LUFS.
    pub lufs: Option<f64>,
    /// Ceiling in place of the target's, in dBTP.
    pub ceiling_dbtp: Option<f64>,
    /// Reverberation, in percent; 0 is none.
    pub reverb_pct: f64,
    /// Saturation, in percent; 0 is none.
    pub saturation_pct: f64,
    /// Moves that would lower what is heard on phones, in cars, in mono by more than 5 points of the bass line, or 2 of what noise leaves and mono
    /// keeps, are held back as far as that costs less than 0.3 dB rms of the tone; the rest of the loss is told.
    pub hold_elsewhere: bool,
    /// The file that will be written; its seed is [`FitOptions::seed`].
    pub output: acetate_engine::settings::OutputSettings,
}

impl Default for FitOptions {
    fn default() -> Self {
        Self {
            take: Match::default(),
            amounts: Amounts::default(),
            max_eq_db: 12.0,
            one_shot: Boldness::default(),
            detail: Detail::default(),
            thorough: false,
            seed: 1,
            max_damage_db: -10.0,
            force: false,
            limiter: acetate_engine::settings::LimiterKind::Masked,
            lufs: None,
            ceiling_dbtp: None,
            reverb_pct: 0.0,
            saturation_pct: 0.0,
            hold_elsewhere: true,
            output: acetate_engine::settings::OutputSettings::default(),
        }
    }
}
