//! Colours for words.

/// Colours words, or leaves them as they are. Words never depend on their colour.
#[derive(Clone, Copy, Debug, Default)]
pub struct Paint {
    enabled: bool,
}

impl Paint {
    /// With colours (ANSI escapes), or without.
    pub fn new(enabled: bool) -> Self {
        Self { enabled }
    }

    /// Met, done: green.
    pub fn good(self, text: &str) -> String {
        self.wrap("1;32", text)
    }

    /// Missed, doubtful: yellow.
    pub fn warn(self, text: &str) -> String {
        self.wrap("1;33", text)
    }

    /// Failed: red.
    pub fn bad(self, text: &str) -> String {
        self.wrap("1;31", text)
    }

    /// Headings.
    pub fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }

    /// Of lesser importance.
    pub fn dim(self, text: &str) -> String {
        self.wrap("2", text)
    }

    fn wrap(self, code: &str, text: &str) -> String {
        if self.enabled { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}
