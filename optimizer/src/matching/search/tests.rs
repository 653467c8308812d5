use super::super::bounds::Bounds;
use super::*;
use crate::equalizer::Cells;

pub(crate) const PRICES: Prices = Prices {
    bound: 3.0,
    slope: 1.0,
    cancelled: 3.0,
    overlap_db: 2.0,
    gain: 0.02,
    q: 0.1,
    q_usual: 0.9,
};
pub(crate) const RANGES: Ranges = Ranges {
    freq_hz: (25.0, 16_000.0),
    gain_db_max: 24.0,
    bell_q: (0.4, 4.0),
    shelf_q: (0.4, 0.9),
    shelf_hz_max: 10_000.0,
};
const BUDGET: Budget = Budget {
    bands_max: 9,
    pays_db: 0.03,
    shelves_hz: (600.0, 1_500.0),
    tried: 2,
    ranges: RANGES,
    prices: PRICES,
};

pub(crate) fn bell(freq_hz: f64, gain_db: f64, q: f64) -> Band {
    Band { shape: Shape::Bell, freq_hz, gain_db, q }
}

/// What those bands do, as a target within 12 dB and 24 dB an octave.
pub(crate) fn target_of(bands: &[Band]) -> Target {
    let centres: Vec<f64> = (14..=42).map(|n| libm::exp10(f64::from(n) / 10.0)).collect();
    let cells = Cells::even(&centres);
    let sums: Vec<f64> = cells.hz.iter().map(|&hz| sum_db(bands, hz)).collect();
    Target {
        wanted_db: cells.levels_db(&sums),
        weight: vec![1.0 / cells.count() as f64; cells.count()],
        cells,
        bounds: Bounds {
            up_db: vec![12.0; POINTS],
            down_db: vec![12.0; POINTS],
            exact_db: vec![0.05; POINTS],
        },
        slope_db: 24.0,
    }
}

fn left_db(target: &Target, bands: &[Band]) -> f64 {
    let sums: Vec<f64> = target.cells.hz.iter().map(|&hz| sum_db(bands, hz)).collect();
    let levels = target.cells.levels_db(&sums);
    let square: f64 = levels
        .iter()
        .zip(&target.wanted_db)
        .zip(&target.weight)
        .map(|((level, wanted), weight)| weight * (level - wanted) * (level - wanted))
        .sum();
    square.sqrt()
}

#[test]
fn nothing_wanted_is_no_band() {
    assert!(few_bands(&target_of(&[]), &BUDGET).is_empty());
}

#[test]
fn a_tilt_is_found_as_a_tilt() {
    let tilt = Band { shape: Shape::Tilt, freq_hz: 900.0, gain_db: 5.0, q: 0.6 };
    let bands = few_bands(&target_of(&[tilt]), &BUDGET);
    assert_eq!(bands.len(), 1, "{bands:?}");
    assert_eq!(bands[0].shape, Shape::Tilt);
}

#[test]
fn three_bells_are_followed_within_a_fifth_of_a_decibel() {
    let target =
        target_of(&[bell(120.0, 5.0, 0.9), bell(900.0, -4.0, 1.5), bell(5_000.0, 4.0, 0.8)]);
    let bands = few_bands(&target, &BUDGET);
    assert!(left_db(&target, &bands) < 0.2, "{bands:?}");
    assert!(bands.len() <= 5, "{bands:?}");
}

#[test]
fn the_sum_keeps_its_bound_and_its_slope_whatever_is_wanted() {
    let target = target_of(&[bell(200.0, 20.0, 0.8), bell(1_500.0, -20.0, 3.0)]);
    let bands = few_bands(&target, &BUDGET);
    assert!(excess(&target, &bands).is_none(), "{bands:?}");
    let most = grid_hz().iter().map(|&hz| sum_db(&bands, hz)).fold(0.0, f64::max);
    assert!(most > 10.5, "the bound is used: {most}");
}

#[test]
fn bands_do_not_work_against_each_other() {
    let mut target = target_of(&[bell(300.0, 6.0, 1.0), bell(420.0, -5.0, 1.2)]);
    target.wanted_db.iter_mut().step_by(2).for_each(|db| *db += 1.5);
    let bands = few_bands(&target, &BUDGET);
    let cancelled = |hz: f64| {
        let apart: f64 = bands.iter().map(|band| band.response_db(hz).abs()).sum();
        (apart - sum_db(&bands, hz).abs()) / 2.0
    };
    let most = grid_hz().into_iter().map(cancelled).fold(0.0, f64::max);
    assert!(most < 3.5, "{most} {bands:?}");
}

#[test]
fn two_bells_in_one_place_become_one() {
    let two = [bell(49.0, -8.5, 1.8), bell(54.0, -6.5, 2.0), bell(2_000.0, 5.0, 1.0)];
    let bands = few_bands(&target_of(&two), &BUDGET);
    assert_eq!(bands.iter().filter(|band| band.freq_hz < 100.0).count(), 1, "{bands:?}");
}
