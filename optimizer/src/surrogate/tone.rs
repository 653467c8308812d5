//! What static filters do to the long-term spectrum.

use acetate_analyzer::FineSpectrum;
use acetate_audio::units::{db_to_power, power_to_db};
use acetate_engine::Settings;
use acetate_engine::settings::{BandChannel, StereoSettings};

use crate::equalizer::Cells;

/// Gated power of mid and side in narrow cells, and which third octave they belong to.
#[derive(Clone, Debug)]
pub(crate) struct ToneTable {
    sample_rate_hz: f64,
    /// Middle of each cell, below the Nyquist frequency.
    pub(crate) hz: Vec<f64>,
    pub(crate) mid: Vec<f64>,
    pub(crate) side: Vec<f64>,
    /// For each third octave, its cells and the share of each that lies inside.
    pub(crate) members: Vec<Vec<(usize, f64)>>,
    /// Level of each third octave in the table itself, to cancel the table's own coarseness.
    base: Levels,
}

/// Power gain of a chain at each cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CellGains {
    pub(crate) mid: Vec<f64>,
    pub(crate) side: Vec<f64>,
}

/// Third-octave powers of the whole (mean of the channels), mid and side.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Levels {
    pub(crate) sum: Vec<f64>,
    pub(crate) mid: Vec<f64>,
    pub(crate) side: Vec<f64>,
}

impl ToneTable {
    pub(crate) fn new(fine: &FineSpectrum, sample_rate_hz: f64) -> Self {
        let edges = &fine.edges_hz;
        let hz = edges
            .windows(2)
            .map(|edge| libm::sqrt(edge[0].max(1.0) * edge[1]).min(0.49 * sample_rate_hz))
            .collect();
        let members = fine
            .third_octave_edges_hz
            .iter()
            .map(|&[low, high]| {
                (0..edges.len().saturating_sub(1))
                    .map(|cell| {
                        let inside = high.min(edges[cell + 1]) - low.max(edges[cell]);
                        (cell, inside / (edges[cell + 1] - edges[cell]))
                    })
                    .filter(|(_, share)| *share > 1e-9)
                    .collect()
            })
            .collect();
        let mut table = Self {
            sample_rate_hz,
            hz,
            mid: fine.mid.clone(),
            side: fine.side.clone(),
            members,
            base: Levels::default(),
        };
        table.base = table.levels(&table.no_gain());
        table
    }

    fn no_gain(&self) -> CellGains {
        CellGains { mid: vec![1.0; self.hz.len()], side: vec![1.0; self.hz.len()] }
    }

    /// Third-octave powers after `gains`.
    pub(crate) fn levels(&self, gains: &CellGains) -> Levels {
        let mut levels = Levels::default();
        for members in &self.members {
            let (mut mid, mut side) = (0.0, 0.0);
            for &(cell, share) in members {
                mid += share * self.mid[cell] * gains.mid[cell];
                side += share * self.side[cell] * gains.side[cell];
            }
            levels.sum.push(mid + side);
            levels.mid.push(mid);
            levels.side.push(side);
        }
        levels
    }

    /// Change of the third-octave levels by `gains`, in dB; zero where there is no power.
    pub(crate) fn changes_db(&self, gains: &CellGains) -> Levels {
        let after = self.levels(gains);
        let ratio = |after: &[f64], before: &[f64]| {
            let change = |(&after, &before): (&f64, &f64)| {
                if after > 0.0 && before > 0.0 { power_to_db(after / before) } else { 0.0 }
            };
            after.iter().zip(before).map(change).collect()
        };
        Levels {
            sum: ratio(&after.sum, &self.base.sum),
            mid: ratio(&after.mid, &self.base.mid),
            side: ratio(&after.side, &self.base.side),
        }
    }

    /// The cells of each third octave with their energy in the side.
    pub(crate) fn cells_of_side(&self) -> Cells {
        let mut cells = Cells::default();
        for members in &self.members {
            cells.push(
                members.iter().map(|&(cell, share)| (self.hz[cell], share * self.side[cell])),
            );
        }
        cells
    }

    /// The cells of each third octave with the energy of the whole when the side changes by `side_db`, one a cell.
    pub(crate) fn cells_after(&self, side_db: &[f64]) -> Cells {
        let mut cells = Cells::default();
        for members in &self.members {
            cells.push(members.iter().map(|&(cell, share)| {
                let side = self.side[cell] * db_to_power(side_db[cell]);
                (self.hz[cell], share * (self.mid[cell] + side))
            }));
        }
        cells
    }

    /// The same gains with the stereo stage behind them.
    pub(crate) fn widened(&self, mut gains: CellGains, stereo: &StereoSettings) -> CellGains {
        for (side, &hz) in gains.side.iter_mut().zip(&self.hz) {
            *side *= width_power(stereo, hz);
        }
        gains
    }

    /// Power gains of the equaliser of `settings`.
    pub(crate) fn equalizer_gains(&self, settings: &Settings) -> CellGains {
        let mut mid_db = vec![0.0; self.hz.len()];
        let mut side_db = vec![0.0; self.hz.len()];
        for band in settings.equalizer.bands.iter().filter(|band| !band.is_neutral()) {
            // Left and right alone have no place in a mid/side table: half of each is the first-order truth.
            let (on_mid, on_side) = match band.channel {
                BandChannel::Stereo => (1.0, 1.0),
                BandChannel::Mid => (1.0, 0.0),
                BandChannel::Side => (0.0, 1.0),
                BandChannel::Left | BandChannel::Right => (0.5, 0.5),
            };
            for (index, &hz) in self.hz.iter().enumerate() {
                let db = band.response_db(hz, self.sample_rate_hz);
                mid_db[index] += on_mid * db;
                side_db[index] += on_side * db;
            }
        }
        let power = |gains_db: Vec<f64>| gains_db.into_iter().map(db_to_power).collect();
        CellGains { mid: power(mid_db), side: power(side_db) }
    }
}

/// Power gain of the side at `hz` by width and mono-below, with the ideal edges of the linear-phase split.
fn width_power(stereo: &StereoSettings, hz: f64) -> f64 {
    if stereo.mono_below_hz.is_some_and(|below| hz < below) {
        return 0.0;
    }
    let band = stereo.bands.iter().find(|band| band.below_hz.is_none_or(|below| hz < below));
    let width = band.map_or(1.0, |band| band.width_pct / 100.0);
    width * width
}
