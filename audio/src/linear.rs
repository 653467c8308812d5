//! Small dense linear algebra with a fixed order of additions.
//!
//! ndarray's product chooses its kernel by the CPU at run time, which changes last bits between machines; ours does not.

mod envelope;

use multiversion::multiversion;

pub use envelope::Envelope;

/// A dense matrix, row after row.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    columns: usize,
    data: Vec<f64>,
}

impl Matrix {
    /// A matrix of zeros.
    pub fn zeros(rows: usize, columns: usize) -> Self {
        Self { columns, data: vec![0.0; rows * columns] }
    }

    /// How many columns there are.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// One row.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.data[row * self.columns..(row + 1) * self.columns]
    }

    /// One row, to be changed.
    pub fn row_mut(&mut self, row: usize) -> &mut [f64] {
        &mut self.data[row * self.columns..(row + 1) * self.columns]
    }

    /// Jᵀ J, the lower triangle alone.
    pub fn gram(&self) -> Self {
        let mut gram = Self::zeros(self.columns, self.columns);
        for row in self.data.chunks_exact(self.columns) {
            for (i, &left) in row.iter().enumerate() {
                if left != 0.0 {
                    for (sum, &right) in gram.row_mut(i)[..=i].iter_mut().zip(row) {
                        *sum += left * right;
                    }
                }
            }
        }
        gram
    }

    /// Jᵀ r.
    pub fn transposed_times(&self, vector: &[f64]) -> Vec<f64> {
        let mut product = vec![0.0; self.columns];
        for (row, &factor) in self.data.chunks_exact(self.columns).zip(vector) {
            for (sum, &value) in product.iter_mut().zip(row) {
                *sum += value * factor;
            }
        }
        product
    }
}

/// What [`solve_positive_definite`] finds.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// The x of A x = b.
    pub x: Vec<f64>,
    /// ln det A.
    pub log_determinant: f64,
}

/// Σ xᵢ yᵢ of slices of one length: eight sums side by side, so that none waits for the one before, in one order on every machine.
#[inline(always)]
pub fn dot(x: &[f64], y: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (x_eights, y_eights) = (x.chunks_exact(8), y.chunks_exact(8));
    let rest = x_eights.remainder().iter().zip(y_eights.remainder());
    let rest: f64 = rest.map(|(x, y)| x * y).sum();
    for (x, y) in x_eights.zip(y_eights) {
        for (sum, (x, y)) in sums.iter_mut().zip(x.iter().zip(y)) {
            *sum += x * y;
        }
    }
    let [a, b, c, d, e, f, g, h] = sums;
    ((a + e) + (c + g)) + ((b + f) + (d + h)) + rest
}

/// Replaces the lower triangle of a symmetric matrix by its Cholesky factor, and gives the ln of its determinant.
///
/// `None` when it is not positive definite.
#[multiversion(targets("x86_64+avx2"))]
pub fn factorise(a: &mut Matrix) -> Option<f64> {
    let mut log_determinant = 0.0;
    for i in 0..a.columns {
        let (above, row) = a.data.split_at_mut(i * a.columns);
        for j in 0..=i {
            let other = above.get(j * a.columns..).filter(|_| j < i);
            match other {
                Some(other) => row[j] = (row[j] - dot(&row[..j], &other[..j])) / other[j],
                None => {
                    let rest = row[i] - dot(&row[..i], &row[..i]);
                    if rest <= 0.0 || !rest.is_finite() {
                        return None;
                    }
                    log_determinant += libm::log(rest);
                    row[i] = rest.sqrt();
                }
            }
        }
    }
    Some(log_determinant)
}

/// Solves A x = b for a symmetric positive definite A given by its lower triangle (Cholesky).
///
/// `None` when A is not positive definite.
pub fn solve_positive_definite(mut a: Matrix, b: Vec<f64>) -> Option<Solution> {
    let log_determinant = factorise(&mut a)?;
    let x = substitute_back(&a, substitute(&a, b));
    Some(Solution { x, log_determinant })
}

/// L⁻¹ b for a factor L as [`factorise`] leaves it.
#[multiversion(targets("x86_64+avx2"))]
pub fn substitute(factor: &Matrix, mut b: Vec<f64>) -> Vec<f64> {
    for i in 0..b.len() {
        let row = factor.row(i);
        b[i] = (b[i] - dot(&row[..i], &b[..i])) / row[i];
    }
    b
}

/// L⁻ᵀ b for a factor L as [`factorise`] leaves it.
#[multiversion(targets("x86_64+avx2"))]
pub fn substitute_back(factor: &Matrix, mut b: Vec<f64>) -> Vec<f64> {
    for i in (0..b.len()).rev() {
        let row = factor.row(i);
        let (rest, solved) = b.split_at_mut(i);
        solved[0] /= row[i];
        for (value, l) in rest.iter_mut().zip(row) {
            *value -= l * solved[0];
        }
    }
    b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_solution_satisfies_its_equations() {
        let mut jacobian = Matrix::zeros(4, 3);
        for (row, values) in
            [[2.0, 0.5, 0.0], [0.0, 1.0, -1.0], [1.0, 1.0, 3.0], [0.2, 0.0, 1.0]].iter().enumerate()
        {
            jacobian.row_mut(row).copy_from_slice(values);
        }
        let right = jacobian.transposed_times(&[1.0, -2.0, 0.5, 3.0]);
        let gram = jacobian.gram();
        let x = solve_positive_definite(gram.clone(), right.clone()).unwrap().x;
        for (i, wanted) in right.iter().enumerate() {
            let left: f64 = (0..3).map(|j| gram.row(i.max(j))[i.min(j)] * x[j]).sum();
            assert!((left - wanted).abs() < 1e-12);
        }
    }

    #[test]
    fn the_determinant_of_a_diagonal_matrix_is_the_product_of_its_diagonal() {
        let mut a = Matrix::zeros(2, 2);
        (a.row_mut(0)[0], a.row_mut(1)[1]) = (2.0, 8.0);
        let solution = solve_positive_definite(a, vec![2.0, 4.0]).unwrap();
        assert!((solution.x[0] - 1.0).abs() < 1e-12 && (solution.x[1] - 0.5).abs() < 1e-12);
        assert!((solution.log_determinant - libm::log(16.0)).abs() < 1e-12);
    }

    #[test]
    fn a_singular_matrix_has_no_solution() {
        assert_eq!(solve_positive_definite(Matrix::zeros(2, 2), vec![1.0, 1.0]), None);
    }
}
