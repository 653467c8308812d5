//! Running a program as its users do: exit code, wall time, peak memory.

use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How often the memory of a running program is looked at.
const POLL: Duration = Duration::from_millis(2);

/// The program that is measured: the one that was named, else `acetate` beside the running bench.
///
/// # Errors
/// When there is none.
pub fn acetate(named: Option<&Path>) -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let program = named.map_or_else(|| own.with_file_name("acetate"), Path::to_owned);
    program.canonicalize().map_err(|error| {
        format!("{}: {error}; build it with cargo build --release", program.display())
    })
}

/// What became of a run.
#[derive(Debug)]
pub struct Run {
    /// How it ended.
    pub status: ExitStatus,
    /// From start to end.
    pub wall_s: f64,
    /// Most memory held at once; `None` where the system does not tell (only Linux does here).
    pub peak_memory_mb: Option<f64>,
    /// What it wrote on standard output.
    pub stdout: Vec<u8>,
    /// What it wrote on standard error.
    pub stderr: String,
}

/// Runs a program to its end.
///
/// # Errors
/// When it cannot be started.
pub fn run(
    program: impl AsRef<OsStr>,
    arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> std::io::Result<Run> {
    let started = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut out = child.stdout.take().expect("stdout is piped");
    let mut err = child.stderr.take().expect("stderr is piped");
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let (status, peak_memory_mb) = std::thread::scope(|scope| {
        // Reading ends when the program closes its end; an error here means the same.
        scope.spawn(|| out.read_to_end(&mut stdout));
        scope.spawn(|| err.read_to_end(&mut stderr));
        let mut peak = None;
        loop {
            peak = resident_peak_mb(child.id()).or(peak);
            if let Some(status) = child.try_wait()? {
                return std::io::Result::Ok((status, peak));
            }
            std::thread::sleep(POLL);
        }
    })?;
    let wall_s = started.elapsed().as_secs_f64();
    let stderr = String::from_utf8_lossy(&stderr).into_owned();
    Ok(Run { status, wall_s, peak_memory_mb, stdout, stderr })
}

/// Ticks a second in which Linux counts processor time for programs.
const TICKS_PER_SECOND: f64 = 100.0;

/// Processor time, to 10 ms, of all programs that were run and have ended; `None` where the system does not tell.
pub fn children_cpu_s() -> Option<f64> {
    cpu_s(16)
}

/// The same of this process so far, on all of its threads.
pub fn own_cpu_s() -> Option<f64> {
    cpu_s(14)
}

/// Two neighbouring fields of `/proc/self/stat`, user and system time, from this one on.
fn cpu_s(first: usize) -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program, in brackets, may hold spaces; the fields after it are numbered from 3.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |field: usize| fields.get(field - 3)?.parse::<f64>().ok();
    Some((ticks(first)? + ticks(first + 1)?) / TICKS_PER_SECOND)
}

fn resident_peak_mb(pid: u32) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024.0)
}
