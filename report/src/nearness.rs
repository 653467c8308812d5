//! How near a master came to its record, in a sentence.

use acetate_optimizer::{Move, SettingsDocument, Verdict};

use crate::html::number;

/// The families besides tone, by the measure that their moves go by.
const FAMILIES: [(&str, &str); 2] = [("dynamics", "dynamics."), ("width", "stereo.")];
/// Less than this is no difference to speak of, dB.
const NOTHING_DB: f64 = 0.05;

/// `Was 7.6, now 3.1 dB from the record in tone; half way in dynamics; width not reachable.` Nothing without a record.
pub(crate) fn nearness(document: &SettingsDocument, verdict: &Verdict) -> Option<String> {
    let tone = verdict.check("tone").filter(|_| !document.aim.references.is_empty())?;
    let now_db = number(Some(tone.measured?), 1);
    let begin = match tone.before {
        Some(before_db) => format!("Was {}, now {now_db}", number(Some(before_db), 1)),
        None => format!("Now {now_db}"),
    };
    let taken = |family: &str| document.aim.take.iter().any(|taken| taken == family);
    let others = FAMILIES.iter().filter(|(family, _)| taken(family)).filter_map(|(family, of)| {
        let step = document.moves.iter().find(|step| step.metric.starts_with(of))?;
        Some(match share(step) {
            Some(share) => format!("; {} in {family}", way(share)),
            None => format!("; {family} not reachable"),
        })
    });
    Some(format!("{begin} dB from the record in tone{}.", others.collect::<String>()))
}

/// How much of the way from where it was to its aim a measure goes; `None` of a move that does nothing.
fn share(step: &Move) -> Option<f64> {
    let all = step.aim - step.measured;
    match all.abs() < NOTHING_DB {
        true => (step.tolerance > 0.0).then_some(1.0),
        false => Some((step.expected - step.measured) / all),
    }
}

fn way(share: f64) -> &'static str {
    match share {
        share if share > 1.2 => "beyond it",
        share if share >= 0.9 => "all the way",
        share if share >= 0.6 => "most of the way",
        share if share >= 0.4 => "half way",
        share if share >= 0.1 => "some of the way",
        _ => "no nearer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_way_is_told_in_words() {
        let step = |measured, expected, aim, tolerance| Move {
            measured,
            expected,
            aim,
            tolerance,
            ..Move::default()
        };
        let told = |step: Move| share(&step).map(way);
        assert_eq!(told(step(-3.7, -8.4, -9.7, 0.4)), Some("most of the way"));
        assert_eq!(told(step(3.5, 3.0, 2.1, 0.5)), Some("some of the way"));
        assert_eq!(told(step(2.0, 2.1, 1.0, 0.5)), Some("no nearer"));
        assert_eq!(told(step(0.0, 0.0, 0.0, 0.0)), None, "there is no width to raise");
    }
}
