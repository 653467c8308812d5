//! acetate for WebAssembly: a song from bytes, its measures and plan as JSON, a master as bytes: those that the program writes.

use acetate::engine::settings::OutputFormat;
use acetate::{Output, Request, Song, documents};
use wasm_bindgen::prelude::*;

/// A song that was read and measured.
#[wasm_bindgen]
pub struct Mix {
    song: Song,
}

/// A finished master.
#[wasm_bindgen]
pub struct Finished {
    bytes: Vec<u8>,
    settings: String,
    done: String,
}

fn said(error: impl std::fmt::Display) -> JsError {
    JsError::new(&error.to_string())
}

#[wasm_bindgen]
impl Mix {
    /// Reads and measures the bytes of a sound file.
    #[wasm_bindgen(constructor)]
    pub fn new(name: &str, bytes: Vec<u8>) -> Result<Self, JsError> {
        Ok(Self { song: Song::from_bytes(name, bytes).map_err(said)? })
    }

    /// What was measured (`acetate.analysis/1`).
    pub fn analysis(&self) -> Result<String, JsError> {
        documents::readable(self.song.analysis()).map_err(said)
    }

    /// Masters it for a target, after a record where there is one; `format` is wav, flac or aiff.
    pub fn master(
        &self,
        target: &str,
        record: Option<Mix>,
        format: &str,
    ) -> Result<Finished, JsError> {
        let mut request = Request::target(target).map_err(said)?;
        if let Some(record) = record {
            let song = &record.song;
            let profile = acetate::Profile::from_measured(song.stem(), song.measured());
            request = request.reference_profile(profile, 1.0);
        }
        request.file.format = Some(match format {
            "wav" => OutputFormat::Wav,
            "flac" => OutputFormat::Flac,
            "aiff" => OutputFormat::Aiff,
            other => return Err(said(format!("{other} cannot be written here"))),
        });
        let plan = self.song.suggest(&request, &mut ()).map_err(said)?;
        let master = self.song.master(&plan, Output::memory(), &mut ()).map_err(said)?;
        Ok(Finished {
            settings: documents::settings_text(&master.document).map_err(said)?,
            done: master.done.clone(),
            bytes: master.bytes().unwrap_or_default().to_vec(),
        })
    }
}

#[wasm_bindgen]
impl Finished {
    /// The file.
    pub fn bytes(&self) -> Vec<u8> {
        self.bytes.clone()
    }

    /// Its settings (`acetate.settings/1`).
    pub fn settings(&self) -> String {
        self.settings.clone()
    }

    /// What was done, in one sentence.
    pub fn done(&self) -> String {
        self.done.clone()
    }
}
