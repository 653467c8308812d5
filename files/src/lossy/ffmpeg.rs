//! An installed ffmpeg, for the codecs that are not built in.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

/// What is said when there is none.
pub const ABSENT: &str = "ffmpeg is not installed";

static VERSION: LazyLock<Option<String>> = LazyLock::new(|| {
    let text = said(&["-version"])?;
    text.split_whitespace().nth(2).map(str::to_owned)
});

static ENCODERS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let text = said(&["-hide_banner", "-encoders"]).unwrap_or_default();
    text.lines().filter_map(|line| line.split_whitespace().nth(1).map(str::to_owned)).collect()
});

fn said(arguments: &[&str]) -> Option<String> {
    let run = Command::new("ffmpeg").args(arguments).stdin(Stdio::null()).output().ok()?;
    Some(String::from_utf8_lossy(&run.stdout).into_owned())
}

/// Its version, when it is there.
pub fn version() -> Option<&'static str> {
    VERSION.as_deref()
}

/// Can this program encode with `encoder`?
///
/// # Errors
/// Why not.
pub fn expect_encoder(encoder: &str) -> Result<(), String> {
    match version() {
        None => Err(ABSENT.to_owned()),
        Some(_) if ENCODERS.contains(encoder) => Ok(()),
        Some(version) => Err(format!("ffmpeg {version} is built without {encoder}")),
    }
}

/// Converts the sound of one file, or a part of it: where it begins and how long it is, in seconds.
///
/// # Errors
/// Why it did not work.
pub fn convert(
    input: &Path,
    part: Option<[f64; 2]>,
    options: &[&str],
    output: &Path,
) -> Result<(), String> {
    let [begin, length] = part.unwrap_or_default().map(|seconds| format!("{seconds:.3}"));
    // Before the input, ffmpeg goes there; behind it, it would decode all that lies before.
    let cut = ["-ss", &begin, "-t", &length];
    let run = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-y"])
        .args(if part.is_some() { &cut[..] } else { &[] })
        .arg("-i")
        .arg(address(input))
        .args(["-map", "0:a:0", "-map_metadata", "-1"])
        // The same input gives the same bytes: no version, no date, no random number.
        .args(["-fflags", "+bitexact", "-flags:a", "+bitexact"])
        .args(options)
        .arg(address(output))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .map_err(|_| ABSENT.to_owned())?;
    if run.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&run.stderr);
    Err(format!("ffmpeg failed: {}", said.lines().next_back().unwrap_or("no reason given")))
}

/// A name that begins with a hyphen or looks like a protocol is a file all the same.
fn address(path: &Path) -> OsString {
    let mut address = OsString::from("file:");
    address.push(path);
    address
}
