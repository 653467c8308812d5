//! The processors one by one, in the order of the chain: each is `None` where its settings ask for nothing.
//!
//! ```
//! use acetate_audio::Audio;
//! use acetate_engine::settings::{CompressorBand, CompressorSettings};
//! use acetate_engine::{Listener, Moves, Stage, stages::Compressor};
//!
//! let sound = Audio::from_planes(48_000, vec![vec![0.5; 10_000]; 2]);
//! let band = CompressorBand { threshold_db: -20.0, ratio: 2.0, ..CompressorBand::default() };
//! let settings = CompressorSettings { bands: vec![band], ..CompressorSettings::default() };
//! let mut compressor = Compressor::new(&settings, sound.spec()).expect("it compresses");
//! compressor.score().record();
//! let mut out = Audio::silence(sound.spec(), 0);
//! compressor.push(&sound, &mut out);
//! assert!(sound.frames() - out.frames() <= compressor.latency_frames());
//! let mut moves = Moves::default();
//! compressor.score().take(&mut moves);
//! assert!(moves.columns[0].last() < Some(&0.8)); // 7 dB, once it has settled
//! ```

pub use crate::bass_harmonics::BassHarmonics;
pub use crate::compressor::Compressor;
pub use crate::de_esser::DeEsser;
pub use crate::dynamic_equalizer::DynamicEqualizer;
pub use crate::edges::{DcRemoval, Fades, Trim};
pub use crate::equalizer::Equalizer;
pub use crate::limiter::masked::MaskedLimiter;
pub use crate::limiter::{CeilingRepair, Lookahead, working_ceiling};
pub use crate::linear_equalizer::linear_equalizer;
pub use crate::linear_filter::LinearFilter;
pub use crate::resample::Resampler;
pub use crate::resonance::ResonanceTamer;
pub use crate::restore::{
    ClickRepair, ClippingRepair, CrackleRepair, HissReduction, HumRemoval, KnownTops, Restoration,
};
pub use crate::reverb::Reverb;
pub use crate::saturator::Saturator;
pub use crate::stereo::{Balance, CorrelationGuard, Decorrelator, width};
