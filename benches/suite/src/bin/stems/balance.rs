//! Errors that are planted in one stem: what is left of them with moves of the whole mix, and with that stem changed.

use std::error::Error;

use acetate::{Plan, Profile, Request, Source, Stems, StemsOutput};
use acetate_analyzer::Analysis;
use acetate_audio::{Audio, Mono};
use acetate_bench::closeness::third_octave_error_db;
use acetate_engine::settings::{EqualizerBand, EqualizerSettings, FilterType};
use acetate_engine::{Processor as _, stages::Equalizer};
use serde::Serialize;

use super::{Song as Folder, decoded};

/// Third octaves this far below the loudest hold nothing that counts, dB.
const RANGE_DB: f64 = 60.0;
/// First third octave that counts: 40 Hz.
const FIRST_BAND: usize = 2;

/// One planted error, and what became of it.
#[derive(Serialize)]
pub(super) struct Recovered {
    name: String,
    /// Difference of the stems from what they were, rms over stems and third octaves, each counted by its share of the power, dB.
    planted_db: f64,
    /// The same of the tone of the sum.
    planted_tone_db: f64,
    whole_mix: Left,
    balanced: Left,
    /// What was changed.
    moves: String,
}

/// What is left of a planted error, percent.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Left {
    /// Of the difference of the stems, from those of the undamaged sum mastered likewise: what mastering does to all is no error.
    stems_pct: f64,
    /// The same from the stems before they were mastered: with what equaliser, compressor and limiter do to them.
    unmastered_pct: f64,
    /// Of the difference of the tone of the sum.
    tone_pct: f64,
}

/// Plants both errors in each stem of a song that sounds enough to be heard.
pub(super) fn recover(
    song: &Folder,
    only: Option<&String>,
    planted_db: f64,
) -> Result<Vec<Recovered>, Box<dyn Error>> {
    let names: Vec<String> = song
        .stems
        .iter()
        .map(|path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned())
        .collect();
    let sound: Vec<Audio> =
        song.stems.iter().map(|path| decoded(path)).collect::<Result<_, _>>()?;
    let mut truth = Truth::of(&names, &sound)?;
    let request = Request::default().reference_profile(truth.profile.clone(), 1.0);
    truth.master(&names, &sound, &request)?;
    let mut found = Vec::new();
    for (stem, name) in names.iter().enumerate() {
        for too_loud in [true, false] {
            let error = match too_loud {
                true => format!("{planted_db} dB too loud"),
                false => format!("dulled by {planted_db} dB"),
            };
            let name = format!("{} {name} {error}", song.name);
            if only.is_some_and(|only| !name.contains(only)) {
                continue;
            }
            let mut damaged = sound.clone();
            let gain = f64::powf(10.0, planted_db / 20.0) as f32;
            if too_loud {
                damaged[stem].planes_mut().iter_mut().flatten().for_each(|x| *x *= gain);
            } else {
                dull(&mut damaged[stem], truth.middle_hz(stem), planted_db);
            }
            found.push(truth.recovered(name, &names, &damaged, &request)?);
        }
    }
    Ok(found)
}

fn stems_of(names: &[String], sound: &[Audio]) -> Result<Stems, acetate::Error> {
    let sources = sound.iter().map(|audio| Source::from_audio(audio.clone()));
    Stems::of(names.iter().cloned().zip(sources).collect(), "sum", None, Mono::Dual, &mut ())
}

/// Takes so much from what is above.
fn dull(sound: &mut Audio, above_hz: f64, by_db: f64) {
    let band = EqualizerBand {
        kind: FilterType::HighShelf,
        freq_hz: above_hz,
        gain_db: -by_db,
        q: 0.7,
        ..EqualizerBand::default()
    };
    let settings = EqualizerSettings { bands: vec![band], ..EqualizerSettings::default() };
    if let Some(mut equalizer) = Equalizer::new(&settings, sound.spec()) {
        equalizer.process(sound);
    }
}

/// The stems as they should be.
struct Truth {
    profile: Profile,
    sum: Analysis,
    /// Level of each stem, third octave by third octave; as it is, and mastered without an error.
    levels: Vec<Vec<Option<f64>>>,
    mastered: Vec<Vec<Option<f64>>>,
    /// Share of each stem in the power of the third octave, 0 where the sum holds nothing.
    shares: Vec<Vec<f64>>,
}

impl Truth {
    fn of(names: &[String], sound: &[Audio]) -> Result<Self, Box<dyn Error>> {
        let stems = stems_of(names, sound)?;
        let measured = stems.song().measured();
        let levels: Vec<Vec<Option<f64>>> =
            sound.iter().map(|audio| levels_of(audio.clone())).collect::<Result<_, _>>()?;
        let power = |level: &Option<f64>| level.map_or(0.0, |db| f64::powf(10.0, db / 10.0));
        let bands = levels[0].len();
        let total = |band: usize| levels.iter().map(|stem| power(&stem[band])).sum::<f64>();
        let most = (0..bands).map(total).fold(0.0, f64::max);
        let counts = |band: usize| {
            band >= FIRST_BAND && total(band) > most * f64::powf(10.0, -RANGE_DB / 10.0)
        };
        let share = |stem: &Vec<Option<f64>>| -> Vec<f64> {
            let of =
                |band: usize| if counts(band) { power(&stem[band]) / total(band) } else { 0.0 };
            (0..bands).map(of).collect()
        };
        Ok(Self {
            profile: Profile::from_measured("undamaged", measured),
            sum: measured.analysis.clone(),
            shares: levels.iter().map(share).collect(),
            mastered: Vec::new(),
            levels,
        })
    }

    /// Masters the stems as they should be: what that does to them is done to the damaged ones, too.
    fn master(
        &mut self,
        names: &[String],
        sound: &[Audio],
        request: &Request,
    ) -> Result<(), Box<dyn Error>> {
        let stems = stems_of(names, sound)?;
        let plan = stems.song().suggest(request, &mut ())?;
        self.mastered = mastered(&stems, &plan, request)?.0;
        Ok(())
    }

    /// Where the stem has as much to say below as above.
    fn middle_hz(&self, stem: usize) -> f64 {
        let half = self.shares[stem].iter().sum::<f64>() / 2.0;
        let mut sum = 0.0;
        let reached = |share: &f64| {
            sum += share;
            sum >= half
        };
        let band = self.shares[stem].iter().position(reached).unwrap_or(0);
        self.sum.spectrum.third_octave_hz[band]
    }

    /// How far stems are from what they should be, at the level where they are nearest, dB rms.
    fn off_db(&self, levels: &[Vec<Option<f64>>], truth: &[Vec<Option<f64>>]) -> f64 {
        let mut differences = Vec::new();
        for ((levels, truth), shares) in levels.iter().zip(truth).zip(&self.shares) {
            for ((level, truth), &share) in levels.iter().zip(truth).zip(shares) {
                if let Some((level, truth)) = level.zip(*truth) {
                    differences.push((level - truth, share));
                }
            }
        }
        let weights: f64 = differences.iter().map(|(_, share)| share).sum();
        let mean = differences.iter().map(|(db, share)| db * share).sum::<f64>() / weights;
        let square = differences.iter().map(|(db, share)| share * (db - mean) * (db - mean));
        (square.sum::<f64>() / weights).sqrt()
    }

    fn recovered(
        &self,
        name: String,
        names: &[String],
        sound: &[Audio],
        request: &Request,
    ) -> Result<Recovered, Box<dyn Error>> {
        let damaged = stems_of(names, sound)?;
        let plan = damaged.song().suggest(request, &mut ())?;
        let balance = damaged.balance(&plan, &mut ())?;
        let changed = damaged.balanced(&balance.moves, &mut ())?;
        let again = changed.song().suggest(request, &mut ())?;
        let lines = changed.ways(balance, &plan, &again).lines();
        let changed_by = lines.iter().filter(|line| line.starts_with(['l', 'r', 'c']));
        let moves = changed_by.cloned().collect::<Vec<_>>().join(", ");
        let planted: Vec<_> =
            sound.iter().map(|audio| levels_of(audio.clone())).collect::<Result<_, _>>()?;
        let planted_db = self.off_db(&planted, &self.levels);
        let planted_tone_db = tone_off_db(damaged.song().analysis(), &self.sum);
        let left = |stems: &Stems, plan: &Plan| -> Result<Left, Box<dyn Error>> {
            let (stems, after) = mastered(stems, plan, request)?;
            Ok(Left {
                stems_pct: 100.0 * self.off_db(&stems, &self.mastered) / planted_db,
                unmastered_pct: 100.0 * self.off_db(&stems, &self.levels) / planted_db,
                tone_pct: 100.0 * tone_off_db(&after, &self.sum) / planted_tone_db,
            })
        };
        let (whole_mix, balanced) = (left(&damaged, &plan)?, left(&changed, &again)?);
        println!(
            "{name}: planted {planted_db:.2} dB (sum {planted_tone_db:.2} dB); left with the whole mix {:.0} % (from before mastering {:.0} %, sum {:.0} %), balanced {:.0} % ({:.0} %, sum {:.0} %): {}",
            whole_mix.stems_pct,
            whole_mix.unmastered_pct,
            whole_mix.tone_pct,
            balanced.stems_pct,
            balanced.unmastered_pct,
            balanced.tone_pct,
            moves
        );
        Ok(Recovered { name, planted_db, planted_tone_db, whole_mix, balanced, moves })
    }
}

/// Levels of the stems as they were written, and what the master measures.
type Levels = (Vec<Vec<Option<f64>>>, Analysis);

fn mastered(stems: &Stems, plan: &Plan, request: &Request) -> Result<Levels, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let output = StemsOutput { folder: folder.path().to_owned(), ..StemsOutput::default() };
    let made = stems.master(plan, request, &output, &mut ())?;
    let levels = made.stems.iter().map(|file| levels_of(decoded(&file.path)?));
    Ok((levels.collect::<Result<_, _>>()?, made.master.after.analysis.clone()))
}

fn levels_of(audio: Audio) -> Result<Vec<Option<f64>>, Box<dyn Error>> {
    Ok(acetate::analyze(&Source::from_audio(audio))?.analysis.spectrum.level_db)
}

fn tone_off_db(one: &Analysis, other: &Analysis) -> f64 {
    third_octave_error_db(one, other).unwrap_or(f64::NAN)
}
