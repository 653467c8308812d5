//! Other tools on the same damage, judged by the same functions.

use acetate_bench::process::children_cpu_s;
use serde::Serialize;

use crate::damage::Damaged;
use crate::material::{Excerpt, in_steps};
use crate::score::Scores;
use crate::tools::{Program, TOOLS, Told, Tool, Truth};
use crate::work::{Case, Kind, Row};
use crate::{Arguments, score};

/// What is there of the programs.
#[derive(Serialize)]
pub(crate) struct Present {
    program: &'static str,
    version: Option<String>,
    /// Why it is left out.
    skipped: Option<String>,
}

/// Which programs are there; those that are not are named.
pub(crate) fn present() -> Vec<Present> {
    let look = |program: Program| {
        let version = program.version();
        if let Err(why) = &version {
            println!("skipped: {}: {}", program.name(), why.trim_start_matches("skipped: "));
        }
        let skipped = version.as_ref().err().cloned();
        Present { program: program.name(), version: version.ok(), skipped }
    };
    Program::ALL.map(look).into()
}

/// Tools for a kind of damage of which all programs are there.
fn tools<'a>(kind: Kind, present: &'a [Present]) -> impl Iterator<Item = &'static Tool> + 'a {
    let is_there = |program: Program| {
        present.iter().any(|p| p.program == program.name() && p.version.is_some())
    };
    TOOLS.iter().filter(move |tool| tool.kinds.contains(&kind) && tool.programs().all(is_there))
}

/// The figures of one tool on one construction over all songs.
#[derive(Serialize)]
pub(crate) struct PeerRow {
    peer: &'static str,
    kind: Kind,
    case: &'static str,
    told: Told,
    /// Files that it did not get through, with the last word of the last.
    failed: usize,
    said: Option<String>,
    #[serde(flatten)]
    scores: Scores,
    /// Processor time of its programs, all files together.
    cpu_s: f64,
}

/// Acetate and every tool on one construction.
pub(crate) fn rows(
    case: Case,
    own: &Row,
    excerpts: &[Excerpt],
    arguments: &Arguments,
    present: &[Present],
) -> Vec<PeerRow> {
    let make = |clean: &Excerpt| (case.make)(clean, arguments.seed);
    let damaged: Vec<Damaged> = excerpts.iter().map(make).collect();
    let row = |tool: &'static Tool| {
        let row = row(tool, case, excerpts, &damaged);
        println!("  {:<32} {}", row.peer, row.line());
        row
    };
    let own = PeerRow {
        peer: "acetate",
        kind: case.kind,
        case: case.name,
        told: Told::Nothing,
        failed: 0,
        said: None,
        scores: own.scores.clone(),
        cpu_s: own.found_cpu_s + own.mended_cpu_s,
    };
    std::iter::once(own).chain(tools(case.kind, present).map(row)).collect()
}

fn row(tool: &'static Tool, case: Case, excerpts: &[Excerpt], damaged: &[Damaged]) -> PeerRow {
    let begun = children_cpu_s();
    let (mut scores, mut failed, mut said) = (Scores::default(), 0, None);
    for (clean, damaged) in excerpts.iter().zip(damaged) {
        match tool.mended(&damaged.sound, &Truth::of(clean, damaged)) {
            Ok(mended) => {
                scores.push(clean, damaged, &mended);
            }
            Err(why) => {
                failed += 1;
                said = Some(why);
            }
        }
    }
    let cpu_s = children_cpu_s().zip(begun).map_or(0.0, |(now, begun)| now - begun);
    let (peer, told) = (tool.name, tool.told);
    PeerRow { peer, kind: case.kind, case: case.name, told, failed, said, scores, cpu_s }
}

impl PeerRow {
    fn line(&self) -> String {
        let said = self
            .said
            .as_ref()
            .map_or_else(String::new, |said| format!("  failed {}: {said}", self.failed));
        format!("{}  {:.1} s{said}", self.scores.line(), self.cpu_s)
    }
}

/// What a tool did to sounds that should have been left alone.
#[derive(Serialize)]
pub(crate) struct PeerLeft {
    peer: &'static str,
    kind: Kind,
    files: usize,
    failed: usize,
    /// Files of which a sample came out as another step of 24 bits.
    altered: usize,
    /// Share of such samples in all files.
    altered_pct: f64,
    /// Signal to what was changed in the file that was changed most, dB; 200 is identical.
    untouched_db_min: f64,
}

/// Every tool that need not be told the noise, on sounds as they are.
pub(crate) fn left(clean: &[Excerpt], kinds: &[Kind], present: &[Present]) -> Vec<PeerLeft> {
    let stepped = |sound: &Excerpt| {
        let mut sound = sound.clone();
        sound.planes.iter_mut().flatten().for_each(|x| *x = in_steps(*x));
        sound
    };
    let clean: Vec<Excerpt> = clean.iter().map(stepped).collect();
    let pairs = kinds.iter().flat_map(|&kind| tools(kind, present).map(move |tool| (kind, tool)));
    let left = |(kind, tool): (Kind, &'static Tool)| {
        let left = left_by(tool, kind, &clean);
        println!(
            "  {:<32} altered {} of {} clean files ({:.2} % of samples, {:.0} dB)",
            left.peer, left.altered, left.files, left.altered_pct, left.untouched_db_min
        );
        left
    };
    // What serves two kinds is run once.
    let once = |(kind, tool): &(Kind, &'static Tool)| tool.kinds[0] == *kind;
    pairs.filter(once).filter(|(_, tool)| tool.told != Told::Noise).map(left).collect()
}

fn left_by(tool: &Tool, kind: Kind, clean: &[Excerpt]) -> PeerLeft {
    let (mut altered, mut failed, mut untouched_db_min) = (0, 0, score::IDENTICAL_DB);
    let (mut samples, mut changed) = (0, 0);
    for sound in clean {
        let Ok(out) = tool.mended(sound, &Truth::NONE) else {
            failed += 1;
            continue;
        };
        let pairs = sound.planes.iter().zip(&out).flat_map(|(x, y)| x.iter().zip(y));
        samples += pairs.clone().count();
        let other = pairs.filter(|(x, y)| **x != f64::from(**y)).count();
        changed += other;
        altered += usize::from(other > 0);
        untouched_db_min = untouched_db_min.min(score::untouched_db(sound, &out));
    }
    let altered_pct = 100.0 * changed as f64 / samples.max(1) as f64;
    PeerLeft {
        peer: tool.name,
        kind,
        files: clean.len(),
        failed,
        altered,
        altered_pct,
        untouched_db_min,
    }
}
