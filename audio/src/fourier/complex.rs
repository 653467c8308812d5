//! The complex transform.
//!
//! Stockham's ordering (Cochran et al., "What is the fast Fourier transform?", Proc. IEEE 55(10), 1967) needs no bit
//! reversal, and from its second stage on does the same to eight neighbours at a time. Libraries that reach this speed
//! choose their kernels, and with them the last bits, at run time; here only the width of the instructions differs.

use std::f64::consts::TAU;

use multiversion::multiversion;

use crate::lanes::{LANES, Lanes, add, mul, neg, sub};

/// Shortest transform.
pub const LENGTH_MIN: usize = LANES;
/// Fewest points that are transformed in stages: the radix of the first is the number of lanes.
const STAGED_MIN: usize = LANES * LANES;

/// Eight neighbouring complex numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Points {
    /// Real parts.
    pub re: Lanes,
    /// Imaginary parts.
    pub im: Lanes,
}

/// `count` complex numbers of value 0; `count` is a multiple of eight.
pub fn points(count: usize) -> Vec<Points> {
    vec![Points::default(); count / LANES]
}

/// A forward transform of a power of two, without scaling. It holds tables only, so that threads can share it.
#[derive(Clone, Debug)]
pub struct Fourier {
    /// Eight positions each: their outputs 1 to 7 are turned by these.
    first: Vec<[Points; LANES - 1]>,
    stages: Vec<Stage>,
    /// What every input adds to every output, instead of stages, where there are fewer points than stages want.
    matrix: Vec<Points>,
    length: usize,
}

/// A stage of radix four; of radix two where two points are left.
#[derive(Clone, Debug)]
struct Stage {
    /// Neighbours that are treated alike, in eights.
    stride: usize,
    /// Outputs 1 to 3 of each position are turned by these.
    turns: Vec<[[f32; 2]; 3]>,
}

/// e^(-2 pi i numerator / denominator).
pub fn turn(numerator: usize, denominator: usize) -> [f32; 2] {
    let angle = -TAU * (numerator % denominator) as f64 / denominator as f64;
    [libm::cos(angle) as f32, libm::sin(angle) as f32]
}

impl Fourier {
    /// A transform of `length` points, a power of two from [`LENGTH_MIN`] on.
    pub fn new(length: usize) -> Self {
        assert!(length.is_power_of_two() && length >= LENGTH_MIN, "no transform of {length}");
        if length < STAGED_MIN {
            let (first, stages) = (Vec::new(), Vec::new());
            return Self { first, stages, matrix: matrix(length), length };
        }
        let positions = length / LANES;
        let first = (0..positions / LANES)
            .map(|block| std::array::from_fn(|output| eight_turns(block, output + 1, length)))
            .collect();
        let mut stages = Vec::new();
        let (mut left, mut stride) = (positions, 1);
        while left > 1 {
            let radix = left.min(4);
            let turns = |at: usize| [1, 2, 3].map(|output| turn(at * output, left));
            stages.push(Stage { stride, turns: (0..left / radix).map(turns).collect() });
            left /= radix;
            stride *= radix;
        }
        Self { first, stages, matrix: Vec::new(), length }
    }

    /// Points of a transform.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Replaces `data` with its transform. Both have the length of the transform; what `work` holds does not matter.
    pub fn forward(&self, data: &mut Vec<Points>, work: &mut Vec<Points>) {
        assert!(LANES * data.len() == self.length && work.len() == data.len());
        if self.matrix.is_empty() {
            first_stage(&self.first, data, work);
        } else {
            sums(&self.matrix, data, work);
        }
        for stage in &self.stages {
            std::mem::swap(data, work);
            if 4 * stage.stride <= data.len() {
                stage_of_four(stage, data, work);
            } else {
                stage_of_two(data, work);
            }
        }
        std::mem::swap(data, work);
    }
}

/// The turns of an output at eight neighbouring positions.
fn eight_turns(block: usize, output: usize, length: usize) -> Points {
    let turns: [[f32; 2]; LANES] =
        std::array::from_fn(|lane| turn((block * LANES + lane) * output, length));
    Points { re: turns.map(|[re, _]| re), im: turns.map(|[_, im]| im) }
}

/// Row by row, what an input of 1 adds to all outputs.
fn matrix(length: usize) -> Vec<Points> {
    let row =
        |input: usize| (0..length / LANES).map(move |block| eight_turns(block, input, length));
    (0..length).flat_map(row).collect()
}

#[multiversion(targets("x86_64+avx2"))]
fn sums(matrix: &[Points], from: &[Points], to: &mut [Points]) {
    to.fill(Points::default());
    for (input, row) in matrix.chunks_exact(to.len()).enumerate() {
        let (block, lane) = (input / LANES, input % LANES);
        let value = Points::all([from[block].re[lane], from[block].im[lane]]);
        for (sum, turn) in to.iter_mut().zip(row) {
            *sum = sum.plus(turn.times(value));
        }
    }
}

/// Real and imaginary parts apart: where lanes change places, that is what compilers can follow.
type Eight = [Lanes; 8];

#[multiversion(targets("x86_64+avx2"))]
fn first_stage(first: &[[Points; LANES - 1]], from: &[Points], to: &mut [Points]) {
    let distance = first.len();
    let from = &from[..LANES * distance];
    for ((at, turns), to) in first.iter().enumerate().zip(to.as_chunks_mut::<LANES>().0) {
        let (mut re, mut im) = ([[0.0; LANES]; 8], [[0.0; LANES]; 8]);
        for input in 0..8 {
            let points = from[at + input * distance];
            (re[input], im[input]) = (points.re, points.im);
        }
        let (mut re, mut im) = eight_points(re, im);
        for output in 1..8 {
            let turned = Points { re: re[output], im: im[output] }.times(turns[output - 1]);
            (re[output], im[output]) = (turned.re, turned.im);
        }
        let (re, im) = (transposed(re), transposed(im));
        for lane in 0..LANES {
            to[lane] = Points { re: re[lane], im: im[lane] };
        }
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn stage_of_four(stage: &Stage, from: &[Points], to: &mut [Points]) {
    let stride = stage.stride;
    let (first, second) = from.split_at(from.len() / 2);
    let ((a, b), (c, d)) = (first.split_at(first.len() / 2), second.split_at(second.len() / 2));
    let low = a.chunks_exact(stride).zip(b.chunks_exact(stride));
    let high = c.chunks_exact(stride).zip(d.chunks_exact(stride));
    let outputs = to.chunks_exact_mut(4 * stride);
    for ((((a, b), (c, d)), to), &[one, two, three]) in low.zip(high).zip(outputs).zip(&stage.turns)
    {
        let count = a.len();
        let (b, c, d) = (&b[..count], &c[..count], &d[..count]);
        let (to_0, rest) = to.split_at_mut(count);
        let (to_1, rest) = rest.split_at_mut(count);
        let (to_2, rest) = rest.split_at_mut(count);
        let to_3 = &mut rest[..count];
        for at in 0..count {
            let (even, even_less) = (a[at].plus(c[at]), a[at].minus(c[at]));
            let (odd, odd_less) = (b[at].plus(d[at]), b[at].minus(d[at]));
            to_0[at] = even.plus(odd);
            to_1[at] = even_less.minus_i(odd_less).times(Points::all(one));
            to_2[at] = even.minus(odd).times(Points::all(two));
            to_3[at] = even_less.plus_i(odd_less).times(Points::all(three));
        }
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn stage_of_two(from: &[Points], to: &mut [Points]) {
    let half = from.len() / 2;
    let ((a, b), (sums, differences)) = (from.split_at(half), to.split_at_mut(half));
    for (((a, b), sum), difference) in a.iter().zip(b).zip(sums).zip(differences) {
        (*sum, *difference) = (a.plus(*b), a.minus(*b));
    }
}

/// The transform of four points.
#[inline(always)]
fn four_points(re: [Lanes; 4], im: [Lanes; 4]) -> ([Lanes; 4], [Lanes; 4]) {
    let (even_re, even_im) = (add(re[0], re[2]), add(im[0], im[2]));
    let (even_less_re, even_less_im) = (sub(re[0], re[2]), sub(im[0], im[2]));
    let (odd_re, odd_im) = (add(re[1], re[3]), add(im[1], im[3]));
    let (odd_less_re, odd_less_im) = (sub(re[1], re[3]), sub(im[1], im[3]));
    (
        [
            add(even_re, odd_re),
            add(even_less_re, odd_less_im),
            sub(even_re, odd_re),
            sub(even_less_re, odd_less_im),
        ],
        [
            add(even_im, odd_im),
            sub(even_less_im, odd_less_re),
            sub(even_im, odd_im),
            add(even_less_im, odd_less_re),
        ],
    )
}

/// The transform of eight points: those with even and with odd index by four, then together.
#[inline(always)]
fn eight_points(re: Eight, im: Eight) -> (Eight, Eight) {
    const EIGHTH: Lanes = [std::f32::consts::FRAC_1_SQRT_2; LANES];
    let (even_re, even_im) =
        four_points([re[0], re[2], re[4], re[6]], [im[0], im[2], im[4], im[6]]);
    let (odd_re, odd_im) = four_points([re[1], re[3], re[5], re[7]], [im[1], im[3], im[5], im[7]]);
    // Turned by 0, 1, 2 and 3 eighths of a circle.
    let turned_re = [
        odd_re[0],
        mul(EIGHTH, add(odd_re[1], odd_im[1])),
        odd_im[2],
        mul(EIGHTH, sub(odd_im[3], odd_re[3])),
    ];
    let turned_im = [
        odd_im[0],
        mul(EIGHTH, sub(odd_im[1], odd_re[1])),
        neg(odd_re[2]),
        neg(mul(EIGHTH, add(odd_re[3], odd_im[3]))),
    ];
    let (mut out_re, mut out_im) = ([[0.0; LANES]; 8], [[0.0; LANES]; 8]);
    for output in 0..4 {
        out_re[output] = add(even_re[output], turned_re[output]);
        out_im[output] = add(even_im[output], turned_im[output]);
        out_re[output + 4] = sub(even_re[output], turned_re[output]);
        out_im[output + 4] = sub(even_im[output], turned_im[output]);
    }
    (out_re, out_im)
}

/// Rows for columns, in three rounds that each deal out two halves in turns.
#[inline(always)]
fn transposed(mut rows: Eight) -> Eight {
    let mut round = 0;
    while round < 3 {
        let (a, b) = dealt(rows[0], rows[4]);
        let (c, d) = dealt(rows[1], rows[5]);
        let (e, f) = dealt(rows[2], rows[6]);
        let (g, h) = dealt(rows[3], rows[7]);
        rows = [a, b, c, d, e, f, g, h];
        round += 1;
    }
    rows
}

#[inline(always)]
fn dealt(a: Lanes, b: Lanes) -> (Lanes, Lanes) {
    (
        [a[0], b[0], a[1], b[1], a[2], b[2], a[3], b[3]],
        [a[4], b[4], a[5], b[5], a[6], b[6], a[7], b[7]],
    )
}

impl Points {
    /// One number, eight times.
    #[inline(always)]
    pub fn all([re, im]: [f32; 2]) -> Self {
        Self { re: [re; LANES], im: [im; LANES] }
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Self { re: add(self.re, other.re), im: add(self.im, other.im) }
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        Self { re: sub(self.re, other.re), im: sub(self.im, other.im) }
    }

    /// Plus i times the other.
    #[inline(always)]
    fn plus_i(self, other: Self) -> Self {
        Self { re: sub(self.re, other.im), im: add(self.im, other.re) }
    }

    /// Minus i times the other.
    #[inline(always)]
    fn minus_i(self, other: Self) -> Self {
        Self { re: add(self.re, other.im), im: sub(self.im, other.re) }
    }

    /// The complex product.
    #[inline(always)]
    pub fn times(self, turn: Self) -> Self {
        Self {
            re: sub(mul(self.re, turn.re), mul(self.im, turn.im)),
            im: add(mul(self.re, turn.im), mul(self.im, turn.re)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the definition, in double precision; the error as a share of the whole.
    #[track_caller]
    fn check(length: usize) {
        let mut state = 1_u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        let input: Vec<[f32; 2]> = (0..length).map(|_| [noise(), noise()]).collect();
        let mut data = points(length);
        for (n, &[re, im]) in input.iter().enumerate() {
            (data[n / LANES].re[n % LANES], data[n / LANES].im[n % LANES]) = (re, im);
        }
        Fourier::new(length).forward(&mut data, &mut points(length));
        let (mut error, mut whole) = (0.0, 0.0);
        for k in (0..length).step_by(1 + length / 97) {
            let (mut re, mut im) = (0.0, 0.0);
            for (n, x) in input.iter().enumerate() {
                let angle = -TAU * (k * n % length) as f64 / length as f64;
                let (cos, sin) = (libm::cos(angle), libm::sin(angle));
                let [x_re, x_im] = x.map(f64::from);
                re += x_re * cos - x_im * sin;
                im += x_re * sin + x_im * cos;
            }
            let points = &data[k / LANES];
            let (ours_re, ours_im) = (points.re[k % LANES], points.im[k % LANES]);
            error += (f64::from(ours_re) - re).powi(2) + (f64::from(ours_im) - im).powi(2);
            whole += re * re + im * im;
        }
        assert!(error < 1e-13 * whole, "{length}: {error} of {whole}");
    }

    #[test]
    fn every_length_transforms_as_the_definition_says() {
        [8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096, 16_384].into_iter().for_each(check);
    }
}
