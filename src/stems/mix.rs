//! A mix that is more than the sum of its stems: how they lie in it, and what is left.

use acetate_analyzer::{TimeAlignment, align, fine_delay};
use acetate_audio::units::{amplitude_to_db, db_to_amplitude, power_to_db};
use acetate_audio::{ReadError, Source};

use super::lineup::{Lineup, Placing};
use crate::stems_error::StemsError;
use crate::{Error, Song};

/// What is left below this is rounding, dB re the mix: it is shared among the stems.
const NOTHING_DB: f64 = -90.0;
/// Gains nearer to 0 dB than this change nothing.
const SAME_LEVEL_DB: f64 = 0.01;
/// Delays by less of a frame are none: rounding, and what an equaliser turns.
const FRACTION_MIN: f64 = 0.03;
/// An explanation must take this much of what is left away, dB.
const EXPLAINED_DB: f64 = 6.0;
/// Below this, dB re the mix, lossy copies differ.
const CODING_DB: f64 = -20.0;
/// Frames over which a compressor's gain is taken for constant.
const GAIN_FRAMES: usize = 1024;

/// How stems lie in the mix that they were given with, and what it has beside them.
#[derive(Clone, Debug, PartialEq)]
pub struct StemsInMix {
    /// Frames by which the stems were late; they were moved.
    pub delay_frames: i64,
    /// By how much of a frame more they are late, -0.5 to 0.5; that is left as it is, and makes a rest.
    pub delay_fraction: f64,
    /// Gain that the stems were given.
    pub gain_db: f64,
    /// The stems were upside down.
    pub inverted: bool,
    /// Channels, counted from 0, in which they were while they were not in others.
    pub inverted_channels: Vec<usize>,
    /// Level of what is left of the mix, dB re the mix.
    pub rest_db: f64,
    /// What that probably is.
    pub rest: Rest,
}

/// What a mix has beside the sum of its stems, probably.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rest {
    /// Nothing but rounding.
    Nothing,
    /// A gain that moves: a compressor or a limiter on the mix.
    MovingGain,
    /// A delay of part of a frame: a resampler or an analogue loop on the mix.
    PartOfFrame,
    /// Small differences all over: stems or mix went through a lossy codec, or through a filter.
    Coding,
    /// Sound that is in none of the stems: one is missing, or an effect of the mix.
    Missing,
}

impl Rest {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Nothing => "nothing but rounding",
            Self::MovingGain => "a compressor or limiter on the mix",
            Self::PartOfFrame => "a delay of part of a sample",
            Self::Coding => "lossy coding, or an equaliser on the mix",
            Self::Missing => "a missing stem, or effects of the mix",
        }
    }
}

/// Lays the stems as they lie in `mix`; what is left becomes a part of its own where it is more than rounding.
pub(super) fn lay(lineup: &mut Lineup, sum: &Source, mix: &Song) -> Result<StemsInMix, Error> {
    let unreadable = |error| Error::read(mix.name(), error);
    let found = best_alignment(mix.source(), sum).map_err(unreadable)?;
    let found = found.ok_or_else(|| StemsError::OtherMix { mix: mix.name().to_owned() })?;
    let gain_db = if found.gain_db.abs() < SAME_LEVEL_DB { 0.0 } else { found.gain_db };
    let gain = db_to_amplitude(gain_db) as f32;
    let upside_down = |channel| found.inverted != found.inverted_channels.contains(&channel);
    let gains = (0..lineup.spec.channels).map(|c| if upside_down(c) { -gain } else { gain });
    let gains: Vec<f32> = gains.collect();
    let gains = if gains.iter().all(|&gain| gain == 1.0) { Vec::new() } else { gains };
    lineup.placing = Placing { delay_frames: found.delay_frames, gains };
    lineup.mix = Some(mix.source().clone());
    lineup.frames = mix.source().frames();
    lineup.has_rest = true;
    let delay_fraction = fine_delay(mix.source(), sum, &found).map_err(unreadable)?;
    let delay_fraction = delay_fraction.filter(|part| part.abs() >= FRACTION_MIN).unwrap_or(0.0);
    let (rest_db, explained_db) = left_over(lineup).map_err(unreadable)?;
    lineup.has_rest = rest_db > NOTHING_DB;
    let rest = match rest_db {
        ..=NOTHING_DB => Rest::Nothing,
        _ if delay_fraction != 0.0 => Rest::PartOfFrame,
        _ if rest_db - explained_db >= EXPLAINED_DB => Rest::MovingGain,
        ..=CODING_DB => Rest::Coding,
        _ => Rest::Missing,
    };
    Ok(StemsInMix {
        delay_frames: found.delay_frames,
        delay_fraction,
        gain_db,
        inverted: found.inverted,
        inverted_channels: found.inverted_channels,
        rest_db,
        rest,
    })
}

/// How `sum` lies against `mix`. Around the loudest place of a sound at its very beginning nothing can be found that is earlier; so
/// both are looked for in each other.
fn best_alignment(mix: &Source, sum: &Source) -> Result<Option<TimeAlignment>, ReadError> {
    let forth = align(mix, sum)?;
    let back = align(sum, mix)?.map(|back| TimeAlignment {
        delay_frames: -back.delay_frames,
        // Both gains are least squares: their product is the square of the correlation.
        gain_db: 2.0 * amplitude_to_db(back.correlation) - back.gain_db,
        ..back
    });
    let both = [forth, back].into_iter().flatten();
    Ok(both.max_by(|a, b| a.correlation.total_cmp(&b.correlation)))
}

/// Level of the rest, and of what a gain that moves would leave of it, dB re the mix.
fn left_over(lineup: &Lineup) -> Result<(f64, f64), ReadError> {
    let mut pass = lineup.pass()?;
    let (mut mix, mut rest, mut unexplained) = (0.0, 0.0, 0.0);
    while pass.next()? {
        let left = &pass.parts[lineup.stems.len()];
        for from in (0..pass.whole.frames()).step_by(GAIN_FRAMES) {
            let to = pass.whole.frames().min(from + GAIN_FRAMES);
            let planes = pass.whole.planes().iter().zip(left.planes());
            let (mut rests, mut sums, mut products) = (0.0, 0.0, 0.0);
            for (&whole, &left) in planes.flat_map(|(w, l)| w[from..to].iter().zip(&l[from..to])) {
                let (whole, left) = (f64::from(whole), f64::from(left));
                mix += whole * whole;
                rests += left * left;
                sums += (whole - left) * (whole - left);
                products += left * (whole - left);
            }
            rest += rests;
            unexplained += rests - if sums > 0.0 { products * products / sums } else { 0.0 };
        }
    }
    let level = |power: f64| power_to_db((power / mix.max(1e-30)).max(1e-30));
    Ok((level(rest), level(unexplained)))
}
