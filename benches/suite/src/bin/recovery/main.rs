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

mod damage;

use std::error::Error;
use std::path::{Path, PathBuf};

use acetate_analyzer::{Analysis, Measured, analyze};
use acetate_audio::{Audio, Source};
use acetate_bench::masters::{master, music_in, open, rendered};
use acetate_bench::peers::Peer;
use acetate_bench::provenance::Provenance;
use acetate_bench::tone::{Distance, distance};
use acetate_engine::settings::{Bits, LimiterKind};
use acetate_optimizer::{Detail, FitOptions, Match, drafted, wish_of_records};
use acetate_references::{Aim, Profile, References, Wanted, target};
use clap::Parser;
use serde::Serialize;

use damage::{SMALL, compression, damage, gain_moves_db, pieces, without_offset};

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

/// What is left of a compressor that the reference alone has been through.
fn find_compression(
    arguments: &Arguments,
    path: &Path,
    seed: u64,
    [odd, even]: [&Audio; 2],
) -> Result<Vec<Row>, Box<dyn Error>> {
    let [odd, even] = [&without_offset(odd)?, &without_offset(even)?];
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
