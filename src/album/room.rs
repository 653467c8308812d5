//! Room for what a lossy codec adds to the peaks of a record's songs, and the loudness that it takes.

use acetate_engine::settings::LimiterKind;
use acetate_optimizer::FitOptions;

use super::delivery::Work;
use super::staging::Staging;
use super::{Album, AlbumPlan, AlbumRequest};
use crate::Error;
use crate::headroom::lower;
use crate::observer::Watch;
use crate::output::{lossy_codec, temporary_folder};

/// Records that may be encoded to find the room.
pub(super) const ROUNDS_MAX: usize = 3;
/// Loudness that a codec may change without an answer, LU.
const LOUDNESS_LU: f64 = 0.05;
/// The folder of what is encoded for that alone.
const TRIED: &str = "tried";

/// What songs have to keep once they are decoded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept {
    /// Highest true peak.
    pub(super) ceiling_dbtp: f64,
    /// Loudness of the loudest group; `None` where it could not be had without a codec.
    lufs: Option<f64>,
}

impl Kept {
    /// What a plan promises before anything is encoded.
    pub(super) fn of(plan: &AlbumPlan) -> Self {
        let groups = &plan.record.groups;
        let had = groups.iter().all(|group| group.settled.cannot.is_none());
        let lufs = groups.iter().filter_map(|group| group.settled.levels.integrated_lufs);
        let ceiling_dbtp = plan.record.common.limiter.ceiling_dbtp;
        Self {
            ceiling_dbtp,
            lufs: lufs.reduce(f64::max).filter(|_| had && plan.record.lowered_lu == 0.0),
        }
    }
}

impl Album {
    /// Changes `options` so that the decoded songs keep what the plan promised, as far as one more round tells; `false` where they do now,
    /// where nothing is lossy, or where nothing limits.
    pub(super) fn make_room(
        &self,
        plan: &AlbumPlan,
        request: &AlbumRequest,
        kept: Kept,
        options: &mut FitOptions,
        watch: &Watch<'_>,
    ) -> Result<bool, Error> {
        let limiter = &plan.record.common.limiter;
        if lossy_codec(plan.output.format).is_none() || limiter.kind == LimiterKind::Off {
            return Ok(false);
        }
        let folder = temporary_folder()?;
        let staging = Staging::begin(folder.path(), &[TRIED], true)?;
        let (staging, before) = (&staging, None);
        let work = Work { album: self, plan, request, staging, watch, before };
        work.songs_in(TRIED)?;
        let measures = work.measure(&staging.path(TRIED))?;
        let lufs = measures.groups.iter().filter_map(|levels| levels.integrated_lufs);
        let missed_lu = kept.lufs.zip(lufs.reduce(f64::max)).map_or(0.0, |(asked, is)| asked - is);
        let peak_dbtp = measures.whole.true_peak_dbtp;
        let over_db = peak_dbtp.map_or(0.0, |peak| peak - kept.ceiling_dbtp);
        if missed_lu.abs() > LOUDNESS_LU {
            options.lufs = options.lufs.or(kept.lufs).map(|lufs| lufs + missed_lu);
        }
        if over_db > 0.0 {
            let now_dbtp = options.ceiling_dbtp.unwrap_or(kept.ceiling_dbtp);
            options.ceiling_dbtp = Some(lower(now_dbtp, over_db));
        }
        Ok(over_db > 0.0 || missed_lu.abs() > LOUDNESS_LU)
    }
}
