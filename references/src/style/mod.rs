//! Styles: what records of a kind have in common, learned with linfa.
//!
//! A [`Style`] is a [`Manifold`] of tones (a mean curve and the few directions in which records differ) with
//! percentiles of dynamics, width and loudness, and the [`Kind`] that a mix is judged by. [`Placement`] finds the styles a mix belongs to. The built-in
//! ones are fitted by `examples/fit_styles` from the statistics of commercial recordings; [`fit_collection`]
//! learns one from a person's own records, and [`OwnRecords`] finds the kinds among them.

pub mod wide;

mod document;
mod fit;
mod kind;
mod limits;
mod manifold;
pub(crate) mod mixture;
mod own;
mod placement;
pub(crate) mod principal;
pub(crate) mod sample;

pub use document::{Percentiles, STYLE_SCHEMA, Style, StyleError, style, styles};
pub use fit::{RECORDS_MIN, choose_components, fit_collection, fit_style};
pub use kind::Kind;
pub use manifold::{Manifold, ManifoldError};
pub use mixture::{Gaussian, Mixture};
pub use own::{Among, OwnRecords};
pub use placement::{
    FEATURES, PLACEMENT_SCHEMA, Placed, PlacedStyle, Placement, Space, placement, softmax,
};
pub use sample::{Known, Sample, side_minus_mid_db};
