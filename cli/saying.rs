//! What is said of verdicts and rules, on the lines of the progress.

use acetate::check::{Outcome as RuleOutcome, TargetCheck};
use acetate::optimizer::Cannot;

use crate::progress::Progress;

/// Why a loudness could not be had, and what would help.
pub(crate) fn cannot_lines(cannot: &Cannot, progress: &Progress) {
    progress.note("Reason", &cannot.reason);
    if !cannot.lever.is_empty() {
        progress.note("Helps", &cannot.lever);
    }
}

/// Says how the rules came out: a line for all, and one for each that was not simply met.
pub(crate) fn say_delivery(verb: &str, judged: &TargetCheck, progress: &Progress) {
    let summary = judged.tally();
    if judged.ok {
        progress.done(verb, &summary)
    } else {
        progress.note(verb, &summary)
    }
    for (outcome, word) in
        [(RuleOutcome::Fail, "Broken"), (RuleOutcome::Warn, "Note"), (RuleOutcome::Notice, "Note")]
    {
        for rule in judged.with(outcome) {
            progress.note(word, &format!("{} {}", rule.code, rule.text));
        }
    }
}
