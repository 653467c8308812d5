//! Killed and interrupted runs.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::ExitStatusExt;

use crate::shop::{Files, Outcome, Shop, expect, is_temporary, said, signal, text};
use crate::{Arguments, Seen};

const MAKE: [&str; 7] = ["master", "songs", "--existing", "update", "--limiter", "fast", "-q"];

/// Kills a run over a folder, again and again, until everything is there; then begins anew.
pub(crate) fn while_making(shop: &mut Shop, arguments: &Arguments) -> Outcome<Seen> {
    let mut whole_run = shop.finish(MAKE)?;
    let whole = shop.masters()?;
    let (mut kills, mut abandoned, mut rounds) = (0, 0, 0);
    while kills < arguments.kills {
        shop.clear()?;
        rounds += 1;
        loop {
            let done = complete(shop, &whole)?;
            let mut run = shop.acetate(MAKE).spawn().map_err(text)?;
            // Only a run that has everything to do says how long one takes.
            let mut this_run = whole_run;
            shop.wait_into(&mut run, &mut this_run)?;
            if done.is_empty() {
                whole_run = this_run;
            }
            run.kill().map_err(text)?;
            let killed = run.wait().map_err(text)?.signal() == Some(9);
            kills += usize::from(killed);
            abandoned += check(shop, &whole)?;
            expect(stamps_hold(shop, &done)?, || "what was done was done again".to_owned())?;
            if !killed || kills >= arguments.kills {
                break;
            }
        }
        finishes(shop, &whole)?;
    }
    let seen = format!("{rounds} folders finished, {abandoned} temporary files left and swept");
    Ok(Seen::Times(kills, seen))
}

/// Two kinds of masters by turns under the same names: each is whole, and its settings are its own.
pub(crate) fn while_replacing(shop: &mut Shop, arguments: &Arguments) -> Outcome<Seen> {
    let kinds = ["-14", "-20"].map(|lufs| [&MAKE[..], &["--lufs", lufs]].concat());
    let whole_run = shop.finish(&kinds[0])?;
    let quiet_or_loud = [shop.masters()?, {
        shop.finish(&kinds[1])?;
        shop.masters()?
    }];
    let times = arguments.kills / 2;
    let mut kills = 0;
    for kind in kinds.iter().cycle() {
        if kills == times {
            break;
        }
        let mut run = shop.acetate(kind).spawn().map_err(text)?;
        shop.wait_into(&mut run, &mut whole_run.clone())?;
        run.kill().map_err(text)?;
        kills += usize::from(run.wait().map_err(text)?.signal() == Some(9));
        let now = shop.masters()?;
        for (name, bytes) in now.iter().filter(|(name, _)| name.ends_with(".wav")) {
            let kind = quiet_or_loud.iter().find(|kind| kind.get(name) == Some(bytes));
            let kind = kind.ok_or_else(|| format!("{name} is neither master"))?;
            let settings = format!("{name}.settings.json");
            expect(
                now.get(&settings).is_none_or(|text| kind.get(&settings) == Some(text)),
                || format!("{settings} is of another master"),
            )?;
        }
        shop.check_inputs()?;
    }
    for (kind, whole) in kinds.iter().zip(&quiet_or_loud) {
        shop.finish(kind)?;
        expect(shop.masters()? == *whole, || "update did not bring everything up to date".into())?;
    }
    Ok(Seen::Times(kills, "update repaired all of it".to_owned()))
}

/// Ctrl-C at any moment: exit 130 and nothing left, not even a temporary file.
pub(crate) fn interrupted(shop: &mut Shop, arguments: &Arguments) -> Outcome<Seen> {
    let mut whole_run = shop.finish(MAKE)?;
    let whole = shop.masters()?;
    let (mut too_early, mut round) = (0, 0);
    while round < arguments.rounds {
        shop.clear()?;
        let mut run = shop.acetate(MAKE).spawn().map_err(text)?;
        if !shop.wait_into(&mut run, &mut whole_run)? {
            continue;
        }
        signal(&run, if round % 2 == 0 { "INT" } else { "TERM" })?;
        round += 1;
        let output = run.wait_with_output().map_err(text)?;
        // Before the handler stands, the signal itself ends the run: a shell says 130 to that, too.
        let by_signal = output.status.signal().is_some();
        too_early += usize::from(by_signal);
        expect(by_signal || matches!(output.status.code(), Some(0 | 130)), || said(&output))?;
        expect(check(shop, &whole)? == 0, || "a temporary file was left".to_owned())?;
        finishes(shop, &whole)?;
    }
    Ok(Seen::Times(arguments.rounds, format!("{too_early} before the program could answer")))
}

/// Everything under a final name is whole; gives the number of temporary files.
fn check(shop: &Shop, whole: &Files) -> Outcome<usize> {
    shop.check_inputs()?;
    let now = shop.masters()?;
    let (temporary, named): (Vec<_>, Vec<_>) = now.iter().partition(|(name, _)| is_temporary(name));
    for (name, bytes) in named {
        expect(whole.get(name) == Some(bytes), || format!("{name} is not whole"))?;
    }
    Ok(temporary.len())
}

/// One more run finishes the folder, sweeps it, and the next has nothing to do.
fn finishes(shop: &Shop, whole: &Files) -> Outcome<()> {
    shop.finish(MAKE)?;
    expect(shop.masters()? == *whole, || "update did not finish the folder".to_owned())?;
    let done = complete(shop, whole)?;
    shop.finish(MAKE)?;
    expect(stamps_hold(shop, &done)?, || "the finished folder was done again".to_owned())
}

/// Inode and time of change of everything that belongs to a master with its settings.
fn complete(shop: &Shop, whole: &Files) -> Outcome<BTreeMap<String, (u64, i64, i64)>> {
    let now = shop.masters()?;
    let mut stamps = BTreeMap::new();
    for name in whole.keys().filter(|name| name.ends_with(".wav")) {
        let settings = format!("{name}.settings.json");
        if now.contains_key(name) && now.contains_key(&settings) {
            for name in [name, &settings] {
                let path = shop.path("songs/mastered").join(name);
                let metadata = fs::metadata(path).map_err(text)?;
                let stamp = (metadata.ino(), metadata.mtime(), metadata.mtime_nsec());
                stamps.insert(name.clone(), stamp);
            }
        }
    }
    Ok(stamps)
}

fn stamps_hold(shop: &Shop, before: &BTreeMap<String, (u64, i64, i64)>) -> Outcome<bool> {
    let now = shop.masters()?;
    let after = complete(shop, &now)?;
    Ok(before.iter().all(|(name, stamp)| after.get(name) == Some(stamp)))
}
