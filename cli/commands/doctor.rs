//! `acetate doctor`: what this program can do here, and whether its meters are right.

use acetate::audio::numbers::number;
use clap::Args;
use serde_json::json;

use crate::exit::Exit;
use crate::failure::Outcome;
use crate::global::{Global, print, print_json};
use acetate::files::lossy::{AAC, LossyCodec, MP3, OPUS, VORBIS, ffmpeg};

/// What this program can do here, and a test of its meters
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  acetate doctor\n  acetate doctor --json")]
pub(crate) struct DoctorArguments {}

/// One thing that was looked at.
struct Finding {
    what: &'static str,
    ok: bool,
    needed: bool,
    text: String,
}

pub(crate) fn run(global: &Global) -> Outcome<Exit> {
    let mut findings = vec![
        fact(
            "version",
            format!("acetate {}, sound {}", env!("CARGO_PKG_VERSION"), acetate::engine::SOUND),
        ),
        fact("threads", global.workers().to_string()),
        fact("reads", "WAV RF64 W64 AIFF CAF FLAC ALAC MP3 AAC Vorbis Opus".to_owned()),
        fact("writes", "WAV RF64 AIFF FLAC".to_owned()),
        ffmpeg_itself(),
    ];
    findings.extend([MP3, VORBIS, OPUS, AAC].map(encoder));
    findings.extend(acetate::test_meters().into_iter().map(reading));
    let broken = findings.iter().any(|finding| finding.needed && !finding.ok);
    let exit = if broken { Exit::Failed } else { Exit::Done };
    if global.wants_json() {
        let list: Vec<_> = findings
            .iter()
            .map(|finding| json!({ "what": finding.what, "ok": finding.ok, "text": finding.text }))
            .collect();
        print_json(&json!({
            "schema": crate::result::SCHEMA, "command": "doctor", "ok": !broken, "exit": exit, "files": [], "findings": list,
        }))?;
        return Ok(exit);
    }
    let paint = global.paint();
    for Finding { what, ok, needed, text } in &findings {
        let word = match (ok, needed) {
            (true, _) => paint.good("ok"),
            (false, true) => paint.bad("wrong"),
            (false, false) => paint.warn("absent"),
        };
        print(&format!("{what:<12} {text}  {word}\n"))?;
    }
    Ok(exit)
}

fn fact(what: &'static str, text: String) -> Finding {
    Finding { what, ok: true, needed: true, text }
}

/// Needed for lossy codecs only.
fn ffmpeg_itself() -> Finding {
    let version = ffmpeg::version();
    let text = version.unwrap_or("not installed: check says \"not checked\" about lossy codecs");
    Finding { what: "ffmpeg", ok: version.is_some(), needed: false, text: text.to_owned() }
}

/// Lossy formats are encoded by an installed program.
fn encoder(codec: LossyCodec) -> Finding {
    let available = codec.expect_encoder();
    let by = codec.encoder().unwrap_or_default();
    let text = available.clone().map_or_else(|why| why, |()| format!("written by {by}"));
    Finding { what: codec.name, ok: available.is_ok(), needed: false, text }
}

/// What a meter says of a sound whose measure is known.
fn reading(reading: acetate::MeterReading) -> Finding {
    let shown =
        reading.measured.map_or_else(|| "nothing".to_owned(), |value| format!("{value:.2}"));
    let other = number(reading.witness, 2);
    let text = format!(
        "{shown} {} where {:.1} is right; {other} by a second meter",
        reading.unit, reading.expected
    );
    Finding { what: reading.what, ok: reading.ok(), needed: true, text }
}
