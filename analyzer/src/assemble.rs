//! From what the tracks collected to the document, the tables and the series.

use std::sync::Arc;

use acetate_audio::{AudioSpec, ChannelRole};

use crate::Measured;
use crate::analysis::{Analysis, Format, Loudness, SCHEMA, Stereo};
use crate::band_result::BandResult;
use crate::bands::{WideBands, band_weights};
use crate::dynamics::dynamics;
use crate::findings::findings;
use crate::loudness::LoudnessResult;
use crate::over_time::{psr_db, series};
use crate::quick_spread::{quick_powers, quick_spread_db};
use crate::source::{ChannelFaults, source};
use crate::spectrum::grids::narrow_edges;
use crate::spectrum::{Image, LongTerm, LowResult, STEPS_PER_SECOND, long_term};
use crate::statistics::percentile;
use crate::stereo::image;
use crate::tables::{AmplitudeHistogram, BandEnergy, Envelope, LoudnessBlocks, Tables};
use crate::true_peak::{AmplitudeResult, ChannelPeak, amplitude_edges, of_channels};
use crate::waveform::WaveformResult;

/// Results of the tracks; each is there when all have finished.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    pub(crate) bands: Option<BandResult>,
    pub(crate) loudness: Option<LoudnessResult>,
    pub(crate) low: Option<LowResult>,
    pub(crate) waveform: Option<WaveformResult>,
    pub(crate) amplitudes: Vec<AmplitudeResult>,
    pub(crate) peaks: Vec<ChannelPeak>,
    pub(crate) faults: Vec<ChannelFaults>,
}

/// Puts the results together.
pub(crate) fn assemble(spec: AudioSpec, collected: Collected) -> Measured {
    let every = "every track finishes";
    let bands = collected.bands.expect(every);
    let loudness = collected.loudness.expect(every);
    let low = collected.low.expect(every);
    let waveform = collected.waveform.expect(every);
    let long_term = long_term(spec, &bands, &low, &loudness);
    let wide = WideBands::new(spec, &bands, &long_term.band_gate);
    let main: Vec<usize> =
        (0..spec.channels).filter(|&index| spec.role(index) != ChannelRole::Lfe).collect();
    let block_peaks = block_peaks(&collected.amplitudes);
    let stereo = Image::new(spec) == Image::Stereo;
    let levels = loudness_of(spec, &loudness, &collected.peaks, &block_peaks);
    let stereo = if stereo { image(&waveform, &loudness, &wide) } else { Stereo::default() };
    let tracks = (&bands, &low, &waveform);
    let source = source(spec, tracks, &collected.faults, &levels, &stereo);
    let mut analysis = Analysis {
        schema: SCHEMA.to_owned(),
        file: None,
        format: format_of(spec, waveform.frames),
        loudness: levels,
        dynamics: dynamics(&waveform, &bands, &wide, &loudness, &main),
        spectrum: long_term.spectrum.clone(),
        stereo,
        source: source.quality.clone(),
        findings: Vec::new(),
    };
    analysis.findings = findings(&analysis, &source);
    let series = series(&loudness, &block_peaks, &waveform);
    let tables = tables(spec, bands, loudness, waveform, collected.amplitudes, long_term);
    if let Some(frames) = &mut analysis.spectrum.frames {
        let envelope = &tables.envelope;
        let powers = quick_powers(&envelope.power, envelope.step_s);
        Arc::make_mut(frames).quick_spread_db = quick_spread_db(&powers);
    }
    Measured { analysis, tables, series }
}

fn format_of(spec: AudioSpec, frames: u64) -> Format {
    Format {
        sample_rate_hz: spec.sample_rate_hz,
        channels: spec.channels,
        layout: spec.layout.name(spec.channels),
        mono: (spec.channels == 1).then(|| spec.layout.mono()),
        duration_s: frames as f64 / f64::from(spec.sample_rate_hz),
        frames,
        ..Format::default()
    }
}

fn block_peaks(amplitudes: &[AmplitudeResult]) -> Vec<f32> {
    let count = amplitudes.first().map_or(0, |result| result.block_peaks.len());
    (0..count)
        .map(|block| amplitudes.iter().map(|result| result.block_peaks[block]).fold(0.0, f32::max))
        .collect()
}

fn loudness_of(
    spec: AudioSpec,
    loudness: &LoudnessResult,
    peaks: &[ChannelPeak],
    block_peaks: &[f32],
) -> Loudness {
    let peak = of_channels(peaks);
    let integrated_lufs = loudness.integrated_lufs();
    let true_peak_dbtp = peak.map(|peak| peak.true_peak_dbtp);
    let psr = psr_db(loudness, block_peaks);
    Loudness {
        integrated_lufs,
        momentary_max_lufs: loudness.momentary_max_lufs(),
        short_term_max_lufs: loudness.short_term_max_lufs(),
        loudness_range_lu: loudness.range_lu(),
        true_peak_dbtp,
        true_peak_bs1770_dbtp: peak.map(|peak| peak.bs1770_dbtp),
        true_peak_at_s: peak.map(|peak| peak.at_frame / f64::from(spec.sample_rate_hz)),
        sample_peak_dbfs: peak.map(|peak| peak.sample_peak_dbfs),
        plr_db: true_peak_dbtp.zip(integrated_lufs).map(|(peak, level)| peak - level),
        psr_db: percentile(&psr, 0.5),
        psr_p10_db: percentile(&psr, 0.1),
    }
}

fn tables(
    spec: AudioSpec,
    bands: BandResult,
    loudness: LoudnessResult,
    waveform: WaveformResult,
    amplitudes: Vec<AmplitudeResult>,
    long_term: LongTerm,
) -> Tables {
    Tables {
        sample_rate_hz: spec.sample_rate_hz,
        channels: spec.channels,
        frames: waveform.frames,
        energy: energy(spec, bands, long_term.band_gate),
        loudness: LoudnessBlocks {
            step_s: 0.1,
            channel_weight: loudness.weights,
            power: loudness.blocks,
        },
        envelope: Envelope {
            step_s: waveform.steps_per_row as f64 * 1e-3,
            peak: waveform.envelope_peak,
            power: waveform.envelope_power,
        },
        amplitudes: histogram(amplitudes),
        ltas: long_term.fine,
    }
}

fn energy(spec: AudioSpec, bands: BandResult, gate: Vec<f32>) -> BandEnergy {
    let [left, right, mid, side] = bands.tables;
    let stereo = Image::new(spec) == Image::Stereo;
    let silent = vec![0.0; if stereo { 0 } else { mid.len() }];
    BandEnergy {
        edges_hz: narrow_edges(f64::from(spec.sample_rate_hz) / 2.0),
        k_weight: band_weights(spec.sample_rate_hz),
        step_s: bands.steps_per_row as f64 / STEPS_PER_SECOND as f64,
        frames: bands.rows,
        left: if stereo { left } else { mid.clone() },
        right: if stereo { right } else { mid.clone() },
        mid,
        side: if stereo { side } else { silent },
        gate,
        wide_peak: bands.wide_peaks,
    }
}

fn histogram(amplitudes: Vec<AmplitudeResult>) -> AmplitudeHistogram {
    let Some(first) = amplitudes.first() else { return AmplitudeHistogram::default() };
    let mut histogram = AmplitudeHistogram {
        step_s: first.blocks_per_row as f64 * 0.1,
        edges: amplitude_edges(),
        blocks: first.rows,
        ..AmplitudeHistogram::default()
    };
    for result in amplitudes {
        histogram.counts.push(result.counts);
        histogram.peak.push(result.peak);
        histogram.power.push(result.power);
    }
    histogram
}
