//! What changes level, or adds noise: compressor, dither.

use acetate_engine::settings::{Bits, CompressorBand, DitherKind, Settings};

use super::{Picture, Subject, at_most, within};
use crate::plot::{Axis, Line, chart};
use crate::signal::{RATE, db, density, float, from_fn, rendered, sine, stereo};

fn band(ratio: f64, knee_db: f64) -> CompressorBand {
    CompressorBand {
        threshold_db: -20.0,
        ratio,
        knee_db,
        attack_ms: 20.0,
        release_ms: 200.0,
        ..CompressorBand::default()
    }
}

/// Level of a steady sine after compression.
fn settled_db(band: &CompressorBand, level_db: f64) -> f64 {
    let band = CompressorBand { release_ms: 1000.0, ..band.clone() };
    let settings = float(|s| s.compressor.bands = vec![band]);
    let out = rendered(&settings, stereo(sine(1000.0, 10f64.powf(level_db / 20.0), 60_000)));
    let end = &out[44_100..44_100 + 4410];
    10.0 * (2.0 * end.iter().map(|x| x * x).sum::<f64>() / end.len() as f64).log10()
}

pub(crate) fn compressor() -> Subject {
    let subject = band(4.0, 6.0);
    let levels = [-40.0, -30.0, -24.0, -21.0, -20.0, -18.0, -12.0, -6.0, 0.0];
    let error = levels
        .iter()
        .map(|&level| (settled_db(&subject, level) - level - subject.static_gain_db(level)).abs())
        .fold(0.0, f64::max);
    let (attack, release) = times_ms(&subject);
    let rows = vec![
        at_most(
            "compressor",
            "distance from the static curve, steady 1 kHz sines, -40 to 0 dB",
            error,
            0.02,
            4,
            "dB",
        ),
        within("compressor", "attack, time to 63 %", attack, 20.0, 3.0, "ms"),
        within("compressor", "release, time to 63 %", release, 200.0, 3.0, "ms"),
    ];
    Subject { rows, pictures: vec![curves(), ballistics()] }
}

fn curves() -> Picture {
    let levels = (-40..=0).step_by(2).map(f64::from);
    let mut lines: Vec<Line> = [
        ("1.5:1, knee 12 dB", 1.5, 12.0),
        ("2:1, hard", 2.0, 0.0),
        ("2:1, knee 12 dB", 2.0, 12.0),
        ("8:1, knee 6 dB", 8.0, 6.0),
    ]
    .into_iter()
    .map(|(name, ratio, knee)| {
        let band = band(ratio, knee);
        Line::measured(name, levels.clone().map(|x| (x, settled_db(&band, x))).collect())
    })
    .collect();
    lines.push(Line::wanted("no compression", vec![(-40.0, -40.0), (0.0, 0.0)]));
    let axis = |title| Axis {
        title,
        range: (-40.0, 0.0),
        marks: &[-40.0, -30.0, -20.0, -10.0, 0.0],
        logarithmic: false,
    };
    let svg = chart(
        "Compressor: steady sines, threshold \u{2212}20 dB, as measured",
        &axis("level in, dBFS"),
        &axis("level out, dBFS"),
        &lines,
    );
    Picture { name: "compressor", caption: "Static curves as measured", svg }
}

/// Gain over time when a level rises by 26 dB for a short and for a long while.
fn ballistics() -> Picture {
    let loud = |n: f64| (8820.0..11_025.0).contains(&n) || (44_100.0..88_200.0).contains(&n);
    let plane = from_fn(4 * 44_100, |n| if loud(n) { 0.4 } else { 0.02 });
    let gain = |auto_release| {
        let band = CompressorBand { auto_release, ..band(4.0, 6.0) };
        let out = rendered(&float(|s| s.compressor.bands = vec![band]), stereo(plane.clone()));
        let points = (0..plane.len()).step_by(221);
        points.map(|n| (n as f64 / RATE, db(out[n] / f64::from(plane[n])))).collect()
    };
    let lines =
        [Line::measured("release 200 ms", gain(false)), Line::measured("auto release", gain(true))];
    let x = Axis {
        title: "time, s",
        range: (0.0, 4.0),
        marks: &[0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0],
        logarithmic: false,
    };
    let y = Axis {
        title: "gain, dB",
        range: (-10.0, 1.0),
        marks: &[-10.0, -8.0, -6.0, -4.0, -2.0, 0.0],
        logarithmic: false,
    };
    let title =
        "Compressor: 50 ms and 1 s at \u{2212}8 dBFS; threshold \u{2212}20 dB, 4:1, attack 20 ms";
    let svg = chart(title, &x, &y, &lines);
    let caption = "After a short peak both let go alike; after a long one auto release is slower";
    Picture { name: "ballistics", caption, svg }
}

/// Attack and release times read off the gain of a step up and down.
fn times_ms(band: &CompressorBand) -> (f64, f64) {
    const STEP: usize = 44_100;
    let plane =
        from_fn(
            4 * STEP,
            |n| if (STEP as f64..2.0 * STEP as f64).contains(&n) { 1.0 } else { 0.01 },
        );
    let settings = float(|s| s.compressor.bands = vec![band.clone()]);
    let out = rendered(&settings, stereo(plane.clone()));
    let reduction: Vec<f64> = out.iter().zip(&plane).map(|(y, x)| -db(y / f64::from(*x))).collect();
    let full = -band.static_gain_db(0.0);
    let left = (-1.0f64).exp();
    let up = reduction[STEP..].iter().position(|r| *r >= (1.0 - left) * full).unwrap_or(0);
    let down = reduction[2 * STEP..].iter().position(|r| *r <= left * full).unwrap_or(0);
    (up as f64 / RATE * 1000.0, down as f64 / RATE * 1000.0)
}

pub(crate) fn dither() -> Subject {
    let plane = sine(997.3, 0.3, 1 << 20);
    let errors = |kind| -> Vec<f64> {
        let mut settings = Settings::default();
        settings.output.bits = Bits::Int16;
        settings.output.dither = kind;
        let out = rendered(&settings, stereo(plane.clone()));
        out.iter().zip(&plane).map(|(y, x)| (y - f64::from(*x)) * 32_768.0).collect()
    };
    let kinds = [
        (DitherKind::Tpdf, "tpdf"),
        (DitherKind::ShapedLight, "shaped light"),
        (DitherKind::Shaped, "shaped"),
    ];
    let mut rows = Vec::new();
    let mut lines = Vec::new();
    for (kind, name) in kinds {
        let errors = errors(kind);
        let rms = (errors.iter().map(|e| e * e).sum::<f64>() / errors.len() as f64).sqrt();
        if kind == DitherKind::Tpdf {
            let what = "tpdf, 16 bit: error, steps of 16 bits";
            rows.push(within("dither", what, rms, 0.5, 1.0, "rms"));
        }
        let density = density(&errors);
        let mut off_db = 0.0f64;
        let mut wanted = Vec::new();
        let points = density
            .chunks_exact(16)
            .enumerate()
            .map(|(index, bins)| {
                let mean = bins.iter().sum::<f64>() / bins.len() as f64;
                let hertz = (index as f64 + 0.5) * 16.0 * RATE / 4096.0;
                let measured_db = 10.0 * (mean / 0.25).log10();
                let curve_db = kind.noise_gain_db(Bits::Int16, RATE as u32, hertz);
                // The lowest bins hold what is left of the sine.
                if hertz > 2000.0 {
                    off_db = off_db.max((measured_db - curve_db).abs());
                }
                wanted.push((hertz, curve_db));
                (hertz, measured_db)
            })
            .collect();
        lines.push(Line::measured(name, points));
        let legend = if kind == DitherKind::Tpdf { "as designed" } else { "" };
        lines.push(Line::wanted(legend, wanted));
        let what = format!("{name}, 16 bit: noise, distance from its curve, 2-22 kHz");
        rows.push(at_most("dither", what, off_db, 0.5, 2, "dB"));
    }
    let x = Axis {
        title: "frequency, Hz",
        range: (0.0, 22_050.0),
        marks: &[
            0.0, 2000.0, 4000.0, 6000.0, 8000.0, 10_000.0, 12_000.0, 14_000.0, 16_000.0, 18_000.0,
            20_000.0, 22_000.0,
        ],
        logarithmic: false,
    };
    let y = Axis {
        title: "noise, dB re flat dither",
        range: (-30.0, 25.0),
        marks: &[-30.0, -20.0, -10.0, 0.0, 10.0, 20.0],
        logarithmic: false,
    };
    let svg = chart("Dither: noise of 16-bit output at 44.1 kHz", &x, &y, &lines);
    let caption = "Spectra of dither: shaping moves noise to where the ear is dull";
    Subject { rows, pictures: vec![Picture { name: "dither", caption, svg }] }
}
