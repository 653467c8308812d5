//! Thresholds that lie elsewhere in some sections, in words.

use acetate_audio::numbers::clock;
use acetate_engine::settings::CompressorSection;

/// `, by section: -10 dB from 0:00, as it is from 0:20`; nothing without sections.
pub(super) fn sections_what(sections: &[CompressorSection]) -> String {
    let section = |section: &CompressorSection| {
        let from = clock(section.from_s);
        match section.threshold_offset_db {
            0.0 => format!("as it is from {from}"),
            db => format!("{db:+} dB from {from}"),
        }
    };
    let each: Vec<String> = sections.iter().map(section).collect();
    if each.is_empty() {
        String::new()
    } else {
        format!(", threshold by section: {}", each.join(", "))
    }
}

/// Why there are sections.
pub(super) fn sections_why(sections: &[CompressorSection]) -> String {
    let offsets = || sections.iter().map(|section| section.threshold_offset_db);
    let apart = offsets().fold(0.0, f64::max) - offsets().fold(0.0, f64::min);
    match sections.is_empty() {
        true => String::new(),
        false => format!(
            " Sections of the song are up to {apart} dB apart: the threshold goes with them, so that the quiet ones are held as \
             firmly as the loud ones and stay as quiet beside them."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_told_with_their_times() {
        let section =
            |(from_s, threshold_offset_db)| CompressorSection { from_s, threshold_offset_db };
        let sections = [(0.0, -9.5), (62.0, 0.0)].map(section);
        let what = ", threshold by section: -9.5 dB from 0:00, as it is from 1:02";
        assert_eq!(sections_what(&sections), what);
        assert!(sections_why(&sections).contains("up to 9.5 dB apart"));
        assert_eq!(sections_what(&[]) + &sections_why(&[]), "");
    }
}
