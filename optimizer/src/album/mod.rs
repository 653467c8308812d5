//! One decision for several songs: levels, tone, joins, gaps, edges and the time line of a record.
//!
//! Everything here is a function of what was measured. [`plan_levels`] says how far each piece stays under the loudest,
//! [`plan_tone`] what all songs share and what one needs alone, [`join_score`] whether two files are one recording,
//! [`plan_gap`] how long to wait between songs, [`Timeline`] where everything lies in sectors of a disc.

mod bring;
mod crossfade;
mod date;
mod document;
mod edges;
mod file;
mod file_error;
mod gaps;
mod groups;
mod joins;
mod lay_out;
mod levels;
mod media;
mod order;
mod pieces;
mod record;
mod record_error;
mod recorded;
mod render;
mod source;
mod suggest;
mod timeline;
mod tone;

pub use crate::top::top_lufs;
pub use bring::{Below, Known};
pub use crossfade::{correlation, crossfade_gains};
pub use date::is_date;
pub use document::{
    ALBUM_PLAN_SCHEMA, AlbumDocument, AlbumGroup, AlbumLevel, AlbumSong, AlbumStart, AlbumTone,
    BeforeFade, StartKind,
};
pub use edges::{Edges, EdgesMeter, HEAD_S, Trimmed};
pub use file::{ALBUM_FILE_SCHEMA, AlbumFile, JoinWord, SongEntry};
pub use file_error::AlbumFileError;
pub use gaps::{Gap, GapRule, plan_gap};
pub use groups::{Follows, Heard, find_joins};
pub use joins::{EDGE_FRAMES, JOIN_SCORE_MAX, is_join, join_score};
pub use levels::{
    Anchor, LevelRule, MeasuredLevel, Place, PlaceReason, SPREAD_LU, album_lufs, anchor_of,
    is_finished, lowered_lu, plan_levels,
};
pub use order::natural_order;
pub use record::{
    Frozen, GroupPlan, RecordPlan, RecordSong, RecordWishes, SongPlan, common_rate_hz, plan_record,
};
pub use record_error::RecordError;
pub use render::{Again, part_of, render_group, render_record, render_record_again};
pub use source::{Own, end_to_end};
pub use suggest::{SuggestedSong, suggest_order};
pub use timeline::{Piece, PlacedSong, Timeline};
pub use tone::{
    OwnMove, TonePlan, ToneTogether, common_settings, own_bands, plan_tone, tone_away_db,
    tone_tolerance_db, weight,
};
