//! What systems need that mastering is asked to help: is anything lost there, and can it be told?

use acetate_translation::worth::{BASS_THERE_PCT, CANCELLED_PCT, LOST_LU};
use acetate_translation::{BassHeard, MonoHeard, OnSystem, Outcome, Side, System};

use super::moves::Need;

/// How systems stand in one need.
pub(super) enum Standing {
    /// None of them can have it.
    Nothing,
    /// Nothing is to be tried, and why.
    Told(Outcome, String),
    /// Something is lost.
    Lost,
}

impl Need {
    /// How these systems stand in it.
    pub(super) fn standing(self, there: &[OnSystem], systems: &[System]) -> Standing {
        match self {
            Self::Bass => bass(there),
            Self::Mono => mono(there, systems),
        }
    }
}

fn bass(there: &[OnSystem]) -> Standing {
    let lines = there.iter().filter_map(|system| Some((system, system.bass.as_ref()?)));
    let lines: Vec<(&OnSystem, &BassHeard)> = lines.collect();
    let Some((_, first)) = lines.first() else {
        let text = "no bass line was found that could be lost there";
        return Standing::Told(Outcome::TooLittle, text.to_owned());
    };
    if first.is_few() {
        let text = format!(
            "{:.1} s of steady bass notes are too little to tell whether the bass line is lost there",
            first.steady_s()
        );
        return Standing::Told(Outcome::TooLittle, text);
    }
    let mut lacking = lines.iter().filter(|(_, bass)| bass.heard_pct < BASS_THERE_PCT).peekable();
    if let Some((first, _)) = lacking.peek().copied() {
        if lacking.any(|(system, _)| system.lost_lows().is_none()) {
            return Standing::Lost;
        }
        let text =
            format!("the bass cancels {}: that is to be mended first, in the mix", first.place);
        return Standing::Told(Outcome::InTheMix, text);
    }
    let heard: Vec<String> = lines
        .iter()
        .map(|(system, bass)| format!("{:.0} % {}", bass.heard_pct, system.place))
        .collect();
    let text = format!("the bass line is not lost: its notes are heard, {}", heard.join(", "));
    Standing::Told(Outcome::NothingLost, text)
}

fn mono(there: &[OnSystem], systems: &[System]) -> Standing {
    let both = there.iter().zip(systems);
    let whole = both.filter(|(_, system)| system.side == Side::Mono);
    let whole: Vec<&MonoHeard> = whole.filter_map(|(there, _)| there.mono.as_ref()).collect();
    let is_lost = |mono: &&MonoHeard| {
        mono.cancelled_pct.is_some_and(|pct| pct >= CANCELLED_PCT)
            || mono.lost_lu.is_some_and(|lost| lost >= LOST_LU)
    };
    if whole.iter().any(|mono| mono.silent) {
        let text = "in mono it is silent: one channel is upside down, which is to be mended first, in the mix";
        return Standing::Told(Outcome::InTheMix, text.to_owned());
    }
    if whole.iter().any(is_lost) {
        return Standing::Lost;
    }
    let lows = there.iter().filter_map(|system| Some((system, system.lost_lows()?)));
    if let Some((system, lows)) = lows.max_by(|a, b| a.1.loss_db.total_cmp(&b.1.loss_db)) {
        let text = format!(
            "{} loses {:.0} dB {}: less width would only take it away at home as well, so it is for the mix",
            lows.name(),
            lows.loss_db,
            system.place
        );
        return Standing::Told(Outcome::InTheMix, text);
    }
    let cancelled = whole.iter().filter_map(|mono| mono.cancelled_pct).reduce(f64::max);
    cancelled.map_or(Standing::Nothing, |pct| {
        let text = format!(
            "nothing worth a word cancels in mono: {pct:.1} % of the loudness drops by 10 dB and more"
        );
        Standing::Told(Outcome::NothingLost, text)
    })
}
