//! Stems that are changed themselves, where one of them causes what the aim asks of the mix.

use acetate_analyzer::CrossMeter;
use acetate_audio::units::db_to_amplitude;
use acetate_audio::{Audio, AudioSpec};
use acetate_engine::settings::EqualizerSettings;
use acetate_engine::{Processor as _, stages::Equalizer};
use acetate_optimizer::{Balance, StemMove, asks_for_tone, balance};

use super::Stems;
use super::opening::summed;
use crate::observer::Watch;
use crate::{Error, Observer, Plan, Stage};

impl Stems {
    /// Which stems cause what the plan does to the whole mix, and by how much they would have to change instead. What a mix has
    /// beside its stems is nobody's to change.
    ///
    /// # Errors
    /// When a stem cannot be read again, or the observer stops it.
    pub fn balance(&self, plan: &Plan, observer: &mut dyn Observer) -> Result<Balance, Error> {
        let watch = Watch::new(observer);
        let unreadable = |error| Error::read(self.song.name(), error);
        let measured = self.song.measured();
        // Without a wish the pass over all stems is for nothing.
        if !asks_for_tone(measured, &plan.aim, &plan.options) {
            return Ok(Balance::default());
        }
        let mut meter = CrossMeter::new(self.lineup.spec, self.lineup.parts(), &measured.tables);
        let mut pass = self.lineup.pass().map_err(unreadable)?;
        let mut frames = 0;
        while pass.next().map_err(unreadable)? {
            meter.push(&pass.parts);
            frames += pass.whole.frames() as u64;
            watch.progress(Stage::Fitting, frames as f64 / self.lineup.frames.max(1) as f64);
            if watch.is_stopped() {
                return Err(Error::Cancelled);
            }
        }
        let (cross, movable) = (meter.finish(), self.lineup.stems.len());
        let planned = &plan.document.settings;
        Ok(balance(&cross, movable, measured, &plan.aim, &plan.options, planned))
    }

    /// The same stems, changed so; their sum, or the mix with as much changed, is measured again.
    ///
    /// # Errors
    /// When a stem cannot be read again, or the observer stops it.
    pub fn balanced(&self, moves: &[StemMove], observer: &mut dyn Observer) -> Result<Self, Error> {
        let mut changed = self.clone();
        changed.lineup.moves = moves.to_vec();
        let format = self.song.source().format().clone();
        let summed = summed(&changed.lineup, format);
        let summed = summed.map_err(|error| Error::read(self.song.name(), error))?;
        changed.loudest = summed.loudest();
        changed.song = self.song.with_sound(summed.source, observer)?;
        Ok(changed)
    }

    /// How the stems were changed before they were mastered.
    pub fn moves(&self) -> &[StemMove] {
        &self.lineup.moves
    }
}

/// The changes of the stems, as they pass.
pub(super) struct Changes {
    list: Vec<Change>,
    before: Audio,
}

struct Change {
    stem: usize,
    gain: f32,
    equalizer: Option<Equalizer>,
}

impl Changes {
    pub(super) fn new(moves: &[StemMove], spec: AudioSpec) -> Self {
        let change = |step: &StemMove| {
            let bands = step.bands.clone();
            let settings = EqualizerSettings { bands, ..EqualizerSettings::default() };
            let gain = db_to_amplitude(step.level_db) as f32;
            Change { stem: step.stem, gain, equalizer: Equalizer::new(&settings, spec) }
        };
        Self { list: moves.iter().map(change).collect(), before: Audio::silence(spec, 0) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Changes the parts, and adds to `difference` by how much their sum is another.
    pub(super) fn make(&mut self, parts: &mut [Audio], difference: &mut [Vec<f64>]) {
        let frames = parts.first().map_or(0, Audio::frames);
        for plane in difference.iter_mut() {
            plane.clear();
            plane.resize(frames, 0.0);
        }
        for change in &mut self.list {
            let part = &mut parts[change.stem];
            self.before.clone_from(part);
            for plane in part.planes_mut() {
                plane.iter_mut().for_each(|x| *x *= change.gain);
            }
            if let Some(equalizer) = &mut change.equalizer {
                equalizer.process(part);
            }
            let planes = part.planes().iter().zip(self.before.planes());
            for (sum, (after, before)) in difference.iter_mut().zip(planes) {
                for ((sum, &after), &before) in sum.iter_mut().zip(after).zip(before) {
                    *sum += f64::from(after) - f64::from(before);
                }
            }
        }
    }
}
