//! Long texts for findings and measures.

/// The text for a finding's code (`S201`, `m111`) or a measure's name (`integrated_lufs`, `plr`), or `None`.
///
/// Case, spaces, `-` and `_` do not matter; a trailing unit may be left out.
pub fn explain(code: &str) -> Option<&'static str> {
    let wanted = plain(code);
    ENTRIES
        .iter()
        .find(|entry| entry.names.iter().any(|name| plain(name) == wanted))
        .map(|entry| entry.text)
}

/// Every code and name that [`explain`] knows, in the order of the table; the first name of each entry.
pub fn explained() -> impl Iterator<Item = &'static str> {
    ENTRIES.iter().map(|entry| entry.names[0])
}

fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

struct Entry {
    names: &'static [&'static str],
    text: &'static str,
}

const fn entry(names: &'static [&'static str], text: &'static str) -> Entry {
    Entry { names, text }
}

const ENTRIES: &[Entry] = &[
    entry(
        &["M101", "boom"],
        "A bass note that booms. Moments of 0.7 s in which one note has half of what lies from 33 to 200 Hz are sorted by that note; \
         where at least four notes are played and one is 9 dB or more above the middle of the others, and 5 dB above the loudest of \
         them, a room or a microphone made it, not the player. A narrow cut at that frequency on the bass evens it out, and a dynamic \
         one leaves the other notes alone. An equaliser in mastering would thin the kick and the voice there as well.",
    ),
    entry(
        &["M102", "sibilance"],
        "Sharp \"s\" sounds. Short noise between 5 and 10 kHz, 60 to 250 ms long, as loud as the body of the \
         voice (0.3 to 3 kHz) or louder, with nothing as sharp around it; at least three of them. The places are \
         listed. They hurt at level, and lossy codecs and vinyl distort on them. De-ess the vocal track: in the \
         mix that costs nothing else. Cymbals, which ring on, and hi-hats, which are shorter, are not meant.",
    ),
    entry(
        &["M103", "resonance"],
        "A resonance. Between 1.5 and 9.5 kHz a band of half an ERB stands 5.5 dB or more above those beside it at three of four \
         moments, 7 dB at half of them, and much alike at most of them, whatever is played: a ringing drum, a cabinet, a room, a cheap \
         microphone. Notes stand out only while they are played. Find the track that rings: a narrow cut there, where it costs least.",
    ),
    entry(
        &["M110"],
        "Bass out of phase. Below 148 Hz the channels work against each other (correlation under -0.2). On a \
         club system or a phone, which play bass in mono, it thins out or vanishes, and a vinyl cutter cannot \
         cut it. Put kick and bass in the middle; look for a stereo effect, or one microphone with inverted \
         polarity, on the bass. Where all that lies above is upright, the low end of one channel is upside down: \
         invert that alone, for all of the channel turned would cancel above.",
    ),
    entry(
        &["M111"],
        "Side louder than mid. More energy is in what differs between the channels (L-R) than in what they \
         share (L+R). It sounds wide and hollow, the voice loses its place, and in mono most of it goes. Turn \
         stereo wideners down, or bring the centre up.",
    ),
    entry(
        &["M112"],
        "Narrow. Above the bass the side lies more than 13 dB below the mid on average; half of commercial \
         pop records have it at about -8 dB. That can be meant. Mastering can raise only the side that there \
         is: panning and stereo reverb in the mix do more.",
    ),
    entry(
        &["M113"],
        "Unbalanced. One channel is louder by 2.5 dB or more, after K-weighting, over the whole song. Check \
         the pan law, the two sides of stereo tracks, and the monitor that the mix was made on.",
    ),
    entry(
        &["M114"],
        "Lost in mono. Folded to mono this song is at least 3.5 LU quieter; for independent channels it would \
         be 3.0, for a usual record it is around 1. Some tracks cancel: listen in mono and invert or narrow \
         the double tracks that go away.",
    ),
    entry(
        &["S201"],
        "Clipped. The waveform is cut off flat at full scale, three samples or more at a time. The places \
         are listed. A few on the loudest hits of a finished record are common; hundreds in a mix are damage. \
         Export the mix with 6 dB of headroom, or as 32-bit float; `acetate restore --only clipping` rebuilds tops.",
    ),
    entry(
        &["S202"],
        "Clipped, then turned down. The waveform is cut off flat at one level below full scale: it was \
         clipped before the level was lowered. Turning down does not undo it. Look for a clipper, an \
         overloaded converter or a hot bounce earlier in the chain.",
    ),
    entry(
        &["S203"],
        "Clicks. Single events shorter than 1.5 ms that stand ten times above the treble around them, do not \
         ring on like an attack, do not come again at once like the edge of a synthesised wave, and do not \
         begin something louder, as the beater begins a drum. Usual \
         causes: edits without a fade, lost buffers while recording, vinyl. Listen at the places \
         listed, and repair them in the mix, or with `acetate restore --only clicks`. Clicks softer than about -23 dBFS are not looked for.",
    ),
    entry(
        &["S204", "dc_offset"],
        "Constant offset. The mean of the waveform is not zero. It costs headroom, and clicks at edits. It is \
         removed in mastering. Some synthesisers, distortions and old converters make it. The measure is the \
         mean of the channel with the largest one, as a share of full scale; from 0.001 on it is reported.",
    ),
    entry(
        &["S205", "hum_lines"],
        "Mains hum. Steady lines at 50 or 60 Hz and multiples, there even when the music is quiet: at least \
         three of the first eight, each 12 dB above its surroundings and within 0.6 Hz of the multiple. Find \
         the ground loop; `acetate restore --only hum` subtracts what is recorded and leaves the music on its lines.",
    ),
    entry(
        &["S206"],
        "Hiss. The quietest passages hold steady noise that is flat in the treble, above -72 dBFS. Mastering \
         raises it together with the music. Gate or clean the noisy tracks in the mix, or `acetate restore --only hiss`.",
    ),
    entry(
        &["S207", "lossy_suspected"],
        "Looks lossy. The spectrum falls off a cliff, at least 18 dB within a twelfth of an octave, between 9 \
         and 20.1 kHz, with nothing but a floor above. MP3 and AAC encoders do that. What they threw away \
         cannot be brought back, and brightening brings up their artefacts. Use the lossless export.",
    ),
    entry(
        &["S208", "limited_suspected"],
        "Looks mastered already. True peak lies less than 9.5 dB above the loudness, with peaks near full \
         scale. There is little left to do, and limiting again adds distortion. If there is a version without \
         the limiter on the mix bus, use it.",
    ),
    entry(
        &["S209"],
        "Opposite polarity. The channels are negatively correlated, in the bass as well and upright in no band: one of \
         them is upside down, by a crossed cable or an invert button. In mono the song nearly vanishes. Invert one \
         channel.",
    ),
    entry(
        &["S210"],
        "Dead channel. One channel is at least 50 dB below the other. Check routing and export. A song that \
         is mono belongs into both channels, or into a mono file.",
    ),
    entry(
        &["S211", "dual_mono"],
        "Both channels are the same (to -60 dB). Fine when the song is mono; otherwise something on the mix \
         bus folds it.",
    ),
    entry(
        &["S212"],
        "Very quiet. Below -35 LUFS, so that mastering would raise noise and rounding by 20 dB and more. \
         Export at a higher level, or with 24 bits.",
    ),
    entry(
        &["S213", "true_peak_dbtp", "true_peak"],
        "True peak: the largest value of the waveform that the samples stand for, between the samples too, in \
         dB re full scale. Above 0 dBTP converters and lossy encoders clip. It is searched at 64 points to \
         the sample with 128 taps, which reads within 0.02 dB up to 0.45 of the sample rate.",
    ),
    entry(
        &["S220"],
        "A stray sample. One value far above full scale and more than 35 dB above the loudest 0.4 s, which a lone sample \
         reaches and music does not. It alone decides the loudness and the peak, so that everything else is turned down to make \
         room for it. Redraw or silence that sample in an audio editor, and export again.",
    ),
    entry(&["S214"], "No sound. Every sample is zero."),
    entry(
        &["S215"],
        "Loudness from above 20 kHz. BS.1770's weighting does not end where hearing does: noise of converters, modulators \
         or plug-ins up there, as files of 96 kHz and more may hold it, counts as loudness although nobody hears it. The \
         finding begins where it makes 1 LU and names the loudness of what lies below 20 kHz (from the spectrum of the \
         whole, without gates). Filter it, or export at 44.1 or 48 kHz.",
    ),
    entry(
        &["S216", "rumble"],
        "Rumble. Below 26 Hz, the lowest string of a five-string bass being 31 Hz, there is sound of -58 dBFS or more even in the \
         quietest tenth of the moments, and 3 dB more of it than from 30 to 120 Hz: traffic, footsteps, a turntable. It takes headroom, \
         moves cones for nothing and makes limiters pump. A low cut at 30 Hz on the tracks that have it costs no music.",
    ),
    entry(
        &["integrated_lufs", "integrated_loudness", "loudness", "LUFS"],
        "Integrated loudness (ITU-R BS.1770-5): the mean energy after a filter like the ear's, over the blocks \
         of 400 ms above -70 LUFS and above 10 LU below the mean. It is what streaming services normalise by. \
         Silence has none.",
    ),
    entry(
        &["momentary_max_lufs", "momentary", "loudest 0.4 s", "max 0.4 s"],
        "Loudest 400 ms (EBU Tech 3341), on a grid of 10 ms.",
    ),
    entry(
        &["short_term_max_lufs", "short_term", "loudest 3 s", "max 3 s"],
        "Loudest 3 s (EBU Tech 3341), on a grid of 10 ms. Not there below 3 s.",
    ),
    entry(
        &["loudness_range_lu", "loudness_range", "LRA", "range"],
        "Loudness range (EBU Tech 3342): from the 10th to the 95th percentile of the loudness of 3 s windows, \
         without those 20 LU below the mean. Pop records have 4 to 11 LU, classical ones 12 to 22.",
    ),
    entry(
        &["true_peak_bs1770_dbtp"],
        "True peak as the example meter of ITU-R BS.1770-5 reads it: four-fold, 48 taps. It can read up to \
         half a dB less than the real one; other meters show this number.",
    ),
    entry(&["sample_peak_dbfs", "sample_peak", "sample"], "Largest sample, dB re full scale."),
    entry(
        &["plr_db", "plr", "peak to loudness"],
        "Peak to loudness ratio: true peak less integrated loudness. Loud pop 8 to 10 dB, open mixes 14 and \
         more.",
    ),
    entry(
        &["psr_db", "psr", "the same in 3 s"],
        "Peak to short-term loudness ratio: true peak less loudness of the same 3 s, the median over the \
         song. Below 8 dB limiting is usually heard.",
    ),
    entry(
        &["psr_p10_db"],
        "The tenth percentile of the peak to short-term loudness ratio: the densest passages.",
    ),
    entry(
        &["crest_factor_db", "crest_factor", "crest"],
        "Sample peak less the level (mean square) of the whole. A sine has 3.0 dB, a square wave 0. In a band: \
         the envelope that is exceeded in one of a hundred steps of 50 ms, less the gated level of the band.",
    ),
    entry(
        &["level_std_db", "spread"],
        "How much a band moves: the standard deviation of the K-weighted mid level in dB, over blocks of 400 ms \
         within 20 dB of their mean. Pop records have 4 to 6 dB.",
    ),
    entry(
        &["attack_crest_db", "attack_crest", "attacks"],
        "How far attacks stand out: at every rise of 6 dB, the peak over the level of the 50 ms after it; the \
         median. Limiting and fast compression make it smaller.",
    ),
    entry(
        &["tilt_db_per_octave", "tilt"],
        "Slope of the power density from 100 Hz to 10 kHz. Pink noise has -3 dB per octave; pop records \
         around -5.",
    ),
    entry(
        &["level_db", "third_octave_db", "third_octave_hz", "spectrum"],
        "Long-term average spectrum: the power mean in third octaves over the blocks that count for loudness, \
         dB re full scale, mean of the channels. Power means lie above means of dB, by 0.115 times the \
         variance in dB: compare only curves of one definition.",
    ),
    entry(
        &["correlation"],
        "Correlation of left and right: 1 is mono, 0 independent, -1 opposite polarity.",
    ),
    entry(&["correlation_p5"], "The lowest twentieth of the correlation over 400 ms."),
    entry(&["width"], "Side energy (L-R) over mid energy (L+R): 0 is mono, 1 as much side as mid."),
    entry(
        &["side_minus_mid_db", "side-mid"],
        "Level of the side less that of the mid, in a band. Pop records have about -19 dB below 148 Hz and -8 \
         dB above.",
    ),
    entry(&["balance_db", "balance"], "Level of right less left, K-weighted."),
    entry(
        &["mono_loss_lu", "mono_loss"],
        "Loudness lost when both channels are folded to mono. 0 for mono, 3 for independent channels; no figure \
         where one channel is the other one upside down and nothing is left.",
    ),
    entry(
        &["bandwidth_hz", "bandwidth", "up to"],
        "Highest frequency with signal: where the spectrum stands 12 dB above all that follows and falls off \
         there, or else 85 dB below its loudest part.",
    ),
    entry(
        &["clipped_runs", "clip_level_dbfs"],
        "Runs of three and more equal samples with a corner at both ends, near the largest sample of the \
         channel, whatever its level.",
    ),
    entry(
        &["noise_floor_dbfs", "noise_floor", "quietest"],
        "Level of the quietest twentieth of the 50 ms windows that are not digital silence. In dense music it \
         is the music.",
    ),
    entry(
        &["clicks"],
        "Number of clicks: single events shorter than 1.5 ms that stand alone in the treble.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_however_they_are_written() {
        assert!(explain("S201").is_some_and(|text| text.starts_with("Clipped.")));
        assert_eq!(explain("s201"), explain("S 201"));
        assert_eq!(explain("True Peak"), explain("true_peak_dbtp"));
        assert_eq!(explain("loudness war"), None);
    }

    #[test]
    fn every_name_leads_to_one_text() {
        let mut names: Vec<String> =
            ENTRIES.iter().flat_map(|entry| entry.names).map(|name| plain(name)).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
