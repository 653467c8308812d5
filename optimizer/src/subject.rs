//! What trials are rendered of: the song itself, or a medley that stands for it.

use std::borrow::Cow;

use acetate_analyzer::{Levels, LoudnessMeter, Measured};
use acetate_audio::units::db_to_amplitude;
use acetate_audio::{Audio, ReadError, Source};
use acetate_engine::settings::{CompressorSection, LimiterKind};
use acetate_engine::{LimiterTrace, Prepared, RenderError, Settings, prepare};

use crate::medley::Medley;
use crate::surrogate::{MASKED_CEILING_SHARE, Prediction, Surrogate};
use crate::wanted::Level;

/// Loudness that drive gains through the limiter over what it gains through a clipper (0.84 to 0.91 in three songs at -9 and -7 LUFS).
const LIMITED_SLOPE: f64 = 0.88;

/// A medley is taken for so much quieter than it tells: the song then comes out too loud rather than too quiet, and is turned down without
/// another render, LU.
const CAUTION_LU: f64 = 0.03;

/// A sound to render trials of, and what predicts them.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) source: &'a Source,
    pub(crate) measured: &'a Measured,
    pub(crate) surrogate: &'a Surrogate<'a>,
    /// Begin in the song and length of the stretches it is made of, s; none of the song itself.
    stretches: &'a [(f64, f64)],
    /// Length that noise over mask is spread over, s.
    duration_s: f64,
    /// The song that it stands for; `None` of the song itself.
    song: Option<&'a Subject<'a>>,
    /// Its renders are kept up to this size.
    pub(crate) keeps_bytes: u64,
    /// Song and medley before the drive, where both are held in memory.
    prepared: Option<Both<'a>>,
}

/// The same of a song and of its medley.
#[derive(Clone, Copy)]
struct Both<'a> {
    song: &'a Prepared,
    medley: &'a Prepared,
}

impl<'a> Subject<'a> {
    /// A whole song.
    pub(crate) fn song(
        source: &'a Source,
        measured: &'a Measured,
        surrogate: &'a Surrogate<'a>,
    ) -> Self {
        Self {
            source,
            measured,
            surrogate,
            stretches: &[],
            duration_s: source.duration_s(),
            song: None,
            keeps_bytes: 0,
            prepared: None,
        }
    }

    /// The same; its renders are kept up to this size.
    pub(crate) fn keeping(self, keeps_bytes: u64) -> Self {
        Self { keeps_bytes, ..self }
    }

    /// A medley of `song`.
    pub(crate) fn medley(
        medley: &'a Medley,
        surrogate: &'a Surrogate<'a>,
        song: &'a Subject<'a>,
    ) -> Self {
        Self {
            source: &medley.source,
            measured: &medley.measured,
            surrogate,
            stretches: &medley.stretches,
            duration_s: medley.source.duration_s() * medley.diluted,
            song: Some(song),
            keeps_bytes: 0,
            prepared: None,
        }
    }

    /// The same, knowing what song and medley are before the drive.
    pub(crate) fn with(self, song: &'a Prepared, medley: &'a Prepared) -> Self {
        let held = song.audio().is_some();
        Self { prepared: held.then_some(Both { song, medley }), ..self }
    }

    /// The song's settings for this sound: what they say of times in the song is said of those in a medley.
    fn adapted<'s>(&self, settings: &'s Settings) -> Cow<'s, Settings> {
        if self.is_whole() || settings.compressor.sections.is_empty() {
            return Cow::Borrowed(settings);
        }
        let mut adapted = settings.clone();
        let sections = &settings.compressor.sections;
        adapted.compressor.sections = CompressorSection::of_stretches(sections, self.stretches);
        Cow::Owned(adapted)
    }

    /// The sound before the drive.
    ///
    /// # Errors
    /// When it cannot be read again, or a setting is out of range.
    pub(crate) fn prepare(&self, settings: &Settings) -> Result<Prepared, RenderError> {
        prepare(self.source, &self.adapted(settings))
    }

    /// What the song's settings are expected to make of it.
    pub(crate) fn predict(&self, settings: &Settings) -> Prediction {
        self.surrogate.predict(&self.adapted(settings))
    }

    pub(crate) fn is_whole(&self) -> bool {
        self.song.is_none()
    }

    /// What `goal` asks about in the song, when a render of this measures `levels`: of a medley, what is predicted of the song, and what
    /// the same prediction was found to miss in the medley, with some caution.
    ///
    /// Where both are held before the drive, the prediction is that the limiter clips: that costs a hundredth of limiting, and misses about
    /// the same everywhere.
    pub(crate) fn reached(
        &self,
        goal: Level,
        settings: &Settings,
        levels: &Levels,
    ) -> Result<Option<f64>, ReadError> {
        let (here, Some(song)) = (goal.of(levels), self.song) else { return Ok(goal.of(levels)) };
        let (whole, part) = match self.prepared {
            Some(both) => {
                (clipped_lufs(both.song, settings)?, clipped_lufs(both.medley, settings)?)
            }
            None => (song.predicted_lufs(settings), self.predicted_lufs(settings)),
        };
        let unlike = |subject: &Self, lufs: Option<f64>| {
            let before = &subject.measured.analysis.loudness;
            Some(goal.before(subject.measured)? + lufs? - before.integrated_lufs?)
        };
        let unlike = unlike(song, whole).zip(unlike(self, part));
        Ok(here.zip(unlike).map(|(here, (song, medley))| here + song - medley - CAUTION_LU))
    }

    /// Loudness gained per decibel of drive, as predictions have it.
    pub(crate) fn slope(&self, settings: &Settings) -> Result<Option<f64>, ReadError> {
        const STEP_DB: f64 = 0.5;
        let at = |drive_db| {
            let settings = Settings { drive_db, ..settings.clone() };
            match self.prepared {
                Some(both) => clipped_lufs(both.medley, &settings),
                None => Ok(self.predicted_lufs(&settings)),
            }
        };
        let up = at(settings.drive_db + STEP_DB / 2.0)?;
        let down = at(settings.drive_db - STEP_DB / 2.0)?;
        let gains = if self.prepared.is_some() { LIMITED_SLOPE } else { 1.0 };
        Ok(up.zip(down).map(|(up, down)| gains * (up - down) / STEP_DB))
    }

    fn predicted_lufs(&self, settings: &Settings) -> Option<f64> {
        self.predict(settings).integrated_lufs
    }

    /// Noise over mask in the song, dB.
    pub(crate) fn damage_db(&self, trace: &LimiterTrace) -> Option<f64> {
        damage_db(trace, self.duration_s)
    }
}

/// Loudness, if the limiter clipped.
fn clipped_lufs(prepared: &Prepared, settings: &Settings) -> Result<Option<f64>, ReadError> {
    let gain = db_to_amplitude(settings.drive_db) as f32;
    let ceiling = db_to_amplitude(settings.limiter.ceiling_dbtp) as f32;
    let most = match settings.limiter.kind {
        LimiterKind::Off => f32::INFINITY,
        LimiterKind::Masked => ceiling * MASKED_CEILING_SHARE as f32,
        LimiterKind::Transparent | LimiterKind::Fast => ceiling,
    };
    let mut meter = LoudnessMeter::new(prepared.spec());
    let mut clipped = Audio::silence(prepared.spec(), 0);
    prepared.for_each_block::<ReadError>(&mut |block| {
        for (clipped, plane) in clipped.planes_mut().iter_mut().zip(block.planes()) {
            clipped.clear();
            clipped.extend(plane.iter().map(|sample| (gain * sample).clamp(-most, most)));
        }
        meter.push(&clipped);
        Ok(())
    })?;
    Ok(meter.finish().map(|lufs| lufs.0))
}

/// Noise-to-mask ratio of what the limiter changed, on the scale of PEAQ, in dB; `None` for limiters without a mask.
pub fn damage_db(trace: &LimiterTrace, duration_s: f64) -> Option<f64> {
    trace.masked.as_ref().map(|masked| masked.damage(duration_s).0)
}
