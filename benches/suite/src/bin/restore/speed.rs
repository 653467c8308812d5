//! How long four minutes take, in processor time on all threads.

use acetate::{Output, RestoreWish, Song as Opened};
use acetate_audio::Audio;
use serde::Serialize;

use crate::damage;
use crate::material::{Excerpt, Song};
use crate::work::{Kind, kinds, mended, plan, timed};

/// Length of what is timed, seconds.
const LENGTH_S: f64 = 240.0;
/// Clicks in it.
const CLICKS: usize = 1000;

/// How long something takes.
#[derive(Serialize)]
pub(crate) struct Speed {
    what: String,
    song: String,
    sound_s: f64,
    /// Processor time, on all threads.
    cpu_s: f64,
}

impl Speed {
    pub(crate) fn line(&self) -> String {
        format!("{:<44} {:.0} s of {} in {:.2} s", self.what, self.sound_s, self.song, self.cpu_s)
    }
}

/// Four minutes of a song, again and again if it is shorter.
fn long(song: &Song) -> Excerpt {
    let whole = song.excerpt(LENGTH_S);
    let frames = (LENGTH_S * f64::from(whole.rate_hz)) as usize;
    let cycle = |plane: &Vec<f64>| plane.iter().copied().cycle().take(frames).collect();
    Excerpt { planes: whole.planes.iter().map(cycle).collect(), ..whole }
}

/// Looking for each kind in a song as it is, mending it where it is damaged, and everything at once from opening to the written file. Rebuilding
/// clipped tops is timed in its rows: of four minutes of them it would take longer than all else here.
pub(crate) fn speed(song: &Song, of: &[Kind]) -> Vec<Speed> {
    let clean = long(song);
    let sound = clean.audio();
    let mut all = Vec::new();
    let mut say = |what: String, cpu_s: f64| {
        let row = Speed { what, song: song.name.clone(), sound_s: LENGTH_S, cpu_s };
        println!("{}", row.line());
        all.push(row);
    };
    for &kind in of {
        let (found, cpu_s) = timed(|| plan(&sound, kinds(&[kind]), false));
        let some = if found.is_neutral() { "" } else { ", some found" };
        say(format!("{kind:?} looked for{some}"), cpu_s);
        let damaged = match kind {
            Kind::Clicks => damage::clicks(&clean, 1, CLICKS),
            Kind::Crackle => damage::crackle(&clean, 1, 400.0),
            Kind::Hum => damage::hum(&clean, 1, -40.0),
            Kind::Hiss => damage::hiss(&clean, 1, 40.0, true),
            Kind::Clipping | Kind::All => continue,
        };
        let broken = damaged.sound.audio();
        let (found, cpu_s) = timed(|| plan(&broken, kinds(&[kind]), false));
        let what = if found.is_neutral() { "none" } else { "damage" };
        say(format!("{kind:?} looked for in a damaged one, {what} found"), cpu_s);
        if !found.is_neutral() {
            let (_, cpu_s) = timed(|| mended(&broken, &found));
            say(format!("{kind:?} mended"), cpu_s);
        }
    }
    if of.contains(&Kind::All) {
        say("restore of it whole".into(), whole(&sound).unwrap_or(f64::NAN));
        let hummed = damage::hum(&clean, 1, -40.0).sound;
        let hissing = damage::hiss(&hummed, 1, 40.0, true).sound;
        let broken = damage::clicks(&hissing, 1, CLICKS).sound.audio();
        say("restore of it whole, clicks, hum and hiss".into(), whole(&broken).unwrap_or(f64::NAN));
    }
    all
}

/// Measuring, finding, mending, writing to memory and verifying, as `restore` does.
fn whole(sound: &Audio) -> Result<f64, acetate::Error> {
    let rate_hz = sound.spec().sample_rate_hz;
    let (result, cpu_s) = timed(|| {
        let song = Opened::from_samples("timed", rate_hz, sound.planes().to_vec())?;
        acetate::restore(&song, &RestoreWish::default(), Output::memory(), &mut ())
    });
    result.map(|_| cpu_s)
}
