//! EBU Tech 3341 (v4, 2023): the minimum requirements test signals that can be synthesised, at three rates.
//!
//! Cases 7 and 8 are recorded programmes. Cases 11 and 14 are made for live meters and read here segment by
//! segment, as a live meter that is reset would. Cases 20 to 23 come as sound files in the EBU's test set, a
//! loud_period resampled at four offsets; here a transient of known peak takes their place.

use acetate_analyzer::{Levels, LoudnessMeter, TruePeakMeter};
use acetate_audio::Audio;

use super::reading::Reading;
use super::{RATES_HZ, Tone, loud_period, silence, sine_stereo, tones};

/// Tech 3341 allows 0.1 LU either way.
const LOUDNESS_LU: [f64; 2] = [0.1, 0.1];
/// And this below and above a true peak.
const PEAK_DB: [f64; 2] = [0.4, 0.2];

fn levels(audio: &Audio) -> Levels {
    let mut meter = LoudnessMeter::new(audio.spec());
    meter.push(audio);
    meter.finish_levels()
}

fn loudness(
    case: u32,
    measure: &'static str,
    rate_hz: u32,
    reading: Option<f64>,
    expected: f64,
) -> Reading {
    let value = reading.expect("a test signal has a loudness");
    let case = format!("3341-{case}");
    Reading { case, measure, rate_hz, value, expected, tolerance: LOUDNESS_LU }
}

fn integrated(case: u32, parts: &[Tone]) -> Vec<Reading> {
    let read = |rate| levels(&tones(rate, parts)).integrated_lufs;
    RATES_HZ.map(|rate| loudness(case, "I", rate, read(rate), parts_level(case))).to_vec()
}

/// All but case 2 are made to read -23 LUFS.
fn parts_level(case: u32) -> f64 {
    if case == 2 { -33.0 } else { -23.0 }
}

/// A steady tone reads its level in all three times.
pub(crate) fn case_1() -> Vec<Reading> {
    let read = |rate| {
        let levels = levels(&tones(rate, &[Tone(-23.0, 20.0)]));
        [
            loudness(1, "I", rate, levels.integrated_lufs, -23.0),
            loudness(1, "S max", rate, levels.short_term_max_lufs, -23.0),
            loudness(1, "M max", rate, levels.momentary_max_lufs, -23.0),
        ]
    };
    RATES_HZ.into_iter().flat_map(read).collect()
}

/// A quieter tone reads ten less.
pub(crate) fn case_2() -> Vec<Reading> {
    integrated(2, &[Tone(-33.0, 20.0)])
}

/// The relative gate leaves the quiet ends out.
pub(crate) fn case_3() -> Vec<Reading> {
    integrated(3, &[Tone(-36.0, 10.0), Tone(-23.0, 60.0), Tone(-36.0, 10.0)])
}

/// The absolute gate leaves out what is below -70 LUFS.
pub(crate) fn case_4() -> Vec<Reading> {
    let ends = [Tone(-72.0, 10.0), Tone(-36.0, 10.0)];
    integrated(4, &[ends[0], ends[1], Tone(-23.0, 60.0), ends[1], ends[0]])
}

/// The mean of three levels is gated once.
pub(crate) fn case_5() -> Vec<Reading> {
    integrated(5, &[Tone(-26.0, 20.0), Tone(-20.0, 20.1), Tone(-26.0, 20.0)])
}

/// The surround channels of five weigh more; a loud sixth, for low-frequency effects, is not heard.
pub(crate) fn case_6() -> Vec<Reading> {
    let read = |rate| {
        let plane = |level| tones(rate, &[Tone(level, 20.0)]).channel(0).to_vec();
        let five = [-28.0, -28.0, -24.0, -30.0, -30.0].map(plane).to_vec();
        let mut six = five.clone();
        six.insert(3, plane(-6.0));
        let lufs = |planes| levels(&Audio::from_planes(rate, planes)).integrated_lufs;
        [
            loudness(6, "I, 5.0", rate, lufs(five), -23.0),
            loudness(6, "I, 5.1", rate, lufs(six), -23.0),
        ]
    };
    RATES_HZ.into_iter().flat_map(read).collect()
}

/// Short-term loudness is constant over a pattern of 3 s.
pub(crate) fn case_9() -> Vec<Reading> {
    let pattern = [Tone(-20.0, 1.34), Tone(-30.0, 1.66)].repeat(5);
    let read = |rate| levels(&tones(rate, &pattern)).short_term_max_lufs;
    RATES_HZ.map(|rate| loudness(9, "S max", rate, read(rate), -23.0)).to_vec()
}

/// The segments of a case: `step_s` later each, `length_s` long; the worst reading at each rate.
fn segments(
    case: u32,
    measure: &'static str,
    [step_s, length_s, after_s]: [f64; 3],
    level: fn(u32) -> f64,
    read: fn(&Levels) -> Option<f64>,
) -> Vec<Reading> {
    RATES_HZ
        .into_iter()
        .map(|rate| {
            let readings = (0..20).map(|segment| {
                let before = silence(step_s * f64::from(segment));
                let parts = [before, Tone(level(segment), length_s), silence(after_s)];
                loudness(case, measure, rate, read(&levels(&tones(rate, &parts))), level(segment))
            });
            let error = |reading: &Reading| (reading.value - reading.expected).abs();
            readings.max_by(|a, b| error(a).total_cmp(&error(b))).expect("there are twenty")
        })
        .collect()
}

/// The loudest 3 s are found wherever they begin; the worst of twenty.
pub(crate) fn case_10() -> Vec<Reading> {
    segments(10, "S max", [0.15, 3.0, 1.0], |_| -23.0, |levels| levels.short_term_max_lufs)
}

/// Short-term maxima follow the segments from -38 to -19 LUFS; the worst of twenty.
pub(crate) fn case_11() -> Vec<Reading> {
    let level = |segment| -38.0 + f64::from(segment);
    segments(11, "S max", [0.15, 3.0, 3.0], level, |levels| levels.short_term_max_lufs)
}

/// Momentary loudness is constant over a pattern of 400 ms.
pub(crate) fn case_12() -> Vec<Reading> {
    let pattern = [Tone(-20.0, 0.18), Tone(-30.0, 0.22)].repeat(25);
    let read = |rate| levels(&tones(rate, &pattern)).momentary_max_lufs;
    RATES_HZ.map(|rate| loudness(12, "M max", rate, read(rate), -23.0)).to_vec()
}

/// The loudest 400 ms are found wherever they begin; the worst of twenty.
pub(crate) fn case_13() -> Vec<Reading> {
    segments(13, "M max", [0.02, 0.4, 1.0], |_| -23.0, |levels| levels.momentary_max_lufs)
}

/// Momentary maxima follow the segments from -38 to -19 LUFS; the worst of twenty.
pub(crate) fn case_14() -> Vec<Reading> {
    let level = |segment| -38.0 + f64::from(segment);
    segments(14, "M max", [0.02, 0.4, 0.4], level, |levels| levels.momentary_max_lufs)
}

/// True peak, and what BS.1770's own interpolator reads.
fn peaks(case: u32, audio: &Audio, expected_dbtp: f64) -> [Reading; 2] {
    let mut meter = TruePeakMeter::new(audio.spec());
    meter.push(audio);
    let peak = meter.finish().expect("a test signal has a peak");
    [("TP", peak.true_peak_dbtp), ("TP, 4x of BS.1770", peak.bs1770_dbtp)].map(
        |(measure, value)| Reading {
            case: format!("3341-{case}"),
            measure,
            rate_hz: audio.spec().sample_rate_hz,
            value,
            expected: expected_dbtp,
            tolerance: PEAK_DB,
        },
    )
}

/// Peaks of tones between the samples.
pub(crate) fn cases_15_to_19() -> Vec<Reading> {
    let cases = [
        (15, 4.0, 0.0, 0.5, -6.0),
        (16, 4.0, 45.0, 0.5, -6.0),
        (17, 6.0, 60.0, 0.5, -6.0),
        (18, 8.0, 67.5, 0.5, -6.0),
        (19, 4.0, 45.0, 1.41, 3.0),
    ];
    let read = |rate: u32| {
        cases.into_iter().flat_map(move |(case, divisor, phase_deg, amplitude, expected)| {
            let freq_hz = f64::from(rate) / divisor;
            peaks(case, &sine_stereo(rate, freq_hz, phase_deg, amplitude), expected)
        })
    };
    RATES_HZ.into_iter().flat_map(read).collect()
}

/// A peak between the samples of a signal that changes, at four places between them. The filter takes 0.09 dB of it.
pub(crate) fn cases_20_to_23() -> Vec<Reading> {
    let read = |rate: u32| {
        (0..4).flat_map(move |offset| peaks(20 + offset, &loud_period(rate, offset as usize), 0.0))
    };
    RATES_HZ.into_iter().flat_map(read).collect()
}

/// Every case, in order.
pub(crate) fn every_case() -> Vec<Reading> {
    [
        case_1,
        case_2,
        case_3,
        case_4,
        case_5,
        case_6,
        case_9,
        case_10,
        case_11,
        case_12,
        case_13,
        case_14,
        cases_15_to_19,
        cases_20_to_23,
    ]
    .into_iter()
    .flat_map(|case| case())
    .collect()
}
