//! What a record's run says: what it leaves out, would write, finds in the way, and what is wrong with what was asked.

use acetate::album::{Album, AlbumPlan, AlbumRequest};
use serde_json::Value;

use crate::album::{SONGS, plan, sound, with_record, write_16};
use crate::program::{Studio, names_in};

/// The example record with this in its file, after its schema.
fn with_file(text: &str) -> Studio {
    let studio = with_record();
    let text = format!("schema = \"acetate.album/1\"\n{text}");
    std::fs::write(studio.path("record/album.toml"), text).unwrap();
    studio
}

fn seconds(plan: &Value) -> Vec<(&str, f64)> {
    let songs = plan["songs"].as_array().unwrap().iter().map(|song| &song["before_it"]);
    songs.map(|it| (it["kind"].as_str().unwrap(), it["seconds"].as_f64().unwrap())).collect()
}

#[test]
fn a_pause_that_is_asked_for_is_between_songs_and_not_within_a_recording() {
    let studio = with_record();
    studio.run(&["album", "record", "--gaps", "1"]).exit(0);
    let plan = plan(&studio, "record/mastered");
    assert_eq!(seconds(&plan), [("gap", 0.0), ("join", 0.0), ("gap", 1.0)]);
}

#[test]
fn two_songs_that_fade_into_each_other_have_places_of_their_own() {
    let crossed = format!(
        "[[song]]\nfile = \"{}\"\n[[song]]\nfile = \"{}\"\ncrossfade_s = 1\nlevel_lu = -5",
        SONGS[0], SONGS[2]
    );
    let studio = with_file(&crossed);
    studio.run(&["album", "record"]).exit(0);
    let document = plan(&studio, "record/mastered");
    let top = |song: usize| {
        let level = &document["songs"][song]["level"];
        (level["under_lu"].as_f64().unwrap(), level["master_top_lufs"].as_f64().unwrap())
    };
    let ((first, loud), (second, quiet)) = (top(0), top(1));
    assert_eq!((first, second), (0.0, 5.0));
    // They share a second, and a limiter.
    assert!((loud - quiet - 5.0).abs() < 0.7, "{loud} and {quiet}");
    let own = document["groups"][0]["before_fades"].as_array().unwrap();
    assert!(own.len() == 2 && own[0]["gain_db"] == 0.0, "{own:?}");
    // Another title is nothing that has to be rendered to be confirmed, and changes no settings.
    let paths = [studio.path("record")];
    let (request, folder) = (AlbumRequest::default(), studio.path("out"));
    let mut album = Album::open(&paths, &mut ()).unwrap();
    let first = album.plan(&request, &mut ()).unwrap();
    album.master(&first, &request, &folder, false, &mut ()).unwrap();
    album.file.songs[1].title = Some("Lower Tide".to_owned());
    let again = album.plan_update(&request, &folder, &mut ()).unwrap();
    let renders = |plan: &AlbumPlan| -> usize {
        plan.record().groups.iter().map(|group| group.settled.renders).sum()
    };
    assert!(renders(&first) > 0 && renders(&again) == 0);
    let settings = |plan: &AlbumPlan| plan.record().groups[0].settings.clone();
    assert_eq!(settings(&first), settings(&again));
    album.file.songs[1].level_lu = Some(-4.0);
    assert!(renders(&album.plan_update(&request, &folder, &mut ()).unwrap()) > 0);
}

#[test]
fn what_an_earlier_run_left_and_what_the_file_does_not_name_is_told() {
    let studio = with_record();
    studio.run(&["album", "record", "--layout", "streaming,cassette"]).exit(0);
    let same = studio.run(&["album", "record", "-f"]).exit(0);
    assert!(!same.stderr.contains("earlier run"), "{}", same.stderr);
    studio.run(&["album", "record", "-f", "--layout", "streaming,cassette"]).exit(0);
    let text = String::from_utf8(studio.read("record/album.toml")).unwrap();
    let text = text.replacen("title = \"Low Tide\"", "title = \"Lower Tide\"", 1);
    std::fs::write(studio.path("record/album.toml"), text).unwrap();
    write_16(&studio.path("record/demo.wav"), &sound(&studio.path("record").join(SONGS[0])));
    let run = studio.run(&["album", "record", "-f"]).exit(0);
    assert!(run.stderr.contains("Note  cassette: from an earlier run"), "{}", run.stderr);
    assert!(run.stderr.contains("album.toml does not name demo.wav: left out"), "{}", run.stderr);
}

#[test]
fn a_dry_run_lists_what_it_would_write_and_what_is_there() {
    let studio = with_record();
    let layouts = ["--layout", "streaming,cd"];
    let run = studio.run(&["album", "record", "-n", layouts[0], layouts[1], "--json"]).exit(0);
    let files = run.json()["files"][0]["files"].clone();
    assert!(!run.stderr.contains("Exists"), "{}", run.stderr);
    studio.run(&["album", "record", layouts[0], layouts[1]]).exit(0);
    let written: Vec<String> = ["streaming", "cd"]
        .iter()
        .flat_map(|layout| {
            let names = names_in(&studio.path("record/mastered").join(layout));
            names.into_iter().map(move |name| format!("record/mastered/{layout}/{name}"))
        })
        .chain(["record/mastered/album.acetate.json".to_owned()])
        .collect();
    let listed: Vec<String> = serde_json::from_value(files).unwrap();
    let sorted = |list: Vec<String>| list.into_iter().collect::<std::collections::BTreeSet<_>>();
    assert_eq!(sorted(listed), sorted(written));
    let run = studio.run(&["album", "record", "-n"]).exit(0);
    assert!(run.stderr.contains("Exists  record/mastered/streaming and 1 more"), "{}", run.stderr);
    let refused = studio.run(&["album", "record", "-q"]).exit(5);
    refused.one_line("-f replaces it, --existing update makes anew what changed");
}

#[test]
fn what_was_asked_for_is_not_missed() {
    let studio = with_record();
    let summary = |folder: &str| plan(&studio, folder)["summary"].as_str().unwrap().to_owned();
    studio.run(&["album", "record", "--anchor", "album", "-d", "a"]).exit(0);
    assert!(
        summary("a").contains(" record -1") && summary("a").contains("LUFS ok, "),
        "{}",
        summary("a")
    );
    studio.run(&["album", "record", "--anchor", "Low Tide", "-d", "b", "--force"]).exit(0);
    assert!(summary("b").contains("song 3 -14.0 LUFS ok"), "{}", summary("b"));
    let bonus = format!("record/{}", SONGS[2]);
    studio.run(&["album", &bonus, "--like", "a", "-d", "c"]).exit(0);
    assert!(summary("c").contains("place on that record ok"), "{}", summary("c"));
    let refused = studio.run(&["album", &bonus, "--like", "record", "-d", "d", "-q"]).exit(2);
    refused.one_line("record: holds no album.acetate.json");
}

#[track_caller]
fn check_refused(text: &str, part: &str) {
    let studio = with_file(text);
    std::fs::write(studio.path("record/note.jpg"), "no picture").unwrap();
    studio.run(&["album", "record", "-q"]).exit(2).one_line(part);
    assert!(!studio.path("record/mastered").exists());
}

#[test]
fn what_is_wrong_in_the_file_is_told_by_its_key() {
    check_refused(
        "titel = \"Harbour\"",
        "line 2: there is no key \"titel\"; did you mean \"title\"?",
    );
    check_refused("date = \"May 2026\"", "it is 2026, 2026-05 or 2026-05-31");
    check_refused("title = 7", "line 2, title: invalid type: integer `7`");
    check_refused("cover = \"note.jpg\"", "is no picture");
    check_refused(
        "[sound]\nlevles = \"keep\"",
        "there is no option \"levles\"; did you mean \"levels\"?",
    );
    check_refused("[sound]\nlevels = \"loud\"", "there are natural, keep, even");
    let song =
        |number: usize, more: &str| format!("[[song]]\nfile = \"{}\"\n{more}\n", SONGS[number]);
    check_refused(&song(2, "fade_out_s = 90"), "fade_out_s = 90 is longer than the song");
    let joined = song(0, "fade_out_s = 1") + &song(1, "");
    check_refused(&joined, "goes on in the same recording");
}

#[test]
fn what_is_wrong_with_a_mix_is_told_and_on_the_page_whose_option_takes_no_folder() {
    let studio = with_record();
    let mut hot = sound(&studio.path("record").join(SONGS[2]));
    hot.planes_mut().iter_mut().flatten().for_each(|x| *x = (8.0 * *x).clamp(-0.999, 0.999));
    write_16(&studio.path("hot.wav"), &hot);
    let run = studio.run(&["album", "--report", "hot.wav", "-d", "out"]).exit(0);
    assert!(run.stderr.contains("Note  hot.wav: "), "{}", run.stderr);
    let page = String::from_utf8(studio.read("out/album.html")).unwrap();
    assert!(page.contains("About the mixes") && page.contains("hot.wav: "));
    let page = format!("--report={}", studio.path("other.html").display());
    studio.run(&["album", &page, "hot.wav", "-d", "out2"]).exit(0);
    assert!(studio.path("other.html").exists());
}

#[test]
fn the_help_of_init_is_about_init() {
    let studio = Studio::new();
    let text = studio.run(&["album", "init", "--help"]).exit(0).text();
    assert!(text.contains("album.toml") && !text.contains("--max-damage"), "{text}");
}
