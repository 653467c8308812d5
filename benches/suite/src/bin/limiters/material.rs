//! What the limiters are tried on.

use std::f64::consts::PI;
use std::path::Path;

use acetate_audio::Audio;
use acetate_files::MEMORY_LIMIT_BYTES;
use serde::Serialize;

use crate::named;

const RATE_HZ: u32 = 44_100;

/// A named excerpt.
pub(crate) struct Piece {
    pub(crate) name: String,
    pub(crate) audio: Audio,
    /// How far it is driven, when not to the loudness asked for.
    pub(crate) goal: Option<Goal>,
}

/// How far a sound is driven.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Goal {
    /// To this integrated loudness.
    Lufs(f64),
    /// To this much more than its loudness with its true peak at the ceiling, LU.
    LouderThanAtCeiling(f64),
    /// Until its true peak is this far above the ceiling, whatever the loudness: for sounds that no limiter makes louder without
    /// distortion, dB.
    PeakOverCeiling(f64),
}

/// Excerpts of the mixes and references in a folder, in order of their names.
pub(crate) fn load(folder: &Path, asked: &[String], seconds: f64) -> Vec<Piece> {
    let mut paths: Vec<_> = ["mixes", "refs"]
        .iter()
        .filter_map(|part| std::fs::read_dir(folder.join(part)).ok())
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    let piece = |path: std::path::PathBuf| {
        let name = path.file_stem()?.to_str()?.to_owned();
        if !named(&name, asked) {
            return None;
        }
        let source = acetate_files::open(&path, MEMORY_LIMIT_BYTES).ok()?;
        Some(Piece { name, audio: loudest(source.audio()?, seconds), goal: None })
    };
    paths.into_iter().filter_map(piece).collect()
}

/// The loudest stretch of a length.
fn loudest(audio: &Audio, seconds: f64) -> Audio {
    let rate = audio.spec().sample_rate_hz as usize;
    let step = rate / 2;
    let length = ((seconds * rate as f64) as usize).min(audio.frames());
    let energy = |start: usize| -> f64 {
        let planes = audio.planes().iter();
        planes
            .flat_map(|plane| &plane[start..start + length])
            .map(|&x| f64::from(x) * f64::from(x))
            .sum()
    };
    let starts = (0..=audio.frames() - length).step_by(step);
    let start = starts.max_by(|&a, &b| energy(a).total_cmp(&energy(b))).unwrap_or(0);
    let planes = audio.planes().iter().map(|plane| plane[start..start + length].to_vec()).collect();
    Audio::from_planes(audio.spec().sample_rate_hz, planes)
}

/// Signals that show what a limiter cannot hide.
pub(crate) fn adversaries(seconds: f64) -> Vec<Piece> {
    let frames = (seconds * f64::from(RATE_HZ)) as usize;
    let make = |name: &str, channels: usize, goal: Goal, sample: &dyn Fn(usize, usize) -> f64| {
        let planes =
            (0..channels).map(|c| (0..frames).map(|t| sample(c, t) as f32).collect()).collect();
        let audio = Audio::from_planes(RATE_HZ, planes);
        Piece { name: format!("({name})"), audio, goal: Some(goal) }
    };
    let s = |t: usize| t as f64 / f64::from(RATE_HZ);
    let sine = |hz: f64, t: usize| libm::sin(2.0 * PI * hz * s(t));
    let since = |period: f64, t: usize| s(t) % period;
    let bed = |c: usize, t: usize| 0.05 * (sine(220.0, t) + sine(331.0 + c as f64, t));
    let struck = |hz: f64, decay: f64, period: f64, t: usize| {
        libm::exp(-decay * since(period, t)) * libm::sin(2.0 * PI * hz * since(period, t))
    };
    let piano = |c: usize, t: usize| -> f64 {
        (1..8)
            .map(|k| {
                struck(130.8 * f64::from(k) + c as f64, 0.6 * f64::from(k), 2.5, t) / f64::from(k)
            })
            .sum::<f64>()
    };
    let (louder, over) = (Goal::LouderThanAtCeiling(6.0), Goal::PeakOverCeiling(3.0));
    vec![
        make("castanets", 2, louder, &|c, t| {
            0.4 * struck(2_400.0, 400.0, 0.25, t) + 0.2 * bed(c, t)
        }),
        make("bass sine", 2, over, &|_, t| 0.3 * sine(55.0, t)),
        make("triangle bell", 2, louder, &|_, t| {
            [2_637.0, 4_310.0, 7_219.0].iter().map(|&hz| 0.15 * struck(hz, 3.0, 1.25, t)).sum()
        }),
        make("noise", 2, over, &|c, t| 0.3 * noise(t * 2 + c)),
        make("drums hard left", 2, louder, &|c, t| {
            let drum =
                struck(90.0, 25.0, 0.5, t) + 0.4 * noise(t) * libm::exp(-60.0 * since(0.5, t));
            if c == 0 { 0.4 * drum + bed(c, t) } else { bed(c, t) }
        }),
        make("clipped master", 2, over, &|c, t| (1.6 * piano(c, t)).clamp(-0.5, 0.5)),
        make("piano", 2, louder, &|c, t| 0.2 * piano(c, t)),
        make("19 kHz tone", 2, over, &|_, t| 0.15 * sine(19_000.0, t) + 0.15 * sine(440.0, t)),
        make("mono", 1, louder, &|c, t| 0.2 * piano(c, t) + 0.3 * struck(90.0, 25.0, 0.5, t)),
        make("sustained sine", 2, Goal::PeakOverCeiling(10.0), &|_, t| 0.3 * sine(220.0, t)),
        make("5.1", 6, louder, &|c, t| {
            0.2 * piano(c, t) + 0.2 * struck(60.0 + 30.0 * c as f64, 25.0, 0.5, t)
        }),
    ]
}

/// Noise between -1 and 1, the same every time.
fn noise(index: usize) -> f64 {
    let mut x =
        (index as u64).wrapping_add(0x9E37_79B9_7F4A_7C15).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((x ^ (x >> 31)) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}
