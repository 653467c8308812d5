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

/// A version that can be heard.
#[derive(Clone, Debug)]
pub(crate) struct Sounding<'a> {
    /// Its name on the button.
    pub(crate) name: String,
    /// Its loudness, by which versions are matched.
    pub(crate) lufs: Option<f64>,
    /// The sound.
    pub(crate) source: &'a Source,
}

/// Places and, for each version, the sound of each place.
#[derive(Clone, Debug)]
pub(crate) struct Excerpts {
    /// Beginning and length, in seconds.
    pub(crate) places: Vec<(f64, f64)>,
    /// `[version][place]`: FLAC in base64.
    pub(crate) sound: Vec<Vec<String>>,
}

/// Cuts the excerpts of all versions at the loudest, the quietest and a middling place of the first.
///
/// # Errors
/// When a version cannot be read again.
pub(crate) fn excerpts(versions: &[Sounding<'_>], series: &Series) -> Outcome<Excerpts> {
    let duration_s = versions.iter().map(|v| v.source.duration_s()).fold(f64::INFINITY, f64::min);
    let places = places(series, duration_s);
    let sound =
        versions.iter().map(|version| cut(version.source, &places)).collect::<Outcome<_>>()?;
    Ok(Excerpts { places, sound })
}

/// Where to listen: in the order of the song, never overlapping.
fn places(series: &Series, duration_s: f64) -> Vec<(f64, f64)> {
    if duration_s <= EXCERPT_S * (PLACES as f64) {
        return vec![(0.0, duration_s)];
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
    let ranks = [0, known.len() / 2, known.len().saturating_sub(1 + known.len() / 20)];
    let mut chosen: Vec<f64> = Vec::new();
    for rank in ranks {
        let begin = |centre_s: f64| (centre_s - EXCERPT_S / 2.0).clamp(0.0, duration_s - EXCERPT_S);
        let free = |at: &f64| chosen.iter().all(|other| (at - other).abs() >= EXCERPT_S);
        let nearest = known.iter().skip(rank).chain(known.iter().take(rank).rev());
        chosen.extend(nearest.map(|(_, centre_s)| begin(*centre_s)).find(free));
    }
    if chosen.is_empty() {
        chosen.push(0.0);
    }
    chosen.sort_by(f64::total_cmp);
    chosen.into_iter().map(|at_s| (at_s.floor(), EXCERPT_S)).collect()
}

/// One pass over the sound, from which all places are taken.
fn cut(source: &Source, places: &[(f64, f64)]) -> Outcome<Vec<String>> {
    let spec = source.spec();
    let rate = f64::from(spec.sample_rate_hz);
    let ranges: Vec<(u64, u64)> = places
        .iter()
        .map(|(at_s, length_s)| ((at_s * rate) as u64, ((at_s + length_s) * rate) as u64))
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
    let spec = AudioSpec { channels: spec.channels.min(2), ..spec };
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
        assert!(found.windows(2).all(|pair| pair[1].0 - pair[0].0 >= EXCERPT_S - 1.0), "{found:?}");
        assert!(found.iter().all(|place| place.0 + place.1 <= 200.0));
        assert_eq!(places(&series, 20.0), [(0.0, 20.0)]);
    }
}
