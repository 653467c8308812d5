//! What is usual for loudness and range among records of a kind.

use acetate_analyzer::Analysis;

use super::{Aim, StyleUse, UsualRange};
use crate::reference_use::ReferenceUse;
use crate::style::{OwnRecords, Percentiles, Sample, Style, placement, style};
use crate::target::Target;

/// The style that stands for all records, when a mix is like none in particular.
pub(super) const EVERYTHING: &str = "all";

/// What a style of the person's own records is called.
const OWN: &str = "own records";
/// How many of them are named.
const NAMED: usize = 3;

impl Aim {
    /// What is usual in a style that was asked for by name.
    pub(super) fn usual_in(style: &Style, target: &Target) -> Self {
        let text = format!(
            "judged as one of the style \"{}\", learned from {} records",
            style.name, style.records
        );
        usual(&[(style, 1.0)], target, alone(style, true, true, text))
    }

    /// What is usual among the person's own records that are most like the mix.
    ///
    /// `None` when they lack what a style is made of, or the mix is unlike them: then [`usual_near`](Self::usual_near) knows more.
    pub(super) fn usual_among_own(
        own: &OwnRecords,
        mix: &Analysis,
        target: &Target,
    ) -> Option<Self> {
        let among = own.place(&Sample::from_analysis(mix));
        if !among.resembles {
            return None;
        }
        let style = own.style_of(OWN, &among.records).ok()?;
        let nearest: Vec<&str> =
            among.records.iter().take(NAMED).map(|&i| own.profiles()[i].name.as_str()).collect();
        let which = if among.of_one_kind { "of its kind" } else { "nearest to it" };
        let text = format!(
            "among your own records those {which} are {}, the most alike {}",
            among.records.len(),
            nearest.join(", ")
        );
        Some(usual(&[(&style, 1.0)], target, alone(&style, false, true, text)))
    }

    /// What is usual in the styles that the mix is most like, between them where it is like several.
    pub(super) fn usual_near(mix: &Analysis, target: &Target) -> Self {
        let placed = placement().place(&Sample::from_analysis(mix));
        if !placed.resembles {
            let everything = style(EVERYTHING).expect("a test finds it among the shipped styles");
            let text = "resembles none of the records the styles were learned from: only what would be unusual \
                        in any music is corrected";
            return usual(
                &[(everything, 1.0)],
                target,
                alone(everything, false, false, text.into()),
            );
        }
        let known: Vec<(&Style, f64)> = placed
            .shares
            .iter()
            .filter_map(|share| Some((style(&share.id)?, share.weight)))
            .collect();
        let text = sentence(&placed.shares);
        let using = StyleUse {
            id: placed.shares[0].id.clone(),
            forced: false,
            shares: placed.shares,
            resembles: true,
            text,
        };
        usual(&known, target, using)
    }
}

/// One style by itself.
fn alone(style: &Style, forced: bool, resembles: bool, text: String) -> StyleUse {
    let share = ReferenceUse { id: style.id.clone(), weight: 1.0 };
    StyleUse { id: style.id.clone(), forced, shares: vec![share], resembles, text }
}

fn sentence(shares: &[ReferenceUse]) -> String {
    let parts: Vec<String> = shares
        .iter()
        .map(|share| format!("{} ({:.0} %)", share.id, 100.0 * share.weight))
        .collect();
    format!("among the records the styles were learned from it is most like {}", parts.join(", "))
}

/// An aim that wants nothing of the sound, with what is usual in several styles, averaged.
fn usual(styles: &[(&Style, f64)], target: &Target, using: StyleUse) -> Aim {
    let range = |value: fn(&Style) -> Percentiles| {
        let mean = |pick: fn(&Percentiles) -> f64| {
            styles.iter().map(|(style, weight)| weight * pick(&value(style))).sum::<f64>()
        };
        UsualRange { low: mean(|p| p.p10), usual: mean(|p| p.p50), high: mean(|p| p.p90) }
    };
    Aim {
        reference_lufs: Some(range(|style| style.integrated_lufs).usual),
        plr_db: Some(range(|style| style.plr_db)),
        loudness_range_lu: Some(range(|style| style.loudness_range_lu)),
        style: Some(using),
        ..Aim::of_target(target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bands::WIDE_BANDS;
    use crate::target::target;
    use crate::test_sounds::shaped;

    #[test]
    fn a_mix_like_nothing_is_told_so() {
        let whistle = std::array::from_fn(|band| Some(if band == 22 { -10.0 } else { -75.0 }));
        let aim = Aim::usual_near(&shaped(&whistle), target("streaming").unwrap());
        let using = aim.style.unwrap();
        assert!(!using.resembles && using.text.contains("resembles none"));
    }

    #[test]
    fn pop_is_placed_among_pop() {
        let pop = style("pop").unwrap();
        let mut mix = shaped(&pop.curve_db().map(|level_db| Some(level_db - 12.0)));
        for band in 0..WIDE_BANDS {
            mix.dynamics.bands[band].level_std_db = Some(pop.level_std_db[band].p50);
            mix.dynamics.bands[band].side_log_mean_db =
                Some(-30.0 + pop.side_minus_mid_db[band].p50);
        }
        let aim = Aim::usual_near(&mix, target("streaming").unwrap());
        let using = aim.style.unwrap();
        assert_eq!(using.id, "pop");
        assert!(using.resembles && !using.forced);
        assert!((pop.plr_db.p10..pop.plr_db.p90).contains(&aim.plr_db.unwrap().usual));
    }
}
