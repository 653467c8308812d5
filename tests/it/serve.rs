//! `acetate serve`: who is answered, what can be reached, and that its masters are the program's.

use std::fs;
use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

use crate::house::root;
use crate::http::{Server, read, serve, temporary};
use crate::program::{Studio, names_in, write_long_mix};

/// A studio with a folder of songs: `songs/mix.wav` and `songs/one/other.wav`, and a secret beside it.
fn with_songs() -> Studio {
    let studio = Studio::new();
    for name in ["songs/mix.wav", "songs/one/other.wav", "secret.wav"] {
        studio.mix(name);
    }
    studio
}

fn suggest(wishes: Value) -> Value {
    json!({"what": "suggest", "wishes": wishes})
}

#[test]
fn a_song_is_uploaded_and_its_master_is_the_programs() {
    let studio = Studio::new();
    let (mix, record) = (root().join("examples/mix.flac"), root().join("examples/reference.flac"));
    let server = serve(&studio, &[]);
    let desk = server.desk();
    let upload = server.upload(&desk, &mix);
    let question = json!({"what": "open", "upload": upload, "columns": 900, "length": 12});
    let about = server.ask(&desk, &question).unwrap();
    assert_eq!(about["wave"].as_array().unwrap().len(), 900);
    let lufs = about["analysis"]["loudness"]["integrated_lufs"].as_f64().unwrap();
    assert!((lufs + 20.8).abs() < 0.1, "{lufs}");

    let plan = server.ask(&desk, &suggest(json!({"target": "streaming", "format": "flac"})));
    assert_eq!(plan.unwrap()["schema"], "acetate.settings/1");
    check_master(&studio, &server, &desk, &["-t", "streaming"], "mix.streaming.flac");

    let upload = server.upload(&desk, &record);
    let question = json!({"what": "record", "upload": upload, "length": 12});
    let heard = server.ask(&desk, &question).unwrap();
    let sound = server.get(&format!("{desk}/sounds/{}", heard["number"])).is(200).body;
    assert_eq!(sound.len() as u64, 2 * 4 * heard["frames"].as_u64().unwrap());
    let mut question = suggest(json!({"target": "loud", "format": "wav"}));
    question["matched"] = json!(true);
    server.ask(&desk, &question).unwrap();
    let record = record.display().to_string();
    let words = ["-t", "loud", "-r", &record];
    check_master(&studio, &server, &desk, &words, "mix.reference.loud.wav");

    let curve = server.ask(&desk, &json!({"what": "curve"})).unwrap();
    assert!(curve.as_array().unwrap().len() > 3);
    assert_eq!(server.request("DELETE", &desk, b"").is(204).body, b"");
    assert_eq!(temporary(&studio), [""; 0], "a page that is gone leaves nothing");
}

/// The master that was decided is the file that the program writes with these words.
#[track_caller]
fn check_master(studio: &Studio, server: &Server, desk: &str, words: &[&str], name: &str) {
    let made = server.ask(desk, &json!({"what": "master"})).unwrap();
    assert_eq!(made["name"], name);
    let bytes = server.get(&format!("{desk}/masters/{}", made["number"])).is(200).body;
    let mix = root().join("examples/mix.flac").display().to_string();
    let all = [&["master", &mix, "-q", "-o", name], words].concat();
    studio.run(&all).exit(0);
    assert!(bytes == studio.read(name), "{name} differs");
    let settings: Value = serde_json::from_str(made["settings"].as_str().unwrap()).unwrap();
    let written = studio.json(&format!("{name}.settings.json"));
    assert_eq!(settings["settings"], written["settings"]);
    assert_eq!(settings["numbers"], written["numbers"]);
}

#[test]
fn only_its_own_page_with_the_token_is_answered() {
    let studio = Studio::new();
    let server = serve(&studio, &[]);
    let Server { port, token, .. } = &server;
    let ours = format!("127.0.0.1:{port}");
    let hello = |host: &str, more: &str| {
        let host = if host.is_empty() { String::new() } else { format!("Host: {host}\r\n") };
        let text = format!("GET /api/hello HTTP/1.1\r\n{host}{more}Connection: close\r\n\r\n");
        read(server.raw(text.as_bytes())).status
    };
    let with = |token: &str| format!("Authorization: Bearer {token}\r\n");
    assert_eq!(hello(&ours, &with(token)), 200);
    assert_eq!(hello(&format!("localhost:{port}"), &with(token)), 200);
    for host in
        ["", "evil.example", "127.0.0.1", "127.0.0.1:1", &format!("127.0.0.1.evil.example:{port}")]
    {
        assert_ne!(hello(host, &with(token)), 200, "{host}");
    }
    assert_eq!(hello(&format!("evil.example:{port}"), &with(token)), 421);
    for wrong in ["", &token[1..], &format!("{token}x"), &token.to_lowercase()] {
        assert_eq!(hello(&ours, &with(wrong)), 403, "{wrong}");
    }
    assert_eq!(hello(&ours, ""), 403);
    let two = with(token) + &with("another");
    assert_eq!(hello(&ours, &two), 400);
    for (header, status) in [
        ("Origin: http://evil.example".to_owned(), 403),
        ("Origin: null".to_owned(), 403),
        (format!("Origin: https://{ours}"), 403),
        (format!("Origin: http://{ours}"), 200),
        ("Sec-Fetch-Site: cross-site".to_owned(), 403),
        ("Sec-Fetch-Site: same-site".to_owned(), 403),
        ("Sec-Fetch-Site: same-origin".to_owned(), 200),
    ] {
        assert_eq!(hello(&ours, &format!("{header}\r\n{}", with(token))), status, "{header}");
    }
    let head = server.head("GET", "http://evil.example/api/hello") + "\r\n";
    assert_eq!(read(server.raw(head.as_bytes())).status, 421);
    assert_eq!(server.request("POST", "/", b"").status, 405);
    assert_eq!(server.request("PUT", "/api/desks", b"").status, 405);
    for path in ["/api/nothing", "/api/", "/nothing", "/../Cargo.toml", "/%2e%2e/Cargo.toml"] {
        assert_eq!(server.get(path).status, 404, "{path}");
    }
}

#[test]
fn the_page_is_given_to_everybody_and_runs_nothing_but_its_own() {
    let server = serve(&Studio::new(), &[]);
    let text =
        format!("GET / HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n", server.port);
    let page = read(server.raw(text.as_bytes())).is(200);
    assert!(page.headers["content-security-policy"].starts_with("default-src 'none'"));
    assert!(page.headers["content-security-policy"].ends_with("frame-ancestors 'none'"));
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
    assert_eq!(page.headers["x-content-type-options"], "nosniff");
    let text = String::from_utf8(page.body).unwrap();
    assert!(!text.contains(&server.token));
    for name in ["page.js", "native.js", "style.css", "host.js"] {
        server.get(&format!("/{name}")).is(200);
    }
    assert_eq!(server.get("/host.js").body, b"export const served = true;\n");
}

#[test]
fn what_is_wrong_is_said_in_a_line() {
    let studio = with_songs();
    let server = serve(&studio, &["songs", "--limit", "1"]);
    let desk = server.desk();
    let refused = |method: &str, path: &str, body: &[u8], status| {
        server.request(method, &format!("{desk}/{path}"), body).is(status).error()
    };
    let large = vec![0; 1_000_001];
    assert!(refused("POST", "uploads/large.wav", &large, 413).contains("1.0 MB"));
    // One that does not say how long it is.
    let chunk = format!("{:x}\r\n", large.len());
    let head = server.head("POST", &format!("{desk}/uploads/large.wav"));
    let mut stream = server.raw(format!("{head}Transfer-Encoding: chunked\r\n\r\n").as_bytes());
    let _ = stream.write_all(&[chunk.as_bytes(), &large, b"\r\n0\r\n\r\n"].concat());
    assert_eq!(read(stream).status, 413);
    assert_eq!(temporary(&studio), [""; 0]);

    refused("POST", "ask", b"{", 422);
    assert!(refused("POST", "ask", b"{\"what\": \"sing\"}", 422).contains("sing"));
    assert!(
        refused("POST", "ask", b"{\"what\": \"open\", \"columns\": 1, \"length\": 1}", 422)
            .contains("opened by")
    );
    server.request("POST", &format!("{desk}/ask"), &vec![b' '; 2 << 20]).is(413);
    refused("GET", "sounds/1", b"", 404);
    refused("GET", "masters/1", b"", 404);
    refused("POST", "masters/1/keep", b"", 404);
    server.request("POST", "/api/desks/unknown/ask", b"{}").is(410).error();

    let asked = |question: Value| server.ask(&desk, &question).unwrap_err();
    assert_eq!(asked(json!({"what": "curve"})), "nothing was decided for this song yet");
    fs::write(studio.path("noise.wav"), "this is no sound at all".repeat(99)).unwrap();
    let upload = server.upload(&desk, &studio.path("noise.wav"));
    let said = asked(json!({"what": "open", "upload": upload, "columns": 1, "length": 1}));
    assert!(said.starts_with("noise.wav: ") && !said.contains("tmp"), "{said}");
    server.open(&desk, "mix.wav").unwrap();
    for wishes in [
        json!({"target": studio.path("t.json")}),
        json!({"reference": [{"record": studio.path("secret.wav")}]}),
    ] {
        assert!(asked(suggest(wishes)).starts_with("there is no "));
    }
}

#[test]
fn nothing_is_reached_that_was_not_offered() {
    let studio = with_songs();
    let server = serve(&studio, &["songs"]);
    let files = server.get("/api/files").is(200).json();
    let names: Vec<&str> = files["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["mix.wav", "one/other.wav"]);
    let desk = server.desk();
    let secret = studio.path("secret.wav").display().to_string();
    for name in ["../secret.wav", "one/../../secret.wav", secret.as_str(), "", "gone.wav"] {
        let question = json!({"what": "open", "file": name, "columns": 1, "length": 1});
        let question = question.to_string();
        let reply = server.request("POST", &format!("{desk}/ask"), question.as_bytes()).is(404);
        assert!(reply.error().ends_with("is not in the folder"));
    }
    // An upload cannot choose where it lies.
    let bytes = fs::read(studio.path("secret.wav")).unwrap();
    for name in ["..%2F..%2F..%2Fevil.wav", "%2Ftmp%2Fevil.wav", "..%5Cevil.wav", "..", "%2e%2e"] {
        server.request("POST", &format!("{desk}/uploads/{name}"), &bytes);
    }
    assert!(temporary(&studio).iter().all(|name| name == "evil.wav" || name == "song"));
    assert_eq!(studio.names(), ["secret.wav", "songs", "tmp"]);
    assert_eq!(names_in(&studio.path("tmp")).len(), 1);
}

fn keep(server: &Server, desk: &str) -> crate::http::Reply {
    let made = server.ask(desk, &json!({"what": "master"})).unwrap();
    server.request("POST", &format!("{desk}/masters/{}/keep", made["number"]), b"")
}

#[test]
fn masters_are_written_beside_what_is_there_and_never_over_it() {
    let studio = with_songs();
    let server = serve(&studio, &["songs"]);
    let desk = server.desk();
    server.open(&desk, "one/other.wav").unwrap();
    server.ask(&desk, &suggest(json!({"limiter": "fast"}))).unwrap();
    for name in ["mastered/one/other.streaming.wav", "mastered/one/other.streaming-2.wav"] {
        assert_eq!(keep(&server, &desk).is(200).json()["name"], name);
    }
    let masters = studio.path("songs/mastered/one");
    let settings = studio.json("songs/mastered/one/other.streaming-2.wav.settings.json");
    assert_eq!(settings["numbers"]["after"]["file"], "other.streaming-2.wav");
    assert_eq!(names_in(&masters).len(), 4);
    studio.run(&["master", "songs/one/other.wav", "-o", "other.wav", "--limiter", "fast"]).exit(0);
    for name in ["other.streaming.wav", "other.streaming-2.wav"] {
        let name = format!("songs/mastered/one/{name}");
        assert!(studio.read(&name) == studio.read("other.wav"), "{name} differs");
    }
    // Masters are no songs.
    assert_eq!(server.get("/api/files").json()["files"].as_array().unwrap().len(), 2);
    let (code, said) = server.ended_by("-INT");
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("Wrote") && said.contains("mastered/one/other.streaming-2.wav"),
        "{said}"
    );
}

#[cfg(unix)]
#[test]
fn a_folder_that_leads_elsewhere_or_is_not_to_be_written_stays_as_it_is() {
    let studio = with_songs();
    fs::create_dir(studio.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink(studio.path("elsewhere"), studio.path("songs/mastered")).unwrap();
    for (arguments, why) in [(&["songs"][..], "leads out"), (&["songs", "-n"], "no folder")] {
        let server = serve(&studio, arguments);
        let desk = server.desk();
        server.open(&desk, "mix.wav").unwrap();
        server.ask(&desk, &suggest(json!({"limiter": "fast"}))).unwrap();
        let reply = keep(&server, &desk);
        assert!(reply.status >= 400 && reply.error().contains(why), "{}", reply.error());
    }
    assert_eq!(names_in(&studio.path("elsewhere")), [""; 0]);
    assert_eq!(names_in(&studio.path("songs")), ["mastered", "mix.wav", "one"]);
}

#[test]
fn a_server_that_cannot_begin_says_why() {
    let studio = Studio::new();
    let server = serve(&studio, &[]);
    let port = server.port.to_string();
    studio.run(&["serve", "--port", &port]).exit(1).one_line(&format!("port {port}"));
    studio.run(&["serve", "gone"]).exit(1).one_line("gone");
    fs::write(studio.path("file"), "").unwrap();
    studio.run(&["serve", "file"]).exit(1).one_line("file");
    studio.run(&["serve", "--limit", "0"]).exit(2).one_line("--limit");
}

#[cfg(unix)]
#[test]
fn a_server_is_ended_by_ctrl_c_in_the_middle_of_work_and_leaves_nothing() {
    let studio = Studio::new();
    write_long_mix(&studio.path("long.wav"));
    for signal in ["-INT", "-TERM"] {
        let server = serve(&studio, &[]);
        let desk = server.desk();
        let upload = server.upload(&desk, &studio.path("long.wav"));
        let question = json!({"what": "open", "upload": upload, "columns": 1, "length": 1});
        server.ask(&desk, &question).unwrap();
        let wishes = suggest(json!({"thorough": true})).to_string();
        let head = server.head("POST", &format!("{desk}/ask"));
        let work = server
            .raw(format!("{head}Content-Length: {}\r\n\r\n{wishes}", wishes.len()).as_bytes());
        let (code, said) = server.ended_by(signal);
        drop(work);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("Ended"), "{said}");
        assert_eq!(names_in(&studio.path("tmp")), [""; 0]);
    }
}

#[test]
fn the_address_is_json_where_that_is_asked_for() {
    let studio = Studio::new();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_acetate"))
        .args(["serve", "--json"])
        .current_dir(studio.path("."))
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let documents = serde_json::Deserializer::from_reader(child.stdout.take().unwrap());
    let document: Value = documents.into_iter().next().unwrap().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(document["command"], "serve");
    assert!(document["address"].as_str().unwrap().contains("/#token="));
}

#[test]
fn what_is_built_in_is_the_page_that_lies_in_the_repository() {
    let server = serve(&Studio::new(), &[]);
    for entry in fs::read_dir(root().join("web/page")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let differs = ["host.js", "sw.js"].contains(&name);
        let reply = server.get(&format!("/{name}"));
        assert_eq!(reply.body == fs::read(Path::new(&path)).unwrap(), !differs, "{name}");
    }
}
