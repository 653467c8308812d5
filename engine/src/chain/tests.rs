//! What must hold of stages that somebody else drives.

use acetate_audio::{Audio, AudioSpec, PcmPlanes};

use super::*;
use crate::limiter::masked::Tuning;
use crate::resampled_frames;
use crate::settings::*;
use crate::stages::*;
use crate::tests::{busy, sound};

const SPEC: AudioSpec = AudioSpec::new(8_000, 2);
/// Every block size up to this is tried: past the longest step on which a stage decides by frames alone.
const BLOCK_FRAMES_MAX: usize = 32;

/// Every stage that withholds something.
fn stages() -> Vec<(&'static str, Box<dyn Stage>)> {
    let none = "it does something";
    let trim = InputSettings { trim_end_s: 0.1, ..InputSettings::default() };
    let bell = EqualizerBand { gain_db: 3.0, ..EqualizerBand::default() };
    let linear = EqualizerSettings { phase: Phase::Linear, bands: vec![bell] };
    let [linear, _] = linear_equalizer(&linear, SPEC);
    let mut fast = DynamicBand { freq_hz: 1000.0, ..DynamicBand::default() };
    fast.attack_ms /= 2.0;
    let bands = [DynamicBand { freq_hz: 500.0, ..DynamicBand::default() }, fast];
    let de_esser = DeEsserSettings { enabled: true, ..DeEsserSettings::default() };
    let resonance = ResonanceSettings { enabled: true, ..ResonanceSettings::default() };
    let bass_harmonics =
        BassHarmonicsSettings { enabled: true, ..BassHarmonicsSettings::default() };
    let saturator =
        SaturatorSettings { enabled: true, mix_pct: 50.0, ..SaturatorSettings::default() };
    let band = CompressorBand { threshold_db: -30.0, ratio: 2.0, ..CompressorBand::default() };
    let compressor = |crossovers_hz: Vec<f64>, crossover| {
        let bands = vec![band.clone(); crossovers_hz.len() + 1];
        let settings = CompressorSettings { bands, crossovers_hz, crossover, ..Default::default() };
        Box::new(Compressor::new(&settings, SPEC).expect(none))
    };
    let wide = StereoSettings {
        bands: vec![StereoBand { below_hz: Some(500.0), width_pct: 150.0 }],
        min_correlation: Some(0.2),
        ..StereoSettings::default()
    };
    let fades = FadesSettings { in_ms: 5.0, out_ms: 100.0 };
    let limiter = |kind, lookahead_ms| {
        let settings = LimiterSettings { kind, lookahead_ms, ..LimiterSettings::default() };
        Box::new(Lookahead::new(&settings, 0.9, SPEC))
    };
    vec![
        ("trim", Box::new(Trim::new(&trim, SPEC, None).expect(none))),
        ("linear equaliser", Box::new(linear.expect(none))),
        ("dynamic equaliser", Box::new(DynamicEqualizer::new(&bands, SPEC).expect(none))),
        ("resonance tamer", Box::new(ResonanceTamer::new(&resonance, SPEC).expect(none))),
        ("compressor", compressor(vec![], CrossoverKind::Linear)),
        ("compressor, linear", compressor(vec![300.0, 2000.0], CrossoverKind::Linear)),
        ("compressor, LR", compressor(vec![300.0], CrossoverKind::LinkwitzRiley)),
        ("bass harmonics", Box::new(BassHarmonics::new(&bass_harmonics, SPEC).expect(none))),
        ("saturator", Box::new(Saturator::new(&saturator, SPEC).expect(none))),
        ("width", Box::new(width(&wide, SPEC).expect(none))),
        ("correlation guard", Box::new(CorrelationGuard::new(&wide, SPEC).expect(none))),
        ("limiter, transparent", limiter(LimiterKind::Transparent, 3.0)),
        ("limiter, fast", limiter(LimiterKind::Fast, 1.0)),
        ("fades", Box::new(Fades::new(&fades, SPEC).expect(none))),
        ("ceiling repair", Box::new(CeilingRepair::new(0.9, SPEC))),
        ("de-esser", Box::new(DeEsser::new(&de_esser, AudioSpec::new(16_000, 2)).expect(none))),
    ]
}

/// The most frames that a stage withholds when it is pushed blocks of this size, till twice its latency and more came in.
fn withheld_max(stage: &mut dyn Stage, spec: AudioSpec, to_hz: u32, frames: usize) -> usize {
    let block = Audio::from_planes(spec.sample_rate_hz, vec![vec![0.1; frames]; spec.channels]);
    let total = 2 * stage.latency_frames() + 10_000;
    let mut out = Audio::silence(AudioSpec { sample_rate_hz: to_hz, ..spec }, 0);
    let (mut came, mut went, mut most) = (0, 0, 0);
    while came < total {
        out.resize(0);
        stage.push(&block, &mut out);
        (came, went) = (came + frames, went + out.frames());
        let due = resampled_frames(came as u64, spec.sample_rate_hz, to_hz) as usize;
        most = most.max(due - went);
    }
    stage.reset();
    most
}

#[test]
fn a_stage_withholds_what_it_states_and_at_no_block_size_more() {
    for (name, mut stage) in stages() {
        let stated = stage.latency_frames();
        let most = |frames| withheld_max(stage.as_mut(), SPEC, SPEC.sample_rate_hz, frames);
        let most: Vec<usize> = (1..=BLOCK_FRAMES_MAX).map(most).collect();
        assert_eq!(most.iter().max(), Some(&stated), "{name}: {most:?}");
    }
}

#[test]
fn a_chain_withholds_no_more_than_its_stages_together() {
    let spec = AudioSpec::new(16_000, 2);
    for (rate_hz, linear) in [(16_000, false), (24_000, true)] {
        let mut settings = live(LimiterKind::Transparent);
        settings.fades.out_ms = 30.0;
        settings.output.sample_rate_hz = Some(rate_hz);
        if linear {
            settings.equalizer.phase = Phase::Linear;
        }
        let mut chain = FloatChain::new(&settings, spec).unwrap();
        let stated = chain.latency_frames();
        for frames in (1..=4).chain([31, 480, 4096, 10_000]) {
            let most = withheld_max(&mut chain, spec, rate_hz, frames);
            // Hops of different stages need not end together, but most of it is withheld at some time.
            assert!(most <= stated && most > stated / 2, "{frames}: {most} of {stated}");
        }
    }
}

#[test]
fn a_resampler_withholds_no_more_than_it_states() {
    for (from_hz, to_hz) in [(8_000, 12_000), (12_000, 8_000), (44_100, 48_000), (48_000, 44_100)] {
        let spec = AudioSpec::new(from_hz, 1);
        let mut resampler = Resampler::new(spec, to_hz).expect("rates differ");
        let stated = resampler.latency_frames();
        for frames in 1..=BLOCK_FRAMES_MAX {
            let most = withheld_max(&mut resampler, spec, to_hz, frames);
            // Blocks end where a frame of the output need not.
            assert!(
                most <= stated && stated - most <= 2 * BLOCK_FRAMES_MAX,
                "{frames}: {most} of {stated}"
            );
        }
    }
}

#[test]
fn the_masked_limiter_withholds_no_more_than_it_states() {
    let spec = AudioSpec::new(8_000, 1);
    let mut limiter = MaskedLimiter::new(spec, 0.2, Tuning::default());
    let stated = limiter.latency_frames();
    let loud = sound(1, 2 * stated, 8_000, 3);
    for frames in [1, 2, 31, 1000, 30_000] {
        let mut out = Audio::silence(spec, 0);
        let mut most = 0;
        for (came, block) in blocks(&loud, frames).enumerate() {
            limiter.push(&block, &mut out);
            let came = loud.frames().min((came + 1) * frames);
            most = most.max(came - out.frames());
        }
        assert!(most <= stated, "{frames}: {most} of {stated}");
        assert!(most + 2 * 30_000 > stated, "{frames}: {most} of {stated}");
        limiter.reset();
    }
}

#[test]
fn a_quantiser_withholds_what_it_states() {
    let settings = OutputSettings { bits: Bits::Int16, ..OutputSettings::default() };
    let mut quantiser = Quantiser::new(&settings, SPEC);
    // Something off the grid, then a stretch on it that is not yet long enough.
    let mut plane = vec![0.1];
    plane.resize(2000, 0.25);
    let sound = Audio::from_planes(8_000, vec![plane; 2]);
    for frames in 1..=BLOCK_FRAMES_MAX {
        let mut out = quantiser.block();
        let (mut came, mut went, mut most) = (0, 0, 0);
        for block in blocks(&sound, frames) {
            quantiser.push(&block, &mut out);
            (came, went) = (came + block.frames(), went + out.frames());
            most = most.max(came - went);
        }
        assert!(most <= quantiser.latency_frames(), "{frames}: {most}");
        assert!(frames > 1 || most == quantiser.latency_frames(), "{most}");
        quantiser.reset();
    }
}

fn blocks(audio: &Audio, frames: usize) -> impl Iterator<Item = Audio> + '_ {
    (0..audio.frames()).step_by(frames).map(move |start| {
        let end = audio.frames().min(start + frames);
        let planes = audio.planes().iter().map(|plane| plane[start..end].to_vec()).collect();
        Audio::from_planes(audio.spec().sample_rate_hz, planes)
    })
}

fn through(stage: &mut dyn Stage, audio: &Audio, frames: usize) -> Audio {
    let mut out = Audio::silence(audio.spec(), 0);
    blocks(audio, frames).for_each(|block| stage.push(&block, &mut out));
    stage.finish(&mut out);
    out
}

#[test]
fn after_a_reset_a_stage_is_as_new() {
    let audio = sound(2, 30_000, SPEC.sample_rate_hz, 5);
    for (name, mut stage) in stages() {
        let first = through(stage.as_mut(), &audio, 999);
        stage.push(&sound(2, 7_777, SPEC.sample_rate_hz, 6), &mut Audio::silence(SPEC, 0));
        stage.reset();
        assert!(through(stage.as_mut(), &audio, 999) == first, "{name}");
    }
    let audio = sound(2, 30_000, 44_100, 5);
    let mut chain = FloatChain::new(&busy(LimiterKind::Masked), audio.spec()).unwrap();
    let first = through(&mut chain, &audio, 999);
    chain.push(&audio, &mut Audio::silence(audio.spec(), 0));
    chain.reset();
    assert!(through(&mut chain, &audio, 999) == first);
}

/// Everything that can be live, and everything that listens.
fn live(kind: LimiterKind) -> Settings {
    let mut settings = busy(kind);
    settings.stereo.min_correlation = Some(0.3);
    settings.output.bits = Bits::Float32;
    settings
}

#[test]
fn the_float_chain_gives_what_is_rounded() {
    let audio = sound(2, 60_000, 44_100, 7);
    let settings = live(LimiterKind::Transparent);
    let floats = through(&mut FloatChain::new(&settings, audio.spec()).unwrap(), &audio, 4096);
    let mut chain = Chain::new(&settings, audio.spec()).unwrap();
    let (mut rest, mut out) = (chain.block(), chain.block());
    chain.push(&audio, &mut out);
    chain.finish(&mut rest);
    append_pcm(&rest, &mut out);
    assert!(out.planes == PcmPlanes::Float(floats.planes().to_vec()));
}

#[test]
fn a_live_chain_gives_the_sound_of_the_other_one_at_any_block_size() {
    let audio = sound(2, 40_000, 44_100, 8);
    for kind in [LimiterKind::Transparent, LimiterKind::Fast] {
        let settings = live(kind);
        let offline = through(&mut FloatChain::new(&settings, audio.spec()).unwrap(), &audio, 4096);
        let mut chain = RealtimeChain::new(&settings, audio.spec(), 700).unwrap();
        let late = chain.latency_frames();
        let mut longer = audio.clone();
        longer.resize(audio.frames() + late);
        for frames in [1, 2, 3, 17, 64, 480, 4096] {
            let mut out: Vec<Vec<f32>> = vec![Vec::new(); 2];
            for mut block in blocks(&longer, frames) {
                chain.process(&mut block);
                out.iter_mut().zip(block.planes()).for_each(|(out, due)| out.extend(due));
            }
            for (out, offline) in out.iter().zip(offline.planes()) {
                assert!(out[..late].iter().all(|&x| x == 0.0), "{frames}");
                // What comes behind the end of the sound is heard: a file ends, a live chain does not know when.
                let same = offline.len() - 20_000;
                assert!(out[late..late + same] == offline[..same], "blocks of {frames}");
            }
            chain.reset();
        }
    }
}

#[test]
fn a_live_chain_forgets_what_is_no_number() {
    let settings = live(LimiterKind::Transparent);
    let audio = sound(2, 8_000, 44_100, 3);
    let through = |broken: f32| {
        let mut chain = RealtimeChain::new(&settings, audio.spec(), 500).unwrap();
        let mut out = audio.clone();
        out.planes_mut().iter_mut().for_each(|plane| plane[1_000] = broken);
        chain.process(&mut out);
        out
    };
    let silent = through(0.0);
    for broken in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        assert!(through(broken) == silent, "{broken}");
    }
    assert!(silent.planes().iter().flatten().all(|sample| sample.is_finite()));
}

#[test]
fn what_needs_the_future_cannot_be_live() {
    let spec = AudioSpec::new(44_100, 2);
    let refused = |settings: &Settings| match RealtimeChain::new(settings, spec, 64) {
        Err(SettingsError::NotLive { path }) => path,
        other => panic!("{:?}", other.err()),
    };
    assert_eq!(refused(&live(LimiterKind::Masked)), "settings.limiter.kind");
    let mut settings = live(LimiterKind::Fast);
    settings.output.sample_rate_hz = Some(48_000);
    assert_eq!(refused(&settings), "settings.output.sample_rate_hz");
    settings = live(LimiterKind::Fast);
    settings.input.trim_end_s = 1.0;
    assert_eq!(refused(&settings), "settings.input.trim_end_s");
}

/// The chain's output for `sum`, and what following it makes of each part.
fn in_lock_step(settings: &Settings, sum: &Audio, parts: &[Audio]) -> (Audio, Vec<Audio>) {
    let mut chain = FloatChain::new(settings, sum.spec()).unwrap();
    chain.record_moves();
    let mut moves = ChainMoves::default();
    let mut out = Audio::silence(chain.output_spec(), 0);
    let new = |_: &Audio| (FloatChain::new(settings, sum.spec()).unwrap(), out.clone());
    let mut followers: Vec<_> = parts.iter().map(new).collect();
    let mut part_blocks: Vec<_> = parts.iter().map(|part| blocks(part, 1777)).collect();
    for block in blocks(sum, 1777) {
        chain.push(&block, &mut out);
        chain.take_moves(&mut moves);
        for ((follower, followed), blocks) in followers.iter_mut().zip(&mut part_blocks) {
            follower.follow(&moves);
            follower.push(&blocks.next().unwrap(), followed);
            assert_eq!(followed.frames(), out.frames());
        }
    }
    chain.finish(&mut out);
    chain.take_moves(&mut moves);
    for (follower, followed) in &mut followers {
        follower.follow(&moves);
        follower.finish(followed);
    }
    (out, followers.into_iter().map(|(_, followed)| followed).collect())
}

fn difference_max(a: &Audio, b: &Audio) -> f32 {
    let pairs = a.planes().iter().flatten().zip(b.planes().iter().flatten());
    pairs.fold(0.0, |max, (a, b)| max.max((a - b).abs()))
}

fn added(a: &Audio, b: &Audio) -> Audio {
    let mut sum = a.clone();
    for (sum, b) in sum.planes_mut().iter_mut().zip(b.planes()) {
        sum.iter_mut().zip(b).for_each(|(sum, b)| *sum += b);
    }
    sum
}

/// Gains of the ceiling's repair are multiplied in another order; a part may be as loud as the sum.
const ROUNDING: f32 = 1e-6;

#[test]
fn what_follows_the_sum_and_hears_the_sum_gives_the_sum() {
    let sum = sound(2, 50_000, 44_100, 11);
    for kind in [LimiterKind::Transparent, LimiterKind::Fast] {
        let mut settings = live(kind);
        settings.saturator.enabled = false;
        settings.bass_harmonics.enabled = false;
        for rate in [None, Some(48_000)] {
            settings.output.sample_rate_hz = rate;
            let (master, followed) = in_lock_step(&settings, &sum, std::slice::from_ref(&sum));
            assert_eq!(followed[0].frames(), master.frames());
            let difference = difference_max(&master, &followed[0]);
            assert!(difference < ROUNDING, "{kind:?}, {rate:?}: {difference}");
        }
    }
}

#[test]
fn parts_that_follow_their_sum_add_up_to_its_master_and_silence_stays_silent() {
    let (one, two) = (sound(2, 50_000, 44_100, 12), sound(2, 50_000, 44_100, 13));
    let silence = Audio::silence(one.spec(), one.frames());
    let sum = added(&one, &two);
    let mut settings = live(LimiterKind::Transparent);
    settings.saturator.enabled = false;
    settings.bass_harmonics.enabled = false;
    let (master, parts) = in_lock_step(&settings, &sum, &[one, two, silence]);
    let difference = difference_max(&master, &added(&parts[0], &parts[1]));
    assert!(difference < 1e-5, "{difference}");
    assert!(parts[2].planes().iter().flatten().all(|&x| x == 0.0));
    // And the gains move: the parts are no scaled copies of what they would be alone.
    let alone = through(&mut FloatChain::new(&settings, sum.spec()).unwrap(), &parts[0], 4096);
    assert!(difference_max(&alone, &parts[0]) > 0.01);
}

#[test]
fn what_is_added_to_the_sum_is_written_down_and_missing_from_the_parts() {
    let sum = sound(2, 40_000, 44_100, 14);
    let mut settings = Settings { drive_db: 9.0, ..Settings::default() };
    settings.limiter.kind = LimiterKind::Masked;
    settings.output.bits = Bits::Float32;
    let mut chain = FloatChain::new(&settings, sum.spec()).unwrap();
    chain.record_moves();
    let mut whole = Audio::silence(sum.spec(), 0);
    chain.push(&sum, &mut whole);
    chain.finish(&mut whole);
    let mut moves = ChainMoves::default();
    chain.take_moves(&mut moves);
    let residual = &moves[Mover::LimiterResidual];
    assert_eq!(residual.rows(), sum.frames());
    assert!(residual.columns[0].iter().any(|&added| added.abs() > 0.01));
    let mut follower = FloatChain::new(&settings, sum.spec()).unwrap();
    follower.follow(&moves);
    let mut out = Audio::silence(sum.spec(), 0);
    follower.push(&sum, &mut out);
    follower.finish(&mut out);
    let repair = &moves[Mover::CeilingRepair];
    for channel in 0..2 {
        for frame in 0..sum.frames() {
            let part = f64::from(out.channel(channel)[frame]);
            let added = residual.columns[channel][frame] * repair.columns[channel][frame];
            let difference = part + added - f64::from(whole.channel(channel)[frame]);
            assert!(difference.abs() < f64::from(ROUNDING), "{channel}, {frame}: {difference}");
        }
    }
}
