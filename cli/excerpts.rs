//! Short pieces of every version, cut at the same places, as FLAC in base64.

use acetate::analyzer::Series;
use acetate::audio::{Audio, AudioSpec, PcmBlock, PcmPlanes, SampleFormat, Source};
use acetate::files::{FileFormat, OutputFormat, Tags, Writer};
use acetate::report::{Excerpts, Place, Version, places, whole};
use data_encoding::BASE64;

use crate::failure::Outcome;
use crate::reading::because;

/// How much sound a page carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum SoundInPage {
    /// Charts and numbers alone
    None,
    /// Three places of eight seconds
    #[default]
    Excerpts,
    /// The whole of every version
    Full,
}

/// A version that can be heard, and where its sound is.
#[derive(Clone, Debug)]
pub(crate) struct Sounding<'a> {
    /// What the page calls it.
    pub(crate) version: Version,
    /// The sound.
    pub(crate) source: &'a Source,
    /// Where in it the time of the page begins, in seconds: what mastering cut off at the start.
    pub(crate) begin_s: f64,
}

/// Cuts all versions at the same places: the loudest, the quietest and a middling one of `series`, or the whole;
/// nothing when no sound is wanted.
///
/// # Errors
/// When a version cannot be read again.
pub(crate) fn excerpts(
    versions: &[Sounding<'_>],
    series: &Series,
    wanted: SoundInPage,
) -> Outcome<Option<Excerpts>> {
    let left_s = |version: &Sounding<'_>| version.source.duration_s() - version.begin_s;
    let duration_s = versions.iter().map(left_s).fold(f64::INFINITY, f64::min);
    let places = match wanted {
        SoundInPage::None => return Ok(None),
        SoundInPage::Excerpts => places(series, duration_s),
        SoundInPage::Full => whole(duration_s),
    };
    let sound = versions.iter().map(|version| cut(version, &places)).collect::<Outcome<_>>()?;
    let versions = versions.iter().map(|sounding| sounding.version.clone()).collect();
    Ok(Some(Excerpts { versions, places, sound }))
}

/// One pass over the sound, from which all places are taken.
fn cut(version: &Sounding<'_>, places: &[Place]) -> Outcome<Vec<String>> {
    let source = version.source;
    let spec = source.spec();
    let rate = f64::from(spec.sample_rate_hz);
    let ranges: Vec<(u64, u64)> = places
        .iter()
        .map(|place| {
            let from_s = version.begin_s + place.at_s;
            ((from_s * rate) as u64, ((from_s + place.length_s) * rate) as u64)
        })
        .collect();
    let mut kept: Vec<Audio> = places.iter().map(|_| Audio::silence(spec, 0)).collect();
    let mut pass = source.blocks().map_err(|error| because(&error))?;
    let mut block = Audio::silence(spec, 0);
    let mut position = 0u64;
    while pass.next_block(&mut block).map_err(|error| because(&error))? {
        let end = position + block.frames() as u64;
        for ((from, to), audio) in ranges.iter().zip(&mut kept) {
            let (from, to) = ((*from).max(position), (*to).min(end));
            if from < to {
                let range = (from - position) as usize..(to - position) as usize;
                for (all, plane) in audio.planes_mut().iter_mut().zip(block.planes()) {
                    all.extend_from_slice(&plane[range.clone()]);
                }
            }
        }
        position = end;
    }
    kept.iter().map(|audio| encode(audio, spec)).collect()
}

/// Sound as 16-bit FLAC in base64; at most two channels, which is what browsers play everywhere.
fn encode(audio: &Audio, spec: AudioSpec) -> Outcome<String> {
    let spec = AudioSpec::new(spec.sample_rate_hz, spec.channels.min(2));
    let format = OutputFormat { file: FileFormat::Flac, samples: SampleFormat::Int16, spec };
    let cannot = |error| because(&error).about("excerpt for the page");
    let mut writer = Writer::to_memory(format, &Tags::none()).map_err(cannot)?;
    let mut block = PcmBlock::new(spec, SampleFormat::Int16);
    block.planes = PcmPlanes::Int(
        audio.planes()[..spec.channels]
            .iter()
            .map(|plane| plane.iter().map(|&sample| to_int16(sample)).collect())
            .collect(),
    );
    writer.write(&block).map_err(cannot)?;
    let file = writer.close().map_err(cannot)?;
    Ok(BASE64.encode(&file.into_bytes().unwrap_or_default()))
}

fn to_int16(sample: f32) -> i32 {
    (f64::from(sample) * 32_768.0).round().clamp(-32_768.0, 32_767.0) as i32
}
