//! From a piece to its residual: the transform it gets, the weights, and what the solution costs.

use super::MaskedLimiter;
use super::interpolator::REACH;
use super::lapped::Segment;
use super::plan::Piece;
use super::segments::{self, FRAME, FRAME_BLOCKS, LEVELS, Layout, Span};
use super::solver::{Problem, Workspace};
use super::thresholds::{Place, Thresholds};

/// The solver aims this far below the ceiling, ratio (0.026 dB): as much as it leaves to be polished.
const AIM: f32 = 0.997;
/// Weight of what must not carry a residual, many times any other.
const FROZEN: f32 = 1e12;

/// What was found for a piece.
pub(super) struct Solved {
    pub(super) residual: Vec<f32>,
    /// Residual power over threshold, mean over the bands, by frame.
    pub(super) noise_to_mask: Vec<f32>,
}

impl MaskedLimiter {
    /// Decides where pieces get short and long segments. What masks what is given for each level.
    pub(super) fn lay_out(&self, pieces: &[Piece]) -> (Vec<Layout>, Vec<Thresholds>) {
        let mut layouts: Vec<Layout> = pieces.iter().map(Layout::new).collect();
        // By piece and attack: the attack, and the parts into which it would cut its frame.
        let cuts: Vec<Vec<(i64, Vec<Span>)>> = pieces
            .iter()
            .map(|piece| segments::attacks(piece, self.hop, &self.tape, self.tuning.onset_ratio))
            .map(|attacks| attacks.into_iter().map(|attack| (attack, parts(attack))).collect())
            .collect();
        // The neighbours of frames and shorter segments count, too.
        let mut thresholds: Vec<Thresholds> = (0..FRAME)
            .map(|level| {
                self.look(level, pieces, |i, _| {
                    let parts = cuts[i].iter().flat_map(|(_, parts)| parts);
                    let own = parts.filter(|part| part.level == level);
                    let around = own.flat_map(|part| {
                        [-1, 0, 1].map(|by| Span { block: part.block + (by << level), level })
                    });
                    around.collect()
                })
            })
            .collect();
        thresholds.push(self.look(FRAME, pieces, |_, piece| {
            let frames = piece.first - 1..=piece.last + 1;
            frames.map(|frame| Span { block: frame << FRAME, level: FRAME }).collect()
        }));
        for ((piece, layout), cuts) in pieces.iter().zip(&mut layouts).zip(&cuts) {
            let entropy = |span: &Span| thresholds[span.level].entropy(piece.channel, span.index());
            for (attack, parts) in cuts {
                let whole = entropy(&frame_of(*attack));
                if parts.iter().map(entropy).sum::<f32>() < self.tuning.cut_below * whole {
                    layout.cut(*attack);
                }
            }
        }
        for level in FRAME + 1..LEVELS {
            let long = self.look(level, pieces, |i, _| layouts[i].mergeable(level));
            let halves = &thresholds[level - 1];
            for (piece, layout) in pieces.iter().zip(&mut layouts) {
                for group in layout.mergeable(level) {
                    let half = 2 * group.index();
                    let entropy =
                        |thresholds: &Thresholds, index| thresholds.entropy(piece.channel, index);
                    let apart = entropy(halves, half) + entropy(halves, half + 1);
                    if entropy(&long, group.index()) < self.tuning.merge_below * apart {
                        layout.merge(group);
                    }
                }
            }
            thresholds.push(long);
        }
        (layouts, thresholds)
    }

    /// The thresholds of some segments of each piece, and of those of the channel that faces it.
    fn look(
        &self,
        level: usize,
        pieces: &[Piece],
        spans: impl Fn(usize, &Piece) -> Vec<Span>,
    ) -> Thresholds {
        let mut places = Vec::new();
        for (i, piece) in pieces.iter().enumerate() {
            let spans = spans(i, piece);
            let partner = self.spec.partner(piece.channel);
            for channel in std::iter::once(piece.channel).chain(partner) {
                places.extend(spans.iter().map(|span| Place { channel, index: span.index() }));
            }
        }
        Thresholds::new(places, &self.masks[level], self.hop as i64 / 2, &self.tape)
    }

    pub(super) fn solve_piece(
        &self,
        piece: &Piece,
        layout: &Layout,
        thresholds: &[Thresholds],
        work: &mut Workspace,
    ) -> Solved {
        let spans = layout.spans();
        let segments: Vec<Segment> =
            spans.iter().map(|&span| layout.segment(span, self.hop)).collect();
        let masks = self.masks_of(piece, &spans, thresholds);
        let mut weights = self.weights(&spans, &masks);
        self.freeze(piece, layout, &spans, &mut weights);
        let start = self.tape.index(piece.first - 1) - REACH;
        let problem = Problem {
            signal: &self.tape.planes[piece.channel][start..],
            segments: &segments,
            weights: &weights,
            tonal: layout.is_merged(),
            samples: (piece.last - piece.first + 2) as usize * self.hop,
            sensitivity: masks.iter().map(|mask| 1.0 / mask).sum::<f32>() / masks.len() as f32,
            ceiling: AIM * self.ceiling,
        };
        let mut energies = vec![0.0; masks.len()];
        let residual = self.solver.solve(&problem, work, &mut energies).to_vec();
        let mut noise_to_mask = vec![0.0; (piece.last - piece.first + 1) as usize];
        let mut row = 0;
        for span in spans {
            let model = &self.masks[span.level];
            let rows = row..row + model.bands();
            row = rows.end;
            let ratio = model.noise_to_mask(&energies[rows.clone()], &masks[rows]);
            let share = ratio * (1 << span.level.min(FRAME)) as f32 / FRAME_BLOCKS as f32;
            let frames =
                span.block.div_euclid(FRAME_BLOCKS)..=(span.end() - 1).div_euclid(FRAME_BLOCKS);
            for frame in frames {
                noise_to_mask[(frame - piece.first) as usize] += share;
            }
        }
        Solved { residual, noise_to_mask }
    }

    /// The thresholds of all segments, band by band, guarded.
    fn masks_of(&self, piece: &Piece, spans: &[Span], thresholds: &[Thresholds]) -> Vec<f32> {
        let mut masks = Vec::new();
        for span in spans {
            let (level, index) = (span.level, span.index());
            let at = |channel, index| thresholds[level].get(channel, index);
            let own = at(piece.channel, index);
            let partner = self.spec.partner(piece.channel).map(|channel| at(channel, index));
            // Long segments are taken only where nothing begins.
            let around = |index| if level <= FRAME { at(piece.channel, index) } else { own };
            let from = masks.len();
            masks.resize(from + own.len(), 0.0);
            self.masks[level].guard(
                own,
                around(index - 1),
                around(index + 1),
                partner,
                &mut masks[from..],
            );
        }
        masks
    }

    /// Weight of each coefficient from the threshold, with a geometric mean of one over the piece.
    fn weights(&self, spans: &[Span], masks: &[f32]) -> Vec<f32> {
        let mut weights: Vec<f32> =
            masks.iter().map(|&mask| -self.tuning.mask_exponent * libm::logf(mask)).collect();
        let (mut sum, mut count, mut row) = (0.0f64, 0, 0);
        for span in spans {
            let model = &self.masks[span.level];
            for (&log, edge) in weights[row..].iter().zip(model.edges().windows(2)) {
                sum += f64::from(log) * (edge[1] - edge[0]) as f64;
            }
            row += model.bands();
            count += model.length();
        }
        let mean = (sum / count as f64) as f32;
        for weight in &mut weights {
            *weight = libm::expf(*weight - mean);
        }
        weights
    }

    /// Keeps the residual out of the quiet before an attack, but where that quiet is itself above the ceiling.
    fn freeze(&self, piece: &Piece, layout: &Layout, spans: &[Span], weights: &mut [f32]) {
        let from = self.tape.index(piece.first - 1);
        let plane = &self.tape.planes[piece.channel];
        let mut row = 0;
        for &span in spans {
            let model = &self.masks[span.level];
            if layout.before_attack(span) {
                let start = from + layout.segment(span, self.hop).start;
                // The overlap before a frame carries its residual, too.
                let reach = if span.level == FRAME { self.hop / 2 } else { 0 };
                let signal = &plane[start - reach - REACH..];
                if !self.solver.interpolator.exceeds(signal, model.length() + reach, self.ceiling) {
                    weights[row..row + model.bands()].fill(FROZEN);
                }
            }
            row += model.bands();
        }
    }
}

/// The frame in which an attack begins.
fn frame_of(attack: i64) -> Span {
    Span { block: attack.div_euclid(FRAME_BLOCKS) << FRAME, level: FRAME }
}

/// The parts into which an attack cuts its frame.
fn parts(attack: i64) -> Vec<Span> {
    let mut parts = Vec::new();
    segments::split(frame_of(attack), attack, &mut parts);
    parts
}
