//! Rules age. The linter names the ones that are stale, unsourced or at odds with themselves.

use super::{Certainty, Date, ExtraRule, RuleKind, Target};

/// Days after which a platform's rule should be looked up again: they change about once a year.
const STALE_AFTER_DAYS: i64 = 400;

/// A rule to look at.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum TargetFinding {
    /// Looked up too long ago.
    Stale {
        /// The target.
        id: String,
        /// When it was looked up.
        checked: Date,
        /// Age in days.
        days: i64,
    },
    /// Looked up in the future: a slip of the pen.
    FromTheFuture {
        /// The target.
        id: String,
        /// The date it states.
        checked: Date,
    },
    /// Two targets of the same name.
    DuplicateId {
        /// That name.
        id: String,
    },
    /// A name that cannot be typed after `--target` without trouble.
    AwkwardId {
        /// That name.
        id: String,
    },
    /// Said to be verified, without an address or standard to verify it with.
    Unsourced {
        /// The target.
        id: String,
    },
    /// An extra rule that contradicts the target it belongs to.
    Contradiction {
        /// The target.
        id: String,
        /// What contradicts what.
        what: &'static str,
    },
}

/// Everything about these targets that a person should look at, in their order.
///
/// `today` comes from the caller: this crate has no clock.
pub fn lint(targets: &[Target], today: Date) -> Vec<TargetFinding> {
    let mut findings = Vec::new();
    for (index, target) in targets.iter().enumerate() {
        let id = || target.id.clone();
        if targets[..index].iter().any(|earlier| earlier.id == target.id) {
            findings.push(TargetFinding::DuplicateId { id: id() });
        }
        if !is_plain_id(&target.id) {
            findings.push(TargetFinding::AwkwardId { id: id() });
        }
        if target.confidence == Certainty::Verified && !names_a_source(&target.source) {
            findings.push(TargetFinding::Unsourced { id: id() });
        }
        findings.extend(age(target, today));
        findings.extend(contradictions(target));
    }
    findings
}

fn is_plain_id(id: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !id.is_empty() && !id.starts_with('-') && id.chars().all(plain)
}

fn names_a_source(source: &str) -> bool {
    source.contains("https://") || source.chars().any(|c| c.is_ascii_digit())
}

fn age(target: &Target, today: Date) -> Option<TargetFinding> {
    let (id, checked) = (target.id.clone(), target.checked);
    let days = today.days_since(checked);
    if days < 0 {
        Some(TargetFinding::FromTheFuture { id, checked })
    } else if days > STALE_AFTER_DAYS && target.confidence != Certainty::Custom {
        Some(TargetFinding::Stale { id, checked, days })
    } else {
        None
    }
}

fn contradictions(target: &Target) -> Vec<TargetFinding> {
    let contradiction = |what| TargetFinding::Contradiction { id: target.id.clone(), what };
    let check = |rule: &ExtraRule| match *rule {
        ExtraRule::RmsBetween { low_dbfs, high_dbfs } if low_dbfs >= high_dbfs => {
            Some("the RMS window is empty")
        }
        ExtraRule::LowerPeakWhenLouder { true_peak_dbtp, .. }
            if true_peak_dbtp > target.true_peak_dbtp =>
        {
            Some("the ceiling for loud masters is above the general one")
        }
        ExtraRule::AlbumLoudest { integrated_lufs }
            if target.integrated_lufs.is_some_and(|track| integrated_lufs < track) =>
        {
            Some("the loudest track of an album would be quieter than a single track")
        }
        _ => None,
    };
    let mut found: Vec<_> = target.rules.iter().filter_map(check).map(contradiction).collect();
    if target.loudness_rule == RuleKind::Target && target.tolerance_lu <= 0.0 {
        found.push(contradiction("a target without tolerance cannot be met"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::{target, targets};

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn finds(change: impl Fn(&mut Target)) -> Vec<TargetFinding> {
        let mut changed = target("spotify").unwrap().clone();
        change(&mut changed);
        lint(&[changed], day("2026-12-01"))
    }

    #[test]
    fn the_shipped_targets_are_clean_on_the_day_they_were_checked() {
        let newest = targets().iter().map(|target| target.checked).max().unwrap();
        assert_eq!(lint(targets(), newest), []);
    }

    #[test]
    fn a_rule_from_two_years_ago_is_stale_but_a_persons_own_is_not() {
        let old = |target: &mut Target| target.checked = day("2024-12-01");
        assert!(matches!(finds(old)[..], [TargetFinding::Stale { days: 730, .. }]));
        let own = |target: &mut Target| {
            old(target);
            target.confidence = Certainty::Custom;
        };
        assert_eq!(finds(own), []);
    }

    #[test]
    fn a_verified_rule_without_a_source_is_found() {
        let found = finds(|target| target.source = "everybody says so".into());
        assert!(matches!(found[..], [TargetFinding::Unsourced { .. }]));
    }

    #[test]
    fn rules_that_contradict_each_other_are_found() {
        let found = finds(|target| {
            target.rules =
                vec![ExtraRule::LowerPeakWhenLouder { than_lufs: -14.0, true_peak_dbtp: -0.5 }];
        });
        assert!(matches!(found[..], [TargetFinding::Contradiction { .. }]));
    }

    #[test]
    fn the_same_name_twice_is_found() {
        let twice = [target("cd").unwrap().clone(), target("cd").unwrap().clone()];
        let found = lint(&twice, day("2026-12-01"));
        assert_eq!(found, [TargetFinding::DuplicateId { id: "cd".into() }]);
    }
}
