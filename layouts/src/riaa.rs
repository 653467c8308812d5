//! How far the cutting stylus moves: the recording characteristic, as displacement.

/// Time constants of the characteristic (IEC 60098; RIAA 1954), seconds.
const BASS_S: f64 = 3180e-6;
const MIDDLE_S: f64 = 318e-6;
const TREBLE_S: f64 = 75e-6;
/// Where the characteristic is 0 dB.
const REFERENCE_HZ: f64 = 1000.0;
/// Below, nothing is cut: the high-pass of a cutting desk, second order.
const LOWEST_HZ: f64 = 20.0;

/// Displacement of one wall of the groove, µm, from samples of one channel.
///
/// Velocity follows the recording characteristic and displacement is its integral, so between 50 and 500 Hz and above 2 kHz it is the
/// sample itself up to a factor; only that lets the bilinear transform stand near half the sample rate.
#[derive(Clone, Debug)]
pub(crate) struct Stylus {
    gain_um: f64,
    /// s (1 + s BASS) / (s² + √2 ω s + ω²): integral, bass and high-pass.
    bass: [f64; 5],
    /// (1 + s TREBLE) / (1 + s MIDDLE).
    treble: [f64; 3],
    bass_state: [f64; 2],
    treble_state: f64,
}

impl Stylus {
    /// A full-scale sine of 1 kHz moves the wall with this peak velocity.
    pub(crate) fn new(sample_rate_hz: u32, velocity_um_per_s: f64) -> Self {
        let rate = f64::from(sample_rate_hz);
        // Bilinear transform: s = k (1 - 1/z) / (1 + 1/z).
        let k = 2.0 * rate;
        let omega = std::f64::consts::TAU * LOWEST_HZ;
        let (square, middle) = (k * k, std::f64::consts::SQRT_2 * omega * k);
        let a0 = square + middle + omega * omega;
        let bass = [
            (k + square * BASS_S) / a0,
            -2.0 * square * BASS_S / a0,
            (square * BASS_S - k) / a0,
            2.0 * (omega * omega - square) / a0,
            (square - middle + omega * omega) / a0,
        ];
        let below = 1.0 + k * MIDDLE_S;
        let treble = [
            (1.0 + k * TREBLE_S) / below,
            (1.0 - k * TREBLE_S) / below,
            (1.0 - k * MIDDLE_S) / below,
        ];
        let gain_um = velocity_um_per_s / characteristic(REFERENCE_HZ);
        Self { gain_um, bass, treble, bass_state: [0.0; 2], treble_state: 0.0 }
    }

    /// Displacement after one more sample.
    pub(crate) fn next(&mut self, sample: f32) -> f64 {
        let input = f64::from(sample) * self.gain_um;
        let [b0, b1, b2, a1, a2] = self.bass;
        let bass = b0 * input + self.bass_state[0];
        self.bass_state = [b1 * input - a1 * bass + self.bass_state[1], b2 * input - a2 * bass];
        let [b0, b1, a1] = self.treble;
        let out = b0 * bass + self.treble_state;
        self.treble_state = b1 * bass - a1 * out;
        out
    }
}

/// Velocity of the recording characteristic at a frequency, before it is set to 0 dB at 1 kHz.
fn characteristic(freq_hz: f64) -> f64 {
    let omega = std::f64::consts::TAU * freq_hz;
    let corner = |time_s: f64| libm::sqrt(1.0 + omega * omega * time_s * time_s);
    corner(BASS_S) * corner(TREBLE_S) / corner(MIDDLE_S)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE_HZ: u32 = 96_000;

    /// Peak displacement of a full-scale sine, µm.
    fn displacement_um(freq_hz: f64) -> f64 {
        let mut stylus = Stylus::new(RATE_HZ, 50_000.0);
        let step = std::f64::consts::TAU * freq_hz / f64::from(RATE_HZ);
        let samples = (0..RATE_HZ * 2).map(|n| stylus.next((step * f64::from(n)).sin() as f32));
        samples.skip(RATE_HZ as usize).fold(0.0, |peak, um| f64::max(peak, um.abs()))
    }

    #[track_caller]
    fn check(freq_hz: f64, riaa_db: f64) {
        // Velocity is displacement times 2 pi f. The table is that of the standard; 0.1 dB is its rounding.
        let velocity = displacement_um(freq_hz) * std::f64::consts::TAU * freq_hz;
        let db = 20.0 * (velocity / 50_000.0).log10();
        assert!((db - riaa_db).abs() < 0.1, "{freq_hz} Hz: {db:.2} dB, not {riaa_db}");
    }

    #[test]
    fn velocity_follows_the_table_of_the_recording_characteristic() {
        check(100.0, -13.09);
        check(500.0, -2.65);
        check(1000.0, 0.0);
        check(2000.0, 2.59);
        check(5000.0, 8.21);
        check(10_000.0, 13.73);
    }

    #[test]
    fn below_the_lowest_frequency_little_is_cut() {
        assert!(displacement_um(2.0) < displacement_um(50.0) / 3.0);
    }
}
