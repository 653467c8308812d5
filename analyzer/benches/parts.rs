//! What each kind of measuring costs: ten seconds of stereo at 44.1 kHz, on one thread.
//!
//! `cargo bench -p acetate-analyzer`

#![allow(clippy::disallowed_methods, missing_docs, reason = "test signals; criterion's macros")]

use std::hint::black_box;

use acetate_analyzer::{Analyzer, LevelMeter, LoudnessMeter, Part, TruePeakMeter};
use acetate_audio::{Audio, BLOCK_FRAMES};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

const RATE_HZ: u32 = 44_100;
const FRAMES: usize = 10 * RATE_HZ as usize;

/// Tones and noise that swell, in blocks as they come from a file.
fn blocks() -> Vec<Audio> {
    let mut state = 7u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1u32 << 23) as f32 - 1.0
    };
    let mut sample = |n: usize, freq_hz: f64| {
        let seconds = n as f64 / f64::from(RATE_HZ);
        let tone = libm::sin(std::f64::consts::TAU * (freq_hz * seconds).fract()) as f32;
        let swell = 0.3 + 0.25 * libm::sin(seconds * 9.0) as f32;
        swell * (tone + 0.3 * noise())
    };
    let planes: Vec<Vec<f32>> =
        [220.0, 331.0].map(|hz| (0..FRAMES).map(|n| sample(n, hz)).collect()).to_vec();
    (0..FRAMES)
        .step_by(BLOCK_FRAMES)
        .map(|start| {
            let end = FRAMES.min(start + BLOCK_FRAMES);
            let cut = planes.iter().map(|plane| plane[start..end].to_vec());
            Audio::from_planes(RATE_HZ, cut.collect())
        })
        .collect()
}

fn parts(criterion: &mut Criterion) {
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("one thread");
    let blocks = blocks();
    let spec = blocks[0].spec();
    let mut group = criterion.benchmark_group("ten seconds of stereo");
    group.throughput(Throughput::Elements(FRAMES as u64)).sample_size(20);
    let count = Part::all(spec).len();
    for index in 0..count {
        let name = Part::all(spec).swap_remove(index).name();
        if index > 0 && Part::all(spec).swap_remove(index - 1).name() == name {
            continue; // The second channel costs what the first does.
        }
        group.bench_function(name, |bencher| {
            bencher.iter_batched(
                || Part::all(spec).swap_remove(index),
                |mut part| blocks.iter().for_each(|block| part.push(black_box(block))),
                BatchSize::LargeInput,
            );
        });
    }
    group.bench_function("loudness meter", |bencher| {
        bencher.iter(|| {
            let mut meter = LoudnessMeter::new(spec);
            blocks.iter().for_each(|block| meter.push(black_box(block)));
            meter.finish()
        });
    });
    group.bench_function("true peak meter", |bencher| {
        alone.install(|| {
            bencher.iter(|| {
                let mut meter = TruePeakMeter::new(spec);
                blocks.iter().for_each(|block| meter.push(black_box(block)));
                meter.finish()
            });
        });
    });
    group.bench_function("level meter", |bencher| {
        alone.install(|| {
            bencher.iter(|| {
                let mut meter = LevelMeter::new(spec);
                blocks.iter().for_each(|block| meter.push(black_box(block)));
                meter.finish()
            });
        });
    });
    group.bench_function("everything", |bencher| {
        alone.install(|| {
            bencher.iter(|| {
                let mut analyzer = Analyzer::new(spec);
                blocks.iter().for_each(|block| analyzer.push(black_box(block)));
                analyzer.finish()
            });
        });
    });
    group.finish();
}

criterion_group!(benches, parts);
criterion_main!(benches);
