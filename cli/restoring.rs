//! The option about damage of the mix.

use acetate::RestoreMode;
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
