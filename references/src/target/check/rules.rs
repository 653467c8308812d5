//! The rules of a target, one by one.

use acetate_analyzer::{Analysis, codes};

use super::{CodecPeak, Evidence, Outcome, RuleCheck, number, outcome};
use crate::target::{ExtraRule, RuleKind, Target};

/// Meters differ by this much (EBU Tech 3341 allows 0.1 LU); a file is not failed for it.
const METER_LU: f64 = 0.1;
/// Highest correlation deficit of a low end that a lathe takes for mono: side 20 dB below mid.
const MONO_SIDE_MINUS_MID_DB: f64 = -20.0;
/// A level that stands for none.
const SILENCE_DB: f64 = -200.0;

/// Judges one file by one target.
pub(super) fn rules(
    analysis: &Analysis,
    target: &Target,
    evidence: Evidence<'_>,
) -> Vec<RuleCheck> {
    let mut checks = Vec::new();
    checks.extend(loudness(analysis, target));
    checks.push(true_peak(analysis, target));
    checks.extend(format(analysis, target));
    checks.extend(target.rules.iter().map(|rule| extra(rule, analysis, target, evidence)));
    let is_rule = |codec: &CodecPeak| {
        let named = |rule: &ExtraRule| matches!(rule, ExtraRule::NoClipsAfter { codec: known } if *known == codec.codec);
        target.rules.iter().any(named)
    };
    let others = evidence.codecs.iter().filter(|codec| !is_rule(codec));
    let is_asked = |codec: &CodecPeak| evidence.asked.contains(&codec.codec.as_str());
    checks.extend(others.map(|codec| after_codec(codec, is_asked(codec), target)));
    checks
}

/// A rule about a number that must lie between limits.
fn numeric(
    code: &str,
    rule: &str,
    measured: Option<f64>,
    limits: [Option<f64>; 2],
    unit: &str,
) -> RuleCheck {
    let within = |value: f64| {
        limits[0].is_none_or(|low| value >= low) && limits[1].is_none_or(|high| value <= high)
    };
    let outcome = match measured.map(within) {
        Some(true) => Outcome::Pass,
        Some(false) => Outcome::Fail,
        None => Outcome::NotChecked,
    };
    let wanted = wanted(limits, |value| number(value, 1));
    let text = match measured {
        Some(value) => {
            let shown = telling(value, limits);
            format!("{rule} is {shown} {unit}, the rule is {wanted} {unit}")
        }
        None => format!("{rule} could not be measured, the rule is {wanted} {unit}"),
    };
    RuleCheck {
        code: code.to_owned(),
        rule: rule.to_owned(),
        outcome,
        measured,
        limits,
        unit: unit.to_owned(),
        text: text.trim_end().to_owned(),
    }
}

/// The limits in words.
fn wanted(limits: [Option<f64>; 2], show: impl Fn(f64) -> String) -> String {
    match limits {
        [Some(low), Some(high)] => format!("{} to {}", show(low), show(high)),
        [None, Some(high)] => format!("at most {}", show(high)),
        [Some(low), None] => format!("at least {}", show(low)),
        [None, None] => "anything".to_owned(),
    }
}

/// A number with a decimal, and with as many as tell it from a limit that it breaks.
fn telling(value: f64, limits: [Option<f64>; 2]) -> String {
    let same = |limit: f64, decimals| number(value, decimals) == number(limit, decimals);
    let hides = |&decimals: &usize| {
        limits.into_iter().flatten().any(|limit| limit != value && same(limit, decimals))
    };
    let decimals = (1..3).find(|decimals| !hides(decimals)).unwrap_or(3);
    number(value, decimals)
}

fn loudness(analysis: &Analysis, target: &Target) -> Option<RuleCheck> {
    let lufs = target.integrated_lufs?;
    let reach = target.tolerance_lu + METER_LU;
    let low = (target.loudness_rule != RuleKind::Limit).then_some(lufs - reach);
    let measured = analysis.loudness.integrated_lufs;
    let mut checked = numeric("D101", "loudness", measured, [low, Some(lufs + reach)], "LUFS");
    if let (Outcome::Fail, Some(measured)) = (checked.outcome, measured)
        && let Some(text) = what_happens(target, lufs, measured)
    {
        checked.outcome = Outcome::Notice;
        checked.text = format!("loudness is {} LUFS: {text}", number(measured, 1));
    }
    Some(checked)
}

/// What becomes of a loudness that nobody refuses; `None` when the target does.
fn what_happens(target: &Target, lufs: f64, measured: f64) -> Option<String> {
    let distance_db = number((measured - lufs).abs(), 1);
    let level = number(lufs, 1);
    match target.loudness_rule {
        RuleKind::Playback if measured > lufs => {
            Some(format!("it will be turned down {distance_db} dB, to {level} LUFS"))
        }
        RuleKind::Playback => Some(format!(
            "{distance_db} dB below the playback level of {level} LUFS; some players raise it, others leave it"
        )),
        RuleKind::Usual => {
            let way = if measured > lufs { "above" } else { "below" };
            Some(format!("{distance_db} dB {way} what is usual, {level} LUFS"))
        }
        RuleKind::Target | RuleKind::Limit | RuleKind::None => None,
    }
}

fn true_peak(analysis: &Analysis, target: &Target) -> RuleCheck {
    // Silence has no peak, and breaks no rule about one.
    let measured = highest_peak_dbtp(analysis).or(Some(SILENCE_DB));
    numeric("D102", "true peak", measured, [None, Some(target.true_peak_dbtp)], "dBTP")
}

/// The higher of the two readings of the true peak.
fn highest_peak_dbtp(analysis: &Analysis) -> Option<f64> {
    let loudness = &analysis.loudness;
    let readings = [loudness.true_peak_dbtp, loudness.true_peak_bs1770_dbtp];
    readings.into_iter().flatten().reduce(f64::max)
}

fn format(analysis: &Analysis, target: &Target) -> Vec<RuleCheck> {
    let (format, rules) = (&analysis.format, &target.format);
    let containers: Vec<String> =
        rules.containers.iter().map(|container| format!("{container:?}").to_lowercase()).collect();
    let rates: Vec<String> = rules.sample_rates_hz.iter().map(u32::to_string).collect();
    let bits: Vec<String> = rules.bits.iter().map(u16::to_string).collect();
    let container =
        format.container.as_deref().map(|name| if name == "rf64" { "wav" } else { name });
    // Lossy codecs have no word length to be wrong.
    let bits = if format.bits.is_none() { Vec::new() } else { bits };
    let depth = format.bits.map(|bits| bits.to_string());
    let in_memory = container.is_none() && !containers.is_empty();
    let containers = if in_memory { Vec::new() } else { containers };
    let unjudged = in_memory.then(|| unchecked("D103", "file format", "the sound is no file yet"));
    let judged = [
        ("D103", "file format", containers, container.map(str::to_owned)),
        ("D104", "sample rate", rates, Some(format.sample_rate_hz.to_string())),
        ("D105", "bits a sample", bits, depth),
    ]
    .into_iter()
    .filter(|(_, _, allowed, _)| !allowed.is_empty())
    .map(|(code, rule, allowed, found)| one_of(code, rule, &allowed, found));
    unjudged.into_iter().chain(judged).collect()
}

/// A rule about a word that must be one of several.
fn one_of(code: &str, rule: &str, allowed: &[String], found: Option<String>) -> RuleCheck {
    let fits = found.as_ref().is_some_and(|found| allowed.contains(found));
    let shown = found.clone().unwrap_or_else(|| "unknown".to_owned());
    RuleCheck {
        code: code.to_owned(),
        rule: rule.to_owned(),
        outcome: if fits { Outcome::Pass } else { Outcome::Fail },
        measured: found.and_then(|found| found.parse().ok()),
        limits: [None, None],
        unit: String::new(),
        text: format!("{rule} is {shown}, the rule is {}", allowed.join(" or ")),
    }
}

fn extra(
    rule: &ExtraRule,
    analysis: &Analysis,
    target: &Target,
    evidence: Evidence<'_>,
) -> RuleCheck {
    let loudness = &analysis.loudness;
    match rule {
        ExtraRule::Mono {} => {
            let mono = analysis.format.channels == 1 || analysis.source.dual_mono;
            let channels = if mono { 1.0 } else { analysis.format.channels as f64 };
            numeric("D106", "number of different channels", Some(channels), [None, Some(1.0)], "")
        }
        ExtraRule::LowEndMono { below_hz } => {
            let measured = low_side_minus_mid_db(analysis, *below_hz);
            let limits = [None, Some(MONO_SIDE_MINUS_MID_DB)];
            numeric(
                "D107",
                &format!("side against mid below {below_hz:.0} Hz"),
                measured,
                limits,
                "dB",
            )
        }
        ExtraRule::RmsBetween { low_dbfs, high_dbfs } => {
            let measured = analysis.rms_dbfs();
            numeric("D108", "RMS level", measured, [Some(*low_dbfs), Some(*high_dbfs)], "dBFS")
        }
        ExtraRule::NoiseFloorAtMost { level_dbfs } => {
            let measured = analysis.source.noise_floor_dbfs;
            numeric("D109", "noise floor", measured, [None, Some(*level_dbfs)], "dBFS")
        }
        ExtraRule::LowerPeakWhenLouder { than_lufs, true_peak_dbtp } => {
            let louder = loudness.integrated_lufs.is_some_and(|lufs| lufs > than_lufs + METER_LU);
            let rule = format!("true peak of a master louder than {than_lufs:.0} LUFS");
            let limits = [None, Some(*true_peak_dbtp)];
            let mut checked = numeric("D110", &rule, highest_peak_dbtp(analysis), limits, "dBTP");
            if !louder {
                return met("D110", &rule, "does not apply: the master is not louder");
            }
            if checked.outcome == Outcome::Fail {
                // Advice for the platform's encoder: nothing is refused for it.
                checked.outcome = Outcome::Warn;
            }
            checked
        }
        ExtraRule::NoClipsAfter { codec } => {
            match evidence.codecs.iter().find(|known| known.codec == *codec) {
                Some(measured) => after_codec(measured, true, target),
                None => unchecked(
                    "D111",
                    &format!("no clips after {codec}"),
                    "it was not sent through the codec",
                ),
            }
        }
        ExtraRule::LimitingAtMost { reduction_db } => match evidence.limiting_db {
            Some(taken) => {
                numeric("D112", "limiting", Some(taken), [None, Some(*reduction_db)], "dB")
            }
            None => unchecked(
                "D112",
                "limiting",
                "a finished file does not tell how much it was limited",
            ),
        },
        ExtraRule::SideLengthAtMost { minutes, record } => {
            let measured = Some(analysis.format.duration_s / 60.0);
            numeric(
                "D113",
                &format!("length for {record}"),
                measured,
                [None, Some(*minutes)],
                "min",
            )
        }
        ExtraRule::AlbumLoudest { .. } => {
            unchecked("D114", "loudest track of the album", "one file does not tell")
        }
        ExtraRule::Speech { .. } => {
            unchecked("D115", "loudness of speech", "it applies to speech alone")
        }
        ExtraRule::SibilanceCheck {} => sibilance(analysis),
    }
}

/// Sharp "s" sounds, as the analyzer finds them.
fn sibilance(analysis: &Analysis) -> RuleCheck {
    let sharp = analysis.findings.iter().find(|finding| finding.code == codes::SIBILANCE);
    match sharp {
        Some(finding) => RuleCheck {
            outcome: Outcome::Fail,
            text: finding.text.clone(),
            ..met("D116", "sibilance", "")
        },
        None => met("D116", "sibilance", "no sharp s sounds were found"),
    }
}

fn met(code: &str, rule: &str, text: &str) -> RuleCheck {
    outcome(code, rule, Outcome::Pass, text)
}

fn unchecked(code: &str, rule: &str, why: &str) -> RuleCheck {
    outcome(code, rule, Outcome::NotChecked, &format!("not checked, {why}"))
}

/// The side against the mid over the bands that lie below a frequency.
fn low_side_minus_mid_db(analysis: &Analysis, below_hz: f64) -> Option<f64> {
    let spectrum = &analysis.spectrum;
    let highest = |levels: &[Option<f64>]| {
        let below = spectrum.third_octave_hz.iter().zip(levels).filter(|(hz, _)| **hz < below_hz);
        below.filter_map(|(_, level)| *level).reduce(f64::max)
    };
    let mid = highest(&spectrum.mid_level_db)?;
    highest(&spectrum.side_level_db).map(|side| side - mid).or(Some(SILENCE_DB))
}

fn after_codec(codec: &CodecPeak, asked: bool, target: &Target) -> RuleCheck {
    let rule = format!("true peak after {}", codec.codec);
    if let Some(why) = &codec.not_checked {
        return unchecked("D111", &rule, why);
    }
    // Full scale: from there on the listener's decoder clips. A target's ceiling is about the delivered file.
    let peak_dbtp = codec.true_peak_dbtp.unwrap_or(SILENCE_DB);
    let mut checked = numeric("D111", &rule, Some(peak_dbtp), [None, Some(0.0)], "dBTP");
    if checked.outcome == Outcome::Fail && !asked {
        checked.outcome = Outcome::Warn;
    }
    checked.text = format!(
        "{rule} is {} dBTP (the file's own limit is {} dBTP)",
        number(peak_dbtp, 1),
        number(target.true_peak_dbtp, 1)
    );
    checked
}

#[cfg(test)]
pub(super) mod tests;
