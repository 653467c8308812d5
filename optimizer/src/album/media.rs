//! The same record for other media: another rate, vinyl, cassette. Levels between songs stay as they were decided.

use acetate_engine::settings::{BandChannel, EqualizerBand, FilterType};

use super::lay_out::rendered_frames;
use super::record::RecordPlan;

/// Low notes of a lacquer are in the middle from here down, Hz: 120 to 300 in cutting rooms.
const VINYL_MONO_HZ: f64 = 150.0;
/// Nothing of use is cut below, Hz.
const VINYL_LOWEST_HZ: f64 = 25.0;
/// Peaks of a file for cutting, dBTP.
const VINYL_CEILING_DBTP: f64 = -3.0;
/// The most that peaks are limited for vinyl, dB: level is decided by the groove.
const VINYL_LIMITING_DB: f64 = 1.0;
/// Tape saturates on what nobody hears, Hz.
const CASSETTE_LOWEST_HZ: f64 = 20.0;
/// Butterworth.
const LOW_CUT_Q: f64 = std::f64::consts::FRAC_1_SQRT_2;

impl RecordPlan {
    /// The same record at another rate: everything at the same instants. A group that would be longer by rounding is cut where the
    /// next sector begins.
    pub fn at_rate(&self, sample_rate_hz: u32) -> Self {
        let mut plan = self.clone();
        plan.timeline.sample_rate_hz = sample_rate_hz;
        for index in 0..plan.groups.len() {
            let room_end = match plan.timeline.groups.get(index + 1) {
                Some(&next) => plan.timeline.frame(next),
                None => plan.timeline.frames(),
            };
            let room = room_end - plan.timeline.frame(plan.timeline.groups[index]);
            let group = &mut plan.groups[index];
            group.settings.output.sample_rate_hz = Some(sample_rate_hz);
            group.frames =
                rendered_frames(&group.source, &group.settings, sample_rate_hz).min(room);
        }
        plan
    }

    /// The record for cutting: the low end in the middle, nothing under what is cut, peaks at -3 dBTP limited by a decibel at most.
    pub fn for_vinyl(&self) -> Self {
        let mut plan = self.clone();
        let limited_db = |group: &super::GroupPlan| group.settled.trace.reduction_db_max();
        let over_db = plan.groups.iter().map(limited_db).fold(0.0, f64::max) - VINYL_LIMITING_DB;
        for group in &mut plan.groups {
            let settings = &mut group.settings;
            // One step down for all, so that songs stay where they are against each other.
            let down_db = settings.limiter.ceiling_dbtp - VINYL_CEILING_DBTP + over_db.max(0.0);
            settings.drive_db -= down_db;
            settings.limiter.ceiling_dbtp = VINYL_CEILING_DBTP;
            let mono_hz = settings.stereo.mono_below_hz.unwrap_or(0.0).max(VINYL_MONO_HZ);
            settings.stereo.mono_below_hz = Some(mono_hz);
            settings.equalizer.bands.insert(0, low_cut(VINYL_LOWEST_HZ));
        }
        plan
    }

    /// The record for tape: nothing under 20 Hz.
    pub fn for_cassette(&self) -> Self {
        let mut plan = self.clone();
        for group in &mut plan.groups {
            group.settings.equalizer.bands.insert(0, low_cut(CASSETTE_LOWEST_HZ));
        }
        plan
    }

    /// Whether a side may end after each song: not where the next one runs on.
    pub fn may_break(&self) -> Vec<bool> {
        let next = |song: usize| self.songs.get(song + 1);
        (0..self.songs.len())
            .map(|song| next(song).is_none_or(|next| !next.follows.runs_on()))
            .collect()
    }
}

fn low_cut(freq_hz: f64) -> EqualizerBand {
    EqualizerBand {
        id: "low_cut".to_owned(),
        kind: FilterType::HighPass,
        channel: BandChannel::Stereo,
        freq_hz,
        q: LOW_CUT_Q,
        ..EqualizerBand::default()
    }
}
