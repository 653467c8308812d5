//! Long texts about what `check` finds and what the numbers mean.

/// A text about one thing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Explanation {
    /// What it is called.
    pub(crate) name: &'static str,
    /// What else it is called.
    pub(crate) also: &'static [&'static str],
    /// The text.
    pub(crate) text: &'static str,
}

const fn entry(
    name: &'static str,
    also: &'static [&'static str],
    text: &'static str,
) -> Explanation {
    Explanation { name, also, text }
}

/// Delivery findings, then measures.
pub(crate) const EXPLANATIONS: [Explanation; 34] = [
    entry("D100", &[], "The file could not be read, so no rule could be checked."),
    entry(
        "D101",
        &[],
        "Integrated loudness lies outside the target's tolerance (widened by 0.1 LU, by which meters may differ: EBU Tech 3341). It breaks a rule where a file is refused for it (broadcast, podcasts); a playback level is a notice, for players turn every file to it. Master again with `acetate master FILE -t TARGET`.",
    ),
    entry(
        "D102",
        &[],
        "The true peak is above the target's ceiling. A lossy encoder or a cheap converter may clip. Master again with a lower --ceiling.",
    ),
    entry(
        "D103",
        &[],
        "The file format is not one the target takes. Convert it without loss, or master again with --format.",
    ),
    entry(
        "D104",
        &[],
        "The sample rate is not one the target takes. Master again with --rate: resampling after limiting moves the peaks.",
    ),
    entry(
        "D105",
        &[],
        "The word length is not one the target takes. Master again with --bits, so that the reduction is dithered.",
    ),
    entry("D106", &[], "The target wants one channel, or two identical ones."),
    entry(
        "D107",
        &[],
        "There is side signal in the low end, where the target wants mono: a lathe cannot cut it, and it costs loudness everywhere. settings.stereo.mono_below_hz removes it.",
    ),
    entry(
        "D108",
        &[],
        "The RMS level of the whole file lies outside the target's window (audiobooks: ACX asks for -23 to -18 dBFS). `acetate master FILE -t acx` drives it there.",
    ),
    entry(
        "D109",
        &[],
        "The noise between words or notes is louder than the target allows. Better noise reduction belongs before mastering.",
    ),
    entry(
        "D110",
        &[],
        "A master louder than the platform's playback level is turned down there, after a lossy encoder whose overshoot grows with loudness: the platform asks for lower peaks then.",
    ),
    entry(
        "D111",
        &[],
        "After this lossy codec the true peak is above full scale: the listener's decoder may clip. About 1 dB more headroom helps. It is measured by encoding and decoding with an installed ffmpeg, and not checked without one.",
    ),
    entry(
        "D112",
        &[],
        "The target limits how much a limiter may take. A finished file does not tell; `acetate report` on its settings does.",
    ),
    entry("D113", &[], "The programme is longer than a side of this record holds at full level."),
    entry("D114", &[], "The target sets the loudest track of an album; check the whole album."),
    entry(
        "D115",
        &[],
        "The target has another loudness for speech; it applies to programmes of speech alone.",
    ),
    entry(
        "D116",
        &[],
        "Sharp s sounds were found. On vinyl they distort first. De-ess the voice in the mix.",
    ),
    entry(
        "D117",
        &[],
        "The file, or one of its channels, is silent. Whatever the target says, nobody wants that: check the routing and export again.",
    ),
    entry(
        "D118",
        &[],
        "One channel is upside down: in mono the song nearly vanishes. Invert one channel and export again.",
    ),
    entry(
        "D119",
        &[],
        "Flat tops at full scale, 60 a minute or more: the sound was clipped. Fewer are what loud mastering leaves, and a notice. Export again with headroom; what is cut off does not come back.",
    ),
    entry(
        "D120",
        &[],
        "The file ends before it should, or parts of it could not be decoded. Export or send it again.",
    ),
    entry(
        "lufs",
        &["integrated_lufs", "loudness", "lkfs"],
        "LUFS: loudness units relative to full scale, integrated over the whole file and gated so that silence does not count (ITU-R BS.1770-5). One LU is one dB of gain. Streaming services play music at about -14 LUFS.",
    ),
    entry(
        "true_peak",
        &["true_peak_dbtp", "dbtp"],
        "True peak: the highest level the waveform reaches between its samples, in dB relative to full scale (ITU-R BS.1770-5, annex 2). Sample peaks miss up to 3 dB of it.",
    ),
    entry(
        "lra",
        &["loudness_range_lu", "loudness_range"],
        "Loudness range: how far quiet and loud passages lie apart, 10th to 95th percentile of the gated loudness over 3 s (EBU Tech 3342).",
    ),
    entry(
        "plr",
        &["plr_db"],
        "Peak-to-loudness ratio: true peak minus integrated loudness. A dense pop master has 8 dB, an open one 14.",
    ),
    entry(
        "psr",
        &["psr_db"],
        "Peak-to-short-term ratio: like PLR, but over 3 s at a time; the median is given. Below 8 dB limiting becomes audible.",
    ),
    entry(
        "crest_factor",
        &["crest_factor_db", "crest"],
        "Crest factor: sample peak minus RMS level over the same time.",
    ),
    entry(
        "tilt",
        &["tilt_db_per_octave"],
        "Tilt: the slope of the long-term spectrum. Most records fall 4 to 6 dB an octave; less is bright, more is dark.",
    ),
    entry(
        "correlation",
        &[],
        "Correlation of left and right: 1 is mono, 0 unrelated, below 0 cancels when folded to mono.",
    ),
    entry(
        "width",
        &[],
        "Width: side energy over mid energy. 0 is mono; most records lie between 0.05 and 0.4.",
    ),
    entry(
        "mono_loss",
        &["mono_loss_lu"],
        "Loudness that is lost when both channels are folded to mono, as phones and clubs do.",
    ),
    entry(
        "noise_to_mask",
        &["nmr", "damage", "max_damage"],
        "Noise-to-mask ratio: how far the distortion that limiting adds lies below what the music hides, in dB (after ITU-R BS.1387). Below -10 it is hard to hear; at 0 it is as loud as the threshold.",
    ),
    entry(
        "target",
        &[],
        "A target is a set of delivery rules: loudness, true peak, format, metadata, each with its source and the date it was looked up. `acetate targets list` shows them.",
    ),
    entry(
        "reference",
        &[],
        "A reference is a sound to lean to: a file, or a profile of the library. Tone, dynamics, width and, without a target, loudness are taken from it.",
    ),
];

#[cfg(test)]
mod tests {
    use super::EXPLANATIONS;

    #[test]
    fn every_name_stands_for_one_thing() {
        let mut names: Vec<&str> =
            EXPLANATIONS.iter().flat_map(|e| e.also.iter().copied().chain([e.name])).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
