//! A filter chain for ffmpeg's `-af`.

use crate::Settings;
use crate::settings::{BandChannel, EqualizerBand, FilterType, LimiterKind};
use acetate_audio::units::db_to_amplitude;

use super::{Export, active_bands, is_mid_side, missing, without_tilts};

pub(super) fn export(settings: &Settings) -> Export {
    // Floats from here on: integer samples would clip between the filters.
    let mut chain = vec!["aformat=sample_fmts=dblp".to_owned()];
    let bands = |mid_side: bool| {
        active_bands(settings)
            .filter(move |band| is_mid_side(band) == mid_side)
            .flat_map(without_tilts)
            .flat_map(|band| filters(&band))
    };
    chain.extend(bands(false));
    if active_bands(settings).any(is_mid_side) {
        chain.push("stereotools=mode=lr>ms".to_owned());
        chain.extend(bands(true));
        chain.push("stereotools=mode=ms>lr".to_owned());
    }
    if settings.drive_db != 0.0 {
        chain.push(format!("volume={:.4}dB:precision=double", settings.drive_db));
    }
    let limited = settings.limiter.kind != LimiterKind::Off;
    if limited {
        let limiter = &settings.limiter;
        chain.push("aresample=192000".to_owned());
        chain.push(format!(
            "alimiter=limit={:.6}:attack={:.1}:release={:.1}:level=0:latency=1",
            db_to_amplitude(limiter.ceiling_dbtp),
            limiter.lookahead_ms,
            limiter.release_ms
        ));
    }
    if settings.limiter.output_gain_db != 0.0 {
        chain.push(format!("volume={:.4}dB:precision=double", settings.limiter.output_gain_db));
    }
    let words = limited.then_some(
        "alimiter at 192 kHz in its place: audibly rougher, and the ceiling may be exceeded a little; \
         set the rate you want with -ar",
    );
    Export { text: chain.join(",") + "\n", not_carried: missing(settings, words) }
}

fn filters(band: &EqualizerBand) -> Vec<String> {
    let (freq_hz, gain_db, q) = (band.freq_hz, band.gain_db, band.q);
    let channel = match band.channel {
        BandChannel::Stereo => "",
        BandChannel::Mid | BandChannel::Left => ":c=FL",
        BandChannel::Side | BandChannel::Right => ":c=FR",
    };
    let passes = band.slope_db_per_octave.div_ceil(12).max(1) as usize;
    match band.kind {
        FilterType::Bell => vec![format!("equalizer=f={freq_hz}:t=q:w={q}:g={gain_db}{channel}")],
        FilterType::LowShelf => {
            vec![format!("lowshelf=f={freq_hz}:t=q:w={q}:g={gain_db}{channel}")]
        }
        FilterType::HighShelf => {
            vec![format!("highshelf=f={freq_hz}:t=q:w={q}:g={gain_db}{channel}")]
        }
        FilterType::LowPass => vec![format!("lowpass=f={freq_hz}:t=q:w={q}{channel}"); passes],
        FilterType::HighPass => vec![format!("highpass=f={freq_hz}:t=q:w={q}{channel}"); passes],
        FilterType::Tilt => Vec::new(),
    }
}
