//! Long texts about what `check` finds and what the numbers mean.

/// A text about one thing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Explanation {
    /// What it is called.
    pub(super) name: &'static str,
    /// What else it is called.
    pub(super) also: &'static [&'static str],
    /// The text.
    pub(super) text: &'static str,
}

pub(super) const fn entry(
    name: &'static str,
    also: &'static [&'static str],
    text: &'static str,
) -> Explanation {
    Explanation { name, also, text }
}

/// Delivery findings, then measures, then the words of the report page and of the terminal.
pub(super) const EXPLANATIONS: &[Explanation] = &[
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
        &["width over bands"],
        "Width: side energy over mid energy. 0 is mono; most records lie between 0.05 and 0.4.",
    ),
    entry(
        "mono_loss",
        &["mono_loss_lu"],
        "Loudness that is lost when both channels are folded to mono, as phones and clubs do.",
    ),
    entry(
        "noise_to_mask",
        &["nmr", "damage", "max_damage", "limiter noise"],
        "Noise-to-mask ratio: how far the distortion that limiting adds lies below what the music hides, in dB (after ITU-R BS.1387). Below -10 it is hard to hear; at 0 it is as loud as the threshold.",
    ),
    entry(
        "target",
        &[],
        "A target is a set of delivery rules: loudness, true peak, format, metadata, each with its source and the date it was looked up. `acetate targets list` shows them.",
    ),
    entry(
        "reference",
        &["record"],
        "A reference is a sound to lean to: a file, or a profile of the library. Tone, dynamics, width and, without a target, loudness are taken from it.",
    ),
    entry(
        "tone",
        &[
            "tone error",
            "distance from the aim",
            "tonal balance",
            "from the record",
            "from the style",
            "from the aim",
        ],
        "Tone error: how far the third octaves of the sound lie from those of the aim when both are equally loud, in dB rms over the bands that count. Below 1 dB two records sound alike in tone; most mixes begin at 5 to 10.",
    ),
    entry(
        "drive",
        &["gain"],
        "Drive: the gain in front of the limiter. It is solved so that the rendered file has the loudness that was asked for; what it raises above the ceiling, the limiter takes. settings.drive_db sets it by hand.",
    ),
    entry(
        "limiter",
        &["limit"],
        "The limiter keeps the true peak under the ceiling. masked solves for the waveform whose difference from the input hides best under what the ear cannot hear; transparent and fast turn the gain down ahead of each peak. How much it takes is drawn as peak reduction, what it adds is called limiter noise.",
    ),
    entry(
        "ceiling",
        &["max dbtp"],
        "The highest true peak of the written file, in dBTP. -1 leaves room for lossy encoders, and is what most platforms ask for; --ceiling sets it.",
    ),
    entry(
        "peak_reduction",
        &["how often, by depth", "gain reduction", "compressor gain"],
        "How far the limiter lowers the peaks, over time and as a share of the time. 2 to 4 dB now and then is usual; 6 dB for long is dense. What the compressor took before is drawn as its gain, without make-up; 1 to 3 dB in loud passages is gentle.",
    ),
    entry(
        "loudness_over_time",
        &["series"],
        "Short-term loudness: 3 s at a time (EBU Tech 3341), so that verses, choruses and the limiter's work on them can be seen.",
    ),
    entry(
        "peaks",
        &["loudness and dynamics"],
        "The highest levels: true peak between the samples (dBTP), sample peak (dBFS), and their distance from the loudness of the whole (PLR) and of 3 s (PSR).",
    ),
    entry(
        "dynamics",
        &["level"],
        "How the level moves: crest factor and attacks say how far peaks stand out, spread how far the level of each band varies from moment to moment.",
    ),
    entry(
        "equalizer",
        &[
            "equaliser",
            "eq",
            "bell",
            "low shelf",
            "high shelf",
            "high-pass",
            "low-pass",
            "all bands",
            "one band",
        ],
        "The equaliser: bells and shelves after the Audio EQ Cookbook, by which single third octaves move towards the aim. --max-eq bounds each band, --detail how fine they may be; settings.equalizer.bands holds them, eq1 is the first.",
    ),
    entry(
        "compressor",
        &["comp", "compress", "compression"],
        "The compressor evens out the level where it varies more than the aim's, band by band. It is left out where the mix is as dense as the aim or denser; settings.compressor.bands holds it.",
    ),
    entry(
        "de_esser",
        &["deess", "deesser", "sibilants"],
        "The de-esser turns down sharp s sounds while they last: settings.dynamic_equalizer.de_esser.",
    ),
    entry(
        "resonance",
        &["resonance tamer", "resonances"],
        "The resonance tamer turns down narrow tones that stand out of the spectrum while they sound: settings.dynamic_equalizer.resonance.",
    ),
    entry(
        "stereo",
        &["image", "mid", "side"],
        "The stereo image: mid is half the sum of left and right, side half their difference. Width, correlation, balance and mono loss describe it; settings.stereo changes the side band by band.",
    ),
    entry(
        "aim",
        &["centre", "aim and tolerance", "tolerance"],
        "What the master is brought to: the loudness and ceiling of the target, and the tone, dynamics and width of a reference or of a style. Within the tolerance around it nothing is done.",
    ),
    entry(
        "predicted",
        &["expected", "prediction"],
        "What the settings were expected to measure before anything was rendered; the master's numbers are measured in the written file.",
    ),
    entry(
        "master",
        &[
            "verified",
            "nearer",
            "missed",
            "broken",
            "on target",
            "off target",
            "what was done",
            "numbers",
            "measure",
            "after",
        ],
        "The written file, decoded and measured again by meters that share no code with the processors. Verified means that every target was met there; nearer, that all was met but the tone of a record, to which a master only comes nearer; missed, that something else was not. A broken rule is one of the delivery that the file does not keep.",
    ),
    entry(
        "mix",
        &["before", "source", "file", "as it is", "md5 of its samples"],
        "The file as it was given. The MD5 of its samples tells whether settings were made for this very sound.",
    ),
    entry(
        "platforms",
        &[
            "on the platforms",
            "player",
            "players",
            "played at",
            "gain, db",
            "heard at",
            "playback level",
        ],
        "What players do to a file of this loudness: most turn louder music down to their own level, a few turn quiet music up as far as its peaks allow.",
    ),
    entry(
        "codecs",
        &["codec", "after lossy codecs", "true peak, dbtp", "after decoding"],
        "Lossy encoders change the waveform, and with it the peaks. The file is encoded with an installed ffmpeg, decoded and measured: above full scale, the listener's decoder may clip.",
    ),
    entry(
        "findings",
        &["about the source", "better in the mix", "better in the mix, if you still can"],
        "What was found in the recording, with codes such as S204 (acetate explain S204), and what is solved better in the mix than in a master.",
    ),
    entry(
        "command",
        &["made by", "sound", "seed"],
        "The command and the version that make the same file again: the same input, settings, seed and sound version give the same bytes on every machine.",
    ),
    entry(
        "third_octaves",
        &["third octaves as a table", "spectrum dB in third octaves", "hz"],
        "Bands a third of an octave wide, about as wide as the ear's own (IEC 61260-1): the resolution in which tone is compared.",
    ),
    entry(
        "change",
        &["change in", "apart, equally loud", "apart"],
        "The second file less the first. Apart, equally loud is the rms of the differences over the bands once both are equally loud.",
    ),
    entry(
        "trust",
        &["confidence", "checked"],
        "How well a target's numbers are founded: verified was read at the platform itself on the day that is named, reported comes from others, custom is a choice of this program.",
    ),
    entry("length", &["duration", "duration_s"], "How long the sound is, in minutes and seconds."),
    entry("band", &["bands"], "A range of frequencies that is measured, or worked on, by itself."),
    entry(
        "certainty",
        &[
            "certainty_pct",
            "one-shot",
            "one_shot",
            "tone as it is",
            "tone proposed, not done",
            "density as it is",
            "density proposed, not done",
        ],
        "How sure it is that the tone or the density of a mix is wrong, from 0 to 100: of what is said at 80, 80 in 100 are so. Without a record or a style, what is more than 80 % sure is mended, what is likelier than not is told, the rest is left; `--one-shot careful` asks for 95, `bold` for 50. Speech, excerpts under a minute, loops, noise and music unlike the records are left alone. docs/oneshot.md has the method and its figures.",
    ),
    entry(
        "syllables",
        &["syllables.depth", "syllables.pause_share", "speech"],
        "How deeply the level from 392 Hz to 4.3 kHz moves at the rates of syllables (2.5 to 6 Hz), and the share of pauses. Speech has more than 0.42 of both, and nothing below 148 Hz that goes on.",
    ),
    entry(
        "style",
        &[],
        "A style is the tone, dynamics and width that commercial records of a kind have, with how much they differ. `--style NAME` judges a mix by the records of one; without it, by those that it is like. What is surely wrong is mended, and the rest left (`acetate explain certainty`).",
    ),
    entry(
        "stems",
        &["stem", "sum", "also"],
        "Stems are the parts of a song: bass, drums, vocals. `acetate stems` masters their sum and writes each part as the master's gains leave it, so that the written stems add up to the written master, to the last step: 0 LSB. Stems above full scale are 32-bit floats on the same grid.",
    ),
    entry(
        "rest",
        &[],
        "What a mix has beside the sum of its stems: effects, a stem that is missing, a compressor on the mix. It is a stem of its own.",
    ),
    entry(
        "worked by",
        &["works the limiter", "limiter work"],
        "The share that each stem has in the peaks that were limited, each counted by its reduction. Where one stem has nearly all, turn its peaks down in the mix, and everything else gets louder.",
    ),
    entry(
        "dither",
        &[],
        "Noise of half a step, added before rounding to 16 or 24 bits, so that what is rounded off does not distort: settings.output.dither.",
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
