//! What is left on each system, in three cells.

use acetate_audio::numbers::{clock, frequency};
use acetate_translation::worth::{
    CANCELLED_PCT, DROWNED_PCT, LOST_LU, SII_GOOD, SII_POOR, TAKEN_DB,
};
use acetate_translation::{BassHeard, OnSystem, StemHeard, around};

/// Name, bass line, and what else is lost, of each system.
pub(crate) fn rows(systems: &[OnSystem]) -> Vec<[String; 3]> {
    let best = systems.iter().filter_map(|system| system.centre).map(|centre| centre.sii);
    // Where the centre is weak everywhere, the song is made so.
    let has_centre = best.fold(0.0, f64::max) >= SII_GOOD;
    let row = |system: &OnSystem| {
        let bass = system.bass.as_ref().map_or_else(|| "-".to_owned(), bass);
        let also = also(system, has_centre);
        let is_usual = system.as_most_records && also.is_empty();
        [system.name.clone(), bass, if is_usual { "as most records".to_owned() } else { also }]
    };
    systems.iter().map(row).collect()
}

/// `12 % heard (4 to 30)`; of a line that is too short for that, how long it is.
fn bass(bass: &BassHeard) -> String {
    if bass.is_few() {
        return format!("{:.1} s: too short to tell", bass.steady_s());
    }
    let [worst, best] = bass.heard_range_pct;
    let range = match libm::round(best) > libm::round(worst) {
        true => format!(" ({worst:.0} to {best:.0})"),
        false => String::new(),
    };
    format!("{:.0} % heard{range}", bass.heard_pct)
}

/// What else is lost, the rarest first.
fn also(system: &OnSystem, has_centre: bool) -> String {
    let mut parts = Vec::new();
    let mono = system.mono.as_ref();
    if mono.is_some_and(|mono| mono.silent) {
        return "silent: the channels cancel".to_owned();
    }
    if let Some(lost) = mono.and_then(|mono| mono.lost_lu).filter(|&lost| lost >= LOST_LU) {
        parts.push(format!("{lost:.1} LU quieter"));
    }
    if let Some(lows) = system.lost_lows() {
        parts.push(format!("{} loses {:.0} dB", lows.name(), lows.loss_db));
    }
    if let Some((mono, gone)) = mono.and_then(|mono| Some((mono, mono.cancelled_pct?)))
        && gone >= CANCELLED_PCT
    {
        let range = mono.range_hz.map_or_else(String::new, |[low, high]| {
            format!(", {} to {}", around(low), around(high))
        });
        parts.push(format!("{gone:.0} % cancels{range}"));
    }
    if let Some(cover) = system.cover.as_ref().filter(|cover| cover.drowned_pct >= DROWNED_PCT) {
        parts.push(match cover.at_s.first() {
            Some([from, to]) if cover.at_s.len() == 1 => {
                format!("{} to {} covered", clock(*from), clock(libm::round(*to)))
            }
            _ => format!("{:.0} % of the time covered", cover.drowned_pct),
        });
    }
    if let Some(limiter) = system.limiter.filter(|limiter| limiter.mean_db >= TAKEN_DB) {
        parts.push(format!("limiter {:.1} of {:.0} dB", limiter.mean_db, limiter.boost_db));
    }
    let gone = system.bands.iter().filter(|band| band.gone && !band.usual);
    parts.extend(
        gone.map(|band| format!("{} to {} gone", frequency(band.low_hz), frequency(band.high_hz))),
    );
    if let Some(centre) = system.centre.filter(|centre| has_centre && centre.sii < SII_POOR) {
        parts.push(format!("centre {:.2}", centre.sii));
    }
    let lost: Vec<String> = system.stems.iter().filter(|stem| stem.gone).map(stem).collect();
    if !lost.is_empty() {
        parts.insert(0, lost.join(", "));
    }
    parts.join("; ")
}

/// How much of a stem is left: its notes may still be heard, as soft as they are.
fn stem(stem: &StemHeard) -> String {
    match stem.left_pct {
        left if left < 0.5 => format!("{} gone", stem.name),
        left => format!("{} at {left:.0} % of its loudness", stem.name),
    }
}
