//! From settings to the tables that the rendered sound would have.

use acetate_analyzer::{BandEnergy, BassLine, BassNote, Partials};
use acetate_engine::Settings;

use super::predict::Surrogate;

impl Surrogate<'_> {
    /// Mid and side of a table, and a bass line, as `settings` are expected to leave them: what static filters, width and gains that
    /// move do. Left and right are not told.
    pub(crate) fn tables_after(
        &self,
        settings: &Settings,
        energy: &BandEnergy,
        bass: &BassLine,
    ) -> (BandEnergy, BassLine) {
        let passed = self.pass(settings);
        let gain_at = |at_s: f64| {
            let last = passed.after_filters.len().saturating_sub(1);
            passed.after_filters.get(((at_s / self.block_s) as usize).min(last)).map_or(1.0, |g| *g)
        };
        let (mut mid, mut side) = (energy.mid.clone(), energy.side.clone());
        let bands = energy.bands().max(1);
        for (planes, gains) in
            [(&mut mid, &passed.band_gains.mid), (&mut side, &passed.band_gains.side)]
        {
            for (frame, row) in planes.chunks_exact_mut(bands).enumerate() {
                let gain = gain_at((frame as f64 + 0.5) * energy.step_s);
                row.iter_mut().zip(gains).for_each(|(power, own)| *power *= (gain * own) as f32);
            }
        }
        let of_cell = |gains: &[f64], hz: f64| {
            let above = self.tone.hz.partition_point(|&cell| cell < hz);
            gains.get(above.min(self.tone.hz.len() - 1)).map_or(1.0, |gain| *gain)
        };
        let notes = bass.notes.iter().map(|note| {
            let gain = gain_at(note.at_s);
            let changed = |partials: &Partials, gains: &[f64]| {
                let hz = |partial: usize| (partial + 1) as f64 * note.fundamental_hz;
                partials.times(&std::array::from_fn(|partial| gain * of_cell(gains, hz(partial))))
            };
            BassNote {
                mid: changed(&note.mid, &passed.gains.mid),
                side: changed(&note.side, &passed.gains.side),
                ..note.clone()
            }
        });
        let notes = notes.collect();
        let table = BandEnergy {
            edges_hz: energy.edges_hz.clone(),
            step_s: energy.step_s,
            frames: energy.frames,
            mid,
            side,
            ..BandEnergy::default()
        };
        (table, BassLine { notes })
    }
}
