//! `acetate export`.

use crate::program::Studio;

const SETTINGS: &str = r#"{ "schema": "acetate.settings/1", "settings": {
    "equalizer": { "bands": [ { "id": "eq1", "type": "bell", "freq_hz": 250, "gain_db": -1.6, "q": 0.8 } ] },
    "drive_db": 2.0, "limiter": { "kind": "masked", "ceiling_dbtp": -1.0 } } }"#;

fn studio() -> Studio {
    let studio = Studio::new();
    std::fs::write(studio.path("s.json"), SETTINGS).unwrap();
    studio
}

#[test]
fn an_export_goes_to_standard_output_and_its_gaps_to_standard_error() {
    let run = studio().run(&["export", "s.json", "--to", "ffmpeg"]).exit(0);
    assert!(run.text().contains("equalizer=f=250:t=q:w=0.8:g=-1.6"), "{}", run.text());
    assert!(run.stderr.contains("limiter"), "{}", run.stderr);
}

#[test]
fn an_export_to_a_file_does_not_replace_one() {
    let studio = studio();
    studio.run(&["export", "s.json", "--to", "apo", "-o", "apo.txt", "-q"]).exit(0);
    studio
        .run(&["export", "s.json", "--to", "apo", "-o", "apo.txt", "-q"])
        .exit(5)
        .one_line("apo.txt");
    studio.run(&["export", "s.json", "--to", "apo", "-o", "apo.txt", "-q", "-f"]).exit(0);
    studio
        .run(&["export", "s.json", "--to", "apo", "-o", "s.json", "-f"])
        .exit(5)
        .one_line("s.json");
    assert_eq!(studio.names(), ["apo.txt", "s.json"]);
}

#[test]
fn wrong_settings_are_exit_2_with_the_path_in_the_document() {
    let studio = Studio::new();
    let wrong = SETTINGS.replace("ceiling_dbtp", "cieling_dbtp");
    std::fs::write(studio.path("s.json"), wrong).unwrap();
    let run = studio.run(&["export", "s.json", "--to", "text"]).exit(2);
    run.one_line("settings.limiter.cieling_dbtp");
}

#[test]
fn an_impulse_response_is_a_wav_that_says_what_it_leaves_out() {
    let studio = studio();
    let run =
        studio.run(&["export", "s.json", "--to", "ir", "--rate", "44100", "-o", "ir.wav"]).exit(0);
    assert!(
        run.stderr.contains("44100 Hz") && run.stderr.contains("limiter: not carried"),
        "{}",
        run.stderr
    );
    let reader = hound::WavReader::open(studio.path("ir.wav")).unwrap();
    assert_eq!((reader.spec().channels, reader.spec().sample_rate), (2, 44_100));
    // At 0 Hz a bell does nothing: what is left is the drive of 2 dB.
    let sum: f32 = reader.into_samples::<f32>().step_by(2).map(|sample| sample.unwrap()).sum();
    assert!((20.0 * f64::from(sum).log10() - 2.0).abs() < 0.01, "{sum}");
    let piped = studio.run(&["export", "s.json", "--to", "ir", "--rate", "44100", "-q"]).exit(0);
    assert!(piped.stdout == studio.read("ir.wav"));
}
