//! What is no song that records could speak of: left alone, with the reason.

use acetate_analyzer::Analysis;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bands::WIDE_BANDS;
use crate::signs::EXCERPT_S;

/// Why a mix is not judged.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "why")]
#[non_exhaustive]
pub enum Unjudged {
    /// Shorter than [`EXCERPT_S`]: its levels move less than those of a song.
    Excerpt {
        /// Its length, s.
        duration_s: f64,
    },
    /// Somebody talks.
    Speech,
    /// Its levels do not move at all.
    Steady,
    /// The same bars over and over.
    Loop,
    /// A wide band has no signal.
    Bandless,
    /// No record it was learned from is like it.
    Unlike,
}

/// Speech moves at least this deeply at the rates of syllables, and has at least this share of pauses.
const SPEECH_DEPTH: f64 = 0.42;
const SPEECH_PAUSES: f64 = 0.42;
/// A voice has nothing below that goes on while it breathes: the spread of the band up to 148 Hz, dB. The deepest and most broken
/// music (off-beat chords without a drum) has 4.5 there, speech 6.6 to 8.6 (docs/oneshot.md).
const SPEECH_BASS_SPREAD_DB: f64 = 5.8;
/// A mean spread over 400 ms below this is no music, dB: noise of any colour has 0.2 to 0.8, the evenest record 1.5.
const STEADY_DB: f64 = 1.0;

/// The first reason not to judge a mix, but for what only the model can tell.
pub(super) fn unjudged(mix: &Analysis) -> Option<Unjudged> {
    if is_speech(mix) {
        return Some(Unjudged::Speech);
    }
    let spreads: Vec<f64> =
        mix.dynamics.bands.iter().filter_map(|band| band.level_std_db).collect();
    let mean = spreads.iter().sum::<f64>() / spreads.len().max(1) as f64;
    if !spreads.is_empty() && mean < STEADY_DB {
        return Some(Unjudged::Steady);
    }
    let duration_s = mix.format.duration_s;
    if duration_s < EXCERPT_S {
        return Some(Unjudged::Excerpt { duration_s });
    }
    if repeats(mix) {
        return Some(Unjudged::Loop);
    }
    (spreads.len() < WIDE_BANDS).then_some(Unjudged::Bandless)
}

/// Whether somebody talks: deep movement at the rates of syllables, pauses, and nothing below that goes on.
fn is_speech(mix: &Analysis) -> bool {
    let Some(syllables) = mix.dynamics.syllables else { return false };
    let bass = mix.dynamics.bands.first().and_then(|band| band.level_std_db);
    syllables.depth > SPEECH_DEPTH
        && syllables.pause_share > SPEECH_PAUSES
        && bass.is_none_or(|db| db > SPEECH_BASS_SPREAD_DB)
}

/// Moments that are looked at, and the third octaves of them.
const MOMENTS: usize = 60;
/// A moment this near to one far away is the same, dB rms; most of them in a loop.
const SAME_DB: f64 = 0.3;
const SAME_SHARE: f64 = 0.8;
/// Moments nearer in time are one passage, s.
const AWAY_S: f64 = 2.0;

/// Whether nearly every moment comes again exactly as it was.
fn repeats(mix: &Analysis) -> bool {
    let Some(frames) = mix.spectrum.frames.as_deref().filter(|frames| frames.bands > 0) else {
        return false;
    };
    let rows: Vec<&[f32]> = frames.level_db.chunks_exact(frames.bands).collect();
    let away = (AWAY_S / frames.step_s.max(1e-3)) as usize;
    if rows.len() < 2 * away || frames.count.iter().any(|&count| count != 1) {
        return false;
    }
    let step = (rows.len() / MOMENTS).max(1);
    let asked: Vec<usize> = (0..rows.len()).step_by(step).collect();
    let same = |one: &[f32], other: &[f32]| {
        let square: f64 = one.iter().zip(other).map(|(a, b)| f64::from((a - b) * (a - b))).sum();
        square < SAME_DB * SAME_DB * frames.bands as f64
    };
    let again = |&moment: &usize| {
        let others = (0..rows.len()).filter(|other| other.abs_diff(moment) > away);
        others.into_iter().any(|other| same(rows[moment], rows[other]))
    };
    let count = asked.iter().filter(|moment| again(moment)).count();
    count as f64 >= SAME_SHARE * asked.len() as f64
}

impl Unjudged {
    /// The reason in half a sentence.
    pub fn short(&self) -> String {
        match self {
            Self::Excerpt { duration_s } => {
                format!("an excerpt of {duration_s:.0} s tells too little")
            }
            Self::Speech => "this is speech".into(),
            Self::Steady => "its levels do not move: no music".into(),
            Self::Loop => "a loop tells too little".into(),
            Self::Bandless => "part of the spectrum is empty".into(),
            Self::Unlike => "no record that was learned from is like it".into(),
        }
    }

    /// The reason as a sentence.
    pub fn text(&self) -> String {
        match self {
            Self::Excerpt { duration_s } => format!(
                "Tone and density are left alone: {duration_s:.0} s are an excerpt, whose levels move unlike those of a whole \
                 song; from 60 s on records can tell what is wrong."
            ),
            Self::Speech => "This is speech: tone and density of music say nothing about it, and are left alone. Targets for speech \
                 are podcast, acx and ebu-r128."
                .into(),
            Self::Steady => "Its levels do not move: noise or a test tone, which no record is like. Tone and density are left alone."
                .into(),
            Self::Loop => "The same bars over and over: a loop is not a song, and records do not tell what it lacks. Tone and density \
                 are left alone."
                .into(),
            Self::Bandless => "Part of the spectrum is empty, as no record's is: tone and density are left alone.".into(),
            Self::Unlike => "It is unlike all records that were learned from: what is usual in them says nothing about it. Tone and \
                 density are left alone; records like it in your library would tell."
                .into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_sounds::shaped;

    fn song() -> Analysis {
        let mut mix = shaped(&[Some(-20.0); 29]);
        mix.format.duration_s = 200.0;
        mix
    }

    #[test]
    fn a_song_is_judged_and_an_excerpt_of_it_is_not() {
        assert_eq!(unjudged(&song()), None);
        let mut excerpt = song();
        excerpt.format.duration_s = 30.0;
        assert_eq!(unjudged(&excerpt), Some(Unjudged::Excerpt { duration_s: 30.0 }));
    }

    #[test]
    fn talk_is_known_by_its_syllables_pauses_and_missing_bass() {
        let mut talk = song();
        talk.dynamics.syllables =
            Some(acetate_analyzer::Syllables { depth: 0.65, pause_share: 0.55 });
        assert_eq!(unjudged(&talk), None, "the bass goes on");
        talk.dynamics.bands[0].level_std_db = Some(7.8);
        assert_eq!(unjudged(&talk), Some(Unjudged::Speech));
        assert!(Unjudged::Speech.text().contains("podcast"));
    }

    #[test]
    fn noise_does_not_move() {
        let mut noise = song();
        noise.dynamics.bands.iter_mut().for_each(|band| band.level_std_db = Some(0.4));
        assert_eq!(unjudged(&noise), Some(Unjudged::Steady));
    }
}
