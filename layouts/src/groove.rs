//! How much room a sound takes on a record, and where a stylus cannot follow it.
//!
//! Right of the groove is the outer wall, left the inner one, each cut at 45 degrees (IEC 60098). With `l` and `r` the walls' own
//! displacements, the groove's outer edge moves by √2 r, its inner edge by √2 l, and its bottom rises by (l - r)/√2. In a turn the
//! groove is as deep as its bottom rises at most, plus [`DEPTH_MIN_UM`]; neighbours keep [`LAND_UM`] apart. The width of a side is then
//! linear in the gain, so the loudest cut that fits has a closed form (after Boden, "The mechanics of cutting", tonmeister.ca, part 5).

use std::ops::Range;

use crate::riaa::Stylus;
use crate::{Record, Speed};

/// A groove is never shallower, µm: a stylus jumps out of less.
const DEPTH_MIN_UM: f64 = 25.0;
/// Uncut surface between neighbours, µm.
const LAND_UM: f64 = 5.0;
/// The tightest curve that an elliptical stylus traces, µm.
const CURVE_MIN_UM: f64 = 8.0;
/// A bottom that rises further makes a groove deeper than lacquers are safely cut: 25 + 2 x 50 µm.
const RISE_MAX_UM: f64 = 50.0;
/// Peak velocity of each wall under a full-scale sine of 1 kHz in both channels at 0 dB, µm/s: together 7.07 cm/s peak, 5 cm/s
/// RMS, sideways, which cutting rooms call 0 dB.
const VELOCITY_UM_PER_S: f64 = 50_000.0;
/// Blocks of a turn that are measured apart, so that a side may begin anywhere.
const BLOCKS_PER_TURN: usize = 10;
/// Edge of the samples that the second derivative needs.
const WINDOW: usize = 5;

/// Extremes of a tenth of a turn at 0 dB.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GrooveBlock {
    /// The bottom rises by so much at most, µm.
    pub rise_um: f32,
    /// The outer wall moves outwards by so much, µm.
    pub outwards_um: f32,
    /// The inner wall moves inwards by so much, µm.
    pub inwards_um: f32,
    /// Acceleration of the wall that has more, µm/s².
    pub acceleration: f32,
}

impl GrooveBlock {
    fn or(self, other: Self) -> Self {
        Self {
            rise_um: self.rise_um.max(other.rise_um),
            outwards_um: self.outwards_um.max(other.outwards_um),
            inwards_um: self.inwards_um.max(other.inwards_um),
            acceleration: self.acceleration.max(other.acceleration),
        }
    }

    /// Width that a turn with these extremes adds at a gain of 1, beside that of a silent groove, µm.
    fn width_um(self) -> f64 {
        let walls = f64::from(self.outwards_um) + f64::from(self.inwards_um);
        2.0 * f64::from(self.rise_um) + std::f64::consts::SQRT_2 * walls
    }
}

/// Measures the groove of a sound that arrives in parts of any size.
#[derive(Clone, Debug)]
pub struct GrooveMeter {
    speed: Speed,
    sample_rate_hz: u32,
    walls: [Stylus; 2],
    /// The last displacements of each wall, oldest first.
    recent_um: [[f64; WINDOW]; 2],
    frames: u64,
    blocks: Vec<GrooveBlock>,
}

impl GrooveMeter {
    /// A meter that has heard nothing yet.
    pub fn new(sample_rate_hz: u32, speed: Speed) -> Self {
        let stylus = Stylus::new(sample_rate_hz, VELOCITY_UM_PER_S);
        Self {
            speed,
            sample_rate_hz,
            walls: [stylus.clone(), stylus],
            recent_um: [[0.0; WINDOW]; 2],
            frames: 0,
            blocks: Vec::new(),
        }
    }

    /// Listens on. One channel is given twice.
    ///
    /// # Panics
    /// When the channels differ in length.
    pub fn push(&mut self, left: &[f32], right: &[f32]) {
        assert_eq!(left.len(), right.len(), "channels differ in length");
        let block_s = self.speed.turn_s() / BLOCKS_PER_TURN as f64;
        let frames_per_block = block_s * f64::from(self.sample_rate_hz);
        let acceleration_scale = f64::from(self.sample_rate_hz).powi(2) / 12.0;
        for (&left, &right) in left.iter().zip(right) {
            let index = (self.frames as f64 / frames_per_block) as usize;
            if index == self.blocks.len() {
                self.blocks.push(GrooveBlock::default());
            }
            let [l, r] = [self.walls[0].next(left), self.walls[1].next(right)];
            let mut acceleration = 0.0_f64;
            for (recent, new) in self.recent_um.iter_mut().zip([l, r]) {
                recent.rotate_left(1);
                recent[WINDOW - 1] = new;
                acceleration = acceleration.max(second_difference(recent).abs());
            }
            let now = GrooveBlock {
                rise_um: ((l - r) * std::f64::consts::FRAC_1_SQRT_2).max(0.0) as f32,
                outwards_um: r.max(0.0) as f32,
                inwards_um: (-l).max(0.0) as f32,
                acceleration: (acceleration * acceleration_scale) as f32,
            };
            let block = &mut self.blocks[index];
            *block = block.or(now);
            self.frames += 1;
        }
    }

    /// The groove of all that was heard.
    pub fn finish(self) -> Groove {
        Groove { speed: self.speed, blocks: self.blocks }
    }
}

/// Twelve times the second derivative, of fourth order: 0.3 dB low at 10 kHz of 44.1.
fn second_difference(x: &[f64; WINDOW]) -> f64 {
    16.0 * (x[1] + x[3]) - 30.0 * x[2] - x[0] - x[4]
}

/// The groove of a whole record, before anybody has decided where its sides begin.
#[derive(Clone, Debug, PartialEq)]
pub struct Groove {
    speed: Speed,
    blocks: Vec<GrooveBlock>,
}

/// How loud a side can be cut.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SideLevel {
    /// Full scale of the sound over 0 dB (5 cm/s RMS sideways at 1 kHz), with the room filled. A short side has more than a cutter
    /// should use.
    pub level_db: f64,
    /// Turns of the record.
    pub turns: f64,
}

/// What a side cannot hold cleanly.
#[derive(Clone, Debug, PartialEq)]
pub struct GrooveFinding {
    /// What is wrong.
    pub kind: GrooveFindingKind,
    /// Where, seconds from the beginning of the side, in order of time.
    pub at_s: Vec<f64>,
    /// The worst value: the radius of the curve, or the rise, µm.
    pub worst_um: f64,
    /// What it should not pass, µm.
    pub limit_um: f64,
}

/// Kinds of [`GrooveFinding`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrooveFindingKind {
    /// A curve too tight for an elliptical stylus: sharp "s", cymbals; worse towards the middle of the record.
    Sibilance,
    /// Low notes out of phase between left and right move the stylus up and down.
    LowEnd,
}

impl Groove {
    /// Length, seconds, to a tenth of a turn.
    pub fn duration_s(&self) -> f64 {
        self.blocks.len() as f64 * self.block_s()
    }

    fn block_s(&self) -> f64 {
        self.speed.turn_s() / BLOCKS_PER_TURN as f64
    }

    fn side(&self, range_s: &Range<f64>) -> &[GrooveBlock] {
        let block = |time_s: f64| libm::round(time_s / self.block_s()) as usize;
        let end = block(range_s.end).min(self.blocks.len());
        &self.blocks[block(range_s.start).min(end)..end]
    }

    /// How loud the sound between two times can be cut on one side; `None` when it is longer than even silent grooves have room for.
    pub fn side_level(&self, range_s: Range<f64>, record: Record) -> Option<SideLevel> {
        let blocks = self.side(&range_s);
        let turns = blocks.len() as f64 / BLOCKS_PER_TURN as f64;
        let silent_um = 2.0 * DEPTH_MIN_UM + LAND_UM;
        let room_um = record.room_mm() * 1000.0 - turns * silent_um;
        let moving_um: f64 = turns_of(blocks).map(GrooveBlock::width_um).sum();
        if room_um <= 0.0 {
            return None;
        }
        // A silent side could be cut at any level: a hundredth of the room stands for none.
        let gain = room_um / moving_um.max(record.room_mm() * 10.0);
        Some(SideLevel { level_db: 20.0 * libm::log10(gain), turns })
    }

    /// What a stylus cannot follow when that side is cut at `level_db`.
    pub fn findings(
        &self,
        range_s: Range<f64>,
        record: Record,
        level_db: f64,
    ) -> Vec<GrooveFinding> {
        let gain = libm::pow(10.0, level_db / 20.0);
        let blocks = self.side(&range_s);
        let mut radius_um = record.outer_mm() * 1000.0;
        let (mut tight, mut high) = (Vec::new(), Vec::new());
        for (turn, number) in blocks.chunks(BLOCKS_PER_TURN).zip(0..) {
            let speed = std::f64::consts::TAU * radius_um / self.speed.turn_s();
            for (block, place) in turn.iter().zip(0..) {
                let at_s = f64::from(number * BLOCKS_PER_TURN as u32 + place) * self.block_s();
                let curve_um = speed * speed / (gain * f64::from(block.acceleration));
                if curve_um < CURVE_MIN_UM {
                    tight.push((at_s, curve_um));
                }
                let rise_um = gain * f64::from(block.rise_um);
                if rise_um > RISE_MAX_UM {
                    high.push((at_s, rise_um));
                }
            }
            let width_um = turn_of(turn).width_um() * gain;
            let share = turn.len() as f64 / BLOCKS_PER_TURN as f64;
            radius_um -= (width_um + 2.0 * DEPTH_MIN_UM + LAND_UM) * share;
        }
        let finding = |kind, places: Vec<(f64, f64)>, worst: fn(f64, f64) -> f64, limit_um| {
            let worst_um = places.iter().map(|&(_, um)| um).reduce(worst)?;
            let at_s = places.into_iter().map(|(at_s, _)| at_s).collect();
            Some(GrooveFinding { kind, at_s, worst_um, limit_um })
        };
        let sibilance = finding(GrooveFindingKind::Sibilance, tight, f64::min, CURVE_MIN_UM);
        let low_end = finding(GrooveFindingKind::LowEnd, high, f64::max, RISE_MAX_UM);
        sibilance.into_iter().chain(low_end).collect()
    }

    /// How bright a passage is cut: the acceleration that a twentieth of its blocks pass, dB. `None` of silence.
    pub fn brightness_db(&self, range_s: Range<f64>) -> Option<f64> {
        let mut blocks: Vec<f32> =
            self.side(&range_s).iter().map(|block| block.acceleration).collect();
        blocks.sort_by(f32::total_cmp);
        let high = *blocks.get(blocks.len().saturating_sub(1) * 19 / 20)?;
        (high > 0.0).then(|| 20.0 * libm::log10(f64::from(high)))
    }
}

/// Each turn of a side; the last may be a part of one.
fn turns_of(blocks: &[GrooveBlock]) -> impl Iterator<Item = GrooveBlock> {
    blocks.chunks(BLOCKS_PER_TURN).map(turn_of)
}

fn turn_of(blocks: &[GrooveBlock]) -> GrooveBlock {
    blocks.iter().fold(GrooveBlock::default(), |turn, &block| turn.or(block))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE_HZ: u32 = 44_100;
    const LP: Record = Record { inches: 12, speed: Speed::Rpm33 };

    fn sine(freq_hz: f64, amplitude: f64, seconds: f64) -> Vec<f32> {
        let step = std::f64::consts::TAU * freq_hz / f64::from(RATE_HZ);
        let frames = (seconds * f64::from(RATE_HZ)) as u32;
        (0..frames).map(|n| (amplitude * (step * f64::from(n)).sin()) as f32).collect()
    }

    fn groove(left: &[f32], right: &[f32]) -> Groove {
        let mut meter = GrooveMeter::new(RATE_HZ, Speed::Rpm33);
        meter.push(left, right);
        meter.finish()
    }

    /// A side of steady sound: the pattern of a few turns over and over.
    fn side_of(minutes: f64, pattern: &Groove) -> Groove {
        let count = (minutes * 60.0 / pattern.block_s()).round() as usize;
        let blocks = pattern.blocks.iter().copied().skip(BLOCKS_PER_TURN).cycle().take(count);
        Groove { speed: Speed::Rpm33, blocks: blocks.collect() }
    }

    fn level_db(groove: &Groove) -> f64 {
        groove.side_level(0.0..groove.duration_s(), LP).unwrap().level_db
    }

    #[test]
    fn a_longer_side_is_cut_lower_as_the_formula_says() {
        // Room 76 mm, 55 µm a silent turn: 20, 24 and 28 minutes leave 39.33, 32 and 24.67 mm for 667, 800 and 933 turns.
        let tone = sine(100.0, 0.5, 9.0);
        let pattern = groove(&tone, &tone);
        let [twenty, twenty_four, twenty_eight] =
            [20.0, 24.0, 28.0].map(|minutes| level_db(&side_of(minutes, &pattern)));
        assert!((twenty_four - twenty + 3.37).abs() < 0.05, "{}", twenty_four - twenty);
        assert!((twenty_eight - twenty_four + 3.60).abs() < 0.05, "{}", twenty_eight - twenty_four);
    }

    #[test]
    fn a_mono_tone_takes_the_width_of_its_sideways_swing() {
        // 100 Hz at full scale: 5 cm/s less 13.09 dB over 2 pi 100 is 17.6 µm a wall; 2 sqrt 2 times that is 49.9 µm a turn.
        let tone = sine(100.0, 1.0, 9.0);
        let groove = side_of(20.0, &groove(&tone, &tone));
        let expected = 20.0 * (39_333.0 / (666.7 * 49.9_f64)).log10();
        assert!((level_db(&groove) - expected).abs() < 0.2, "{} {expected}", level_db(&groove));
    }

    #[test]
    fn what_is_out_of_phase_takes_more_room_than_what_is_in_phase() {
        let tone = sine(80.0, 0.5, 9.0);
        let turned: Vec<f32> = tone.iter().map(|sample| -sample).collect();
        let (mono, side) = (groove(&tone, &tone), groove(&tone, &turned));
        assert!(level_db(&side_of(20.0, &side)) < level_db(&side_of(20.0, &mono)) - 2.0);
        let findings = side.findings(0.0..9.0, LP, 12.0);
        assert!(findings.iter().any(|finding| finding.kind == GrooveFindingKind::LowEnd));
        assert_eq!(mono.findings(0.0..9.0, LP, 12.0), []);
    }

    #[test]
    fn the_same_treble_is_traced_outside_and_not_inside() {
        // 51 cm/s at the first groove, 25 near the last: the radius of a curve is a quarter there.
        let quiet = sine(300.0, 0.5, 9.0);
        let treble = sine(8000.0, 0.3, 0.5);
        let mut sound = quiet.clone();
        sound[44_100..44_100 + treble.len()].copy_from_slice(&treble);
        let bright = groove(&sound, &sound);
        let mut blocks = bright.blocks.clone();
        blocks.extend(side_of(21.0, &groove(&quiet, &quiet)).blocks);
        let middle = blocks.len() as f64 * 0.18;
        blocks.extend(&bright.blocks);
        let groove = Groove { speed: Speed::Rpm33, blocks };
        let length_s = groove.duration_s();
        let level_db = groove.side_level(0.0..length_s, LP).unwrap().level_db;
        let findings = groove.findings(0.0..length_s, LP, level_db);
        let [finding] = &findings[..] else { panic!("{findings:?} at {level_db}") };
        assert_eq!(finding.kind, GrooveFindingKind::Sibilance);
        assert!(finding.worst_um < CURVE_MIN_UM);
        let expected_s = middle + 1.0;
        assert!(finding.at_s.iter().all(|&at_s| (at_s - expected_s).abs() < 1.0), "{finding:?}");
    }

    #[test]
    fn a_side_that_is_too_long_for_silence_has_no_level() {
        let silence = vec![0.0; 44_100 * 4];
        let groove = side_of(45.0, &groove(&silence, &silence));
        assert_eq!(groove.side_level(0.0..groove.duration_s(), LP), None);
        assert!(groove.side_level(0.0..1200.0, LP).is_some());
    }

    #[test]
    fn the_size_of_the_parts_does_not_matter() {
        let tone = sine(440.0, 0.5, 4.0);
        let whole = groove(&tone, &tone);
        let mut meter = GrooveMeter::new(RATE_HZ, Speed::Rpm33);
        for part in tone.chunks(777) {
            meter.push(part, part);
        }
        assert_eq!(meter.finish(), whole);
    }
}
