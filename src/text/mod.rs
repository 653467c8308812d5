//! Measures, plans and differences as people read them in a terminal: plain text of at most 80 columns, coloured or not.

pub mod analysis;
pub mod comparison;
pub mod moves;
pub mod over_time;
mod paint;
pub mod plot;
pub mod record;
pub mod table;
pub mod translation;

pub use paint::Paint;
