//! What lossy codecs do to the peaks.

use std::path::Path;

use super::CodecPeak;
use crate::interrupt::temporary_folder;
use crate::lossy::{AAC, Codec, MP3, OPUS, VORBIS};
use acetate_analyzer::analyze;
use acetate_audio::{MEMORY_LIMIT_BYTES, Reader, Source};
use acetate_references::Target;
use acetate_references::target::ExtraRule;

/// A lossy codec at a bit rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lossy {
    name: &'static str,
    codec: Codec,
    kbps: u32,
}

/// The codecs that listeners get music through.
const CODECS: [Lossy; 8] = [
    Lossy { name: "aac256", codec: AAC, kbps: 256 },
    Lossy { name: "aac128", codec: AAC, kbps: 128 },
    Lossy { name: "ogg320", codec: VORBIS, kbps: 320 },
    Lossy { name: "ogg160", codec: VORBIS, kbps: 160 },
    Lossy { name: "ogg96", codec: VORBIS, kbps: 96 },
    Lossy { name: "opus128", codec: OPUS, kbps: 128 },
    Lossy { name: "mp3_320", codec: MP3, kbps: 320 },
    Lossy { name: "mp3_128", codec: MP3, kbps: 128 },
];

/// Those that are tried when none is asked for.
pub(crate) const USUAL: [&str; 2] = ["aac256", "ogg160"];

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
    pub(crate) fn peak(self, path: &Path) -> CodecPeak {
        let measured = self.measured(path);
        let (peak, lufs) = measured.as_ref().map_or((None, None), |&pair| pair);
        CodecPeak {
            codec: self.name.to_owned(),
            encoder: self.codec.encoder(),
            true_peak_dbtp: peak,
            integrated_lufs: lufs,
            not_checked: measured.err(),
        }
    }

    /// True peak and loudness after the codec.
    fn measured(self, path: &Path) -> Result<(Option<f64>, Option<f64>), String> {
        let folder = temporary_folder().map_err(|failure| failure.to_string())?;
        let coded = folder.path().join("coded");
        let spec = Reader::open(path).map_err(|error| error.to_string())?.format().spec();
        self.codec.encode(path, spec, self.kbps, &coded)?;
        let source = Source::open(&coded, MEMORY_LIMIT_BYTES).map_err(|error| error.to_string())?;
        let loudness = analyze(&source).map_err(|error| error.to_string())?.analysis.loudness;
        Ok((loudness.true_peak_dbtp, loudness.integrated_lufs))
    }
}

/// The codecs that rules of a target are about.
pub(crate) fn of_target(target: &Target) -> Vec<Lossy> {
    let named = |rule: &ExtraRule| match rule {
        ExtraRule::NoClipsAfter { codec } => Lossy::named(codec),
        _ => None,
    };
    target.rules.iter().filter_map(named).collect()
}
