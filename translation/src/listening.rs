//! What the tables of an analysis do not hold: the bass line and the peaks that limiters of devices meet, from one pass.

use acetate_analyzer::{BassLine, BassMeter};
use acetate_audio::{Audio, AudioSpec, threads};

use crate::document::TakenBack;
use crate::lfe::LfeMeter;
use crate::limiter::{LimiterMeter, Reduction};
use crate::system::{Device, System};

/// Devices of one meter.
const DEVICES: usize = 4;

/// Listens to a sound in blocks of any size.
#[derive(Debug)]
pub struct Listening {
    parts: Vec<Part>,
    devices: Vec<Device>,
}

#[derive(Debug)]
enum Part {
    Bass(Box<BassMeter>),
    Limiters(Box<LimiterMeter>),
    Lfe(Box<LfeMeter>),
}

/// What was heard.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listened {
    /// The bass line.
    pub bass: BassLine,
    /// Share of the power below 120 Hz that is in the channel for low-frequency effects, percent; `None` where there is none.
    pub lfe_pct: Option<f64>,
    reductions: Vec<(Device, Option<Reduction>)>,
}

impl Listened {
    /// What a device's limiter takes back; `None` of silence, and of devices that were not listened for.
    pub(crate) fn reduction(&self, device: Device) -> Option<Reduction> {
        let found = self.reductions.iter().find(|(known, _)| *known == device);
        found.and_then(|(_, reduction)| *reduction)
    }
}

/// Listens for what the limiter of one device takes back.
#[derive(Debug)]
pub struct DeviceMeter {
    device: Device,
    meter: LimiterMeter,
}

impl DeviceMeter {
    /// A meter that has heard nothing yet.
    pub fn new(spec: AudioSpec, device: Device) -> Self {
        Self { device, meter: LimiterMeter::new(spec, &[device]) }
    }

    /// Listens on.
    pub fn push(&mut self, block: &Audio) {
        self.meter.push(block);
    }

    /// What it takes back; `None` of silence.
    pub fn finish(self) -> Option<TakenBack> {
        let reduction = self.meter.finish().into_iter().next().flatten()?;
        Some(reduction.of(self.device))
    }
}

impl Listening {
    /// Listens for what these systems do.
    pub fn new(spec: AudioSpec, systems: &[System]) -> Self {
        let mut devices: Vec<Device> = Vec::new();
        for device in systems.iter().filter_map(|system| system.device) {
            if !devices.contains(&device) {
                devices.push(device);
            }
        }
        let limiters = devices
            .chunks(DEVICES)
            .map(|devices| Part::Limiters(Box::new(LimiterMeter::new(spec, devices))));
        let mut parts: Vec<Part> = limiters.collect();
        parts.push(Part::Bass(Box::new(BassMeter::new(spec))));
        parts.extend(LfeMeter::new(spec).map(|meter| Part::Lfe(Box::new(meter))));
        Self { parts, devices }
    }

    /// Listens on.
    pub fn push(&mut self, block: &Audio) {
        threads::for_each(&mut self.parts, |_, part| match part {
            Part::Bass(meter) => meter.push(block),
            Part::Limiters(meter) => meter.push(block),
            Part::Lfe(meter) => meter.push(block),
        });
    }

    /// What was heard.
    pub fn finish(self) -> Listened {
        let mut listened = Listened::default();
        let mut reductions = Vec::new();
        for part in self.parts {
            match part {
                Part::Bass(meter) => listened.bass = meter.finish(),
                Part::Lfe(meter) => listened.lfe_pct = meter.finish(),
                Part::Limiters(meter) => reductions.extend(meter.finish()),
            }
        }
        listened.reductions = self.devices.into_iter().zip(reductions).collect();
        listened
    }
}
