//! The repairs in the table.

use super::{Kind, Parameter, Range, Scale, integer, knob, linear, log, optional, switch};

/// Most events of one kind: as many as the longest document holds.
const EVENTS_MAX: usize = 100_000;
/// Latest frame: thirty days at the highest rate.
const FRAMES_MAX: f64 = 1e12;
/// Channels, counted from 0.
const CHANNELS: Kind =
    Kind::Numbers(Range { min: 0.0, max: 7.0, default: 0.0, scale: Scale::Multiples(1) });
const CHANNEL: Kind = integer(0.0, 7.0, 0.0);
/// Where a section begins, and how long it is.
const START: Kind = integer(0.0, FRAMES_MAX, 0.0);
const LENGTH: Kind = integer(1.0, FRAMES_MAX, 1.0);
/// Frames within a section, and lengths of impulses.
const OFFSETS: Kind =
    Kind::Numbers(Range { min: 0.0, max: 1e9, default: 0.0, scale: Scale::Multiples(1) });
const IMPULSES: Kind =
    Kind::Numbers(Range { min: 1.0, max: 2048.0, default: 1.0, scale: Scale::Multiples(1) });
/// Amplitudes of a line, full scale being 1.
const AMPLITUDES: Kind =
    Kind::Numbers(Range { min: -64.0, max: 64.0, default: 0.0, scale: Scale::Linear });

/// Every knob of the repairs, in the order of processing.
pub(super) const REPAIRS: &[Parameter] = &[
    knob(
        "restore.clipping.strength_pct",
        "%",
        linear(0.0, 100.0, 100.0),
        "Share of what was cut off that is given back.",
    ),
    knob(
        "restore.clipping.sections",
        "",
        Kind::List { entries_max: EVENTS_MAX },
        "Sections of one channel in which samples at these levels are rebuilt.",
    ),
    knob("restore.clipping.sections[].channel", "", CHANNEL, "The channel, counted from 0."),
    knob("restore.clipping.sections[].start_frame", "frame", START, "First frame of the input."),
    knob("restore.clipping.sections[].frames", "frames", LENGTH, "Its length."),
    knob(
        "restore.clipping.sections[].upper",
        "",
        optional(0.0, 64.0, Scale::Linear),
        "Samples from this value on are rebuilt upwards, full scale being 1; null for none.",
    ),
    knob(
        "restore.clipping.sections[].lower",
        "",
        optional(-64.0, 0.0, Scale::Linear),
        "Samples down from this value are rebuilt downwards; null for none.",
    ),
    knob("restore.clipping.sections[].repair", "", switch(true), "Whether it is repaired."),
    knob(
        "restore.clicks.strength_pct",
        "%",
        linear(0.0, 100.0, 100.0),
        "Share of each click that is taken away.",
    ),
    knob(
        "restore.clicks.events",
        "",
        Kind::List { entries_max: EVENTS_MAX },
        "The clicks; one that is deleted stays in the sound.",
    ),
    knob("restore.clicks.events[].id", "", Kind::Text, "Name of the event."),
    knob(
        "restore.clicks.events[].channels",
        "",
        CHANNELS,
        "The channels that it is in, counted from 0.",
    ),
    knob(
        "restore.clicks.events[].start_frame",
        "frame",
        integer(0.0, FRAMES_MAX, 0.0),
        "First frame of the input.",
    ),
    knob("restore.clicks.events[].frames", "frames", integer(1.0, 2048.0, 1.0), "Its length."),
    knob(
        "restore.clicks.events[].peak_dbfs",
        "dBFS",
        linear(-200.0, 120.0, 0.0),
        "Largest sample of what was added; says how loud it is, changes nothing.",
    ),
    knob(
        "restore.clicks.events[].confidence",
        "",
        linear(0.0, 1.0, 1.0),
        "Share of such findings that are damage; changes nothing.",
    ),
    knob("restore.clicks.events[].repair", "", switch(true), "Whether it is repaired."),
    knob(
        "restore.crackle.strength_pct",
        "%",
        linear(0.0, 100.0, 100.0),
        "Share of the crackle that is taken away.",
    ),
    knob(
        "restore.crackle.sections",
        "",
        Kind::List { entries_max: EVENTS_MAX },
        "Sections of one channel; one that is deleted keeps its crackle.",
    ),
    knob("restore.crackle.sections[].channel", "", CHANNEL, "The channel, counted from 0."),
    knob("restore.crackle.sections[].start_frame", "frame", START, "First frame of the input."),
    knob(
        "restore.crackle.sections[].at",
        "frame",
        OFFSETS,
        "Where each impulse begins, counted from the first frame of the section.",
    ),
    knob("restore.crackle.sections[].lengths", "frames", IMPULSES, "How long each is."),
    knob("restore.crackle.sections[].repair", "", switch(true), "Whether it is repaired."),
    knob(
        "restore.hum.strength_pct",
        "%",
        linear(0.0, 100.0, 100.0),
        "Share of the hum that is taken away.",
    ),
    knob(
        "restore.hum.sections",
        "",
        Kind::List { entries_max: 1000 },
        "Sections with one track of the frequency each; one that is deleted keeps its hum.",
    ),
    knob("restore.hum.sections[].start_frame", "frame", START, "First frame of the input."),
    knob("restore.hum.sections[].frames", "frames", LENGTH, "Its length."),
    knob(
        "restore.hum.sections[].step_s",
        "s",
        log(0.01, 60.0, 0.25),
        "Length of a step of the track.",
    ),
    knob(
        "restore.hum.sections[].line_step_s",
        "s",
        log(0.01, 60.0, 0.5),
        "Length of a step of the lines.",
    ),
    knob(
        "restore.hum.sections[].track_hz",
        "Hz",
        Kind::Numbers(Range { min: 1.0, max: 1000.0, default: 50.0, scale: Scale::Linear }),
        "Mean frequency of the fundamental, step by step.",
    ),
    knob(
        "restore.hum.sections[].lines",
        "",
        Kind::List { entries_max: 512 },
        "The harmonics, channel by channel; one that is deleted stays in the sound.",
    ),
    knob("restore.hum.sections[].lines[].channel", "", CHANNEL, "The channel, counted from 0."),
    knob(
        "restore.hum.sections[].lines[].harmonic",
        "",
        integer(1.0, 64.0, 1.0),
        "Multiple of the fundamental.",
    ),
    knob(
        "restore.hum.sections[].lines[].level_dbfs",
        "dBFS",
        linear(-200.0, 60.0, 0.0),
        "Mean level; says how loud it is, changes nothing.",
    ),
    knob(
        "restore.hum.sections[].lines[].cos",
        "",
        AMPLITUDES,
        "Amplitude of the cosine, step by step, full scale being 1.",
    ),
    knob(
        "restore.hum.sections[].lines[].sin",
        "",
        AMPLITUDES,
        "Amplitude of the sine, step by step, full scale being 1.",
    ),
    knob("restore.hum.sections[].repair", "", switch(true), "Whether it is repaired."),
    knob(
        "restore.hiss.reduction_db",
        "dB",
        linear(0.0, 30.0, 0.0),
        "How far steady noise is lowered where nothing else is; 0 leaves it.",
    ),
    knob(
        "restore.hiss.points",
        "",
        Kind::List { entries_max: 1024 },
        "The noise over frequency, from low to high.",
    ),
    knob("restore.hiss.points[].freq_hz", "Hz", log(1.0, 192_000.0, 1000.0), "A frequency."),
    knob(
        "restore.hiss.points[].floor_db",
        "dBFS",
        linear(-200.0, 0.0, -100.0),
        "Level of white noise that is as dense as the noise is there.",
    ),
];
