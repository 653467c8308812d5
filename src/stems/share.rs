//! What is no gain belongs to no stem: it is divided among them, by their energy in each cell of time and frequency.
//!
//! Frames of 1024 samples overlap by half under a sine window, before the transform and after it: the squares of two neighbours add
//! up to one, so what is divided adds up again (Princen & Bradley, IEEE Trans. ASSP 34(5), 1986, of the window). What single precision
//! loses on the way is nobody's, and goes to the loudest stem when samples are rounded.

use std::f64::consts::PI;

use acetate_audio::fourier::{Bins, RealFourier, RealWorkspace};
use acetate_audio::{Audio, threads};

const FRAME: usize = 1024;
const HOP: usize = FRAME / 2;

/// A stretch of the master, and how it is divided.
pub(super) struct Region {
    /// What was written, by channel.
    pub(super) target: Vec<Vec<f32>>,
    /// The stems, in order.
    pub(super) stems: Vec<Portion>,
}

/// A stem in a stretch of the master, by channel.
#[derive(Clone, Default)]
pub(super) struct Portion {
    /// What the gains have made of it.
    pub(super) part: Vec<Vec<f32>>,
    /// What it gets of the remainder.
    pub(super) share: Vec<Vec<f32>>,
}

/// Divides, frame by frame.
pub(super) struct Sharer {
    fourier: RealFourier,
    window: Vec<f32>,
    work: RealWorkspace,
    lanes: Vec<Lane>,
    /// What was written and is not divided yet, by channel.
    target: Vec<Vec<f32>>,
    /// The same less all parts.
    remainder: Vec<Vec<f32>>,
    spectra: Vec<Bins>,
    totals: Vec<f32>,
    /// Frames before the first that are not given out.
    before: usize,
}

/// One stem.
struct Lane {
    part: Vec<Vec<f32>>,
    energies: Vec<f32>,
    /// The second halves of the last frames.
    tail: Vec<Vec<f32>>,
    share: Vec<Vec<f32>>,
    bins: Bins,
    time: Vec<f32>,
    work: RealWorkspace,
}

impl Sharer {
    pub(super) fn new(stems: usize, channels: usize) -> Self {
        let fourier = RealFourier::new(FRAME);
        let sine = |n: usize| libm::sin(PI * (n as f64 + 0.5) / FRAME as f64) as f32;
        // The first frame begins half its length before the sound.
        let silence = vec![vec![0.0; HOP]; channels];
        let lane = || Lane {
            part: silence.clone(),
            energies: Vec::new(),
            tail: silence.clone(),
            share: vec![Vec::new(); channels],
            bins: Bins::new(fourier.bins()),
            time: vec![0.0; FRAME],
            work: fourier.workspace(),
        };
        Self {
            window: (0..FRAME).map(sine).collect(),
            work: fourier.workspace(),
            lanes: (0..stems).map(|_| lane()).collect(),
            target: silence.clone(),
            remainder: silence.clone(),
            spectra: Vec::new(),
            totals: Vec::new(),
            before: HOP,
            fourier,
        }
    }

    /// Takes what was written and what the gains have made of the stems, and gives the stretch that is divided by now.
    pub(super) fn push(&mut self, target: &Audio, parts: &[Audio]) -> Region {
        for (channel, (pending, new)) in self.target.iter_mut().zip(target.planes()).enumerate() {
            pending.extend_from_slice(new);
            let remainder = &mut self.remainder[channel];
            for (frame, &written) in new.iter().enumerate() {
                let parts = parts.iter().map(|part| f64::from(part.channel(channel)[frame]));
                remainder.push((f64::from(written) - parts.sum::<f64>()) as f32);
            }
        }
        for (lane, part) in self.lanes.iter_mut().zip(parts) {
            let pairs = lane.part.iter_mut().zip(part.planes());
            pairs.for_each(|(pending, new)| pending.extend_from_slice(new));
        }
        let hops = (self.target[0].len() / HOP).saturating_sub(1);
        self.divide(hops, hops * HOP)
    }

    /// Gives the rest.
    pub(super) fn finish(&mut self) -> Region {
        let frames = self.target[0].len();
        let hops = frames.div_ceil(HOP);
        let parts = self.lanes.iter_mut().flat_map(|lane| &mut lane.part);
        for plane in self.target.iter_mut().chain(&mut self.remainder).chain(parts) {
            plane.resize((hops + 1) * HOP, 0.0);
        }
        self.divide(hops, frames)
    }

    fn divide(&mut self, hops: usize, frames: usize) -> Region {
        let Self { fourier, window, work, lanes, remainder, spectra, totals, .. } = self;
        let channels = remainder.len();
        threads::for_each(lanes, |_, lane| lane.listen(fourier, window, hops));
        totals.clear();
        totals.resize(hops * channels * fourier.bins(), 0.0);
        for lane in lanes.iter() {
            totals.iter_mut().zip(&lane.energies).for_each(|(total, energy)| *total += energy);
        }
        spectra.resize(hops * channels, Bins::new(fourier.bins()));
        for (index, spectrum) in spectra.iter_mut().enumerate() {
            let from = &remainder[index % channels][index / channels * HOP..];
            fourier.forward_windowed(from, window, spectrum, work);
        }
        threads::for_each(lanes, |_, lane| lane.take(fourier, window, spectra, totals));
        let before = self.before.min(frames);
        self.before -= before;
        let cut = |planes: &mut Vec<Vec<f32>>| -> Vec<Vec<f32>> {
            planes.iter_mut().map(|plane| plane.drain(..frames).skip(before).collect()).collect()
        };
        cut(&mut self.remainder);
        let stems = self.lanes.iter_mut().map(|lane| {
            lane.share.iter_mut().for_each(|share| share.truncate(frames));
            Portion { part: cut(&mut lane.part), share: cut(&mut lane.share) }
        });
        Region { stems: stems.collect(), target: cut(&mut self.target) }
    }
}

impl Lane {
    /// Finds the energies of the stem in each cell.
    fn listen(&mut self, fourier: &RealFourier, window: &[f32], hops: usize) {
        self.energies.clear();
        for hop in 0..hops {
            for part in &self.part {
                let from = &part[hop * HOP..];
                fourier.forward_windowed(from, window, &mut self.bins, &mut self.work);
                self.energies.extend(self.bins.powers());
            }
        }
    }

    /// Takes its share of each cell.
    fn take(&mut self, fourier: &RealFourier, window: &[f32], spectra: &[Bins], totals: &[f32]) {
        let (bins, channels) = (fourier.bins(), self.part.len());
        let scale = 1.0 / FRAME as f32;
        for (index, spectrum) in spectra.iter().enumerate() {
            let cells = index * bins..(index + 1) * bins;
            let pairs = self.energies[cells.clone()].iter().zip(&totals[cells]);
            for (bin, (&energy, &total)) in pairs.enumerate() {
                let weight = if total > 0.0 { energy / total } else { 0.0 };
                self.bins.re[bin] = weight * spectrum.re[bin];
                self.bins.im[bin] = weight * spectrum.im[bin];
            }
            fourier.inverse(&self.bins, &mut self.time, &mut self.work);
            let faded = self.time.iter().zip(window).map(|(x, window)| x * window * scale);
            let (tail, share) =
                (&mut self.tail[index % channels], &mut self.share[index % channels]);
            share.extend(tail.iter().zip(faded.clone()).map(|(tail, x)| tail + x));
            tail.iter_mut().zip(faded.skip(HOP)).for_each(|(tail, x)| *tail = x);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_divided_adds_up_and_silence_gets_nothing() {
        let frames = 5 * HOP + 77;
        let wave = |hz: f64, level: f64| -> Vec<f32> {
            (0..frames).map(|n| (level * libm::sin(hz * n as f64)) as f32).collect()
        };
        let audio = |planes| Audio::from_planes(44_100, vec![planes]);
        let parts = [wave(0.05, 0.4), wave(0.9, 0.3), vec![0.0; frames]].map(audio);
        let target =
            audio(wave(0.05, 0.5).iter().zip(&wave(0.9, 0.35)).map(|(a, b)| a + b).collect());
        let mut sharer = Sharer::new(3, 1);
        let mut regions = Vec::new();
        for (from, to) in [(0, 900), (900, 1000), (1000, frames)] {
            let cut = |sound: &Audio| audio(sound.channel(0)[from..to].to_vec());
            regions.push(sharer.push(&cut(&target), &parts.each_ref().map(cut)));
        }
        regions.push(sharer.finish());
        let whole = |plane: &dyn Fn(&Region) -> Vec<f32>| -> Vec<f32> {
            regions.iter().flat_map(plane).collect()
        };
        assert_eq!(whole(&|region| region.target[0].clone()), target.channel(0));
        let shares = [0, 1, 2].map(|stem| whole(&|region| region.stems[stem].share[0].clone()));
        for (stem, part) in parts.iter().enumerate() {
            assert_eq!(whole(&|region| region.stems[stem].part[0].clone()), part.channel(0));
        }
        assert!(shares[2].iter().all(|&x| x == 0.0));
        let sums = shares[0].iter().zip(&shares[1]).map(|(one, other)| one + other);
        for (n, sum) in sums.enumerate() {
            let remainder = target.channel(0)[n] - parts[0].channel(0)[n] - parts[1].channel(0)[n];
            assert!((sum - remainder).abs() < 1e-6, "{n}");
        }
        // Each gets what is like it: a quarter of 0.4 and a sixth of 0.3.
        let inner = shares[0].iter().zip(parts[0].channel(0)).skip(HOP).take(frames - FRAME - HOP);
        for (share, part) in inner {
            assert!((share - 0.25 * part).abs() < 2e-3, "{share} of {part}");
        }
    }
}
