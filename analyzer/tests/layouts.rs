//! Loudness by where channels are heard, against sums done by hand.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::disallowed_methods, reason = "test signals need not be the same bits everywhere")]

use acetate_analyzer::analyze;
use acetate_audio::{Audio, ChannelLayout, Mono, Source};

const RATE_HZ: u32 = 48_000;
/// The K-weighting at 997 Hz cancels the -0.691 of BS.1770-5 to this.
const TOLERANCE_LU: f64 = 0.02;

/// Five seconds of 997 Hz at -20 dBFS (peak) in each of the channels named by `on`.
fn tones(channels: usize, on: impl Fn(usize) -> bool) -> Audio {
    let sine = |i: u32| {
        0.1 * (f64::from(i) * std::f64::consts::TAU * 997.0 / f64::from(RATE_HZ)).sin() as f32
    };
    let sound: Vec<f32> = (0..5 * RATE_HZ).map(sine).collect();
    let silence = vec![0.0; sound.len()];
    let plane = |channel: usize| if on(channel) { sound.clone() } else { silence.clone() };
    Audio::from_planes(RATE_HZ, (0..channels).map(plane).collect())
}

fn lufs(audio: Audio, layout: ChannelLayout) -> Option<f64> {
    let source = Source::from_audio(audio.with_layout(layout));
    analyze(&source).unwrap().analysis.loudness.integrated_lufs
}

/// With the same tone in every channel, loudness is -23.01 LUFS and ten times the logarithm of the sum of the weights.
#[track_caller]
fn check(mask: u32, name: &str, weights: &[f64]) {
    let channels = weights.len();
    let layout = ChannelLayout::from_mask(mask, channels);
    assert_eq!(layout.name(channels), name);
    let sum: f64 = weights.iter().sum();
    let all = lufs(tones(channels, |_| true), layout).unwrap();
    assert!((all + 23.01 - 10.0 * sum.log10()).abs() < TOLERANCE_LU, "{name}: {all}");
    for (channel, &weight) in weights.iter().enumerate() {
        let alone = lufs(tones(channels, |other| other == channel), layout);
        let expected = (weight > 0.0).then(|| -23.01 + 10.0 * weight.log10());
        let near = match (alone, expected) {
            (Some(alone), Some(expected)) => (alone - expected).abs() < TOLERANCE_LU,
            (alone, expected) => alone == expected,
        };
        assert!(near, "{name}, channel {channel}: {alone:?}, by hand {expected:?}");
    }
}

#[test]
fn every_layout_is_weighed_by_where_its_channels_are() {
    // BS.1770-5, table 4: 1.41 from 60 to 120° at less than 30° of elevation, else 1; no low-frequency effects.
    check(0x00B, "2.1", &[1.0, 1.0, 0.0]);
    check(0x007, "3.0", &[1.0, 1.0, 1.0]);
    check(0x103, "3.0(back)", &[1.0, 1.0, 1.0]);
    check(0x00F, "3.1", &[1.0, 1.0, 1.0, 0.0]);
    check(0x107, "4.0", &[1.0, 1.0, 1.0, 1.0]);
    check(0x033, "quad", &[1.0, 1.0, 1.41, 1.41]);
    check(0x10F, "4.1", &[1.0, 1.0, 1.0, 0.0, 1.0]);
    check(0x037, "5.0", &[1.0, 1.0, 1.0, 1.41, 1.41]);
    check(0x60F, "5.1(side)", &[1.0, 1.0, 1.0, 0.0, 1.41, 1.41]);
    check(0x707, "6.0", &[1.0, 1.0, 1.0, 1.0, 1.41, 1.41]);
    check(0x70F, "6.1", &[1.0, 1.0, 1.0, 0.0, 1.0, 1.41, 1.41]);
    check(0x637, "7.0", &[1.0, 1.0, 1.0, 1.0, 1.0, 1.41, 1.41]);
    check(0x63F, "7.1", &[1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.41, 1.41]);
    check(0x503F, "5.1.2", &[1.0, 1.0, 1.0, 0.0, 1.41, 1.41, 1.0, 1.0]);
}

#[test]
fn a_lone_channel_heard_from_two_loudspeakers_is_as_loud_as_its_twin_of_two() {
    let mono = ChannelLayout::usual(1);
    let single = lufs(tones(1, |_| true), mono).unwrap();
    let dual = lufs(tones(1, |_| true), mono.heard(Mono::Dual)).unwrap();
    let twin = lufs(tones(2, |_| true), ChannelLayout::usual(2)).unwrap();
    assert!((single + 23.01).abs() < TOLERANCE_LU, "{single}");
    assert!((dual - twin).abs() < 1e-9, "{dual}, {twin}");
}
