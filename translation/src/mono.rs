//! What cancels when the channels are added.

use acetate_analyzer::Analysis;

use crate::balance::REGIONS_HZ;
use crate::document::{MonoBand, MonoHeard};
use crate::ear::{Ear, level_db};
use crate::heard::{AtEar, Rows};
use crate::loudness::LoudnessTable;
use crate::system::Side;

/// Rows taken together, 0.4 s: what cancels for a moment only is the play of phases, not a loss.
const ROWS: usize = 8;
/// A cell cancels when less than this is left of it: 10 dB.
const LEFT: f64 = 0.1;
/// What lies below has no loudness: the absolute gate of BS.1770, LUFS.
const ABSOLUTE_GATE_LUFS: f64 = -70.0;
/// Losses are not stated to be larger.
const LOSS_DB_MIN: f64 = -99.0;
/// Bands with this share of the most cancelled one belong to the same thing.
const BESIDE: f64 = 0.25;
/// Places told of.
const PLACES: usize = 32;

/// What all of a song loses in mono.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct MonoLoss {
    /// How much quieter it is, LU; `None` where nothing is left, and where that was not asked for.
    lost_lu: Option<f64>,
    /// Nothing is left above the gate of loudness.
    pub(crate) silent: bool,
}

impl MonoLoss {
    /// As it was measured; `None` of silence.
    pub(crate) fn of(analysis: &Analysis) -> Option<Self> {
        let whole_lufs = analysis.loudness.integrated_lufs?;
        let lost_lu = analysis.stereo.mono_loss_lu;
        let is_below = lost_lu.is_some_and(|lost| whole_lufs - lost < ABSOLUTE_GATE_LUFS);
        Some(Self { lost_lu, silent: is_below || analysis.stereo.is_silent_mid() })
    }
}

/// What cancels in mono, over the whole song.
#[derive(Clone, Debug)]
pub(crate) struct Cancelling {
    /// Loudness at home of each band, and the part of it that cancels.
    loudness: Vec<f64>,
    cancelled: Vec<f64>,
    /// Power of both channels in each band, and what is left in mono.
    pub(crate) stereo: Vec<f64>,
    pub(crate) mono: Vec<f64>,
    /// Cancelled loudness of each piece of time.
    over_time: Vec<f64>,
    piece_s: f64,
}

impl Cancelling {
    pub(crate) fn new(ear: &Ear, rows: Rows<'_>, home: &AtEar, table: &LoudnessTable) -> Self {
        let bands = ear.len();
        let zeros = vec![0.0; bands];
        let mut found = Self {
            loudness: zeros.clone(),
            cancelled: zeros.clone(),
            stereo: zeros.clone(),
            mono: zeros.clone(),
            over_time: Vec::new(),
            piece_s: ROWS as f64 * rows.step_s,
        };
        let (mut powers, mut excitation) = (vec![0.0; bands], vec![0.0; bands]);
        for first in (0..rows.count).step_by(ROWS) {
            let [mut loudness, mut mid, mut side] = [zeros.clone(), zeros.clone(), zeros.clone()];
            for row in first..rows.count.min(first + ROWS) {
                home.excite(ear, rows, row, &mut powers, &mut excitation);
                for band in 0..bands {
                    let specific = f64::from(table.at(band, excitation[band]));
                    loudness[band] += specific * ear.width_erb(band);
                    mid[band] += f64::from(rows.mid(row)[band]);
                    side[band] += f64::from(rows.side(row)[band]);
                }
            }
            let mut gone = 0.0;
            for band in 0..bands {
                found.loudness[band] += loudness[band];
                found.mono[band] += mid[band];
                found.stereo[band] += mid[band] + side[band];
                if mid[band] < LEFT * (mid[band] + side[band]) {
                    found.cancelled[band] += loudness[band];
                    gone += loudness[band];
                }
            }
            found.over_time.push(gone);
        }
        found
    }

    /// What a system cancels; `None` where it plays both channels. `lost` is what all of it loses in mono.
    pub(crate) fn on(&self, ear: &Ear, side: Side, lost: MonoLoss) -> Option<MonoHeard> {
        let below_hz = match side {
            Side::Stereo | Side::Crossfeed { .. } => return None,
            Side::Mono => f64::INFINITY,
            Side::RemovedBelow { hz } => removed_below_hz(hz),
        };
        let bands = REGIONS_HZ.iter().filter(|[_, high]| *high <= below_hz).map(|[low, high]| {
            let within = ear.within(*low, *high);
            let sum = |of: &[f64]| of[within.clone()].iter().sum::<f64>();
            MonoBand {
                low_hz: *low,
                high_hz: *high,
                loss_db: (0.0 - self.loss_db(within.clone())).max(LOSS_DB_MIN),
                cancelled_pct: share_pct(sum(&self.cancelled), sum(&self.loudness)),
            }
        });
        let bands = bands.collect();
        let whole = matches!(side, Side::Mono);
        let (at_s, range_hz) =
            if whole { (self.places_s(), self.range_hz(ear)) } else { (Vec::new(), None) };
        let cancelled_pct =
            whole.then(|| share_pct(self.cancelled.iter().sum(), self.loudness.iter().sum()));
        let MonoLoss { lost_lu, silent } = if whole { lost } else { MonoLoss::default() };
        Some(MonoHeard { cancelled_pct, lost_lu, silent, bands, at_s, range_hz, lows: None })
    }

    /// How much quieter bands are in mono, dB; 0 where there is nothing.
    pub(crate) fn loss_db(&self, bands: std::ops::Range<usize>) -> f64 {
        let sum = |of: &[f64]| of[bands.clone()].iter().sum::<f64>();
        let stereo = sum(&self.stereo);
        if stereo > 0.0 { level_db(stereo) - level_db(sum(&self.mono)) } else { 0.0 }
    }

    /// The range around the most cancelled band, as far as it goes.
    fn range_hz(&self, ear: &Ear) -> Option<[f64; 2]> {
        let most = self.cancelled.iter().copied().fold(0.0, f64::max);
        let top = self.cancelled.iter().position(|&gone| gone == most && most > 0.0)?;
        let belongs = |band: &usize| self.cancelled[*band] >= BESIDE * most;
        let first = (0..=top).rev().take_while(belongs).last()?;
        let last = (top..ear.len()).take_while(belongs).last()?;
        Some([ear.edges_hz()[first], ear.edges_hz()[last + 1]])
    }

    /// Where more cancels than half of the most, each run once.
    fn places_s(&self) -> Vec<f64> {
        let most = self.over_time.iter().copied().fold(0.0, f64::max);
        let much = |index: usize| most > 0.0 && self.over_time[index] > 0.5 * most;
        let begins = (0..self.over_time.len())
            .filter(|&index| much(index) && (index == 0 || !much(index - 1)));
        begins.map(|index| index as f64 * self.piece_s).take(PLACES).collect()
    }
}

/// A region is mono when it ends not far above the frequency below which the sides are removed; what lies above is played.
pub(crate) fn removed_below_hz(hz: f64) -> f64 {
    1.4 * hz
}

fn share_pct(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { 100.0 * part / whole } else { 0.0 }
}
