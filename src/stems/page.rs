//! The page about a master and its stems.

use acetate_files::{MEMORY_LIMIT_BYTES, open};
use acetate_report::StemsShown;

use super::{StemWays, Stems, StemsMaster};
use crate::{Error, PageWish, Plan};

impl Stems {
    /// A page about a master that was just made, with what its stems have to do with it.
    ///
    /// # Errors
    /// When the stems or the master cannot be read again.
    pub fn page(
        &self,
        plan: &Plan,
        made: &StemsMaster,
        ways: &StemWays,
        wish: PageWish<'_>,
    ) -> Result<String, Error> {
        let path = made.master.path().expect("stems are written beside a master on a disk");
        let unreadable = |error| Error::read(path.display().to_string(), error);
        let written = open(path, MEMORY_LIMIT_BYTES / 2).map_err(unreadable)?;
        let lines = ways.lines();
        let shown = StemsShown {
            names: &self.names,
            hop_s: made.work.hop_s,
            reduction_db: &made.work.reduction_db,
            peak_share: &made.work.peak_share,
            remainder_share: &made.work.remainder_share,
            lines: &lines,
        };
        self.song.page_of_stems(&made.master, &written, plan.aim(), wish, Some(shown))
    }
}
