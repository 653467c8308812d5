//! Does a file meet the rules of a target?

pub(crate) mod codec;
pub(crate) mod csv;
pub(crate) mod github;
pub(crate) mod junit;
pub(crate) mod sarif;

pub(crate) use acetate_references::target::check::{
    CodecPeak, Evidence, Outcome, RuleCheck, TargetCheck, check,
};

use crate::failure::Failure;
use crate::inputs::Input;

/// One file and all its targets, ready to be shown.
#[derive(Clone, Debug)]
pub(crate) struct FileCheck {
    /// The file as named.
    pub(crate) input: String,
    /// Why it could not be measured, if it could not.
    pub(crate) error: Option<String>,
    /// Target by target.
    pub(crate) targets: Vec<TargetCheck>,
    /// The file after lossy codecs.
    pub(crate) codecs: Vec<CodecPeak>,
}

impl FileCheck {
    /// A file that could not be checked.
    pub(crate) fn failed(input: &Input, failure: &Failure) -> Self {
        let error = Some(failure.to_string());
        Self { input: input.name(), error, targets: Vec::new(), codecs: Vec::new() }
    }

    /// The rules that are broken, with their targets.
    pub(crate) fn failures(&self) -> impl Iterator<Item = (&str, &RuleCheck)> {
        self.with(Outcome::Fail)
    }

    /// The checks that came out so, with their targets.
    pub(crate) fn with(&self, outcome: Outcome) -> impl Iterator<Item = (&str, &RuleCheck)> {
        self.targets.iter().flat_map(move |target| {
            let checks = target.checks.iter().filter(move |check| check.outcome == outcome);
            checks.map(|check| (target.target.as_str(), check))
        })
    }
}
