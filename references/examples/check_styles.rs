//! Judges real files by the built-in styles: do finished masters lie inside the tolerance more often than unmastered
//! mixes do? Also measures what third octaves of real masters differ from the smooth curve through their wide
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
use acetate_references::style::wide::{MODERN_DB, third_octaves_db};
use acetate_references::style::{Sample, placement, style};
use acetate_references::{Aim, Profile, target};

/// A file and what was found.
struct Judged {
    name: String,
    /// Likeliest styles.
    shares: String,
    resembles: bool,
    /// Distance from the aim that was found automatically, in tolerances.
    distance: f64,
    /// Share of the third octaves within one tolerance of it.
    within: f64,
    /// Distance from the middle of that style instead of the nearest point, in tolerances.
    from_middle: f64,
    /// Share of the wide bands whose dynamics and width need nothing.
    usual: f64,
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
    let aim = Aim::from_nearest_style(analysis, target("streaming").expect("it is built in"));
    let levels = &analysis.spectrum.level_db;
    let inside: Vec<bool> = (aim.tone_excess_db(levels).iter().zip(&aim.tone))
        .filter_map(|(excess_db, wanted)| Some(excess_db.as_ref()?.abs() <= wanted.tolerance_db))
        .collect();
    let placed = placement().place(&sample);
    let shares: Vec<String> = placed
        .shares
        .iter()
        .map(|share| format!("{} {:.0} %", share.id, 100.0 * share.weight))
        .collect();
    let mut middle = aim.clone();
    let usual =
        style(&aim.style.as_ref().expect("it is an aim from a style").id).expect("it is built in");
    for (band, wanted) in middle.tone.iter_mut().enumerate() {
        wanted.db = usual.curve_db()[band];
    }
    let wide = placement_free_levels(&sample);
    let smooth = third_octaves_db(&wide, &MODERN_DB);
    let shape = shape_db(levels);
    Judged {
        name: path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default(),
        shares: shares.join(", "),
        resembles: placed.resembles,
        distance: aim.tone_distance(levels).unwrap_or(f64::NAN),
        within: inside.iter().filter(|inside| **inside).count() as f64 / inside.len() as f64,
        from_middle: middle.tone_distance(levels).unwrap_or(f64::NAN),
        usual: usual_share(&aim, &sample),
        plr_db: sample.plr_db.unwrap_or(f64::NAN),
        plr_usual: (aim.plr_db.zip(sample.plr_db))
            .is_some_and(|(usual, plr_db)| (usual.low..=usual.high).contains(&plr_db)),
        detail_db: (0..THIRD_OCTAVES)
            .map(|band| {
                let level_db =
                    shape.get(band).copied().flatten().filter(|_| profile.matchable(band))?;
                Some(level_db - smooth[band])
            })
            .collect(),
    }
}

/// Share of what is known of the wide bands' dynamics and width that an aim leaves as it is.
fn usual_share(aim: &Aim, sample: &Sample) -> f64 {
    let (mut left, mut known) = (0.0, 0.0);
    for (band, wanted) in aim.bands.iter().enumerate() {
        let pairs = [
            (wanted.level_std, sample.level_std_db[band]),
            (wanted.side_minus_mid, sample.side_minus_mid_db[band]),
        ];
        for (wanted, measured) in pairs {
            if let Some(measured) = measured.filter(|_| wanted.weight > 0.0) {
                known += 1.0;
                left +=
                    f64::from(u8::from((wanted.db - measured).abs() < 0.25 * wanted.tolerance_db));
            }
        }
    }
    left / known
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
         orchestra; none of them is in the corpus the styles were fitted to.\n\nDistance is the weighted rms of what the \
         third octaves differ from the aim, in tolerances: inside is below 1. \"Within\" is the share of third octaves \
         inside their tolerance. \"From the middle\" is the distance from the style's mean curve instead of from the \
         nearest point of its manifold. \"Usual\" is the share of dynamics and width per wide band that the aim would leave \
         alone, and \"peak-to-loudness\" whether that lies between the 10th and 90th percentile of the style.\n\n",
    );
    let inside = |files: &[Judged]| files.iter().filter(|file| file.distance < 1.0).count();
    let mean = |files: &[Judged], value: fn(&Judged) -> f64| {
        files.iter().map(value).sum::<f64>() / files.len() as f64
    };
    let _ = writeln!(
        page,
        "| | files | inside | mean distance | mean share within | mean distance from the middle | usual | peak-to-loudness |\n|---|---|---|---|---|---|---|---|"
    );
    for (name, files) in [("masters", masters), ("mixes", mixes)] {
        let _ = writeln!(
            page,
            "| {name} | {} | {} | {:.2} | {:.0} % | {:.2} | {:.0} % | {} of {} |",
            files.len(),
            inside(files),
            mean(files, |file| file.distance),
            100.0 * mean(files, |file| file.within),
            mean(files, |file| file.from_middle),
            100.0 * mean(files, |file| file.usual),
            files.iter().filter(|file| file.plr_usual).count(),
            files.len()
        );
    }
    for (name, files) in [("Masters", masters), ("Mixes", mixes)] {
        let _ = writeln!(
            page,
            "\n## {name}\n\n| file | placed | like the records | distance | within | from the middle | usual | peak-to-loudness, dB |\n|---|---|---|---|---|---|---|---|"
        );
        for file in files {
            let _ = writeln!(
                page,
                "| {} | {} | {} | {:.2} | {:.0} % | {:.2} | {:.0} % | {:.1}{} |",
                file.name,
                file.shares,
                if file.resembles { "yes" } else { "no" },
                file.distance,
                100.0 * file.within,
                file.from_middle,
                100.0 * file.usual,
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
