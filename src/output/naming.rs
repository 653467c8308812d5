//! Where results go: names, folders, and what happens when something is already there.

use std::path::{Path, PathBuf, absolute};

use crate::output::pending::Pending;
use crate::output::protected::Protected;
use crate::output::writable::expect_writable_beside;
use crate::{Error, Input};

/// Folder that masters of a folder go to; never read as input again.
pub const MASTERED: &str = "mastered";

/// What to do when an output exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IfExists {
    /// Refuse.
    #[default]
    Refuse,
    /// Leave it and go on.
    Skip,
    /// Replace it, in one step.
    Replace,
    /// Write beside it: name-2, name-3, ...
    Number,
    /// Render again only if the input, the settings or the version of the sound changed.
    Update,
}

/// Where the outputs of one run go.
#[derive(Clone, Debug, Default)]
pub struct Naming {
    /// This file, for the one output there is.
    pub file: Option<PathBuf>,
    /// This folder.
    pub folder: Option<PathBuf>,
    /// A name from `{stem}`, `{target}`, `{reference}` and `{ext}`.
    pub template: Option<String>,
    /// What to do about outputs that exist.
    pub if_exists: IfExists,
}

/// What the name of an output is made from.
#[derive(Clone, Debug)]
pub struct NameParts<'a> {
    /// Name of the input without extension.
    pub stem: &'a str,
    /// Id of the target.
    pub target: &'a str,
    /// Was the target asked for? Without, a reference decides the loudness too.
    pub target_asked: bool,
    /// Name of the reference, when matching one.
    pub reference: Option<&'a str>,
    /// Extension of the format.
    pub extension: &'a str,
}

impl Naming {
    /// Does everything go to standard output?
    pub fn to_stdout(&self) -> bool {
        self.file.as_deref().is_some_and(|path| path.as_os_str() == "-")
    }
}

impl NameParts<'_> {
    /// Fills in a template, or the default one. Parts cannot lead out of the folder.
    ///
    /// # Errors
    /// When the template has an unknown field or is empty.
    pub fn fill(&self, template: Option<&str>) -> Result<String, Error> {
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
            let end = rest[start..]
                .find('}')
                .map(|end| start + end)
                .ok_or_else(|| Error::NameBrace { template: template.to_owned() })?;
            name.push_str(&flat(match &rest[start + 1..end] {
                "stem" => self.stem,
                "target" => self.target,
                "reference" => self.reference.unwrap_or("none"),
                "ext" => self.extension,
                unknown => {
                    let (template, field) = (template.to_owned(), unknown.to_owned());
                    return Err(Error::NameField { template, field });
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
pub fn place(input: &Input, name: &str, folder: Option<&Path>) -> PathBuf {
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
pub enum Slot {
    /// Write it.
    Write(PathBuf),
    /// It exists, and is to stay.
    Skip(PathBuf),
    /// It exists, and is to be written again only if it is out of date.
    Update(PathBuf),
}

impl Slot {
    /// The output.
    pub fn path(&self) -> &Path {
        match self {
            Self::Write(path) | Self::Skip(path) | Self::Update(path) => path,
        }
    }
}

/// Applies the rule for existing files. No input is ever an output, whatever the rule.
///
/// # Errors
/// When the output is one of the `inputs`, is a folder, or exists and the rule is [`IfExists::Refuse`], or its folder takes no files.
pub fn plan(path: PathBuf, if_exists: IfExists, inputs: &[Input]) -> Result<Slot, Error> {
    plan_beside(path, if_exists, &Protected::new(inputs))
}

/// As [`plan`], for one output of many.
///
/// # Errors
/// As [`plan`].
pub(super) fn plan_beside(
    path: PathBuf,
    if_exists: IfExists,
    protected: &Protected<'_>,
) -> Result<Slot, Error> {
    if let Some(input) = protected.find(&path) {
        return Err(Error::IsInput { path, input: input.name() });
    }
    if path.is_dir() {
        return Err(Error::IsFolder { path });
    }
    let slot = match if_exists {
        _ if !path.exists() => Slot::Write(path),
        IfExists::Refuse => return Err(Error::Exists { path }),
        IfExists::Skip => return Ok(Slot::Skip(path)),
        IfExists::Replace => Slot::Write(path),
        IfExists::Number => Slot::Write(numbered(&path, &|path| !path.exists())?),
        IfExists::Update => Slot::Update(path),
    };
    // Known before the work is done, not after it.
    expect_writable_beside(slot.path())?;
    Ok(slot)
}

/// A file beside another: `song.spotify.wav` has `song.spotify.wav.settings.json`. The whole name stays, so that
/// `song.spotify.flac` has another.
pub fn sidecar(output: &Path, suffix: &str) -> PathBuf {
    let mut name = output.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(suffix);
    output.with_file_name(name)
}

/// Where the page about an output goes: where it was asked for, or beside it.
pub fn page_of(output_page: Option<&Path>, output: &Path) -> PathBuf {
    output_page.map_or_else(|| sidecar(output, "html"), Path::to_owned)
}

/// The folder of a file.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Do two names lead to one place, whatever the spelling of the folder?
pub fn is_one_place(one: &Path, other: &Path) -> bool {
    let folder = |path: &Path| {
        let folder = folder_of(path);
        folder.canonicalize().or_else(|_| absolute(folder)).ok()
    };
    one.file_name() == other.file_name() && folder(one) == folder(other)
}

/// Writes a text under a temporary name and gives it its name when it is complete.
///
/// # Errors
/// When it cannot be written, or appeared meanwhile and is not to be replaced.
pub fn write_text(path: &Path, text: &str, if_exists: IfExists) -> Result<(), Error> {
    let cannot = |reason| Error::Write { path: path.to_owned(), reason };
    let mut file = Pending::in_folder(folder_of(path)).map_err(cannot)?;
    file.fill(&mut text.as_bytes()).map_err(cannot)?;
    file.publish(path, matches!(if_exists, IfExists::Replace | IfExists::Update))
}

/// The path, or the first of `name-2`, `name-3`, ... that is free.
///
/// # Errors
/// When there is none.
pub(crate) fn numbered(path: &Path, is_free: &dyn Fn(&Path) -> bool) -> Result<PathBuf, Error> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    let others =
        (2..10_000).map(|number| path.with_file_name(format!("{stem}-{number}.{extension}")));
    std::iter::once(path.to_owned())
        .chain(others)
        .find(|candidate| is_free(candidate))
        .ok_or_else(|| Error::NoFreeName { path: path.to_owned() })
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
            assert!(plan(output, IfExists::Replace, &inputs).is_err());
        }
    }

    #[test]
    fn existing_outputs_follow_the_rule() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        fs::write(&path, "sound").unwrap();
        let planned = |if_exists| plan(path.clone(), if_exists, &[]);
        assert!(planned(IfExists::Refuse).is_err());
        assert_eq!(planned(IfExists::Skip).unwrap(), Slot::Skip(path.clone()));
        assert_eq!(planned(IfExists::Replace).unwrap(), Slot::Write(path.clone()));
        let second = folder.path().join("a-2.wav");
        assert_eq!(planned(IfExists::Number).unwrap(), Slot::Write(second));
        assert_eq!(planned(IfExists::Update).unwrap(), Slot::Update(path.clone()));
    }
}
