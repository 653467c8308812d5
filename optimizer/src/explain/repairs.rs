//! What is mended before everything else, in words.

use acetate_audio::numbers::counted;
use acetate_engine::settings::RestoreSettings;

use crate::document::{Confidence, Move};

/// What a plan of repairs mends: `2 clicks, hum at 50 Hz`. `None` where it mends nothing.
pub fn repairs_in_words(plan: &RestoreSettings) -> Option<String> {
    let all: Vec<String> = each(plan).map(|(_, what, _)| what).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// The moves of a plan of repairs, one for each kind, in the order of processing.
pub fn repair_moves(plan: &RestoreSettings) -> Vec<Move> {
    let step = |(kind, what, text)| Move {
        confidence: Confidence::High,
        ..Move::told(&format!("restore.{kind}"), format!("mend {what}"), text)
    };
    each(plan).map(step).collect()
}

/// Kind, what there is of it, and what becomes of the rest.
fn each(plan: &RestoreSettings) -> impl Iterator<Item = (&'static str, String, &'static str)> {
    [clipping(plan), clicks(plan), crackle(plan), hum(plan), hiss(plan)].into_iter().flatten()
}

type Mended = Option<(&'static str, String, &'static str)>;

fn clipping(plan: &RestoreSettings) -> Mended {
    let text = "Tops that were cut off are rebuilt above the level; every other sample stays.";
    (!plan.clipping.is_neutral()).then(|| ("clipping", "clipped tops".to_owned(), text))
}

fn clicks(plan: &RestoreSettings) -> Mended {
    let count = plan.clicks.events.iter().filter(|event| event.repair).count();
    let what = counted(count, "click");
    let text =
        "Neither the music before nor that after predicts them; samples outside stay as they are.";
    (!plan.clicks.is_neutral()).then_some(("clicks", what, text))
}

fn crackle(plan: &RestoreSettings) -> Mended {
    let sections = plan.crackle.sections.iter().filter(|section| section.repair);
    let count: usize = sections.map(|section| section.at.len()).sum();
    let what = format!("crackle ({count} impulses)");
    let text = "Impulses of a few samples, as on vinyl; samples between them stay as they are.";
    (!plan.crackle.is_neutral()).then_some(("crackle", what, text))
}

fn hum(plan: &RestoreSettings) -> Mended {
    let sections = || plan.hum.sections.iter().filter(|section| section.repair);
    let track = sections().flat_map(|section| &section.track_hz);
    let (sum, steps) = track.fold((0.0, 0), |(sum, steps), hz| (sum + hz, steps + 1));
    let what = match steps {
        0 => "hum".to_owned(),
        steps => format!("hum at {:.0} Hz", sum / f64::from(steps)),
    };
    let text =
        "The mains line and its harmonics are followed and subtracted; notes beside them stay.";
    (!plan.hum.is_neutral()).then_some(("hum", what, text))
}

fn hiss(plan: &RestoreSettings) -> Mended {
    let what = format!("hiss by {:.0} dB", plan.hiss.reduction_db);
    let text = "Steady noise is lowered where nothing else is; tails and cymbals are kept.";
    (!plan.hiss.is_neutral()).then_some(("hiss", what, text))
}

#[cfg(test)]
mod tests {
    use acetate_engine::settings::{HissPoint, RepairEvent, RestoreSettings};

    use super::{repair_moves, repairs_in_words};

    #[test]
    fn repairs_are_told_by_kind_and_what_is_left_out_is_not_counted() {
        let mut plan = RestoreSettings::default();
        assert_eq!(repairs_in_words(&plan), None);
        let event = |repair| RepairEvent { repair, ..RepairEvent::default() };
        plan.clicks.events = vec![event(true), event(false), event(true)];
        plan.hiss.reduction_db = 12.0;
        plan.hiss.points = vec![HissPoint::default()];
        assert_eq!(repairs_in_words(&plan).as_deref(), Some("2 clicks, hiss by 12 dB"));
        let moves = repair_moves(&plan);
        assert_eq!(
            moves.iter().map(|step| step.id.as_str()).collect::<Vec<_>>(),
            ["restore.clicks", "restore.hiss"]
        );
        plan.clicks.events.iter_mut().for_each(|event| event.repair = false);
        assert_eq!(repairs_in_words(&plan).as_deref(), Some("hiss by 12 dB"));
    }
}
