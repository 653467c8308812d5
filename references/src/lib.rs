//! What to aim for: delivery rules of platforms, what references and styles measure, and the aim that the
//! optimizer fits a mix to.

pub mod target;
