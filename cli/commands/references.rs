//! `acetate references`: the library of records to lean to.

use std::path::PathBuf;

use acetate::audio::Mono;
use acetate::library::{IfExists, Listing, measure_files};
use acetate::references::closest;
use acetate::references::profile::blend;
use acetate::references::style::Sample;
use acetate::{Input, Library, Profile};
use clap::{Args, Subcommand};

use crate::completing;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::global::{Global, print, print_json};
use crate::inputs::expand;
use crate::lookup::{self, library};
use crate::reading::measure_only;
use crate::speech::say;
use acetate::audio::numbers::{counted, number};
use acetate::text::plot;
use acetate::text::table::{Align, Table};

/// Most records that `closest` names.
const CLOSEST: usize = 8;

/// Keep, show and blend records to lean to
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  acetate references add records/*.flac --tags jazz\n  acetate references list\n  acetate references show blue-train\n  acetate references closest song.wav\n  acetate references blend blue-train:0.6 kind-of-blue:0.4 --name mine\n  acetate references fit records/ --name my-style"
)]
pub(crate) struct ReferencesArguments {
    #[command(subcommand)]
    action: Action,
}

/// What to do with the library.
#[derive(Subcommand, Debug)]
enum Action {
    /// Measure records and keep their profiles (numbers, no sound)
    Add {
        /// Files or folders
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Name of the record, when there is one [default: the file's]
        #[arg(long)]
        name: Option<String>,
        /// Words to find it by
        #[arg(long, value_delimiter = ',')]
        tags: Vec<String>,
        /// Replace profiles of the same name
        #[arg(short = 'f')]
        replace: bool,
    },
    /// All records
    List,
    /// One record in full
    Show {
        /// Id, profile file or sound file
        #[arg(value_name = "ID|FILE", add = completing::references())]
        id: String,
    },
    /// Forget a record or a style
    Remove {
        /// Its id
        #[arg(add = completing::library_ids())]
        id: String,
    },
    /// Look for files of the library that cannot be read
    Check,
    /// Make one profile of several: ID:WEIGHT ...
    Blend {
        /// Records with their weights
        #[arg(required = true, num_args = 2.., value_name = "ID[:WEIGHT]", add = completing::library_ids())]
        records: Vec<String>,
        /// Name of the blend
        #[arg(long)]
        name: String,
        /// Replace a profile of the same name
        #[arg(short = 'f')]
        replace: bool,
    },
    /// Learn a style from your own records (at least 8), and one for each kind among them
    Fit {
        /// Files or folders
        #[arg(required = true, value_name = "DIR")]
        files: Vec<PathBuf>,
        /// Name of the style, for --style
        #[arg(long)]
        name: String,
        /// Replace a style of the same name
        #[arg(short = 'f')]
        replace: bool,
    },
    /// The records of the library most like a mix
    Closest {
        /// The mix
        #[arg(value_name = "MIX")]
        mix: PathBuf,
    },
}

pub(crate) fn run(arguments: &ReferencesArguments, global: &Global) -> Outcome<Exit> {
    let library = library()?.rehearsing(global.dry_run);
    if global.dry_run {
        global.progress().note("Trying", "nothing is written or removed");
    }
    match &arguments.action {
        Action::Add { files, name, tags, replace } => {
            add(&library, files, name.as_deref(), tags, *replace, global)
        }
        Action::List => list(&library, global),
        Action::Show { id } => show(id, global),
        Action::Remove { id } => {
            let path = library.remove(id).map_err(Failure::usage)?;
            global.progress().done("Removed", &path.display().to_string());
            Ok(Exit::Done)
        }
        Action::Check => check(&library, global),
        Action::Blend { records, name, replace } => {
            blended(&library, records, name, *replace, global)
        }
        Action::Fit { files, name, replace } => fit(&library, files, name, *replace, global),
        Action::Closest { mix } => nearest(&library, mix, global),
    }
}

fn if_exists(replace: bool) -> IfExists {
    if replace { IfExists::Replace } else { IfExists::Refuse }
}

/// The files that arguments stand for.
fn record_paths(files: &[PathBuf]) -> Outcome<Vec<PathBuf>> {
    let inputs = expand(files)?;
    Ok(inputs.list.iter().filter_map(|input| input.path().map(PathBuf::from)).collect())
}

/// Profiles of files; those that cannot be read are reported, with one exit each.
fn profiles(paths: &[PathBuf], global: &Global) -> (Vec<Profile>, Vec<Exit>) {
    let progress = global.progress();
    let stage = progress.stage("Measuring", &counted(paths.len(), "file"), None);
    let count = std::sync::atomic::AtomicUsize::new(0);
    let results = measure_files(paths, |_| {
        let done = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        stage.set(done as f64 / paths.len().max(1) as f64);
    });
    let mut measured = Vec::new();
    let mut exits = Vec::new();
    for (path, result) in paths.iter().zip(results) {
        match result {
            Ok(profile) => measured.push(profile),
            Err(error) => {
                say(&format!("acetate: {}", Failure::from(error).about(path.display())));
                exits.push(Exit::Failed);
            }
        }
    }
    (measured, exits)
}

fn add(
    library: &Library,
    files: &[PathBuf],
    name: Option<&str>,
    tags: &[String],
    replace: bool,
    global: &Global,
) -> Outcome<Exit> {
    let paths = record_paths(files)?;
    if name.is_some() && paths.len() > 1 {
        return Err(Failure::usage("--name names one record, but there are several"));
    }
    let (profiles, mut exits) = profiles(&paths, global);
    for mut profile in profiles {
        if let Some(name) = name {
            profile.id = acetate::references::plain_id(name);
            profile.name = name.to_owned();
        }
        profile.tags = tags.to_vec();
        match library.add(&profile, if_exists(replace)) {
            Ok(path) => {
                global.progress().done("Added", &format!("{}  {}", profile.id, path.display()));
                exits.push(Exit::Done);
            }
            Err(error) => {
                let failure = Failure::from(acetate::Error::from(error));
                say(&format!("acetate: {failure}"));
                exits.push(failure.exit());
            }
        }
    }
    Ok(Exit::of_all(&exits))
}

fn list(library: &Library, global: &Global) -> Outcome<Exit> {
    let Listing { profiles, skipped } = library.list().map_err(Failure::failed)?;
    if global.wants_json() {
        print_json(&profiles)?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&[
        ("id", Align::Left),
        ("LUFS", Align::Right),
        ("LRA", Align::Right),
        ("PLR", Align::Right),
        ("width", Align::Right),
        ("tags", Align::Left),
    ]);
    for profile in &profiles {
        table.row([
            profile.id.clone(),
            number(profile.loudness.integrated_lufs, 1),
            number(profile.loudness.loudness_range_lu, 1),
            number(profile.loudness.plr_db, 1),
            number(profile.width, 2),
            profile.tags.join(" "),
        ]);
    }
    if !table.is_empty() {
        print(&(table.lines().join("\n") + "\n"))?;
    }
    let progress = global.progress();
    if profiles.is_empty() {
        progress.note(
            "Empty",
            &format!("{} (acetate references add FILE...)", library.folder().display()),
        );
    }
    if !skipped.is_empty() {
        progress.note(
            "Skipped",
            &format!("{} (acetate references check)", counted(skipped.len(), "file")),
        );
    }
    Ok(Exit::Done)
}

fn show(id: &str, global: &Global) -> Outcome<Exit> {
    let profile = lookup::profile(id)?;
    if global.wants_json() {
        print_json(&profile)?;
        return Ok(Exit::Done);
    }
    let mut lines = vec![
        format!("{}  {}", global.paint().bold(&profile.id), profile.name),
        format!(
            "  {} LUFS   range {} LU   PLR {} dB   width {}   correlation {}",
            number(profile.loudness.integrated_lufs, 1),
            number(profile.loudness.loudness_range_lu, 1),
            number(profile.loudness.plr_db, 1),
            number(profile.width, 2),
            number(profile.correlation, 2)
        ),
    ];
    lines.extend(plot::spectrum(
        &profile.spectrum.third_octave_hz,
        &profile.spectrum.level_db,
        48.0,
    ));
    if !profile.spectrum.unmatchable.is_empty() {
        lines.push(format!(
            "  {} bands must not be matched (no signal, or a codec's cut)",
            profile.spectrum.unmatchable.len()
        ));
    }
    print(&(lines.join("\n") + "\n"))?;
    Ok(Exit::Done)
}

fn check(library: &Library, global: &Global) -> Outcome<Exit> {
    let Listing { profiles, skipped } = library.list().map_err(Failure::failed)?;
    for file in &skipped {
        print(&format!("{}: {}\n", file.path.display(), file.reason))?;
    }
    let text = format!("{} profiles, {} unreadable", profiles.len(), skipped.len());
    global.progress().done("Checked", &text);
    Ok(if skipped.is_empty() { Exit::Done } else { Exit::Missed })
}

fn blended(
    library: &Library,
    records: &[String],
    name: &str,
    replace: bool,
    global: &Global,
) -> Outcome<Exit> {
    let weighted: Vec<(Profile, f64)> = records
        .iter()
        .map(|text| lookup::weighted(text))
        .map(|(name, weight)| Ok((lookup::profile(name)?, weight)))
        .collect::<Outcome<_>>()?;
    if weighted.iter().any(|(_, weight)| !weight.is_finite() || *weight < 0.0)
        || weighted.iter().all(|(_, weight)| *weight == 0.0)
    {
        return Err(Failure::usage("weights are 0 or more, and not all 0"));
    }
    let parts: Vec<(&Profile, f64)> =
        weighted.iter().map(|(profile, weight)| (profile, *weight)).collect();
    let profile = blend(name, &parts);
    let path = library
        .add(&profile, if_exists(replace))
        .map_err(|error| Failure::refused(error).next("-f replaces it"))?;
    global.progress().done("Added", &format!("{}  {}", profile.id, path.display()));
    Ok(Exit::Done)
}

fn fit(
    library: &Library,
    files: &[PathBuf],
    name: &str,
    replace: bool,
    global: &Global,
) -> Outcome<Exit> {
    library.expect_free_for_style(name, if_exists(replace)).map_err(acetate::Error::from)?;
    let (profiles, mut exits) = profiles(&record_paths(files)?, global);
    let learned =
        library.learn(name, &profiles, if_exists(replace)).map_err(acetate::Error::from)?;
    exits.push(Exit::Done);
    for (style, path) in learned {
        let text = format!("{} from {}  {}", style.id, style.learned_from(), path.display());
        global.progress().done("Learned", &text);
    }
    Ok(Exit::of_all(&exits))
}

fn nearest(library: &Library, mix: &PathBuf, global: &Global) -> Outcome<Exit> {
    let Listing { profiles, .. } = library.list().map_err(Failure::failed)?;
    let song = measure_only(&Input::file(mix), Mono::Dual, &global.progress())?;
    let near = closest(&Sample::from_analysis(song.analysis()), &profiles, CLOSEST);
    if global.wants_json() {
        let list: Vec<_> = near
            .iter()
            .map(|near| serde_json::json!({ "id": near.id, "distance": near.distance, "text": near.text }))
            .collect();
        print_json(&list)?;
        return Ok(Exit::Done);
    }
    for near in &near {
        print(&format!("{:<24} {:.2}  {}\n", near.id, near.distance, near.text))?;
    }
    if near.is_empty() {
        global.progress().note("Empty", "no record of the library can be compared");
    }
    Ok(Exit::Done)
}
