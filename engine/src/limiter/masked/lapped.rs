//! The orthonormal lapped transform in which the residual is shaped.
//!
//! Time is cut into segments, each with a DCT-IV of its own length. Around every boundary the signal is first rotated in pairs that
//! mirror each other, by a sine window as wide as the shorter neighbour allows: the MDCT written as time-domain aliasing and a
//! DCT-IV (Malvar, "Signal Processing with Lapped Transforms", 1992), where segments of different lengths may stand side
//! by side (Edler, "Coding of audio signals with overlapping block transform and adaptive window functions", Frequenz 43, 1989).

use std::f64::consts::PI;

use acetate_audio::fourier::{Fourier, Points, points};
use acetate_audio::lanes::{LANES, neg};
use multiversion::multiversion;

/// A stretch of time with one transform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    /// First sample.
    pub(super) start: usize,
    /// Index of its length among those of the transform.
    pub(super) level: usize,
    /// Its overlap with the segment before is no wider than those of this level.
    pub(super) edge: usize,
}

/// Transforms of several lengths, and the windows between them.
pub(super) struct Lapped {
    levels: Vec<Dct>,
    /// The level of what lies before the first segment and behind the last one.
    outside: usize,
}

impl Lapped {
    /// For segments of these rising lengths, powers of two and at least 16, between others of the level `outside`.
    pub(super) fn new(lengths: &[usize], outside: usize) -> Self {
        Self { levels: lengths.iter().map(|&length| Dct::new(length)).collect(), outside }
    }

    /// Samples in a segment.
    pub(super) fn length(&self, level: usize) -> usize {
        self.levels[level].length
    }

    /// The transform of the segments of a level.
    pub(super) fn dct(&self, level: usize) -> &Dct {
        &self.levels[level]
    }

    /// Working memory for the transforms of each level.
    pub(super) fn packed(&self) -> Vec<Packed> {
        let packed =
            |dct: &Dct| Packed { spectrum: points(dct.length / 2), work: points(dct.length / 2) };
        self.levels.iter().map(packed).collect()
    }

    /// Folds the overlaps of segments into them (`sign` 1) or back out of them (`sign` -1).
    pub(super) fn rotate(&self, segments: &[Segment], signal: &mut [f32], sign: f32) {
        let mut before = self.outside;
        for &Segment { start, level, edge } in segments {
            self.rotate_at(start, level.min(before).min(edge), signal, sign);
            before = level;
        }
        if let Some(&Segment { start, level, .. }) = segments.last() {
            self.rotate_at(start + self.length(level), level.min(self.outside), signal, sign);
        }
    }

    fn rotate_at(&self, boundary: usize, level: usize, signal: &mut [f32], sign: f32) {
        let Slope { near, far } = &self.levels[level].slope;
        let (before, after) = signal.split_at_mut(boundary);
        let overlap = before.len() - near.len();
        rotate_pairs(&mut before[overlap..], &mut after[..near.len()], (near, far), sign);
    }
}

/// Rotates samples before a boundary, from it backwards, with those after it.
#[multiversion(targets("x86_64+avx2"))]
fn rotate_pairs(before: &mut [f32], after: &mut [f32], (near, far): (&[f32], &[f32]), sign: f32) {
    let pairs = before.iter_mut().rev().zip(after);
    for ((left, right), (&near, &far)) in pairs.zip(near.iter().zip(far)) {
        let (l, r, far) = (*left, *right, sign * far);
        *right = near * r + far * l;
        *left = near * l - far * r;
    }
}

/// A packed spectrum, and as much to work with.
///
/// Point `n` holds bin `2n` as its real and minus bin `length-1-2n` as its imaginary part, which is what the half-length
/// complex transform gives and takes.
pub(super) struct Packed {
    pub(super) spectrum: Vec<Points>,
    work: Vec<Points>,
}

/// Orthonormal DCT-IV.
pub(super) struct Dct {
    length: usize,
    twiddle: Vec<Points>,
    fourier: Fourier,
    slope: Slope,
}

/// Sine window around a boundary, by distance from it: on the own side and on the other.
struct Slope {
    near: Vec<f32>,
    far: Vec<f32>,
}

impl Dct {
    fn new(length: usize) -> Self {
        assert!(length.is_power_of_two() && length >= 2 * LANES, "transform of {length}");
        // Both twiddles carry half of the factor sqrt(2 / length).
        let scale = libm::sqrt(libm::sqrt(2.0 / length as f64));
        let angle = |n: usize| -PI * (8 * n + 1) as f64 / (8 * length) as f64;
        let twiddle = |block: usize| Points {
            re: std::array::from_fn(|lane| (scale * libm::cos(angle(LANES * block + lane))) as f32),
            im: std::array::from_fn(|lane| (scale * libm::sin(angle(LANES * block + lane))) as f32),
        };
        let angles =
            || (0..length / 2).map(|i| PI / 4.0 + PI * (2 * i + 1) as f64 / (4 * length) as f64);
        let slope = Slope {
            near: angles().map(|angle| libm::sin(angle) as f32).collect(),
            far: angles().map(|angle| libm::cos(angle) as f32).collect(),
        };
        Self {
            length,
            twiddle: (0..length / 2 / LANES).map(twiddle).collect(),
            slope,
            fourier: Fourier::new(length / 2),
        }
    }

    /// The packed spectrum of a folded segment.
    pub(super) fn forward(&self, segment: &[f32], packed: &mut Packed) {
        pack(&segment[..self.length], &self.twiddle, &mut packed.spectrum);
        self.transform(packed);
    }

    /// The folded segment of a packed spectrum, which is destroyed.
    pub(super) fn inverse(&self, packed: &mut Packed, segment: &mut [f32]) {
        turn_conjugates(&mut packed.spectrum, &self.twiddle);
        self.transform(packed);
        unpack(&packed.spectrum, &mut segment[..self.length]);
    }

    fn transform(&self, packed: &mut Packed) {
        self.fourier.forward(&mut packed.spectrum, &mut packed.work);
        turn(&mut packed.spectrum, &self.twiddle);
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn turn(spectrum: &mut [Points], twiddle: &[Points]) {
    for (value, &twiddle) in spectrum.iter_mut().zip(twiddle) {
        *value = value.times(twiddle);
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn turn_conjugates(spectrum: &mut [Points], twiddle: &[Points]) {
    for (value, &twiddle) in spectrum.iter_mut().zip(twiddle) {
        value.im = neg(value.im);
        *value = value.times(twiddle);
    }
}

/// Samples with even index, and those with odd index from the end, turned.
#[multiversion(targets("x86_64+avx2"))]
fn pack(segment: &[f32], twiddle: &[Points], packed: &mut [Points]) {
    let (forth, back) = (segment.as_chunks::<16>().0, segment.as_chunks::<16>().0.iter().rev());
    for (((even, odd), &twiddle), value) in forth.iter().zip(back).zip(twiddle).zip(packed) {
        let points = Points {
            re: std::array::from_fn(|lane| even[2 * lane]),
            im: std::array::from_fn(|lane| odd[15 - 2 * lane]),
        };
        *value = points.times(twiddle);
    }
}

/// The way back: only samples with even index are written from the front, only those with odd index from the end.
#[multiversion(targets("x86_64+avx2"))]
fn unpack(packed: &[Points], segment: &mut [f32]) {
    for (value, even) in packed.iter().zip(segment.as_chunks_mut::<16>().0) {
        for lane in 0..LANES {
            even[2 * lane] = value.re[lane];
        }
    }
    for (value, odd) in packed.iter().zip(segment.as_chunks_mut::<16>().0.iter_mut().rev()) {
        for lane in 0..LANES {
            odd[15 - 2 * lane] = -value.im[lane];
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Noise between -1 and 1, the same every time.
    pub(in super::super) fn noise(frames: usize) -> Vec<f32> {
        let mut state = 1u32;
        (0..frames)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 23) as f32 - 1.0
            })
            .collect()
    }

    /// Real and imaginary part of every point.
    fn coefficients(packed: &Packed) -> Vec<[f32; 2]> {
        let point = |i: usize| {
            let points = packed.spectrum[i / LANES];
            [points.re[i % LANES], points.im[i % LANES]]
        };
        (0..LANES * packed.spectrum.len()).map(point).collect()
    }

    #[test]
    fn a_spectrum_is_the_sum_of_its_definition() {
        const LENGTH: usize = 32;
        let lapped = Lapped::new(&[LENGTH], 0);
        let signal = noise(LENGTH);
        let mut packed = lapped.packed();
        lapped.dct(0).forward(&signal, &mut packed[0]);
        let values = coefficients(&packed[0]);
        for k in 0..LENGTH {
            let wanted: f64 = (0..LENGTH)
                .map(|t| {
                    let phase = PI / LENGTH as f64 * (t as f64 + 0.5) * (k as f64 + 0.5);
                    (2.0 / LENGTH as f64).sqrt() * f64::from(signal[t]) * phase.cos()
                })
                .sum();
            let got = if k % 2 == 0 { values[k / 2][0] } else { -values[(LENGTH - 1 - k) / 2][1] };
            assert!((f64::from(got) - wanted).abs() < 1e-5, "bin {k}: {got} instead of {wanted}");
        }
    }

    #[test]
    fn segments_of_any_lengths_keep_energy_and_give_the_signal_back() {
        let lapped = Lapped::new(&[16, 32, 64], 1);
        let levels = [1, 0, 0, 0, 0, 2, 1, 1];
        let mut start = 16;
        let segments = levels.map(|level| {
            let segment = Segment { start, level, edge: if start > 200 { 0 } else { level } };
            start += lapped.length(level);
            segment
        });
        let signal = noise(start + 16);
        let mut folded = signal.clone();
        lapped.rotate(&segments, &mut folded, 1.0);
        let mut packed = lapped.packed();
        let (mut back, mut spectral) = (folded.clone(), 0.0);
        for &Segment { start, level, .. } in &segments {
            let packed = &mut packed[level];
            lapped.dct(level).forward(&folded[start..], packed);
            spectral += coefficients(packed).iter().flatten().map(|x| x * x).sum::<f32>();
            lapped.dct(level).inverse(packed, &mut back[start..]);
        }
        let energy = |values: &[f32]| values.iter().map(|x| x * x).sum::<f32>();
        assert!((energy(&folded[16..start]) - spectral).abs() < 1e-3 * spectral);
        assert!((energy(&folded) - energy(&signal)).abs() < 1e-3 * spectral);
        lapped.rotate(&segments, &mut back, -1.0);
        assert!(back.iter().zip(&signal).all(|(a, b)| (a - b).abs() < 1e-5));
    }
}
