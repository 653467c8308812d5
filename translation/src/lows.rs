//! How much of the low end is lost where both channels of it come out of one loudspeaker.

use crate::balance::{REGIONS, REGIONS_HZ};
use crate::document::{BandHeard, LostLows};
use crate::ear::{Ear, level_db};
use crate::heard::AtEar;
use crate::mono::{Cancelling, removed_below_hz};
use crate::system::{Side, System};
use crate::worth::LOST_LOWS_DB;

/// A region with less of the loudness at home than this is not missed, percent, unless the bass line lies there.
const SHARE_PCT: f64 = 1.0;
/// Bands that a system plays lower than this are not missed there, re 500 Hz to 2 kHz.
const PLAYED_DB: f64 = -20.0;
/// So are bands whose power is less than this share of the strongest of the lows: 30 dB.
const STRONG: f64 = 1e-3;
/// Power of a side of which half the amplitude is left.
const HALF: f64 = 0.25;
/// Where bass ends.
const BASS_HZ: f64 = 150.0;
/// No low end goes further up than this.
const LOWS_HZ: f64 = 500.0;

/// What a system loses of the low end of a song whose bands at home are `home`, and whose bass line loses `line_loss_db` there.
pub(crate) fn lost_lows(
    of: &Cancelling,
    ear: &Ear,
    (system, at_ear): (&System, &AtEar),
    home: &[BandHeard],
    line_loss_db: f64,
) -> Option<LostLows> {
    let regions_hz = match system.side {
        Side::Stereo | Side::Crossfeed { .. } => return None,
        // Where all of it is mono, what lies above has a figure of its own.
        Side::Mono => BASS_HZ,
        Side::RemovedBelow { hz } => removed_below_hz(hz),
    };
    let lows = Lows::new(of, ear, system, at_ear);
    let is_lost = |region: usize| {
        let [low, high] = REGIONS_HZ[region];
        let is_missed = home.get(region).is_some_and(|heard| heard.share_pct >= SHARE_PCT)
            || (high <= BASS_HZ && line_loss_db >= LOST_LOWS_DB);
        // What lies between the frequency up to which it is mono and the end of the region is played.
        let bands = ear.within(low, high);
        let mono = bands.start..bands.end.min(lows.mono).max(bands.start);
        // Above the bass a strip alone is no loss: all of the region must be one in mono.
        let is_wide = high <= BASS_HZ || of.loss_db(bands) >= LOST_LOWS_DB;
        high <= regions_hz && is_missed && is_wide && lows.loss_db(mono) >= LOST_LOWS_DB
    };
    let lost: Vec<usize> = (0..REGIONS).filter(|&region| is_lost(region)).collect();
    let [first, last] = [*lost.first()?, *lost.last()?];
    // From the bands of these regions as far as what is beside them is lost, too.
    let inner = ear.within(REGIONS_HZ[first][0], REGIONS_HZ[last][1]);
    let low = inner.clone().find(|&band| lows.is_lost(band))?;
    let high = inner.clone().rev().find(|&band| lows.is_lost(band))?;
    let is_lost = |band: &usize| lows.is_lost(*band);
    let below = (0..low).rev().take_while(|&band| lows.goes_on(band));
    let low = below.filter(is_lost).last().unwrap_or(low);
    let above = high + 1..ear.within(0.0, LOWS_HZ).end;
    let above = above.take_while(|&band| lows.goes_on(band));
    let high = above.filter(is_lost).last().unwrap_or(high);
    Some(LostLows {
        low_hz: ear.edges_hz()[low],
        high_hz: ear.edges_hz()[high + 1],
        loss_db: lows.loss_db(low..high + 1),
    })
}

/// Power of each band as a system plays it: of both channels, and what it leaves of them.
struct Lows {
    both: Vec<f64>,
    left: Vec<f64>,
    /// Bands below this one are mono: no more than half of the amplitude of the sides is left.
    mono: usize,
}

impl Lows {
    fn new(of: &Cancelling, ear: &Ear, system: &System, at_ear: &AtEar) -> Self {
        let curve = system.curve();
        let (mut both, mut left) = (vec![0.0; ear.len()], vec![0.0; ear.len()]);
        for band in ear.within(0.0, LOWS_HZ) {
            let edge = &ear.edges_hz()[band..band + 2];
            let gain = curve.power_gain(edge[0], edge[1]);
            if level_db(gain) > PLAYED_DB {
                let side = of.stereo[band] - of.mono[band];
                both[band] = gain * of.stereo[band];
                left[band] = gain * (of.mono[band] + at_ear.side_gain(band) * side);
            }
        }
        let strongest = both.iter().copied().fold(0.0, f64::max);
        for (both, left) in both.iter_mut().zip(&mut left) {
            if *both < STRONG * strongest {
                (*both, *left) = (0.0, 0.0);
            }
        }
        let mono = (0..ear.len()).take_while(|&band| at_ear.side_gain(band) <= HALF).count();
        Self { both, left, mono }
    }

    /// How much quieter bands together are; 0 where nothing is played.
    fn loss_db(&self, bands: std::ops::Range<usize>) -> f64 {
        let sum = |of: &[f64]| of[bands.clone()].iter().sum::<f64>();
        let both = sum(&self.both);
        if both > 0.0 { (level_db(both) - level_db(sum(&self.left))).min(99.0) } else { 0.0 }
    }

    fn is_lost(&self, band: usize) -> bool {
        self.loss_db(band..band + 1) >= LOST_LOWS_DB
    }

    /// Lost, or next to nothing.
    fn goes_on(&self, band: usize) -> bool {
        self.both[band] == 0.0 || self.is_lost(band)
    }
}
