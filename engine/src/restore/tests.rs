use acetate_audio::fourier::{Bins, RealFourier};
use acetate_audio::windows::hann;
use acetate_audio::{Audio, AudioSpec, Threads};

use super::*;
use crate::settings::{
    ClickSettings, ClippedSection, CrackleSection, HissPoint, HissSettings, HumLine, HumSection,
    RepairEvent,
};

const RATE_HZ: u32 = 44_100;

fn tone(frames: usize) -> Audio {
    let plane = |phase: f64| {
        let value = move |n: usize| {
            let n = n as f64;
            (0.3 * libm::sin(n * 0.031 + phase) + 0.1 * libm::sin(n * 0.27)) as f32
        };
        (0..frames).map(value).collect()
    };
    Audio::from_planes(RATE_HZ, vec![plane(0.0), plane(1.0)])
}

fn event(channel: usize, start_frame: u64, frames: u64) -> RepairEvent {
    RepairEvent { channels: vec![channel], start_frame, frames, ..RepairEvent::default() }
}

fn plan(events: Vec<RepairEvent>) -> RestoreSettings {
    let clicks = ClickSettings { events, ..ClickSettings::default() };
    RestoreSettings { clicks, ..RestoreSettings::default() }
}

fn run(settings: &RestoreSettings, sound: &Audio, block_frames: usize) -> Audio {
    let mut stage = Restoration::new(settings, sound.spec()).expect("there is something to repair");
    let mut out = Audio::silence(sound.spec(), 0);
    let mut block = Audio::silence(sound.spec(), 0);
    for start in (0..sound.frames()).step_by(block_frames) {
        let end = sound.frames().min(start + block_frames);
        for (part, plane) in block.planes_mut().iter_mut().zip(sound.planes()) {
            part.clear();
            part.extend_from_slice(&plane[start..end]);
        }
        stage.push(&block, &mut out);
        assert!(end - out.frames() <= stage.latency_frames());
    }
    stage.finish(&mut out);
    out
}

fn clicked(frames: usize, places: &[(usize, usize)]) -> Audio {
    let mut sound = tone(frames);
    for &(channel, at) in places {
        for (n, x) in [0.3, 0.5, -0.2, -0.1].into_iter().enumerate() {
            if at + n < frames {
                sound.planes_mut()[channel][at + n] += x;
            }
        }
    }
    sound
}

#[test]
fn an_empty_plan_is_no_stage() {
    let spec = AudioSpec::new(RATE_HZ, 2);
    assert!(Restoration::new(&RestoreSettings::default(), spec).is_none());
    let mut left_alone = plan(vec![event(0, 10, 5)]);
    left_alone.clicks.events[0].repair = false;
    assert!(Restoration::new(&left_alone, spec).is_none());
    assert!(Restoration::new(&plan(vec![event(7, 10, 5)]), spec).is_none(), "no such channel");
}

#[test]
fn a_click_goes_and_every_other_sample_is_the_same() {
    let (clean, damaged) = (tone(100_000), clicked(100_000, &[(0, 40_000), (1, 40_010)]));
    let repaired = run(&plan(vec![event(0, 39_990, 40), event(1, 40_000, 40)]), &damaged, 4096);
    for (channel, start) in [(0, 39_990), (1, 40_000)] {
        for n in 0..100_000 {
            let [now, was, found] =
                [&repaired, &clean, &damaged].map(|sound| sound.channel(channel)[n]);
            if (start..start + 40).contains(&n) {
                assert!((now - was).abs() < 1e-3, "channel {channel}, frame {n}");
            } else {
                assert_eq!(now.to_bits(), found.to_bits(), "channel {channel}, frame {n}");
            }
        }
    }
}

#[test]
fn clicks_at_the_first_and_the_last_sample_go() {
    let (clean, damaged) = (tone(50_000), clicked(50_000, &[(0, 0), (1, 49_997)]));
    let repaired = run(&plan(vec![event(0, 0, 30), event(1, 49_980, 60)]), &damaged, 50_000);
    for channel in 0..2 {
        let pairs = repaired.channel(channel).iter().zip(clean.channel(channel));
        let worst = pairs.map(|(now, was)| (now - was).abs()).fold(0.0, f32::max);
        assert!(worst < 0.1, "{worst} of 0.5, predicted from one side alone");
    }
}

#[test]
fn neither_blocks_nor_threads_change_a_bit() {
    let places: Vec<(usize, usize)> = (0..60).map(|k| (k % 2, 900 + k * 1601)).collect();
    let damaged = clicked(100_000, &places);
    let events = places.iter().map(|&(channel, at)| event(channel, at as u64 - 8, 30)).collect();
    let plan = plan(events);
    let whole = run(&plan, &damaged, 100_000);
    assert_eq!(whole, run(&plan, &damaged, 777));
    assert_eq!(whole, Threads::None.run(|| run(&plan, &damaged, 32_768)));
}

#[test]
fn half_the_strength_takes_half_of_the_click() {
    let damaged = clicked(50_000, &[(0, 20_000)]);
    let mut plan = plan(vec![event(0, 19_990, 40)]);
    let whole = run(&plan, &damaged, 50_000);
    plan.clicks.strength_pct = 50.0;
    let half = run(&plan, &damaged, 50_000);
    let [now, middle, found] = [&whole, &half, &damaged].map(|sound| sound.channel(0)[20_001]);
    assert!((found - middle - (found - now) / 2.0).abs() < 1e-6);
    assert!(found - now > 0.45);
}

/// Everything but clicks on a sound of 150 000 frames.
fn whole_plan() -> RestoreSettings {
    let mut plan = plan(vec![event(1, 99_000, 40)]);
    let section = |channel| ClippedSection {
        channel,
        frames: 150_000,
        upper: Some(0.35),
        lower: Some(-0.35),
        ..ClippedSection::default()
    };
    plan.clipping.sections = vec![section(0), section(1)];
    let line = |channel, harmonic| HumLine {
        channel,
        harmonic,
        cos: vec![0.01, 0.02, 0.01],
        sin: vec![0.0, 0.01],
        ..HumLine::default()
    };
    plan.hum.sections = vec![HumSection {
        start_frame: 1000,
        frames: 120_000,
        track_hz: vec![50.0, 50.1, 50.05],
        lines: vec![line(0, 1), line(0, 3), line(1, 1)],
        ..HumSection::default()
    }];
    let point = |freq_hz, floor_db| HissPoint { freq_hz, floor_db };
    plan.hiss = HissSettings {
        reduction_db: 12.0,
        points: vec![point(100.0, -70.0), point(10_000.0, -80.0)],
    };
    plan
}

#[test]
fn all_repairs_together_keep_length_blocks_and_threads() {
    let mut sound = clicked(150_000, &[(1, 99_010)]);
    sound.planes_mut().iter_mut().flatten().for_each(|x| *x = x.clamp(-0.35, 0.35));
    let whole = run(&whole_plan(), &sound, 150_000);
    assert_eq!(whole.frames(), 150_000);
    assert_eq!(whole, run(&whole_plan(), &sound, 4_099));
    assert_eq!(whole, Threads::None.run(|| run(&whole_plan(), &sound, 65_536)));
}

#[test]
fn tops_are_rebuilt_and_the_rest_is_the_same() {
    let clean = tone(60_000);
    let mut clipped = clean.clone();
    clipped.planes_mut()[0].iter_mut().for_each(|x| *x = x.clamp(-0.3, 0.3));
    let mut plan = RestoreSettings::default();
    plan.clipping.sections = vec![ClippedSection {
        frames: 60_000,
        upper: Some(f64::from(0.3f32)),
        lower: Some(f64::from(-0.3f32)),
        ..ClippedSection::default()
    }];
    let rebuilt = run(&plan, &clipped, 10_000);
    assert_eq!(rebuilt.channel(1), clipped.channel(1));
    let (mut before, mut after) = (0.0, 0.0);
    for n in 0..60_000 {
        let [now, was, found] = [&rebuilt, &clean, &clipped].map(|sound| sound.channel(0)[n]);
        if found.abs() < 0.3 {
            assert_eq!(now.to_bits(), found.to_bits(), "frame {n}");
        } else {
            assert!(now.abs() >= 0.3, "frame {n}: {now}");
            before += (found - was) * (found - was);
            after += (now - was) * (now - was);
        }
    }
    assert!(after < 0.01 * before, "{after} of {before}: two tones are sparse");
}

#[test]
fn hum_that_is_written_down_is_subtracted() {
    let hum = |n: usize| 0.02 * libm::cos(std::f64::consts::TAU * 50.0 * n as f64 / 44_100.0);
    let mut sound = tone(60_000);
    let planes = sound.planes_mut();
    planes[0].iter_mut().enumerate().for_each(|(n, x)| *x += hum(n) as f32);
    let mut plan = RestoreSettings::default();
    let line = HumLine { cos: vec![0.02], ..HumLine::default() };
    plan.hum.sections = vec![HumSection {
        frames: 60_000,
        track_hz: vec![50.0; 6],
        lines: vec![line],
        ..HumSection::default()
    }];
    let (out, clean) = (run(&plan, &sound, 1000), tone(60_000));
    assert_eq!(out.channel(1), clean.channel(1));
    let pairs = out.channel(0).iter().zip(clean.channel(0));
    assert!(pairs.map(|(x, y)| (x - y).abs()).fold(0.0, f32::max) < 1e-5);
}

/// White noise of -60 dBFS, another one in each channel.
fn quiet_noise(channels: usize, frames: usize) -> Audio {
    let mut state = 9u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        0.001 * ((state >> 8) as f32 / 8_388_608.0 - 1.0) * 3f32.sqrt()
    };
    let planes = (0..channels).map(|_| (0..frames).map(|_| noise()).collect()).collect();
    Audio::from_planes(RATE_HZ, planes)
}

#[test]
fn hiss_is_lowered_by_what_is_asked_and_tones_stay() {
    let sound = quiet_noise(1, 200_000);
    let points = vec![HissPoint { freq_hz: 1000.0, floor_db: -60.0 }];
    let hiss = HissSettings { reduction_db: 12.0, points };
    let plan = RestoreSettings { hiss, ..RestoreSettings::default() };
    let rms_db = |plane: &[f32]| {
        let sum: f64 = plane[20_000..180_000].iter().map(|&x| f64::from(x * x)).sum();
        10.0 * (sum / 160_000.0).log10()
    };
    let out = run(&plan, &sound, 9_000);
    let lowered = rms_db(sound.channel(0)) - rms_db(out.channel(0));
    assert!((10.5..12.5).contains(&lowered), "{lowered}");
    let mono = Audio::from_planes(RATE_HZ, vec![tone(200_000).planes()[0].clone()]);
    let kept = run(&plan, &mono, 9_000);
    let pairs = kept.channel(0)[20_000..180_000].iter().zip(&mono.channel(0)[20_000..]);
    assert!(pairs.map(|(x, y)| (x - y).abs()).fold(0.0, f32::max) < 0.004);
}

/// Kurtosis of the power in cells of 46 ms by 22 Hz: 9 of noise, more where single cells stand out of it.
fn kurtosis(plane: &[f32]) -> f64 {
    let fourier = RealFourier::new(2048);
    let shape: Vec<f32> = (0..2048).map(|n| hann(n, 2048) as f32).collect();
    let (mut bins, mut work) = (Bins::new(fourier.bins()), fourier.workspace());
    let mut powers = Vec::new();
    for start in (0..plane.len() - 2048).step_by(2048) {
        fourier.forward_windowed(&plane[start..], &shape, &mut bins, &mut work);
        powers.extend(bins.powers().skip(4).map(f64::from));
    }
    let moment = |mean: f64, order: i32| {
        powers.iter().map(|x| (x - mean).powi(order)).sum::<f64>() / powers.len() as f64
    };
    let mean = moment(0.0, 1);
    moment(mean, 4) / moment(mean, 2).powi(2)
}

#[test]
fn what_is_left_of_hiss_is_noise_and_does_not_twitter() {
    let sound = quiet_noise(2, 200_000);
    // The floor is known a decibel too low.
    let points = vec![HissPoint { freq_hz: 1000.0, floor_db: -61.0 }];
    let hiss = HissSettings { reduction_db: 12.0, points };
    for block in [9_000, 9_001, 200_000] {
        let out = run(
            &RestoreSettings { hiss: hiss.clone(), ..RestoreSettings::default() },
            &sound,
            block,
        );
        let ratio = kurtosis(out.channel(0)) / kurtosis(sound.channel(0));
        assert!(ratio < 1.6, "{ratio}");
    }
}

#[test]
fn impulses_are_lifted_and_samples_away_from_them_are_the_same() {
    let clean = tone(120_000);
    let mut sound = clean.clone();
    let at: Vec<u64> = (0..700).map(|k| 1000 + 150 * k + k % 7).collect();
    for (k, &at) in at.iter().enumerate() {
        for n in 0..3 {
            sound.planes_mut()[0][at as usize + n] += if (k + n) % 2 == 0 { 0.02 } else { -0.01 };
        }
    }
    let mut plan = RestoreSettings::default();
    let lengths = vec![3; at.len()];
    plan.crackle.sections =
        vec![CrackleSection { at: at.clone(), lengths, ..CrackleSection::default() }];
    let whole = run(&plan, &sound, 120_000);
    assert_eq!(whole, run(&plan, &sound, 4_099));
    assert_eq!(whole, Threads::None.run(|| run(&plan, &sound, 65_536)));
    assert_eq!(whole.channel(1), sound.channel(1));
    let near = |n: u64| at.iter().any(|&at| (at - 2..at + 9).contains(&n));
    let (mut before, mut after) = (0.0, 0.0);
    for n in 0..120_000 {
        let [now, was, found] = [&whole, &clean, &sound].map(|sound| sound.channel(0)[n]);
        if !near(n as u64) {
            assert_eq!(now.to_bits(), found.to_bits(), "frame {n}");
        }
        before += (found - was) * (found - was);
        after += (now - was) * (now - was);
    }
    assert!(after < 0.01 * before, "{after} of {before}");
}
