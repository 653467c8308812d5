//! What keeps peaks under the ceiling.

use acetate_audio::Audio;
use acetate_engine::settings::{Bits, DitherKind, LimiterKind, LimiterSettings, Settings};

use super::{Picture, Row, Subject};
use crate::plot::{Axis, Line, chart};
use crate::signal::{RATE, db, float, from_fn, noise, rendered, stereo, true_peak_db};

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
            let peaks = [
                (Bits::Int16, DitherKind::Shaped),
                (Bits::Int24, DitherKind::Tpdf),
                (Bits::Float32, DitherKind::None),
            ]
            .map(|(bits, dither)| {
                let settings = limited(kind, |s| {
                    s.output.bits = bits;
                    s.output.dither = dither;
                });
                true_peak_db(&rendered(&settings, audio.clone()))
            });
            let what =
                format!("{kind_name}, {name}: true peak at 16x in 16 bit shaped / 24 bit / float");
            let [int16, int24, float] = peaks;
            rows.push(Row {
                processor: "limiter",
                what,
                result: format!("{int16:.3} / {int24:.3} / {float:.3} dBTP"),
                asked: "\u{2264} -1 dBTP".into(),
                kept: peaks.iter().all(|peak| *peak <= -1.0),
            });
        }
    }
    Subject { rows, pictures: vec![burst(), step_up()] }
}

/// Largest magnitudes in windows of a millisecond.
fn millisecond_peaks(x: impl Fn(usize) -> f64, from: usize, to: usize) -> Vec<(f64, f64)> {
    let peak = |n: usize| (n..n + 44).map(|n| x(n).abs()).fold(1e-9, f64::max);
    (from..to).step_by(44).map(|n| (n as f64 / RATE * 1000.0, peak(n))).collect()
}

fn burst() -> Picture {
    let burst =
        |n: f64| 0.5 * (0.31 * n).sin() * if (8000.0..9000.0).contains(&n) { 4.0 } else { 1.0 };
    let plane = from_fn(30_000, burst);
    let before = millisecond_peaks(|n| f64::from(plane[n]), 7500, 19_000);
    let lines: Vec<Line> = KINDS
        .iter()
        .map(|&(kind, name)| {
            let out = rendered(&limited(kind, |_| {}), stereo(plane.clone()));
            let after = millisecond_peaks(|n| out[n], 7500, 19_000);
            let gain = before.iter().zip(after).map(|(b, a)| (b.0, db(a.1 / b.1))).collect();
            Line::measured(name, gain)
        })
        .collect();
    let x = Axis {
        title: "time, ms",
        range: (170.0, 430.0),
        marks: &[180.0, 220.0, 260.0, 300.0, 340.0, 380.0, 420.0],
        logarithmic: false,
    };
    let y = Axis {
        title: "gain, dB",
        range: (-9.0, 1.0),
        marks: &[-8.0, -6.0, -4.0, -2.0, 0.0],
        logarithmic: false,
    };
    let title = "Limiters: gain around a burst of 23 ms, 7 dB over the ceiling";
    let svg = chart(title, &x, &y, &lines);
    Picture { name: "limiter", caption: "How each limiter takes a short burst, and lets go", svg }
}

fn step_up() -> Picture {
    let step = |n: f64| (0.31 * n).sin() * if n > 12_000.0 { 3.0 } else { 0.03 };
    let plane = from_fn(30_000, step);
    let level = |x: &dyn Fn(usize) -> f64| -> Vec<(f64, f64)> {
        millisecond_peaks(x, 11_000, 14_500).iter().map(|(ms, peak)| (*ms, db(*peak))).collect()
    };
    let mut lines: Vec<Line> = KINDS
        .iter()
        .map(|&(kind, name)| {
            let out = rendered(&limited(kind, |_| {}), stereo(plane.clone()));
            Line::measured(name, level(&|n| out[n]))
        })
        .collect();
    lines.push(Line::wanted("what goes in", level(&|n| f64::from(plane[n]))));
    let x = Axis {
        title: "time, ms",
        range: (250.0, 325.0),
        marks: &[250.0, 260.0, 270.0, 280.0, 290.0, 300.0, 310.0, 320.0],
        logarithmic: false,
    };
    let y = Axis {
        title: "peak level, dBFS",
        range: (-42.0, 12.0),
        marks: &[-40.0, -30.0, -20.0, -10.0, -1.0, 10.0],
        logarithmic: false,
    };
    let svg =
        chart("Limiters: a step of +40 dB against a ceiling of \u{2212}1 dBTP", &x, &y, &lines);
    Picture { name: "limiter_step", caption: "A step of 40 dB never passes the ceiling", svg }
}
