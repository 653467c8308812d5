//! Does a sound meet the rules of a delivery? Judged on its [`Analysis`], rule by rule.
//!
//! One way for everybody: a master that was just written, a file that somebody sends, a page about either.

mod faults;
mod rules;

use acetate_analyzer::Analysis;
use acetate_audio::SourceWarning;
use acetate_audio::numbers::counted;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Target;

/// How one rule came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The rule is met.
    Pass,
    /// It is not.
    Fail,
    /// Nobody refuses the file for it, but it may be heard.
    Warn,
    /// Nothing is wrong, and this will happen to it.
    Notice,
    /// Not met, but known from the baseline.
    Known,
    /// It could not be checked here.
    NotChecked,
}

/// One rule of one target, and one file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RuleCheck {
    /// Stable code, such as `D101`; `acetate explain` has the long text.
    pub code: String,
    /// What is asked for, in a word.
    pub rule: String,
    /// How it came out.
    pub outcome: Outcome,
    /// What was measured.
    pub measured: Option<f64>,
    /// Lowest and highest value that are met.
    pub limits: [Option<f64>; 2],
    /// Unit of the numbers.
    pub unit: String,
    /// The same as a sentence.
    pub text: String,
}

/// All rules of one target, and one file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TargetCheck {
    /// Id of the target.
    pub target: String,
    /// Is no rule broken?
    pub ok: bool,
    /// Rule by rule.
    pub checks: Vec<RuleCheck>,
}

impl TargetCheck {
    /// The result of all rules.
    pub fn of(target: &str, checks: Vec<RuleCheck>) -> Self {
        let ok = checks.iter().all(|check| check.outcome != Outcome::Fail);
        Self { target: target.to_owned(), ok, checks }
    }

    /// The rules that came out so.
    pub fn with(&self, outcome: Outcome) -> impl Iterator<Item = &RuleCheck> {
        self.checks.iter().filter(move |check| check.outcome == outcome)
    }

    /// How many rules came out how: `acx: 7 rules met, 1 broken`.
    pub fn tally(&self) -> String {
        let met = self.with(Outcome::Pass).count();
        let mut parts = vec![format!("{} met", counted(met, "rule"))];
        for (outcome, word) in [
            (Outcome::Fail, "broken"),
            (Outcome::Warn, "doubtful"),
            (Outcome::Notice, "worth knowing"),
            (Outcome::NotChecked, "not checked"),
        ] {
            let count = self.with(outcome).count();
            parts.extend((count > 0).then(|| format!("{count} {word}")));
        }
        format!("{}: {}", self.target, parts.join(", "))
    }
}

/// A file sent through one lossy codec: a row of the codec table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CodecPeak {
    /// Codec and bit rate in one word, such as `aac256`.
    pub codec: String,
    /// What encoded it.
    pub encoder: Option<String>,
    /// Highest true peak of what came out again; `null` when that was not done.
    pub true_peak_dbtp: Option<f64>,
    /// Loudness of what came out again.
    pub integrated_lufs: Option<f64>,
    /// Why it was not done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_checked: Option<String>,
}

/// What is known about a file beside its analysis. The default knows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evidence<'a> {
    /// What was wrong with the file when it was read.
    pub warnings: &'a [SourceWarning],
    /// The file after lossy codecs.
    pub codecs: &'a [CodecPeak],
    /// Names of the codecs after which it must not clip; of the others it is only worth knowing.
    pub asked: &'a [&'a str],
    /// Most that the limiter took off a peak, dB; known of a master that was made here.
    pub limiting_db: Option<f64>,
}

/// Judges one file by the rules of one target, and by what no delivery can have: a channel without sound, one upside
/// down, clipping, a missing end.
pub fn check(analysis: &Analysis, target: &Target, evidence: Evidence<'_>) -> TargetCheck {
    let mut checks = rules::rules(analysis, target, evidence);
    checks.extend(faults::faults(analysis, evidence.warnings));
    TargetCheck::of(&target.id, checks)
}

/// A number with so many decimals.
fn number(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    // What rounds to nothing has no sign.
    let zero = text.trim_start_matches('-').chars().all(|digit| matches!(digit, '0' | '.'));
    if zero { text.trim_start_matches('-').to_owned() } else { text }
}

fn outcome(code: &str, rule: &str, outcome: Outcome, text: &str) -> RuleCheck {
    RuleCheck {
        code: code.to_owned(),
        rule: rule.to_owned(),
        outcome,
        measured: None,
        limits: [None, None],
        unit: String::new(),
        text: format!("{rule}: {text}"),
    }
}
