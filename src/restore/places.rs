//! Are the places of a plan in the sound that it is for?

use acetate_engine::settings::RestoreSettings;

use super::RestoreError;
use crate::Song;

/// One repair of a plan: its name, the channels that it is in, and the frame behind its last one.
type Place = (String, Vec<usize>, u64);

/// Expects that every repair of a plan lies within a sound.
///
/// # Errors
/// For the first one that does not.
pub(super) fn expect_within(song: &Song, plan: &RestoreSettings) -> Result<(), RestoreError> {
    let (channels, frames) = (song.source().spec().channels, song.source().frames());
    for (event, own, end) in places(plan) {
        let name = song.name().to_owned();
        if let Some(&channel) = own.iter().find(|&&channel| channel >= channels) {
            return Err(RestoreError::NoChannel { name, event, channel, channels });
        }
        if end > frames {
            return Err(RestoreError::Beyond { name, event, frame: end, frames });
        }
    }
    Ok(())
}

fn places(plan: &RestoreSettings) -> impl Iterator<Item = Place> {
    let clicks = plan.clicks.events.iter().filter(|event| event.repair).map(|event| {
        let end = event.start_frame.saturating_add(event.frames);
        (format!("click {}", event.id), event.channels.clone(), end)
    });
    let crackle = numbered(&plan.crackle.sections).filter(|(_, section)| section.repair);
    let crackle = crackle.map(|(number, section)| {
        let end = section.impulses().map(|(_, end)| end).max();
        let end = end.unwrap_or(section.start_frame);
        (format!("crackle section {number}"), vec![section.channel], end)
    });
    let clipping = numbered(&plan.clipping.sections).filter(|(_, section)| section.repair);
    let clipping = clipping.map(|(number, section)| {
        let end = section.start_frame.saturating_add(section.frames);
        (format!("clipping section {number}"), vec![section.channel], end)
    });
    let hum = numbered(&plan.hum.sections).filter(|(_, section)| section.repair);
    let hum = hum.map(|(number, section)| {
        let channels = section.lines.iter().map(|line| line.channel).collect();
        (format!("hum section {number}"), channels, section.start_frame)
    });
    clicks.chain(crackle).chain(clipping).chain(hum)
}

/// Sections as a reader counts them, from 1.
fn numbered<T>(sections: &[T]) -> impl Iterator<Item = (usize, &T)> {
    (1..).zip(sections)
}
