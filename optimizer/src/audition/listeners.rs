//! Who may be listening: possible listeners, each as likely as it makes the answers.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};

use super::space::{FAMILIES, TasteSpace};
use super::{Answer, Pair};

/// How many are thought of. Eight answers leave one in a hundred of them likely, still enough for a mean.
const LISTENERS: usize = 4_096;
/// How much wider or narrower than usual the tastes may be that a listener is drawn from: the tails are heavier than a normal
/// distribution has them, since wishes nobody expected are the ones that matter.
const SPREAD: (f64, f64) = (0.6, 1.5);
/// Of how much a family counts beside the others, as a natural logarithm.
const CARE_STD: f64 = 0.4;
/// How much nearer the better one has to be for its answer to be three to one, in steps squared: the usual, and how far listeners
/// differ in it, as a natural logarithm.
const NOISE: (f64, f64) = (0.45, 0.8);
/// How little has to be between two for "the same" to be as likely as not, in units of the noise, the same way.
const SAME: (f64, f64) = (0.5, 0.7);
/// Most often that somebody presses either button whatever was heard: twice 15 of 100.
const SLIP_MAX: f64 = 0.3;

/// One possible listener.
#[derive(Clone, Debug)]
struct Listener {
    wish: Vec<f64>,
    /// How much tone, width and density count.
    care: [f64; FAMILIES],
    noise: f64,
    /// Exponential of the threshold of "the same".
    same: f64,
    /// Probability of either answer, whatever was heard.
    slip: f64,
}

/// Possible listeners, and how likely each is.
#[derive(Clone, Debug)]
pub(super) struct Listeners {
    all: Vec<Listener>,
    weight: Vec<f64>,
}

/// Uniform and normal numbers from a seed.
pub(super) struct Lot(Xoshiro256PlusPlus);

impl Lot {
    pub(super) fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// From 0 to below 1.
    pub(super) fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Of mean 0 and variance 1 (Box & Muller, 1958).
    pub(super) fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.uniform()));
        radius * libm::cos(std::f64::consts::TAU * self.uniform())
    }

    /// Below `count`.
    pub(super) fn index(&mut self, count: usize) -> usize {
        ((self.uniform() * count as f64) as usize).min(count - 1)
    }
}

/// A pair as listeners compare it: the utility of the first over the second is linear in the wish.
pub(super) struct Compared {
    /// By way: family, what the difference weighs, and where it is nothing.
    ways: Vec<(usize, f64, f64)>,
}

impl Compared {
    pub(super) fn new(space: &TasteSpace, pair: &Pair) -> Self {
        let ends = pair.first.iter().zip(&pair.second);
        let ways = space.lengths().into_iter().zip(ends);
        let of = |((family, length), (first, second)): ((usize, f64), (&f64, &f64))| {
            (family, length * length * (first - second), (first + second) / 2.0)
        };
        Self { ways: ways.map(of).collect() }
    }

    /// Half of the squared distance of the second from a wish less that of the first, in steps squared.
    fn nearer(&self, listener: &Listener) -> f64 {
        let ways = self.ways.iter().zip(&listener.wish);
        ways.map(|(&(family, by, middle), wish)| listener.care[family] * by * (wish - middle)).sum()
    }

    /// How likely each answer is: first, second, same.
    fn likely(&self, listener: &Listener) -> [f64; 3] {
        let odds = libm::exp(-self.nearer(listener) / listener.noise);
        let first = 1.0 / (1.0 + listener.same * odds);
        let second = 1.0 / (1.0 + listener.same / odds);
        let heard = 1.0 - 2.0 * listener.slip;
        [
            listener.slip + heard * first,
            listener.slip + heard * second,
            heard * (1.0 - first - second).max(0.0),
        ]
    }
}

impl Listeners {
    /// Before anything was asked.
    pub(super) fn before(space: &TasteSpace, seed: u64) -> Self {
        let mut lot = Lot::new(seed);
        let mut around = |(usual, by): (f64, f64)| usual * libm::exp(by * lot.normal());
        let mut listener = || {
            let care = std::array::from_fn(|_| around((1.0, CARE_STD)));
            let (noise, same) = (around(NOISE), libm::exp(around(SAME)));
            (care, noise, same)
        };
        let manners: Vec<_> = (0..LISTENERS).map(|_| listener()).collect();
        let all = manners
            .into_iter()
            .map(|(care, noise, same)| {
                let (least, most) = SPREAD;
                let spread = least + (most - least) * lot.uniform();
                let mut wish: Vec<f64> = space.ways.iter().map(|_| spread * lot.normal()).collect();
                space.reachable(&mut wish);
                Listener { wish, care, noise, same, slip: SLIP_MAX * lot.uniform() }
            })
            .collect();
        Self { all, weight: vec![1.0 / LISTENERS as f64; LISTENERS] }
    }

    /// After an answer.
    pub(super) fn hear(&mut self, space: &TasteSpace, pair: &Pair, answer: Answer) {
        let compared = Compared::new(space, pair);
        let of = match answer {
            Answer::First => 0,
            Answer::Second => 1,
            Answer::Same => 2,
        };
        for (weight, listener) in self.weight.iter_mut().zip(&self.all) {
            *weight *= compared.likely(listener)[of].max(f64::MIN_POSITIVE);
        }
        let total: f64 = self.weight.iter().sum();
        self.weight.iter_mut().for_each(|weight| *weight /= total);
    }

    /// The mean of their wishes.
    pub(super) fn middle(&self, space: &TasteSpace) -> Vec<f64> {
        let mut middle = vec![0.0; space.ways.len()];
        for (weight, listener) in self.weight.iter().zip(&self.all) {
            middle.iter_mut().zip(&listener.wish).for_each(|(sum, wish)| *sum += weight * wish);
        }
        middle
    }

    /// Wishes, and how likely each is.
    pub(super) fn wishes(&self) -> impl Iterator<Item = (&[f64], f64)> {
        self.all.iter().zip(&self.weight).map(|(listener, weight)| (&listener.wish[..], *weight))
    }

    /// `count` of them, as likely ones as there are, all to be counted alike (systematic resampling; Kitagawa, 1996).
    pub(super) fn few(&self, count: usize, lot: &mut Lot) -> Self {
        let step = 1.0 / count as f64;
        let mut next = step * lot.uniform();
        let (mut all, mut sum) = (Vec::with_capacity(count), 0.0);
        for (listener, weight) in self.all.iter().zip(&self.weight) {
            sum += weight;
            while sum > next && all.len() < count {
                all.push(listener.clone());
                next += step;
            }
        }
        let weight = vec![1.0 / all.len().max(1) as f64; all.len()];
        Self { all, weight }
    }

    /// The wish of one of them.
    pub(super) fn wish(&self, index: usize) -> &[f64] {
        &self.all[index].wish
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.all.len()
    }

    /// What the answer about a pair is expected to tell of the listener, in bits: the entropy of the answer less what of it is chance
    /// (Houlsby et al. 2011, eq. 2).
    pub(super) fn told_bits(&self, compared: &Compared) -> f64 {
        let (mut mean, mut chance) = ([0.0; 3], 0.0);
        for (weight, listener) in self.weight.iter().zip(&self.all) {
            let likely = compared.likely(listener);
            mean.iter_mut().zip(likely).for_each(|(sum, likely)| *sum += weight * likely);
            chance += weight * entropy_bits(&likely);
        }
        entropy_bits(&mean) - chance
    }
}

fn entropy_bits(likely: &[f64; 3]) -> f64 {
    let part = |likely: &f64| if *likely > 0.0 { -likely * libm::log2(*likely) } else { 0.0 };
    likely.iter().map(part).sum()
}
