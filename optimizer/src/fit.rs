//! From what was measured and what is wanted to settings.

use acetate_analyzer::{Analysis, Measured, codes};
use acetate_audio::units::db_to_amplitude;
use acetate_engine::Settings;
use acetate_engine::settings::{
    BandChannel, EqualizerBand, FilterType, LimiterSettings, OutputSettings, StereoBand,
};
use acetate_references::Aim;

use crate::dynamics::choose_compression;
use crate::equalizer::{Band, Shape};
use crate::joint::{JointGoal, tune};
use crate::loudness::solve_drive;
use crate::matching::{self, RecordWish, WIDTH_SPLIT_HZ, heard_wish, leaning, record_wish};
use crate::options::{Detail, FitOptions};
use crate::rounding;
use crate::surrogate::Surrogate;
use crate::wanted::wanted_lufs;
use crate::width::choose_width;

/// A first version of the settings, before any render, and what led to it.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) settings: Settings,
    /// Why the solvers stopped, by name.
    pub(crate) stopped: Vec<(&'static str, &'static str)>,
}

/// What the records of `aim` ask of a sound, what was heard in it, and what it is to lean to; `None` where that is nothing.
pub fn wish_of_records(aim: &Aim, before: &Analysis, options: &FitOptions) -> Option<RecordWish> {
    let Some(lean) = &aim.lean else { return upright_wish(aim, before, options) };
    let upright = Aim { tone: aim.upright.clone(), lean: None, ..aim.clone() };
    Some(leaning(upright_wish(&upright, before, options), lean, before))
}

/// The wish without the lean.
fn upright_wish(aim: &Aim, before: &Analysis, options: &FitOptions) -> Option<RecordWish> {
    if let Some(hearing) = aim.hearing.as_ref().filter(|_| options.take.tone) {
        return heard_wish(hearing, before);
    }
    let taken = options.take.tone || options.take.width;
    let follows = aim.style.is_none() && aim.tone.iter().any(|wanted| wanted.weight > 0.0);
    (taken && follows).then(|| record_wish(aim, before))
}

/// The settings that the surrogate likes best. `now` is what the tone is compared with: the source, or a render of it with
/// its own settings taken away. `records` is what records ask for, when there are any.
pub(crate) fn draft(
    surrogate: &Surrogate,
    measured: &Measured,
    now: &Analysis,
    aim: &Aim,
    records: Option<&RecordWish>,
    options: &FitOptions,
) -> Draft {
    let mut stopped = Vec::new();
    let mut settings = Settings {
        limiter: LimiterSettings {
            kind: options.limiter,
            ceiling_dbtp: options.ceiling_dbtp.unwrap_or(aim.ceiling_dbtp),
            ..LimiterSettings::default()
        },
        ..Settings::default()
    };
    settings.output = OutputSettings { seed: options.seed, ..options.output.clone() };
    if let Some(wish) = records.filter(|_| options.max_eq_db > 0.0) {
        let broad = FitOptions { detail: Detail::Broad, ..options.clone() };
        // What was heard, and what a lean says, is known in nine bands alone.
        let options = if aim.style.is_some() { &broad } else { options };
        follow(wish, surrogate, measured, now, options, &mut settings);
        stopped.push(("equaliser", "no further band pays"));
    }
    let leans = aim.lean.is_some_and(|lean| lean.density_pct != 0.0);
    let heard_density =
        leans || aim.hearing.as_ref().is_none_or(|heard| heard.density_fault_pct().is_some());
    if options.take.dynamics && heard_density {
        let unlike = records.map_or(0.0, RecordWish::unlike);
        choose_compression(surrogate, aim, unlike, options, &mut settings);
    }
    if records.is_none() && options.take.width && options.detail != Detail::Fine {
        choose_width(surrogate, &measured.analysis, aim, options, &mut settings);
    }
    if records.is_none() && aim.hearing.is_none() && options.detail != Detail::Fine {
        let goal = JointGoal { before: &measured.analysis, aim, options };
        stopped.extend(tune(surrogate, &goal, &mut settings).map(|reason| ("together", reason)));
    }
    settings.input.remove_dc =
        measured.analysis.findings.iter().any(|finding| finding.code == codes::DC_OFFSET);
    colour(options, &mut settings);
    rounding::round(&mut settings);
    if let Some(lufs) = wanted_lufs(&measured.analysis, aim, options) {
        settings.drive_db = solve_drive(surrogate, &settings, lufs);
    }
    Draft { settings, stopped }
}

/// The bands that follow records: those on everything, then those on the side alone.
///
/// Less than the whole way are smaller gains of the same bands, so that more is never further off.
fn follow(
    wish: &RecordWish,
    surrogate: &Surrogate,
    measured: &Measured,
    now: &Analysis,
    options: &FitOptions,
    settings: &mut Settings,
) {
    let before = &measured.analysis;
    let missed_db: Vec<f64> = now
        .spectrum
        .level_db
        .iter()
        .zip(&before.spectrum.level_db)
        .map(|(now, before)| now.zip(*before).map_or(0.0, |(now, before)| now - before))
        .collect();
    let found = matching::equalize(wish, before, &surrogate.tone, &missed_db, options);
    let bands = &mut settings.equalizer.bands;
    let (tone, width) =
        (options.amounts.tone_share().min(1.0), options.amounts.width_share().min(1.0));
    add_bands(bands, &found.stereo, tone, BandChannel::Stereo);
    add_bands(bands, &found.side.bands, width, BandChannel::Side);
    let widths_db = found.side.width_db.map(|db| width * db);
    if widths_db != [0.0; 2] {
        let [below, above] = widths_db.map(|db| 100.0 * db_to_amplitude(db));
        let whole = StereoBand { below_hz: None, width_pct: above };
        let bass = StereoBand { below_hz: Some(WIDTH_SPLIT_HZ), width_pct: below };
        settings.stereo.bands = if below == above { vec![whole] } else { vec![bass, whole] };
    }
}

/// Adds `share` of the gains of some bands, lowest first.
fn add_bands(bands: &mut Vec<EqualizerBand>, found: &[Band], share: f64, channel: BandChannel) {
    let mut sorted: Vec<&Band> = found.iter().collect();
    sorted.sort_by(|one, other| one.freq_hz.total_cmp(&other.freq_hz));
    for band in sorted {
        let gain_db = rounding::to_step(share * band.gain_db, 0.01);
        if gain_db == 0.0 {
            continue;
        }
        bands.push(EqualizerBand {
            id: format!("eq{}", bands.len() + 1),
            kind: match band.shape {
                Shape::Bell => FilterType::Bell,
                Shape::LowShelf => FilterType::LowShelf,
                Shape::HighShelf => FilterType::HighShelf,
                Shape::Tilt => FilterType::Tilt,
            },
            channel,
            freq_hz: band.freq_hz,
            gain_db,
            q: band.q,
            ..EqualizerBand::default()
        });
    }
}

/// The opt-in colours.
fn colour(options: &FitOptions, settings: &mut Settings) {
    if options.saturation_pct > 0.0 {
        settings.saturator.enabled = true;
        settings.saturator.mix_pct = options.saturation_pct.min(100.0);
    }
    if options.reverb_pct > 0.0 {
        settings.reverb.enabled = true;
        settings.reverb.mix_pct = options.reverb_pct.min(100.0);
    }
}
