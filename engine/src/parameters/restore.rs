//! The repairs in the table.

use super::{Kind, Parameter, Range, Scale, integer, knob, linear, switch};

/// Most events of one kind: as many as the longest document holds.
const EVENTS_MAX: usize = 100_000;
/// Latest frame: thirty days at the highest rate.
const FRAMES_MAX: f64 = 1e12;
/// Channels, counted from 0.
const CHANNELS: Kind =
    Kind::Numbers(Range { min: 0.0, max: 7.0, default: 0.0, scale: Scale::Multiples(1) });

/// Every knob of the repairs, in the order of processing.
pub(super) const REPAIRS: &[Parameter] = &[
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
];
