//! The settings that are timed.

use acetate_engine::Settings;
use acetate_engine::settings::{
    Bits, CompressorBand, CrossoverKind, DitherKind, DynamicBand, EqualizerBand, LimiterKind,
    Phase, StereoBand,
};

/// From a file of a loudness to a file: eight bands, compression in three, stereo, a limiter, 24 bits. `masked` costs more the more
/// there is to limit: it and `transparent` are driven by what lacks to two loudnesses.
pub(crate) fn whole(lufs: f64) -> Vec<(&'static str, Settings)> {
    use LimiterKind::{Fast, Masked, Transparent};
    vec![
        ("whole render, transparent", chain(Transparent, 6.0)),
        ("whole render, fast", chain(Fast, 6.0)),
        ("whole render, transparent, to about -14 LUFS", chain(Transparent, -14.0 - lufs)),
        ("whole render, masked, to about -14 LUFS", chain(Masked, -14.0 - lufs)),
        ("whole render, transparent, to about -9 LUFS", chain(Transparent, -9.0 - lufs)),
        ("whole render, masked, to about -9 LUFS", chain(Masked, -9.0 - lufs)),
    ]
}

fn chain(kind: LimiterKind, drive_db: f64) -> Settings {
    let mut settings = Settings { drive_db, ..Settings::default() };
    settings.equalizer.bands = bands(8);
    compress(&mut settings, &[140.0, 2500.0]);
    widen(&mut settings);
    settings.limiter.kind = kind;
    settings.output.bits = Bits::Int24;
    settings
}

/// Nothing but dither at 24 bits.
pub(crate) fn dithered() -> Settings {
    let mut settings = Settings { drive_db: -1.0, ..Settings::default() };
    settings.limiter.kind = LimiterKind::Off;
    settings.output.bits = Bits::Int24;
    settings
}

/// One stage each, from memory to floats in memory.
pub(crate) fn stages() -> Vec<(&'static str, Settings)> {
    let with = |change: &dyn Fn(&mut Settings)| {
        let mut settings = Settings::default();
        settings.limiter.kind = LimiterKind::Off;
        settings.output.bits = Bits::Float32;
        change(&mut settings);
        settings
    };
    let limited = |kind| {
        with(&|s| {
            s.drive_db = 6.0;
            s.limiter.kind = kind;
        })
    };
    vec![
        ("nothing", with(&|_| {})),
        ("equaliser, 8 bands", with(&|s| s.equalizer.bands = bands(8))),
        ("equaliser, 16 + 16 on mid and side", with(&|s| s.equalizer.bands = mid_side_bands())),
        (
            "equaliser, linear phase",
            with(&|s| {
                s.equalizer.bands = bands(8);
                s.equalizer.phase = Phase::Linear;
            }),
        ),
        (
            "dynamic equaliser, 2 bands",
            with(&|s| {
                let band = DynamicBand { threshold_db: -40.0, ..DynamicBand::default() };
                s.dynamic_equalizer.bands = vec![band; 2];
            }),
        ),
        ("de-esser", with(&|s| s.dynamic_equalizer.de_esser.enabled = true)),
        ("resonance tamer", with(&|s| s.dynamic_equalizer.resonance.enabled = true)),
        ("compressor, 1 band", with(&|s| compress(s, &[]))),
        ("compressor, 3 bands", with(&|s| compress(s, &[140.0, 2500.0]))),
        (
            "compressor, 3 Linkwitz-Riley bands",
            with(&|s| {
                compress(s, &[140.0, 2500.0]);
                s.compressor.crossover = CrossoverKind::LinkwitzRiley;
            }),
        ),
        (
            "saturator",
            with(&|s| {
                s.saturator.enabled = true;
                s.saturator.mix_pct = 50.0;
            }),
        ),
        ("stereo", with(&widen)),
        (
            "reverb",
            with(&|s| {
                s.reverb.enabled = true;
                s.reverb.mix_pct = 100.0;
            }),
        ),
        ("resampler, to 48 kHz", with(&|s| s.output.sample_rate_hz = Some(48_000))),
        ("limiter, fast", limited(LimiterKind::Fast)),
        ("limiter, transparent", limited(LimiterKind::Transparent)),
        ("limiter, masked", limited(LimiterKind::Masked)),
        ("dither, 24 bit", dithered()),
        ("dither, 16 bit, shaped", {
            let mut settings = dithered();
            settings.output.bits = Bits::Int16;
            settings.output.dither = DitherKind::Shaped;
            settings
        }),
    ]
}

fn bands(count: usize) -> Vec<EqualizerBand> {
    let band = |i: usize| EqualizerBand {
        freq_hz: 60.0 * 2f64.powi(i as i32 % 8),
        gain_db: 1.5,
        ..EqualizerBand::default()
    };
    (0..count).map(band).collect()
}

fn mid_side_bands() -> Vec<EqualizerBand> {
    use acetate_engine::settings::BandChannel::{Mid, Side};
    let on = |channel| bands(16).into_iter().map(move |band| EqualizerBand { channel, ..band });
    on(Mid).chain(on(Side)).collect()
}

fn compress(settings: &mut Settings, crossovers_hz: &[f64]) {
    let band = CompressorBand { threshold_db: -30.0, ratio: 2.0, ..CompressorBand::default() };
    settings.compressor.bands = vec![band; crossovers_hz.len() + 1];
    settings.compressor.crossovers_hz = crossovers_hz.to_vec();
}

fn widen(settings: &mut Settings) {
    settings.stereo.mono_below_hz = Some(110.0);
    settings.stereo.bands = vec![StereoBand { below_hz: None, width_pct: 110.0 }];
}
