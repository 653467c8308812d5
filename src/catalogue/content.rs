//! The name of a master: what went into it, as a hash.

use std::path::Path;

use acetate_engine::SOUND;
use acetate_engine::settings::OutputFormat;
use data_encoding::HEXLOWER;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::Request;
use crate::fingerprint::fingerprint;
use crate::output::{extension_of, sidecar};

/// Hexadecimal digits of a name: 128 bits, so that no two of 10 million songs share one by chance (1 in 10^24).
const DIGITS: usize = 32;
/// Digits that name the folder: 256 folders.
const FOLDER_DIGITS: usize = 2;

/// A fingerprint of everything that a request asks for; names and comments are no part of it.
pub(super) fn wishes_of(request: &Request) -> String {
    fingerprint(&json!([
        request.md5(),
        request.target_asked(),
        request.options,
        request.file,
        request.take
    ]))
}

/// The name of the master of a song with this hash: `3f/3fa0...c1.wav`.
pub(super) fn master_name(input_sha256: &str, wishes: &str, format: OutputFormat) -> String {
    let all = Sha256::digest(format!("{input_sha256}\n{wishes}\n{SOUND}"));
    let digits = &HEXLOWER.encode(&all)[..DIGITS];
    format!("{}/{digits}.{}", &digits[..FOLDER_DIGITS], extension_of(format))
}

/// What is beside a master: `3f/3fa0...c1.wav.settings.json`.
pub(super) fn beside(master: &str, suffix: &str) -> String {
    let (folder, name) = master.rsplit_once('/').unwrap_or(("", master));
    format!("{folder}/{}", sidecar(Path::new(name), suffix).display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_changes_with_the_song_the_wishes_and_the_format() {
        let plain = wishes_of(&Request::default());
        let loud = wishes_of(&Request::default().lufs(-9.0));
        let name = |song: &str, wishes: &str| master_name(song, wishes, OutputFormat::Wav);
        assert_eq!(name("a", &plain), name("a", &wishes_of(&Request::default())));
        assert_ne!(name("a", &plain), name("b", &plain));
        assert_ne!(name("a", &plain), name("a", &loud));
        assert!(master_name("a", &plain, OutputFormat::Flac).ends_with(".flac"));
        let folder = name("a", &plain).split_once('/').unwrap().0.to_owned();
        assert!(name("a", &plain)[3..].starts_with(&folder));
        assert_eq!(beside("3f/3fa.wav", "song.json"), "3f/3fa.wav.song.json");
    }
}
