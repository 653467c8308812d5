//! `acetate serve` as a program of its own, and the plainest client there is.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::program::{Studio, names_in};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// A server in a studio, which ends with this.
pub struct Server {
    child: Child,
    pub port: u16,
    pub token: String,
}

/// What came back.
pub struct Reply {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

/// Starts the program in the studio, with a temporary folder of its own, `tmp`.
pub fn serve(studio: &Studio, arguments: &[&str]) -> Server {
    std::fs::create_dir_all(studio.path("tmp")).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_acetate"))
        .arg("serve")
        .args(arguments)
        .current_dir(studio.path("."))
        .env("TMPDIR", studio.path("tmp"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let (address, token) = line.trim().split_once("/#token=").expect("an address with a token");
    let port = address.strip_prefix("http://127.0.0.1:").unwrap().parse().unwrap();
    Server { child, port, token: token.to_owned() }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Sends a signal; gives the exit code and what was said.
    pub fn ended_by(mut self, signal: &str) -> (Option<i32>, String) {
        let sent = Command::new("kill").args([signal, &self.id()]).status().unwrap();
        assert!(sent.success());
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap().code(), said)
    }

    pub fn id(&self) -> String {
        self.child.id().to_string()
    }

    /// Sends these very bytes on a connection of their own; gives it.
    pub fn raw(&self, bytes: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(bytes).unwrap();
        stream
    }

    /// The beginning of a request of the page, without the empty line that ends it.
    pub fn head(&self, method: &str, path: &str) -> String {
        let Self { port, token, .. } = self;
        format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\nSec-Fetch-Site: same-origin\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n"
        )
    }

    /// A request as the page sends it.
    pub fn request(&self, method: &str, path: &str, body: &[u8]) -> Reply {
        let head = self.head(method, path);
        let length = format!("Content-Length: {}\r\n\r\n", body.len());
        read(self.raw(&[head.as_bytes(), length.as_bytes(), body].concat()))
    }

    pub fn get(&self, path: &str) -> Reply {
        self.request("GET", path, b"")
    }

    /// A new desk; the beginning of its paths.
    pub fn desk(&self) -> String {
        let reply = self.request("POST", "/api/desks", b"").is(201);
        format!("/api/desks/{}", reply.json()["desk"].as_str().unwrap())
    }

    /// Uploads a file under its own name; gives the number.
    pub fn upload(&self, desk: &str, path: &Path) -> Value {
        let name = path.file_name().unwrap().to_str().unwrap();
        let bytes = std::fs::read(path).unwrap();
        let reply = self.request("POST", &format!("{desk}/uploads/{name}"), &bytes).is(200);
        reply.json()["upload"].clone()
    }

    /// Asks, and waits for the answer.
    pub fn ask(&self, desk: &str, question: &Value) -> Result<Value, String> {
        let path = format!("{desk}/ask");
        let reply = self.request("POST", &path, question.to_string().as_bytes()).is(200);
        let (event, data) = reply.events().pop().expect("an answer");
        match event.as_str() {
            "result" => Ok(data),
            "error" => Err(data["error"].as_str().unwrap().to_owned()),
            other => panic!("{other}: {data}"),
        }
    }

    /// Opens a song of the folder.
    pub fn open(&self, desk: &str, file: &str) -> Result<Value, String> {
        let question = json!({"what": "open", "file": file, "columns": 10, "length": 3});
        self.ask(desk, &question)
    }
}

impl Reply {
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The line that says what is wrong.
    #[track_caller]
    pub fn error(&self) -> String {
        let error = self.json()["error"].as_str().unwrap().to_owned();
        assert!(!error.is_empty() && !error.contains('\n'), "{error:?}");
        error
    }

    /// The events of an answer, with their data.
    pub fn events(&self) -> Vec<(String, Value)> {
        assert_eq!(self.headers["content-type"], "text/event-stream");
        let text = String::from_utf8(self.body.clone()).unwrap();
        let event = |event: &str| {
            let of = |field: &str| -> String {
                event.lines().filter_map(|line| line.strip_prefix(field)).collect()
            };
            (of("event: "), serde_json::from_str(&of("data: ")).unwrap())
        };
        text.split("\n\n").filter(|event| !event.is_empty()).map(event).collect()
    }
}

/// Reads an answer to its end.
pub fn read(mut stream: TcpStream) -> Reply {
    let mut bytes = Vec::new();
    // What was sent too much ends a connection with a reset, behind the answer.
    let _ = stream.read_to_end(&mut bytes);
    let _ = stream.shutdown(Shutdown::Both);
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let header = |line: &str| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.to_lowercase(), value.to_owned())
    };
    let headers: BTreeMap<String, String> = lines.map(header).collect();
    let body = bytes[end + 4..].to_vec();
    let is_chunked = headers.get("transfer-encoding").is_some_and(|value| value == "chunked");
    Reply { status, headers, body: if is_chunked { joined(&body) } else { body } }
}

/// The pieces of a body that came in some.
fn joined(mut body: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    while let Some(end) = body.windows(2).position(|two| two == b"\r\n") {
        let length = std::str::from_utf8(&body[..end]).unwrap();
        let length = usize::from_str_radix(length, 16).unwrap();
        all.extend_from_slice(&body[end + 2..end + 2 + length]);
        body = &body[end + 4 + length..];
    }
    all
}

/// Every file below the temporary folder of the studio.
pub fn temporary(studio: &Studio) -> Vec<String> {
    fn below(folder: &Path, found: &mut Vec<String>) {
        for name in names_in(folder) {
            let path = folder.join(&name);
            if path.is_dir() { below(&path, found) } else { found.push(name) }
        }
    }
    let mut found = Vec::new();
    below(&studio.path("tmp"), &mut found);
    found
}
