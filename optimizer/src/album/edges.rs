//! Where a song begins and ends to the ear, and what is done to its edges.

use acetate_audio::units::power_to_db;
use acetate_audio::{Audio, AudioSpec};

/// What is kept before the first sound, seconds: a player needs a moment to open its output.
pub const HEAD_S: f64 = 0.08;
/// What is kept after the last audible sound, and faded away where it hisses, seconds.
const TAIL_S: f64 = 1.0;
/// Length of a block, seconds.
const STEP_S: f64 = 0.01;
/// What is this far under a song's loud parts is no longer heard as its end, dB.
const AUDIBLE_DB: f64 = -60.0;
/// Sound stands out of noise by so much, dB.
const OVER_NOISE_DB: f64 = 6.0;
/// What is nearer than this to the loud parts is music, not noise, dB.
const NOISE_MAX_DB: f64 = -46.0;
/// Where noise is looked for at each end, seconds.
const NOISE_WITHIN_S: f64 = 3.0;
/// Blocks over which noise is averaged.
const NOISE_BLOCKS: usize = 10;
/// Length over which the level at an end is averaged, seconds.
const END_S: f64 = 3.0;
/// Fades of an edge that sounds and is no join, ms: a step would click.
const EDGE_IN_MS: f64 = 5.0;
const EDGE_OUT_MS: f64 = 50.0;
/// A song that loses so much over its last seconds without a rise fades out, dB.
const FADE_DROP_DB: f64 = 25.0;
const FADE_S: f64 = 6.0;
const FADE_RISE_DB: f64 = 3.0;
const FADE_PARTS: usize = 12;

/// Listens to a song for its edges.
#[derive(Clone, Debug)]
pub struct EdgesMeter {
    frames_per_block: f64,
    sample_rate_hz: u32,
    frames: u64,
    sum: f64,
    samples: u64,
    powers: Vec<f64>,
}

impl EdgesMeter {
    /// A meter that has heard nothing yet.
    pub fn new(spec: AudioSpec) -> Self {
        Self {
            frames_per_block: STEP_S * f64::from(spec.sample_rate_hz),
            sample_rate_hz: spec.sample_rate_hz,
            frames: 0,
            sum: 0.0,
            samples: 0,
            powers: Vec::new(),
        }
    }

    /// Listens on.
    pub fn push(&mut self, block: &Audio) {
        for frame in 0..block.frames() {
            for plane in block.planes() {
                self.sum += f64::from(plane[frame]).powi(2);
                self.samples += 1;
            }
            self.frames += 1;
            if self.frames as f64 >= (self.powers.len() + 1) as f64 * self.frames_per_block {
                self.finish_block();
            }
        }
    }

    fn finish_block(&mut self) {
        self.powers.push(self.sum / self.samples.max(1) as f64);
        (self.sum, self.samples) = (0.0, 0);
    }

    /// The edges of what was heard; `None` of digital silence.
    pub fn finish(mut self) -> Option<Edges> {
        if self.samples > 0 {
            self.finish_block();
        }
        let duration_s = self.frames as f64 / f64::from(self.sample_rate_hz);
        edges_of(&self.powers, duration_s)
    }
}

/// Where a song begins and ends to the ear.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edges {
    /// Length of the file, seconds.
    pub duration_s: f64,
    /// The first audible sound.
    pub sound_start_s: f64,
    /// The end of the last audible sound.
    pub sound_end_s: f64,
    /// Whether the file begins in the middle of sound.
    pub starts_sounding: bool,
    /// Whether it ends in the middle of sound.
    pub ends_sounding: bool,
    /// Whether something too quiet to be music goes on after the last audible sound.
    pub hisses: bool,
    /// Whether it fades or rings out.
    pub fades_out: bool,
    /// Level of the first three audible seconds, dB.
    pub start_db: f64,
    /// Level of the last three.
    pub end_db: f64,
}

fn edges_of(powers: &[f64], duration_s: f64) -> Option<Edges> {
    let mut sorted = powers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let loud = *sorted.get(sorted.len().checked_sub(1)? * 19 / 20)?;
    let loud = if loud > 0.0 { loud } else { *sorted.last()? };
    if loud == 0.0 {
        return None;
    }
    let threshold = |ends: &[f64]| {
        let audible = loud * from_db(AUDIBLE_DB);
        let noise = quietest(ends).filter(|&noise| noise < loud * from_db(NOISE_MAX_DB));
        noise.map_or(audible, |noise| audible.max(noise * from_db(OVER_NOISE_DB)))
    };
    let within = ((NOISE_WITHIN_S / STEP_S) as usize).min(powers.len());
    let (at_start, at_end) =
        (threshold(&powers[..within]), threshold(&powers[powers.len() - within..]));
    let first = powers.iter().position(|&power| power > at_start)?;
    let last = powers.iter().rposition(|&power| power > at_end)?;
    let end = (END_S / STEP_S) as usize;
    let after = &powers[last + 1..];
    let (start_part, end_part) = (
        &powers[first..powers.len().min(first + end)],
        &powers[(last + 1).saturating_sub(end)..=last],
    );
    Some(Edges {
        duration_s,
        sound_start_s: first as f64 * STEP_S,
        sound_end_s: ((last + 1) as f64 * STEP_S).min(duration_s),
        starts_sounding: first == 0,
        ends_sounding: last + 1 == powers.len(),
        hisses: after.iter().any(|&power| power > 0.0),
        fades_out: fades(&powers[first..=last]),
        start_db: power_to_db(mean(start_part)),
        end_db: power_to_db(mean(end_part)),
    })
}

fn from_db(db: f64) -> f64 {
    acetate_audio::units::db_to_power(db)
}

fn mean(powers: &[f64]) -> f64 {
    powers.iter().sum::<f64>() / powers.len().max(1) as f64
}

/// The quietest tenth of a second that is not digital silence.
fn quietest(powers: &[f64]) -> Option<f64> {
    powers.windows(NOISE_BLOCKS).map(mean).filter(|&power| power > 0.0).min_by(f64::total_cmp)
}

/// Whether the level falls all the way through the last seconds.
fn fades(audible: &[f64]) -> bool {
    let blocks = (FADE_S / STEP_S) as usize;
    let Some(begin) = audible.len().checked_sub(blocks) else { return false };
    let parts: Vec<f64> = audible[begin..]
        .chunks(blocks / FADE_PARTS)
        .map(|part| power_to_db(mean(part).max(f64::MIN_POSITIVE)))
        .collect();
    let drop_db = parts[0] - parts[FADE_PARTS - 1];
    drop_db >= FADE_DROP_DB && parts.windows(2).all(|pair| pair[1] < pair[0] + FADE_RISE_DB)
}

/// What of a file is kept, and how it is faded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trimmed {
    /// Cut from the beginning, seconds.
    pub start_s: f64,
    /// Cut from the end, seconds.
    pub end_s: f64,
    /// Fade from the first frame on, ms.
    pub fade_in_ms: f64,
    /// Fade up to the last frame, ms.
    pub fade_out_ms: f64,
    /// Kept before the first audible sound, seconds.
    pub head_s: f64,
    /// Kept after the last audible sound, seconds.
    pub tail_s: f64,
}

impl Edges {
    /// The trim of a song that meets no other: 80 ms before the first sound and a second after the last are kept; an edge in the middle
    /// of sound gets a short fade, hiss a long one. `fade_out_s` is what somebody asked for.
    pub fn trimmed(&self, fade_out_s: Option<f64>) -> Trimmed {
        let start_s = (self.sound_start_s - HEAD_S).max(0.0);
        let kept_end_s = (self.sound_end_s + TAIL_S).min(self.duration_s);
        let tail_s = kept_end_s - self.sound_end_s;
        let own_ms = match () {
            () if self.ends_sounding => EDGE_OUT_MS,
            () if self.hisses => tail_s * 1000.0,
            () => 0.0,
        };
        Trimmed {
            start_s,
            end_s: self.duration_s - kept_end_s,
            fade_in_ms: if self.starts_sounding { EDGE_IN_MS } else { 0.0 },
            fade_out_ms: fade_out_s.map_or(own_ms, |seconds| (seconds + tail_s) * 1000.0),
            head_s: self.sound_start_s - start_s,
            tail_s,
        }
    }

    /// The whole file: for `gaps keep`.
    pub fn untouched(&self) -> Trimmed {
        Trimmed {
            start_s: 0.0,
            end_s: 0.0,
            fade_in_ms: 0.0,
            fade_out_ms: 0.0,
            head_s: self.sound_start_s,
            tail_s: self.duration_s - self.sound_end_s,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE_HZ: u32 = 48_000;

    /// Tones of these amplitudes, each so many seconds.
    fn edges(parts: &[(f64, f64)]) -> Option<Edges> {
        let mut plane = Vec::new();
        for &(seconds, amplitude) in parts {
            let frames = (seconds * f64::from(RATE_HZ)) as u32;
            plane.extend((0..frames).map(|n| (amplitude * (0.1 * f64::from(n)).sin()) as f32));
        }
        let audio = Audio::from_planes(RATE_HZ, vec![plane.clone(), plane]);
        let mut meter = EdgesMeter::new(audio.spec());
        meter.push(&audio);
        meter.finish()
    }

    #[test]
    fn a_song_begins_and_ends_where_it_is_heard() {
        let edges = edges(&[(1.0, 0.0), (10.0, 0.5), (2.0, 0.0)]).unwrap();
        assert!((edges.sound_start_s - 1.0).abs() < 0.011, "{edges:?}");
        assert!((edges.sound_end_s - 11.0).abs() < 0.011, "{edges:?}");
        assert!(!edges.starts_sounding && !edges.ends_sounding && !edges.hisses);
        let trimmed = edges.trimmed(None);
        assert!((trimmed.start_s - 0.92).abs() < 0.011 && (trimmed.end_s - 1.0).abs() < 0.011);
        assert_eq!((trimmed.fade_in_ms, trimmed.fade_out_ms), (0.0, 0.0));
    }

    #[test]
    fn an_edge_in_the_middle_of_sound_is_faded_briefly() {
        let edges = edges(&[(10.0, 0.5)]).unwrap();
        let trimmed = edges.trimmed(None);
        assert_eq!((trimmed.fade_in_ms, trimmed.fade_out_ms), (5.0, 50.0));
        assert_eq!((trimmed.start_s, trimmed.end_s), (0.0, 0.0));
    }

    #[test]
    fn a_hissing_tail_is_faded_over_a_second() {
        // Hiss 54 dB under the music: audible by level, but noise.
        let edges = edges(&[(10.0, 0.5), (4.0, 0.001)]).unwrap();
        assert!(edges.hisses && (edges.sound_end_s - 10.0).abs() < 0.011, "{edges:?}");
        let trimmed = edges.trimmed(None);
        assert!((trimmed.fade_out_ms - 1000.0).abs() < 1e-6 && (trimmed.end_s - 3.0).abs() < 0.011);
    }

    #[test]
    fn a_quiet_beginning_is_not_cut_off() {
        // 40 dB under the loud part is a quiet intro.
        let edges = edges(&[(5.0, 0.005), (10.0, 0.5)]).unwrap();
        assert!(edges.starts_sounding);
    }

    #[test]
    fn a_fade_out_is_known_from_an_end() {
        let steps: Vec<(f64, f64)> =
            (0..80).map(|n| (0.1, 0.5 * 10f64.powf(-f64::from(n) / 40.0))).collect();
        let mut faded = vec![(10.0, 0.5)];
        faded.extend(&steps);
        assert!(edges(&faded).unwrap().fades_out);
        assert!(!edges(&[(20.0, 0.5), (1.0, 0.0)]).unwrap().fades_out);
    }

    #[test]
    fn silence_has_no_edges() {
        assert_eq!(edges(&[(2.0, 0.0)]), None);
        assert_eq!(edges(&[]), None);
    }

    #[test]
    fn a_fade_that_was_asked_for_ends_with_the_file() {
        let edges = edges(&[(10.0, 0.5), (3.0, 0.0)]).unwrap();
        let trimmed = edges.trimmed(Some(8.0));
        assert!((trimmed.fade_out_ms - 9000.0).abs() < 15.0, "{trimmed:?}");
    }
}
