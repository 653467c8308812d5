//! What is said of verdicts and rules, on the lines of the progress.

use std::path::Path;

use acetate::Plan;
use acetate::analyzer::Measured;
use acetate::check::codec::streamed;
use acetate::check::{Outcome as RuleOutcome, TargetCheck};
use acetate::optimizer::{Cannot, Verdict};
use acetate::output::lossy_codec;
use acetate::references::target::RuleKind;
use acetate::text::moves::verdict_line;

use crate::progress::Progress;

/// Why a loudness could not be had, and what would help.
pub(crate) fn cannot_lines(cannot: &Cannot, progress: &Progress) {
    progress.note("Reason", &cannot.reason);
    if !cannot.lever.is_empty() {
        progress.note("Helps", &cannot.lever);
    }
}

/// Says what the written file measures against what was asked for.
pub(crate) fn say_verdict(plan: &Plan, verdict: &Verdict, progress: &Progress) {
    let line = verdict_line(verdict, progress.paint());
    if verdict.met() {
        progress.done("Verified", &line);
    } else {
        // All but the tone of a record, to which a master only comes nearer.
        let word = if verdict.delivered() { "Nearer" } else { "Missed" };
        progress.note(word, &line);
    }
    if let Some(cannot) = &plan.document.cannot {
        cannot_lines(cannot, progress);
    }
    if let Some(judged) = &verdict.delivery {
        say_delivery("Rules", judged, progress);
    }
}

/// Says what the codecs of players do to a lossless master.
pub(crate) fn say_codecs(path: &Path, plan: &Plan, after: &Measured, progress: &Progress) {
    if plan.target().loudness_rule == RuleKind::Playback
        && lossy_codec(plan.document.settings.output.format).is_none()
        && let Some(line) = streamed(path, after)
    {
        progress.done("Codecs", &line);
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
