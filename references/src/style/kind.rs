//! What tells records of a style from others, for the judging of a mix that is said to be of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::StyleError;
use crate::limits::{SHARE, check_each};
use crate::signs::Signs;

/// How the records of a style lie among the signs that a mix is judged by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The share of each part of the shipped model of records in it; they sum to 1.
    Shares(Vec<f64>),
    /// The records themselves, each kind of them a list.
    Records(Vec<Vec<Signs>>),
}

/// How far shares may be from a sum of 1: they are stored with few decimals.
const SUM_ROUNDING: f64 = 0.01;

impl Kind {
    /// How many of a person's own records it holds that tell all that a mix is judged by: whole songs in stereo.
    pub fn own_records(&self) -> usize {
        let Self::Records(kinds) = self else { return 0 };
        let whole = |signs: &&Signs| signs.quick.is_some() && signs.side.is_some();
        kinds.iter().flatten().filter(whole).count()
    }

    pub(super) fn check(&self) -> Result<(), StyleError> {
        match self {
            Self::Shares(shares) => {
                check_each("kind.shares", shares.iter().copied(), &SHARE)?;
                let sum: f64 = shares.iter().sum();
                if (sum - 1.0).abs() > SUM_ROUNDING {
                    return Err(StyleError::Shares { sum });
                }
            }
            Self::Records(kinds) => {
                for (kind, records) in kinds.iter().enumerate() {
                    for (record, signs) in records.iter().enumerate() {
                        signs.check(&format!("kind.records[{kind}][{record}]"))?;
                    }
                }
            }
        }
        Ok(())
    }
}
