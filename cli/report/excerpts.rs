//! Short pieces of every version, cut at the same places, as FLAC in base64.

use acetate_analyzer::Series;
use acetate_audio::{
    Audio, AudioSpec, Existing, FileFormat, OutputFormat, PcmBlock, PcmPlanes, SampleFormat,
    Source, Writer,
};
use data_encoding::BASE64;

use crate::failure::{Failure, Outcome};
use crate::reading::because;

/// Length of an excerpt.
const EXCERPT_S: f64 = 8.0;
/// Number of excerpts of a long song.
const PLACES: usize = 3;

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

/// A version that can be heard.
#[derive(Clone, Debug)]
pub(crate) struct Sounding<'a> {
    /// Its name on the button.
    pub(crate) name: String,
    /// Its loudness, by which versions are matched.
    pub(crate) lufs: Option<f64>,
    /// The sound.
    pub(crate) source: &'a Source,
    /// Where in it the time of the page begins, in seconds: what mastering cut off at the start.
    pub(crate) begin_s: f64,
}

/// A stretch of the song that can be heard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Place {
    /// Where it begins.
    pub(crate) at_s: f64,
    /// How long it is.
    pub(crate) length_s: f64,
    /// What is special about it.
    pub(crate) name: &'static str,
}

/// Places and, for each version, the sound of each place.
#[derive(Clone, Debug)]
pub(crate) struct Excerpts {
    /// In the order of the song.
    pub(crate) places: Vec<Place>,
    /// `[version][place]`: FLAC in base64.
    pub(crate) sound: Vec<Vec<String>>,
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
        SoundInPage::Full => vec![Place { at_s: 0.0, length_s: duration_s, name: "all of it" }],
    };
    let sound = versions.iter().map(|version| cut(version, &places)).collect::<Outcome<_>>()?;
    Ok(Some(Excerpts { places, sound }))
}

/// Where to listen: in the order of the song, never overlapping.
fn places(series: &Series, duration_s: f64) -> Vec<Place> {
    if duration_s <= EXCERPT_S * (PLACES as f64) {
        return vec![Place { at_s: 0.0, length_s: duration_s, name: "all of it" }];
    }
    let mut known: Vec<(f64, f64)> = series
        .short_term_lufs
        .iter()
        .enumerate()
        .filter_map(|(index, lufs)| {
            lufs.map(|lufs| (lufs, (index + 1) as f64 * series.step_s - 1.5))
        })
        .collect();
    known.sort_by(|a, b| b.0.total_cmp(&a.0));
    let quiet = known.len().saturating_sub(1 + known.len() / 20);
    let mut chosen: Vec<Place> = Vec::new();
    for (rank, name) in [(0, "loudest"), (known.len() / 2, "typical"), (quiet, "quiet")] {
        let begin =
            |centre_s: f64| (centre_s - EXCERPT_S / 2.0).clamp(0.0, duration_s - EXCERPT_S).floor();
        let free = |at_s: &f64| chosen.iter().all(|other| (at_s - other.at_s).abs() >= EXCERPT_S);
        let nearest = known.iter().skip(rank).chain(known.iter().take(rank).rev());
        let found = nearest.map(|(_, centre_s)| begin(*centre_s)).find(free);
        chosen.extend(found.map(|at_s| Place { at_s, length_s: EXCERPT_S, name }));
    }
    if chosen.is_empty() {
        chosen.push(Place { at_s: 0.0, length_s: EXCERPT_S, name: "beginning" });
    }
    chosen.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    chosen
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
    let folder = crate::interrupt::temporary_folder()?;
    let path = folder.path().join("excerpt.flac");
    let format = OutputFormat { file: FileFormat::Flac, samples: SampleFormat::Int16, spec };
    let cannot = |error| because(&error).about("excerpt for the page");
    let mut writer = Writer::create(&path, format, Existing::Replace).map_err(cannot)?;
    let mut block = PcmBlock::new(spec, SampleFormat::Int16);
    block.planes = PcmPlanes::Int(
        audio.planes()[..spec.channels]
            .iter()
            .map(|plane| plane.iter().map(|&sample| to_int16(sample)).collect())
            .collect(),
    );
    writer.write(&block).map_err(cannot)?;
    writer.finish().map_err(cannot)?;
    let bytes = std::fs::read(&path)
        .map_err(|error| Failure::failed(format!("cannot read an excerpt again: {error}")))?;
    Ok(BASE64.encode(&bytes))
}

fn to_int16(sample: f32) -> i32 {
    (f64::from(sample) * 32_768.0).round().clamp(-32_768.0, 32_767.0) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_song_is_heard_at_three_places_that_do_not_overlap() {
        let series = Series {
            step_s: 0.1,
            short_term_lufs: (0..2000).map(|i| Some(-20.0 + f64::from(i % 700) / 100.0)).collect(),
            ..Series::default()
        };
        let found = places(&series, 200.0);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found.windows(2).all(|pair| pair[1].at_s - pair[0].at_s >= EXCERPT_S), "{found:?}");
        assert!(found.iter().all(|place| place.at_s + place.length_s <= 200.0));
        let names: Vec<&str> = found.iter().map(|place| place.name).collect();
        assert!(names.contains(&"loudest") && names.contains(&"quiet"), "{names:?}");
        let short = places(&series, 20.0);
        assert_eq!((short.len(), short[0].at_s, short[0].length_s), (1, 0.0, 20.0));
    }
}
