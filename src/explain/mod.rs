//! The long text for a finding, a measure, a word of the page or a setting.

mod elsewhere;
mod texts;

use acetate_engine::parameters::{Kind, PARAMETERS, Parameter};

use self::elsewhere::{ELSEWHERE, other_name, thing};
use self::texts::{EXPLANATIONS, Explanation};

/// The text about a code (`D101`), a term (`lufs`), a setting (`limiter.ceiling_dbtp`) or a move (`eq1`): a label as it is printed,
/// with its unit or number or without; `None` when nothing is known.
pub fn explain(term: &str) -> Option<String> {
    let wanted = term.strip_prefix("settings.").unwrap_or(term).trim();
    known(wanted).or_else(|| known(without_unit(wanted)))
}

fn known(wanted: &str) -> Option<String> {
    if let Some(knob) = PARAMETERS.iter().find(|knob| knob.key == wanted) {
        return Some(describe(knob));
    }
    // A word may stand for two things: `also` is a column here and an option there.
    let is_meant = |entry: &&Explanation| {
        entry.also.iter().chain([&entry.name]).any(|name| letters(name) == letters(wanted))
    };
    let own = entries().filter(is_meant).map(|entry| entry.text);
    let measure = acetate_analyzer::explain(wanted);
    let texts: Vec<&str> = measure.map_or_else(|| own.collect(), |text| vec![text]);
    let knobs = PARAMETERS.iter().filter(|knob| is_about(knob, wanted)).map(describe);
    let all: Vec<String> =
        texts.into_iter().map(str::to_owned).chain(thing(wanted)).chain(knobs).collect();
    match all.is_empty() {
        true => other_name(wanted),
        false => Some(all.join("\n")),
    }
}

/// All texts of this crate.
fn entries() -> impl Iterator<Item = &'static Explanation> {
    EXPLANATIONS.iter().chain(ELSEWHERE)
}

/// Is it the setting's last word, with its unit or without, or the stage that it belongs to?
fn is_about(knob: &Parameter, wanted: &str) -> bool {
    let (stage, name) = knob.key.rsplit_once('.').unwrap_or(("", knob.key));
    let wanted = letters(wanted);
    wanted == letters(name)
        || wanted == letters(stage)
        || wanted == letters(without_unit(&name.replace('_', " ")))
}

/// A label or a setting without its unit, or a move without its number: `crest dB`, `attack ms`, `eq1`.
fn without_unit(label: &str) -> &str {
    const UNITS: [&str; 13] = [
        "lufs", "lu", "dbtp", "dbfs", "dboctave", "dbrms", "dbremask", "db", "hz", "khz", "ms",
        "s", "pct",
    ];
    for (at, _) in label.match_indices([' ', ',']) {
        if UNITS.contains(&letters(&label[at..]).as_str()) {
            return &label[..at];
        }
    }
    label.trim_end_matches(|c: char| c.is_ascii_digit())
}

/// What counts of a name: `True peak` is `true_peak`.
fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// A setting: what it does, its unit and range.
fn describe(knob: &Parameter) -> String {
    let unit = if knob.unit.is_empty() { String::new() } else { format!(" {}", knob.unit) };
    let values = match knob.kind {
        Kind::Number(range) | Kind::Numbers(range) => {
            format!("From {} to {}{unit}; {} by default.", range.min, range.max, range.default)
        }
        Kind::Optional(range) | Kind::OptionalOr(range, _) => {
            format!("From {} to {}{unit}, or null for off.", range.min, range.max)
        }
        Kind::Choice { options, default } => {
            format!("One of {}; {default} by default.", options.join(", "))
        }
        Kind::Switch { default } => format!("true or false; {default} by default."),
        Kind::Text => "Any text.".to_owned(),
        Kind::List { entries_max } => format!("A list of at most {entries_max}."),
    };
    let doc = knob.doc.trim_end_matches('.');
    format!("settings.{}: {doc}. {values}", knob.key)
}

/// Everything that [`explain`] knows by its own name.
pub fn explained() -> impl Iterator<Item = String> {
    acetate_analyzer::explained()
        .map(str::to_owned)
        .chain(entries().map(|entry| entry.name.to_owned()))
        .chain(PARAMETERS.iter().map(|knob| knob.key.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_explained_by_its_key_its_name_and_its_stage() {
        for knob in PARAMETERS {
            let (stage, name) = knob.key.rsplit_once('.').unwrap_or(("drive", knob.key));
            for word in [knob.key, name, &name.replace('_', " "), stage] {
                assert!(explain(word).is_some(), "{word}");
            }
        }
    }

    #[test]
    fn labels_are_explained_with_their_units_and_numbers() {
        for label in ["Limiter noise", "Tone error", "crest dB", "attacks", "drive", "eq1", "comp2"]
        {
            assert!(explain(label).is_some(), "{label}");
        }
        assert!(explain("nonsense").is_none());
    }
}
