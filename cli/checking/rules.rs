//! The rules of a target, one by one.

use acetate_analyzer::{Analysis, codes};
use acetate_references::Target;
use acetate_references::target::{ExtraRule, RuleKind};

use super::codec::CodecPeak;
use super::{Outcome, RuleCheck, TargetCheck};
use crate::numbers::number;

/// Meters differ by this much (EBU Tech 3341 allows 0.1 LU); a file is not failed for it.
const METER_LU: f64 = 0.1;
/// Highest correlation deficit of a low end that a lathe takes for mono: side 20 dB below mid.
const MONO_SIDE_MINUS_MID_DB: f64 = -20.0;
/// A level that stands for none.
const SILENCE_DB: f64 = -200.0;

/// Checks one file against one target. Peaks after a codec that was `asked` for make or break it; others are worth
/// knowing.
pub(crate) fn check(
    analysis: &Analysis,
    target: &Target,
    codecs: &[CodecPeak],
    asked: &[&str],
) -> TargetCheck {
    let mut checks = Vec::new();
    checks.extend(loudness(analysis, target));
    checks.push(true_peak(analysis, target));
    checks.extend(format(analysis, target));
    checks.extend(target.rules.iter().map(|rule| extra(rule, analysis, target, codecs)));
    let is_rule = |codec: &CodecPeak| {
        let named = |rule: &ExtraRule| matches!(rule, ExtraRule::NoClipsAfter { codec: known } if *known == codec.codec);
        target.rules.iter().any(named)
    };
    let others = codecs.iter().filter(|codec| !is_rule(codec));
    let is_asked = |codec: &CodecPeak| asked.contains(&codec.codec.as_str());
    checks.extend(others.map(|codec| after_codec(codec, is_asked(codec), target)));
    TargetCheck::of(&target.id, checks)
}

/// A rule about a number that must lie between limits.
fn numeric(
    code: &str,
    rule: &str,
    measured: Option<f64>,
    limits: [Option<f64>; 2],
    unit: &str,
) -> RuleCheck {
    let fits = measured.map(|value| {
        limits[0].is_none_or(|low| value >= low) && limits[1].is_none_or(|high| value <= high)
    });
    let outcome = match fits {
        Some(true) => Outcome::Pass,
        Some(false) => Outcome::Fail,
        None => Outcome::NotChecked,
    };
    let show = |value: f64| number(Some(value), 1);
    let wanted = match limits {
        [Some(low), Some(high)] => format!("{} to {}", show(low), show(high)),
        [None, Some(high)] => format!("at most {}", show(high)),
        [Some(low), None] => format!("at least {}", show(low)),
        [None, None] => "anything".to_owned(),
    };
    let text = match measured {
        Some(value) => format!("{rule} is {} {unit}, the rule is {wanted} {unit}", show(value)),
        None => format!("{rule} could not be measured, the rule is {wanted} {unit}"),
    };
    RuleCheck {
        code: code.to_owned(),
        rule: rule.to_owned(),
        outcome,
        measured,
        limits,
        unit: unit.to_owned(),
        text,
    }
}

fn loudness(analysis: &Analysis, target: &Target) -> Option<RuleCheck> {
    let lufs = target.integrated_lufs?;
    let reach = target.tolerance_lu + METER_LU;
    let low = (target.loudness_rule == RuleKind::Target).then_some(lufs - reach);
    let measured = analysis.loudness.integrated_lufs;
    Some(numeric("D101", "loudness", measured, [low, Some(lufs + reach)], "LUFS"))
}

fn true_peak(analysis: &Analysis, target: &Target) -> RuleCheck {
    // Silence has no peak, and breaks no rule about one.
    let measured = analysis.loudness.true_peak_dbtp.or(Some(SILENCE_DB));
    numeric("D102", "true peak", measured, [None, Some(target.true_peak_dbtp)], "dBTP")
}

fn format(analysis: &Analysis, target: &Target) -> Vec<RuleCheck> {
    let (format, rules) = (&analysis.format, &target.format);
    let containers: Vec<String> =
        rules.containers.iter().map(|container| format!("{container:?}").to_lowercase()).collect();
    let rates: Vec<String> = rules.sample_rates_hz.iter().map(u32::to_string).collect();
    let bits: Vec<String> = rules.bits.iter().map(u16::to_string).collect();
    let container =
        format.container.as_deref().map(|name| if name == "rf64" { "wav" } else { name });
    let depth = format.bits.map(|bits| bits.to_string());
    [
        ("D103", "file format", containers, container.map(str::to_owned)),
        ("D104", "sample rate", rates, Some(format.sample_rate_hz.to_string())),
        ("D105", "bits a sample", bits, depth),
    ]
    .into_iter()
    .filter(|(_, _, allowed, _)| !allowed.is_empty())
    .map(|(code, rule, allowed, found)| one_of(code, rule, &allowed, found))
    .collect()
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
    codecs: &[CodecPeak],
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
            let rms = loudness.sample_peak_dbfs.zip(analysis.dynamics.crest_factor_db);
            let measured = rms.map(|(peak, crest)| peak - crest);
            numeric("D108", "RMS level", measured, [Some(*low_dbfs), Some(*high_dbfs)], "dBFS")
        }
        ExtraRule::NoiseFloorAtMost { level_dbfs } => {
            let measured = analysis.source.noise_floor_dbfs;
            numeric("D109", "noise floor", measured, [None, Some(*level_dbfs)], "dBFS")
        }
        ExtraRule::LowerPeakWhenLouder { than_lufs, true_peak_dbtp } => {
            let louder = loudness.integrated_lufs.is_some_and(|lufs| lufs > than_lufs + METER_LU);
            let rule = format!("true peak of a master louder than {than_lufs:.0} LUFS");
            if louder {
                numeric(
                    "D110",
                    &rule,
                    loudness.true_peak_dbtp,
                    [None, Some(*true_peak_dbtp)],
                    "dBTP",
                )
            } else {
                met("D110", &rule, "does not apply: the master is not louder")
            }
        }
        ExtraRule::NoClipsAfter { codec } => match codecs.iter().find(|c| c.codec == *codec) {
            Some(measured) => after_codec(measured, true, target),
            None => {
                unchecked("D111", &format!("no clips after {codec}"), "name the codec with --codec")
            }
        },
        ExtraRule::LimitingAtMost { .. } => {
            unchecked("D112", "limiting", "a finished file does not tell how much it was limited")
        }
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
    RuleCheck {
        code: code.to_owned(),
        rule: rule.to_owned(),
        outcome: Outcome::Pass,
        measured: None,
        limits: [None, None],
        unit: String::new(),
        text: format!("{rule}: {text}"),
    }
}

fn unchecked(code: &str, rule: &str, why: &str) -> RuleCheck {
    RuleCheck { outcome: Outcome::NotChecked, ..met(code, rule, &format!("not checked, {why}")) }
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
    let peak_dbtp = codec.true_peak_dbtp.or(Some(SILENCE_DB));
    let mut checked = numeric("D111", &rule, peak_dbtp, [None, Some(0.0)], "dBTP");
    if checked.outcome == Outcome::Fail && !asked {
        checked.outcome = Outcome::Warn;
    }
    checked.text = format!(
        "{rule} is {} dBTP (the file's own limit is {} dBTP)",
        number(peak_dbtp, 1),
        number(Some(target.true_peak_dbtp), 1)
    );
    checked
}

#[cfg(test)]
mod tests {
    use super::*;
    use acetate_references::target::target;

    fn analysis(lufs: f64, peak_dbtp: f64) -> Analysis {
        let mut analysis: Analysis = serde_json::from_value(serde_json::json!({
            "schema": "acetate.analysis/1",
            "format": { "container": "wav", "codec": "pcm", "sample_rate_hz": 48000, "bits": 24, "channels": 2,
                        "duration_s": 200.0, "frames": 9600000 },
            "loudness": {}, "dynamics": { "bands": [] },
            "spectrum": { "third_octave_hz": [], "level_db": [], "mid_level_db": [], "side_level_db": [], "spread_db": [] },
            "stereo": { "bands": [] },
            "source": { "lossy_suspected": false, "limited_suspected": false, "clipped_runs": 0, "dc_offset": 0.0,
                        "clicks": 0, "hum_lines": [], "leading_silence_s": 0.0, "trailing_silence_s": 0.0, "dual_mono": false },
            "findings": []
        }))
        .unwrap();
        analysis.loudness.integrated_lufs = Some(lufs);
        analysis.loudness.true_peak_dbtp = Some(peak_dbtp);
        analysis
    }

    #[track_caller]
    fn fails(analysis: &Analysis, id: &str, codes: &[&str]) {
        let checked = check(analysis, target(id).unwrap(), &[], &[]);
        let failed: Vec<_> = checked.checks.iter().filter(|c| c.outcome == Outcome::Fail).collect();
        assert_eq!(failed.iter().map(|c| c.code.as_str()).collect::<Vec<_>>(), codes, "{failed:?}");
        assert_eq!(checked.ok, codes.is_empty());
    }

    #[test]
    fn a_delivery_on_target_passes_and_each_deviation_has_its_code() {
        fails(&analysis(-14.0, -1.0), "streaming", &[]);
        fails(&analysis(-23.7, -3.0), "ebu-r128", &["D101"]);
        fails(&analysis(-23.0, -0.9), "ebu-r128", &["D102"]);
        fails(&analysis(-9.0, -0.5), "cd", &["D104", "D105"]);
    }

    #[test]
    fn a_loud_master_for_spotify_needs_more_headroom() {
        fails(&analysis(-13.5, -1.5), "spotify", &["D110"]);
        fails(&analysis(-14.0, -1.5), "spotify", &[]);
    }

    #[test]
    fn what_cannot_be_checked_is_said_and_does_not_fail() {
        let checked = check(&analysis(-14.0, -3.0), target("vinyl").unwrap(), &[], &[]);
        assert!(checked.checks.iter().any(|check| check.outcome == Outcome::NotChecked));
        let missing = [after("aac256", None)];
        let checked = check(&analysis(-14.0, -1.0), target("streaming").unwrap(), &missing, &[]);
        assert!(checked.ok && checked.checks.iter().any(|check| check.text.contains("no ffmpeg")));
    }

    fn after(codec: &str, true_peak_dbtp: Option<f64>) -> CodecPeak {
        CodecPeak {
            codec: codec.into(),
            encoder: None,
            true_peak_dbtp,
            integrated_lufs: None,
            not_checked: true_peak_dbtp.is_none().then(|| "no ffmpeg".into()),
        }
    }

    #[test]
    fn peaks_after_a_codec_break_a_rule_that_was_asked_for_and_are_worth_knowing_otherwise() {
        let over = [after("aac256", Some(0.3))];
        let outcome = |asked: &[&str]| {
            let checked = check(&analysis(-14.0, -1.0), target("streaming").unwrap(), &over, asked);
            (checked.ok, checked.checks.last().unwrap().outcome)
        };
        assert_eq!(outcome(&[]), (true, Outcome::Warn));
        assert_eq!(outcome(&["aac256"]), (false, Outcome::Fail));
    }
}
