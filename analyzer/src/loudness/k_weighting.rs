//! The K-weighting filter: a high shelf for the head, then a low-frequency roll-off.

/// Centre of the shelf; with the two values below it reproduces BS.1770-5 table 1 at 48 kHz and gives
/// the same analogue response at other rates (Brecht De Man, "Evaluation of implementations of the EBU
/// R128 loudness measurement", AES 145, 2018).
const SHELF_HZ: f64 = 1_681.974_450_955_533;
const SHELF_GAIN_DB: f64 = 3.999_843_853_973_347;
const SHELF_Q: f64 = 0.707_175_236_955_419_6;
/// Exponent of the shelf's gain at its centre, same source.
const SHELF_CENTRE_EXPONENT: f64 = 0.499_666_774_154_541_6;
/// Corner of the roll-off (BS.1770-5 table 2), same source.
const ROLL_OFF_HZ: f64 = 38.135_470_876_024_44;
const ROLL_OFF_Q: f64 = 0.500_327_037_323_877_3;

/// The sections at 48 kHz as BS.1770-5 prints them, numerators and denominators (tables 1 and 2).
const SHELF_48_KHZ: [[f64; 3]; 2] = [
    [1.535_124_859_586_97, -2.691_696_189_406_38, 1.198_392_810_852_85],
    [1.0, -1.690_659_293_182_41, 0.732_480_774_215_85],
];
const ROLL_OFF_48_KHZ: [[f64; 3]; 2] =
    [[1.0, -2.0, 1.0], [1.0, -1.990_047_454_833_98, 0.990_072_250_366_21]];

/// Power gain of the K-weighting at a frequency: of the filters for 48 kHz, as they are printed.
pub fn k_weighting(freq_hz: f64) -> f64 {
    let omega = std::f64::consts::TAU * freq_hz / 48_000.0;
    let ([shelf_b, shelf_a], [roll_off_b, roll_off_a]) = (SHELF_48_KHZ, ROLL_OFF_48_KHZ);
    power_at(shelf_b, omega) / power_at(shelf_a, omega) * power_at(roll_off_b, omega)
        / power_at(roll_off_a, omega)
}

/// Squared magnitude of a polynomial in z^-1 on the unit circle.
fn power_at(c: [f64; 3], omega: f64) -> f64 {
    let (sin1, cos1) = libm::sincos(omega);
    let (sin2, cos2) = libm::sincos(2.0 * omega);
    let real = c[0] + c[1] * cos1 + c[2] * cos2;
    let imaginary = c[1] * sin1 + c[2] * sin2;
    real * real + imaginary * imaginary
}

/// A second-order section, normalised to a0 = 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Section {
    pub(crate) b: [f64; 3],
    pub(crate) a: [f64; 2],
}

impl Section {
    /// b0, what the input adds to the state beyond that, and a: the transposed direct form II with the output put
    /// into the states, so that a state waits for one product of itself and not for the output first.
    fn split(&self) -> (f64, [f64; 2], [f64; 2]) {
        let ([b0, b1, b2], [a1, a2]) = (self.b, self.a);
        (b0, [b1 - a1 * b0, b2 - a2 * b0], self.a)
    }

    /// Squared magnitude of the response at `freq_hz`.
    pub(crate) fn power_gain(&self, freq_hz: f64, sample_rate_hz: f64) -> f64 {
        let omega = std::f64::consts::TAU * freq_hz / sample_rate_hz;
        let (cos1, cos2) = (libm::cos(omega), libm::cos(2.0 * omega));
        let [b0, b1, b2] = self.b;
        let [a1, a2] = self.a;
        let square = |c0: f64, c1: f64, c2: f64| {
            c0 * c0 + c1 * c1 + c2 * c2 + 2.0 * (c0 * c1 + c1 * c2) * cos1 + 2.0 * c0 * c2 * cos2
        };
        square(b0, b1, b2) / square(1.0, a1, a2)
    }
}

/// The two sections of the K-weighting at one rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct KWeighting {
    pub(crate) shelf: Section,
    pub(crate) roll_off: Section,
}

impl KWeighting {
    pub(crate) fn new(sample_rate_hz: u32) -> Self {
        let rate = f64::from(sample_rate_hz);
        Self { shelf: shelf(rate), roll_off: roll_off(rate) }
    }

    /// Squared magnitude of the response.
    pub(crate) fn power_gain(&self, freq_hz: f64, sample_rate_hz: f64) -> f64 {
        self.shelf.power_gain(freq_hz, sample_rate_hz)
            * self.roll_off.power_gain(freq_hz, sample_rate_hz)
    }
}

/// tan(pi f / rate), with `f` kept below the Nyquist frequency (rates under 3.4 kHz).
fn warped(freq_hz: f64, rate: f64) -> f64 {
    libm::tan(std::f64::consts::PI * (freq_hz / rate).min(0.499))
}

fn shelf(rate: f64) -> Section {
    let k = warped(SHELF_HZ, rate);
    let high = acetate_audio::units::db_to_amplitude(SHELF_GAIN_DB);
    let centre = acetate_audio::units::db_to_amplitude(SHELF_GAIN_DB * SHELF_CENTRE_EXPONENT);
    let a0 = 1.0 + k / SHELF_Q + k * k;
    Section {
        b: [
            (high + centre * k / SHELF_Q + k * k) / a0,
            2.0 * (k * k - high) / a0,
            (high - centre * k / SHELF_Q + k * k) / a0,
        ],
        a: [2.0 * (k * k - 1.0) / a0, (1.0 - k / SHELF_Q + k * k) / a0],
    }
}

fn roll_off(rate: f64) -> Section {
    let k = warped(ROLL_OFF_HZ, rate);
    let a0 = 1.0 + k / ROLL_OFF_Q + k * k;
    Section {
        // The standard does not normalise this numerator.
        b: [1.0, -2.0, 1.0],
        a: [2.0 * (k * k - 1.0) / a0, (1.0 - k / ROLL_OFF_Q + k * k) / a0],
    }
}

/// Below this the state of the filter is taken for silence, so that decays do not end in denormals.
const SILENT_STATE: f64 = 1e-30;

/// Filter memory of `N` channels run side by side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KState<const N: usize> {
    shelf: [[f64; N]; 2],
    roll_off: [[f64; N]; 2],
}

impl<const N: usize> KState<N> {
    pub(crate) fn new() -> Self {
        Self { shelf: [[0.0; N]; 2], roll_off: [[0.0; N]; 2] }
    }

    /// Filters `inputs` (equal lengths) and adds to `sums`. Always one sample after the other, so that it
    /// does not matter where the sound is cut into blocks.
    #[expect(clippy::needless_range_loop, reason = "frame and lane index several arrays")]
    pub(crate) fn add(&mut self, filter: &KWeighting, inputs: [&[f32]; N], sums: &mut KSums<N>) {
        let frames = inputs[0].len();
        let inputs = inputs.map(|plane| &plane[..frames]);
        let steps = Steps::new(filter);
        let (mut state, mut added) = (*self, *sums);
        for frame in 0..frames {
            let mut input = [0.0; N];
            for lane in 0..N {
                input[lane] = f64::from(inputs[lane][frame]);
            }
            steps.take(input, &mut state, &mut added);
        }
        (*self, *sums) = (state, added);
    }

    /// Takes what is left of a decay for silence. Called on a fixed grid: where it happens changes bits.
    pub(crate) fn quiet(&mut self) {
        self.shelf = self.shelf.map(quieted);
        self.roll_off = self.roll_off.map(quieted);
    }
}

/// Some frames, converted side by side, and how many of them count.
pub(crate) type Eight = ([[f32; 2]; 8], usize);

impl KState<2> {
    /// The same of frames that come eight by eight, all but the last whole. Returns whether all samples are below `limit`.
    #[inline(always)]
    pub(crate) fn add_eights(
        &mut self,
        filter: &KWeighting,
        eights: impl Iterator<Item = Eight>,
        sums: &mut KSums<2>,
        limit: f32,
    ) -> bool {
        let steps = Steps::new(filter);
        let (mut state, mut added) = (*self, *sums);
        let mut within = true;
        for (eight, count) in eights {
            within &= eight.as_flattened().iter().fold(true, |all, s| all & (s.abs() <= limit));
            for frame in &eight[..count] {
                steps.take(frame.map(f64::from), &mut state, &mut added);
            }
        }
        (*self, *sums) = (state, added);
        within
    }
}

/// The filter as its steps want it.
struct Steps {
    shelf: (f64, [f64; 2], [f64; 2]),
    roll_off: ([f64; 2], [f64; 2]),
}

impl Steps {
    fn new(filter: &KWeighting) -> Self {
        let (_, q, c) = filter.roll_off.split();
        Self { shelf: filter.shelf.split(), roll_off: (q, c) }
    }

    /// Filters a frame.
    #[inline(always)]
    fn take<const N: usize>(&self, inputs: [f64; N], state: &mut KState<N>, sums: &mut KSums<N>) {
        let (b0, [p1, p2], [a1, a2]) = self.shelf;
        let ([q1, q2], [c1, c2]) = self.roll_off;
        let ([s1, s2], [r1, r2]) = (&mut state.shelf, &mut state.roll_off);
        let mut outputs = [0.0; N];
        for lane in 0..N {
            let input = inputs[lane];
            let shelved = b0 * input + s1[lane];
            (s1[lane], s2[lane]) =
                ((p1 * input + s2[lane]) - a1 * s1[lane], p2 * input - a2 * s1[lane]);
            let output = shelved + r1[lane];
            (r1[lane], r2[lane]) =
                ((q1 * shelved + r2[lane]) - c1 * r1[lane], q2 * shelved - c2 * r1[lane]);
            sums.square[lane] += output * output;
            outputs[lane] = output;
        }
        sums.product += outputs[0] * outputs[N - 1];
    }
}

/// Sums over K-weighted samples: of the squares of each channel, and of the products of the first and last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KSums<const N: usize> {
    pub(crate) square: [f64; N],
    pub(crate) product: f64,
}

impl<const N: usize> KSums<N> {
    pub(crate) fn new() -> Self {
        Self { square: [0.0; N], product: 0.0 }
    }
}

fn quieted<const N: usize>(state: [f64; N]) -> [f64; N] {
    state.map(|value| if value.abs() < SILENT_STATE { 0.0 } else { value })
}

#[cfg(test)]
mod tests {
    use acetate_audio::units::power_to_db;

    use super::*;

    #[track_caller]
    fn check_section(section: Section, [b, a]: [[f64; 3]; 2]) {
        for (ours, table) in section.b.iter().chain(&section.a).zip(b.iter().chain(&a[1..])) {
            assert!((ours - table).abs() < 1e-8, "{ours} is not {table}");
        }
    }

    #[test]
    fn the_sections_at_48_khz_are_those_of_bs_1770() {
        let filter = KWeighting::new(48_000);
        check_section(filter.shelf, SHELF_48_KHZ);
        check_section(filter.roll_off, ROLL_OFF_48_KHZ);
    }

    #[track_caller]
    fn near(given: f64, expected: f64, tolerance: f64) {
        assert!((given - expected).abs() <= tolerance, "{given} is not {expected} +- {tolerance}");
    }

    #[test]
    fn k_weighting_is_what_makes_a_997_hz_sine_read_its_level() {
        // BS.1770-5: a 0 dBFS, 997 Hz sine in one channel reads -3.01 LKFS; the -0.691 cancels the gain here.
        near(power_to_db(k_weighting(997.0)), 0.691, 0.01);
    }

    #[test]
    fn k_weighting_lifts_the_highs_and_drops_the_lows() {
        near(power_to_db(k_weighting(10_000.0)), 4.0, 0.1);
        near(power_to_db(k_weighting(38.0)), -6.0, 0.5);
    }

    #[test]
    fn the_power_of_a_filtered_sine_is_the_power_gain() {
        let (rate, freq) = (44_100.0, 3_000.0);
        let sine: Vec<f32> = (0..88_200)
            .map(|i| libm::sin(std::f64::consts::TAU * freq * f64::from(i) / rate) as f32)
            .collect();
        let filter = KWeighting::new(44_100);
        let mut state = KState::<1>::new();
        state.add(&filter, [&sine[..44_100]], &mut KSums::new());
        let mut sums = KSums::new();
        state.add(&filter, [&sine[44_100..]], &mut sums);
        let [sum] = sums.square;
        let measured = sum / 44_100.0 * 2.0;
        assert!((measured - filter.power_gain(freq, rate)).abs() < 1e-5);
    }
}
