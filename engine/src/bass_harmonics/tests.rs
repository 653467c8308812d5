use acetate_audio::units::amplitude_to_db;

use super::*;

const RATE: u32 = 48_000;

fn settings() -> BassHarmonicsSettings {
    BassHarmonicsSettings { enabled: true, ..BassHarmonicsSettings::default() }
}

fn tones(tones: &[(f64, f64)]) -> Vec<f32> {
    let sample = |frame: usize| {
        let turns = TAU * frame as f64 / f64::from(RATE);
        tones.iter().map(|(hz, amplitude)| amplitude * libm::sin(turns * hz)).sum::<f64>() as f32
    };
    (0..3 * RATE as usize).map(sample).collect()
}

fn run(stage: &mut BassHarmonics, planes: &[Vec<f32>], block: usize) -> Vec<Vec<f32>> {
    let spec = AudioSpec::new(RATE, planes.len());
    let mut out = Audio::silence(spec, 0);
    let frames = planes[0].len();
    for start in (0..frames).step_by(block) {
        let end = frames.min(start + block);
        let cut = planes.iter().map(|plane| plane[start..end].to_vec()).collect();
        stage.push(&Audio::from_planes(RATE, cut), &mut out);
    }
    stage.finish(&mut out);
    out.planes().to_vec()
}

fn with_harmonics(settings: &BassHarmonicsSettings, planes: &[Vec<f32>]) -> Vec<Vec<f32>> {
    let spec = AudioSpec::new(RATE, planes.len());
    run(&mut BassHarmonics::new(settings, spec).expect("it is heard"), planes, 4096)
}

/// Level of a tone in the middle second, dB of amplitude; the tones of the tests have whole periods in it.
fn level_db(plane: &[f32], hz: f64) -> f64 {
    let second = &plane[RATE as usize..2 * RATE as usize];
    let (mut cos, mut sin) = (0.0, 0.0);
    for (frame, sample) in second.iter().enumerate() {
        let turn = TAU * hz * frame as f64 / f64::from(RATE);
        cos += f64::from(*sample) * libm::cos(turn);
        sin += f64::from(*sample) * libm::sin(turn);
    }
    amplitude_to_db(2.0 * libm::sqrt(cos * cos + sin * sin) / f64::from(RATE))
}

#[test]
fn of_a_sine_come_its_harmonics_at_their_levels_and_nothing_else_however_loud_it_is() {
    let settings = settings();
    let wanted = [settings.second_db, settings.third_db, settings.fourth_db];
    for hz in [42.0, 56.0, 80.0, 100.0] {
        for level in [0.5, 0.005] {
            let plane = &with_harmonics(&settings, &[tones(&[(hz, level)])])[0];
            let below_db = |multiple: f64| level_db(plane, multiple * hz) - amplitude_to_db(level);
            assert!(below_db(1.0).abs() < 0.001, "{hz} Hz: {}", below_db(1.0));
            for (multiple, wanted) in [2.0, 3.0, 4.0].into_iter().zip(wanted) {
                let found = below_db(multiple);
                // The filter lets 42 Hz and 100 Hz pass but for a tenth of a decibel.
                assert!((found - wanted).abs() < 0.15, "{hz} Hz x {multiple}: {found}");
            }
            for other in [0.5, 1.5, 2.5, 5.0, 6.0, 7.0, 8.0] {
                assert!(below_db(other) < -75.0, "{hz} Hz x {other}: {}", below_db(other));
            }
        }
    }
}

#[test]
fn what_lies_above_the_bass_and_what_is_upside_down_gets_nothing() {
    let plane = tones(&[(200.0, 0.3), (1_000.0, 0.3)]);
    let after = &with_harmonics(&settings(), std::slice::from_ref(&plane))[0];
    // Where a tone begins, all frequencies are.
    let middle = RATE as usize..2 * RATE as usize;
    let both = plane[middle.clone()].iter().zip(&after[middle]);
    let most = both.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(most < 1e-4, "{most}");
    let bass = tones(&[(55.0, 0.3)]);
    let upside_down = bass.iter().map(|sample| -sample).collect();
    let planes = [bass.clone(), upside_down];
    assert_eq!(with_harmonics(&settings(), &planes), planes);
}

#[test]
fn neutral_settings_add_no_stage() {
    let spec = AudioSpec::new(RATE, 2);
    let nothing = BassHarmonicsSettings { mix_pct: 0.0, ..settings() };
    for neutral in [BassHarmonicsSettings::default(), nothing] {
        assert!(BassHarmonics::new(&neutral, spec).is_none());
    }
}

#[test]
fn half_of_the_mix_is_half_of_the_harmonics_and_silence_stays_silent() {
    let half = BassHarmonicsSettings { mix_pct: 50.0, ..settings() };
    let plane = &with_harmonics(&half, &[tones(&[(55.0, 0.3)])])[0];
    let below_db = level_db(plane, 110.0) - amplitude_to_db(0.3);
    assert!((below_db - (half.second_db - 6.02)).abs() < 0.15, "{below_db}");
    let silence = vec![vec![0.0; 100_000]; 2];
    assert_eq!(with_harmonics(&settings(), &silence), silence);
}

#[test]
fn every_block_size_gives_the_same_and_reset_is_new() {
    let planes = [tones(&[(44.0, 0.3), (700.0, 0.1)]), tones(&[(55.0, 0.2), (300.0, 0.1)])];
    let spec = AudioSpec::new(RATE, 2);
    let stage = || BassHarmonics::new(&settings(), spec).expect("it is heard");
    let wanted = run(&mut stage(), &planes, 1_000);
    let mut again = stage();
    for block in [17, 4_096, 100_000] {
        assert_eq!(run(&mut again, &planes, block), wanted, "{block}");
    }
}

#[test]
fn what_is_added_is_written_down_and_is_the_same_in_both_channels() {
    let planes = [tones(&[(44.0, 0.3)]), tones(&[(44.0, 0.3), (900.0, 0.2)])];
    let mut stage = BassHarmonics::new(&settings(), AudioSpec::new(RATE, 2)).unwrap();
    stage.score().record();
    let after = run(&mut stage, &planes, 4_096);
    let mut moves = crate::Moves::default();
    stage.score().take(&mut moves);
    assert_eq!(moves.rows(), planes[0].len());
    for (before, after) in planes.iter().zip(&after) {
        for ((before, after), added) in before.iter().zip(after).zip(&moves.columns[0]) {
            assert!((before + *added as f32 - after).abs() < 1e-7);
        }
    }
}
