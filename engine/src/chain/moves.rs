//! The moves of a whole chain.

use std::ops::{Index, IndexMut};

use crate::moves::Moves;

/// What in a chain decides by listening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mover {
    /// Cuts by band.
    DynamicEqualizer,
    /// The cut of the bell.
    DeEsser,
    /// Cuts by bin of the spectrum.
    Resonance,
    /// Gains by band, and within a band by channel where those differ.
    Compressor,
    /// What is added to both channels.
    BassHarmonics,
    /// What is added, by channel.
    Saturator,
    /// The gain of the side.
    CorrelationGuard,
    /// The gain of all channels; of the masked limiter what its leveller does in front of it.
    Limiter,
    /// What the masked limiter adds, by channel.
    LimiterResidual,
    /// Gains by channel.
    CeilingRepair,
}

impl Mover {
    /// All, in the order of the chain.
    pub const ALL: [Self; 10] = [
        Self::DynamicEqualizer,
        Self::DeEsser,
        Self::Resonance,
        Self::Compressor,
        Self::BassHarmonics,
        Self::Saturator,
        Self::CorrelationGuard,
        Self::Limiter,
        Self::LimiterResidual,
        Self::CeilingRepair,
    ];
}

/// What the stages of a chain decided, each on frames of its own: those that it let out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChainMoves {
    moves: [Moves; Mover::ALL.len()],
}

impl Index<Mover> for ChainMoves {
    type Output = Moves;

    fn index(&self, mover: Mover) -> &Moves {
        &self.moves[mover as usize]
    }
}

impl IndexMut<Mover> for ChainMoves {
    fn index_mut(&mut self, mover: Mover) -> &mut Moves {
        &mut self.moves[mover as usize]
    }
}
