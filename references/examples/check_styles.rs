//! Judges real files by the built-in styles: where they are placed, and what is believed to be wrong with their tone, without a style
//! and in the likeliest one, where finished masters should be left alone. Also measures what third octaves of real masters differ from the smooth curve through their wide
//! bands, which is where `DETAIL_STD_DB` comes from.
//!
//! ```text
//! cargo run --release -p acetate-references --example check_styles -- ../shared/audio/refs ../shared/audio/mixes
//! ```
//!
//! Writes `docs/styles-real-files.md`.

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use acetate_analyzer::{Analysis, analyze};
use acetate_references::bands::{THIRD_OCTAVE_HZ, THIRD_OCTAVES, shape_db};
use acetate_references::oneshot::{Boldness, Decision, Hearing};
use acetate_references::style::wide::{MODERN_DB, third_octaves_db};
use acetate_references::style::{Sample, placement, style};
use acetate_references::{Aim, Profile, target};

/// A file and what was found.
struct Judged {
    name: String,
    /// Likeliest styles.
    shares: String,
    resembles: bool,
    /// What becomes of its tone, without a style and in the likeliest one.
    alone: String,
    in_style: String,
    /// Whether the tone is touched in that style.
    touched: bool,
    /// True peak less loudness, dB, and whether four in five records of the style lie there.
    plr_db: f64,
    plr_usual: bool,
    /// Third octaves less the smooth curve, dB.
    detail_db: Vec<Option<f64>>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let folders: Vec<String> = std::env::args().skip(1).collect();
    let [masters, mixes] = folders.as_slice() else {
        return Err("usage: check_styles MASTERS MIXES".into());
    };
    let (masters, mixes) = (judge(Path::new(masters))?, judge(Path::new(mixes))?);
    let page = page(&masters, &mixes);
    println!("{page}");
    fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/styles-real-files.md"), page)?;
    Ok(())
}

fn judge(folder: &Path) -> Result<Vec<Judged>, Box<dyn Error>> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|ending| ending == "flac" || ending == "ogg"));
    files.sort();
    files
        .iter()
        .map(|path| Ok(verdict(path, &analyze(&acetate_files::open(path, u64::MAX)?)?.analysis)))
        .collect()
}

fn verdict(path: &Path, analysis: &Analysis) -> Judged {
    let profile = Profile::from_analysis("file", analysis);
    let sample = Sample::from_profile(&profile);
    let placed = placement().place(&sample);
    let shares: Vec<String> = placed
        .shares
        .iter()
        .map(|share| format!("{} {:.0} %", share.id, 100.0 * share.weight))
        .collect();
    let streaming = target("streaming").expect("it is built in");
    let likeliest = style(&placed.shares[0].id).expect("it is built in");
    let alone = Aim::one_shot(analysis, streaming, Boldness::Normal);
    let in_style = Aim::one_shot_in(likeliest, analysis, streaming, Boldness::Normal);
    let plr_usual = (in_style.plr_db.zip(sample.plr_db))
        .is_some_and(|(usual, plr_db)| (usual.low..=usual.high).contains(&plr_db));
    let hearing = in_style.hearing.as_ref().expect("a one-shot hears");
    let wide = placement_free_levels(&sample);
    let smooth = third_octaves_db(&wide, &MODERN_DB);
    let shape = shape_db(&analysis.spectrum.level_db);
    Judged {
        name: path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default(),
        shares: shares.join(", "),
        resembles: placed.resembles,
        alone: words(alone.hearing.as_ref().expect("a one-shot hears")),
        in_style: words(hearing),
        touched: hearing.tone_fault_db().is_some(),
        plr_db: sample.plr_db.unwrap_or(f64::NAN),
        plr_usual,
        detail_db: (0..THIRD_OCTAVES)
            .map(|band| {
                let level_db =
                    shape.get(band).copied().flatten().filter(|_| profile.matchable(band))?;
                Some(level_db - smooth[band])
            })
            .collect(),
    }
}

/// What becomes of the tone.
fn words(hearing: &Hearing) -> String {
    match (&hearing.unjudged, &hearing.tone) {
        (Some(why), _) => format!("not judged: {}", why.short()),
        (None, Some(tone)) => {
            let what = match tone.decision {
                Decision::Done => "changed",
                Decision::Proposed => "proposed",
                Decision::LeftAlone => "left alone",
            };
            format!("{what}, {:.0} %", tone.certainty_pct)
        }
        (None, None) => String::new(),
    }
}

/// Levels of the wide bands; where there is none, that of the nearest point of all records.
fn placement_free_levels(sample: &Sample) -> [f64; 9] {
    let all = style("all").expect("it is built in");
    let nearest = all.tone.projection(&sample.tone_db);
    std::array::from_fn(|band| sample.tone_db[band].unwrap_or(nearest[band]))
}

fn page(masters: &[Judged], mixes: &[Judged]) -> String {
    let mut page = String::from(
        "# Real files, judged by the styles\n\nWritten by `cargo run --release -p acetate-references --example check_styles -- \
         MASTERS MIXES` on ten finished masters and seven unmastered mixes under free licences, of genres from chiptune to \
         orchestra; none of them is in the corpus the styles were fitted to.\n\nFor each file: the styles that it is likeliest \
         of; what becomes of its tone, and how sure it is that anything is wrong, without a style and where the likeliest one is \
         named (`--style`), at `--one-shot normal`; and whether its peak-to-loudness ratio lies between the 10th and 90th \
         percentile of that style.\n\n",
    );
    page.push_str(
        "| | files | changed in the likeliest style | peak-to-loudness |\n|---|---|---|---|\n",
    );
    for (name, files) in [("masters", masters), ("mixes", mixes)] {
        let count = |is: fn(&Judged) -> bool| files.iter().filter(|file| is(file)).count();
        let _ = writeln!(
            page,
            "| {name} | {} | {} | {} of {} |",
            files.len(),
            count(|file| file.touched),
            count(|file| file.plr_usual),
            files.len()
        );
    }
    for (name, files) in [("Masters", masters), ("Mixes", mixes)] {
        let _ = writeln!(
            page,
            "\n## {name}\n\n| file | placed | like the records | without a style | in the likeliest | peak-to-loudness, dB |\n|---|---|---|---|---|---|"
        );
        for file in files {
            let _ = writeln!(
                page,
                "| {} | {} | {} | {} | {} | {:.1}{} |",
                file.name,
                file.shares,
                if file.resembles { "yes" } else { "no" },
                file.alone,
                file.in_style,
                file.plr_db,
                if file.plr_usual { "" } else { " (unusual)" }
            );
        }
    }
    detail_table(&mut page, masters.iter().chain(mixes));
    page
}

fn detail_table<'a>(page: &mut String, files: impl Iterator<Item = &'a Judged> + Clone) {
    page.push_str(
        "\n## Fine shape\n\nWhat a third octave differs from the smooth curve through the wide bands of the same file, over \
         all files: median, and standard deviation of a normal distribution with the same median deviation, dB. Narrow bands \
         in the bass hold single notes, or none.\n\n| third octave, Hz | files | median | deviation |\n|---|---|---|---|\n",
    );
    for (band, hz) in THIRD_OCTAVE_HZ.iter().enumerate() {
        let known: Vec<f64> = files.clone().filter_map(|file| file.detail_db[band]).collect();
        let middle = median(known.clone());
        let deviation = 1.4826 * median(known.iter().map(|off| (off - middle).abs()).collect());
        let _ = writeln!(page, "| {hz} | {} | {middle:+.1} | {deviation:.1} |", known.len());
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
