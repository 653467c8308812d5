//! A second opinion: the `ebur128` crate measures the same sound, and shares no code with our meters.

use acetate_audio::units::amplitude_to_db;
use acetate_audio::{Audio, AudioSpec, ChannelRole, ReadError, Source};
use ebur128::{Channel, EbuR128, Mode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::level_meter::LevelMeter;
use crate::levels::Levels;
use crate::tamed::tamed;

/// What EBU Tech 3341 lets two meters of integrated loudness differ by, LU.
const LOUDNESS_DIFFERENCE_LU: f64 = 0.1;
/// What EBU Tech 3342 lets two meters of loudness range differ by, LU.
const RANGE_DIFFERENCE_LU: f64 = 1.0;
/// EBU Tech 3341 lets a meter of true peak read 0.4 dB too low and 0.2 dB too high: so far may two of them be apart.
const PEAK_DIFFERENCE_DB: f64 = 0.6;

/// One measure, by two meters; `None` where a meter finds none (silence, too short).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Witnessed {
    /// By ours.
    pub here: Option<f64>,
    /// By the witness.
    pub witness: Option<f64>,
    /// What they may differ by.
    pub difference_max: f64,
}

impl Witnessed {
    /// Ours less the witness's; `None` unless both found something.
    pub fn difference(&self) -> Option<f64> {
        Some(self.here? - self.witness?)
    }

    /// Whether they differ by no more than they may; a measure that neither finds is agreed on.
    pub fn agrees(&self) -> bool {
        match self.difference() {
            Some(difference) => difference.abs() <= self.difference_max,
            None => self.here.is_none() && self.witness.is_none(),
        }
    }
}

/// The same sound by two meters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SecondOpinion {
    /// Integrated loudness, LUFS.
    pub integrated_lufs: Witnessed,
    /// Loudness range, LU.
    pub loudness_range_lu: Witnessed,
    /// True peak, dBTP, as the standard's four-fold meter reads it: the witness has no finer one.
    pub true_peak_dbtp: Witnessed,
}

impl SecondOpinion {
    /// Every measure with its name.
    pub fn measures(&self) -> [(&'static str, Witnessed); 3] {
        [
            ("integrated loudness", self.integrated_lufs),
            ("loudness range", self.loudness_range_lu),
            ("true peak", self.true_peak_dbtp),
        ]
    }

    /// Whether the meters agree on all of it.
    pub fn agrees(&self) -> bool {
        self.measures().iter().all(|(_, measure)| measure.agrees())
    }
}

/// Measures a sound with both meters.
///
/// ```
/// use acetate_analyzer::second_opinion;
/// use acetate_audio::{Audio, Source};
///
/// let beat = |frame: usize| 0.5 * (((frame * 37) % 200) as f32 / 100.0 - 1.0);
/// let plane: Vec<f32> = (0..480_000).map(beat).collect();
/// let opinion = second_opinion(&Source::from_audio(Audio::from_planes(48_000, vec![plane])))?;
/// assert!(opinion.agrees(), "{opinion:?}");
/// # Ok::<(), acetate_audio::ReadError>(())
/// ```
///
/// # Errors
/// When the source cannot be read.
pub fn second_opinion(source: &Source) -> Result<SecondOpinion, ReadError> {
    let mut blocks = source.blocks()?;
    let spec = source.spec();
    let (mut here, mut witness) = (LevelMeter::new(spec), Witness::new(spec));
    let mut block = Audio::silence(spec, 0);
    while blocks.next_block(&mut block)? {
        here.push(&block);
        witness.push(&block);
    }
    Ok(opinion_of(&here.finish(), &witness))
}

fn opinion_of(here: &Levels, witness: &Witness) -> SecondOpinion {
    let opinion = |here, witness, difference_max| Witnessed { here, witness, difference_max };
    SecondOpinion {
        integrated_lufs: opinion(
            here.integrated_lufs,
            witness.finite(EbuR128::loudness_global),
            LOUDNESS_DIFFERENCE_LU,
        ),
        loudness_range_lu: opinion(
            here.loudness_range_lu,
            // It gives 0 for no range at all.
            witness.finite(EbuR128::loudness_range).filter(|_| here.loudness_range_lu.is_some()),
            RANGE_DIFFERENCE_LU,
        ),
        true_peak_dbtp: opinion(
            here.true_peak_bs1770_dbtp,
            witness.true_peak_dbtp(),
            PEAK_DIFFERENCE_DB,
        ),
    }
}

/// The other meter; it says nothing of sound that it does not take.
struct Witness {
    meter: Option<EbuR128>,
    channels: u32,
}

impl Witness {
    fn new(spec: AudioSpec) -> Self {
        let channels = spec.channels as u32;
        let mode = Mode::I | Mode::LRA | Mode::TRUE_PEAK;
        let meter = EbuR128::new(channels, spec.sample_rate_hz, mode);
        let place = |mut meter: EbuR128| {
            for index in 0..spec.channels {
                meter.set_channel(index as u32, counted_as(spec, index)).ok()?;
            }
            Some(meter)
        };
        Self { meter: meter.ok().and_then(place), channels }
    }

    fn push(&mut self, block: &Audio) {
        let block = tamed(block);
        let planes: Vec<&[f32]> = block.planes().iter().map(Vec::as_slice).collect();
        let heard = |meter: &mut EbuR128| meter.add_frames_planar_f32(&planes).is_ok();
        if !self.meter.as_mut().is_some_and(heard) {
            self.meter = None;
        }
    }

    fn finite(&self, measure: impl Fn(&EbuR128) -> Result<f64, ebur128::Error>) -> Option<f64> {
        measure(self.meter.as_ref()?).ok().filter(|value| value.is_finite())
    }

    fn true_peak_dbtp(&self) -> Option<f64> {
        let peak = |channel| self.finite(|meter| meter.true_peak(channel));
        let peak = (0..self.channels).filter_map(peak).fold(0.0, f64::max);
        (peak > 0.0).then(|| amplitude_to_db(peak))
    }
}

/// The name that the witness has for a channel of this weight.
fn counted_as(spec: AudioSpec, index: usize) -> Channel {
    match spec.role(index) {
        ChannelRole::Main if spec.is_dual_mono() => Channel::DualMono,
        ChannelRole::Main => Channel::Center,
        ChannelRole::Surround => Channel::LeftSurround,
        ChannelRole::Lfe => Channel::Unused,
    }
}

#[cfg(test)]
mod tests {
    use acetate_audio::Mono;

    use super::*;

    /// Noise that swells and fades, of so many channels.
    fn swelling(channels: usize, rate_hz: u32) -> Audio {
        let plane = |channel: usize| {
            let mut state = channel as u32 + 1;
            let sample = |frame: u32| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let swell = 0.05 + 0.3 * (frame % (4 * rate_hz)) as f32 / (4 * rate_hz) as f32;
                swell * ((state >> 8) as f32 / 8_388_608.0 - 1.0)
            };
            (0..20 * rate_hz).map(sample).collect()
        };
        Audio::from_planes(rate_hz, (0..channels).map(plane).collect())
    }

    #[test]
    fn both_meters_agree_on_all_layouts() {
        for channels in [1, 2, 6] {
            let source = Source::from_audio(swelling(channels, 44_100));
            let opinion = second_opinion(&source).unwrap();
            assert!(opinion.integrated_lufs.difference().is_some());
            assert!(opinion.agrees(), "{channels} channels: {opinion:?}");
        }
        let layout = acetate_audio::ChannelLayout::usual(1).heard(Mono::Dual);
        let dual = swelling(1, 48_000).with_layout(layout);
        let opinion = second_opinion(&Source::from_audio(dual)).unwrap();
        assert!(opinion.agrees(), "{opinion:?}");
    }

    #[test]
    fn both_find_nothing_in_silence() {
        let silence = Audio::silence(AudioSpec::new(48_000, 2), 96_000);
        let opinion = second_opinion(&Source::from_audio(silence)).unwrap();
        assert_eq!(opinion.integrated_lufs.here, None);
        assert!(opinion.agrees(), "{opinion:?}");
    }

    #[test]
    fn a_meter_that_is_off_is_found_out() {
        let measure = Witnessed { here: Some(-14.0), witness: Some(-14.2), difference_max: 0.1 };
        assert!(!measure.agrees());
        assert!(!Witnessed { here: None, ..measure }.agrees());
    }
}
