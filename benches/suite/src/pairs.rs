//! The pairs of mixes and references that a folder of test music lists in its `pairs.json`.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// A mix and the record it is to sound like.
#[derive(Clone, Debug, Deserialize)]
pub struct Pair {
    /// The mix, relative to the folder.
    pub mix: PathBuf,
    /// The reference, relative to the folder.
    pub reference: PathBuf,
    /// `near-genre`, `far-genre` or `same-song-restore`.
    pub kind: String,
}

impl Pair {
    /// `final_step > ninesix`.
    pub fn name(&self) -> String {
        let stem =
            |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        format!("{} > {}", stem(&self.mix), stem(&self.reference))
    }
}

/// The pairs of a folder, or one line that says why there are none.
pub fn pairs(folder: &Path) -> Result<Vec<Pair>, String> {
    let path = folder.join("pairs.json");
    let text = std::fs::read_to_string(&path).map_err(|error| {
        format!("{}: {error}; this bench needs a folder of test music", path.display())
    })?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}
