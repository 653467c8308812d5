//! Which move stands in the way of the loudness, and how far it has to give way.
//!
//! What a limiter may take is settled by real renders. With that much taken, predictions tell how loud the song would be without
//! each move: a lifted bass costs loudness, a cut one gains it.

use acetate_engine::Settings;

use crate::explain::hz_text;
use crate::surrogate::Surrogate;

/// A loudness that is missed by less is not worth a move, nor a move that costs less of it, LU.
const WORTH_LU: f64 = 0.5;
/// Shares of a move that are tried, the largest first.
const SHARES: [f64; 4] = [0.75, 0.5, 0.25, 0.0];
/// What is kept of a move that would not be enough if it were dropped.
const COMPROMISE: f64 = 0.5;
/// Drives between which equal work of the limiter is looked for, relative to where it is, dB; and halvings of that.
const DRIVES_DB: (f64, f64) = (-3.0, 9.0);
const HALVINGS: usize = 9;

/// A move that gave way to the loudness.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Eased {
    /// Name of the band.
    pub(crate) id: String,
    /// Its gain before, dB.
    pub(crate) was_db: f64,
    /// What is left of it, dB.
    pub(crate) is_db: f64,
    /// What it cost whole, LU.
    pub(crate) cost_lu: f64,
    /// Where it acts, in words.
    place: String,
}

impl Eased {
    /// What is said of it beside the move.
    pub(crate) fn text(&self, reached_lufs: f64) -> String {
        let whole_lufs = reached_lufs - self.cost_lu;
        format!(
            "Eased from {:+.1} to {:+.1} dB around {}: whole, it costs {:.1} LU of the loudness that is asked for; --lufs {whole_lufs:.1} \
             leaves it whole.",
            self.was_db, self.is_db, self.place, self.cost_lu
        )
    }
}

/// Settings in which the move that costs most loudness gives way, when `settings` reach `shortfall_lu` less than is asked for;
/// `None` when no move costs enough.
pub(crate) fn ease(
    surrogate: &Surrogate,
    settings: &Settings,
    shortfall_lu: f64,
) -> Option<(Settings, Eased)> {
    if shortfall_lu < WORTH_LU {
        return None;
    }
    let now = surrogate.predict(settings);
    let (limiting_db, now_lufs) = now.limiting_db.zip(now.integrated_lufs)?;
    let louder_by = |settings: &Settings| {
        loudness_at(surrogate, settings, limiting_db).map(|lufs| lufs - now_lufs)
    };
    let bands = settings.equalizer.bands.iter().enumerate().filter(|(_, band)| band.gain_db > 1.0);
    let costs =
        bands.filter_map(|(index, _)| Some((index, louder_by(&scaled(settings, index, 0.0))?)));
    let (index, cost_lu) = costs.max_by(|one, other| one.1.total_cmp(&other.1))?;
    if cost_lu < WORTH_LU {
        return None;
    }
    let enough = |share: &f64| {
        louder_by(&scaled(settings, index, *share)).is_some_and(|lu| lu >= shortfall_lu)
    };
    let share = SHARES.into_iter().find(enough).unwrap_or(COMPROMISE);
    let mut eased = scaled(settings, index, share);
    let band = &settings.equalizer.bands[index];
    let told = Eased {
        id: band.id.clone(),
        was_db: band.gain_db,
        is_db: eased.equalizer.bands[index].gain_db,
        cost_lu,
        place: hz_text(band.freq_hz),
    };
    crate::rounding::round(&mut eased);
    Some((eased, told))
}

/// The same with a share of the gain of one band.
fn scaled(settings: &Settings, index: usize, share: f64) -> Settings {
    let mut scaled = settings.clone();
    scaled.equalizer.bands[index].gain_db *= share;
    scaled
}

/// Loudness when the limiter takes `limiting_db`.
fn loudness_at(surrogate: &Surrogate, settings: &Settings, limiting_db: f64) -> Option<f64> {
    let at = |drive_db: f64| surrogate.predict(&Settings { drive_db, ..settings.clone() });
    let (mut low, mut high) = (settings.drive_db + DRIVES_DB.0, settings.drive_db + DRIVES_DB.1);
    for _ in 0..HALVINGS {
        let middle = (low + high) / 2.0;
        match at(middle).limiting_db {
            Some(taken_db) if taken_db > limiting_db => high = middle,
            _ => low = middle,
        }
    }
    at(low).integrated_lufs
}

#[cfg(test)]
mod tests {
    use acetate_analyzer::analyze;
    use acetate_audio::{Audio, Source};
    use acetate_engine::settings::{EqualizerBand, LimiterKind};

    use super::*;

    /// Bass notes under a steady noise.
    fn song() -> Source {
        let mut state = 1_u32;
        let sample = |t: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (state >> 8) as f32 / (1 << 24) as f32 - 0.5;
            let bass = libm::sinf(std::f32::consts::TAU * 60.0 * t as f32 / 48_000.0);
            0.1 * noise + 0.15 * bass * (1.0 - (t % 24_000) as f32 / 24_000.0)
        };
        let plane: Vec<f32> = (0..48_000 * 8).map(sample).collect();
        Source::from_audio(Audio::from_planes(48_000, vec![plane.clone(), plane]))
    }

    #[test]
    fn a_lifted_bass_gives_way_to_a_loudness_that_it_costs() {
        let measured = analyze(&song()).unwrap();
        let surrogate = Surrogate::new(&measured);
        let mut settings = Settings { drive_db: 10.0, ..Settings::default() };
        settings.limiter.kind = LimiterKind::Masked;
        let band = |id: &str, freq_hz, gain_db| EqualizerBand {
            id: id.to_owned(),
            freq_hz,
            gain_db,
            ..EqualizerBand::default()
        };
        settings.equalizer.bands = vec![band("eq1", 60.0, 9.0), band("eq2", 3_000.0, 2.0)];
        let (eased, told) = ease(&surrogate, &settings, 1.0).unwrap();
        assert_eq!(told.id, "eq1");
        assert!(told.cost_lu > 1.0 && told.is_db < 9.0, "{told:?}");
        assert_eq!(eased.equalizer.bands[0].gain_db, told.is_db);
        assert!(told.text(-8.0).contains("Eased from +9.0"), "{}", told.text(-8.0));
        assert_eq!(ease(&surrogate, &settings, 0.2), None, "hardly missed");
    }
}
