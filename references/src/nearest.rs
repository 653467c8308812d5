//! The records most like a mix, and in what.

use crate::profile::Profile;
use crate::style::{Known, Sample, placement};

/// A record and how like it a mix is.
#[derive(Clone, Debug, PartialEq)]
pub struct Near {
    /// Id of the record.
    pub id: String,
    /// Name of the record.
    pub name: String,
    /// Distance over tone, width and movement, in standard deviations among commercial recordings: 0 is the same,
    /// two recordings picked blindly are 1.4 apart.
    pub distance: f64,
    /// What they differ in tone, dB rms over the bands both have.
    pub tone_db: Option<f64>,
    /// How much wider the record is, dB, mean over the bands.
    pub wider_db: Option<f64>,
    /// How much more the levels of the record move, dB, mean over the bands.
    pub livelier_db: Option<f64>,
    /// The same in a sentence.
    pub text: String,
}

/// The `count` records most like a mix, the nearest first. Loudness does not count: it is what mastering changes.
/// Records that share no measure with the mix are left out.
pub fn closest(mix: &Sample, profiles: &[Profile], count: usize) -> Vec<Near> {
    let mut near: Vec<Near> = profiles.iter().filter_map(|profile| compare(mix, profile)).collect();
    near.sort_by(|a, b| a.distance.total_cmp(&b.distance).then_with(|| a.id.cmp(&b.id)));
    near.truncate(count);
    near
}

fn compare(mix: &Sample, profile: &Profile) -> Option<Near> {
    let record = Sample::from_profile(profile);
    let aspects = [
        differences(&mix.tone_db, &record.tone_db),
        differences(&mix.side_minus_mid_db, &record.side_minus_mid_db),
        differences(&mix.level_std_db, &record.level_std_db),
    ];
    let std = &placement().space.std;
    let (mut sum, mut count) = (0.0, 0.0);
    for (difference, std) in aspects.iter().flatten().zip(std) {
        if let Some(difference) = difference {
            sum += (difference / std) * (difference / std);
            count += 1.0;
        }
    }
    if count == 0.0 {
        return None;
    }
    let [tone, width, movement] = aspects;
    let tone_db = mean(&tone.map(|db| db.map(|db| db * db))).map(libm::sqrt);
    let mut near = Near {
        id: profile.id.clone(),
        name: profile.name.clone(),
        distance: libm::sqrt(sum / count),
        tone_db,
        wider_db: mean(&width),
        livelier_db: mean(&movement),
        text: String::new(),
    };
    near.text = sentence(&near);
    Some(near)
}

/// Record less mix, where both have a value.
fn differences(mix: &Known, record: &Known) -> Known {
    std::array::from_fn(|band| Some(record[band]? - mix[band]?))
}

fn mean(values: &Known) -> Option<f64> {
    let known: Vec<f64> = values.iter().flatten().copied().collect();
    (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
}

/// Differences below this are not worth a word, dB: records of one style differ by several times as much.
const WORTH_A_WORD_DB: f64 = 1.0;

fn sentence(near: &Near) -> String {
    let mut parts = Vec::new();
    if let Some(tone_db) = near.tone_db {
        parts.push(format!("tone {tone_db:.1} dB apart"));
    }
    let mut say = |value: Option<f64>, more: &str, less: &str, same: &str| {
        if let Some(db) = value {
            parts.push(match db {
                db if db > WORTH_A_WORD_DB => format!("{more} by {db:.1} dB"),
                db if db < -WORTH_A_WORD_DB => format!("{less} by {:.1} dB", -db),
                _ => same.to_owned(),
            });
        }
    };
    say(near.wider_db, "wider", "narrower", "as wide");
    say(near.livelier_db, "livelier", "steadier", "as lively");
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bands::THIRD_OCTAVES;
    use crate::test_sounds::shaped;

    fn tilted(name: &str, db_per_band: f64) -> Profile {
        Profile::from_analysis(name, &tilted_analysis(db_per_band))
    }

    fn tilted_analysis(db_per_band: f64) -> acetate_analyzer::Analysis {
        let levels: [Option<f64>; THIRD_OCTAVES] =
            std::array::from_fn(|band| Some(-30.0 + db_per_band * band as f64));
        shaped(&levels)
    }

    #[test]
    fn the_record_itself_is_nearest_and_the_rest_follow_by_likeness() {
        let records = [
            tilted("dark", -1.2),
            tilted("bright", 0.5),
            tilted("same", -0.5),
            tilted("like", -0.6),
        ];
        let mix = Sample::from_analysis(&tilted_analysis(-0.5));
        let near = closest(&mix, &records, 3);
        let ids: Vec<&str> = near.iter().map(|near| near.id.as_str()).collect();
        assert_eq!(ids, ["same", "like", "dark"]);
        assert!(near[0].distance < 0.01);
        assert_eq!(near[0].text, "tone 0.0 dB apart, as wide, as lively");
    }

    #[test]
    fn louder_is_not_less_alike() {
        let mix = Sample::from_analysis(&tilted_analysis(-0.5));
        let mut loud = tilted_analysis(-0.5);
        loud.spectrum.level_db.iter_mut().flatten().for_each(|db| *db += 12.0);
        loud.loudness.integrated_lufs = Some(-6.0);
        let near = closest(&mix, &[Profile::from_analysis("loud", &loud)], 1);
        assert!(near[0].distance < 0.01, "{near:?}");
    }

    #[test]
    fn the_sentence_says_in_what_the_record_differs() {
        let mix = Sample::from_analysis(&tilted_analysis(-0.5));
        let mut wide = tilted_analysis(-0.5);
        for band in &mut wide.dynamics.bands {
            band.side_log_mean_db = band.side_log_mean_db.map(|db| db + 3.0);
            band.level_std_db = band.level_std_db.map(|db| db - 2.0);
        }
        let near = closest(&mix, &[Profile::from_analysis("wide", &wide)], 1);
        assert_eq!(near[0].text, "tone 0.0 dB apart, wider by 3.0 dB, steadier by 2.0 dB");
    }
}
