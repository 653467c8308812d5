//! Nothing lies about: every source file is compiled, every dependency and feature used, every script and picture named.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// Dependencies that are there for another's sake, with what they do for it.
const FOR_OTHERS: [(&str, &str); 4] = [
    ("argmin-math", "its feature `vec` lets argmin compute with vectors"),
    ("getrandom_02", "its feature `js` lets generators be built for the browser"),
    ("getrandom_03", "so does `wasm_js`"),
    ("getrandom_04", "so does `wasm_js`"),
];

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The files of the repository whose names end in `ending`, relative to the root.
pub fn files(ending: &str) -> BTreeSet<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let passed = name.starts_with('.') || name == "target" || name == "node_modules";
            match entry.file_type().unwrap().is_dir() {
                true if !passed => walk(&entry.path(), found),
                false => found.push(entry.path()),
                true => {}
            }
        }
    }
    let mut found = Vec::new();
    walk(&root(), &mut found);
    let kept = found.iter().filter(|path| path.to_string_lossy().ends_with(ending));
    kept.map(|path| path.strip_prefix(root()).unwrap().to_owned()).collect()
}

pub fn text(path: &Path) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_default()
}

/// The manifests of all crates, by their folders.
fn manifests() -> BTreeMap<PathBuf, Table> {
    let paths = files("Cargo.toml").into_iter();
    paths.map(|path| (path.parent().unwrap().to_owned(), text(&path).parse().unwrap())).collect()
}

/// Where crates begin: what cargo finds by itself, and what manifests name.
fn crate_roots(folder: &Path, manifest: &Table, sources: &BTreeSet<PathBuf>) -> Vec<PathBuf> {
    let mut roots: Vec<PathBuf> =
        ["src/lib.rs", "src/main.rs", "build.rs"].map(|name| folder.join(name)).into();
    for place in ["tests", "benches", "examples", "src/bin"].map(|place| folder.join(place)) {
        let begins = |path: &&PathBuf| {
            let inner = path.strip_prefix(&place).ok();
            inner.is_some_and(|inner| match inner.components().count() {
                1 => true,
                2 => inner.ends_with("main.rs"),
                _ => false,
            })
        };
        roots.extend(sources.iter().filter(begins).cloned());
    }
    for kind in ["bin", "test", "bench", "example"] {
        let named = manifest.get(kind).and_then(Value::as_array).into_iter().flatten();
        roots.extend(named.filter_map(|one| Some(folder.join(one.get("path")?.as_str()?))));
    }
    roots.retain(|path| sources.contains(path));
    roots
}

/// Follows `mod name;` from a file, and `#[path]`.
fn follow(path: &Path, begins: bool, sources: &BTreeSet<PathBuf>, reached: &mut BTreeSet<PathBuf>) {
    if !sources.contains(path) || !reached.insert(path.to_owned()) {
        return;
    }
    let folder = path.parent().unwrap();
    let stem = path.file_stem().unwrap();
    let inner = if begins || stem == "mod" { folder.to_owned() } else { folder.join(stem) };
    let mut named: Option<PathBuf> = None;
    for line in text(path).lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("#[path = \"") {
            named = Some(folder.join(name.trim_end_matches("\"]")));
        } else if let Some(name) = module(line) {
            let found = named.take().map_or_else(
                || vec![inner.join(format!("{name}.rs")), inner.join(name).join("mod.rs")],
                |path| vec![path],
            );
            found.iter().for_each(|path| follow(&plain(path), false, sources, reached));
        }
    }
}

/// The name in `pub(crate) mod name;`.
fn module(line: &str) -> Option<&str> {
    let (before, name) = line.strip_suffix(';')?.rsplit_once("mod ")?;
    (before.is_empty() || before.starts_with("pub")).then_some(name)
}

/// The path without `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        if part.as_os_str() == ".." {
            plain.pop();
        } else {
            plain.push(part);
        }
    }
    plain
}

#[test]
fn every_source_file_is_compiled() {
    let sources = files(".rs");
    let mut reached = BTreeSet::new();
    for (folder, manifest) in manifests() {
        for path in crate_roots(&folder, &manifest, &sources) {
            follow(&path, true, &sources, &mut reached);
        }
    }
    let dead: Vec<&PathBuf> = sources.difference(&reached).collect();
    assert!(dead.is_empty(), "no crate holds {dead:?}");
    assert!(reached.len() > 300, "{} files were found", reached.len());
}

/// All source of one crate, without that of crates in folders below it.
fn source_of(folder: &Path, all: &BTreeMap<PathBuf, Table>, sources: &BTreeSet<PathBuf>) -> String {
    let below: Vec<&PathBuf> =
        all.keys().filter(|other| *other != folder && other.starts_with(folder)).collect();
    let ours = sources.iter().filter(|path| {
        path.starts_with(folder) && !below.iter().any(|other| path.starts_with(other))
    });
    ours.map(|path| text(path)).collect()
}

/// Does the source say `name::`, or bring the name in?
fn uses(source: &str, name: &str) -> bool {
    source.match_indices(name).any(|(at, _)| {
        let (before, after) = (&source[..at], &source[at + name.len()..]);
        let whole = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        whole && (after.starts_with("::") || (before.ends_with("use ") && !after.starts_with('_')))
    })
}

#[test]
fn every_dependency_is_used() {
    let (all, sources) = (manifests(), files(".rs"));
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    for (folder, manifest) in &all {
        let source = source_of(folder, &all, &sources);
        for kind in ["dependencies", "dev-dependencies"] {
            for (name, _) in manifest.get(kind).and_then(Value::as_table).into_iter().flatten() {
                wanted.insert(name.clone());
                let library = if name == "md-5" { "md5" } else { name };
                let for_another = FOR_OTHERS.iter().any(|(other, _)| other == name);
                assert!(
                    for_another || uses(&source, &library.replace('-', "_")),
                    "{}: nothing uses {name}",
                    folder.join("Cargo.toml").display()
                );
            }
        }
    }
    for name in all[Path::new("")]["workspace"]["dependencies"].as_table().unwrap().keys() {
        assert!(wanted.contains(name), "no crate asks for {name}");
    }
}

#[test]
fn every_feature_switches_something() {
    let (all, sources) = (manifests(), files(".rs"));
    for (folder, manifest) in &all {
        let source = source_of(folder, &all, &sources);
        let required = manifest.get("bin").map(Value::to_string).unwrap_or_default();
        let features = manifest.get("features").and_then(Value::as_table).into_iter().flatten();
        for (name, parts) in features.filter(|(name, _)| *name != "default") {
            // `acetate/cloud` switches it in the crate below.
            let switches = parts.to_string().contains('/')
                || source.contains(&format!("feature = \"{name}\""))
                || required.contains(&format!("\"{name}\""));
            assert!(switches, "{}: {name} switches nothing", folder.display());
        }
    }
}

#[test]
fn every_document_script_and_picture_is_named_somewhere() {
    let mut texts: Vec<(PathBuf, String)> = Vec::new();
    for ending in [".md", ".rs", ".py", ".mjs", ".js", "check", "run", ".toml"] {
        texts.extend(files(ending).into_iter().map(|path| (path.clone(), text(&path))));
    }
    let in_docs = files("").into_iter().filter(|path| path.starts_with("docs"));
    for path in in_docs.filter(|path| !path.starts_with("docs/schema")) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let named = texts.iter().any(|(other, text)| *other != path && text.contains(name));
        assert!(named, "nothing names {}", path.display());
    }
}

/// Paths in a document that begin with a folder of this repository: `engine/src/chain/` or `src/excerpt.rs`.
fn paths_in(document: &str, folders: &BTreeSet<String>) -> Vec<String> {
    let quoted = document.split('`').skip(1).step_by(2);
    let plain = |path: &&str| {
        path.split_once('/').is_some_and(|(folder, _)| folders.contains(folder))
            && path.chars().all(|c| c.is_ascii_alphanumeric() || "/_.-".contains(c))
    };
    quoted.filter(plain).map(str::to_owned).collect()
}

#[test]
fn every_path_that_the_builders_documents_name_is_there() {
    let begins = files("").into_iter().filter_map(|path| {
        let folder = path.iter().next()?.to_str()?;
        path.parent()?.parent().map(|_| folder.to_owned())
    });
    let folders: BTreeSet<String> = begins.collect();
    let mut looked_at = 0;
    for document in ["ARCHITECTURE.md", "CONTRIBUTING.md", "docs/fit.md", "docs/trust.md"] {
        for path in paths_in(&text(Path::new(document)), &folders) {
            assert!(root().join(&path).exists(), "{document} names {path}, which is not there");
            looked_at += 1;
        }
    }
    assert!(looked_at > 20, "{looked_at} paths");
}
