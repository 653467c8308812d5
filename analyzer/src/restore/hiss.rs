//! A floor of steady noise, or nothing.
//!
//! Cells of 8 windows by 16 bins: a floor is where the lowest cells of a band pile up at one level; quiet music does not.

use acetate_audio::fourier::{Bins, RealFourier, RealWorkspace};
use acetate_audio::units::{db_to_power, power_to_db};
use acetate_audio::windows::hann;

use super::damage::{HissFloor, HissPoint};
use crate::statistics::middle;

/// Length of a window at 44.1 and 48 kHz, and how often windows overlap.
const WINDOW: usize = 2048;
const OVERLAP: usize = 4;
/// Windows and bins of a cell.
const TIME: usize = 8;
const WIDE: usize = 16;
/// Noise is as flat as 0.56 (geometric over arithmetic mean of exponential powers); this flat is flat.
const FLAT: f64 = 0.5;
/// Levels are counted in steps of a quarter decibel from -160 dB on.
const STEPS_PER_DB: f64 = 4.0;
const LOWEST_DB: f64 = -160.0;
const STEPS: usize = 800;
/// Steps within 3 dB.
const NEAR: usize = 12;
/// A floor has so many cells, and so many times those of the 3 dB above it.
const CELLS: u64 = 10;
const PILED: f64 = 1.8;
/// From the top down it rises by no more than this.
const RISE_DB: f64 = 3.0;
const RISE_DB_PER_OCTAVE: f64 = 4.0;
/// Bands that show it, of those below this share of the Nyquist frequency.
const BANDS: usize = 5;
const TOP: f64 = 0.97;
/// Where a band shows none, neighbours say it, less this; never more than this over what is in the band at all.
const UNSEEN_DB: f64 = 2.0;
const OVER_LEAST_DB: f64 = 2.5;
/// A total below this is dither, dBFS.
const TOTAL_LEAST_DBFS: f64 = -80.0;

/// Listens for a floor.
pub(super) struct HissTrack {
    fourier: RealFourier,
    window: Vec<f32>,
    work: RealWorkspace,
    bins: Bins,
    rate_hz: f64,
    channels: Vec<Channel>,
    /// Of each band: flat cells by level, and all cells.
    flat: Vec<Vec<u64>>,
    all: Vec<Vec<u64>>,
}

struct Channel {
    pending: Vec<f32>,
    /// Sums of power, and products of it, of the cells that are being filled.
    sums: Vec<f64>,
    logs: Vec<f64>,
    windows: usize,
    /// Windows that hold the beginning of the sound are left out.
    skip: usize,
}

impl HissTrack {
    pub(super) fn new(sample_rate_hz: u32, channels: usize) -> Self {
        let rate_hz = f64::from(sample_rate_hz);
        let length = RealFourier::length_at(WINDOW, rate_hz);
        let fourier = RealFourier::new(length);
        // White noise has its own variance in every bin.
        let scale = (2.0 / length as f64).sqrt();
        let bands = (fourier.bins() - 2) / WIDE;
        let channel = || Channel {
            pending: Vec::new(),
            sums: vec![0.0; bands],
            logs: vec![0.0; bands],
            windows: 0,
            skip: 1,
        };
        Self {
            window: (0..length).map(|n| (hann(n, length).sqrt() * scale) as f32).collect(),
            work: fourier.workspace(),
            bins: Bins::new(fourier.bins()),
            fourier,
            rate_hz,
            channels: (0..channels).map(|_| channel()).collect(),
            flat: vec![vec![0; STEPS]; bands],
            all: vec![vec![0; STEPS]; bands],
        }
    }

    pub(super) fn push(&mut self, planes: &[Vec<f32>]) {
        let (length, hop) = (self.fourier.length(), self.fourier.length() / OVERLAP);
        for (channel, plane) in self.channels.iter_mut().zip(planes) {
            channel.pending.extend_from_slice(plane);
            let mut start = 0;
            while start + length <= channel.pending.len() {
                let samples = &channel.pending[start..];
                self.fourier.forward_windowed(
                    samples,
                    &self.window,
                    &mut self.bins,
                    &mut self.work,
                );
                start += hop;
                if channel.skip > 0 {
                    channel.skip -= 1;
                    continue;
                }
                if let Some(cells) = channel.add(&self.bins) {
                    for (band, (mean, flatness)) in cells.into_iter().enumerate() {
                        let Some(step) = step(mean) else { continue };
                        self.all[band][step] += 1;
                        self.flat[band][step] += u64::from(flatness > FLAT);
                    }
                }
            }
            channel.pending.drain(..start);
        }
    }

    /// The floor, where there is one that is heard.
    pub(super) fn finish(self) -> Option<HissFloor> {
        let bin_hz = self.rate_hz / self.fourier.length() as f64;
        let hz: Vec<f64> =
            (0..self.flat.len()).map(|b| (1.0 + WIDE as f64 * (b as f64 + 0.5)) * bin_hz).collect();
        let mut levels: Vec<Option<f64>> = (self.flat.iter().zip(&hz))
            .map(|(counts, &hz)| piled(counts).filter(|_| hz < TOP * self.rate_hz / 2.0))
            .collect();
        from_the_top(&mut levels, &hz);
        let seen: Vec<usize> = (0..levels.len()).filter(|&b| levels[b].is_some()).collect();
        if seen.len() < BANDS {
            return None;
        }
        let nearest = |band: usize| {
            let far = |other: usize| libm::log(hz[other] / hz[band]).abs();
            let mut near = seen.clone();
            near.sort_by(|&a, &b| far(a).total_cmp(&far(b)));
            let mut near: Vec<f64> = near[..BANDS].iter().filter_map(|&b| levels[b]).collect();
            middle(&mut near)
        };
        let curve: Vec<f64> = (0..levels.len())
            .map(|band| {
                let least = least(&self.all[band]);
                let over = if levels[band].is_some() { OVER_LEAST_DB } else { -UNSEEN_DB };
                nearest(band).min(least + over)
            })
            .collect();
        let curve = smoothed(&curve);
        let power: f64 = curve.iter().map(|&db| db_to_power(db)).sum();
        let total_dbfs = power_to_db(power / curve.len() as f64);
        let rounded = |x: f64| (x * 100.0).round() / 100.0;
        let points = hz.iter().zip(&curve);
        let points = points.map(|(&freq_hz, &floor_db)| HissPoint {
            freq_hz: rounded(freq_hz),
            floor_db: rounded(floor_db),
        });
        (total_dbfs >= TOTAL_LEAST_DBFS).then(|| HissFloor {
            total_dbfs: rounded(total_dbfs),
            bands_seen: seen.len(),
            bands: levels.len(),
            points: points.collect(),
        })
    }
}

impl Channel {
    /// Mean power and flatness of the cells that this window completes.
    fn add(&mut self, bins: &Bins) -> Option<Vec<(f64, f64)>> {
        let (re, im) = (bins.re[1..].chunks_exact(WIDE), bins.im[1..].chunks_exact(WIDE));
        for (((re, im), sum), log) in re.zip(im).zip(&mut self.sums).zip(&mut self.logs) {
            let mut product = 1.0;
            for (re, im) in re.iter().zip(im) {
                let power = f64::from(re * re + im * im);
                *sum += power;
                // Sixteen of them fit into the range of a double.
                product *= power + 1e-18;
            }
            *log += libm::log(product.max(1e-300));
        }
        self.windows += 1;
        if self.windows < TIME {
            return None;
        }
        let count = (TIME * WIDE) as f64;
        let cells = self.sums.iter().zip(&self.logs).map(|(sum, log)| {
            let mean = sum / count;
            (mean, libm::exp(log / count) / (mean + 1e-18))
        });
        let cells = cells.collect();
        self.windows = 0;
        self.sums.fill(0.0);
        self.logs.fill(0.0);
        Some(cells)
    }
}

/// Step of a power; `None` of digital silence.
fn step(power: f64) -> Option<usize> {
    let db = power_to_db(power.max(1e-18));
    (power > 1e-14).then(|| (((db - LOWEST_DB) * STEPS_PER_DB) as usize).min(STEPS - 1))
}

fn level_db(step: usize) -> f64 {
    LOWEST_DB + (step as f64 + 0.5) / STEPS_PER_DB
}

/// The level at which the lowest cells pile up.
fn piled(counts: &[u64]) -> Option<f64> {
    let total: u64 = counts.iter().sum();
    let lowest = quantile(counts, (total / 100).max(1))?;
    let sum = |from: usize, to: usize| counts[from.min(STEPS)..to.min(STEPS)].iter().sum::<u64>();
    let here = sum(0, lowest + NEAR);
    let above = sum(lowest + NEAR, lowest + 2 * NEAR);
    let enough = here >= CELLS && here as f64 >= PILED * above as f64;
    enough.then(|| quantile(counts, here / 2).map(level_db))?
}

/// The level that two in a hundred cells do not exceed.
fn least(counts: &[u64]) -> f64 {
    let total: u64 = counts.iter().sum();
    quantile(counts, total / 50).map_or(LOWEST_DB, level_db)
}

/// Step of the cell that has so many below it.
fn quantile(counts: &[u64], rank: u64) -> Option<usize> {
    let mut below = 0;
    counts.iter().position(|count| {
        below += count;
        below > rank
    })
}

/// Leaves out what rises faster than hiss, band by band from the top.
fn from_the_top(levels: &mut [Option<f64>], hz: &[f64]) {
    let mut kept: Vec<(f64, f64)> = Vec::new();
    for band in (0..levels.len()).rev() {
        let Some(level) = levels[band] else { continue };
        let last = &kept[kept.len().saturating_sub(5)..];
        if !last.is_empty() {
            let mut last_db: Vec<f64> = last.iter().map(|(_, level)| *level).collect();
            let mut last_hz: Vec<f64> = last.iter().map(|(hz, _)| *hz).collect();
            let reference = middle(&mut last_db);
            let far = libm::log2(middle(&mut last_hz) / hz[band]);
            if level - reference > RISE_DB + RISE_DB_PER_OCTAVE * far {
                levels[band] = None;
                continue;
            }
        }
        kept.push((hz[band], level));
    }
}

/// Means of neighbours with weights 1, 2, 1 (twice).
fn smoothed(curve: &[f64]) -> Vec<f64> {
    let once = |curve: &[f64]| -> Vec<f64> {
        let last = curve.len() - 1;
        let mean = |n: usize| {
            0.25 * curve[n.saturating_sub(1)] + 0.5 * curve[n] + 0.25 * curve[(n + 1).min(last)]
        };
        (0..curve.len()).map(mean).collect()
    };
    once(&once(curve))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(level: f64, count: usize) -> Vec<f32> {
        let mut state = 3u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 8) / 8_388_608.0 - 1.0
        };
        (0..count).map(|_| (level * (0..3).map(|_| next()).sum::<f64>()) as f32).collect()
    }

    fn floor(sound: Vec<f32>) -> Option<HissFloor> {
        let mut track = HissTrack::new(44_100, 1);
        track.push(&[sound]);
        track.finish()
    }

    #[test]
    fn the_floor_of_noise_is_its_level() {
        // Three uniform numbers of -1 to 1 have a variance of 1.
        let found = floor(noise(0.001, 220_500)).unwrap();
        assert!((found.total_dbfs + 60.0).abs() < 1.0, "{}", found.total_dbfs);
    }

    #[test]
    fn silence_tones_and_dither_have_none() {
        assert_eq!(floor(vec![0.0; 220_500]), None);
        let tone = |n: usize| 0.3 * libm::sin(n as f64 * 0.05 + (n / 9000) as f64) as f32;
        assert_eq!(floor((0..220_500).map(tone).collect()), None);
        assert_eq!(floor(noise(3e-5, 220_500)), None);
    }
}
