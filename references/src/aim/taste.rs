//! In which ways tastes for the tone of a master differ.

use acetate_analyzer::Analysis;

use super::leaning::{HEARD_FROM, Lean, curve_rms_db, likeliest};
use crate::style::principal::principal;
use crate::style::wide::Wide;

/// The moves that anybody makes by hand, one value a wide band: a slope, a bass shelf, a bell around 3 kHz, each times what tastes for
/// it differ by, dB rms over the third octaves. 0.7 dB is a slope of a quarter of a decibel an octave, 0.6 a shelf of a decibel and a
/// half, 0.45 a bell of as much: what is usual in mastering, and less than what the records of a style differ by.
const BY_HAND: [(Wide, f64); 3] = [
    ([3.86, 2.22, 1.01, 0.06, -0.78, -1.57, -2.33, -3.07, -3.64], 0.7),
    ([1.0, 0.35, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], 0.6),
    ([0.0, 0.0, 0.0, 0.15, 0.6, 1.0, 0.6, 0.1, 0.0], 0.45),
];
/// What tastes differ by along the directions of a style, together, dB rms.
const BY_STYLE_RMS_DB: f64 = 0.5;
/// What they differ by least is not asked for: each further direction makes every answer tell less about the others.
const WAYS: usize = 3;

/// The ways in which tastes for the tone of a master of `mix` differ, the strongest first: one standard deviation of each, one value a
/// wide band, dB. No two have anything in common.
///
/// The principal components of a slope, a bass shelf and a bell of presence with the directions of the style that the mix is
/// likeliest of, each as far as tastes differ along it.
pub fn taste_ways(mix: &Analysis) -> Vec<Wide> {
    let tone = &likeliest(mix).tone;
    let rms_db = |wide: &Wide| curve_rms_db(&Lean::of_tone(*wide).curve_db());
    let by_style = tone.components.iter().zip(&tone.component_std_db);
    let by_style: Vec<(Wide, f64)> =
        by_style.map(|(way, std_db)| (way.map(|db| db * std_db), *std_db)).collect();
    let total = libm::sqrt(by_style.iter().map(|(_, std_db)| std_db * std_db).sum::<f64>());
    let by_style = by_style.iter().map(|(way, std_db)| (*way, BY_STYLE_RMS_DB * std_db / total));
    let moves: Vec<Wide> = BY_HAND
        .into_iter()
        .chain(by_style)
        .filter(|(way, _)| rms_db(way) > 0.0)
        .map(|(way, wanted_db)| way.map(|db| db * wanted_db / rms_db(&way)))
        .collect();
    let curves: Vec<Vec<f64>> =
        moves.iter().map(|way| Lean::of_tone(*way).curve_db()[HEARD_FROM..].to_vec()).collect();
    let Some(found) = principal(&curves, WAYS) else { return Vec::new() };
    let along = |direction: &Vec<f64>| -> Wide {
        let shares: Vec<f64> = curves
            .iter()
            .map(|curve| curve.iter().zip(direction).map(|(a, b)| a * b).sum())
            .collect();
        let strength = libm::sqrt(shares.iter().map(|share| share * share).sum::<f64>());
        std::array::from_fn(|band| {
            moves.iter().zip(&shares).map(|(way, share)| way[band] * share).sum::<f64>() / strength
        })
    };
    found.directions.iter().map(along).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bands::THIRD_OCTAVES;
    use crate::test_sounds::shaped;

    #[test]
    fn the_ways_of_taste_are_small_and_have_nothing_in_common() {
        let ways = taste_ways(&shaped(&[Some(-20.0); THIRD_OCTAVES]));
        let curves: Vec<_> = ways.iter().map(|way| Lean::of_tone(*way).curve_db()).collect();
        assert_eq!(ways.len(), WAYS);
        for (index, curve) in curves.iter().enumerate() {
            assert!((0.2..1.2).contains(&curve_rms_db(curve)), "{curve:?}");
            for other in &curves[..index] {
                let common: f64 =
                    curve[HEARD_FROM..].iter().zip(&other[HEARD_FROM..]).map(|(a, b)| a * b).sum();
                assert!(common.abs() < 1e-6, "{common}");
            }
        }
    }
}
