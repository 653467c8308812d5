//! Which tags stop being true when sound is mastered.

/// Beginnings of names, in upper case: old loudness, and how the old file was coded.
const STALE: [&str; 12] = [
    "REPLAYGAIN_",
    "R128_",
    "MP3GAIN_",
    "ITUNNORM",
    "ITUNSMPB",
    "ITUNPGAP",
    "ENCODER",
    "ENCODING",
    "ACOUSTID_FINGERPRINT",
    "ACCURATERIP",
    "LENGTH",
    "WAVEFORMATEXTENSIBLE_CHANNEL_MASK",
];

/// ID3v2 frames that describe the old sound or its coding (ID3 2.4.0, section 4): relative volume, encoder, length,
/// file type, seek and audio index.
const STALE_FRAMES: [&str; 8] = ["RVA2", "RVAD", "RGAD", "TSSE", "TLEN", "TFLT", "SEEK", "ASPI"];

/// Whether a comment of this name must be left behind.
pub(super) fn is_stale(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    STALE.iter().any(|stale| name.starts_with(stale))
}

/// Whether an ID3v2 frame of this kind must be left behind.
pub(super) fn is_stale_frame(id: &str) -> bool {
    STALE_FRAMES.contains(&id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loudness_and_coding_are_stale_and_names_of_people_are_not() {
        for name in ["REPLAYGAIN_TRACK_GAIN", "replaygain_album_peak", "R128_TRACK_GAIN", "Encoder"]
        {
            assert!(is_stale(name), "{name}");
        }
        for name in ["ARTIST", "ENCODED-BY", "ISRC", "CUSTOM"] {
            assert!(!is_stale(name), "{name}");
        }
    }
}
