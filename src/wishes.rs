//! What is wanted as people write it: flat, by names, most of it left out.

use acetate_audio::Mono;
use acetate_engine::settings::{Bits, DitherKind, LimiterKind, OutputFormat};
use acetate_optimizer::{Amounts, Detail, FitOptions, Match};
use acetate_references::oneshot::Boldness;
use acetate_references::style::Style;
use acetate_references::{Profile, Target, Taste};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::check::codec::codec_named;
use crate::names::{profile_named, target_named};
use crate::output::{BitsWish, FileWish, RateWish};
use crate::{Error, Library, Request, system_named};

/// Everything that can be asked of a master, by the names of the program's options; what is left out is as the program has it.
///
/// This is what scripts, manifests and other languages write. [`Wishes::request`] looks up what it names.
///
/// ```
/// let wishes: acetate::Wishes = serde_json::from_str(r#"{"target": "spotify", "lufs": -11, "bits": 16}"#).unwrap();
/// let request = wishes.request(None)?;
/// assert_eq!(request.options.lufs, Some(-11.0));
/// # Ok::<(), acetate::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wishes {
    /// Delivery rules; streaming, where nothing is said.
    pub target: Option<NameOr>,
    /// Records to lean to.
    pub reference: Vec<RecordWish>,
    /// A record to take the tone from instead.
    pub reference_tone: Option<NameOr>,
    /// A record to take the dynamics from instead.
    pub reference_dynamics: Option<NameOr>,
    /// A record to take the width from instead.
    pub reference_width: Option<NameOr>,
    /// A built-in style, a style or a taste by its name or itself; the nearest style, where nothing is said.
    pub style: Option<NameOr>,
    /// What to take from the records.
    #[serde(rename = "match")]
    pub take: Option<Vec<Aspect>>,
    /// How a file of one channel is counted.
    pub mono: Option<Mono>,
    /// Loudness in place of the target's, LUFS.
    pub lufs: Option<f64>,
    /// True-peak ceiling in place of the target's, dBTP.
    pub ceiling_dbtp: Option<f64>,
    /// Systems for which the master may be changed, where that pays: `phone`, `mono`.
    pub for_systems: Vec<String>,
    /// Lossy codecs after which nothing is to pass full scale: `aac128`.
    pub codec: Vec<String>,
    /// How far to go in everything, percent.
    pub amount_pct: Option<f64>,
    /// How far the equaliser goes, percent.
    pub tone_pct: Option<f64>,
    /// How far the compressor goes, percent.
    pub dynamics_pct: Option<f64>,
    /// How far the stereo stage goes, percent.
    pub width_pct: Option<f64>,
    /// Room to add, percent.
    pub reverb_pct: Option<f64>,
    /// Harmonics to add, percent.
    pub saturation_pct: Option<f64>,
    /// Bound of the sum of the equaliser's bands, dB.
    pub max_eq_db: Option<f64>,
    /// Loudness stops where noise-to-mask would pass this, dB.
    pub max_damage_db: Option<f64>,
    /// Go on to the loudness whatever the damage.
    pub force: bool,
    /// How sure a fault must be before it is mended, without a record or style.
    pub one_shot: Option<Boldness>,
    /// How finely the equaliser follows a record.
    pub detail: Option<Detail>,
    /// A wider, slower search.
    pub thorough: bool,
    /// Which limiter.
    pub limiter: Option<LimiterKind>,
    /// Every random choice is drawn from it.
    pub seed: Option<u64>,
    /// File format.
    pub format: Option<OutputFormat>,
    /// Sample format: 16, 24, "32f" or "keep".
    pub bits: Option<OrKeep<Bits>>,
    /// Sample rate in Hz, or "keep".
    pub rate: Option<OrKeep<u32>>,
    /// Bit rate of a lossy format, kbit/s.
    pub bitrate_kbps: Option<u32>,
    /// Noise added before rounding.
    pub dither: Option<DitherKind>,
}

/// A document, or the name by which it is found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum NameOr {
    /// An id or a file.
    Name(String),
    /// The document itself, as JSON.
    Document(Value),
}

/// A record, and what it counts for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordWish {
    /// The record: a sound file, a profile, an id of the library.
    pub record: NameOr,
    /// Its weight; only ratios count.
    #[serde(default = "one")]
    pub weight: f64,
}

fn one() -> f64 {
    1.0
}

/// What can be taken from a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Aspect {
    /// Tonal balance.
    Tone,
    /// Compression.
    Dynamics,
    /// Stereo width.
    Width,
    /// Loudness.
    Loudness,
}

/// A value, or that of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "neither \"keep\" nor one of the values that there are")]
pub enum OrKeep<T> {
    /// This one.
    Exactly(T),
    /// That of the source.
    Keep(Keep),
}

/// The word for what the source has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keep {
    /// `keep`.
    Keep,
}

impl Wishes {
    /// Looks up and measures what is named; records are looked for in `library` first. Its records are also what a mix without
    /// a record or style is compared with.
    ///
    /// # Errors
    /// When a target, record or style is not there or not readable, or a number is out of its range.
    pub fn request(&self, library: Option<&Library>) -> Result<Request, Error> {
        self.over(Request::default(), library)
    }

    /// The same, where what is not wished for is as in `usual`; records that are wished for take the place of all of its own.
    ///
    /// # Errors
    /// Those of [`Wishes::request`].
    pub fn over(&self, usual: Request, library: Option<&Library>) -> Result<Request, Error> {
        let wrong = |reason: &dyn std::fmt::Display| Error::Document {
            name: "the document given".to_owned(),
            reason: reason.to_string(),
        };
        let profile = |record: &NameOr| match record {
            NameOr::Name(name) => profile_named(name, library),
            NameOr::Document(document) => {
                Profile::parse(&document.to_string()).map_err(|error| wrong(&error))
            }
        };
        let mut request = match &self.target {
            None => usual,
            Some(NameOr::Name(name)) => usual.with_target(target_named(name)?),
            Some(NameOr::Document(document)) => {
                let target = Target::parse(&document.to_string());
                usual.with_target(target.map_err(|error| wrong(&error))?)
            }
        };
        if !self.reference.is_empty() {
            request = request.without_records();
        }
        for RecordWish { record, weight } in &self.reference {
            request = request.reference_profile(profile(record)?, *weight);
        }
        for (record, with) in [
            (&self.reference_tone, Request::tone_of as fn(Request, Profile) -> Request),
            (&self.reference_dynamics, Request::dynamics_of),
            (&self.reference_width, Request::width_of),
        ] {
            if let Some(record) = record {
                request = with(request, profile(record)?);
            }
        }
        match &self.style {
            Some(NameOr::Name(name)) if !name.eq_ignore_ascii_case("auto") => {
                request = request.style_in(library, name)?;
            }
            Some(NameOr::Document(document)) => {
                let text = document.to_string();
                request = if Taste::is_meant(&text) {
                    request.to_taste(Taste::parse(&text).map_err(|error| wrong(&error))?)
                } else {
                    request.in_style(Style::parse(&text).map_err(|error| wrong(&error))?)
                };
            }
            _ => {}
        }
        if library.is_some() && !request.has_reference() && !request.has_style() {
            request = request.among_own_records(own_records(library));
        }
        request.take = self.take.as_deref().map(taken).or(request.take);
        request.mono = self.mono.or(request.mono);
        request.options = self.options(request.options);
        request.file = self.file(request.file);
        if !self.for_systems.is_empty() {
            let named = self.for_systems.iter().map(|name| system_named(name));
            request.for_systems = named.collect::<Result<_, Error>>()?;
        }
        if !self.codec.is_empty() {
            let named = self.codec.iter().map(|name| codec_named(name));
            request.codecs = named.collect::<Result<_, Error>>()?;
        }
        request.check()?;
        Ok(request)
    }

    /// How far to go in each respect; all the way, where nothing is said.
    pub fn amounts(&self) -> Amounts {
        self.amounts_over(Amounts::default())
    }

    fn amounts_over(&self, usual: Amounts) -> Amounts {
        Amounts {
            all: self.amount_pct.unwrap_or(usual.all),
            tone: self.tone_pct.unwrap_or(usual.tone),
            dynamics: self.dynamics_pct.unwrap_or(usual.dynamics),
            width: self.width_pct.unwrap_or(usual.width),
        }
    }

    fn options(&self, usual: FitOptions) -> FitOptions {
        FitOptions {
            amounts: self.amounts_over(usual.amounts),
            reverb_pct: self.reverb_pct.unwrap_or(usual.reverb_pct),
            saturation_pct: self.saturation_pct.unwrap_or(usual.saturation_pct),
            max_eq_db: self.max_eq_db.unwrap_or(usual.max_eq_db),
            max_damage_db: self.max_damage_db.unwrap_or(usual.max_damage_db),
            force: self.force || usual.force,
            one_shot: self.one_shot.unwrap_or(usual.one_shot),
            detail: self.detail.unwrap_or(usual.detail),
            thorough: self.thorough || usual.thorough,
            limiter: self.limiter.unwrap_or(usual.limiter),
            seed: self.seed.unwrap_or(usual.seed),
            lufs: self.lufs.or(usual.lufs),
            ceiling_dbtp: self.ceiling_dbtp.or(usual.ceiling_dbtp),
            ..usual
        }
    }

    fn file(&self, usual: FileWish) -> FileWish {
        let bits = self.bits.map(|bits| match bits {
            OrKeep::Exactly(bits) => BitsWish::Exactly(bits),
            OrKeep::Keep(_) => BitsWish::Keep,
        });
        let rate = self.rate.map(|rate| match rate {
            OrKeep::Exactly(hz) => RateWish::Hz(hz),
            OrKeep::Keep(_) => RateWish::Keep,
        });
        FileWish {
            format: self.format.or(usual.format),
            bits: bits.or(usual.bits),
            rate: rate.or(usual.rate),
            bitrate_kbps: self.bitrate_kbps.or(usual.bitrate_kbps),
            dither: self.dither.or(usual.dither),
        }
    }
}

/// The records of a library; none where there is none, or where it cannot be read.
fn own_records(library: Option<&Library>) -> Vec<Profile> {
    let listing = library.and_then(|library| library.list().ok());
    listing.map_or_else(Vec::new, |listing| listing.profiles)
}

fn taken(aspects: &[Aspect]) -> Match {
    Match {
        tone: aspects.contains(&Aspect::Tone),
        dynamics: aspects.contains(&Aspect::Dynamics),
        width: aspects.contains(&Aspect::Width),
        loudness: aspects.contains(&Aspect::Loudness),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wishes(document: serde_json::Value) -> Wishes {
        serde_json::from_value(document).unwrap()
    }

    #[test]
    fn nothing_wished_is_the_usual_request() {
        assert_eq!(Wishes::default().request(None).unwrap(), Request::default());
    }

    #[test]
    fn wishes_say_what_a_request_has() {
        let request = wishes(json!({
            "target": "spotify", "lufs": -11, "amount_pct": 50, "match": ["tone", "loudness"],
            "bits": 16, "rate": "keep", "format": "flac", "limiter": "fast", "detail": "broad", "one_shot": "bold",
        }))
        .request(None)
        .unwrap();
        assert_eq!(request.delivery().id, "spotify");
        assert_eq!(request.options.lufs, Some(-11.0));
        assert_eq!(request.options.amounts.all, 50.0);
        assert_eq!(request.options.one_shot, Boldness::Bold);
        assert_eq!(request.file.bits, Some(BitsWish::Exactly(Bits::Int16)));
        assert_eq!(request.file.rate, Some(RateWish::Keep));
        let take = request.take.unwrap();
        assert!(take.tone && take.loudness && !take.width && !take.dynamics);
    }

    #[test]
    fn records_for_one_aspect_each_need_no_other() {
        let plane: Vec<f32> = (0..96_000_u64).map(|n| (n * n % 97) as f32 / 97.0 - 0.5).collect();
        let song = crate::Song::from_samples("mix", 48_000, vec![plane; 2]).unwrap();
        let record = json!(Profile::from_measured("record", song.measured()));
        let wished = json!({ "reference_tone": record, "reference_width": record });
        let request = wishes(wished).request(None).unwrap();
        let take = request.fit_options().take;
        assert!(take.tone && take.width && !take.dynamics && !take.loudness);
        assert!(request.aim(song.analysis()).is_ok());
    }

    #[test]
    fn a_wish_that_nobody_knows_and_a_number_out_of_range_are_named() {
        let unknown = serde_json::from_value::<Wishes>(json!({ "loudness": -9 })).unwrap_err();
        assert!(unknown.to_string().contains("loudness"), "{unknown}");
        let wrong = wishes(json!({ "amount_pct": 151 })).request(None).unwrap_err();
        assert_eq!(wrong.to_string(), "amount is 151: it takes 0 to 150 %");
    }
}
