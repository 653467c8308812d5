//! What is asked for each song: looked up and measured once, however many rows ask for the same.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::content::wishes_of;
use super::entry::Wished;
use super::fetch::{fetch, is_address, stamp_of};
use crate::fingerprint::fingerprint;
use crate::{Error, Library, NameOr, Request, Song, Wishes};

/// Requests that are kept: each may hold the profiles of several records.
const REQUESTS_MAX: usize = 64;
/// Fingerprints that are kept.
const ORDERS_MAX: usize = 100_000;

/// What holds for all songs, and what was looked up so far.
pub(super) struct Orders {
    usual: Request,
    usual_wishes: String,
    library: Option<Library>,
    names: Mutex<HashMap<String, String>>,
    requests: Mutex<HashMap<String, Arc<Prepared>>>,
}

/// A request that can be followed.
pub(super) struct Prepared {
    pub(super) request: Request,
    /// A fingerprint of all that it asks for.
    pub(super) wishes: String,
}

impl Orders {
    pub(super) fn new(usual: Request, library: Option<Library>) -> Self {
        let usual_wishes = wishes_of(&usual);
        Self { usual, usual_wishes, library, names: Mutex::default(), requests: Mutex::default() }
    }

    /// A fingerprint of what a row asks for, without reading what it names: of files their size and time count.
    pub(super) fn name_of(&self, wished: &Wished) -> String {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(name) = names.get(&wished.text) {
            return name.clone();
        }
        let stamps: Vec<Value> = records(&wished.wishes)
            .filter_map(|record| match record {
                NameOr::Name(name) => Some(json!(stamp_of(Path::new(name)))),
                NameOr::Document(_) => None,
            })
            .collect();
        let asked: Value = serde_json::from_str(&wished.text).unwrap_or_default();
        let name = fingerprint(&json!([self.usual_wishes, asked, stamps]));
        if names.len() >= ORDERS_MAX {
            names.clear();
        }
        names.insert(wished.text.clone(), name.clone());
        name
    }

    /// The request of a row. Workers that want the same at once wait for the first of them.
    pub(super) fn request(&self, wished: &Wished) -> Result<Arc<Prepared>, Error> {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = requests.get(&wished.text) {
            return Ok(Arc::clone(known));
        }
        let wishes = at_hand(wished.wishes.clone())?;
        let request = wishes.over(self.usual.clone(), self.library.as_ref())?;
        let prepared = Arc::new(Prepared { wishes: wishes_of(&request), request });
        if requests.len() >= REQUESTS_MAX {
            requests.clear();
        }
        requests.insert(wished.text.clone(), Arc::clone(&prepared));
        Ok(prepared)
    }
}

fn records(wishes: &Wishes) -> impl Iterator<Item = &NameOr> {
    let aspects = [&wishes.reference_tone, &wishes.reference_dynamics, &wishes.reference_width];
    let whole = wishes.reference.iter().map(|wish| &wish.record);
    whole.chain(aspects.into_iter().flatten())
}

/// The same with records of object stores measured.
fn at_hand(mut wishes: Wishes) -> Result<Wishes, Error> {
    let aspects =
        [&mut wishes.reference_tone, &mut wishes.reference_dynamics, &mut wishes.reference_width];
    let whole = wishes.reference.iter_mut().map(|wish| &mut wish.record);
    for record in whole.chain(aspects.into_iter().flatten()) {
        let NameOr::Name(name) = &*record else { continue };
        if is_address(name) {
            let fetched = fetch(name)?;
            let file = fetched.path.as_path().into();
            let profile = Song::opening_file(name.clone(), file).profile(&mut ())?;
            *record = NameOr::Document(json!(profile));
        }
    }
    Ok(wishes)
}
