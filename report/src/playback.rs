//! What the platforms' players do to a master, each thing said once.

use acetate_analyzer::Analysis;
use acetate_references::target::{Delivered, PlatformConsequence, consequences};

use crate::html::{escape, number, signed};

/// Less than this is not worth a word: the meters of two makers differ by as much (EBU Tech 3341 allows 0.1 LU).
const SAME_DB: f64 = 0.1;

/// Players that do the same, in one row.
struct Row<'a> {
    like: &'a PlatformConsequence,
    players: Vec<&'a PlatformConsequence>,
}

/// What the platforms' players will do to it: the loudest playback first.
pub(crate) fn platforms(shown: &Analysis) -> String {
    let loudness = &shown.loudness;
    let (Some(integrated_lufs), Some(true_peak_dbtp)) =
        (loudness.integrated_lufs, loudness.true_peak_dbtp)
    else {
        return String::new();
    };
    let delivered = Delivered { integrated_lufs, true_peak_dbtp, album_lufs: None };
    let all = consequences(delivered);
    let rows: String = grouped(&all).iter().map(|same| row(same, &all)).collect();
    format!(
        "<section><h2>On the platforms</h2><div class=\"table\"><table id=\"platforms\"><thead><tr><th scope=\"col\">player</th><th scope=\"col\" class=\"n\">gain <span class=\"unit\">dB</span></th><th scope=\"col\" class=\"n\">heard at <span class=\"unit\">LUFS</span></th></tr></thead><tbody>{rows}</tbody></table></div></section>\n"
    )
}

fn grouped(all: &[PlatformConsequence]) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for player in all {
        match rows.iter_mut().find(|row| does_the_same(row.like, player)) {
            Some(row) => row.players.push(player),
            None => rows.push(Row { like: player, players: vec![player] }),
        }
    }
    rows.sort_by(|a, b| b.like.played_lufs.total_cmp(&a.like.played_lufs));
    rows
}

/// The peaks leave no room for the whole raise; how much is missing is what is read from the loudness.
fn is_held_back(player: &PlatformConsequence) -> bool {
    player.held_back_db > SAME_DB
}

fn does_the_same(a: &PlatformConsequence, b: &PlatformConsequence) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() < SAME_DB / 2.0;
    near(a.gain_db, b.gain_db)
        && is_held_back(a) == is_held_back(b)
        && near(a.limited_db, b.limited_db)
}

/// A player's name, with its mode where that says something: "normal" where there are others.
fn name(player: &PlatformConsequence, all: &[PlatformConsequence]) -> String {
    let alone = all.iter().filter(|other| other.platform == player.platform).count() == 1;
    let platform = escape(&player.platform);
    match player.mode.as_str() {
        "normal" | "as it is" if alone => format!("<li>{platform}</li>"),
        mode => format!("<li>{platform} <span class=\"soft\">{}</span></li>", escape(mode)),
    }
}

fn row(row: &Row<'_>, all: &[PlatformConsequence]) -> String {
    let names: String = row.players.iter().map(|player| name(player, all)).collect();
    let PlatformConsequence { gain_db, played_lufs, limited_db, .. } = row.like;
    let note = if *limited_db > SAME_DB {
        format!("its limiter takes {} dB off the peaks", number(Some(*limited_db), 1))
    } else if is_held_back(row.like) {
        "the peaks leave no room for more".to_owned()
    } else {
        String::new()
    };
    let note = if note.is_empty() { note } else { format!("<p class=\"soft\">{note}</p>") };
    format!(
        "<tr><th scope=\"row\"><ul class=\"players\">{}</ul>{note}</th><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
        names,
        if gain_db.abs() < SAME_DB / 2.0 { "none".to_owned() } else { signed(*gain_db, 1) },
        number(Some(*played_lufs), 1)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn players_that_do_the_same_share_a_row_and_none_is_lost() {
        let master = Delivered { integrated_lufs: -9.0, true_peak_dbtp: -1.0, album_lufs: None };
        let all = consequences(master);
        let rows = grouped(&all);
        assert!(rows.len() * 2 < all.len(), "{} rows of {} players", rows.len(), all.len());
        assert_eq!(rows.iter().map(|row| row.players.len()).sum::<usize>(), all.len());
        assert!(rows.windows(2).all(|two| two[0].like.played_lufs >= two[1].like.played_lufs));
    }
}
