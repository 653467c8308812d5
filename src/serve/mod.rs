//! A page for this machine alone, and the engine behind it: what `web/page` does with WebAssembly, done by this library.
//!
//! A server listens on 127.0.0.1. Whoever knows the token that [`Server::address`] ends in may upload a song, ask of it what
//! [`Desk`](crate::Desk) answers, take the master, and have it written into one folder. Nobody else is answered, and no page but its own:
//! `guard` says how.

mod assets;
mod connections;
mod events;
mod files;
mod guard;
mod jobs;
mod keeping;
mod refusal;
mod routes;
mod token;
mod uploads;
mod visits;

use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::{DeskError, Error, Observer};
use files::Folder;
use jobs::Jobs;
use token::Token;
use uploads::Uploads;
use visits::Visits;

/// Largest upload where nothing is said, in bytes.
pub const LIMIT_BYTES: u64 = 4_000_000_000;
/// Threads that wait for disks and compute, at most.
const THREADS_MAX: usize = 24;
/// A thread that has nothing to do ends after this time.
const THREAD_IDLE: Duration = Duration::from_secs(2);
/// What still works when the server stops is given this long to notice.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is to be served.
#[derive(Clone, Debug)]
pub struct Serving {
    /// Songs are offered from this folder, and masters written into its `mastered`; `None` is neither.
    pub folder: Option<PathBuf>,
    /// Is nothing to be written into the folder?
    pub read_only: bool,
    /// The port; 0 is one that is free.
    pub port: u16,
    /// Largest upload, in bytes.
    pub limit_bytes: u64,
}

impl Default for Serving {
    fn default() -> Self {
        Self { folder: None, read_only: false, port: 0, limit_bytes: LIMIT_BYTES }
    }
}

/// A server that listens, and answers as soon as it runs.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    shared: Arc<Shared>,
    said: UnboundedReceiver<Said>,
}

/// Ends a server from anywhere.
#[derive(Clone, Debug)]
pub struct Stopper(UnboundedSender<Said>);

/// What the parts of a server tell the one that runs it.
#[derive(Debug)]
enum Said {
    Note(String),
    Stop,
}

/// What all requests share.
#[derive(Debug)]
struct Shared {
    token: Token,
    port: u16,
    folder: Option<Folder>,
    uploads: Uploads,
    visits: Visits,
    jobs: Jobs,
    notes: UnboundedSender<Said>,
}

impl Serving {
    /// Listens on 127.0.0.1.
    ///
    /// # Errors
    /// When the port is taken, the folder is none, or the system's temporary folder takes nothing.
    pub fn bind(self) -> Result<Server, Error> {
        let cannot = |reason| DeskError::Listen { port: self.port, reason };
        let folder = self.folder.map(|path| Folder::open(path, self.read_only)).transpose()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).map_err(cannot)?;
        listener.set_nonblocking(true).map_err(cannot)?;
        let port = listener.local_addr().map_err(cannot)?.port();
        let (notes, said) = unbounded_channel();
        let shared = Shared {
            token: Token::new()
                .map_err(|error| cannot(std::io::Error::other(error.to_string())))?,
            port,
            folder,
            uploads: Uploads::new(self.limit_bytes)?,
            visits: Visits::default(),
            jobs: Jobs::default(),
            notes,
        };
        Ok(Server { listener, shared: Arc::new(shared), said })
    }
}

impl Server {
    /// The address to open, with the token behind `#`, where no server and no other page sees it.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}/#token={}", self.shared.port, self.shared.token.text())
    }

    /// What ends it.
    pub fn stopper(&self) -> Stopper {
        Stopper(self.shared.notes.clone())
    }

    /// Answers until it is stopped; the observer is told the name of each master that was written into the folder. Afterwards no work goes on and no temporary file is left.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn run(self, observer: &mut dyn Observer) -> Result<(), Error> {
        let Self { listener, shared, mut said } = self;
        let cannot = |reason| DeskError::Listen { port: shared.port, reason };
        let mut builder = Builder::new_current_thread();
        let runtime = builder
            .enable_all()
            .max_blocking_threads(THREADS_MAX)
            .thread_keep_alive(THREAD_IDLE)
            .build()
            .map_err(cannot)?;
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).map_err(cannot)?;
            tokio::spawn(connections::accept(listener, Arc::clone(&shared)));
            while let Some(Said::Note(line)) = said.recv().await {
                observer.note(&line);
            }
            Ok::<(), Error>(())
        })?;
        shared.jobs.stop();
        runtime.shutdown_timeout(PATIENCE);
        shared.uploads.clear();
        Ok(())
    }
}

impl Stopper {
    /// Ends the server; one that ended already is left alone.
    pub fn stop(&self) {
        let _ = self.0.send(Said::Stop);
    }
}

impl Shared {
    fn note(&self, line: String) {
        // One that stopped needs no notes.
        let _ = self.notes.send(Said::Note(line));
    }
}
