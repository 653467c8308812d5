//! What names stand for.

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// Delivery rules.
    Target,
    /// A style profile.
    Style,
    /// A record to be matched.
    Record,
    /// A way of hearing music.
    System,
    /// What is heard beside it.
    Noise,
    /// A lossy codec at a bit rate.
    Codec,
}

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Target => "target",
            Self::Style => "style",
            Self::Record => "record",
            Self::System => "system",
            Self::Noise => "noise",
            Self::Codec => "codec",
        })
    }
}
