//! Why each thing is done, in numbers and words.

mod change;
mod done;
mod drive;
mod far;
mod heard;
mod leftovers;
mod mono;
mod moves;
mod rendered;
mod repairs;
mod sections;
mod settings;
mod stages;
mod summary;
mod words;

pub use change::words_of_change;
pub use done::what_was_done;
pub use drive::drive_text;
pub(crate) use far::far_record;
pub(crate) use heard::remarks;
pub(crate) use leftovers::leftovers;
pub use leftovers::{Leftover, LeftoverReason};
pub(crate) use moves::explain;
pub use repairs::{repair_moves, repairs_in_words};
pub(crate) use settings::setting_check;
pub use stages::bass_harmonics_text;
pub(crate) use summary::summarize;
pub(crate) use words::hz_text;
pub use words::{BAND_WORDS, BandWords, capital, words_for};
