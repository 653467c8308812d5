//! Power in bands over time, from a short transform every 50 ms.

use acetate_audio::{Audio, AudioSpec};

use super::bins::BinSums;
use super::envelopes::BandEnvelopes;
use super::frames::Frames;
use super::grids::{cell_edges, narrow_edges, wide_bands};
use super::image::Image;
use super::powers::BinPowers;
use acetate_audio::fourier::Bins;

use super::transform::{Transform, WINDOW_MIN};
use crate::band_result::BandResult;
use crate::timeline::Timeline;

/// Steps in a second.
pub(crate) const STEPS_PER_SECOND: u64 = 20;
/// Steps in a block of 400 ms.
const STEPS_PER_BLOCK: u64 = 8;
/// Least length of a window; the next power of two is taken: 93 ms at 44.1 kHz.
const WINDOW_S: f64 = 0.08;
/// Rows of the band table: 20 minutes of 50 ms, then they are merged (32 MB of stereo).
const BAND_ROWS: usize = 24_000;
/// Rows of the cell table: an hour of 400 ms.
pub(crate) const CELL_ROWS: usize = 9_000;

/// Collects power over time.
#[derive(Debug)]
pub(crate) struct BandTrack {
    image: Image,
    frames: Vec<Frames>,
    transform: Transform,
    spectra: [Bins; 2],
    powers: BinPowers,
    bands: BinSums,
    cells: BinSums,
    row: Vec<f32>,
    /// Left, right, mid, side; `mid` alone where there are not two channels.
    tables: [Timeline<f32>; 4],
    /// Sums of bins over the block of 400 ms: mid, side.
    block: [Vec<f32>; 2],
    in_block: u64,
    cell_rows: Timeline<f32>,
    /// Mean power of every bin over all blocks.
    bin_sums: Vec<f64>,
    bin_hz: f64,
    blocks: u64,
    envelopes: BandEnvelopes,
    wide_peaks: Timeline<f32>,
    steps: u64,
    seen: u64,
}

impl BandTrack {
    pub(crate) fn new(spec: AudioSpec) -> Self {
        let image = Image::new(spec);
        let rate = spec.sample_rate_hz;
        let length = ((f64::from(rate) * WINDOW_S) as usize).next_power_of_two().max(WINDOW_MIN);
        let transform = Transform::new(length);
        let (nyquist, bin_hz) = (f64::from(rate) / 2.0, f64::from(rate) / length as f64);
        let step_frames = (u64::from(rate) / STEPS_PER_SECOND) as usize;
        let bins = transform.bins();
        let bands = BinSums::new(&narrow_edges(nyquist), bin_hz, bins);
        let cells = BinSums::new(&cell_edges(nyquist), bin_hz, bins);
        let table = |_| Timeline::new(bands.len(), BAND_ROWS, |a, b| a + b);
        Self {
            frames: image
                .channels()
                .iter()
                .map(|_| Frames::new(rate, STEPS_PER_SECOND, 1, length))
                .collect(),
            spectra: [0, 1].map(|_| Bins::new(bins)),
            powers: BinPowers::new(bins),
            row: vec![0.0; bands.len().max(2 * cells.len())],
            tables: [0; 4].map(table),
            block: [0, 1].map(|_| vec![0.0; bins]),
            in_block: 0,
            cell_rows: Timeline::new(2 * cells.len(), CELL_ROWS, |a, b| a + b),
            bin_sums: vec![0.0; bins],
            bin_hz,
            blocks: 0,
            wide_peaks: Timeline::new(wide_bands(nyquist).len(), BAND_ROWS, f32::max),
            envelopes: BandEnvelopes::new(&wide_bands(nyquist), bin_hz, length, step_frames),
            image,
            transform,
            bands,
            cells,
            steps: 0,
            seen: 0,
        }
    }

    pub(crate) fn push(&mut self, block: &Audio) {
        for (frames, channel) in self.frames.iter_mut().zip(self.image.channels()) {
            frames.push(block.channel(channel));
        }
        self.seen += block.frames() as u64;
        while self.step() {}
        self.frames.iter_mut().for_each(Frames::trim);
    }

    fn step(&mut self) -> bool {
        let (first, rest) = self.frames.split_at_mut(1);
        let Some(window) = first[0].next_window() else { return false };
        self.transform.forward(window, &mut self.spectra[0]);
        match &self.image {
            Image::Stereo => {
                let window = rest[0].next_window().expect("channels are equally long");
                self.transform.forward(window, &mut self.spectra[1]);
                let [left, right] = &self.spectra;
                self.powers.set_stereo(left, right);
                self.envelopes.measure(left, Some(right));
            }
            Image::Sum(main) => {
                let share = 1.0 / main.len() as f32;
                self.powers.mid.fill(0.0);
                self.powers.add_mono(&self.spectra[0], share);
                self.envelopes.measure(&self.spectra[0], None);
                for frames in rest {
                    let window = frames.next_window().expect("channels are equally long");
                    self.transform.forward(window, &mut self.spectra[0]);
                    self.powers.add_mono(&self.spectra[0], share);
                }
            }
        }
        self.keep();
        true
    }

    fn keep(&mut self) {
        let powers = [&self.powers.left, &self.powers.right, &self.powers.mid, &self.powers.side];
        let bands = self.bands.len();
        for (index, (table, powers)) in self.tables.iter_mut().zip(powers).enumerate() {
            if self.image == Image::Stereo || index == 2 {
                self.bands.sum(powers, &mut self.row[..bands]);
                table.push(&self.row[..bands]);
            }
        }
        for (sums, powers) in self.block.iter_mut().zip([&self.powers.mid, &self.powers.side]) {
            for (sum, power) in sums.iter_mut().zip(powers) {
                *sum += power;
            }
        }
        self.wide_peaks.push(self.envelopes.peaks());
        self.steps += 1;
        self.in_block += 1;
        if self.in_block == STEPS_PER_BLOCK {
            self.finish_block();
        }
    }

    fn finish_block(&mut self) {
        let cells = self.cells.len();
        let share = 1.0 / self.in_block as f32;
        for (index, sums) in self.block.iter_mut().enumerate() {
            sums.iter_mut().for_each(|sum| *sum *= share);
            for (total, sum) in self.bin_sums.iter_mut().zip(sums.iter()) {
                *total += f64::from(*sum);
            }
            self.cells.sum(sums, &mut self.row[index * cells..(index + 1) * cells]);
            sums.fill(0.0);
        }
        self.cell_rows.push(&self.row[..2 * cells]);
        self.in_block = 0;
        self.blocks += 1;
    }

    pub(crate) fn finish(mut self) -> BandResult {
        let wanted = self.frames[0].steps_begun(self.seen);
        self.frames.iter_mut().for_each(Frames::pad);
        while self.steps < wanted && self.step() {}
        if self.in_block > 0 {
            self.finish_block();
        }
        let table = &self.tables[2];
        let share = 1.0 / self.blocks.max(1) as f64;
        BandResult {
            bins: self.bin_sums.iter().map(|sum| sum * share).collect(),
            bin_hz: self.bin_hz,
            wide_peaks: self.wide_peaks.into_rows(),
            steps_per_row: table.per_row(),
            rows: table.len(),
            blocks_per_row: self.cell_rows.per_row(),
            tables: self.tables.map(Timeline::into_means),
            cells: self.cell_rows.into_means(),
        }
    }
}
