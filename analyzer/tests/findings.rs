//! Each finding on a sound that has the fault, and none on one that has not.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "test signals, and helpers that only tests call"
)]

mod signals;

use acetate_analyzer::{Analysis, analyze, explain};
use acetate_audio::{Audio, Source};
use signals::noise;

const RATE_HZ: u32 = 44_100;
/// Six seconds.
const FRAMES: usize = 264_600;

fn sine(freq_hz: f64, n: usize) -> f64 {
    libm::sin(std::f64::consts::TAU * (n as f64 * freq_hz / f64::from(RATE_HZ)).fract())
}

/// Chords with decays over noise that falls towards the treble: in the middle and on both sides.
fn music() -> [Vec<f64>; 2] {
    let mut low_passed = [0.0f64; 2];
    let hiss = [noise(1, FRAMES), noise(2, FRAMES)];
    let mut planes = [Vec::with_capacity(FRAMES), Vec::with_capacity(FRAMES)];
    for (n, (left, right)) in hiss[0].iter().zip(&hiss[1]).enumerate() {
        let since = (n % 22_050) as f64 / 22_050.0;
        let rise = (since * 200.0).min(1.0);
        let note = rise * libm::exp(-3.0 * since);
        let bass = 0.2 * sine(65.4, n);
        let chord = 0.12 * (sine(261.6, n) + sine(329.6, n) + 0.5 * sine(1_046.5, n));
        for (channel, plane) in planes.iter_mut().enumerate() {
            low_passed[channel] +=
                0.2 * (f64::from([*left, *right][channel]) - low_passed[channel]);
            let wide = 0.08 * sine([392.0, 493.9][channel], n) + 0.1 * low_passed[channel];
            plane.push(note * (bass + chord + wide) + 0.02 * low_passed[channel]);
        }
    }
    planes
}

fn analysis(planes: &[Vec<f64>]) -> Analysis {
    let planes = planes.iter().map(|plane| plane.iter().map(|&x| x as f32).collect()).collect();
    let source = Source::from_audio(Audio::from_planes(RATE_HZ, planes));
    analyze(&source).expect("memory can be read").analysis
}

/// `change` brings in `code` and nothing else; without it there is no finding at all.
#[track_caller]
fn check(code: &str, change: impl Fn(&mut [Vec<f64>; 2])) -> Analysis {
    let mut planes = music();
    change(&mut planes);
    let analysis = analysis(&planes);
    let codes: Vec<&str> = analysis.findings.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(codes, [code], "{:?}", analysis.findings);
    assert!(explain(code).is_some(), "{code} has no long text");
    analysis
}

#[test]
fn a_clean_sound_has_no_findings() {
    let analysis = analysis(&music());
    assert_eq!(analysis.findings, [], "{:?} {:?}", analysis.loudness, analysis.source);
}

#[test]
fn clipping_at_full_scale_is_s201_with_its_places() {
    let analysis = check("S201", |planes| {
        for sample in planes.iter_mut().flatten() {
            *sample = (*sample * 2.0).clamp(-0.985, 0.985);
        }
    });
    assert!(!analysis.findings[0].at_s.is_empty());
}

#[test]
fn clipping_that_was_turned_down_is_s202() {
    let analysis = check("S202", |planes| {
        for sample in planes.iter_mut().flatten() {
            *sample = 0.6 * (*sample * 2.2).clamp(-0.99, 0.99);
        }
    });
    assert!((analysis.source.clip_level_dbfs.unwrap() + 4.52).abs() < 0.05);
}

#[test]
fn clicks_are_s203_where_they_are() {
    let analysis = check("S203", |planes| {
        for (at, height) in [(60_000, 0.4), (150_000, -0.5), (230_000, 0.3)] {
            for plane in planes.iter_mut() {
                (0..4).for_each(|n| plane[at + n] += height);
            }
        }
    });
    assert_eq!(analysis.source.clicks, 3);
    for (place, expected) in analysis.findings[0].at_s.iter().zip([60_000.0, 150_000.0, 230_000.0])
    {
        assert!((place - expected / f64::from(RATE_HZ)).abs() < 0.003, "{place}");
    }
}

#[test]
fn a_constant_offset_is_s204() {
    check("S204", |planes| planes[1].iter_mut().for_each(|sample| *sample += 0.01));
}

#[test]
fn mains_hum_is_s205_at_50_and_at_60_hz() {
    for mains_hz in [50.0, 60.0] {
        let analysis = check("S205", |planes| {
            for plane in planes.iter_mut() {
                plane[..53_000].fill(0.0);
                for (n, sample) in plane.iter_mut().enumerate() {
                    let lines = sine(mains_hz, n)
                        + 0.5 * sine(3.0 * mains_hz, n)
                        + 0.3 * sine(5.0 * mains_hz, n);
                    *sample += 0.01 * lines;
                }
            }
        });
        assert!((analysis.source.hum_lines[0].freq_hz - mains_hz).abs() < 0.3);
    }
}

#[test]
fn hiss_in_a_pause_is_s206() {
    check("S206", |planes| {
        for (seed, plane) in (7..).zip(planes.iter_mut()) {
            let hiss = noise(seed, FRAMES);
            plane[..35_000].fill(0.0);
            plane
                .iter_mut()
                .zip(hiss)
                .for_each(|(sample, hiss)| *sample += 0.003 * f64::from(hiss));
        }
    });
}

#[test]
fn a_spectrum_cut_off_at_16_khz_is_s207() {
    check("S207", |planes| {
        let taps: Vec<f64> = (-200..=200)
            .map(|k| {
                let (x, cut) = (f64::from(k), 2.0 * 16_000.0 / f64::from(RATE_HZ));
                let angle = std::f64::consts::PI * x;
                let sinc = if k == 0 { cut } else { libm::sin(angle * cut) / angle };
                sinc * (0.5 + 0.5 * libm::cos(angle / 201.0))
            })
            .collect();
        for (seed, plane) in (5..).zip(planes.iter_mut()) {
            let bright: Vec<f64> = plane
                .iter()
                .zip(noise(seed, FRAMES))
                .map(|(x, hiss)| x + 0.02 * f64::from(hiss))
                .collect();
            for n in 0..FRAMES {
                let first = n.saturating_sub(200);
                let window = &bright[first..FRAMES.min(n + 201)];
                let taps = &taps[200 + first - n..];
                plane[n] = window.iter().zip(taps).map(|(x, tap)| x * tap).sum();
            }
        }
    });
}

#[test]
fn a_limited_master_is_s208() {
    check("S208", |planes| {
        // A smooth limiter: no flat tops, but everything near full scale.
        planes.iter_mut().flatten().for_each(|sample| *sample = 0.97 * libm::tanh(*sample * 7.0));
    });
}

#[test]
fn an_inverted_channel_is_s209() {
    check("S209", |planes| planes[1].iter_mut().for_each(|sample| *sample = -*sample));
}

#[test]
fn a_silent_channel_is_s210() {
    check("S210", |planes| planes[0].fill(0.0));
}

#[test]
fn equal_channels_are_s211() {
    check("S211", |planes| planes[1] = planes[0].clone());
}

#[test]
fn a_very_quiet_sound_is_s212() {
    check("S212", |planes| planes.iter_mut().flatten().for_each(|sample| *sample *= 0.03));
}

#[test]
fn peaks_over_full_scale_are_s213() {
    check("S213", |planes| planes.iter_mut().flatten().for_each(|sample| *sample *= 3.0));
}

#[test]
fn digital_silence_is_s214() {
    check("S214", |planes| planes.iter_mut().for_each(|plane| plane.fill(0.0)));
}

#[test]
fn bass_that_is_out_of_phase_is_m110() {
    let analysis = check("M110", |planes| {
        for n in 0..FRAMES {
            // Takes the bass of `music` out of the right channel twice.
            let since = (n % 22_050) as f64 / 22_050.0;
            let note = (since * 200.0).min(1.0) * libm::exp(-3.0 * since);
            planes[1][n] -= 2.0 * note * 0.2 * sine(65.4, n);
            // Enough in the middle that the whole is not wide.
            planes.iter_mut().for_each(|plane| plane[n] += note * 0.25 * sine(523.3, n));
        }
    });
    assert!(analysis.findings[0].advice.contains("low end of one channel, not all of it"));
}

fn widened(planes: &mut [Vec<f64>; 2], gain: f64) {
    let [left, right] = planes;
    for (left, right) in left.iter_mut().zip(right) {
        let (mid, side) = (0.5 * (*left + *right), 0.5 * gain * (*left - *right));
        (*left, *right) = (mid + side, mid - side);
    }
}

#[test]
fn more_side_than_mid_is_m111_and_loses_in_mono() {
    let mut planes = music();
    widened(&mut planes, 8.0);
    let codes: Vec<String> =
        analysis(&planes).findings.into_iter().map(|finding| finding.code).collect();
    assert!(codes.contains(&"M111".to_owned()) && codes.contains(&"M114".to_owned()), "{codes:?}");
}

#[test]
fn a_faint_side_is_m112() {
    check("M112", |planes| widened(planes, 0.1));
}

#[test]
fn a_louder_channel_is_m113() {
    check("M113", |planes| planes[0].iter_mut().for_each(|sample| *sample *= 0.7));
}

#[test]
fn what_is_lost_in_mono_although_the_bass_is_in_the_middle_is_m114() {
    let analysis = check("M114", |planes| {
        widened(planes, 8.0);
        for n in 0..FRAMES {
            // Deep enough that it weighs little in loudness and much in the energy of the mid.
            planes.iter_mut().for_each(|plane| plane[n] = 0.4 * plane[n] + 0.1 * sine(30.0, n));
        }
    });
    assert!(analysis.stereo.width.unwrap() < 1.0, "{:?}", analysis.stereo);
    assert!(analysis.stereo.mono_loss_lu.unwrap() >= 3.5);
}

/// Adds noise around 7 kHz at `starts_s`: `length_s` long, fading with `decay_s` after that.
fn add_bursts(planes: &mut [Vec<f64>; 2], starts_s: &[f64], length_s: f64, decay_s: f64) {
    let hiss = noise(31, FRAMES);
    let mut slow = 0.0;
    for n in 0..FRAMES {
        slow += 0.3 * (f64::from(hiss[n]) - slow);
        let seconds = n as f64 / f64::from(RATE_HZ);
        let Some(since) = starts_s.iter().map(|start| seconds - start).rfind(|since| *since >= 0.0)
        else {
            continue;
        };
        let rise = (since / 0.005).min(1.0);
        let gain = rise * libm::exp(-(since - length_s).max(0.0) / decay_s);
        let burst = 0.8 * gain * slow * sine(7_000.0, n);
        // A little to the left, so that the image stays as wide as it was.
        planes.iter_mut().zip([1.0, 0.5]).for_each(|(plane, pan)| plane[n] += pan * burst);
    }
}

const STARTS_S: [f64; 4] = [0.9, 2.2, 3.6, 4.8];

#[test]
fn sharp_s_sounds_are_m102_where_they_are() {
    let analysis = check("M102", |planes| add_bursts(planes, &STARTS_S, 0.12, 0.01));
    let at_s = &analysis.findings[0].at_s;
    assert_eq!(at_s.len(), STARTS_S.len(), "{at_s:?}");
    for (place, start) in at_s.iter().zip(STARTS_S) {
        assert!((place - start - 0.06).abs() < 0.06, "{place} for {start}");
    }
}

#[test]
fn cymbals_hi_hats_and_soft_s_sounds_are_no_m102() {
    let clean = |name: &str, change: &dyn Fn(&mut [Vec<f64>; 2])| {
        let mut planes = music();
        change(&mut planes);
        let findings = analysis(&planes).findings;
        assert!(findings.iter().all(|finding| finding.code != "M102"), "{name}: {findings:?}");
    };
    clean("cymbals", &|planes| add_bursts(planes, &STARTS_S, 0.05, 0.5));
    let eighths: Vec<f64> = (1..22).map(|eighth| 0.25 * f64::from(eighth)).collect();
    clean("hi-hats", &|planes| add_bursts(planes, &eighths, 0.01, 0.01));
    let soft = |planes: &mut [Vec<f64>; 2]| {
        let before = planes.clone();
        add_bursts(planes, &STARTS_S, 0.12, 0.01);
        for (plane, before) in planes.iter_mut().zip(before) {
            plane.iter_mut().zip(before).for_each(|(new, old)| *new = old + 0.15 * (*new - old));
        }
    };
    clean("de-essed", &soft);
}

/// Notes of two seconds each, at levels of their own, over a quiet bed.
fn bass_line(notes: &[(f64, f64)]) -> Vec<Vec<f64>> {
    let length = 2 * RATE_HZ as usize;
    let hiss = noise(3, notes.len() * length);
    let plane = (0..notes.len() * length).map(|n| {
        let (freq_hz, level) = notes[n / length];
        level * sine(freq_hz, n) * libm::exp(-((n % length) as f64) / 40_000.0)
            + 0.001 * f64::from(hiss[n])
    });
    vec![plane.collect()]
}

#[test]
fn one_bass_note_far_louder_than_the_others_is_m101_at_its_pitch() {
    let line = |loud| [(41.2, 0.1), (49.0, 0.08), (55.0, loud), (73.4, 0.1), (61.7, 0.12)];
    let found = |loud| analysis(&bass_line(&line(loud))).findings;
    let booms = found(0.5);
    let boom = booms.iter().find(|finding| finding.code == "M101").expect("14 dB");
    assert!(boom.text.contains("55 Hz is 13 dB louder"), "{}", boom.text);
    assert!(explain("M101").is_some());
    assert!(found(0.2).iter().all(|finding| finding.code != "M101"), "6 dB are playing");
    let two_notes = analysis(&bass_line(&[(41.2, 0.1), (55.0, 0.5), (41.2, 0.1), (55.0, 0.5)]));
    assert!(two_notes.findings.iter().all(|finding| finding.code != "M101"), "it may be meant");
}

/// A bell of so many dB (Bristow-Johnson, "Cookbook formulae for audio EQ biquad filter coefficients", peaking).
fn ring(plane: &mut [f64], freq_hz: f64, gain_db: f64, q: f64) {
    let turn = std::f64::consts::TAU * freq_hz / f64::from(RATE_HZ);
    let (alpha, a) = (libm::sin(turn) / (2.0 * q), libm::pow(10.0, gain_db / 40.0));
    let (a0, cos) = (1.0 + alpha / a, libm::cos(turn));
    let [b0, b1, b2] = [1.0 + alpha * a, -2.0 * cos, 1.0 - alpha * a].map(|b| b / a0);
    let [a1, a2] = [-2.0 * cos, 1.0 - alpha / a].map(|a| a / a0);
    let (mut s1, mut s2) = (0.0, 0.0);
    for sample in plane {
        let out = b0 * *sample + s1;
        (s1, s2) = (b1 * *sample - a1 * out + s2, b2 * *sample - a2 * out);
        *sample = out;
    }
}

#[test]
fn a_band_that_rings_whatever_is_played_is_m103() {
    let ringing = |gain_db| {
        move |planes: &mut [Vec<f64>; 2]| {
            planes.iter_mut().for_each(|plane| ring(plane, 3_150.0, gain_db, 10.0));
        }
    };
    let analysis = check("M103", ringing(14.0));
    assert!(analysis.findings[0].text.contains("3.1") || analysis.findings[0].text.contains("3.2"));
    let mut planes = music();
    ringing(4.0)(&mut planes);
    assert!(self::analysis(&planes).findings.is_empty(), "4 dB are a colour");
}

#[test]
fn steady_sound_below_the_bass_is_s216() {
    check("S216", |planes| {
        for plane in planes.iter_mut() {
            plane[..53_000].fill(0.0);
            for (n, sample) in plane.iter_mut().enumerate() {
                *sample += 0.02 * (sine(11.3, n) + sine(16.1, n) + sine(20.7, n));
            }
        }
    });
}

#[test]
fn loudness_from_above_twenty_kilohertz_is_s215_with_the_loudness_below_beside_it() {
    const HIGH_RATE_HZ: u32 = 96_000;
    let tone = |freq_hz: f64, n: u32| {
        libm::sin(
            std::f64::consts::TAU * (f64::from(n) * freq_hz / f64::from(HIGH_RATE_HZ)).fract(),
        )
    };
    // A tone of -20 LUFS, and one that is 12.9 LU louder where nobody hears it.
    let plane: Vec<f32> = (0..4 * HIGH_RATE_HZ)
        .map(|n| (0.1 * tone(997.0, n) + 0.3 * tone(30_000.0, n)) as f32)
        .collect();
    let source = Source::from_audio(Audio::from_planes(HIGH_RATE_HZ, vec![plane.clone(), plane]));
    let analysis = analyze(&source).unwrap().analysis;
    let finding = analysis.findings.iter().find(|finding| finding.code == "S215").unwrap();
    assert!(finding.text.contains("-20.0 of what can be heard"), "{}", finding.text);
    assert!((finding.measured.unwrap() - 13.1).abs() < 0.2, "{finding:?}");
    assert!(explain("S215").is_some());
}
