//! Repairs, before everything else: each is a stage that is there only when its plan holds something to repair.

mod clicks;
mod clipping;
mod crackle;
mod hiss;
mod hum;
mod spans;
#[cfg(test)]
mod tests;
mod turn;

use acetate_audio::{Audio, AudioSpec};

pub use clicks::ClickRepair;
pub use clipping::{ClippingRepair, KnownTops};
pub use crackle::CrackleRepair;
pub use hiss::HissReduction;
pub use hum::HumRemoval;

use crate::Stage;
use crate::queue::{append, clear, copy};
use crate::settings::RestoreSettings;

/// All repairs in their order: each makes the next one's work easier.
pub struct Restoration {
    stages: Vec<Box<dyn Stage>>,
    spec: AudioSpec,
    block: Audio,
    spare: Audio,
}

impl Restoration {
    /// `None` when nothing is to be repaired. Settings must have been checked.
    pub fn new(settings: &RestoreSettings, spec: AudioSpec) -> Option<Self> {
        let mut stages: Vec<Box<dyn Stage>> = Vec::new();
        if let Some(clipping) = ClippingRepair::new(&settings.clipping, spec) {
            stages.push(Box::new(clipping));
        }
        if let Some(clicks) = ClickRepair::new(&settings.clicks, spec) {
            stages.push(Box::new(clicks));
        }
        if let Some(crackle) = CrackleRepair::new(&settings.crackle, spec) {
            stages.push(Box::new(crackle));
        }
        if let Some(hum) = HumRemoval::new(&settings.hum, spec) {
            stages.push(Box::new(hum));
        }
        if let Some(hiss) = HissReduction::new(&settings.hiss, spec) {
            stages.push(Box::new(hiss));
        }
        let (block, spare) = (Audio::silence(spec, 0), Audio::silence(spec, 0));
        (!stages.is_empty()).then_some(Self { stages, spec, block, spare })
    }

    fn run(&mut self, last: bool, out: &mut Audio) {
        for stage in &mut self.stages {
            clear(&mut self.spare, self.spec);
            stage.push(&self.block, &mut self.spare);
            if last {
                stage.finish(&mut self.spare);
            }
            std::mem::swap(&mut self.block, &mut self.spare);
        }
        append(&self.block, out);
    }
}

impl Stage for Restoration {
    fn push(&mut self, block: &Audio, out: &mut Audio) {
        copy(block, &mut self.block);
        self.run(false, out);
    }

    fn finish(&mut self, out: &mut Audio) {
        clear(&mut self.block, self.spec);
        self.run(true, out);
    }

    fn reset(&mut self) {
        self.stages.iter_mut().for_each(|stage| stage.reset());
    }

    fn latency_frames(&self) -> usize {
        self.stages.iter().map(|stage| stage.latency_frames()).sum()
    }
}
