//! Tells a resonance of the recording from a note of the music: it stays where it is.

use super::level_db;

/// Where resonances are looked for; below, bins are wider than the gaps between notes.
const RANGE_HZ: [f64; 2] = [150.0, 12_000.0];
/// Half of the neighbourhood of which the median is taken, in octaves.
const NEIGHBOURHOOD: f64 = 1.0 / 3.0;
/// Distance between the frequencies for which a median is taken, in octaves.
const GRID: f64 = 1.0 / 12.0;
/// Most bins of a neighbourhood that are looked at; a median of so many is good to half a decibel.
const SAMPLES_MAX: usize = 31;
/// Time constant of the memory.
const MEMORY_S: f64 = 10.0;
/// Share of frames in which a resonance is in excess, and the share from which on it is cut in full.
/// At 0.6 the harp and the metal mixes it was tried on were cut half of the time; their repeated notes are no resonances.
const PRESENCE: [f64; 2] = [0.8, 0.85];
/// Most resonances at a time.
const COUNT_MAX: usize = 4;
/// Bins on either side of a peak that belong to it: the main lobe of the window.
const LOBE: usize = 2;
/// Frames fainter than this are not counted, in dB re full scale.
const ACTIVE_DB_MIN: f64 = -60.0;

/// Follows how often each bin stands out.
pub(super) struct Detector {
    sensitivity_db: f64,
    memory: f64,
    first: usize,
    references: Vec<Reference>,
    levels_db: Vec<f64>,
    excess_db: Vec<f64>,
    /// Share of recent frames in which the bin stood out.
    presence: Vec<f64>,
    resonant_db: Vec<f64>,
}

/// A point of the grid: the bins whose median it is.
struct Reference {
    bin: usize,
    neighbours: Vec<usize>,
    median_db: f64,
}

impl Detector {
    pub(super) fn new(sensitivity_db: f64, bins: usize, bin_hz: f64, hop_s: f64) -> Self {
        let last_hz = RANGE_HZ[1].min(0.8 * bin_hz * bins as f64);
        let count = (libm::log2(last_hz / RANGE_HZ[0]) / GRID) as usize;
        let references: Vec<Reference> = (0..=count)
            .map(|k| RANGE_HZ[0] * libm::exp2(k as f64 * GRID) / bin_hz)
            .map(|centre| Reference::new(centre, bins))
            .collect();
        Self {
            sensitivity_db,
            memory: libm::exp(-hop_s / MEMORY_S),
            first: references[0].bin,
            references,
            levels_db: vec![0.0; bins],
            excess_db: vec![0.0; bins],
            presence: vec![0.0; bins],
            resonant_db: vec![0.0; bins],
        }
    }

    /// Takes the powers of a frame; gives how far each bin of a resonance is over what is tolerated, zero elsewhere.
    pub(super) fn next(&mut self, powers: &[f64]) -> &[f64] {
        self.resonant_db.fill(0.0);
        if level_db(powers.iter().sum()) < ACTIVE_DB_MIN {
            return &self.resonant_db;
        }
        for (level, power) in self.levels_db.iter_mut().zip(powers) {
            *level = level_db(*power);
        }
        self.measure_excess();
        for (presence, excess) in self.presence.iter_mut().zip(&self.excess_db) {
            let stands_out = if *excess > 0.0 { 1.0 } else { 0.0 };
            *presence = stands_out + self.memory * (*presence - stands_out);
        }
        self.mark_resonances();
        &self.resonant_db
    }

    /// Level over the median of the neighbourhood, over the sensitivity.
    fn measure_excess(&mut self) {
        for reference in &mut self.references {
            reference.take_median(&self.levels_db);
        }
        for pair in self.references.windows(2) {
            let (from, to) = (&pair[0], &pair[1]);
            let span = (to.bin - from.bin).max(1) as f64;
            for bin in from.bin..to.bin {
                let share = (bin - from.bin) as f64 / span;
                let median_db = from.median_db + share * (to.median_db - from.median_db);
                self.excess_db[bin] = self.levels_db[bin] - median_db - self.sensitivity_db;
            }
        }
    }

    /// Takes the most persistent peaks and the bins of their lobes.
    fn mark_resonances(&mut self) {
        let end = self.references.last().map_or(self.first, |reference| reference.bin);
        // Of resonances that are there equally often, which those that never pause are, the lower one comes first.
        let mut last = (f64::INFINITY, 0);
        for _ in 0..COUNT_MAX {
            let mut best = None;
            let mut most = PRESENCE[0];
            for bin in self.first.max(1)..end.saturating_sub(1) {
                let presence = self.presence[bin];
                let peak = presence >= self.presence[bin - 1] && presence > self.presence[bin + 1];
                let follows = presence < last.0 || (presence == last.0 && bin > last.1);
                if peak && presence > most && follows {
                    (best, most) = (Some(bin), presence);
                }
            }
            let Some(bin) = best else { return };
            let share = ((most - PRESENCE[0]) / (PRESENCE[1] - PRESENCE[0])).min(1.0);
            for near in bin.saturating_sub(LOBE)..=(bin + LOBE).min(end) {
                let excess_db = share * self.excess_db[bin].max(0.0);
                self.resonant_db[near] = self.resonant_db[near].max(excess_db);
            }
            last = (most, bin);
        }
    }

    pub(super) fn reset(&mut self) {
        self.presence.fill(0.0);
    }
}

impl Reference {
    /// `centre` in bins.
    fn new(centre: f64, bins: usize) -> Self {
        let reach = libm::exp2(NEIGHBOURHOOD);
        let low = ((centre / reach) as usize).max(1);
        let high = ((centre * reach).ceil() as usize).min(bins - 1).max(low + 1);
        let count = (high - low + 1).min(SAMPLES_MAX);
        let neighbours = (0..count).map(|k| low + k * (high - low) / (count - 1)).collect();
        Self { bin: (centre.round() as usize).min(bins - 1), neighbours, median_db: 0.0 }
    }

    fn take_median(&mut self, levels_db: &[f64]) {
        let mut levels = [0.0; SAMPLES_MAX];
        let levels = &mut levels[..self.neighbours.len()];
        for (level, bin) in levels.iter_mut().zip(&self.neighbours) {
            *level = levels_db[*bin];
        }
        let middle = levels.len() / 2;
        let (_, median, _) = levels.select_nth_unstable_by(middle, f64::total_cmp);
        self.median_db = *median;
    }
}
