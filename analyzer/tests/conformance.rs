//! The meters against EBU Tech 3341 and 3342. `cargo run -p acetate-analyzer --example conformance` prints every
//! reading beside its expectation.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "test signals, and helpers that only tests call"
)]

mod signals;

use signals::reading::all_pass;
use signals::{tech3341, tech3342};

#[test]
fn tech_3341_case_1_a_steady_tone_reads_its_level_in_all_three_times() {
    all_pass(&tech3341::case_1());
}

#[test]
fn tech_3341_case_2_a_quieter_tone_reads_ten_less() {
    all_pass(&tech3341::case_2());
}

#[test]
fn tech_3341_case_3_the_relative_gate_leaves_the_quiet_ends_out() {
    all_pass(&tech3341::case_3());
}

#[test]
fn tech_3341_case_4_the_absolute_gate_leaves_out_what_is_below_minus_70() {
    all_pass(&tech3341::case_4());
}

#[test]
fn tech_3341_case_5_the_mean_of_three_levels_is_gated_once() {
    all_pass(&tech3341::case_5());
}

#[test]
fn tech_3341_case_6_the_surround_channels_of_five_weigh_more() {
    all_pass(&tech3341::case_6());
}

#[test]
fn tech_3341_case_9_short_term_loudness_is_constant_over_a_3_s_pattern() {
    all_pass(&tech3341::case_9());
}

#[test]
fn tech_3341_case_10_the_loudest_3_s_are_found_wherever_they_begin() {
    all_pass(&tech3341::case_10());
}

#[test]
fn tech_3341_case_11_short_term_maxima_follow_the_segments() {
    all_pass(&tech3341::case_11());
}

#[test]
fn tech_3341_case_12_momentary_loudness_is_constant_over_a_400_ms_pattern() {
    all_pass(&tech3341::case_12());
}

#[test]
fn tech_3341_case_13_the_loudest_400_ms_are_found_wherever_they_begin() {
    all_pass(&tech3341::case_13());
}

#[test]
fn tech_3341_case_14_momentary_maxima_follow_the_segments() {
    all_pass(&tech3341::case_14());
}

#[test]
fn tech_3341_cases_15_to_19_peaks_of_tones_between_the_samples_are_read() {
    all_pass(&tech3341::cases_15_to_19());
}

#[test]
fn tech_3341_cases_20_to_23_a_loud_period_reads_the_same_wherever_its_peak_lies() {
    all_pass(&tech3341::cases_20_to_23());
}

#[test]
fn tech_3342_case_1_ten_decibels_apart() {
    all_pass(&tech3342::case(1));
}

#[test]
fn tech_3342_case_2_five_decibels_apart() {
    all_pass(&tech3342::case(2));
}

#[test]
fn tech_3342_case_3_twenty_decibels_apart() {
    all_pass(&tech3342::case(3));
}

#[test]
fn tech_3342_case_4_the_relative_gate_leaves_out_the_quietest_of_five() {
    all_pass(&tech3342::case(4));
}
