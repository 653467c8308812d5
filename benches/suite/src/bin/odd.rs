//! Runs the program over a folder of odd and damaged files, and holds it to what the folder's manifest expects.
//!
//! For each file: `analyze` and `master`. What must hold whatever the file is: no signal, no panic text, one line on
//! standard error and nothing left when it fails, little memory, little time.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use acetate_bench::process::{Run, acetate, run};
use acetate_bench::provenance::Provenance;
use clap::Parser;
use serde::Serialize;
use serde_json::Value;

/// More memory than this for a file of a few kilobytes is a fault, MB.
const MEMORY_MB_MAX: f64 = 512.0;
/// Longer than this, on a busy machine, is a fault, s.
const WALL_S_MAX: f64 = 60.0;

#[derive(Parser)]
struct Arguments {
    /// Folder with `MANIFEST.json`, whose files under `odd/` say what to expect.
    #[arg(default_value = "../shared/audio")]
    folder: PathBuf,
    /// The program; by default the one beside this bench.
    #[arg(long)]
    program: Option<PathBuf>,
    /// Where to write the results as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

#[derive(Serialize)]
struct Results {
    made_on: Provenance,
    files: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    file: String,
    expect: String,
    analyze_exit: Option<i32>,
    master_exit: Option<i32>,
    said: String,
    peak_memory_mb: f64,
    wall_s: f64,
    wrong: Vec<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match measure(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(3),
        Err(message) => {
            eprintln!("odd: {message}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> Result<bool, String> {
    let program = acetate(arguments.program.as_deref())?;
    let scratch = std::env::temp_dir().join(format!("acetate-odd-{}", std::process::id()));
    fs::create_dir_all(&scratch).map_err(|error| error.to_string())?;
    let mut rows = Vec::new();
    for (file, expect) in expectations(&arguments.folder)? {
        let row = judge(&program, &arguments.folder.join(&file), &expect, &scratch)?;
        println!(
            "{:<46} {:>2} {:>2} {:>4.0} MB {:>5.1} s  {}",
            file,
            code(row.analyze_exit),
            code(row.master_exit),
            row.peak_memory_mb,
            row.wall_s,
            if row.wrong.is_empty() { "as expected".into() } else { row.wrong.join("; ") }
        );
        rows.push(Row { file, ..row });
    }
    fs::remove_dir_all(&scratch).map_err(|error| error.to_string())?;
    let ok = rows.iter().all(|row| row.wrong.is_empty());
    println!(
        "{} files, {}",
        rows.len(),
        if ok { "all as expected" } else { "NOT all as expected" }
    );
    if let Some(path) = &arguments.json {
        let results = Results { made_on: Provenance::here(), files: rows };
        let text = serde_json::to_string_pretty(&results).expect("results are plain data");
        fs::write(path, text + "\n").map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(ok)
}

/// The files of the manifest that say what to expect.
fn expectations(folder: &Path) -> Result<Vec<(String, String)>, String> {
    let path = folder.join("MANIFEST.json");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let manifest: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let files = manifest["files"].as_array().ok_or("the manifest has no files")?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    Ok(files
        .iter()
        .filter_map(|file| Some((text(&file["file"])?, text(&file["expect"])?)))
        .collect())
}

fn judge(program: &Path, path: &Path, expect: &str, scratch: &Path) -> Result<Row, String> {
    let ran = |words: [&std::ffi::OsStr; 6]| run(program, words).map_err(|error| error.to_string());
    let file = path.as_os_str();
    let output = scratch.join("master.wav");
    let word = std::ffi::OsStr::new;
    let analyzed = ran([word("analyze"), file, word("--json"), word("-j"), word("2"), word("-v")])?;
    let mastered = ran([
        word("master"),
        file,
        word("-o"),
        output.as_os_str(),
        word("-f"),
        word("--limiter=fast"),
    ])?;
    let mut wrong = Vec::new();
    for (command, run) in [("analyze", &analyzed), ("master", &mastered)] {
        wrong.extend(faults(run).into_iter().map(|fault| format!("{command}: {fault}")));
    }
    wrong.extend(disappointments(&analyzed, &mastered, expect));
    let left: Vec<String> = fs::read_dir(scratch)
        .map_err(|error| error.to_string())?
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
        .collect();
    let made = mastered.status.code() == Some(0);
    let expected = if made { 2 } else { 0 };
    if left.len() != expected {
        wrong.push(format!("left {left:?}"));
    }
    for name in left {
        fs::remove_file(scratch.join(name)).map_err(|error| error.to_string())?;
    }
    let most = |a: Option<f64>, b: Option<f64>| a.unwrap_or(0.0).max(b.unwrap_or(0.0));
    Ok(Row {
        file: String::new(),
        expect: expect.to_owned(),
        analyze_exit: analyzed.status.code(),
        master_exit: mastered.status.code(),
        said: analyzed.stderr.trim().to_owned(),
        peak_memory_mb: most(analyzed.peak_memory_mb, mastered.peak_memory_mb),
        wall_s: analyzed.wall_s.max(mastered.wall_s),
        wrong,
    })
}

/// What no run may do, whatever the file.
fn faults(run: &Run) -> Vec<String> {
    let mut faults = Vec::new();
    let failed = run.status.code() != Some(0);
    let errors = run.stderr.lines().filter(|line| line.starts_with("acetate: ")).count();
    let checks = [
        (!matches!(run.status.code(), Some(0 | 1 | 5)), format!("ended with {}", run.status)),
        (run.stderr.contains("panicked"), "panic text".to_owned()),
        (errors != usize::from(failed), format!("{errors} error lines")),
        (run.wall_s > WALL_S_MAX, format!("took {:.0} s", run.wall_s)),
        (run.peak_memory_mb.is_some_and(|mb| mb > MEMORY_MB_MAX), "too much memory".to_owned()),
    ];
    faults.extend(checks.into_iter().filter(|(wrong, _)| *wrong).map(|(_, what)| what));
    faults
}

/// What the manifest wanted otherwise.
fn disappointments(analyzed: &Run, mastered: &Run, expect: &str) -> Vec<String> {
    let read = analyzed.status.code() == Some(0);
    let either = expect.contains(" or ") || expect.contains("preferred");
    let mut wrong = Vec::new();
    if expect.starts_with("ok") && !either && !read {
        wrong.push("should have been read".to_owned());
    }
    if expect.starts_with("clear error") && !either && (read || mastered.status.code() == Some(0)) {
        wrong.push("should have been refused".to_owned());
    }
    if expect.contains("warning") && read && !mastered.stderr.contains("Note") {
        wrong.push("should have been warned about".to_owned());
    }
    if expect.contains("channel and frame")
        && !(analyzed.stderr.contains("channel") && analyzed.stderr.contains("frame"))
    {
        wrong.push("should have named channel and frame".to_owned());
    }
    wrong
}

fn code(exit: Option<i32>) -> String {
    exit.map_or("-".to_owned(), |exit| exit.to_string())
}
