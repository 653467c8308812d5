//! A reading beside its expectation.

/// What a meter read of a test signal, and what it has to read.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// The document and the case in it: `3341-1`.
    pub(crate) case: String,
    /// What is read: `I`, `S max`, `TP`...
    pub(crate) measure: &'static str,
    /// Rate of the signal.
    pub(crate) rate_hz: u32,
    /// The reading.
    pub(crate) value: f64,
    /// What it has to be.
    pub(crate) expected: f64,
    /// How far below and above it may be.
    pub(crate) tolerance: [f64; 2],
}

impl Reading {
    /// Within the tolerance?
    pub(crate) fn passes(&self) -> bool {
        let [below, above] = self.tolerance;
        (self.expected - below..=self.expected + above).contains(&self.value)
    }
}

/// Every one of them is within its tolerance, and there is at least one.
#[track_caller]
pub(crate) fn all_pass(readings: &[Reading]) {
    assert!(!readings.is_empty());
    for reading in readings {
        assert!(reading.passes(), "{reading:?}");
    }
}
