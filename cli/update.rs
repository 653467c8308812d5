//! Is an output still what would be rendered?

use std::path::Path;

use acetate_optimizer::SettingsDocument;

use crate::delivering::made_by;
use crate::outputs::sidecar;
use crate::reading::Track;

/// The settings beside `output` say that it was made from the same sound by the same command, wishes and program.
pub(crate) fn is_up_to_date(output: &Path, track: &Track, wishes_md5: String) -> bool {
    let Ok(text) = std::fs::read_to_string(sidecar(output, "settings.json")) else { return false };
    let Ok(document) = SettingsDocument::parse(&text) else { return false };
    let (Some(source), Some(made)) = (&document.source, &document.made_by) else { return false };
    // A document without what was measured afterwards belongs to no finished file.
    let finished = document.numbers.after.is_some();
    finished
        && source.pcm_md5.is_some()
        && source.pcm_md5 == track.pcm_md5
        && *made == made_by(track, made.seed, Some(wishes_md5))
}
