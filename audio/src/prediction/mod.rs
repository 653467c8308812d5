//! Linear prediction: sound as an autoregressive process, and what must have been in a gap of it.
//!
//! [`error_filter`] models a stretch of sound; [`forward_errors`] and [`backward_errors`] are what the model does not explain, from either side;
//! [`free`] gives what a stretch was before something was added to it, [`free_beside`] with the help of another channel, [`lifted`] does so for very many
//! short runs at once.

mod beside;
mod blocks;
mod equations;
mod filters;
mod gap;
mod model;
mod runs;

pub use beside::{BESIDE_REACH, free_beside};
pub use blocks::{BlockModels, MODEL_BLOCK};
pub use equations::Equations;
pub use filters::{backward_errors, forward_errors};
pub use gap::{Freed, Freeing, free};
pub use model::{ErrorFilters, error_filter};
pub use runs::{LIFTED_AFTER, LIFTED_BEFORE, Lifting, lifted};
