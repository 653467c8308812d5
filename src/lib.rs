//! Automatic mastering: a finished mix goes in; a finished master, and readable settings that explain it, come out.
//!
//! A [`Song`] is a sound that was read and measured, from a file, from bytes or from samples. A [`Request`] says what is wanted of it.
//! [`Song::suggest`] decides, and gives a [`Plan`] to read and edit; [`Song::master`] renders it, measures what was written, and gives
//! the file its name only then. Each tells an [`Observer`] how far it is, and stops when that says so.
//!
//! ```no_run
//! use acetate::{Output, Request, Song};
//!
//! let song = Song::open("mix.wav")?;
//! let request = Request::target("spotify")?.reference("record.flac")?;
//! let plan = song.suggest(&request, &mut ())?;
//! let master = song.master(&plan, Output::file("master.wav"), &mut ())?;
//! println!("{}", master.done);
//! # Ok::<(), acetate::Error>(())
//! ```
//!
//! Not here: arguments, terminals, tables, exit codes. These are the program's, which talks to this library alone.

pub mod album;
mod apply;
mod audition;
mod batch;
pub mod catalogue;
pub mod check;
mod choices;
mod collection;
mod comparing;
pub mod csv;
mod desk;
pub mod documents;
mod error;
mod error_kind;
mod excerpt;
mod explain;
mod fingerprint;
mod for_systems;
mod headroom;
mod input;
pub mod inputs;
pub mod library;
mod master;
mod meters;
mod named;
mod names;
mod observer;
mod opening;
mod option_range;
pub mod output;
pub mod page;
mod plan;
mod request;
mod restore;
mod samples;
pub mod series;
#[cfg(feature = "serve")]
pub mod serve;
mod simulate;
mod song;
mod stems;
mod stems_error;
pub mod text;
mod wishes;

pub use acetate_analyzer as analyzer;
pub use acetate_audio as audio;
pub use acetate_engine as engine;
pub use acetate_files as files;
pub use acetate_optimizer as optimizer;
pub use acetate_references as references;
pub use acetate_report as report;
pub use acetate_translation as translation;

pub use acetate_analyzer::{Analysis, Measured, analyze, compare};
pub use acetate_audio::{Audio, AudioSpec, Source};
pub use acetate_engine::Settings;
pub use acetate_optimizer::{Balance, FitOptions, SettingsDocument, SparedMove, StemMove, Verdict};
pub use acetate_references::{Aim, Profile, Target, Taste, target, targets};
pub use acetate_translation::{System, Translation};

pub use apply::{Application, Applied};
pub use audition::{AUDITION_SCHEMA, AuditionFolder, Candidate, Sitting};
pub use batch::in_order;
pub use check::{CheckRequest, FileCheck};
pub use choices::{CHOICES, Choice};
pub use comparing::{Compared, Versions};
pub use desk::{Answer, Ask, Changes, Desk, DeskError, offers};
pub use error::Error;
pub use error_kind::ErrorKind;
pub use excerpt::Excerpt;
pub use explain::{explain, explained};
pub use fingerprint::fingerprint;
pub use input::Input;
pub use library::Library;
pub use master::Master;
pub use meters::{MeterReading, test_meters};
pub use named::Named;
pub use names::{nearest, profile_named, style_named, target_file, target_named, taste_named};
pub use observer::{Observer, Stage};
pub use opening::{Opening, loudness_of_samples};
pub use option_range::OptionRange;
pub use output::{FileWish, Output};
pub use page::{PageWish, SoundInPage, listening_page};
pub use plan::{CURVE_LUFS, Plan, made_by};
pub use request::{Request, Weighted};
pub use restore::{
    Changed, DamageKinds, Found, KIND_NAMES, RestoreError, RestoreMode, RestoreWish, Restored,
    mended_kinds, restore,
};
pub use simulate::{
    SimulateRequest, SimulatedSound, WrittenSound, noise_named, players, simulate, simulated_files,
    system_file, system_named,
};
pub use song::Song;
pub use stems::{
    LimiterWork, Rest, StemFile, StemLevels, StemVersion, StemWays, Stems, StemsInMix, StemsMaster,
    StemsOutput, Way, stems, stems_beside, unmastered,
};
pub use stems_error::StemsError;
pub use wishes::{Aspect, Keep, NameOr, OrKeep, RecordWish, Wishes};
