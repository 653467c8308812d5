//! From arguments to requests of the library: one for each target.

use acetate::output::FileWish;
use acetate::references::oneshot::Boldness;
use acetate::{Aspect, NameOr, RecordWish, Request, Wishes};

use crate::failure::Outcome;
use crate::fit_arguments::{
    AspectArgument, DetailArgument, FitArguments, LimiterArgument, OneShotArgument, TasteArguments,
};
use crate::lookup;

/// Looks up and measures what the arguments name; one request a target, in their order.
///
/// # Errors
/// When a target, reference or style is not there or not readable.
pub(crate) fn requests(arguments: &FitArguments, file: &FileWish) -> Outcome<Vec<Request>> {
    let targets: Vec<_> =
        arguments.aim.target.iter().map(|name| lookup::target(name)).collect::<Outcome<_>>()?;
    let mut whole = wishes(arguments).request(lookup::library().ok().as_ref())?;
    whole.file = file.clone();
    if targets.is_empty() {
        return Ok(vec![whole]);
    }
    Ok(targets.into_iter().map(|target| whole.clone().with_target(target)).collect())
}

/// What the arguments ask for, but for the targets.
fn wishes(arguments: &FitArguments) -> Wishes {
    let FitArguments { aim, taste, limits } = arguments;
    let named = |name: &Option<String>| name.clone().map(NameOr::Name);
    Wishes {
        reference: aim.reference.iter().map(|text| weighted(text)).collect(),
        reference_tone: named(&aim.ref_tone),
        reference_dynamics: named(&aim.ref_dynamics),
        reference_width: named(&aim.ref_width),
        style: Some(NameOr::Name(aim.style.clone())),
        take: aim.take.as_ref().map(|list| list.iter().map(|&aspect| aspect.into()).collect()),
        mono: aim.mono.asked(),
        lufs: aim.lufs,
        for_systems: aim.for_systems.clone(),
        codec: limits.codec.clone(),
        ceiling_dbtp: aim.ceiling,
        max_eq_db: Some(limits.max_eq),
        max_damage_db: Some(limits.max_damage),
        force: limits.force,
        one_shot: Some(limits.one_shot.into()),
        detail: Some(limits.detail.into()),
        thorough: limits.thorough,
        limiter: Some(limits.limiter.into()),
        seed: Some(limits.seed),
        reverb_pct: taste.reverb,
        saturation_pct: taste.saturation,
        ..amounts(taste)
    }
}

fn weighted(text: &str) -> RecordWish {
    let (name, weight) = lookup::weighted(text);
    RecordWish { record: NameOr::Name(name.to_owned()), weight }
}

/// How far to go, and nothing else.
pub(crate) fn amounts(taste: &TasteArguments) -> Wishes {
    Wishes {
        amount_pct: taste.amount,
        tone_pct: taste.tone,
        dynamics_pct: taste.dynamics,
        width_pct: taste.width,
        ..Wishes::default()
    }
}

/// One word of the command line for one of the library.
macro_rules! same_words {
    ($argument:ident for $kind:ty: $($name:ident)*) => {
        impl From<$argument> for $kind {
            fn from(argument: $argument) -> Self {
                match argument {
                    $($argument::$name => Self::$name,)*
                }
            }
        }
    };
}

same_words!(AspectArgument for Aspect: Tone Dynamics Width Loudness);
same_words!(OneShotArgument for Boldness: Careful Normal Bold);
same_words!(DetailArgument for acetate::optimizer::Detail: Broad Medium Fine);
same_words!(LimiterArgument for acetate::engine::settings::LimiterKind: Transparent Masked Fast Off);
