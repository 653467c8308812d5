//! Inputs that change while they are mastered.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::thread::sleep;

use crate::shop::{Outcome, Shop, expect, files, said, text, write_song};
use crate::{Arguments, Seen};

/// What happens to an input meanwhile.
const CHANGES: [&str; 5] = ["removed", "replaced", "longer", "shorter", "other samples"];

/// A file that is held in memory after its first pass.
pub(crate) fn changed_in_memory(shop: &mut Shop, arguments: &Arguments) -> Outcome<Seen> {
    changed(shop, 20, arguments.rounds.max(CHANGES.len()))
}

/// A file that is read again for each pass.
pub(crate) fn changed_between_passes(shop: &mut Shop, arguments: &Arguments) -> Outcome<Seen> {
    changed(shop, arguments.minutes * 60, arguments.rounds.max(CHANGES.len()))
}

/// The master is that of the file as it was, or as it is now when it changed before it was opened; or there is none and
/// one line says why.
fn changed(shop: &mut Shop, seconds: u32, times: usize) -> Outcome<Seen> {
    fs::create_dir(shop.path("out")).map_err(text)?;
    let (kept, input) = (shop.path("kept.wav"), shop.path("long.wav"));
    write_song(&kept, 7, seconds, 2)?;
    let words = ["master", "long.wav", "-o", "out/long.wav", "--limiter", "fast", "-q"];
    let master = |shop: &Shop| -> Outcome<_> {
        let run = shop.finish([&words[..], &["-f"]].concat())?;
        Ok((run, fs::read(shop.path("out/long.wav")).map_err(text)?))
    };
    renew(&kept, &input)?;
    let (whole_run, whole) = master(shop)?;
    let mut after = BTreeMap::new();
    for change in CHANGES.into_iter().filter(|&change| change != "removed") {
        renew(&kept, &input)?;
        make(change, &input)?;
        after.insert(change, master(shop)?.1);
    }
    let (mut refused, mut too_late) = (0, 0);
    for round in 0..times {
        renew(&kept, &input)?;
        fs::remove_dir_all(shop.path("out"))
            .and_then(|()| fs::create_dir(shop.path("out")))
            .map_err(text)?;
        let run = shop.acetate(words).spawn().map_err(text)?;
        sleep(shop.moment(whole_run));
        let change = CHANGES[round % CHANGES.len()];
        make(change, &input)?;
        let output = run.wait_with_output().map_err(text)?;
        let now = files(&shop.path("out"))?;
        let lines = String::from_utf8_lossy(&output.stderr).into_owned();
        match output.status.code() {
            Some(0) => {
                let made = now.get("long.wav");
                too_late += usize::from(made != Some(&whole));
                expect(made == Some(&whole) || made == after.get(change), || {
                    format!("{change}: the master is that of no file")
                })?;
            }
            Some(1) => {
                refused += 1;
                expect(now.is_empty(), || format!("{change}: {:?} is left", now.keys()))?;
                expect(lines.lines().count() == 1, || format!("{change}: {lines}"))?;
            }
            _ => return Err(format!("{change}: {}", said(&output))),
        }
    }
    let seen = format!(
        "{refused} refused, {too_late} opened after the change, the others as if nothing had happened"
    );
    Ok(Seen::Times(times, seen))
}

fn renew(kept: &Path, input: &Path) -> Outcome<()> {
    // A new file, so that nobody who still reads the old one is disturbed.
    let _ = fs::remove_file(input);
    fs::copy(kept, input).map(|_| ()).map_err(text)
}

fn make(change: &str, input: &Path) -> Outcome<()> {
    let open = || File::options().write(true).open(input);
    let done = match change {
        "removed" => fs::remove_file(input),
        "replaced" => {
            let other = input.with_extension("new");
            write_song(&other, 8, 12, 2)?;
            fs::rename(other, input)
        }
        "longer" => {
            File::options().append(true).open(input).and_then(|mut file| file.write_all(&[1; 4000]))
        }
        "shorter" => open().and_then(|file| file.set_len(file.metadata()?.len() / 2)),
        _ => open().and_then(|file| {
            use std::os::unix::fs::FileExt;
            let middle = file.metadata()?.len() / 2;
            file.write_all_at(&[1; 40_000], middle / 4 * 4)
        }),
    };
    done.map_err(text)
}
