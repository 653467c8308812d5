//! What is worth a sentence: what this song loses elsewhere and most others do not.

use acetate_analyzer::{Analysis, Severity};
use acetate_audio::numbers::clock;

use crate::cancels::cancels;
use crate::document::{AfterCodec, Covered, OnSystem, Translation, TranslationFinding};
use crate::lfe::in_lfe;
use crate::lost_bass::{in_noise, on_small_ones};
use crate::telling::{codes, elsewhere, finding, ids, joined};
use crate::worth::{
    BASS_THERE_PCT, CANCELLED_PCT, DROWNED_PCT, LOST_LU, OVER_DB, SII_GOOD, SII_POOR, TAKEN_DB,
};

/// Time that drowns outside of passages is told of from here on, percent: less is lost in rounding.
const MOMENTS_PCT: f64 = 1.0;
/// Sharp sounds that gain this much over what is beside them are noticed, phon.
const SHARPER_PHON: f64 = 5.0;
/// Reduction of a device's limiter from here on is no guard against single peaks, dB.
const TAKEN_BACK_DB: f64 = 2.0;

/// All findings, the gravest kinds of loss first.
pub(crate) fn findings(of: &Translation, analysis: &Analysis) -> Vec<TranslationFinding> {
    let cancels = cancels(of, analysis);
    let bass = [in_lfe(of), on_small_ones(of), cancels, in_noise(of)];
    let rest = [drowned(of), centre(of), sharp(of), overs(of), taken_back(of)];
    bass.into_iter().chain(rest).flatten().collect()
}

/// The one with the most of something, of several: the first where they have as much.
fn worst<'a>(systems: &[&'a OnSystem], of: impl Fn(&OnSystem) -> f64) -> Option<&'a OnSystem> {
    let worse = |a: &'a OnSystem, b: &'a OnSystem| if of(b) > of(a) { b } else { a };
    systems.iter().copied().reduce(worse)
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
    let window = cover
        .window_db
        .map(|db| format!("; what lies {db:.0} dB below the loud passages is lost there"))
        .unwrap_or_default();
    let least_told = match most.id == least.id {
        true => String::new(),
        false => format!(" ({:.0} % {})", drowned_pct(least), least.place),
    };
    let text = format!(
        "{} the noise covers {:.0} % of the time{least_told}: {}{window}",
        most.place,
        cover.drowned_pct,
        passages(cover)?
    );
    let mix =
        "bring the quiet passages up a few dB, or leave it: a song for headphones may whisper";
    Some(TranslationFinding {
        on: ids(&systems),
        ..finding(codes::DROWNED, Severity::Info, text, mix)
    })
}

/// Where that is: the longest passage, how many others there are, and what is none.
fn passages(cover: &Covered) -> Option<String> {
    let all = &cover.at_s[..cover.at_s.len() - usize::from(cover.fades_out)];
    let length = |[from, to]: &[f64; 2]| to - from;
    let longest = all.iter().copied().reduce(|a, b| if length(&b) > length(&a) { b } else { a })?;
    // A clock counts whole seconds: a passage that ends in the middle of one goes on in it.
    let longest = format!("{} to {}", clock(longest[0]), clock(libm::round(longest[1])));
    let named = match all.len() - 1 {
        0 => longest,
        more => format!("the longest {longest}, and {more} more"),
    };
    let fade = if cover.fades_out { ", with the end that fades out" } else { "" };
    let moments_pct = cover.drowned_pct - cover.passages_pct;
    Some(match moments_pct < MOMENTS_PCT {
        true => format!("{named}{fade}"),
        false => format!(
            "{:.0} % in passages of a second and more ({named}{fade}), {moments_pct:.0} % in moments between louder ones",
            cover.passages_pct
        ),
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
    let is_over = |codec: &&AfterCodec| {
        codec.overs > Some(0) && codec.true_peak_dbtp.is_some_and(|peak| peak >= OVER_DB)
    };
    let over: Vec<&AfterCodec> = of.codecs.iter().filter(is_over).collect();
    let worst = over.iter().max_by(|a, b| {
        a.true_peak_dbtp.unwrap_or(f64::MIN).total_cmp(&b.true_peak_dbtp.unwrap_or(f64::MIN))
    })?;
    let names: Vec<&str> = over.iter().map(|codec| codec.codec.as_str()).collect();
    let peak = worst.true_peak_dbtp?;
    let text = format!(
        "{} {} over full scale once decoded ({}: {peak:+.1} dBTP, {}, the first at {})",
        joined(&names),
        if names.len() == 1 { "goes" } else { "go" },
        worst.codec,
        match worst.overs.unwrap_or(0) {
            1 => "one place".to_owned(),
            places => format!("{places} places"),
        },
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
            && cancels < CANCELLED_PCT
            && quieter < LOST_LU
            && system.lost_lows().is_none()
            && drowned < DROWNED_PCT
            && limited < TAKEN_DB
            && !gone;
    }
}
