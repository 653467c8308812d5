//! The report: one self-contained page, without network, charts as SVG, script for the player alone.

mod axis;
mod chart;
mod excerpts;
mod figure;
mod html;
mod image;
mod level;
mod moves;
mod page;
mod player;
mod tables;
mod tone;
mod verdict;

pub(crate) use excerpts::{SoundInPage, Sounding, excerpts};
pub(crate) use page::{Page, listening_page, page};
