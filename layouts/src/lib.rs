//! What a record is delivered in: the sheets and images of a disc, the sides of vinyl and tape, names of files.
//!
//! Data in, bytes and text out. A [`Disc`] says where on the time line its tracks and their indexes begin; [`Disc::check`] holds it
//! against the rules of the compact disc, and [`cue_sheet`], [`toc`], [`cd_text`], [`ddp`] and [`pq_sheet`] write it down.
//! [`GrooveMeter`] measures how much room a sound takes on vinyl, [`plan_sides`] finds the breaks that leave the quieter side loudest.

#![cfg_attr(
    test,
    allow(
        clippy::disallowed_methods,
        reason = "test signals need not be the same bits everywhere"
    )
)]

mod cassette;
mod cd_text;
mod codes;
mod cue;
mod ddp;
mod disc;
mod groove;
mod names;
mod pq_sheet;
mod record;
mod riaa;
mod rules;
mod sectors;
mod sides;
mod toc;

pub use cassette::{CASSETTE_LEAD_S, Cassette, CassetteError, Tape, plan_cassette};
pub use cd_text::{CdTextError, cd_text};
pub use codes::{CodeError, Ean, Isrc};
pub use cue::{DiscFile, cue_sheet};
pub use ddp::{Ddp, DdpError, IMAGE_FILE, ddp};
pub use disc::{Disc, Text, TextField, Track};
pub use groove::{Groove, GrooveBlock, GrooveFinding, GrooveFindingKind, GrooveMeter, SideLevel};
pub use names::{file_name, slug};
pub use pq_sheet::pq_sheet;
pub use record::{Record, Speed};
pub use rules::{DiscError, DiscWarning};
pub use sectors::{FIRST_PAUSE, FRAMES_PER_SECTOR, SECTOR_BYTES, Sectors};
pub use sides::{SidePlan, SidesError, plan_sides};
pub use toc::toc;
