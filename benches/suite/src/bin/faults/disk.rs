//! Folders that take nothing, or not enough.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::shop::{Outcome, Shop, expect, files, said, text};
use crate::{Arguments, Seen};

const MAKE: [&str; 9] =
    ["master", "songs", "-d", "disk/out", "--existing", "update", "--limiter", "fast", "-q"];

/// A small disk of its own; unmounted when dropped.
struct Disk<'a> {
    folder: &'a Path,
}

impl<'a> Disk<'a> {
    /// `None` where mounting is not allowed.
    fn mount(folder: &'a Path, options: &str) -> Option<Self> {
        fs::create_dir_all(folder).ok()?;
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "none"])
            .arg(folder)
            .output()
            .is_ok_and(|output| output.status.success());
        mounted.then_some(Self { folder })
    }

    fn remount(&self, options: &str) -> Outcome<()> {
        let options = format!("remount,{options}");
        let output = Command::new("mount").args(["-o", &options]).arg(self.folder).output();
        let output = output.map_err(text)?;
        expect(output.status.success(), || said(&output))
    }
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.folder).output();
    }
}

const NO_MOUNT: &str = "mounting a small disk needs root";

/// Disks of every size from nothing to almost enough: exit 1 or 4 with one line for each file that failed, whole
/// masters or none, no temporary file; with more room, `update` finishes.
pub(crate) fn full(shop: &mut Shop, arguments: &Arguments) -> Outcome<Seen> {
    shop.finish([
        "master",
        "songs",
        "-d",
        "whole/out",
        "--existing",
        "update",
        "--limiter",
        "fast",
    ])?;
    let whole = files(&shop.path("whole/out"))?;
    let bytes: usize = whole.values().map(Vec::len).sum();
    let folder = shop.path("disk");
    for round in 0..arguments.rounds {
        let kilobytes = 8 + bytes / 1024 * round / arguments.rounds;
        let Some(disk) = Disk::mount(&folder, &format!("size={kilobytes}k")) else {
            return Ok(Seen::Skipped(NO_MOUNT.to_owned()));
        };
        let output = shop.run(MAKE)?;
        let code = output.status.code();
        expect(matches!(code, Some(1 | 4)), || format!("{kilobytes} kB: {}", said(&output)))?;
        let lines = String::from_utf8_lossy(&output.stderr).into_owned();
        let clear = |line: &str| line.starts_with("acetate: ") && line.contains("space");
        expect(lines.lines().all(clear), || format!("{kilobytes} kB: {lines}"))?;
        for (name, bytes) in files(&shop.path("disk/out"))? {
            expect(whole.get(&name) == Some(&bytes), || {
                format!("{kilobytes} kB: {name} is there")
            })?;
        }
        shop.check_inputs()?;
        disk.remount("size=64m")?;
        shop.finish(MAKE)?;
        let now = files(&shop.path("disk/out"))?;
        let same = |name: &String| name.ends_with(".json") || now.get(name) == whole.get(name);
        expect(now.len() == whole.len() && whole.keys().all(same), || "not finished".to_owned())?;
    }
    Ok(Seen::Times(arguments.rounds, "with more room, update finished".to_owned()))
}

/// A folder that takes no files: exit 1, one line, before anything is rendered into it.
pub(crate) fn read_only(shop: &mut Shop, _: &Arguments) -> Outcome<Seen> {
    let folder = shop.path("disk");
    // Permissions do not bind root; a read-only mount does.
    let Some(disk) = Disk::mount(&folder, "size=64m") else {
        return Ok(Seen::Skipped(NO_MOUNT.to_owned()));
    };
    fs::create_dir(shop.path("disk/out")).map_err(text)?;
    disk.remount("ro")?;
    let output = shop.run(["master", "songs/0.wav", "-d", "disk/out", "-q"])?;
    let lines = String::from_utf8_lossy(&output.stderr).into_owned();
    expect(output.status.code() == Some(1) && lines.lines().count() == 1, || said(&output))?;
    expect(lines.contains("Read-only"), || lines.clone())?;
    expect(files(&shop.path("disk/out"))?.is_empty(), || "something was written".to_owned())?;
    shop.check_inputs()?;
    disk.remount("rw")?;
    shop.finish(["master", "songs/0.wav", "-d", "disk/out", "-q"])?;
    Ok(Seen::Times(1, lines.trim().to_owned()))
}

/// A folder where the output should be: exit 5, and it stays.
pub(crate) fn is_a_folder(shop: &mut Shop, _: &Arguments) -> Outcome<Seen> {
    fs::create_dir(shop.path("songs/0.streaming.wav")).map_err(text)?;
    let mut times = 0;
    for words in [&["-f"][..], &["--existing", "update"], &["-o", "songs/0.streaming.wav"], &[]] {
        let output = shop.run([&["master", "songs/0.wav", "-q"], words].concat())?;
        let lines = String::from_utf8_lossy(&output.stderr).into_owned();
        expect(output.status.code() == Some(5) && lines.lines().count() == 1, || said(&output))?;
        expect(lines.contains("is a folder"), || lines.clone())?;
        shop.check_inputs()?;
        times += 1;
    }
    Ok(Seen::Times(times, "refused".to_owned()))
}
