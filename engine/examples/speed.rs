//! Speed of each stage and of the whole chain, as multiples of real time: `cargo run --release -p acetate-engine --example
//! speed -- [FILE]`.
//!
//! Every figure is the best of several runs over the same sound in memory; `RAYON_NUM_THREADS` sets the threads. The processor
//! time of all threads (Linux only) says more than the clock on a machine that does other things as well.

#![allow(clippy::disallowed_methods, reason = "test signals and pictures")]

use std::time::Instant;

use acetate_audio::{Audio, Source};
use acetate_engine::settings::{
    Bits, CompressorBand, CrossoverKind, DynamicBand, EqualizerBand, LimiterKind, Phase, Settings,
    StereoBand,
};
use acetate_engine::{finish, prepare, render};

const RUNS: usize = 5;

fn main() {
    let source = source();
    let seconds = source.frames() as f64 / f64::from(source.spec().sample_rate_hz);
    println!(
        "{seconds:.1} s, {} Hz, {} channels",
        source.spec().sample_rate_hz,
        source.spec().channels
    );
    println!("{:36} {:>8} {:>12} {:>14}", "", "ms", "x real time", "processor ms");
    let report = |name: &str, best: Best| {
        let (clock_s, processor_s) = (best.clock_s, best.processor_s);
        let times = seconds / clock_s;
        println!("{name:36} {:8.1} {times:12.0} {:14.0}", clock_s * 1e3, processor_s * 1e3);
    };
    for (name, settings) in cases() {
        let best = best_of(|| {
            render(&source, &settings, &mut |_| Ok::<(), ()>(())).expect("settings are valid");
        });
        report(name, best);
    }
    let settings = whole();
    let prepared = prepare(&source, &settings).expect("settings are valid");
    let best = best_of(|| {
        finish(&prepared, &settings, &mut |_| Ok::<(), ()>(())).expect("settings are valid");
    });
    report("second half of the whole", best);
}

/// The shortest of several runs, by the clock and by the processor.
struct Best {
    clock_s: f64,
    processor_s: f64,
}

fn best_of(mut run: impl FnMut()) -> Best {
    let mut best = Best { clock_s: f64::INFINITY, processor_s: f64::INFINITY };
    for _ in 0..RUNS {
        let (start, processor) = (Instant::now(), processor_s());
        run();
        best.clock_s = best.clock_s.min(start.elapsed().as_secs_f64());
        best.processor_s = best.processor_s.min(processor_s() - processor);
    }
    best
}

/// Processor time of this process so far, from `/proc` in ticks of 10 ms; 0 where there is none.
fn processor_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<f64> = stat.split(' ').filter_map(|field| field.parse().ok()).collect();
    // After the name: state is no number, so user and system time are the 12th and 13th of the numbers.
    fields.get(11).zip(fields.get(12)).map_or(0.0, |(user, system)| (user + system) / 100.0)
}

/// The file named on the command line, or four minutes of noise that leaps in level.
fn source() -> Source {
    if let Some(path) = std::env::args().nth(1) {
        return Source::open(path.as_ref(), u64::MAX).expect("a file that can be decoded");
    }
    let mut state = 1u32;
    let mut noise = |i: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let level = if (i / 20_000).is_multiple_of(3) { 0.5 } else { 0.15 };
        level * ((state >> 8) as f32 / 8_388_608.0 - 1.0)
    };
    let planes = (0..2).map(|_| (0..44_100 * 240).map(&mut noise).collect()).collect();
    Source::from_audio(Audio::from_planes(44_100, planes))
}

fn cases() -> Vec<(&'static str, Settings)> {
    let with = |change: &dyn Fn(&mut Settings)| {
        let mut settings = Settings::default();
        settings.output.bits = Bits::Float32;
        change(&mut settings);
        settings
    };
    let limited = |kind| {
        with(&|s| {
            s.drive_db = 6.0;
            s.limiter.kind = kind;
        })
    };
    vec![
        ("nothing", with(&|_| {})),
        ("equaliser, 8 bands", with(&|s| s.equalizer.bands = bands(8))),
        ("equaliser, 16 + 16 on mid and side", with(&|s| s.equalizer.bands = mid_side_bands())),
        (
            "equaliser, linear phase",
            with(&|s| {
                s.equalizer.bands = bands(8);
                s.equalizer.phase = Phase::Linear;
            }),
        ),
        (
            "dynamic equaliser, 2 bands",
            with(&|s| {
                let band = DynamicBand { threshold_db: -40.0, ..DynamicBand::default() };
                s.dynamic_equalizer.bands = vec![band; 2];
            }),
        ),
        ("compressor, 1 band", with(&|s| compress(s, &[]))),
        ("compressor, 3 bands", with(&|s| compress(s, &[140.0, 2500.0]))),
        (
            "compressor, 3 Linkwitz-Riley bands",
            with(&|s| {
                compress(s, &[140.0, 2500.0]);
                s.compressor.crossover = CrossoverKind::LinkwitzRiley;
            }),
        ),
        (
            "saturator",
            with(&|s| {
                s.saturator.enabled = true;
                s.saturator.mix_pct = 50.0;
            }),
        ),
        ("stereo", with(&widen)),
        ("resampler, to 48 kHz", with(&|s| s.output.sample_rate_hz = Some(48_000))),
        ("limiter, fast", limited(LimiterKind::Fast)),
        ("limiter, transparent", limited(LimiterKind::Transparent)),
        (
            "dither, 24 bit",
            with(&|s| {
                s.drive_db = -1.0;
                s.output.bits = Bits::Int24;
            }),
        ),
        ("whole: 8 bands, 3, stereo, limiter", whole()),
    ]
}

fn whole() -> Settings {
    let mut settings = Settings { drive_db: 6.0, ..Settings::default() };
    settings.equalizer.bands = bands(8);
    compress(&mut settings, &[140.0, 2500.0]);
    widen(&mut settings);
    settings.limiter.kind = LimiterKind::Transparent;
    settings
}

fn bands(count: usize) -> Vec<EqualizerBand> {
    let band = |i: usize| EqualizerBand {
        freq_hz: 60.0 * 2f64.powi(i as i32 % 8),
        gain_db: 1.5,
        ..EqualizerBand::default()
    };
    (0..count).map(band).collect()
}

fn mid_side_bands() -> Vec<EqualizerBand> {
    use acetate_engine::settings::BandChannel::{Mid, Side};
    let on = |channel| bands(16).into_iter().map(move |band| EqualizerBand { channel, ..band });
    on(Mid).chain(on(Side)).collect()
}

fn compress(settings: &mut Settings, crossovers_hz: &[f64]) {
    let band = CompressorBand { threshold_db: -30.0, ratio: 2.0, ..CompressorBand::default() };
    settings.compressor.bands = vec![band; crossovers_hz.len() + 1];
    settings.compressor.crossovers_hz = crossovers_hz.to_vec();
}

fn widen(settings: &mut Settings) {
    settings.stereo.mono_below_hz = Some(110.0);
    settings.stereo.bands = vec![StereoBand { below_hz: None, width_pct: 110.0 }];
}
