//! Names that can be typed, and numbers that can be read.

/// A name as it can be typed: lower case letters, digits, and one hyphen for anything else.
pub fn plain_id(name: &str) -> String {
    let mut id = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            id.push(c);
        } else if !id.is_empty() && !id.ends_with('-') {
            id.push('-');
        }
    }
    let id = id.trim_end_matches('-');
    if id.is_empty() { "unnamed".into() } else { id.into() }
}

/// To a hundredth: finer than any meter agrees with another.
pub(crate) fn round(value: f64) -> f64 {
    libm::round(value * 100.0) / 100.0
}
