//! Records that are perhaps another kind of music, in words.

use crate::document::Move;
use crate::matching::RecordWish;

/// Of 378 pairs of pieces of one record none was further apart in tone, and 99 of 100 by no more than 8.2 dB (docs/fit.md).
const FAR_DB: f64 = 10.0;

/// What is said where the records that are followed are further from the mix than pieces of one record are from each other.
pub(crate) fn far_record(wish: &RecordWish) -> Option<Move> {
    (wish.apart_db > FAR_DB).then(|| {
        let text = format!(
            "The record is {:.0} dB from this mix in tone; two pieces of one record are hardly ever more than 8 dB apart. It may be \
             another kind of music, and to follow it bends this song a long way: a record nearer to it is a better aim, and --amount 50 \
             goes half of the way.",
            wish.apart_db
        );
        Move::told("record", "record far", text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_of_another_kind_is_told_and_one_of_the_same_is_not() {
        let wish = |apart_db| RecordWish { apart_db, ..RecordWish::of_tone(&[]) };
        assert_eq!(far_record(&wish(8.0)), None);
        let told = far_record(&wish(17.4)).unwrap();
        assert!(told.text.contains("17 dB") && told.is_about_record(), "{told:?}");
    }
}
