//! What is said: help, labels and what explains them, names however they are typed, JSON and nothing else.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::program::{Run, Studio};

/// Expects that every line is a JSON document.
#[track_caller]
fn all_json(text: &str) -> Vec<Value> {
    let parse = |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
    text.lines().map(parse).collect()
}

#[test]
fn help_is_a_command_too() {
    let studio = Studio::new();
    let all = studio.run(&["help"]).exit(0).text();
    assert_eq!(all, studio.run(&["--help"]).exit(0).text());
    let one = studio.run(&["help", "master"]).exit(0).text();
    assert_eq!(one, studio.run(&["master", "--help"]).exit(0).text());
    studio.run(&["help", "mister"]).exit(2).one_line("mister");
}

#[test]
fn help_and_manual_page_list_the_exit_codes() {
    let studio = Studio::new();
    for text in [studio.run(&["--help"]).exit(0).text(), studio.run(&["man"]).exit(0).text()] {
        assert!(text.contains("Exit codes:"), "{text}");
        for code in ["0  ", "1  ", "2  ", "3  ", "4  ", "5  ", "130  "] {
            assert!(text.contains(&format!("  {code}")), "{code}");
        }
    }
}

#[test]
fn ids_are_found_however_they_are_typed() {
    let studio = Studio::with_mix();
    for name in ["Spotify Loud", "spotify_loud", "SPOTIFY-LOUD"] {
        let shown = studio.run(&["targets", "show", name, "--json"]).exit(0).json();
        assert_eq!(shown["id"], "spotify-loud", "{name}");
    }
    studio.run(&["references", "add", "mix.wav", "--name", "Blue Train", "-q"]).exit(0);
    for name in ["blue-train", "Blue Train", "BLUE_TRAIN"] {
        studio.run(&["references", "show", name]).exit(0);
        studio.run(&["suggest", "mix.wav", "-r", name, "-t", "Spotify"]).exit(0);
    }
    for style in ["Jazz", "AUTO"] {
        studio.run(&["suggest", "mix.wav", "--style", style]).exit(0);
    }
    studio.run(&["suggest", "mix.wav", "-r", "gone.wav"]).exit(1).one_line("gone.wav");
}

#[test]
fn a_suggested_command_can_be_typed_as_it_stands() {
    let studio = Studio::new();
    studio.mix("my song.wav");
    studio.run(&["my song.wav"]).exit(2).one_line("acetate master 'my song.wav'");
}

#[test]
fn progress_as_json_is_json_alone() {
    let studio = Studio::with_mix();
    std::fs::write(studio.path("bad.wav"), "no sound").unwrap();
    let run = studio.run(&["master", "mix.wav", "bad.wav", "--progress", "json"]).exit(4);
    let lines = all_json(&run.stderr);
    assert!(lines.iter().all(|line| line["schema"] == "acetate.progress/1"), "{}", run.stderr);
    assert!(lines.iter().any(|line| line["status"] == "verified"), "{}", run.stderr);
    let about =
        |line: &Value| line["error"].as_str().is_some_and(|error| error.contains("bad.wav"));
    assert!(lines.iter().any(about), "{}", run.stderr);
    for wrong in [vec!["mastr"], vec!["master"], vec![], vec!["master", "gone.wav"]] {
        let mut words = wrong.clone();
        words.push("--progress=json");
        let run = studio.run(&words);
        assert_ne!(run.code, 0);
        assert!(all_json(&run.stderr)[0]["error"].is_string(), "{wrong:?}: {}", run.stderr);
    }
}

#[test]
fn a_wrong_command_line_is_json_where_json_was_asked_for() {
    let studio = Studio::with_mix();
    std::fs::write(studio.path("wrong.toml"), "amont = 3").unwrap();
    let cases: [(&[&str], &str); 5] = [
        (&["master", "--json"], "master"),
        (&["master", "mix.wav", "--jsn", "--json"], "master"),
        (&["mastr", "mix.wav", "--json"], ""),
        (&["--json"], ""),
        (&["suggest", "mix.wav", "--config", "wrong.toml", "--json"], "suggest"),
    ];
    for (words, command) in cases {
        let run = studio.run(words).exit(2);
        let result = run.json();
        assert_eq!(result["schema"], "acetate.result/1", "{words:?}");
        assert_eq!((&result["command"], &result["exit"]), (&command.into(), &2.into()));
        assert!(result["error"].is_string() && run.stderr.lines().count() == 1, "{words:?}");
    }
    let run = studio.run(&["master", "mix.wav", "--jsn", "--jsonl"]).exit(2);
    assert_eq!(all_json(&run.text()).len(), 1);
    let plain = studio.run(&["analyze", "--", "--json"]);
    assert!(plain.stdout.is_empty(), "a file of that name is no wish for JSON");
}

/// The labels of a table: what stands before two spaces.
fn first_column(text: &str) -> Vec<String> {
    let labels = text.lines().map(|line| line.trim().split("  ").next().unwrap_or_default());
    labels
        .filter(|label| label.starts_with(|c: char| c.is_alphabetic()))
        .map(str::to_owned)
        .collect()
}

/// The labels of `analyze`: the words around the numbers.
fn sheet_labels(text: &str) -> Vec<String> {
    let mut labels = Vec::new();
    for line in text.lines().skip(1).take_while(|line| !line.trim_start().starts_with(['S', 'M'])) {
        let label = |part: &str| {
            let words: Vec<&str> = part.split(' ').collect();
            // The last number is the measure, what stands before it its name: `max 0.4 s -17.0`.
            let at = words.iter().rposition(|word| word.parse::<f64>().is_ok());
            words[..at.unwrap_or(words.len())].join(" ")
        };
        labels.extend(line.trim().split("  ").map(str::trim).map(label));
    }
    labels.retain(|label| !label.is_empty());
    labels
}

/// What stands in elements of a page, without what is set apart in them.
fn elements(page: &str, begin: &str, end: &str) -> Vec<String> {
    let plain = |html: &str| {
        let mut rest = html.to_owned();
        while let Some(at) = rest.find("<span") {
            let Some(length) = rest[at..].find("</span>") else { break };
            rest.replace_range(at..at + length + "</span>".len(), "");
        }
        let text: String = rest
            .split('<')
            .map(|part| part.split_once('>').map_or(part, |(_, text)| text))
            .collect();
        text.split('(').next().unwrap_or_default().trim().to_owned()
    };
    let inner = |part: &str| {
        part.split_once('>').and_then(|(_, rest)| rest.split_once(end)).map(|(text, _)| plain(text))
    };
    page.split(begin).skip(1).filter_map(inner).filter(|text| !text.is_empty()).collect()
}

/// A move's first words: `Bell 26.5 Hz -5.9 dB`.
fn first_words(text: &str) -> String {
    let words = text.split(' ').take_while(|word| word.starts_with(|c: char| c.is_alphabetic()));
    words.collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn explained(studio: &Studio, labels: impl IntoIterator<Item = String>) {
    let labels: BTreeSet<String> = labels.into_iter().collect();
    let missing: Vec<&String> =
        labels.iter().filter(|label| studio.run(&["explain", label]).code != 0).collect();
    assert!(missing.is_empty(), "nothing is known about {missing:?}");
    assert!(labels.len() > 5, "{labels:?}");
}

#[test]
fn every_label_of_the_terminal_is_explained() {
    let studio = Studio::with_mix();
    studio.mix("other.wav");
    let text = |run: Run| run.exit(0).text();
    explained(&studio, sheet_labels(&text(studio.run(&["analyze", "mix.wav"]))));
    let compared = text(studio.run(&["compare", "mix.wav", "other.wav"]));
    let table = compared.lines().skip_while(|line| !line.contains("change")).skip(1);
    let rows: Vec<&str> = table.take_while(|line| !line.contains("change in")).collect();
    explained(&studio, first_column(&rows.join("\n")));
    for heading in [
        "LUFS",
        "dBTP",
        "LRA",
        "PLR",
        "tilt",
        "width",
        "length",
        "spread dB",
        "crest dB",
        "side-mid dB",
    ] {
        studio.run(&["explain", heading]).exit(0);
    }
    let settings = studio.run(&["suggest", "mix.wav", "-t", "loud"]).exit(0).json();
    let moves = settings["moves"].as_array().unwrap();
    let ids: Vec<&str> = moves.iter().filter_map(|step| step["id"].as_str()).collect();
    assert!(!ids.is_empty());
    for id in
        ids.into_iter().chain(["eq1", "comp1", "stereo", "drive", "limiter", "deess", "resonance"])
    {
        studio.run(&["explain", id]).exit(0);
    }
}

#[test]
fn every_label_of_the_page_is_explained() {
    let studio = Studio::with_mix();
    studio.run(&["master", "mix.wav", "-t", "loud", "--max-eq", "12"]).exit(0);
    studio
        .run(&["report", "mix.loud.wav.settings.json", "-o", "page.html", "--audio", "none"])
        .exit(0);
    let page = String::from_utf8(studio.read("page.html")).unwrap();
    let mut labels = elements(&page, "<dt", "</dt>");
    labels.extend(elements(&page, "<h2", "</h2>"));
    labels.extend(elements(&page, "<h3", "</h3>").iter().map(|text| first_words(text)));
    labels.extend(elements(&page, "<summary", "</summary>"));
    labels.extend(elements(&page, "<th scope=\"col\"", "</th>"));
    let numbers = page.split_once("<table id=\"numbers\">").unwrap().1;
    let numbers = numbers.split_once("</table>").unwrap().0;
    labels.extend(elements(numbers, "<th scope=\"row\"", "</th>"));
    explained(&studio, labels);
}

#[test]
fn without_an_argument_explain_lists_words_with_what_they_are() {
    let text = Studio::new().run(&["explain"]).exit(0).text();
    let words = first_column(&text);
    for word in ["limiter", "drive", "tone", "true_peak", "limiter.ceiling_dbtp"] {
        assert!(words.iter().any(|known| known == word), "{word} is not in {text}");
    }
    let bare = |line: &&str| line.split_whitespace().count() < 2;
    assert_eq!(text.lines().find(bare), None);
    assert!(text.lines().all(|line| line.chars().count() <= 80));
}
