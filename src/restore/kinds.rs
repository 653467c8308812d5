//! The kinds of damage that a plan mends.

use acetate_analyzer::restore::DamageKinds;
use acetate_engine::settings::RestoreSettings;

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
