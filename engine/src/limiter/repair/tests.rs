use super::eyes::{PHASES, summit};
use super::*;
use crate::convolver::sinc;
use acetate_audio::windows::kaiser_window;

const SPEC: AudioSpec = AudioSpec::new(44_100, 2);
const CEILING: f32 = 0.9;

/// Noise, loud now and then, with samples of at most `largest`.
fn noise(frames: usize, largest: f32) -> Audio {
    let plane = |seed: u32| {
        let mut state = seed;
        (0..frames)
            .map(|i| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let level = if i % 10_000 < 2300 { 1.0 } else { 0.3 };
                (((state >> 8) as f32 / 8_388_608.0 - 1.0) * level).clamp(-largest, largest)
            })
            .collect()
    };
    Audio::from_planes(SPEC.sample_rate_hz, vec![plane(1), plane(7)])
}

fn repaired(audio: &Audio, block_frames: usize) -> Audio {
    let mut repair = CeilingRepair::new(CEILING, SPEC);
    let mut out = Audio::silence(SPEC, 0);
    for start in (0..audio.frames()).step_by(block_frames) {
        let end = audio.frames().min(start + block_frames);
        let planes = audio.planes().iter().map(|plane| plane[start..end].to_vec()).collect();
        repair.push(&Audio::from_planes(SPEC.sample_rate_hz, planes), &mut out);
    }
    repair.finish(&mut out);
    out
}

/// The largest magnitude at sixteen times the rate, by a sinc over `2 * half` samples, and how many intervals exceed the ceiling.
fn witnessed(plane: &[f32], half: usize) -> (f64, usize) {
    let rows: Vec<Vec<f64>> = (0..16)
        .map(|phase| {
            let tap = |k: usize| {
                let t = k as f64 - (half as f64 - 1.0) - f64::from(phase) / 16.0;
                sinc(t) * kaiser_window((t / half as f64).abs().min(1.0), 8.0)
            };
            (0..2 * half).map(tap).collect()
        })
        .collect();
    let mut padded = vec![0.0; half];
    padded.extend(plane.iter().map(|&x| f64::from(x)));
    padded.resize(padded.len() + half, 0.0);
    let (mut highest, mut overs) = (0.0f64, 0);
    for around in padded.windows(2 * half) {
        let value = |row: &Vec<f64>| row.iter().zip(around).map(|(a, b)| a * b).sum::<f64>().abs();
        if around[half - 1].abs().max(around[half].abs()) > 0.2 * f64::from(CEILING) {
            let peak = rows.iter().map(value).fold(0.0, f64::max);
            highest = highest.max(peak);
            overs += usize::from(peak > f64::from(CEILING));
        }
    }
    (highest, overs)
}

#[test]
fn overs_between_samples_are_taken_down_and_nothing_else_is_touched() {
    let audio = noise(20_000, CEILING);
    let out = repaired(&audio, 20_000);
    let mut overs = 0;
    for channel in 0..2 {
        let (before, after) = (audio.channel(channel), out.channel(channel));
        assert_eq!(before.len(), after.len());
        overs += witnessed(before, 512).1;
        for half in [256, 512, 1500] {
            let highest = witnessed(after, half).0;
            // White noise at full level is the worst there is; what is left is within what meters differ by.
            let left_db = acetate_audio::units::amplitude_to_db(highest / f64::from(CEILING));
            println!("sinc over {}: {left_db:+.4} dB of the working ceiling", 2 * half);
            assert!(left_db < METERS_DIFFER_DB, "sinc over {}: {left_db} dB left", 2 * half);
        }
        // The quiet stretches are far under the ceiling.
        let quiet = |index: &usize| (4500..7800).contains(&(index % 10_000));
        assert!((0..before.len()).filter(quiet).all(|index| before[index] == after[index]));
        assert!(before.iter().zip(after).all(|(x, y)| y.abs() <= x.abs()));
    }
    assert!(overs > 1000, "{overs} overs");
}

#[test]
fn corrections_turn_the_short_interpolator_into_the_long_one() {
    let audio = noise(8_000, CEILING);
    let plane = audio.channel(0);
    let eyes = Eyes::new();
    let mut held = Held::new();
    held.reset(LEAD);
    held.x.extend_from_slice(plane);
    held.x.resize(held.x.len() + LEAD, 0.0);
    held.extend_slow(eyes.near_nyquist());
    let position = LEAD as u64 + 1203;
    let slow = held.slow(NearNyquist::needed(position, SEGMENT_FRAMES));
    let corrections = eyes.near_nyquist().corrections(position, slow);
    let (mut worst, mut largest) = (0.0f64, 0.0f64);
    for frame in 0..SEGMENT_FRAMES {
        // Half way after the sample: the long sinc less the short one, both in full.
        let at = position as usize + frame;
        let lacking = |half: usize, beta: f64| -> f64 {
            let weight = |k: usize| {
                let t = k as f64 - (half as f64 - 0.5);
                sinc(t) * kaiser_window(t.abs() / half as f64, beta)
            };
            (0..2 * half).map(|k| weight(k) * f64::from(held.x[at + 1 - half + k])).sum()
        };
        let differences = [256, 512, 2048].map(|half| lacking(half, 9.0) - lacking(64, 10.0));
        let sign = if at.is_multiple_of(2) { 1.0 } else { -1.0 };
        let signed = differences.map(|difference| sign * difference);
        let lowest = signed.iter().fold(0.0f64, |lowest, value| lowest.min(*value));
        let highest = signed.iter().fold(0.0f64, |highest, value| highest.max(*value));
        largest = largest.max(highest - lowest);
        worst = worst
            .max((lowest - f64::from(corrections.lowest[frame])).abs())
            .max((highest - f64::from(corrections.highest[frame])).abs());
    }
    println!("corrections up to {largest:.3}, wrong by at most {worst:.5}");
    assert!(largest > 0.05 && worst < 0.001, "{largest}, {worst}");
}

#[test]
fn the_cut_into_blocks_changes_no_bit() {
    let audio = noise(6000, 1.02 * CEILING);
    let whole = repaired(&audio, 6000);
    for block_frames in [1, 700, 1024] {
        assert!(repaired(&audio, block_frames) == whole, "blocks of {block_frames}");
    }
}

#[test]
fn the_summit_of_a_parabola_is_its_vertex() {
    for vertex in [3.0, 7.2, 7.5, 7.9] {
        for sign in [1.0, -1.0] {
            let at = |i: usize| sign * (0.8 - 0.004 * (i as f32 - vertex) * (i as f32 - vertex));
            let found = summit(&std::array::from_fn(at));
            assert!((found - 0.8).abs() < 1e-6, "{vertex}: {found}");
        }
    }
    let rising: [f32; PHASES] = std::array::from_fn(|i| i as f32);
    assert_eq!(summit(&rising), (PHASES - 1) as f32);
}

#[test]
fn the_working_ceiling_leaves_room_for_other_meters_and_for_rounding() {
    let exact = working_ceiling(-1.0, 0.0);
    assert!((exact - db_to_amplitude(-1.0 - METERS_DIFFER_DB) as f32).abs() < 1e-7);
    // Errors of alternating sign add up between samples.
    let step = 1.0 / 32_768.0;
    let room = exact - working_ceiling(-1.0, f64::from(step));
    assert!(room > step && room < 6.0 * step, "{room}");
}
