//! Whether statistics of commercial records could tell planted equalisation: three ways to say what a region of the
//! spectrum should be from all the rest of a record, each judged on records that it has not seen.
//!
//! What may be used of the region itself is only what equalisation leaves alone: how its level moves, and how far the
//! side is below the mid.

use std::error::Error;
use std::path::Path;

use acetate_analyzer::{Analysis, analyze};
use serde::Serialize;

use super::material::sounds;

/// Bands of equal ERB width, as in the table.
const BANDS: usize = 9;
/// Levels below are the floor of the table.
const FLOOR_DB: f64 = -69.5;
/// Every fifth record is left out in turn.
const FOLDS: usize = 5;
/// Records that may be reported although nothing is known to be wrong with them.
const FALSE_ALARMS: f64 = 0.01;
/// Nearest records that are asked.
const NEIGHBOURS: usize = 25;
/// Ridge, as a share of a predictor's variance: the predictors lean on each other.
const RIDGE: f64 = 0.01;

/// What was planted (the end of the file name), the bands that it lies in, and the sign of too much.
const REGIONS: [(&str, &[usize], f64); 3] =
    [("boomy", &[0, 1], 1.0), ("dull", &[6, 7, 8], -1.0), ("harsh", &[4, 5], 1.0)];

/// All of it.
#[derive(Serialize)]
pub(crate) struct ToneLimits {
    records: usize,
    false_alarms: f64,
    limits: Vec<Limit>,
}

/// One way to judge one region.
#[derive(Serialize)]
struct Limit {
    fault: &'static str,
    from: &'static str,
    /// Standard deviation of what is left between records and their prediction, dB.
    left_db: f64,
    /// What one record in a hundred exceeds, dB.
    limit_db: f64,
    /// Excess of the damaged file and of its clean twin, dB, and the share of records with more.
    damaged_db: f64,
    damaged_more: f64,
    clean_db: f64,
    clean_more: f64,
    found: bool,
    /// Finished records and mixes in which nothing was planted, and how many are beyond the limit.
    untouched: usize,
    untouched_beyond: usize,
}

/// What is known of one sound.
#[derive(Clone)]
struct Record {
    mid_db: [f64; BANDS],
    std_db: [f64; BANDS],
    side_less_mid_db: [f64; BANDS],
}

/// The kinds of knowledge a prediction starts from.
const WAYS: [&str; 3] = ["other bands", "other bands, movement, width", "nearest records"];

pub(crate) fn run(table: &Path, folder: &Path) -> Result<Option<ToneLimits>, Box<dyn Error>> {
    let Ok(text) = std::fs::read_to_string(table) else {
        println!("SKIPPED: {} is not there", table.display());
        return Ok(None);
    };
    let records = read_table(&text)?;
    println!("{} records of {}", records.len(), table.display());
    let measured = |part: &str| -> Result<Vec<Record>, Box<dyn Error>> {
        let files = sounds(&folder.join(part))?;
        files.iter().filter_map(|path| measure(path).transpose()).collect()
    };
    let untouched = [measured("refs")?, measured("mixes")?].concat();
    let damaged = sounds(&folder.join("damaged"))?;
    let named = |damage: &str| -> Result<Record, Box<dyn Error>> {
        let end = format!("__{damage}.flac");
        let file = damaged.iter().find(|path| path.to_string_lossy().ends_with(&end));
        measure(file.ok_or(end)?)?.ok_or_else(|| "a damaged file has no levels".into())
    };
    let clean = named("clean")?;
    let mut limits = Vec::new();
    for (fault, region, sign) in REGIONS {
        let damaged = named(fault)?;
        for (way, from) in WAYS.into_iter().enumerate() {
            let excess = |known: &[Record], record: &Record| {
                let predicted = predict(way, region, known, record);
                sign * (contrast(region, record) - predicted)
            };
            let mut left: Vec<f64> = Vec::new();
            for fold in 0..FOLDS {
                let part = |within: bool| -> Vec<Record> {
                    let parts = records.iter().enumerate();
                    parts
                        .filter(|(at, _)| (at % FOLDS == fold) == within)
                        .map(|(_, r)| r.clone())
                        .collect()
                };
                let known = part(false);
                left.extend(part(true).iter().map(|record| excess(&known, record)));
            }
            left.sort_by(f64::total_cmp);
            let limit_db = left[((left.len() - 1) as f64 * (1.0 - FALSE_ALARMS)) as usize];
            let more = |db: f64| {
                left.iter().filter(|&&other| other > db).count() as f64 / left.len() as f64
            };
            let (damaged_db, clean_db) = (excess(&records, &damaged), excess(&records, &clean));
            let square: f64 = left.iter().map(|db| db * db).sum();
            let beyond = untouched.iter().filter(|record| excess(&records, record) > limit_db);
            let limit = Limit {
                fault,
                from,
                left_db: (square / left.len() as f64).sqrt(),
                limit_db,
                damaged_db,
                damaged_more: more(damaged_db),
                clean_db,
                clean_more: more(clean_db),
                found: damaged_db > limit_db && clean_db <= limit_db,
                untouched: untouched.len(),
                untouched_beyond: beyond.count(),
            };
            print(&limit);
            limits.push(limit);
        }
    }
    Ok(Some(ToneLimits { records: records.len(), false_alarms: FALSE_ALARMS, limits }))
}

fn print(limit: &Limit) {
    println!(
        "{:<6} {:<30} leaves {:.1} dB, limit {:.1}; damaged {:+.1} ({:.0} % have more), clean {:+.1} ({:.0} %): {}; \
         {} of {} untouched beyond",
        limit.fault,
        limit.from,
        limit.left_db,
        limit.limit_db,
        limit.damaged_db,
        100.0 * limit.damaged_more,
        limit.clean_db,
        100.0 * limit.clean_more,
        if limit.found { "found" } else { "not found" },
        limit.untouched_beyond,
        limit.untouched
    );
}

/// Records that stand above the floor in every band.
fn read_table(text: &str) -> Result<Vec<Record>, Box<dyn Error>> {
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let column = |name: String| -> Result<usize, String> {
        names.iter().position(|n| *n == name).ok_or(format!("no column {name}"))
    };
    let columns = |end: &str| -> Result<Vec<usize>, String> {
        (1..=BANDS).map(|band| column(format!("band{band}_{end}"))).collect()
    };
    let (mid, std, side) = (columns("mid_db")?, columns("mid_std_400ms_db")?, columns("side_db")?);
    let mut records = Vec::new();
    for line in lines {
        let fields: Vec<&str> = line.split(',').collect();
        let numbers = |columns: &[usize]| -> Result<[f64; BANDS], Box<dyn Error>> {
            let mut numbers = [0.0; BANDS];
            for (number, &column) in numbers.iter_mut().zip(columns) {
                *number = fields.get(column).ok_or("a short line")?.parse()?;
            }
            Ok(numbers)
        };
        let (mid_db, side_db) = (numbers(&mid)?, numbers(&side)?);
        if mid_db.iter().all(|&level| level > FLOOR_DB) {
            let side_less_mid_db = std::array::from_fn(|band| side_db[band] - mid_db[band]);
            records.push(Record { mid_db, std_db: numbers(&std)?, side_less_mid_db });
        }
    }
    Ok(records)
}

/// The same of a file; none when it has no nine bands.
fn measure(path: &Path) -> Result<Option<Record>, Box<dyn Error>> {
    let Analysis { dynamics, .. } = analyze(&acetate_files::open(path, u64::MAX)?)?.analysis;
    let mut record =
        Record { mid_db: [0.0; BANDS], std_db: [0.0; BANDS], side_less_mid_db: [0.0; BANDS] };
    if dynamics.bands.len() < BANDS {
        return Ok(None);
    }
    for (at, band) in dynamics.bands.iter().take(BANDS).enumerate() {
        let (Some(mid), Some(std)) = (band.mid_log_mean_db, band.level_std_db) else {
            return Ok(None);
        };
        (record.mid_db[at], record.std_db[at]) = (mid, std);
        record.side_less_mid_db[at] = band.side_log_mean_db.map_or(-40.0, |side| side - mid);
    }
    Ok(Some(record))
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for value in values {
        (sum, count) = (sum + value, count + 1.0);
    }
    sum / f64::max(count, 1.0)
}

fn outside<'a>(region: &'a [usize], record: &'a Record) -> impl Iterator<Item = f64> + 'a {
    (0..BANDS).filter(|band| !region.contains(band)).map(|band| record.mid_db[band])
}

/// Level of the region over the rest.
fn contrast(region: &[usize], record: &Record) -> f64 {
    mean(region.iter().map(|&band| record.mid_db[band])) - mean(outside(region, record))
}

/// The contrast that a record should have by what else is known of it.
fn predict(way: usize, region: &[usize], known: &[Record], record: &Record) -> f64 {
    let shape = |record: &Record| -> Vec<f64> {
        let level = mean(outside(region, record));
        outside(region, record).map(|band| band - level).collect()
    };
    let predictors = |record: &Record| -> Vec<f64> {
        let mut all = shape(record);
        if way == 1 {
            all.extend(record.std_db);
            all.extend(record.side_less_mid_db.map(|db| db.max(-30.0)));
        }
        all
    };
    if way == 2 {
        let wanted = shape(record);
        let mut by_distance: Vec<(f64, f64)> = known
            .iter()
            .map(|other| {
                let apart = shape(other).iter().zip(&wanted).map(|(a, b)| (a - b) * (a - b)).sum();
                (apart, contrast(region, other))
            })
            .collect();
        by_distance.sort_by(|a, b| a.0.total_cmp(&b.0));
        return mean(by_distance.iter().take(NEIGHBOURS).map(|(_, contrast)| *contrast));
    }
    let rows: Vec<Vec<f64>> = known.iter().map(predictors).collect();
    let goals: Vec<f64> = known.iter().map(|other| contrast(region, other)).collect();
    regression(&rows, &goals, &predictors(record))
}

/// Ridge regression of `goals` on `rows`, at `place`.
fn regression(rows: &[Vec<f64>], goals: &[f64], place: &[f64]) -> f64 {
    let count = place.len();
    let middle: Vec<f64> = (0..count).map(|at| mean(rows.iter().map(|row| row[at]))).collect();
    let goal = mean(goals.iter().copied());
    let mut system = vec![vec![0.0; count + 1]; count];
    for (row, value) in rows.iter().zip(goals) {
        for a in 0..count {
            let x = row[a] - middle[a];
            for b in 0..count {
                system[a][b] += x * (row[b] - middle[b]);
            }
            system[a][count] += x * (value - goal);
        }
    }
    for (at, row) in system.iter_mut().enumerate() {
        row[at] *= 1.0 + RIDGE;
    }
    // Gauss: the ridge keeps every pivot from zero.
    for at in 0..count {
        let pivot = system[at].clone();
        for (other, row) in system.iter_mut().enumerate() {
            if other != at {
                let share = row[at] / pivot[at];
                row.iter_mut().zip(&pivot).for_each(|(value, pivot)| *value -= share * pivot);
            }
        }
    }
    let weight = |at: usize| system[at][count] / system[at][at];
    goal + (0..count).map(|at| weight(at) * (place[at] - middle[at])).sum::<f64>()
}
