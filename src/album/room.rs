//! Room for what a lossy codec adds to the peaks of a record's songs.

use acetate_engine::settings::LimiterKind;

use super::delivery::Work;
use super::staging::Staging;
use super::{Album, AlbumPlan, AlbumRequest};
use crate::Error;
use crate::headroom::lower;
use crate::observer::Watch;
use crate::output::{lossy_codec, temporary_folder};

/// Records that may be encoded to find the room.
pub(super) const ROUNDS_MAX: usize = 3;
/// The folder of what is encoded for that alone.
const TRIED: &str = "tried";

impl Album {
    /// A ceiling under which the decoded songs of a plan keep `ceiling_dbtp`, as far as one more round tells; `None` where they do now, where
    /// nothing is lossy, or where nothing limits.
    pub(super) fn ceiling_with_room(
        &self,
        plan: &AlbumPlan,
        request: &AlbumRequest,
        ceiling_dbtp: f64,
        watch: &Watch<'_>,
    ) -> Result<Option<f64>, Error> {
        let limiter = &plan.record.common.limiter;
        if lossy_codec(plan.output.format).is_none() || limiter.kind == LimiterKind::Off {
            return Ok(None);
        }
        let folder = temporary_folder()?;
        let staging = Staging::begin(folder.path(), &[TRIED], true)?;
        let (staging, before) = (&staging, None);
        let work = Work { album: self, plan, request, staging, watch, before };
        work.songs_in(TRIED)?;
        let measures = work.measure(&staging.path(TRIED))?;
        let now_dbtp = plan.record.groups.iter().map(|group| group.settings.limiter.ceiling_dbtp);
        let now_dbtp = now_dbtp.fold(f64::INFINITY, f64::min);
        let over_db = measures.whole.true_peak_dbtp.map_or(0.0, |peak| peak - ceiling_dbtp);
        Ok((over_db > 0.0).then(|| lower(now_dbtp, over_db)))
    }
}
