//! Which channels the spectrum, the image and the dynamics look at.

use acetate_audio::{AudioSpec, ChannelRole};

/// How the main channels are looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Image {
    /// Two channels: left, right, and what follows from them.
    Stereo,
    /// One channel, or the mean power of several (without the low-frequency effects).
    Sum(Vec<usize>),
}

impl Image {
    pub(crate) fn new(spec: AudioSpec) -> Self {
        if spec.is_stereo() {
            return Self::Stereo;
        }
        let main: Vec<usize> =
            (0..spec.channels).filter(|&index| spec.role(index) != ChannelRole::Lfe).collect();
        Self::Sum(main)
    }

    /// Whether channel `index` is one of them.
    pub(crate) fn looks_at(&self, index: usize) -> bool {
        match self {
            Self::Stereo => true,
            Self::Sum(main) => main.contains(&index),
        }
    }

    /// Indices of the channels.
    pub(crate) fn channels(&self) -> Vec<usize> {
        match self {
            Self::Stereo => vec![0, 1],
            Self::Sum(main) => main.clone(),
        }
    }
}
