//! Mains hum: one frequency that wanders, the same phase for all harmonics, amplitudes that breathe.
//!
//! Works on the channels at 2 kHz, in sections of five minutes. A line is followed by a Kalman smoother that trusts each moment as far as the music
//! leaves the line alone: a bass note at 100 Hz is noise there, and stays in the sound.

mod line;
mod lower;
mod phase;

pub(super) use lower::{Lowered, lowering};

use super::damage::{HumLine, HumSection};
use acetate_audio::threads;
use line::{Followed, Line};
use phase::Phase;

/// Harmonics that are looked for.
pub(super) const HARMONICS: usize = 12;
/// Frequencies of the mains.
const NOMINAL_HZ: [f64; 2] = [50.0, 60.0];
/// A line is kept whose mean is this significant, and this steady.
const SIGNIFICANT: f64 = 5.0;
const STEADY: f64 = 4.0;
/// In a channel it is taken away from this significance on.
const IN_CHANNEL: f64 = 3.0;
/// Hum is subtracted at all with so many lines of its own that are this sure, and when their sum, each counted up to a limit, exceeds this.
const SURE_LINES: usize = 3;
const SURE: f64 = 15.0;
const SURE_MAX: f64 = 200.0;
const SURE_SUM: f64 = 100.0;
/// It is certain with so many lines of any kind and this sum, this near to its nominal frequency, Hz: twice what the bench's hum wanders. A recording that
/// runs fast or slow needs more lines: three notes of a piece are soon in tune with each other (docs/restore.md).
const CERTAIN_LINES: usize = 4;
const CERTAIN_SUM: f64 = 150.0;
const CERTAIN_HZ: f64 = 0.2;
const CERTAIN_FAR_LINES: usize = 6;
/// What both mains have in common says nothing, Hz.
const SHARED_HZ: f64 = 300.0;
/// Least length of a section that can be judged, seconds.
const SHORTEST_S: f64 = 4.0;
/// A line may be this weak for this share of the time: tones that stop are played.
const ABSENT_MAX: f64 = 0.06;

/// Hum that is not there all the time is looked for in pieces of this length, seconds.
const PIECE_S: f64 = 20.0;

/// The hum of a section: all of it, or the pieces that have any.
pub(super) fn find(sound: &Lowered) -> Vec<HumSection> {
    match judge(sound) {
        Some(section) => vec![section],
        None if sound.seconds() >= 1.5 * PIECE_S => {
            sound.pieces(PIECE_S).iter().filter_map(judge).collect()
        }
        None => Vec::new(),
    }
}

fn judge(sound: &Lowered) -> Option<HumSection> {
    if sound.seconds() < SHORTEST_S {
        return None;
    }
    let models = threads::map(&NOMINAL_HZ, |_, &nominal| Model::of(sound, nominal));
    let best = models.into_iter().filter(|model| model.is_hum());
    let best = best.max_by(|a, b| a.sum().total_cmp(&b.sum()))?;
    Some(best.section(sound))
}

struct Model {
    nominal_hz: f64,
    phase: Phase,
    lines: Vec<Harmonic>,
}

/// One harmonic in all channels.
struct Harmonic {
    number: usize,
    significance: f64,
    channels: Vec<Followed>,
}

impl Model {
    fn of(sound: &Lowered, nominal_hz: f64) -> Self {
        let mono = sound.mono();
        let below = |&k: &usize| k as f64 * nominal_hz * 1.01 < sound.rate / 2.0 - 50.0;
        let harmonics = (1..=HARMONICS).take_while(below).count();
        let mut phase = Phase::tracked(&mono, sound.rate, nominal_hz, harmonics);
        for how in [
            phase::Refining { span_hz: 0.1, step_hz: 0.005, seconds: 4.0 },
            phase::Refining { span_hz: 0.05, step_hz: 0.0025, seconds: 3.0 },
        ] {
            phase.refine(&mono, harmonics, how);
        }
        for _ in 0..2 {
            phase.agree(&mono, harmonics);
        }
        // What is written down is what is followed.
        let phase = phase.in_steps();
        let turned = phase.turned();
        let lines: Vec<Vec<Line>> =
            sound.planes.iter().map(|plane| Line::all(plane, &turned, harmonics)).collect();
        let of = |number: usize| {
            let follow = |lines: &Vec<Line>| lines[number - 1].follow(line::DRIFT, line::ROUNDS);
            let channels: Vec<Followed> = lines.iter().map(follow).collect();
            let significance = channels.iter().map(|c| c.significance).fold(0.0, f64::max);
            Harmonic { number, significance, channels }
        };
        let lines = (1..=harmonics).map(of).filter(Harmonic::is_line).collect();
        Self { nominal_hz, phase, lines }
    }

    /// Lines that the other mains do not have.
    fn own(&self) -> impl Iterator<Item = f64> {
        let own = |line: &&Harmonic| (line.number as f64 * self.nominal_hz) % SHARED_HZ != 0.0;
        self.lines.iter().filter(own).map(|line| line.significance)
    }

    fn sum(&self) -> f64 {
        self.own().map(|significance| significance.min(SURE_MAX)).sum()
    }

    fn is_hum(&self) -> bool {
        self.own().filter(|&significance| significance > SURE).count() >= SURE_LINES
            && self.sum() > SURE_SUM
    }

    fn is_certain(&self) -> bool {
        let track = self.phase.track_hz();
        let mean_hz = track.iter().sum::<f64>() / track.len() as f64;
        let is_near = (mean_hz - self.nominal_hz).abs() <= CERTAIN_HZ;
        self.sum() > CERTAIN_SUM
            && self.lines.len() >= if is_near { CERTAIN_LINES } else { CERTAIN_FAR_LINES }
    }

    fn section(self, sound: &Lowered) -> HumSection {
        let certain = self.is_certain();
        let presence = line::presence(
            self.lines
                .iter()
                .flat_map(|line| line.channels.iter().filter(|c| c.significance > IN_CHANNEL)),
        );
        let lines = self.lines.iter().flat_map(|line| {
            let channels = line.channels.iter().enumerate();
            channels.filter(|(_, c)| c.significance > IN_CHANNEL).map(|(channel, followed)| {
                let (cos, sin) = followed.knots(&presence);
                HumLine {
                    channel,
                    harmonic: line.number,
                    level_dbfs: followed.level_dbfs(),
                    cos,
                    sin,
                }
            })
        });
        HumSection {
            start_frame: sound.start_frame,
            frames: sound.frames,
            step_s: phase::KNOT_S,
            line_step_s: line::KNOT_S,
            track_hz: self.phase.track_hz(),
            lines: lines.collect(),
            certain,
        }
    }
}

impl Harmonic {
    fn is_line(&self) -> bool {
        let steadiness = self.channels.iter().map(|c| c.steadiness).fold(0.0, f64::max);
        let strongest =
            self.channels.iter().max_by(|a, b| a.significance.total_cmp(&b.significance));
        self.significance > SIGNIFICANT
            && steadiness > STEADY
            && strongest.is_some_and(|channel| channel.absent <= ABSENT_MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    const RATE_HZ: u32 = 44_100;

    fn lowered(value: impl Fn(f64) -> f64) -> Lowered {
        let mut lower = Lowered::new(RATE_HZ, 1);
        let sound: Vec<f32> =
            (0..10 * RATE_HZ).map(|n| value(f64::from(n) / f64::from(RATE_HZ)) as f32).collect();
        lower.push(&[sound]);
        lower.end();
        lower
    }

    fn hum(t: f64, hz: f64) -> f64 {
        (1..=5)
            .map(|k| 0.01 / f64::from(k) * libm::sin(TAU * hz * f64::from(k) * t + f64::from(k)))
            .sum()
    }

    #[test]
    fn hum_beside_tones_is_followed() {
        let section =
            find(&lowered(|t| hum(t, 50.06) + 0.05 * libm::sin(TAU * 261.6 * t))).remove(0);
        let middle = section.track_hz[section.track_hz.len() / 2];
        assert!((middle - 50.06).abs() < 0.005, "{middle}");
        let first = &section.lines[0];
        assert!(first.harmonic == 1 && (first.level_dbfs + 40.0).abs() < 0.3, "{first:?}");
    }

    #[test]
    fn three_lines_far_from_the_mains_may_be_notes() {
        let lines = |t: f64, hz: f64, count: i32| -> f64 {
            let line = |k: i32| 0.01 * libm::sin(TAU * hz * f64::from(k) * t + f64::from(k));
            (1..=count).map(line).sum()
        };
        let certain = |hz: f64, count: i32| {
            // A floor, so that what leaks out of a line is none.
            let wave = |t: f64| libm::sin(1e5 * t) + libm::sin(7e6 * t * t);
            let noise = |t: f64| 2e-3 * libm::sin(1e4 * wave(t));
            let found = find(&lowered(|t| lines(t, hz, count) + noise(t)));
            found.first().map(|section| section.certain)
        };
        assert_eq!(certain(50.3, 3), Some(false));
        assert_eq!(certain(50.02, 5), Some(true));
    }

    #[test]
    fn hum_that_starts_late_is_found_from_there_on() {
        let mut lower = Lowered::new(RATE_HZ, 1);
        let late = |t: f64| if t > 20.0 { hum(t, 50.02) } else { 0.0 };
        let tone = |t: f64| 0.05 * libm::sin(TAU * 233.0 * t) * libm::sin(t);
        let value = |n: u32| {
            late(f64::from(n) / f64::from(RATE_HZ)) + tone(f64::from(n) / f64::from(RATE_HZ))
        };
        lower.push(&[(0..40 * RATE_HZ).map(|n| value(n) as f32).collect()]);
        lower.end();
        let found = find(&lower);
        assert!(
            found.len() == 1 && found[0].start_frame.abs_diff(20 * 44_100) < 44_100,
            "{found:?}"
        );
    }

    #[test]
    fn a_note_at_49_hertz_and_silence_are_none() {
        assert_eq!(find(&lowered(|t| 10.0 * hum(t, 49.0))), []);
        assert_eq!(find(&lowered(|_| 0.0)), []);
    }

    #[test]
    fn notes_that_come_and_go_are_played() {
        let gate = |t: f64| if t % 2.0 < 1.6 { 1.0 } else { 0.0 };
        assert_eq!(find(&lowered(|t| gate(t) * 10.0 * hum(t, 50.0))), []);
    }
}
