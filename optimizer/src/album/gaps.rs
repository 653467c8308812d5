//! How long a record is silent between two songs.
//!
//! There is no standard; engineers fit it to how a song ends and how the next begins. The rule is a proposal, and every answer says why.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Edges;

/// What is usual since the pauses of discs, seconds.
const USUAL_S: f64 = 2.0;
/// After a song that fades or rings out, which has its own silence.
const AFTER_FADE_S: f64 = 1.0;
/// More for every LU that the next song enters above the end of this one, beyond a jump that nobody minds.
const S_PER_LU: f64 = 0.25;
const JUMP_LU: f64 = 6.0;
/// The shortest and the longest pause that is chosen.
const RANGE_S: (f64, f64) = (0.5, 4.0);

/// How pauses are chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum GapRule {
    /// From how songs end and begin.
    #[default]
    Auto,
    /// Files stay as they are, one directly after another.
    Keep,
    /// So many seconds wherever songs do not run into each other.
    Seconds(f64),
}

/// The silence before a song.
#[derive(Clone, Debug, PartialEq)]
pub struct Gap {
    /// From the last audible sound to the first, seconds.
    pub seconds: f64,
    /// Why.
    pub because: String,
}

/// The silence between two songs that do not meet. `jump_lu` is how far the next one's beginning is above this one's end once both have
/// their places; `asked_s` is what the record's file says.
pub fn plan_gap(
    rule: GapRule,
    asked_s: Option<f64>,
    before: &Edges,
    after: &Edges,
    jump_lu: f64,
) -> Gap {
    let gap = |seconds: f64, because: &str| Gap { seconds, because: because.to_owned() };
    match (asked_s, rule) {
        (Some(seconds), _) => gap(seconds, "as the record's file says"),
        (None, GapRule::Seconds(seconds)) => gap(seconds, "asked for"),
        (None, GapRule::Keep) => {
            let own_s = before.duration_s - before.sound_end_s + after.sound_start_s;
            gap(own_s, "the silence of the files is kept")
        }
        (None, GapRule::Auto) => {
            let (usual_s, why) = match before.fades_out {
                true => (AFTER_FADE_S, "after a fade"),
                false => (USUAL_S, "as usual on discs"),
            };
            let more_lu = (jump_lu - JUMP_LU).max(0.0);
            let seconds = (usual_s + S_PER_LU * more_lu).clamp(RANGE_S.0, RANGE_S.1);
            let because = match more_lu > 0.0 {
                true => format!("{why}, longer before a song that enters {jump_lu:.0} LU louder"),
                false => why.to_owned(),
            };
            Gap { seconds, because }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges(fades_out: bool) -> Edges {
        Edges {
            duration_s: 100.0,
            sound_start_s: 0.5,
            sound_end_s: 98.0,
            starts_sounding: false,
            ends_sounding: false,
            hisses: false,
            fades_out,
            start_db: -20.0,
            end_db: -20.0,
        }
    }

    fn seconds(rule: GapRule, asked_s: Option<f64>, fades: bool, jump_lu: f64) -> f64 {
        plan_gap(rule, asked_s, &edges(fades), &edges(false), jump_lu).seconds
    }

    #[test]
    fn a_fade_needs_less_and_a_jump_more() {
        assert_eq!(seconds(GapRule::Auto, None, false, 0.0), 2.0);
        assert_eq!(seconds(GapRule::Auto, None, true, 0.0), 1.0);
        assert_eq!(seconds(GapRule::Auto, None, false, 8.0), 2.5);
        assert_eq!(seconds(GapRule::Auto, None, false, 40.0), 4.0);
    }

    #[test]
    fn what_is_asked_for_is_what_is_done() {
        assert_eq!(seconds(GapRule::Auto, Some(7.0), true, 20.0), 7.0);
        assert_eq!(seconds(GapRule::Seconds(1.5), None, true, 20.0), 1.5);
        assert_eq!(seconds(GapRule::Keep, None, true, 20.0), 2.5);
    }

    #[test]
    fn every_gap_has_a_reason() {
        let gap = plan_gap(GapRule::Auto, None, &edges(true), &edges(false), 9.0);
        assert_eq!(gap.because, "after a fade, longer before a song that enters 9 LU louder");
    }
}
