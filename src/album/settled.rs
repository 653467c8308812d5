//! What was settled before for the very same songs and wishes: it is not rendered again to be confirmed.

use std::path::Path;

use acetate_analyzer::Levels;
use acetate_engine::LimiterTrace;
use acetate_engine::settings::OutputSettings;
use acetate_optimizer::album::{AlbumDocument, Known};
use acetate_optimizer::{Cannot, Settled};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{ALBUM_PLAN_FILE, Album, AlbumPlan, AlbumRequest};
use crate::documents::read_text;
use crate::{Error, fingerprint};

/// Keys of what is kept in the document: a fingerprint of all that settings are decided from, and what renders of them measured.
const DECIDED_MD5: &str = "decided_md5";
const SETTLED: &str = "settled";

/// What the confirming render of a group measured.
#[derive(Serialize, Deserialize)]
struct Kept {
    integrated_lufs: Option<f64>,
    top_lufs: Option<f64>,
    true_peak_dbtp: Option<f64>,
    limited_db: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cannot: Option<Cannot>,
}

impl Album {
    /// A fingerprint of everything that settings are decided from: sound and wishes, not words, pauses and layouts.
    fn decided_md5(
        &self,
        output: &OutputSettings,
        channels: usize,
        request: &AlbumRequest,
    ) -> Result<String, Error> {
        let wishes = &request.wishes;
        let mut songs = Vec::new();
        for (song, entry) in self.songs.iter().zip(&self.file.songs) {
            let meets = json!([entry.join, entry.crossfade_s, entry.gap_s.is_some()]);
            songs.push(json!([song.pcm_md5()?, entry.level_lu, entry.fade_out_s, meets]));
        }
        let titles: Vec<&str> = (0..self.songs.len()).map(|song| self.title(song)).collect();
        let anchor = json!([wishes.anchor, titles]);
        Ok(fingerprint(&json!({
            "songs": songs, "request": request.request, "levels": wishes.levels,
            "anchor": if matches!(wishes.anchor, super::Anchor::Song(_)) { anchor } else { json!(wishes.anchor) },
            "spread_lu": wishes.spread_lu, "together_pct": wishes.together.pct, "gaps": wishes.gaps,
            "sample_rate_hz": wishes.sample_rate_hz, "output": output, "channels": channels,
            "like": wishes.like.as_ref().map(|like| format!("{like:?}")), "sound": acetate_engine::SOUND,
        })))
    }

    /// What was settled for the very same in `folder`.
    pub(super) fn known_in(
        &self,
        output: &OutputSettings,
        channels: usize,
        request: &AlbumRequest,
        folder: &Path,
    ) -> Result<Option<Known>, Error> {
        let Ok(text) = read_text(&folder.join(ALBUM_PLAN_FILE)) else { return Ok(None) };
        let Ok(document) = acetate_documents::from_text::<AlbumDocument>(&text) else {
            return Ok(None);
        };
        let extra = &document.made_by.extra;
        let print = extra.get(DECIDED_MD5).and_then(Value::as_str);
        let kept = extra.get(SETTLED).cloned();
        let kept = kept.and_then(|kept| acetate_documents::from_value::<Vec<Kept>>(kept).ok());
        let Some(kept) = kept.filter(|kept| kept.len() == document.groups.len()) else {
            return Ok(None);
        };
        if print != Some(self.decided_md5(output, channels, request)?.as_str()) {
            return Ok(None);
        }
        let groups = document.groups.iter().zip(kept).map(|(group, kept)| Settled {
            settings: group.settings.clone(),
            levels: Levels {
                integrated_lufs: kept.integrated_lufs,
                top_lufs: kept.top_lufs,
                true_peak_dbtp: kept.true_peak_dbtp,
                ..Levels::default()
            },
            renders: 0,
            cannot: kept.cannot,
            trace: LimiterTrace {
                gain_reduction_db: vec![kept.limited_db as f32],
                ..LimiterTrace::default()
            },
            kept: None,
        });
        Ok(Some(Known {
            groups: groups.collect(),
            loudest_top_lufs: document.loudest_top_lufs,
            lowered_lu: document.lowered_lu,
        }))
    }

    /// Keeps in a document what the next update needs not to render.
    pub(super) fn keep_settled(
        &self,
        plan: &AlbumPlan,
        request: &AlbumRequest,
        extra: &mut Map<String, Value>,
    ) -> Result<(), Error> {
        let kept = plan.record.groups.iter().map(|group| {
            let Settled { levels, cannot, trace, .. } = &group.settled;
            json!(Kept {
                integrated_lufs: levels.integrated_lufs,
                top_lufs: levels.top_lufs,
                true_peak_dbtp: levels.true_peak_dbtp,
                limited_db: trace.reduction_db_max(),
                cannot: cannot.clone(),
            })
        });
        extra.insert(SETTLED.to_owned(), kept.collect());
        extra.insert(
            DECIDED_MD5.to_owned(),
            self.decided_md5(&plan.output, plan.channels, request)?.into(),
        );
        Ok(())
    }
}
