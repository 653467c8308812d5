//! The setting that a move speaks of, and a checksum by which an edit is noticed.

use acetate_engine::Settings;
use serde::Serialize;
use serde_json::{Value, json};

/// Offset basis and prime of the 32-bit FNV-1a hash (Fowler, Noll, Vo; RFC 9923).
const FNV_BASIS: u32 = 0x811c_9dc5;
const FNV_PRIME: u32 = 0x0100_0193;

/// What a band is called: its id, or where it stands when it has none.
pub(crate) fn name_of(id: &str, part: &str, index: usize) -> String {
    if id.is_empty() { format!("{part}.bands[{index}]") } else { id.to_owned() }
}

/// The checksum of the setting called `id`; `None` when nothing is called so.
pub(crate) fn setting_check(settings: &Settings, id: &str) -> Option<String> {
    let text = setting(settings, id)?.to_string();
    let hash = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(FNV_PRIME);
    Some(format!("{:08x}", text.bytes().fold(FNV_BASIS, hash)))
}

fn setting(settings: &Settings, id: &str) -> Option<Value> {
    let dynamics = &settings.dynamic_equalizer;
    let equalizer = named(&settings.equalizer.bands, "equalizer", id, |band| &band.id);
    let moving = || named(&dynamics.bands, "dynamic_equalizer", id, |band| &band.id);
    let compressor = || named(&settings.compressor.bands, "compressor", id, |band| &band.id);
    let stage = || match id {
        "offset" => Some(json!(settings.input.remove_dc)),
        "ends" => Some(json!([settings.input, settings.fades])),
        "de_esser" => Some(json!(dynamics.de_esser)),
        "resonance" => Some(json!(dynamics.resonance)),
        "bass_harmonics" => Some(json!(settings.bass_harmonics)),
        "saturator" => Some(json!(settings.saturator)),
        "stereo" => Some(json!(settings.stereo)),
        "reverb" => Some(json!(settings.reverb)),
        "drive" => Some(json!([settings.drive_db, settings.limiter])),
        "limiter" => Some(json!(settings.limiter)),
        _ => None,
    };
    equalizer.or_else(moving).or_else(compressor).or_else(stage)
}

fn named<B: Serialize>(
    bands: &[B],
    part: &str,
    name: &str,
    id: impl Fn(&B) -> &String,
) -> Option<Value> {
    let called = |(index, band): &(usize, &B)| name_of(id(band), part, *index) == name;
    bands.iter().enumerate().find(called).map(|(_, band)| json!(band))
}
