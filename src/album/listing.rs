//! What a run would write for a record, what is in its way, and what an earlier run left beside it.

use std::path::{Path, PathBuf};

use acetate_layouts::slug;

use super::delivery::{PREVIEW, SINGLES};
use super::{ALBUM_PLAN_FILE, Album, AlbumPlan, AlbumRequest, Layout};
use crate::Error;

/// A folder, and the files that a run would write into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderToWrite {
    /// The folder; the plan of the record lies beside those of the layouts.
    pub path: PathBuf,
    /// Names of its files. How many sides music fills is known once it is rendered: they stand as one name with a `*`.
    pub files: Vec<String>,
}

impl Album {
    /// What [`Album::master`] would write: each layout and what is asked for beside, then the plan.
    pub fn would_write(
        &self,
        plan: &AlbumPlan,
        request: &AlbumRequest,
        folder: &Path,
    ) -> Vec<FolderToWrite> {
        let to_write =
            |name: &str, files: Vec<String>| FolderToWrite { path: folder.join(name), files };
        let songs: Vec<String> =
            (0..self.songs.len()).map(|song| self.song_file(plan, song)).collect();
        let named = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let disc = slug(self.file.title.as_deref().unwrap_or("record"));
        let with_endings = |endings: &[&str]| {
            endings.iter().map(|ending| format!("{disc}.{ending}")).collect::<Vec<_>>()
        };
        let mut list: Vec<FolderToWrite> = Vec::new();
        for layout in &request.layouts {
            let files = match layout {
                Layout::Streaming => songs.clone(),
                Layout::Cd => with_endings(&["wav", "cue", "toc", "cdt", "pq.txt"]),
                Layout::Bin => with_endings(&["bin", "cue", "pq.txt"]),
                Layout::Ddp => named(&[
                    "DDPID",
                    "DDPMS",
                    "PQDESCR",
                    "IMAGE.DAT",
                    "CDTEXT.BIN",
                    "CHECKSUM.MD5",
                    "PQ SHEET.TXT",
                ]),
                Layout::Vinyl => named(&["side *.wav", "side *.cue", "sides.txt"]),
                Layout::Cassette => named(&["side *.wav", "sides.txt"]),
            };
            list.push(to_write(layout.name(), files));
        }
        if request.preview {
            let names = (1..self.songs.len()).map(|song| self.preview_file(song)).collect();
            list.push(to_write(PREVIEW, names));
        }
        if request.singles {
            list.push(to_write(SINGLES, songs));
        }
        list.push(FolderToWrite { path: folder.to_owned(), files: named(&[ALBUM_PLAN_FILE]) });
        list
    }

    /// What is there already and would have to be replaced: the plan, and folders that were asked for.
    pub fn in_the_way(&self, request: &AlbumRequest, folder: &Path) -> Vec<PathBuf> {
        let layouts = request.layouts.iter().map(|layout| layout.name());
        let beside = [(request.preview, PREVIEW), (request.singles, SINGLES)];
        let beside = beside.into_iter().filter(|(asked, _)| *asked).map(|(_, name)| name);
        let names = layouts.chain(beside).chain([ALBUM_PLAN_FILE]);
        names.map(|name| folder.join(name)).filter(|path| path.exists()).collect()
    }

    /// Folders of an earlier run that this one does not make, and that were made of something else: titles, songs, decisions.
    pub(super) fn outdated(
        &self,
        plan: &AlbumPlan,
        request: &AlbumRequest,
        folder: &Path,
    ) -> Result<Vec<&'static str>, Error> {
        let is_there = |name: &str| folder.join(name).is_dir();
        let others = Layout::ALL.into_iter().filter(|layout| !request.layouts.contains(layout));
        let layouts: Vec<Layout> = others.filter(|layout| is_there(layout.name())).collect();
        let asked = AlbumRequest { layouts: layouts.clone(), ..request.clone() };
        let now = self.layout_fingerprints(plan, &asked)?;
        let then = super::before::fingerprints_in(folder);
        let mut names: Vec<&str> = layouts.iter().map(|layout| layout.name()).collect();
        names.retain(|&name| then.get(name).is_none_or(|print| Some(print) != now.get(name)));
        // What is beside the layouts has no fingerprint.
        for (asked, name) in [(request.preview, PREVIEW), (request.singles, SINGLES)] {
            if !asked && is_there(name) {
                names.push(name);
            }
        }
        Ok(names)
    }
}
