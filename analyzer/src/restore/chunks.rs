//! The sound in pieces that are long enough to judge, each with its surroundings.

use std::ops::Range;

use acetate_audio::{Audio, AudioSpec, threads};

use super::clicks::{self, Clicks, Find};
use super::crackle;
use super::damage::{ClippedSection, CrackleSection, Damage, DamageKinds, DamagedStretch};
use super::flat_tops;
use super::hiss::HissTrack;
use super::hum::{self, Lowered};

/// Length of a piece, seconds: clicks are judged by how many there are in it.
const PIECE_S: f64 = 8.0;
/// Surroundings on either side, seconds: enough for every model and scale.
const AROUND_S: f64 = 0.25;
/// Hum is looked for in sections of this length, seconds.
const HUM_S: f64 = 300.0;
/// Least power of the difference of two channels, as a share of that of their sum: -40 dB.
const SIDE_LEAST: f64 = 1e-4;
/// What is this near to a sound that was played belongs to it, seconds.
const PLAYED_NEAR_S: f64 = 0.002;
/// Crackle stands through more than this share of the sounding part of a channel; sound is louder than this, as mean power: -90 dBFS.
const CRACKLE_SHARE: f64 = 0.5;
const SOUNDING: f64 = 9.313_225_746_154_785e-10;
/// With more tops cut off in a second than this, what breaks the waveform is them; this near to one, samples, no impulse is looked for.
const TOPS_HZ: f64 = 20.0;
const TOPS_NEAR: usize = 48;
/// Tasks that are worth starting together.
const TASKS: usize = 4;

/// Looks for damage in sound that arrives block by block.
pub struct Hunt {
    spec: AudioSpec,
    kinds: DamageKinds,
    piece: usize,
    around: usize,
    /// Sound that is not judged yet, and the surroundings before it.
    planes: Vec<Vec<f32>>,
    /// Frame at which `planes` begins, and at which the next piece does.
    begins: u64,
    next: u64,
    hiss: Option<HissTrack>,
    hum: Option<Lowered>,
    /// Whether two channels differ.
    stereo: bool,
    clicks: Vec<Find>,
    /// Seconds of each channel that sound.
    sounding_s: Vec<f64>,
    damage: Damage,
}

impl Hunt {
    /// Looks for these kinds in sound of this rate and channel count.
    pub fn new(spec: AudioSpec, kinds: DamageKinds) -> Self {
        let frames = |seconds: f64| libm::round(seconds * f64::from(spec.sample_rate_hz)) as usize;
        Self {
            spec,
            kinds,
            piece: frames(PIECE_S),
            around: frames(AROUND_S),
            planes: vec![Vec::new(); spec.channels],
            begins: 0,
            next: 0,
            hiss: kinds.hiss.then(|| HissTrack::new(spec.sample_rate_hz, spec.channels)),
            hum: kinds.hum.then(|| Lowered::new(spec.sample_rate_hz, spec.channels)),
            stereo: false,
            clicks: Vec::new(),
            sounding_s: vec![0.0; spec.channels],
            damage: Damage::default(),
        }
    }

    /// Takes the next block.
    pub fn push(&mut self, block: &Audio) {
        let (hiss, hum) = (&mut self.hiss, &mut self.hum);
        let planes = block.planes();
        threads::join(
            || hiss.iter_mut().for_each(|hiss| hiss.push(planes)),
            || hum.iter_mut().for_each(|hum| hum.push(planes)),
        );
        if let Some(hum) = self.hum.as_mut().filter(|hum| hum.seconds() >= HUM_S) {
            self.damage.hum.extend(hum::find(hum));
            *hum = hum.next();
        }
        if !self.kinds.clicks && !self.kinds.crackle && !self.kinds.clipping {
            return;
        }
        for (plane, new) in self.planes.iter_mut().zip(block.planes()) {
            plane.extend_from_slice(new);
        }
        let together = TASKS.div_ceil(self.spec.channels).max(1);
        let ahead = self.planes[0].len() - (self.next - self.begins) as usize;
        if ahead >= together * self.piece + self.around {
            self.judge(together, together * self.piece);
        }
    }

    /// What was found, in order.
    pub fn finish(mut self) -> Damage {
        if let Some(hum) = &mut self.hum {
            hum.end();
            self.damage.hum.extend(hum::find(hum));
        }
        self.damage.hiss = self.hiss.take().and_then(HissTrack::finish);
        let ahead = self.planes[0].len() - (self.next - self.begins) as usize;
        if ahead > 0 {
            self.judge(ahead.div_ceil(self.piece), ahead);
        }
        self.leave_crackle_of_sections();
        self.clicks.sort_by_key(|find| (find.click.start_frame, find.click.channels[0]));
        let mut finds = joined(self.clicks);
        clicks::weigh(&mut finds, self.stereo, self.spec.sample_rate_hz);
        self.damage.clicks = finds.into_iter().map(|find| find.click).collect();
        self.damage.crackle.sort_by_key(|section| (section.channel, section.start_frame));
        self.damage.clipping.sort_by_key(|section| (section.start_frame, section.channel));
        self.damage
    }

    /// Crackle of a record is there as long as it turns; what is like it in one section was played there.
    fn leave_crackle_of_sections(&mut self) {
        for (channel, sounding_s) in self.sounding_s.iter().enumerate() {
            let own = self.damage.crackle.iter().filter(|section| section.channel == channel);
            let crackling_s: f64 = own.map(|section| section.duration_s).sum();
            if crackling_s <= CRACKLE_SHARE * sounding_s {
                self.damage.crackle.retain(|section| section.channel != channel);
            }
        }
    }

    /// Judges the next `pieces`, which are `frames` long together, and forgets them.
    fn judge(&mut self, pieces: usize, frames: usize) {
        let first = (self.next - self.begins) as usize;
        let tasks: Vec<(usize, usize)> = (0..pieces)
            .flat_map(|piece| (0..self.spec.channels).map(move |channel| (piece, channel)))
            .collect();
        let rate = self.spec.sample_rate_hz;
        let mut found: Vec<Piece> = threads::map(&tasks, |_, &(piece, channel)| {
            let from = first + piece * self.piece;
            let to = (from + self.piece).min(first + frames);
            let (start, end) =
                (from.saturating_sub(self.around), self.planes[0].len().min(to + self.around));
            let sound = |channel: usize| -> Vec<f64> {
                self.planes[channel][start..end].iter().map(|&x| f64::from(x)).collect()
            };
            let core = from - start..to - start;
            let begins = self.begins + start as u64;
            let mut piece = Piece::of(&sound(channel), core, (channel, begins), self.kinds, rate);
            if self.spec.channels == 2 && !piece.clicks.found.is_empty() {
                piece.clicks.listen(&sound(1 - channel), rate);
            }
            piece
        });
        for same in found.chunks_mut(self.spec.channels) {
            leave_what_was_played(same, (PLAYED_NEAR_S * f64::from(rate)) as usize);
            let mut clipped: Vec<_> =
                same.iter_mut().filter_map(|piece| piece.clipped.as_mut()).collect();
            flat_tops::decide(&mut clipped);
        }
        self.stereo |= is_stereo(&self.planes);
        for piece in found {
            self.sounding_s[piece.channel] += piece.sounding_s;
            self.damage.clipping.extend(piece.clipped);
            self.damage.crackle.extend(piece.crackle);
            self.damage.clicks_left += piece.clicks.played.len() as u64;
            self.clicks.extend(piece.clicks.found.into_iter().map(|spot| Find {
                click: DamagedStretch {
                    channels: vec![piece.channel],
                    start_frame: piece.begins + spot.from as u64,
                    frames: (spot.to - spot.from) as u64,
                    peak_dbfs: spot.peak_dbfs,
                    confidence: spot.confidence,
                },
                echoed: spot.echoed,
                share: spot.share,
            }));
        }
        self.next += frames as u64;
        let done = (first + frames).saturating_sub(self.around);
        self.planes.iter_mut().for_each(|plane| drop(plane.drain(..done)));
        self.begins += done as u64;
    }
}

/// What was found in a piece of one channel.
struct Piece {
    channel: usize,
    /// Frame at which its surroundings begin.
    begins: u64,
    /// Its length, seconds; 0 where it is silent.
    sounding_s: f64,
    clicks: Clicks,
    crackle: Option<CrackleSection>,
    clipped: Option<ClippedSection>,
}

impl Piece {
    /// Of `sound`, which begins at a frame of a channel, the `core` counts.
    fn of(
        sound: &[f64],
        core: Range<usize>,
        (channel, begins): (usize, u64),
        kinds: DamageKinds,
        sample_rate_hz: u32,
    ) -> Self {
        let start_frame = begins + core.start as u64;
        let rate = f64::from(sample_rate_hz);
        let duration_s = core.len() as f64 / rate;
        let clipped = (kinds.clipping || kinds.crackle)
            .then(|| flat_tops::find(&sound[core.clone()], channel, start_frame))
            .flatten();
        let broken = clipped.as_ref().is_some_and(|c| c.places as f64 > TOPS_HZ * duration_s);
        let found = (kinds.crackle && !broken)
            .then(|| {
                let around = |clipped| flat_tops::around(sound, clipped, TOPS_NEAR);
                let barred = clipped.as_ref().map_or_else(|| vec![false; sound.len()], around);
                crackle::find(sound, &barred, rate)
            })
            .flatten();
        // Clicks are what is left without the crackle, and belong to them alone.
        let heard = found.as_ref().map_or(sound, |found| &found.lifted);
        let clicks = if kinds.clicks {
            clicks::find(heard, core.clone(), sample_rate_hz)
        } else {
            Clicks::default()
        };
        let crackle = found.map(|found| {
            let is_click = |run: &Range<usize>| {
                clicks.found.iter().any(|spot| spot.from < run.end && run.start < spot.to)
            };
            let impulses = found.runs.iter().filter(|run| core.contains(&run.start));
            let impulses = impulses.filter(|run| !is_click(run));
            CrackleSection {
                channel,
                start_frame,
                duration_s,
                impulses: impulses
                    .map(|run| ((run.start - core.start) as u64, run.len() as u64))
                    .collect(),
                level_dbfs: found.level_dbfs(sound),
            }
        });
        let crackle = crackle.filter(|section| !section.impulses.is_empty());
        let power = sound[core.clone()].iter().map(|x| x * x).sum::<f64>() / core.len() as f64;
        let sounding_s = if power > SOUNDING { duration_s } else { 0.0 };
        let clipped = clipped.filter(|_| kinds.clipping);
        Self { channel, begins, sounding_s, clicks, crackle, clipped }
    }
}

/// What one channel of a piece says was played was played in all of them.
fn leave_what_was_played(channels: &mut [Piece], near: usize) {
    let played: Vec<Range<usize>> =
        channels.iter().flat_map(|piece| piece.clicks.played.iter().cloned()).collect();
    if !played.is_empty() {
        channels.iter_mut().for_each(|piece| piece.clicks.leave(&played, near));
    }
}

/// Whether there are two channels that both sound, and what they differ by is a part of the sound.
fn is_stereo(planes: &[Vec<f32>]) -> bool {
    let [left, right] = planes else { return false };
    let pairs = || left.iter().zip(right).map(|(&l, &r)| (f64::from(l), f64::from(r)));
    let side: f64 = pairs().map(|(l, r)| (l - r) * (l - r)).sum();
    let middle: f64 = pairs().map(|(l, r)| (l + r) * (l + r)).sum();
    let power = |plane: &[f32]| plane.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>();
    let (left, right) = (power(left), power(right));
    side > SIDE_LEAST * middle && left.min(right) > SIDE_LEAST * left.max(right)
}

/// The same damage in several channels is one.
fn joined(finds: Vec<Find>) -> Vec<Find> {
    let mut all: Vec<Find> = Vec::with_capacity(finds.len());
    for find in finds {
        let click = &find.click;
        let end = click.start_frame + click.frames;
        let same = all.iter_mut().rev().take(8).map(|other| &mut other.click).find(|other| {
            let other_end = other.start_frame + other.frames;
            let shared =
                end.min(other_end).saturating_sub(click.start_frame.max(other.start_frame));
            !other.channels.contains(&click.channels[0])
                && 2 * shared > click.frames.max(other.frames)
        });
        match same {
            Some(other) => {
                let end = end.max(other.start_frame + other.frames);
                other.frames = end - other.start_frame;
                other.channels.extend(&click.channels);
                other.peak_dbfs = other.peak_dbfs.max(click.peak_dbfs);
                other.confidence = other.confidence.max(click.confidence);
            }
            None => all.push(find),
        }
    }
    all
}
