//! Same settings, same sound, same version: the same bytes, in debug and release builds, in blocks of any size, with
//! one thread and many, on every CPU. `benches/same_bytes` runs this under all of those conditions.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up its case has failed")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use acetate_audio::{Audio, PcmBlock, PcmPlanes, Source, Threads};
use acetate_engine::{Chain, SOUND, Settings, from_value, render};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Long enough for every look-ahead, and for gains to move.
const FRAMES: usize = 20_000;

/// What the hashes were made with, and the hashes by signal and settings.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Golden {
    sound: String,
    fnv1a_64: BTreeMap<String, String>,
}

#[test]
fn the_bytes_are_those_that_were_committed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden.json");
    let now = Golden { sound: SOUND.to_owned(), fnv1a_64: hashes(&hash_of_render) };
    if std::env::var_os("ACETATE_GOLDEN").is_some_and(|value| value == "write") {
        std::fs::write(&path, serde_json::to_string_pretty(&now).unwrap() + "\n").unwrap();
    }
    let mut committed: Golden =
        serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    if let Ok(signal) = std::env::var("ACETATE_GOLDEN_SIGNAL") {
        committed.fnv1a_64.retain(|name, _| name.starts_with(&signal));
    }
    let changed: Vec<&String> = now
        .fnv1a_64
        .iter()
        .filter(|(name, hash)| committed.fnv1a_64.get(*name) != Some(hash))
        .map(|(name, _)| name)
        .collect();
    assert!(
        changed.is_empty() && committed == now,
        "rendered bytes changed: {changed:?}\nIf that is meant: raise SOUND in engine/src/lib.rs (now {SOUND}) unless this \
         version was never released, write a Sound entry with the measured effect for CHANGELOG.md, and run\n\
         ACETATE_GOLDEN=write cargo test -p acetate-engine --test golden"
    );
}

#[test]
fn blocks_of_any_size_give_those_bytes() {
    let whole = hashes(&hash_of_render);
    for frames in [97, 1024, 8192] {
        let blocks = hashes(&|audio, settings| hash_of_blocks(audio, settings, frames));
        for (name, hash) in &whole {
            assert_eq!(blocks.get(name), Some(hash), "{name} in blocks of {frames}");
        }
    }
}

#[test]
fn the_calling_thread_alone_gives_those_bytes() {
    assert_eq!(Threads::None.run(|| hashes(&hash_of_render)), hashes(&hash_of_render));
}

/// Signals whose bytes are compared on an emulated processor; the others take the same ways.
const EMULATED: &str = "mono noise";

/// Core 2 Duo, of 2006, has neither SSE 4.1 nor AVX: code that chooses its kernels by processor shows itself.
#[test]
fn a_processor_without_sse_4_1_gives_those_bytes() {
    let emulators = ["qemu-x86_64", "qemu-x86_64-static"];
    let installed = |name: &&str| Command::new(name).arg("--version").output().is_ok();
    let Some(emulator) =
        emulators.into_iter().find(installed).filter(|_| cfg!(target_arch = "x86_64"))
    else {
        eprintln!("skipped: no qemu-x86_64 is installed, or this is another processor");
        return;
    };
    let run = Command::new(emulator)
        .args(["-cpu", "core2duo"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "the_bytes_are_those_that_were_committed"])
        .env("ACETATE_GOLDEN_SIGNAL", EMULATED)
        .env_remove("ACETATE_GOLDEN")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.contains("1 passed"), "{said}");
}

fn hashes(hash: &dyn Fn(&Audio, &Settings) -> u64) -> BTreeMap<String, String> {
    let mut hashes = BTreeMap::new();
    let only = std::env::var("ACETATE_GOLDEN_SIGNAL").ok();
    let wanted = |signal: &str| only.as_deref().is_none_or(|only| only == signal);
    for (signal, audio) in signals().into_iter().filter(|(signal, _)| wanted(signal)) {
        for (name, value) in settings() {
            let settings = from_value(&value).unwrap();
            let hash = format!("{:016x}", hash(&audio, &settings));
            hashes.insert(format!("{signal}, {name}"), hash);
        }
    }
    hashes
}

fn hash_of_render(audio: &Audio, settings: &Settings) -> u64 {
    let mut hash = Fnv::default();
    render(&Source::from_audio(audio.clone()), settings, &mut |block| {
        hash.add(block);
        Ok::<(), ()>(())
    })
    .unwrap();
    hash.value
}

fn hash_of_blocks(audio: &Audio, settings: &Settings, frames: usize) -> u64 {
    let mut chain = Chain::new(settings, audio.spec()).unwrap();
    let (mut out, mut hash) = (chain.block(), Fnv::default());
    for start in (0..audio.frames()).step_by(frames) {
        let end = audio.frames().min(start + frames);
        let planes = audio.planes().iter().map(|plane| plane[start..end].to_vec()).collect();
        chain.push(&Audio::from_planes(audio.spec().sample_rate_hz, planes), &mut out);
        hash.add(&out);
    }
    chain.finish(&mut out);
    hash.add(&out);
    hash.value
}

/// Each processor alone and all together, each limiter, each word length.
fn settings() -> Vec<(&'static str, Value)> {
    let bell = json!({ "type": "bell", "freq_hz": 900, "gain_db": -4, "q": 1.2 });
    let shelf = json!({ "type": "high_shelf", "channel": "side", "freq_hz": 5000, "gain_db": 3 });
    let band = json!({ "threshold_db": -30, "ratio": 2.5 });
    let fast = json!({ "kind": "fast" });
    vec![
        ("neutral", json!({ "limiter": { "kind": "off" } })),
        ("equalizer", json!({ "equalizer": { "bands": [bell, shelf] }, "limiter": fast })),
        (
            "linear equalizer, 16 bit",
            json!({ "equalizer": { "phase": "linear", "bands": [bell] }, "limiter": fast,
                    "output": { "bits": 16, "dither": "shaped" } }),
        ),
        (
            "dynamics",
            json!({ "dynamic_equalizer": { "bands": [{ "freq_hz": 3000, "threshold_db": -40 }],
                      "de_esser": { "enabled": true }, "resonance": { "enabled": true } },
                    "compressor": { "crossovers_hz": [200, 2500], "bands": [band, band, band] },
                    "limiter": fast }),
        ),
        (
            "colour",
            json!({ "saturator": { "enabled": true, "drive_db": 6, "mix_pct": 40, "bias_pct": 5 },
                    "stereo": { "mono_below_hz": 110, "decorrelate_pct": 20,
                      "bands": [{ "below_hz": 300, "width_pct": 60 }, { "width_pct": 130 }] },
                    "reverb": { "enabled": true, "mix_pct": 40 }, "limiter": fast }),
        ),
        (
            "bass harmonics",
            json!({ "bass_harmonics": { "enabled": true, "second_db": -3 }, "limiter": fast }),
        ),
        ("transparent", json!({ "drive_db": 12, "limiter": { "kind": "transparent" } })),
        (
            "masked, float, fades",
            json!({ "drive_db": 9, "limiter": { "kind": "masked" }, "fades": { "in_ms": 20, "out_ms": 50 },
                    "output": { "bits": "32f" } }),
        ),
        (
            "restored",
            json!({ "restore": {
                        "clipping": { "sections": [{ "frames": 6000, "upper": 0.3, "lower": -0.3 }] },
                        "clicks": { "events": [{ "channels": [0], "start_frame": 7000, "frames": 60 }] },
                        "crackle": { "sections": [{ "at": [9000, 9150], "lengths": [3, 5] }] },
                        "hum": { "sections": [{ "frames": 20000, "track_hz": [50, 50.01],
                            "lines": [{ "cos": [0.01, 0.012], "sin": [0, 0.001] }] }] },
                        "hiss": { "reduction_db": 10, "points": [{ "freq_hz": 1000, "floor_db": -50 }] } },
                    "limiter": { "kind": "off" }, "output": { "bits": 24 } }),
        ),
        (
            "resampled",
            json!({ "drive_db": 3, "limiter": fast, "output": { "sample_rate_hz": 48000 } }),
        ),
    ]
}

/// Made of whole numbers alone: the same samples on every machine.
fn signals() -> [(&'static str, Audio); 4] {
    [
        ("beat", Audio::from_planes(44_100, vec![plane(1, 37), plane(2, 41)])),
        ("mono noise", Audio::from_planes(48_000, vec![plane(3, 0)])),
        (
            "three channels",
            Audio::from_planes(96_000, vec![plane(4, 90), plane(5, 0), plane(6, 13)]),
        ),
        // Steady enough to be turned down before it is limited.
        ("steady tone", Audio::from_planes(44_100, vec![parabolas(50)])),
    ]
}

/// A tone of parabolas, nearly a sine, `period` frames long each.
fn parabolas(period: usize) -> Vec<f32> {
    let sample = |frame: usize| {
        let (step, sign) =
            (frame % period, if (frame / period).is_multiple_of(2) { 4 } else { -4 });
        (sign * (step * (period - step)) as i32) as f32 / (period * period) as f32
    };
    (0..FRAMES).map(sample).collect()
}

/// Noise in bursts over a triangle wave of `period` frames.
fn plane(seed: u32, period: usize) -> Vec<f32> {
    let mut state = seed;
    (0..FRAMES)
        .map(|frame| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = f64::from(state >> 8) / 8_388_608.0 - 1.0;
            let level = 0.02 + 0.6 / (1.0 + (frame % 5000) as f64 / 200.0);
            let step = if period == 0 { 0 } else { frame % (2 * period) };
            let triangle = (step as f64 / period.max(1) as f64 - 1.0).abs() - 0.5;
            // On the grid of 24 bits, so that neutral settings have something to keep.
            ((noise * level + 0.3 * triangle) * 4_194_304.0).round() as f32 / 8_388_608.0
        })
        .collect()
}

/// FNV-1a, 64 bit (Fowler, Noll, Vo): guards against accidents, not against people.
struct Fnv {
    value: u64,
}

impl Default for Fnv {
    fn default() -> Self {
        Self { value: 0xCBF2_9CE4_8422_2325 }
    }
}

impl Fnv {
    /// Frame by frame, so that blocks do not matter.
    fn add(&mut self, block: &PcmBlock) {
        for frame in 0..block.frames() {
            match &block.planes {
                PcmPlanes::Int(planes) => {
                    planes.iter().for_each(|plane| self.word(plane[frame].cast_unsigned()));
                }
                PcmPlanes::Float(planes) => {
                    planes.iter().for_each(|plane| self.word(plane[frame].to_bits()));
                }
            }
        }
    }

    fn word(&mut self, word: u32) {
        for byte in word.to_le_bytes() {
            self.value = (self.value ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3);
        }
    }
}
