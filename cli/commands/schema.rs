//! `acetate schema`: the JSON Schema of a document, generated from the types that read and write it.

use acetate::album::{AlbumDocument, AlbumFile};
use acetate::{Analysis, Profile, System, Target, Translation, documents};
use clap::{Args, ValueEnum};
use schemars::schema_for;
use serde_json::Value;

use crate::exit::Exit;
use crate::failure::Outcome;
use crate::global::print_json;
use crate::result::CommandResult;

/// JSON Schema of a document
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  acetate schema settings > settings.schema.json")]
pub(crate) struct SchemaArguments {
    /// The document
    #[arg(value_enum)]
    document: Document,
}

/// The documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Document {
    /// acetate.settings/1
    Settings,
    /// acetate.analysis/1
    Analysis,
    /// acetate.result/1
    Result,
    /// acetate.profile/1
    Profile,
    /// acetate.target/1
    Target,
    /// acetate.system/1, for simulate
    System,
    /// acetate.translation/1
    Translation,
    /// acetate.album/1, the album.toml
    Album,
    /// acetate.album-plan/1
    AlbumPlan,
}

pub(crate) fn run(arguments: &SchemaArguments) -> Outcome<Exit> {
    print_json(&schema(arguments.document))?;
    Ok(Exit::Done)
}

fn schema(document: Document) -> Value {
    match document {
        Document::Settings => documents::settings_schema(),
        Document::Analysis => schema_for!(Analysis).to_value(),
        Document::Result => schema_for!(CommandResult).to_value(),
        Document::Profile => schema_for!(Profile).to_value(),
        Document::Target => schema_for!(Target).to_value(),
        Document::System => schema_for!(System).to_value(),
        Document::Translation => schema_for!(Translation).to_value(),
        Document::Album => schema_for!(AlbumFile).to_value(),
        Document::AlbumPlan => schema_for!(AlbumDocument).to_value(),
    }
}
