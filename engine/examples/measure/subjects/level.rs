//! What changes level: compressor, limiter, dither.

use acetate_audio::Audio;
use acetate_engine::settings::{
    Bits, CompressorBand, DitherKind, LimiterKind, LimiterSettings, Settings,
};

use super::{Picture, Row, Subject, row};
use crate::plot::{Axis, Line, chart};
use crate::signal::{
    RATE, db, density, float, from_fn, noise, rendered, sine, stereo, true_peak_db,
};

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
        row(
            "compressor",
            "static curve, steady 1 kHz sines, -40 to 0 dB",
            format!("{error:.4} dB off"),
            "0.02 dB",
        ),
        row("compressor", "attack of 20 ms, time to 63 %", format!("{attack:.2} ms"), "3 %"),
        row("compressor", "release of 200 ms, time to 63 %", format!("{release:.1} ms"), "3 %"),
    ];
    let lines: Vec<Line> =
        [("2:1, hard", 2.0, 0.0), ("2:1, knee 12 dB", 2.0, 12.0), ("8:1, knee 6 dB", 8.0, 6.0)]
            .into_iter()
            .map(|(name, ratio, knee)| {
                let band = band(ratio, knee);
                let points = (-40..=0)
                    .step_by(2)
                    .map(f64::from)
                    .map(|x| (x, settled_db(&band, x)))
                    .collect();
                Line { name, points }
            })
            .collect();
    let axis = |title| Axis {
        title,
        range: (-40.0, 0.0),
        marks: &[-40.0, -30.0, -20.0, -10.0, 0.0],
        logarithmic: false,
    };
    let svg = chart(
        "Compression of steady sines, threshold -20 dB",
        &axis("in, dB"),
        &axis("out, dB"),
        &lines,
    );
    let caption = "Static curves as measured";
    Subject { rows, pictures: vec![Picture { name: "compressor", caption, svg }] }
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

fn limited(kind: LimiterKind, change: impl FnOnce(&mut Settings)) -> Settings {
    let mut settings = float(|s| {
        s.limiter = LimiterSettings { kind, ..LimiterSettings::default() };
    });
    change(&mut settings);
    settings
}

const KINDS: [(LimiterKind, &str); 3] = [
    (LimiterKind::Masked, "masked"),
    (LimiterKind::Transparent, "transparent"),
    (LimiterKind::Fast, "fast"),
];

pub(crate) fn limiter() -> Subject {
    let two =
        |seed| Audio::from_planes(RATE as u32, vec![noise(60_000, seed), noise(60_000, seed + 1)]);
    let step = |n: f64| (0.07 * n).sin() * if n > 30_000.0 { 3.0 } else { 0.03 };
    let tone = |n: f64| {
        2.0 * (std::f64::consts::TAU * 19_000.0 / RATE * n).sin() * (0.6 + 0.4 * (n / 3000.0).sin())
    };
    let signals: [(&str, Audio); 3] = [
        ("a step of +40 dB", stereo(from_fn(60_000, step))),
        ("a 19 kHz tone, 6 dB over", stereo(from_fn(60_000, tone))),
        ("full-scale white noise", two(3)),
    ];
    let mut rows: Vec<Row> = Vec::new();
    for (kind, kind_name) in KINDS {
        for (name, audio) in &signals {
            let peaks: Vec<String> = [
                (Bits::Int16, DitherKind::Shaped),
                (Bits::Int24, DitherKind::Tpdf),
                (Bits::Float32, DitherKind::None),
            ]
            .map(|(bits, dither)| {
                let settings = limited(kind, |s| {
                    s.output.bits = bits;
                    s.output.dither = dither;
                });
                format!("{:.3}", true_peak_db(&rendered(&settings, audio.clone())))
            })
            .into();
            let what =
                format!("{kind_name}, {name}: true peak at 16x in 16 bit shaped / 24 bit / float");
            rows.push(row("limiter", what, format!("{} dBTP", peaks.join(" / ")), "-1.000 dBTP"));
        }
    }
    let burst =
        |n: f64| 0.5 * (0.31 * n).sin() * if (8000.0..9000.0).contains(&n) { 4.0 } else { 1.0 };
    let plane = from_fn(30_000, burst);
    let lines: Vec<Line> = KINDS
        .iter()
        .map(|&(kind, name)| {
            let out = rendered(&limited(kind, |_| {}), stereo(plane.clone()));
            let largest =
                |x: &mut dyn Iterator<Item = f64>| x.fold(1e-9f64, |max, x| max.max(x.abs()));
            let points = (7000..16_000)
                .step_by(42)
                .map(|n| {
                    let after = largest(&mut out[n..n + 42].iter().copied());
                    let before = largest(&mut plane[n..n + 42].iter().map(|&x| f64::from(x)));
                    (n as f64 / RATE * 1000.0, db(after / before))
                })
                .collect();
            Line { name, points }
        })
        .collect();
    let x = Axis {
        title: "ms",
        range: (160.0, 360.0),
        marks: &[160.0, 200.0, 240.0, 280.0, 320.0, 360.0],
        logarithmic: false,
    };
    let y = Axis {
        title: "gain, dB",
        range: (-8.0, 1.0),
        marks: &[-8.0, -6.0, -4.0, -2.0, 0.0],
        logarithmic: false,
    };
    let svg = chart("Gain around a burst of 23 ms, 7 dB over the ceiling", &x, &y, &lines);
    let caption = "How each limiter takes a short burst";
    Subject { rows, pictures: vec![Picture { name: "limiter", caption, svg }] }
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
        (DitherKind::ShapedLight, "shaped_light"),
        (DitherKind::Shaped, "shaped"),
    ];
    let mut rows = Vec::new();
    let mut lines = Vec::new();
    for (kind, name) in kinds {
        let errors = errors(kind);
        let rms = (errors.iter().map(|e| e * e).sum::<f64>() / errors.len() as f64).sqrt();
        let bound = if kind == DitherKind::Tpdf { "0.500, 1 %" } else { "-" };
        rows.push(row(
            "dither",
            format!("{name}, 16 bit: error"),
            format!("{rms:.4} steps rms"),
            bound,
        ));
        let density = density(&errors);
        let points = density
            .chunks(16)
            .enumerate()
            .map(|(index, bins)| {
                let mean = bins.iter().sum::<f64>() / bins.len() as f64;
                ((index as f64 + 0.5) * 16.0 * RATE / 4096.0, 10.0 * (mean / 0.25).log10())
            })
            .collect();
        lines.push(Line { name, points });
    }
    let x = Axis {
        title: "Hz",
        range: (0.0, 22_050.0),
        marks: &[0.0, 5000.0, 10_000.0, 15_000.0, 20_000.0],
        logarithmic: false,
    };
    let y = Axis {
        title: "noise, dB re flat dither",
        range: (-30.0, 25.0),
        marks: &[-30.0, -20.0, -10.0, 0.0, 10.0, 20.0],
        logarithmic: false,
    };
    let svg = chart("Noise of 16-bit output at 44.1 kHz", &x, &y, &lines);
    let caption = "Spectra of dither";
    Subject { rows, pictures: vec![Picture { name: "dither", caption, svg }] }
}
