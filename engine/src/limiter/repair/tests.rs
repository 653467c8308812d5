use super::*;

const SPEC: AudioSpec = AudioSpec { sample_rate_hz: 44_100, channels: 2 };
const CEILING: f32 = 0.9;

/// Noise, loud now and then, with samples of at most `largest`.
fn noise(frames: usize, largest: f32) -> Audio {
    let plane = |seed: u32| {
        let mut state = seed;
        (0..frames)
            .map(|i| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let level = if i % 5000 < 2300 { 1.0 } else { 0.3 };
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

#[test]
fn overs_between_samples_are_taken_down_and_nothing_else_is_touched() {
    let audio = noise(20_000, CEILING);
    let out = repaired(&audio, 20_000);
    let eyes = Eyes::new();
    let (mut overs, mut highest) = (0, 0.0f32);
    for channel in 0..2 {
        let (before, after) = (audio.channel(channel), out.channel(channel));
        assert_eq!(before.len(), after.len());
        for (index, (x, y)) in before.windows(TAPS).zip(after.windows(TAPS)).enumerate() {
            overs += usize::from(eyes.peak(x) > CEILING);
            highest = highest.max(eyes.peak(y));
            // The quiet stretches are far under the ceiling.
            if (2600..4700).contains(&(index % 5000)) {
                assert_eq!(x[REACH], y[REACH], "frame {index}");
            }
        }
        assert!(before.iter().zip(after).all(|(x, y)| y.abs() <= x.abs()));
    }
    // White noise at full level is the worst there is: what eight passes leave is within what meters differ by.
    let left_db = acetate_audio::units::amplitude_to_db(f64::from(highest / CEILING));
    assert!(overs > 1000 && left_db < METERS_DIFFER_DB / 2.0, "{overs} overs, {left_db} dB left");
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
    assert!(room > step && room < 4.0 * step, "{room}");
}
