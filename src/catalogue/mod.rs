//! Many songs on many machines: a map function that may be killed, repeated and run twice side by side.
//!
//! A list says what is to be mastered: rows of a manifest (JSON lines or CSV), names, a folder. [`Shard`] takes the part of one worker by a hash
//! of the name, so that lists may grow. [`Catalogue::plan`] leaves out what the ledger knows as done, and what failed too often;
//! [`Catalogue::master`] masters one song and gives one [`Line`], whatever happens.
//!
//! **Exactly once, by content.** A master is named for a hash of the bytes of its song, of what is wished for and of the version of
//! the sound ([`Line::output`]). It is created where there is none of that name, and never replaced: two workers with the same
//! song end in one file. Its settings and its line are there before it is, so that whoever sees a master finds all of it.
//!
//! ```no_run
//! use acetate::catalogue::{Catalogue, CatalogueOptions, Shard, manifest};
//!
//! let options = CatalogueOptions { shard: Shard::new(3, 16)?, ..CatalogueOptions::default() };
//! let rows = manifest::read("songs.jsonl", &mut std::fs::read("songs.jsonl").unwrap().as_slice(), options.shard)?;
//! let catalogue = Catalogue::open("masters", options)?;
//! for entry in catalogue.plan(rows)?.due {
//!     println!("{}", catalogue.master(&entry).to_json());
//! }
//! # Ok::<(), acetate::Error>(())
//! ```

#[cfg(feature = "cloud")]
mod bucket;
mod content;
mod deadline;
mod entry;
mod fetch;
mod folder;
mod history;
mod line;
pub mod manifest;
mod orders;
mod page;
mod plan;
mod run;
mod shard;
mod song;
mod store;

pub use entry::{Entry, Row, WrongRow};
pub use fetch::is_address;
pub use line::{Levels, Line, Stamp, State};
pub use page::{CatalogueTotals, page, totals};
pub use plan::CataloguePlan;
pub use run::{Catalogue, CatalogueOptions};
pub use shard::Shard;
