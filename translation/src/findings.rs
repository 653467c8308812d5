//! What is worth a sentence: what this song loses elsewhere and most others do not.

use acetate_analyzer::{Analysis, Severity};
use acetate_audio::numbers::clock;

use crate::cancels::cancels;
use crate::document::{BassHeard, OnSystem, Translation, TranslationFinding};
use crate::telling::{codes, finding, ids, joined};
use crate::worth::{BASS_THERE_PCT, LOST_LOWS_DB, LOST_LU, SII_GOOD, SII_POOR};

/// A bass line of which the better quarter of such systems plays less than this is lost there, percent.
const BASS_LOST_PCT: f64 = 25.0;
/// Time that drowns from here on is missed, percent.
const DROWNED_PCT: f64 = 3.0;
/// Sharp sounds that gain this much over what is beside them are noticed, phon.
const SHARPER_PHON: f64 = 5.0;
/// Reduction of a device's limiter from here on is no guard against single peaks, dB.
const TAKEN_BACK_DB: f64 = 2.0;

/// All findings, the gravest kinds of loss first.
pub(crate) fn findings(of: &Translation, analysis: &Analysis) -> Vec<TranslationFinding> {
    let cancels = cancels(of, analysis);
    let all = [bass(of), cancels, drowned(of), centre(of), sharp(of), overs(of), taken_back(of)];
    all.into_iter().flatten().collect()
}

/// The one with the most of something, of several: the first where they have as much.
fn worst<'a>(systems: &[&'a OnSystem], of: impl Fn(&OnSystem) -> f64) -> Option<&'a OnSystem> {
    let worse = |a: &'a OnSystem, b: &'a OnSystem| if of(b) > of(a) { b } else { a };
    systems.iter().copied().reduce(worse)
}

/// Of several systems the worst is named: the others are listed beside the finding.
fn elsewhere(systems: usize) -> &'static str {
    if systems > 1 { " and elsewhere" } else { "" }
}

/// Whether the bass line is lost, even on the better ones.
fn is_lost(bass: &BassHeard) -> bool {
    !bass.is_few() && bass.heard_range_pct[1] < BASS_LOST_PCT
}

fn bass(of: &Translation) -> Option<TranslationFinding> {
    // Where it cancels, no harmonics of it help: that has a sentence of its own.
    let cancels = |system: &OnSystem| match &system.mono {
        Some(_) => system.lost_lows().is_some(),
        None => system.bass.as_ref().is_some_and(|bass| bass.cancelled_db >= LOST_LOWS_DB),
    };
    let lost = |system: &&OnSystem| system.bass.as_ref().is_some_and(is_lost) && !cancels(system);
    // Where noise covers it, it is the noise: that has a sentence of its own.
    let quiet = of.systems.iter().filter(|system| system.noise == "room");
    let systems: Vec<&OnSystem> = quiet.filter(lost).collect();
    let bass = systems.first()?.bass.as_ref()?;
    let heard: Vec<String> = systems
        .iter()
        .filter_map(|system| {
            let bass = system.bass.as_ref()?;
            Some(format!("{} ({:.0} %)", system.place, bass.heard_pct))
        })
        .collect();
    let heard: Vec<&str> = heard.iter().map(String::as_str).collect();
    let octave = if bass.octave_pct >= 20.0 {
        format!(
            "; {:.0} % sound an octave or more too high, by one harmonic alone",
            bass.octave_pct
        )
    } else {
        String::new()
    };
    let why = match bass.missing_db {
        None if !octave.is_empty() => "it has no other harmonics that could be raised".to_owned(),
        None => "it has no harmonics there that could be raised".to_owned(),
        Some(db) => format!("its harmonics would have to be {db:.0} dB louder"),
    };
    let text =
        format!("the notes of the bass line are hardly heard {}{octave}; {why}", joined(&heard));
    let mix = "give the bass harmonics of its own: double it an octave up, or overdrive a copy of it and mix that in from 150 to 600 Hz";
    Some(TranslationFinding {
        on: ids(&systems),
        ..finding(codes::BASS_UNHEARD, Severity::Mix, text, mix)
    })
}

fn drowned(of: &Translation) -> Option<TranslationFinding> {
    let drowns = |system: &&OnSystem| {
        let cover = system.cover.as_ref();
        cover.is_some_and(|cover| {
            // What fades out is meant to be gone.
            let passages = cover.at_s.len() - usize::from(cover.fades_out);
            cover.drowned_pct >= DROWNED_PCT && passages > 0
        })
    };
    let systems: Vec<&OnSystem> = of.systems.iter().filter(drowns).collect();
    let drowned_pct =
        |system: &OnSystem| system.cover.as_ref().map_or(0.0, |cover| cover.drowned_pct);
    let most = worst(&systems, drowned_pct)?;
    let least = worst(&systems, |system| -drowned_pct(system))?;
    let cover = most.cover.as_ref()?;
    let [from, to] = *cover.at_s.first()?;
    let more = match cover.at_s.len() - 1 - usize::from(cover.fades_out) {
        0 => String::new(),
        1 => " and once more".to_owned(),
        more => format!(" and {more} times more"),
    };
    let window = cover
        .window_db
        .map(|db| format!("; there, what lies {db:.0} dB below the loud passages is lost"))
        .unwrap_or_default();
    let elsewhere = match most.id == least.id {
        true => String::new(),
        false => format!(", {:.0} % {}", drowned_pct(least), least.place),
    };
    let text = format!(
        "the noise covers {} to {}{more} {} ({:.0} % of the time{elsewhere}){window}",
        clock(from),
        clock(to),
        most.place,
        cover.drowned_pct
    );
    let mix =
        "bring the quiet passages up a few dB, or leave it: a song for headphones may whisper";
    Some(TranslationFinding {
        on: ids(&systems),
        ..finding(codes::DROWNED, Severity::Info, text, mix)
    })
}

fn centre(of: &Translation) -> Option<TranslationFinding> {
    let best = of.systems.iter().filter_map(|system| system.centre).map(|centre| centre.sii);
    if best.fold(0.0, f64::max) < SII_GOOD {
        return None;
    }
    let covered = |system: &&OnSystem| system.centre.is_some_and(|centre| centre.sii < SII_POOR);
    let systems: Vec<&OnSystem> = of.systems.iter().filter(covered).collect();
    let worst = worst(&systems, |system| system.centre.map_or(0.0, |centre| -centre.sii))?;
    let text = format!(
        "what is in the centre is hard to make out {}{} (intelligibility {:.2}, poor below {SII_POOR})",
        worst.place,
        elsewhere(systems.len()),
        worst.centre?.sii
    );
    let mix =
        "if a voice or a solo is there, bring it up from 1 to 4 kHz, or take the sides down there";
    Some(TranslationFinding {
        on: ids(&systems),
        ..finding(codes::CENTRE_COVERED, Severity::Mix, text, mix)
    })
}

fn sharp(of: &Translation) -> Option<TranslationFinding> {
    let sharper = |system: &&OnSystem| {
        system.sibilance.is_some_and(|found| found.change_phon >= SHARPER_PHON)
    };
    let systems: Vec<&OnSystem> = of.systems.iter().filter(sharper).collect();
    let change_phon = |system: &OnSystem| system.sibilance.map_or(0.0, |found| found.change_phon);
    let most = worst(&systems, change_phon)?.sibilance?;
    let places: Vec<&str> = systems.iter().map(|system| system.place.as_str()).collect();
    let text = format!(
        "{} sharp \"s\" sounds stand out up to {:.0} phon more {}",
        most.sounds,
        most.change_phon,
        joined(&places)
    );
    let mix = "de-ess the voice: small loudspeakers have most of their sound where an s is";
    Some(TranslationFinding {
        on: ids(&systems),
        ..finding(codes::SHARP_ELSEWHERE, Severity::Mix, text, mix)
    })
}

fn overs(of: &Translation) -> Option<TranslationFinding> {
    let over: Vec<_> = of.codecs.iter().filter(|codec| codec.overs > Some(0)).collect();
    let worst = over.iter().max_by(|a, b| {
        a.true_peak_dbtp.unwrap_or(f64::MIN).total_cmp(&b.true_peak_dbtp.unwrap_or(f64::MIN))
    })?;
    let names: Vec<&str> = over.iter().map(|codec| codec.codec.as_str()).collect();
    let peak = worst.true_peak_dbtp?;
    let text = format!(
        "{} {} over full scale once decoded ({}: {peak:+.1} dBTP, {} places, the first at {})",
        joined(&names),
        if names.len() == 1 { "goes" } else { "go" },
        worst.codec,
        worst.overs.unwrap_or(0),
        clock(worst.first_over_s.unwrap_or(0.0))
    );
    let mut found = finding(codes::OVERS, Severity::Warning, text, "");
    found.in_mastering =
        Some(format!("a ceiling {peak:.1} dB lower, or less drive into the limiter"));
    found.on = names.into_iter().map(str::to_owned).collect();
    Some(found)
}

fn taken_back(of: &Translation) -> Option<TranslationFinding> {
    let takes =
        |system: &&OnSystem| system.limiter.is_some_and(|limiter| limiter.mean_db >= TAKEN_BACK_DB);
    let systems: Vec<&OnSystem> = of.systems.iter().filter(takes).collect();
    let first = worst(&systems, |system| system.limiter.map_or(0.0, |limiter| limiter.mean_db))?;
    let limiter = first.limiter?;
    let text = format!(
        "at full volume the limiter of a {} takes back {:.1} dB of the {:.0} dB by which it makes everything louder",
        first.name, limiter.mean_db, limiter.boost_db
    );
    let mut found = finding(codes::TAKEN_BACK, Severity::Info, text, "");
    let less = limiter.mean_db;
    found.in_mastering =
        Some(format!("a master {less:.0} dB quieter would be as loud there, and less squeezed"));
    found.on = ids(&systems);
    Some(found)
}

/// A loss that is not worth a word: these many percent, and this much of a limiter.
const LITTLE_PCT: f64 = 1.0;
const LITTLE_DB: f64 = 1.0;

/// Marks the systems on which nothing is lost that most records keep.
pub(crate) fn mark_what_is_as_in_most_records(translation: &mut Translation) {
    let named: Vec<String> =
        translation.findings.iter().flat_map(|finding| finding.on.iter().cloned()).collect();
    for system in &mut translation.systems {
        let bass = system.bass.as_ref().is_none_or(|bass| bass.heard_pct >= BASS_THERE_PCT);
        let mono = system.mono.as_ref();
        let cancels = mono.and_then(|mono| mono.cancelled_pct).unwrap_or(0.0);
        let quieter = mono.and_then(|mono| mono.lost_lu).unwrap_or(0.0);
        let drowned = system.cover.as_ref().map_or(0.0, |cover| cover.drowned_pct);
        let limited = system.limiter.map_or(0.0, |limiter| limiter.mean_db);
        let gone = system.bands.iter().any(|band| band.gone && !band.usual);
        system.as_most_records = !system.bands.is_empty()
            && !named.contains(&system.id)
            && bass
            && cancels < LITTLE_PCT
            && quieter < LOST_LU
            && system.lost_lows().is_none()
            && drowned < LITTLE_PCT
            && limited < LITTLE_DB
            && !gone;
    }
}
