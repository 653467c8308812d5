//! The report: what was measured and done in, one self-contained page out. Charts are SVG, script is for the player alone.
//!
//! No file, no terminal, no clock, no network: sound comes in encoded, pages go out as text. How sound is read, cut and encoded
//! is the business of whoever asks for a page.

mod axis;
mod catalogue;
mod chart;
mod elsewhere;
mod figure;
mod html;
mod image;
mod level;
mod limiting;
mod listening;
mod moves;
mod nearness;
mod page;
mod places;
mod playback;
mod player;
mod record;
mod repairs;
mod stems;
mod tables;
mod tone;
mod verdict;
mod wave;
mod wording;

pub use catalogue::{CataloguePage, CatalogueSong, catalogue_page};
pub use elsewhere::Elsewhere;
pub use listening::{Listening, Mark, Timeline, Version, matching_gains_db};
pub use page::{Page, listening_page, named_listening_page, page};
pub use places::{Place, loudest, places, record_places, whole};
pub use record::{RecordPage, SongTone, record_page};
pub use repairs::{RepairsPage, repairs_page};
pub use stems::StemsShown;
