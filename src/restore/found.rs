//! From what was found to what is to be done, and both in words.

use acetate_analyzer::restore::{
    ClippedSection as Clipped, CrackleSection as Crackle, Damage, DamageKinds, DamagedStretch,
    HissFloor, HumSection as Hum,
};
use acetate_audio::numbers::{clock, counted};
use acetate_audio::units::amplitude_to_db;
use acetate_engine::settings::{
    ClickSettings, ClippedSection, ClippingSettings, CrackleSection, CrackleSettings, HissPoint,
    HissSettings, HumLine, HumSection, HumSettings, RepairEvent, RestoreSettings,
};
use acetate_optimizer::repairs_in_words;
use serde::Serialize;

use super::RestoreWish;

/// What is said of a kind of which there is nothing.
const NONE: &str = "none";

/// What is broken, and what is to be done about it.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// The plan: readable, editable, a part of the settings.
    pub settings: RestoreSettings,
    /// A line for each kind that was looked for: its name, and what is to be said of it.
    pub lines: Vec<(String, String)>,
}

impl Found {
    /// The kinds of which nothing is said here: an analysis may.
    pub(crate) fn untold(&self) -> DamageKinds {
        let untold = |kind: &str| !self.lines.iter().any(|(of, line)| of == kind && line != NONE);
        DamageKinds {
            clipping: untold("clipping"),
            // Crackle is clicks to an analysis.
            clicks: untold("clicks") && untold("crackle"),
            crackle: false,
            hum: untold("hum"),
            hiss: untold("hiss"),
        }
    }

    /// A line for each kind of which there is something.
    pub(crate) fn told(&self) -> impl Iterator<Item = String> {
        let lines = self.lines.iter().filter(|(_, line)| line != NONE);
        lines.map(|(kind, line)| format!("{kind}: {line}"))
    }

    /// A plan that exists, perhaps edited.
    pub fn planned(settings: RestoreSettings) -> Self {
        let lines = vec![("plan".to_owned(), summary(&settings))];
        Self { settings, lines }
    }

    /// What is to be done about this damage of a sound so many seconds long, of whose known tops such a share comes back.
    pub(super) fn new(
        damage: Damage,
        wish: &RestoreWish,
        duration_s: f64,
        tops_share: Option<f64>,
    ) -> Self {
        let mut lines = Vec::new();
        let mut say = |kind: &str, text: String| lines.push((kind.to_owned(), text));
        let mut settings = RestoreSettings::default();
        if wish.kinds.clicks {
            let left = damage.clicks_left;
            let clicks = click_settings(damage.clicks, wish);
            say("clicks", clicks_line(&clicks, left, duration_s));
            settings.clicks = clicks;
        }
        if wish.kinds.crackle {
            say("crackle", crackle_line(&damage.crackle));
            settings.crackle = crackle_settings(damage.crackle, wish);
        }
        if wish.kinds.hum {
            say("hum", hum_line(&damage.hum, duration_s));
            settings.hum = hum_settings(damage.hum, wish);
        }
        if wish.kinds.hiss {
            settings.hiss = hiss_settings(damage.hiss.as_ref(), wish);
            say("hiss", hiss_line(damage.hiss.as_ref(), &settings.hiss));
        }
        if wish.kinds.clipping {
            let tops = Tops { share: tops_share.unwrap_or(1.0), meant_too: wish.meant_too };
            let strength_pct = rounded(tops.given_back() * wish.strength_pct, 1.0);
            say("clipping", clipping_line(&damage.clipping, &tops, strength_pct));
            settings.clipping = clipping_settings(damage.clipping, &tops, strength_pct);
        }
        Self { settings, lines }
    }
}

fn click_settings(clicks: Vec<DamagedStretch>, wish: &RestoreWish) -> ClickSettings {
    if clicks.is_empty() {
        return ClickSettings::default();
    }
    let events = clicks.into_iter().enumerate().map(|(index, click)| RepairEvent {
        id: format!("c{}", index + 1),
        channels: click.channels,
        start_frame: click.start_frame,
        frames: click.frames,
        peak_dbfs: rounded(click.peak_dbfs, 10.0),
        confidence: rounded(click.confidence, 100.0),
        repair: click.confidence >= wish.confidence_min,
    });
    ClickSettings { strength_pct: wish.strength_pct, events: events.collect() }
}

fn rounded(value: f64, steps: f64) -> f64 {
    (value * steps).round() / steps
}

/// `212 (31 a minute, -34 to -9 dBFS), 14 left: may be played`
fn clicks_line(clicks: &ClickSettings, left: u64, duration_s: f64) -> String {
    let repaired = || clicks.events.iter().filter(|event| event.repair);
    let count = repaired().count();
    let unsure = clicks.events.len() - count + left as usize;
    let mut line = if count == 0 {
        NONE.to_owned()
    } else {
        let a_minute = count as f64 * 60.0 / duration_s.max(1e-3);
        let peaks = repaired().map(|event| event.peak_dbfs);
        let (low, high) = (peaks.clone().fold(f64::MAX, f64::min), peaks.fold(f64::MIN, f64::max));
        let decimals = usize::from(a_minute < 9.95);
        format!("{count} ({a_minute:.decimals$} a minute, {low:.0} to {high:.0} dBFS)")
    };
    if unsure > 0 {
        line += &format!(", {unsure} left: may be played");
    }
    line
}

fn crackle_settings(sections: Vec<Crackle>, wish: &RestoreWish) -> CrackleSettings {
    if sections.is_empty() {
        return CrackleSettings::default();
    }
    let section = |crackle: Crackle| {
        let (at, lengths) = crackle.impulses.into_iter().unzip();
        let Crackle { channel, start_frame, .. } = crackle;
        CrackleSection { channel, start_frame, at, lengths, repair: true }
    };
    let sections = sections.into_iter().map(section).collect();
    CrackleSettings { strength_pct: wish.strength_pct, sections }
}

/// `5120 impulses (392 a second and channel, about -41 dBFS)`
fn crackle_line(sections: &[Crackle]) -> String {
    let count: usize = sections.iter().map(|section| section.impulses.len()).sum();
    if count == 0 {
        return NONE.to_owned();
    }
    let seconds: f64 = sections.iter().map(|section| section.duration_s).sum();
    let a_second = count as f64 / seconds.max(1e-3);
    let loudest = sections.iter().map(|section| section.level_dbfs).fold(f64::MIN, f64::max);
    format!("{count} impulses ({a_second:.0} a second and channel, about {loudest:.0} dBFS)")
}

fn hum_settings(sections: Vec<Hum>, wish: &RestoreWish) -> HumSettings {
    if sections.is_empty() {
        return HumSettings::default();
    }
    let line = |line: acetate_analyzer::restore::HumLine| HumLine {
        channel: line.channel,
        harmonic: line.harmonic,
        level_dbfs: rounded(line.level_dbfs, 10.0),
        cos: line.cos,
        sin: line.sin,
    };
    let section = |hum: Hum| HumSection {
        start_frame: hum.start_frame,
        frames: hum.frames.max(1),
        step_s: hum.step_s,
        line_step_s: hum.line_step_s,
        track_hz: hum.track_hz,
        lines: hum.lines.into_iter().map(line).collect(),
        repair: hum.certain,
    };
    let sections = sections.into_iter().map(section).collect();
    HumSettings { strength_pct: wish.strength_pct, sections }
}

/// `50.02 to 50.07 Hz, 7 lines up to -41 dBFS: in 3:12 of 3:12`, `none, 50.29 to 50.40 Hz, 3 lines up to -44 dBFS: in 0:30 of 0:30 left: may be played`
fn hum_line(found: &[Hum], duration_s: f64) -> String {
    let Some(all) = found.iter().map(|section| section.start_frame + section.frames).max() else {
        return NONE.to_owned();
    };
    let (sure, unsure): (Vec<&Hum>, Vec<&Hum>) = found.iter().partition(|hum| hum.certain);
    let lines = |sections: &[&Hum]| lines_of(sections, all, duration_s);
    match (sure.is_empty(), unsure.is_empty()) {
        (false, true) => lines(&sure),
        (true, _) => format!("{NONE}, {} left: may be played", lines(&unsure)),
        (false, false) => {
            format!("{}, {} left: may be played", lines(&sure), counted(unsure.len(), "section"))
        }
    }
}

/// Frequency, lines, level and length of sections of a recording that has `all` frames up to their end.
fn lines_of(sections: &[&Hum], all: u64, duration_s: f64) -> String {
    let track = || sections.iter().flat_map(|section| section.track_hz.iter().copied());
    let (low, high) = (track().fold(f64::MAX, f64::min), track().fold(f64::MIN, f64::max));
    let lines = || sections.iter().flat_map(|section| &section.lines);
    let mut harmonics: Vec<usize> = lines().map(|line| line.harmonic).collect();
    harmonics.sort_unstable();
    harmonics.dedup();
    let loudest = lines().map(|line| line.level_dbfs).fold(f64::MIN, f64::max);
    let frames: u64 = sections.iter().map(|section| section.frames).sum();
    let covered_s = (frames as f64 / all as f64 * duration_s).min(duration_s);
    format!(
        "{low:.2} to {high:.2} Hz, {} lines up to {loudest:.0} dBFS: in {} of {}",
        harmonics.len(),
        clock(covered_s),
        clock(duration_s)
    )
}

fn hiss_settings(floor: Option<&HissFloor>, wish: &RestoreWish) -> HissSettings {
    let Some(floor) = floor else { return HissSettings::default() };
    let point = |point: &acetate_analyzer::restore::HissPoint| HissPoint {
        freq_hz: point.freq_hz,
        floor_db: point.floor_db,
    };
    HissSettings {
        reduction_db: wish.hiss_db * wish.strength_pct / 100.0,
        points: floor.points.iter().map(point).collect(),
    }
}

/// `-62 dBFS, seen in 41 of 63 bands: lowered by 12 dB`
fn hiss_line(floor: Option<&HissFloor>, settings: &HissSettings) -> String {
    let Some(floor) = floor else { return NONE.to_owned() };
    let (total, seen, bands) = (floor.total_dbfs, floor.bands_seen, floor.bands);
    let what = match settings.reduction_db {
        0.0 => "left".to_owned(),
        lowered => format!("lowered by {lowered:.0} dB"),
    };
    format!("{total:.0} dBFS, seen in {seen} of {bands} bands: {what}")
}

/// What is done about clipped tops.
struct Tops {
    /// How much of what is rebuilt of known tops is right.
    share: f64,
    /// Whether tops are rebuilt that may be meant, and all of them whole.
    meant_too: bool,
}

/// A sound of whose known tops less comes back, as a share, is left: its tops were flat before they were clipped.
const BELIEVED_MIN: f64 = 0.4;
/// From this share on all that is rebuilt is given back (docs/restore.md).
const BELIEVED_ALL: f64 = 0.85;

impl Tops {
    fn rebuilds(&self, section: &Clipped) -> bool {
        self.meant_too || (!section.meant && self.are_believed())
    }

    fn are_believed(&self) -> bool {
        self.share >= BELIEVED_MIN
    }

    /// How much of what is rebuilt is given back. Known tops end within a tenth of the level, and are harder to find than those above it:
    /// hence the root.
    fn given_back(&self) -> f64 {
        if self.meant_too || self.share >= BELIEVED_ALL { 1.0 } else { self.share.sqrt() }
    }
}

fn clipping_settings(sections: Vec<Clipped>, tops: &Tops, strength_pct: f64) -> ClippingSettings {
    if sections.is_empty() {
        return ClippingSettings::default();
    }
    let section = |clipped: Clipped| ClippedSection {
        channel: clipped.channel,
        start_frame: clipped.start_frame,
        frames: clipped.frames,
        upper: clipped.upper.map(f64::from),
        lower: clipped.lower.map(f64::from),
        repair: tops.rebuilds(&clipped),
    };
    let sections = sections.into_iter().map(section).collect();
    ClippingSettings { strength_pct, sections }
}

/// `212 tops at -0.3 dBFS, 3 sections left: may be meant`, `212 tops at -0.3 dBFS, 81 % of what is rebuilt is given back: ...`
fn clipping_line(sections: &[Clipped], tops: &Tops, strength_pct: f64) -> String {
    let rebuilt = || sections.iter().filter(|section| tops.rebuilds(section));
    let places: u64 = rebuilt().map(|section| section.places).sum();
    let meant = sections.len() - rebuilt().count();
    let mut line = if places == 0 {
        NONE.to_owned()
    } else {
        let levels = rebuilt().flat_map(|s| [s.upper, s.lower.map(|lower| -lower)]).flatten();
        let top = rounded(amplitude_to_db(f64::from(levels.fold(0.0, f32::max))), 10.0) + 0.0;
        format!("{places} tops at {top:.1} dBFS")
    };
    if places > 0 && tops.given_back() < 1.0 {
        line += &format!(
            ", {strength_pct:.0} % of what is rebuilt is given back: tops of this sound that are known came back only in part"
        );
    }
    if meant > 0 {
        let why = if tops.are_believed() {
            "may be meant"
        } else {
            "tops of it that are known do not come back, they were flat before"
        };
        line += &format!(", {} left: {why}", counted(meant, "section"));
    }
    line
}

/// One sentence: what a plan repairs.
pub(super) fn summary(plan: &RestoreSettings) -> String {
    repairs_in_words(plan)
        .map_or_else(|| "nothing is repaired".to_owned(), |what| format!("repaired: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tops_that_were_flat_before_are_left_and_told_and_rebuilt_when_they_are_meant() {
        let section = Clipped {
            channel: 0,
            start_frame: 0,
            frames: 100,
            upper: Some(0.5),
            lower: None,
            places: 7,
            share: 0.01,
            meant: false,
        };
        let plan = |share, meant_too| {
            let tops = Tops { share, meant_too };
            let strength_pct = 100.0 * tops.given_back();
            let line = clipping_line(std::slice::from_ref(&section), &tops, strength_pct);
            (clipping_settings(vec![section.clone()], &tops, strength_pct), line)
        };
        let (left, line) = plan(0.39, false);
        assert!(left.is_neutral() && line.contains("flat before"), "{line}");
        let (part, line) = plan(0.64, false);
        assert_eq!((part.strength_pct, part.is_neutral()), (80.0, false));
        assert!(line.starts_with("7 tops at -6.0 dBFS, 80 % of what is rebuilt"), "{line}");
        let (whole, line) = plan(0.1, true);
        assert_eq!((whole.strength_pct, line.as_str()), (100.0, "7 tops at -6.0 dBFS"));
    }
}
