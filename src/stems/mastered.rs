//! Which files were written as stems of a master: the settings beside it name them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use acetate_files::FileFormat;
use serde_json::{Value, json};

use crate::documents::read_settings;
use crate::inputs::visible;
use crate::output::folder_of;
use crate::{Input, Plan, Request, made_by};

/// The key of the names of the files beside a master that add up to it, or to a version.
const STEM_FILES: &str = "stem_files";
/// The formats that stems are written in.
const FORMATS: [FileFormat; 3] = [FileFormat::Wav, FileFormat::Flac, FileFormat::Aiff];

/// Those of `files` that are no masters and no stems of masters, and those that are.
pub fn unmastered(files: Vec<PathBuf>) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let folders: BTreeSet<&Path> = files.iter().map(|path| folder_of(path)).collect();
    let made: BTreeSet<PathBuf> = folders.into_iter().flat_map(made_in).collect();
    files.into_iter().partition(|path| {
        let plain = folder_of(path).join(path.file_name().unwrap_or_default());
        !made.contains(&plain)
    })
}

/// What settings in a folder say was written there: masters with their stems.
fn made_in(folder: &Path) -> Vec<PathBuf> {
    let mut made = Vec::new();
    for path in visible(folder).unwrap_or_default() {
        if !path.to_string_lossy().ends_with(".settings.json") {
            continue;
        }
        let Ok(document) = read_settings(&path) else { continue };
        let extra = document.made_by.as_ref().and_then(|made| made.extra.get(STEM_FILES));
        let Some(names) = extra.and_then(Value::as_array) else { continue };
        let master = document.numbers.after.as_ref().and_then(|after| after.file.as_deref());
        let names = names.iter().filter_map(Value::as_str).chain(master);
        made.extend(names.map(|name| folder.join(name)));
    }
    made
}

/// A plan that names the files beside its master.
pub(super) fn noted(plan: &Plan, request: &Request, files: &[PathBuf]) -> Plan {
    let mut plan = plan.clone();
    let maker = || made_by(None, request.options.seed, &request.md5());
    let mut names: Vec<String> = files.iter().map(|path| Input::file(path).short_name()).collect();
    // They are published side by side.
    names.sort();
    let extra = &mut plan.document.made_by.get_or_insert_with(maker).extra;
    extra.insert(STEM_FILES.to_owned(), json!(names));
    plan
}

/// Files of an earlier run in another format.
pub(super) fn outdated(master: &Path, files: &[PathBuf]) -> Vec<PathBuf> {
    let written = || files.iter().map(PathBuf::as_path).chain([master]);
    let others =
        written().flat_map(|path| FORMATS.map(|format| path.with_extension(format.extension())));
    let is_old = |path: &PathBuf| path.is_file() && written().all(|new| new != path);
    others.filter(is_old).collect()
}
