//! Tables for people and JSON for the record.

use std::collections::BTreeMap;
use std::path::Path;

use acetate_bench::metrics::Quality;
use acetate_bench::provenance::Provenance;
use serde::Serialize;

use crate::material::Goal;

/// One limiter on one file at one loudness.
#[derive(Serialize)]
pub(crate) struct Row {
    pub(crate) file: String,
    pub(crate) goal: Goal,
    pub(crate) limiter: String,
    pub(crate) drive_db: f64,
    pub(crate) lufs: f64,
    pub(crate) renders: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) render_s: Option<f64>,
    pub(crate) quality: Quality,
}

/// All rows, and where they come from.
#[derive(Serialize)]
pub(crate) struct Report {
    #[serde(flatten)]
    provenance: Provenance,
    ceiling_dbtp: f64,
    excerpt_s: f64,
    pub(crate) rows: Vec<Row>,
}

impl Report {
    pub(crate) fn new(ceiling_dbtp: f64, excerpt_s: f64) -> Self {
        Self { provenance: Provenance::here(), ceiling_dbtp, excerpt_s, rows: Vec::new() }
    }

    /// The rows of one file and goal.
    pub(crate) fn print_group(&self, rows: &[Row]) {
        let Some(first) = rows.first() else { return };
        println!("\n{} {:?}", first.file, first.goal);
        println!(
            "  {:<44} {:>6} {:>6} {:>7} {:>5} {:>7} {:>6} {:>6} {:>6} {:>7} {:>6}",
            "limiter",
            "drive",
            "LUFS",
            "NMR",
            "RDF%",
            "D-NMR",
            "gmod",
            "loss",
            "p90",
            "pre",
            "width"
        );
        for row in rows {
            let q = &row.quality;
            println!(
                "  {:<44} {:>6.2} {:>6.2} {:>7.2} {:>5.1} {:>7.2} {:>6.2} {:>6.2} {:>6.2} {:>7.1} {:>6.1}",
                row.limiter,
                row.drive_db,
                row.lufs,
                q.noise_to_mask.mean_db,
                q.noise_to_mask.disturbed_frames_percent,
                q.distortion.noise_to_mask_db,
                q.distortion.gain_modulation_db,
                q.transients.loss_median_db.unwrap_or(f64::NAN),
                q.transients.loss_p90_db.unwrap_or(f64::NAN),
                q.transients.pre_echo_db.unwrap_or(f64::NAN),
                q.residual.width_change_db.unwrap_or(f64::NAN),
            );
        }
    }

    /// Means over everything each limiter could do, by goal.
    pub(crate) fn print_summary(&self) {
        let mut groups: BTreeMap<(String, &str), Vec<&Quality>> = BTreeMap::new();
        for row in &self.rows {
            let key = (format!("{:?}", row.goal), row.limiter.as_str());
            groups.entry(key).or_default().push(&row.quality);
        }
        println!("\nmeans");
        println!(
            "  {:<26} {:<44} {:>4} {:>7} {:>7} {:>6} {:>6}",
            "goal", "limiter", "n", "NMR", "D-NMR", "gmod", "loss"
        );
        for ((goal, limiter), group) in groups {
            let mean = |value: &dyn Fn(&Quality) -> f64| {
                group.iter().map(|q| value(q)).sum::<f64>() / group.len() as f64
            };
            println!(
                "  {goal:<26} {limiter:<44} {:>4} {:>7.2} {:>7.2} {:>6.2} {:>6.2}",
                group.len(),
                mean(&|q| q.noise_to_mask.mean_db),
                mean(&|q| q.distortion.noise_to_mask_db),
                mean(&|q| q.distortion.gain_modulation_db),
                mean(&|q| q.transients.loss_median_db.unwrap_or(0.0)),
            );
        }
    }

    /// Writes everything as JSON.
    pub(crate) fn write(&self, path: &Path) {
        let text = serde_json::to_string_pretty(self).expect("a report is JSON");
        std::fs::write(path, text + "\n")
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}
