//! Every file beside the records it is judged by, and what was done to it.

use std::fmt::Write as _;

use acetate_bench::sheet::sheet;
use acetate_references::bands::{THIRD_OCTAVE_HZ, WIDE_BANDS, WIDE_EDGES_HZ};
use acetate_references::oneshot::{Model, Nine, model};

/// What a file is drawn of.
pub(crate) struct Drawn {
    pub(crate) name: String,
    /// Tone in nine wide bands, less its mean, dB; `None` where a band has no signal.
    pub(crate) tone_db: Option<Nine>,
    /// What the equaliser does in each third octave, dB.
    pub(crate) curve_db: Vec<f64>,
    /// The decision, in a few words.
    pub(crate) told: String,
}

/// Size of one drawing, and how many stand in a row.
const SIZE: [f64; 2] = [300.0, 170.0];
const ROW: usize = 4;
/// Decibels at the top and at the bottom.
const RANGE_DB: [f64; 2] = [24.0, -36.0];
/// Space at the edges of a drawing.
const EDGE: [f64; 2] = [30.0, 26.0];
/// Nine of ten values of a Gaussian lie within so many deviations.
const NINE_OF_TEN: f64 = 1.645;
/// Ends of the drawing, Hz.
const HZ: [f64; 2] = [60.0, 18_000.0];

/// All files as an SVG.
pub(crate) fn picture(drawn: &[Drawn]) -> String {
    let records = records_tone_db(model());
    sheet(drawn.iter().map(|one| drawing(one, &records)), SIZE, ROW)
}

/// Mean and deviation of the records' tone, dB: of the mixture without the parts for other music.
fn records_tone_db(model: &Model) -> [[f64; 2]; WIDE_BANDS] {
    let parts = &model.mixture.parts;
    let parts = &parts[..parts.len() - model.wide_parts - model.own_parts];
    let weight: f64 = parts.iter().map(|part| part.weight).sum();
    std::array::from_fn(|band| {
        let mean = parts.iter().map(|part| part.weight * part.mean[band]).sum::<f64>() / weight;
        let square = |part: &acetate_references::style::Gaussian| {
            let own: f64 = part.cholesky[band].iter().map(|x| x * x).sum();
            part.weight * (own + (part.mean[band] - mean).powi(2))
        };
        [mean, (parts.iter().map(square).sum::<f64>() / weight).sqrt()]
    })
}

fn place(hz: f64, db: f64) -> [f64; 2] {
    let x = (hz / HZ[0]).ln() / (HZ[1] / HZ[0]).ln();
    let y = (RANGE_DB[0] - db.clamp(RANGE_DB[1], RANGE_DB[0])) / (RANGE_DB[0] - RANGE_DB[1]);
    [EDGE[0] + x * (SIZE[0] - 1.5 * EDGE[0]), EDGE[1] + y * (SIZE[1] - 1.8 * EDGE[1])]
}

fn points(of: impl Iterator<Item = (f64, f64)>) -> String {
    of.map(|(hz, db)| place(hz, db)).fold(String::new(), |mut all, [x, y]| {
        let _ = write!(all, "{x:.1},{y:.1} ");
        all
    })
}

/// Middle of a wide band, Hz.
fn middle_hz(band: usize) -> f64 {
    (WIDE_EDGES_HZ[band].max(HZ[0]) * WIDE_EDGES_HZ[band + 1].min(HZ[1])).sqrt()
}

fn drawing(one: &Drawn, records: &[[f64; 2]; WIDE_BANDS]) -> String {
    let mut out = String::new();
    for db in [-20.0, 0.0, 20.0] {
        let grid = points([(HZ[0], db), (HZ[1], db)].into_iter());
        let [x, y] = place(HZ[0], db);
        let _ = write!(
            out,
            "<polyline stroke=\"#ddd\" points=\"{grid}\"/><text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\">{db}</text>",
            x - 3.0,
            y + 3.0
        );
    }
    for (hz, text) in [(100.0, "100"), (1_000.0, "1k"), (10_000.0, "10k")] {
        let [x, y] = place(hz, RANGE_DB[1]);
        let _ = write!(
            out,
            "<text x=\"{x:.0}\" y=\"{:.0}\" text-anchor=\"middle\">{text}</text>",
            y + 10.0
        );
    }
    let edge = |side: f64| {
        (0..WIDE_BANDS).map(move |band| {
            (middle_hz(band), records[band][0] + side * NINE_OF_TEN * records[band][1])
        })
    };
    let around = points(edge(1.0)) + &points(edge(-1.0).collect::<Vec<_>>().into_iter().rev());
    let _ = write!(out, "<polygon fill=\"#e4e4e4\" points=\"{around}\"/>");
    if let Some(tone_db) = one.tone_db {
        let own = points((0..WIDE_BANDS).map(|band| (middle_hz(band), tone_db[band])));
        let _ = write!(
            out,
            "<polyline fill=\"none\" stroke=\"#2b6cb0\" stroke-width=\"2\" points=\"{own}\"/>"
        );
    }
    let done = THIRD_OCTAVE_HZ.iter().zip(&one.curve_db).map(|(&hz, &db)| (hz, db));
    let done = points(done.filter(|(hz, _)| (HZ[0]..=HZ[1]).contains(hz)));
    let _ = write!(
        out,
        "<polyline fill=\"none\" stroke=\"#d97706\" stroke-width=\"1.5\" points=\"{done}\"/>\
         <text x=\"{:.0}\" y=\"11\" font-weight=\"bold\">{}</text><text x=\"{:.0}\" y=\"22\" fill=\"#555\">{}</text>",
        EDGE[0],
        escaped(&one.name),
        EDGE[0],
        one.told
    );
    out
}

/// A name as text in an SVG.
fn escaped(name: &str) -> String {
    name.replace('&', "&amp;").replace('<', "&lt;")
}
