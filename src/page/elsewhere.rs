//! A version of a page as it is heard on other systems: the pieces that the page has, through each of them.

use acetate_analyzer::{LevelMeter, Levels};
use acetate_audio::{Audio, AudioSpec};
use acetate_engine::Stage as _;
use acetate_report::Elsewhere;
use acetate_translation::{Playback, System};

use crate::{Error, SimulateRequest, Song};

/// Pieces of a sound on one system, and how much louder that made it, LU.
pub(super) struct Played {
    pub(super) pieces: Vec<Audio>,
    pub(super) louder_lu: f64,
}

/// Plays the pieces; all are lowered alike where one would pass full scale. `None` of sound that no system plays.
pub(super) fn played(system: &System, spec: AudioSpec, pieces: &[Audio]) -> Option<Played> {
    let mut playback = Playback::new(system, spec)?;
    let (mut before, mut after) = (LevelMeter::new(spec), LevelMeter::new(spec));
    let mut played = Vec::new();
    for piece in pieces {
        let mut out = Audio::silence(spec, 0);
        playback.push(piece, &mut out);
        playback.finish(&mut out);
        before.push(piece);
        after.push(&out);
        played.push(out);
    }
    let (before, after) = (before.finish(), after.finish());
    let lower_db = -after.true_peak_dbtp.unwrap_or(0.0).max(0.0);
    let gain = acetate_audio::units::db_to_amplitude(lower_db) as f32;
    let samples = played.iter_mut().flat_map(Audio::planes_mut).flatten();
    samples.for_each(|sample| *sample *= gain);
    Some(Played { pieces: played, louder_lu: louder_lu(before, after) + lower_db })
}

fn louder_lu(before: Levels, after: Levels) -> f64 {
    before.integrated_lufs.zip(after.integrated_lufs).map_or(0.0, |(before, after)| after - before)
}

/// What the page says of the systems: a row each, and sentences.
///
/// # Errors
/// When the song cannot be read again.
pub(super) fn rows(
    song: &Song,
    systems: &[System],
) -> Result<(Vec<Elsewhere>, Vec<String>), Error> {
    if systems.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let request = SimulateRequest { systems: systems.to_vec(), codecs: Vec::new() };
    let found = song.simulate(&request, &mut ())?;
    let rows = crate::simulate::rows(&found.systems);
    let rows = rows.into_iter().map(|[system, bass, also]| Elsewhere { system, bass, also });
    let sentences =
        found.findings.iter().map(|finding| format!("{} {}", finding.code, finding.text));
    Ok((rows.collect(), sentences.collect()))
}
