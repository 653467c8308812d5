//! From what was found to what is to be done, and both in words.

use acetate_analyzer::restore::{Damage, DamagedStretch};
use acetate_engine::settings::{ClickSettings, RepairEvent, RestoreSettings};
use serde::Serialize;

use super::RestoreWish;

/// What is broken, and what is to be done about it.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// The plan: readable, editable, a part of the settings.
    pub settings: RestoreSettings,
    /// A line for each kind that was looked for: its name, and what is to be said of it.
    pub lines: Vec<(String, String)>,
}

impl Found {
    /// A plan that exists, perhaps edited.
    pub fn planned(settings: RestoreSettings) -> Self {
        let lines = vec![("plan".to_owned(), summary(&settings))];
        Self { settings, lines }
    }

    /// What is to be done about this damage of a sound so many seconds long.
    pub fn new(damage: Damage, wish: &RestoreWish, duration_s: f64) -> Self {
        let mut lines = Vec::new();
        let mut say = |kind: &str, text: String| lines.push((kind.to_owned(), text));
        let mut settings = RestoreSettings::default();
        if wish.kinds.clicks {
            let left = damage.clicks_left;
            let clicks = click_settings(damage.clicks, wish);
            say("clicks", clicks_line(&clicks, left, duration_s));
            settings.clicks = clicks;
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
        "none".to_owned()
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

/// One sentence: what a plan repairs.
pub(super) fn summary(plan: &RestoreSettings) -> String {
    let clicks = plan.clicks.events.iter().filter(|event| event.repair).count();
    let mut parts = Vec::new();
    if clicks > 0 {
        parts.push(format!("{clicks} click{}", if clicks == 1 { "" } else { "s" }));
    }
    if parts.is_empty() {
        return "nothing is repaired".to_owned();
    }
    format!("repaired: {}", parts.join(", "))
}
