//! How well renders are predicted: random settings on real mixes, predicted and rendered.

#![allow(
    clippy::disallowed_methods,
    reason = "a bench renders nothing that must be the same bits everywhere"
)]

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use acetate_analyzer::{Analysis, analyze};
use acetate_audio::Source;
use acetate_bench::masters::{music_in, open, rendered};
use acetate_bench::provenance::Provenance;
use acetate_engine::Settings;
use acetate_engine::settings::{
    BandChannel, CompressorBand, EqualizerBand, FilterType, LimiterKind, LimiterSettings,
    StereoBand,
};
use acetate_optimizer::Surrogate;
use clap::Parser;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::Serialize;

#[derive(Parser)]
struct Arguments {
    /// Folder with mixes.
    folder: PathBuf,
    /// Random settings a mix.
    #[arg(long, default_value_t = 20)]
    settings: u64,
    /// Limiter: masked or transparent.
    #[arg(long, default_value = "transparent")]
    limiter: String,
    /// One line for each render.
    #[arg(long)]
    verbose: bool,
    /// Where the JSON goes.
    #[arg(long)]
    out: Option<PathBuf>,
}

#[derive(Serialize)]
struct Report {
    made: Provenance,
    limiter: String,
    misses: Vec<Miss>,
}

/// Differences, predicted minus measured.
#[derive(Clone, Copy, Default, Serialize)]
struct Miss {
    loudness_lu: f64,
    plr_db: f64,
    range_lu: f64,
    third_octave_db: f64,
    side_minus_mid_db: f64,
    level_std_db: f64,
    width_db: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let kind =
        if arguments.limiter == "masked" { LimiterKind::Masked } else { LimiterKind::Transparent };
    let mut misses = Vec::new();
    let mut times_ms = Vec::new();
    for path in music_in(&arguments.folder, None)? {
        let source = open(&path)?;
        let before = analyze(&source)?;
        let surrogate = Surrogate::new(&before);
        let loudness = before.analysis.loudness.integrated_lufs.unwrap_or(-20.0);
        for seed in 0..arguments.settings {
            let settings = random_settings(seed, loudness, kind);
            let start = Instant::now();
            let prediction = surrogate.predict(&settings);
            times_ms.push(start.elapsed().as_secs_f64() * 1e3);
            let predicted = prediction.to_analysis(&before.analysis);
            let sound = rendered(&source, &settings)?;
            let after = analyze(&Source::from_audio(sound))?;
            let miss = miss(&predicted, &after.analysis);
            if arguments.verbose {
                println!(
                    "{seed:>3} {:>6.2} LU {:>6.2} PLR {:>5.2} oct {:>5.2} S-M | {} eq, comp {:.1} dB, width {}, limiting {:?}",
                    miss.loudness_lu,
                    miss.plr_db,
                    miss.third_octave_db,
                    miss.side_minus_mid_db,
                    settings.equalizer.bands.len(),
                    prediction.compression_db,
                    settings.stereo.bands.len(),
                    prediction.limiting_db.map(f64::round),
                );
            }
            misses.push(miss);
        }
        println!("{} done", path.display());
    }
    show(&misses, &mut times_ms);
    if let Some(out) = &arguments.out {
        let report = Report { made: Provenance::here(), limiter: arguments.limiter, misses };
        std::fs::write(out, serde_json::to_string_pretty(&report)? + "\n")?;
    }
    Ok(())
}

/// Settings such as a fit makes: up to six bands, gentle compression, width, a loudness from -16 to -9 LUFS.
fn random_settings(seed: u64, loudness_lufs: f64, kind: LimiterKind) -> Settings {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut settings = Settings::default();
    for _ in 0..random.gen_range(0..=6) {
        settings.equalizer.bands.push(EqualizerBand {
            kind: [FilterType::Bell, FilterType::Bell, FilterType::LowShelf, FilterType::HighShelf]
                [random.gen_range(0..4)],
            channel: [BandChannel::Stereo, BandChannel::Mid, BandChannel::Side]
                [random.gen_range(0..3)],
            freq_hz: 40.0 * 300.0_f64.powf(random.gen_range(0.0..1.0)),
            gain_db: random.gen_range(-6.0..6.0),
            q: random.gen_range(0.5..2.0),
            ..EqualizerBand::default()
        });
    }
    if random.gen_bool(0.5) {
        settings.compressor.sidechain_highpass_hz = Some(90.0);
        settings.compressor.bands = vec![CompressorBand {
            threshold_db: random.gen_range(-30.0..-12.0),
            ratio: random.gen_range(1.2..2.5),
            ..CompressorBand::default()
        }];
    }
    if random.gen_bool(0.5) {
        settings.stereo.bands = vec![
            StereoBand { below_hz: Some(148.0), width_pct: random.gen_range(60.0..120.0) },
            StereoBand { below_hz: None, width_pct: random.gen_range(70.0..140.0) },
        ];
    }
    settings.drive_db = random.gen_range(-16.0..-9.0) - loudness_lufs;
    settings.limiter = LimiterSettings { kind, ..LimiterSettings::default() };
    settings
}

fn miss(predicted: &Analysis, after: &Analysis) -> Miss {
    let difference = |one: Option<f64>, other: Option<f64>| {
        one.zip(other).map_or(0.0, |(one, other)| one - other)
    };
    let worst = |pairs: Vec<f64>| {
        let square: f64 = pairs.iter().map(|value| value * value).sum();
        (square / pairs.len().max(1) as f64).sqrt()
    };
    let loudest =
        after.spectrum.level_db.iter().flatten().fold(f64::NEG_INFINITY, |most, &db| most.max(db));
    let octaves = predicted.spectrum.level_db.iter().zip(&after.spectrum.level_db);
    let stereo = predicted.stereo.bands.iter().zip(&after.stereo.bands);
    let dynamics = predicted.dynamics.bands.iter().zip(&after.dynamics.bands);
    Miss {
        loudness_lu: difference(predicted.loudness.integrated_lufs, after.loudness.integrated_lufs),
        plr_db: difference(predicted.loudness.plr_db, after.loudness.plr_db),
        range_lu: difference(
            predicted.loudness.loudness_range_lu,
            after.loudness.loudness_range_lu,
        ),
        third_octave_db: worst(
            octaves
                .filter(|(_, after)| after.is_some_and(|level| level > loudest - 60.0))
                .map(|(predicted, after)| difference(*predicted, *after))
                .collect(),
        ),
        side_minus_mid_db: worst(
            stereo.map(|(p, a)| difference(p.side_minus_mid_db, a.side_minus_mid_db)).collect(),
        ),
        level_std_db: worst(
            dynamics.map(|(p, a)| difference(p.level_std_db, a.level_std_db)).collect(),
        ),
        width_db: 10.0
            * after
                .stereo
                .width
                .zip(predicted.stereo.width)
                .map_or(0.0, |(a, p)| (p / a.max(1e-9)).max(1e-9).log10()),
    }
}

/// A named error of a prediction.
type Column = (&'static str, fn(&Miss) -> f64);

fn show(misses: &[Miss], times_ms: &mut [f64]) {
    println!("{:<18} {:>8} {:>8} {:>8} {:>8}", "", "mean", "|median|", "|p95|", "|max|");
    let rows: [Column; 7] = [
        ("loudness LU", |miss| miss.loudness_lu),
        ("PLR dB", |miss| miss.plr_db),
        ("range LU", |miss| miss.range_lu),
        ("third octave rms", |miss| miss.third_octave_db),
        ("side-mid rms", |miss| miss.side_minus_mid_db),
        ("level std rms", |miss| miss.level_std_db),
        ("width dB", |miss| miss.width_db),
    ];
    for (name, value) in rows {
        let mean = misses.iter().map(value).sum::<f64>() / misses.len().max(1) as f64;
        let mut sizes: Vec<f64> = misses.iter().map(|miss| value(miss).abs()).collect();
        sizes.sort_by(f64::total_cmp);
        let at = |share: f64| sizes[((sizes.len() - 1) as f64 * share) as usize];
        println!("{name:<18} {mean:>8.3} {:>8.3} {:>8.3} {:>8.3}", at(0.5), at(0.95), at(1.0));
    }
    times_ms.sort_by(f64::total_cmp);
    println!(
        "a prediction takes {:.2} ms (median of {})",
        times_ms[times_ms.len() / 2],
        times_ms.len()
    );
}
