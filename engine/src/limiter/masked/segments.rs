//! How a piece is cut into segments: a boundary where an attack begins, long segments where tones are steady.
//!
//! Time is counted in *blocks*, the shortest segments. A segment of level `l` is `2^l` blocks long and begins at a multiple of that.

use super::lapped::Segment;
use super::plan::Piece;
use super::tape::Tape;

/// Level of a segment that is as long as a frame.
pub(super) const FRAME: usize = 3;
/// Number of levels.
pub(super) const LEVELS: usize = 6;
/// Blocks a frame: one has 64 samples at 44.1 kHz (1.5 ms).
pub(super) const FRAME_BLOCKS: i64 = 1 << FRAME;
/// The past above which an attack rises, blocks (23 ms).
const PAST: usize = 16;
/// Power of a treble that nobody hears, so that nothing rises above it (-80 dB FS).
const SILENT: f32 = 1e-8;

/// The segments of a piece.
pub(super) struct Layout {
    first: i64,
    /// By frame.
    levels: Vec<usize>,
    /// Blocks with which attacks begin.
    attacks: Vec<i64>,
}

/// A segment by its first block and its level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) block: i64,
    pub(super) level: usize,
}

impl Span {
    /// Number of segments of this level before it.
    pub(super) fn index(self) -> i64 {
        self.block >> self.level
    }

    pub(super) fn end(self) -> i64 {
        self.block + (1 << self.level)
    }
}

impl Layout {
    /// One segment a frame.
    pub(super) fn new(piece: &Piece) -> Self {
        let frames = (piece.last - piece.first + 1) as usize;
        Self { first: piece.first, levels: vec![FRAME; frames], attacks: Vec::new() }
    }

    /// Puts a boundary before an attack.
    pub(super) fn cut(&mut self, attack: i64) {
        self.attacks.push(attack);
    }

    fn attack_in(&self, frame: i64) -> Option<i64> {
        self.attacks.iter().copied().find(|attack| attack.div_euclid(FRAME_BLOCKS) == frame)
    }

    /// The aligned groups of frames that could be one segment of a level.
    pub(super) fn mergeable(&self, level: usize) -> Vec<Span> {
        let frames = 1 << (level - FRAME);
        let last = self.first + self.levels.len() as i64 - 1;
        let whole = |&group: &i64| {
            let mut group = group * frames..(group + 1) * frames;
            group.start >= self.first
                && group.end - 1 <= last
                && group.all(|frame| {
                    self.level(frame) == level - 1
                        && self.attack_in(frame).or(self.attack_in(frame + 1)).is_none()
                })
        };
        (self.first.div_euclid(frames)..=last.div_euclid(frames))
            .filter(whole)
            .map(|group| Span { block: group << level, level })
            .collect()
    }

    /// Makes one segment of a group of frames.
    pub(super) fn merge(&mut self, group: Span) {
        let from = (group.block / FRAME_BLOCKS - self.first) as usize;
        self.levels[from..from + (1 << (group.level - FRAME))].fill(group.level);
    }

    /// Are most frames parts of longer segments?
    pub(super) fn is_merged(&self) -> bool {
        2 * self.levels.iter().filter(|&&level| level > FRAME).count() > self.levels.len()
    }

    fn level(&self, frame: i64) -> usize {
        self.levels[(frame - self.first) as usize]
    }

    /// The segments in order.
    pub(super) fn spans(&self) -> Vec<Span> {
        let mut spans = Vec::new();
        let end = (self.first + self.levels.len() as i64) * FRAME_BLOCKS;
        let mut block = self.first * FRAME_BLOCKS;
        while block < end {
            let frame = block / FRAME_BLOCKS;
            let span = Span { block, level: self.level(frame) };
            match self.attack_in(frame) {
                Some(attack) => split(span, attack, &mut spans),
                None => spans.push(span),
            }
            block = span.end();
        }
        spans
    }

    /// A segment in samples of the piece, with a narrow overlap where an attack begins.
    pub(super) fn segment(&self, span: Span, hop: usize) -> Segment {
        let block = hop / FRAME_BLOCKS as usize;
        let from = (span.block - self.first * FRAME_BLOCKS) as usize;
        let edge = if self.attacks.contains(&span.block) { 0 } else { span.level };
        Segment { start: hop / 2 + from * block, level: span.level, edge }
    }

    /// Is a segment in the quiet of the frame or two before an attack?
    pub(super) fn before_attack(&self, span: Span) -> bool {
        self.attacks.iter().any(|&attack| {
            let frame = attack.div_euclid(FRAME_BLOCKS);
            span.block >= (frame - 1) * FRAME_BLOCKS && span.end() <= attack
        })
    }
}

/// Halves a segment until one begins where an attack does.
pub(super) fn split(span: Span, attack: i64, spans: &mut Vec<Span>) {
    if attack <= span.block || attack >= span.end() {
        spans.push(span);
        return;
    }
    let level = span.level - 1;
    split(Span { level, ..span }, attack, spans);
    split(Span { block: span.block + (1 << level), level }, attack, spans);
}

/// The blocks with which the attacks of a piece, and of the frame after it, begin: at most one a frame.
pub(super) fn attacks(piece: &Piece, hop: usize, tape: &Tape, ratio: f32) -> Vec<i64> {
    let block = hop / FRAME_BLOCKS as usize;
    let attack = |frame: i64| {
        let start = tape.sample_index(frame * hop as i64 - hop as i64 / 2);
        let signal = &tape.planes[piece.channel][start - PAST * block - 1..start + hop];
        Some(frame * FRAME_BLOCKS + first_onset(signal, block, ratio)?)
    };
    (piece.first..=piece.last).filter_map(attack).collect()
}

/// The first block of a frame in which the treble (a first difference) rises by `ratio` above what it was before.
///
/// `signal` holds one sample, [`PAST`] blocks, and the frame.
fn first_onset(signal: &[f32], block: usize, ratio: f32) -> Option<i64> {
    let power = |samples: &[f32]| {
        let sum: f32 = samples.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).sum();
        sum / block as f32
    };
    let powers: Vec<f32> = (0..(signal.len() - 1) / block)
        .map(|index| power(&signal[index * block..=(index + 1) * block]))
        .collect();
    let rises = |index: &usize| {
        let past = powers[index - PAST..*index].iter().sum::<f32>() / PAST as f32;
        powers[*index] > ratio * past.max(SILENT)
    };
    (PAST..powers.len()).find(rises).map(|index| (index - PAST) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attack_is_found_in_its_block() {
        let sample = |i: usize| if i < 1 + 20 * 8 { 0.001 } else { 0.5 } * (i % 2) as f32;
        let signal: Vec<f32> = (0..1 + 24 * 8).map(sample).collect();
        assert_eq!(first_onset(&signal, 8, 10.0), Some(4));
        assert_eq!(first_onset(&[0.0; 1 + 24 * 8], 8, 10.0), None);
    }

    fn layout() -> Layout {
        Layout::new(&Piece { channel: 0, first: 3, last: 8, fade_in: None, fade_out: None })
    }

    #[test]
    fn frames_merge_in_aligned_groups_that_lie_within_the_piece() {
        let mut layout = layout();
        let pairs = layout.mergeable(4);
        assert_eq!(pairs, [Span { block: 32, level: 4 }, Span { block: 48, level: 4 }]);
        assert!(layout.mergeable(5).is_empty());
        pairs.into_iter().for_each(|pair| layout.merge(pair));
        assert_eq!(layout.mergeable(5), [Span { block: 32, level: 5 }]);
        assert_eq!(layout.spans().iter().map(|span| span.level).collect::<Vec<_>>(), [3, 4, 4, 3]);
    }

    #[test]
    fn an_attack_begins_a_segment_with_a_narrow_overlap() {
        let mut layout = layout();
        layout.cut(4 * 8 + 3);
        let levels: Vec<usize> = layout.spans().iter().map(|span| span.level).collect();
        assert_eq!(levels, [3, 1, 0, 0, 2, 3, 3, 3, 3]);
        let attack = layout.segment(layout.spans()[3], 64);
        assert_eq!(attack, Segment { start: 32 + 64 + 24, level: 0, edge: 0 });
        assert!(layout.before_attack(layout.spans()[0]) && layout.before_attack(layout.spans()[2]));
        assert!(!layout.before_attack(layout.spans()[3]));
        assert_eq!(layout.mergeable(4).len(), 1);
    }
}
