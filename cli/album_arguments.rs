//! Options of `acetate album`.

use std::path::PathBuf;

use acetate::album::{
    Album, AlbumRequest, Anchor, GapRule, Layout, LevelRule, Order, Record, RecordWishes, Speed,
    Tape, ToneTogether,
};
use acetate::output::MASTERED;
use acetate::{OptionRange, Request};
use clap::{Args, Subcommand, ValueEnum};

use crate::failure::{Failure, Outcome};
use crate::fit_arguments::{FitArguments, number_in};
use crate::format_arguments::FormatArguments;
use crate::restoring::RestoreArgument;
use crate::wishes::requests;

/// Master a whole record: levels, tone, joins, pauses, layouts
#[derive(Args, Clone, Debug)]
#[command(
    subcommand_negates_reqs = true,
    disable_help_subcommand = true,
    after_help = "Examples:\n  acetate album init record/                        write record/album.toml to fill in\n  acetate album record/ -n                          what would be done, and why\n  acetate album record/                             to record/mastered/streaming\n  acetate album record/ --layout streaming,cd,vinyl the same on three media\n  acetate album a.wav b.wav c.wav -d out            files in this order"
)]
pub(crate) struct AlbumArguments {
    #[command(subcommand)]
    pub(crate) action: Option<AlbumAction>,
    /// A folder, its album.toml, or the songs in their order
    #[arg(required = true, value_name = "DIR|album.toml|FILE")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    fit: FitArguments,
    #[command(flatten)]
    restore: RestoreArgument,
    #[command(flatten)]
    record: RecordArguments,
    #[command(flatten)]
    pub(crate) layouts: LayoutArguments,
    #[command(flatten)]
    format: FormatArguments,
    /// A missed target is exit 3, not a warning
    #[arg(long)]
    pub(crate) strict: bool,
}

/// What else is done with a record.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum AlbumAction {
    /// Write an album.toml to fill in: titles, codes and joins as far as tags, names and the sound tell them
    Init {
        /// The folder of the songs
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Order of the songs [default: track tags where all have one, else names]
        #[arg(long, value_enum, default_value_t, hide_default_value = true, value_name = "BY")]
        order: OrderArgument,
        /// Replace an album.toml that is there
        #[arg(short = 'f')]
        replace: bool,
    },
}

/// How songs stand against each other.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Record")]
pub(crate) struct RecordArguments {
    /// How loud songs are against each other
    #[arg(long, value_enum, default_value_t, value_name = "RULE")]
    levels: Levels,
    /// What is brought to the target's loudness: loudest, album, or a song's title
    #[arg(long, default_value = "loudest", value_name = "WHAT")]
    anchor: String,
    /// The furthest that a song stays under the louder ones, LU
    #[arg(long, default_value_t = 4.0, value_name = "LU", allow_negative_numbers = true, value_parser = spread)]
    max_spread: f64,
    /// How much of a song's own excess in tone is eased, 0 to 100 %
    #[arg(long, default_value = "30", value_name = "PERCENT", allow_negative_numbers = true, value_parser = percent)]
    tone_together: f64,
    /// Pauses between songs that do not run into each other: auto, keep, or seconds; gap_s in album.toml parts two that do
    #[arg(long, default_value = "auto", value_name = "auto|keep|SECONDS", allow_negative_numbers = true, value_parser = gaps)]
    gaps: GapRule,
    /// A record that is finished (album.acetate.json, or its folder): these songs get its sound and a place in it
    #[arg(long, value_name = "FILE|DIR")]
    like: Option<PathBuf>,
    /// Order of the songs [default: album.toml, else track tags, else names]; suggest prints one and does nothing
    #[arg(long, value_enum, default_value_t, value_name = "BY")]
    order: OrderArgument,
}

/// Where the record goes.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Layouts")]
pub(crate) struct LayoutArguments {
    /// What it is laid out for; DDP is from public descriptions, let the plant confirm
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "streaming",
        value_name = "LIST"
    )]
    layout: Vec<LayoutArgument>,
    /// Size of the vinyl in inches
    #[arg(long, value_name = "12|10|7", allow_negative_numbers = true, default_value = "12", value_parser = inches)]
    disc: u32,
    /// Its speed
    #[arg(long, value_name = "33|45", allow_negative_numbers = true, default_value = "33", value_parser = rpm)]
    rpm: u32,
    /// Sides of the vinyl [default: as few as hold the music]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..=26))]
    sides: Option<u64>,
    /// Minutes of the tape, both sides [default: the shortest that holds the music]
    #[arg(long, value_name = "MINUTES", allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(5..=120))]
    tape: Option<u32>,
    /// Also ten seconds around every transition
    #[arg(long)]
    preview: bool,
    /// Also every song with clean edges
    #[arg(long)]
    singles: bool,
    /// Also write a page with reasons, charts and a player, to album.html beside the plan or to =FILE
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    pub(crate) report: Option<Option<PathBuf>>,
    /// Write into this folder [default: mastered/ beside the songs]
    #[arg(short = 'd', long, value_name = "DIR")]
    pub(crate) output_dir: Option<PathBuf>,
    /// What to do when a layout exists
    #[arg(long, value_enum, value_name = "WHAT", default_value_t)]
    pub(crate) existing: IfExistsArgument,
    /// Replace what exists (never the songs)
    #[arg(short = 'f', conflicts_with = "existing")]
    pub(crate) replace: bool,
}

/// How loud songs are against each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Levels {
    /// Small differences stay, large ones are squeezed, the order never changes
    #[default]
    Natural,
    /// One gain for the record
    Keep,
    /// Half of the natural differences
    Even,
}

/// What the order of the songs follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OrderArgument {
    /// album.toml, else track tags, else names
    #[default]
    Auto,
    /// As they were named
    File,
    /// Track tags
    Tags,
    /// Names
    Name,
    /// Print an order with reasons, and do nothing
    Suggest,
}

/// What a record is laid out for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LayoutArgument {
    /// A tagged file a song
    Streaming,
    /// WAV, CUE, TOC and CD-Text of the disc
    Cd,
    /// The same with samples without a header
    Bin,
    /// A DDP 2.00 fileset
    Ddp,
    /// A file a side for cutting, with levels and findings
    Vinyl,
    /// A file a side for tape
    Cassette,
}

/// What to do when a layout exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum IfExistsArgument {
    /// Refuse, exit 5
    #[default]
    Error,
    /// Replace it
    Replace,
    /// Render again only if songs, wishes or the version of the sound changed
    Update,
}

fn spread(text: &str) -> Result<f64, String> {
    number_in(text, OptionRange { low: 0.0, high: 24.0, unit: "LU" })
}

fn percent(text: &str) -> Result<f64, String> {
    number_in(text.trim_end_matches('%'), OptionRange::SHARE)
}

fn gaps(text: &str) -> Result<GapRule, String> {
    match text {
        "auto" => Ok(GapRule::Auto),
        "keep" => Ok(GapRule::Keep),
        seconds => match number_in(seconds, OptionRange { low: 0.0, high: 60.0, unit: "s" }) {
            Ok(seconds) => Ok(GapRule::Seconds(seconds)),
            Err(_) => Err("it takes auto, keep, or seconds from 0 to 60".to_owned()),
        },
    }
}

fn inches(text: &str) -> Result<u32, String> {
    match text {
        "12" | "10" | "7" => Ok(text.parse().unwrap_or(12)),
        _ => Err("it takes 12, 10 or 7".to_owned()),
    }
}

fn rpm(text: &str) -> Result<u32, String> {
    match text {
        "33" | "45" => Ok(text.parse().unwrap_or(33)),
        _ => Err("it takes 33 or 45".to_owned()),
    }
}

impl AlbumArguments {
    pub(crate) fn order(&self) -> Order {
        self.record.order.order()
    }

    pub(crate) fn suggests_order(&self) -> bool {
        self.record.order == OrderArgument::Suggest
    }

    pub(crate) fn request(&self) -> Outcome<AlbumRequest> {
        let requests = requests(&self.fit, &self.format.wish())?;
        let [mut request] = <[Request; 1]>::try_from(requests).map_err(|_| {
            Failure::usage("a record has one target at a time")
                .next("run it once for each -t, with -d for each folder")
        })?;
        request.restore = self.restore.mode();
        let record = &self.record;
        let layouts = &self.layouts;
        let mut wanted: Vec<Layout> = layouts.layout.iter().map(|layout| layout.layout()).collect();
        wanted.sort();
        wanted.dedup();
        Ok(AlbumRequest {
            request,
            wishes: RecordWishes {
                levels: match record.levels {
                    Levels::Natural => LevelRule::Natural,
                    Levels::Keep => LevelRule::Keep,
                    Levels::Even => LevelRule::Even,
                },
                anchor: match record.anchor.as_str() {
                    "loudest" => Anchor::Loudest,
                    "album" => Anchor::Album,
                    song => Anchor::Song(song.to_owned()),
                },
                spread_lu: Some(record.max_spread),
                together: ToneTogether { pct: record.tone_together },
                gaps: record.gaps,
                sample_rate_hz: None,
                like: record.like.as_deref().map(acetate::album::frozen).transpose()?,
                known: None,
            },
            layouts: wanted,
            vinyl: Record {
                inches: layouts.disc,
                speed: if layouts.rpm == 45 { Speed::Rpm45 } else { Speed::Rpm33 },
            },
            sides: layouts.sides.map(|sides| sides as usize),
            tape: layouts.tape.map(|minutes| Tape { minutes }),
            preview: layouts.preview,
            singles: layouts.singles,
        })
    }

    pub(crate) fn folder(&self, album: &Album) -> PathBuf {
        self.layouts.output_dir.clone().unwrap_or_else(|| album.folder.join(MASTERED))
    }
}

impl OrderArgument {
    pub(crate) fn order(self) -> Order {
        match self {
            Self::Auto | Self::Suggest => Order::Auto,
            Self::File => Order::File,
            Self::Tags => Order::Tags,
            Self::Name => Order::Name,
        }
    }
}

impl LayoutArgument {
    fn layout(self) -> Layout {
        match self {
            Self::Streaming => Layout::Streaming,
            Self::Cd => Layout::Cd,
            Self::Bin => Layout::Bin,
            Self::Ddp => Layout::Ddp,
            Self::Vinyl => Layout::Vinyl,
            Self::Cassette => Layout::Cassette,
        }
    }
}
