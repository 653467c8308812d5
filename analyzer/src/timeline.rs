//! Rows of numbers over time that never outgrow a limit.

/// Rows of equal width; when there are `cap` of them, neighbours are merged and each new row takes twice
/// as many pushes.
#[derive(Clone, Debug)]
pub(crate) struct Timeline<T> {
    width: usize,
    cap: usize,
    merge: fn(T, T) -> T,
    /// Pushes in a row.
    per_row: usize,
    rows: Vec<T>,
    /// Pushes in the last row.
    in_last: usize,
}

impl<T: Copy> Timeline<T> {
    /// No rows yet. `cap` is even.
    pub(crate) fn new(width: usize, cap: usize, merge: fn(T, T) -> T) -> Self {
        assert!(cap.is_multiple_of(2) && cap > 0, "neighbours are merged in pairs: {cap}");
        Self { width, cap, merge, per_row: 1, rows: Vec::new(), in_last: 0 }
    }

    pub(crate) fn push(&mut self, row: &[T]) {
        assert_eq!(row.len(), self.width);
        if self.in_last == self.per_row {
            self.in_last = 0;
            if self.rows.len() == self.cap * self.width {
                self.halve();
            }
        }
        if self.in_last == 0 {
            self.rows.extend_from_slice(row);
        } else {
            let start = self.rows.len() - self.width;
            for (kept, &new) in self.rows[start..].iter_mut().zip(row) {
                *kept = (self.merge)(*kept, new);
            }
        }
        self.in_last += 1;
    }

    fn halve(&mut self) {
        let count = self.cap / 2;
        for row in 0..count {
            for column in 0..self.width {
                let first = self.rows[2 * row * self.width + column];
                let second = self.rows[(2 * row + 1) * self.width + column];
                self.rows[row * self.width + column] = (self.merge)(first, second);
            }
        }
        self.rows.truncate(count * self.width);
        self.per_row *= 2;
    }

    /// Pushes in a row (in the last one: up to that).
    pub(crate) fn per_row(&self) -> usize {
        self.per_row
    }

    /// Number of rows.
    pub(crate) fn len(&self) -> usize {
        self.rows.len() / self.width.max(1)
    }

    /// All rows, one after the other.
    pub(crate) fn into_rows(self) -> Vec<T> {
        self.rows
    }
}

impl Timeline<f32> {
    /// Rows that add up, as means over their pushes.
    pub(crate) fn into_means(mut self) -> Vec<f32> {
        let share = 1.0 / self.per_row as f32;
        let last = self.rows.len().saturating_sub(self.width);
        for value in &mut self.rows[..last] {
            *value *= share;
        }
        for value in &mut self.rows[last..] {
            *value /= self.in_last.max(1) as f32;
        }
        self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_merge_when_the_limit_is_reached() {
        let mut line = Timeline::new(1, 4, |a: f32, b| a + b);
        for value in 1..=9 {
            line.push(&[value as f32]);
        }
        assert_eq!((line.len(), line.per_row()), (3, 4));
        assert_eq!(line.clone().into_rows(), [10.0, 26.0, 9.0]);
        assert_eq!(line.into_means(), [2.5, 6.5, 9.0]);
    }
}
