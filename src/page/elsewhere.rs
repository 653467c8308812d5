//! A version of a page as it is heard on other systems: the pieces that the page has, through each of them.

use acetate_analyzer::{LevelMeter, Levels, Measured};
use acetate_audio::{Audio, AudioSpec, Source};
use acetate_engine::Stage as _;
use acetate_report::{Elsewhere, Listening, Mark};
use acetate_translation::{Playback, System, Translation, codes};

use crate::Error;
use crate::observer::Watch;
use crate::simulate::elsewhere;

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

/// What a page says of the systems, and marks on the waveform.
#[derive(Default)]
pub(super) struct Told {
    /// A row each.
    pub(super) rows: Vec<Elsewhere>,
    pub(super) sentences: Vec<String>,
    /// Where something is lost.
    pub(super) marks: Vec<Mark>,
}

impl Told {
    /// Marks what is lost where all of it is heard.
    pub(super) fn mark(&self, heard: &mut Option<Listening<'_>>) {
        heard.iter_mut().for_each(|heard| heard.marks.extend(self.marks.iter().cloned()));
    }
}

/// What the page says of the systems.
///
/// # Errors
/// When the song cannot be read again.
pub(super) fn told(
    name: &str,
    source: &Source,
    measured: &Measured,
    systems: &[System],
) -> Result<Told, Error> {
    if systems.is_empty() {
        return Ok(Told::default());
    }
    let mut silent = ();
    let found = elsewhere(name, source, measured, systems, &Watch::new(&mut silent))?;
    let rows = crate::simulate::rows(&found.systems);
    let rows = rows.into_iter().map(|[system, bass, also]| Elsewhere { system, bass, also });
    let sentences =
        found.findings.iter().map(|finding| format!("{} {}", finding.code, finding.text));
    let (rows, sentences) = (rows.collect(), sentences.collect());
    Ok(Told { rows, sentences, marks: marks(&found) })
}

/// Places of one kind of loss that are marked.
const MARKS_OF_A_KIND: usize = 4;

/// Where the findings are: what cancels, and what the worst of the noises covers.
fn marks(found: &Translation) -> Vec<Mark> {
    let of = |code: &str| found.findings.iter().find(|finding| finding.code == code);
    let on = |code: &str| {
        let ids = of(code).map_or(&[][..], |finding| finding.on.as_slice());
        found.systems.iter().filter(move |system| ids.contains(&system.id))
    };
    let cancels = on(codes::CANCELS).find_map(|system| system.mono.as_ref());
    let cancels = cancels.into_iter().flat_map(|mono| mono.at_s.iter().take(MARKS_OF_A_KIND));
    let cancels =
        cancels.map(|&at_s| Mark { at_s, length_s: 0.0, name: "cancels in mono".to_owned() });
    let drowned = on(codes::DROWNED).filter_map(|system| Some((system, system.cover.as_ref()?)));
    let worst = drowned.max_by(|(_, a), (_, b)| a.drowned_pct.total_cmp(&b.drowned_pct));
    let covered = worst.into_iter().flat_map(|(system, cover)| {
        cover.at_s.iter().take(MARKS_OF_A_KIND).map(|[from, to]| Mark {
            at_s: *from,
            length_s: to - from,
            name: format!("covered {}", system.place),
        })
    });
    cancels.chain(covered).collect()
}
