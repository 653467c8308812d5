//! How fast reductions come and go.

use crate::settings::CompressorBand;

/// Auto release: the slow path releases this much slower, and needs this long to be charged.
const SLOW_RELEASE_RATIO: f64 = 4.0;
const SLOW_CHARGE_MS: f64 = 300.0;

/// Reduction below which a detector counts as idle.
const IDLE_DB: f64 = 1e-7;

/// What a step forgets, for a time constant.
pub(super) fn decay(time_ms: f64, step_s: f64) -> f64 {
    libm::exp(-1000.0 * step_s / time_ms)
}

/// Smooth decoupled ballistics (equation 17 of the paper), with a second, slower path for auto release.
#[derive(Clone, Debug)]
pub(super) struct Follower {
    attack: f64,
    release: f64,
    slow_charge: f64,
    slow_release: Option<f64>,
    held: f64,
    slow: f64,
    smoothed: f64,
}

impl Follower {
    pub(super) fn new(band: &CompressorBand, step_s: f64) -> Self {
        let release_ms = decoupled_release_ms(band.attack_ms, band.release_ms);
        Self {
            attack: decay(band.attack_ms, step_s),
            release: decay(release_ms, step_s),
            slow_charge: decay(SLOW_CHARGE_MS, step_s),
            slow_release: band.auto_release.then(|| decay(SLOW_RELEASE_RATIO * release_ms, step_s)),
            held: 0.0,
            slow: 0.0,
            smoothed: 0.0,
        }
    }

    pub(super) fn reset(&mut self) {
        (self.held, self.slow, self.smoothed) = (0.0, 0.0, 0.0);
    }

    pub(super) fn next(&mut self, wanted_db: f64) -> f64 {
        let mut held = self.release * self.held + (1.0 - self.release) * wanted_db;
        if let Some(release) = self.slow_release {
            let rate = if wanted_db > self.slow { self.slow_charge } else { release };
            self.slow = rate * self.slow + (1.0 - rate) * wanted_db;
            held = held.max(self.slow);
        }
        self.held = held.max(wanted_db);
        self.smoothed = self.attack * self.smoothed + (1.0 - self.attack) * self.held;
        if self.smoothed < IDLE_DB && wanted_db == 0.0 {
            self.reset();
        }
        self.smoothed
    }
}

/// Release of the first smoother such that both together recover 63 % in `release_ms`.
///
/// The attack smoother lags behind the first one; without this a release would last about an attack longer than stated.
pub(super) fn decoupled_release_ms(attack_ms: f64, release_ms: f64) -> f64 {
    let left = |first_ms: f64| {
        let (a, t) = (attack_ms, release_ms);
        if (first_ms - a).abs() < 1e-9 * a {
            return (1.0 + t / a) * libm::exp(-t / a);
        }
        (first_ms * libm::exp(-t / first_ms) - a * libm::exp(-t / a)) / (first_ms - a)
    };
    let (mut low, mut high) = (release_ms * 1e-3, release_ms);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if left(middle) < libm::exp(-1.0) { low = middle } else { high = middle }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_smoothers_together_recover_63_percent_in_the_release() {
        for (attack_ms, release_ms) in [(20.0, 200.0), (1.0, 50.0), (30.0, 100.0)] {
            let band = CompressorBand { attack_ms, release_ms, ..CompressorBand::default() };
            let hold_ms = band.hold_release_ms();
            // Two one-pole smoothers in series, let go at 1.
            let part = |time_ms: f64| time_ms * libm::exp(-release_ms / time_ms);
            let left = (part(hold_ms) - part(attack_ms)) / (hold_ms - attack_ms);
            assert!((left - libm::exp(-1.0)).abs() < 1e-9, "{attack_ms}, {release_ms} ms: {left}");
        }
    }

    #[test]
    fn an_attack_that_the_search_for_the_release_meets_exactly_is_no_special_case() {
        let middle = |low: f64, high: f64| (low + high) / 2.0;
        let high = middle(0.1, 100.0);
        let attack_ms = middle(middle(middle(0.1, high), high), high);
        let near = decoupled_release_ms(attack_ms * 1.000_001, 100.0);
        let met = decoupled_release_ms(attack_ms, 100.0);
        assert!((met - near).abs() < 1e-3, "{met} and {near} ms");
    }
}
