//! "Did you mean".

/// `; did you mean "spotify"?` for the candidate nearest to what was typed, or nothing.
pub(crate) fn did_you_mean<'a>(typed: &str, candidates: impl Iterator<Item = &'a str>) -> String {
    let nearest = candidates.map(|candidate| (distance(typed, candidate), candidate)).min();
    match nearest {
        Some((distance, candidate)) if distance <= candidate.len().div_ceil(3) => {
            format!("; did you mean \"{candidate}\"?")
        }
        _ => String::new(),
    }
}

/// Levenshtein distance: how many characters to insert, delete or replace.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (index, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_is_proposed_and_the_far_is_not() {
        let ids = ["spotify", "spotify-loud", "tidal"];
        assert_eq!(did_you_mean("sptify", ids.into_iter()), "; did you mean \"spotify\"?");
        assert_eq!(did_you_mean("xyzzy", ids.into_iter()), "");
    }
}
