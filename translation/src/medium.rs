//! What a record or a tape does to a sound beside its curve: heard, not measured by the tables.

use acetate_audio::units::db_to_amplitude;
use acetate_engine::settings::SaturatorSettings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::system_error::SystemError;

/// A record or a tape.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Medium {
    /// Deviations of its speed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub speed: Vec<Wobble>,
    /// How far each channel lies below in the other one, dB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crosstalk_db: Option<f64>,
    /// What becomes of loud sound on a tape.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tape: Option<Tape>,
}

/// One periodic deviation of a speed: wow below 4 Hz, flutter above.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Wobble {
    /// How often it comes, Hz.
    pub hz: f64,
    /// Largest deviation, percent of the speed.
    pub peak_pct: f64,
}

/// How loud a tape is driven: a smooth curve, and more of it for treble.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tape {
    /// Drive of the curve v / sqrt(1 + v^2), dB; the level of soft sound does not change.
    pub drive_db: f64,
    /// Tilt around 1 kHz before the curve, undone after it, dB from the lowest to the highest frequencies.
    pub emphasis_db: f64,
}

impl Tape {
    /// The same as settings of the engine's curve.
    pub(crate) fn curve(self) -> SaturatorSettings {
        let Self { drive_db, emphasis_db } = self;
        SaturatorSettings { enabled: true, drive_db, mix_pct: 100.0, bias_pct: 0.0, emphasis_db }
    }
}

impl Medium {
    /// What the sides keep when a part of each channel goes into the other: with c of it, (1 - c) / (1 + c) of what the mid keeps.
    pub(crate) fn side_gain(&self) -> f64 {
        let share = self.crosstalk_db.map_or(0.0, |db| db_to_amplitude(-db));
        (1.0 - share) / (1.0 + share)
    }

    /// Are all its values in their ranges?
    ///
    /// # Errors
    /// When one is not.
    pub(crate) fn check(&self) -> Result<(), SystemError> {
        let within = SystemError::within;
        for wobble in &self.speed {
            within("medium.speed.hz", wobble.hz, 0.1..=30.0)?;
            within("medium.speed.peak_pct", wobble.peak_pct, 0.0..=3.0)?;
        }
        within("medium.crosstalk_db", self.crosstalk_db.unwrap_or(60.0), 6.0..=100.0)?;
        if let Some(tape) = self.tape {
            within("medium.tape.drive_db", tape.drive_db, -24.0..=24.0)?;
            within("medium.tape.emphasis_db", tape.emphasis_db, -24.0..=24.0)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use acetate_audio::Audio;
    use acetate_engine::Stage as _;

    use super::*;
    use crate::{Playback, System, system};

    const RATE: u32 = 48_000;

    /// A second of a tone as a system plays it, its level at a frequency in dB re full scale; both channels have the tone, or the left one.
    fn heard_dbfs(
        of: &System,
        [left_dbfs, right_dbfs]: [f64; 2],
        hz: f64,
    ) -> impl Fn(usize, f64) -> f64 + use<> {
        let tone = |dbfs: f64| -> Vec<f32> {
            let turn = std::f64::consts::TAU * hz / f64::from(RATE);
            (0..2 * RATE)
                .map(|n| (db_to_amplitude(dbfs) * (turn * f64::from(n)).sin()) as f32)
                .collect()
        };
        let audio = Audio::from_planes(RATE, vec![tone(left_dbfs), tone(right_dbfs)]);
        let mut playback = Playback::new(of, audio.spec()).unwrap();
        let mut out = Audio::silence(audio.spec(), 0);
        playback.push(&audio, &mut out);
        playback.finish(&mut out);
        assert_eq!(out.frames(), audio.frames());
        move |channel, at_hz| {
            let second = &out.channel(channel)[RATE as usize / 2..RATE as usize * 3 / 2];
            let (mut re, mut im) = (0.0, 0.0);
            for (n, &sample) in second.iter().enumerate() {
                let turn = std::f64::consts::TAU * at_hz * n as f64 / f64::from(RATE);
                re += f64::from(sample) * turn.cos();
                im += f64::from(sample) * turn.sin();
            }
            10.0 * (4.0 * (re * re + im * im)).log10() - 20.0 * f64::from(RATE).log10()
        }
    }

    fn steady(id: &str) -> System {
        let mut steady = system(id).unwrap().clone();
        steady.medium.as_mut().unwrap().speed.clear();
        steady
    }

    #[test]
    fn a_channel_of_a_record_is_heard_25_db_lower_in_the_other() {
        let level = heard_dbfs(&steady("vinyl"), [-20.0, -300.0], 1_000.0);
        let apart_db = level(0, 1_000.0) - level(1, 1_000.0);
        assert!((apart_db - 25.0).abs() < 0.1, "{apart_db}");
    }

    #[test]
    fn a_tape_at_full_scale_has_three_percent_of_third_harmonic_and_next_to_none_20_db_below() {
        let third_pct = |dbfs: f64| {
            let level = heard_dbfs(&steady("cassette"), [dbfs, dbfs], 333.0);
            100.0 * db_to_amplitude(level(0, 999.0) - level(0, 333.0))
        };
        assert!((third_pct(0.0) - 3.0).abs() < 0.15, "{}", third_pct(0.0));
        // The third harmonic falls with the square.
        assert!(third_pct(-20.0) < 0.1, "{}", third_pct(-20.0));
    }

    #[test]
    fn treble_is_full_15_db_lower_on_a_tape() {
        let lost_db = |dbfs: f64, hz: f64| {
            let of = steady("cassette");
            let soft = heard_dbfs(&of, [dbfs - 40.0; 2], hz)(0, hz) + 40.0;
            soft - heard_dbfs(&of, [dbfs; 2], hz)(0, hz)
        };
        let (low, high) = (lost_db(0.0, 333.0), lost_db(-15.0, 10_000.0));
        assert!(low > 1.0 && (low - high).abs() < 0.2, "{low} {high}");
    }
}
