//! The sound of a page: which parts of every version, cut at the same places, as FLAC in base64.

use acetate_analyzer::Series;
use acetate_audio::{Audio, AudioSpec, PcmBlock, PcmPlanes, ReadError, SampleFormat, Source};
use acetate_files::{EncodeError, FileFormat, PcmFormat, Tags, Writer};
use acetate_report::{Listening, Mark, Place, Timeline, Version, places, record_places, whole};
use acetate_translation::System;
use data_encoding::BASE64;

use super::elsewhere::{Played, played};
use crate::Error;

/// Most that whole songs may take in a page, in bytes: well over two minutes of a mix and its master, 44.1 kHz, stereo.
/// They are counted as if FLAC saved nothing; it saves about a quarter.
const WHOLE_MAX_BYTES: f64 = 64.0 * 1024.0 * 1024.0;
/// Base64 writes three bytes as four letters.
const BASE64_GROWTH: f64 = 4.0 / 3.0;
/// Bytes of a sample in the page.
const SAMPLE_BYTES: f64 = 2.0;
/// Excerpts begin and end within this time, so that they loop without a click.
const FADE_S: f64 = 0.005;

/// How much sound a page carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SoundInPage {
    /// The whole song where all versions fit into 64 MB, excerpts where not
    #[default]
    Auto,
    /// Charts and numbers alone
    None,
    /// Three places of eight seconds
    Excerpts,
    /// The whole of every version
    Full,
}

/// A version that can be heard, and where its sound is.
#[derive(Clone, Debug)]
pub(crate) struct Sounding<'a> {
    /// What the page calls it.
    pub(crate) name: String,
    /// Loudness of the whole.
    pub(crate) lufs: Option<f64>,
    /// Its level over time.
    pub(crate) series: &'a Series,
    /// The sound.
    pub(crate) source: &'a Source,
    /// Where in it the time of the page begins, in seconds: what mastering cut off at the start.
    pub(crate) begin_s: f64,
}

/// What can be heard of the versions of a song, and of the record beside them: all cut at the same places, which the
/// loudness of the last version decides; nothing when no sound is wanted.
///
/// # Errors
/// When a version cannot be read again.
pub(crate) fn listening<'a>(
    versions: &[Sounding<'a>],
    record: Option<&Sounding<'a>>,
    systems: &[System],
    wanted: SoundInPage,
) -> Result<Option<Listening<'a>>, Error> {
    // On a system the last version takes as much room once more.
    let mut all = versions.to_vec();
    all.extend(systems.iter().filter_map(|_| versions.last().cloned()));
    let Some((places, of_record)) = parts(&all, record, wanted) else { return Ok(None) };
    let mut song = timeline(versions, places)?;
    if let Some(last) = versions.last() {
        let elsewhere = on_systems(last, &song.places, systems)?;
        song.versions.extend(elsewhere);
    }
    let record = record.zip(of_record);
    let record = record.map(|(record, places)| timeline(std::slice::from_ref(record), places));
    Ok(Some(Listening { song, record: record.transpose()?, marks: Vec::new() }))
}

/// A version as it is heard on each system.
fn on_systems<'a>(
    version: &Sounding<'a>,
    places: &[Place],
    systems: &[System],
) -> Result<Vec<Version<'a>>, Error> {
    if systems.is_empty() {
        return Ok(Vec::new());
    }
    let pieces = cut(version.source, version.begin_s, places)
        .map_err(|error| Error::read(&version.name, error))?;
    let spec = version.source.spec();
    let mut heard = Vec::new();
    for system in systems {
        if let Some(Played { pieces, louder_lu }) = played(system, spec, &pieces) {
            let Sounding { lufs, series, begin_s, .. } = version.clone();
            let (name, lufs) = (system.name.clone(), lufs.map(|lufs| lufs + louder_lu));
            heard.push(Version { name, lufs, series, begin_s, sound: in_base64(&pieces)? });
        }
    }
    Ok(heard)
}

/// What can be heard of a record: all of it where it fits, else each transition for itself; nothing when no sound is wanted.
///
/// # Errors
/// When it cannot be read again.
pub(crate) fn transitions<'a>(
    record: &Sounding<'a>,
    songs: Vec<Mark>,
    around: Vec<Place>,
    wanted: SoundInPage,
) -> Result<Option<Listening<'a>>, Error> {
    let all = whole(record.duration_s());
    let fits = |places: &[Place]| record.bytes(places) <= WHOLE_MAX_BYTES;
    let places = match wanted {
        SoundInPage::None => return Ok(None),
        SoundInPage::Full => all,
        SoundInPage::Auto if fits(&all) => all,
        _ if around.is_empty() => places(record.series, record.duration_s()),
        _ => around,
    };
    let song = timeline(std::slice::from_ref(record), places)?;
    Ok(Some(Listening { song, record: None, marks: songs }))
}

/// What is heard of the song, and of the record; nothing when nothing is wanted.
fn parts(
    versions: &[Sounding<'_>],
    record: Option<&Sounding<'_>>,
    wanted: SoundInPage,
) -> Option<(Vec<Place>, Option<Vec<Place>>)> {
    let (last, duration_s) = versions.last().zip(common_s(versions))?;
    let all = whole(duration_s);
    let beside = |record: &Sounding<'_>, song: &[Place]| {
        record_places(record.series, record.source.duration_s(), song)
    };
    let record_whole = record.map(|record| whole(record.source.duration_s()));
    let fits = |of_record: Option<&Vec<Place>>| {
        let song_bytes: f64 = versions.iter().map(|version| version.bytes(&all)).sum();
        let record_bytes = record.zip(of_record).map_or(0.0, |(record, part)| record.bytes(part));
        song_bytes + record_bytes <= WHOLE_MAX_BYTES
    };
    let stretch = record.map(|record| beside(record, &all));
    match wanted {
        SoundInPage::None => None,
        SoundInPage::Full => Some((all, record_whole)),
        SoundInPage::Auto if fits(record_whole.as_ref()) => Some((all, record_whole)),
        SoundInPage::Auto if fits(stretch.as_ref()) => Some((all, stretch)),
        SoundInPage::Auto | SoundInPage::Excerpts => {
            let places = places(last.series, duration_s);
            let of_record = record.map(|record| beside(record, &places));
            Some((places, of_record))
        }
    }
}

/// Length of what all versions have, in seconds.
fn common_s(versions: &[Sounding<'_>]) -> Option<f64> {
    versions.iter().map(Sounding::duration_s).min_by(f64::total_cmp)
}

fn timeline<'a>(versions: &[Sounding<'a>], places: Vec<Place>) -> Result<Timeline<'a>, Error> {
    let heard = |version: &Sounding<'a>| -> Result<Version<'a>, Error> {
        let cut = cut(version.source, version.begin_s, &places)
            .map_err(|error| Error::read(&version.name, error))?;
        let sound = in_base64(&cut)?;
        let Sounding { name, lufs, series, begin_s, .. } = version.clone();
        Ok(Version { name, lufs, series, begin_s, sound })
    };
    let versions = versions.iter().map(heard).collect::<Result<_, Error>>()?;
    Ok(Timeline { versions, places })
}

/// Each piece as FLAC in base64.
fn in_base64(pieces: &[Audio]) -> Result<Vec<String>, Error> {
    let encoded = pieces.iter().map(|audio| flac(audio).map(|bytes| BASE64.encode(&bytes)));
    encoded
        .collect::<Result<_, _>>()
        .map_err(|reason| Error::Encode { name: "sound for the page".to_owned(), reason })
}

impl Sounding<'_> {
    fn duration_s(&self) -> f64 {
        self.source.duration_s() - self.begin_s
    }

    /// Letters that these places take in the page, at most.
    fn bytes(&self, places: &[Place]) -> f64 {
        let spec = in_page(self.source.spec());
        let seconds: f64 = places.iter().map(|place| place.length_s).sum();
        let samples = seconds * f64::from(spec.sample_rate_hz) * spec.channels as f64;
        samples * SAMPLE_BYTES * BASE64_GROWTH
    }
}

/// The places of a sound whose time begins at `begin_s`, in one pass. What does not begin or end with the sound itself
/// is faded, so that it can be played round and round.
pub(crate) fn cut(
    source: &Source,
    begin_s: f64,
    places: &[Place],
) -> Result<Vec<Audio>, ReadError> {
    let spec = source.spec();
    let rate = f64::from(spec.sample_rate_hz);
    let frame = |at_s: f64| ((begin_s + at_s) * rate).round() as u64;
    let ranges: Vec<(u64, u64)> =
        places.iter().map(|p| (frame(p.at_s), frame(p.at_s + p.length_s))).collect();
    let mut kept: Vec<Audio> = places.iter().map(|_| Audio::silence(spec, 0)).collect();
    let mut pass = source.blocks()?;
    let mut block = Audio::silence(spec, 0);
    let mut position = 0u64;
    let last = ranges.iter().map(|(_, to)| *to).max().unwrap_or_default();
    while position < last && pass.next_block(&mut block)? {
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
    if places.len() > 1 {
        kept.iter_mut().for_each(fade);
    }
    Ok(kept)
}

/// Straight fades at both ends.
fn fade(audio: &mut Audio) {
    let length = (FADE_S * f64::from(audio.spec().sample_rate_hz)) as usize;
    let frames = audio.frames();
    for plane in audio.planes_mut() {
        for index in 0..length.min(frames / 2) {
            let gain = (index as f32 + 0.5) / length as f32;
            plane[index] *= gain;
            plane[frames - 1 - index] *= gain;
        }
    }
}

/// At most two channels, which is what browsers play everywhere.
fn in_page(spec: AudioSpec) -> AudioSpec {
    AudioSpec::new(spec.sample_rate_hz, spec.channels.min(2))
}

/// Sound as 16-bit FLAC.
fn flac(audio: &Audio) -> Result<Vec<u8>, EncodeError> {
    let spec = in_page(audio.spec());
    let format = PcmFormat { file: FileFormat::Flac, samples: SampleFormat::Int16, spec };
    let mut writer = Writer::to_memory(format, &Tags::none())?;
    let mut block = PcmBlock::new(spec, SampleFormat::Int16);
    let planes = &audio.planes()[..spec.channels];
    let to_int16 = |plane: &Vec<f32>| plane.iter().map(|&sample| int16(sample)).collect();
    block.planes = PcmPlanes::Int(planes.iter().map(to_int16).collect());
    writer.write(&block)?;
    Ok(writer.close()?.into_bytes().unwrap_or_default())
}

fn int16(sample: f32) -> i32 {
    (f64::from(sample) * 32_768.0).round().clamp(-32_768.0, 32_767.0) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: AudioSpec = AudioSpec::new(44_100, 2);

    fn ramp(seconds: f64) -> Source {
        let frames = (seconds * 44_100.0) as usize;
        let plane: Vec<f32> = (0..frames).map(|index| index as f32 / frames as f32).collect();
        Source::from_audio(Audio::from_planes(44_100, vec![plane.clone(), plane]))
    }

    #[test]
    fn places_are_cut_to_the_frame_and_only_excerpts_are_faded() {
        let source = ramp(4.0);
        let place = |at_s, length_s| Place { at_s, length_s, name: "".into() };
        let all = cut(&source, 1.0, &[place(0.0, 3.0)]).unwrap();
        assert_eq!((all[0].frames(), all[0].planes()[0][0]), (132_300, 0.25));
        let two = cut(&source, 0.0, &[place(1.0, 1.0), place(2.0, 1.0)]).unwrap();
        assert_eq!(two[1].frames(), 44_100);
        assert!(two[1].planes()[0][0] < 0.01 && two[1].planes()[0][22_050] == 0.625);
    }

    #[test]
    fn sound_becomes_flac_without_a_file() {
        let bytes = flac(&Audio::silence(SPEC, 44_100)).unwrap();
        assert!(bytes.starts_with(b"fLaC") && bytes.len() < 10_000, "{} bytes", bytes.len());
    }

    #[test]
    fn a_song_is_heard_whole_while_all_versions_fit_and_the_record_with_it() {
        let series = Series {
            step_s: 0.1,
            short_term_lufs: (0..4000).map(|step| Some(f64::from(step % 900) / -100.0)).collect(),
            ..Series::default()
        };
        let silent = |seconds: usize| {
            Source::from_audio(Audio::silence(AudioSpec::new(8_000, 2), seconds * 8_000))
        };
        let heard = |source: &Source, record: &Source, wanted| {
            let name = String::new();
            let song = Sounding { name, lufs: None, series: &series, source, begin_s: 0.0 };
            let beside = Sounding { source: record, ..song.clone() };
            let found = parts(&[song.clone(), song], Some(&beside), wanted);
            let seconds = |places: &[Place]| places.iter().map(|place| place.length_s).sum::<f64>();
            found.map(|(song, record)| (seconds(&song), seconds(&record.unwrap())))
        };
        // 64 MiB are 1573 s of 8 kHz in stereo.
        let (short, middle, long) = (silent(200), silent(600), silent(900));
        assert_eq!(heard(&short, &short, SoundInPage::Auto), Some((200.0, 200.0)));
        assert_eq!(heard(&middle, &middle, SoundInPage::Auto), Some((600.0, 24.0)));
        assert_eq!(heard(&long, &middle, SoundInPage::Auto), Some((24.0, 24.0)));
        assert_eq!(heard(&long, &long, SoundInPage::Full), Some((900.0, 900.0)));
        assert_eq!(heard(&short, &short, SoundInPage::Excerpts), Some((24.0, 24.0)));
        assert_eq!(heard(&short, &short, SoundInPage::None), None);
    }
}
