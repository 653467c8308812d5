//! Planted faults, their clean twins, and sounds in which nothing was planted.

use std::error::Error;
use std::path::Path;

use acetate_analyzer::{Finding, Spectrum, analyze, codes};
use serde::Serialize;

use super::material::sounds;

/// What was planted (the end of the file name), and the code that stands for it. Equalisation as such has no code:
/// docs/findings.md says why.
const PLANTED: &[(&str, Option<&str>)] = &[
    ("boomy", None),
    ("clicks", Some(codes::CLICKS)),
    ("clipped", Some(codes::CLIPPED)),
    ("clipped_lowered", Some(codes::CLIPPED_THEN_LOWERED)),
    ("dc_offset", Some(codes::DC_OFFSET)),
    ("dual_mono", Some(codes::DUAL_MONO)),
    ("dull", None),
    ("harsh", None),
    ("hiss", Some(codes::HISS)),
    ("hum50", Some(codes::HUM)),
    ("low_phase_inverted", Some(codes::BASS_OUT_OF_PHASE)),
    ("lr_imbalance", Some(codes::UNBALANCED)),
    ("narrow", Some(codes::NARROW)),
    ("polarity_inverted_R", Some(codes::INVERTED)),
    ("quiet_-40LUFS", Some(codes::QUIET)),
    ("right_silent", Some(codes::DEAD_CHANNEL)),
    ("too_wide", Some(codes::WIDE)),
];

/// Regions of the spectrum that planted equalisation changes, against the rest from 315 Hz to 8 kHz: its name, the
/// region, and the sign of too much.
const REGIONS: &[(&str, std::ops::RangeInclusive<f64>, f64)] = &[
    ("boomy", 80.0..=200.0, 1.0),
    ("dull", 5_000.0..=16_000.0, -1.0),
    ("harsh", 2_000.0..=5_000.0, 1.0),
];

/// Whether a limit on the level of a region could tell planted equalisation from finished records.
#[derive(Serialize)]
struct Tone {
    damage: &'static str,
    /// Level of the region over the rest, dB: with the fault, and in the clean twin.
    damaged_db: f64,
    clean_db: f64,
    /// Finished records that have more of it than the damaged file, and records in all.
    records_beyond: usize,
    records: usize,
}

/// All files.
#[derive(Serialize)]
pub(crate) struct Found {
    planted: Vec<Planted>,
    tone: Vec<Tone>,
    /// Files in which nothing was planted, with what was found.
    clean: Vec<Clean>,
}

#[derive(Serialize)]
struct Planted {
    file: String,
    damage: &'static str,
    /// The code to be found; none for what has no code.
    wanted: Option<&'static str>,
    found: bool,
    /// Codes of the clean twin.
    twin: Vec<String>,
    /// All codes.
    codes: Vec<String>,
}

#[derive(Serialize)]
struct Clean {
    file: String,
    findings: Vec<String>,
}

pub(crate) fn run(folder: &Path) -> Result<Found, Box<dyn Error>> {
    let mut all = Found { planted: Vec::new(), tone: tone(folder)?, clean: Vec::new() };
    for path in sounds(&folder.join("damaged"))? {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let Some((song, damage)) = stem.split_once("__") else { continue };
        let Some(&(damage, wanted)) = PLANTED.iter().find(|(name, _)| *name == damage) else {
            continue;
        };
        let codes = |path: &Path| -> Result<Vec<String>, Box<dyn Error>> {
            Ok(findings(path)?.into_iter().map(|finding| finding.code).collect())
        };
        let twin = codes(&path.with_file_name(format!("{song}__clean.flac")))?;
        let codes = codes(&path)?;
        let holds =
            |codes: &[String]| wanted.is_some_and(|wanted| codes.iter().any(|c| c == wanted));
        let found = holds(&codes) && !holds(&twin);
        let verdict = match (wanted, found) {
            (None, _) => "no code",
            (_, true) => "found",
            (_, false) => "MISSED",
        };
        println!("{verdict:>8}  {damage:<20} {}  (twin: {})", codes.join(" "), twin.join(" "));
        all.planted.push(Planted { file: stem, damage, wanted, found, twin, codes });
    }
    for part in ["refs", "mixes"] {
        for path in sounds(&folder.join(part))? {
            let file = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
            let texts = findings(&path)?.iter().map(|f| format!("{} {}", f.code, f.text)).collect();
            println!("{file}");
            let clean = Clean { file, findings: texts };
            clean.findings.iter().for_each(|text| println!("          {text}"));
            all.clean.push(clean);
        }
    }
    let wanted = all.planted.iter().filter(|planted| planted.wanted.is_some());
    let found = wanted.clone().filter(|planted| planted.found).count();
    println!("{found} of {} planted faults with a code are found", wanted.count());
    for Tone { damage, damaged_db, clean_db, records_beyond, records } in &all.tone {
        println!(
            "{damage}: {damaged_db:+.1} dB, clean {clean_db:+.1} dB; {records_beyond} of {records} finished records are more so"
        );
    }
    Ok(all)
}

/// How the planted equalisation lies among finished records.
fn tone(folder: &Path) -> Result<Vec<Tone>, Box<dyn Error>> {
    let spectra = |files: Vec<std::path::PathBuf>| -> Result<Vec<Spectrum>, Box<dyn Error>> {
        files
            .iter()
            .map(|path| Ok(analyze(&acetate_files::open(path, u64::MAX)?)?.analysis.spectrum))
            .collect()
    };
    let records = spectra(sounds(&folder.join("refs"))?)?;
    let damaged = sounds(&folder.join("damaged"))?;
    let of = |damage: &str| -> Result<Option<Spectrum>, Box<dyn Error>> {
        let end = format!("__{damage}.flac");
        let files = damaged.iter().filter(|path| path.to_string_lossy().ends_with(&end));
        Ok(spectra(files.cloned().collect())?.into_iter().next())
    };
    let clean = of("clean")?;
    let mut tones = Vec::new();
    for (damage, region, sign) in REGIONS {
        let (Some(damaged), Some(clean)) = (of(damage)?, &clean) else { continue };
        let excess = |spectrum: &Spectrum| excess_db(spectrum, region);
        let damaged_db = excess(&damaged);
        let beyond = records.iter().filter(|record| sign * excess(record) > sign * damaged_db);
        tones.push(Tone {
            damage,
            damaged_db,
            clean_db: excess(clean),
            records_beyond: beyond.count(),
            records: records.len(),
        });
    }
    Ok(tones)
}

/// Mean level of the third octaves in a region less that of the others from 315 Hz to 8 kHz.
fn excess_db(spectrum: &Spectrum, region: &std::ops::RangeInclusive<f64>) -> f64 {
    let mean = |wanted: &dyn Fn(f64) -> bool| {
        let levels: Vec<f64> = spectrum
            .third_octave_hz
            .iter()
            .zip(&spectrum.level_db)
            .filter_map(|(&hz, level)| level.filter(|_| wanted(hz)))
            .collect();
        levels.iter().sum::<f64>() / levels.len().max(1) as f64
    };
    mean(&|hz| region.contains(&hz))
        - mean(&|hz| (315.0..=8_000.0).contains(&hz) && !region.contains(&hz))
}

fn findings(path: &Path) -> Result<Vec<Finding>, Box<dyn Error>> {
    Ok(analyze(&acetate_files::open(path, u64::MAX)?)?.analysis.findings)
}
