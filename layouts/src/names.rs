//! Names of files that every file system takes.

/// Bytes of a name without its extension; file systems take 255 in all.
const NAME_BYTES_MAX: usize = 200;

/// `01 Run.flac`: number, title, extension. What a file system or a shell might refuse becomes `_`.
pub fn file_name(number: usize, title: &str, extension: &str) -> String {
    let safe = |letter: char| match letter {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
        control if control.is_control() => '_',
        other => other,
    };
    let mut name = format!("{number:02} {}", title.chars().map(safe).collect::<String>());
    while name.len() > NAME_BYTES_MAX {
        name.pop();
    }
    // Windows drops both at the end of a name.
    let name = name.trim_end_matches([' ', '.']);
    format!("{name}.{extension}")
}

/// `eight-rooms`: small letters of ASCII and digits, everything else one dash; `record` when nothing is left.
///
/// Tables of contents name their files in Latin-1, file systems in UTF-8: only ASCII is the same in both.
pub fn slug(title: &str) -> String {
    let letters: String = title
        .chars()
        .flat_map(char::to_lowercase)
        .map(plain)
        .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' })
        .collect();
    let words: Vec<&str> = letters.split('-').filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "record".to_owned() } else { words.join("-") }
}

/// A letter of Latin-1 without its accent.
fn plain(letter: char) -> char {
    match letter {
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ñ' => 'n',
        'ò'..='ö' | 'ø' => 'o',
        'ù'..='ü' => 'u',
        'ý' | 'ÿ' => 'y',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_becomes_a_name_that_file_systems_take() {
        assert_eq!(file_name(1, "Run", "flac"), "01 Run.flac");
        assert_eq!(file_name(7, "AC/DC: what?", "wav"), "07 AC_DC_ what_.wav");
        assert_eq!(file_name(12, "And then...", "wav"), "12 And then.wav");
        assert!(file_name(3, &"ä".repeat(300), "wav").len() <= 255);
    }

    #[test]
    fn a_slug_has_words_and_dashes() {
        assert_eq!(slug("Eight Rooms!"), "eight-rooms");
        assert_eq!(slug("Nächte am Fluss"), "nachte-am-fluss");
        assert_eq!(slug("?!"), "record");
    }
}
