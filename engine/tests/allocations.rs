//! Once it runs, the chain allocates nothing; a live one not even when it begins.

use acetate_audio::Audio;
use acetate_engine::settings::{
    Bits, CompressorBand, CrossoverKind, DitherKind, DynamicBand, EqualizerBand, LimiterKind,
    Phase, Settings, StereoBand,
};
use acetate_engine::{Chain, ChainMoves, FloatChain, RealtimeChain, Stage};
use allocation_counter::measure;

const BLOCK_FRAMES: usize = 4096;
/// Blocks until every buffer has its size.
const BLOCKS_BEFORE: usize = 24;
const BLOCKS: usize = 24;
/// The traces for the report grow by 20 points a second; doubling, each grows at most this often in these blocks.
const TRACE_GROWTHS: u64 = 1;

fn noise(block: usize, frames: usize) -> Audio {
    let plane = |channel: usize| {
        let mut state = (block * 2 + channel + 1) as u32;
        (0..frames)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                0.7 * ((state >> 8) as f32 / 8_388_608.0 - 1.0)
            })
            .collect()
    };
    Audio::from_planes(44_100, vec![plane(0), plane(1)])
}

fn cases() -> Vec<(&'static str, u64, Settings)> {
    let with = |change: &dyn Fn(&mut Settings)| {
        let mut settings = Settings::default();
        settings.limiter.kind = LimiterKind::Off;
        settings.output.bits = Bits::Float32;
        change(&mut settings);
        settings
    };
    let bands = vec![EqualizerBand { gain_db: 3.0, ..EqualizerBand::default() }; 8];
    let compress = |s: &mut Settings, crossover| {
        let band = CompressorBand { threshold_db: -30.0, ratio: 2.0, ..CompressorBand::default() };
        s.compressor.bands = vec![band; 3];
        s.compressor.crossovers_hz = vec![140.0, 2500.0];
        s.compressor.crossover = crossover;
    };
    let limit = |s: &mut Settings, kind| {
        s.drive_db = 6.0;
        s.limiter.kind = kind;
    };
    // The second column: traces that grow.
    vec![
        ("equaliser", 0, with(&|s| s.equalizer.bands = bands.clone())),
        (
            "equaliser, linear phase",
            0,
            with(&|s| {
                s.equalizer.bands = bands.clone();
                s.equalizer.phase = Phase::Linear;
            }),
        ),
        (
            "dynamic equaliser",
            0,
            with(&|s| s.dynamic_equalizer.bands = vec![DynamicBand::default(); 2]),
        ),
        ("de-esser", 0, with(&|s| s.dynamic_equalizer.de_esser.enabled = true)),
        ("resonance tamer", 0, with(&|s| s.dynamic_equalizer.resonance.enabled = true)),
        ("compressor", 3, with(&|s| compress(s, CrossoverKind::Linear))),
        ("compressor, Linkwitz-Riley", 3, with(&|s| compress(s, CrossoverKind::LinkwitzRiley))),
        ("bass harmonics", 0, with(&|s| s.bass_harmonics.enabled = true)),
        ("saturator", 0, with(&|s| s.saturator.enabled = true)),
        (
            "stereo",
            0,
            with(&|s| {
                s.stereo.bands = vec![StereoBand { below_hz: None, width_pct: 130.0 }];
                s.stereo.min_correlation = Some(0.2);
                s.stereo.decorrelate_pct = 50.0;
                s.stereo.balance_db = 1.0;
            }),
        ),
        ("reverb", 0, with(&|s| s.reverb.enabled = true)),
        ("resampler", 0, with(&|s| s.output.sample_rate_hz = Some(48_000))),
        ("limiter, transparent", 2, with(&|s| limit(s, LimiterKind::Transparent))),
        ("limiter, fast", 2, with(&|s| limit(s, LimiterKind::Fast))),
        ("dither", 0, with(&|s| s.output.bits = Bits::Int24)),
        (
            "dither, shaped",
            0,
            with(&|s| {
                s.output.bits = Bits::Int16;
                s.output.dither = DitherKind::Shaped;
            }),
        ),
    ]
}

/// How often this thread asked for memory while the chain took its later blocks.
fn allocations(settings: &Settings) -> u64 {
    let blocks: Vec<Audio> = (0..8).map(|block| noise(block, BLOCK_FRAMES)).collect();
    let mut chain = Chain::new(settings, blocks[0].spec()).expect("settings are valid");
    let mut out = chain.block();
    for block in 0..BLOCKS_BEFORE {
        chain.push(&blocks[block % 8], &mut out);
    }
    let run = measure(|| (0..BLOCKS).for_each(|block| chain.push(&blocks[block % 8], &mut out)));
    run.count_total
}

#[test]
fn a_chain_that_runs_allocates_nothing() {
    // On one thread: what is counted is one thread's own.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("one thread");
    pool.install(|| {
        for (name, traces, settings) in cases() {
            let count = allocations(&settings);
            assert!(
                count <= traces * TRACE_GROWTHS,
                "{name}: {count} allocations in {BLOCKS} blocks"
            );
        }
    });
}

#[test]
fn a_live_chain_allocates_nothing_from_its_first_block_on() {
    let live = |settings: &Settings| settings.output.sample_rate_hz.is_none();
    for (name, _, settings) in cases().into_iter().filter(|(.., settings)| live(settings)) {
        let mut blocks: Vec<Audio> = (0..8).map(|block| noise(block, 480)).collect();
        let mut chain =
            RealtimeChain::new(&settings, blocks[0].spec(), 480).expect("it can be live");
        let run = measure(|| (0..300).for_each(|block| chain.process(&mut blocks[block % 8])));
        assert_eq!(run.count_total, 0, "{name}");
    }
}

#[test]
fn chains_in_lock_step_allocate_nothing_once_they_run() {
    // On one thread, and without the traces, whose growth is counted above.
    acetate_audio::Threads::None.run(|| {
        for (name, traces, settings) in cases() {
            let blocks: Vec<Audio> = (0..8).map(|block| noise(block, BLOCK_FRAMES)).collect();
            let new = || FloatChain::new(&settings, blocks[0].spec()).expect("settings are valid");
            let (mut chain, mut follower) = (new(), new());
            chain.record_moves();
            let mut moves = ChainMoves::default();
            let mut out = Audio::silence(chain.output_spec(), 0);
            let mut push = |block: usize| {
                out.resize(0);
                chain.push(&blocks[block % 8], &mut out);
                chain.take_moves(&mut moves);
                follower.follow(&moves);
                out.resize(0);
                follower.push(&blocks[(block + 1) % 8], &mut out);
            };
            (0..BLOCKS_BEFORE).for_each(&mut push);
            let count = measure(|| (0..BLOCKS).for_each(&mut push)).count_total;
            assert!(count <= 2 * traces * TRACE_GROWTHS, "{name}: {count} allocations");
        }
    });
}
