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
    let run = studio.run(&["restore", "tape.wav", "--strength", "0", "-f"]).exit(0);
    assert!(run.stderr.contains("--strength 0 leaves all of it"), "{}", run.stderr);
    // The same settings give the same file through `apply`.
    let run = studio
        .run(&["apply", "tape.restored.wav.settings.json", "tape.wav", "-o", "again.wav"])
        .exit(0);
    assert!(!run.stderr.contains("S203"), "{}", run.stderr);
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

/// Writes what `value` gives for channel and seconds, in 16 bits.
fn write(studio: &Studio, name: &str, form: [u32; 3], value: &dyn Fn(u32, f64) -> f64) {
    let [rate_hz, channels, frames] = form;
    let spec = hound::WavSpec {
        channels: channels as u16,
        sample_rate: rate_hz,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(studio.path(name), spec).unwrap();
    for frame in 0..frames {
        for channel in 0..channels {
            let x = value(channel, f64::from(frame) / f64::from(rate_hz));
            writer.write_sample((x * 32_767.0).clamp(-32_768.0, 32_767.0) as i16).unwrap();
        }
    }
    writer.finalize().unwrap();
}

fn tones(channel: u32, t: f64) -> f64 {
    let hz = 220.0 + 30.0 * f64::from(channel);
    0.25 * (1382.0 * t).sin() + 0.1 * (std::f64::consts::TAU * hz * t).sin()
}

#[test]
fn what_cannot_be_mended_is_left_with_one_line() {
    let studio = Studio::new();
    let second = 44_100;
    write(&studio, "silence.wav", [44_100, 2, second], &|_, _| 0.0);
    write(&studio, "second.wav", [44_100, 2, second], &tones);
    write(&studio, "short.wav", [44_100, 1, 30], &tones);
    write(&studio, "square.wav", [44_100, 2, 3 * second], &|_, t| {
        if (t * 200.0).fract() < 0.5 { 1.0 } else { -1.0 }
    });
    for name in ["silence.wav", "second.wav", "short.wav", "square.wav"] {
        let run = studio.run(&["restore", name]).exit(0);
        let why =
            if name == "square.wav" { "--meant-too rebuilds them" } else { "nothing to mend" };
        assert!(run.stderr.contains(why), "{name}: {}", run.stderr);
    }
    let run = studio.run(&["restore", "square.wav", "-n"]).exit(0);
    assert!(run.stderr.contains("may be meant"), "{}", run.stderr);
}

#[test]
fn clicks_are_mended_at_every_rate_and_in_every_channel() {
    let studio = Studio::new();
    for (name, rate_hz, channels) in
        [("low.wav", 8_000, 1), ("high.wav", 192_000, 2), ("surround.wav", 48_000, 6)]
    {
        write(&studio, name, [rate_hz, channels, 2 * rate_hz], &|channel, t| {
            let click = channel + 1 == channels && (t - 1.0).abs() < 3e-4;
            tones(channel, t) + if click { 0.4 } else { 0.0 }
        });
        let run = studio.run(&["restore", name, "--only", "clicks", "--json"]).exit(0);
        let file = run.json()["files"][0].clone();
        assert_eq!(file["changed"]["outside"], 0, "{name}");
        assert!(file["changed"]["changed"].as_u64().unwrap() > 0, "{name}");
    }
}

#[test]
fn rebuilt_tops_go_beyond_full_scale_in_floats() {
    let studio = Studio::new();
    write(&studio, "hot.wav", [44_100, 2, 132_300], &|channel, t| 3.0 * tones(channel, t));
    let run = studio.run(&["restore", "hot.wav", "--only", "clipping", "--json"]).exit(0);
    let file = run.json()["files"][0].clone();
    assert_eq!(file["changed"]["outside"], 0);
    let mut reader = hound::WavReader::open(studio.path("hot.restored.wav")).unwrap();
    assert_eq!(reader.spec().sample_format, hound::SampleFormat::Float);
    let peak = reader.samples::<f32>().map(|x| x.unwrap().abs()).fold(0.0, f32::max);
    assert!(peak > 1.05, "{peak}");
    for [bits, name] in [["16", "hot16.wav"], ["24", "hot24.wav"], ["24", "hot.flac"]] {
        let run = ["restore", "hot.wav", "--only", "clipping", "--bits", bits, "-o", name, "-q"];
        let refused = studio.run(&run).exit(2).one_line("dB above full scale");
        assert!(refused.stderr.contains("name a .wav"), "{}", refused.stderr);
        assert!(!studio.path(name).exists(), "{name}");
    }
    studio.run(&["restore", "hot.wav", "--only", "clipping", "-o", "hot.flac", "-q"]).exit(2);
    let plan = "hot.restored.wav.settings.json";
    let run = ["apply", plan, "hot.wav", "-o", "hot24.wav", "--bits", "24", "-q"];
    studio.run(&run).exit(2).one_line("dB above full scale");
}

#[test]
fn tops_of_a_file_that_was_turned_down_fit_into_integers() {
    let studio = Studio::new();
    write(&studio, "low.wav", [44_100, 1, 132_300], &|channel, t| {
        0.4 * (2.9 * tones(channel, t)).clamp(-1.0, 1.0)
    });
    studio.run(&["restore", "low.wav", "--only", "clipping", "-o", "low.flac"]).exit(0);
    assert!(studio.path("low.flac").exists());
}

#[test]
fn every_file_has_a_name_of_its_own_and_a_dry_run_names_them_all() {
    let studio = Studio::new();
    clicked(&studio, "tape.wav", &[50_000]);
    for [output, removed] in [["q.wav", "q.wav"], ["q.wav", "./q.wav"]] {
        let run = ["restore", "tape.wav", "-o", output, "--removed", removed, "-q"];
        studio.run(&run).exit(2).one_line("two of the files");
        assert!(!studio.path("q.wav").exists());
    }
    let usual = ["restore", "tape.wav", "--removed", "tape.restored.wav"];
    studio.run(&usual).exit(2);
    assert!(!studio.path("tape.restored.wav").exists());
    let run =
        studio.run(&["restore", "tape.wav", "-n", "--removed", "away.wav", "--report"]).exit(0);
    let names = ["tape.restored.wav.settings.json", "away.wav", "tape.restored.wav.html"];
    for name in names {
        assert!(run.stderr.contains(name), "{name}: {}", run.stderr);
        assert!(!studio.path(name).exists());
    }
}

#[test]
fn a_plan_that_leaves_the_sound_is_told_with_its_limit() {
    let studio = Studio::new();
    clicked(&studio, "tape.wav", &[50_000]);
    studio.run(&["restore", "tape.wav", "-q"]).exit(0);
    let document = studio.json("tape.restored.wav.settings.json");
    for (field, value, limit) in [
        ("start_frame", serde_json::json!(9_999_999), "132300"),
        ("channels", serde_json::json!([7]), "the sound has 2"),
    ] {
        let mut edited = document.clone();
        edited["settings"]["restore"]["clicks"]["events"][0][field] = value;
        std::fs::write(studio.path("edited.json"), edited.to_string()).unwrap();
        let run = ["restore", "tape.wav", "--plan", "edited.json", "-o", "again.wav", "-q"];
        let refused = studio.run(&run).exit(2).one_line("click c1");
        assert!(refused.stderr.contains(limit), "{}", refused.stderr);
        assert!(!studio.path("again.wav").exists());
        studio.run(&["apply", "edited.json", "tape.wav", "-o", "again.wav", "-q"]).exit(2);
    }
}

#[test]
fn crackle_that_is_heard_in_one_section_alone_is_left() {
    let studio = Studio::new();
    let mut state = 5u32;
    let mut random = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / 16_777_216.0
    };
    let frames = 24 * 44_100;
    let mut sound: Vec<f64> = (0..frames).map(|_| 4e-4 * (random() - 0.5)).collect();
    for _ in 0..3200 {
        let at = (random() * 352_000.0) as usize;
        sound[at..at + 3].iter_mut().for_each(|x| *x += 0.05 * (random() - 0.5));
    }
    write(&studio, "section.wav", [44_100, 1, frames], &|channel, t| {
        tones(channel, t) + sound[(t * 44_100.0).round() as usize]
    });
    let run = studio.run(&["restore", "section.wav", "--only", "crackle"]).exit(0);
    assert!(run.stderr.contains("nothing to mend"), "{}", run.stderr);
}

#[test]
fn hum_that_starts_in_the_middle_is_taken_from_there_on() {
    let studio = Studio::new();
    let hum = |t: f64| -> f64 {
        (1..=6).map(|k| 0.012 / f64::from(k) * (314.6 * f64::from(k) * t).sin()).sum()
    };
    write(&studio, "late.wav", [44_100, 1, 40 * 44_100], &|channel, t| {
        let gate = 0.5 + 0.5 * (t * 2.1).sin();
        gate * tones(channel, t) + if t > 20.0 { hum(t) } else { 0.0 }
    });
    let run = studio.run(&["restore", "late.wav", "--only", "hum"]).exit(0);
    assert!(
        run.stderr.contains("50.07 to 50.07 Hz") || run.stderr.contains("Hz"),
        "{}",
        run.stderr
    );
    let [before, after] = ["late.wav", "late.restored.wav"].map(|name| samples(&studio.path(name)));
    let clean = |n: usize| {
        let t = n as f64 / 44_100.0;
        (0.5 + 0.5 * (t * 2.1).sin()) * tones(0, t) * 32_767.0
    };
    let error = |sound: &[i64], from: usize, to: usize| -> f64 {
        (from..to).map(|n| (sound[n] as f64 - clean(n)).powi(2)).sum::<f64>() / (to - from) as f64
    };
    let second = 44_100;
    assert!(error(&after, 0, 15 * second) <= 1.5 + error(&before, 0, 15 * second));
    let (late, mended) =
        (error(&before, 25 * second, 40 * second), error(&after, 25 * second, 40 * second));
    assert!(mended < 0.1 * late, "{mended} of {late}");
}

#[test]
fn a_master_mends_first_where_that_is_asked_for() {
    let studio = Studio::new();
    clicked(&studio, "tape.wav", &[50_000, 90_000]);
    let run = studio.run(&["master", "tape.wav", "-t", "loud", "--restore", "repair"]).exit(0);
    assert!(run.stderr.contains("clicks: 2"), "{}", run.stderr);
    assert!(!run.stderr.contains("S203"), "{}", run.stderr);
    let settings = studio.json("tape.loud.wav.settings.json");
    assert_eq!(settings["settings"]["restore"]["clicks"]["events"].as_array().unwrap().len(), 2);
    studio.run(&["master", "tape.wav", "-t", "loud", "-f", "--restore", "off", "-q"]).exit(0);
    let settings = studio.json("tape.loud.wav.settings.json");
    assert!(settings["settings"]["restore"].is_null());
}

#[test]
fn a_record_is_mended_song_by_song_before_it_is_decided() {
    let studio = Studio::new();
    std::fs::create_dir(studio.path("record")).unwrap();
    clicked(&studio, "record/01 Tape.wav", &[50_000, 90_000]);
    clicked(&studio, "record/02 Whole.wav", &[]);
    let run = studio.run(&["album", "record", "--restore", "repair"]).exit(0);
    assert!(run.stderr.contains("01 Tape.wav: clicks: 2"), "{}", run.stderr);
    let table = String::from_utf8(run.stdout).unwrap();
    assert!(table.contains("mended: 2 clicks"), "{table}");
    let plan = studio.json("record/mastered/album.acetate.json");
    let events = &plan["songs"][0]["restore"]["clicks"]["events"];
    assert_eq!(events.as_array().unwrap().len(), 2);
    assert!(plan["songs"][1]["restore"].is_null());
    let written = "record/mastered/streaming/01 Tape.wav";
    let again = studio.run(&["restore", written, "-n", "--only", "clicks", "--json"]).exit(0);
    let left = again.json()["files"][0]["found"]["settings"]["clicks"]["events"].clone();
    // The tone stops at once at 3 s.
    let edge = |event: &serde_json::Value| event["start_frame"].as_u64().unwrap() > 132_000;
    assert!(left.as_array().is_none_or(|events| events.iter().all(edge)), "{left}");
    let update = ["album", "record", "--restore", "repair", "--existing", "update"];
    let run = studio.run(&update).exit(0);
    assert!(run.stderr.contains("up to date"), "{}", run.stderr);
    // The fingerprint is that of the mix, mended or not.
    let run = studio.run(&["album", "record", "-d", "as-it-is", "--json"]).exit(0);
    let left = &run.json()["files"][0]["plan"]["songs"][0];
    assert_eq!(left["pcm_md5"], plan["songs"][0]["pcm_md5"]);
    assert!(left["restore"].is_null());
}

#[test]
fn a_page_shows_when_and_lets_what_was_taken_away_be_heard() {
    let studio = Studio::new();
    clicked(&studio, "tape.wav", &[50_000, 90_000]);
    studio.run(&["restore", "tape.wav", "--only", "clicks", "--report"]).exit(0);
    let page = String::from_utf8(studio.read("tape.restored.wav.html")).unwrap();
    for shown in ["2 clicks", "<b>removed</b>", "id=\"events\"", "id=\"removed\"", "id=\"clicks\""]
    {
        assert!(page.contains(shown), "{shown}");
    }
    assert_eq!(page.matches("class=\"mark\"").count(), 2);
    assert!(!page.contains("id=\"t0\""), "no button for each click");
    let again = ["restore", "tape.wav", "-o", "other.wav", "--report=tape.restored.wav.html"];
    let refused = studio.run(&again).exit(5);
    assert!(refused.stderr.contains("tape.restored.wav.html exists"), "{}", refused.stderr);
    assert!(!studio.path("other.wav").exists());
}

#[test]
fn crackle_is_lifted_and_nothing_away_from_it() {
    let studio = Studio::new();
    let mut state = 5u32;
    let mut random = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / 16_777_216.0
    };
    let noise: Vec<f64> = (0..6 * 44_100).map(|_| 4e-4 * (random() - 0.5)).collect();
    let mut crackle = vec![0.0; 6 * 44_100];
    for _ in 0..2400 {
        let at = (random() * 264_000.0) as usize;
        crackle[at..at + 3].iter_mut().for_each(|x| *x += 0.05 * (random() - 0.5));
    }
    let frame = |t: f64| (t * 44_100.0).round() as usize;
    write(&studio, "vinyl.wav", [44_100, 1, 6 * 44_100], &|channel, t| {
        tones(channel, t) + noise[frame(t)] + crackle[frame(t)]
    });
    write(&studio, "clean.wav", [44_100, 1, 6 * 44_100], &|channel, t| {
        tones(channel, t) + noise[frame(t)]
    });
    let run = studio.run(&["restore", "clean.wav", "--only", "crackle"]).exit(0);
    assert!(run.stderr.contains("nothing to mend"), "{}", run.stderr);
    let run = studio.run(&["restore", "vinyl.wav", "--only", "crackle", "--json"]).exit(0);
    assert!(run.stderr.contains("a second and channel"), "{}", run.stderr);
    assert_eq!(run.json()["files"][0]["changed"]["outside"], 0);
    let [found, mended, clean] =
        ["vinyl.wav", "vinyl.restored.wav", "clean.wav"].map(|name| samples(&studio.path(name)));
    let error = |sound: &[i64]| -> f64 {
        sound.iter().zip(&clean).map(|(x, c)| (*x as f64 - *c as f64).powi(2)).sum()
    };
    assert!(error(&mended) < 0.15 * error(&found), "{} of {}", error(&mended), error(&found));
}
