//! Valid settings from any bytes, by the engine's own parameter table.

use acetate_engine::parameters::{Kind, PARAMETERS, Parameter, Range, Scale};
use serde_json::{Map, Value, json};

/// Bytes to choose by; zeros once they are used up.
pub(crate) struct Choices<'a> {
    bytes: std::slice::Iter<'a, u8>,
}

impl<'a> Choices<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes: bytes.iter() }
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.bytes.next().copied().unwrap_or(0)
    }

    /// One of `count`.
    pub(crate) fn index(&mut self, count: usize) -> usize {
        usize::from(self.byte()) % count
    }

    fn share(&mut self) -> f64 {
        f64::from(u16::from_le_bytes([self.byte(), self.byte()])) / f64::from(u16::MAX)
    }

    fn number(&mut self, range: Range) -> Value {
        let share = self.share();
        let value = match range.scale {
            Scale::Linear => range.min + share * (range.max - range.min),
            Scale::Logarithmic => range.min * (range.max / range.min).powf(share),
            Scale::Multiples(step) => {
                let step = f64::from(step);
                ((range.min + share * (range.max - range.min)) / step).round() * step
            }
        };
        let value = value.clamp(range.min, range.max);
        if range.scale.step().is_some() { json!(value as u64) } else { json!(value) }
    }
}

/// A `settings` object that the engine must take.
pub(crate) fn settings(choices: &mut Choices<'_>) -> Value {
    let mut settings = object("", choices);
    // What single numbers cannot say: order, and counts that must fit.
    let bands = settings["compressor"]["bands"].as_array().map_or(0, Vec::len);
    let low_hz = 40.0 + choices.share() * 400.0;
    let crossovers: Vec<f64> = (1..bands).map(|band| low_hz * 4f64.powi(band as i32 - 1)).collect();
    settings["compressor"]["crossovers_hz"] = json!(crossovers);
    if let Some(sections) = settings["compressor"]["sections"].as_array_mut() {
        for (index, section) in sections.iter_mut().enumerate() {
            section["from_s"] = json!(0.01 * index as f64);
        }
    }
    if let Some(bands) = settings["stereo"]["bands"].as_array_mut() {
        let last = bands.len().saturating_sub(1);
        for (index, band) in bands.iter_mut().enumerate() {
            let end_hz = 60.0 * 2f64.powi(index as i32);
            band["below_hz"] = if index == last { Value::Null } else { json!(end_hz) };
        }
    }
    // A fraction of a second of sound: cut and faded within it, or nothing is left to look at.
    for (part, keys) in [("input", ["trim_start_s", "trim_end_s"]), ("fades", ["in_ms", "out_ms"])]
    {
        let longest = if part == "input" { 0.02 } else { 20.0 };
        for key in keys {
            settings[part][key] = json!(choices.share() * longest);
        }
    }
    settings
}

/// The keys directly below `prefix`, each with a value; entries of lists have ids of their own.
fn object(prefix: &str, choices: &mut Choices<'_>) -> Value {
    let mut object = Map::new();
    for parameter in PARAMETERS {
        let Some(rest) = parameter.key.strip_prefix(prefix) else { continue };
        match rest.split_once(['.', '[']) {
            Some((name, _)) if !object.contains_key(name) => {
                object.insert(name.to_owned(), self::object(&format!("{prefix}{name}."), choices));
            }
            Some(_) => {}
            None => {
                object.insert(rest.to_owned(), value(parameter, choices));
            }
        }
    }
    Value::Object(object)
}

fn value(parameter: &Parameter, choices: &mut Choices<'_>) -> Value {
    match parameter.kind {
        Kind::Numbers(_) => json!([]),
        Kind::Number(range) => choices.number(range),
        Kind::Optional(_) | Kind::OptionalOr(..) if choices.byte() < 128 => Value::Null,
        // Rates with a large common divisor: the others need filters of seconds.
        Kind::OptionalOr(..) => {
            json!([22_050, 44_100, 48_000, 96_000][choices.index(4)])
        }
        Kind::Optional(range) => choices.number(range),
        Kind::Choice { options, .. } => {
            let word = options[choices.index(options.len())];
            word.parse::<u32>().map_or_else(|_| json!(word), |number| json!(number))
        }
        Kind::Switch { .. } => json!(choices.byte() >= 128),
        Kind::Text => json!(format!("id{}", choices.bytes.len())),
        Kind::List { entries_max } => {
            let count = choices.index(entries_max.min(4) + 1);
            let prefix = format!("{}[].", parameter.key);
            (0..count).map(|index| entry(&prefix, index, choices)).collect()
        }
    }
}

fn entry(prefix: &str, index: usize, choices: &mut Choices<'_>) -> Value {
    let mut entry = object(prefix, choices);
    if entry.get("id").is_some() {
        entry["id"] = json!(format!("band{index}"));
    }
    entry
}
