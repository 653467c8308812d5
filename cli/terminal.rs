//! What the terminal can show: colour, width, and whether there is one.

use std::env;
use std::io::{IsTerminal, stderr, stdout};

use acetate::text::Paint;
use clap::ValueEnum;

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl ColorChoice {
    /// The decision, in the order of INTERFACE section 1: flag, `NO_COLOR`, `CLICOLOR_FORCE`, terminal.
    fn decide(self, no_color: bool, force: bool, terminal: bool) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => !no_color && (force || terminal),
        }
    }
}

/// Colours for text on standard output.
pub(crate) fn for_stdout(choice: ColorChoice) -> Paint {
    from_environment(choice, stdout().is_terminal())
}

/// Colours for text on standard error.
pub(crate) fn for_stderr(choice: ColorChoice) -> Paint {
    from_environment(choice, stderr().is_terminal())
}

fn from_environment(choice: ColorChoice, terminal: bool) -> Paint {
    // https://no-color.org and https://bixense.com/clicolors: set and not empty; set and not "0".
    let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let force = env::var_os("CLICOLOR_FORCE").is_some_and(|value| value != "0");
    Paint::new(choice.decide(no_color, force, terminal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_beats_the_environment_and_no_color_beats_force() {
        assert!(ColorChoice::Always.decide(true, false, false));
        assert!(!ColorChoice::Never.decide(false, true, true));
        assert!(!ColorChoice::Auto.decide(true, true, true));
        assert!(ColorChoice::Auto.decide(false, true, false));
        assert!(ColorChoice::Auto.decide(false, false, true));
        assert!(!ColorChoice::Auto.decide(false, false, false));
    }
}
