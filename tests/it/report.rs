//! `acetate report` and `acetate listen`.

use crate::program::Studio;

#[test]
fn a_report_is_one_page_that_needs_nothing_else() {
    let studio = Studio::with_mix();
    studio.run(&["master", "mix.wav", "--limiter", "fast"]).exit(0);
    studio.run(&["report", "mix.streaming.settings.json", "--audio", "none"]).exit(0);
    let html = String::from_utf8(studio.read("mix.streaming.html")).unwrap();
    assert!(html.len() < 500_000, "{} bytes", html.len());
    assert!(html.contains("default-src 'none'") && html.matches("<svg").count() >= 3);
    assert!(!html.contains("<script"), "no player, no script");
    for forbidden in ["src=", "href=", " style=", "url("] {
        assert!(!html.contains(forbidden), "{forbidden}");
    }
    let settings = studio.json("mix.streaming.settings.json");
    let lufs = settings["numbers"]["after"]["loudness"]["integrated_lufs"].as_f64().unwrap();
    assert!(
        html.contains(&format!("<b>{lufs:.1}</b><span>LUFS</span>")),
        "the page says what the JSON says"
    );
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
