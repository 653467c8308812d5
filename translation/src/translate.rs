//! From what was measured of a sound to what is left of it on each system.

use acetate_analyzer::{BandEnergy, Measured, codes};
use acetate_audio::threads;

use crate::balance::{REGIONS, REGIONS_HZ, active, moments, shares};
use crate::bass::{How, Line, bass, how};
use crate::centre::intelligibility;
use crate::cover::covered;
use crate::curve::THIRD_OCTAVES_HZ;
use crate::document::{
    AfterCodec, BandHeard, Centre, OnSystem, SCHEMA, Sharpness, TakenBack, Translation,
};
use crate::ear::{Ear, level_db};
use crate::findings::{findings, mark_what_is_as_in_most_records};
use crate::heard::{AtEar, Rows};
use crate::listening::Listened;
use crate::loudness::LoudnessTable;
use crate::lows::lost_lows;
use crate::mono::{Cancelling, MonoLoss};
use crate::sibilance::sharpness;
use crate::system::{System, at_home};
use crate::usual::is_usual;

/// A region with less than this of the loudness at home is not missed.
const MISSED: f64 = 0.02;
/// A region is gone when less than this of its share is left.
const GONE: f64 = 0.1;
/// Changes are not stated to be larger.
const CHANGE_PHON_MAX: f64 = 40.0;

/// What everything is compared with: the sound at home.
struct Home<'a> {
    ear: Ear,
    rows: Rows<'a>,
    /// Loudness in a quiet without any noise, and beside that of a room, which most systems have.
    quiet: LoudnessTable,
    room: LoudnessTable,
    counts: Vec<bool>,
    shares: [f64; REGIONS],
    line: Option<Line<'a>>,
    /// How each note of the line is heard.
    hows: Vec<How>,
    cancelling: Cancelling,
    /// Loudness that all of it loses in mono.
    mono_loss: MonoLoss,
    sharp_at_s: Vec<f64>,
    sharpness: Option<f64>,
}

/// What is left of a sound on each system, with what follows from that and from the codecs that were tried. Of silence, and of less than
/// 0.4 s, systems have nothing but their names.
pub fn translate(
    measured: &Measured,
    listened: &Listened,
    systems: &[System],
    codecs: Vec<AfterCodec>,
) -> Translation {
    let home = home(measured, listened);
    let on_systems: Vec<OnSystem> =
        threads::map(systems, |_, system| on_system(home.as_ref(), listened, system));
    let mut translation = Translation {
        schema: SCHEMA.to_owned(),
        file: measured.analysis.file.clone(),
        systems: on_systems,
        lfe_pct: listened.lfe_pct,
        codecs,
        findings: Vec::new(),
        answers: Vec::new(),
    };
    translation.findings = findings(&translation, &measured.analysis);
    mark_what_is_as_in_most_records(&mut translation);
    translation
}

fn home<'a>(measured: &'a Measured, listened: &'a Listened) -> Option<Home<'a>> {
    // What has no loudness has nothing that could be lost.
    let mono_loss = MonoLoss::of(&measured.analysis)?;
    let energy = &measured.tables.energy;
    let ear = Ear::new(&energy.edges_hz);
    let rows = Rows::new(energy, &ear);
    let system = at_home();
    let at_ear = AtEar::middle(&ear, rows, &system)?;
    let quiet = LoudnessTable::new(&ear, &vec![0.0; ear.len()]);
    let room = at_ear.loudness(&ear);
    let heard = moments(&ear, rows, &at_ear, &room, &quiet);
    let counts = active(&heard);
    let line = Line::new(&listened.bass);
    let sharp_at_s = sharp_at_s(measured);
    Some(Home {
        quiet,
        shares: shares(&heard, &counts),
        counts,
        hows: line.as_ref().map_or_else(Vec::new, |line| how(&ear, rows, &at_ear, line)),
        line,
        cancelling: Cancelling::new(&ear, rows, &at_ear, &room),
        mono_loss,
        sharpness: sharpness(&ear, rows, &at_ear, &room, &sharp_at_s),
        room,
        sharp_at_s,
        ear,
        rows,
    })
}

/// Where the analysis found sharp "s" sounds.
fn sharp_at_s(measured: &Measured) -> Vec<f64> {
    let findings = measured.analysis.findings.iter();
    let sharp = findings.filter(|finding| finding.code == codes::SIBILANCE);
    sharp.flat_map(|finding| finding.at_s.iter().copied()).collect()
}

fn on_system(home: Option<&Home<'_>>, listened: &Listened, system: &System) -> OnSystem {
    let curve = system.curve();
    let mut found = OnSystem {
        id: system.id.clone(),
        name: system.name.clone(),
        place: system.place.clone(),
        confidence: system.confidence,
        level_dba: system.level_dba,
        noise: system.noise.clone(),
        curve_db: THIRD_OCTAVES_HZ.iter().map(|&hz| curve.level_db(hz)).collect(),
        bands: Vec::new(),
        bass: None,
        mono: None,
        cover: None,
        centre: None,
        limiter: home.and_then(|_| limiter(listened, system)),
        sibilance: None,
        stems: Vec::new(),
        as_most_records: false,
    };
    if let Some(home) = home {
        home.complete(&mut found, system);
    }
    found
}

fn limiter(listened: &Listened, system: &System) -> Option<TakenBack> {
    let device = system.device?;
    Some(listened.reduction(device)?.of(device))
}

impl Home<'_> {
    fn complete(&self, found: &mut OnSystem, system: &System) {
        let Self { ear, rows, .. } = self;
        // Where all of it cancels, nothing else can be said: what is left would be rounding, turned up.
        found.mono = self.cancelling.on(ear, system.side, self.mono_loss);
        if found.is_silent() {
            found.limiter = None;
            return;
        }
        let of_case = |case| AtEar::new(ear, *rows, system, &case);
        let cases: Vec<AtEar> = system.cases().into_iter().filter_map(of_case).collect();
        let Some(at_ear) = cases.first() else { return };
        let in_a_room = system.noise == at_home().noise;
        let own = (!in_a_room).then(|| at_ear.loudness(ear));
        let beside = own.as_ref().unwrap_or(&self.room);
        let heard = moments(ear, *rows, at_ear, beside, &self.quiet);
        found.bands = changes(&system.id, self.shares, shares(&heard, &self.counts));
        let line = self.line.as_ref();
        found.bass = line.and_then(|line| bass(ear, *rows, &cases, line, &self.hows));
        let line_loss_db = found.bass.as_ref().map_or(0.0, |bass| bass.cancelled_db);
        let there = (system, at_ear);
        let lows = lost_lows(&self.cancelling, ear, there, &found.bands, line_loss_db);
        if let Some(mono) = &mut found.mono {
            mono.lows = lows;
        }
        found.cover = Some(covered(&system.noise, &heard, &self.counts, rows.step_s));
        found.centre = intelligibility(ear, *rows, at_ear).map(|sii| Centre { sii });
        let there = sharpness(ear, *rows, at_ear, beside, &self.sharp_at_s);
        found.sibilance = there.zip(self.sharpness).map(|(there, here)| Sharpness {
            sounds: self.sharp_at_s.len(),
            change_phon: phon(there / here),
        });
    }
}

/// What becomes of the regions of a table on one system; empty of silence.
pub fn regions(energy: &BandEnergy, system: &System) -> Vec<BandHeard> {
    let ear = Ear::new(&energy.edges_hz);
    let rows = Rows::new(energy, &ear);
    let quiet = LoudnessTable::new(&ear, &vec![0.0; ear.len()]);
    let hear = |system: &System| {
        let at_ear = AtEar::middle(&ear, rows, system)?;
        Some(moments(&ear, rows, &at_ear, &at_ear.loudness(&ear), &quiet))
    };
    let Some((here, there)) = hear(&at_home()).zip(hear(system)) else { return Vec::new() };
    let counts = active(&here);
    changes(&system.id, shares(&here, &counts), shares(&there, &counts))
}

/// Mean power in each band of a table that a system plays, both channels together, re what they hold at full scale.
pub fn field(energy: &BandEnergy, system: &System) -> Vec<f64> {
    let ear = Ear::new(&energy.edges_hz);
    let rows = Rows::new(energy, &ear);
    let Some(at_ear) = AtEar::middle(&ear, rows, system) else { return Vec::new() };
    let share = 1.0 / (rows.count.max(1) as f64 * at_ear.calibration);
    let mean = |band: usize| {
        let sum = |row: usize| {
            let (mid, side) = (rows.mid(row)[band], rows.side(row)[band]);
            f64::from(mid) + at_ear.side_gain(band) * f64::from(side)
        };
        at_ear.mid_to_field(band) * share * (0..rows.count).map(sum).sum::<f64>()
    };
    (0..ear.len()).map(mean).collect()
}

/// Sound pressure level of full scale in one channel, when a sound is played on a system at its level; `None` of silence.
pub fn full_scale_spl_db(energy: &BandEnergy, system: &System) -> Option<f64> {
    let ear = Ear::new(&energy.edges_hz);
    let at_ear = AtEar::middle(&ear, Rows::new(energy, &ear), system)?;
    Some(level_db(at_ear.calibration))
}

/// What the shares of the regions became.
pub(crate) fn changes(system: &str, here: [f64; REGIONS], there: [f64; REGIONS]) -> Vec<BandHeard> {
    let regions = REGIONS_HZ.iter().zip(here).zip(there).enumerate();
    regions
        .map(|(region, (([low, high], here), there))| {
            let change_phon = phon(there.max(1e-9) / here.max(1e-9));
            BandHeard {
                low_hz: *low,
                high_hz: *high,
                share_pct: 100.0 * here,
                change_phon,
                gone: here > MISSED && there < GONE * here,
                usual: here <= MISSED || is_usual(system, region, change_phon),
            }
        })
        .collect()
}

/// A ratio of loudnesses as a change of level, phon.
fn phon(ratio: f64) -> f64 {
    (10.0 * libm::log2(ratio)).clamp(-CHANGE_PHON_MAX, CHANGE_PHON_MAX)
}
