//! A low end that is in the channel for low-frequency effects: whoever plays two channels leaves it out ("discard the LFE channel",
//! tvtechnology.com, What Is Downmixing? Part 1; it ends at 120 Hz).

use acetate_analyzer::Severity;
use acetate_audio::{Audio, AudioSpec, ChannelRole};

use crate::document::{Translation, TranslationFinding};
use crate::telling::{codes, finding};

/// Where the channel ends, Hz.
const END_HZ: f64 = 120.0;
/// Qualities of the two sections of a fourth-order Butterworth filter.
const QUALITIES: [f64; 2] = [0.541_196_100_146_197, 1.306_562_964_876_376_4];
/// A low end of which this much is there is missed without it, percent: half of the power is 3 dB.
const MISSED_PCT: f64 = 50.0;

/// Listens to what lies below 120 Hz, in that channel and in all others.
#[derive(Debug)]
pub(crate) struct LfeMeter {
    channels: Vec<Low>,
}

#[derive(Debug)]
struct Low {
    is_lfe: bool,
    sections: [Section; 2],
    power: f64,
}

impl LfeMeter {
    /// `None` where there is no such channel.
    pub(crate) fn new(spec: AudioSpec) -> Option<Self> {
        let rate_hz = f64::from(spec.sample_rate_hz);
        let low = |channel| Low {
            is_lfe: spec.layout.role(channel) == ChannelRole::Lfe,
            sections: QUALITIES.map(|quality| Section::low_pass(END_HZ, quality, rate_hz)),
            power: 0.0,
        };
        let channels: Vec<Low> = (0..spec.channels).map(low).collect();
        channels.iter().any(|low| low.is_lfe).then_some(Self { channels })
    }

    pub(crate) fn push(&mut self, block: &Audio) {
        for (low, plane) in self.channels.iter_mut().zip(block.planes()) {
            for &sample in plane {
                let [first, second] = &mut low.sections;
                let out = second.step(first.step(f64::from(sample)));
                low.power += out * out;
            }
        }
    }

    /// Share of that channel in the power below 120 Hz, percent; `None` of silence.
    pub(crate) fn finish(&self) -> Option<f64> {
        let lfe = self.channels.iter().filter(|low| low.is_lfe);
        let lfe: f64 = lfe.map(|low| low.power).sum();
        let all: f64 = self.channels.iter().map(|low| low.power).sum();
        (all > 0.0).then(|| 100.0 * lfe / all)
    }
}

/// One section, transposed direct form II.
#[derive(Debug)]
struct Section {
    b: [f64; 3],
    a: [f64; 2],
    state: [f64; 2],
}

impl Section {
    /// R. Bristow-Johnson, Audio EQ Cookbook, low-pass.
    fn low_pass(corner_hz: f64, quality: f64, rate_hz: f64) -> Self {
        let (sin, cos) = libm::sincos(std::f64::consts::TAU * corner_hz / rate_hz);
        let alpha = sin / (2.0 * quality);
        let scale = 1.0 / (1.0 + alpha);
        let half = 0.5 * (1.0 - cos) * scale;
        Self {
            b: [half, 2.0 * half, half],
            a: [-2.0 * cos * scale, (1.0 - alpha) * scale],
            state: [0.0; 2],
        }
    }

    fn step(&mut self, x: f64) -> f64 {
        let out = self.b[0] * x + self.state[0];
        self.state[0] = self.b[1] * x - self.a[0] * out + self.state[1];
        self.state[1] = self.b[2] * x - self.a[1] * out;
        out
    }
}

/// A low end that no player of two channels plays.
pub(crate) fn in_lfe(of: &Translation) -> Option<TranslationFinding> {
    let share_pct = of.lfe_pct.filter(|&share| share >= MISSED_PCT)?;
    let text = format!(
        "{share_pct:.0} % of what lies below 120 Hz is in the LFE channel, which no system of two channels plays: it is left out when 5.1 is folded down, and was left out of the table"
    );
    let mix = "put the bass into the front channels, and into the LFE only what may be missing";
    let on = of.systems.iter().map(|system| system.id.clone()).collect();
    Some(TranslationFinding { on, ..finding(codes::IN_LFE, Severity::Mix, text, mix) })
}
