//! One question after the other, with nothing open, with a song, and with what is not offered.

use serde_json::{Value, json};

use super::*;

const RATE_HZ: u32 = 48_000;

fn tone(seconds: usize) -> Opening {
    let wave = |index: usize| {
        let (slow, fast) = (libm::sinf(index as f32 * 0.0137), libm::sinf(index as f32 * 0.31));
        (0.2 + 0.1 * libm::sinf(index as f32 * 1e-4)) * (slow + 0.3 * fast)
    };
    let plane: Vec<f32> = (0..seconds * RATE_HZ as usize).map(wave).collect();
    Song::opening_samples("tone.wav", RATE_HZ, vec![plane.clone(), plane]).unwrap()
}

fn ask(desk: &mut Desk, question: Value) -> Result<Answer, Error> {
    let ask: Ask = serde_json::from_value(question).unwrap();
    desk.ask(&ask, Output::memory(), &mut ())
}

fn said(answer: &Answer) -> Value {
    serde_json::from_str(&answer.json).unwrap()
}

#[test]
fn a_mix_is_opened_decided_heard_and_mastered() {
    let mut desk = Desk::default();
    let about = said(&desk.open(tone(6), 40, 3.0, &mut ()).unwrap());
    assert_eq!(about["wave"].as_array().unwrap().len(), 40);
    assert!(about["analysis"]["loudness"]["integrated_lufs"].is_f64());
    let wishes = json!({"target": "loud", "style": "auto", "format": "flac"});
    let plan = ask(&mut desk, json!({"what": "suggest", "wishes": wishes})).unwrap();
    assert_eq!(said(&plan)["schema"], "acetate.settings/1");
    assert_eq!(desk.output_name().as_deref(), Some("tone.loud.flac"));
    let question =
        json!({"what": "mastered", "changes": {"tone_pct": 50}, "begin": 1, "length": 2});
    let heard = ask(&mut desk, question).unwrap();
    assert_eq!(said(&heard)["frames"], 2 * RATE_HZ);
    assert_eq!(heard.sound.unwrap().audio.frames(), 2 * RATE_HZ as usize);
    let made = ask(&mut desk, json!({"what": "master"})).unwrap();
    let bytes = made.master.as_ref().unwrap().bytes().unwrap().to_vec();
    assert!(bytes.starts_with(b"fLaC") && said(&made)["verdict"]["met"].is_boolean());
    let changed = ask(&mut desk, json!({"what": "master", "changes": {"lufs": -12}})).unwrap();
    assert_ne!(changed.master.unwrap().bytes().unwrap(), bytes);
}

#[test]
fn what_is_asked_before_there_is_a_song_a_plan_or_a_record_says_so() {
    let mut desk = Desk::default();
    let wrong = |answer: Result<Answer, Error>| answer.unwrap_err().to_string();
    assert_eq!(
        wrong(ask(&mut desk, json!({"what": "curve"}))),
        "nothing was decided for this song yet"
    );
    let excerpt = json!({"what": "excerpt", "begin": 0, "length": 1});
    assert_eq!(wrong(ask(&mut desk, excerpt)), "no mix is open");
    desk.open(tone(2), 4, 1.0, &mut ()).unwrap();
    let matched = json!({"what": "suggest", "wishes": {}, "matched": true});
    assert_eq!(wrong(ask(&mut desk, matched)), "no record is open");
}

#[test]
fn wishes_name_what_is_offered_and_no_file() {
    let mut desk = Desk::default();
    desk.open(tone(2), 4, 1.0, &mut ()).unwrap();
    for wishes in [
        json!({"target": "/etc/target.json"}),
        json!({"target": "spotfy"}),
        json!({"style": "../style.json"}),
        json!({"reference": [{"record": "/etc/song.wav"}]}),
        json!({"reference_tone": "song.wav"}),
    ] {
        let question = json!({"what": "suggest", "wishes": wishes});
        let said = ask(&mut desk, question).unwrap_err().to_string();
        assert!(said.starts_with("there is no "), "{said}");
    }
}

#[test]
fn a_question_that_nobody_knows_is_refused() {
    for question in [json!({"what": "sing"}), json!({"what": "curve", "more": 1}), json!({})] {
        assert!(serde_json::from_value::<Ask>(question).is_err());
    }
}

#[test]
fn what_is_offered_can_be_wished_for() {
    let offers = offers();
    let ids = |key: &str| -> Vec<String> {
        let list = offers[key].as_array().unwrap().iter();
        list.map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    };
    for (key, list) in
        [("target", ids("targets")), ("style", ids("styles")), ("format", ids("formats"))]
    {
        assert!(list.len() >= 3);
        for id in list {
            let wishes: Wishes = serde_json::from_value(json!({key: id})).unwrap();
            super::offers::expect_offered(&wishes).unwrap();
        }
    }
}
