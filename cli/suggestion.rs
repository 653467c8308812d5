//! "Did you mean".

/// `; did you mean "spotify"?` for the candidate nearest to what was typed, or nothing.
pub(crate) fn did_you_mean<'a>(typed: &str, candidates: impl Iterator<Item = &'a str>) -> String {
    let near = acetate::nearest(typed, candidates);
    near.map_or_else(String::new, |near| format!("; did you mean \"{near}\"?"))
}
