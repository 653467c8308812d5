//! The bands of the compressor, and what they add up to.

use acetate_engine::settings::{CompressorBand, CrossoverKind};

use super::{Picture, Row, Subject, at_most};
use crate::plot::{Axis, Line, chart};
use crate::signal::{RATE, db, float, powers, rendered, stereo};

const SIZE: usize = 1 << 16;
const CROSSOVERS_HZ: [f64; 2] = [140.0, 2500.0];

/// What becomes of an impulse in the middle, when one band (or none) is raised by 6.02 dB.
fn impulse(crossover: CrossoverKind, raised: Option<usize>) -> Vec<f64> {
    let mut plane = vec![0.0; SIZE];
    plane[SIZE / 2] = 0.25;
    // A threshold that is never reached: nothing moves, and the split is all there is.
    let idle =
        CompressorBand { threshold_db: 0.0, knee_db: 0.0, ratio: 2.0, ..CompressorBand::default() };
    let settings = float(|s| {
        s.compressor.bands = vec![idle; CROSSOVERS_HZ.len() + 1];
        s.compressor.crossovers_hz = CROSSOVERS_HZ.to_vec();
        s.compressor.crossover = crossover;
        if let Some(band) = raised {
            s.compressor.bands[band].makeup_db = db(2.0);
        }
    });
    rendered(&settings, stereo(plane)).iter().map(|x| x * 4.0).collect()
}

/// Gain at each bin; a unit impulse has amplitude 2/N in every one.
fn response_db(x: &[f64]) -> Vec<f64> {
    powers(x).iter().map(|power| 10.0 * power.log10() - db(2.0 / SIZE as f64)).collect()
}

fn bin(freq_hz: f64) -> usize {
    (freq_hz / RATE * SIZE as f64) as usize
}

pub(crate) fn crossovers() -> Subject {
    let mut rows: Vec<Row> = Vec::new();
    let mut pictures = Vec::new();
    for (kind, name, title, caption) in [
        (
            CrossoverKind::Linear,
            "crossover_linear",
            "Compressor: linear-phase bands at 140 Hz and 2.5 kHz",
            "Linear-phase bands add up to the input, sample by sample",
        ),
        (
            CrossoverKind::LinkwitzRiley,
            "crossover_linkwitz_riley",
            "Compressor: Linkwitz-Riley bands at 140 Hz and 2.5 kHz",
            "Linkwitz-Riley bands add up to an all-pass",
        ),
    ] {
        let sum = impulse(kind, None);
        let sum_db = response_db(&sum);
        let ripple =
            sum_db[bin(20.0)..bin(20_000.0)].iter().fold(0.0f64, |max, db| max.max(db.abs()));
        rows.push(match kind {
            CrossoverKind::Linear => {
                let what = "linear-phase bands: distance of their sum from the input";
                at_most("crossover", what, ripple, 1e-9, 9, "dB")
            }
            CrossoverKind::LinkwitzRiley => {
                let what = "Linkwitz-Riley bands: ripple of their sum in the written floats (the filters themselves: \
                            1e-9 dB, asserted by a test)";
                at_most("crossover", what, ripple, 1e-4, 6, "dB")
            }
        });
        let mut lines: Vec<Line> = ["low", "middle", "high"]
            .iter()
            .enumerate()
            .map(|(band, label)| {
                // Raised by 6.02 dB, a band is there once more.
                let once_more: Vec<f64> =
                    impulse(kind, Some(band)).iter().zip(&sum).map(|(a, b)| a - b).collect();
                Line::measured(*label, points(&response_db(&once_more)))
            })
            .collect();
        lines.push(Line::wanted("their sum", points(&sum_db)));
        let x = Axis {
            title: "frequency, Hz",
            range: (20.0, 20_000.0),
            marks: &[20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0, 10_000.0, 20_000.0],
            logarithmic: true,
        };
        let y = Axis {
            title: "gain, dB",
            range: (-60.0, 5.0),
            marks: &[-60.0, -50.0, -40.0, -30.0, -20.0, -10.0, 0.0],
            logarithmic: false,
        };
        pictures.push(Picture { name, caption, svg: chart(title, &x, &y, &lines) });
    }
    Subject { rows, pictures }
}

fn points(response_db: &[f64]) -> Vec<(f64, f64)> {
    (0..=300)
        .map(|i| 20.0 * 1000f64.powf(f64::from(i) / 300.0))
        .map(|f| (f, response_db[bin(f)]))
        .collect()
}
