use super::*;
use acetate_engine::settings::{CompressorBand, DynamicBand, EqualizerBand, StereoBand};

fn document() -> SettingsDocument {
    let mut settings = Settings { drive_db: 4.0, ..Settings::default() };
    settings.equalizer.bands = vec![
        EqualizerBand { id: "eq1".to_owned(), gain_db: -2.0, ..EqualizerBand::default() },
        EqualizerBand { id: "eq2".to_owned(), gain_db: 3.0, ..EqualizerBand::default() },
    ];
    settings.compressor.bands = vec![CompressorBand {
        id: "comp1".to_owned(),
        ratio: 2.0,
        threshold_db: -20.0,
        ..CompressorBand::default()
    }];
    settings.stereo.bands = vec![StereoBand { below_hz: None, width_pct: 120.0 }];
    SettingsDocument::new(settings)
}

fn scaled(scaling: Scaling) -> Settings {
    scale(&document(), &scaling).unwrap()
}

fn all(all: f64) -> Scaling {
    Scaling { amounts: Amounts { all, ..Amounts::default() }, ..Scaling::default() }
}

#[test]
fn a_hundred_percent_is_the_document_to_the_last_bit() {
    assert_eq!(scaled(all(100.0)), document().settings);
}

#[test]
fn nothing_leaves_only_drive_and_limiter() {
    let settings = scaled(all(0.0));
    assert!(settings.equalizer.is_neutral());
    assert!(settings.compressor.is_neutral());
    assert!(settings.stereo.is_neutral());
    assert_eq!(settings.drive_db, 4.0);
}

#[test]
fn half_the_tone_is_half_the_gain_and_nothing_else() {
    let amounts = Amounts { tone: 50.0, ..Amounts::default() };
    let settings = scaled(Scaling { amounts, ..Scaling::default() });
    assert_eq!(settings.equalizer.bands[1].gain_db, 1.5);
    assert_eq!(settings.compressor, document().settings.compressor);
    assert_eq!(settings.stereo, document().settings.stereo);
}

#[test]
fn half_the_dynamics_is_half_the_slope() {
    let settings = scaled(all(50.0));
    assert_eq!(settings.compressor.bands[0].ratio, 1.33);
}

#[test]
fn only_one_move_leaves_the_others_out() {
    let settings = scaled(Scaling { only: vec!["eq2".to_owned()], ..Scaling::default() });
    let enabled: Vec<bool> = settings.equalizer.bands.iter().map(|band| band.enabled).collect();
    assert_eq!(enabled, [false, true]);
    assert!(settings.compressor.is_neutral() && settings.stereo.is_neutral());
}

#[test]
fn an_unknown_id_is_named_with_those_there_are() {
    let scaling = Scaling { skip: vec!["eq9".to_owned()], ..Scaling::default() };
    let message = scale(&document(), &scaling).unwrap_err().to_string();
    assert!(message.contains("eq9") && message.contains("eq2"), "{message}");
}

#[test]
fn single_values_are_set_by_path_or_by_id() {
    let set = vec![
        ("limiter.ceiling_dbtp".to_owned(), "-1.5".to_owned()),
        ("limiter.kind".to_owned(), "fast".to_owned()),
        ("equalizer.bands[0].gain_db".to_owned(), "-3".to_owned()),
        ("equalizer.bands.eq2.q".to_owned(), "1.2".to_owned()),
    ];
    let settings = scaled(Scaling { set, ..Scaling::default() });
    assert_eq!(settings.limiter.ceiling_dbtp, -1.5);
    assert_eq!(settings.limiter.kind, LimiterKind::Fast);
    assert_eq!(settings.equalizer.bands[0].gain_db, -3.0);
    assert_eq!(settings.equalizer.bands[1].q, 1.2);
}

#[test]
fn bands_that_are_not_there_are_not_made() {
    for (path, known) in [
        ("equalizer.bands.eq99.gain_db", "eq1, eq2"),
        ("equalizer.bands[2].gain_db", "eq1, eq2"),
        ("compressor.bands.eq1.ratio", "comp1"),
        ("dynamic_equalizer.bands[0].range_db", "empty"),
        ("stereo.bands[1].width_pct", "there are 0"),
    ] {
        let set = vec![(path.to_owned(), "1".to_owned())];
        let scaling = Scaling { set, ..Scaling::default() };
        let message = scale(&document(), &scaling).unwrap_err().to_string();
        assert!(message.contains(known), "{path}: {message}");
    }
}

/// Everything on.
fn full() -> SettingsDocument {
    let mut document = document();
    let settings = &mut document.settings;
    let dynamics = &mut settings.dynamic_equalizer;
    dynamics.bands = vec![DynamicBand { id: "dyn1".to_owned(), ..DynamicBand::default() }];
    dynamics.de_esser.enabled = true;
    dynamics.resonance.enabled = true;
    settings.bass_harmonics.enabled = true;
    settings.saturator.enabled = true;
    settings.saturator.mix_pct = 20.0;
    settings.reverb.enabled = true;
    settings.reverb.mix_pct = 10.0;
    settings.stereo.balance_db = 5.0;
    settings.stereo.decorrelate_pct = 80.0;
    settings.limiter.kind = LimiterKind::Masked;
    document
}

/// Names of what would be heard.
fn active(settings: &Settings) -> Vec<&'static str> {
    let dynamics = &settings.dynamic_equalizer;
    [
        ("equalizer", !settings.equalizer.is_neutral()),
        ("dyn1", dynamics.bands.iter().any(|band| band.enabled && band.range_db > 0.0)),
        ("de_esser", dynamics.de_esser.enabled && dynamics.de_esser.amount_pct > 0.0),
        ("resonance", dynamics.resonance.enabled && dynamics.resonance.amount_pct > 0.0),
        ("compressor", !settings.compressor.is_neutral()),
        ("bass_harmonics", !settings.bass_harmonics.is_neutral()),
        ("saturator", !settings.saturator.is_neutral()),
        ("stereo", !settings.stereo.is_neutral()),
        ("reverb", !settings.reverb.is_neutral()),
        ("drive", settings.drive_db != 0.0),
        ("limiter", settings.limiter.kind != LimiterKind::Off),
    ]
    .into_iter()
    .filter_map(|(name, on)| on.then_some(name))
    .collect()
}

#[test]
fn every_stage_that_can_be_named_can_be_skipped_and_chosen() {
    let everything = active(&full().settings);
    assert_eq!(everything.len(), 11);
    for id in ids(&full().settings) {
        let of = |scaling: Scaling| scale(&full(), &scaling).unwrap();
        let skipped = of(Scaling { skip: vec![id.clone()], ..Scaling::default() });
        assert_ne!(skipped, full().settings, "--skip {id} does nothing");
        let only = of(Scaling { only: vec![id.clone()], ..Scaling::default() });
        let heard = active(&only);
        let stage = match id.as_str() {
            "eq1" | "eq2" => "equalizer",
            "comp1" => "compressor",
            "dynamic_equalizer" => "dyn1",
            other => other,
        };
        assert!(heard.contains(&stage), "--only {id} leaves {heard:?}");
        if STAGES.contains(&id.as_str()) && id != "dynamic_equalizer" {
            let rest: Vec<_> = everything.iter().filter(|name| **name != stage).collect();
            assert_eq!(active(&skipped).iter().collect::<Vec<_>>(), rest, "--skip {id}");
        }
    }
    let none = Scaling { skip: vec!["dynamic_equalizer".to_owned()], ..Scaling::default() };
    let left = scale(&full(), &none).unwrap();
    assert!(!active(&left).iter().any(|name| ["dyn1", "de_esser", "resonance"].contains(name)));
}

#[test]
fn amount_zero_leaves_nothing_but_drive_and_limiter_of_everything() {
    let left = scale(&full(), &all(0.0)).unwrap();
    assert_eq!(active(&left), ["drive", "limiter"]);
}

#[test]
fn amounts_beyond_a_hundred_stay_within_the_ranges() {
    let mut document = full();
    document.settings.equalizer.bands[0].gain_db = -28.0;
    document.settings.compressor.bands[0].makeup_db = 20.0;
    document.settings.saturator.mix_pct = 90.0;
    document.settings.reverb.mix_pct = 90.0;
    let more = scale(&document, &all(150.0)).unwrap();
    assert_eq!(more.equalizer.bands[0].gain_db, -30.0);
    assert_eq!(more.stereo.balance_db, 6.0);
}

#[test]
fn colours_take_the_place_of_those_of_the_document() {
    let colours = |reverb_pct, saturation_pct| {
        let scaling = Scaling { reverb_pct, saturation_pct, ..Scaling::default() };
        let settings = scale(&full(), &scaling).unwrap();
        let of = |on: bool, mix_pct: f64| if on { mix_pct } else { 0.0 };
        (
            of(settings.reverb.enabled, settings.reverb.mix_pct),
            of(settings.saturator.enabled, settings.saturator.mix_pct),
        )
    };
    assert_eq!(colours(None, None), (10.0, 20.0));
    assert_eq!(colours(Some(35.0), Some(0.0)), (35.0, 0.0));
}

#[test]
fn a_value_out_of_range_is_refused_with_its_path() {
    let set = vec![("limiter.cieling_dbtp".to_owned(), "-1".to_owned())];
    let message =
        scale(&document(), &Scaling { set, ..Scaling::default() }).unwrap_err().to_string();
    assert!(message.contains("settings.limiter.cieling_dbtp"), "{message}");
}
