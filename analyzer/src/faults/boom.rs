//! Boom: one note of the bass that is louder than all others, as a room or a microphone makes it.
//!
//! Musicians do not play one note 9 dB louder than every other; rooms do (Toole, "Sound Reproduction", 2008, chapter 13). Only a line of
//! several notes tells: of two or three, one may well be meant.

use acetate_audio::units::{db_to_power, power_to_db};

use crate::statistics::percentile;

/// Where a boom lies.
const BASS_HZ: std::ops::Range<f64> = 33.0..200.0;
/// A moment plays one note when its cell and those beside it have this share of the bass.
const ONE_NOTE: f64 = 0.5;
/// Moments this far below the loud ones play nothing.
const QUIET_DB: f64 = -22.0;
const LOUD_SHARE: f64 = 0.9;
/// A note counts that is played in this share of the moments, and in so many.
const PLAYED_SHARE: f64 = 0.015;
const PLAYED: usize = 3;
/// Its level is that of its louder moments: notes decay.
const LEVEL_SHARE: f64 = 0.75;
/// Notes beside which one can be said to be too loud; neighbouring cells share a note.
const OTHERS: usize = 3;
/// How far it stands above the middle of the others, and above the loudest of them, dB. Of twenty recordings that are known to be
/// right none had more than 7.4 and 3.7.
pub(crate) const BOOM_DB: f64 = 9.0;
const OVER_LOUDEST_DB: f64 = 5.0;

/// A note that booms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Boom {
    pub(crate) freq_hz: f64,
    /// How far it stands above the middle of the other notes.
    pub(crate) over_db: f64,
}

/// A note of the line: its cell, and the levels it was played at, dB.
struct Note {
    cell: usize,
    level_db: f64,
}

/// The note that booms, if one does, in rows of low cells; `edges_hz` are those of the cells, of which each row has `cells` and more after
/// them.
pub(crate) fn boom(rows: &[&[f32]], cells: usize, edges_hz: &[f64]) -> Option<Boom> {
    let middle_hz = |cell: usize| libm::sqrt(edges_hz[cell] * edges_hz[cell + 1]);
    let bass: Vec<usize> = (0..cells.min(edges_hz.len() - 1))
        .filter(|&cell| BASS_HZ.contains(&middle_hz(cell)))
        .collect();
    let (&first, &last) = bass.first().zip(bass.last())?;
    let notes = notes(rows, first..last + 1)?;
    let booming = notes.iter().max_by(|a, b| a.level_db.total_cmp(&b.level_db))?;
    let others: Vec<f64> = notes
        .iter()
        .filter(|note| note.cell.abs_diff(booming.cell) > 1)
        .map(|note| note.level_db)
        .collect();
    let over_db = booming.level_db - percentile(&others, 0.5)?;
    let over_loudest_db = booming.level_db - others.iter().copied().fold(f64::MIN, f64::max);
    let booms = others.len() >= OTHERS && over_db >= BOOM_DB && over_loudest_db >= OVER_LOUDEST_DB;
    booms.then(|| Boom { freq_hz: middle_hz(booming.cell), over_db })
}

/// Notes of the bass, each with the level of its louder moments.
fn notes(rows: &[&[f32]], bass: std::ops::Range<usize>) -> Option<Vec<Note>> {
    let rows: Vec<&[f32]> = rows.iter().map(|row| &row[bass.clone()]).collect();
    let power = |row: &[f32]| row.iter().map(|&power| f64::from(power)).sum::<f64>();
    let powers: Vec<f64> = rows.iter().map(|row| power(row)).collect();
    let quiet = percentile(&powers, LOUD_SHARE)? * db_to_power(QUIET_DB);
    let mut levels_db = vec![Vec::new(); bass.len()];
    for (row, all) in rows.iter().zip(powers).filter(|(_, all)| *all > quiet) {
        let top = (0..row.len()).max_by(|&a, &b| row[a].total_cmp(&row[b]))?;
        let note = power(&row[top.saturating_sub(1)..(top + 2).min(row.len())]);
        if note >= ONE_NOTE * all {
            levels_db[top].push(power_to_db(note));
        }
    }
    let least = PLAYED.max((PLAYED_SHARE * rows.len() as f64) as usize);
    let played = levels_db.iter().enumerate().filter(|(_, levels)| levels.len() >= least);
    let note = |(cell, levels): (usize, &Vec<f64>)| {
        Some(Note { cell: bass.start + cell, level_db: percentile(levels, LEVEL_SHARE)? })
    };
    Some(played.filter_map(note).collect())
}
