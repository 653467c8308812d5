//! Each rule, met and broken.

use super::super::{TargetCheck, check};
use super::*;
use crate::target::target;

/// A whole 24-bit file of which no more is known.
pub(crate) fn analysis(lufs: f64, peak_dbtp: f64) -> Analysis {
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

fn plain(analysis: &Analysis, id: &str) -> TargetCheck {
    check(analysis, target(id).unwrap(), Evidence::default())
}

/// How the rule of that code came out, and what is said about it.
fn judged(checked: &TargetCheck, code: &str) -> (Outcome, String) {
    let check = checked.checks.iter().find(|check| check.code == code).unwrap();
    (check.outcome, check.text.clone())
}

#[track_caller]
fn fails(analysis: &Analysis, id: &str, codes: &[&str]) {
    let checked = plain(analysis, id);
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
fn a_playback_level_is_a_notice_and_a_delivery_rule_a_failure() {
    let loud = plain(&analysis(-10.6, -2.0), "spotify");
    let (outcome, text) = judged(&loud, "D101");
    assert_eq!(
        (outcome, text.as_str(), loud.ok),
        (
            Outcome::Notice,
            "loudness is -10.6 LUFS: it will be turned down 3.4 dB, to -14.0 LUFS",
            true
        )
    );
    let quiet = judged(&plain(&analysis(-17.0, -2.0), "youtube"), "D101");
    assert!(quiet.0 == Outcome::Notice && quiet.1.contains("3.0 dB below"), "{quiet:?}");
    let usual = judged(&plain(&analysis(-12.0, -2.0), "club"), "D101");
    assert!(usual.0 == Outcome::Notice && usual.1.contains("4.0 dB below"), "{usual:?}");
    for delivery in ["ebu-r128", "atsc-a85", "podcast", "podcast-mono", "aes-td1008"] {
        let judged = judged(&plain(&analysis(-10.6, -2.0), delivery), "D101");
        assert_eq!(judged.0, Outcome::Fail, "{delivery}");
    }
    // A limit: below is fine.
    assert_eq!(judged(&plain(&analysis(-20.0, -4.0), "vinyl"), "D101").0, Outcome::Pass);
}

#[test]
fn a_loud_master_for_spotify_is_warned_of_its_peaks() {
    let loud = plain(&analysis(-13.5, -1.5), "spotify");
    assert_eq!((judged(&loud, "D110").0, loud.ok), (Outcome::Warn, true));
    let quiet = plain(&analysis(-14.0, -1.5), "spotify");
    assert_eq!(judged(&quiet, "D110").0, Outcome::Pass);
}

#[test]
fn the_window_of_an_audiobook_is_judged_on_rms_and_noise() {
    let mut speech = analysis(-19.0, -4.0);
    speech.format.bits = Some(16);
    speech.format.sample_rate_hz = 44_100;
    speech.loudness.sample_peak_dbfs = Some(-4.0);
    speech.dynamics.crest_factor_db = Some(16.0);
    speech.source.noise_floor_dbfs = Some(-70.0);
    fails(&speech, "acx", &[]);
    speech.dynamics.crest_factor_db = Some(20.0);
    speech.source.noise_floor_dbfs = Some(-55.0);
    fails(&speech, "acx", &["D108", "D109"]);
}

#[test]
fn the_word_length_of_an_mp3_is_no_question() {
    let mut coded = analysis(-19.0, -4.0);
    coded.format.bits = None;
    coded.format.container = Some("mp3".into());
    coded.format.sample_rate_hz = 44_100;
    let checked = plain(&coded, "acx");
    assert!(checked.checks.iter().all(|check| check.code != "D105"), "{checked:?}");
}

#[test]
fn sound_that_is_no_file_has_no_file_format_to_be_wrong() {
    let mut array = analysis(-14.0, -3.0);
    array.format.container = None;
    assert_eq!(judged(&plain(&array, "streaming"), "D103").0, Outcome::NotChecked);
    array.format.container = Some("mp3".into());
    assert_eq!(judged(&plain(&array, "streaming"), "D103").0, Outcome::Fail);
}

#[test]
fn how_much_was_limited_is_judged_where_it_is_known() {
    let limited = |limiting_db| {
        let evidence = Evidence { limiting_db, ..Evidence::default() };
        let checked = check(&analysis(-14.0, -3.0), target("vinyl").unwrap(), evidence);
        judged(&checked, "D112").0
    };
    assert_eq!(limited(None), Outcome::NotChecked);
    assert_eq!(limited(Some(0.8)), Outcome::Pass);
    assert_eq!(limited(Some(1.2)), Outcome::Fail);
}

#[test]
fn a_number_is_shown_with_the_decimals_that_tell_it_from_its_limit() {
    let (_, text) = judged(&plain(&analysis(-14.0, -0.98), "streaming"), "D102");
    assert_eq!(text, "true peak is -0.98 dBTP, the rule is at most -1.0 dBTP");
}

#[test]
fn what_cannot_be_checked_is_said_and_does_not_fail() {
    let checked = plain(&analysis(-14.0, -3.0), "vinyl");
    assert!(checked.checks.iter().any(|check| check.outcome == Outcome::NotChecked));
    let missing = [after("aac256", None)];
    let evidence = Evidence { codecs: &missing, ..Evidence::default() };
    let checked = check(&analysis(-14.0, -1.0), target("streaming").unwrap(), evidence);
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
        let evidence = Evidence { codecs: &over, asked, ..Evidence::default() };
        let checked = check(&analysis(-14.0, -1.0), target("streaming").unwrap(), evidence);
        (checked.ok, judged(&checked, "D111").0)
    };
    assert_eq!(outcome(&[]), (true, Outcome::Warn));
    assert_eq!(outcome(&["aac256"]), (false, Outcome::Fail));
}
