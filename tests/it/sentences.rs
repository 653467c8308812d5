//! Every number that the program says in a sentence, measured again in the files it speaks of.

use acetate::references::Profile;
use acetate::references::bands::shape_db;
use acetate::{Analysis, analyze};
use serde_json::Value;

use crate::program::Studio;

/// Numbers in sentences are rounded to tenths; ends of bands to three digits.
const ROUNDED_DB: f64 = 0.051;
/// How far a render may lie from what was expected of it.
const EXPECTED_DB: f64 = 0.5;
/// The aim for the sides follows from the aim for the whole and the image, each in tenths of a decibel.
const SIDE_DB: f64 = 0.151;

/// A mix, the record it follows and the master that came out, as they measure, with what was said about them.
struct Told {
    mix: Analysis,
    record: Analysis,
    master: Analysis,
    settings: Value,
}

fn master_after_the_record(arguments: &[&str]) -> Told {
    let studio = Studio::new();
    for name in ["mix.flac", "reference.flac"] {
        std::fs::copy(format!("examples/{name}"), studio.path(name)).unwrap();
    }
    let all =
        [&["master", "mix.flac", "-r", "reference.flac", "-o", "out.wav"], arguments].concat();
    studio.run(&all).exit(0);
    let measured = |name: &str| {
        analyze(&acetate::files::open(&studio.path(name), 1 << 30).unwrap()).unwrap().analysis
    };
    Told {
        mix: measured("mix.flac"),
        record: measured("reference.flac"),
        master: measured("out.wav"),
        settings: studio.json("out.wav.settings.json"),
    }
}

impl Told {
    fn moves(&self, metric: &str) -> Vec<&Value> {
        let moves = self.settings["moves"].as_array().unwrap();
        moves.iter().filter(|one| one["metric"] == metric).collect()
    }

    /// Mean over the third octaves inside of how far `sound` is above the record at equal loudness.
    fn excess_db(&self, sound: &Analysis, band_hz: [f64; 2]) -> f64 {
        // A profile knows what of the record cannot be matched.
        let profile = Profile::from_analysis("record", &self.record);
        let (own, wanted) =
            (shape_db(&sound.spectrum.level_db), shape_db(&profile.spectrum.level_db));
        let inside = |hz: f64| hz >= band_hz[0] && hz <= band_hz[1];
        let excesses: Vec<f64> = sound
            .spectrum
            .third_octave_hz
            .iter()
            .enumerate()
            .filter(|(band, hz)| inside(**hz) && profile.matchable(*band))
            .filter_map(|(band, _)| Some(own[band]? - wanted[band]?))
            .collect();
        excesses.iter().sum::<f64>() / excesses.len() as f64
    }
}

impl Told {
    /// The same of the sides, at equal loudness.
    fn side_excess_db(&self, sound: &Analysis, band_hz: [f64; 2]) -> f64 {
        let sides = |sound: &Analysis| -> Vec<Option<f64>> {
            let lufs = sound.loudness.integrated_lufs.unwrap();
            sound.spectrum.side_level_db.iter().map(|level| Some((*level)? - lufs)).collect()
        };
        let (own, wanted) = (sides(sound), sides(&self.record));
        let bands = sound.spectrum.third_octave_hz.iter().zip(own.iter().zip(&wanted));
        // Sides that are hardly there cannot be predicted, and are not spoken of.
        let predicted = &self.settings["numbers"]["predicted"]["spectrum"]["side_level_db"];
        let excesses: Vec<f64> = bands
            .enumerate()
            .filter(|(index, _)| !predicted[*index].is_null())
            .filter(|(_, (hz, _))| **hz >= band_hz[0] && **hz <= band_hz[1])
            .filter_map(|(_, (_, (own, wanted)))| Some((*own)? - (*wanted)?))
            .collect();
        excesses.iter().sum::<f64>() / excesses.len() as f64
    }
}

/// The numbers in a sentence, in order.
fn numbers(text: &str) -> Vec<f64> {
    text.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-' || c == '+'))
        .filter_map(|word| word.trim_end_matches('.').parse().ok())
        .collect()
}

fn pair(value: &Value) -> [f64; 2] {
    [value[0].as_f64().unwrap(), value[1].as_f64().unwrap()]
}

fn near(said: f64, measured: f64, tolerance: f64, about: &Value) {
    assert!((said - measured).abs() <= tolerance, "said {said}, measured {measured}: {about:#}");
}

#[test]
fn what_is_said_of_the_tone_is_true_of_the_files() {
    let told = master_after_the_record(&["--detail", "medium"]);
    let moves = told.moves("third_octave_db");
    assert!(moves.len() >= 2, "nothing to test: {:#}", told.settings["moves"]);
    for one in moves {
        let band_hz = pair(&one["band_hz"]);
        let at_the_sides = one["text"].as_str().unwrap().contains(" at the sides");
        let excess_db = |sound: &Analysis| match at_the_sides {
            true => told.side_excess_db(sound, band_hz),
            false => told.excess_db(sound, band_hz),
        };
        let exact_db = if at_the_sides { SIDE_DB } else { ROUNDED_DB };
        let before = excess_db(&told.mix);
        near(one["measured"].as_f64().unwrap(), before, exact_db, one);
        let after = excess_db(&told.master);
        near(one["expected"].as_f64().unwrap(), after, EXPECTED_DB, one);
        let text = one["text"].as_str().unwrap();
        // "105 Hz to 238 Hz is 3.1 dB above ...": two ends of the band in Hz or kHz, and the difference.
        let said = numbers(text);
        // A band that balances its neighbours says where it ends, too.
        assert!(matches!(said.len(), 3 | 4), "{text}");
        if let Some(ends) = said.get(3) {
            near(*ends, one["expected"].as_f64().unwrap(), 0.06, one);
        }
        for (said, hz) in said.iter().zip(band_hz) {
            let hz = if hz >= 1_000.0 { hz / 1_000.0 } else { hz };
            near(*said, hz, 0.06 * hz, one);
        }
        near(said[2].abs(), before.abs(), exact_db, one);
        if !text.contains("balances") {
            assert_eq!(text.contains("above"), before > 0.0, "{text}: {before}");
            let advised = one["in_the_mix"].as_str().map(numbers);
            for number in advised.iter().filter_map(|numbers| numbers.first()) {
                near(*number, before.abs(), exact_db, one);
            }
        }
    }
    for left in told.settings["leftovers"].as_array().into_iter().flatten() {
        let Some(excess) = left["excess_db"].as_f64() else { continue };
        let band_hz = pair(&left["band_hz"]);
        near(excess, told.excess_db(&told.master, band_hz), EXPECTED_DB, left);
        let said = numbers(left["text"].as_str().unwrap());
        near(said[2], excess.abs(), ROUNDED_DB, left);
    }
}

#[test]
fn what_is_said_of_loudness_dynamics_and_width_is_true_of_the_files() {
    let told = master_after_the_record(&["--match", "tone,dynamics,width,loudness"]);
    let lufs = |analysis: &Analysis| analysis.loudness.integrated_lufs.unwrap();
    let drive = told.moves("loudness.integrated_lufs");
    assert_eq!(drive.len(), 1, "{:#}", told.settings["moves"]);
    near(drive[0]["measured"].as_f64().unwrap(), lufs(&told.mix), ROUNDED_DB, drive[0]);
    near(drive[0]["expected"].as_f64().unwrap(), lufs(&told.master), 0.11, drive[0]);
    let said = numbers(drive[0]["text"].as_str().unwrap());
    near(said[0], lufs(&told.mix), ROUNDED_DB, drive[0]);
    near(said[1], lufs(&told.record), ROUNDED_DB, drive[0]);

    let summary = told.settings["summary"].as_str().unwrap();
    let raised = numbers(summary);
    near(raised[0], (lufs(&told.master) - lufs(&told.mix)).abs(), 0.11, &told.settings["summary"]);
    assert_eq!(summary.contains("Raise"), lufs(&told.master) > lufs(&told.mix), "{summary}");

    let mean = |values: Vec<Option<f64>>| {
        let known: Vec<f64> = values.into_iter().flatten().collect();
        known.iter().sum::<f64>() / known.len() as f64
    };
    let stds = |sound: &Analysis| {
        mean(sound.dynamics.bands.iter().map(|band| band.level_std_db).collect())
    };
    for one in told.moves("dynamics.bands[].level_std_db") {
        near(one["measured"].as_f64().unwrap(), stds(&told.mix), ROUNDED_DB, one);
        near(one["expected"].as_f64().unwrap(), stds(&told.master), EXPECTED_DB, one);
        let said = numbers(one["text"].as_str().unwrap());
        near(said[0], stds(&told.mix), ROUNDED_DB, one);
        near(said[1], stds(&told.record), ROUNDED_DB, one);
    }
    // What is 40 dB down is mono to any listener: it has no width to speak of.
    let sides = |sound: &Analysis| {
        let bands = told.mix.stereo.bands.iter().zip(&sound.stereo.bands);
        let wide = bands.filter(|(mix, _)| mix.side_minus_mid_db.is_some_and(|db| db > -40.0));
        mean(wide.map(|(_, band)| band.side_minus_mid_db).collect())
    };
    for one in told.moves("stereo.bands[].side_minus_mid_db") {
        near(one["measured"].as_f64().unwrap(), sides(&told.mix), ROUNDED_DB, one);
        near(one["expected"].as_f64().unwrap(), sides(&told.master), EXPECTED_DB, one);
        let said = numbers(one["text"].as_str().unwrap());
        near(said[0].abs(), sides(&told.mix).abs(), ROUNDED_DB, one);
    }
    let others = told.moves("dynamics.bands[].level_std_db").len()
        + told.moves("stereo.bands[].side_minus_mid_db").len();
    assert!(others > 0, "neither dynamics nor width was moved: {:#}", told.settings["moves"]);
}
