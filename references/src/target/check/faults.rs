//! What no delivery can have, whatever its target says.

use acetate_analyzer::{Analysis, Finding, Severity, codes};
use acetate_audio::SourceWarning;

use super::{Outcome, RuleCheck, outcome};

/// A rule that a finding breaks.
struct Fault {
    code: &'static str,
    rule: &'static str,
    found_as: &'static [&'static str],
    sound: &'static str,
}

const FAULTS: [Fault; 3] = [
    Fault {
        code: "D117",
        rule: "sound",
        found_as: &[codes::SILENCE, codes::DEAD_CHANNEL],
        sound: "no channel is silent",
    },
    Fault {
        code: "D118",
        rule: "polarity",
        found_as: &[codes::INVERTED],
        sound: "no channel is upside down",
    },
    Fault { code: "D119", rule: "clipping", found_as: &[codes::CLIPPED], sound: "not clipped" },
];

/// One check for each fault, whether it is there or not.
pub(super) fn faults(analysis: &Analysis, warnings: &[SourceWarning]) -> Vec<RuleCheck> {
    let mut checks: Vec<RuleCheck> = FAULTS.iter().map(|fault| fault.check(analysis)).collect();
    checks.push(completeness(warnings));
    checks
}

impl Fault {
    fn check(&self, analysis: &Analysis) -> RuleCheck {
        let known = |finding: &&Finding| self.found_as.contains(&finding.code.as_str());
        let Some(finding) = analysis.findings.iter().find(known) else {
            return outcome(self.code, self.rule, Outcome::Pass, self.sound);
        };
        // A few flat tops in a minute are what loud mastering leaves.
        let grave = finding.severity >= Severity::Warning;
        RuleCheck {
            measured: finding.measured,
            text: finding.sentence(),
            ..outcome(self.code, self.rule, if grave { Outcome::Fail } else { Outcome::Notice }, "")
        }
    }
}

/// Is all there that the file promises?
fn completeness(warnings: &[SourceWarning]) -> RuleCheck {
    let found = |outcome: Outcome| move |warning: &&SourceWarning| judged(warning) == outcome;
    let worst = [Outcome::Fail, Outcome::Warn]
        .into_iter()
        .find_map(|outcome| Some((outcome, warnings.iter().find(found(outcome))?)));
    match worst {
        Some((judged, warning)) => {
            RuleCheck { text: warning.to_string(), ..outcome("D120", "completeness", judged, "") }
        }
        None => outcome("D120", "completeness", Outcome::Pass, "the file is whole"),
    }
}

/// How grave something wrong with a file is: sound that is missing makes it fail.
fn judged(warning: &SourceWarning) -> Outcome {
    match warning {
        SourceWarning::Truncated { .. }
        | SourceWarning::Damaged { .. }
        | SourceWarning::EndsEarly
        | SourceWarning::Undecodable { .. } => Outcome::Fail,
        SourceWarning::PerhapsHalf { .. } => Outcome::Warn,
        _ => Outcome::Pass,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Evidence, check, rules::tests::analysis};
    use super::*;
    use crate::target::target;

    fn finding(code: &str, severity: Severity) -> Finding {
        Finding {
            code: code.to_owned(),
            severity,
            text: "it is so".to_owned(),
            measured: None,
            limit: None,
            at_s: vec![83.2],
            advice: "do this".to_owned(),
        }
    }

    /// The code that a streaming master with this finding fails by.
    fn failing(found: Finding) -> Option<String> {
        let mut analysis = analysis(-14.0, -1.0);
        analysis.findings.push(found);
        let checked = check(&analysis, target("streaming").unwrap(), Evidence::default());
        let failed: Vec<_> = checked.with(Outcome::Fail).collect();
        assert!(failed.len() <= 1 && checked.ok == failed.is_empty(), "{failed:?}");
        failed.first().map(|check| check.code.clone())
    }

    #[test]
    fn a_silent_channel_inverted_polarity_and_clipping_fail_whatever_the_target() {
        for (found_as, severity, code) in [
            (codes::DEAD_CHANNEL, Severity::Error, "D117"),
            (codes::SILENCE, Severity::Error, "D117"),
            (codes::INVERTED, Severity::Error, "D118"),
            (codes::CLIPPED, Severity::Warning, "D119"),
        ] {
            assert_eq!(failing(finding(found_as, severity)).as_deref(), Some(code), "{found_as}");
        }
    }

    #[test]
    fn a_few_flat_tops_or_a_matter_of_taste_fail_nothing() {
        assert_eq!(failing(finding(codes::CLIPPED, Severity::Info)), None);
        assert_eq!(failing(finding(codes::NARROW, Severity::Mix)), None);
    }

    #[test]
    fn a_failure_names_the_time_and_what_to_do() {
        let mut analysis = analysis(-14.0, -1.0);
        analysis.findings.push(finding(codes::CLIPPED, Severity::Warning));
        let checked = check(&analysis, target("streaming").unwrap(), Evidence::default());
        let text = &checked.with(Outcome::Fail).next().unwrap().text;
        assert!(text.contains("1:23") && text.contains("do this"), "{text}");
    }

    #[test]
    fn a_file_that_is_cut_short_fails_and_one_that_is_longer_than_it_says_does_not() {
        let judge = |warning: SourceWarning| {
            let warnings = [warning];
            let evidence = Evidence { warnings: &warnings, ..Evidence::default() };
            check(&analysis(-14.0, -1.0), target("streaming").unwrap(), evidence).ok
        };
        assert!(!judge(SourceWarning::Truncated { promised_frames: 9, found_frames: 5 }));
        assert!(!judge(SourceWarning::EndsEarly));
        assert!(judge(SourceWarning::LongerThanPromised { promised_frames: 5, found_frames: 9 }));
    }
}
