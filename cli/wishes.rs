//! From arguments to requests of the library: one for each target.

use acetate::optimizer::{Amounts, Detail, FitOptions, Match};
use acetate::output::FileWish;
use acetate::references::oneshot::Boldness;
use acetate::{Profile, Request};

use crate::failure::Outcome;
use crate::fit_arguments::{
    AimArguments, Aspect, DetailArgument, FitArguments, LimiterArgument, OneShotArgument,
    TasteArguments,
};
use crate::lookup;

/// Looks up and measures what the arguments name; one request a target, in their order.
///
/// # Errors
/// When a target, reference or style is not there or not readable.
pub(crate) fn requests(arguments: &FitArguments, file: &FileWish) -> Outcome<Vec<Request>> {
    let AimArguments { target, reference, ref_tone, ref_dynamics, ref_width, style, .. } =
        &arguments.aim;
    let targets: Vec<_> = target.iter().map(|name| lookup::target(name)).collect::<Outcome<_>>()?;
    let mut whole = Request::default();
    whole.take = take(&arguments.aim);
    whole.mono = arguments.aim.mono.asked();
    whole.options = options(arguments);
    whole.file = file.clone();
    for text in reference {
        let (name, weight) = lookup::weighted(text);
        whole = whole.reference_profile(lookup::profile(name)?, weight);
    }
    for (name, with) in [
        (ref_tone, Request::tone_of as fn(Request, Profile) -> Request),
        (ref_dynamics, Request::dynamics_of),
        (ref_width, Request::width_of),
    ] {
        if let Some(name) = name {
            whole = with(whole, lookup::profile(name)?);
        }
    }
    if !style.eq_ignore_ascii_case("auto") {
        whole = whole.in_style(lookup::style(style)?);
    }
    if style.eq_ignore_ascii_case("auto") && !whole.has_reference() {
        whole = whole.among_own_records(lookup::own_records());
    }
    if targets.is_empty() {
        return Ok(vec![whole]);
    }
    Ok(targets.into_iter().map(|target| whole.clone().with_target(target)).collect())
}

fn options(arguments: &FitArguments) -> FitOptions {
    let limits = &arguments.limits;
    FitOptions {
        amounts: amounts(&arguments.taste),
        max_eq_db: limits.max_eq,
        one_shot: match limits.one_shot {
            OneShotArgument::Careful => Boldness::Careful,
            OneShotArgument::Normal => Boldness::Normal,
            OneShotArgument::Bold => Boldness::Bold,
        },
        detail: match limits.detail {
            DetailArgument::Broad => Detail::Broad,
            DetailArgument::Medium => Detail::Medium,
            DetailArgument::Fine => Detail::Fine,
        },
        thorough: limits.thorough,
        seed: limits.seed,
        max_damage_db: limits.max_damage,
        force: limits.force,
        limiter: limits.limiter.kind(),
        lufs: arguments.aim.lufs,
        ceiling_dbtp: arguments.aim.ceiling,
        reverb_pct: arguments.taste.reverb.unwrap_or(0.0),
        saturation_pct: arguments.taste.saturation.unwrap_or(0.0),
        ..FitOptions::default()
    }
}

fn take(aim: &AimArguments) -> Option<Match> {
    aim.take.as_ref().map(|list| Match {
        tone: list.contains(&Aspect::Tone),
        dynamics: list.contains(&Aspect::Dynamics),
        width: list.contains(&Aspect::Width),
        loudness: list.contains(&Aspect::Loudness),
    })
}

/// The amounts, in percent.
pub(crate) fn amounts(taste: &TasteArguments) -> Amounts {
    Amounts {
        all: taste.amount.unwrap_or(100.0),
        tone: taste.tone.unwrap_or(100.0),
        dynamics: taste.dynamics.unwrap_or(100.0),
        width: taste.width.unwrap_or(100.0),
    }
}

impl LimiterArgument {
    fn kind(self) -> acetate::engine::settings::LimiterKind {
        use acetate::engine::settings::LimiterKind;
        match self {
            Self::Transparent => LimiterKind::Transparent,
            Self::Masked => LimiterKind::Masked,
            Self::Fast => LimiterKind::Fast,
            Self::Off => LimiterKind::Off,
        }
    }
}
