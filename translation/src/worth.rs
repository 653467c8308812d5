//! From where on a loss is worth a word.

/// A bass line of which this much is heard is there, percent.
pub const BASS_THERE_PCT: f64 = 75.0;
/// Time that drowns in noise from here on is missed, percent: a moment of a second in each half minute, as between two phrases.
pub const DROWNED_PCT: f64 = 3.0;
/// Gain that a limiter takes from here on is heard, dB: about the least change of level that is noticed in music (assumed).
pub const TAKEN_DB: f64 = 1.0;
/// Peaks over full scale by less than this are within what meters of true peak may differ by (EBU Tech 3341: +0.2 dB), dB.
pub const OVER_DB: f64 = 0.2;
/// Loudness that cancels from here on is missed, percent: 2 % in commercial records is wide reverberation.
pub const CANCELLED_PCT: f64 = 4.0;
/// A whole song that becomes quieter by this much in mono is: channels that have nothing in common lose 3 LU (`analyze` says so from here
/// on).
pub const LOST_LU: f64 = 3.5;
/// Intelligibility below which speech is poorly understood, and which is expected at home (ANSI S3.5-1997, annex B).
pub const SII_POOR: f64 = 0.45;
/// See [`SII_POOR`].
pub const SII_GOOD: f64 = 0.6;
/// Bass that becomes quieter by this much is lost, dB: channels whose correlation is -0.2, from which on `analyze` calls a bass out of phase.
pub const LOST_LOWS_DB: f64 = 4.0;
