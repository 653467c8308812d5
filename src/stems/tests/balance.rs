//! Errors planted in one stem are found in that stem.

use acetate_audio::units::db_to_amplitude;

use super::*;
use crate::Profile;

/// A wish to be like the undamaged band.
fn like_the_band() -> Request {
    let stems = stems_of(band());
    let profile = Profile::from_measured("band", stems.song().measured());
    Request::default().reference_profile(profile, 1.0)
}

fn damaged(stem: usize, gain_db: f64) -> Stems {
    let mut list = band();
    let mut audio = list[stem].1.audio().unwrap().clone();
    let gain = db_to_amplitude(gain_db) as f32;
    audio.planes_mut().iter_mut().flatten().for_each(|x| *x *= gain);
    list[stem].1 = Source::from_audio(audio);
    stems_of(list)
}

#[test]
fn a_stem_that_is_too_loud_is_named_and_turned_down_and_the_sum_is_still_the_master() {
    let request = like_the_band();
    let loud = damaged(2, 2.5);
    let plan = loud.song().suggest(&request, &mut ()).unwrap();
    let balance = loud.balance(&plan, &mut ()).unwrap();
    let step = &balance.moves[0];
    assert!(step.stem == 2 && (step.level_db + 2.5).abs() < 0.3, "{:?}", balance.moves);

    let advice = loud.ways(balance.clone(), &plan, &plan).lines();
    assert!(advice[0].starts_with("lower vocals by 2."), "{advice:?}");
    assert!(advice[0].ends_with("(advice; --balance does it)"), "{advice:?}");
    assert!(advice[1..].iter().all(|line| line.starts_with("spares the mix ")), "{advice:?}");
    let balanced = loud.balanced(&balance.moves, &mut ()).unwrap();
    let again = balanced.song().suggest(&request, &mut ()).unwrap();
    let ways = balanced.ways(balance, &plan, &again);
    let lines = ways.lines();
    assert!(ways.applied && lines.last().unwrap().starts_with("balanced: "), "{lines:?}");
    check(&balanced, &again, |settings| settings.limiter.kind = LimiterKind::Masked);
}

#[test]
fn nothing_is_changed_where_nothing_is_wrong() {
    let stems = stems_of(band());
    let plan = stems.song().suggest(&like_the_band(), &mut ()).unwrap();
    let balance = stems.balance(&plan, &mut ()).unwrap();
    assert_eq!(balance.moves, []);
    assert!(stems.ways(balance, &plan, &plan).nothing().starts_with("no stem is the cause"));
    let loud = stems.song().suggest(&Request::target("loud").unwrap(), &mut ()).unwrap();
    let balance = stems.balance(&loud, &mut ()).unwrap();
    assert!(stems.ways(balance, &loud, &loud).nothing().starts_with("nothing asks for a tone"));
}

#[test]
fn level_and_equaliser_of_a_stem_stay_within_three_decibels_together() {
    let request = like_the_band();
    let loud = damaged(2, 8.0);
    let plan = loud.song().suggest(&request, &mut ()).unwrap();
    let balance = loud.balance(&plan, &mut ()).unwrap();
    let step = balance.moves.iter().find(|step| step.stem == 2).unwrap();
    let bands = acetate_engine::settings::EqualizerSettings {
        bands: step.bands.clone(),
        ..acetate_engine::settings::EqualizerSettings::default()
    };
    for hz in [60.0, 200.0, 330.0, 1_000.0, 4_000.0, 12_000.0] {
        let channel = acetate_engine::settings::BandChannel::Mid;
        let db = step.level_db + bands.response_db(channel, hz, f64::from(RATE_HZ));
        assert!((-3.06..-1.0).contains(&db) || hz != 330.0 && db > -3.06, "{db} dB at {hz} Hz");
    }
}

#[test]
fn a_mix_changes_by_as_much_as_its_stems_and_keeps_its_rest() {
    let hiss = noise(17);
    let mix = mix_of(|frame, x| x + 0.03 * hiss[frame], 0);
    let stems = Stems::of(band(), "song", Some(mix), Mono::Dual, &mut ()).unwrap();
    let step = acetate_optimizer::StemMove { stem: 0, level_db: -2.0, bands: Vec::new() };
    let changed = stems.balanced(&[step], &mut ()).unwrap();
    let bass = band()[0].1.audio().unwrap().clone();
    let sound = |stems: &Stems| stems.song().source().audio().unwrap().channel(0).to_vec();
    let less = 1.0 - db_to_amplitude(-2.0);
    for ((after, before), bass) in
        sound(&changed).iter().zip(sound(&stems)).zip(bass.channel(0)).take(9_000)
    {
        let wanted = f64::from(before) - less * f64::from(*bass);
        assert!((f64::from(*after) - wanted).abs() < 1e-6, "{after} is not {wanted}");
    }
    let plan = planned(&changed);
    let (_folder, made) = check(&changed, &plan, |_| ());
    assert_eq!(made.stems.len(), 5);
}
