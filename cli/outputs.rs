//! Where results go: names, folders, and what happens when something is already there.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::failure::{Failure, Outcome};
use crate::global::stdout_is_terminal;
use crate::inputs::{Input, MASTERED};
use crate::pending::Pending;
use crate::protected::Protected;

/// What to do when the output exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Existing {
    /// Refuse, exit 5
    #[default]
    Error,
    /// Leave it and go on
    Skip,
    /// Replace it
    Replace,
    /// Write beside it: name-2, name-3, ...
    Number,
    /// Render again only if the input, the settings or the version of the sound changed
    Update,
}

/// Options about where results go.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArguments {
    /// Write to this file; `-` is standard output
    #[arg(short, long, value_name = "FILE", conflicts_with_all = ["output_dir", "name"])]
    pub(crate) output: Option<PathBuf>,
    /// Write into this folder
    #[arg(short = 'd', long, value_name = "DIR")]
    pub(crate) output_dir: Option<PathBuf>,
    /// Name of the output, from {stem} {target} {reference} {ext} [default: {stem}.{target}.{ext}, after a record {stem}.{reference}.{target}.{ext}]
    #[arg(long, value_name = "TEMPLATE")]
    pub(crate) name: Option<String>,
    /// What to do when the output exists
    #[arg(long, value_enum, value_name = "WHAT", default_value_t)]
    pub(crate) existing: Existing,
    /// Replace what exists (never the input)
    #[arg(short = 'f', conflicts_with = "existing")]
    pub(crate) replace: bool,
}

impl OutputArguments {
    /// The rule for outputs that exist.
    pub(crate) fn existing(&self) -> Existing {
        if self.replace { Existing::Replace } else { self.existing }
    }

    /// Does everything go to standard output?
    pub(crate) fn to_stdout(&self) -> bool {
        self.output.as_deref().is_some_and(|path| path.as_os_str() == "-")
    }

    /// `-o` names one file: is there one to write?
    ///
    /// # Errors
    /// When there are several.
    pub(crate) fn expect_outputs(&self, count: usize) -> Outcome<()> {
        match &self.output {
            Some(path) if count > 1 => Err(Failure::usage(format!(
                "-o {} names one file, but there are {count} to write",
                path.display()
            ))
            .next("use -d DIR or --name TEMPLATE")),
            _ => Ok(()),
        }
    }
}

impl OutputArguments {
    /// A page is about one master that was written: is there one?
    ///
    /// # Errors
    /// When the master goes to standard output, or one page is named for several.
    pub(crate) fn expect_page(
        &self,
        report: Option<&Option<PathBuf>>,
        count: usize,
    ) -> Outcome<()> {
        match report {
            Some(_) if self.to_stdout() => {
                Err(Failure::usage("--report is about a written file, and -o - writes none")
                    .next("name a file with -o"))
            }
            Some(Some(page)) if count > 1 => Err(Failure::usage(format!(
                "--report {} names one page, but there are {count} to write",
                page.display()
            ))
            .next("--report alone writes each beside its master")),
            _ => Ok(()),
        }
    }

    /// Sound is not written to a terminal.
    ///
    /// # Errors
    /// When it would be.
    pub(crate) fn expect_no_terminal(&self) -> Outcome<()> {
        if self.to_stdout() && stdout_is_terminal() {
            return Err(Failure::refused("-o - would write sound to the terminal")
                .next("pipe it into something, or name a file"));
        }
        Ok(())
    }
}

/// What the name of an output is made from.
#[derive(Clone, Debug)]
pub(crate) struct NameParts<'a> {
    /// Name of the input without extension.
    pub(crate) stem: &'a str,
    /// Id of the target.
    pub(crate) target: &'a str,
    /// Was the target asked for? Without, a reference decides the loudness too.
    pub(crate) target_asked: bool,
    /// Name of the reference, when matching one.
    pub(crate) reference: Option<&'a str>,
    /// Extension of the format.
    pub(crate) extension: &'a str,
}

impl NameParts<'_> {
    /// Fills in a template, or the default one. Parts cannot lead out of the folder.
    ///
    /// # Errors
    /// When the template has an unknown field or is empty.
    pub(crate) fn fill(&self, template: Option<&str>) -> Outcome<String> {
        let template = template.unwrap_or(match self.reference {
            Some(_) if self.target_asked => "{stem}.{reference}.{target}.{ext}",
            Some(_) => "{stem}.{reference}.master.{ext}",
            None => "{stem}.{target}.{ext}",
        });
        let flat = |part: &str| part.replace(['/', '\\', ':'], "_");
        let mut name = String::new();
        let mut rest = template;
        while let Some(start) = rest.find('{') {
            name.push_str(&rest[..start]);
            let end = rest[start..].find('}').map(|end| start + end).ok_or_else(|| {
                Failure::usage(format!("--name {template} has a {{ without a }}"))
            })?;
            name.push_str(&flat(match &rest[start + 1..end] {
                "stem" => self.stem,
                "target" => self.target,
                "reference" => self.reference.unwrap_or("none"),
                "ext" => self.extension,
                unknown => {
                    return Err(Failure::usage(format!("--name has no field {{{unknown}}}"))
                        .next("the fields are {stem} {target} {reference} {ext}"));
                }
            }));
            rest = &rest[end + 1..];
        }
        name.push_str(rest);
        let dotted = format!(".{}", self.extension);
        if !name.to_lowercase().ends_with(&dotted) {
            name.push_str(&dotted);
        }
        Ok(name)
    }
}

/// The path of the output of `input` called `name`, without regard to what exists.
pub(crate) fn place(input: &Input, name: &str, folder: Option<&Path>) -> PathBuf {
    match (input, folder) {
        (Input::File { path, root: Some(root) }, _) => {
            let base = folder.map_or_else(|| root.join(MASTERED), Path::to_owned);
            let inner = path.parent().and_then(|parent| parent.strip_prefix(root).ok());
            inner.map_or_else(|| base.clone(), |inner| base.join(inner)).join(name)
        }
        (_, Some(folder)) => folder.join(name),
        (Input::File { path, root: None }, None) => path.with_file_name(name),
        (Input::Stdin, None) => PathBuf::from(name),
    }
}

/// What to do about one output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// Write it.
    Write(PathBuf),
    /// It exists, and is to stay.
    Skip(PathBuf),
    /// It exists, and is to be written again only if it is out of date.
    Update(PathBuf),
}

impl Plan {
    /// The output.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Write(path) | Self::Skip(path) | Self::Update(path) => path,
        }
    }
}

/// Applies the rule for existing files. No input is ever an output, whatever the rule.
///
/// # Errors
/// When the output is one of the `inputs`, is a folder, or exists and the rule is [`Existing::Error`].
pub(crate) fn plan(path: PathBuf, existing: Existing, inputs: &[Input]) -> Outcome<Plan> {
    plan_beside(path, existing, &Protected::new(inputs))
}

/// As [`plan`], for one output of many.
///
/// # Errors
/// As [`plan`].
pub(crate) fn plan_beside(
    path: PathBuf,
    existing: Existing,
    protected: &Protected<'_>,
) -> Outcome<Plan> {
    if let Some(input) = protected.find(&path) {
        return Err(Failure::refused(format!(
            "{} is the input {}, which is never overwritten",
            path.display(),
            input.name()
        ))
        .next("name another output with -o or -d"));
    }
    if path.is_dir() {
        return Err(Failure::refused(format!("{} is a folder", path.display()))
            .next("name a file with -o, or use -d for a folder"));
    }
    if !path.exists() {
        return Ok(Plan::Write(path));
    }
    match existing {
        Existing::Error => Err(Failure::refused(format!("{} exists", path.display()))
            .next("-f replaces it, --existing skip|number|update does otherwise")),
        Existing::Skip => Ok(Plan::Skip(path)),
        Existing::Replace => Ok(Plan::Write(path)),
        Existing::Number => numbered(&path, &|path| !path.exists()).map(Plan::Write),
        Existing::Update => Ok(Plan::Update(path)),
    }
}

/// A file beside another: `song.spotify.wav` has `song.spotify.wav.settings.json`. The whole name stays, so that
/// `song.spotify.flac` has another.
pub(crate) fn sidecar(output: &Path, suffix: &str) -> PathBuf {
    let mut name = output.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(suffix);
    output.with_file_name(name)
}

/// The folder of a file.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes a text under a temporary name and gives it its name when it is complete.
///
/// # Errors
/// When it cannot be written, or appeared meanwhile and is not to be replaced.
pub(crate) fn write_text(path: &Path, text: &str, existing: Existing) -> Outcome<()> {
    let cannot = |error| Failure::failed(format!("{}: cannot be written: {error}", path.display()));
    let mut file = Pending::in_folder(folder_of(path)).map_err(cannot)?;
    file.fill(&mut text.as_bytes()).map_err(cannot)?;
    file.publish(path, matches!(existing, Existing::Replace | Existing::Update))
}

/// The path, or the first of `name-2`, `name-3`, ... that is free.
///
/// # Errors
/// When there is none.
pub(crate) fn numbered(path: &Path, is_free: &dyn Fn(&Path) -> bool) -> Outcome<PathBuf> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    let others =
        (2..10_000).map(|number| path.with_file_name(format!("{stem}-{number}.{extension}")));
    std::iter::once(path.to_owned())
        .chain(others)
        .find(|candidate| is_free(candidate))
        .ok_or_else(|| Failure::refused(format!("{} exists 9999 times over", path.display())))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const PARTS: NameParts<'_> = NameParts {
        stem: "night",
        target: "spotify",
        target_asked: false,
        reference: None,
        extension: "wav",
    };

    #[test]
    fn outputs_are_named_for_their_target_or_reference() {
        assert_eq!(PARTS.fill(None).unwrap(), "night.spotify.wav");
        let matched = NameParts { reference: Some("satellite"), ..PARTS };
        assert_eq!(matched.fill(None).unwrap(), "night.satellite.master.wav");
        let both = NameParts { target_asked: true, ..matched };
        assert_eq!(both.fill(None).unwrap(), "night.satellite.spotify.wav");
        assert_eq!(PARTS.fill(Some("{target}-{stem}")).unwrap(), "spotify-night.wav");
        assert!(PARTS.fill(Some("{stam}")).is_err());
        let hostile = NameParts { target: "../../etc", ..PARTS };
        assert_eq!(hostile.fill(None).unwrap(), "night..._.._etc.wav");
    }

    #[test]
    fn masters_of_one_stem_have_settings_of_their_own() {
        let settings = |name: &str| sidecar(Path::new(name), "settings.json");
        assert_eq!(settings("a/song.cd.wav"), Path::new("a/song.cd.wav.settings.json"));
        assert_ne!(settings("song.cd.wav"), settings("song.cd.flac"));
    }

    #[test]
    fn a_folder_goes_to_mastered_with_its_inner_folders() {
        let input = Input::File { path: "al/one/a.wav".into(), root: Some("al".into()) };
        assert_eq!(place(&input, "a.x.wav", None), Path::new("al/mastered/one/a.x.wav"));
        assert_eq!(place(&input, "a.x.wav", Some("out".as_ref())), Path::new("out/one/a.x.wav"));
        let file = Input::file("one/a.wav");
        assert_eq!(place(&file, "a.x.wav", None), Path::new("one/a.x.wav"));
    }

    #[test]
    fn the_input_is_never_an_output() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        let other = folder.path().join("link.wav");
        fs::write(&path, "sound").unwrap();
        fs::hard_link(&path, &other).unwrap();
        let inputs = [Input::file(&path)];
        for output in [path, other, folder.path().join("./a.wav")] {
            assert!(plan(output, Existing::Replace, &inputs).is_err());
        }
    }

    #[test]
    fn existing_outputs_follow_the_rule() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        fs::write(&path, "sound").unwrap();
        let planned = |existing| plan(path.clone(), existing, &[]);
        assert!(planned(Existing::Error).is_err());
        assert_eq!(planned(Existing::Skip).unwrap(), Plan::Skip(path.clone()));
        assert_eq!(planned(Existing::Replace).unwrap(), Plan::Write(path.clone()));
        let second = folder.path().join("a-2.wav");
        assert_eq!(planned(Existing::Number).unwrap(), Plan::Write(second));
        assert_eq!(planned(Existing::Update).unwrap(), Plan::Update(path.clone()));
    }
}
