//! Names that can be typed, and numbers that can be read.

/// Longest id, in bytes: file systems take 255 for a name with its ending.
const BYTES_MAX: usize = 200;

/// A name as it can be typed, and as a file may be called: lower case letters of any script, digits, and one hyphen for anything else; at
/// most 200 bytes.
///
/// ```
/// assert_eq!(acetate_references::plain_id("Müller & Söhne (live)"), "müller-söhne-live");
/// ```
pub fn plain_id(name: &str) -> String {
    let mut id = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if id.len() + c.len_utf8() > BYTES_MAX {
            break;
        }
        let goes_on = is_mark(c) && id.chars().next_back().is_some_and(|last| last != '-');
        if c.is_alphanumeric() || goes_on {
            id.push(c);
        } else if !id.is_empty() && !id.ends_with('-') {
            id.push('-');
        }
    }
    let id = id.trim_end_matches('-');
    if id.is_empty() { "unnamed".into() } else { id.into() }
}

/// An accent or a dot that belongs to the letter before it: macOS writes them so (Combining Diacritical Marks).
fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36F}').contains(&c)
}

/// To a hundredth: finer than any meter agrees with another.
pub(crate) fn round(value: f64) -> f64 {
    libm::round(value * 100.0) / 100.0
}

#[cfg(test)]
mod tests {
    use super::plain_id;

    #[test]
    fn letters_of_every_script_stay() {
        for (name, id) in [
            ("Müller", "müller"),
            ("Mu\u{308}ller", "mu\u{308}ller"),
            ("Łódź 2", "łódź-2"),
            ("夜の歌", "夜の歌"),
            ("ΝΎΧΤΑ", "νύχτα"),
            ("İstanbul", "i\u{307}stanbul"),
        ] {
            assert_eq!(plain_id(name), id);
            assert_eq!(plain_id(id), id, "an id is its own");
        }
    }

    #[test]
    fn no_id_leads_elsewhere_or_is_longer_than_a_file_name() {
        for name in ["../../etc/passwd", "a\\b", "a:b*c?", ".hidden", "-f", "a\nb", "\u{308}"] {
            let id = plain_id(name);
            let plain = |c: char| c.is_alphanumeric() || c == '-';
            assert!(id.chars().all(plain) && !id.starts_with('-'), "{name:?}: {id}");
        }
        let id = plain_id(&"夜".repeat(300));
        assert!(id.len() <= 200 && plain_id(&id) == id, "{}", id.len());
        assert_eq!(plain_id("?!"), "unnamed");
    }
}
