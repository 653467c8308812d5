//! What a platform's playback does to a master: loudness normalisation, mode by mode.

use std::sync::OnceLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Certainty, Date};

/// What a player does with a master that is quieter than its reference.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Raise {
    /// Leaves it as quiet as it is.
    Never {},
    /// Raises it until its peaks reach a level.
    UntilPeak {
        /// That level, dBTP.
        true_peak_dbtp: f64,
    },
    /// Raises it all the way and limits what sticks out.
    Limited {
        /// Threshold of the player's limiter, dBFS.
        ceiling_dbfs: f64,
    },
}

/// One way in which one platform plays music.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Player {
    /// The platform.
    pub platform: String,
    /// The listener's setting.
    pub mode: String,
    /// Loudness that everything is turned to, LUFS; `None` plays files as they are.
    pub reference_lufs: Option<f64>,
    /// What happens to quieter music.
    pub raise: Raise,
    /// Whether an album played through gets one gain for all its tracks.
    pub by_album: bool,
    /// Whether this is what most listeners have.
    pub default: bool,
    /// Anything else worth knowing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Where it is written down.
    pub source: String,
    /// When that was looked up.
    pub checked: Date,
    /// How far to trust it.
    pub confidence: Certainty,
}

/// What is handed to a platform.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Delivered {
    /// Integrated loudness of the track, LUFS.
    pub integrated_lufs: f64,
    /// True peak of the track, dBTP.
    pub true_peak_dbtp: f64,
    /// Integrated loudness of the whole album, LUFS, when it belongs to one and is played as one.
    pub album_lufs: Option<f64>,
}

/// What a listener of one platform gets.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PlatformConsequence {
    /// The platform.
    pub platform: String,
    /// The listener's setting.
    pub mode: String,
    /// Whether this is what most listeners have.
    pub default: bool,
    /// Gain the player applies, dB; negative turns down.
    pub gain_db: f64,
    /// Loudness it is heard at, LUFS (before the player's own limiter takes anything).
    pub played_lufs: f64,
    /// True peak after that gain, dBTP.
    pub played_true_peak_dbtp: f64,
    /// How much of the wanted raise was held back because of the peaks, dB; 0 when nothing was.
    pub held_back_db: f64,
    /// How much the player's own limiter takes off the highest peak, dB; 0 when it does not act.
    pub limited_db: f64,
    /// The same in a sentence.
    pub text: String,
    /// How far to trust it.
    pub confidence: Certainty,
}

/// The players that are known about.
pub fn players() -> &'static [Player] {
    static PLAYERS: OnceLock<Vec<Player>> = OnceLock::new();
    PLAYERS.get_or_init(|| {
        acetate_documents::from_text(include_str!("../../data/players.json"))
            .expect("a test reads the shipped players")
    })
}

/// What every known player will do to this master, in the order of [`players`].
pub fn consequences(delivered: Delivered) -> Vec<PlatformConsequence> {
    players().iter().map(|player| consequence(player, delivered)).collect()
}

fn consequence(player: &Player, delivered: Delivered) -> PlatformConsequence {
    let album_lufs = delivered.album_lufs.filter(|_| player.by_album);
    let judged_lufs = album_lufs.unwrap_or(delivered.integrated_lufs);
    let wanted_db = player.reference_lufs.map_or(0.0, |reference| reference - judged_lufs);
    let gain_db = match player.raise {
        Raise::Never {} => wanted_db.min(0.0),
        Raise::UntilPeak { true_peak_dbtp } => {
            wanted_db.min((true_peak_dbtp - delivered.true_peak_dbtp).max(0.0))
        }
        Raise::Limited { .. } => wanted_db,
    };
    let played_true_peak_dbtp = delivered.true_peak_dbtp + gain_db;
    let held_back_db = match player.raise {
        Raise::UntilPeak { .. } => wanted_db - gain_db,
        Raise::Never {} | Raise::Limited { .. } => 0.0,
    };
    let limited_db = match player.raise {
        Raise::Limited { ceiling_dbfs } if gain_db > 0.0 => {
            (played_true_peak_dbtp - ceiling_dbfs).max(0.0)
        }
        _ => 0.0,
    };
    let mut consequence = PlatformConsequence {
        platform: player.platform.clone(),
        mode: player.mode.clone(),
        default: player.default,
        gain_db,
        played_lufs: delivered.integrated_lufs + gain_db,
        played_true_peak_dbtp,
        held_back_db,
        limited_db,
        text: String::new(),
        confidence: player.confidence,
    };
    consequence.text =
        sentence(&consequence, player.reference_lufs.is_some(), album_lufs.is_some());
    consequence
}

/// Gains below this are not worth a sentence: the meters of two makers differ by as much. EBU Tech 3341
/// allows 0.1 LU.
const AUDIBLE_DB: f64 = 0.1;

fn sentence(consequence: &PlatformConsequence, normalises: bool, as_album: bool) -> String {
    let PlatformConsequence { gain_db, played_lufs, held_back_db, limited_db, .. } = *consequence;
    let what = if as_album { "the album" } else { "it" };
    if !normalises {
        return format!("plays it as it is, at {played_lufs:.1} LUFS");
    }
    if gain_db < -AUDIBLE_DB {
        return format!("turns {what} down {:.1} dB, to {played_lufs:.1} LUFS", -gain_db);
    }
    if limited_db > AUDIBLE_DB {
        return format!(
            "raises {what} {gain_db:.1} dB; its own limiter takes {limited_db:.1} dB off the peaks"
        );
    }
    if held_back_db > AUDIBLE_DB {
        return format!(
            "raises {what} {gain_db:.1} dB, to {played_lufs:.1} LUFS; the peaks hold back {held_back_db:.1} dB"
        );
    }
    if gain_db > AUDIBLE_DB {
        return format!("raises {what} {gain_db:.1} dB, to {played_lufs:.1} LUFS");
    }
    format!("leaves it at {played_lufs:.1} LUFS")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(platform: &str, mode: &str, delivered: Delivered) -> PlatformConsequence {
        consequences(delivered)
            .into_iter()
            .find(|consequence| consequence.platform == platform && consequence.mode == mode)
            .unwrap()
    }

    fn track(integrated_lufs: f64, true_peak_dbtp: f64) -> Delivered {
        Delivered { integrated_lufs, true_peak_dbtp, album_lufs: None }
    }

    #[track_caller]
    fn near(given: f64, expected: f64) {
        assert!((given - expected).abs() < 1e-9, "{given} is not {expected}");
    }

    #[test]
    fn spotifys_own_example_comes_out() {
        // "If a track loudness level is -20 dB LUFS, and its True Peak maximum is -5 dB FS, we only lift
        // the track up to -16 dB LUFS." (support page of Spotify for Artists)
        let normal = on("Spotify", "normal", track(-20.0, -5.0));
        near(normal.played_lufs, -16.0);
        near(normal.held_back_db, 2.0);
    }

    #[test]
    fn the_loud_setting_raises_regardless_of_peaks_and_limits() {
        let loud = on("Spotify", "loud", track(-20.0, -5.0));
        near(loud.gain_db, 9.0);
        near(loud.limited_db, 5.0);
    }

    #[test]
    fn louder_than_the_reference_is_turned_down_everywhere_that_normalises() {
        for (player, consequence) in players().iter().zip(consequences(track(-8.0, -1.0))) {
            match player.reference_lufs {
                Some(reference) => near(consequence.played_lufs, reference),
                None => near(consequence.gain_db, 0.0),
            }
        }
    }

    #[test]
    fn an_album_keeps_the_distances_between_its_tracks() {
        let quiet = Delivered { album_lufs: Some(-10.0), ..track(-16.0, -6.0) };
        let loudest = Delivered { album_lufs: Some(-10.0), ..track(-9.0, -1.0) };
        let distance = on("Spotify", "normal", loudest).played_lufs
            - on("Spotify", "normal", quiet).played_lufs;
        near(distance, 7.0);
    }

    #[test]
    fn youtube_never_raises() {
        near(on("YouTube", "stable volume off", track(-23.0, -10.0)).gain_db, 0.0);
    }

    #[test]
    fn peaks_above_full_scale_do_not_turn_a_raise_into_a_cut() {
        near(on("Spotify", "normal", track(-16.0, 0.5)).gain_db, 0.0);
    }
}
