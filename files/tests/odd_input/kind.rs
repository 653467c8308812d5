//! One kind of file, and what is to become of it.

/// What a good tool does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expected {
    /// Reads this many frames; with a warning that contains this text, or without any.
    Sound { frames: u64, warning: Option<&'static str> },
    /// Refuses, with a message that contains this text.
    Fails(&'static str),
    /// Either, as long as it ends.
    Anything,
}

/// A file, and what is to become of it.
#[derive(Clone, Debug)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) bytes: Vec<u8>,
    pub(crate) expected: Expected,
}

pub(crate) fn sound(name: &'static str, bytes: Vec<u8>, frames: u64) -> Kind {
    Kind { name, bytes, expected: Expected::Sound { frames, warning: None } }
}

pub(crate) fn warns(name: &'static str, bytes: Vec<u8>, frames: u64, part: &'static str) -> Kind {
    Kind { name, bytes, expected: Expected::Sound { frames, warning: Some(part) } }
}

pub(crate) fn fails(name: &'static str, bytes: Vec<u8>, part: &'static str) -> Kind {
    Kind { name, bytes, expected: Expected::Fails(part) }
}

pub(crate) fn ends(name: &'static str, bytes: Vec<u8>) -> Kind {
    Kind { name, bytes, expected: Expected::Anything }
}
