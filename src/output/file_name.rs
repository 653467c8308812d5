//! Names of files that somebody else chose.

/// Names that stand for devices on Windows, whatever their ending.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
/// The same with a number behind them.
const NUMBERED_DEVICES: [&str; 2] = ["com", "lpt"];
/// Longest name, in bytes: file systems take 255, and masters get longer names than their mixes.
const BYTES_MAX: usize = 160;
/// What it is called that has no name.
const NAMELESS: &str = "song";

/// A name that any folder takes, from one that anybody may have chosen: the last part of a path, without what some system forbids or
/// takes for a device, not hidden, at most 160 bytes long with its ending.
///
/// ```
/// assert_eq!(acetate::output::plain_file_name("../../etc/My song.wav"), "My song.wav");
/// assert_eq!(acetate::output::plain_file_name("con.wav"), "_con.wav");
/// ```
pub fn plain_file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let allowed = |c: char| match c {
        '<' | '>' | ':' | '"' | '|' | '?' | '*' => '_',
        c if c.is_control() => '_',
        c => c,
    };
    let plain: String = last.chars().map(allowed).collect();
    let plain = shortened(plain.trim_start_matches(['.', ' ']));
    let plain = plain.trim_end_matches(['.', ' ']);
    match plain {
        "" => NAMELESS.to_owned(),
        device if is_device(device) => format!("_{device}"),
        plain => plain.to_owned(),
    }
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    let numbered = |device: &str| {
        let number = stem.strip_prefix(device);
        number.is_some_and(|number| number.chars().count() == 1 && number != "0")
    };
    DEVICES.contains(&stem.as_str()) || NUMBERED_DEVICES.into_iter().any(numbered)
}

/// The beginning of a long name, and its ending.
fn shortened(name: &str) -> String {
    if name.len() <= BYTES_MAX {
        return name.to_owned();
    }
    let ending = name.rfind('.').map(|at| &name[at..]).filter(|ending| ending.len() <= 16);
    let ending = ending.unwrap_or_default();
    let mut end = BYTES_MAX - ending.len();
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{ending}", &name[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_names_stay_as_they_are() {
        for name in ["night.wav", "Nächte (final mix) #3.flac", "a.b.c.mp3", "夜.wav", "song"] {
            assert_eq!(plain_file_name(name), name);
        }
    }

    #[test]
    fn no_name_leads_elsewhere_or_is_a_device() {
        for (name, plain) in [
            ("..", "song"),
            ("", "song"),
            ("/", "song"),
            ("../../../etc/passwd", "passwd"),
            ("..\\..\\windows\\system.ini", "system.ini"),
            ("C:evil.wav", "C_evil.wav"),
            (".hidden.wav", "hidden.wav"),
            ("CON", "_CON"),
            ("nul.tar.gz", "_nul.tar.gz"),
            ("com7.wav", "_com7.wav"),
            ("comet.wav", "comet.wav"),
            ("LPT1 .wav", "_LPT1 .wav"),
            ("line\nfeed\0.wav", "line_feed_.wav"),
            ("ends.wav. . ", "ends.wav"),
        ] {
            assert_eq!(plain_file_name(name), plain, "{name:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let plain = plain_file_name(&format!("{}.flac", "ä".repeat(300)));
        assert!(plain.len() <= BYTES_MAX && plain.ends_with("ä.flac"), "{plain}");
        assert_eq!(plain_file_name(&plain), plain);
    }
}
