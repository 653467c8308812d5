//! What is lost where both channels come out of one loudspeaker, in a sentence.

use acetate_analyzer::{Analysis, Polarity, Severity};
use acetate_audio::numbers::clock;

use crate::document::{LostLows, MonoHeard, OnSystem, Translation, TranslationFinding};
use crate::telling::{around, codes, finding, ids, joined};
use crate::worth::{CANCELLED_PCT, LOST_LU};

/// A region of which this much cancels is missed, when it has this share of the loudness.
const REGION_CANCELLED_PCT: f64 = 30.0;
const REGION_SHARE_PCT: f64 = 5.0;
/// Lows that begin below this begin with the song.
const BEGINNING_HZ: f64 = 45.0;
/// What is called bass goes no further up than this.
const BASS_HZ: f64 = 220.0;

/// What cancels in mono; where both channels are played but for the bass, what of it does.
pub(crate) fn cancels(of: &Translation, analysis: &Analysis) -> Option<TranslationFinding> {
    let is_mono = |system: &&OnSystem| whole(system).is_some();
    let all: Vec<&OnSystem> = of.systems.iter().filter(is_mono).collect();
    let lost = all.first().and_then(|system| of_all(system, whole(system)?));
    let lows: Vec<(&OnSystem, LostLows)> =
        of.systems.iter().filter_map(|system| Some((system, system.lost_lows()?))).collect();
    // A system that adds the channels furthest up shows how far it goes.
    let wider = |a: &LostLows, b: &LostLows| {
        a.high_hz.total_cmp(&b.high_hz).then(a.loss_db.total_cmp(&b.loss_db))
    };
    let worst = lows.iter().map(|(_, lows)| *lows).max_by(wider);
    let turned = all.iter().any(|system| system.is_silent()).then_some(Polarity::Inverted);
    let polarity = turned.or(Polarity::of(&analysis.stereo));
    let mix = remedy(polarity, lost.is_none(), worst);
    let (text, on) = match (lost, worst) {
        (None, None) => return None,
        (Some(lost), _) if turned.is_some() => (lost, ids(&all)),
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
    Some(TranslationFinding { on, ..finding(codes::CANCELS, Severity::Mix, text, &mix) })
}

/// What to do about it: a channel that is upside down is turned, and no more of it than is.
fn remedy(polarity: Option<Polarity>, only_lows: bool, lows: Option<LostLows>) -> String {
    match (polarity, lows) {
        (Some(Polarity::Inverted), _) => {
            "one channel is upside down: invert it and export again".to_owned()
        }
        (Some(Polarity::LowEndInverted), Some(lows)) => format!(
            "the low end of one channel is upside down: invert that channel below {} alone (all of it turned, what lies above would cancel); look for a crossover, a bass effect or a microphone on one side",
            around(lows.high_hz)
        ),
        (_, Some(lows)) if only_lows && lows.high_hz <= BASS_HZ => {
            "put kick and bass in the middle; look for a stereo effect on the bass".to_owned()
        }
        _ => "look for a stereo widener or a chorus there, and bring some of it to the centre"
            .to_owned(),
    }
}

/// What is said of mono where all of a song is.
fn whole(system: &OnSystem) -> Option<&MonoHeard> {
    system.mono.as_ref().filter(|mono| mono.cancelled_pct.is_some())
}

/// What all of a song loses in mono; `None` where that is not worth a word.
fn of_all(system: &OnSystem, mono: &MonoHeard) -> Option<String> {
    let cancelled_pct = mono.cancelled_pct?;
    if mono.silent {
        return Some(match mono.lost_lu {
            Some(lost) => format!("in mono it is silent: what is left is {lost:.0} LU quieter"),
            None => "in mono it is silent: nothing is left of it".to_owned(),
        });
    }
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
            "in mono all of it is {lost:.1} LU quieter; {cancelled_pct:.0} % of the loudness lies where it drops by 10 dB and more{range}{at}"
        )),
        Some(lost) => Some(format!("in mono all of it is {lost:.1} LU quieter")),
        None if cancels => Some(format!(
            "{cancelled_pct:.0} % of the loudness lies where it drops by 10 dB and more in mono{range}{at}"
        )),
        None => None,
    }
}

impl OnSystem {
    /// What is lost of the bass, or of all that is mono; `None` where that is not worth a word.
    pub fn lost_lows(&self) -> Option<LostLows> {
        self.mono.as_ref()?.lows
    }
}

impl LostLows {
    /// What they are called, with their range.
    pub fn name(self) -> String {
        let high = around(self.high_hz);
        let bass = if self.high_hz <= BASS_HZ { "the bass" } else { "what lies" };
        match self.low_hz > BEGINNING_HZ {
            true => format!("{bass} from {} to {high}", around(self.low_hz)),
            false => format!("{bass} below {high}"),
        }
    }
}
