//! What the parts of a sound have in common, cell by cell: from it follows the spectrum of their sum at any gains and filters.

use acetate_audio::fourier::Bins;
use acetate_audio::{Audio, AudioSpec, threads};

use crate::spectrum::{BinSums, Frames, Transform};
use crate::tables::Tables;

/// Transforms in a second.
const STEPS_PER_SECOND: u64 = 5;
/// Least length of a window; the next power of two is taken: 372 ms at 44.1 kHz, in which a third octave at 40 Hz has three bins.
const WINDOW_S: f64 = 0.35;
/// Shortest window, for the lowest rates.
const WINDOW_MIN: usize = 1 << 11;

/// Mean powers of the parts of a sound in narrow cells, and of what they have in common, where the gate of the sum is open.
///
/// The power of a sum is that of its parts and twice the real part of what each two have in common: with responses `h`,
/// `sum of h[i] conj(h[j]) c[i][j]` over all pairs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CrossSpectrum {
    parts: usize,
    cells: usize,
    /// `[cell][one][other]`, real and imaginary, for `one >= other`; mean over the channels.
    products: Vec<[f64; 2]>,
}

impl CrossSpectrum {
    /// How many parts there are.
    pub fn parts(&self) -> usize {
        self.parts
    }

    /// How many cells there are: those of [`FineSpectrum`](crate::FineSpectrum).
    pub fn cells(&self) -> usize {
        self.cells
    }

    /// The mean of `x[one] conj(x[other])` in a cell, real and imaginary part.
    pub fn product(&self, cell: usize, one: usize, other: usize) -> [f64; 2] {
        let pairs = self.parts * (self.parts + 1) / 2;
        let [re, im] = self.products[cell * pairs + pair(one.max(other), one.min(other))];
        if one >= other { [re, im] } else { [re, -im] }
    }
}

/// Place of a pair among those of a cell.
fn pair(larger: usize, smaller: usize) -> usize {
    larger * (larger + 1) / 2 + smaller
}

/// Measures a [`CrossSpectrum`] from parts that pass side by side.
#[derive(Debug)]
pub struct CrossMeter {
    lanes: Vec<Lane>,
    pairs: Vec<PairSums>,
    cells: BinSums,
    /// Share of each row that counts, and its length in seconds.
    gate: (Vec<f32>, f64),
    steps: u64,
    seen: u64,
    weights: f64,
}

/// One part: its windows and its spectra, channel by channel.
#[derive(Debug)]
struct Lane {
    frames: Vec<Frames>,
    transform: Transform,
    spectra: Vec<Bins>,
}

/// Two parts, or one with itself.
#[derive(Debug)]
struct PairSums {
    one: usize,
    other: usize,
    bins: [Vec<f32>; 2],
    cells: Vec<f32>,
    sums: Vec<[f64; 2]>,
}

impl CrossMeter {
    /// For `parts` of a sound of this rate and channel count; `tables` are those of the sum.
    pub fn new(spec: AudioSpec, parts: usize, tables: &Tables) -> Self {
        let rate = spec.sample_rate_hz;
        let length = ((f64::from(rate) * WINDOW_S) as usize).next_power_of_two().max(WINDOW_MIN);
        let transform = Transform::new(length);
        let bins = transform.bins();
        let cells = BinSums::new(&tables.ltas.edges_hz, f64::from(rate) / length as f64, bins);
        let lane = || Lane {
            frames: vec![Frames::new(rate, STEPS_PER_SECOND, 1, length); spec.channels],
            transform: transform.clone(),
            spectra: vec![Bins::new(bins); spec.channels],
        };
        let pair = |one: usize, other: usize| PairSums {
            one,
            other,
            bins: [vec![0.0; bins], vec![0.0; bins]],
            cells: vec![0.0; cells.len()],
            sums: vec![[0.0; 2]; cells.len()],
        };
        let pairs = (0..parts).flat_map(|one| (0..=one).map(move |other| (one, other)));
        Self {
            lanes: (0..parts).map(|_| lane()).collect(),
            pairs: pairs.map(|(one, other)| pair(one, other)).collect(),
            cells,
            gate: (tables.energy.gate.clone(), tables.energy.step_s),
            steps: 0,
            seen: 0,
            weights: 0.0,
        }
    }

    /// Takes the next frames of all parts.
    ///
    /// # Panics
    /// When they are not as many parts and channels as the meter was made for, or not equally long.
    pub fn push(&mut self, parts: &[Audio]) {
        assert_eq!(parts.len(), self.lanes.len(), "parts");
        for (lane, part) in self.lanes.iter_mut().zip(parts) {
            for (frames, plane) in lane.frames.iter_mut().zip(part.planes()) {
                frames.push(plane);
            }
        }
        self.seen += parts.first().map_or(0, Audio::frames) as u64;
        self.go_on(u64::MAX);
    }

    /// What was found.
    pub fn finish(mut self) -> CrossSpectrum {
        let Some(begun) = self.lanes.first().map(|lane| lane.frames[0].steps_begun(self.seen))
        else {
            return CrossSpectrum::default();
        };
        self.lanes.iter_mut().flat_map(|lane| &mut lane.frames).for_each(Frames::pad);
        self.go_on(begun);
        let scale = if self.weights > 0.0 { 1.0 / self.weights } else { 0.0 };
        let cells = self.cells.len();
        let products = (0..cells).flat_map(|cell| {
            self.pairs.iter().map(move |pair| pair.sums[cell].map(|sum| scale * sum))
        });
        CrossSpectrum { parts: self.lanes.len(), cells, products: products.collect() }
    }

    /// Transforms what has arrived, up to so many steps in all.
    fn go_on(&mut self, steps_max: u64) {
        while self.steps < steps_max && self.step() {}
        self.lanes.iter_mut().flat_map(|lane| &mut lane.frames).for_each(Frames::trim);
    }

    fn step(&mut self) -> bool {
        let weight = self.weight();
        let mut any = vec![false; self.lanes.len()];
        threads::for_each_pair(&mut self.lanes, &mut any, |_, lane, any| *any = lane.next());
        if !any.first().is_some_and(|&any| any) {
            return false;
        }
        self.steps += 1;
        if weight > 0.0 {
            let (lanes, cells) = (&self.lanes, &self.cells);
            threads::for_each(&mut self.pairs, |_, pair| pair.add(lanes, cells, weight));
            self.weights += weight;
        }
        true
    }

    /// How much the next step counts.
    fn weight(&self) -> f64 {
        let middle_s = (self.steps as f64 + 0.5) / STEPS_PER_SECOND as f64;
        let (gate, step_s) = &self.gate;
        let row = if *step_s > 0.0 { (middle_s / step_s) as usize } else { 0 };
        gate.get(row).or(gate.last()).map_or(1.0, |&share| f64::from(share))
    }
}

impl Lane {
    /// Transforms the next window; `false` when it has not arrived.
    fn next(&mut self) -> bool {
        let Self { frames, transform, spectra } = self;
        frames.iter_mut().zip(spectra).all(|(frames, spectrum)| {
            frames.next_window().is_some_and(|window| {
                transform.forward(window, spectrum);
                true
            })
        })
    }
}

impl PairSums {
    fn add(&mut self, lanes: &[Lane], cells: &BinSums, weight: f64) {
        let channels = lanes[self.one].spectra.len();
        let weight = weight / channels as f64;
        for channel in 0..channels {
            let (a, b) = (&lanes[self.one].spectra[channel], &lanes[self.other].spectra[channel]);
            let [re, im] = &mut self.bins;
            for bin in 0..re.len() {
                re[bin] = a.re[bin] * b.re[bin] + a.im[bin] * b.im[bin];
                im[bin] = a.im[bin] * b.re[bin] - a.re[bin] * b.im[bin];
            }
            let wanted = if self.one == self.other { 1 } else { 2 };
            for part in 0..wanted {
                cells.sum(&self.bins[part], &mut self.cells);
                for (sum, &cell) in self.sums.iter_mut().zip(&self.cells) {
                    sum[part] += weight * f64::from(cell);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use acetate_audio::Source;

    use super::*;
    use crate::analyze;

    #[test]
    fn the_spectrum_of_the_sum_follows_from_the_parts_and_what_they_have_in_common() {
        let frames = 48_000 * 4;
        let mut state = 7_u32;
        let mut noise = || -> Vec<f32> {
            let next = |_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 24) as f32 - 0.5
            };
            (0..frames).map(next).collect()
        };
        let (shared, own) = (noise(), noise());
        let second: Vec<f32> = shared.iter().zip(&own).map(|(a, b)| 0.5 * a + 0.3 * b).collect();
        let audio = |plane: &Vec<f32>| Audio::from_planes(48_000, vec![plane.clone(); 2]);
        let parts = [audio(&shared), audio(&second)];
        let gained: Vec<f32> = shared.iter().zip(&second).map(|(a, b)| a + 2.0 * b).collect();
        let sum: Vec<f32> = shared.iter().zip(&second).map(|(a, b)| a + b).collect();
        let measured = |plane| analyze(&Source::from_audio(audio(plane))).unwrap();
        let (sum, gained) = (measured(&sum), measured(&gained));
        let mut meter = CrossMeter::new(parts[0].spec(), 2, &sum.tables);
        meter.push(&parts);
        let cross = meter.finish();
        let power = |gain: f64, cell: usize| {
            let product = |one, other| cross.product(cell, one, other)[0];
            product(0, 0) + gain * gain * product(1, 1) + 2.0 * gain * product(0, 1)
        };
        for cell in 60..cross.cells() - 2 {
            let found = power(2.0, cell) / power(1.0, cell);
            let wanted = gained.tables.ltas.power[cell] / sum.tables.ltas.power[cell];
            assert!((found / wanted - 1.0).abs() < 0.05, "cell {cell}: {found} is not {wanted}");
        }
        assert_eq!(cross.product(80, 0, 1)[1], -cross.product(80, 1, 0)[1]);
    }
}
