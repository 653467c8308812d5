//! `acetate compare`.

use crate::program::Studio;

#[test]
fn a_file_and_itself_are_the_same_sound() {
    let studio = Studio::with_mix();
    let result = studio.run(&["compare", "mix.wav", "mix.wav", "--null", "--json"]).exit(0).json();
    assert_eq!(result["command"], "compare");
    assert_eq!(result["files"][1]["analysis"]["schema"], "acetate.analysis/1");
    assert_eq!(result["comparison"]["tone_rms_db"], 0.0);
    assert_eq!(result["alignment"]["delay_frames"], 0);
    assert!(result["alignment"]["null_db"].as_f64().unwrap() < -200.0);
    let text = studio.run(&["compare", "mix.wav", "mix.wav", "--null"]).exit(0).text();
    assert!(text.contains("the same sound"), "{text}");
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn a_later_quieter_copy_is_aligned_and_leaves_nothing() {
    let studio = Studio::with_mix();
    let mut reader = hound::WavReader::open(studio.path("mix.wav")).unwrap();
    let mut writer = hound::WavWriter::create(studio.path("late.wav"), reader.spec()).unwrap();
    (0..2 * 300).for_each(|_| writer.write_sample(0i32).unwrap());
    reader.samples::<i32>().for_each(|sample| writer.write_sample(sample.unwrap() / 2).unwrap());
    writer.finalize().unwrap();
    let result = studio.run(&["compare", "mix.wav", "late.wav", "--null", "--json"]).exit(0).json();
    let number = |path: &str| result.pointer(path).unwrap().as_f64().unwrap();
    assert_eq!(number("/alignment/delay_frames"), 300.0);
    assert!((number("/alignment/gain_db") - 6.02).abs() < 0.01);
    assert!(number("/alignment/null_db") < -90.0);
    assert!((number("/comparison/loudness_lu") + 6.02).abs() < 0.05);
}
