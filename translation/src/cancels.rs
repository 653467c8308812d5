//! What is lost where both channels come out of one loudspeaker, in a sentence.

use acetate_analyzer::{Analysis, Severity, codes as heard_at_home};
use acetate_audio::numbers::clock;

use crate::curve::THIRD_OCTAVES_HZ;
use crate::document::{MonoBand, MonoHeard, OnSystem, Translation, TranslationFinding};
use crate::telling::{around, codes, finding, ids, joined};
use crate::worth::{CANCELLED_PCT, LOST_LU};

/// A region of which this much cancels is missed, when it has this share of the loudness.
const REGION_CANCELLED_PCT: f64 = 30.0;
const REGION_SHARE_PCT: f64 = 5.0;
/// So is bass that becomes quieter by this much: channels whose correlation is -0.2, from which on `analyze` calls a bass out of phase.
const LOWS_LOST_DB: f64 = 4.0;
/// A region that a system plays lower than this is not missed there, whatever cancels.
const PLAYED_DB: f64 = -20.0;
/// Where bass ends.
const BASS_HZ: f64 = 150.0;

/// What cancels in mono; where both channels are played but for the bass, what of it does.
pub(crate) fn cancels(of: &Translation, analysis: &Analysis) -> Option<TranslationFinding> {
    let is_mono = |system: &&OnSystem| whole(system).is_some();
    let all: Vec<&OnSystem> = of.systems.iter().filter(is_mono).collect();
    let lost = all.first().and_then(|system| of_all(system, whole(system)?));
    let only_lows = lost.is_none();
    let lows: Vec<(&OnSystem, LostLows)> =
        of.systems.iter().filter_map(|system| Some((system, system.lost_lows()?))).collect();
    let worst = lows.iter().map(|(_, lows)| *lows).max_by(|a, b| a.loss_db.total_cmp(&b.loss_db));
    let (text, on) = match (lost, worst) {
        (None, None) => return None,
        (Some(lost), None) => (lost, ids(&all)),
        (Some(lost), Some(worst)) => {
            let on: Vec<&OnSystem> =
                of.systems.iter().filter(|s| is_mono(s) || s.lost_lows().is_some()).collect();
            (format!("{lost}; {} loses {:.0} dB", worst.name(), worst.loss_db), ids(&on))
        }
        (None, Some(worst)) => {
            let places: Vec<&str> = lows.iter().map(|(system, _)| system.place.as_str()).collect();
            let text = format!(
                "{} is out of phase between the channels: where one loudspeaker plays both it loses {:.0} dB, {}",
                worst.name(),
                worst.loss_db,
                joined(&places)
            );
            (text, lows.iter().map(|(system, _)| system.id.clone()).collect())
        }
    };
    let is_found = |code: &str| analysis.findings.iter().any(|finding| finding.code == code);
    let mix = if is_found(heard_at_home::INVERTED) {
        "one channel is upside down: invert it and export again"
    } else if only_lows {
        "put kick and bass in the middle; look for a stereo effect on the bass"
    } else {
        "look for a stereo widener, a chorus or one inverted channel there, and bring some of it to the centre"
    };
    Some(TranslationFinding { on, ..finding(codes::CANCELS, Severity::Mix, text, mix) })
}

/// What is said of mono where all of a song is.
fn whole(system: &OnSystem) -> Option<&MonoHeard> {
    system.mono.as_ref().filter(|mono| mono.cancelled_pct.is_some())
}

/// What all of a song loses in mono; `None` where that is not worth a word.
fn of_all(system: &OnSystem, mono: &MonoHeard) -> Option<String> {
    let cancelled_pct = mono.cancelled_pct?;
    let region = mono.bands.iter().zip(&system.bands).any(|(band, loud)| {
        band.cancelled_pct >= REGION_CANCELLED_PCT && loud.share_pct >= REGION_SHARE_PCT
    });
    let range = mono
        .range_hz
        .map(|[low, high]| format!(", most of it from {} to {}", around(low), around(high)))
        .unwrap_or_default();
    let at = mono.at_s.first().map(|at| format!(", first at {}", clock(*at))).unwrap_or_default();
    let cancels = cancelled_pct >= CANCELLED_PCT || region;
    match mono.lost_lu.filter(|&lost| lost >= LOST_LU) {
        Some(lost) if cancels => Some(format!(
            "in mono all of it is {lost:.1} LU quieter; {cancelled_pct:.0} % of the loudness is gone (10 dB and more are lost){range}{at}"
        )),
        Some(lost) => Some(format!("in mono all of it is {lost:.1} LU quieter")),
        None if cancels => Some(format!(
            "{cancelled_pct:.0} % of the loudness is gone in mono (10 dB and more are lost){range}{at}"
        )),
        None => None,
    }
}

/// What is lost of the lows where both channels of them come out of one loudspeaker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LostLows {
    /// How much quieter they are, dB.
    pub loss_db: f64,
    /// Below this: 150 Hz is the bass.
    pub below_hz: f64,
}

impl OnSystem {
    /// What is lost here of the bass, and of what else has its sides removed; `None` where that is not worth a word, or is not played.
    pub fn lost_lows(&self) -> Option<LostLows> {
        let mono = self.mono.as_ref()?;
        // Where everything is mono, the whole has a figure of its own.
        let highest_hz = if mono.cancelled_pct.is_some() { BASS_HZ } else { f64::INFINITY };
        let lost = mono.bands.iter().zip(&self.bands).filter(|(band, loud)| {
            band.high_hz <= highest_hz
                && -band.loss_db >= LOWS_LOST_DB
                && loud.share_pct >= REGION_SHARE_PCT
                && plays(self, [band.low_hz, band.high_hz])
        });
        let lows = |(band, _): (&MonoBand, _)| LostLows {
            loss_db: -band.loss_db,
            below_hz: band.high_hz.max(BASS_HZ),
        };
        lost.map(lows).reduce(|a, b| LostLows {
            loss_db: a.loss_db.max(b.loss_db),
            below_hz: a.below_hz.max(b.below_hz),
        })
    }
}

impl LostLows {
    /// What they are called.
    pub fn name(self) -> String {
        match self.below_hz > BASS_HZ {
            true => format!("what lies below {:.0} Hz", self.below_hz),
            false => "the bass".to_owned(),
        }
    }
}

/// Does a system play a region at all?
fn plays(system: &OnSystem, [low_hz, high_hz]: [f64; 2]) -> bool {
    let levels = THIRD_OCTAVES_HZ.iter().zip(&system.curve_db);
    let within = levels.filter(|(hz, _)| (low_hz..high_hz).contains(*hz));
    within.map(|(_, level)| *level).fold(f64::MIN, f64::max) > PLAYED_DB
}
