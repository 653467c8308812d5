//! What must hold for the whole chain.

mod processors;

use proptest::prelude::*;

use acetate_audio::{Audio, AudioSpec, PcmBlock, PcmPlanes, Source};

use crate::settings::{
    Bits, CompressorBand, DeEsserSettings, DitherKind, DynamicBand, EqualizerBand, LimiterKind,
    LimiterSettings, Phase, ResonanceSettings, ReverbSettings, SaturatorSettings, Settings,
    StereoBand,
};
use crate::{Chain, finish, prepare, render};

/// Noise that leaps in level, on every channel another.
fn sound(channels: usize, frames: usize, rate: u32, seed: u32) -> Audio {
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

fn busy(kind: LimiterKind) -> Settings {
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
    let mut all = vec![Vec::new(); audio.spec().channels];
    render(&Source::from_audio(audio.clone()), settings, &mut |block| {
        all.iter_mut().zip(samples(block)).for_each(|(all, new)| all.extend(new));
        Ok::<(), ()>(())
    })
    .unwrap();
    all
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
            let out = rendered(&busy(LimiterKind::Transparent), &audio);
            assert_eq!(out.len(), channels);
            assert!(out.iter().all(|plane| plane.len() == 3000), "{channels} at {rate}");
        }
    }
}

/// True peak in dB at 16 times the rate, by a Blackman-windowed sinc over 200 samples.
fn true_peak_db(plane: &[f64], full_scale: f64) -> f64 {
    use std::f64::consts::PI;
    const REACH: usize = 100;
    let phases: Vec<Vec<f64>> = (0..16)
        .map(|phase| {
            let taps = (0..2 * REACH).map(|k| {
                let t = k as f64 - (REACH as f64 - 1.0) - f64::from(phase) / 16.0;
                let window =
                    0.42 + 0.5 * (PI * t / 100.0).cos() + 0.08 * (2.0 * PI * t / 100.0).cos();
                if t == 0.0 { 1.0 } else { (PI * t).sin() / (PI * t) * window }
            });
            taps.collect()
        })
        .collect();
    let mut padded = vec![0.0; REACH];
    padded.extend_from_slice(plane);
    padded.resize(padded.len() + REACH, 0.0);
    let largest = padded.iter().fold(0.0f64, |max, x| max.max(x.abs()));
    let mut peak = largest;
    for around in padded.windows(2 * REACH) {
        // Far from every large sample there is no peak.
        if around[REACH - 3..REACH + 3].iter().any(|x| x.abs() > 0.4 * largest) {
            for taps in &phases {
                peak = peak.max(taps.iter().zip(around).map(|(c, x)| c * x).sum::<f64>().abs());
            }
        }
    }
    20.0 * (peak / full_scale).log10()
}

#[track_caller]
fn check_ceiling(audio: &Audio, kind: LimiterKind) {
    for (bits, steps) in [(Bits::Int16, 32_768.0), (Bits::Int24, 8_388_608.0), (Bits::Float32, 1.0)]
    {
        let limiter = LimiterSettings { kind, ceiling_dbtp: -1.0, ..LimiterSettings::default() };
        let mut settings = Settings { limiter, ..Settings::default() };
        settings.output.bits = bits;
        // The largest error there is at 16 bits; white at the others.
        settings.output.dither = DitherKind::Shaped;
        for plane in rendered(&settings, audio) {
            let peak = true_peak_db(&plane, steps);
            assert!(peak <= -1.0, "{kind:?} {bits:?}: {peak:.5} dBTP");
            assert!(peak > -1.2, "{kind:?} {bits:?}: {peak:.3} dBTP wastes headroom");
        }
    }
}

fn from_fn(frames: usize, f: impl Fn(f64) -> f64) -> Audio {
    let plane: Vec<f32> = (0..frames).map(|i| f(i as f64) as f32).collect();
    Audio::from_planes(44_100, vec![plane.clone(), plane])
}

#[test]
fn the_ceiling_holds_in_the_written_file() {
    let noise = {
        let mut audio = sound(2, 30_000, 44_100, 5);
        let loud = audio.planes_mut().iter_mut().flatten();
        loud.for_each(|x| *x *= 6.0);
        audio
    };
    let step = from_fn(30_000, |t| (0.05 * t).sin() * if t > 15_000.0 { 10.0 } else { 0.1 });
    let high = from_fn(30_000, |t| {
        1.8 * (t * 19_000.0 / 44_100.0 * std::f64::consts::TAU).sin()
            * (0.6 + 0.4 * (t / 3000.0).sin())
    });
    for kind in [LimiterKind::Transparent, LimiterKind::Fast, LimiterKind::Masked] {
        check_ceiling(&noise, kind);
        check_ceiling(&step, kind);
        check_ceiling(&high, kind);
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_cut_and_any_settings_give_the_same_bits(
        seed in any::<u32>(),
        cut in 1usize..9000,
        drive_db in -6.0..18.0f64,
        freq_hz in 20.0..20_000.0f64,
        gain_db in -6.0..6.0f64,
        ratio in 1.0..8.0f64,
        width_pct in 0.0..200.0f64,
        linear in any::<bool>(),
        fast in any::<bool>(),
    ) {
        let kind = if fast { LimiterKind::Fast } else { LimiterKind::Transparent };
        let mut settings = busy(kind);
        settings.drive_db = drive_db;
        settings.equalizer.bands[0].freq_hz = freq_hz;
        settings.equalizer.bands[0].gain_db = gain_db;
        settings.compressor.bands[1].ratio = ratio;
        settings.stereo.bands[0].width_pct = width_pct;
        if linear {
            settings.equalizer.phase = Phase::Linear;
        }
        let audio = sound(2, 9000, 44_100, seed);
        let whole = in_blocks(&settings, &audio, 9000);
        prop_assert_eq!(whole[0].len(), 9000);
        prop_assert!(in_blocks(&settings, &audio, cut) == whole);
    }
}

#[test]
fn silence_stays_silent() {
    let audio = Audio::silence(AudioSpec { sample_rate_hz: 48_000, channels: 2 }, 50_000);
    assert!(rendered(&busy(LimiterKind::Transparent), &audio).iter().flatten().all(|x| *x == 0.0));
}
