//! The drive, the limiter and the gain behind it in words.

use acetate_engine::Settings;
use acetate_engine::settings::LimiterKind;

use super::moves::{Evidence, tenth};
use crate::document::{Confidence, Move};

/// `drive +4.3 dB into the limiter at -1 dBTP, -0.06 behind it`
pub fn drive_text(settings: &Settings) -> String {
    let (drive_db, limiter) = (settings.drive_db, &settings.limiter);
    let behind = match limiter.output_gain_db {
        0.0 => String::new(),
        db => format!(", {db:+.2} behind it"),
    };
    match limiter.kind {
        LimiterKind::Off => format!("gain {drive_db:+.1} dB, no limiter{behind}"),
        _ => {
            format!(
                "drive {drive_db:+.1} dB into the limiter at {} dBTP{behind}",
                limiter.ceiling_dbtp
            )
        }
    }
}

pub(super) fn drive_move(settings: &Settings, evidence: &Evidence) -> Option<Move> {
    let measured = evidence.before.loudness.integrated_lufs?;
    let expected = evidence.after.loudness.integrated_lufs?;
    let wanted = evidence.wanted_lufs?;
    let by_rms = evidence.aim.rms_window_dbfs.filter(|_| evidence.aim.loudness_lufs.is_none());
    if settings.drive_db == 0.0 && (expected - measured).abs() < 0.05 {
        return None;
    }
    Some(Move {
        id: "drive".to_owned(),
        what: drive_text(settings),
        text: match by_rms.zip(evidence.before.rms_dbfs()) {
            Some(([low, high], rms)) => {
                format!("RMS measures {rms:.1} dBFS, {low:.0} to {high:.0} dBFS is asked for.")
            }
            None => {
                format!("The song measures {measured:.1} LUFS, {wanted:.1} LUFS is asked for.")
            }
        },
        metric: "loudness.integrated_lufs".to_owned(),
        measured: tenth(measured),
        aim: tenth(wanted),
        tolerance: crate::verdict::LOUDNESS_TOLERANCE_LU,
        expected: tenth(expected),
        unit: "LUFS".to_owned(),
        confidence: Confidence::High,
        ..Move::default()
    })
}
