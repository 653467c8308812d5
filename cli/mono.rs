//! `--mono`: how a file of one channel is counted.

use acetate::audio::Mono;
use clap::{Args, ValueEnum};

/// How a file of one channel is counted.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct MonoArgument {
    /// How a file of one channel is counted: as played on two loudspeakers (3.01 LU more), or as one channel [default: as the
    /// target says: dual where it is played back, single for EBU R 128, ATSC A/85, podcast-mono and acx; analyze: single; simulate:
    /// dual]
    #[arg(long, value_enum, value_name = "HOW")]
    mono: Option<MonoChoice>,
}

/// The words of `--mono`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum MonoChoice {
    /// From two loudspeakers
    Dual,
    /// From one
    Single,
}

impl MonoArgument {
    /// What was asked for.
    pub(crate) fn asked(self) -> Option<Mono> {
        self.mono.map(|choice| match choice {
            MonoChoice::Dual => Mono::Dual,
            MonoChoice::Single => Mono::Single,
        })
    }
}
