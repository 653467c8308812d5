//! Time and level alignment of two versions of the same sound, and what is left when one is subtracted.

use acetate_audio::units::{amplitude_to_db, power_to_db};
use acetate_audio::{Audio, ReadError, Source};
use realfft::RealFftPlanner;
use realfft::num_complex::Complex;

/// Frames that are compared to find the delay: three seconds at 44.1 kHz.
pub(crate) const PROBE_FRAMES: usize = 1 << 17;
/// Correlation below which the two are not versions of the same sound.
const LEAST_CORRELATION: f64 = 0.2;

/// How the second sound lies against the first.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeAlignment {
    /// Frames by which the second is late (negative: early).
    pub delay_frames: i64,
    /// Gain that brings the second to the level of the first, in the least-squares sense.
    pub gain_db: f64,
    /// The second is upside down.
    pub inverted: bool,
    /// Channels, counted from 0, that are upside down while others are not.
    pub inverted_channels: Vec<usize>,
    /// Correlation of the two after alignment, 0 to 1.
    pub correlation: f64,
}

/// Finds delay, gain and polarity of `second` against `first` from three seconds around the loudest place of
/// `first`: channel by channel, or their sums where there are not equally many. `None` when the rates differ, either is silent, or they are not alike.
///
/// # Errors
/// When a source cannot be read.
pub fn align(first: &Source, second: &Source) -> Result<Option<TimeAlignment>, ReadError> {
    if first.spec().sample_rate_hz != second.spec().sample_rate_hz {
        return Ok(None);
    }
    let start = loudest_place(first)?;
    let read = if first.spec().channels == second.spec().channels { planes } else { mono };
    let probe = read(first, start, PROBE_FRAMES)?;
    // The second is looked at over the same time and half of it more on both sides.
    let margin = PROBE_FRAMES / 2;
    let from = start.saturating_sub(margin as u64);
    let lead = (start - from) as usize;
    let range = read(second, from, lead + PROBE_FRAMES + margin)?;
    Ok(best_lag(&probe, &range).and_then(|lag| aligned(&probe, &range, lag, lead)))
}

/// Level of what is left of the first sound when the aligned second is subtracted, in dB re the first, over
/// the frames that both have. Minus infinity becomes -300 dB; `None` when the channel counts differ or the
/// first is silent.
///
/// # Errors
/// When a source cannot be read.
pub fn null_db(
    first: &Source,
    second: &Source,
    alignment: &TimeAlignment,
) -> Result<Option<f64>, ReadError> {
    if first.spec() != second.spec() {
        return Ok(None);
    }
    let gain = acetate_audio::units::db_to_amplitude(alignment.gain_db);
    let [skip_first, skip_second] =
        [(-alignment.delay_frames).max(0) as u64, alignment.delay_frames.max(0) as u64];
    let mut pair = [Stream::new(first, skip_first)?, Stream::new(second, skip_second)?];
    let (mut left_over, mut total) = (0.0, 0.0);
    loop {
        let frames = pair[0].ready()?.min(pair[1].ready()?);
        if frames == 0 {
            break;
        }
        for channel in 0..first.spec().channels {
            let upside_down = alignment.inverted != alignment.inverted_channels.contains(&channel);
            let gain = if upside_down { -gain } else { gain };
            let [a, b] = [0, 1].map(|index: usize| pair[index].next(channel, frames));
            for (&a, &b) in a.iter().zip(b) {
                let difference = f64::from(a) - gain * f64::from(b);
                left_over += difference * difference;
                total += f64::from(a) * f64::from(a);
            }
        }
        pair.iter_mut().for_each(|stream| stream.position += frames);
    }
    Ok((total > 0.0).then(|| power_to_db((left_over / total).max(1e-30))))
}

/// A pass over a source from some frame on.
struct Stream<'a> {
    pass: Box<dyn acetate_audio::Blocks + 'a>,
    block: Audio,
    position: usize,
    skip: u64,
}

impl<'a> Stream<'a> {
    fn new(source: &'a Source, skip: u64) -> Result<Self, ReadError> {
        let pass = source.blocks()?;
        let block = Audio::silence(pass.spec(), 0);
        Ok(Self { pass, block, position: 0, skip })
    }

    /// Frames that can be had without reading on; 0 at the end.
    fn ready(&mut self) -> Result<usize, ReadError> {
        while self.position == self.block.frames() {
            if !self.pass.next_block(&mut self.block)? {
                return Ok(0);
            }
            let skipped = self.skip.min(self.block.frames() as u64);
            self.skip -= skipped;
            self.position = skipped as usize;
        }
        Ok(self.block.frames() - self.position)
    }

    fn next(&self, channel: usize, frames: usize) -> &[f32] {
        &self.block.channel(channel)[self.position..self.position + frames]
    }
}

/// First frame of the loudest stretch of probe length, on a grid of half of it.
pub(crate) fn loudest_place(source: &Source) -> Result<u64, ReadError> {
    let mut stream = Stream::new(source, 0)?;
    let half = PROBE_FRAMES / 2;
    let mut halves = vec![0.0];
    let mut filled = 0;
    loop {
        let frames = stream.ready()?.min(half - filled);
        if frames == 0 {
            break;
        }
        let power: f64 = (0..source.spec().channels)
            .flat_map(|channel| stream.next(channel, frames))
            .map(|&sample| f64::from(sample) * f64::from(sample))
            .sum();
        stream.position += frames;
        filled += frames;
        if let Some(last) = halves.last_mut() {
            *last += power;
        }
        if filled == half {
            halves.push(0.0);
            filled = 0;
        }
    }
    let best = (0..halves.len())
        .map(|place| (place, halves[place] + halves.get(place + 1).unwrap_or(&0.0)))
        .max_by(|a, b| a.1.total_cmp(&b.1));
    Ok(best.map_or(0, |(place, _)| (place * half) as u64))
}

/// Each channel from `start` on, `frames` of it, filled up with silence.
pub(crate) fn planes(
    source: &Source,
    start: u64,
    frames: usize,
) -> Result<Vec<Vec<f32>>, ReadError> {
    let mut stream = Stream::new(source, start)?;
    let mut planes = vec![Vec::with_capacity(frames); source.spec().channels];
    while planes[0].len() < frames {
        let count = stream.ready()?.min(frames - planes[0].len());
        if count == 0 {
            break;
        }
        for (channel, plane) in planes.iter_mut().enumerate() {
            plane.extend_from_slice(stream.next(channel, count));
        }
        stream.position += count;
    }
    planes.iter_mut().for_each(|plane| plane.resize(frames, 0.0));
    Ok(planes)
}

/// The sum of the channels, as one.
pub(crate) fn mono(source: &Source, start: u64, frames: usize) -> Result<Vec<Vec<f32>>, ReadError> {
    let mut sum = vec![0.0; frames];
    for plane in planes(source, start, frames)? {
        sum.iter_mut().zip(plane).for_each(|(sum, sample)| *sum += sample);
    }
    Ok(vec![sum])
}

/// Place of `probe` in `range` where their cross-correlations are largest, whatever the polarity of each channel.
fn best_lag(probe: &[Vec<f32>], range: &[Vec<f32>]) -> Option<usize> {
    let (probe_frames, range_frames) = (probe[0].len(), range[0].len());
    let length = (probe_frames + range_frames).next_power_of_two();
    let mut planner = RealFftPlanner::<f32>::new();
    let (forward, inverse) = (planner.plan_fft_forward(length), planner.plan_fft_inverse(length));
    let spectrum = |samples: &[f32]| -> Vec<Complex<f32>> {
        let mut padded = samples.to_vec();
        padded.resize(length, 0.0);
        let mut out = forward.make_output_vec();
        forward.process(&mut padded, &mut out).expect("the buffers were made for this transform");
        out
    };
    let mut magnitudes = vec![0.0f32; range_frames - probe_frames + 1];
    for (probe, range) in probe.iter().zip(range) {
        let mut product: Vec<Complex<f32>> = spectrum(range)
            .iter()
            .zip(spectrum(probe))
            .map(|(range, probe)| range * probe.conj())
            .collect();
        for edge in [0, length / 2] {
            product[edge].im = 0.0;
        }
        let mut correlation = inverse.make_output_vec();
        inverse.process(&mut product, &mut correlation).expect("the edges are real");
        magnitudes.iter_mut().zip(&correlation).for_each(|(sum, value)| *sum += value.abs());
    }
    (0..magnitudes.len()).max_by(|&a, &b| magnitudes[a].total_cmp(&magnitudes[b]))
}

fn aligned(
    probe: &[Vec<f32>],
    range: &[Vec<f32>],
    lag: usize,
    lead: usize,
) -> Option<TimeAlignment> {
    let products: Vec<Products> =
        probe.iter().zip(range).map(|(a, b)| Products::of(a, &b[lag..])).collect();
    let upside_down = |channel: &Products| channel.correlation() <= -LEAST_CORRELATION;
    let upright = |channel: &Products| channel.correlation() >= LEAST_CORRELATION;
    let inverted = products.iter().any(upside_down) && !products.iter().any(upright);
    let inverted_channels: Vec<usize> = (0..products.len())
        .filter(|&channel| !inverted && upside_down(&products[channel]))
        .collect();
    let mut sum = Products::default();
    for channel in &products {
        let sign = if upside_down(channel) { -1.0 } else { 1.0 };
        sum.product += sign * channel.product;
        sum.first += channel.first;
        sum.second += channel.second;
    }
    let correlation = sum.correlation();
    // Written so that the NaN of silence fails too.
    let alike = correlation >= LEAST_CORRELATION;
    alike.then(|| TimeAlignment {
        delay_frames: lag as i64 - lead as i64,
        gain_db: amplitude_to_db(sum.product / sum.second),
        inverted,
        inverted_channels,
        correlation,
    })
}

/// Sums of the products and of the squares of two planes.
#[derive(Clone, Copy, Debug, Default)]
struct Products {
    product: f64,
    first: f64,
    second: f64,
}

impl Products {
    fn of(first: &[f32], second: &[f32]) -> Self {
        let mut sums = Self::default();
        for (&a, &b) in first.iter().zip(second) {
            sums.product += f64::from(a) * f64::from(b);
            sums.first += f64::from(a) * f64::from(a);
            sums.second += f64::from(b) * f64::from(b);
        }
        sums
    }

    fn correlation(&self) -> f64 {
        self.product / libm::sqrt(self.first * self.second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(seed: u32) -> Vec<f32> {
        let mut state = seed;
        (0..300_000)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1u32 << 23) as f32 - 1.0
            })
            .collect()
    }

    fn source(plane: Vec<f32>) -> Source {
        Source::from_audio(Audio::from_planes(44_100, vec![plane]))
    }

    #[test]
    fn delay_gain_and_polarity_are_found_and_then_nothing_is_left() {
        let plane = noise(1);
        for delay in [0usize, 1, 1_105] {
            let mut late = vec![0.0; delay];
            late.extend(plane.iter().map(|sample| -0.5 * sample));
            let (first, second) = (source(plane.clone()), source(late));
            let alignment = align(&first, &second).unwrap().unwrap();
            assert_eq!((alignment.delay_frames, alignment.inverted), (delay as i64, true));
            assert!((alignment.gain_db - 6.020_6).abs() < 1e-3, "{alignment:?}");
            let left = null_db(&first, &second, &alignment).unwrap().unwrap();
            assert!(left < -120.0, "{left}");
            let back = align(&second, &first).unwrap().unwrap();
            assert_eq!(back.delay_frames, -(delay as i64));
        }
    }

    #[test]
    fn a_single_channel_upside_down_is_named_and_then_nothing_is_left() {
        let stereo = |sign: f32| {
            let right = noise(2).iter().map(|sample| sign * sample).collect();
            Source::from_audio(Audio::from_planes(44_100, vec![noise(1), right]))
        };
        let (first, second) = (stereo(1.0), stereo(-1.0));
        let alignment = align(&first, &second).unwrap().unwrap();
        assert_eq!((alignment.delay_frames, alignment.inverted), (0, false));
        assert_eq!(alignment.inverted_channels, [1]);
        let left = null_db(&first, &second, &alignment).unwrap().unwrap();
        assert!(left < -120.0, "{left}");
    }

    #[test]
    fn different_sounds_are_not_aligned() {
        assert_eq!(align(&source(noise(1)), &source(noise(77))).unwrap(), None);
        assert_eq!(align(&source(noise(1)), &source(vec![0.0; 9])).unwrap(), None);
    }
}
