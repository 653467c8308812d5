//! The document of a style, and the built-in ones.

use std::sync::OnceLock;

use acetate_documents::Fault;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kind::Kind;
use super::manifold::Manifold;
use super::wide::{Curve, Wide, spread_over_third_octaves, third_octaves_db, wide_band_of};
use crate::bands::shape_db;
use crate::limits::OutOfRange;

/// The `schema` of a style document.
pub const STYLE_SCHEMA: &str = "acetate.style/1";

/// What records of a kind have in common (`acetate.style/1`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Style {
    /// Always `acetate.style/1`.
    pub schema: String,
    /// Name for the command line.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What it was fitted to, and whom to thank.
    pub source: String,
    /// Number of records.
    pub records: usize,
    /// How sure the fit is: the standard error of the mean curve, dB, worst band that is aimed at.
    pub standard_error_db: f64,
    /// Tones of the records.
    pub tone: Manifold,
    /// Fine shape inside the wide bands: third-octave levels, of which only differences within a wide band matter.
    pub template_db: Curve,
    /// Standard deviation among records of what a third octave differs from the smooth curve, dB.
    pub detail_std_db: Curve,
    /// Side less mid of each wide band, log-means, dB.
    pub side_minus_mid_db: Vec<Percentiles>,
    /// Standard deviation of the level of the mid over 400 ms blocks in each wide band, dB.
    pub level_std_db: Vec<Percentiles>,
    /// Integrated loudness, LUFS.
    pub integrated_lufs: Percentiles,
    /// Loudness range, LU.
    pub loudness_range_lu: Percentiles,
    /// True peak less integrated loudness, dB.
    pub plr_db: Percentiles,
    /// What a mix is judged by that is said to be of the style; without it, it is judged among all records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
}

/// Where the values of records lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Percentiles {
    /// A tenth of the records lies below.
    pub p10: f64,
    /// A quarter.
    pub p25: f64,
    /// Half.
    pub p50: f64,
    /// Three quarters.
    pub p75: f64,
    /// Nine tenths.
    pub p90: f64,
}

impl Style {
    /// The curve of the middle of the style: third-octave levels at a loudness of 0 dB.
    pub fn curve_db(&self) -> Curve {
        let curve = third_octaves_db(&self.tone.mean_db, &self.template_db);
        let levels: Vec<Option<f64>> = curve.iter().map(|&level_db| Some(level_db)).collect();
        let shape = shape_db(&levels);
        std::array::from_fn(|band| shape[band].unwrap_or(curve[band]))
    }

    /// What a record of the style may differ from the nearest point of its manifold, in each third octave, dB.
    pub fn tolerance_db(&self) -> Curve {
        let residual = spread_over_third_octaves(&self.tone.residual_std_db);
        std::array::from_fn(|band| {
            let (wide, detail) = (residual[band], self.detail_std_db[band]);
            libm::sqrt(wide * wide + detail * detail)
        })
    }

    /// What records differ from the middle of the style, in each third octave, dB: for plots.
    pub fn spread_db(&self) -> Curve {
        let wide: Wide = std::array::from_fn(|band| {
            let along = self.tone.components.iter().zip(&self.tone.component_std_db);
            let explained: f64 = along.map(|(c, std)| c[band] * c[band] * std * std).sum();
            libm::sqrt(
                explained + self.tone.residual_std_db[band] * self.tone.residual_std_db[band],
            )
        });
        let (wide, detail) = (spread_over_third_octaves(&wide), self.detail_std_db);
        std::array::from_fn(|band| {
            libm::sqrt(wide[band] * wide[band] + detail[band] * detail[band])
        })
    }

    /// How much a third octave counts: 0 where the style's records are below the noise.
    pub fn weight(&self, third: usize) -> f64 {
        self.tone.weight[wide_band_of(third)]
    }

    /// `12 records`, or `12 records (9 whole songs in stereo, which mixes are judged by)`.
    pub fn learned_from(&self) -> String {
        match self.kind.as_ref().map(Kind::own_records) {
            Some(judged_by) if judged_by < self.records => format!(
                "{} records ({judged_by} whole songs in stereo, which mixes are judged by)",
                self.records
            ),
            _ => format!("{} records", self.records),
        }
    }

    /// Reads a style document.
    ///
    /// # Errors
    /// The path of the key that is wrong or missing; a foreign `schema`; lists of another length; numbers that no
    /// record has.
    pub fn parse(json: &str) -> Result<Self, StyleError> {
        let style: Self = acetate_documents::from_text(json)
            .map_err(|Fault { path, reason }| StyleError::Document { path, reason })?;
        style.validated()
    }

    /// The document as it is stored.
    pub fn to_json(&self) -> String {
        acetate_documents::to_text(self)
    }
}

/// Why a style was not taken.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StyleError {
    /// Not JSON, or a key is wrong or missing.
    #[error("style document, at {path}: {reason}")]
    Document {
        /// Path of the key in the document.
        path: String,
        /// What is wrong there.
        reason: String,
    },
    /// Another kind of document, or a newer one.
    #[error("schema is \"{given}\", this version reads \"{STYLE_SCHEMA}\"")]
    Schema {
        /// The schema it names.
        given: String,
    },
    /// Lists that do not fit together.
    #[error("the lists of the style document do not have the same number of bands or components")]
    Lengths,
    /// Shares that are not those of a whole.
    #[error("kind.shares of the style document sum to {sum:.3}, not to 1")]
    Shares {
        /// Their sum.
        sum: f64,
    },
    /// A number that no record has.
    #[error("style document: {0}")]
    OutOfRange(#[from] OutOfRange),
    /// A collection that is too small to learn from.
    #[error("{given} records are too few to learn a style from; at least {min} are needed")]
    TooFew {
        /// Records given.
        given: usize,
        /// Records needed.
        min: usize,
    },
    /// Records that lack what a style is made of.
    #[error("the records cannot be fitted: {missing} is missing in all or most of them")]
    Unmeasured {
        /// The measure.
        missing: &'static str,
    },
}

/// The built-in styles, in the order a list shows them.
pub fn styles() -> &'static [Style] {
    static STYLES: OnceLock<Vec<Style>> = OnceLock::new();
    STYLES.get_or_init(|| {
        acetate_documents::from_text(include_str!("../../data/styles.json"))
            .expect("a test reads the shipped styles")
    })
}

/// The built-in style of that id.
pub fn style(id: &str) -> Option<&'static Style> {
    let id = crate::name::plain_id(id);
    styles().iter().find(|style| style.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use acetate_audio::units::db_to_power;

    #[test]
    fn the_shipped_styles_are_whole_and_named() {
        let ids: Vec<&str> = styles().iter().map(|style| style.id.as_str()).collect();
        assert_eq!(ids[..6], ["pop", "jazz", "classical", "mixed", "loud", "all"]);
        assert!(ids.len() >= 10, "and kinds within them: {ids:?}");
        for style in styles() {
            assert_eq!(Style::parse(&style.to_json()).as_ref(), Ok(style));
            assert!(style.source.contains("Shin Fukuse"), "{} lacks its attribution", style.id);
        }
    }

    #[test]
    fn a_styles_curve_holds_its_wide_bands() {
        for style in styles() {
            let power: f64 = style.tone.mean_db.iter().map(|&level_db| db_to_power(level_db)).sum();
            let curve = style.curve_db().map(Some);
            let back = super::super::wide::wide_levels_db(&curve, |_| true);
            for (band, level_db) in back.iter().enumerate() {
                let expected = style.tone.mean_db[band] - acetate_audio::units::power_to_db(power);
                assert!((level_db.unwrap() - expected).abs() < 0.02, "{} band {band}", style.id);
            }
        }
    }

    #[test]
    fn pop_agrees_with_an_independent_average_from_200_hz_to_10_khz() {
        // DSP notes B3: the average of 150 other mixes, third octaves re 1 kHz.
        let independent = [
            (9, 2.9),
            (10, 2.3),
            (12, 1.5),
            (14, 1.3),
            (16, 0.0),
            (18, -1.0),
            (20, -2.1),
            (22, -4.3),
            (24, -6.6),
            (26, -8.5),
        ];
        let curve = style("pop").unwrap().curve_db();
        for (band, level_db) in independent {
            let off = curve[band] - curve[16] - level_db;
            assert!(off.abs() < 1.5, "band {band} is {off:.2} dB off");
        }
    }

    #[test]
    fn classical_is_not_aimed_at_where_its_recordings_end_in_noise() {
        let classical = style("classical").unwrap();
        assert!(classical.weight(16) > 0.9, "1 kHz");
        assert_eq!(classical.weight(25), 0.0, "8 kHz");
    }

    #[test]
    fn a_style_with_a_missing_list_is_refused() {
        let mut style = style("pop").unwrap().clone();
        style.level_std_db.pop();
        assert_eq!(Style::parse(&style.to_json()), Err(StyleError::Lengths));
    }
}
