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
    assert!(said(&made)["verdict"]["missed"].is_array());
    let changed = ask(&mut desk, json!({"what": "master", "changes": {"lufs": -12}})).unwrap();
    assert_ne!(changed.master.unwrap().bytes().unwrap(), bytes);
}

#[test]
fn the_stretch_that_is_heard_is_read_once_and_forgotten_with_its_song() {
    let mut desk = Desk::default();
    desk.open(tone(4), 4, 1.0, &mut ()).unwrap();
    let first = desk.stretch(1.0, 2.0).unwrap();
    assert!(Arc::ptr_eq(&first, &desk.stretch(1.0, 2.0).unwrap()));
    assert!(!Arc::ptr_eq(&first, &desk.stretch(1.5, 2.0).unwrap()));
    let again = desk.stretch(1.5, 2.0).unwrap();
    desk.open(tone(4), 4, 1.0, &mut ()).unwrap();
    assert!(!Arc::ptr_eq(&again, &desk.stretch(1.5, 2.0).unwrap()));
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

#[test]
fn an_audition_is_heard_answered_and_wished_for() {
    let mut desk = Desk::default();
    desk.open(tone(4), 4, 2.0, &mut ()).unwrap();
    let said = |answer: Result<Answer, Error>| -> Value {
        serde_json::from_str(&answer.unwrap().json).unwrap()
    };
    let wishes = json!({"style": "pop"});
    let mut now = said(ask(&mut desk, json!({"what": "audition", "wishes": wishes})));
    assert_eq!((&now["told"]["answered"], &now["told"]["done"]), (&json!(0), &json!(false)));
    for first in [true, false] {
        let question = json!({"what": "audition_heard", "wishes": wishes, "state": now["state"], "first": first, "begin": 1, "length": 2});
        assert_eq!(said(ask(&mut desk, question))["frames"], 2 * RATE_HZ);
    }
    for answer in ["first", "same", "second"] {
        let question = json!({"what": "audition_answer", "state": now["state"], "answer": answer});
        now = said(ask(&mut desk, question));
    }
    now = said(ask(&mut desk, json!({"what": "audition_answer", "state": now["state"]})));
    assert_eq!(now["told"]["answered"], 2, "one was taken back");
    let question =
        json!({"what": "audition_taste", "wishes": wishes, "state": now["state"], "name": "Mine"});
    let found = said(ask(&mut desk, question));
    assert_eq!(found["taste"]["id"], "mine");
    let question = json!({"what": "suggest", "wishes": {"style": found["taste"]}});
    assert_eq!(said(ask(&mut desk, question))["aim"]["style"], "pop");
    let mut broken = now["state"].clone();
    broken["audition"]["answers"][0]["pair"]["first"] = json!([]);
    let wrong =
        ask(&mut desk, json!({"what": "audition_answer", "state": broken, "answer": "same"}));
    assert!(wrong.unwrap_err().to_string().starts_with("the audition: answer 1"));
}
