//! Damage recovery: how much of a known damage is left when the rest of the same song is the reference.
//!
//! Each master is cut into pieces of 4 s. The odd pieces, cross-faded together, are damaged by seeded random chains; the even
//! pieces, undamaged, are the reference; the undamaged odd pieces are the truth, which the fit never sees. With `--halves` the
//! first half of each song is what is damaged and the second the reference.
//!
//! With `--compressed` nothing is damaged: the reference has been through a random compressor, the truth is what that compressor makes
//! of the mix, and what is left of its gain over time is told too.

#![allow(
    clippy::disallowed_methods,
    reason = "a bench renders nothing that must be the same bits everywhere"
)]

use std::error::Error;
use std::path::{Path, PathBuf};

use acetate_analyzer::{Analysis, Measured, analyze};
use acetate_audio::{Audio, Source};
use acetate_bench::masters::{master, music_in, open, rendered};
use acetate_bench::peers::Peer;
use acetate_bench::provenance::Provenance;
use acetate_bench::tone::{Distance, distance};
use acetate_engine::Settings;
use acetate_engine::settings::{
    Bits, CompressorBand, EqualizerBand, FilterType, LimiterKind, OutputSettings, StereoBand,
};
use acetate_optimizer::{Detail, FitOptions, Match, drafted, wish_of_records};
use acetate_references::{Aim, Profile, References, Wanted, target};
use clap::Parser;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::Serialize;

/// Length of a piece, s.
const PIECE_S: f64 = 4.0;
/// Cross-fade between pieces, s.
const FADE_S: f64 = 0.05;
/// Centres of the damaging bells: one in each of these ranges, Hz.
const BELLS_HZ: [(f64, f64); 3] = [(60.0, 400.0), (400.0, 2_500.0), (2_500.0, 10_000.0)];

/// Share of the gains of a small damage: bells of 1 to 2.7 dB.
const SMALL: f64 = 1.0 / 3.0;

#[derive(Parser)]
struct Arguments {
    /// Folder with masters.
    folder: PathBuf,
    /// Damages a master.
    #[arg(long, default_value_t = 2)]
    damages: u64,
    /// Where the JSON goes.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Only files with this in their name.
    #[arg(long)]
    only: Option<String>,
    /// The first half of each song is the mix and its second half the reference: music that is less alike.
    #[arg(long)]
    halves: bool,
    /// How finely the equaliser follows: broad, medium or fine.
    #[arg(long, default_value = "medium", value_parser = detail)]
    detail: Detail,
    /// The reference is a profile as a library keeps it.
    #[arg(long)]
    profile: bool,
    /// Small damages: a third of the gains.
    #[arg(long)]
    small: bool,
    /// Compression of the reference is to be found.
    #[arg(long)]
    compressed: bool,
    /// With `--compressed`: only the spread over 400 ms is known of the reference.
    #[arg(long)]
    slow_levels: bool,
    /// What is left is predicted, not rendered: quicker, for trying things.
    #[arg(long)]
    predicted: bool,
}

fn detail(text: &str) -> Result<Detail, String> {
    match text {
        "broad" => Ok(Detail::Broad),
        "medium" => Ok(Detail::Medium),
        "fine" => Ok(Detail::Fine),
        _ => Err("broad, medium or fine".to_owned()),
    }
}

#[derive(Serialize)]
struct Report {
    made: Provenance,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    song: String,
    seed: u64,
    who: String,
    /// Undamaged odd pieces against even pieces.
    content: Distance,
    damaged: Distance,
    left: Distance,
    tone_left_pct: f64,
    width_left_pct: Option<f64>,
    dynamics_left_pct: Option<f64>,
    bands: usize,
    /// Gain over time that is missing, of what the compressor did; with `--compressed` alone.
    gain_left_pct: Option<f64>,
    /// How akin the moments of mix and reference are.
    kinship: Option<f64>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let files = music_in(&arguments.folder, arguments.only.as_deref())?;
    let mut rows = Vec::new();
    for path in &files {
        let (odd, even) = pieces(&open(path)?, arguments.halves)?;
        let truth = analyze(&Source::from_audio(odd.clone()))?;
        let reference = analyze(&Source::from_audio(even.clone()))?;
        for seed in 1..=arguments.damages {
            for row in recover(&arguments, path, seed, [&odd, &even], [&truth, &reference])? {
                println!(
                    "{:<22} {} {:<10} tone {:>5.2} -> {:>5.2} dB {:>4.0} %   S-M {:>5} %  dynamics {:>5} %  gain {:>4} %  {} bands (content differs {:.2} dB, kinship {})",
                    row.song,
                    row.seed,
                    row.who,
                    row.damaged.tone_rms_db,
                    row.left.tone_rms_db,
                    row.tone_left_pct,
                    percent(row.width_left_pct),
                    percent(row.dynamics_left_pct),
                    percent(row.gain_left_pct),
                    row.bands,
                    row.content.tone_rms_db,
                    row.kinship.map_or("-".to_owned(), |kinship| format!("{kinship:.2}")),
                );
                rows.push(row);
            }
        }
    }
    summarize(&rows);
    if let Some(out) = &arguments.out {
        let report = Report { made: Provenance::here(), rows };
        std::fs::write(out, serde_json::to_string_pretty(&report)? + "\n")?;
    }
    Ok(())
}

fn percent(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.0}"))
}

/// The odd and the even pieces of a sound, each cross-faded together; or those of its first half and of its second.
fn pieces(source: &Source, halves: bool) -> Result<(Audio, Audio), Box<dyn Error>> {
    let audio = source.audio().ok_or("file too long to be held in memory")?;
    let rate = f64::from(audio.spec().sample_rate_hz);
    let (length, fade) = ((PIECE_S * rate) as usize, (FADE_S * rate) as usize);
    let count = audio.frames() / length;
    let join = |second: bool| {
        let belongs = |piece: usize| if halves { piece >= count / 2 } else { piece % 2 == 1 };
        let planes = audio.planes().iter().map(|plane| {
            let mut joined: Vec<f32> = Vec::new();
            for piece in (0..count).filter(|&piece| belongs(piece) == second) {
                append_faded(&mut joined, &plane[piece * length..(piece + 1) * length], fade);
            }
            joined
        });
        Audio::from_planes(audio.spec().sample_rate_hz, planes.collect())
    };
    Ok((join(false), join(true)))
}

fn append_faded(joined: &mut Vec<f32>, piece: &[f32], fade: usize) {
    if joined.is_empty() {
        joined.extend_from_slice(piece);
        return;
    }
    let start = joined.len() - fade;
    for (index, sample) in piece[..fade].iter().enumerate() {
        let share = (index as f32 + 0.5) / fade as f32;
        // Equal power: the pieces are not correlated.
        joined[start + index] =
            joined[start + index] * (1.0 - share).sqrt() + sample * share.sqrt();
    }
    joined.extend_from_slice(&piece[fade..]);
}

/// A random damage: three bells, a tilt, width, level, compression.
fn damage(seed: u64) -> Settings {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut settings = Settings::default();
    for (low, high) in BELLS_HZ {
        let size: f64 = random.gen_range(3.0..8.0);
        settings.equalizer.bands.push(EqualizerBand {
            freq_hz: low * (high / low).powf(random.gen_range(0.0..1.0)),
            gain_db: if random.gen_bool(0.5) { size } else { -size },
            q: random.gen_range(0.5..1.5),
            ..EqualizerBand::default()
        });
    }
    settings.equalizer.bands.push(EqualizerBand {
        kind: FilterType::Tilt,
        freq_hz: 1_000.0,
        gain_db: random.gen_range(-4.0..4.0),
        ..EqualizerBand::default()
    });
    settings.stereo.bands =
        vec![StereoBand { below_hz: None, width_pct: random.gen_range(50.0..150.0) }];
    settings.compressor.bands = vec![CompressorBand {
        threshold_db: random.gen_range(-30.0..-18.0),
        ratio: random.gen_range(1.2..2.0),
        ..CompressorBand::default()
    }];
    settings.drive_db = random.gen_range(-12.0..-4.0);
    settings.output = OutputSettings { bits: Bits::Float32, ..OutputSettings::default() };
    settings
}

/// A random compressor around the level of a sound.
fn compression(seed: u64, lufs: f64) -> Settings {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut between = |low: f64, high: f64| low * (high / low).powf(random.gen_range(0.0..1.0));
    let mut settings = Settings::default();
    settings.compressor.sidechain_highpass_hz = Some(90.0);
    settings.compressor.bands = vec![CompressorBand {
        ratio: between(1.4, 3.0),
        attack_ms: between(3.0, 80.0),
        release_ms: between(60.0, 600.0),
        threshold_db: (lufs + 20.0 * between(0.5, 2.0).log10()).clamp(-80.0, 0.0),
        ..CompressorBand::default()
    }];
    settings.drive_db = -3.0;
    settings.limiter.kind = LimiterKind::Off;
    settings.output = OutputSettings { bits: Bits::Float32, ..OutputSettings::default() };
    settings
}

/// Level of the middle over 40 ms at a time, and its power.
fn quick_levels(sound: &Audio) -> Vec<(f64, f64)> {
    let steps = (0.04 * f64::from(sound.spec().sample_rate_hz)) as usize;
    let planes = sound.planes();
    (0..sound.frames() / steps)
        .map(|block| {
            let at = block * steps..(block + 1) * steps;
            let middle = |frame: usize| planes.iter().map(|p| f64::from(p[frame])).sum::<f64>();
            let power = at.map(|frame| middle(frame) * middle(frame)).sum::<f64>() + 1e-9;
            (10.0 * power.log10(), power)
        })
        .collect()
}

/// How far the gain between two sounds moves over time, weighted with the energy, rms in dB.
fn gain_moves_db(sound: &Audio, truth: &Audio) -> f64 {
    let levels = quick_levels(sound).into_iter().zip(quick_levels(truth));
    let gains: Vec<(f64, f64)> = levels.map(|((a, _), (b, power))| (a - b, power)).collect();
    let total: f64 = gains.iter().map(|(_, power)| power).sum();
    let mean = gains.iter().map(|(gain, power)| gain * power).sum::<f64>() / total;
    let square: f64 = gains.iter().map(|(gain, power)| power * (gain - mean) * (gain - mean)).sum();
    (square / total).sqrt()
}

/// What is left of a compressor that the reference alone has been through.
fn find_compression(
    arguments: &Arguments,
    path: &Path,
    seed: u64,
    [odd, even]: [&Audio; 2],
) -> Result<Vec<Row>, Box<dyn Error>> {
    let mix = Source::from_audio(odd.clone());
    let before = analyze(&mix)?;
    let lufs = before.analysis.loudness.integrated_lufs.ok_or("silence")?;
    let settings = compression(seed, lufs);
    let compressed = rendered(&mix, &settings)?;
    let truth = analyze(&Source::from_audio(compressed.clone()))?;
    let record =
        analyze(&Source::from_audio(rendered(&Source::from_audio(even.clone()), &settings)?))?;
    let (mut aim, mut options) = asked(arguments, &record)?;
    // The compressor alone: neither an equaliser nor a limiter moves the gain beside it.
    options.take = Match { tone: false, width: false, loudness: false, dynamics: true };
    options.limiter = LimiterKind::Off;
    options.lufs = Some(lufs);
    options.output.bits = Bits::Float32;
    if arguments.slow_levels {
        aim.quick_spread = Wanted::NOTHING;
    }
    let made = master(&mix, &before, &aim, &options)?;
    let from_truth = |sound: &Analysis| distance(sound, &truth.analysis, &truth.analysis);
    let (damaged, left) = (from_truth(&before.analysis), from_truth(&made.after.analysis));
    let [moved, missing] = [odd, &made.sound].map(|sound| gain_moves_db(sound, &compressed));
    let spread = damaged.level_std_db.zip(left.level_std_db);
    Ok(vec![Row {
        song: path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into()),
        seed,
        who: "acetate".to_owned(),
        content: from_truth(&record.analysis),
        tone_left_pct: 100.0 * left.tone_rms_db / damaged.tone_rms_db.max(0.1),
        width_left_pct: None,
        dynamics_left_pct: spread.filter(|one| one.0 > 0.2).map(|(was, is)| 100.0 * is / was),
        damaged,
        left,
        bands: made.fit.settings.equalizer.bands.len(),
        gain_left_pct: (moved > 0.2).then_some(100.0 * missing / moved),
        kinship: made.fit.wish.as_ref().and_then(|wish| wish.kinship),
    }])
}

/// What a fit is asked for after a record.
fn asked(arguments: &Arguments, record: &Measured) -> Result<(Aim, FitOptions), Box<dyn Error>> {
    let whole = Profile::from_analysis("even", &record.analysis);
    let profile = if arguments.profile { Profile::parse(&whole.to_json())? } else { whole };
    let delivery = target("streaming").ok_or("no target streaming")?;
    let aim = Aim::from_references(&References::blended(&[(&profile, 1.0)]), delivery)?;
    let options = FitOptions {
        take: Match { loudness: true, ..Match::default() },
        limiter: LimiterKind::Transparent,
        detail: arguments.detail,
        max_eq_db: if arguments.detail == Detail::Fine { 24.0 } else { 12.0 },
        ..FitOptions::default()
    };
    Ok((aim, options))
}

fn recover(
    arguments: &Arguments,
    path: &Path,
    seed: u64,
    [odd, even]: [&Audio; 2],
    [truth, reference]: [&Measured; 2],
) -> Result<Vec<Row>, Box<dyn Error>> {
    if arguments.compressed {
        return find_compression(arguments, path, seed, [odd, even]);
    }
    let mut harm = damage(seed);
    if arguments.small {
        harm.equalizer.bands.iter_mut().for_each(|band| band.gain_db *= SMALL);
    }
    let damaged = rendered(&Source::from_audio(odd.clone()), &harm)?;
    let source = Source::from_audio(damaged.clone());
    let before = analyze(&source)?;
    let row = |who: &str, after: &Analysis, bands: usize| {
        let from_truth = |sound: &Analysis| distance(sound, &truth.analysis, &truth.analysis);
        let (damaged, left) = (from_truth(&before.analysis), from_truth(after));
        let share = |left: Option<f64>, damaged: Option<f64>| {
            left.zip(damaged).filter(|(_, damaged)| *damaged > 0.2).map(|(l, d)| 100.0 * l / d)
        };
        Row {
            song: path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into()),
            seed,
            who: who.to_owned(),
            content: from_truth(&reference.analysis),
            tone_left_pct: 100.0 * left.tone_rms_db / damaged.tone_rms_db,
            width_left_pct: share(left.side_minus_mid_db, damaged.side_minus_mid_db),
            dynamics_left_pct: share(left.level_std_db, damaged.level_std_db),
            damaged,
            left,
            bands,
            gain_left_pct: None,
            kinship: None,
        }
    };
    let (aim, options) = asked(arguments, reference)?;
    if arguments.predicted {
        let kinship =
            wish_of_records(&aim, &before.analysis, &options).and_then(|wish| wish.kinship);
        let (settings, after) = drafted(&before, &aim, &options);
        return Ok(vec![Row { kinship, ..row("acetate", &after, settings.equalizer.bands.len()) }]);
    }
    let made = master(&source, &before, &aim, &options)?;
    let bands = made.fit.settings.equalizer.bands.len();
    let kinship = made.fit.wish.as_ref().and_then(|wish| wish.kinship);
    let mut rows = vec![Row { kinship, ..row("acetate", &made.after.analysis, bands) }];
    rows.extend(peers(&damaged, even, &row)?);
    Ok(rows)
}

/// The same through the peers, by way of files.
fn peers(
    damaged: &Audio,
    even: &Audio,
    row: &dyn Fn(&str, &Analysis, usize) -> Row,
) -> Result<Vec<Row>, Box<dyn Error>> {
    if std::env::var(acetate_bench::peers::PYTHON_VARIABLE).is_err() {
        return Ok(Vec::new());
    }
    let file = |name: &str| {
        std::env::temp_dir().join(format!("acetate-recovery-{}-{name}.wav", std::process::id()))
    };
    let (mix, reference, output) = (file("mix"), file("reference"), file("output"));
    acetate_bench::masters::write_float(damaged, &mix)?;
    acetate_bench::masters::write_float(even, &reference)?;
    let mut rows = Vec::new();
    for peer in Peer::ALL {
        match peer.run(&mix, &reference, &output) {
            Ok(()) => rows.push(row(peer.name(), &analyze(&open(&output)?)?.analysis, 0)),
            Err(note) => println!("{}: {note}", peer.name()),
        }
    }
    for path in [mix, reference, output] {
        std::fs::remove_file(path).ok();
    }
    Ok(rows)
}

fn summarize(rows: &[Row]) {
    let mut names: Vec<&str> = Vec::new();
    rows.iter().for_each(|row| {
        if !names.contains(&row.who.as_str()) {
            names.push(&row.who);
        }
    });
    for who in names {
        let all: Vec<&Row> = rows.iter().filter(|row| row.who == who).collect();
        let mean = |value: &dyn Fn(&Row) -> Option<f64>| {
            let values: Vec<f64> = all.iter().filter_map(|row| value(row)).collect();
            values.iter().sum::<f64>() / values.len().max(1) as f64
        };
        // Of all damage together: small damages do not count for as much as large ones.
        let of_all = |value: fn(&Distance) -> Option<f64>| {
            let sum = |distance: fn(&Row) -> &Distance| -> f64 {
                all.iter().filter_map(|row| value(distance(row))).sum()
            };
            100.0 * sum(|row| &row.left) / sum(|row| &row.damaged)
        };
        let worse = all.iter().filter(|row| row.tone_left_pct > 100.0).count();
        println!(
            "{who:<10} {} cases: left in tone {:.1} %, width {:.1} %, dynamics {:.1} % (of all damage together {:.1}, {:.1}, {:.1} %), gain {:.1} % ({} cases worse); {worse} worse than before; content differs {:.2} dB",
            all.len(),
            mean(&|row| Some(row.tone_left_pct)),
            mean(&|row| row.width_left_pct),
            mean(&|row| row.dynamics_left_pct),
            of_all(|distance| Some(distance.tone_rms_db)),
            of_all(|distance| distance.side_minus_mid_db),
            of_all(|distance| distance.level_std_db),
            mean(&|row| row.gain_left_pct),
            all.iter().filter(|row| row.gain_left_pct.is_some_and(|pct| pct > 100.0)).count(),
            mean(&|row| Some(row.content.tone_rms_db)),
        );
    }
}
