//! What a bass line is: its steady moments, with the partials of mid and side.

/// Partials of a note that are looked at; the first is the fundamental.
pub const PARTIALS: usize = 6;
/// Fewest held notes that stand for a line.
const HELD_MIN: usize = 6;

/// Power at the partials of a note, in the mid or in the side.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Partials {
    /// At each partial, the first being the fundamental (1.0 is 0 dB).
    pub at: [f64; PARTIALS],
    /// Half a fundamental above and below each partial, their mean: what is there without the note; zero for the first.
    pub between: [f64; PARTIALS],
}

impl Partials {
    /// Power that partial `index` has above its surroundings; all of it for the fundamental.
    pub fn net(&self, index: usize) -> f64 {
        (self.at[index] - self.between[index]).max(0.0)
    }

    /// The same with each partial's power, and what is beside it, times its gain.
    pub fn times(&self, gains: &[f64; PARTIALS]) -> Self {
        let changed = |powers: &[f64; PARTIALS]| std::array::from_fn(|k| gains[k] * powers[k]);
        Self { at: changed(&self.at), between: changed(&self.between) }
    }
}

/// One steady moment of a bass line.
#[derive(Clone, Debug, PartialEq)]
pub struct BassNote {
    /// Middle of the moment, in seconds.
    pub at_s: f64,
    /// The fundamental.
    pub fundamental_hz: f64,
    /// Power of the mid.
    pub mid: Partials,
    /// Power of the side, which one loudspeaker does not play; zero where there are no two channels.
    pub side: Partials,
    /// Power of the mid from 150 to 600 Hz, all that plays there.
    pub mids: f64,
    /// Two moments before and after have the same pitch: all of the window is this note, and what is beside its partials no other.
    pub is_held: bool,
}

/// A bass line: its steady moments, a twentieth of a second each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BassLine {
    /// In the order of time.
    pub notes: Vec<BassNote>,
}

impl BassLine {
    /// Power at partial `index` over that beside it, of the mid or the side: all notes together that are held, where those are enough;
    /// 0 where nothing is there.
    pub fn contrast(&self, index: usize, of: impl Fn(&BassNote) -> &Partials) -> f64 {
        let held = self.notes.iter().filter(|note| note.is_held).count();
        let counts = |note: &&BassNote| note.is_held || held < HELD_MIN;
        let notes = || self.notes.iter().filter(counts).map(&of);
        let on: f64 = notes().map(|partials| partials.at[index]).sum();
        let off: f64 = notes().map(|partials| partials.between[index]).sum();
        if on > 0.0 { on / off.max(1e-15) } else { 0.0 }
    }
}
