//! Every file beside two other meters.

use std::error::Error;
use std::path::Path;

use acetate_analyzer::{Measured, Series, analyze};
use acetate_audio::Source;
use acetate_audio::units::{db_to_power, power_to_db};
use serde::Serialize;

use super::material::sounds;
use super::peers::{LibEbur128, Readings, ffmpeg};

/// Integrated loudness may differ by this.
const LOUDNESS_LU: f64 = 0.1;
/// Loudness range may differ by this.
const RANGE_LU: f64 = 0.2;
/// Our true peak may be below another meter's by this.
const PEAK_DB: f64 = 0.05;
/// Its loudness range has a coarser grid.
const LIBRARY: &str = "libebur128";
/// ffmpeg prints one decimal.
const FFMPEG_ROUNDING: f64 = 0.05;

/// All files.
#[derive(Serialize)]
pub(crate) struct Differential {
    files: Vec<File>,
    /// Files that cannot be read here.
    unreadable: Vec<String>,
    /// Comparisons made, with either meter.
    compared: usize,
    /// Differences beyond the bounds.
    beyond: Vec<Beyond>,
}

#[derive(Serialize)]
struct File {
    file: String,
    duration_s: f64,
    channels: usize,
    ours: Readings,
    bs1770_dbtp: Option<f64>,
    /// Our loudness range on the grid of libebur128.
    range_each_second_lu: Option<f64>,
    libebur128: Option<Readings>,
    ffmpeg: Option<Readings>,
}

#[derive(Serialize)]
struct Beyond {
    file: String,
    meter: &'static str,
    measure: &'static str,
    ours: Option<f64>,
    theirs: Option<f64>,
}

pub(crate) fn run(folder: &Path) -> Result<Differential, Box<dyn Error>> {
    let library = LibEbur128::build()?;
    if ffmpeg(Path::new("")).is_none() && std::process::Command::new("ffmpeg").output().is_err() {
        println!("SKIPPED: ffmpeg (not on the path)");
    }
    let mut all =
        Differential { files: Vec::new(), unreadable: Vec::new(), compared: 0, beyond: Vec::new() };
    println!(
        "{:>8} {:>6} {:>7} | {:>8} {:>6} {:>7} | {:>6} {:>5} {:>6} |",
        "LUFS", "LRA", "dBTP", "libebur", "LRA", "dBTP", "ffmpeg", "LRA", "dBTP"
    );
    for path in sounds(folder)? {
        let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
        let Ok(source) = acetate_files::open(&path, u64::MAX) else {
            all.unreadable.push(name);
            continue;
        };
        let file = measure(&name, &path, &source, library.as_ref())?;
        print_row(&file);
        all.judge(&file);
        all.files.push(file);
    }
    println!("{} comparisons, {} beyond the bounds:", all.compared, all.beyond.len());
    for Beyond { file, meter, measure, ours, theirs } in &all.beyond {
        println!("  {file}: {measure} {ours:.3?} here, {theirs:.3?} by {meter}");
    }
    Ok(all)
}

fn measure(
    name: &str,
    path: &Path,
    source: &Source,
    library: Option<&LibEbur128>,
) -> Result<File, Box<dyn Error>> {
    let Measured { analysis, series, .. } = analyze(source)?;
    let libebur128 = match library {
        Some(library) => Some(library.read(&library.samples(source)?)?),
        None => None,
    };
    Ok(File {
        file: name.to_owned(),
        duration_s: source.duration_s(),
        channels: source.spec().channels,
        ours: Readings {
            integrated_lufs: analysis.loudness.integrated_lufs,
            loudness_range_lu: analysis.loudness.loudness_range_lu,
            true_peak_dbtp: analysis.loudness.true_peak_dbtp,
        },
        bs1770_dbtp: analysis.loudness.true_peak_bs1770_dbtp,
        range_each_second_lu: range_each_second(&series),
        libebur128,
        ffmpeg: ffmpeg(path),
    })
}

/// Loudness range of Tech 3342, but of one 3 s window a second: libebur128 looks no oftener, Tech 3342 asks for ten.
fn range_each_second(series: &Series) -> Option<f64> {
    let of_3_s = series.short_term_lufs.iter().skip(29).step_by(10).flatten().copied();
    let heard: Vec<f64> = of_3_s.filter(|&lufs| lufs >= -70.0).collect();
    let mean = heard.iter().map(|&lufs| db_to_power(lufs)).sum::<f64>() / heard.len() as f64;
    let gate = power_to_db(mean) - 20.0;
    let mut kept: Vec<f64> = heard.into_iter().filter(|&lufs| lufs >= gate).collect();
    kept.sort_by(f64::total_cmp);
    let at = |share: f64| kept.get(((kept.len() - 1) as f64 * share).round() as usize);
    if kept.is_empty() { None } else { Some(at(0.95)? - at(0.1)?) }
}

fn print_row(file: &File) {
    let number = |value: Option<f64>, decimals: usize| {
        value.map_or_else(|| "-".to_owned(), |value| format!("{value:.decimals$}"))
    };
    let row = |readings: &Option<Readings>, decimals: usize| {
        let readings = readings.unwrap_or_default();
        [readings.integrated_lufs, readings.loudness_range_lu, readings.true_peak_dbtp]
            .map(|value| number(value, decimals))
    };
    let ([a, b, c], [d, e, f], [g, h, i]) =
        (row(&Some(file.ours), 3), row(&file.libebur128, 3), row(&file.ffmpeg, 1));
    println!("{a:>8} {b:>6} {c:>7} | {d:>8} {e:>6} {f:>7} | {g:>6} {h:>5} {i:>6} | {}", file.file);
}

impl Differential {
    fn judge(&mut self, file: &File) {
        let meters = [(LIBRARY, file.libebur128, 0.0), ("ffmpeg", file.ffmpeg, FFMPEG_ROUNDING)];
        for (meter, theirs, rounding) in meters {
            let Some(theirs) = theirs else { continue };
            let apart = |ours: Option<f64>, theirs: Option<f64>| Some((ours? - theirs?).abs());
            let ours = &file.ours;
            let (a, b) = (ours.integrated_lufs, theirs.integrated_lufs);
            self.note(file, meter, ("integrated", a, b), apart(a, b), LOUDNESS_LU + rounding);
            let range =
                if meter == LIBRARY { file.range_each_second_lu } else { ours.loudness_range_lu };
            let (a, b) = (range, theirs.loudness_range_lu);
            self.note(file, meter, ("range", a, b), apart(a, b), RANGE_LU + rounding);
            let (a, b) = (ours.true_peak_dbtp, theirs.true_peak_dbtp);
            let below = a.zip(b).map(|(ours, theirs)| theirs - ours);
            self.note(file, meter, ("true peak", a, b), below, PEAK_DB + rounding);
        }
    }

    /// Where one meter reads nothing (silence, shorter than 3 s) there is nothing to compare.
    fn note(
        &mut self,
        file: &File,
        meter: &'static str,
        (measure, ours, theirs): (&'static str, Option<f64>, Option<f64>),
        apart: Option<f64>,
        bound: f64,
    ) {
        let Some(apart) = apart else { return };
        self.compared += 1;
        if apart > bound {
            self.beyond.push(Beyond { file: file.file.clone(), meter, measure, ours, theirs });
        }
    }
}
