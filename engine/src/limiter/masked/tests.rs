use super::*;

const SPEC: AudioSpec = AudioSpec::new(44_100, 2);
const CEILING: f32 = 0.5;
const QUICK: usize = 12;

fn tuning() -> Tuning {
    Tuning { iterations: QUICK, ..Tuning::default() }
}

/// Chords with decaying attacks twice a second, quiet in between, different left and right.
fn music(seconds: f64, peak: f32) -> Audio {
    let plane = |side: usize| {
        let sample = |t: usize| {
            let s = t as f64 / 44_100.0;
            let envelope = libm::exp(-8.0 * (s * 2.0).fract());
            let chord: f64 = [110.0, 277.0, 659.0, 3520.0]
                .iter()
                .enumerate()
                .map(|(i, hz)| {
                    libm::sin(s * hz * std::f64::consts::TAU * (1.0 + 0.01 * (side * i) as f64))
                })
                .sum();
            (chord / 4.0 * envelope) as f32 * peak
        };
        (0..(seconds * 44_100.0) as usize).map(sample).collect()
    };
    Audio::from_planes(44_100, vec![plane(0), plane(1)])
}

fn limit(input: &Audio, block: usize, tuning: Tuning) -> Audio {
    let mut limiter = MaskedLimiter::new(input.spec(), CEILING, tuning);
    let mut out = Audio::silence(input.spec(), 0);
    for start in (0..input.frames()).step_by(block) {
        let end = input.frames().min(start + block);
        let planes = input.planes().iter().map(|plane| plane[start..end].to_vec()).collect();
        limiter.push(&Audio::from_planes(input.spec().sample_rate_hz, planes), &mut out);
    }
    limiter.finish(&mut out);
    out
}

fn true_peak(audio: &Audio) -> f32 {
    let interpolator = Interpolator::new(4);
    let mut peak = 0.0f32;
    for plane in audio.planes() {
        let padded: Vec<f32> = [vec![0.0; SPAN], plane.clone(), vec![0.0; SPAN]].concat();
        for span in padded.windows(SPAN).step_by(interpolator::BLOCK) {
            let mut phases = Default::default();
            interpolator.up(span.first_chunk().unwrap(), &mut phases);
            peak = phases.iter().flatten().fold(peak, |peak, value| peak.max(value.abs()));
        }
    }
    peak
}

#[test]
fn sound_below_the_ceiling_is_not_touched() {
    let quiet = music(1.0, 0.4);
    assert!(limit(&quiet, 4096, tuning()) == quiet);
}

#[test]
fn what_is_far_from_an_over_is_copied_bit_for_bit() {
    let input = music(3.0, 0.9);
    let output = limit(&input, 4096, tuning());
    let same = (0..input.frames())
        .filter(|&i| input.channel(0)[i].to_bits() == output.channel(0)[i].to_bits());
    assert!(output != input);
    assert!(same.count() > input.frames() / 2);
    // The quiet end of each chord, half a second long.
    assert!(input.channel(1)[18_000..20_900] == output.channel(1)[18_000..20_900]);
}

#[test]
fn the_ceiling_is_nearly_held() {
    let input = music(2.0, 0.9);
    assert!(true_peak(&input) > 1.2 * CEILING);
    let over_db = 20.0 * (true_peak(&limit(&input, 4096, Tuning::default())) / CEILING).log10();
    assert!(over_db < 0.05, "{over_db} dB over");
}

#[test]
fn block_size_and_threads_do_not_matter() {
    let input = music(9.0, 1.6);
    let whole = limit(&input, input.frames(), tuning());
    assert!(limit(&input, 999, tuning()) == whole);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert!(pool.install(|| limit(&input, 32_768, tuning())) == whole);
}

#[test]
fn any_rate_and_channel_count_comes_out_whole() {
    for (sample_rate_hz, channels, frames) in
        [(8_000, 1, 3), (48_000, 6, 9_000), (384_000, 3, 20_000), (44_100, 2, 0)]
    {
        let spec = AudioSpec::new(sample_rate_hz, channels);
        let planes = (0..channels)
            .map(|c| (0..frames).map(|i| ((i * (7 + c)) % 41) as f32 / 20.0 - 1.0).collect());
        let input = Audio::from_planes(sample_rate_hz, planes.collect());
        let output = limit(&input, 1000, tuning());
        assert_eq!((output.spec(), output.frames()), (spec, frames));
        assert!(output.planes().iter().flatten().all(|sample| sample.is_finite()));
    }
}

#[test]
fn a_stage_that_finished_is_as_new() {
    let input = music(1.0, 1.0);
    let mut limiter = MaskedLimiter::new(SPEC, CEILING, tuning());
    let mut runs = Vec::new();
    for _ in 0..2 {
        let mut out = Audio::silence(SPEC, 0);
        limiter.push(&input, &mut out);
        limiter.finish(&mut out);
        runs.push(out);
    }
    assert!(runs[0] == runs[1]);
}

#[test]
fn pieces_that_overlap_fade_into_each_other_and_add_up() {
    let mut limiter = MaskedLimiter::new(SPEC, CEILING, tuning());
    let hop = limiter.hop;
    let whole = Piece { channel: 0, first: 1, last: 8, fade_in: None, fade_out: None };
    let before = Piece { last: 6, fade_out: Some(5), ..whole };
    let after = Piece { first: 4, fade_in: Some(5), ..whole };
    for piece in [before, after] {
        let frames = (piece.last - piece.first + 1) as usize;
        let solved =
            Solved { residual: vec![1.0; (frames + 1) * hop], noise_to_mask: vec![0.0; frames] };
        limiter.add(&piece, &solved);
        let residual = &limiter.tape.residuals[0];
        assert!(residual.iter().all(|value| (0.0..=1.000_001).contains(value)));
    }
    let start = limiter.tape.index(0);
    let residual = &limiter.tape.residuals[0];
    assert!(residual[..start].iter().all(|&value| value == 0.0));
    assert!(residual[start..].iter().all(|&value| (value - 1.0).abs() < 1e-6));
    assert_eq!(residual.len(), start + 9 * hop);
}

/// Noise to mask of what limiting changes in these planes, dB.
fn damage_db(planes: Vec<Vec<f32>>) -> f64 {
    let input = Audio::from_planes(44_100, planes);
    let mut limiter = MaskedLimiter::new(input.spec(), CEILING, tuning());
    let mut out = Audio::silence(input.spec(), 0);
    limiter.push(&input, &mut out);
    limiter.finish(&mut out);
    limiter.take_trace().damage(input.duration_s()).0
}

#[test]
fn a_channel_without_sound_has_no_part_in_the_damage() {
    let sound = music(2.0, 1.0).channel(0).to_vec();
    let scaled = |gain: f32| sound.iter().map(|x| x * gain).collect::<Vec<f32>>();
    let alone = damage_db(vec![sound.clone()]);
    assert!((damage_db(vec![sound.clone(), sound.clone()]) - alone).abs() < 0.1, "its twin");
    assert!((damage_db(vec![sound.clone(), scaled(0.0)]) - alone).abs() < 0.1, "silence");
    // What sounds, however quietly, and is not changed halves the mean: PEAQ's scale makes that 3.8 dB.
    for gain in [0.01, 0.1] {
        let beside = damage_db(vec![sound.clone(), scaled(gain)]);
        assert!((alone - 4.0..alone + 0.5).contains(&beside), "{gain}: {beside}, alone {alone}");
    }
}
