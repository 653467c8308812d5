//! Made sound through everything: the stems add up to the master, whatever is on.

mod balance;
mod container;

use acetate_audio::Audio;
use acetate_engine::Settings;
use acetate_engine::settings::{Bits, LimiterKind};
use tempfile::TempDir;

use super::*;
use crate::Stage;

const RATE_HZ: u32 = 44_100;
const FRAMES: usize = 4 * RATE_HZ as usize;

/// A plane of `wave(time in s)`.
fn plane(wave: impl Fn(f64) -> f64) -> Vec<f32> {
    (0..FRAMES).map(|frame| wave(frame as f64 / f64::from(RATE_HZ)) as f32).collect()
}

/// Noise that is the same every time.
fn noise(seed: u32) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1u32 << 23) as f32 - 1.0
    };
    (0..FRAMES).map(|_| next()).collect()
}

/// A bass, drums, a voice with sharp s, and a stem that never sounds.
fn band() -> Vec<(String, Source)> {
    let tone = |hz: f64, time_s: f64| libm::sin(std::f64::consts::TAU * hz * time_s);
    let bass = plane(|t| 0.25 * tone(55.0, t) + 0.08 * tone(110.0, t));
    let hit = |t: f64| libm::exp(-14.0 * (t % 0.5));
    let kick = plane(|t| 0.7 * hit(t) * tone(50.0 + 60.0 * hit(t), t));
    let hat = noise(3);
    let drums = |side: f32| -> Vec<f32> {
        let hat_level = |frame: usize| 0.1 * side * hit(frame as f64 / 44_100.0 + 0.25) as f32;
        kick.iter().zip(&hat).enumerate().map(|(f, (k, h))| k + h * hat_level(f)).collect()
    };
    let hiss = noise(5);
    let voice = |pan: f32| -> Vec<f32> {
        let sung = plane(|t| if t < 1.0 { 0.0 } else { 0.2 * tone(330.0, t) * tone(2.0, t) });
        let sharp = |frame: usize| (frame / 11_025 % 4 == 3 && frame > FRAMES / 3) as u8 as f32;
        let frames = sung.iter().zip(&hiss).enumerate();
        frames.map(|(f, (x, h))| pan * (x + 0.1 * h * sharp(f))).collect()
    };
    let stereo = |left, right| Source::from_audio(Audio::from_planes(RATE_HZ, vec![left, right]));
    let mono = |plane| Source::from_audio(Audio::from_planes(RATE_HZ, vec![plane]));
    vec![
        ("bass".to_owned(), mono(bass)),
        ("drums".to_owned(), stereo(drums(1.0), drums(-0.7))),
        ("vocals".to_owned(), stereo(voice(1.0), voice(0.6))),
        ("tacet".to_owned(), stereo(vec![0.0; FRAMES], vec![0.0; FRAMES])),
    ]
}

fn stems_of(list: Vec<(String, Source)>) -> Stems {
    Stems::of(list, "song", None, Mono::Dual, &mut ()).unwrap()
}

fn all_on(settings: &mut Settings) {
    let every: Settings = acetate_engine::parse(
        r#"{ "input": { "remove_dc": true },
        "equalizer": { "bands": [{ "id": "eq1", "type": "bell", "freq_hz": 200, "gain_db": 3, "q": 1 },
            { "id": "eq2", "type": "high_shelf", "channel": "side", "freq_hz": 6000, "gain_db": 2, "q": 0.7 }] },
        "dynamic_equalizer": { "bands": [{ "id": "dyn1", "freq_hz": 300, "q": 1, "threshold_db": -40, "ratio": 2, "range_db": 6 }],
            "de_esser": { "enabled": true, "threshold_db": -10, "range_db": 8 },
            "resonance": { "enabled": true, "amount_pct": 60 } },
        "compressor": { "crossovers_hz": [200], "bands": [
            { "id": "comp1", "threshold_db": -30, "ratio": 2 }, { "id": "comp2", "threshold_db": -30, "ratio": 3 }] },
        "saturator": { "enabled": true, "drive_db": 6, "mix_pct": 40, "bias_pct": 10 },
        "stereo": { "mono_below_hz": 100, "bands": [{ "below_hz": null, "width_pct": 130 }], "min_correlation": 0.3, "balance_db": 0.5 },
        "reverb": { "mix_pct": 10 } }"#,
    )
    .unwrap();
    let (limiter, output, drive_db) =
        (settings.limiter.clone(), settings.output.clone(), settings.drive_db);
    *settings = Settings { limiter, output, drive_db, ..every };
}

/// The samples of a file, by channel.
fn decoded(path: &Path) -> Vec<Vec<f32>> {
    acetate_files::open(path, u64::MAX).unwrap().audio().unwrap().planes().to_vec()
}

/// Writes everything with these settings, and holds it against each other.
#[track_caller]
fn check(stems: &Stems, plan: &Plan, change: impl Fn(&mut Settings)) -> (TempDir, StemsMaster) {
    let mut plan = plan.clone();
    change(&mut plan.document.settings);
    let settings = &plan.document.settings;
    let folder = TempDir::new().unwrap();
    let versions = ["instrumental=-vocals", "acapella=vocals"].map(|text| text.parse().unwrap());
    let output = StemsOutput {
        folder: folder.path().to_owned(),
        versions: versions.into(),
        ..StemsOutput::default()
    };
    let made = stems.master(&plan, &Request::default(), &output, &mut ()).unwrap();
    let alone = stems.song().master(&plan, Output::memory(), &mut ()).unwrap();
    let path = made.master.path().unwrap();
    assert!(std::fs::read(path).unwrap() == alone.bytes().unwrap(), "the bytes of the master");
    let master = decoded(path);
    let sum_of = |files: &[StemFile]| {
        let mut sum = vec![vec![0.0_f64; master[0].len()]; master.len()];
        for file in files {
            for (sum, plane) in sum.iter_mut().zip(decoded(&file.path)) {
                assert_eq!(sum.len(), plane.len());
                sum.iter_mut().zip(plane).for_each(|(sum, x)| *sum += f64::from(x));
            }
        }
        sum
    };
    // Floats have no common grid: the sum is the master to half a step of 24 bits, and that of rounded versions to one.
    let floats = settings.output.bits == Bits::Float32;
    let tolerance = if floats { 1.0 / f64::from(1u32 << 23) } else { 0.0 };
    for files in [&made.stems[..], &made.versions[..]] {
        for (sum, plane) in sum_of(files).iter().zip(&master) {
            for (frame, (sum, &x)) in sum.iter().zip(plane).enumerate() {
                assert!((sum - f64::from(x)).abs() <= tolerance, "{frame}: {sum} is not {x}");
            }
        }
    }
    assert!(decoded(&made.stems[3].path).iter().flatten().all(|&x| x == 0.0), "tacet sounds");
    assert_eq!(made.stems[3].levels, StemLevels::default());
    assert!(made.difference_lsb <= if floats { 0.5 } else { 0.0 }, "{}", made.difference_lsb);
    (folder, made)
}

fn planned(stems: &Stems) -> Plan {
    stems.song().suggest(&Request::target("loud").unwrap(), &mut ()).unwrap()
}

#[test]
fn stems_add_up_to_the_master_with_every_limiter_word_length_and_level() {
    let stems = stems_of(band());
    let plan = planned(&stems);
    let limiters =
        [LimiterKind::Off, LimiterKind::Transparent, LimiterKind::Masked, LimiterKind::Fast];
    let bits = [Bits::Int16, Bits::Int24, Bits::Float32];
    for (index, kind) in limiters.into_iter().enumerate() {
        let (_folder, made) = check(&stems, &plan, |settings| {
            settings.limiter.kind = kind;
            settings.output.bits = bits[index % 3];
            settings.drive_db = if kind == LimiterKind::Off { -3.0 } else { 9.0 };
        });
        if kind != LimiterKind::Off {
            let shares = [0, 1, 2].map(|stem| made.work.of(stem).unwrap());
            assert!((shares.iter().sum::<f64>() - 1.0).abs() < 0.01, "{shares:?}");
        }
    }
}

#[test]
fn stems_add_up_with_every_stage_on() {
    let stems = stems_of(band());
    let plan = planned(&stems);
    for (kind, bits, rate) in [
        (LimiterKind::Masked, Bits::Int24, None),
        (LimiterKind::Transparent, Bits::Int16, Some(48_000)),
    ] {
        check(&stems, &plan, |settings| {
            all_on(settings);
            settings.limiter.kind = kind;
            settings.output.bits = bits;
            settings.output.sample_rate_hz = rate;
            settings.drive_db = 6.0;
        });
    }
}

#[test]
fn a_stem_above_full_scale_is_written_in_floats_on_the_same_grid() {
    let loud = |sign: f64| {
        let tone = move |t: f64| sign * libm::sin(2_000.0 * t);
        Source::from_audio(Audio::from_planes(RATE_HZ, vec![plane(|t| 1.4 * t / 4.0 * tone(t))]))
    };
    let mut list = band();
    list.insert(4, ("one".to_owned(), loud(1.0)));
    list.insert(5, ("other".to_owned(), loud(-0.9)));
    let stems = stems_of(list);
    let (_folder, made) = check(&stems, &planned(&stems), |settings| {
        settings.output.format = OutputFormat::Flac;
        settings.output.bits = Bits::Int24;
        settings.limiter.kind = LimiterKind::Off;
        settings.drive_db = 0.0;
    });
    let named = |stem: usize| made.stems[stem].path.extension().unwrap().to_str().unwrap();
    assert_eq!((made.stems[4].is_float, named(4)), (true, "wav"));
    assert_eq!((made.stems[0].is_float, named(0)), (false, "flac"));
}

/// The sum of the band as a song, changed.
fn mix_of(change: impl Fn(usize, f32) -> f32, delay: usize) -> Song {
    let stems = stems_of(band());
    let sum = stems.song().source().audio().unwrap().planes().to_vec();
    let planes = sum.into_iter().map(|plane| {
        let late = std::iter::repeat_n(0.0, delay);
        late.chain(plane.iter().enumerate().map(|(n, &x)| change(n, x))).collect()
    });
    Song::from_samples("mix", RATE_HZ, planes.collect()).unwrap()
}

#[test]
fn stems_are_laid_as_they_lie_in_the_mix_and_what_is_left_is_a_stem() {
    let laid = |mix| Stems::of(band(), "song", Some(mix), Mono::Dual, &mut ()).unwrap();
    let moved = laid(mix_of(|_, x| -0.5 * x, 333));
    let found = moved.in_mix().unwrap();
    assert_eq!((found.delay_frames, found.inverted, found.rest), (-333, true, Rest::Nothing));
    assert!((found.gain_db + 6.02).abs() < 0.01 && moved.names().len() == 4);

    let noise = noise(11);
    let more = laid(mix_of(|n, x| x + 0.05 * noise[n], 0));
    assert_eq!(more.names()[4], "rest");
    assert_eq!(more.in_mix().unwrap().rest, Rest::Missing);
    let (_folder, made) = check(&more, &planned(&more), |settings| {
        settings.limiter.kind = LimiterKind::Masked;
        settings.drive_db = 6.0;
    });
    assert!(made.stems[4].levels.sample_peak_dbfs.unwrap() > -40.0);

    let pumping = |n: usize| 1.0 - 0.3 * libm::sin(n as f64 / 9_000.0) as f32;
    let bus = laid(mix_of(|n, x| x * pumping(n), 0));
    assert_eq!(bus.in_mix().unwrap().rest, Rest::MovingGain);

    // Half way between two samples: a mean of neighbours, and a dull one at that.
    let stems = stems_of(band());
    let sum = stems.song().source().audio().unwrap().planes().to_vec();
    let late =
        sum.iter().map(|plane| plane.windows(2).map(|two| (two[0] + two[1]) / 2.0).collect());
    let looped = laid(Song::from_samples("mix", RATE_HZ, late.collect()).unwrap());
    let found = looped.in_mix().unwrap();
    let delay = found.delay_frames as f64 + found.delay_fraction;
    assert!((delay.abs() - 0.5).abs() < 0.02 && found.rest == Rest::PartOfFrame, "{found:?}");
    let strange = Song::from_samples("strange", RATE_HZ, vec![noise.clone(), noise]).unwrap();
    let refused = Stems::of(band(), "song", Some(strange), Mono::Dual, &mut ());
    assert!(matches!(refused, Err(Error::Stems(StemsError::OtherMix { .. }))));
}

#[test]
fn all_files_are_written_or_none() {
    let stems = stems_of(band());
    let plan = planned(&stems);
    let folder = TempDir::new().unwrap();
    let output = StemsOutput { folder: folder.path().to_owned(), ..StemsOutput::default() };
    let names = || {
        let entries = std::fs::read_dir(folder.path()).unwrap();
        entries.map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>()
    };
    std::fs::write(folder.path().join("vocals.loud.wav"), "mine").unwrap();
    let request = Request::target("loud").unwrap();
    let refused = stems.master(&plan, &request, &output, &mut ());
    assert_eq!(refused.unwrap_err().kind(), crate::ErrorKind::Refused);
    assert_eq!(names(), ["vocals.loud.wav"]);

    struct Impatient(usize);
    impl Observer for Impatient {
        fn progress(&mut self, _: Stage, _: f64) -> std::ops::ControlFlow<()> {
            self.0 += 1;
            if self.0 > 9 {
                std::ops::ControlFlow::Break(())
            } else {
                std::ops::ControlFlow::Continue(())
            }
        }
    }
    let output = StemsOutput { replace: true, ..output };
    let stopped = stems.master(&plan, &request, &output, &mut Impatient(0));
    assert!(matches!(stopped, Err(Error::Cancelled)));
    assert_eq!(names(), ["vocals.loud.wav"]);
}

#[test]
fn what_does_not_fit_together_is_refused_with_the_reason() {
    let source = |rate_hz, channels| {
        Source::from_audio(Audio::from_planes(rate_hz, vec![vec![0.1; 30_000]; channels]))
    };
    let refused = |rate_hz, channels| {
        let list = vec![("a".into(), source(44_100, 2)), ("b".into(), source(rate_hz, channels))];
        Stems::of(list, "song", None, Mono::Dual, &mut ()).unwrap_err().to_string()
    };
    assert_eq!(
        refused(48_000, 2),
        "b: 48000 Hz, but a has 44100 Hz; stems of one song have one rate"
    );
    assert_eq!(refused(44_100, 6), "a: 2 channels, but b has 6");
    let none = Stems::of(Vec::new(), "song", None, Mono::Dual, &mut ());
    assert!(matches!(none, Err(Error::Stems(StemsError::None))));
}
