//! The report: one self-contained page, without network, charts as SVG, script for the player alone.

mod chart;
mod excerpts;
mod figures;
mod html;
mod page;
mod player;
mod sections;

pub(crate) use excerpts::{Sounding, excerpts};
pub(crate) use page::{Page, listening_page, page};
