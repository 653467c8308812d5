//! EBU Tech 3341 (v4, 2023): the minimum requirements test signals that can be synthesised, at three rates.
//! Cases 7 and 8 are recorded programmes. Cases 11 and 14 are made for live meters and read here segment
//! by segment, as a live meter that is reset would.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "test signals, and helpers that only tests call"
)]

mod signals;

use acetate_analyzer::{Levels, LoudnessMeter, TruePeakMeter};
use acetate_audio::Audio;
use signals::{RATES_HZ, Tone, silence, sine_stereo, tones};

fn levels(audio: &Audio) -> Levels {
    let mut meter = LoudnessMeter::new(audio.spec());
    meter.push(audio);
    meter.finish_levels()
}

/// Reading beside expectation; Tech 3341 allows 0.1 LU.
#[track_caller]
fn check(case: &str, rate: u32, reading: Option<f64>, expected: f64) {
    let reading = reading.expect("a test signal has a loudness");
    println!("3341 case {case:>3} at {rate:>6} Hz: {reading:8.3} for {expected:6.1}");
    assert!(
        (reading - expected).abs() <= 0.1,
        "case {case} at {rate} Hz: {reading} is not {expected}"
    );
}

#[track_caller]
fn check_integrated(case: &str, parts: &[Tone], expected: f64) {
    for rate in RATES_HZ {
        check(case, rate, levels(&tones(rate, parts)).integrated_lufs, expected);
    }
}

#[test]
fn case_1_a_steady_tone_reads_its_level_in_all_three_times() {
    for rate in RATES_HZ {
        let levels = levels(&tones(rate, &[Tone(-23.0, 20.0)]));
        check("1 I", rate, levels.integrated_lufs, -23.0);
        check("1 S", rate, levels.short_term_max_lufs, -23.0);
        check("1 M", rate, levels.momentary_max_lufs, -23.0);
    }
}

#[test]
fn case_2_a_quieter_tone_reads_ten_less() {
    check_integrated("2", &[Tone(-33.0, 20.0)], -33.0);
}

#[test]
fn case_3_the_relative_gate_leaves_the_quiet_ends_out() {
    check_integrated("3", &[Tone(-36.0, 10.0), Tone(-23.0, 60.0), Tone(-36.0, 10.0)], -23.0);
}

#[test]
fn case_4_the_absolute_gate_leaves_out_what_is_below_minus_70() {
    let parts = [
        Tone(-72.0, 10.0),
        Tone(-36.0, 10.0),
        Tone(-23.0, 60.0),
        Tone(-36.0, 10.0),
        Tone(-72.0, 10.0),
    ];
    check_integrated("4", &parts, -23.0);
}

#[test]
fn case_5_the_mean_of_three_levels_is_gated_once() {
    check_integrated("5", &[Tone(-26.0, 20.0), Tone(-20.0, 20.1), Tone(-26.0, 20.0)], -23.0);
}

#[test]
fn case_6_the_surround_channels_of_five_weigh_more() {
    for rate in RATES_HZ {
        let channels = [-28.0, -28.0, -24.0, -30.0, -30.0]
            .map(|level| tones(rate, &[Tone(level, 20.0)]).channel(0).to_vec());
        let five = Audio::from_planes(rate, channels.to_vec());
        check("6", rate, levels(&five).integrated_lufs, -23.0);
        // The same with a loud sixth channel in the place of the low-frequency effects.
        let mut planes = channels.to_vec();
        planes.insert(3, tones(rate, &[Tone(-6.0, 20.0)]).channel(0).to_vec());
        check("6 LFE", rate, levels(&Audio::from_planes(rate, planes)).integrated_lufs, -23.0);
    }
}

#[test]
fn case_9_short_term_loudness_is_constant_over_a_3_s_pattern() {
    let pattern = [Tone(-20.0, 1.34), Tone(-30.0, 1.66)];
    for rate in RATES_HZ {
        let levels = levels(&tones(rate, &pattern.repeat(5)));
        check("9", rate, levels.short_term_max_lufs, -23.0);
    }
}

#[test]
fn case_10_the_loudest_3_s_are_found_wherever_they_begin() {
    for rate in RATES_HZ {
        for segment in 0..20 {
            let before = 0.15 * f64::from(segment);
            let audio = tones(rate, &[silence(before), Tone(-23.0, 3.0), silence(1.0)]);
            check("10", rate, levels(&audio).short_term_max_lufs, -23.0);
        }
    }
}

#[test]
fn case_11_short_term_maxima_follow_the_segments() {
    for rate in RATES_HZ {
        for segment in 0..20 {
            let (before, level) = (0.15 * f64::from(segment), -38.0 + f64::from(segment));
            let audio = tones(rate, &[silence(before), Tone(level, 3.0), silence(3.0 - before)]);
            check("11", rate, levels(&audio).short_term_max_lufs, level);
        }
    }
}

#[test]
fn case_12_momentary_loudness_is_constant_over_a_400_ms_pattern() {
    let pattern = [Tone(-20.0, 0.18), Tone(-30.0, 0.22)];
    for rate in RATES_HZ {
        let levels = levels(&tones(rate, &pattern.repeat(25)));
        check("12", rate, levels.momentary_max_lufs, -23.0);
    }
}

#[test]
fn case_13_the_loudest_400_ms_are_found_wherever_they_begin() {
    for rate in RATES_HZ {
        for segment in 0..20 {
            let before = 0.02 * f64::from(segment);
            let audio = tones(rate, &[silence(before), Tone(-23.0, 0.4), silence(1.0)]);
            check("13", rate, levels(&audio).momentary_max_lufs, -23.0);
        }
    }
}

#[test]
fn case_14_momentary_maxima_follow_the_segments() {
    for rate in RATES_HZ {
        for segment in 0..20 {
            let (before, level) = (0.02 * f64::from(segment), -38.0 + f64::from(segment));
            let audio = tones(rate, &[silence(before), Tone(level, 0.4), silence(0.4 - before)]);
            check("14", rate, levels(&audio).momentary_max_lufs, level);
        }
    }
}

/// Tech 3341 allows +0.2 and -0.4 dB.
#[track_caller]
fn check_peak(case: &str, audio: &Audio, expected_dbtp: f64) {
    let mut meter = TruePeakMeter::new(audio.spec());
    meter.push(audio);
    let peak = meter.finish().expect("a sine has a peak");
    for reading in [peak.true_peak_dbtp, peak.bs1770_dbtp] {
        let rate = audio.spec().sample_rate_hz;
        println!("3341 case {case:>3} at {rate:>6} Hz: {reading:8.3} for {expected_dbtp:6.1}");
        let error = reading - expected_dbtp;
        assert!((-0.4..=0.2).contains(&error), "case {case} at {rate} Hz: {reading}");
    }
}

#[test]
fn cases_15_to_19_peaks_between_the_samples_are_read() {
    for rate in RATES_HZ {
        for (case, divisor, phase_deg, amplitude, expected) in [
            ("15", 4.0, 0.0, 0.5, -6.0),
            ("16", 4.0, 45.0, 0.5, -6.0),
            ("17", 6.0, 60.0, 0.5, -6.0),
            ("18", 8.0, 67.5, 0.5, -6.0),
            ("19", 4.0, 45.0, 1.41, 3.0),
        ] {
            check_peak(
                case,
                &sine_stereo(rate, f64::from(rate) / divisor, phase_deg, amplitude),
                expected,
            );
        }
    }
}
