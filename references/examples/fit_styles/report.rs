//! The figures as a document and as a page.

use std::fmt::Write;

use acetate_references::bands::WIDE_EDGES_HZ;
use acetate_references::style::Style;
use serde_json::{Value, json};

use crate::conversion::Rule;
use crate::kinds::Kinds;
use crate::placing::{Placing, STYLES};
use crate::tones::Validation;

/// Everything measured, for machines.
pub(crate) fn document(
    conversion: &[Rule],
    tones: &[Validation],
    placing: &Placing,
    kinds: &Kinds,
) -> Value {
    json!({
        "conversion": conversion.iter().map(|rule| json!({
            "power_per_variance": rule.power_per_variance, "bias_lu": rule.bias_lu, "rms_lu": rule.rms_lu,
        })).collect::<Vec<_>>(),
        "tones": tones.iter().map(|tone| json!({
            "style": tone.style, "records": tone.records, "components": tone.components,
            "prediction_rms_db": tone.prediction_db, "mean_rms_db": tone.mean_db,
            "nearest_rms_db": tone.nearest_db, "within_tolerance": tone.within,
        })).collect::<Vec<_>>(),
        "kinds": kinds.divisions.iter().map(|division| json!({
            "genre": division.genre, "taken": division.taken,
            "clusters": division.clusters.iter()
                .map(|(records, stable)| json!({ "records": records, "jaccard": stable })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "placing": {
            "chosen_dimensions": placing.candidates[placing.chosen].dimensions,
            "candidates": placing.candidates.iter().map(|candidate| json!({
                "dimensions": candidate.dimensions, "temperature": candidate.temperature,
                "log_loss": candidate.log_loss, "accuracy": candidate.accuracy,
                "labelled_accuracy": candidate.labelled_accuracy, "confusion": candidate.confusion,
                "likelihoods": candidate.likelihoods.iter().map(|likelihood| json!({
                    "style": likelihood.style, "chosen": likelihood.chosen,
                    "by_gaussians": likelihood.by_parts.iter()
                        .map(|(parts, log)| json!({ "gaussians": parts, "log_likelihood": log.is_finite().then_some(log) }))
                        .collect::<Vec<_>>(),
                })).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
            "moved_by_mastering": placing.moved.iter()
                .map(|(what, share)| json!({ "what": what, "share": share })).collect::<Vec<_>>(),
        },
    })
}

/// The same for people.
pub(crate) fn text(
    styles: &[Style],
    conversion: &[Rule],
    tones: &[Validation],
    placing: &Placing,
    kinds: &Kinds,
) -> String {
    let mut page = String::from(INTRODUCTION);
    conversion_table(&mut page, conversion);
    tone_table(&mut page, tones);
    likelihood_table(&mut page, placing);
    dimension_table(&mut page, placing);
    confusion_table(&mut page, placing);
    moved_table(&mut page, placing);
    kinds_table(&mut page, kinds);
    style_pages(&mut page, styles);
    page
}

const INTRODUCTION: &str = "\
# Styles: what they are fitted to, and how well they hold

This page is written by `cargo run --release -p acetate-references --example fit_styles -- \
../shared/data/commercial_tracks.csv`; the same figures are in `styles.json`. Real files are judged in
[styles-real-files.md](styles-real-files.md).

The statistics are those of 568 anonymised commercial recordings (138 pop, 158 jazz, 71 classical, 201 without a
label), published with ai-mastering/phaselimiter, MIT licence, copyright 2020 Shin Fukuse. What is shipped are the
models fitted to them (`references/data`), not the rows. Values at the floor of the measurement (-69.5 dB) are left
out; a band in which fewer than half of a style's recordings lie above it is not aimed at (classical above 4 kHz).

";

fn conversion_table(page: &mut String, rules: &[Rule]) {
    page.push_str(
        "## Log-means to power means\n\nThe recordings were measured as mean levels in dB; a mix is measured as mean \
         power. The power mean is higher by a factor times the squared standard deviation of the levels. The factor \
         is right when the nine K-weighted bands sum to the loudness that was measured independently:\n\n\
         | factor, 1/dB | bias, LU | error rms, LU |\n|---|---|---|\n",
    );
    for rule in rules {
        let _ = writeln!(
            page,
            "| {:.3} | {:+.2} | {:.2} |",
            rule.power_per_variance, rule.bias_lu, rule.rms_lu
        );
    }
    page.push_str(
        "\n0.115 is the rule for normally distributed levels. The levels of music have their tail on the quiet side, \
         and the blocks were gated at 20 dB below the mean: half of it is right.\n\n",
    );
}

fn tone_table(page: &mut String, tones: &[Validation]) {
    page.push_str(
        "## The manifold of tones\n\nTen-fold cross-validation; all figures are of recordings that were held out, dB \
         rms over the nine bands. \"Prediction\" is the error of a band that was hidden, from the other eight, with 0 to \
         3 principal components: the number with the smallest error is used. \"From the mean\" and \"from the manifold\" \
         are distances of whole recordings; \"within\" is the share of levels within one tolerance of the nearest \
         point.\n\n| style | recordings | prediction: 0 | 1 | 2 | 3 | used | from the mean | from the manifold | within |\n\
         |---|---|---|---|---|---|---|---|---|---|\n",
    );
    for tone in tones {
        let errors: Vec<String> =
            tone.prediction_db.iter().map(|error| format!("{error:.2}")).collect();
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {:.2} | {:.2} | {:.0} % |",
            tone.style,
            tone.records,
            errors.join(" | "),
            tone.components,
            tone.mean_db,
            tone.nearest_db,
            100.0 * tone.within
        );
    }
    page.push_str("\n![components](styles/components.svg)\n\n");
}

fn kinds_table(page: &mut String, kinds: &Kinds) {
    page.push_str(
        "## Kinds within a genre\n\nThe same coordinates, clustered within each genre (k-means, 20 starts, linfa). A cluster is a kind where it holds at least \
         25 recordings and comes out again with each tenth left out: the mean over ten folds of Jaccard's index with the nearest cluster, 0.85 \
         or more (Hennig, Cluster-wise assessment of cluster stability, 2007). A division counts when all of its clusters of that size hold; the one \
         with the most kinds is taken. Recordings and index of each cluster:\n\n| genre | clusters | taken |\n|---|---|---|\n",
    );
    for division in &kinds.divisions {
        let clusters: Vec<String> = division
            .clusters
            .iter()
            .map(|(records, stable)| format!("{records}: {stable:.2}"))
            .collect();
        let taken = if division.taken { "yes" } else { "" };
        let _ = writeln!(page, "| {} | {} | {taken} |", division.genre, clusters.join(", "));
    }
    page.push_str(
        "\nA kind is called what it differs in from its genre by half of a standard deviation or more, the two largest: full or lean (below 148 Hz), bright or \
         dark (2.5 to 12 kHz), wide or narrow, dynamic or dense (levels over 400 ms).\n\n",
    );
}

fn likelihood_table(page: &mut String, placing: &Placing) {
    let chosen = &placing.candidates[placing.chosen];
    let _ = writeln!(
        page,
        "## Finding the style of a mix\n\nA mix is described by 27 numbers that mastering changes little: tone, side less \
         mid, and standard deviation of the level in nine bands; not loudness, and not peak-to-loudness ratio. They are \
         reduced to {} principal components, and each style is a Gaussian mixture there. Held-out log-likelihood per \
         recording, nats (ten folds); the smallest number of Gaussians within 0.1 of the best is used:\n",
        chosen.dimensions
    );
    let parts: Vec<String> =
        chosen.likelihoods[0].by_parts.iter().map(|(parts, _)| parts.to_string()).collect();
    let _ = writeln!(
        page,
        "| style | {} | used |\n|---|{}---|",
        parts.join(" | "),
        "---|".repeat(parts.len())
    );
    for likelihood in &chosen.likelihoods {
        let figures: Vec<String> = likelihood
            .by_parts
            .iter()
            .map(
                |(_, log)| {
                    if log.is_finite() { format!("{log:.2}") } else { "breaks down".to_owned() }
                },
            )
            .collect();
        let _ = writeln!(
            page,
            "| {} | {} | {} |",
            likelihood.style,
            figures.join(" | "),
            likelihood.chosen
        );
    }
    page.push('\n');
}

fn dimension_table(page: &mut String, placing: &Placing) {
    page.push_str(
        "The number of dimensions is the smallest whose held-out log-loss is within 0.01 of the best (groups count \
         equally; a guess scores 1.39). Shares are softened by a temperature, chosen the same way.\n\n\
         | dimensions | temperature | log-loss | placed in the own group | among the three labelled genres |\n\
         |---|---|---|---|---|\n",
    );
    for candidate in &placing.candidates {
        let _ = writeln!(
            page,
            "| {} | {} | {:.3} | {:.0} % | {:.0} % |",
            candidate.dimensions,
            candidate.temperature,
            candidate.log_loss,
            100.0 * candidate.accuracy,
            100.0 * candidate.labelled_accuracy
        );
    }
    page.push('\n');
}

fn confusion_table(page: &mut String, placing: &Placing) {
    let names: Vec<&str> = STYLES.iter().map(|(style, _)| *style).collect();
    let _ = writeln!(
        page,
        "Confusion of `--style auto` on held-out recordings, % of each row. \"mixed\" are the recordings without a label: \
         they hold pop and jazz as well, so that what is off the diagonal there is not all wrong.\n\n| group | {} |\n|---|{}",
        names.join(" | "),
        "---|".repeat(names.len())
    );
    for (name, row) in names.iter().zip(&placing.candidates[placing.chosen].confusion) {
        let cells: Vec<String> = row.iter().map(|share| format!("{:.0}", 100.0 * share)).collect();
        let _ = writeln!(page, "| {name} | {} |", cells.join(" | "));
    }
    page.push('\n');
}

fn moved_table(page: &mut String, placing: &Placing) {
    page.push_str(
        "Share of recordings whose likeliest style changes when the features move as mastering moves them:\n\n\
         | change | moved |\n|---|---|\n",
    );
    for (what, share) in &placing.moved {
        let _ = writeln!(page, "| {what} | {:.1} % |", 100.0 * share);
    }
    page.push('\n');
}

fn style_pages(page: &mut String, styles: &[Style]) {
    page.push_str(
        "## The styles\n\nCurves are third-octave power means re the loudness of the whole; light is what recordings \
         differ from the middle (one standard deviation), dark what they differ from the nearest point of the \
         manifold. Bands that are not aimed at are not drawn.\n\n",
    );
    for style in styles {
        let _ = writeln!(
            page,
            "### {}\n\n![{}](styles/{}.svg)\n\n{} recordings; loudness {:.1} LUFS ({:.1} to {:.1}), range {:.1} LU \
             ({:.1} to {:.1}), peak-to-loudness {:.1} dB ({:.1} to {:.1}): median, 10th and 90th percentile. Standard \
             error of the mean curve at most {:.2} dB.\n",
            style.name,
            style.name,
            style.id,
            style.records,
            style.integrated_lufs.p50,
            style.integrated_lufs.p10,
            style.integrated_lufs.p90,
            style.loudness_range_lu.p50,
            style.loudness_range_lu.p10,
            style.loudness_range_lu.p90,
            style.plr_db.p50,
            style.plr_db.p10,
            style.plr_db.p90,
            style.standard_error_db
        );
        band_table(page, style);
    }
}

fn band_table(page: &mut String, style: &Style) {
    page.push_str(
        "| band, Hz | tone, dB re loudness | off the manifold, dB | side less mid, dB (p10, p50, p90) | level std, dB (p10, p50, p90) |\n\
         |---|---|---|---|---|\n",
    );
    for band in 0..style.level_std_db.len() {
        let (side, level) = (style.side_minus_mid_db[band], style.level_std_db[band]);
        let tone = if style.tone.weight[band] > 0.0 {
            format!("{:.1} | {:.1}", style.tone.mean_db[band], style.tone.residual_std_db[band])
        } else {
            "not aimed at | ".to_owned()
        };
        let _ = writeln!(
            page,
            "| {:.0} to {:.0} | {tone} | {:.1}, {:.1}, {:.1} | {:.1}, {:.1}, {:.1} |",
            WIDE_EDGES_HZ[band],
            WIDE_EDGES_HZ[band + 1],
            side.p10,
            side.p50,
            side.p90,
            level.p10,
            level.p50,
            level.p90
        );
    }
    page.push('\n');
}
