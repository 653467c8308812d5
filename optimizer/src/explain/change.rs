//! How one master differs from another, in plain words.

/// Regions by the third octaves that they hold, 25 Hz to 16 kHz, and what more and less of one makes a sound.
const REGIONS: [(&str, std::ops::Range<usize>, &str, &str); 5] = [
    ("bass", 2..8, "fuller", "leaner"),
    ("low mids", 8..13, "thicker", "clearer"),
    ("mids", 13..18, "more forward", "less forward"),
    ("presence", 18..24, "more present", "softer"),
    ("treble", 24..29, "airier", "darker"),
];
/// What a region differs by less than this is not spoken of, dB.
const WORTH_DB: f64 = 0.4;
/// Most regions that are named.
const NAMED: usize = 2;
/// Width, percent, and density, percent of the spread of the level, that are spoken of.
const WIDTH_WORTH_PCT: f64 = 4.0;
const DENSITY_WORTH_PCT: f64 = 5.0;

/// How a master differs from another: `change_db` in its third octaves (25 Hz to 16 kHz), `width_pct` of the other's side, and by
/// `density_pct` less spread of its level. "warmer: bass +1.6 dB, presence -1.2 dB".
pub fn words_of_change(change_db: &[Option<f64>], width_pct: f64, density_pct: f64) -> String {
    let mut heard: Vec<f64> =
        change_db.iter().skip(REGIONS[0].1.start).flatten().copied().collect();
    heard.sort_by(f64::total_cmp);
    // Against what most of it does, so that one region that moves does not seem to move the others.
    let most_db = heard.get(heard.len() / 2).copied().unwrap_or(0.0);
    let region = |bands: &std::ops::Range<usize>| {
        let known: Vec<f64> =
            change_db.get(bands.clone()).unwrap_or_default().iter().flatten().copied().collect();
        let sum: f64 = known.iter().sum();
        if known.is_empty() { 0.0 } else { sum / known.len() as f64 - most_db }
    };
    let by_db: Vec<f64> = REGIONS.iter().map(|(_, bands, ..)| region(bands)).collect();
    let mut largest: Vec<usize> =
        (0..REGIONS.len()).filter(|&at| by_db[at].abs() >= WORTH_DB).collect();
    largest.sort_by(|&one, &other| by_db[other].abs().total_cmp(&by_db[one].abs()));
    // Warm and bright are about two ends that move apart; one region alone has its own word.
    let moves = |regions: [usize; 2], up: bool| {
        largest.iter().any(|at| regions.contains(at) && (by_db[*at] > 0.0) == up)
    };
    let warmer = moves([0, 1], true) && moves([3, 4], false);
    let brighter = moves([0, 1], false) && moves([3, 4], true);
    largest.truncate(NAMED);
    let mut words = Vec::new();
    if let Some(&first) = largest.first() {
        words.push(match first {
            _ if warmer && !brighter => "warmer",
            _ if brighter && !warmer => "brighter",
            _ if by_db[first] > 0.0 => REGIONS[first].2,
            _ => REGIONS[first].3,
        });
    }
    largest.sort_unstable();
    let mut numbers: Vec<String> =
        largest.iter().map(|&at| format!("{} {:+.1} dB", REGIONS[at].0, by_db[at])).collect();
    if (width_pct - 100.0).abs() >= WIDTH_WORTH_PCT {
        words.push(if width_pct > 100.0 { "wider" } else { "narrower" });
        numbers.push(format!("width {width_pct:.0} %"));
    }
    if density_pct.abs() >= DENSITY_WORTH_PCT {
        words.push(if density_pct > 0.0 { "denser" } else { "more open" });
        numbers.push(format!(
            "level varies {:.0} % {}",
            density_pct.abs(),
            if density_pct > 0.0 { "less" } else { "more" }
        ));
    }
    if words.is_empty() {
        return "as it is".to_owned();
    }
    format!("{}: {}", words.join(", "), numbers.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slope(db: f64) -> Vec<Option<f64>> {
        (0..29).map(|band| Some(db * (14.5 - f64::from(band)) / 14.5)).collect()
    }

    #[test]
    fn a_slope_is_warm_one_way_and_bright_the_other() {
        assert_eq!(
            words_of_change(&slope(2.0), 100.0, 0.0),
            "warmer: bass +1.4 dB, treble -1.5 dB"
        );
        assert!(words_of_change(&slope(-2.0), 100.0, 0.0).starts_with("brighter: bass -1.4 dB"));
    }

    #[test]
    fn one_region_alone_has_its_own_word() {
        let bass =
            |db: f64| (0..29).map(|band| Some(if band < 8 { db } else { 0.0 })).collect::<Vec<_>>();
        assert!(words_of_change(&bass(2.0), 100.0, 0.0).starts_with("fuller: bass +2.0 dB"));
        let presence: Vec<Option<f64>> =
            (0..29).map(|band| Some(if (18..24).contains(&band) { -1.5 } else { 0.0 })).collect();
        assert!(words_of_change(&presence, 100.0, 0.0).starts_with("softer: presence -1.5 dB"));
    }

    #[test]
    fn width_and_density_are_told_and_nothing_is_nothing() {
        let flat = vec![Some(1.0); 29];
        assert_eq!(words_of_change(&flat, 100.0, 0.0), "as it is");
        let said = words_of_change(&flat, 112.4, -8.0);
        assert_eq!(said, "wider, more open: width 112 %, level varies 8 % more");
        assert_eq!(words_of_change(&[], 100.0, 0.0), "as it is");
    }
}
