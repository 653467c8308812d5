//! What a catalogue has come to: totals, and a page.

use acetate_engine::SOUND;
use acetate_optimizer::{Check, Verdict};
use acetate_report::{CataloguePage, CatalogueSong, catalogue_page};
use serde::Serialize;

use super::line::Line;

/// How many songs there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct CatalogueTotals {
    /// All.
    pub songs: usize,
    /// Those with a master.
    pub mastered: usize,
    /// Of these, those that are not what was asked for.
    pub off_target: usize,
    /// Those without.
    pub failed: usize,
    /// Length of what was mastered, seconds.
    pub music_s: f64,
    /// What it took, in seconds of one worker.
    pub work_s: f64,
}

/// Counts lines.
pub fn totals<'a>(lines: impl IntoIterator<Item = &'a Line>) -> CatalogueTotals {
    let mut totals = CatalogueTotals::default();
    for line in lines {
        totals.songs += 1;
        totals.work_s += line.seconds;
        if line.state.is_done() {
            totals.mastered += 1;
            totals.off_target += usize::from(line.met == Some(false));
            totals.music_s += line.duration_s.unwrap_or_default();
        } else {
            totals.failed += 1;
        }
    }
    totals
}

/// The page of a catalogue from the lines of its ledger: totals, loudness before and after, what is furthest off, all that failed.
pub fn page(title: &str, lines: &[Line]) -> String {
    let judged: Vec<(f64, String)> = lines.iter().map(judged).collect();
    let songs: Vec<CatalogueSong<'_>> = lines
        .iter()
        .zip(&judged)
        .map(|(line, (off, said))| CatalogueSong {
            name: &line.song,
            failed: (!line.state.is_done()).then(|| line.error.as_deref().unwrap_or("is not done")),
            target: line.target.as_deref().unwrap_or_default(),
            met: line.met != Some(false),
            lufs: [line.before, line.after].map(|levels| levels?.integrated_lufs),
            true_peak_dbtp: line.after.and_then(|levels| levels.true_peak_dbtp),
            off: *off,
            said,
            duration_s: line.duration_s.unwrap_or_default(),
            seconds: line.seconds,
        })
        .collect();
    catalogue_page(CataloguePage { title, songs: &songs, sound: SOUND })
}

/// How far a master is from what was asked for, in tolerances, and what is off.
fn judged(line: &Line) -> (f64, String) {
    let verdict =
        line.verdict.clone().and_then(|verdict| acetate_documents::from_value(verdict).ok());
    let Some(Verdict { checks, cannot, .. }) = verdict else { return (0.0, String::new()) };
    let missed: Vec<&Check> = checks.iter().filter(|check| !check.met && !check.advisory).collect();
    let tolerances = |check: &&Check| {
        let measured = check.measured.unwrap_or(f64::INFINITY);
        // A tolerance of nothing is counted in tenths.
        (measured - check.aim).abs() / check.tolerance.max(0.1)
    };
    let off = missed.iter().map(tolerances).fold(0.0, f64::max);
    let mut said: Vec<String> = missed
        .iter()
        .map(|check| {
            let measured = acetate_audio::numbers::number(check.measured, 1);
            let aim = acetate_audio::numbers::number(Some(check.aim), 1);
            format!("{}: {measured} for {aim} {}", check.name.replace('_', " "), check.unit)
        })
        .collect();
    said.extend(cannot.map(|cannot| cannot.reason));
    if said.is_empty() && line.met == Some(false) {
        said.push("a rule of its target, see its line".to_owned());
    }
    (off, said.join("; "))
}
