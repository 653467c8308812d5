//! What was written, decoded again: do the stems add up to the master?

use acetate_analyzer::LoudnessMeter;
use acetate_audio::units::amplitude_to_db;
use acetate_audio::{Audio, AudioSpec, BLOCK_FRAMES, ReadError, SampleFormat, threads};
use acetate_files::{FirstPass, SoundFile};
use serde::Serialize;

use super::lineup::{Feed, Placing};
use crate::observer::Watch;
use crate::{Error, Stage};

/// What the written files measure.
pub(super) struct Verified {
    /// Largest difference of the sum of the stems from the master, in steps of the master; of 24 bits for floats.
    pub(super) difference_lsb: f64,
    /// Of each stem and version.
    pub(super) levels: Vec<StemLevels>,
}

/// Loudness and peak of a written stem.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct StemLevels {
    /// Integrated loudness; `None` where it has none.
    pub integrated_lufs: Option<f64>,
    /// Largest sample; `None` for digital silence.
    pub sample_peak_dbfs: Option<f64>,
}

struct File {
    feed: Feed,
    block: Audio,
    meter: LoudnessMeter,
    peak: f32,
    failed: Option<ReadError>,
}

/// Steps of full scale that differences are counted in.
fn steps(format: SampleFormat) -> f64 {
    f64::from(1u32 << (format.bits().min(24) - 1))
}

/// Reads the master, the stems and the versions in step; the first `stems` of `files` add up to the master.
pub(super) fn verify(
    master: SoundFile,
    files: &[SoundFile],
    stems: usize,
    (spec, format): (AudioSpec, SampleFormat),
    watch: &Watch<'_>,
) -> Result<Verified, Error> {
    let open = |file: &SoundFile| {
        let pass = FirstPass::open(file.clone(), 0).map_err(unreadable)?;
        let frames = pass.format().frames.unwrap_or(0);
        Ok::<_, Error>((Feed::new(Box::new(pass), &Placing::default()), frames))
    };
    let (mut whole, frames) = open(&master)?;
    let mut files: Vec<File> = files
        .iter()
        .map(|file| {
            let (block, meter) = (Audio::silence(spec, 0), LoudnessMeter::new(spec));
            Ok(File { feed: open(file)?.0, block, meter, peak: 0.0, failed: None })
        })
        .collect::<Result<_, Error>>()?;
    let mut target = Audio::silence(spec, 0);
    let (mut largest, mut done) = (0.0_f64, 0);
    while done < frames {
        let count = (frames - done).min(BLOCK_FRAMES as u64) as usize;
        whole.fill(count, &mut target).map_err(unreadable)?;
        threads::for_each(&mut files, |_, file| file.hear(count));
        if let Some(error) = files.iter_mut().find_map(|file| file.failed.take()) {
            return Err(unreadable(error));
        }
        for (channel, target) in target.planes().iter().enumerate() {
            for (frame, &written) in target.iter().enumerate() {
                let parts = files[..stems].iter().map(|file| file.block.channel(channel)[frame]);
                let sum: f64 = parts.map(f64::from).sum();
                largest = largest.max((sum - f64::from(written)).abs());
            }
        }
        done += count as u64;
        watch.progress(Stage::Verifying, done as f64 / frames as f64);
        if watch.is_stopped() {
            return Err(Error::Cancelled);
        }
    }
    let levels = files.into_iter().map(|file| StemLevels {
        integrated_lufs: file.meter.finish().map(|loudness| loudness.0),
        sample_peak_dbfs: (file.peak > 0.0).then(|| amplitude_to_db(f64::from(file.peak))),
    });
    Ok(Verified { difference_lsb: largest * steps(format), levels: levels.collect() })
}

impl File {
    fn hear(&mut self, frames: usize) {
        self.failed = self.feed.fill(frames, &mut self.block).err();
        self.meter.push(&self.block);
        let samples = self.block.planes().iter().flatten();
        self.peak = samples.fold(self.peak, |peak, x| peak.max(x.abs()));
    }
}

fn unreadable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::read("the stems as written", error)
}
