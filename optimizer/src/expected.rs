//! What the rules of a target will find in the file, before it is written.

use acetate_analyzer::{Analysis, codes};
use acetate_engine::settings::OutputFormat;

use crate::plan::Fit;

impl Fit {
    /// What the written file is expected to measure where the rules of a target look: what is predicted, with the levels of the
    /// confirming render in it already, in the format that the settings name, and noise raised by the drive.
    pub fn expected(&self, before: &Analysis) -> Analysis {
        let mut expected = self.predicted.clone();
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
