//! The impulse response of everything in the settings that is linear: equaliser, width, balance and drive.

use std::convert::Infallible;

use crate::settings::{Bits, DitherKind, LimiterKind, OutputSettings};
use crate::{RenderError, Settings, render};
use acetate_audio::{Audio, PcmPlanes, Source};

use super::{level_db, other_stages};

/// Where the impulse stands: further in than any filter here rings ahead (linear phase, 16385 taps at 48 kHz), seconds.
const IMPULSE_AT_S: f64 = 0.5;
/// What follows it: the lowest filters ring for long.
const TAIL_S: f64 = 1.5;
/// Quieter ends than this, against the highest value, are cut off: -160 dB.
const CUT: f32 = 1e-8;

/// An impulse response, ready to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct ImpulseResponse {
    /// One plane a path: left, right; or left to left, left to right, right to left, right to right.
    pub audio: Audio,
    /// What it says beside the sound, and what it could not carry.
    pub remarks: Vec<String>,
}

/// Renders the response at a rate.
///
/// # Errors
/// For settings out of range; never for those that were read, which have been checked.
pub fn impulse_response(
    settings: &Settings,
    rate_hz: u32,
) -> Result<ImpulseResponse, RenderError<Infallible>> {
    let linear = linear_part(settings);
    let left = response(&linear, rate_hz, 0)?;
    let right = response(&linear, rate_hz, 1)?;
    let crossing =
        [&left[1], &right[0]].iter().any(|plane| plane.iter().any(|&value| value != 0.0));
    let [left_left, left_right] = left;
    let [right_left, right_right] = right;
    let planes = if crossing {
        vec![left_left, left_right, right_left, right_right]
    } else {
        vec![left_left, right_right]
    };
    let impulse_at = (IMPULSE_AT_S * f64::from(rate_hz)) as usize;
    let (planes, delay) = trimmed(planes, impulse_at);
    let mut remarks = vec![format!("rate: made for {rate_hz} Hz; --rate makes it for another")];
    if crossing {
        remarks.push(
            "channels: left to left, left to right, right to left, right to right (true stereo)"
                .to_owned(),
        );
    }
    if delay > 0 {
        remarks.push(format!(
            "delay: {delay} frames come before the impulse; take them off after convolving"
        ));
    }
    remarks.extend(
        other_stages(settings)
            .into_iter()
            .filter(|stage| *stage != "stereo width")
            .map(|stage| format!("{stage}: not carried, it is not linear")),
    );
    if settings.stereo.min_correlation.is_some() {
        remarks.push("correlation guard: not carried, it is not linear".to_owned());
    }
    if settings.limiter.kind != LimiterKind::Off {
        remarks.push("limiter: not carried; lower the level until nothing clips".to_owned());
    }
    Ok(ImpulseResponse { audio: Audio::from_planes(rate_hz, planes), remarks })
}

/// Equaliser, width and drive alone, in floats.
fn linear_part(settings: &Settings) -> Settings {
    let mut linear = Settings {
        equalizer: settings.equalizer.clone(),
        stereo: settings.stereo.clone(),
        drive_db: level_db(settings),
        ..Settings::default()
    };
    linear.stereo.min_correlation = None;
    linear.limiter.kind = LimiterKind::Off;
    linear.output = OutputSettings {
        bits: Bits::Float32,
        dither: DitherKind::None,
        ..OutputSettings::default()
    };
    linear
}

/// What both channels give for an impulse in one.
fn response(
    settings: &Settings,
    rate_hz: u32,
    channel: usize,
) -> Result<[Vec<f32>; 2], RenderError<Infallible>> {
    let frames = ((IMPULSE_AT_S + TAIL_S) * f64::from(rate_hz)) as usize;
    let mut planes = vec![vec![0.0; frames]; 2];
    planes[channel][(IMPULSE_AT_S * f64::from(rate_hz)) as usize] = 1.0;
    let source = Source::from_audio(Audio::from_planes(rate_hz, planes));
    let mut out = [Vec::with_capacity(frames), Vec::with_capacity(frames)];
    render::<Infallible>(&source, settings, &mut |block| {
        if let PcmPlanes::Float(planes) = &block.planes {
            for (whole, plane) in out.iter_mut().zip(planes) {
                whole.extend_from_slice(plane);
            }
        }
        Ok(())
    })?;
    Ok(out)
}

/// The planes without their quiet ends, and how many frames are left before the impulse.
fn trimmed(planes: Vec<Vec<f32>>, impulse_at: usize) -> (Vec<Vec<f32>>, usize) {
    let highest = planes.iter().flatten().fold(0.0f32, |highest, value| highest.max(value.abs()));
    let heard = |frame: &usize| planes.iter().any(|plane| plane[*frame].abs() > highest * CUT);
    let frames = planes[0].len();
    let first = (0..frames).find(heard).unwrap_or(impulse_at).min(impulse_at);
    let last = (0..frames).rev().find(heard).unwrap_or(impulse_at).max(impulse_at);
    (planes.into_iter().map(|plane| plane[first..=last].to_vec()).collect(), impulse_at - first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> ImpulseResponse {
        impulse_response(&crate::parse(json).unwrap(), 48_000).unwrap()
    }

    #[test]
    fn neutral_settings_are_one_impulse_a_channel() {
        let ImpulseResponse { audio, .. } = of(r#"{ "limiter": { "kind": "off" } }"#);
        assert_eq!(audio.planes(), [vec![1.0f32], vec![1.0f32]]);
    }

    #[test]
    fn a_minimum_phase_equaliser_has_no_delay_and_a_linear_one_is_symmetric() {
        let band =
            r#""bands": [ { "id": "a", "type": "bell", "freq_hz": 1000, "gain_db": 6, "q": 1 } ]"#;
        let minimum = of(&format!(r#"{{ "equalizer": {{ {band} }} }}"#));
        assert!(!minimum.remarks.iter().any(|remark| remark.starts_with("delay")), "{minimum:?}");
        let linear = of(&format!(r#"{{ "equalizer": {{ "phase": "linear", {band} }} }}"#));
        let plane = &linear.audio.planes()[0];
        assert!(plane.len() % 2 == 1 && linear.remarks.iter().any(|r| r.starts_with("delay")));
        let apart = |k: usize| (plane[k] - plane[plane.len() - 1 - k]).abs();
        assert!((0..plane.len()).all(|k| apart(k) < 1e-6));
    }

    #[test]
    fn width_needs_all_four_paths() {
        let narrow = of(r#"{ "stereo": { "bands": [ { "below_hz": null, "width_pct": 0 } ] } }"#);
        let sums: Vec<f32> = narrow.audio.planes().iter().map(|plane| plane.iter().sum()).collect();
        assert_eq!(sums.len(), 4);
        assert!(sums.iter().all(|sum| (sum - 0.5).abs() < 1e-4), "mono at 0 Hz: {sums:?}");
    }
}
