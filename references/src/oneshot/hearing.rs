//! What is done about it: the decision with its certainty.

use acetate_analyzer::Analysis;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::Model;
use super::posterior::{Belief, Suspicion};
use super::unjudged::{Unjudged, unjudged};
use crate::bands::WIDE_BANDS;
use crate::signs::{Nine, Signs};

/// How sure a change has to be before it is done.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Boldness {
    /// Done from 95 % on, said from 80 %.
    Careful,
    /// Done from 80 % on, said from 50 %.
    #[default]
    Normal,
    /// Done from 50 % on.
    Bold,
}

impl Boldness {
    /// Probabilities from which on a change is done, and is said.
    pub fn thresholds(self) -> [f64; 2] {
        match self {
            Self::Careful => [0.95, 0.8],
            Self::Normal => [0.8, 0.5],
            Self::Bold => [0.5, 0.5],
        }
    }

    /// How much of the belief may rest on music of other kinds where a change is done.
    ///
    /// Of 89 pieces of music that no record is like 31 % would be touched by certainty alone, and 4 % with 0.02 (docs/oneshot.md).
    pub fn other_share_max(self) -> f64 {
        match self {
            Self::Careful => 0.01,
            Self::Normal => 0.02,
            Self::Bold => OTHER_SHARE_MAX,
        }
    }

    /// Its name, as it is typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Careful => "careful",
            Self::Normal => "normal",
            Self::Bold => "bold",
        }
    }

    /// The next bolder one.
    pub fn bolder(self) -> Option<Self> {
        match self {
            Self::Careful => Some(Self::Normal),
            Self::Normal => Some(Self::Bold),
            Self::Bold => None,
        }
    }
}

/// What becomes of a family of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It is sure enough: done.
    Done,
    /// It is likely: said, and left.
    Proposed,
    /// As records of its kind are.
    LeftAlone,
}

/// What is believed of one family of faults, and what becomes of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Doubt {
    /// How sure it is that something is wrong, 0 to 100.
    pub certainty_pct: f64,
    /// What becomes of it.
    pub decision: Decision,
    /// What is to be taken away, band by band: tone in dB; density as the share by which levels vary more than they should, percent.
    pub fault: Nine,
    /// Ranges that hold the fault in nine of ten cases, if there is one, in the same terms.
    pub range: [[f64; 2]; WIDE_BANDS],
}

/// What was heard in a mix without a record to follow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Hearing {
    /// How bold it was to be.
    pub boldness: Boldness,
    /// Name of the style that the mix was said to be of, by whose records it was judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub style: Option<String>,
    /// Why nothing was judged; `None` when it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unjudged: Option<Unjudged>,
    /// Tone; `None` where it was not judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tone: Option<Doubt>,
    /// Density; `None` where it was not judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub density: Option<Doubt>,
    /// How far the tone lies from what records like it measure, dB, band by band; `None` where it was not judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off_db: Option<Nine>,
    /// How much of the belief rests on music of other kinds than the records, 0 to 100.
    pub other_pct: f64,
    /// How much of it rests on the person's own records, 0 to 100; 0 where there are none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub own_pct: f64,
}

fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

/// With more of the belief than this on the wide parts a mix is of another kind than the records.
const OTHER_SHARE_MAX: f64 = 0.5;

impl Doubt {
    /// The band where the fault is largest among those where nine of ten faults go one way; `None` where none does: that something is
    /// wrong can be likely without a place.
    pub fn place(&self) -> Option<usize> {
        let one_way = |&band: &usize| self.range[band][0] > 0.0 || self.range[band][1] < 0.0;
        let bands = (0..WIDE_BANDS).filter(one_way);
        bands.max_by(|&a, &b| self.fault[a].abs().total_cmp(&self.fault[b].abs()))
    }
}

impl Hearing {
    /// Hears a mix by what is known of records: by the shipped [`model`](super::model()), or by one with a person's own in it.
    pub fn by(model: &Model, mix: &Analysis, boldness: Boldness) -> Self {
        let without = |why| Self {
            boldness,
            style: None,
            unjudged: Some(why),
            tone: None,
            density: None,
            off_db: None,
            other_pct: 100.0,
            own_pct: 0.0,
        };
        if let Some(why) = unjudged(mix) {
            return without(why);
        }
        let Some(signs) = Signs::from_analysis(mix) else { return without(Unjudged::Bandless) };
        let belief = model.belief(&signs);
        if model.is_unlike(&belief) {
            return without(Unjudged::Unlike);
        }
        Self {
            boldness,
            style: None,
            unjudged: None,
            tone: Some(doubt(&belief.tone, belief.other_share, boldness, |db| db)),
            density: Some(doubt(&belief.density, belief.other_share, boldness, percent_more)),
            off_db: Some(belief.off_db.map(hundredths)),
            other_pct: percent(belief.other_share),
            own_pct: percent(belief.own_share),
        }
    }

    /// What is to be taken away from the tone, dB, band by band; `None` when nothing is.
    pub fn tone_fault_db(&self) -> Option<&Nine> {
        let tone = self.tone.as_ref()?;
        (tone.decision == Decision::Done).then_some(&tone.fault)
    }

    /// Are the records like this one mostly the person's own?
    pub fn is_among_own(&self) -> bool {
        self.own_pct >= 50.0
    }

    /// By which share the levels vary more than they should, percent; `None` when nothing is done about it.
    pub fn density_fault_pct(&self) -> Option<&Nine> {
        let density = self.density.as_ref()?;
        (density.decision == Decision::Done).then_some(&density.fault)
    }
}

impl Model {
    /// Whether the records have nothing to say about a mix of which this is believed.
    pub fn is_unlike(&self, belief: &Belief) -> bool {
        belief.log_density < self.unlikely_below || belief.other_share > OTHER_SHARE_MAX
    }
}

fn doubt(
    suspicion: &Suspicion,
    other_share: f64,
    boldness: Boldness,
    in_terms: impl Fn(f64) -> f64,
) -> Doubt {
    let [done, said] = boldness.thresholds();
    let decision = match suspicion.probability {
        p if p > done && other_share < boldness.other_share_max() => Decision::Done,
        p if p > said => Decision::Proposed,
        _ => Decision::LeftAlone,
    };
    Doubt {
        certainty_pct: percent(suspicion.probability),
        decision,
        fault: suspicion.mean.map(|value| hundredths(in_terms(value))),
        range: suspicion.range.map(|ends| ends.map(|value| hundredths(in_terms(value)))),
    }
}

/// A share as percent, to a tenth.
fn percent(share: f64) -> f64 {
    libm::round(1e3 * share) / 10.0
}

/// Tens of natural logarithms as percent.
fn percent_more(ten_ln: f64) -> f64 {
    100.0 * (libm::exp(ten_ln / 10.0) - 1.0)
}

fn hundredths(value: f64) -> f64 {
    libm::round(value * 100.0) / 100.0
}
