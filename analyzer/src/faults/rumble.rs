//! Rumble: sound below what is heard as a note, there even when nothing is played.

use acetate_audio::units::power_to_db;

use super::hum::Floor;

/// Where rumble lies: lorries, footsteps on the floor of a microphone, turntables. The lowest string of a five-string bass is 31 Hz.
const RUMBLE_HZ: std::ops::Range<f64> = 5.0..26.0;
/// What it is held against: the floor of the bass.
const BASS_HZ: std::ops::Range<f64> = 30.0..120.0;
/// From here on it takes headroom and moves cones, dBFS.
pub(crate) const RUMBLE_DBFS: f64 = -58.0;
/// The floor of music falls below its notes; rumble stands so far above that of the bass, dB.
const OVER_BASS_DB: f64 = 3.0;

/// Level of the rumble, dBFS; `None` where there is none to speak of.
pub(crate) fn rumble_dbfs(floor: &Floor) -> Option<f64> {
    let level_db = |range| power_to_db(floor.power(range).max(1e-20));
    let rumble_db = level_db(RUMBLE_HZ);
    (rumble_db >= RUMBLE_DBFS && rumble_db >= level_db(BASS_HZ) + OVER_BASS_DB).then_some(rumble_db)
}
