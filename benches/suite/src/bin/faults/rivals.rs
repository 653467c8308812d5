//! Two runs that write to one name.

use std::process::Child;
use std::thread::sleep;
use std::time::Duration;

use crate::shop::{Files, Outcome, Shop, expect, files, said, text};
use crate::{Arguments, Seen};

/// How far apart the two begin at most.
const APART: Duration = Duration::from_millis(200);

/// With `-f` the later one wins: master and settings of one run, never of both.
pub(crate) fn replacing(shop: &mut Shop, arguments: &Arguments) -> Outcome<Seen> {
    let mut wins = [0, 0];
    let whole = each_alone(shop)?;
    for _ in 0..arguments.rounds {
        let outputs = both(shop, &["-f"])?;
        for output in &outputs {
            expect(output.status.success(), || said(output))?;
        }
        wins[winner(shop, &whole)?] += 1;
    }
    Ok(Seen::Times(arguments.rounds, format!("won {} to {}", wins[0], wins[1])))
}

/// Without it one wins, and the other is refused or sees that it came too late.
pub(crate) fn refusing(shop: &mut Shop, arguments: &Arguments) -> Outcome<Seen> {
    let mut wins = [0, 0];
    let whole = each_alone(shop)?;
    for _ in 0..arguments.rounds {
        let _ = std::fs::remove_dir_all(shop.path("out"));
        let outputs = both(shop, &[])?;
        let codes = outputs.map(|output| output.status.code());
        expect(matches!(codes, [Some(0), Some(5)] | [Some(5), Some(0)]), || format!("{codes:?}"))?;
        let won = winner(shop, &whole)?;
        expect(codes[won] == Some(0), || "the loser said it won".to_owned())?;
        wins[won] += 1;
    }
    Ok(Seen::Times(arguments.rounds, format!("won {} to {}", wins[0], wins[1])))
}

fn words<'a>(kind: usize, more: &[&'a str]) -> Vec<&'a str> {
    let lufs = ["-14", "-20"][kind];
    let base =
        ["master", "songs/0.wav", "-o", "out/one.wav", "--limiter", "fast", "-q", "--lufs", lufs];
    [&base[..], more].concat()
}

/// What each run makes alone.
fn each_alone(shop: &Shop) -> Outcome<[Files; 2]> {
    let alone = |kind| {
        shop.finish(words(kind, &["-f"]))?;
        files(&shop.path("out"))
    };
    Ok([alone(0)?, alone(1)?])
}

fn both(shop: &mut Shop, more: &[&str]) -> Outcome<[std::process::Output; 2]> {
    let end = |run: Child| run.wait_with_output().map_err(text);
    let first = shop.acetate(words(0, more)).spawn().map_err(text)?;
    sleep(shop.moment(APART));
    let second = shop.acetate(words(1, more)).spawn().map_err(text)?;
    Ok([end(first)?, end(second)?])
}

/// Whose master is there, and whose settings: they must be the same.
fn winner(shop: &Shop, whole: &[Files; 2]) -> Outcome<usize> {
    shop.check_inputs()?;
    let now = files(&shop.path("out"))?;
    let names: Vec<&String> = now.keys().collect();
    expect(names == ["one.wav", "one.wav.settings.json"], || format!("{names:?}"))?;
    let by_sound = whole.iter().position(|files| files["one.wav"] == now["one.wav"]);
    let won = by_sound.ok_or("the master is that of neither")?;
    // What was typed stands in the settings: without -f they differ in that alone.
    let plain =
        |files: &Files| String::from_utf8_lossy(&files["one.wav.settings.json"]).replace(" -f", "");
    expect(plain(&now) == plain(&whole[won]), || "the settings are of the other".to_owned())?;
    Ok(won)
}
