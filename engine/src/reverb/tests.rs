use acetate_audio::units::power_to_db;
use realfft::RealFftPlanner;

use super::*;

const RATE_HZ: u32 = 48_000;

fn settings() -> ReverbSettings {
    ReverbSettings { enabled: true, mix_pct: 100.0, ..ReverbSettings::default() }
}

fn spec(channels: usize) -> AudioSpec {
    AudioSpec::new(RATE_HZ, channels)
}

fn impulse(channels: usize, seconds: f64) -> Audio {
    let mut sound = Audio::silence(spec(channels), (seconds * f64::from(RATE_HZ)) as usize);
    sound.planes_mut().iter_mut().for_each(|plane| plane[0] = 1.0);
    sound
}

fn noise(frames: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    (0..frames)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state as f32 / u32::MAX as f32 - 0.5
        })
        .collect()
}

fn with_room(settings: &ReverbSettings, mut sound: Audio) -> Audio {
    Reverb::new(settings, sound.spec()).expect("it is heard").process(&mut sound);
    sound
}

/// Seconds in which the energy still to come (Schroeder 1965) falls by 60 dB, from its slope between -5 and -35 dB, within a
/// band an octave wide.
fn decay_s(response: &[f32], centre_hz: f64) -> f64 {
    let band = crate::svf::BandPass::new(centre_hz / f64::from(RATE_HZ), 3.0);
    let mut states = [SvfState::default(); 2];
    let filtered: Vec<f64> = response
        .iter()
        .map(|x| {
            let once = band.next(&mut states[0], f64::from(*x));
            band.next(&mut states[1], once)
        })
        .collect();
    let mut left: Vec<f64> = filtered
        .iter()
        .rev()
        .scan(0.0, |sum, x| {
            *sum += x * x;
            Some(*sum)
        })
        .collect();
    left.reverse();
    let reaches =
        |db: f64| left.iter().position(|e| power_to_db(e / left[0]) < db).expect("it falls");
    2.0 * (reaches(-35.0) - reaches(-5.0)) as f64 / f64::from(RATE_HZ)
}

#[test]
fn no_two_channels_enter_or_listen_alike() {
    for (one, row) in SIGNS.iter().enumerate() {
        for (other, column) in SIGNS.iter().enumerate() {
            let alike: f64 = row.iter().zip(column).map(|(a, b)| a * b).sum();
            assert_eq!(alike, if one == other { LINES as f64 } else { 0.0 }, "{one} and {other}");
        }
    }
}

#[test]
fn the_room_dies_away_in_its_time_at_both_frequencies() {
    for (wanted_s, ratio_pct) in [(0.5, 50.0), (1.2, 50.0), (1.0, 100.0)] {
        let settings = ReverbSettings {
            decay_s: wanted_s,
            high_ratio_pct: ratio_pct,
            high_cut_hz: 20_000.0,
            ..settings()
        };
        let mut sound = with_room(&settings, impulse(1, 4.0));
        sound.planes_mut()[0][0] = 0.0;
        let middle = decay_s(sound.channel(0), 1000.0);
        assert!((middle / wanted_s - 1.0).abs() < 0.05, "{wanted_s} s at 1 kHz: {middle:.3} s");
        let high = decay_s(sound.channel(0), 8000.0) / (wanted_s * ratio_pct / 100.0);
        assert!((high - 1.0).abs() < 0.05, "{wanted_s} s at 8 kHz: {high:.3} of it");
    }
}

#[test]
fn echoes_are_dense_80_ms_after_the_first() {
    let bright =
        ReverbSettings { predelay_ms: 0.0, high_ratio_pct: 100.0, decay_s: 1.0, ..settings() };
    let mut network = Network::new(&bright, f64::from(RATE_HZ));
    let frame = |s: f64| (s * f64::from(RATE_HZ)) as usize;
    let answers: Vec<f64> = (0..frame(0.3))
        .map(|n| network.next([if n == 0 { 1.0 } else { 0.0 }, 0.0]).iter().sum::<f64>().abs())
        .collect();
    let window = &answers[frame(0.103)..frame(0.203)];
    let loudest = window.iter().copied().fold(0.0, f64::max);
    let echoes = window.iter().filter(|x| **x > 0.01 * loudest).count();
    assert!(echoes > 100, "{echoes} echoes in 100 ms");
}

#[test]
fn full_level_is_24_db_down() {
    // Wide filters: the level is that of what the room is allowed to hear.
    let wide = ReverbSettings { low_cut_hz: 20.0, high_cut_hz: 20_000.0, ..settings() };
    for channels in [1, 2, 4] {
        let mut sound = with_room(&wide, impulse(channels, 3.0));
        sound.planes_mut().iter_mut().for_each(|plane| plane[0] = 0.0);
        let energy: f64 =
            sound.planes().iter().flatten().map(|x| f64::from(*x) * f64::from(*x)).sum();
        let level = power_to_db(energy / channels as f64);
        assert!((level + 24.0).abs() < 1.0, "{channels} channels: {level:.2} dB");
    }
}

#[test]
fn the_mono_sum_is_coloured_by_less_than_3_db() {
    let sound = with_room(&settings(), impulse(2, 65_536.0 / f64::from(RATE_HZ)));
    let mut mono: Vec<f64> =
        (0..65_536).map(|n| 0.5 * f64::from(sound.channel(0)[n] + sound.channel(1)[n])).collect();
    let transform = RealFftPlanner::new().plan_fft_forward(65_536);
    let mut bins = transform.make_output_vec();
    transform.process(&mut mono, &mut bins).expect("lengths fit");
    for (n, bin) in bins.iter().enumerate() {
        let level = power_to_db(bin.norm_sqr());
        assert!(level.abs() < 3.0, "bin {n}: {level:.2} dB");
    }
}

#[test]
fn the_answer_is_wider_than_the_sound() {
    let mut sound = with_room(&settings(), impulse(2, 1.0));
    sound.planes_mut().iter_mut().for_each(|plane| plane[0] = 0.0);
    let energy = |sign: f32| -> f64 {
        let sum = |n: usize| f64::from(sound.channel(0)[n] + sign * sound.channel(1)[n]);
        (0..sound.frames()).map(|n| sum(n) * sum(n)).sum()
    };
    assert!(energy(-1.0) > 3.0 * energy(1.0));
}

#[test]
fn switched_off_or_without_level_there_is_no_room() {
    assert!(Reverb::new(&ReverbSettings { enabled: false, ..settings() }, spec(2)).is_none());
    assert!(Reverb::new(&ReverbSettings { mix_pct: 0.0, ..settings() }, spec(2)).is_none());
}

#[test]
fn neither_block_size_nor_an_earlier_piece_changes_a_bit() {
    let planes = vec![noise(5000, 1), noise(5000, 2)];
    let mut reverb = Reverb::new(&settings(), spec(2)).expect("it is heard");
    let mut whole = Audio::from_planes(RATE_HZ, planes.clone());
    reverb.process(&mut whole);
    for block in [1, 7, 64, 1024] {
        reverb.reset();
        for start in (0..5000).step_by(block) {
            let end = (start + block).min(5000);
            let pieces = planes.iter().map(|p| p[start..end].to_vec()).collect();
            let mut piece = Audio::from_planes(RATE_HZ, pieces);
            reverb.process(&mut piece);
            for (plane, wanted) in piece.planes().iter().zip(whole.planes()) {
                assert_eq!(plane[..], wanted[start..end], "blocks of {block}");
            }
        }
    }
}

#[test]
fn one_to_eight_channels_at_odd_rates_stay_bounded_and_lfe_stays_dry() {
    for channels in 1..=8 {
        for sample_rate_hz in [8000, 44_056, 384_000] {
            let input = Audio::from_planes(sample_rate_hz, vec![noise(16_000, 3); channels]);
            let output = with_room(&settings(), input.clone());
            assert!(output.planes().iter().flatten().all(|x| x.abs() < 1.0));
            for channel in 0..channels {
                let dry = output.channel(channel) == input.channel(channel);
                assert_eq!(dry, input.spec().role(channel) == ChannelRole::Lfe);
            }
        }
    }
}
