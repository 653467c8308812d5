//! `acetate serve` under many at once, some of whom go away: right answers, and nothing is left of them.

#![cfg(target_os = "linux")]

use std::fs;
use std::io::Read;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::http::{Server, read, serve, temporary};
use crate::program::{Studio, write_long_mix};

const AT_ONCE: usize = 200;
const ABORTED: usize = 50;
/// Memory that the allocator may keep for itself, in kilobytes.
const SLACK_KB: u64 = 24_000;

/// What a process holds.
#[derive(Clone, Copy, Debug)]
struct Held {
    resident_kb: u64,
    threads: u64,
    files: usize,
}

fn held(server: &Server) -> Held {
    let status = fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    };
    let files = fs::read_dir(format!("/proc/{}/fd", server.id())).unwrap().count();
    Held { resident_kb: field("VmRSS:"), threads: field("Threads:"), files }
}

#[track_caller]
fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(120), "{what} did not happen");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Uploads that end in the middle.
fn break_uploads_off(server: &Server, desk: &str) {
    let head = server.head("POST", &format!("{desk}/uploads/half.wav"));
    let streams: Vec<_> = (0..ABORTED)
        .map(|index| {
            let length = "Content-Length: 9999999\r\n\r\n";
            // The first reach the disk; those that wait for a place are not read.
            let bytes = vec![7; if index < 8 { 3 << 20 } else { 1 << 16 }];
            server.raw(&[head.as_bytes(), length.as_bytes(), &bytes].concat())
        })
        .collect();
    drop(streams);
}

/// Many requests at once, each of which has one right answer.
fn ask_at_once(server: &Server, desks: &[String]) {
    std::thread::scope(|scope| {
        for index in 0..AT_ONCE {
            let desk = &desks[index / 4 % desks.len()];
            scope.spawn(move || match index % 4 {
                0 => assert_eq!(server.get("/api/hello").is(200).json()["formats"][0]["id"], "wav"),
                1 => assert_eq!(server.get("/api/files").is(200).json()["more"], 0),
                2 => assert!(server.get("/page.js").is(200).body.starts_with(b"// ")),
                _ => {
                    let question = json!({"what": "excerpt", "begin": 1, "length": 0.5});
                    let heard = server.ask(desk, &question).unwrap();
                    assert_eq!(heard["frames"], 22_050);
                }
            });
        }
    });
}

#[test]
fn many_requests_and_aborted_uploads_are_answered_rightly_and_leave_nothing() {
    let studio = Studio::new();
    studio.mix("songs/mix.wav");
    let server = serve(&studio, &["songs"]);
    let desks: Vec<String> = (0..4).map(|_| server.desk()).collect();
    for desk in &desks {
        server.open(desk, "mix.wav").unwrap();
    }
    let round = || {
        break_uploads_off(&server, &desks[0]);
        ask_at_once(&server, &desks);
        wait_until("the end of all uploads", || temporary(&studio).is_empty());
        wait_until("the end of all connections", || held(&server).files < 40);
    };
    // The first round fills pools and caches.
    round();
    wait_until("the end of idle threads", || held(&server).threads < 16);
    let before = held(&server);
    for _ in 0..3 {
        round();
    }
    wait_until("the end of idle threads", || held(&server).threads <= before.threads);
    let after = held(&server);
    println!("{before:?} before, {after:?} after");
    assert!(after.files <= before.files, "{before:?} {after:?}");
    assert!(after.resident_kb <= before.resident_kb + SLACK_KB, "{before:?} {after:?}");
}

#[test]
fn work_that_nobody_waits_for_is_stopped_and_the_next_is_done() {
    let studio = Studio::new();
    write_long_mix(&studio.path("songs.wav"));
    let server = serve(&studio, &[]);
    let desk = server.desk();
    let upload = server.upload(&desk, &studio.path("songs.wav"));
    let question = json!({"what": "open", "upload": upload, "columns": 1, "length": 1});
    server.ask(&desk, &question).unwrap();
    server.ask(&desk, &json!({"what": "suggest", "wishes": {"limiter": "fast"}})).unwrap();
    let question = json!({"what": "master"}).to_string();
    let head = server.head("POST", &format!("{desk}/ask"));
    let request = format!("{head}Content-Length: {}\r\n\r\n{question}", question.len());
    for _ in 0..3 {
        let mut stream = server.raw(request.as_bytes());
        let mut some = [0; 400];
        // Until it has begun: the head, and something of the work.
        let mut seen = String::new();
        while !seen.contains("rendering") {
            let length = stream.read(&mut some).unwrap();
            assert!(length > 0, "{seen}");
            seen.push_str(&String::from_utf8_lossy(&some[..length]));
        }
        drop(stream);
    }
    let made = server.ask(&desk, &json!({"what": "master"})).unwrap();
    assert!(made["verdict"]["done"].is_string());
    // The upload and the one master that was waited for.
    wait_until("the end of the others", || temporary(&studio).len() == 2);
}

#[test]
fn more_than_can_wait_are_told_so() {
    let studio = Studio::new();
    fs::create_dir(studio.path("songs")).unwrap();
    write_long_mix(&studio.path("songs/long.wav"));
    let server = serve(&studio, &["songs"]);
    let desk = server.desk();
    server.open(&desk, "long.wav").unwrap();
    let question = json!({"what": "suggest", "wishes": {"thorough": true}}).to_string();
    let head = server.head("POST", &format!("{desk}/ask"));
    let request = format!("{head}Content-Length: {}\r\n\r\n{question}", question.len());
    let waiting: Vec<_> = (0..260).map(|_| server.raw(request.as_bytes())).collect();
    let (mut refused, mut kept) = (0, Vec::new());
    for mut stream in waiting {
        let mut beginning = [0; 12];
        stream.read_exact(&mut beginning).unwrap();
        match &beginning {
            b"HTTP/1.1 503" => {
                let said: Value = serde_json::from_slice(&read_rest(stream)).unwrap();
                assert!(said["error"].as_str().unwrap().contains("wait already"));
                refused += 1;
            }
            b"HTTP/1.1 200" => kept.push(stream),
            other => panic!("{}", String::from_utf8_lossy(other)),
        }
    }
    assert!((1..10).contains(&refused), "{refused} were refused");
    drop(kept);
    wait_until("an end of what nobody waits for", || {
        let reply = server.request("POST", &format!("{desk}/ask"), b"{\"what\": \"curve\"}");
        reply.status == 200
    });
}

/// The body of an answer whose head has begun.
fn read_rest(mut stream: std::net::TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    bytes.split_off(end + 4)
}

#[test]
fn whoever_says_nothing_keeps_nobody_out() {
    let server = serve(&Studio::new(), &[]);
    let silent: Vec<_> = (0..100).map(|_| server.raw(b"GET / HTTP/1.1\r\n")).collect();
    server.get("/api/hello").is(200);
    drop(silent);
    let garbage = read(server.raw(b"\x16\x03\x01 this is no HTTP\r\n\r\n"));
    assert_eq!(garbage.status, 400);
}
