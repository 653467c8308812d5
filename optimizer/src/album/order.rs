//! The order of files by name, as people count.

use std::cmp::Ordering;

/// Compares names as people read them: runs of digits by their value, letters without regard to case.
///
/// `2 Air.wav` comes before `10 Run.wav`. Names that differ in case alone keep a fixed order.
pub fn natural_order(one: &str, other: &str) -> Ordering {
    let (mut left, mut right) = (one, other);
    loop {
        let (Some(a), Some(b)) = (left.chars().next(), right.chars().next()) else {
            return left.len().cmp(&right.len()).then_with(|| one.cmp(other));
        };
        let order = if a.is_ascii_digit() && b.is_ascii_digit() {
            let (number, rest) = number_of(left);
            let (other_number, other_rest) = number_of(right);
            (left, right) = (rest, other_rest);
            number.len().cmp(&other_number.len()).then_with(|| number.cmp(other_number))
        } else {
            (left, right) = (&left[a.len_utf8()..], &right[b.len_utf8()..]);
            a.to_lowercase().cmp(b.to_lowercase())
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// The digits at the beginning without leading zeros, and what follows them.
fn number_of(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (text[..end].trim_start_matches('0'), &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_and_letters_do_not_shout() {
        let mut names = ["10 Run", "2 air", "1 Zoo", "02 Air b", "Änders", "b"];
        names.sort_by(|a, b| natural_order(a, b));
        assert_eq!(names, ["1 Zoo", "2 air", "02 Air b", "10 Run", "b", "Änders"]);
    }

    #[test]
    fn the_order_is_total() {
        assert_eq!(natural_order("01 a", "1 a"), "01 a".cmp("1 a"));
        assert_eq!(natural_order("same", "same"), Ordering::Equal);
    }
}
