//! What is remarkable about the channels beside each other: balance, polarity, width.

use super::finding;
use crate::analysis::{Analysis, Stereo};
use crate::codes;
use crate::finding::{Finding, Severity};
use crate::polarity::Polarity;
use crate::source::Source;

/// Loudness lost in mono from here on.
const MONO_LOSS_LU: f64 = 3.5;
/// Side over mid energy from here on.
const WIDE: f64 = 1.0;
/// Correlation of the lowest band below which the bass is out of phase.
const BASS_CORRELATION: f64 = -0.2;
/// Mean side level above the bass, re mid, below which the image is narrow.
const NARROW_DB: f64 = -13.0;
/// A band above the bass whose side comes this near to the mid is wide, and with it the image.
const WIDE_BAND_DB: f64 = -3.0;
/// Difference of the channels' loudness from here on.
const BALANCE_DB: f64 = 2.5;
/// Low-frequency bands of the image: below 148 Hz.
const BASS_BANDS: usize = 1;

pub(super) fn channels(analysis: &Analysis, source: &Source, found: &mut Vec<Finding>) {
    if let Some(channel) = source.dead_channel {
        let name = ["left", "right"][channel];
        found.push(finding(
            codes::DEAD_CHANNEL,
            Severity::Error,
            format!("the {name} channel is silent"),
            [channel as f64 + 1.0, crate::source::DEAD_DB],
            "check the routing and export again; a mono song belongs into both channels or a mono file",
        ));
        return;
    }
    if analysis.source.dual_mono {
        found.push(finding(
            codes::DUAL_MONO,
            Severity::Info,
            "both channels are the same".to_owned(),
            [1.0, 1.0],
            "fine if the song is meant to be mono; otherwise look for a mono plug-in on the mix bus",
        ));
        return;
    }
    if !image_polarity(&analysis.stereo, found) {
        image_width(&analysis.stereo, found);
    }
    if let Some(balance) = analysis.stereo.balance_db.filter(|level| level.abs() >= BALANCE_DB) {
        let side = if balance > 0.0 { "right" } else { "left" };
        found.push(finding(
            codes::UNBALANCED,
            Severity::Mix,
            format!("the {side} channel is {:.1} dB louder", balance.abs()),
            [balance, BALANCE_DB],
            "check panning and the levels of the two sides of stereo tracks",
        ));
    }
}

/// Polarity of the whole and of the bass; whether that explains how wide it is.
fn image_polarity(stereo: &Stereo, found: &mut Vec<Finding>) -> bool {
    let bass = stereo.bands.iter().take(BASS_BANDS).find_map(|band| band.correlation);
    let Some((whole, bass)) = stereo.correlation.zip(bass) else { return false };
    let polarity = Polarity::of(stereo);
    if polarity == Some(Polarity::Inverted) {
        found.push(finding(
            codes::INVERTED,
            Severity::Error,
            match stereo.mono_loss_lu {
                Some(loss) => format!(
                    "one channel is in opposite polarity: correlation {whole:.2}, {loss:.1} LU lost in mono"
                ),
                None => format!(
                    "one channel is in opposite polarity: correlation {whole:.2}, silent in mono"
                ),
            },
            [whole, Polarity::CORRELATION],
            "invert one channel and export again: in mono this song nearly vanishes",
        ));
        return true;
    }
    let is_low_end = polarity == Some(Polarity::LowEndInverted);
    let is_wide = stereo.width.is_none_or(|width| width >= WIDE);
    if bass < BASS_CORRELATION && (is_low_end || !is_wide) {
        let advice = if is_low_end {
            "invert the low end of one channel, not all of it: look for a crossover, a bass effect or a microphone on one side"
        } else {
            "put kick and bass in the middle; look for a stereo effect on the bass"
        };
        found.push(finding(
            codes::BASS_OUT_OF_PHASE,
            Severity::Mix,
            format!(
                "the bass is out of phase between the channels: correlation {bass:.2} below 148 Hz"
            ),
            [bass, BASS_CORRELATION],
            advice,
        ));
    }
    is_low_end && is_wide
}

fn image_width(stereo: &Stereo, found: &mut Vec<Finding>) {
    if let Some(width) = stereo.width.filter(|&width| width >= WIDE) {
        found.push(finding(
            codes::WIDE,
            Severity::Mix,
            format!("the side is louder than the mid: {width:.2} times its energy"),
            [width, WIDE],
            "turn wideners down; what is only in the side is gone in mono",
        ));
    }
    if let Some(correlation) = stereo.correlation.filter(|_| stereo.is_silent_mid()) {
        found.push(finding(
            codes::MONO_LOSS,
            Severity::Mix,
            "silent in mono: one channel is the other one upside down".to_owned(),
            [correlation, Polarity::CORRELATION],
            "invert one channel and export again",
        ));
    }
    if let Some(loss) = stereo.mono_loss_lu.filter(|&loss| loss >= MONO_LOSS_LU) {
        found.push(finding(
            codes::MONO_LOSS,
            Severity::Mix,
            format!("in mono this loses {loss:.1} LU"),
            [loss, MONO_LOSS_LU],
            "listen in mono: some tracks cancel; look for wideners and out-of-phase double tracks",
        ));
    }
    let above_bass: Vec<f64> =
        stereo.bands.iter().skip(BASS_BANDS).filter_map(|band| band.side_minus_mid_db).collect();
    let is_narrow =
        |level: &f64| *level < NARROW_DB && above_bass.iter().all(|&band| band < WIDE_BAND_DB);
    if let Some(level) = crate::statistics::mean(&above_bass).filter(is_narrow) {
        found.push(finding(
            codes::NARROW,
            Severity::Mix,
            format!("narrow: above the bass the side is {:.0} dB below the mid", -level),
            [level, NARROW_DB],
            "pan, or use stereo reverb, if more width is wanted; mastering can widen only what is there",
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::StereoBand;

    #[test]
    fn one_band_as_loud_in_the_side_as_in_the_mid_is_no_narrow_image() {
        let band = |side_minus_mid_db| StereoBand {
            side_minus_mid_db: Some(side_minus_mid_db),
            ..StereoBand::default()
        };
        let is_narrow = |levels_db: [f64; 9]| {
            let stereo = Stereo { bands: levels_db.map(band).to_vec(), ..Stereo::default() };
            let mut found = Vec::new();
            image_width(&stereo, &mut found);
            found.iter().any(|finding| finding.code == codes::NARROW)
        };
        assert!(is_narrow([-20.0; 9]));
        // A synthesiser out of phase from 400 Hz to 2.5 kHz, and nothing above 10 kHz.
        assert!(!is_narrow([-30.0, -20.0, 10.0, 15.0, 12.0, -20.0, -30.0, -60.0, -90.0]));
    }
}
