//! The limiters that are compared.

use acetate_audio::Audio;
use acetate_audio::units::amplitude_to_db;
use acetate_engine::limiter::masked::{MaskedLimiter, Tuning};
use acetate_engine::settings::{Bits, DitherKind, LimiterKind};
use acetate_engine::{Chain, Settings, Stage};

use crate::peers;

/// A limiter under test.
pub(crate) trait Rival: Sync {
    fn name(&self) -> &str;

    /// Limits driven sound to about an amplitude, without delay. `None` when it cannot be run.
    fn limit(&self, driven: &Audio, ceiling: f32) -> Option<Audio>;
}

/// Everything that can be run here.
pub(crate) fn rivals(variants: &[String]) -> Vec<Box<dyn Rival>> {
    let ours = |name, kind| -> Box<dyn Rival> { Box::new(Ours { name, kind }) };
    let mut all = vec![
        ours("masked", LimiterKind::Masked),
        ours("transparent", LimiterKind::Transparent),
        ours("fast", LimiterKind::Fast),
    ];
    for variant in variants {
        all.push(Box::new(Masked { name: format!("masked:{variant}"), tuning: tuning(variant) }));
    }
    all.push(Box::new(HardClip));
    all.extend(peers::peers());
    all
}

/// A limiter as `master` runs it, repair included.
struct Ours {
    name: &'static str,
    kind: LimiterKind,
}

impl Rival for Ours {
    fn name(&self) -> &str {
        self.name
    }

    fn limit(&self, driven: &Audio, ceiling: f32) -> Option<Audio> {
        let mut settings = Settings::default();
        settings.limiter.kind = self.kind;
        settings.limiter.ceiling_dbtp = amplitude_to_db(f64::from(ceiling));
        settings.output.bits = Bits::Float32;
        settings.output.dither = DitherKind::None;
        let mut chain = Chain::new(&settings, driven.spec()).ok()?;
        let (mut written, mut decoded) = (chain.block(), Audio::silence(driven.spec(), 0));
        let mut out = Audio::silence(driven.spec(), 0);
        let mut append = |written: &_| {
            acetate_audio::PcmBlock::decode_into(written, &mut decoded);
            for (out, plane) in out.planes_mut().iter_mut().zip(decoded.planes()) {
                out.extend_from_slice(plane);
            }
        };
        chain.push(driven, &mut written);
        append(&written);
        chain.finish(&mut written);
        append(&written);
        Some(out)
    }
}

/// The masked limiter alone, with another tuning.
struct Masked {
    name: String,
    tuning: Tuning,
}

impl Rival for Masked {
    fn name(&self) -> &str {
        &self.name
    }

    fn limit(&self, driven: &Audio, ceiling: f32) -> Option<Audio> {
        Some(through(MaskedLimiter::new(driven.spec(), ceiling, self.tuning), driven))
    }
}

fn through(mut stage: impl Stage, input: &Audio) -> Audio {
    let mut out = Audio::silence(input.spec(), 0);
    stage.push(input, &mut out);
    stage.finish(&mut out);
    out
}

/// The default tuning with some of its values replaced.
fn tuning(variant: &str) -> Tuning {
    let mut tuning = Tuning::default();
    for part in variant.split(',') {
        let (key, value) = part.split_once('=').expect("KEY=VALUE");
        let number: f32 = value.parse().expect("a number");
        match key {
            "iterations" => tuning.iterations = number as usize,
            "most" => tuning.iterations_max = number as usize,
            "left" => tuning.left_to_mask = number,
            "exponent" => tuning.mask_exponent = number,
            "first" => tuning.penalty.0 = number,
            "last" => tuning.penalty.1 = number,
            "rising" => tuning.rising_share = number,
            "relaxation" => tuning.relaxation = number,
            "onset" => tuning.onset_ratio = number,
            "cut" => tuning.cut_below = number,
            "merge" => tuning.merge_below = number,
            "level" => tuning.level_above = libm::powf(10.0, number / 10.0),
            "steady" => tuning.level_steady = number,
            "padding" => tuning.padding_frames = number as usize,
            _ => panic!("no tuning is called {key}"),
        }
    }
    tuning
}

/// Clipping of the samples: what everybody can do.
struct HardClip;

impl Rival for HardClip {
    fn name(&self) -> &str {
        "hard clip"
    }

    fn limit(&self, driven: &Audio, ceiling: f32) -> Option<Audio> {
        let mut out = driven.clone();
        for sample in out.planes_mut().iter_mut().flatten() {
            *sample = sample.clamp(-ceiling, ceiling);
        }
        Some(out)
    }
}
