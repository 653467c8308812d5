//! The stems of a master: whose peaks the limiter lowered, and what was done to which stem.

use std::borrow::Cow;

use acetate_audio::numbers::number;

use crate::axis::Axis;
use crate::chart::Chart;
use crate::figure::{Key, figure};
use crate::html::escape;

/// Most points over time.
const POINTS_MAX: usize = 300;
/// What is lowered by less is as it was, dB.
const TOUCHED_DB: f32 = 0.1;
/// Lines of the stems that work the limiter most.
const LINES: [&str; 4] = ["after", "before", "side", "aim"];

/// Stems, and how they work the limiter, hop by hop.
#[derive(Clone, Copy, Debug)]
pub struct StemsShown<'a> {
    /// Their names.
    pub names: &'a [String],
    /// Length of a hop in seconds.
    pub hop_s: f64,
    /// By how much the limiter lowered the highest peak of each hop, dB.
    pub reduction_db: &'a [f32],
    /// By stem, its share of that peak.
    pub peak_share: &'a [Vec<f32>],
    /// By stem, its share of the energy that no gain explains.
    pub remainder_share: &'a [Vec<f32>],
    /// What was done to the stems or would help, a paragraph each.
    pub lines: &'a [String],
}

impl StemsShown<'_> {
    /// Share of a stem in what was limited, each hop counted by its reduction; `None` where nothing was.
    fn worked(&self, shares: &[f32]) -> Option<f64> {
        let touched = self.reduction_db.iter().zip(shares).filter(|(db, _)| **db >= TOUCHED_DB);
        let (sum, total) = touched.fold((0.0, 0.0), |(sum, total), (&db, &share)| {
            (sum + f64::from(db) * f64::from(share), total + f64::from(db))
        });
        (total > 0.0).then(|| sum / total)
    }
}

/// The section about the stems.
pub(crate) fn stems(shown: &StemsShown<'_>) -> String {
    let paragraphs: String =
        shown.lines.iter().map(|line| format!("<p>{}</p>\n", escape(line))).collect();
    let mut order: Vec<usize> = (0..shown.names.len().min(shown.peak_share.len())).collect();
    let worked = |stem: usize| shown.worked(&shown.peak_share[stem]).unwrap_or(0.0);
    order.sort_by(|&a, &b| worked(b).total_cmp(&worked(a)));
    let percent = |share: Option<f64>| number(share.map(|share| 100.0 * share), 0);
    let rows: String = order
        .iter()
        .map(|&stem| {
            format!(
                "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
                escape(&shown.names[stem]),
                percent(shown.worked(&shown.peak_share[stem])),
                percent(shown.worked(&shown.remainder_share[stem]))
            )
        })
        .collect();
    format!(
        "<section><h2>Stems</h2>\n{paragraphs}{}<div class=\"table\"><table id=\"stems\"><thead><tr><th scope=\"col\">stem</th><th scope=\"col\" class=\"n\">share of the peaks that were limited, %</th><th scope=\"col\" class=\"n\">of what no gain explains, %</th></tr></thead><tbody>{rows}</tbody></table></div></section>\n",
        over_time(shown, &order)
    )
}

/// What each of the stems that do most makes the limiter take, over time.
fn over_time(shown: &StemsShown<'_>, order: &[usize]) -> String {
    let most = shown.reduction_db.iter().copied().fold(0.0_f32, f32::max);
    if most < TOUCHED_DB || shown.hop_s <= 0.0 {
        return "<p>The limiter had nothing to do.</p>\n".to_owned();
    }
    let count = shown.reduction_db.len();
    let every = count.div_ceil(POINTS_MAX).max(1);
    let y = Axis::linear(-f64::from(most).max(1.0), 0.0);
    let mut chart = Chart::new(Axis::time(count as f64 * shown.hop_s), y, 300.0);
    let mut keys: Vec<Key> = Vec::new();
    for (&stem, class) in order.iter().zip(LINES) {
        let points = (0..count).step_by(every).map(|from| {
            let hops = from..count.min(from + every);
            let deepest =
                |&a: &usize, &b: &usize| shown.reduction_db[a].total_cmp(&shown.reduction_db[b]);
            let hop = hops.max_by(deepest).unwrap_or(from);
            let share = shown.peak_share[stem].get(hop).map_or(0.0, |share| share.clamp(0.0, 1.0));
            let middle_s = (from as f64 + every as f64 / 2.0) * shown.hop_s;
            (middle_s, Some(-f64::from(shown.reduction_db[hop] * share)))
        });
        chart.line(class, points);
        keys.push((class, Cow::Owned(escape(&shown.names[stem]).to_string())));
    }
    figure(
        "Who works the limiter",
        "dB",
        &keys,
        &chart.finish(
            "stems-limiting",
            "Peak reduction over time, shared by whose peak it was",
            "Reduction of the highest peak times the share of each stem in it.",
        ),
        "Reduction of the highest peak, shared among the stems by how much of it was theirs.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stem_whose_peaks_are_limited_stands_first_and_names_are_text() {
        let names = ["keys".to_owned(), "<drums>".to_owned()];
        let shown = StemsShown {
            names: &names,
            hop_s: 0.05,
            reduction_db: &[3.0, 0.0, 1.0],
            peak_share: &[vec![0.2, 1.0, 0.2], vec![0.8, 0.0, 0.8]],
            remainder_share: &[vec![0.5; 3], vec![0.5; 3]],
            lines: &["lower <drums> by 1.8 dB".to_owned()],
        };
        let html = stems(&shown);
        let (drums, keys) = (html.find("&lt;drums&gt;</th>"), html.find("keys</th>"));
        assert!(drums.is_some() && drums < keys, "{html}");
        assert!(html.contains("<td class=\"n\">80</td>") && !html.contains("<drums>"), "{html}");
        assert_eq!(html.matches("class=\"line").count(), 2);
        let idle = StemsShown { reduction_db: &[0.0; 3], ..shown };
        assert!(stems(&idle).contains("nothing to do"));
    }
}
