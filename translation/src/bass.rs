//! Whether the notes of a bass line are heard on a system: by their fundamentals, through their harmonics, or not at all.

use acetate_analyzer::{BassLine, BassNote, PARTIALS, Partials};

use crate::document::BassHeard;
use crate::ear::{Ear, level_db};
use crate::heard::{AtEar, Rows};

/// A partial belongs to the line when it stands this far out of its surroundings over all notes: 4 dB.
const BELONGS: f64 = 2.512;
/// What is left of the whole beside a partial, at least: it is never quite alone in its band.
const ALONE: f64 = 0.05;
const OTHERS: f64 = 0.02;
/// A line that lacks more than this has nothing there that could be raised.
const MISSING_DB_MAX: f64 = 30.0;
/// Fewest moments that make a line: less is a thump or two.
const NOTES_MIN: usize = 6;
/// A partial of which less than this is left when the channels are added is lost, however loud the rest of it is: 10 dB.
const LEFT: f64 = 0.1;
/// Harmonics are not stated to lie further below the rest than this.
const HARMONICS_FLOOR_DB: f64 = -60.0;

/// How a note is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// Its fundamental is.
    Fundamental,
    /// Two neighbouring harmonics are, from which the ear makes the pitch (Ritsma 1967, Plomp 1967).
    Harmonics,
    /// One harmonic is: another pitch.
    Octave,
    /// Nothing of it.
    Not,
}

impl How {
    /// At its pitch.
    pub(crate) fn is_heard(self) -> bool {
        matches!(self, Self::Fundamental | Self::Harmonics)
    }
}

/// What is a note's own at each partial, in the mid and in the side.
#[derive(Clone, Copy, Debug)]
struct Own {
    mid: [f64; PARTIALS],
    side: [f64; PARTIALS],
}

/// The line, with which of its partials are its own.
#[derive(Clone, Debug)]
pub(crate) struct Line<'a> {
    notes: &'a [BassNote],
    mid_belongs: [bool; PARTIALS],
    side_belongs: [bool; PARTIALS],
}

impl<'a> Line<'a> {
    /// `None` where there is no line.
    pub(crate) fn new(line: &'a BassLine) -> Option<Self> {
        if line.notes.len() < NOTES_MIN {
            return None;
        }
        let belongs = |of: fn(&BassNote) -> &Partials| {
            std::array::from_fn(|index| index == 0 || line.contrast(index, of) >= BELONGS)
        };
        Some(Self {
            notes: &line.notes,
            mid_belongs: belongs(|note| &note.mid),
            side_belongs: belongs(|note| &note.side),
        })
    }

    fn own(&self, note: &BassNote) -> Own {
        let net = |of: &Partials, belongs: &[bool; PARTIALS]| {
            std::array::from_fn(|index| if belongs[index] { of.net(index) } else { 0.0 })
        };
        Own { mid: net(&note.mid, &self.mid_belongs), side: net(&note.side, &self.side_belongs) }
    }

    /// How much quieter its fundamentals are where this share of the side is left at a frequency, dB, all notes together.
    pub(crate) fn loss_db(&self, side_gain: impl Fn(f64) -> f64) -> f64 {
        let (mut left, mut all) = (0.0, 0.0);
        for note in self.notes {
            let (mid, side) = (note.mid.at[0], note.side.at[0]);
            left += mid + side_gain(note.fundamental_hz) * side;
            all += mid + side;
        }
        if all > 0.0 { level_db(all) - level_db(left) } else { 0.0 }
    }
}

/// Partials of one note at the ear, and what each would need to be heard.
struct Heard {
    how: How,
    /// Least raise, dB, that would make two neighbouring harmonics audible.
    missing_db: f64,
}

fn hear(
    powers: &mut [f32],
    ear: &Ear,
    rows: Rows<'_>,
    at_ear: &AtEar,
    note: &BassNote,
    own: &Own,
) -> Heard {
    let row = ((note.at_s / rows.step_s) as usize).min(rows.count.saturating_sub(1));
    at_ear.bring(rows, row, powers);
    // How much more each partial would need, as a ratio of powers; 1 and less is heard.
    let lacks: [f64; PARTIALS] = std::array::from_fn(|index| {
        let band = ear.band_of((index + 1) as f64 * note.fundamental_hz);
        let whole = f64::from(ear.excited(powers, band));
        let side_gain = at_ear.side_gain(band);
        let played = own.mid[index] + side_gain * own.side[index];
        if played < LEFT * (own.mid[index] + own.side[index]) {
            return f64::INFINITY;
        }
        let partial = played * at_ear.mid_to_ear(band);
        let left = (whole - partial).max(0.0);
        let others = left.max(ALONE * whole).min(left + OTHERS * whole);
        ear.threshold(band, others + at_ear.masker[band]) / partial.max(1e-9)
    });
    let heard = lacks.map(|lack| lack <= 1.0);
    let pairs = (1..PARTIALS - 1).map(|index| [index, index + 1]);
    let how = if heard[0] {
        How::Fundamental
    } else if pairs.clone().any(|[low, high]| heard[low] && heard[high]) {
        How::Harmonics
    } else if heard[1..4].contains(&true) {
        How::Octave
    } else {
        How::Not
    };
    let missing = pairs.map(|[low, high]| lacks[low].max(lacks[high])).fold(f64::MAX, f64::min);
    Heard { how, missing_db: level_db(missing) }
}

/// How each note is heard on one of such systems.
pub(crate) fn how(ear: &Ear, rows: Rows<'_>, at_ear: &AtEar, line: &Line<'_>) -> Vec<How> {
    let notes = line.notes.iter();
    let mut powers = vec![0.0; ear.len()];
    notes.map(|note| hear(&mut powers, ear, rows, at_ear, note, &line.own(note)).how).collect()
}

/// Share of the notes heard at home that are heard at their pitch, percent.
pub(crate) fn heard_pct(found: &[How], home: &[How]) -> f64 {
    let counted = found.iter().zip(home).filter(|(_, home)| home.is_heard());
    let (mut heard, mut count) = (0u64, 0u64);
    for (how, _) in counted {
        count += 1;
        heard += u64::from(how.is_heard());
    }
    100.0 * heard as f64 / count.max(1) as f64
}

/// What is left of the line on a system; the first of its cases is the middle one. `None` where no note is heard at home.
pub(crate) fn bass(
    ear: &Ear,
    rows: Rows<'_>,
    cases: &[AtEar],
    line: &Line<'_>,
    home: &[How],
) -> Option<BassHeard> {
    let notes = home.iter().filter(|how| how.is_heard()).count();
    let middle = cases.first()?;
    if notes == 0 {
        return None;
    }
    let own: Vec<Own> = line.notes.iter().map(|note| line.own(note)).collect();
    let mut powers = vec![0.0; ear.len()];
    let notes_own = line.notes.iter().zip(&own);
    let heard: Vec<Heard> =
        notes_own.map(|(note, own)| hear(&mut powers, ear, rows, middle, note, own)).collect();
    let hows: Vec<How> = heard.iter().map(|heard| heard.how).collect();
    let pct = |wanted: How| {
        let counted =
            hows.iter().zip(home).filter(|(how, home)| home.is_heard() && **how == wanted);
        100.0 * counted.count() as f64 / notes as f64
    };
    let mut ends: Vec<f64> =
        cases[1..].iter().map(|case| heard_pct(&how(ear, rows, case, line), home)).collect();
    ends.push(heard_pct(&hows, home));
    let missing =
        heard.iter().zip(home).filter(|(heard, home)| home.is_heard() && !heard.how.is_heard());
    let missing: Vec<f64> =
        missing.map(|(heard, _)| heard.missing_db).filter(|&db| db < MISSING_DB_MAX).collect();
    Some(BassHeard {
        notes,
        cancelled_db: line.loss_db(|hz| middle.side_gain(ear.band_of(hz))).max(0.0),
        heard_pct: heard_pct(&hows, home),
        heard_range_pct: [
            ends.iter().copied().fold(f64::MAX, f64::min),
            ends.iter().copied().fold(0.0, f64::max),
        ],
        fundamental_pct: pct(How::Fundamental),
        harmonics_pct: pct(How::Harmonics),
        octave_pct: pct(How::Octave),
        missing_db: median(missing),
        harmonics_re_rest_db: harmonics_re_rest_db(line, &own),
    })
}

/// Level of the line's harmonics from 150 to 600 Hz over what else plays there, median over the notes, dB.
fn harmonics_re_rest_db(line: &Line<'_>, own: &[Own]) -> f64 {
    let of_note = |(note, own): (&BassNote, &Own)| {
        let within = |index: &usize| {
            acetate_analyzer::MIDS_HZ.contains(&((*index + 1) as f64 * note.fundamental_hz))
        };
        let harmonics: f64 = (0..PARTIALS).filter(within).map(|index| own.mid[index]).sum();
        let rest = (note.mids - harmonics).max(1e-15);
        (level_db(harmonics) - level_db(rest)).max(HARMONICS_FLOOR_DB)
    };
    median(line.notes.iter().zip(own).map(of_note).collect()).unwrap_or(HARMONICS_FLOOR_DB)
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let count = values.len();
    let [low, high] = [count.checked_sub(1)? / 2, count / 2];
    Some(0.5 * (values[low] + values[high]))
}
