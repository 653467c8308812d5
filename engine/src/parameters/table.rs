//! The table from the input to the compressor.

use super::{
    Kind, Parameter, Range, Scale, choice, knob, linear, log, multiples, optional, switch,
};

/// Lowest frequency of a filter: below it nothing is heard, and meters and limiters hear the filter's ringing for seconds.
const FREQ_HZ_MIN: f64 = 10.0;
/// Highest frequency a knob takes: half of the highest sample rate that is tested, 384 kHz. Sound of a lower rate takes less
/// ([`crate::check_for`]).
const FREQ_HZ_MAX: f64 = 192_000.0;

/// Every knob of mastering up to and including the compressor, in the order of processing.
pub(super) const UP_TO_COMPRESSION: &[Parameter] = &[
    knob(
        "input.remove_dc",
        "",
        switch(false),
        "Removes a constant offset with a first-order high-pass at 5 Hz.",
    ),
    knob(
        "input.trim_start_s",
        "s",
        linear(0.0, 86_400.0, 0.0),
        "Cuts this much from the beginning.",
    ),
    knob("input.trim_end_s", "s", linear(0.0, 86_400.0, 0.0), "Cuts this much from the end."),
    knob(
        "equalizer.phase",
        "",
        choice(&["minimum", "linear"], "minimum"),
        "Minimum phase (analogue-matched filters) or linear phase (one long symmetric FIR).",
    ),
    knob("equalizer.bands", "", Kind::List { entries_max: 32 }, "The filters, all in series."),
    knob("equalizer.bands[].id", "", Kind::Text, "Name by which moves refer to the band."),
    knob("equalizer.bands[].enabled", "", switch(true), "Whether the band is used."),
    knob(
        "equalizer.bands[].type",
        "",
        choice(&["bell", "low_shelf", "high_shelf", "low_pass", "high_pass", "tilt"], "bell"),
        "Shape of the filter.",
    ),
    knob(
        "equalizer.bands[].channel",
        "",
        choice(&["stereo", "mid", "side", "left", "right"], "stereo"),
        "Which part of the sound is filtered; stereo means every channel.",
    ),
    knob(
        "equalizer.bands[].freq_hz",
        "Hz",
        log(FREQ_HZ_MIN, FREQ_HZ_MAX, 1000.0),
        "Centre of a bell or tilt, midpoint of a shelf, -3 dB point of a pass filter (at Q 0.71).",
    ),
    knob(
        "equalizer.bands[].gain_db",
        "dB",
        linear(-30.0, 30.0, 0.0),
        "Gain at the centre, on the shelf, or from end to end of a tilt; pass filters ignore it.",
    ),
    knob(
        "equalizer.bands[].q",
        "",
        log(0.1, 10.0, std::f64::consts::FRAC_1_SQRT_2),
        "RBJ Q of the analogue prototype; a pass filter uses it at 12 dB per octave only.",
    ),
    knob(
        "equalizer.bands[].slope_db_per_octave",
        "dB/oct",
        multiples(6, 6.0, 48.0, 12.0),
        "Steepness of a pass filter, a multiple of 6; Butterworth except at 12, which follows Q.",
    ),
    knob(
        "dynamic_equalizer.bands",
        "",
        Kind::List { entries_max: 8 },
        "Bells that cut only while their own band is loud.",
    ),
    knob("dynamic_equalizer.bands[].id", "", Kind::Text, "Name by which moves refer to the band."),
    knob("dynamic_equalizer.bands[].enabled", "", switch(true), "Whether the band is used."),
    knob(
        "dynamic_equalizer.bands[].freq_hz",
        "Hz",
        log(20.0, 20_000.0, 1000.0),
        "Centre of the bell and of its detector.",
    ),
    knob(
        "dynamic_equalizer.bands[].q",
        "",
        log(0.3, 10.0, 1.0),
        "RBJ Q of the bell and of its detector.",
    ),
    knob(
        "dynamic_equalizer.bands[].threshold_db",
        "dB",
        linear(-80.0, 0.0, 0.0),
        "Level in the band above which it is cut.",
    ),
    knob("dynamic_equalizer.bands[].ratio", "", log(1.0, 20.0, 2.0), "Ratio n means n:1."),
    knob("dynamic_equalizer.bands[].range_db", "dB", linear(0.0, 18.0, 4.0), "Deepest cut."),
    knob(
        "dynamic_equalizer.bands[].attack_ms",
        "ms",
        log(0.5, 200.0, 5.0),
        "Time to 63 % of a deeper cut; the sound is delayed by as much.",
    ),
    knob(
        "dynamic_equalizer.bands[].release_ms",
        "ms",
        log(5.0, 2000.0, 100.0),
        "Time to 63 % of the recovery.",
    ),
    knob(
        "dynamic_equalizer.de_esser.enabled",
        "",
        switch(false),
        "Whether sharp s sounds are softened.",
    ),
    knob(
        "dynamic_equalizer.de_esser.freq_hz",
        "Hz",
        log(3000.0, 12_000.0, 7000.0),
        "Centre of the bell that softens them.",
    ),
    knob(
        "dynamic_equalizer.de_esser.threshold_db",
        "dB",
        linear(-40.0, 40.0, 0.0),
        "Energy of 5-10 kHz over that of 0.3-3 kHz, in the mid, above which a sound counts as sharp.",
    ),
    knob(
        "dynamic_equalizer.de_esser.amount_pct",
        "%",
        linear(0.0, 100.0, 60.0),
        "Share of the excess that is taken away.",
    ),
    knob("dynamic_equalizer.de_esser.range_db", "dB", linear(0.0, 12.0, 6.0), "Deepest cut."),
    knob(
        "dynamic_equalizer.resonance.enabled",
        "",
        switch(false),
        "Whether narrow resonances are tamed.",
    ),
    knob(
        "dynamic_equalizer.resonance.sensitivity_db",
        "dB",
        linear(2.0, 20.0, 6.0),
        "How far a narrow peak must stand above its surroundings to count.",
    ),
    knob(
        "dynamic_equalizer.resonance.amount_pct",
        "%",
        linear(0.0, 100.0, 40.0),
        "Share of the excess that is taken away.",
    ),
    knob("dynamic_equalizer.resonance.range_db", "dB", linear(0.0, 12.0, 4.0), "Deepest cut."),
    knob(
        "compressor.crossovers_hz",
        "Hz",
        Kind::Numbers(Range {
            min: 20.0,
            max: 20_000.0,
            default: 1000.0,
            scale: Scale::Logarithmic,
        }),
        "Frequencies between the bands, rising; one fewer than the bands.",
    ),
    knob(
        "compressor.crossover",
        "",
        choice(&["linear", "linkwitz_riley"], "linear"),
        "How the bands are split: linear phase, or Linkwitz-Riley 24 dB per octave.",
    ),
    knob(
        "compressor.sidechain_highpass_hz",
        "Hz",
        optional(20.0, 500.0, Scale::Logarithmic),
        "High-pass before the detector of a single band, so that bass does not pump; null for none.",
    ),
    knob(
        "compressor.link_pct",
        "%",
        linear(0.0, 100.0, 100.0),
        "How far channels share one gain; 100 keeps the image still.",
    ),
    knob(
        "compressor.channel",
        "",
        choice(&["stereo", "mid", "side"], "stereo"),
        "Which part of the sound is compressed; the detector of mid and side hears the mid.",
    ),
    knob("compressor.bands", "", Kind::List { entries_max: 4 }, "The bands, from low to high."),
    knob("compressor.bands[].id", "", Kind::Text, "Name by which moves refer to the band."),
    knob("compressor.bands[].enabled", "", switch(true), "Whether the band is used."),
    knob(
        "compressor.bands[].threshold_db",
        "dB",
        linear(-80.0, 0.0, 0.0),
        "Level above which the gain falls.",
    ),
    knob("compressor.bands[].ratio", "", log(1.0, 20.0, 1.0), "Ratio n means n:1; 1 does nothing."),
    knob(
        "compressor.bands[].knee_db",
        "dB",
        linear(0.0, 30.0, 8.0),
        "Full width of the soft knee.",
    ),
    knob(
        "compressor.bands[].attack_ms",
        "ms",
        log(0.1, 500.0, 30.0),
        "Time to 63 % of a gain reduction.",
    ),
    knob(
        "compressor.bands[].release_ms",
        "ms",
        log(5.0, 5000.0, 250.0),
        "Time to 63 % of the recovery.",
    ),
    knob(
        "compressor.bands[].auto_release",
        "",
        switch(false),
        "Longer release after sustained reduction, shorter after a transient.",
    ),
    knob(
        "compressor.bands[].detector",
        "",
        choice(&["peak", "rms"], "peak"),
        "Whether the detector hears peaks or a 5 ms mean power.",
    ),
    knob("compressor.bands[].makeup_db", "dB", linear(-24.0, 24.0, 0.0), "Gain after compression."),
    knob(
        "compressor.bands[].mix_pct",
        "%",
        linear(0.0, 100.0, 100.0),
        "Share of compressed sound; the rest stays dry.",
    ),
    knob(
        "compressor.sections",
        "",
        Kind::List { entries_max: 64 },
        "Sections of the song whose thresholds lie elsewhere, in their order.",
    ),
    knob(
        "compressor.sections[].from_s",
        "s",
        linear(0.0, 86_400.0, 0.0),
        "Where the section begins in the source; thresholds are up before it where they rise, and fall after it.",
    ),
    knob(
        "compressor.sections[].threshold_offset_db",
        "dB",
        linear(-24.0, 24.0, 0.0),
        "How much higher the thresholds of all bands lie in it.",
    ),
];
