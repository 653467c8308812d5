//! The command line.

use clap::{Parser, Subcommand};

use crate::commands;
use crate::exit::Exit;
use crate::global::Global;

/// How to begin, and how a run ends.
fn after_help() -> String {
    let begin = "Begin with:\n  acetate master song.wav                  streaming level, -14 LUFS\n  acetate master song.wav -r record.flac   lean to a record you like\n  acetate analyze song.wav                 measure, change nothing\n  acetate help master                      all about one command";
    format!("{begin}\n\n{}", Exit::table().trim_end())
}

/// Automatic mastering: a finished mix goes in; a finished master, and readable settings that explain it, come out.
#[derive(Parser, Debug)]
#[command(
    name = "acetate",
    version,
    after_help = after_help()
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) global: Global,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    Analyze(commands::analyze::AnalyzeArguments),
    Suggest(commands::suggest::SuggestArguments),
    Master(commands::master::MasterArguments),
    Album(Box<crate::album_arguments::AlbumArguments>),
    Apply(commands::apply::ApplyArguments),
    Pick(commands::pick::PickArguments),
    Audition(Box<commands::audition::AuditionArguments>),
    Stems(commands::stems::StemsArguments),
    Restore(commands::restore::RestoreArguments),
    Catalogue(Box<commands::catalogue::CatalogueArguments>),
    Check(commands::check::CheckArguments),
    Compare(commands::compare::CompareArguments),
    Simulate(commands::simulate::SimulateArguments),
    Doctor(commands::doctor::DoctorArguments),
    Explain(commands::explain::ExplainArguments),
    #[cfg(feature = "serve")]
    Serve(commands::serve::ServeArguments),
    Report(commands::report::ReportArguments),
    Listen(commands::listen::ListenArguments),
    References(commands::references::ReferencesArguments),
    Config(commands::config::ConfigArguments),
    Export(commands::export::ExportArguments),
    Schema(commands::schema::SchemaArguments),
    Targets(commands::targets::TargetsArguments),
    Styles(commands::styles::StylesArguments),
    Completions(commands::completions::CompletionsArguments),
    Man(commands::man::ManArguments),
}

impl Command {
    /// The command as typed.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Analyze(_) => "analyze",
            Self::Suggest(_) => "suggest",
            Self::Master(_) => "master",
            Self::Album(_) => "album",
            Self::Apply(_) => "apply",
            Self::Pick(_) => "pick",
            Self::Audition(_) => "audition",
            Self::Stems(_) => "stems",
            Self::Restore(_) => "restore",
            Self::Catalogue(_) => "catalogue",
            Self::Check(_) => "check",
            Self::Compare(_) => "compare",
            Self::Simulate(_) => "simulate",
            Self::Doctor(_) => "doctor",
            Self::Explain(_) => "explain",
            #[cfg(feature = "serve")]
            Self::Serve(_) => "serve",
            Self::Report(_) => "report",
            Self::Listen(_) => "listen",
            Self::References(_) => "references",
            Self::Config(_) => "config",
            Self::Export(_) => "export",
            Self::Schema(_) => "schema",
            Self::Targets(_) => "targets",
            Self::Styles(_) => "styles",
            Self::Completions(_) => "completions",
            Self::Man(_) => "man",
        }
    }
}
