//! What changes tone: equaliser, stereo, saturator, resampler.

use std::f64::consts::TAU;

use acetate_audio::Audio;
use acetate_engine::settings::{
    BandChannel, EqualizerBand, FilterType, Phase, Settings, StereoBand,
};

use super::{Picture, Row, Subject, at_most};
use crate::plot::{Axis, Line, chart};
use crate::signal::{RATE, db, float, powers, rendered, sine, stereo as on_both};

fn frequencies(count: usize) -> impl Iterator<Item = f64> {
    (0..=count).map(move |i| 20.0 * 1000f64.powf(i as f64 / count as f64))
}

fn hertz<'a>() -> Axis<'a> {
    Axis {
        title: "frequency, Hz",
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
        (band(FilterType::Bell, 1000.0, 6.0, 1.0), 20_000.0, 0.01),
        (band(FilterType::Bell, 5000.0, 6.0, 1.0), 20_000.0, 0.16),
        (band(FilterType::Bell, 15_000.0, 6.0, 1.0), 20_000.0, 0.7),
        (band(FilterType::HighShelf, 8000.0, 4.0, 0.707), 20_000.0, 0.15),
        (band(FilterType::HighShelf, 10_000.0, 6.0, 0.707), 20_000.0, 0.15),
        (band(FilterType::HighShelf, 12_000.0, 3.0, 0.707), 20_000.0, 0.15),
    ];
    let mut rows: Vec<Row> = cases
        .iter()
        .map(|(band, highest_hz, asked)| {
            let error = frequencies(400)
                .filter(|f| f <= highest_hz)
                .map(|f| (band.response_db(f, RATE) - analogue_db(band, f)).abs())
                .fold(0.0, f64::max);
            let kind = if band.kind == FilterType::Bell { "bell" } else { "high shelf" };
            let what = format!(
                "{kind} {} kHz {:+} dB, distance from the analogue prototype, 20 Hz-20 kHz",
                band.freq_hz / 1000.0,
                band.gain_db
            );
            at_most("equaliser", what, error, *asked, 3, "dB")
        })
        .collect();
    for (phase, name, asked) in
        [(Phase::Minimum, "minimum", 0.002), (Phase::Linear, "linear", 0.02)]
    {
        let settings = float(|s| {
            s.equalizer.phase = phase;
            s.equalizer.bands = cases.iter().map(|(band, ..)| band.clone()).collect();
        });
        let error = response_error_db(&settings);
        let what = format!("{name} phase: measured response from the stated one, 100 Hz-20 kHz");
        rows.push(at_most("equaliser", what, error, asked, 4, "dB"));
    }
    Subject { rows, pictures: vec![bells(), filters()] }
}

fn bells() -> Picture {
    let mut lines = Vec::new();
    for (freq_hz, name) in [
        (100.0, "100 Hz"),
        (1000.0, "1 kHz"),
        (5000.0, "5 kHz"),
        (10_000.0, "10 kHz"),
        (15_000.0, "15 kHz"),
    ] {
        let bell = band(FilterType::Bell, freq_hz, 6.0, 1.0);
        let points = |gain: &dyn Fn(f64) -> f64| frequencies(300).map(|f| (f, gain(f))).collect();
        lines.push(Line::measured(name, points(&|f| bell.response_db(f, RATE))));
        let legend = if freq_hz == 100.0 { "the analogue prototypes" } else { "" };
        lines.push(Line::wanted(legend, points(&|f| analogue_db(&bell, f))));
    }
    let y = Axis {
        title: "gain, dB",
        range: (-1.0, 7.0),
        marks: &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        logarithmic: false,
    };
    let svg = chart("Equaliser: bells of +6 dB, Q 1, at 44.1 kHz", &hertz(), &y, &lines);
    Picture { name: "equalizer", caption: "Bells up to 15 kHz keep their shape near Nyquist", svg }
}

fn filters() -> Picture {
    let pass = |kind, freq_hz, slope_db_per_octave| EqualizerBand {
        slope_db_per_octave,
        ..band(kind, freq_hz, 0.0, 0.707)
    };
    let lines: Vec<Line> = [
        ("low shelf", band(FilterType::LowShelf, 120.0, 6.0, 0.707)),
        ("high shelf", band(FilterType::HighShelf, 8000.0, -6.0, 0.707)),
        ("tilt", band(FilterType::Tilt, 1000.0, 4.0, 0.707)),
        ("high-pass 12", pass(FilterType::HighPass, 30.0, 12)),
        ("high-pass 48", pass(FilterType::HighPass, 30.0, 48)),
        ("low-pass 24 dB/oct", pass(FilterType::LowPass, 16_000.0, 24)),
    ]
    .into_iter()
    .map(|(name, band)| {
        Line::measured(name, frequencies(300).map(|f| (f, band.response_db(f, RATE))).collect())
    })
    .collect();
    let y = Axis {
        title: "gain, dB",
        range: (-12.0, 8.0),
        marks: &[-12.0, -8.0, -4.0, 0.0, 4.0, 8.0],
        logarithmic: false,
    };
    let svg = chart("Equaliser: shelves, tilt and passes at 44.1 kHz", &hertz(), &y, &lines);
    Picture { name: "filters", caption: "The other filters of the equaliser", svg }
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
        at_most("stereo", "mid, change with any width", worst, 0.0001, 6, "dB"),
        at_most("stereo", "side at 50 Hz, mono below 110 Hz", side[bin(50.0)], -50.0, 0, "dB"),
    ];
    let points = |db: &[f64]| frequencies(300).map(|f| (f, db[bin(f)])).collect();
    let lines = [Line::measured("side", points(&side)), Line::measured("mid", points(&mid))];
    let y = Axis {
        title: "gain, dB",
        range: (-40.0, 5.0),
        marks: &[-40.0, -30.0, -20.0, -10.0, 0.0],
        logarithmic: false,
    };
    let svg = chart("Stereo: mono below 110 Hz, width 130 % above 2 kHz", &hertz(), &y, &lines);
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
    // A third-octave apart, and none of them chosen: where each harmonic meets Nyquist differs.
    let sweep = |drive: f64| -> Vec<(f64, f64)> {
        (0..=60)
            .map(|i| 1000.0 * 20f64.powf(f64::from(i) / 60.0))
            .map(|f| (f, alias_db(drive, f, 1.0)))
            .collect()
    };
    let [low, zero, high] = [-6.0, 0.0, 18.06].map(sweep);
    let highest = |points: &[(f64, f64)]| {
        points
            .iter()
            .filter(|(f, _)| *f < 10_000.0)
            .map(|(_, db)| *db)
            .fold(f64::NEG_INFINITY, f64::max)
    };
    let rows = vec![
        at_most(
            "saturator",
            "aliases of full-scale sines of 1 to 10 kHz at drive -6 dB",
            highest(&low),
            -100.0,
            0,
            "dB",
        ),
        at_most(
            "saturator",
            "aliases of a full-scale 6.28 kHz sine at drive 0 dB",
            alias_db(0.0, 6280.0, 1.0),
            -100.0,
            0,
            "dB",
        ),
        at_most(
            "saturator",
            "the same at drive 18 dB (8 times the amplitude)",
            alias_db(18.06, 6280.0, 1.0),
            -69.0,
            0,
            "dB",
        ),
    ];
    let lines = [
        Line::measured("drive \u{2212}6 dB", low),
        Line::measured("0 dB", zero),
        Line::measured("18 dB", high),
        Line::wanted("asked at mastering drives", vec![(1000.0, -100.0), (20_000.0, -100.0)]),
    ];
    let x = Axis {
        title: "frequency of the sine, Hz",
        range: (1000.0, 20_000.0),
        marks: &[1000.0, 2000.0, 3000.0, 5000.0, 10_000.0, 20_000.0],
        logarithmic: true,
    };
    let y = Axis {
        title: "all aliases together, dB re the sine",
        range: (-170.0, -30.0),
        marks: &[-160.0, -140.0, -120.0, -100.0, -80.0, -60.0, -40.0],
        logarithmic: false,
    };
    let svg = chart("Saturator: aliases of a full-scale sine, 44.1 kHz", &x, &y, &lines);
    let caption = "Aliasing of the saturator over frequency";
    Subject { rows, pictures: vec![Picture { name: "aliasing", caption, svg }] }
}

pub(crate) fn resampler() -> Subject {
    let mut rows: Vec<Row> = [(1000.0, 48_000u32), (1000.0, 96_000), (19_000.0, 48_000)]
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
            at_most("resampler", what, residue, -130.0, 0, "dB")
        })
        .into();
    let settings = float(|s| s.output.sample_rate_hz = Some(44_100));
    let plane: Vec<f32> = (0..200_000)
        .map(|n| (0.5 * (TAU * 23_000.0 / 96_000.0 * f64::from(n)).sin()) as f32)
        .collect();
    let out = rendered(&settings, Audio::from_planes(96_000, vec![plane.clone(), plane]));
    let middle = &out[out.len() / 4..out.len() * 3 / 4];
    let power = middle.iter().map(|x| x * x).sum::<f64>() / middle.len() as f64;
    let left = 10.0 * (power / 0.125).log10();
    rows.push(at_most(
        "resampler",
        "what is left of 23 kHz, 96 to 44.1 kHz",
        left,
        -120.0,
        0,
        "dB",
    ));
    Subject { rows, pictures: vec![] }
}
