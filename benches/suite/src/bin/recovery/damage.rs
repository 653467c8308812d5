//! Sound cut into pieces, and known damages for it.

use std::error::Error;

use acetate_audio::{Audio, Source};
use acetate_bench::masters::rendered;
use acetate_engine::Settings;
use acetate_engine::settings::{
    Bits, CompressorBand, EqualizerBand, FilterType, LimiterKind, OutputSettings, StereoBand,
};
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Length of a piece, s.
const PIECE_S: f64 = 4.0;
/// Cross-fade between pieces, s.
const FADE_S: f64 = 0.05;
/// Centres of the damaging bells: one in each of these ranges, Hz.
const BELLS_HZ: [(f64, f64); 3] = [(60.0, 400.0), (400.0, 2_500.0), (2_500.0, 10_000.0)];

/// Share of the gains of a small damage: bells of 1 to 2.7 dB.
pub(super) const SMALL: f64 = 1.0 / 3.0;

/// The odd and the even pieces of a sound, each cross-faded together; or those of its first half and of its second.
pub(super) fn pieces(source: &Source, halves: bool) -> Result<(Audio, Audio), Box<dyn Error>> {
    let audio = source.audio().ok_or("file too long to be held in memory")?;
    let rate = f64::from(audio.spec().sample_rate_hz);
    let (length, fade) = ((PIECE_S * rate) as usize, (FADE_S * rate) as usize);
    let count = audio.frames() / length;
    let join = |second: bool| {
        let belongs = |piece: usize| if halves { piece >= count / 2 } else { piece % 2 == 1 };
        let planes = audio.planes().iter().map(|plane| {
            let mut joined: Vec<f32> = Vec::new();
            for piece in (0..count).filter(|&piece| belongs(piece) == second) {
                append_faded(&mut joined, &plane[piece * length..(piece + 1) * length], fade);
            }
            joined
        });
        Audio::from_planes(audio.spec().sample_rate_hz, planes.collect())
    };
    Ok((join(false), join(true)))
}

pub(super) fn append_faded(joined: &mut Vec<f32>, piece: &[f32], fade: usize) {
    if joined.is_empty() {
        joined.extend_from_slice(piece);
        return;
    }
    let start = joined.len() - fade;
    for (index, sample) in piece[..fade].iter().enumerate() {
        let share = (index as f32 + 0.5) / fade as f32;
        // Equal power: the pieces are not correlated.
        joined[start + index] =
            joined[start + index] * (1.0 - share).sqrt() + sample * share.sqrt();
    }
    joined.extend_from_slice(&piece[fade..]);
}

/// A random damage: three bells, a tilt, width, level, compression.
pub(super) fn damage(seed: u64) -> Settings {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut settings = Settings::default();
    for (low, high) in BELLS_HZ {
        let size: f64 = random.gen_range(3.0..8.0);
        settings.equalizer.bands.push(EqualizerBand {
            freq_hz: low * (high / low).powf(random.gen_range(0.0..1.0)),
            gain_db: if random.gen_bool(0.5) { size } else { -size },
            q: random.gen_range(0.5..1.5),
            ..EqualizerBand::default()
        });
    }
    settings.equalizer.bands.push(EqualizerBand {
        kind: FilterType::Tilt,
        freq_hz: 1_000.0,
        gain_db: random.gen_range(-4.0..4.0),
        ..EqualizerBand::default()
    });
    settings.stereo.bands =
        vec![StereoBand { below_hz: None, width_pct: random.gen_range(50.0..150.0) }];
    settings.compressor.bands = vec![CompressorBand {
        threshold_db: random.gen_range(-30.0..-18.0),
        ratio: random.gen_range(1.2..2.0),
        ..CompressorBand::default()
    }];
    settings.drive_db = random.gen_range(-12.0..-4.0);
    settings.output = OutputSettings { bits: Bits::Float32, ..OutputSettings::default() };
    settings
}

/// A random compressor around the level of a sound.
pub(super) fn compression(seed: u64, lufs: f64) -> Settings {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut between = |low: f64, high: f64| low * (high / low).powf(random.gen_range(0.0..1.0));
    let mut settings = Settings::default();
    settings.compressor.sidechain_highpass_hz = Some(90.0);
    settings.compressor.bands = vec![CompressorBand {
        ratio: between(1.4, 3.0),
        attack_ms: between(3.0, 80.0),
        release_ms: between(60.0, 600.0),
        threshold_db: (lufs + 20.0 * between(0.5, 2.0).log10()).clamp(-80.0, 0.0),
        ..CompressorBand::default()
    }];
    settings.drive_db = -3.0;
    settings.limiter.kind = LimiterKind::Off;
    settings.output = OutputSettings { bits: Bits::Float32, ..OutputSettings::default() };
    settings
}

/// The sound without its constant offset: a master has none, and as a level it would be told as a gain that moves.
pub(super) fn without_offset(sound: &Audio) -> Result<Audio, Box<dyn Error>> {
    let mut settings = Settings::default();
    settings.input.remove_dc = true;
    settings.limiter.kind = LimiterKind::Off;
    settings.output = OutputSettings { bits: Bits::Float32, ..OutputSettings::default() };
    rendered(&Source::from_audio(sound.clone()), &settings)
}

/// Level of the middle over 40 ms at a time, and its power.
pub(super) fn quick_levels(sound: &Audio) -> Vec<(f64, f64)> {
    let steps = (0.04 * f64::from(sound.spec().sample_rate_hz)) as usize;
    let planes = sound.planes();
    (0..sound.frames() / steps)
        .map(|block| {
            let at = block * steps..(block + 1) * steps;
            let middle = |frame: usize| planes.iter().map(|p| f64::from(p[frame])).sum::<f64>();
            let power = at.map(|frame| middle(frame) * middle(frame)).sum::<f64>() + 1e-9;
            (10.0 * power.log10(), power)
        })
        .collect()
}

/// How far the gain between two sounds moves over time, weighted with the energy, rms in dB.
pub(super) fn gain_moves_db(sound: &Audio, truth: &Audio) -> f64 {
    let levels = quick_levels(sound).into_iter().zip(quick_levels(truth));
    let gains: Vec<(f64, f64)> = levels.map(|((a, _), (b, power))| (a - b, power)).collect();
    let total: f64 = gains.iter().map(|(_, power)| power).sum();
    let mean = gains.iter().map(|(gain, power)| gain * power).sum::<f64>() / total;
    let square: f64 = gains.iter().map(|(gain, power)| power * (gain - mean) * (gain - mean)).sum();
    (square / total).sqrt()
}
