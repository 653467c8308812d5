//! Long texts about what is left of a song elsewhere.

use super::texts::{Explanation, entry};

/// Findings of a simulation, then its measures.
pub(super) const ELSEWHERE: &[Explanation] = &[
    entry(
        "M121",
        &["bass unheard"],
        "The notes of the bass line are hardly heard on small loudspeakers: fewer than a quarter of them, even on the better ones. Such loudspeakers play nothing below 200 Hz or so; a bass is heard there through its harmonics, two of them side by side, from which the ear makes the pitch. Where the finding names dB, that much more of them would do; where it says that nothing could be raised, there are none. In the mix: double the bass an octave up, or overdrive a copy and mix it in from 150 to 600 Hz.",
    ),
    entry(
        "M122",
        &["cancels"],
        "Added to one, the channels are quieter than both: by so many LU altogether, and by 10 dB and more for a part of the loudness: on a Bluetooth speaker, on one loudspeaker of a pair across a room, in the bass of phones, clubs and vinyl. Channels that have nothing in common lose 3 dB, which is no finding; a low end that loses 4 dB and more is one, with its range and its dB, wherever it is played by one loudspeaker. Three causes have three remedies: a channel that is upside down in every band is inverted; where only its low end is, that alone is (all of it turned, what lies above would cancel); otherwise look for a stereo widener or a chorus in the range that is named.",
    ),
    entry(
        "M123",
        &["drowned", "covered"],
        "Noise around the listener leaves less than a quarter of the loudness of these passages. How far below the loud ones they begin is said, so that it is known how much would help. It may be meant: a song for headphones may whisper. What fades out at the end is no finding.",
    ),
    entry(
        "M124",
        &["centre covered"],
        "What is in the centre, where voices are, is well understood on some systems and poorly on others: its speech intelligibility index (ANSI S3.5) beside sides and noise falls below 0.45. Bring the voice up from 1 to 4 kHz, or take what is on the sides down there. It is the centre that is measured, not the voice: an instrument in the middle counts, too.",
    ),
    entry(
        "M125",
        &["sharp elsewhere"],
        "The sharp \"s\" sounds that the analysis found stand out 5 phon and more on this system against what is beside them than they do at home: small loudspeakers have most of their sound where an s is. De-ess the voice.",
    ),
    entry(
        "D321",
        &["overs"],
        "After a lossy codec samples lie above full scale, and most players cut them off. How much follows from the mastering, hardly from the codec: a limited master has many samples near the ceiling, and each gets some of the codec's noise. Lower the ceiling by what this song needs, or drive less into the limiter. The encoder is named, for others differ.",
    ),
    entry(
        "D322",
        &["taken back", "laptop", "laptop_takes_db"],
        "At full volume phones, laptops and pocket loudspeakers make everything louder, and end in a limiter. Of a master that is all peaks it takes most of that back: the master is no louder there than a quieter one, and more squeezed. The figure is the mean over the song.",
    ),
    entry(
        "bass_harmonics",
        &["harmonics of the bass", "for", "bass harmonics"],
        "Adds the second, third and fourth harmonic of what lies below 120 Hz, at stated levels below it, so that loudspeakers that do not play the bass let its pitch be heard. Chebyshev polynomials of its carrier times its envelope: of a sine come exactly these harmonics, however loud it is. Off unless `--for` finds that it wins 20 points of the bass line there and changes no region at home by more than 2 phon; in the mix, on the bass alone, it costs less.",
    ),
    entry(
        "held back",
        &["away", "as aimed at", "hold_elsewhere"],
        "A plan may take no more than 5 points of the bass notes that are heard on any known system, and add no more than 2 points to what drowns in noise or cancels in mono. Moves that would are made smaller, that one first without which least is lost, as long as all of that changes the tone by less than 0.3 dB; what a record asks for goes before, and the loss is told then.",
    ),
    entry(
        "translation",
        &["simulate", "system", "as most records", "elsewhere", "also"],
        "What is left of a song on other systems. A fixed curve takes nearly the same from every record, so nobody misses it; `acetate simulate` tells what this song loses and most others keep. `as most records` lists the systems on which that is nothing.",
    ),
    entry(
        "bass line",
        &["heard", "heard_pct", "missing_db"],
        "Of the steady moments (0.05 s) in which a bass note is heard at home, how many are heard on the system at their pitch: by the fundamental, or by two neighbouring harmonics. A partial of which 10 dB and more cancel there is not. In brackets the worse and the better quarter of such systems. Two seconds of such moments are the least that is told in percent.",
    ),
    entry(
        "noise re mask",
        &["nmr_db", "noise to mask"],
        "Noise of a codec over what the music hides of it, dB, mean over bands and time (PEAQ, ITU-R BS.1387): below -10 it is hardly heard.",
    ),
    entry(
        "sii",
        &["centre", "intelligibility"],
        "Speech intelligibility index (ANSI S3.5-1997), here of the centre beside sides and noise, 0 to 1: below 0.45 poor, above 0.75 good.",
    ),
];
