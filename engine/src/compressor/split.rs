//! Splitting a plane into bands.

use super::Plane;
use crate::biquad::{self, Biquad};
use crate::convolver::{Convolver, Workspace, split_kernel, split_taps};
use crate::settings::{CompressorSettings, CrossoverKind};

/// Frames worked on at once where no filter asks for more.
const PLAIN_HOP_FRAMES: usize = 4096;

/// How a plane becomes bands.
pub(crate) enum Split {
    /// One band: the plane itself.
    None,
    /// Complementary linear-phase bands, which add up to the input exactly.
    Linear(Convolver),
    /// Linkwitz-Riley bands, which add up to an all-pass of the input.
    LinkwitzRiley(Vec<Vec<Biquad>>),
}

/// What a split remembers of a plane.
pub(crate) enum State {
    None,
    Linear { work: Box<Workspace>, lows: Vec<Vec<f32>> },
    LinkwitzRiley(Vec<Vec<[f64; 2]>>),
}

impl State {
    /// Forgets the past. What a transform works in is no past.
    pub(crate) fn reset(&mut self) {
        if let Self::LinkwitzRiley(paths) = self {
            paths.iter_mut().flatten().for_each(|state| *state = [0.0; 2]);
        }
    }
}

impl Split {
    pub(crate) fn new(settings: &CompressorSettings, rate: f64) -> Self {
        let crossovers = &settings.crossovers_hz;
        match settings.crossover {
            _ if crossovers.is_empty() => Self::None,
            CrossoverKind::Linear => {
                let taps = split_taps(crossovers[0], rate);
                let kernels: Vec<_> =
                    crossovers.iter().map(|&f| split_kernel(f, taps, rate)).collect();
                Self::Linear(Convolver::new(&kernels))
            }
            CrossoverKind::LinkwitzRiley => Self::LinkwitzRiley(
                (0..=crossovers.len()).map(|band| band_path(crossovers, band, rate)).collect(),
            ),
        }
    }

    pub(crate) fn state(&self) -> State {
        match self {
            Self::None => State::None,
            Self::Linear(convolver) => State::Linear {
                work: Box::new(convolver.workspace()),
                lows: vec![Vec::with_capacity(convolver.hop_frames()); self.band_count() - 1],
            },
            Self::LinkwitzRiley(paths) => {
                State::LinkwitzRiley(paths.iter().map(|path| vec![[0.0; 2]; path.len()]).collect())
            }
        }
    }

    pub(crate) fn band_count(&self) -> usize {
        match self {
            Self::None => 1,
            Self::Linear(convolver) => convolver.kernel_count() + 1,
            Self::LinkwitzRiley(paths) => paths.len(),
        }
    }

    pub(crate) fn hop_frames(&self) -> usize {
        match self {
            Self::Linear(convolver) => convolver.hop_frames(),
            _ => PLAIN_HOP_FRAMES,
        }
    }

    pub(crate) fn window_frames(&self) -> usize {
        match self {
            Self::Linear(convolver) => convolver.window_frames(),
            _ => PLAIN_HOP_FRAMES,
        }
    }

    pub(crate) fn reach_frames(&self) -> usize {
        match self {
            Self::Linear(convolver) => convolver.reach_frames(),
            _ => 0,
        }
    }

    /// Fills the plane's bands from its window.
    pub(crate) fn run(&self, plane: &mut Plane) {
        match (self, &mut plane.state) {
            (Self::Linear(convolver), State::Linear { work, lows }) => {
                convolver.filter(&plane.window, work, lows);
                let input = &plane.window[self.reach_frames()..];
                complementary(lows, input, &mut plane.bands);
            }
            (Self::LinkwitzRiley(paths), State::LinkwitzRiley(states)) => {
                for ((path, state), band) in paths.iter().zip(states).zip(&mut plane.bands) {
                    run_path(path, state, &plane.window, band);
                }
            }
            _ => {
                plane.bands[0].clear();
                plane.bands[0].extend_from_slice(&plane.window);
            }
        }
    }

    /// What is added before any gain moves: nothing, or the all-pass of Linkwitz-Riley in place of the input.
    pub(crate) fn start_sum(&self, window: &[f32], bands: &[Vec<f32>], added: &mut [f32]) {
        added.fill(0.0);
        if let Self::LinkwitzRiley(_) = self {
            for band in bands {
                added.iter_mut().zip(band).for_each(|(added, x)| *added += x);
            }
            added.iter_mut().zip(window).for_each(|(added, x)| *added -= x);
        }
    }
}

/// Bands between neighbouring low-passes; the last is what is left of the input.
fn complementary(lows: &[Vec<f32>], input: &[f32], bands: &mut [Vec<f32>]) {
    let count = bands.len();
    for (index, band) in bands.iter_mut().enumerate() {
        band.clear();
        if index == 0 {
            band.extend_from_slice(&lows[0]);
        } else if index + 1 < count {
            band.extend(lows[index].iter().zip(&lows[index - 1]).map(|(high, low)| high - low));
        } else {
            band.extend(input.iter().zip(&lows[index - 1]).map(|(all, low)| all - low));
        }
    }
}

/// Sections that lead to one band: high-passes below it, its low-pass, and the all-passes of the crossovers above.
fn band_path(crossovers_hz: &[f64], band: usize, rate: f64) -> Vec<Biquad> {
    let mut path = Vec::new();
    for (index, &freq) in crossovers_hz.iter().enumerate() {
        let pair = biquad::linkwitz_riley(freq, rate);
        if index < band {
            path.extend([pair.high, pair.high]);
        } else if index == band {
            path.extend([pair.low, pair.low]);
        } else {
            path.push(pair.all_pass);
        }
    }
    path
}

fn run_path(path: &[Biquad], state: &mut [[f64; 2]], input: &[f32], band: &mut Vec<f32>) {
    band.clear();
    band.extend(input.iter().map(|&x| {
        path.iter().zip(state.iter_mut()).fold(f64::from(x), |x, (section, s)| {
            let y = section.b[0] * x + s[0];
            s[0] = section.b[1] * x + s[1] - section.a[0] * y;
            s[1] = section.b[2] * x - section.a[1] * y;
            y
        }) as f32
    }));
}
