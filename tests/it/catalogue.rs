//! Many songs, on many machines: each exactly once, whatever is killed, repeated or wrong.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::program::{Studio, names_in};

const FAST: [&str; 2] = ["--limiter", "fast"];

/// Songs in `music/`, and in a folder below it.
fn with_songs(count: usize) -> Studio {
    let studio = Studio::new();
    for song in 0..count {
        let folder = if song % 2 == 0 { "music" } else { "music/more" };
        let name = format!("{folder}/{song}.wav");
        studio.mix(&name);
        // No two songs are the same.
        let mut bytes = studio.read(&name);
        let end = bytes.len();
        bytes[end - 1] = song as u8;
        std::fs::write(studio.path(&name), bytes).unwrap();
    }
    studio
}

/// Masters below a folder, by their names.
fn masters(folder: &Path) -> BTreeSet<String> {
    let all = names_in(folder).into_iter().filter(|name| name != "ledger");
    all.flat_map(|inner| names_in(&folder.join(inner)))
        .filter(|name| name.ends_with(".wav"))
        .collect()
}

/// The results of a run, a line each.
fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn states(results: &[Value]) -> Vec<&str> {
    let mut states: Vec<&str> =
        results.iter().map(|line| line["state"].as_str().unwrap()).collect();
    states.sort_unstable();
    states
}

#[test]
fn shards_together_are_the_whole_and_a_second_run_does_nothing() {
    let studio = with_songs(5);
    let run = |more: &[&str]| {
        let words =
            [&["catalogue", "music", "-d", "out", "--jsonl", "-q"], &FAST[..], more].concat();
        lines(&studio.run(&words).exit(0).text())
    };
    let mut songs: Vec<String> = Vec::new();
    for shard in ["0/3", "1/3", "2/3"] {
        for line in run(&["--shard", shard]) {
            assert_eq!(line["state"], "done");
            songs.push(line["input"].as_str().unwrap().to_owned());
        }
    }
    songs.sort();
    assert_eq!(songs, ["0.wav", "2.wav", "4.wav", "more/1.wav", "more/3.wav"]);
    assert_eq!(masters(&studio.path("out")).len(), 5);
    for name in ["0/3", "0/2", "0/1"] {
        assert_eq!(run(&["--shard", name]), [] as [Value; 0], "{name}");
    }
    let told =
        studio.run(&[&["catalogue", "music", "-d", "out", "-n"], &FAST[..]].concat()).exit(0);
    assert_eq!(told.text(), "0 to master, 5 done, 0 quarantined\n");
    // The line of each says what is in the files, and the settings render it again.
    let line: Value = lines(
        &std::fs::read_to_string(studio.path("out").join(
            Path::new("ledger/0-of-3").join(&names_in(&studio.path("out/ledger/0-of-3"))[0]),
        ))
        .unwrap(),
    )
    .into_iter()
    .find(|line| line["state"] == "done")
    .unwrap();
    let master = format!("out/{}", line["output"].as_str().unwrap());
    let measured = studio.run(&["analyze", &master, "--json"]).exit(0).json();
    let lufs = measured["files"][0]["analysis"]["loudness"]["integrated_lufs"].as_f64().unwrap();
    assert!((lufs - line["after"]["integrated_lufs"].as_f64().unwrap()).abs() < 0.001);
    let song = format!("music/{}", line["song"].as_str().unwrap());
    studio.run(&["apply", &format!("{master}.settings.json"), &song, "-o", "again.wav"]).exit(0);
    assert_eq!(studio.read("again.wav"), studio.read(&master));
}

#[test]
fn the_same_song_under_many_names_is_one_master_though_many_master_it_at_once() {
    let studio = with_songs(1);
    for copy in 1..6 {
        let copy = studio.path(&format!("music/copy {copy}.wav"));
        std::fs::copy(studio.path("music/0.wav"), copy).unwrap();
    }
    let words =
        [&["catalogue", "music", "-d", "out", "--jsonl", "-q", "-j", "3"], &FAST[..]].concat();
    let results = lines(&studio.run(&words).exit(0).text());
    assert_eq!(states(&results), ["done", "there", "there", "there", "there", "there"]);
    for result in &results {
        assert_eq!(result["output"], results[0]["output"]);
        assert_eq!(result["after"], results[0]["after"]);
    }
    assert_eq!(masters(&studio.path("out")).len(), 1);
}

#[test]
fn a_song_that_changed_and_other_wishes_are_mastered_again() {
    let studio = with_songs(2);
    let run = |more: &[&str]| {
        let words =
            [&["catalogue", "music", "-d", "out", "--jsonl", "-q"], &FAST[..], more].concat();
        lines(&studio.run(&words).exit(0).text()).len()
    };
    assert_eq!((run(&[]), run(&[])), (2, 0));
    let mut bytes = studio.read("music/0.wav");
    bytes.truncate(bytes.len() - 600);
    std::fs::write(studio.path("music/0.wav"), bytes).unwrap();
    assert_eq!((run(&[]), run(&[])), (1, 0));
    assert_eq!((run(&["--lufs", "-12"]), run(&["--lufs", "-12"]), run(&[])), (2, 0, 0));
    // A master that somebody removed is made again.
    for folder in names_in(&studio.path("out")).iter().filter(|name| *name != "ledger") {
        std::fs::remove_dir_all(studio.path("out").join(folder)).unwrap();
    }
    assert_eq!((run(&[]), run(&[])), (2, 0));
}

#[test]
fn a_wrong_row_and_a_bad_song_are_told_left_out_in_the_end_and_stop_nothing() {
    let studio = with_songs(1);
    std::fs::write(studio.path("bad.wav"), b"RIFF....WAVE").unwrap();
    let rows = r#"{"song": "music/0.wav", "target": "cd", "tags": {"isrc": "X"}}
{"song": "bad.wav"}
{"song": "gone.wav"}
{"sonk": "music/0.wav"}
"#;
    std::fs::write(studio.path("songs.jsonl"), rows).unwrap();
    let words = [
        &["catalogue", "--manifest", "songs.jsonl", "-d", "out", "--jsonl", "--attempts", "2"],
        &FAST[..],
    ]
    .concat();
    let first = studio.run(&words).exit(4);
    let results = lines(&first.text());
    assert_eq!(states(&results), ["done", "failed", "failed", "failed"]);
    let done = results.iter().find(|line| line["state"] == "done").unwrap();
    assert_eq!((&done["tags"]["isrc"], &done["target"]), (&"X".into(), &"cd".into()));
    assert!(first.stderr.contains("songs.jsonl:4: has no song"), "{}", first.stderr);
    assert!(first.stderr.contains("gone.wav: no such file"), "{}", first.stderr);
    studio.run(&words).exit(4);
    std::fs::write(studio.path("songs.jsonl"), rows.lines().take(3).collect::<Vec<_>>().join("\n"))
        .unwrap();
    let third = studio.run(&words).exit(0);
    assert_eq!(states(&lines(&third.text())), ["quarantined", "quarantined"]);
    assert!(
        third.stderr.contains("1 done before, 2 left out, having failed too often"),
        "{}",
        third.stderr
    );
    // What was mended is tried again.
    std::fs::copy(studio.path("music/0.wav"), studio.path("bad.wav")).unwrap();
    let mended = lines(&studio.run(&words).exit(0).text());
    assert_eq!(states(&mended), ["done", "quarantined"]);
}

#[test]
fn masters_of_another_catalogue_are_no_songs() {
    let studio = with_songs(1);
    let run = |target: &str, out: &str| {
        let words = [&["catalogue", "music", "-t", target, "-d", out, "--jsonl", "-q"], &FAST[..]];
        lines(&studio.run(&words.concat()).exit(0).text()).len()
    };
    assert_eq!(run("streaming", "music/for the net"), 1);
    assert_eq!(run("cd", "music/for discs"), 1);
    assert_eq!(run("streaming", "music/for the net"), 0);
}

#[test]
fn a_song_of_which_sound_is_missing_is_told() {
    let studio = with_songs(1);
    let whole = studio.read("music/0.wav");
    std::fs::write(studio.path("music/0.wav"), &whole[..whole.len() / 2]).unwrap();
    let words = [&["catalogue", "music", "-d", "out", "--jsonl"], &FAST[..]].concat();
    let run = studio.run(&words).exit(0);
    let line = &lines(&run.text())[0];
    assert!(line["missing_s"].as_f64().unwrap() > 1.0, "{line}");
    assert_eq!((&line["state"], &line["met"]), (&"done".into(), &false.into()));
    assert!(run.stderr.contains("s of sound are missing"), "{}", run.stderr);
}

#[test]
fn what_cannot_be_a_catalogue_is_one_line_before_any_work() {
    let studio = with_songs(3);
    std::fs::create_dir(studio.path("empty")).unwrap();
    std::fs::write(studio.path("file"), "text").unwrap();
    let run = |words: &[&str]| studio.run(&[&["catalogue"], words].concat());
    run(&["empty", "-d", "out"]).exit(2).one_line("no songs");
    run(&["music", "-d", "file/out"]).exit(1).one_line("file is a file");
    run(&["-d", "out", "--report", "page.html"]).exit(2).one_line("out is no catalogue");
    std::fs::write(studio.path("songs.csv"), "song,tags.n\nmusic/0.wav,\"open\nmusic/2.wav,x\n")
        .unwrap();
    let unclosed = run(&["--manifest", "songs.csv", "-d", "out"]);
    unclosed.exit(2).one_line("songs.csv: row 2: a quote that opens in it is not closed");
    let rows = "{\"song\": \"music/0.wav\"}\n{\"sonk\": \"music/2.wav\"}\n";
    std::fs::write(studio.path("songs.jsonl"), rows).unwrap();
    let told = run(&["--manifest", "songs.jsonl", "-d", "out", "-n"]).exit(0);
    assert!(told.stderr.contains("songs.jsonl:2: has no song"), "{}", told.stderr);
    assert!(!studio.path("out").exists() && !studio.path("page.html").exists());
}

#[test]
fn a_song_that_takes_too_long_has_failed() {
    let studio = Studio::new();
    let path = studio.path("long.wav");
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: 96_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(&path, spec).unwrap();
    for frame in 0..96_000 * 200_i32 {
        writer.write_sample((frame % 2_000 - 1_000) as i16).unwrap();
        writer.write_sample((frame % 1_500 - 700) as i16).unwrap();
    }
    writer.finalize().unwrap();
    let words = ["catalogue", "long.wav", "-d", "out", "--longest", "1"];
    let run = studio.run(&words).exit(1);
    assert!(run.stderr.contains("long.wav: took longer than 1 s"), "{}", run.stderr);
    assert_eq!(masters(&studio.path("out")).len(), 0);
}

#[test]
fn the_page_shows_what_the_ledger_has() {
    let studio = with_songs(2);
    std::fs::write(studio.path("music/bad<b>.wav"), b"RIFF....WAVE").unwrap();
    studio.run(&[&["catalogue", "music", "-d", "out", "-q"], &FAST[..]].concat()).exit(4);
    studio.run(&["catalogue", "-d", "out", "--report", "page.html"]).exit(0);
    let page = String::from_utf8(studio.read("page.html")).unwrap();
    for said in ["1 failed", "of 3 songs", "bad&lt;b&gt;.wav", "Songs by loudness"] {
        assert!(page.contains(said), "{said}");
    }
    studio
        .run(&["catalogue", "-d", "out", "--report", "page.html"])
        .exit(5)
        .one_line("-f replaces it");
    studio.run(&["catalogue", "-d", "out", "--report", "page.html", "-f"]).exit(0);
}

#[test]
fn what_is_due_is_a_manifest_for_whoever_shares_it_out() {
    let studio = with_songs(2);
    let table = "song,lufs,tags.isrc\nmusic/0.wav,-12,A\nmusic/more/1.wav,,B\n";
    std::fs::write(studio.path("songs.csv"), table).unwrap();
    let run = |manifest: &str, more: &[&str]| {
        let words = ["catalogue", "--manifest", manifest, "-d", "out"];
        studio.run(&[&words[..], &FAST[..], more].concat()).exit(0).text()
    };
    let due = run("songs.csv", &["-n", "--jsonl"]);
    std::fs::write(studio.path("due.jsonl"), &due).unwrap();
    assert_eq!(run("due.jsonl", &["-n", "--jsonl"]), due);
    let results = lines(&run("due.jsonl", &["--jsonl", "-q"]));
    assert_eq!(results.len(), 2);
    assert_eq!(results[0]["after"]["integrated_lufs"].as_f64().unwrap().round(), -12.0);
    assert_eq!(run("songs.csv", &["-n", "--jsonl"]), "");
}

#[test]
fn lists_and_shards_go_with_the_other_commands_too() {
    let studio = with_songs(4);
    let list = "music/0.wav\0music/2.wav\0";
    let run =
        studio.run_with(&["analyze", "--files-from", "-", "--json"], list.as_bytes().to_vec());
    assert_eq!(run.exit(0).json()["files"].as_array().unwrap().len(), 2);
    let files = |shard: &str| -> Vec<String> {
        let run = studio.run(&["analyze", "music", "--shard", shard, "--jsonl"]).exit(0);
        let inputs = lines(&run.text());
        inputs.iter().map(|line| line["input"].as_str().unwrap().to_owned()).collect()
    };
    let mut both = [files("0/2"), files("1/2")].concat();
    both.sort();
    assert_eq!(both, ["music/0.wav", "music/2.wav", "music/more/1.wav", "music/more/3.wav"]);
    studio.run(&["analyze", "music", "--shard", "2/2"]).exit(2).one_line("they count from 0 to 1");
}

#[test]
fn an_address_without_stores_and_a_heading_without_songs_are_one_line() {
    let studio = with_songs(1);
    std::fs::write(studio.path("songs.csv"), "file,target\nmusic/0.wav,cd\n").unwrap();
    studio
        .run(&["catalogue", "--manifest", "songs.csv", "-d", "out"])
        .exit(2)
        .one_line("no column song");
    studio.run(&["catalogue", "-d", "out"]).exit(2).one_line("no songs are named");
    if !cfg!(feature = "cloud") {
        studio
            .run(&["catalogue", "music", "-d", "s3://bucket/out"])
            .exit(2)
            .one_line("feature cloud");
        let run = studio.run(&["catalogue", "s3://bucket/a.wav", "-d", "out"]).exit(1);
        assert!(run.stderr.contains("object stores are not part of this build"), "{}", run.stderr);
    }
}

/// The command in a recipe, with the folders of a test.
fn command_of(recipe: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/recipes").join(recipe);
    let text = std::fs::read_to_string(path).unwrap();
    let at = text.find("acetate catalogue").unwrap();
    let line = text[at..].lines().next().unwrap().trim_end_matches('"');
    line.replace("/music", "music").replace("/masters", "out")
}

#[test]
fn every_recipe_shares_a_folder_out_and_loses_nothing() {
    for (recipe, index, count) in [
        ("slurm.sh", "SLURM_ARRAY_TASK_ID", 16),
        ("kubernetes.yaml", "JOB_COMPLETION_INDEX", 64),
        ("aws-batch.json", "AWS_BATCH_JOB_ARRAY_INDEX", 64),
    ] {
        let studio = with_songs(3);
        let command = command_of(recipe);
        for shard in 0..count {
            let run = format!(
                "set -- music out; export {index}={shard} SLURM_ARRAY_TASK_COUNT={count}; {command} --limiter fast"
            );
            studio.shell(&run).exit(0);
        }
        assert_eq!(masters(&studio.path("out")).len(), 3, "{recipe}");
    }
    let studio = with_songs(3);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/recipes/parallel.sh");
    studio.shell(&format!("sh {} music out", script.display())).exit(0);
    assert_eq!(masters(&studio.path("out")).len(), 3);
}
