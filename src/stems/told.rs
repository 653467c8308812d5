//! What was found and made, in lines for people.

use acetate_audio::numbers::{number, signed};

use super::{Rest, StemFile, StemsInMix, StemsMaster};

impl StemsInMix {
    /// How the stems lie in the mix, and what it has beside them.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.delay_frames != 0 {
            let late = if self.delay_frames > 0 { "late" } else { "early" };
            let frames = self.delay_frames.unsigned_abs();
            lines.push(format!("the stems are {frames} samples {late}, and were moved"));
        }
        if self.delay_fraction != 0.0 {
            let late = if self.delay_fraction > 0.0 { "late" } else { "early" };
            let part = number(Some(self.delay_fraction.abs()), 2);
            lines.push(format!("they are {part} of a sample {late} beyond that, and stay so"));
        }
        if self.inverted {
            lines.push("the stems are upside down, and were turned".to_owned());
        }
        for channel in &self.inverted_channels {
            let channel = channel + 1;
            lines.push(format!("channel {channel} of the stems is upside down, and was turned"));
        }
        if self.gain_db != 0.0 {
            lines.push(format!("the stems are given {} dB", signed(self.gain_db, 2)));
        }
        let below_db = number(Some(-self.rest_db), 1);
        lines.push(match self.rest {
            Rest::Nothing => "it is the sum of the stems".to_owned(),
            rest => format!("{below_db} dB below it is a rest: {}", rest.words()),
        });
        lines
    }
}

impl StemFile {
    /// Its name and levels: `bass.loud.wav  -18.2 LUFS  peak -3.1 dBFS`.
    pub fn line(&self) -> String {
        let path = self.path.display();
        let Some(peak_dbfs) = self.levels.sample_peak_dbfs else {
            return format!("{path}  silent");
        };
        let lufs = number(self.levels.integrated_lufs, 1);
        let above = if peak_dbfs > 0.0 { ", above full scale: 32-bit float" } else { "" };
        format!("{path}  {lufs} LUFS  peak {} dBFS{above}", number(Some(peak_dbfs), 1))
    }
}

impl StemsMaster {
    /// Whether the stems add up to the master.
    pub fn sum_line(&self) -> String {
        let steps = match self.difference_lsb {
            0.0 => "0 LSB".to_owned(),
            difference => format!("{} LSB of 24 bits", number(Some(difference), 3)),
        };
        format!("the {} stems differ from the master by {steps}", self.stems.len())
    }

    /// Which stems work the limiter, from the one that does most; `None` where it does nothing.
    pub fn limiter_line(&self) -> Option<String> {
        let share = |stem: usize| Some((stem, 100.0 * self.work.of(stem)?));
        let mut shares: Vec<(usize, f64)> = (0..self.stems.len()).filter_map(share).collect();
        shares.sort_by(|a, b| b.1.total_cmp(&a.1));
        let words = shares.iter().map(|&(stem, percent)| {
            format!("{} {} %", self.stems[stem].name, number(Some(percent), 0))
        });
        let words: Vec<String> = words.collect();
        (!words.is_empty()).then(|| format!("worked by {}", words.join(", ")))
    }
}
