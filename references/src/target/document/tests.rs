//! What must hold of documents.

use super::*;

const MINE: &str = r#"{ "schema": "acetate.target/1", "id": "mine", "name": "Mine",
    "integrated_lufs": -12.0, "loudness_rule": "target", "tolerance_lu": 0.5, "true_peak_dbtp": -1.0,
    "source": "me", "checked": "2026-11-20", "confidence": "custom" }"#;

#[track_caller]
fn refused(from: &str, to: &str) -> String {
    let document = MINE.replace(from, to);
    assert_ne!(document, MINE, "the replacement must change something");
    Target::parse(&document).unwrap_err().to_string()
}

#[test]
fn every_shipped_target_passes_the_validation_of_foreign_ones() {
    assert_eq!(targets().len(), 21);
    for target in targets() {
        let json = serde_json::to_string(target).unwrap();
        assert_eq!(Target::parse(&json).as_ref(), Ok(target));
    }
}

#[test]
fn the_promised_numbers_are_the_shipped_ones() {
    let promised = [
        ("streaming", Some(-14.0), -1.0),
        ("loud", Some(-9.0), -1.0),
        ("spotify", Some(-14.0), -1.0),
        ("spotify-loud", Some(-11.0), -1.0),
        ("apple-music", Some(-16.0), -1.0),
        ("apple-digital-masters", None, -1.0),
        ("youtube", Some(-14.0), -1.0),
        ("tidal", Some(-14.0), -1.0),
        ("amazon-music", Some(-14.0), -2.0),
        ("deezer", Some(-15.0), -1.0),
        ("soundcloud", None, -1.0),
        ("bandcamp", None, -1.0),
        ("podcast", Some(-16.0), -1.0),
        ("podcast-mono", Some(-19.0), -1.0),
        ("ebu-r128", Some(-23.0), -1.0),
        ("atsc-a85", Some(-24.0), -2.0),
        ("aes-td1008", Some(-16.0), -1.0),
        ("cd", Some(-9.0), -0.3),
        ("club", Some(-8.0), -0.3),
        ("vinyl", Some(-14.0), -3.0),
        ("acx", None, -3.0),
    ];
    for (id, lufs, dbtp) in promised {
        let target = target(id).unwrap_or_else(|| panic!("{id} is missing"));
        assert_eq!((target.integrated_lufs, target.true_peak_dbtp), (lufs, dbtp), "{id}");
    }
}

#[test]
fn a_playback_level_is_told_from_a_delivery_rule() {
    let of = |kind| targets().iter().filter(move |target| target.loudness_rule == kind);
    let ids = |kind| of(kind).map(|target| target.id.as_str()).collect::<Vec<_>>();
    assert_eq!(
        ids(RuleKind::Target),
        ["podcast", "podcast-mono", "ebu-r128", "atsc-a85", "aes-td1008"]
    );
    assert_eq!(ids(RuleKind::Limit), ["vinyl"]);
    assert_eq!(ids(RuleKind::Usual), ["loud", "cd", "club"]);
    assert_eq!(ids(RuleKind::Playback).len(), 8);
}

#[test]
fn a_master_louder_than_the_playback_level_has_the_lower_ceiling() {
    let loud = target("spotify-loud").unwrap();
    assert_eq!([-14.0, -11.0].map(|lufs| loud.ceiling_dbtp_at(lufs)), [-1.0, -2.0]);
    assert_eq!(target("loud").unwrap().ceiling_dbtp_at(-9.0), -1.0);
}

#[test]
fn broadcast_counts_one_channel_as_its_text_says_and_players_play_it_twice() {
    let single = ["podcast-mono", "ebu-r128", "atsc-a85", "acx"];
    for target in targets() {
        let expected = if single.contains(&target.id.as_str()) { Mono::Single } else { Mono::Dual };
        assert_eq!(target.mono, expected, "{}", target.id);
    }
    assert_eq!(Target::parse(MINE).unwrap().mono, Mono::Dual);
}

#[test]
fn a_misspelt_key_is_named() {
    let message = refused("true_peak_dbtp", "true_peek_dbtp");
    assert!(message.contains("true_peek_dbtp"), "{message}");
}

#[test]
fn the_path_of_a_wrong_value_is_named() {
    let message = refused(r#""id": "mine","#, r#""id": "mine", "format": { "bits": ["many"] },"#);
    assert!(message.contains("format.bits[0]"), "{message}");
}

#[test]
fn a_rule_without_a_number_is_refused() {
    assert!(refused("-12.0", "null").contains("contradict"));
    assert!(refused("\"target\"", "\"none\"").contains("contradict"));
}

#[test]
fn a_ceiling_above_full_scale_is_refused_with_its_bounds() {
    let message = refused("-1.0", "0.5");
    assert_eq!(message, "true_peak_dbtp is 0.5, it must lie between -20 and 0");
}
