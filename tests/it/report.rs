//! `acetate report` and `acetate listen`.

use crate::program::Studio;

#[test]
fn a_report_is_one_page_that_needs_nothing_else() {
    let studio = Studio::with_mix();
    let record = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/reference.flac");
    studio.run(&["master", "mix.wav", "--limiter", "fast", "-r", record, "-o", "out.wav"]).exit(0);
    studio.run(&["report", "out.wav.settings.json", "--audio", "none"]).exit(0);
    let html = String::from_utf8(studio.read("out.wav.html")).unwrap();
    assert!(html.len() < 500_000, "{} bytes", html.len());
    assert!(html.contains("default-src 'none'"));
    assert!(
        html.matches("<svg id=").count() >= 4,
        "all charts but that of a compressor, where there is none"
    );
    assert!(!html.contains("<script"), "no player, no script");
    for forbidden in ["src=", "href=", " style=", "url("] {
        assert!(!html.contains(forbidden), "{forbidden}");
    }
    let settings = studio.json("out.wav.settings.json");
    let lufs = settings["numbers"]["after"]["loudness"]["integrated_lufs"].as_f64().unwrap();
    let shown = format!("{lufs:.1}").replace('-', "\u{2212}");
    assert!(html.contains(&format!("<b>{shown}</b>")), "the page says what the JSON says");
    for section in [
        "On target",
        "What was done",
        "Tone",
        "Distance from the aim",
        "Loudness over time",
        "Stereo",
        "On the platforms",
        "After lossy codecs",
        "Not checked",
        "Numbers",
        "MD5 of its samples",
    ] {
        assert!(html.contains(section), "{section} is missing");
    }
}

#[test]
fn a_page_with_sound_carries_its_player_and_no_more() {
    let studio = Studio::with_mix();
    studio.mix("other.wav");
    studio.run(&["listen", "mix.wav", "other.wav"]).exit(0);
    let html = String::from_utf8(studio.read("listen.html")).unwrap();
    assert!(html.contains("script-src 'sha256-") && html.contains("id=\"a1-0\""));
    assert!(html.contains("Blind test"));
    studio.run(&["listen", "mix.wav", "other.wav"]).exit(5).one_line("listen.html exists");
}

#[test]
fn the_record_is_heard_and_read_beside_the_master() {
    let studio = Studio::with_mix();
    studio.mix("record.wav");
    studio.run(&["master", "mix.wav", "-r", "record.wav", "--report", "-o", "out.wav"]).exit(0);
    let page = String::from_utf8(studio.read("out.wav.html")).unwrap();
    let shows_it = |page: &str| {
        page.contains("<b>record</b>")
            && page.contains(">aim</th>")
            && page.contains(">record</th>")
            && page.contains("dB from the record in tone")
    };
    assert!(shows_it(&page));
    // Its file lies beside the settings.
    let page = studio.run(&["report", "out.wav.settings.json", "-o", "-"]).exit(0).text();
    assert!(shows_it(&page));
    std::fs::rename(studio.path("record.wav"), studio.path("elsewhere.wav")).unwrap();
    let page = studio.run(&["report", "out.wav.settings.json", "-o", "-"]).exit(0).text();
    assert!(!page.contains("<b>record</b>"), "what is not there is not shown");
    let named = ["report", "out.wav.settings.json", "-r", "elsewhere.wav", "-o", "-"];
    assert!(shows_it(&studio.run(&named).exit(0).text()));
    studio.run(&["listen", "mix.wav"]).exit(2).one_line("nothing to be compared with");
    studio.run(&["listen", "mix.wav", "-r", "elsewhere.wav"]).exit(0);
}

#[test]
fn the_sound_can_be_left_out_cut_or_whole() {
    let studio = Studio::with_mix();
    let page = |audio: &str| {
        studio.run(&["report", "mix.wav", "--audio", audio, "-o", "-"]).exit(0).text()
    };
    let (none, excerpts, full) = (page("none"), page("excerpts"), page("full"));
    assert!(!none.contains("id=\"player\"") && none.len() < 100_000);
    // Four seconds are a single excerpt: the whole.
    assert!(excerpts.contains("id=\"a0-0\"") && full.contains("id=\"a0-0\""));
    assert_eq!(excerpts.len(), full.len());
}

#[test]
fn a_page_says_why_the_target_cannot_be_had() {
    let studio = Studio::with_mix();
    studio.run(&["master", "mix.wav", "--limiter", "fast"]).exit(0);
    // As the search writes it when it stops; the search itself is slow, and tested where it is.
    let mut settings = studio.json("mix.streaming.wav.settings.json");
    let reason = "too dense for -2.0 LUFS";
    settings["aim"]["target"]["integrated_lufs"] = (-2.0).into();
    settings["cannot"] =
        serde_json::json!({ "wanted_lufs": -2.0, "reached_lufs": -14.0, "reason": reason });
    std::fs::write(studio.path("mix.streaming.wav.settings.json"), settings.to_string()).unwrap();
    studio.run(&["report", "mix.streaming.wav.settings.json", "--audio", "none"]).exit(0);
    let html = String::from_utf8(studio.read("mix.streaming.wav.html")).unwrap();
    assert!(html.contains("Off target") && html.contains("missed"));
    assert!(html.contains("too dense for \u{2212}2.0 LUFS"), "the reason is given");
}

#[cfg(unix)]
#[test]
fn a_hostile_file_name_is_inert() {
    let studio = Studio::new();
    studio.mix("<img src=x onerror=alert(1)>.wav");
    studio
        .run(&["report", "<img src=x onerror=alert(1)>.wav", "-o", "page.html", "--audio", "none"])
        .exit(0);
    let html = String::from_utf8(studio.read("page.html")).unwrap();
    assert!(!html.contains("<img") && html.contains("&lt;img src=x"));
}
