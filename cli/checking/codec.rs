//! What a lossy codec does to the peaks, through an installed ffmpeg.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

use acetate_analyzer::analyze;
use acetate_audio::{MEMORY_LIMIT_BYTES, Source};

/// A lossy codec at a bit rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lossy {
    name: &'static str,
    encoder: &'static str,
    kbps: u32,
    container: &'static str,
}

/// The codecs that listeners get music through.
const CODECS: [Lossy; 8] = [
    Lossy { name: "aac256", encoder: "aac", kbps: 256, container: "m4a" },
    Lossy { name: "aac128", encoder: "aac", kbps: 128, container: "m4a" },
    Lossy { name: "ogg320", encoder: "libvorbis", kbps: 320, container: "ogg" },
    Lossy { name: "ogg160", encoder: "libvorbis", kbps: 160, container: "ogg" },
    Lossy { name: "ogg96", encoder: "libvorbis", kbps: 96, container: "ogg" },
    Lossy { name: "opus128", encoder: "libopus", kbps: 128, container: "opus" },
    Lossy { name: "mp3_320", encoder: "libmp3lame", kbps: 320, container: "mp3" },
    Lossy { name: "mp3_128", encoder: "libmp3lame", kbps: 128, container: "mp3" },
];

/// The peaks after a codec, or why they are not known.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum CodecPeaks {
    /// Encoded, decoded and measured.
    Measured {
        /// The highest true peak.
        true_peak_dbtp: f64,
    },
    /// Not done.
    NotChecked {
        /// Why.
        why: String,
    },
}

impl Lossy {
    /// The codec of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        CODECS.into_iter().find(|codec| codec.name == name)
    }

    /// All names.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        CODECS.iter().map(|codec| codec.name)
    }

    /// Its name on the command line.
    pub(crate) fn name(self) -> &'static str {
        self.name
    }

    /// Sends a file through the codec and measures what comes out.
    pub(crate) fn peaks(self, path: &Path) -> CodecPeaks {
        self.try_peaks(path).unwrap_or_else(|why| CodecPeaks::NotChecked { why })
    }

    fn try_peaks(self, path: &Path) -> Result<CodecPeaks, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let coded = folder.path().join("coded").with_extension(self.container);
        let decoded = folder.path().join("decoded.wav");
        let rate = format!("{}k", self.kbps);
        ffmpeg(path, &["-map", "0:a:0", "-c:a", self.encoder, "-b:a", &rate], &coded)?;
        // Floats: an integer decoder would clip what is to be measured.
        ffmpeg(&coded, &["-c:a", "pcm_f32le"], &decoded)?;
        let source =
            Source::open(&decoded, MEMORY_LIMIT_BYTES).map_err(|error| error.to_string())?;
        let measured = analyze(&source).map_err(|error| error.to_string())?;
        let peak = measured.analysis.loudness.true_peak_dbtp.unwrap_or(-200.0);
        Ok(CodecPeaks::Measured { true_peak_dbtp: peak })
    }
}

/// Runs ffmpeg on one file; `Err` says why it did not work.
fn ffmpeg(input: &Path, options: &[&str], output: &Path) -> Result<(), String> {
    // A name that begins with a hyphen or looks like a protocol is a file all the same.
    let mut address = OsString::from("file:");
    address.push(input);
    let run = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-y", "-i"])
        .arg(address)
        .args(["-vn", "-sn", "-dn"])
        .args(options)
        .arg(output)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .map_err(|_| "ffmpeg is not installed".to_owned())?;
    if run.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&run.stderr);
    Err(format!("ffmpeg failed: {}", said.lines().next_back().unwrap_or("no reason given")))
}
