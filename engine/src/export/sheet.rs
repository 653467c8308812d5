//! A sheet to dial the settings in by hand, stage after stage.

use crate::Settings;
use crate::settings::{BandChannel, EqualizerBand, FilterType, LimiterKind, Phase};

use super::{Export, active_bands};
use acetate_audio::numbers::{clock, frequency, number, signed};

pub(super) fn export(settings: &Settings) -> Export {
    let stages: [(&str, Vec<String>); 7] = [
        ("Equaliser", equalizer(settings)),
        ("Dynamic equaliser", dynamic_equalizer(settings)),
        ("Compressor", compressor(settings)),
        ("Saturator and reverb", color(settings)),
        ("Stereo", stereo(settings)),
        ("Drive and limiter", limiter(settings)),
        ("File", output(settings)),
    ];
    let mut text = String::new();
    for (title, lines) in stages.into_iter().filter(|(_, lines)| !lines.is_empty()) {
        text.push_str(&format!("{title}\n"));
        for line in lines {
            text.push_str(&format!("  {line}\n"));
        }
    }
    Export { text, not_carried: Vec::new() }
}

/// `bell 250 Hz -1.6 dB Q 0.8`
pub(crate) fn band_text(band: &EqualizerBand) -> String {
    let freq = frequency(band.freq_hz);
    let (gain, q) = (signed(band.gain_db, 1), number(Some(band.q), 2));
    let slope = band.slope_db_per_octave;
    let text = match band.kind {
        FilterType::Bell => format!("bell {freq} {gain} dB Q {q}"),
        FilterType::LowShelf => format!("low shelf {freq} {gain} dB Q {q}"),
        FilterType::HighShelf => format!("high shelf {freq} {gain} dB Q {q}"),
        FilterType::LowPass => format!("low pass {freq} {slope} dB/octave Q {q}"),
        FilterType::HighPass => format!("high pass {freq} {slope} dB/octave Q {q}"),
        FilterType::Tilt => format!("tilt around {freq} {gain} dB"),
    };
    match band.channel {
        BandChannel::Stereo => text,
        channel => format!("{text} on {}", format!("{channel:?}").to_lowercase()),
    }
}

fn equalizer(settings: &Settings) -> Vec<String> {
    let mut lines: Vec<String> =
        active_bands(settings).map(|band| format!("{:<8} {}", band.id, band_text(band))).collect();
    if !lines.is_empty() && settings.equalizer.phase == Phase::Linear {
        lines.push("linear phase".to_owned());
    }
    lines
}

fn dynamic_equalizer(settings: &Settings) -> Vec<String> {
    let dynamic = &settings.dynamic_equalizer;
    let mut lines: Vec<String> = dynamic
        .bands
        .iter()
        .filter(|band| band.enabled)
        .map(|band| {
            format!(
                "{:<8} bell {} Q {} threshold {} dB ratio {}:1 down to -{} dB attack {} ms release {} ms",
                band.id, frequency(band.freq_hz), band.q, band.threshold_db, band.ratio, band.range_db,
                band.attack_ms, band.release_ms
            )
        })
        .collect();
    if dynamic.de_esser.enabled {
        let de_esser = &dynamic.de_esser;
        lines.push(format!(
            "de-esser {} down to -{} dB",
            frequency(de_esser.freq_hz),
            de_esser.range_db
        ));
    }
    if dynamic.resonance.enabled {
        lines.push(format!("resonance taming {} %", dynamic.resonance.amount_pct));
    }
    lines
}

fn compressor(settings: &Settings) -> Vec<String> {
    let compressor = &settings.compressor;
    let active = compressor.bands.iter().filter(|band| !band.is_neutral());
    let mut lines: Vec<String> = active
        .map(|band| {
            format!(
                "{:<8} threshold {} dB ratio {}:1 knee {} dB attack {} ms release {} ms makeup {} dB mix {} %",
                band.id,
                number(Some(band.threshold_db), 1),
                number(Some(band.ratio), 2),
                number(Some(band.knee_db), 1),
                number(Some(band.attack_ms), 1),
                number(Some(band.release_ms), 0),
                signed(band.makeup_db, 1),
                number(Some(band.mix_pct), 0)
            )
        })
        .collect();
    if !lines.is_empty() && !compressor.crossovers_hz.is_empty() {
        let edges: Vec<String> = compressor.crossovers_hz.iter().map(|&hz| frequency(hz)).collect();
        lines.insert(0, format!("crossovers at {}", edges.join(", ")));
    }
    if !lines.is_empty() {
        lines.extend(compressor.sections.iter().map(|section| {
            let offset_db = signed(section.threshold_offset_db, 1);
            format!("from {} thresholds {offset_db} dB", clock(section.from_s))
        }));
    }
    lines
}

fn color(settings: &Settings) -> Vec<String> {
    let mut lines = Vec::new();
    if !settings.bass_harmonics.is_neutral() {
        let bass = &settings.bass_harmonics;
        lines.push(format!(
            "harmonics of the bass below {} Hz: second {} dB, third {} dB, fourth {} dB, mix {} %",
            bass.below_hz, bass.second_db, bass.third_db, bass.fourth_db, bass.mix_pct
        ));
    }
    if !settings.saturator.is_neutral() {
        let saturator = &settings.saturator;
        lines
            .push(format!("saturator drive {} dB mix {} %", saturator.drive_db, saturator.mix_pct));
    }
    if !settings.reverb.is_neutral() {
        let reverb = &settings.reverb;
        lines.push(format!("reverb {} % decay {} s", reverb.mix_pct, reverb.decay_s));
    }
    lines
}

fn stereo(settings: &Settings) -> Vec<String> {
    let stereo = &settings.stereo;
    let mut lines: Vec<String> = stereo
        .mono_below_hz
        .map(|hz| format!("mono below {}", frequency(hz)))
        .into_iter()
        .collect();
    let mut from_hz = 0.0;
    for band in &stereo.bands {
        let width = number(Some(band.width_pct), 0);
        if band.width_pct != 100.0 {
            let to =
                band.below_hz.map_or_else(|| "up".to_owned(), |hz| format!("to {}", frequency(hz)));
            lines.push(format!("width {width} % from {} {to}", frequency(from_hz)));
        }
        from_hz = band.below_hz.unwrap_or(from_hz);
    }
    if stereo.balance_db != 0.0 {
        lines.push(format!("balance {} dB to the right", signed(stereo.balance_db, 1)));
    }
    lines
}

fn limiter(settings: &Settings) -> Vec<String> {
    let limiter = &settings.limiter;
    let mut lines = vec![format!("drive {} dB", signed(settings.drive_db, 2))];
    if limiter.kind != LimiterKind::Off {
        lines.push(format!(
            "limiter {} ceiling {} dBTP lookahead {} ms release {} ms",
            format!("{:?}", limiter.kind).to_lowercase(),
            number(Some(limiter.ceiling_dbtp), 1),
            limiter.lookahead_ms,
            limiter.release_ms
        ));
    }
    if limiter.output_gain_db != 0.0 {
        lines.push(format!("output {} dB behind the limiter", signed(limiter.output_gain_db, 2)));
    }
    lines
}

fn output(settings: &Settings) -> Vec<String> {
    let output = &settings.output;
    let rate = output
        .sample_rate_hz
        .map_or_else(|| "rate of the source".to_owned(), |hz| format!("{hz} Hz"));
    let format = format!("{:?}", output.format).to_lowercase();
    let samples = output.bits.format().bits();
    vec![format!("{format}, {rate}, {samples} bit")]
}
