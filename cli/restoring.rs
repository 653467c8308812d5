//! The option about damage of the mix.

use acetate::{DamageKinds, RestoreMode};
use clap::{Args, ValueEnum};

/// What to do about damage.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct RestoreArgument {
    /// What to do about clicks, crackle, hum, hiss and clipping of the mix
    #[arg(long, value_enum, value_name = "WHAT", default_value_t, help_heading = "Limits")]
    restore: Restore,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Restore {
    /// Nothing
    Off,
    /// Say what mends them
    #[default]
    Report,
    /// Mend them before everything else
    Repair,
}

impl RestoreArgument {
    /// The same as the library has it.
    pub(crate) fn mode(self) -> RestoreMode {
        match self.restore {
            Restore::Off => RestoreMode::Off,
            Restore::Report => RestoreMode::Report,
            Restore::Repair => RestoreMode::Repair,
        }
    }
}

/// The kinds of damage of which a run says itself what it found: where it mends, all of them.
pub(crate) fn told_by(mode: RestoreMode) -> DamageKinds {
    if mode == RestoreMode::Repair { DamageKinds::ALL } else { DamageKinds::NONE }
}
