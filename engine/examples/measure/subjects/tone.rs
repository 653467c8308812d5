//! What changes tone: equaliser, stereo, saturator, resampler.

use std::f64::consts::TAU;

use acetate_audio::Audio;
use acetate_engine::settings::{
    BandChannel, EqualizerBand, FilterType, Phase, Settings, StereoBand,
};

use super::{Picture, Row, Subject, row};
use crate::plot::{Axis, Line, chart};
use crate::signal::{RATE, db, float, powers, rendered, sine, stereo as on_both};

fn frequencies(count: usize) -> impl Iterator<Item = f64> {
    (0..=count).map(move |i| 20.0 * 1000f64.powf(i as f64 / count as f64))
}

fn hertz<'a>() -> Axis<'a> {
    Axis {
        title: "Hz",
        range: (20.0, 20_000.0),
        marks: &[20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0, 10_000.0, 20_000.0],
        logarithmic: true,
    }
}

fn band(kind: FilterType, freq_hz: f64, gain_db: f64, q: f64) -> EqualizerBand {
    EqualizerBand { kind, freq_hz, gain_db, q, ..EqualizerBand::default() }
}

/// The analogue prototype (RBJ, "Audio EQ Cookbook"), as a gain in dB.
fn analogue_db(band: &EqualizerBand, freq_hz: f64) -> f64 {
    let w = freq_hz / band.freq_hz;
    let a = 10f64.powf(band.gain_db / 40.0);
    let q2 = band.q * band.q;
    let square = |x: f64| x * x;
    let power = match band.kind {
        FilterType::Bell => {
            let shape = square(1.0 - w * w);
            (shape + a * a * w * w / q2) / (shape + w * w / (a * a * q2))
        }
        _ => {
            let top = square(1.0 - a * w * w) + a * w * w / q2;
            let bottom = square(a - w * w) + a * w * w / q2;
            a * a * top / bottom
        }
    };
    10.0 * power.log10()
}

pub(crate) fn equalizer() -> Subject {
    let cases = [
        (band(FilterType::Bell, 1000.0, 6.0, 1.0), "0.01 dB"),
        (band(FilterType::Bell, 5000.0, 6.0, 1.0), "0.16 dB"),
        (band(FilterType::Bell, 15_000.0, 6.0, 1.0), "0.7 dB"),
        (band(FilterType::HighShelf, 8000.0, 4.0, 0.707), "0.15 dB"),
        (band(FilterType::HighShelf, 12_000.0, 3.0, 0.707), "0.15 dB"),
    ];
    let mut rows: Vec<Row> = cases
        .iter()
        .map(|(band, bound)| {
            let error = frequencies(400)
                .map(|f| (band.response_db(f, RATE) - analogue_db(band, f)).abs())
                .fold(0.0, f64::max);
            let kind = if band.kind == FilterType::Bell { "bell" } else { "high shelf" };
            let what = format!(
                "{kind} {} kHz {:+} dB, distance from the analogue prototype, 20 Hz-20 kHz",
                band.freq_hz / 1000.0,
                band.gain_db
            );
            row("equaliser", what, format!("{error:.3} dB"), bound)
        })
        .collect();
    for (phase, name, bound) in
        [(Phase::Minimum, "minimum", "0.002 dB"), (Phase::Linear, "linear", "0.02 dB")]
    {
        let settings = float(|s| {
            s.equalizer.phase = phase;
            s.equalizer.bands = cases.iter().map(|(band, _)| band.clone()).collect();
        });
        let error = response_error_db(&settings);
        let what = format!("{name} phase: measured response from the stated one, 100 Hz-20 kHz");
        rows.push(row("equaliser", what, format!("{error:.4} dB"), bound));
    }
    let bells: Vec<_> = [100.0, 1000.0, 5000.0, 10_000.0, 15_000.0]
        .map(|f| band(FilterType::Bell, f, 6.0, 1.0))
        .into();
    let mut lines = Vec::new();
    for bell in &bells {
        let points = frequencies(300).map(|f| (f, bell.response_db(f, RATE))).collect();
        lines.push(Line { name: "", points });
    }
    let wanted = frequencies(300).map(|f| (f, analogue_db(&bells[4], f))).collect();
    lines.push(Line { name: "15 kHz as an analogue filter has it", points: wanted });
    let y =
        Axis { title: "dB", range: (-1.0, 7.0), marks: &[0.0, 2.0, 4.0, 6.0], logarithmic: false };
    let svg = chart("Bells of 6 dB, Q 1, at 44.1 kHz", &hertz(), &y, &lines);
    let caption = "Bells up to 15 kHz keep their shape near Nyquist";
    Subject { rows, pictures: vec![Picture { name: "equalizer", caption, svg }] }
}

/// Largest distance between the response read off an impulse and the one that settings state.
fn response_error_db(settings: &Settings) -> f64 {
    const SIZE: usize = 1 << 16;
    let mut plane = vec![0.0; SIZE];
    plane[SIZE / 2] = 1.0;
    let spectrum = powers(&rendered(settings, on_both(plane)));
    frequencies(100)
        .filter(|f| *f > 100.0)
        .map(|f| {
            let bin = (f / RATE * SIZE as f64).round();
            // A unit impulse has amplitude 2/N in every bin.
            let measured = 10.0 * spectrum[bin as usize].log10() - db(2.0 / SIZE as f64);
            let freq = bin * RATE / SIZE as f64;
            (measured - settings.equalizer.response_db(BandChannel::Left, freq, RATE)).abs()
        })
        .fold(0.0, f64::max)
}

pub(crate) fn stereo() -> Subject {
    const SIZE: usize = 1 << 16;
    let settings = float(|s| {
        s.stereo.mono_below_hz = Some(110.0);
        s.stereo.bands = vec![
            StereoBand { below_hz: Some(2000.0), width_pct: 100.0 },
            StereoBand { below_hz: None, width_pct: 130.0 },
        ];
    });
    let mut left = vec![0.0; SIZE];
    left[SIZE / 2] = 1.0;
    let right = vec![0.0; SIZE];
    let swapped =
        rendered(&settings, Audio::from_planes(RATE as u32, vec![right.clone(), left.clone()]));
    let direct = rendered(&settings, Audio::from_planes(RATE as u32, vec![left, right]));
    // By symmetry the other channel's output is what the first gives for swapped input.
    let sum: Vec<f64> = direct.iter().zip(&swapped).map(|(a, b)| a + b).collect();
    let difference: Vec<f64> = direct.iter().zip(&swapped).map(|(a, b)| a - b).collect();
    let reference = db(2.0 / SIZE as f64);
    let level = |x: &[f64]| -> Vec<f64> {
        powers(x).iter().map(|power| 10.0 * power.log10() - reference).collect()
    };
    let (mid, side) = (level(&sum), level(&difference));
    let bin = |f: f64| (f / RATE * SIZE as f64) as usize;
    let worst = mid[bin(20.0)..bin(20_000.0)].iter().fold(0.0f64, |max, db| max.max(db.abs()));
    let rows = vec![
        row("stereo", "mid, change with any width", format!("{worst:.6} dB"), "0.0001 dB"),
        row(
            "stereo",
            "side at 50 Hz, mono below 110 Hz",
            format!("{:.0} dB", side[bin(50.0)]),
            "-50 dB",
        ),
    ];
    let points = |db: &[f64]| frequencies(300).map(|f| (f, db[bin(f)])).collect();
    let lines =
        [Line { name: "side", points: points(&side) }, Line { name: "mid", points: points(&mid) }];
    let y = Axis {
        title: "dB",
        range: (-40.0, 5.0),
        marks: &[-40.0, -30.0, -20.0, -10.0, 0.0],
        logarithmic: false,
    };
    let svg = chart("Mono below 110 Hz, 130 % above 2 kHz", &hertz(), &y, &lines);
    let caption = "Width is one linear-phase filter on the side";
    Subject { rows, pictures: vec![Picture { name: "stereo", caption, svg }] }
}

/// Level of everything that is not a harmonic, re the sine.
fn alias_db(drive_db: f64, freq_hz: f64, amplitude: f64) -> f64 {
    const SIZE: usize = 1 << 16;
    let settings = float(|s| {
        s.saturator.enabled = true;
        s.saturator.mix_pct = 100.0;
        s.saturator.drive_db = drive_db;
    });
    // A frequency that the window holds exactly, odd so that aliases do not fall on harmonics.
    let bin = (freq_hz / RATE * SIZE as f64) as usize | 1;
    let freq = bin as f64 * RATE / SIZE as f64;
    let out = rendered(&settings, on_both(sine(freq, amplitude, 3 * SIZE)));
    let spectrum = powers(&out[SIZE..2 * SIZE]);
    let aliases = spectrum.iter().enumerate().filter(|(index, _)| *index > 0 && index % bin != 0);
    let power: f64 = aliases.map(|(_, power)| power).sum();
    10.0 * (power / spectrum[bin]).log10()
}

pub(crate) fn saturator() -> Subject {
    let rows = vec![
        row(
            "saturator",
            "aliases of a full-scale 6.28 kHz sine at drive 0 dB",
            format!("{:.0} dB", alias_db(0.0, 6280.0, 1.0)),
            "-100 dB",
        ),
        row(
            "saturator",
            "the same at drive 18 dB (8 times the amplitude)",
            format!("{:.0} dB", alias_db(18.06, 6280.0, 1.0)),
            "-69 dB",
        ),
    ];
    let sweep = |drive: f64| -> Vec<(f64, f64)> {
        (0..24)
            .map(|i| 1000.0 * 20f64.powf(f64::from(i) / 23.0))
            .map(|f| (f, alias_db(drive, f, 1.0)))
            .collect()
    };
    let lines = [
        Line { name: "drive 0 dB", points: sweep(0.0) },
        Line { name: "drive 12 dB", points: sweep(12.0) },
        Line { name: "drive 24 dB", points: sweep(24.0) },
    ];
    let x = Axis {
        title: "Hz",
        range: (1000.0, 20_000.0),
        marks: &[1000.0, 2000.0, 5000.0, 10_000.0, 20_000.0],
        logarithmic: true,
    };
    let y = Axis {
        title: "aliases, dB re sine",
        range: (-180.0, -40.0),
        marks: &[-180.0, -140.0, -100.0, -60.0],
        logarithmic: false,
    };
    let svg = chart("Aliases of a full-scale sine through the saturator", &x, &y, &lines);
    let caption = "Aliasing of the saturator over frequency";
    Subject { rows, pictures: vec![Picture { name: "aliasing", caption, svg }] }
}

pub(crate) fn resampler() -> Subject {
    let rows = [(1000.0, 48_000u32), (1000.0, 96_000), (19_000.0, 48_000)]
        .map(|(freq, to)| {
            let settings = float(|s| s.output.sample_rate_hz = Some(to));
            let out = rendered(&settings, on_both(sine(freq, 0.5, 100_000)));
            let omega = TAU * freq / f64::from(to);
            let middle = out.len() / 4..out.len() * 3 / 4;
            let error = middle.clone().map(|n| out[n] - 0.5 * (omega * n as f64).sin());
            let power: f64 = error.map(|e| e * e).sum::<f64>() / middle.len() as f64;
            let residue = 10.0 * (power / 0.125).log10();
            let what = format!(
                "{} kHz sine, 44.1 to {} kHz, against the same sine",
                freq / 1000.0,
                to / 1000
            );
            row("resampler", what, format!("{residue:.0} dB"), "-130 dB")
        })
        .into();
    Subject { rows, pictures: vec![] }
}
