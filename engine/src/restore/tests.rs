use acetate_audio::{Audio, AudioSpec, Threads};

use super::*;
use crate::settings::{ClickSettings, RepairEvent};

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
    RestoreSettings { clicks: ClickSettings { events, ..ClickSettings::default() } }
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
