//! Where bytes come from, and what is refused before the first of them is read.

use std::fs::{File, Metadata};
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use symphonia::core::io::MediaSource;

use crate::DecodeError;

/// A seekable source of bytes of known length.
pub(crate) struct Input {
    bytes: Bytes,
    position: u64,
    len: u64,
    extension: Option<String>,
}

enum Bytes {
    File(BufReader<File>),
    Memory(Cursor<Vec<u8>>),
}

impl Input {
    /// Opens a plain file that is not empty.
    pub(crate) fn open(path: &Path) -> Result<Self, DecodeError> {
        // Asked before opening: opening a pipe without a writer would block for ever.
        let metadata = std::fs::metadata(path).map_err(refusal)?;
        if let Some(kind) = odd_kind(&metadata) {
            return Err(DecodeError::NotAFile { kind });
        }
        if metadata.is_dir() {
            return Err(DecodeError::IsFolder);
        }
        let file = File::open(path).map_err(refusal)?;
        let len = file.metadata().map_err(DecodeError::Io)?.len();
        let extension = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
        let bytes = Bytes::File(BufReader::with_capacity(1 << 16, file));
        Self { bytes, position: 0, len, extension }.not_empty()
    }

    pub(crate) fn from_bytes(bytes: Vec<u8>) -> Result<Self, DecodeError> {
        let len = bytes.len() as u64;
        Self { bytes: Bytes::Memory(Cursor::new(bytes)), position: 0, len, extension: None }
            .not_empty()
    }

    fn not_empty(self) -> Result<Self, DecodeError> {
        if self.len == 0 { Err(DecodeError::Empty) } else { Ok(self) }
    }

    /// Length in bytes when it was opened.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// The file name's ending, in lower case.
    pub(crate) fn extension(&self) -> Option<&str> {
        self.extension.as_deref()
    }

    /// Hides the last bytes of the file.
    pub(crate) fn shorten(&mut self, bytes: u64) {
        self.len = self.len.saturating_sub(bytes);
    }

    /// Goes to a byte, beyond the end as well.
    pub(crate) fn seek_to(&mut self, position: u64) -> Result<(), DecodeError> {
        self.seek(SeekFrom::Start(position)).map_err(DecodeError::Io)?;
        Ok(())
    }

    /// Length of an ID3v2 tag at the beginning, which some programs put before any container; 0 when there is none.
    pub(crate) fn id3_bytes(&mut self) -> Result<u64, DecodeError> {
        let mut head = [0; 10];
        self.seek_to(0)?;
        let count = self.read_up_to(&mut head)?;
        if count < head.len() || !head.starts_with(b"ID3") {
            return Ok(0);
        }
        // Four times seven bits; ID3 2.4.0, 3.1.
        let size = head[6..].iter().fold(0, |size, &byte| size << 7 | u64::from(byte & 0x7F));
        Ok(10 + size)
    }

    /// Fills as much of `buffer` as there are bytes; gives how many.
    pub(crate) fn read_up_to(&mut self, buffer: &mut [u8]) -> Result<usize, DecodeError> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(DecodeError::Io(error)),
            }
        }
        Ok(filled)
    }
}

fn refusal(error: io::Error) -> DecodeError {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => DecodeError::NotFound,
        _ => DecodeError::Unreadable(error),
    }
}

#[cfg(unix)]
fn odd_kind(metadata: &Metadata) -> Option<&'static str> {
    use std::os::unix::fs::FileTypeExt;
    let kind = metadata.file_type();
    if kind.is_fifo() {
        Some("pipe")
    } else if kind.is_socket() {
        Some("socket")
    } else if kind.is_char_device() || kind.is_block_device() {
        Some("device")
    } else {
        None
    }
}

#[cfg(not(unix))]
fn odd_kind(metadata: &Metadata) -> Option<&'static str> {
    (!metadata.is_file() && !metadata.is_dir()).then_some("device")
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.len.saturating_sub(self.position)).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        let buffer = &mut buffer[..wanted];
        let count = match &mut self.bytes {
            Bytes::File(file) => file.read(buffer)?,
            Bytes::Memory(bytes) => bytes.read(buffer)?,
        };
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Input {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.len.checked_add_signed(by),
        };
        let outside = || io::Error::new(io::ErrorKind::InvalidInput, "seek before the beginning");
        let position = position.filter(|&p| i64::try_from(p).is_ok()).ok_or_else(outside)?;
        match &mut self.bytes {
            // Keeps what is buffered where it can, unlike an absolute seek.
            Bytes::File(file) => file.seek_relative(position as i64 - self.position as i64)?,
            Bytes::Memory(bytes) => bytes.set_position(position),
        }
        self.position = position;
        Ok(position)
    }
}

impl MediaSource for Input {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.len)
    }
}
