//! What the rules of a target will find in the file, before it is written.

use acetate_analyzer::{Analysis, codes};
use acetate_engine::settings::OutputFormat;

use crate::plan::Fit;

impl Fit {
    /// What the written file is expected to measure where the rules of a target look: the levels of the confirming render, the
    /// format that the settings name, noise raised by the drive, and everything else as predicted.
    pub fn expected(&self, before: &Analysis) -> Analysis {
        let mut expected = self.predicted.clone();
        let levels = &self.confirmed;
        let loudness = &mut expected.loudness;
        loudness.integrated_lufs = levels.integrated_lufs;
        loudness.loudness_range_lu = levels.loudness_range_lu;
        loudness.true_peak_dbtp = levels.true_peak_dbtp;
        loudness.true_peak_bs1770_dbtp = levels.true_peak_bs1770_dbtp;
        loudness.sample_peak_dbfs = levels.sample_peak_dbfs;
        expected.dynamics.crest_factor_db =
            levels.sample_peak_dbfs.zip(levels.rms_dbfs).map(|(peak, rms)| peak - rms);
        // Neither compressor nor limiter touches what is that quiet.
        expected.source.noise_floor_dbfs =
            before.source.noise_floor_dbfs.map(|floor| floor + self.settings.drive_db);
        self.name_format(&mut expected);
        // The drive and the limiter make other tops of those of the source.
        expected.findings = before.findings.clone();
        expected.findings.retain(|finding| finding.code != codes::CLIPPED);
        expected
    }

    fn name_format(&self, expected: &mut Analysis) {
        let output = &self.settings.output;
        let container = match output.format {
            OutputFormat::Wav => "wav",
            OutputFormat::Flac => "flac",
            OutputFormat::Aiff => "aiff",
            OutputFormat::Mp3 => "mp3",
            OutputFormat::Ogg | OutputFormat::Opus => "ogg",
            OutputFormat::M4a => "mp4",
        };
        let format = &mut expected.format;
        format.container = Some(container.to_owned());
        format.codec = None;
        format.sample_rate_hz = output.sample_rate_hz.unwrap_or(format.sample_rate_hz);
        let whole =
            matches!(output.format, OutputFormat::Wav | OutputFormat::Flac | OutputFormat::Aiff);
        format.bits = whole.then(|| output.bits.format().bits());
    }
}
