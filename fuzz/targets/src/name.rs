//! Names of files in, as a page sends them with its uploads.

use std::path::{Component, Path};

use acetate::output::plain_file_name;

/// Longest name that is given, in bytes.
const BYTES_MAX: usize = 161;

/// Any bytes as a name, as they are and as Latin letters.
///
/// What must hold: the name leads nowhere, is not hidden, no device, short, and stays as it is when it is given again.
///
/// # Panics
/// When that does not hold.
pub fn name(bytes: &[u8]) {
    let latin: String = bytes.iter().map(|&byte| char::from(byte)).collect();
    for given in [String::from_utf8_lossy(bytes).into_owned(), latin] {
        let plain = plain_file_name(&given);
        let parts: Vec<Component<'_>> = Path::new(&plain).components().collect();
        assert!(matches!(parts[..], [Component::Normal(_)]), "{plain:?}");
        assert!(!plain.starts_with('.') && !plain.ends_with(['.', ' ']), "{plain:?}");
        assert!(!plain.contains(['/', '\\', ':', '\0']) && plain.len() <= BYTES_MAX, "{plain:?}");
        let stem = plain.split('.').next().unwrap_or_default();
        assert!(!["con", "nul", "com1"].contains(&stem.to_lowercase().as_str()), "{plain:?}");
        assert_eq!(plain_file_name(&plain), plain);
    }
}
