//! The walls between the crates: who may name whom, and what only the top may touch.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::house::{files, root, text};

/// Crates below the facade that touch nothing of the system; `files` is beside them.
const PURE: [&str; 9] = [
    "documents",
    "audio",
    "analyzer",
    "engine",
    "references",
    "layouts",
    "translation",
    "optimizer",
    "report",
];
/// Longest file, in lines.
const LINES_MAX: usize = 400;
/// The program, in lines: 100 of them for the page, the suggested order and the updates of `album`, 25 for how
/// sure a one-shot must be, 265 for `restore` with its page and the options of `master` and `album` that mend first, 325 for `catalogue`, lists and shards, 165 for
/// `master --choices` and `pick`, 270 for `audition` (its questions on a terminal, its steps without one), 370 for `simulate` with stems and what is
/// checked before it writes, 60 for what `pick` proposes and for defaults that are a command's own, 100 for `serve`, 100 for `styles`, 80 for `album init` as a command of its own, what a dry run lists, and misspelt options
/// of a record's file, and 65 for what a stranger stumbled over: outputs of one name, all that `restore -n` would write, what `pick` takes, and what makes a
/// choice the master.
const PROGRAM_LINES_MAX: usize = 8_435;

/// The sources below a folder, by their paths in the repository.
fn sources(folder: &str) -> BTreeMap<PathBuf, String> {
    let below = files(".rs").into_iter().filter(|path| path.starts_with(folder));
    let found: BTreeMap<_, _> = below.map(|path| (path.clone(), text(&path))).collect();
    assert!(!found.is_empty(), "{folder} is not there");
    found
}

/// A source as it is shipped: without its tests and comments.
fn shipped(text: &str) -> String {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.fold(String::new(), |all, line| all + line + "\n")
}

fn is_test(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "tests")
        || path.file_name().is_some_and(|name| name == "tests.rs" || name == "test_sounds.rs")
}

#[test]
fn the_program_names_the_facade_alone() {
    for (path, text) in sources("cli") {
        assert!(!text.contains("acetate_"), "{} names an inner crate", path.display());
    }
    let manifest: Table = fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
    assert_eq!(manifest["bin"][0]["path"].as_str(), Some("cli/main.rs"));
}

#[test]
fn nothing_below_the_facade_touches_files_environment_or_clock() {
    for folder in PURE {
        for (path, text) in sources(&format!("{folder}/src")) {
            if is_test(&path) {
                continue;
            }
            let text = shipped(&text);
            for word in ["std::fs", "std::env", "std::time", "std::process", "std::net"] {
                assert!(!text.contains(word), "{} names {word}", path.display());
            }
            let grouped =
                text.split("use std::{").skip(1).filter_map(|use_| use_.split('}').next());
            for names in grouped {
                for word in names.split([',', ' ', '{', '\n']) {
                    let banned = ["fs", "env", "time", "process", "net"].contains(&word);
                    assert!(!banned, "{} names std::{word}", path.display());
                }
            }
        }
    }
}

#[test]
fn nothing_below_the_facade_depends_on_files() {
    for folder in PURE {
        let text = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
        let manifest: Table = text.parse().unwrap();
        let depends = manifest["dependencies"].as_table().unwrap();
        assert!(!depends.contains_key("acetate-files"), "{folder} carries codecs");
        assert!(!depends.contains_key("acetate"), "{folder} knows what is above it");
    }
}

#[test]
fn every_crate_asks_for_documentation_of_what_is_public() {
    let text = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let workspace: Table = text.parse().unwrap();
    assert_eq!(workspace["workspace"]["lints"]["rust"]["missing_docs"].as_str(), Some("warn"));
    for folder in PURE.iter().chain(&["files", "web/embed", "."]) {
        let text = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
        let manifest: Table = text.parse().unwrap();
        let lints = manifest.get("lints").and_then(|lints| lints.get("workspace"));
        assert_eq!(lints.and_then(Value::as_bool), Some(true), "{folder}");
    }
    assert!(fs::read_to_string(root().join("check")).unwrap().contains("clippy"));
}

#[test]
fn no_file_is_longer_than_a_reader_holds_in_mind() {
    let folders = PURE.iter().chain(&["files", "src", "cli", "tests", "benches/suite"]);
    for (path, text) in folders.flat_map(|folder| sources(folder)) {
        let lines = text.lines().count();
        assert!(lines <= LINES_MAX, "{} has {lines} lines", path.display());
    }
    let program: usize = sources("cli").values().map(|text| text.lines().count()).sum();
    assert!(program <= PROGRAM_LINES_MAX, "cli has {program} lines");
}

/// The first part of each path of this crate that a source names.
fn neighbours(text: &str) -> BTreeSet<String> {
    let word = |rest: &str| -> String {
        rest.chars()
            .take_while(|c| c.is_ascii_lowercase() || *c == '_' || c.is_ascii_digit())
            .collect()
    };
    let mut names: BTreeSet<String> =
        text.match_indices("crate::").map(|(at, found)| word(&text[at + found.len()..])).collect();
    for group in text.split("use crate::{").skip(1) {
        let group = group.split(';').next().unwrap_or_default();
        names.extend(group.split([',', '{', '}', ' ', '\n']).map(word));
    }
    names
}

/// A way back to where it began, through the modules of one crate.
fn circle(folder: &str) -> Option<Vec<String>> {
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in sources(folder) {
        if is_test(&path) {
            continue;
        }
        let inner = path.strip_prefix(folder).unwrap();
        let module = inner.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
        let module = module.trim_end_matches(".rs").to_owned();
        graph.entry(module).or_default().extend(neighbours(&shipped(&text)));
    }
    fn visit(
        at: &str,
        graph: &BTreeMap<String, BTreeSet<String>>,
        way: &mut Vec<String>,
        done: &mut BTreeSet<String>,
    ) -> bool {
        if let Some(begin) = way.iter().position(|module| module == at) {
            way.drain(..begin);
            return true;
        }
        if !done.insert(at.to_owned()) {
            return false;
        }
        way.push(at.to_owned());
        let next = graph.get(at).into_iter().flatten();
        if next
            .filter(|next| *next != at && graph.contains_key(*next))
            .any(|n| visit(n, graph, way, done))
        {
            return true;
        }
        way.pop();
        false
    }
    let mut done = BTreeSet::new();
    graph.keys().find_map(|module| {
        let mut way = Vec::new();
        visit(module, &graph, &mut way, &mut done).then_some(way)
    })
}

#[test]
fn no_crate_goes_in_circles() {
    for folder in PURE.iter().chain(&["files"]).map(|name| format!("{name}/src")) {
        assert_eq!(circle(&folder), None, "{folder}");
    }
    for folder in ["cli", "src"] {
        assert_eq!(circle(folder), None, "{folder}");
    }
}
