//! What is known of a sound: its prediction errors at its own rate, and at a quarter of it.

use std::f64::consts::PI;

use super::super::hum::lowering;
use super::errors::{Errors, GROUP, HOP, ORDER, Scale};

/// Suspicious samples closer than this are one suspicion.
const TOGETHER: usize = 24;
/// Smooth lobes are heard at the rate over this.
const LOWER_STEP: usize = 4;
/// Order of the models there: a lobe of 3 ms is like a note of the bass, unless that is predicted from a few of its periods (docs/restore.md).
pub(super) const LOWER_ORDER: usize = 128;
/// Lobes that are looked for there, samples.
const LOBES: [usize; 4] = [5, 9, 16, 28];
/// An error of the other channel this many scales large is an echo; samples around that say how large errors are.
const ECHO: f64 = 4.5;
const ECHO_AROUND: usize = 2048;

/// What is known of the sound as it is now: at its own rate, and at a quarter of it, where long smooth lobes show.
pub(super) struct Heard {
    pub(super) levels: Vec<Level>,
}

/// Prediction errors at one rate.
pub(super) struct Level {
    pub(super) sound: Vec<f64>,
    pub(super) errors: Errors,
    scales: [Scale; 3],
    pub(super) rate: f64,
    /// Samples of the sound for one here.
    pub(super) step: usize,
    lobes: Vec<Lobe>,
}

/// How like a half of a sine of some length the errors are from each sample on: what is smooth shows in no single one of them.
pub(super) struct Lobe {
    length: usize,
    likeness: Vec<f64>,
    scale: Scale,
}

impl Heard {
    /// With the lower rate, or without.
    pub(super) fn of(sound: &[f64], rate: f64, lobes: bool) -> Self {
        let whole = Level::of(sound.to_vec(), rate, 1);
        let mut levels = vec![whole];
        if lobes {
            levels.push(Level::of(lowered(sound), rate / LOWER_STEP as f64, LOWER_STEP));
        }
        Self { levels }
    }

    pub(super) fn forward(&self) -> &[f64] {
        &self.levels[0].errors.forward
    }
}

/// The sound at a quarter of its rate.
fn lowered(sound: &[f64]) -> Vec<f64> {
    let taps = lowering(LOWER_STEP);
    let half = taps.len() / 2;
    let mut padded = vec![0.0; half];
    padded.extend_from_slice(sound);
    padded.resize(sound.len() + 2 * half, 0.0);
    let sum = |at: usize| taps.iter().zip(&padded[at..]).map(|(tap, x)| tap * x).sum();
    (0..sound.len()).step_by(LOWER_STEP).map(sum).collect()
}

impl Level {
    fn of(sound: Vec<f64>, rate: f64, step: usize) -> Self {
        let order = if step == 1 { ORDER } else { LOWER_ORDER };
        let errors = Errors::of(&sound, HOP, order);
        let scales = [&errors.both, &errors.forward, &errors.backward]
            .map(|values| Scale::of(values, rate, GROUP / step));
        let lobes = if step == 1 { &[][..] } else { &LOBES };
        let lobe = |&length: &usize| Lobe::of(&errors.both, length, rate, GROUP / step);
        let lobes = lobes.iter().filter(|length| **length < sound.len()).map(lobe).collect();
        Self { sound, errors, scales, rate, step, lobes }
    }

    /// Stretches of suspicious samples.
    pub(super) fn suspicions(&self, limit: f64) -> Vec<(usize, usize)> {
        let (errors, [both, forward, backward]) = (&self.errors, &self.scales);
        let together = TOGETHER / self.step.min(2);
        let mut found: Vec<(usize, usize)> = Vec::new();
        let group = both.group();
        let reaches = |errors: &[f64], limit: f64| errors.iter().any(|e| e.abs() > limit);
        for start in (0..errors.both.len()).step_by(group) {
            let range = start..(start + group).min(errors.both.len());
            let limits = [both, forward, backward].map(|scale| limit * scale.at(start));
            // Hardly any group has one that is hot.
            let either = reaches(&errors.both[range.clone()], limits[0])
                || (reaches(&errors.forward[range.clone()], limits[1])
                    && reaches(&errors.backward[range.clone()], limits[2]));
            if !either {
                continue;
            }
            for n in range {
                let hot = errors.both[n].abs() > limits[0]
                    || (errors.forward[n].abs() > limits[1]
                        && errors.backward[n].abs() > limits[2]);
                if !hot {
                    continue;
                }
                match found.last_mut() {
                    Some((_, to)) if n - (*to - 3) <= together => *to = n + 3,
                    _ => found.push((n.saturating_sub(2), n + 3)),
                }
            }
        }
        found.extend(self.lobes.iter().flat_map(|lobe| lobe.suspicions(limit)));
        found
    }
}

impl Lobe {
    fn of(both: &[f64], length: usize, rate: f64, group: usize) -> Self {
        let shape = |k: usize| libm::sin(PI * (k as f64 + 0.5) / length as f64);
        let shape: Vec<f64> = (0..length).map(shape).collect();
        let like = |near: &[f64]| near.iter().zip(&shape).map(|(e, x)| e * x).sum();
        let likeness: Vec<f64> = both.windows(length).map(like).collect();
        let scale = Scale::of(&likeness, rate, group);
        Self { length, likeness, scale }
    }

    /// Stretches that are like this lobe, each where it is most so.
    fn suspicions(&self, limit: f64) -> Vec<(usize, usize)> {
        let mut found: Vec<(usize, f64)> = Vec::new();
        for (n, likeness) in self.likeness.iter().enumerate() {
            let size = likeness.abs() / self.scale.at(n);
            if size <= limit {
                continue;
            }
            match found.last_mut() {
                Some(last) if n - last.0 <= self.length => {
                    if size > last.1 {
                        *last = (n, size);
                    }
                }
                _ => found.push((n, size)),
            }
        }
        found.iter().map(|&(n, _)| (n.saturating_sub(2), n + self.length + 2)).collect()
    }
}

/// Whether a sound is less predictable in a stretch than around it: by far too little for a find of its own.
pub(super) fn has_echo(sound: &[f64], from: usize, to: usize, rate: f64) -> bool {
    let start = from.saturating_sub(ECHO_AROUND);
    let part = &sound[start..sound.len().min(to + ECHO_AROUND)];
    if part.len() <= 4 * ORDER {
        return false;
    }
    let Level { errors, scales: [both, ..], .. } = Level::of(part.to_vec(), rate, 1);
    (from - start..to - start).any(|n| errors.both[n].abs() > ECHO * both.at(n))
}
