//! What a fit wants and what it does, as pictures: the wish, the sum of the bands and each band, for all pairs of a folder.
//!
//! `curves FOLDER [--out FOLDER]`: FOLDER holds `pairs.json`. Nothing is rendered: figures are predictions.

#![allow(
    clippy::disallowed_methods,
    reason = "a bench renders nothing that must be the same bits everywhere"
)]

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use acetate_analyzer::{Analysis, analyze};
use acetate_bench::masters::open;
use acetate_bench::pairs::{Pair, pairs};
use acetate_bench::sheet::sheet;
use acetate_bench::tone::{Distance, distance};
use acetate_engine::settings::{BandChannel, EqualizerBand, StereoBand};
use acetate_optimizer::{FitOptions, Match, RecordWish, drafted, wish_of_records};
use acetate_references::{Aim, Profile, References, target};
use clap::Parser;

/// Draws the wish, the sum and the bands of every pair of a folder.
#[derive(Parser)]
struct Arguments {
    /// Folder with `pairs.json`.
    folder: PathBuf,
    /// Where the picture goes.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Only pairs whose mix or reference has this in its name.
    #[arg(long)]
    only: Option<String>,
    /// Most equalisation, dB.
    #[arg(long, default_value_t = 12.0)]
    max_eq: f64,
    /// Print the bands.
    #[arg(long)]
    verbose: bool,
}

/// A pair with what is wanted and done.
struct Drawn {
    name: String,
    wish: RecordWish,
    bands: Vec<EqualizerBand>,
    widths: Vec<StereoBand>,
    rate_hz: f64,
    distance: Distance,
}

/// Points of a curve, 20 Hz to 20 kHz.
const POINTS: usize = 121;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let mut drawn = Vec::new();
    for pair in pairs(&arguments.folder)? {
        let name = pair.name();
        if arguments.only.as_ref().is_none_or(|only| name.contains(only.as_str())) {
            drawn.push(draw(&arguments, &pair)?);
        }
    }
    let mean = |value: &dyn Fn(&Drawn) -> f64| {
        drawn.iter().map(value).sum::<f64>() / drawn.len().max(1) as f64
    };
    println!(
        "mean: tone {:.2} dB, worst {:.2}; width {:.2} dB; {:.1} bands",
        mean(&|one| one.distance.tone_rms_db),
        drawn.iter().map(|one| one.distance.tone_rms_db).fold(0.0, f64::max),
        mean(&|one| one.distance.width_octaves_db.unwrap_or(0.0)),
        mean(&|one| one.bands.len() as f64),
    );
    if let Some(out) = &arguments.out {
        std::fs::write(out, sheet(drawn.iter().map(drawing), SIZE, ROW))?;
    }
    Ok(())
}

fn draw(arguments: &Arguments, pair: &Pair) -> Result<Drawn, Box<dyn Error>> {
    let measure = |path: &Path| -> Result<_, Box<dyn Error>> {
        Ok(analyze(&open(&arguments.folder.join(path))?)?)
    };
    let (mix, record) = (measure(&pair.mix)?, measure(&pair.reference)?);
    let profile = Profile::from_analysis("reference", &record.analysis);
    let delivery = target("streaming").ok_or("no target streaming")?;
    let aim = Aim::from_references(&References::blended(&[(&profile, 1.0)]), delivery)?;
    let options = FitOptions {
        take: Match { loudness: true, ..Match::default() },
        max_eq_db: arguments.max_eq,
        ..FitOptions::default()
    };
    let start = Instant::now();
    let wish = wish_of_records(&aim, &mix.analysis, &options).ok_or("nothing is wanted")?;
    let wished_s = start.elapsed().as_secs_f64();
    let (settings, predicted) = drafted(&mix, &aim, &options);
    let seconds = start.elapsed().as_secs_f64() - 2.0 * wished_s;
    let one = Drawn {
        name: pair.name(),
        wish,
        bands: settings.equalizer.bands,
        widths: settings.stereo.bands,
        rate_hz: f64::from(mix.analysis.format.sample_rate_hz),
        distance: distance(&predicted, &record.analysis, &mix.analysis),
    };
    report(&one, [wished_s, seconds], &mix.analysis);
    if arguments.verbose {
        for band in &one.bands {
            println!(
                "   {:?} {:?} {:.0} Hz {:+.1} dB Q {:.2}",
                band.channel, band.kind, band.freq_hz, band.gain_db, band.q
            );
        }
        println!("   {:?} {:?}", one.widths, settings.compressor.bands);
        let show = |wish: &[Option<f64>]| -> String {
            wish.iter().map(|db| db.map_or("    .".into(), |db| format!("{db:>5.1}"))).collect()
        };
        println!("   {}\n   {}", show(&one.wish.tone_db), show(&one.wish.side_db));
    }
    Ok(one)
}

fn hz(point: usize) -> f64 {
    20.0 * 1_000.0_f64.powf(point as f64 / (POINTS - 1) as f64)
}

impl Drawn {
    fn of(&self, channel: BandChannel) -> impl Iterator<Item = &EqualizerBand> {
        self.bands.iter().filter(move |band| band.channel == channel)
    }

    fn curve(&self, band: &EqualizerBand) -> Vec<f64> {
        (0..POINTS).map(|point| band.response_db(hz(point), self.rate_hz)).collect()
    }

    fn sum(&self, channel: BandChannel) -> Vec<f64> {
        let mut sum = vec![0.0; POINTS];
        for band in self.of(channel) {
            sum.iter_mut().zip(self.curve(band)).for_each(|(sum, db)| *sum += db);
        }
        sum
    }

    /// What is done to the side alone: its bands and its width.
    fn side(&self) -> Vec<f64> {
        let mut side = self.sum(BandChannel::Side);
        for (point, db) in side.iter_mut().enumerate() {
            let inside = |band: &&StereoBand| band.below_hz.is_none_or(|below| hz(point) < below);
            let width_pct = self.widths.iter().find(inside).map_or(100.0, |band| band.width_pct);
            *db += 20.0 * (width_pct / 100.0).max(1e-3).log10();
        }
        side
    }

    /// Largest sum, steepest slope an octave, and most that bands cancel of each other, dB.
    fn faults(&self, channel: BandChannel) -> [f64; 3] {
        let sum = self.sum(channel);
        let octaves = 1_000.0_f64.log2() / (POINTS - 1) as f64;
        let mut apart = vec![0.0; POINTS];
        for band in self.of(channel) {
            apart.iter_mut().zip(self.curve(band)).for_each(|(sum, db)| *sum += db.abs());
        }
        let most = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, f64::max);
        [
            most(&mut sum.iter().map(|db| db.abs())),
            most(&mut sum.windows(2).map(|pair| (pair[1] - pair[0]).abs() / octaves)),
            most(&mut apart.iter().zip(&sum).map(|(apart, sum)| (apart - sum.abs()) / 2.0)),
        ]
    }
}

fn report(one: &Drawn, [wished_s, seconds]: [f64; 2], mix: &Analysis) {
    let [sum, slope, cancelled] = one.faults(BandChannel::Stereo);
    let side = one.side();
    let bass = (0..POINTS).filter(|&point| hz(point) < 120.0).map(|point| side[point]);
    println!(
        "{:<46} kin {:>5} tone {:>5.2} width {:>5} bands {:>2}+{} sum {:>4.1} slope {:>4.1} cancelled {:>4.1} side {:>4.1} (bass {:+.2}) mix {:>5.1} dB wide {:>4.0}+{:<4.0} ms",
        one.name,
        one.wish.kinship.map_or("-".to_owned(), |kin| format!("{kin:.2}")),
        one.distance.tone_rms_db,
        one.distance.width_octaves_db.map_or("-".to_owned(), |db| format!("{db:.2}")),
        one.of(BandChannel::Stereo).count(),
        one.of(BandChannel::Side).count(),
        sum,
        slope,
        cancelled,
        side.iter().fold(0.0_f64, |most, db| most.max(db.abs())),
        bass.fold(f64::NEG_INFINITY, f64::max),
        10.0 * mix.stereo.width.unwrap_or(0.0).max(1e-9).log10(),
        1e3 * wished_s,
        1e3 * seconds,
    );
}

/// Size of one drawing, and how many stand in a row.
const SIZE: [f64; 2] = [420.0, 200.0];
const ROW: usize = 3;
/// Decibels from the middle to an end.
const RANGE_DB: f64 = 20.0;
/// Space at the edges of a drawing.
const EDGE: [f64; 2] = [30.0, 24.0];

fn place(hz: f64, db: f64) -> [f64; 2] {
    let x = (hz / 20.0).ln() / 1_000.0_f64.ln();
    let y = 0.5 - db.clamp(-RANGE_DB, RANGE_DB) / (2.0 * RANGE_DB);
    [EDGE[0] + x * (SIZE[0] - 2.0 * EDGE[0]), EDGE[1] + y * (SIZE[1] - 2.0 * EDGE[1])]
}

fn line(points: impl Iterator<Item = (f64, f64)>, style: &str) -> String {
    let points: Vec<String> =
        points.map(|(hz, db)| place(hz, db)).map(|[x, y]| format!("{x:.1},{y:.1}")).collect();
    format!("<polyline fill=\"none\" {style} points=\"{}\"/>\n", points.join(" "))
}

fn drawing(one: &Drawn) -> String {
    let mut out = String::new();
    for db in [-20.0, -10.0, 0.0, 10.0, 20.0] {
        out += &line([(20.0, db), (20_000.0, db)].into_iter(), "stroke=\"#ddd\"");
        let [x, y] = place(20.0, db);
        let _ = write!(
            out,
            "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\">{db}</text>",
            x - 3.0,
            y + 3.0
        );
    }
    for (at_hz, text) in [(100.0, "100"), (1_000.0, "1k"), (10_000.0, "10k")] {
        out += &line([(at_hz, -RANGE_DB), (at_hz, RANGE_DB)].into_iter(), "stroke=\"#ddd\"");
        let [x, y] = place(at_hz, -RANGE_DB);
        let _ = write!(
            out,
            "<text x=\"{x:.0}\" y=\"{:.0}\" text-anchor=\"middle\">{text}</text>",
            y + 12.0
        );
    }
    let thirds = |wish: &[Option<f64>]| -> Vec<(f64, f64)> {
        let each = wish.iter().enumerate();
        each.filter_map(|(band, db)| Some((10.0_f64.powf(1.4 + band as f64 / 10.0), (*db)?)))
            .collect()
    };
    let points = |curve: Vec<f64>| curve.into_iter().enumerate().map(|(point, db)| (hz(point), db));
    out += &line(thirds(&one.wish.side_db).into_iter(), "stroke=\"#f2c48d\" stroke-width=\"3\"");
    out += &line(thirds(&one.wish.tone_db).into_iter(), "stroke=\"#aaa\" stroke-width=\"3\"");
    for (channel, colour) in [(BandChannel::Stereo, "#2563eb"), (BandChannel::Side, "#d97706")] {
        for band in one.of(channel) {
            out += &line(
                points(one.curve(band)),
                &format!("stroke=\"{colour}\" stroke-width=\"0.6\" opacity=\"0.7\""),
            );
        }
        let sum = if channel == BandChannel::Side { one.side() } else { one.sum(channel) };
        out += &line(points(sum), &format!("stroke=\"{colour}\" stroke-width=\"2\""));
    }
    let title = format!(
        "{}: {:.1} dB left, {} + {} bands",
        one.name,
        one.distance.tone_rms_db,
        one.of(BandChannel::Stereo).count(),
        one.of(BandChannel::Side).count()
    );
    let _ = write!(
        out,
        "<text x=\"{}\" y=\"14\" font-size=\"12\">{}</text>",
        EDGE[0],
        title.replace('>', "&gt;")
    );
    out
}
