//! A medley of a song: stretches that stand for all of it, joined into one sound on which settings are tried cheaply.
//!
//! The stretches that count for the loudness are ranked by it, and as many are taken from each rank: loud and dense moments are in the medley in
//! proportion (systematic sampling from an ordered list; Cochran, Sampling Techniques, 3rd ed. 1977, section 8.1). What a render of the
//! medley differs by from the prediction for the medley is what one of the song will differ by from the prediction for the song: the
//! prediction is the control variate, and only its errors have to be alike in the medley and in the song.

use acetate_analyzer::{LoudnessBlocks, Measured, analyze, gating};
use acetate_audio::{Audio, ReadError, Source};

/// Length of a stretch, s.
const STRETCH_S: f64 = 2.0;
/// How many there are; the error of what a medley tells hangs on this number, not on the share of the song (docs/fit.md).
const STRETCHES: usize = 24;
/// Of a song with fewer stretches than this that count, nothing is saved by a medley.
const STRETCHES_MIN: usize = 3 * STRETCHES / 2;
/// Stretches are cross-faded over this time, s.
const JOIN_S: f64 = 0.02;
/// What is this much below the loudness of the whole does not count for it, LU (the relative gate of BS.1770).
const GATE_LU: f64 = 10.0;

/// A medley, measured.
pub(crate) struct Medley {
    pub(crate) source: Source,
    pub(crate) measured: Measured,
    /// Begin in the song and length of each stretch, s.
    pub(crate) stretches: Vec<(f64, f64)>,
    /// Length of the song over that of what the medley stands for: the rest is too quiet to count.
    pub(crate) diluted: f64,
}

impl Medley {
    /// The medley of a song; `None` where the song is so short that it saves nothing.
    ///
    /// # Errors
    /// When the source cannot be read again.
    pub(crate) fn of(source: &Source, measured: &Measured) -> Result<Option<Self>, ReadError> {
        let Some(choice) = choose(measured) else { return Ok(None) };
        let audio = play(source, &choice)?;
        let source = Source::from_audio(audio).stopped_with(source);
        let measured = analyze(&source)?;
        let stretch = |&number: &usize| (number as f64 * choice.length_s, choice.length_s);
        let stretches = choice.numbers.iter().map(stretch).collect();
        Ok(Some(Self { source, measured, stretches, diluted: choice.diluted }))
    }
}

/// Which stretches, in their order.
#[derive(Debug, PartialEq)]
struct Choice {
    numbers: Vec<usize>,
    length_s: f64,
    diluted: f64,
}

/// Takes stretches in proportion from the quietest that counts to the loudest.
fn choose(measured: &Measured) -> Option<Choice> {
    let gate = gating::power_of(measured.analysis.loudness.integrated_lufs? - GATE_LU);
    let loudness = &measured.tables.loudness;
    let blocks = (STRETCH_S / loudness.step_s).round().max(1.0) as usize;
    let powers = stretch_powers(loudness, blocks);
    let mut counting: Vec<usize> = (0..powers.len()).filter(|&n| powers[n] > gate).collect();
    if counting.len() < STRETCHES_MIN {
        return None;
    }
    counting.sort_by(|&one, &other| powers[one].total_cmp(&powers[other]));
    let rank = |n: usize| (2 * n + 1) * counting.len() / (2 * STRETCHES);
    let mut numbers: Vec<usize> = (0..STRETCHES).map(|n| counting[rank(n)]).collect();
    numbers.sort_unstable();
    let length_s = blocks as f64 * loudness.step_s;
    Some(Choice { numbers, length_s, diluted: powers.len() as f64 / counting.len() as f64 })
}

/// Mean power of every whole stretch of so many blocks that has room behind it for its join.
fn stretch_powers(loudness: &LoudnessBlocks, blocks: usize) -> Vec<f64> {
    let weighted = loudness.weighted();
    let stretches = weighted[..weighted.len().saturating_sub(1)].chunks_exact(blocks);
    stretches.map(|powers| powers.iter().sum::<f64>() / blocks as f64).collect()
}

/// The stretches one after the other. Each goes on behind its end while the next begins: what follows in the song, too, is joined
/// without a trace.
fn play(source: &Source, choice: &Choice) -> Result<Audio, ReadError> {
    let rate = f64::from(source.spec().sample_rate_hz);
    let (length, join) = ((choice.length_s * rate) as usize, (JOIN_S * rate) as usize);
    let mut medley = Audio::silence(source.spec(), choice.numbers.len() * length);
    let mut blocks = source.blocks()?;
    let mut block = Audio::silence(source.spec(), 0);
    let mut position = 0;
    while blocks.next_block(&mut block)? {
        let end = position + block.frames();
        for (place, &number) in choice.numbers.iter().enumerate() {
            let (start, place) = (number * length, place * length);
            let heard = start.max(position)..(start + length + join).min(end);
            for (plane, sound) in medley.planes_mut().iter_mut().zip(block.planes()) {
                for frame in heard.clone() {
                    let Some(sample) = plane.get_mut(place + frame - start) else { break };
                    let gain = faded(frame - start, length, join, place == 0);
                    *sample += gain * sound[frame - position];
                }
            }
        }
        position = end;
    }
    Ok(medley)
}

/// Gain of a stretch at a frame of it: it comes over the join at its begin, where something stands before it, and goes over that
/// behind its end.
fn faded(frame: usize, length: usize, join: usize, first: bool) -> f32 {
    let rise = |frame: usize| {
        0.5 - 0.5 * libm::cosf(std::f32::consts::PI * (frame as f32 + 0.5) / join as f32)
    };
    match frame {
        _ if frame < join && !first => rise(frame),
        _ if frame >= length => 1.0 - rise(frame - length),
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 8_000;

    /// Noise whose level goes up and down once in `seconds`, from nothing to full.
    fn swell(seconds: usize) -> Source {
        let mut state = 1_u32;
        let frames = seconds * RATE as usize;
        let sample = |t: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (state >> 8) as f32 / (1 << 24) as f32 - 0.5;
            noise * libm::sinf(std::f32::consts::PI * t as f32 / frames as f32)
        };
        let plane: Vec<f32> = (0..frames).map(sample).collect();
        Source::from_audio(Audio::from_planes(RATE, vec![plane.clone(), plane]))
    }

    #[test]
    fn a_medley_is_as_loud_as_its_song_and_much_shorter() {
        let song = swell(240);
        let measured = analyze(&song).unwrap();
        let medley = Medley::of(&song, &measured).unwrap().unwrap();
        let lufs = |measured: &Measured| measured.analysis.loudness.integrated_lufs.unwrap();
        let apart = lufs(&medley.measured) - lufs(&measured);
        assert!(apart.abs() < 0.1, "{apart} LU");
        assert_eq!(medley.source.duration_s(), STRETCH_S * STRETCHES as f64);
        assert!(medley.diluted > 1.1 && medley.diluted < 1.4, "{}", medley.diluted);
    }

    #[test]
    fn a_short_song_has_no_medley() {
        let song = swell(60);
        assert!(Medley::of(&song, &analyze(&song).unwrap()).unwrap().is_none());
    }

    #[test]
    fn what_follows_in_the_song_is_joined_without_a_trace() {
        let song = swell(8);
        let medley =
            play(&song, &Choice { numbers: vec![1, 2], length_s: 2.0, diluted: 1.0 }).unwrap();
        let whole = &song.audio().unwrap().channel(0)[2 * RATE as usize..6 * RATE as usize];
        let far = whole.iter().zip(medley.channel(0)).map(|(a, b)| (a - b).abs());
        assert!(far.fold(0.0, f32::max) < 1e-6);
    }
}
