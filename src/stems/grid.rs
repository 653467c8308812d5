//! The last step: stems on the grid of the master, on which their sum is the master.

use acetate_audio::SampleFormat;

use super::share::Region;

/// Frames over which it is decided who is loudest, and who is silent.
const CHUNK: usize = 64;
/// Largest sample of a stem that is silent: below half a step of 24 bits.
const SILENT: f32 = 1.0 / (1u32 << 25) as f32;

/// Rounds stems so that they add up.
pub(super) struct Grid {
    /// Steps up to full scale; 1 for floats, which have no grid.
    steps: f64,
    is_float: bool,
    /// Who gets what is left where all are silent.
    fallback: usize,
    /// Audible stems of the chunk, from the loudest down.
    order: Vec<usize>,
    energies: Vec<f64>,
    /// By stem and channel, in steps.
    pub(super) values: Vec<Vec<Vec<f64>>>,
}

impl Grid {
    pub(super) fn new(
        format: SampleFormat,
        stems: usize,
        channels: usize,
        fallback: usize,
    ) -> Self {
        let is_float = format == SampleFormat::Float32;
        let steps = if is_float { 1.0 } else { f64::from(1u32 << (format.bits() - 1)) };
        Self {
            steps,
            is_float,
            fallback,
            order: Vec::new(),
            energies: vec![0.0; stems],
            values: vec![vec![Vec::new(); channels]; stems],
        }
    }

    /// Replaces `values` with a stretch of the stems.
    pub(super) fn settle(&mut self, region: &mut Region) {
        self.values.iter_mut().flatten().for_each(Vec::clear);
        let frames = region.target[0].len();
        for from in (0..frames).step_by(CHUNK) {
            let to = frames.min(from + CHUNK);
            self.rank(region, from, to);
            for channel in 0..region.target.len() {
                for frame in from..to {
                    if self.is_float {
                        self.divide_float(region, channel, frame);
                    } else {
                        self.divide(region, channel, frame);
                    }
                }
            }
        }
    }

    /// Who sounds, and how loud; who does not gets no share.
    fn rank(&mut self, region: &mut Region, from: usize, to: usize) {
        self.order.clear();
        for (stem, portion) in region.stems.iter_mut().enumerate() {
            let parts = portion.part.iter().flat_map(|part| &part[from..to]);
            if parts.clone().all(|x| x.abs() < SILENT) {
                portion.share.iter_mut().for_each(|share| share[from..to].fill(0.0));
                continue;
            }
            self.energies[stem] = parts.map(|&x| f64::from(x) * f64::from(x)).sum();
            self.order.push(stem);
        }
        let energies = &self.energies;
        self.order.sort_by(|&a, &b| energies[b].total_cmp(&energies[a]));
        if self.order.is_empty() {
            self.order.push(self.fallback);
        }
    }

    /// Integers: each is rounded, and what is left goes to the loudest that can hold it.
    fn divide(&mut self, region: &Region, channel: usize, frame: usize) {
        let mut left = f64::from(region.target[channel][frame]) * self.steps;
        for (portion, values) in region.stems.iter().zip(&mut self.values) {
            let wanted =
                f64::from(portion.part[channel][frame]) + f64::from(portion.share[channel][frame]);
            let value = held((wanted * self.steps).round());
            left -= value;
            values[channel].push(value);
        }
        if left == 0.0 {
            return;
        }
        let place = self.values[0][channel].len() - 1;
        let can = |stem: &&usize| {
            let value = self.values[**stem][channel][place] + left;
            held(value) == value
        };
        let stem = *self.order.iter().find(can).unwrap_or(&self.order[0]);
        self.values[stem][channel][place] += left;
    }

    /// Floats: from the loudest down, each takes what the louder ones could not hold.
    fn divide_float(&mut self, region: &Region, channel: usize, frame: usize) {
        let mut left = f64::from(region.target[channel][frame]);
        for (portion, values) in region.stems.iter().zip(&mut self.values) {
            let wanted =
                f64::from(portion.part[channel][frame]) + f64::from(portion.share[channel][frame]);
            left -= wanted;
            values[channel].push(wanted);
        }
        let place = self.values[0][channel].len() - 1;
        for &stem in &self.order {
            let value = &mut self.values[stem][channel][place];
            let wanted = *value + left;
            *value = f64::from(wanted as f32);
            left = wanted - *value;
        }
        // The silent ones are below half a step of 24 bits; they hold floats too.
        for values in &mut self.values {
            let value = &mut values[channel][place];
            *value = f64::from(*value as f32);
        }
    }
}

/// The nearest number of steps that a 32-bit float holds: any up to 2^24, which is +6 dBFS of 24 bits.
fn held(value: f64) -> f64 {
    f64::from(value as f32)
}
