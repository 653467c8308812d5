//! What the whole mix is spared.

use acetate_analyzer::Measured;
use acetate_engine::Settings;
use acetate_engine::settings::BandChannel;
use acetate_references::Aim;

use super::SparedMove;
use crate::fit::{draft, wish_of_records};
use crate::options::FitOptions;
use crate::surrogate::Surrogate;

/// A move that shrinks by less is the same move, dB.
const SHRINKS_DB: f64 = 0.3;

/// The bands of `planned` of which less is left when the sum has changed by `change_db` already.
pub(super) fn spared(
    surrogate: &Surrogate<'_>,
    measured: &Measured,
    aim: &Aim,
    options: &FitOptions,
    planned: &Settings,
    change_db: &[f64],
) -> Vec<SparedMove> {
    let mut now = measured.analysis.clone();
    let levels = now.spectrum.level_db.iter_mut().zip(change_db);
    levels.for_each(|(level, change)| *level = level.map(|level| level + change));
    let records = wish_of_records(aim, &measured.analysis, options).map(|mut wish| {
        let known = |(wish, change): (&Option<f64>, &f64)| wish.map(|_| *change);
        let done: Vec<f64> = wish.tone_db.iter().zip(change_db).filter_map(known).collect();
        let mean_db = done.iter().sum::<f64>() / done.len().max(1) as f64;
        for (wanted, change) in wish.tone_db.iter_mut().zip(change_db) {
            *wanted = wanted.map(|wanted| wanted - change + mean_db);
        }
        wish
    });
    let now = if records.is_some() { &measured.analysis } else { &now };
    let rest = draft(surrogate, measured, now, aim, records.as_ref(), options);
    let rate_hz = f64::from(measured.analysis.format.sample_rate_hz);
    let at = |settings: &Settings, hz: f64| {
        settings.equalizer.response_db(BandChannel::Mid, hz, rate_hz)
    };
    let bands = planned.equalizer.bands.iter().filter(|band| {
        !band.is_neutral() && matches!(band.channel, BandChannel::Stereo | BandChannel::Mid)
    });
    let spared = bands.map(|band| SparedMove {
        id: band.id.clone(),
        freq_hz: band.freq_hz,
        gain_db: at(planned, band.freq_hz),
        left_db: at(&rest.settings, band.freq_hz),
    });
    let shrinks = |step: &SparedMove| step.spares_db() >= SHRINKS_DB;
    spared.filter(shrinks).collect()
}
