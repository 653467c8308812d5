//! What a desk offers to choose from, and nothing else: a page names no file of the machine.

use acetate_engine::settings::OutputFormat;
use acetate_references::style::{style, styles};
use acetate_references::target::{target, targets};
use serde_json::{Value, json};

use crate::names::nearest;
use crate::output::lossy_codec;
use crate::{Error, NameOr, Named, Wishes};

/// The formats, as people call them.
const FORMATS: [(OutputFormat, &str); 7] = [
    (OutputFormat::Wav, "WAV"),
    (OutputFormat::Flac, "FLAC"),
    (OutputFormat::Aiff, "AIFF"),
    (OutputFormat::Mp3, "MP3"),
    (OutputFormat::M4a, "AAC (M4A)"),
    (OutputFormat::Ogg, "Vorbis (OGG)"),
    (OutputFormat::Opus, "Opus"),
];

/// Where a master can go, what it can be like, and the formats that can be written here, as JSON: `{version, targets: [{id, name, lufs,
/// dbtp}], styles: [{id, name}], formats: [{id, name}]}`.
pub fn offers() -> Value {
    let targets: Vec<Value> = targets()
        .iter()
        .map(|target| {
            let (lufs, dbtp) = (target.integrated_lufs, target.true_peak_dbtp);
            json!({"id": target.id, "name": target.name, "lufs": lufs, "dbtp": dbtp})
        })
        .collect();
    let styles: Vec<Value> =
        styles().iter().map(|style| json!({"id": style.id, "name": style.name})).collect();
    let can = |format| lossy_codec(format).is_none_or(|codec| codec.expect_encoder().is_ok());
    let formats: Vec<Value> = FORMATS
        .into_iter()
        .filter(|(format, _)| can(*format))
        .map(|(format, name)| json!({"id": format, "name": name}))
        .collect();
    json!({
        "version": env!("CARGO_PKG_VERSION"), "targets": targets, "styles": styles, "formats": formats,
    })
}

/// Makes sure that wishes name nothing but what is offered: elsewhere a name may be a file.
pub(super) fn expect_offered(wishes: &Wishes) -> Result<(), Error> {
    let unknown =
        |what, name: &str, near| Err(Error::Unknown { what, name: name.to_owned(), near });
    if let Some(NameOr::Name(name)) = &wishes.target
        && target(name).is_none()
    {
        let near = nearest(name, targets().iter().map(|target| target.id.as_str()));
        return unknown(Named::Target, name, near);
    }
    if let Some(NameOr::Name(name)) = &wishes.style
        && !name.eq_ignore_ascii_case("auto")
        && style(name).is_none()
    {
        let near = nearest(name, styles().iter().map(|style| style.id.as_str()));
        return unknown(Named::Style, name, near);
    }
    let others = [&wishes.reference_tone, &wishes.reference_dynamics, &wishes.reference_width];
    let records = wishes.reference.iter().map(|wish| &wish.record);
    for record in records.chain(others.into_iter().flatten()) {
        if let NameOr::Name(name) = record {
            return unknown(Named::Record, name, None);
        }
    }
    Ok(())
}
