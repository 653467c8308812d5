//! A bass line that is not heard, in a sentence: on small loudspeakers, and under the noise of cars and trains.

use acetate_analyzer::Severity;

use crate::document::{BassHeard, OnSystem, Translation, TranslationFinding};
use crate::telling::{codes, elsewhere, finding, ids, joined};
use crate::worth::LOST_LOWS_DB;

/// A bass line of which the better quarter of such systems plays less than this is lost there, percent.
const BASS_LOST_PCT: f64 = 25.0;

/// Noise of a place where nothing covers a bass line.
const QUIET: &str = "room";

/// Whether the bass line is lost, even on the better ones.
fn is_lost(bass: &BassHeard) -> bool {
    !bass.is_few() && bass.heard_range_pct[1] < BASS_LOST_PCT
}

/// Systems on which it is lost.
fn lost(of: &Translation) -> impl Iterator<Item = &OnSystem> {
    // Where it cancels, nothing else helps: that has a sentence of its own.
    let cancels = |system: &OnSystem| match &system.mono {
        Some(_) => system.lost_lows().is_some(),
        None => system.bass.as_ref().is_some_and(|bass| bass.cancelled_db >= LOST_LOWS_DB),
    };
    let is_lost =
        move |system: &&OnSystem| system.bass.as_ref().is_some_and(is_lost) && !cancels(system);
    of.systems.iter().filter(is_lost)
}

/// `on a phone (3 %) and on a laptop (17 %)`.
fn heard(systems: &[&OnSystem]) -> String {
    let told = |system: &&OnSystem| {
        let bass = system.bass.as_ref()?;
        Some(format!("{} ({:.0} %)", system.place, bass.heard_pct))
    };
    let told: Vec<String> = systems.iter().filter_map(told).collect();
    joined(&told.iter().map(String::as_str).collect::<Vec<_>>())
}

/// What small loudspeakers in a quiet room do not let be heard of it.
pub(crate) fn on_small_ones(of: &Translation) -> Option<TranslationFinding> {
    let systems: Vec<&OnSystem> = lost(of).filter(|system| system.noise == QUIET).collect();
    let bass = systems.first()?.bass.as_ref()?;
    let octave = if bass.octave_pct >= 20.0 {
        format!(
            "; {:.0} % sound an octave or more too high, by one harmonic alone",
            bass.octave_pct
        )
    } else {
        String::new()
    };
    let why = match bass.missing_db {
        None if !octave.is_empty() => "it has no other harmonics that could be raised".to_owned(),
        None => "it has no harmonics there that could be raised".to_owned(),
        Some(db) => format!("its harmonics would have to be {db:.0} dB louder"),
    };
    let text =
        format!("the notes of the bass line are hardly heard {}{octave}; {why}", heard(&systems));
    let mix = "give the bass harmonics of its own: double it an octave up, or overdrive a copy of it and mix that in from 150 to 600 Hz";
    Some(TranslationFinding {
        on: ids(&systems),
        ..finding(codes::BASS_UNHEARD, Severity::Mix, text, mix)
    })
}

/// What noise covers of it, where even the better of such places leave little.
pub(crate) fn in_noise(of: &Translation) -> Option<TranslationFinding> {
    let systems: Vec<&OnSystem> = lost(of).filter(|system| system.noise != QUIET).collect();
    // They come from the softest noise to the loudest: where that covers it, all do.
    let first = systems.first()?;
    let bass = first.bass.as_ref()?;
    let why = match bass.missing_db {
        None => "it has no harmonics there that could be raised".to_owned(),
        Some(db) => format!("its harmonics would have to be {db:.0} dB louder"),
    };
    let text = format!(
        "the noise covers the bass line {}{}: {:.0} % of its notes are heard ({:.0} % at best); {why}",
        first.place,
        elsewhere(systems.len()),
        bass.heard_pct,
        bass.heard_range_pct[1],
    );
    let mix = "noise of the road is 10 dB softer at 125 Hz than at 50 Hz and 17 dB at 250 Hz: bring the bass up there, by an octave above it or a little overdrive, rather than at the bottom";
    Some(TranslationFinding {
        on: ids(&systems),
        ..finding(codes::BASS_IN_NOISE, Severity::Info, text, mix)
    })
}
