//! What was written, decoded again, beside what it was made from: what is not as it was, and where.

use std::path::Path;

use acetate_audio::prediction::{LIFTED_AFTER, LIFTED_BEFORE};
use acetate_audio::units::amplitude_to_db;
use acetate_audio::{Audio, ReadError};
use acetate_engine::Settings;
use acetate_engine::settings::joined;
use acetate_files::{Existing, FirstPass};
use serde::Serialize;

use super::feed::Feed;
use crate::observer::Watch;
use crate::output::float_file::{FinishedFloats, FloatFile};
use crate::output::lossy_codec;
use crate::output::render::Rendered;
use crate::{Error, Song, Stage};

/// How a restored file differs from its source, sample by sample.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Changed {
    /// Samples of all channels.
    pub samples: u64,
    /// Those that are not as they were.
    pub changed: u64,
    /// Those of them that lie in no stretch of the plan: none. Hum and hiss are everywhere.
    pub outside: u64,
    /// Largest sample of what was taken away, dBFS.
    pub removed_peak_dbfs: Option<f64>,
}

impl Changed {
    /// `99.96 % of all samples are the same`
    pub fn line(&self) -> String {
        let same = 100.0 * (1.0 - self.changed as f64 / self.samples.max(1) as f64);
        // Never "100 %" where something was changed.
        let shown = if self.changed > 0 { (same * 1e4).floor() / 1e4 } else { same };
        format!("{shown} % of all samples are the same")
    }
}

/// The comparison, and the file of what was taken away, where one is wanted.
pub(super) struct Comparison {
    pub(super) changed: Option<Changed>,
    pub(super) removed: Option<FinishedFloats>,
}

/// Reads source and written file in step.
pub(super) fn compare(
    song: &Song,
    settings: &Settings,
    rendered: &Rendered,
    removed: Option<(&Path, Existing)>,
    watch: &Watch<'_>,
) -> Result<Comparison, Error> {
    let other_rate = settings.output.sample_rate_hz.is_some();
    if lossy_codec(settings.output.format).is_some() || other_rate {
        return Ok(Comparison { changed: None, removed: None });
    }
    let source = song.source().clone().stopped_by(watch.stop());
    let unreadable = |error: ReadError| Error::read(song.name(), error);
    let pass = FirstPass::open(rendered.sound_file(), 0)
        .map_err(|error| Error::read(song.name(), error))?;
    let mut sides = [Feed::new(source.blocks().map_err(unreadable)?), Feed::new(Box::new(pass))];
    let writer = removed.map(|(path, existing)| FloatFile::new(path, existing, source.spec()));
    let mut writer = writer.transpose()?;
    let mut places = Places::new(settings, source.spec().channels);
    let mut changed = Changed::default();
    let (mut position, mut peak) = (0u64, 0.0f32);
    loop {
        let [before, after] = &mut sides;
        let frames = before.fill().map_err(unreadable)?.min(after.fill().map_err(unreadable)?);
        if frames == 0 {
            break;
        }
        let mut differences = Audio::silence(source.spec(), 0);
        for channel in 0..source.spec().channels {
            let pair = before.plane(channel).iter().zip(after.plane(channel)).take(frames);
            let difference = &mut differences.planes_mut()[channel];
            for (frame, (was, now)) in (position..).zip(pair) {
                difference.push(was - now);
                if was != now {
                    changed.changed += 1;
                    changed.outside += u64::from(!places.holds(channel, frame));
                    peak = peak.max((was - now).abs());
                }
            }
        }
        if let Some(writer) = &mut writer {
            writer.write(differences)?;
        }
        changed.samples += (frames * source.spec().channels) as u64;
        sides.iter_mut().for_each(|side| side.take(frames));
        position += frames as u64;
        watch.progress(Stage::Verifying, position as f64 / source.frames().max(1) as f64);
    }
    changed.removed_peak_dbfs = (peak > 0.0).then(|| amplitude_to_db(f64::from(peak)));
    let removed = writer.map(FloatFile::finish).transpose()?;
    Ok(Comparison { changed: Some(changed), removed })
}

/// The stretches of a plan, channel by channel; asked in the order of time.
struct Places {
    /// First and last frame, the last excluded; they do not touch each other.
    stretches: Vec<Vec<(u64, u64)>>,
    /// Repairs that reach everything.
    everywhere: bool,
    next: Vec<usize>,
}

impl Places {
    fn new(settings: &Settings, channels: usize) -> Self {
        let mut stretches = vec![Vec::new(); channels];
        for event in settings.restore.clicks.events.iter().filter(|event| event.repair) {
            for &channel in event.channels.iter().filter(|&&channel| channel < channels) {
                stretches[channel].push((event.start_frame, event.start_frame + event.frames));
            }
        }
        for section in settings.restore.crackle.sections.iter().filter(|section| section.repair) {
            if let Some(stretches) = stretches.get_mut(section.channel) {
                stretches.extend(section.impulses().map(|(from, to)| {
                    (from.saturating_sub(LIFTED_BEFORE as u64), to + LIFTED_AFTER as u64)
                }));
            }
        }
        for section in settings.restore.clipping.sections.iter().filter(|section| section.repair) {
            if let Some(stretches) = stretches.get_mut(section.channel) {
                stretches.push((section.start_frame, section.start_frame + section.frames));
            }
        }
        let stretches: Vec<Vec<(u64, u64)>> = stretches.into_iter().map(joined).collect();
        let everywhere = !settings.restore.hum.is_neutral() || !settings.restore.hiss.is_neutral();
        Self { stretches, everywhere, next: vec![0; channels] }
    }

    fn holds(&mut self, channel: usize, frame: u64) -> bool {
        if self.everywhere {
            return true;
        }
        let (stretches, next) = (&self.stretches[channel], &mut self.next[channel]);
        while stretches.get(*next).is_some_and(|&(_, end)| end <= frame) {
            *next += 1;
        }
        stretches.get(*next).is_some_and(|&(start, _)| start <= frame)
    }
}
