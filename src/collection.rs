//! A person's own records as a request carries them: what they have in common is found once, whatever number of songs and targets asks.

use std::sync::{Arc, OnceLock};

use acetate_references::Profile;
use acetate_references::oneshot::{self, Model, Signs};
use acetate_references::style::OwnRecords;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::json;

use crate::fingerprint::fingerprint;

/// Records, shared by all copies of a request; as a document their profiles.
#[derive(Clone, Debug)]
pub(crate) struct Collection(Arc<Known>);

#[derive(Debug)]
struct Known {
    profiles: Arc<[Profile]>,
    md5: OnceLock<String>,
    kinds: OnceLock<Option<OwnRecords>>,
    model: OnceLock<Model>,
}

impl Collection {
    pub(crate) fn new(profiles: Vec<Profile>) -> Self {
        let (md5, kinds, model) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Self(Arc::new(Known { profiles: profiles.into(), md5, kinds, model }))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.profiles.is_empty()
    }

    /// A fingerprint of all of them.
    pub(crate) fn md5(&self) -> &str {
        self.0.md5.get_or_init(|| fingerprint(&json!(self)))
    }

    /// The kinds among them; `None` where they are too few.
    pub(crate) fn kinds(&self) -> Option<&OwnRecords> {
        let kinds = || OwnRecords::new(self.0.profiles.clone()).ok();
        self.0.kinds.get_or_init(kinds).as_ref()
    }

    /// What is known of records with these among them: each kind a part of its own, or all one kind where they are few.
    pub(crate) fn model(&self) -> &Model {
        let model = || {
            let all = || vec![(0..self.0.profiles.len()).collect()];
            let kinds: Vec<Vec<usize>> = self.kinds().map_or_else(all, OwnRecords::kinds);
            let signs = |&record: &usize| Signs::from_profile(&self.0.profiles[record]);
            let kinds: Vec<Vec<Signs>> =
                kinds.iter().map(|kind| kind.iter().filter_map(signs).collect()).collect();
            oneshot::model().with_own(&kinds)
        };
        self.0.model.get_or_init(model)
    }
}

impl Default for Collection {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl PartialEq for Collection {
    fn eq(&self, other: &Self) -> bool {
        self.0.profiles == other.0.profiles
    }
}

impl Serialize for Collection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.profiles.as_ref().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Collection {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::new)
    }
}
