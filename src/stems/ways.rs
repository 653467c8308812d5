//! Both ways to one aim: moves of the whole mix, and changes of its stems.

use acetate_audio::numbers::{frequency, number, signed};
use acetate_engine::settings::{EqualizerBand, FilterType};
use acetate_optimizer::{
    Balance, SettingsDocument, SparedMove, StemMove, tone_error_db, words_for,
};
use serde::Serialize;
use serde_json::json;

use super::Stems;
use crate::Plan;

/// Most moves of the mix of which a line says what becomes of them.
const SPARED_SAID: usize = 2;

/// What stems would have to change, and what the whole mix gets with and without that.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StemWays {
    /// The names of the stems.
    pub stems: Vec<String>,
    /// The changes, and what they spare the whole mix.
    #[serde(flatten)]
    pub balance: Balance,
    /// Were the stems changed? If not, it is advice.
    pub applied: bool,
    /// With moves of the whole mix alone.
    pub whole_mix: Way,
    /// With the stems changed first; `None` where they were not.
    pub with_stems: Option<Way>,
}

/// One way to an aim.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Way {
    /// What the equaliser does to the whole mix.
    pub bands: Vec<EqualizerBand>,
    /// How far the tone is from the aim, as it is predicted, dB rms; `None` where none is asked for.
    pub tone_db: Option<f64>,
}

impl Way {
    fn of(plan: &Plan) -> Self {
        Self {
            bands: plan.document.settings.equalizer.bands.clone(),
            tone_db: tone_error_db(plan.aim(), &plan.fit().predicted),
        }
    }

    /// `4 bands on the mix, at most 2.4 dB, tone 1.1 dB off`
    fn words(&self) -> String {
        let most = self.bands.iter().fold(0.0_f64, |most, band| most.max(band.gain_db.abs()));
        let bands = match self.bands.len() {
            0 => "no band on the mix".to_owned(),
            1 => format!("1 band on the mix, {} dB", number(Some(most), 1)),
            count => format!("{count} bands on the mix, at most {} dB", number(Some(most), 1)),
        };
        match self.tone_db {
            Some(db) => format!("{bands}, tone {} dB off", number(Some(db), 1)),
            None => bands,
        }
    }
}

impl Stems {
    /// Both ways side by side: `whole` is the plan for the stems as they came, `plan` for these.
    pub fn ways(&self, balance: Balance, whole: &Plan, plan: &Plan) -> StemWays {
        let applied = !self.moves().is_empty();
        StemWays {
            stems: self.names.clone(),
            balance,
            applied,
            whole_mix: Way::of(whole),
            with_stems: applied.then(|| Way::of(plan)),
        }
    }
}

impl StemWays {
    /// A line for each stem that would have to change, what that spares the mix, and both ways; nothing where no stem is the cause:
    /// `lower bass by 1.8 dB`, `not needed on the mix then: -2.4 dB in the bass (80 Hz)`.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> =
            self.balance.moves.iter().map(|step| self.step(step)).collect();
        let Some(first) = lines.first_mut() else { return lines };
        if !self.applied {
            first.push_str(" (advice; --balance does it)");
        }
        let mut spared: Vec<&SparedMove> = self.balance.spared.iter().collect();
        spared.sort_by(|a, b| b.spares_db().total_cmp(&a.spares_db()));
        let spared: Vec<String> = spared.into_iter().take(SPARED_SAID).map(spared_words).collect();
        if !spared.is_empty() {
            lines.push(format!("spares the mix {}", spared.join(", ")));
        }
        if let Some(with) = &self.with_stems {
            lines.push(format!("as it came: {}", self.whole_mix.words()));
            lines.push(format!("balanced: {}", with.words()));
        }
        lines
    }

    /// Why nothing was changed.
    pub fn nothing(&self) -> &'static str {
        match self.balance.wanted_db.iter().any(Option::is_some) {
            true => "no stem is the cause of what the aim asks for: nothing is changed",
            false => {
                "nothing asks for a tone, so there is nothing to balance: name a record with -r, or a --style"
            }
        }
    }

    /// Writes the changes of the stems into the settings that were found for their sum.
    pub fn note_in(&self, document: &mut SettingsDocument) {
        if let Some(made_by) = document.made_by.as_mut().filter(|_| self.applied) {
            let step = |step: &StemMove| json!({ "stem": self.stems[step.stem], "level_db": step.level_db, "bands": step.bands });
            let steps: Vec<_> = self.balance.moves.iter().map(step).collect();
            made_by.extra.insert("stem_moves".to_owned(), json!(steps));
        }
    }

    /// `lower bass by 1.8 dB and cut it above 4 kHz by 1.2 dB`
    fn step(&self, step: &StemMove) -> String {
        let name = &self.stems[step.stem];
        let by = number(Some(step.level_db.abs()), 1);
        let level = match step.level_db {
            0.0 => None,
            db if db < 0.0 => Some(format!("lower {name} by {by} dB")),
            _ => Some(format!("raise {name} by {by} dB")),
        };
        let mut words: Vec<String> = level.into_iter().collect();
        for band in &step.bands {
            words.push(band_words(if words.is_empty() { name } else { "it" }, band));
        }
        words.join(" and ")
    }
}

fn band_words(name: &str, band: &EqualizerBand) -> String {
    let place = match band.kind {
        FilterType::LowShelf => "below",
        FilterType::HighShelf => "above",
        _ => "around",
    };
    let verb = if band.gain_db < 0.0 { "cut" } else { "lift" };
    let by = number(Some(band.gain_db.abs()), 1);
    format!("{verb} {name} {place} {} by {by} dB", frequency(band.freq_hz))
}

/// `-2.4 dB in the bass (80 Hz)`, or what of it is left.
fn spared_words(step: &SparedMove) -> String {
    let (name, place) = (words_for(step.freq_hz).name, frequency(step.freq_hz));
    let gain = signed(step.gain_db, 1);
    if step.is_gone() {
        format!("{gain} dB in {name} ({place})")
    } else {
        let left = signed(step.left_db, 1);
        format!("a part of {gain} dB in {name} ({place}): {left} are left")
    }
}
