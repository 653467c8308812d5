//! What lossy codecs do to the peaks.

use std::path::Path;
use std::thread;

use acetate_analyzer::{LevelMeter, Measured, Series};
use acetate_audio::numbers::clock;
use acetate_audio::{Audio, ReadError, Source};
use acetate_files::lossy::{AAC, LossyCodec, MP3, OPUS, SBC, VORBIS};
use acetate_files::{MEMORY_LIMIT_BYTES, Reader, open};
use acetate_references::Target;
use acetate_references::target::ExtraRule;
use acetate_references::target::check::CodecPeak;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tempfile::TempDir;

use crate::output::temporary_folder;
use crate::{Error, Named, nearest};

/// A lossy codec at a bit rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lossy {
    name: &'static str,
    codec: LossyCodec,
    kbps: u32,
}

/// The codecs that listeners get music through.
const CODECS: [Lossy; 10] = [
    Lossy { name: "aac256", codec: AAC, kbps: 256 },
    Lossy { name: "aac128", codec: AAC, kbps: 128 },
    Lossy { name: "ogg320", codec: VORBIS, kbps: 320 },
    Lossy { name: "ogg160", codec: VORBIS, kbps: 160 },
    Lossy { name: "ogg96", codec: VORBIS, kbps: 96 },
    Lossy { name: "opus128", codec: OPUS, kbps: 128 },
    Lossy { name: "opus96", codec: OPUS, kbps: 96 },
    Lossy { name: "mp3_320", codec: MP3, kbps: 320 },
    Lossy { name: "mp3_128", codec: MP3, kbps: 128 },
    Lossy { name: "sbc328", codec: SBC, kbps: 328 },
];

/// Those that are tried when none is asked for.
pub const USUAL: [&str; 2] = ["aac256", "ogg160"];

impl Lossy {
    /// The codec of that name.
    pub fn named(name: &str) -> Option<Self> {
        CODECS.into_iter().find(|codec| codec.name == name)
    }

    /// All names.
    pub fn names() -> impl Iterator<Item = &'static str> {
        CODECS.iter().map(|codec| codec.name)
    }

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// Sends a file through the codec and measures what comes out.
    pub fn peak(self, path: &Path) -> CodecPeak {
        self.peak_of(path, None)
    }

    /// The same of a part of the file: where it begins and how long it is, in seconds.
    fn peak_of(self, path: &Path, part: Option<[f64; 2]>) -> CodecPeak {
        let measured = self.measured(path, part);
        let (peak, lufs) = measured.as_ref().map_or((None, None), |&pair| pair);
        CodecPeak {
            codec: self.name.to_owned(),
            encoder: self.codec.encoder(),
            true_peak_dbtp: peak,
            integrated_lufs: lufs,
            not_checked: measured.err(),
        }
    }

    /// Is its encoder there?
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn can_encode(self) -> Result<(), String> {
        self.codec.expect_encoder().map_err(|error| error.to_string())
    }

    /// The encoder, with its version.
    pub fn encoder(self) -> Option<String> {
        self.codec.encoder()
    }

    /// What comes out of the codec, and the folder in which it is.
    pub(crate) fn through(
        self,
        path: &Path,
        part: Option<[f64; 2]>,
    ) -> Result<(TempDir, Source), String> {
        let folder = temporary_folder().map_err(|failure| failure.to_string())?;
        let mut coded = folder.path().join("coded");
        if let Some(extension) = self.codec.extension() {
            coded.set_extension(extension);
        }
        let spec = Reader::open(path).map_err(|error| error.to_string())?.format().spec();
        self.codec.encode_part(path, spec, self.kbps, part, &coded)?;
        if self.codec.extension().is_some() {
            let wav = folder.path().join("decoded.wav");
            self.codec.decode(&coded, &wav)?;
            coded = wav;
        }
        let source = open(&coded, MEMORY_LIMIT_BYTES).map_err(|error| error.to_string())?;
        Ok((folder, source))
    }

    /// Is full scale itself as far as its decoder goes, so that a sample there may have been over it?
    pub(crate) fn clips(self) -> bool {
        self.codec == SBC
    }

    /// True peak and loudness after the codec.
    fn measured(
        self,
        path: &Path,
        part: Option<[f64; 2]>,
    ) -> Result<(Option<f64>, Option<f64>), String> {
        let (_folder, source) = self.through(path, part)?;
        let cannot = |error: ReadError| error.to_string();
        let mut meter = LevelMeter::new(source.spec());
        let mut block = Audio::silence(source.spec(), 0);
        let mut blocks = source.blocks().map_err(cannot)?;
        while blocks.next_block(&mut block).map_err(cannot)? {
            meter.push(&block);
        }
        let levels = meter.finish();
        Ok((levels.true_peak_dbtp, levels.integrated_lufs))
    }
}

impl Serialize for Lossy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

impl<'de> Deserialize<'de> for Lossy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name).ok_or_else(|| {
            let known = Self::names().collect::<Vec<_>>().join(", ");
            D::Error::custom(format!("there is no codec \"{name}\"; there are {known}"))
        })
    }
}

/// The codec of that name.
///
/// # Errors
/// When there is none.
pub fn codec_named(name: &str) -> Result<Lossy, Error> {
    Lossy::named(name).ok_or_else(|| Error::Unknown {
        what: Named::Codec,
        name: name.to_owned(),
        near: nearest(name, Lossy::names()),
    })
}

/// What streaming services send.
const STREAMED: [&str; 3] = ["aac256", "ogg320", "opus128"];
/// As much is encoded of a master: a whole song would take as long as mastering it.
const PART_S: f64 = 12.0;

/// What the codecs of streaming services do to the peaks of a master, in its loudest 12 s, in one line; `None` where no
/// encoder is there, and for what is shorter.
///
/// On four masters at -9 LUFS a part of 12 s, which was not chosen, read at most 0.7 dB below the whole, in the median 0.1.
pub fn streamed(path: &Path, after: &Measured) -> Option<String> {
    let length_s = after.analysis.format.duration_s;
    if length_s < PART_S {
        return None;
    }
    let part = [loudest_s(&after.series).clamp(0.0, length_s - PART_S), PART_S];
    let peaks = peaks_dbtp(&streaming_codecs(), path, Some(part));
    let told: Vec<String> =
        peaks.iter().map(|(lossy, peak)| format!("{} {peak:+.1}", lossy.name)).collect();
    (!told.is_empty()).then(|| {
        format!(
            "{} dBTP once decoded (12 s from {}){}",
            told.join(", "),
            clock(part[0]),
            room(&peaks)
        )
    })
}

/// Codecs of streaming services for which an encoder is there.
pub fn streaming_codecs() -> Vec<Lossy> {
    let known = STREAMED.into_iter().filter_map(Lossy::named);
    known.filter(|lossy| lossy.can_encode().is_ok()).collect()
}

/// What each codec does to the peaks of a file, or of a part of it, all at once.
pub(crate) fn peaks(codecs: &[Lossy], path: &Path, part: Option<[f64; 2]>) -> Vec<CodecPeak> {
    thread::scope(|scope| {
        let start = |&lossy: &Lossy| scope.spawn(move || lossy.peak_of(path, part));
        let running: Vec<_> = codecs.iter().map(start).collect();
        let peaks = running.into_iter().map(|thread| thread.join());
        peaks.map(|peak| peak.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}

/// The same of those that can be tried.
pub(crate) fn peaks_dbtp(
    codecs: &[Lossy],
    path: &Path,
    part: Option<[f64; 2]>,
) -> Vec<(Lossy, f64)> {
    let each = codecs.iter().copied().zip(peaks(codecs, path, part));
    each.filter_map(|(lossy, peak)| Some((lossy, peak.true_peak_dbtp?))).collect()
}

/// A ceiling that leaves room, where a codec passes full scale.
fn room(peaks: &[(Lossy, f64)]) -> String {
    if peaks.iter().any(|(_, peak)| *peak > 0.0) {
        "; a lower ceiling leaves room".to_owned()
    } else {
        String::new()
    }
}

/// Where the loudest part begins, by the loudest 3 s, in seconds.
fn loudest_s(series: &Series) -> f64 {
    let loudness = |index: &usize| series.short_term_lufs[*index].unwrap_or(f64::NEG_INFINITY);
    let loudest =
        (0..series.short_term_lufs.len()).max_by(|a, b| loudness(a).total_cmp(&loudness(b)));
    const SHORT_TERM_S: f64 = 3.0;
    loudest.map_or(0.0, |index| (index + 1) as f64 * series.step_s - (SHORT_TERM_S + PART_S) / 2.0)
}

/// The codecs that rules of a target are about.
pub fn of_target(target: &Target) -> Vec<Lossy> {
    let named = |rule: &ExtraRule| match rule {
        ExtraRule::NoClipsAfter { codec } => Lossy::named(codec),
        _ => None,
    };
    target.rules.iter().filter_map(named).collect()
}
