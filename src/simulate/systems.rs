//! From a name or a file to a system.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use acetate_references::plain_id;
use acetate_translation::{System, noise, noises, opt_in_systems, system, systems};

use super::SimulateRequest;
use crate::documents::read_text;
use crate::{Error, Named, nearest};

/// Words that stand for one of several.
const ALSO: [(&str, &str); 9] = [
    ("car", "car100"),
    ("iphone", "phone"),
    ("smartphone", "phone"),
    ("speaker", "bluetooth"),
    ("television", "tv"),
    ("open-headphones", "headphones"),
    ("tape", "cassette"),
    ("record", "vinyl"),
    ("lp", "vinyl"),
];

/// A known system, by its id however it is typed.
///
/// # Errors
/// When there is none of that name.
pub fn system_named(name: &str) -> Result<System, Error> {
    let typed = plain_id(name);
    let id = ALSO.iter().find(|(also, _)| *also == typed).map_or(typed.as_str(), |(_, id)| id);
    system(id).cloned().ok_or_else(|| {
        let known = systems().iter().chain(opt_in_systems()).map(|system| system.id.as_str());
        let near = nearest(&typed, known.chain(ALSO.iter().map(|(also, _)| *also)));
        Error::Unknown { what: Named::System, name: name.to_owned(), near }
    })
}

/// The id of a known noise, however it is typed.
///
/// # Errors
/// When there is none of that name.
pub fn noise_named(name: &str) -> Result<String, Error> {
    let typed = plain_id(name);
    noise(&typed).map(|noise| noise.id.clone()).ok_or_else(|| {
        let near = nearest(&typed, noises().iter().map(|noise| noise.id.as_str()));
        Error::Unknown { what: Named::Noise, name: name.to_owned(), near }
    })
}

/// A system of one's own, from a file.
///
/// # Errors
/// When it cannot be read, or its curve is none.
pub fn system_file(path: &Path) -> Result<System, Error> {
    let wrong = |error: acetate_translation::SystemError| Error::Document {
        name: path.display().to_string(),
        reason: error.to_string(),
    };
    System::parse(&read_text(path)?).map_err(wrong)
}

impl SimulateRequest {
    /// These systems by their names (`all` for those that most people have), and those of these files, each once: all where none is named.
    /// A noise and a level, where there is one, are those of each.
    ///
    /// # Errors
    /// When a name is unknown, a file is no system, or one has the id of another.
    pub fn on(
        names: &[String],
        own: &[PathBuf],
        noise: Option<&str>,
        level_dba: Option<f64>,
    ) -> Result<Self, Error> {
        let noise = noise.map(noise_named).transpose()?;
        let mut chosen: Vec<System> = Vec::new();
        for name in names {
            match name.as_str() {
                "all" => chosen.extend_from_slice(systems()),
                name => chosen.push(system_named(name)?),
            }
        }
        if names.is_empty() && own.is_empty() {
            chosen.extend_from_slice(systems());
        }
        let mut ids = HashSet::new();
        chosen.retain(|system| ids.insert(system.id.clone()));
        for path in own {
            let system = system_file(path)?;
            if !ids.insert(system.id.clone()) {
                let reason =
                    format!("there is another system called {}: give it another id", system.id);
                return Err(Error::Document { name: path.display().to_string(), reason });
            }
            chosen.push(system);
        }
        for system in &mut chosen {
            system.noise = noise.clone().unwrap_or_else(|| system.noise.clone());
            system.level_dba = level_dba.unwrap_or(system.level_dba);
        }
        Ok(Self { systems: chosen, codecs: Vec::new(), for_systems: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_are_found_however_they_are_typed_and_the_nearest_is_proposed() {
        assert_eq!(system_named("Car").unwrap().id, "car100");
        assert_eq!(system_named("CAR130").unwrap().id, "car130");
        let said = system_named("fone").unwrap_err().to_string();
        assert!(said.contains("fone"), "{said}");
        assert!(matches!(
            system_named("labtop"),
            Err(Error::Unknown { near: Some(near), .. }) if near == "laptop"
        ));
        assert!(noise_named("Car 100").is_err() && noise_named("train").is_ok());
    }
}
