//! What a plan must leave as well heard on other systems as it was: a bound, not an aim.
//!
//! A record's tone may ask for less of the harmonics through which a phone lets a bass be heard, or a width that cancels in mono.
//! The tables of the source are changed as the surrogate predicts it; where a share that is heard anywhere falls by more than the
//! bound, the moves that do that give way, the one first without which least is lost, as far as that costs little of what was aimed at; what
//! is lost all the same is told. No render is spent on it.

use acetate_analyzer::{BassLine, Measured};
use acetate_audio::units::{amplitude_to_db, db_to_amplitude};
use acetate_audio::{Audio, ReadError, Source};
use acetate_engine::Settings;
use acetate_translation::{Everywhere, Listening, Shares, System, systems};

use crate::document::{Confidence, Move};
use crate::rounding;
use crate::surrogate::{Prediction, Surrogate};

/// Points that a plan may take of the bass notes that are heard somewhere.
const BASS_POINTS: f64 = 5.0;
/// Points by which it may let more drown in noise, or cancel.
const LOST_POINTS: f64 = 2.0;
/// Most moves that give way, one after the other.
const GIVE_WAY_MAX: usize = 12;
/// What is left of a move that gives way: the most that keeps the bound.
const SHARES: [f64; 4] = [0.75, 0.5, 0.25, 0.0];
/// What all that gives way may change of the tone that was found, rms over the third octaves, and of the width in any band, dB: what a
/// record asks for goes before. Without this bound, an example whose low bass lies 13 dB above its record's came out 2 dB further from it.
const TONE_DB_MAX: f64 = 0.3;
const WIDTH_DB_MAX: f64 = 1.5;
/// Gains and widths nearer to nothing than this are nothing, dB.
const NOTHING_DB: f64 = 0.15;
/// Without it, a move has to win this share of the bound.
const WINS: f64 = 0.1;

/// A sound as it is heard on other systems before anything is done to it.
pub(crate) struct Elsewhere<'a> {
    measured: &'a Measured,
    bass: BassLine,
    everywhere: Everywhere<'static>,
    before: Vec<Shares>,
}

/// What there is less of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loss {
    Bass,
    Drowned,
    Cancelled,
}

/// More of a loss than the bound allows.
#[derive(Clone, Copy, Debug)]
struct Excess {
    /// The system, by its number.
    system: usize,
    loss: Loss,
    points: f64,
}

impl Excess {
    /// How many times the bound it is.
    fn times(self) -> f64 {
        self.points / self.loss.points_max()
    }
}

/// A loss that a plan does not cause, and what that took.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Held {
    system: usize,
    loss: Loss,
    /// Share before, and points that would have been lost, and are.
    before_pct: f64,
    whole_points: f64,
    left_points: f64,
}

/// A move that can give way.
#[derive(Clone, Copy, Debug)]
enum Knob {
    Band(usize),
    Width(usize),
}

impl<'a> Elsewhere<'a> {
    /// Listens to a source for its bass line; `None` of silence.
    ///
    /// # Errors
    /// When the source cannot be read again.
    pub(crate) fn listen(
        source: &Source,
        measured: &'a Measured,
    ) -> Result<Option<Self>, ReadError> {
        let mut listening = Listening::new(source.spec(), &[]);
        let mut blocks = source.blocks()?;
        let mut block = Audio::silence(source.spec(), 0);
        while blocks.next_block(&mut block)? {
            listening.push(&block);
        }
        let bass = listening.finish().bass;
        let energy = &measured.tables.energy;
        Ok(Everywhere::new(energy, &bass, systems()).map(|everywhere| {
            let before = everywhere.shares(energy, &bass);
            Self { measured, bass, everywhere, before }
        }))
    }

    /// Lets moves of `settings` give way until nothing is lost anywhere beyond the bound, or until that costs too much; says what would
    /// have been, and what is.
    pub(crate) fn hold(&self, surrogate: &Surrogate<'_>, settings: &mut Settings) -> Vec<Held> {
        let whole = self.losses(surrogate, settings);
        if beyond(&whole).is_none() {
            return Vec::new();
        }
        let wished = surrogate.predict(settings);
        let mut left = whole.clone();
        for _ in 0..GIVE_WAY_MAX {
            let Some(excess) = beyond(&left) else { break };
            let points = |less: &Settings| self.points(surrogate, less, excess);
            let each =
                knobs(settings).into_iter().map(|knob| (knob, points(&knob.scaled(settings, 0.0))));
            let Some((knob, _)) = each.min_by(|a, b| a.1.total_cmp(&b.1)) else { break };
            let mut best = None;
            for share in SHARES {
                let less = knob.scaled(settings, share);
                if costs_too_much(&wished, &surrogate.predict(&less)) {
                    break;
                }
                let lost = points(&less);
                best = Some((lost, less));
                if lost <= excess.loss.points_max() {
                    break;
                }
            }
            let least = excess.points - WINS * excess.loss.points_max();
            let Some((_, less)) = best.filter(|(lost, _)| *lost <= least) else { break };
            *settings = less;
            left = self.losses(surrogate, settings);
        }
        settings.equalizer.bands.retain(|band| band.gain_db != 0.0);
        let of = |excess: &Excess| {
            let now =
                left.iter().find(|now| (now.system, now.loss) == (excess.system, excess.loss));
            Held {
                system: excess.system,
                loss: excess.loss,
                before_pct: excess.loss.of(&self.before[excess.system]).unwrap_or(0.0),
                whole_points: excess.points,
                left_points: now.map_or(0.0, |now| now.points.max(0.0)),
            }
        };
        // Of cars at three speeds one is enough.
        let mut held: Vec<Held> = Vec::new();
        for one in whole.iter().filter(|excess| excess.times() > 1.0).map(of) {
            match held.iter_mut().find(|known| known.loss == one.loss) {
                Some(known) if known.whole_points >= one.whole_points => {}
                Some(known) => *known = one,
                None => held.push(one),
            }
        }
        held
    }

    /// What settings would lose, in points; what gets better is negative.
    fn losses(&self, surrogate: &Surrogate<'_>, settings: &Settings) -> Vec<Excess> {
        let energy = &self.measured.tables.energy;
        let (table, bass) = surrogate.tables_after(settings, energy, &self.bass);
        let after = self.everywhere.shares(&table, &bass);
        let both = self.before.iter().zip(&after).enumerate();
        both.flat_map(|(system, (before, after))| {
            Loss::ALL.into_iter().filter_map(move |loss| {
                Some(Excess { system, loss, points: loss.points(before, after)? })
            })
        })
        .collect()
    }

    /// Points of one loss on one system.
    fn points(&self, surrogate: &Surrogate<'_>, settings: &Settings, of: Excess) -> f64 {
        let energy = &self.measured.tables.energy;
        let (table, bass) = surrogate.tables_after(settings, energy, &self.bass);
        let after = self.everywhere.shares_on(of.system, &table, &bass);
        of.loss.points(&self.before[of.system], &after).unwrap_or(0.0)
    }
}

/// As [`Elsewhere::hold`], from a source; what is said of it.
pub(crate) fn hold_elsewhere(
    source: &Source,
    measured: &Measured,
    settings: &mut Settings,
) -> Result<Vec<Move>, ReadError> {
    let elsewhere = Elsewhere::listen(source, measured)?;
    let surrogate = Surrogate::new(measured);
    let held = elsewhere.map_or_else(Vec::new, |elsewhere| elsewhere.hold(&surrogate, settings));
    Ok(held.iter().map(Held::remark).collect())
}

/// Is what was found left too far behind?
fn costs_too_much(wished: &Prediction, less: &Prediction) -> bool {
    let changes = |a: &[Option<f64>], b: &[Option<f64>]| -> Vec<f64> {
        a.iter().zip(b).filter_map(|(a, b)| Some((*b)? - (*a)?)).collect()
    };
    let tone = changes(&wished.level_db, &less.level_db);
    let count = tone.len().max(1) as f64;
    let mean = tone.iter().sum::<f64>() / count;
    let square = tone.iter().map(|db| (db - mean) * (db - mean)).sum::<f64>() / count;
    let width = changes(&wished.side_minus_mid_db, &less.side_minus_mid_db);
    libm::sqrt(square) > TONE_DB_MAX || width.iter().any(|db| db.abs() > WIDTH_DB_MAX)
}

/// The loss that is furthest beyond its bound.
fn beyond(losses: &[Excess]) -> Option<Excess> {
    let beyond = losses.iter().copied().filter(|excess| excess.times() > 1.0);
    beyond.max_by(|a, b| a.times().total_cmp(&b.times()))
}

impl Loss {
    const ALL: [Self; 3] = [Self::Bass, Self::Drowned, Self::Cancelled];

    fn points_max(self) -> f64 {
        match self {
            Self::Bass => BASS_POINTS,
            Self::Drowned | Self::Cancelled => LOST_POINTS,
        }
    }

    fn of(self, shares: &Shares) -> Option<f64> {
        match self {
            Self::Bass => shares.bass_pct,
            Self::Drowned => shares.drowned_pct,
            Self::Cancelled => shares.cancelled_pct,
        }
    }

    fn points(self, before: &Shares, after: &Shares) -> Option<f64> {
        let rise = self.of(after)? - self.of(before)?;
        Some(if self == Self::Bass { -rise } else { rise })
    }

    /// What there is less of, of so many percent.
    fn text(self, place: &str, before_pct: f64) -> String {
        match self {
            Self::Bass => {
                format!("points of the {before_pct:.0} % of the bass notes that are heard {place}")
            }
            Self::Drowned => format!("points more of the time under the noise {place}"),
            Self::Cancelled => "points more of the loudness, which cancels in mono".to_owned(),
        }
    }
}

/// All moves that do something.
fn knobs(settings: &Settings) -> Vec<Knob> {
    let bands = settings.equalizer.bands.iter().enumerate();
    let bands = bands.filter(|(_, band)| band.gain_db != 0.0).map(|(index, _)| Knob::Band(index));
    let widths = settings.stereo.bands.iter().enumerate();
    let widths = widths.filter(|(_, band)| band.width_pct != 100.0);
    bands.chain(widths.map(|(index, _)| Knob::Width(index))).collect()
}

impl Knob {
    /// The settings with a share of this move, in dB.
    fn scaled(self, settings: &Settings, share: f64) -> Settings {
        let mut less = settings.clone();
        let part = |db: f64| if (share * db).abs() < NOTHING_DB { 0.0 } else { share * db };
        match self {
            Self::Band(index) => {
                let gain_db = &mut less.equalizer.bands[index].gain_db;
                *gain_db = rounding::to_step(part(*gain_db), 0.01);
            }
            Self::Width(index) => {
                let width_pct = &mut less.stereo.bands[index].width_pct;
                let db = part(amplitude_to_db((*width_pct / 100.0).max(1e-3)));
                *width_pct = rounding::to_step(100.0 * db_to_amplitude(db), 1.0);
            }
        }
        less
    }
}

impl Held {
    /// What is said of it.
    pub(crate) fn remark(&self) -> Move {
        let system: &System = &systems()[self.system];
        let what = self.loss.text(&system.place, self.before_pct);
        let Self { whole_points, left_points, before_pct, .. } = *self;
        let fallen = if self.loss == Loss::Bass { -1.0 } else { 1.0 };
        Move {
            id: "away".to_owned(),
            what: if left_points <= self.loss.points_max() { "held back" } else { "as aimed at" }
                .to_owned(),
            text: if left_points <= self.loss.points_max() {
                format!(
                    "Whole, the moves would take {whole_points:.0} {what}: held back to {left_points:.0}."
                )
            } else {
                format!(
                    "The moves take {left_points:.0} {what}: less of them would be further from what the aim asks for."
                )
            },
            measured: before_pct.round(),
            aim: (before_pct + fallen * self.loss.points_max()).round(),
            expected: (before_pct + fallen * left_points).round(),
            unit: "%".to_owned(),
            confidence: Confidence::Medium,
            ..Move::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use acetate_analyzer::analyze;
    use acetate_engine::settings::{EqualizerBand, StereoBand};

    /// A note of 55 Hz with harmonics that are just heard on a phone beside a tone above them, with sides that are half upside down.
    fn sound() -> Source {
        let mut state = 1u32;
        let mut noise = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 8) / f64::from(1u32 << 23) - 1.0
        };
        let turn = std::f64::consts::TAU * 55.0 / 44_100.0;
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for frame in 0..441_000 {
            let harmonic = |k: f64, db: f64| {
                libm::pow(10.0, db / 20.0) * libm::sin(turn * k * f64::from(frame))
            };
            let bass = 0.25 * (harmonic(1.0, 0.0) + harmonic(4.0, -34.0) + harmonic(5.0, -34.0));
            let chord = 0.05 * libm::sin(turn * 7.09 * f64::from(frame));
            let side = 0.02 * libm::sin(turn * 9.37 * f64::from(frame));
            let bed = chord + 0.0005 * noise();
            left.push((bass + bed + side) as f32);
            right.push((bass + bed - side) as f32);
        }
        Source::from_audio(Audio::from_planes(44_100, vec![left, right]))
    }

    fn bell(freq_hz: f64, gain_db: f64) -> EqualizerBand {
        EqualizerBand { freq_hz, gain_db, q: 1.0, ..EqualizerBand::default() }
    }

    fn with_cut(gain_db: f64) -> Settings {
        let mut settings = Settings::default();
        settings.equalizer.bands = vec![bell(250.0, gain_db), bell(9_000.0, 1.5)];
        settings
    }

    #[test]
    fn a_cut_that_just_hides_the_bass_on_a_phone_gives_way_and_other_moves_stay() {
        let source = sound();
        let measured = analyze(&source).unwrap();
        let surrogate = Surrogate::new(&measured);
        let elsewhere = Elsewhere::listen(&source, &measured).unwrap().unwrap();
        let cuts = (1..24).map(|step| -0.5 * f64::from(step));
        let first = cuts.map(|gain_db| {
            let mut settings = with_cut(gain_db);
            let held = elsewhere.hold(&surrogate, &mut settings);
            (gain_db, settings, held)
        });
        let (gain_db, settings, held) =
            first.into_iter().find(|(_, _, held)| !held.is_empty()).expect("12 dB hide it");
        assert!(held[0].loss == Loss::Bass && held[0].whole_points > BASS_POINTS, "{held:?}");
        assert!(held[0].left_points <= BASS_POINTS, "{held:?}");
        let [low, high] = &settings.equalizer.bands[..] else { panic!("{settings:?}") };
        assert!(low.gain_db > gain_db && low.gain_db < 0.0, "{gain_db} dB: {low:?}");
        assert_eq!(*high, with_cut(gain_db).equalizer.bands[1]);
        let text = held[0].remark().text;
        assert!(text.starts_with("Whole, the moves would take "), "{text}");
    }

    #[test]
    fn what_giving_way_would_cost_too_much_is_done_and_told() {
        let source = sound();
        let measured = analyze(&source).unwrap();
        let mut settings = with_cut(-12.0);
        let text = hold_elsewhere(&source, &measured, &mut settings).unwrap().remove(0).text;
        assert_eq!(settings, with_cut(-12.0));
        assert!(text.starts_with("The moves take ") && text.contains("what the aim asks for"));
    }

    #[test]
    fn what_loses_nothing_stays_as_it_is_and_width_that_cancels_is_told() {
        let source = sound();
        let measured = analyze(&source).unwrap();
        let surrogate = Surrogate::new(&measured);
        let elsewhere = Elsewhere::listen(&source, &measured).unwrap().unwrap();
        let whole = with_cut(1.0);
        let mut settings = whole.clone();
        assert_eq!(elsewhere.hold(&surrogate, &mut settings), []);
        assert_eq!(settings, whole);
        settings.stereo.bands = vec![StereoBand { below_hz: None, width_pct: 400.0 }];
        let held = elsewhere.hold(&surrogate, &mut settings);
        assert!(held.iter().any(|held| held.loss == Loss::Cancelled), "{held:?}");
        assert_eq!(settings.equalizer, whole.equalizer);
    }
}
