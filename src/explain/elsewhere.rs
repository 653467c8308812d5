//! Long texts about what is left of a song elsewhere.

use acetate_references::target::{Delivered, PlatformConsequence, consequences};
use acetate_translation::{Side, System, noise, noises, opt_in_systems, systems};

use super::letters;
use super::texts::{Explanation, entry};
use crate::check::codec::Lossy;
use crate::system_named;

/// Findings of a simulation, then its measures.
pub(super) const ELSEWHERE: &[Explanation] = &[
    entry(
        "M121",
        &["bass unheard"],
        "The notes of the bass line are hardly heard on small loudspeakers: fewer than a quarter of them, even on the better ones. Such loudspeakers play nothing below 200 Hz or so; a bass is heard there through its harmonics, two of them side by side, from which the ear makes the pitch. Where the finding names dB, that much more of them would do; where it says that nothing could be raised, there are none. In the mix: double the bass an octave up, or overdrive a copy and mix it in from 150 to 600 Hz.",
    ),
    entry(
        "M122",
        &["cancels", "cancel", "quieter", "loses", "silent", "LU quieter", "channels"],
        "Added to one, the channels are quieter than both: by so many LU altogether, and by 10 dB and more for a part of the loudness: on a Bluetooth speaker, on one loudspeaker of a pair across a room, in the bass of phones, clubs and vinyl. Channels that have nothing in common lose 3 dB, which is no finding; where one channel is the other one upside down, all of it does, and it is silent; a low end that loses 4 dB and more is one, with its range and its dB, wherever it is played by one loudspeaker. Three causes have three remedies: a channel that is upside down in every band is inverted; where only its low end is, that alone is (all of it turned, what lies above would cancel); otherwise look for a stereo widener or a chorus in the range that is named.",
    ),
    entry(
        "M123",
        &["drowned", "covered"],
        "Noise around the listener leaves less than a quarter of the loudness of this share of the time, 3 % and more of it. Passages are what stays so for a second; the longest is named, and how much of the share lies in moments between louder ones, where there is any. How far below the loud ones they begin is said, so that it is known how much would help. It may be meant: a song for headphones may whisper. What fades out at the end is no finding.",
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
        "M126",
        &["bass in noise"],
        "The noise of a car or a train covers the bass line: fewer than a quarter of its notes are heard at their pitch, even with the softer quarter of such noises. Noise of the road is loudest at the bottom: 79 dB SPL a third octave at 50 Hz and 100 km/h, 69 at 125 Hz, 62 at 250 Hz. So more bass helps little, and its octave or some overdrive from 100 to 300 Hz much. A line that small loudspeakers lose, too (M121), is helped by the same. Its level beside the noise is that of a usual car, not of yours; of all that is said of systems this is the least sure, for how noise below 100 Hz covers tones is extrapolated.",
    ),
    entry(
        "M127",
        &["LFE", "lfe_pct"],
        "Half of the low end and more (of the power below 120 Hz, where the channel ends) is in the channel for low-frequency effects of a surround file. Whoever plays it on two loudspeakers, on headphones, a phone or in a car does not hear that: the first rule of folding down is to leave the LFE out. The table is about the other channels. Put the bass into the front channels.",
    ),
    entry(
        "D321",
        &["overs"],
        "After a lossy codec samples lie above full scale, and most players cut them off. How much follows from the mastering, hardly from the codec: a limited master has many samples near the ceiling, and each gets some of the codec's noise. Lower the ceiling by what this song needs, or drive less into the limiter. The encoder is named, for others differ. Peaks that pass full scale by less than 0.2 dB, by which meters may differ, are counted in the table and no finding.",
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
        &["simulate", "system", "as most records", "elsewhere", "also", "most records", "Hz gone"],
        "What is left of a song on other systems. A fixed curve takes nearly the same from every record, so nobody misses it; `acetate simulate` tells what this song loses and most others keep. `as most records` lists the systems on which that is nothing. Gone is a range of which less than a tenth of its share of the loudness is left. A row names what is worth a word: 4 % of the loudness that cancel, 3 % of the time that are covered, 1 dB that a limiter takes; less is heard by nobody, and is in `--json`.",
    ),
    entry(
        "bass line",
        &[
            "heard",
            "heard_pct",
            "missing_db",
            "bass",
            "notes",
            "steady",
            "steady notes",
            "too short to tell",
        ],
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
    entry(
        "stems elsewhere",
        &["gone", "of its loudness", "stem at", "without"],
        "Of a stem that is named, less than a quarter of its loudness is left beside all the others for most of its time, and `at 8 % of its loudness` says how much; gone is less than half a percent. What a system takes from everything is no loss. That says how loud it is, not whether its pitch is made out: a bass may be at 5 % of its loudness on a phone and all of its notes be heard, softly, through their harmonics.",
    ),
    entry(
        "limiter elsewhere",
        &["limiter of dB", "device"],
        "`limiter 2.1 of 6 dB`: at full volume the device makes everything 6 dB louder, and its limiter takes 2.1 dB of that back, on average.",
    ),
    entry(
        "LU",
        &["loudness unit", "loudness units"],
        "Loudness unit: a difference of loudness; one LU is one dB of gain (ITU-R BS.1770-5). What is 10 LU quieter sounds about half as loud.",
    ),
    entry(
        "phon",
        &["phons", "change_phon"],
        "Phon: a level of loudness as it is heard, that of a tone of 1 kHz which is as loud (ISO 226); 10 phon more is twice as loud. So a change says how much louder a range is heard, not how many dB it has.",
    ),
    entry(
        "dB",
        &["decibel", "decibels", "Hz", "kHz"],
        "Decibel: a ratio of two levels; 6 dB less is half the amplitude, 10 dB less sounds half as loud. Hz and kHz are frequencies: 50 Hz is a low note of a bass, 1 kHz the middle of a voice, 10 kHz the hiss of a cymbal.",
    ),
    entry(
        "crossfeed",
        &["bs2b"],
        "Each ear hears some of the other channel, as before loudspeakers: through a low-pass of first order at 700 Hz, 4.5 dB below. So open headphones are heard; what is mono stays as it is.",
    ),
    entry(
        "dB(A)",
        &["dba", "level_dba", "spl"],
        "Sound pressure level, weighted as the ear hears soft tones (IEC 61672-1): 70 dB(A) is music in a living room, 100 a club. --level sets it.",
    ),
    entry(
        "first over",
        &["first", "first_over_s"],
        "Where the first sample passes full scale after a lossy codec, as minutes and seconds.",
    ),
    entry(
        "in the mix",
        &["here", "in_the_mix", "in_mastering"],
        "What to do about a finding: in the mix, where most of it belongs; here is what mastering can do, and what that costs at home.",
    ),
];

/// A system or a noise of `acetate simulate` by its id or its name, a codec, or a player of a platform.
pub(super) fn thing(wanted: &str) -> Option<String> {
    let named = |known: &str| letters(known) == letters(wanted);
    let mut all = systems().iter().chain(opt_in_systems());
    if let Some(system) = all.find(|system| named(&system.name) || named(&system.id)) {
        return Some(of_system(system));
    }
    if let Some(noise) = noises().iter().find(|noise| named(&noise.id) || named(&noise.name)) {
        let level_dba = libm::round(noise.level_dba());
        return Some(format!(
            "{}: a noise beside the music, {level_dba} dB(A) (`--noise {}`), {}: {}.",
            noise.name,
            noise.id,
            noise.confidence.word(),
            noise.source
        ));
    }
    if let Some(player) = played().find(|player| player.platform.split(", ").any(named)) {
        return Some(format!(
            "{}: a player of music: what is said as `played at` is how loud the song is heard there, as most people have it set.",
            player.platform
        ));
    }
    Lossy::named(wanted).map(|codec| {
        format!(
            "A lossy codec and its bit rate: `--codec {}` encodes with an installed ffmpeg, decodes and measures what is left.",
            codec.name()
        )
    })
}

/// The players that a loud song is heard on.
fn played() -> impl Iterator<Item = PlatformConsequence> {
    let loud = Delivered { integrated_lufs: -9.0, true_peak_dbtp: -1.0, album_lufs: None };
    consequences(loud).into_iter()
}

/// A system by what else people call it: `car`, `iphone`.
pub(super) fn other_name(wanted: &str) -> Option<String> {
    system_named(wanted).ok().map(|system| of_system(&system))
}

/// What is known of a system, from its data.
fn of_system(system: &System) -> String {
    let side = match system.side {
        Side::Stereo => "plays both channels".to_owned(),
        Side::Mono => "plays both channels added to one".to_owned(),
        Side::RemovedBelow { hz } => {
            format!("plays both channels added to one below {hz} Hz, and both above")
        }
        Side::Crossfeed { hz, db } => {
            format!("lets each ear hear the other channel, too, below {hz} Hz and {db} dB softer")
        }
    };
    let device = system.device.map_or_else(String::new, |device| {
        format!(
            "; at full volume it makes everything {} dB louder above {} Hz and ends in a limiter",
            device.boost_db, device.high_pass_hz
        )
    });
    let beside = noise(&system.noise).map_or(system.noise.as_str(), |noise| noise.name.as_str());
    format!(
        "{}: a system that music is heard on (`--on {}`). It {side}{device}. Heard at {} dB(A) beside: {beside}. What is known of it is {}: {}.",
        system.name,
        system.id,
        system.level_dba,
        system.confidence.word(),
        system.source.join("; ")
    )
}
