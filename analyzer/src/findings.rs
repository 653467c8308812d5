//! Remarks that follow from the measures.

mod channels;

use acetate_audio::numbers::counted;

use crate::analysis::Analysis;
use crate::codes;
use crate::faults::{BOOM_DB, Boom, RESONANCE_DB, RUMBLE_DBFS, Resonance};
use crate::finding::{Finding, Severity};
use crate::source::Source;

/// Flat tops from this level on are clipping at full scale; below, clipping that was turned down.
const FULL_SCALE_DBFS: f64 = -0.15;
/// Fewer flat tops than this in a minute are what loud mastering leaves; they are mentioned, no more.
const CLIPPED_RUNS_PER_MINUTE: f64 = 60.0;
/// Offsets from here on cost headroom and click at edits: -60 dBFS.
const DC_OFFSET: f64 = 1e-3;
/// Hiss from here on is audible at usual levels.
const HISS_DBFS: f64 = -72.0;
/// Loudness below which hiss and rounding come up with the level.
const QUIET_LUFS: f64 = -35.0;
/// True peaks above this clip in converters and encoders.
const TRUE_PEAK_DBTP: f64 = 0.0;
/// Loudness from above 20 kHz from here on.
const ULTRASONIC_LU: f64 = 1.0;
/// A sample from here on may be no music.
const STRAY_DBFS: f64 = 6.0;
/// And is none when it stands this far above the loudest 0.4 s.
const STRAY_ABOVE_DB: f64 = 35.0;
/// Fewer sharp "s" sounds than this are chance.
const SIBILANTS: usize = 3;

/// All findings of an analysis, gravest first.
pub(crate) fn findings(analysis: &Analysis, source: &Source) -> Vec<Finding> {
    let mut found = Vec::new();
    level(analysis, &mut found);
    ultrasonic(analysis, source, &mut found);
    waveform(analysis, source, &mut found);
    noises(analysis, source, &mut found);
    sibilance(source, &mut found);
    ringing(source, &mut found);
    channels::channels(analysis, source, &mut found);
    found.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.code.cmp(&b.code)));
    found
}

/// A finding with a measured value and a limit.
fn finding(
    code: &str,
    severity: Severity,
    text: String,
    values: [f64; 2],
    advice: &str,
) -> Finding {
    Finding {
        code: code.to_owned(),
        severity,
        text,
        measured: Some(values[0]),
        limit: Some(values[1]),
        at_s: Vec::new(),
        advice: advice.to_owned(),
    }
}

fn level(analysis: &Analysis, found: &mut Vec<Finding>) {
    let Some(lufs) = analysis.loudness.integrated_lufs else {
        if analysis.loudness.sample_peak_dbfs.is_none() {
            found.push(Finding {
                code: codes::SILENCE.to_owned(),
                severity: Severity::Error,
                text: "there is no sound in this file".to_owned(),
                measured: None,
                limit: None,
                at_s: Vec::new(),
                advice: "export it again; nothing can be done with digital silence".to_owned(),
            });
        }
        return;
    };
    if lufs < QUIET_LUFS {
        found.push(finding(
            codes::QUIET,
            Severity::Info,
            format!("very quiet: {lufs:.1} LUFS"),
            [lufs, QUIET_LUFS],
            "export at a higher level or with 24 bits, so that noise and rounding stay below the music",
        ));
    }
    if let Some(peak) = analysis.loudness.true_peak_dbtp.filter(|&peak| peak > TRUE_PEAK_DBTP) {
        let mut remark = finding(
            codes::OVER_FULL_SCALE,
            Severity::Warning,
            format!("true peak of {peak:+.2} dBTP is above full scale"),
            [peak, TRUE_PEAK_DBTP],
            "export the mix with some headroom; nothing is lost in a float file, mastering turns it down",
        );
        remark.at_s.extend(analysis.loudness.true_peak_at_s);
        found.push(remark);
    }
    found.extend(stray_sample(analysis));
    if analysis.source.limited_suspected {
        let plr = analysis.loudness.plr_db.unwrap_or_default();
        found.push(finding(
            codes::LIMITED,
            Severity::Info,
            format!("looks mastered already: peaks are only {plr:.1} dB above the loudness"),
            [plr, 9.5],
            "if there is a version without limiter on the mix bus, master that",
        ));
    }
}

fn ultrasonic(analysis: &Analysis, source: &Source, found: &mut Vec<Finding>) {
    let above = source.ultrasonic_lu.filter(|&above| above >= ULTRASONIC_LU);
    if let (Some(lufs), Some(above)) = (analysis.loudness.integrated_lufs, above) {
        found.push(finding(
            codes::ULTRASONIC,
            Severity::Warning,
            format!(
                "{above:.1} LU of the loudness come from above 20 kHz: {lufs:.1} LUFS, {:.1} of what can be heard",
                lufs - above
            ),
            [above, ULTRASONIC_LU],
            "look for noise of a converter or a plug-in above 20 kHz and filter it, or export at 44.1 or 48 kHz",
        ));
    }
}

/// A lone sample far above full scale: in its 0.4 s nothing else counts, and it stands as high above their mean as there are
/// samples in them (43 dB at 48 kHz); music with its peaks above full scale stays below 25 dB.
fn stray_sample(analysis: &Analysis) -> Option<Finding> {
    let loudness = &analysis.loudness;
    let peak_dbfs = loudness.sample_peak_dbfs.filter(|&peak| peak > STRAY_DBFS)?;
    let above_db = peak_dbfs - loudness.momentary_max_lufs?;
    if above_db < STRAY_ABOVE_DB {
        return None;
    }
    let at_s = loudness.true_peak_at_s.unwrap_or_default();
    let mut stray = finding(
        codes::STRAY_SAMPLE,
        Severity::Error,
        format!(
            "one stray sample of {peak_dbfs:+.1} dBFS at {at_s:.3} s drowns the rest of the file"
        ),
        [above_db, STRAY_ABOVE_DB],
        "redraw or silence that sample in an audio editor, and export again",
    );
    stray.at_s.push(at_s);
    Some(stray)
}

fn waveform(analysis: &Analysis, source: &Source, found: &mut Vec<Finding>) {
    let quality = &analysis.source;
    if let Some(level) = quality.clip_level_dbfs.filter(|_| quality.clipped_runs >= 3) {
        let per_minute = quality.clipped_runs as f64 * 60.0 / analysis.format.duration_s.max(1.0);
        let severity =
            if per_minute >= CLIPPED_RUNS_PER_MINUTE { Severity::Warning } else { Severity::Info };
        let (code, text) = if level >= FULL_SCALE_DBFS {
            (codes::CLIPPED, format!("clipped: {} flat tops at full scale", quality.clipped_runs))
        } else {
            let runs = quality.clipped_runs;
            (
                codes::CLIPPED_THEN_LOWERED,
                format!("clipped, then turned down: {runs} flat tops at {level:.1} dBFS"),
            )
        };
        let advice = "export without clipping, or as 32-bit float; acetate restore --only clipping rebuilds what is cut off";
        let mut remark = finding(code, severity, text, [quality.clipped_runs as f64, 3.0], advice);
        remark.at_s.clone_from(&source.flat_tops_at_s);
        found.push(remark);
    }
    if quality.clicks > 0 {
        let mut remark = finding(
            codes::CLICKS,
            Severity::Warning,
            counted(quality.clicks as usize, "click"),
            [quality.clicks as f64, 1.0],
            "listen there: an edit without a fade, a lost buffer, vinyl; acetate restore --only clicks mends them",
        );
        remark.at_s.clone_from(&source.clicks_at_s);
        found.push(remark);
    }
    let offset = quality.dc_offset;
    if offset.abs() >= DC_OFFSET {
        found.push(finding(
            codes::DC_OFFSET,
            Severity::Warning,
            format!("constant offset of {offset:+.4} of full scale"),
            [offset, DC_OFFSET],
            "it is removed in mastering; look for the device or plug-in that makes it",
        ));
    }
}

fn noises(analysis: &Analysis, source: &Source, found: &mut Vec<Finding>) {
    let quality = &analysis.source;
    if let Some(first) = quality.hum_lines.first() {
        let loudest = quality.hum_lines.iter().map(|line| line.level_db).fold(f64::MIN, f64::max);
        let lines = quality.hum_lines.len();
        found.push(finding(
            codes::HUM,
            Severity::Warning,
            format!(
                "mains hum: {lines} steady lines from {:.0} Hz on, up to {loudest:.0} dB",
                first.freq_hz
            ),
            [loudest, -85.0],
            "find the ground loop and record again, or subtract the lines: acetate restore --only hum",
        ));
    }
    if let Some(level) = source.rumble_dbfs {
        found.push(finding(
            codes::RUMBLE,
            Severity::Warning,
            format!("rumble below 26 Hz at {level:.0} dBFS, also where nothing is played"),
            [level, RUMBLE_DBFS],
            "a low cut at 30 Hz on the tracks from microphones or records: it takes headroom and is not heard as music",
        ));
    }
    let floor = quality.noise_floor_dbfs.filter(|&floor| source.hiss && floor > HISS_DBFS);
    if let Some(floor) = floor {
        found.push(finding(
            codes::HISS,
            Severity::Warning,
            format!("hiss at {floor:.0} dBFS in the pauses"),
            [floor, HISS_DBFS],
            "clean the noisy track in the mix, as mastering raises hiss with the level; acetate restore --only hiss lowers it",
        ));
    }
    if quality.lossy_suspected {
        let top = quality.bandwidth_hz.unwrap_or_default();
        found.push(finding(
            codes::LOSSY,
            Severity::Info,
            format!("the spectrum ends in a cliff at {:.1} kHz, as after MP3 or AAC", top / 1e3),
            [top, analysis.format.sample_rate_hz as f64 / 2.0],
            "master from the lossless export if there is one",
        ));
    }
}

fn sibilance(source: &Source, found: &mut Vec<Finding>) {
    let count = source.sibilants_at_s.len();
    if count >= SIBILANTS {
        let or_more = if count == crate::faults::PLACES { " or more" } else { "" };
        let mut remark = finding(
            codes::SIBILANCE,
            Severity::Mix,
            format!("sharp \"s\" sounds: {count}{or_more}"),
            [count as f64, SIBILANTS as f64],
            "de-ess the vocal 2-3 dB at 5-9 kHz; mastering would darken everything with it",
        );
        remark.at_s.clone_from(&source.sibilants_at_s);
        found.push(remark);
    }
}

fn ringing(source: &Source, found: &mut Vec<Finding>) {
    if let Some(Boom { freq_hz, over_db }) = source.boom {
        found.push(finding(
            codes::BOOM,
            Severity::Mix,
            format!("one bass note booms: {freq_hz:.0} Hz is {over_db:.0} dB louder than the other notes"),
            [over_db, BOOM_DB],
            "a narrow cut there on the bass, or play that note softer: mastering would thin every sound at that frequency",
        ));
    }
    if let Some(Resonance { freq_hz, over_db }) = source.resonance {
        found.push(finding(
            codes::RESONANCE,
            Severity::Mix,
            format!(
                "a resonance rings at {:.2} kHz: {over_db:.0} dB above what is beside it, whatever is played",
                freq_hz / 1e3
            ),
            [over_db, RESONANCE_DB],
            "find the track that rings and cut it there, narrow and deep",
        ));
    }
}
