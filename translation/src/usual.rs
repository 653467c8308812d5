//! What most records lose on a system: a fixed curve takes nearly the same from all of them.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::balance::REGIONS;

/// Changes of the regions' shares from the tenth to the ninetieth percentile of 568 commercial tracks, phon, system by system.
/// `translation/examples/usual.rs` makes them.
#[derive(Clone, Debug, Deserialize)]
struct Usual {
    systems: BTreeMap<String, Vec<[f64; 2]>>,
}

fn usual() -> &'static Usual {
    static USUAL: OnceLock<Usual> = OnceLock::new();
    USUAL.get_or_init(|| {
        acetate_documents::from_text(include_str!("../data/usual.json"))
            .expect("a test reads what is shipped")
    })
}

/// Is the change of a region on a system that of four records in five? `false` where no record was heard on it.
pub(crate) fn is_usual(system: &str, region: usize, change_phon: f64) -> bool {
    // A band of the ear is half an ERB wide, nine bands of the records' statistics are 6: half a phon is between the lines.
    const BETWEEN: f64 = 0.5;
    let known = usual().systems.get(system).filter(|regions| regions.len() == REGIONS);
    known.is_some_and(|regions| {
        let [low, high] = regions[region];
        (low - BETWEEN..=high + BETWEEN).contains(&change_phon)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_system_has_what_is_usual_on_it() {
        for system in crate::systems() {
            let regions = &usual().systems[&system.id];
            assert_eq!(regions.len(), REGIONS, "{}", system.id);
            assert!(regions.iter().all(|[low, high]| low <= high), "{}", system.id);
        }
    }
}
