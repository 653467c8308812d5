//! acetate for WebAssembly: one song on the desk, from bytes to a master as bytes: those that the program writes.
//!
//! Questions and answers cross the border as JSON and sound as planes of `Float32Array`; what is friendly is written in `page/`.

mod progress;

use acetate::{Answer, Output, Song};
use wasm_bindgen::prelude::*;

use progress::Told;
pub use progress::on_progress;

fn said(error: impl std::fmt::Display) -> JsError {
    JsError::new(&error.to_string())
}

/// A song that was read and measured, and what was decided for it: `acetate::Desk`.
#[wasm_bindgen]
#[derive(Default)]
pub struct Desk(acetate::Desk);

#[wasm_bindgen]
impl Desk {
    /// With nothing on it.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads and measures a mix.
    pub fn open(
        &mut self,
        name: &str,
        file: Incoming,
        columns: usize,
        length_s: f64,
    ) -> Result<Answered, JsError> {
        let opening = Song::opening_bytes(name, file.0);
        self.0.open(opening, columns, length_s, &mut Told).map(Answered).map_err(said)
    }

    /// Reads and measures a record to be matched.
    pub fn record(
        &mut self,
        name: &str,
        file: Incoming,
        length_s: f64,
    ) -> Result<Answered, JsError> {
        let opening = Song::opening_bytes(name, file.0);
        self.0.record(opening, length_s, &mut Told).map(Answered).map_err(said)
    }

    /// Answers a question: `acetate::Ask` as JSON.
    pub fn ask(&mut self, question: &str) -> Result<Answered, JsError> {
        let ask = acetate::documents::from_text(question).map_err(said)?;
        self.0.ask(&ask, Output::memory(), &mut Told).map(Answered).map_err(said)
    }
}

/// A file that comes in piece by piece: so it is in memory once.
#[wasm_bindgen]
pub struct Incoming(Vec<u8>);

#[wasm_bindgen]
impl Incoming {
    /// A file of so many bytes; fails where there is no room for it.
    #[wasm_bindgen(constructor)]
    pub fn new(bytes: usize) -> Result<Incoming, JsError> {
        let mut held = Vec::new();
        held.try_reserve_exact(bytes).map_err(said)?;
        Ok(Self(held))
    }

    /// Takes the next piece.
    pub fn push(&mut self, piece: &[u8]) {
        self.0.extend_from_slice(piece);
    }
}

/// What came of a question.
#[wasm_bindgen]
pub struct Answered(Answer);

#[wasm_bindgen]
impl Answered {
    /// What is said, as JSON.
    pub fn json(&self) -> String {
        self.0.json.clone()
    }

    /// The samples of one channel of what is heard, full scale 1.0.
    pub fn plane(&self, channel: usize) -> Vec<f32> {
        let planes = self.0.sound.as_ref().map(|sound| sound.audio.planes());
        planes.and_then(|planes| planes.get(channel)).cloned().unwrap_or_default()
    }

    /// Length of the file of a master, in bytes.
    pub fn length(&self) -> usize {
        self.file().len()
    }

    /// Its bytes from `begin` to `end`.
    pub fn piece(&self, begin: usize, end: usize) -> Vec<u8> {
        self.file().get(begin..end).unwrap_or_default().to_vec()
    }

    fn file(&self) -> &[u8] {
        self.0.master.as_ref().and_then(|master| master.bytes()).unwrap_or_default()
    }
}

/// Where a master can go, what it can be like, and the formats that can be written, as JSON: `acetate::offers`.
#[wasm_bindgen]
pub fn choices() -> String {
    acetate::offers().to_string()
}
