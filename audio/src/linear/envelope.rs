//! Symmetric matrices of which little but what is near the diagonal is not zero.

use multiversion::multiversion;

use super::dot;

/// A symmetric matrix: of each row the elements from the first that may not be zero to the diagonal.
///
/// Cholesky's factor has the same shape, so that solving costs the sum of the squared lengths of the rows in place of the cube of their number (George and
/// Liu 1981, Computer Solution of Large Sparse Positive Definite Systems, chapter 4).
#[derive(Clone, Debug)]
pub struct Envelope {
    /// Column of the first element of each row.
    firsts: Vec<usize>,
    /// Where each row begins in the data, and where the last one ends.
    starts: Vec<usize>,
    data: Vec<f64>,
}

impl Envelope {
    /// A matrix of zeros; `firsts` has the first column of each row, at most its own number.
    ///
    /// # Panics
    /// When a row begins behind its diagonal.
    pub fn zeros(firsts: Vec<usize>) -> Self {
        let mut starts = Vec::with_capacity(firsts.len() + 1);
        starts.push(0);
        for (row, &first) in firsts.iter().enumerate() {
            assert!(first <= row, "row {row} begins at column {first}");
            starts.push(starts[row] + row + 1 - first);
        }
        let data = vec![0.0; starts[firsts.len()]];
        Self { firsts, starts, data }
    }

    /// The column that a row begins with, and its elements up to the diagonal.
    pub fn row_mut(&mut self, row: usize) -> (usize, &mut [f64]) {
        (self.firsts[row], &mut self.data[self.starts[row]..self.starts[row + 1]])
    }

    /// An element of the diagonal.
    pub fn diagonal(&self, row: usize) -> f64 {
        self.data[self.starts[row + 1] - 1]
    }

    /// Adds to an element of the diagonal.
    pub fn add_to_diagonal(&mut self, row: usize, value: f64) {
        self.data[self.starts[row + 1] - 1] += value;
    }

    /// Solves A x = b for a positive definite A; it is its factor afterwards.
    ///
    /// An unknown that the others leave undetermined is 0.
    pub fn solve(&mut self, b: Vec<f64>) -> Vec<f64> {
        factorise(self);
        substitute_back(self, substitute(self, b))
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn factorise(a: &mut Envelope) {
    for i in 0..a.firsts.len() {
        let (above, row) = a.data.split_at_mut(a.starts[i]);
        let first = a.firsts[i];
        for j in first..i {
            let other = &above[a.starts[j]..a.starts[j + 1]];
            let from = first.max(a.firsts[j]);
            let sum =
                dot(&row[from - first..j - first], &other[from - a.firsts[j]..other.len() - 1]);
            row[j - first] = (row[j - first] - sum) / other[other.len() - 1];
        }
        let (row, diagonal) = row[..=i - first].split_at_mut(i - first);
        let rest = diagonal[0] - dot(row, row);
        // Divided by infinity: it is 0, and nothing hangs on it.
        diagonal[0] = if rest > 0.0 && rest.is_finite() { rest.sqrt() } else { f64::INFINITY };
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn substitute(factor: &Envelope, mut b: Vec<f64>) -> Vec<f64> {
    for i in 0..b.len() {
        let row = &factor.data[factor.starts[i]..factor.starts[i + 1]];
        let (first, last) = (factor.firsts[i], row.len() - 1);
        b[i] = (b[i] - dot(&row[..last], &b[first..i])) / row[last];
    }
    b
}

#[multiversion(targets("x86_64+avx2"))]
fn substitute_back(factor: &Envelope, mut b: Vec<f64>) -> Vec<f64> {
    for i in (0..b.len()).rev() {
        let row = &factor.data[factor.starts[i]..factor.starts[i + 1]];
        let (rest, solved) = b.split_at_mut(i);
        solved[0] /= row[row.len() - 1];
        for (value, l) in rest[factor.firsts[i]..].iter_mut().zip(row) {
            *value -= l * solved[0];
        }
    }
    b
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linear::{Matrix, solve_positive_definite};

    /// Rows that begin here and there, diagonally dominant.
    fn matrices() -> (Envelope, Matrix) {
        let firsts = vec![0, 0, 1, 3, 3, 2, 6, 5, 0, 8, 10, 4];
        let count = firsts.len();
        let mut envelope = Envelope::zeros(firsts);
        let mut dense = Matrix::zeros(count, count);
        for i in 0..count {
            let (first, row) = envelope.row_mut(i);
            for (n, value) in row.iter_mut().enumerate() {
                let j = first + n;
                *value = if i == j { 9.0 } else { libm::sin((3 * i + 7 * j) as f64) };
                dense.row_mut(i)[j] = *value;
            }
        }
        (envelope, dense)
    }

    #[test]
    fn it_solves_as_a_dense_matrix_does() {
        let (mut envelope, dense) = matrices();
        let b: Vec<f64> = (0..12).map(|n| f64::from(n) - 3.0).collect();
        let wanted = solve_positive_definite(dense, b.clone()).unwrap().x;
        for (x, wanted) in envelope.solve(b).into_iter().zip(wanted) {
            assert!((x - wanted).abs() < 1e-12, "{x} {wanted}");
        }
    }

    #[test]
    fn what_is_undetermined_is_zero_and_spoils_nothing() {
        let (mut envelope, _) = matrices();
        envelope.add_to_diagonal(9, -1e6);
        let x = envelope.solve(vec![1.0; 12]);
        assert_eq!(x[9], 0.0);
        assert!(x.iter().all(|x| x.is_finite()) && x[11] != 0.0);
    }
}
