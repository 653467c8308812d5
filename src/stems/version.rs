//! Versions: sums of some of the stems, such as an instrumental.

use std::str::FromStr;

use crate::nearest;
use crate::stems_error::StemsError;

/// A sum of some of the stems, by name: all of these, or all but these.
///
/// ```
/// let version: acetate::StemVersion = "instrumental=-vocals+choir".parse()?;
/// assert_eq!((version.name.as_str(), version.without), ("instrumental", true));
/// # Ok::<(), acetate::StemsError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StemVersion {
    /// What it is called.
    pub name: String,
    /// The stems that are named.
    pub stems: Vec<String>,
    /// Is it all but these?
    pub without: bool,
}

impl FromStr for StemVersion {
    type Err = StemsError;

    /// `acapella=vocals`, `tv=-lead`, `band=drums+bass`.
    fn from_str(text: &str) -> Result<Self, StemsError> {
        let wrong = || StemsError::NoVersion { given: text.to_owned() };
        let (name, list) = text.split_once('=').ok_or_else(wrong)?;
        let without = list.starts_with('-');
        let list = list.strip_prefix('-').unwrap_or(list);
        let stems: Vec<String> = list.split('+').map(|stem| stem.trim().to_owned()).collect();
        if name.trim().is_empty() || stems.iter().any(String::is_empty) {
            return Err(wrong());
        }
        Ok(Self { name: name.trim().to_owned(), stems, without })
    }
}

impl StemVersion {
    /// Which of the stems are in it.
    pub(super) fn chosen(&self, known: &[String]) -> Result<Vec<usize>, StemsError> {
        let place = |stem: &String| known.iter().position(|one| one.eq_ignore_ascii_case(stem));
        let named: Vec<usize> = self
            .stems
            .iter()
            .map(|stem| {
                place(stem).ok_or_else(|| StemsError::NoSuchStem {
                    version: self.name.clone(),
                    stem: stem.clone(),
                    near: near(stem, known),
                    known: known.join(", "),
                })
            })
            .collect::<Result<_, _>>()?;
        let is_in = |stem: &usize| named.contains(stem) != self.without;
        let chosen: Vec<usize> = (0..known.len()).filter(is_in).collect();
        let version = || self.name.clone();
        match chosen.len() {
            0 => Err(StemsError::EmptyVersion { version: version() }),
            all if all == known.len() => Err(StemsError::WholeVersion { version: version() }),
            _ => Ok(chosen),
        }
    }
}

/// The stem that was meant, probably: the name most like it, or the only one that holds it, or that it holds.
fn near(given: &str, known: &[String]) -> Option<String> {
    let given = given.to_lowercase();
    let lower: Vec<String> = known.iter().map(|name| name.to_lowercase()).collect();
    let place = |name: &String| lower.iter().position(|one| one == name);
    if let Some(found) = nearest(&given, lower.iter().map(String::as_str)) {
        return place(&found).map(|at| known[at].clone());
    }
    let mut like = (0..lower.len()).filter(|&at| {
        lower[at].contains(&given) || (!lower[at].is_empty() && given.contains(&lower[at]))
    });
    let (first, second) = (like.next(), like.next());
    first.filter(|_| second.is_none()).map(|at| known[at].clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_some_stems_or_all_but_some() {
        let known = ["Bass", "drums", "lead-vox"].map(str::to_owned);
        let chosen = |text: &str| text.parse::<StemVersion>().unwrap().chosen(&known);
        assert_eq!(chosen("tv=-lead-vox"), Ok(vec![0, 1]));
        assert_eq!(chosen("rhythm=bass+drums"), Ok(vec![0, 1]));
        let missing = chosen("acapella=vocals").unwrap_err().to_string();
        assert!(missing.contains("names vocals") && missing.contains("Bass, drums, lead-vox"));
        let meant = |text| chosen(text).unwrap_err().to_string();
        assert!(meant("a=drumz").contains("did you mean drums?"), "{}", meant("a=drumz"));
        assert!(meant("a=vox").contains("did you mean lead-vox?"), "{}", meant("a=vox"));
        assert!(meant("a=-bass+drums+lead-vox").contains("has no stem left"));
        assert!(meant("a=bass+drums+lead-vox").contains("is the master"));
        for wrong in ["vocals", "=vocals", "a=", "a=b+"] {
            assert!(wrong.parse::<StemVersion>().is_err(), "{wrong}");
        }
    }
}
