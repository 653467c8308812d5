//! The codes of the findings: `M` about the mix, `S` about the source.

/// One note of the bass far louder than the others.
pub const BOOM: &str = "M101";
/// Sharp "s" sounds.
pub const SIBILANCE: &str = "M102";
/// A narrow band that rings whatever is played.
pub const RESONANCE: &str = "M103";
/// Bass out of phase between the channels.
pub const BASS_OUT_OF_PHASE: &str = "M110";
/// Side louder than mid.
pub const WIDE: &str = "M111";
/// Hardly any side.
pub const NARROW: &str = "M112";
/// One channel louder than the other.
pub const UNBALANCED: &str = "M113";
/// Cancellation in mono.
pub const MONO_LOSS: &str = "M114";
/// Flat tops at full scale.
pub const CLIPPED: &str = "S201";
/// Flat tops below full scale.
pub const CLIPPED_THEN_LOWERED: &str = "S202";
/// Clicks.
pub const CLICKS: &str = "S203";
/// A mean that is not zero.
pub const DC_OFFSET: &str = "S204";
/// Mains hum.
pub const HUM: &str = "S205";
/// Hiss in the pauses.
pub const HISS: &str = "S206";
/// A spectrum that ends in a cliff.
pub const LOSSY: &str = "S207";
/// A limiter was there before.
pub const LIMITED: &str = "S208";
/// One channel upside down.
pub const INVERTED: &str = "S209";
/// One channel silent.
pub const DEAD_CHANNEL: &str = "S210";
/// Both channels the same.
pub const DUAL_MONO: &str = "S211";
/// Very low level.
pub const QUIET: &str = "S212";
/// True peaks above full scale.
pub const OVER_FULL_SCALE: &str = "S213";
/// Digital silence from end to end.
pub const SILENCE: &str = "S214";
/// Loudness from above 20 kHz.
pub const ULTRASONIC: &str = "S215";
/// Steady sound below the bass.
pub const RUMBLE: &str = "S216";
/// A sample that is no music.
pub const STRAY_SAMPLE: &str = "S220";
