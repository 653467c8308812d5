//! `suggest --curve`: what each further decibel of loudness costs.

use acetate::optimizer::CurvePoint;
use acetate::{Plan, Song};
use serde_json::json;

use crate::exit::Exit;
use crate::failure::Outcome;
use crate::global::{Global, print};
use crate::result::{CommandResult, FileResult};
use acetate::audio::numbers::{number, signed};

/// Damage at the left and right end of a bar, dB.
const BAR_FROM_DB: f64 = -50.0;
const BAR_TO_DB: f64 = 10.0;
/// Columns of a bar.
const BAR_COLUMNS: usize = 24;

/// Measures the curve of a decision and prints it.
///
/// # Errors
/// When the source cannot be read again, or standard output cannot be written.
pub(crate) fn run(song: &Song, plan: &Plan, global: &Global) -> Outcome<Exit> {
    let name = song.name().to_owned();
    let progress = global.progress();
    let points = plan.loudness_curve(song, &mut progress.watching(&name, None))?;
    let bound_db = plan.max_damage_db();
    let loudest = loudest(&points, bound_db);
    if global.wants_json() {
        let fields = json!({ "curve": points, "max_damage_db": bound_db, "loudest_lufs": loudest,
            "ceiling_dbtp": plan.document.settings.limiter.ceiling_dbtp });
        let result =
            CommandResult::of("suggest", vec![FileResult::done(&name, Exit::Done, fields)]);
        result.print(global.json, global.jsonl)?;
        return Ok(Exit::Done);
    }
    print(&text(&points, bound_db))?;
    let sentence = match loudest {
        Some(lufs) => {
            format!("about {} LUFS before the damage passes {bound_db} dB", number(Some(lufs), 1))
        }
        None => format!("no loudness here costs as much as {bound_db} dB"),
    };
    global.progress().done("Loudest", &sentence);
    Ok(Exit::Done)
}

/// Where the curve crosses the bound; `None` when it stays under it.
fn loudest(points: &[CurvePoint], bound_db: f64) -> Option<f64> {
    let known: Vec<(f64, f64)> = points
        .iter()
        .filter_map(|point| point.integrated_lufs.zip(point.noise_to_mask_db))
        .collect();
    let first = known.first().filter(|(_, damage)| *damage > bound_db).map(|(lufs, _)| *lufs);
    first.or_else(|| {
        known.windows(2).find(|pair| pair[0].1 <= bound_db && pair[1].1 > bound_db).map(|pair| {
            let ((low, under), (high, over)) = (pair[0], pair[1]);
            low + (high - low) * (bound_db - under) / (over - under)
        })
    })
}

/// A line a point: loudness, drive, what attacks lose, how far the gain moves, what a laptop's limiter takes back, damage, and a bar of the damage with the bound in it.
fn text(points: &[CurvePoint], bound_db: f64) -> String {
    let column = |db: f64| {
        let share = (db - BAR_FROM_DB) / (BAR_TO_DB - BAR_FROM_DB);
        (share.clamp(0.0, 1.0) * (BAR_COLUMNS - 1) as f64).round() as usize
    };
    let mut lines =
        vec!["   LUFS   drive  attacks  gain moves  laptop  noise to mask, dB".to_owned()];
    for point in points {
        let filled = point.noise_to_mask_db.map_or(0, |db| column(db) + 1);
        let bar: String = (0..BAR_COLUMNS)
            .map(|at| match (at < filled, at == column(bound_db)) {
                (_, true) => '|',
                (true, false) => '#',
                (false, false) => ' ',
            })
            .collect();
        let damage =
            point.noise_to_mask_db.map_or_else(|| "none".to_owned(), |db| number(Some(db), 1));
        lines.push(format!(
            "  {:>5}  {:>6}  {:>7}  {:>10}  {:>6}  {damage:>6}  {}",
            number(point.integrated_lufs, 1),
            signed(point.drive_db, 1),
            point.transient_loss_db.map_or_else(|| "none".to_owned(), |db| signed(0.0 - db, 1)),
            number(Some(point.gain_modulation_db), 1),
            point.laptop_takes_db.map_or_else(|| "none".to_owned(), |db| signed(0.0 - db, 1)),
            bar.trim_end()
        ));
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(lufs: f64, damage: Option<f64>) -> CurvePoint {
        CurvePoint {
            drive_db: 0.0,
            integrated_lufs: Some(lufs),
            noise_to_mask_db: damage,
            transient_loss_db: None,
            gain_modulation_db: 0.0,
            laptop_takes_db: Some(2.5),
        }
    }

    #[test]
    fn the_loudest_lies_where_the_curve_crosses_the_bound() {
        let curve = [point(-9.0, None), point(-8.0, Some(-14.0)), point(-7.0, Some(-6.0))];
        assert_eq!(loudest(&curve, -10.0), Some(-7.5));
        assert_eq!(loudest(&curve, 0.0), None);
        assert!(text(&curve, -10.0).lines().all(|line| line.chars().count() <= 80));
    }
}
