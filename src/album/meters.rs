//! What a record measures while it passes as one stream.

use acetate_analyzer::{LevelMeter, Levels};
use acetate_audio::{Audio, AudioSpec};
use acetate_optimizer::album::RecordPlan;

/// What the files of a record measure.
#[derive(Clone, Debug, Default)]
pub(super) struct Measures {
    /// Each song.
    pub(super) songs: Vec<Levels>,
    /// Fingerprints of the songs' files, where there are any.
    pub(super) md5: Vec<String>,
    /// Songs that run into each other as one; a song that stands alone as itself.
    pub(super) groups: Vec<Levels>,
    /// All of them end to end.
    pub(super) whole: Levels,
}

/// Meters for songs, groups and the whole.
pub(super) struct Meters {
    pub(super) spec: AudioSpec,
    /// Where each song's file ends, its group, and how much of the file is sound: after that there is silence to the next song.
    songs: Vec<(u64, usize, u64)>,
    position: u64,
    /// Frames of the song that were heard.
    heard: u64,
    song: LevelMeter,
    /// Of a group of several songs.
    group: Option<LevelMeter>,
    whole: LevelMeter,
    measures: Measures,
}

impl Meters {
    /// Meters that have heard nothing yet.
    pub(super) fn new(record: &RecordPlan, channels: usize) -> Self {
        let spec = AudioSpec::new(record.timeline.sample_rate_hz, channels);
        let song = |index: usize| {
            let (file, group) = (record.timeline.file(index), record.songs[index].group);
            let start = record.timeline.frame(record.timeline.groups[group]);
            let sound = (start + record.groups[group].frames).saturating_sub(file.start);
            (file.end, group, sound)
        };
        Self {
            spec,
            songs: (0..record.songs.len()).map(song).collect(),
            position: 0,
            heard: 0,
            song: LevelMeter::new(spec),
            group: None,
            whole: LevelMeter::new(spec),
            measures: Measures::default(),
        }
    }

    /// Listens on.
    pub(super) fn push(&mut self, block: &Audio) {
        self.whole.push(block);
        let mut from = 0;
        while from < block.frames() {
            let now = self.measures.songs.len();
            let Some(&(end, group, _)) = self.songs.get(now) else { return };
            let frames = (block.frames() - from).min((end - self.position) as usize);
            let planes = block.planes().iter().map(|plane| plane[from..from + frames].to_vec());
            let part = Audio::from_planes(self.spec.sample_rate_hz, planes.collect());
            self.push_part(&part, group);
            from += frames;
            self.position += frames as u64;
            if self.position == end {
                self.next_song();
            }
        }
    }

    /// Listens on within one song, whose end its file knows.
    pub(super) fn push_of_song(&mut self, block: &Audio) {
        self.whole.push(block);
        let now = self.measures.songs.len();
        if let Some(&(_, group, _)) = self.songs.get(now) {
            self.push_part(block, group);
        }
    }

    fn push_part(&mut self, part: &Audio, group: usize) {
        let sound = self.songs.get(self.measures.songs.len()).map_or(0, |(_, _, sound)| *sound);
        let left = sound.saturating_sub(self.heard).min(part.frames() as u64) as usize;
        self.heard += part.frames() as u64;
        let mut sounding = part.clone();
        sounding.resize(left);
        self.song.push(&sounding);
        let shared = self.songs.iter().filter(|(_, other, _)| *other == group).count() > 1;
        if shared {
            self.group.get_or_insert_with(|| LevelMeter::new(self.spec)).push(&sounding);
        }
    }

    /// The next song begins.
    pub(super) fn next_song(&mut self) {
        let now = self.measures.songs.len();
        let done = std::mem::replace(&mut self.song, LevelMeter::new(self.spec)).finish();
        self.measures.songs.push(done);
        self.heard = 0;
        let group = |song: usize| self.songs.get(song).map(|(_, group, _)| *group);
        if group(now) != group(now + 1) {
            let whole = self.group.take().map_or(done, LevelMeter::finish);
            self.measures.groups.push(whole);
        }
    }

    /// What was heard.
    pub(super) fn finish(self) -> Measures {
        Measures { whole: self.whole.finish(), ..self.measures }
    }
}
