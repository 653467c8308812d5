//! Uploads: straight to disk, each in a temporary folder of its own, removed as soon as nobody reads it any more.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use futures_util::StreamExt;
use tempfile::TempDir;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::refusal::Refusal;
use crate::Error;
use crate::audio::numbers::number;
use crate::output::{plain_file_name, temporary_folder};

/// Uploads at once; more wait.
const AT_ONCE: usize = 8;
/// What is written at once, in bytes.
const PIECE_BYTES: usize = 1 << 20;
/// An upload of which nothing comes for so long is over.
const SILENCE: Duration = Duration::from_secs(60);

/// Where uploads go, and how large they may be.
#[derive(Debug)]
pub(super) struct Uploads {
    folder: TempDir,
    pub(super) limit_bytes: u64,
    room: Semaphore,
}

/// A file that was uploaded.
#[derive(Debug)]
pub(super) struct Uploaded {
    pub(super) name: String,
    folder: TempDir,
}

impl Uploaded {
    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join(&self.name)
    }
}

impl Uploads {
    pub(super) fn new(limit_bytes: u64) -> Result<Self, Error> {
        Ok(Self { folder: temporary_folder()?, limit_bytes, room: Semaphore::new(AT_ONCE) })
    }

    /// A folder for something, in the one that goes with the server.
    pub(super) fn room(&self) -> Result<TempDir, Error> {
        tempfile::Builder::new().tempdir_in(self.folder.path()).map_err(Error::Temporary)
    }

    /// Removes all of them, whoever still reads them.
    pub(super) fn clear(&self) {
        let _ = std::fs::remove_dir_all(self.folder.path());
    }

    /// Takes what is sent, under a name that any folder takes. `announced` is how long the sender says it is.
    pub(super) async fn receive(
        &self,
        name: &str,
        announced: Option<u64>,
        body: Body,
    ) -> Result<Uploaded, Refusal> {
        if announced.is_some_and(|bytes| bytes > self.limit_bytes) {
            return Err(self.too_large());
        }
        let _room = self.room.acquire().await.map_err(|error| Refusal::busy(error.to_string()))?;
        let upload = Uploaded { name: plain_file_name(name), folder: self.room()? };
        let mut file = File::create_new(upload.path()).map_err(unkept)?;
        let (mut pieces, mut waiting, mut bytes) = (body.into_data_stream(), Vec::new(), 0);
        while let Some(piece) = timeout(SILENCE, pieces.next()).await.map_err(|_| broken_off())? {
            let piece: Bytes = piece.map_err(|_| broken_off())?;
            bytes += piece.len() as u64;
            if bytes > self.limit_bytes {
                return Err(self.too_large());
            }
            waiting.extend_from_slice(&piece);
            if waiting.len() >= PIECE_BYTES {
                file = written(file, std::mem::take(&mut waiting)).await?;
            }
        }
        written(file, waiting).await?;
        Ok(upload)
    }

    fn too_large(&self) -> Refusal {
        let limit = number(Some(self.limit_bytes as f64 / 1e6), 1);
        let text = format!("the file is larger than {limit} MB, which is the limit of this server");
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, text)
    }
}

/// Writes where waiting for a disk holds nobody else up.
async fn written(mut file: File, bytes: Vec<u8>) -> Result<File, Refusal> {
    let write = move || file.write_all(&bytes).map(|()| file);
    spawn_blocking(write).await.map_err(|error| Refusal::failed(error.to_string()))?.map_err(unkept)
}

fn unkept(error: io::Error) -> Refusal {
    Refusal::new(StatusCode::INSUFFICIENT_STORAGE, format!("the upload cannot be kept: {error}"))
}

fn broken_off() -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "the upload broke off")
}
