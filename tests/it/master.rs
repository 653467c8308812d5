//! `acetate master`: the spine.

use crate::program::{Studio, names_in, samples};

fn loudness(studio: &Studio, name: &str) -> (f64, f64) {
    let analysis = studio.run(&["analyze", name, "--json"]).exit(0).analysis();
    let number = |key: &str| analysis["loudness"][key].as_f64().unwrap();
    (number("integrated_lufs"), number("true_peak_dbtp"))
}

#[test]
fn a_mix_becomes_a_master_at_the_target_with_its_settings_beside_it() {
    let studio = Studio::with_mix();
    let run = studio.run(&["master", "mix.wav"]).exit(0);
    assert!(run.stdout.is_empty() && run.stderr.contains("Verified"), "{}", run.stderr);
    assert_eq!(studio.names(), ["mix.streaming.wav", "mix.streaming.wav.settings.json", "mix.wav"]);
    let (lufs, peak) = loudness(&studio, "mix.streaming.wav");
    assert!((lufs + 14.0).abs() <= 0.05, "{lufs}");
    assert!(peak <= -1.0, "{peak}");
    let settings = studio.json("mix.streaming.wav.settings.json");
    let after = settings["numbers"]["after"]["loudness"]["integrated_lufs"].as_f64().unwrap();
    assert!((after - lufs).abs() < 0.001, "the printed number is that of the file");
}

#[test]
fn suggest_then_apply_gives_the_bytes_of_master_with_one_thread_and_two() {
    let studio = Studio::with_mix();
    studio.run(&["master", "mix.wav", "-t", "spotify", "-j", "2", "-o", "master.wav"]).exit(0);
    for threads in ["1", "2"] {
        let json =
            studio.run(&["suggest", "mix.wav", "-t", "spotify", "-j", threads]).exit(0).stdout;
        let settings = format!("s{threads}.json");
        std::fs::write(studio.path(&settings), json).unwrap();
        let output = format!("applied{threads}.wav");
        studio.run(&["apply", &settings, "mix.wav", "-j", threads, "-o", &output]).exit(0);
        assert!(studio.read(&output) == studio.read("master.wav"), "{threads} threads");
    }
}

#[test]
fn several_targets_come_from_one_analysis() {
    let studio = Studio::with_mix();
    let result =
        studio.run(&["master", "mix.wav", "-t", "podcast", "-t", "cd", "--json"]).exit(0).json();
    assert_eq!(result["command"], "master");
    let targets: Vec<_> =
        result["files"].as_array().unwrap().iter().map(|f| f["target"].clone()).collect();
    assert_eq!(targets, ["podcast", "cd"]);
    let cd = studio.run(&["analyze", "mix.cd.wav", "--json"]).exit(0).analysis();
    assert_eq!(
        (&cd["format"]["bits"], &cd["format"]["sample_rate_hz"]),
        (&16.into(), &44_100.into())
    );
    let (podcast, _) = loudness(&studio, "mix.podcast.wav");
    assert!((podcast + 16.0).abs() <= 0.05, "{podcast}");
}

#[test]
fn a_reference_gives_its_name_and_its_loudness() {
    let studio = Studio::with_mix();
    studio.run(&["master", "mix.wav", "-t", "loud", "-o", "record.wav"]).exit(0);
    let (record, _) = loudness(&studio, "record.wav");
    studio.run(&["master", "mix.wav", "-r", "record.wav:1.0"]).exit(0);
    let (matched, peak) = loudness(&studio, "mix.record.master.wav");
    assert!((matched - record).abs() <= 0.1, "{matched} is not {record}");
    assert!(peak <= -1.0, "{peak}");
}

#[test]
fn a_folder_goes_to_mastered_which_is_never_read_again() {
    let studio = Studio::new();
    studio.mix("record/one.wav");
    studio.mix("record/side b/two ünï.wav");
    for run in ["replace", "replace"] {
        let result = studio
            .run(&["master", "record", "--existing", run, "--limiter", "fast", "--json"])
            .exit(0)
            .json();
        assert_eq!(result["files"].as_array().unwrap().len(), 2);
    }
    assert_eq!(
        names_in(&studio.path("record/mastered")),
        ["one.streaming.wav", "one.streaming.wav.settings.json", "side b"]
    );
    assert_eq!(names_in(&studio.path("record/mastered/side b"))[0], "two ünï.streaming.wav");
}

#[test]
fn sound_flows_through_pipes() {
    let studio = Studio::with_mix();
    studio.run(&["master", "mix.wav", "-o", "named.wav"]).exit(0);
    let run = studio.run_with(&["master", "-", "-o", "-"], studio.read("mix.wav")).exit(0);
    std::fs::write(studio.path("piped.wav"), &run.stdout).unwrap();
    assert_eq!(samples(&studio.path("piped.wav")), samples(&studio.path("named.wav")));
    assert_eq!(studio.names(), ["mix.wav", "named.wav", "named.wav.settings.json", "piped.wav"]);
}

#[test]
fn an_unreachable_target_is_a_warning_or_under_strict_exit_3() {
    let studio = Studio::with_mix();
    let hopeless = ["master", "mix.wav", "--lufs", "-1", "--limiter", "fast", "-f"];
    let run = studio.run(&hopeless).exit(0);
    assert!(run.stderr.contains("Missed"), "{}", run.stderr);
    let strict = studio.run(&[&hopeless[..], &["--strict", "--json"]].concat()).exit(3);
    assert_eq!(strict.json()["ok"], false);
}

#[test]
fn loudness_stops_where_it_would_hurt_and_force_goes_on() {
    let studio = Studio::with_mix();
    let hot = ["master", "mix.wav", "--lufs", "-6", "--max-damage", "-20", "-f"];
    let run = studio.run(&hot).exit(0);
    let reason = run.stderr.lines().find(|line| line.contains("Reason")).unwrap_or_default();
    for part in ["-6.0 LUFS would cost", "the -20.0 dB allowed", "LUFS costs"] {
        assert!(reason.contains(part), "{part} is not in {}", run.stderr);
    }
    let lever = run.stderr.lines().find(|line| line.contains("Helps")).unwrap_or_default();
    assert!(lever.contains("--force"), "{}", run.stderr);
    let (held, _) = loudness(&studio, "mix.streaming.wav");
    let run = studio.run(&[&hot[..], &["--force"]].concat()).exit(0);
    assert!(!run.stderr.contains("would cost"), "{}", run.stderr);
    let (forced, _) = loudness(&studio, "mix.streaming.wav");
    assert!(forced > held + 0.5, "{forced} is not louder than {held}");
}

#[test]
fn the_curve_prices_each_loudness_and_writes_nothing() {
    let studio = Studio::with_mix();
    let result = studio.run(&["suggest", "mix.wav", "--curve", "--json"]).exit(0).json();
    let points = result["files"][0]["curve"].as_array().unwrap();
    let damage: Vec<f64> =
        points.iter().map(|point| point["noise_to_mask_db"].as_f64().unwrap_or(-200.0)).collect();
    let lufs: Vec<f64> =
        points.iter().map(|point| point["integrated_lufs"].as_f64().unwrap()).collect();
    assert_eq!(points.len(), 9);
    let moves = |point: &serde_json::Value| point["gain_modulation_db"].as_f64().unwrap();
    assert!(moves(&points[8]) > moves(&points[0]), "{points:?}");
    assert!(points.iter().all(|point| point["transient_loss_db"].is_number()), "{points:?}");
    assert!(damage.windows(2).all(|pair| pair[0] <= pair[1] + 0.5), "{damage:?}");
    assert!(lufs.windows(2).all(|pair| pair[0] < pair[1] + 0.1), "{lufs:?}");
    let text = studio.run(&["suggest", "mix.wav", "--curve"]).exit(0).text();
    assert!(text.lines().count() == 10 && text.lines().all(|l| l.chars().count() <= 80), "{text}");
    assert_eq!(studio.names(), ["mix.wav"]);
}
