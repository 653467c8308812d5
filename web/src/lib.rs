//! acetate for WebAssembly: a song from bytes, its measures and plan as JSON, stretches to listen to, a master as bytes: those that the
//! program writes.
//!
//! Objects cross the border as JSON and sound as planes of `Float32Array`; what is friendly is written in `page/`.

mod progress;

use acetate::optimizer::{Amounts, Scaling};
use acetate::references::style::styles;
use acetate::{
    Application, Excerpt, Master, Output, Plan, Profile, Song, Wishes, documents, targets,
};
use serde::Deserialize;
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;

use progress::Told;
pub use progress::on_progress;

fn said(error: impl std::fmt::Display) -> JsError {
    JsError::new(&error.to_string())
}

/// A song that was read and measured, and what was decided for it.
#[wasm_bindgen]
pub struct Mix {
    song: Song,
    record: Option<Profile>,
    plan: Option<Plan>,
}

/// What is to be different of a plan: shares of it in percent, moves that are left out, a loudness in place of its own.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Changes {
    amount_pct: Option<f64>,
    tone_pct: Option<f64>,
    dynamics_pct: Option<f64>,
    width_pct: Option<f64>,
    skip: Vec<String>,
    lufs: Option<f64>,
}

impl Changes {
    fn parse(text: &str) -> Result<Self, JsError> {
        serde_json::from_str(text).map_err(said)
    }

    fn scaling(&self) -> Scaling {
        let usual = Amounts::default();
        Scaling {
            amounts: Amounts {
                all: self.amount_pct.unwrap_or(usual.all),
                tone: self.tone_pct.unwrap_or(usual.tone),
                dynamics: self.dynamics_pct.unwrap_or(usual.dynamics),
                width: self.width_pct.unwrap_or(usual.width),
            },
            skip: self.skip.clone(),
            ..Scaling::default()
        }
    }

    fn is_none(&self) -> bool {
        self.lufs.is_none() && self.scaling().is_neutral()
    }
}

#[wasm_bindgen]
impl Mix {
    /// Reads and measures the bytes of a sound file.
    #[wasm_bindgen(constructor)]
    pub fn new(name: &str, bytes: Vec<u8>) -> Result<Self, JsError> {
        let song = Song::opening_bytes(name, bytes).measure(&mut Told).map_err(said)?;
        Ok(Self { song, record: None, plan: None })
    }

    /// What was measured (`acetate.analysis/1`).
    pub fn analysis(&self) -> Result<String, JsError> {
        documents::readable(self.song.analysis()).map_err(said)
    }

    /// What was wrong with the file, though it could be read: a line each.
    pub fn flaws(&self) -> Vec<String> {
        self.song.flaws().chain(self.song.missing()).collect()
    }

    /// From now on it is matched to this record.
    pub fn lean_to(&mut self, record: &Mix) {
        let song = &record.song;
        self.record = Some(Profile::from_measured(song.stem(), song.measured()));
    }

    /// From now on it is matched to no record.
    pub fn lean_to_nothing(&mut self) {
        self.record = None;
    }

    /// The highest peak in each of `columns` stretches, full scale 1.0.
    pub fn waveform(&self, columns: usize) -> Vec<f32> {
        self.song.waveform(columns)
    }

    /// Where its loudest `length_s` seconds begin, in seconds.
    pub fn loudest(&self, length_s: f64) -> f64 {
        self.song.loudest_s(length_s)
    }

    /// Decides what to do; `wishes` are those of `acetate::Wishes`. Gives the settings (`acetate.settings/1`).
    pub fn suggest(&mut self, wishes: &str) -> Result<String, JsError> {
        let wishes: Wishes = serde_json::from_str(wishes).map_err(said)?;
        let mut request = wishes.request(None).map_err(said)?;
        if let Some(record) = &self.record {
            request = request.reference_profile(record.clone(), 1.0);
        }
        let plan = self.song.suggest(&request, &mut Told).map_err(said)?;
        let text = documents::settings_text(&plan.document).map_err(said)?;
        self.plan = Some(plan);
        Ok(text)
    }

    /// What each loudness would cost: a list of `acetate::optimizer::CurvePoint`.
    pub fn loudness_curve(&self) -> Result<String, JsError> {
        let curve = self.plan()?.loudness_curve(&self.song, &mut Told).map_err(said)?;
        serde_json::to_string(&curve).map_err(said)
    }

    /// The plan with these changes, rendered and verified.
    pub fn master(&self, changes: &str) -> Result<Finished, JsError> {
        let changes = Changes::parse(changes)?;
        let plan = self.plan()?;
        let master = if changes.is_none() {
            self.song.master(plan, Output::memory(), &mut Told).map_err(said)?
        } else {
            let changed = self.changed(&changes)?;
            self.song.apply(&changed, Output::memory(), &mut Told).map_err(said)?.master
        };
        Finished::of(&master)
    }

    /// A stretch of it as it is.
    pub fn excerpt(&self, begin_s: f64, length_s: f64) -> Result<Heard, JsError> {
        self.song.excerpt(begin_s, length_s).map(Heard).map_err(said)
    }

    /// The same stretch as the plan with these changes makes it sound.
    pub fn excerpt_mastered(
        &self,
        changes: &str,
        begin_s: f64,
        length_s: f64,
    ) -> Result<Heard, JsError> {
        let changed = self.changed(&Changes::parse(changes)?)?;
        let excerpt = self.song.excerpt(begin_s, length_s).map_err(said)?;
        excerpt.mastered(&changed).map(Heard).map_err(said)
    }
}

impl Mix {
    fn plan(&self) -> Result<&Plan, JsError> {
        self.plan.as_ref().ok_or_else(|| said("nothing was decided for this song yet"))
    }

    fn changed(&self, changes: &Changes) -> Result<Application, JsError> {
        let document = self.plan()?.document.clone();
        Application::new("the plan", document, changes.scaling(), changes.lufs).map_err(said)
    }
}

/// A stretch of sound.
#[wasm_bindgen]
pub struct Heard(Excerpt);

#[wasm_bindgen]
impl Heard {
    /// Hz.
    #[wasm_bindgen(getter)]
    pub fn sample_rate_hz(&self) -> u32 {
        self.0.audio.spec().sample_rate_hz
    }

    /// LUFS; `undefined` where it is too quiet or too short to have one.
    #[wasm_bindgen(getter)]
    pub fn integrated_lufs(&self) -> Option<f64> {
        self.0.integrated_lufs
    }

    /// How many channels it has.
    #[wasm_bindgen(getter)]
    pub fn channels(&self) -> usize {
        self.0.audio.spec().channels
    }

    /// The samples of one channel, full scale 1.0.
    pub fn plane(&self, channel: usize) -> Vec<f32> {
        self.0.audio.planes().get(channel).cloned().unwrap_or_default()
    }
}

/// A finished master.
#[wasm_bindgen]
pub struct Finished {
    bytes: Vec<u8>,
    settings: String,
    verdict: String,
}

impl Finished {
    fn of(master: &Master) -> Result<Self, JsError> {
        let loudness = &master.after.analysis.loudness;
        let verdict = json!({
            "done": master.done,
            "met": master.met(),
            "integrated_lufs": loudness.integrated_lufs,
            "true_peak_dbtp": loudness.true_peak_dbtp,
            "plr_db": loudness.plr_db,
        });
        Ok(Self {
            bytes: master.bytes().unwrap_or_default().to_vec(),
            settings: documents::settings_text(&master.document).map_err(said)?,
            verdict: verdict.to_string(),
        })
    }
}

#[wasm_bindgen]
impl Finished {
    /// The file, once; afterwards it is empty.
    pub fn take_bytes(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// Its settings (`acetate.settings/1`).
    pub fn settings(&self) -> String {
        self.settings.clone()
    }

    /// What was done and whether it is what was asked for: `{done, met, integrated_lufs, true_peak_dbtp, plr_db}`.
    pub fn verdict(&self) -> String {
        self.verdict.clone()
    }
}

/// Where a master can go and what it can be like: `{targets: [{id, name, lufs, dbtp}], styles: [{id, name}]}`.
#[wasm_bindgen]
pub fn choices() -> String {
    let targets: Vec<Value> = targets()
        .iter()
        .map(|target| {
            let (lufs, dbtp) = (target.integrated_lufs, target.true_peak_dbtp);
            json!({"id": target.id, "name": target.name, "lufs": lufs, "dbtp": dbtp})
        })
        .collect();
    let styles: Vec<Value> =
        styles().iter().map(|style| json!({"id": style.id, "name": style.name})).collect();
    json!({"version": env!("CARGO_PKG_VERSION"), "targets": targets, "styles": styles}).to_string()
}
