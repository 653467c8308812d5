//! Two bars of "Slow Ferry" as four stems, each with its own echo and reverb: what is on the desk is linear, so they add up to the mix.

use crate::mix::{self, BEAT_S, FULL_FROM_BAR, SECONDS};
use crate::mixer::{Stereo, ping_pong, reverb};
use crate::synth::{RATE, db};

/// First and last second of the excerpt: the last quiet bar, and the first full one with its ring.
const FROM_S: f64 = 0.05 + 4.0 * (FULL_FROM_BAR as f64 - 1.0) * BEAT_S;
const LENGTH_S: f64 = 8.0 * BEAT_S + 0.2;
/// Cut ends are faded over this.
const FADE_S: f64 = 0.01;

/// The stems, by name; their sum peaks where the whole mix does.
pub(crate) fn slow_ferry() -> [(&'static str, Stereo); 4] {
    let tune = mix::tune();
    let mut lead = with_reverb(&[(&tune, 0.35)]);
    lead.add_bus(&ping_pong(&tune, 0.75 * BEAT_S, 0.35), 0.5);
    let mut stems = [
        ("bass", with_reverb(&[(&mix::low_end(), 0.0)])),
        ("drums", with_reverb(&[(&mix::drums(), 0.08)])),
        ("keys", with_reverb(&[(&mix::keys(), 0.3), (&mix::strings(), 0.35)])),
        ("lead", lead),
    ];
    let mut sum = Stereo::silence(SECONDS);
    for (_, stem) in &mut stems {
        mix::desk().iter().for_each(|filter| stem.filter(filter));
        stem.ride(mix::last_fade);
        sum.add_bus(stem, 1.0);
    }
    let gain = db(mix::PEAK_DBFS) / sum.peak();
    stems.map(|(name, stem)| (name, excerpt(&stem, gain)))
}

/// Some buses and what they send to the reverb.
fn with_reverb(buses: &[(&Stereo, f64)]) -> Stereo {
    let (mut dry, mut send) = (Stereo::silence(SECONDS), Stereo::silence(SECONDS));
    for (bus, sent) in buses {
        dry.add_bus(bus, 1.0);
        send.add_bus(bus, *sent);
    }
    dry.add_bus(&reverb(&send, 1.6), 0.25);
    dry
}

fn excerpt(stem: &Stereo, gain: f64) -> Stereo {
    let (from, frames) = ((FROM_S * RATE) as usize, (LENGTH_S * RATE) as usize);
    let cut = |channel: &[f64]| channel[from..from + frames].to_vec();
    let mut part = Stereo { left: cut(&stem.left), right: cut(&stem.right) };
    part.ride(|t| gain * (t / FADE_S).min((LENGTH_S - t) / FADE_S).clamp(0.0, 1.0));
    part
}
