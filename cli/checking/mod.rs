//! Does a file meet the rules of a target?

pub(crate) mod codec;
pub(crate) mod github;
pub(crate) mod junit;
mod rules;
pub(crate) mod sarif;

use schemars::JsonSchema;
use serde::Serialize;

use crate::failure::Failure;
use crate::inputs::Input;
use codec::CodecPeak;
pub(crate) use rules::check;

/// How one rule came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// The rule is met.
    Pass,
    /// It is not.
    Fail,
    /// Nobody asked for the rule, but it is worth knowing.
    Warn,
    /// Not met, but known from the baseline.
    Known,
    /// It could not be checked here.
    NotChecked,
}

/// One rule of one target, and one file.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct RuleCheck {
    /// Stable code, such as `D101`; `acetate explain` has the long text.
    pub(crate) code: String,
    /// What is asked for, in a word.
    pub(crate) rule: String,
    /// How it came out.
    pub(crate) outcome: Outcome,
    /// What was measured.
    pub(crate) measured: Option<f64>,
    /// Lowest and highest value that are met.
    pub(crate) limits: [Option<f64>; 2],
    /// Unit of the numbers.
    pub(crate) unit: String,
    /// The same as a sentence.
    pub(crate) text: String,
}

/// All rules of one target, and one file.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct TargetCheck {
    /// Id of the target.
    pub(crate) target: String,
    /// Is no rule broken?
    pub(crate) ok: bool,
    /// Rule by rule.
    pub(crate) checks: Vec<RuleCheck>,
}

impl TargetCheck {
    /// The result of all rules.
    pub(crate) fn of(target: &str, checks: Vec<RuleCheck>) -> Self {
        let ok = checks.iter().all(|check| check.outcome != Outcome::Fail);
        Self { target: target.to_owned(), ok, checks }
    }
}

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
