//! What must hold for the whole chain.

mod ceiling;
mod compressor;
mod processors;
mod properties;

use acetate_audio::{Audio, AudioSpec, PcmBlock, PcmPlanes, Source};

use crate::queue::append;
use crate::settings::{
    BassHarmonicsSettings, Bits, CompressorBand, DeEsserSettings, DynamicBand, EqualizerBand,
    LimiterKind, LimiterSettings, ResonanceSettings, ReverbSettings, SaturatorSettings, Settings,
    StereoBand,
};
use crate::{Chain, LimiterTrace, Rounding, amplify, finish, finish_float, prepare, render};

/// Noise that leaps in level, on every channel another.
pub(crate) fn sound(channels: usize, frames: usize, rate: u32, seed: u32) -> Audio {
    let plane = |channel: usize| {
        let mut state = seed.wrapping_mul(747_796_405).wrapping_add(channel as u32 * 7919 + 1);
        let mut level = 0.1f32;
        let mut slow = 0.0f32;
        (0..frames)
            .map(|i| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if i % 1500 == 0 {
                    level = 0.02 + ((state >> 12) % 100) as f32 / 100.0;
                }
                let white = (state >> 8) as f32 / 8_388_608.0 - 1.0;
                slow += (white - slow) * 0.3;
                slow * level
            })
            .collect()
    };
    Audio::from_planes(rate, (0..channels).map(plane).collect())
}

pub(crate) fn busy(kind: LimiterKind) -> Settings {
    let mut settings = Settings { drive_db: 9.0, ..Settings::default() };
    settings.equalizer.bands =
        vec![EqualizerBand { freq_hz: 300.0, gain_db: -3.0, ..EqualizerBand::default() }; 3];
    settings.compressor.crossovers_hz = vec![200.0, 2000.0];
    let band = CompressorBand { threshold_db: -30.0, ratio: 2.0, ..CompressorBand::default() };
    settings.compressor.bands = vec![band; 3];
    let dynamics = &mut settings.dynamic_equalizer;
    dynamics.bands = vec![DynamicBand { threshold_db: -40.0, ..DynamicBand::default() }];
    dynamics.de_esser = DeEsserSettings { enabled: true, ..DeEsserSettings::default() };
    dynamics.resonance = ResonanceSettings { enabled: true, ..ResonanceSettings::default() };
    settings.bass_harmonics =
        BassHarmonicsSettings { enabled: true, ..BassHarmonicsSettings::default() };
    settings.saturator =
        SaturatorSettings { enabled: true, mix_pct: 50.0, ..SaturatorSettings::default() };
    settings.reverb = ReverbSettings { enabled: true, mix_pct: 50.0, ..ReverbSettings::default() };
    settings.stereo.mono_below_hz = Some(110.0);
    settings.stereo.bands = vec![StereoBand { below_hz: None, width_pct: 120.0 }];
    settings.limiter = LimiterSettings { kind, ..LimiterSettings::default() };
    settings
}

fn samples(block: &PcmBlock) -> Vec<Vec<f64>> {
    match &block.planes {
        PcmPlanes::Int(planes) => {
            planes.iter().map(|p| p.iter().map(|&x| f64::from(x)).collect()).collect()
        }
        PcmPlanes::Float(planes) => {
            planes.iter().map(|p| p.iter().map(|&x| f64::from(x)).collect()).collect()
        }
    }
}

fn in_blocks(settings: &Settings, audio: &Audio, frames: usize) -> Vec<Vec<f64>> {
    let mut chain = Chain::new(settings, audio.spec()).unwrap();
    let mut out = chain.block();
    let mut all = vec![Vec::new(); audio.spec().channels];
    let mut take = |out: &PcmBlock| {
        all.iter_mut().zip(samples(out)).for_each(|(all, new)| all.extend(new));
    };
    for start in (0..audio.frames()).step_by(frames) {
        let end = audio.frames().min(start + frames);
        let planes = audio.planes().iter().map(|p| p[start..end].to_vec()).collect();
        chain.push(&Audio::from_planes(audio.spec().sample_rate_hz, planes), &mut out);
        take(&out);
    }
    chain.finish(&mut out);
    take(&out);
    all
}

fn rendered(settings: &Settings, audio: &Audio) -> Vec<Vec<f64>> {
    traced(settings, audio).0
}

fn traced(settings: &Settings, audio: &Audio) -> (Vec<Vec<f64>>, LimiterTrace) {
    let mut all = vec![Vec::new(); audio.spec().channels];
    let trace = render(&Source::from_audio(audio.clone()), settings, &mut |block| {
        all.iter_mut().zip(samples(block)).for_each(|(all, new)| all.extend(new));
        Ok::<(), ()>(())
    })
    .unwrap();
    (all, trace)
}

#[test]
fn block_size_changes_no_bit() {
    let audio = sound(2, 30_000, 44_100, 1);
    for kind in [LimiterKind::Transparent, LimiterKind::Fast, LimiterKind::Masked] {
        let settings = busy(kind);
        let whole = in_blocks(&settings, &audio, 30_000);
        assert_eq!(whole[0].len(), 30_000);
        for frames in [1, 7, 1024] {
            assert!(in_blocks(&settings, &audio, frames) == whole, "{kind:?} {frames}");
        }
    }
}

#[test]
fn render_is_prepare_and_finish() {
    let source = Source::from_audio(sound(2, 100_000, 48_000, 2));
    let settings = busy(LimiterKind::Transparent);
    let mut two = Vec::new();
    finish(&prepare(&source, &settings).unwrap(), &settings, &mut |block| {
        two.extend(samples(block).swap_remove(1));
        Ok::<(), ()>(())
    })
    .unwrap();
    assert!(rendered(&settings, source.audio().unwrap()).swap_remove(1) == two);
}

#[test]
fn a_gain_behind_the_limiter_can_be_had_later() {
    let source = Source::from_audio(sound(2, 60_000, 48_000, 2));
    let settings = busy(LimiterKind::Masked);
    let mut lowered = settings.clone();
    lowered.limiter.output_gain_db = -0.06;
    let mut floats = Audio::silence(source.spec(), 0);
    finish_float(&prepare(&source, &settings).unwrap(), &settings, &mut |block| {
        append(block, &mut floats);
        Ok::<(), ()>(())
    })
    .unwrap();
    let before = floats.clone();
    amplify(&mut floats, -0.06);
    let share = floats.channel(0)[40_000] / before.channel(0)[40_000];
    assert!((20.0 * share.log10() + 0.06).abs() < 1e-4, "{share}");
    let mut rounding = Rounding::new(&lowered, source.spec());
    let mut pcm = rounding.block();
    rounding.finish(&floats, &mut pcm);
    assert!(rendered(&lowered, source.audio().unwrap()) == samples(&pcm));
}

#[test]
fn neutral_settings_pass_every_bit() {
    for (bits, steps) in [(Bits::Int16, 32_768.0), (Bits::Int24, 8_388_608.0), (Bits::Float32, 1.0)]
    {
        let mut audio = sound(2, 20_000, 44_100, 3);
        if bits != Bits::Float32 {
            let samples = audio.planes_mut().iter_mut().flatten();
            samples.for_each(|x| *x = (*x * steps as f32).round() / steps as f32);
        }
        let mut settings = Settings::default();
        settings.output.bits = bits;
        let out = rendered(&settings, &audio);
        for (out, input) in out.iter().zip(audio.planes()) {
            assert!(out.iter().zip(input).all(|(y, x)| *y == f64::from(*x) * steps), "{bits:?}");
        }
    }
}

#[test]
fn any_channel_count_and_rate_keeps_its_length() {
    for channels in 1..=8 {
        for rate in [8000, 22_050, 96_000, 384_000] {
            let audio = sound(channels, 3000, rate, 4);
            let mut settings = busy(LimiterKind::Transparent);
            settings.dynamic_equalizer.de_esser.freq_hz = f64::from(rate).min(18_000.0) * 0.4;
            let out = rendered(&settings, &audio);
            assert_eq!(out.len(), channels);
            assert!(out.iter().all(|plane| plane.len() == 3000), "{channels} at {rate}");
        }
    }
}

#[test]
fn the_chain_is_as_new_after_its_end() {
    let audio = sound(2, 20_000, 44_100, 6);
    let mut chain = Chain::new(&busy(LimiterKind::Transparent), audio.spec()).unwrap();
    let mut once = || {
        let mut out = chain.block();
        let mut all = Vec::new();
        chain.push(&audio, &mut out);
        all.extend(samples(&out));
        chain.finish(&mut out);
        all.extend(samples(&out));
        all
    };
    assert!(once() == once());
}

#[test]
fn swapped_channels_come_out_swapped() {
    let audio = sound(2, 20_000, 44_100, 7);
    let swapped =
        Audio::from_planes(44_100, vec![audio.channel(1).to_vec(), audio.channel(0).to_vec()]);
    let mut settings = busy(LimiterKind::Transparent);
    settings.output.bits = Bits::Float32;
    // A room is not the same on both sides.
    settings.reverb.enabled = false;
    let (one, other) = (rendered(&settings, &audio), rendered(&settings, &swapped));
    assert!(one[0] == other[1] && one[1] == other[0]);
}

#[test]
fn silence_stays_silent() {
    let audio = Audio::silence(AudioSpec::new(48_000, 2), 50_000);
    assert!(rendered(&busy(LimiterKind::Transparent), &audio).iter().flatten().all(|x| *x == 0.0));
}
