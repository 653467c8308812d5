//! `acetate restore`: what is broken is mended, and nothing else.

use crate::program::{Studio, samples};

/// A file of two channels and 16 bits with a click in its left one.
fn clicked(studio: &Studio, name: &str, at: &[u32]) -> Vec<i64> {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: 44_100,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(studio.path(name), spec).unwrap();
    let mut clean = Vec::new();
    for frame in 0..3 * 44_100u32 {
        let n = f64::from(frame);
        let tone = 0.3 * (n * 0.031).sin() + 0.1 * (n * 0.2701).sin();
        let sample = (tone * 32_767.0) as i16;
        let near = at.iter().any(|&at| (at..at + 4).contains(&frame));
        writer.write_sample(if near { sample.saturating_add(12_000) } else { sample }).unwrap();
        writer.write_sample(sample).unwrap();
        clean.extend([i64::from(sample); 2]);
    }
    writer.finalize().unwrap();
    clean
}

#[test]
fn a_click_is_mended_and_every_other_sample_is_the_same() {
    let studio = Studio::new();
    let clean = clicked(&studio, "tape.wav", &[50_000]);
    let run = studio.run(&["restore", "tape.wav", "--removed", "away.wav", "--json"]).exit(0);
    assert!(run.stderr.contains("1 (20 a minute"), "{}", run.stderr);
    let file = run.json()["files"][0].clone();
    assert_eq!(file["changed"]["outside"], 0);
    let plan = &file["found"]["settings"]["clicks"]["events"];
    let (start, frames) =
        (plan[0]["start_frame"].as_u64().unwrap(), plan[0]["frames"].as_u64().unwrap());
    let [found, mended] = ["tape.wav", "tape.restored.wav"].map(|name| samples(&studio.path(name)));
    for (n, (now, was)) in mended.iter().zip(&clean).enumerate() {
        let frame = (n / 2) as u64;
        if (start..start + frames).contains(&frame) && n % 2 == 0 {
            assert!((now - was).abs() < 200, "frame {frame}: {now} for {was}");
        } else {
            assert_eq!(*now, found[n], "frame {frame}");
        }
    }
    assert!(studio.path("away.wav").exists());
    // The plan is a part of the settings: an event that is deleted stays in the sound.
    let settings = studio.path("tape.restored.wav.settings.json");
    let text = std::fs::read_to_string(&settings).unwrap();
    let left = text.replace("\"repair\": true", "\"repair\": false");
    assert_ne!(left, text);
    std::fs::write(studio.path("left.json"), left).unwrap();
    let run = studio.run(&["restore", "tape.wav", "--plan", "left.json", "-f"]).exit(0);
    assert!(run.stderr.contains("nothing to mend"), "{}", run.stderr);
    // The same settings give the same file through `apply`.
    studio
        .run(&["apply", "tape.restored.wav.settings.json", "tape.wav", "-o", "again.wav"])
        .exit(0);
    assert!(samples(&studio.path("again.wav")) == mended);
}

#[test]
fn a_dry_run_says_what_would_be_mended_and_writes_nothing() {
    let studio = Studio::new();
    clicked(&studio, "tape.wav", &[50_000]);
    let run = studio.run(&["restore", "tape.wav", "-n"]).exit(0);
    assert!(run.stderr.contains("clicks") && run.stderr.contains("tape.restored.wav"));
    assert!(!studio.path("tape.restored.wav").exists());
}

#[test]
fn a_sound_with_nothing_broken_is_left_with_one_line() {
    let studio = Studio::new();
    clicked(&studio, "whole.wav", &[]);
    let run = studio.run(&["restore", "whole.wav"]).exit(0);
    assert!(run.stderr.contains("nothing to mend, nothing written"), "{}", run.stderr);
    assert!(!studio.path("whole.restored.wav").exists());
    studio.run(&["restore", "whole.wav", "--only", "rumble"]).exit(2).one_line("clicks");
    studio.run(&["restore", "gone.wav"]).exit(1).one_line("gone.wav");
}
