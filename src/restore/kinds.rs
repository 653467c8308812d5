//! The kinds of damage, as findings, plans and lines know them.

use acetate_analyzer::codes;
use acetate_analyzer::restore::DamageKinds;
use acetate_engine::settings::RestoreSettings;

/// One kind of damage that an analysis remarks on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Clipping,
    Clicks,
    Hum,
    Hiss,
}

impl Kind {
    /// The kind that a finding of this code is about.
    pub(crate) fn of(code: &str) -> Option<Self> {
        match code {
            codes::CLIPPED | codes::CLIPPED_THEN_LOWERED => Some(Self::Clipping),
            codes::CLICKS => Some(Self::Clicks),
            codes::HUM => Some(Self::Hum),
            codes::HISS => Some(Self::Hiss),
            _ => None,
        }
    }

    /// Whether it is one of these; impulses of crackle are counted as clicks.
    pub(crate) fn is_in(self, kinds: DamageKinds) -> bool {
        match self {
            Self::Clipping => kinds.clipping,
            Self::Clicks => kinds.clicks || kinds.crackle,
            Self::Hum => kinds.hum,
            Self::Hiss => kinds.hiss,
        }
    }
}

/// The kinds of damage that a plan mends.
pub fn mended_kinds(plan: &RestoreSettings) -> DamageKinds {
    DamageKinds {
        clipping: !plan.clipping.is_neutral(),
        clicks: !plan.clicks.is_neutral(),
        crackle: !plan.crackle.is_neutral(),
        hum: !plan.hum.is_neutral(),
        hiss: !plan.hiss.is_neutral(),
    }
}
