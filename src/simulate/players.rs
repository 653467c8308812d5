//! How loud the platforms' players make a song.

use acetate_analyzer::Loudness;
use acetate_references::target::{Delivered, PlatformConsequence, consequences};

/// Loudnesses nearer to each other than this are one: the meters of two makers differ by as much (EBU Tech 3341).
const SAME_LU: f64 = 0.1;

/// What the platforms' players do to a song of this loudness and these peaks; empty of silence.
pub fn players(loudness: &Loudness) -> Vec<PlatformConsequence> {
    let levels = loudness.integrated_lufs.zip(loudness.true_peak_dbtp);
    levels.map_or_else(Vec::new, |(integrated_lufs, true_peak_dbtp)| {
        consequences(Delivered { integrated_lufs, true_peak_dbtp, album_lufs: None })
    })
}

/// What most listeners hear, the loudest first: `-14.0 LUFS on Spotify, YouTube`.
pub(crate) fn heard_at(loudness: &Loudness) -> Vec<String> {
    let mut usual: Vec<PlatformConsequence> = players(loudness);
    usual.retain(|player| player.default);
    usual.sort_by(|a, b| b.played_lufs.total_cmp(&a.played_lufs));
    let mut groups: Vec<(f64, Vec<String>)> = Vec::new();
    for player in usual {
        let near =
            groups.last_mut().filter(|(lufs, _)| (lufs - player.played_lufs).abs() < SAME_LU);
        match near {
            Some((_, names)) if names.contains(&player.platform) => {}
            Some((_, names)) => names.push(player.platform),
            None => groups.push((player.played_lufs, vec![player.platform])),
        }
    }
    let told =
        |(lufs, names): (f64, Vec<String>)| format!("{lufs:.1} LUFS on {}", names.join(", "));
    groups.into_iter().map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loud_music_is_told_once_for_all_players_that_turn_it_to_one_level() {
        let loudness = Loudness {
            integrated_lufs: Some(-8.0),
            true_peak_dbtp: Some(-1.0),
            ..Loudness::default()
        };
        let heard = heard_at(&loudness);
        let spotify: Vec<_> = heard.iter().filter(|line| line.contains("Spotify")).collect();
        assert!(spotify.len() == 1 && spotify[0].starts_with("-14.0 LUFS on "), "{heard:?}");
        assert!(heard_at(&Loudness::default()).is_empty());
    }
}
