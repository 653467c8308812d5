//! `acetate simulate`.

use crate::program::{Noise, Studio, Wav};

#[test]
fn a_song_is_heard_on_all_systems_and_nothing_is_written() {
    let studio = Studio::with_mix();
    let text = studio.run(&["simulate", "mix.wav", "--codec", "none"]).exit(0).text();
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let result = studio.run(&["simulate", "mix.wav", "--codec", "none", "--json"]).exit(0).json();
    assert_eq!(result["command"], "simulate");
    let translation = &result["files"][0]["translation"];
    assert_eq!(translation["schema"], "acetate.translation/1");
    let systems = translation["systems"].as_array().unwrap();
    assert_eq!(systems.len(), 12);
    assert!(systems.iter().all(|system| system["cover"]["kept_pct"].is_f64()));
    assert_eq!(studio.names(), ["mix.wav"]);
}

#[test]
fn measures_are_the_same_on_one_thread_and_two() {
    let studio = Studio::with_mix();
    let run = |jobs| {
        studio.run(&["simulate", "mix.wav", "--codec", "none", "--json", "-j", jobs]).exit(0).text()
    };
    assert_eq!(run("1"), run("2"));
}

#[test]
fn what_is_heard_there_is_written_as_the_same_bytes_on_any_number_of_threads() {
    let studio = Studio::with_mix();
    for (jobs, more) in
        [("1", None), ("2", None), ("1", Some("--true-level")), ("2", Some("--true-level"))]
    {
        let folder = format!("heard{jobs}{}", more.unwrap_or_default());
        let mut words =
            vec!["simulate", "mix.wav", "--on", "phone,car130", "-j", jobs, "-d", &folder];
        words.extend(more);
        studio.run(&words).exit(0);
    }
    for (one, two) in [("heard1", "heard2"), ("heard1--true-level", "heard2--true-level")] {
        for name in ["mix.phone.wav", "mix.car130.wav"] {
            let bytes = |folder: &str| studio.read(&format!("{folder}/{name}"));
            assert!(bytes(one) == bytes(two), "{one}/{name}");
        }
    }
    assert!(studio.read("heard1/mix.phone.wav") != studio.read("heard1--true-level/mix.phone.wav"));
    let again = studio.run(&["simulate", "mix.wav", "--on", "phone", "-d", "heard1"]);
    again.exit(5).one_line("mix.phone.wav");
    let told = studio.run(&["simulate", "mix.wav", "--on", "tv,phone", "-d", "heard1", "-n"]);
    told.exit(5).one_line("mix.phone.wav exists; -f replaces it");
    assert!(!studio.path("heard1/mix.tv.wav").exists());
    studio.run(&["simulate", "mix.wav", "--on", "phone", "-d", "heard1", "-f"]).exit(0);
    let planned = studio.run(&["simulate", "mix.wav", "--on", "tv", "-d", "other", "-n"]).exit(0);
    assert!(planned.stderr.contains("mix.tv.wav") && !studio.path("other").exists());
}

#[test]
fn written_sound_is_as_loud_as_the_song() {
    let studio = Studio::with_mix();
    let loudness = |name: &str| {
        let analysis = studio.run(&["analyze", name, "--json"]).exit(0).json();
        analysis["files"][0]["analysis"]["loudness"]["integrated_lufs"].as_f64().unwrap()
    };
    studio.run(&["simulate", "mix.wav", "--on", "phone,club", "-d", "heard"]).exit(0);
    let [phone, club] = ["heard/mix.phone.wav", "heard/mix.club.wav"].map(loudness);
    assert!((phone - club).abs() < 0.1, "{phone} {club}");
    assert!(phone <= loudness("mix.wav") + 0.1);
}

#[test]
fn what_is_asked_for_wrongly_is_told_in_one_line() {
    let studio = Studio::with_mix();
    let said = |words: &[&str], part: &str| {
        let all = [&["simulate", "mix.wav"], words].concat();
        studio.run(&all).exit(2).one_line(part);
    };
    said(&["--on", "fone"], "did you mean \"phone\"");
    said(&["--level", "-20"], "30 to 120 dB(A)");
    said(&["--on", "labtop"], "did you mean \"laptop\"");
    said(&["--noise", "trian"], "did you mean \"train\"");
    said(&["--codec", "acc128"], "aac128");
    for (name, json, part) in [
        ("holes.json", r#"{"id":"a","hz":[100,200,300],"curve_db":[0,null,0]}"#, "curve_db[1]"),
        ("endless.json", r#"{"id":"a","hz":[100,200,300],"curve_db":[0,1e999,0]}"#, "curve_db"),
        ("point.json", r#"{"id":"a","hz":[100],"curve_db":[0]}"#, "3 points"),
        ("none.json", "no curve", "none.json: is not JSON: line 1, column 2; a curve looks like {"),
        ("empty.json", "", "empty.json: is empty; a curve looks like {"),
        ("list.json", "[1, 2]", "list.json: "),
    ] {
        std::fs::write(studio.path(name), json).unwrap();
        said(&["--system", name], part);
    }
    studio.run(&["simulate", "mix.wav", "--system", "gone.json"]).one_line("gone.json");
    studio.run(&["simulate", "gone.wav"]).exit(1).one_line("gone.wav");
    studio.run(&["simulate", "mix.wav", "--true-level"]).exit(2);
}

#[test]
fn silence_a_second_and_six_channels_have_an_answer() {
    let studio = Studio::new();
    let write = |name: &str, rate_hz: u32, channels: u16, frames: u32, level: f64| {
        let square = |_, time_s: f64| level * if time_s * 1_100.0 % 1.0 < 0.5 { 1.0 } else { -1.0 };
        Wav { rate_hz, channels, bits: 16, frames }.write(&studio.path(name), square);
    };
    write("silent.wav", 44_100, 2, 88_200, 0.0);
    write("second.wav", 44_100, 2, 44_100, 0.1);
    write("slow.wav", 8_000, 1, 24_000, 0.1);
    write("round.wav", 48_000, 6, 96_000, 0.1);
    write("sample.wav", 44_100, 2, 1, 0.1);
    for name in ["silent.wav", "sample.wav", "second.wav", "slow.wav", "round.wav"] {
        let text = studio.run(&["simulate", name, "--codec", "none"]).exit(0).text();
        let nothing = ["silent.wav", "sample.wav"].contains(&name);
        assert_eq!(text.contains("nothing to measure"), nothing, "{text}");
        assert!(!nothing || text.lines().count() == 2, "{text}");
    }
    studio.run(&["simulate", "round.wav", "--on", "phone", "-d", "heard"]).exit(5).one_line(
        "6 channels, and its sound elsewhere can be written of one or two only; leave out -d",
    );
    studio
        .run(&["simulate", "slow.wav", "--on", "phone,car100", "-d", "heard", "--true-level"])
        .exit(0);
    studio.run(&["simulate", "silent.wav", "--on", "phone", "-d", "heard", "--true-level"]).exit(0);
}

#[test]
fn a_codec_without_its_encoder_is_told_and_the_rest_goes_on() {
    let studio = Studio::with_mix();
    // Nothing is found on an empty path.
    let run = studio
        .command()
        .env("PATH", "")
        .args(["simulate", "mix.wav", "--codec", "aac128", "--json"])
        .output()
        .unwrap();
    // What was asked for by name and could not be had is a failure; what is usual and cannot is not.
    assert_eq!(run.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(stderr.contains("mix.wav: aac128 was not tried: ffmpeg is not installed"), "{stderr}");
    let usual = studio.command().env("PATH", "").args(["simulate", "mix.wav"]).output().unwrap();
    assert!(usual.status.success());
    let result: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    let translation = &result["files"][0]["translation"];
    assert_eq!(translation["codecs"][0]["not_tried"], "ffmpeg is not installed");
    assert_eq!(translation["systems"].as_array().unwrap().len(), 12);
}

#[test]
fn pages_have_buttons_for_other_systems_and_the_report_their_table() {
    let studio = Studio::with_mix();
    studio.run(&["listen", "mix.wav", "--on", "phone,car100", "-o", "heard.html"]).exit(0);
    let page = String::from_utf8(studio.read("heard.html")).unwrap();
    for button in ["<b>mix</b>", "<b>phone</b>", "<b>car at 100 km/h</b>"] {
        assert!(page.contains(button), "{button}");
    }
    assert!(page.contains("id=\"a2-0\"") && !page.contains("id=\"a3-0\""));
    studio.run(&["report", "mix.wav", "--on", "phone", "-o", "report.html"]).exit(0);
    let page = String::from_utf8(studio.read("report.html")).unwrap();
    assert!(page.contains("<table id=\"elsewhere\">") && page.contains("<b>phone</b>"));
    for label in ["Elsewhere", "bass line", "also", "system"] {
        studio.run(&["explain", label]).exit(0);
    }
    studio
        .run(&["listen", "mix.wav", "--on", "phone", "-r", "mix.wav", "-o", "beside.html"])
        .exit(0);
    let page = String::from_utf8(studio.read("beside.html")).unwrap();
    assert!(page.contains("<table id=\"elsewhere\">"), "what is left there is in the page");
    let numbers = page.split("<table id=\"numbers\">").nth(1).unwrap();
    let numbers = numbers.split("</table>").next().unwrap();
    assert!(!numbers.contains("phone") && numbers.matches("<tr><th").count() == 2 + 1, "{numbers}");
    studio.run(&["listen", "mix.wav", "--on", "fone"]).exit(2).one_line("phone");
    studio.run(&["listen", "mix.wav"]).exit(2).one_line("one file alone");
}

#[test]
fn a_clipped_master_goes_over_after_a_codec_and_the_same_6_db_lower_does_not() {
    let studio = Studio::new();
    for (name, gain) in [("loud.wav", 1.0), ("lower.wav", 0.5)] {
        let mut noise = Noise(1);
        let mut of_frame = 0.0;
        Wav::seconds(4.0).write(&studio.path(name), |channel, time| {
            if channel == 0 {
                let tones =
                    [110.0, 331.0, 997.0].map(|hz| (std::f64::consts::TAU * hz * time).sin());
                of_frame = 0.8 * tones.iter().sum::<f64>() + 0.6 * noise.next();
            }
            gain * of_frame.clamp(-1.0, 1.0)
        });
    }
    let coded = |name: &str| {
        let words = ["simulate", name, "--on", "phone", "--codec", "aac128,sbc328", "--json"];
        studio.run(&words).exit(0).json()["files"][0]["translation"].clone()
    };
    let (loud, lower) = (coded("loud.wav"), coded("lower.wav"));
    if let Some(why) = loud["codecs"][0]["not_tried"].as_str() {
        eprintln!("skipped: {why}");
        return;
    }
    assert!(loud["codecs"][0]["overs"].as_u64().unwrap() > 0, "{loud}");
    assert_eq!(lower["codecs"][0]["overs"], 0, "{lower}");
    let difference = |key: &str| {
        let number = |of: &serde_json::Value| of["codecs"][0][key].as_f64().unwrap();
        number(&loud) - number(&lower)
    };
    assert!((difference("nmr_db")).abs() <= 1.5, "{}", difference("nmr_db"));
    assert!((difference("true_peak_dbtp") - 6.0).abs() <= 0.5, "{}", difference("true_peak_dbtp"));
    let codes = |of: &serde_json::Value| -> Vec<String> {
        let findings = of["findings"].as_array().unwrap().iter();
        findings.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
    };
    assert!(
        codes(&loud).contains(&"D321".to_owned()) && !codes(&lower).contains(&"D321".to_owned())
    );
}

#[test]
fn no_system_is_heard_twice_and_a_taken_id_is_said_before_anything_is_written() {
    let studio = Studio::with_mix();
    let run =
        |words: &[&str]| studio.run(&[&["simulate", "mix.wav", "--codec", "none"], words].concat());
    let result = run(&["--on", "all,phone", "--json"]).exit(0).json();
    assert_eq!(result["files"][0]["translation"]["systems"].as_array().unwrap().len(), 12);
    let clash = r#"{"id":"phone","hz":[100,200,300],"curve_db":[0,0,0]}"#;
    std::fs::write(studio.path("own.json"), clash).unwrap();
    run(&["--on", "phone", "--system", "own.json", "-d", "heard"]).exit(2).one_line("phone");
    assert!(!studio.path("heard").exists());
}

#[test]
fn two_songs_of_one_name_do_not_go_to_one_file_and_nothing_is_done() {
    let studio = Studio::with_mix();
    studio.mix("other/mix.wav");
    let words = ["simulate", "mix.wav", "other/mix.wav", "--on", "phone", "-d", "heard"];
    studio.run(&words).exit(5).one_line("give each song a folder of its own");
    assert!(!studio.path("heard").exists());
    studio.mix("record/one/mix.wav");
    studio.mix("record/two/mix.wav");
    studio.run(&["simulate", "record", "--on", "phone", "-d", "heard"]).exit(0);
    for folder in ["one", "two"] {
        assert!(studio.path(&format!("heard/{folder}/mix.phone.wav")).exists());
    }
}

#[test]
fn of_a_short_line_the_table_says_how_long_it_is_and_why_nothing_follows() {
    let studio = Studio::new();
    Wav::seconds(1.5).write(&studio.path("short.wav"), |_, time| {
        0.3 * (std::f64::consts::TAU * 50.0 * time).sin()
    });
    let text = studio.run(&["simulate", "short.wav", "--codec", "none"]).exit(0).text();
    assert!(text.contains(" s: too short to tell"), "{text}");
    assert!(text.contains(" s of steady notes are too little to judge it by; 2 s"), "{text}");
    assert!(!text.contains("M121"), "{text}");
}

#[test]
fn a_codec_that_takes_the_top_away_says_up_to_where_it_plays() {
    let studio = Studio::new();
    let mut noise = Noise(1);
    Wav::seconds(6.0).write(&studio.path("noise.wav"), |_, _| 0.3 * noise.next());
    let words = ["simulate", "noise.wav", "--on", "phone", "--codec", "mp3_128,aac256", "--json"];
    let run = studio.run(&words);
    if run.stderr.contains("was not tried") {
        eprintln!("skipped: {}", run.stderr);
        return;
    }
    let codecs = run.exit(0).json()["files"][0]["translation"]["codecs"].clone();
    let up_to = |index: usize| codecs[index]["bandwidth_hz"].as_f64().unwrap();
    // LAME cuts at 16 to 17 kHz at 128 kbit/s; at 256 kbit/s next to nothing is cut.
    assert!((15_000.0..=17_500.0).contains(&up_to(0)), "{codecs}");
    assert!(up_to(1) > 18_000.0, "{codecs}");
}

#[test]
fn a_file_of_one_channel_counts_as_played_on_two_loudspeakers_unless_it_is_asked_otherwise() {
    let studio = Studio::new();
    Wav { channels: 1, ..Wav::seconds(4.0) }.write(&studio.path("one.wav"), |_, time| {
        0.1 * (std::f64::consts::TAU * 997.0 * time).sin()
    });
    let said = |more: &[&str]| {
        studio.run(&[&["simulate", "one.wav", "--on", "phone"], more].concat()).exit(0).text()
    };
    // A sine of -20 dBFS is -23 LUFS in one channel.
    assert!(said(&[]).contains("  -20.0 LUFS"), "{}", said(&[]));
    assert!(
        said(&["--mono", "single"]).contains("  -23.0 LUFS"),
        "{}",
        said(&["--mono", "single"])
    );
}

#[test]
fn no_figure_is_cut_off_and_no_system_is_told_twice() {
    let studio = Studio::new();
    let mut noise = Noise(1);
    let mut of_frame = 0.0;
    // All of the right channel is upside down, and everything is as loud as it can be.
    Wav::seconds(12.0).write(&studio.path("song.wav"), |channel, time| {
        if channel == 0 {
            let bass = (std::f64::consts::TAU * 55.0 * time).sin();
            of_frame = (0.5 * bass + 0.4 * noise.next()).clamp(-0.9, 0.9);
        }
        if channel == 0 { of_frame } else { -0.8 * of_frame }
    });
    let words = ["simulate", "song.wav", "--codec", "none"];
    let text = studio.run(&words).exit(0).text();
    assert!(!text.contains('\u{2026}') && text.contains("LU quieter"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let some = studio.run(&[&words[..], &["--on", "earbuds,headphones"]].concat()).exit(0).text();
    assert_eq!(some.matches("earbuds").count(), 1, "{some}");
}
