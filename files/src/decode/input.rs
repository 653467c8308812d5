//! Where bytes come from, and what is refused before the first of them is read.

use std::fs::{File, Metadata};
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use symphonia::core::io::MediaSource;

use super::SoundTracks;
use crate::{DecodeError, Held, SoundFile};

/// A seekable source of bytes of known length.
pub(crate) struct Input {
    bytes: Bytes,
    /// Where in the file byte 0 is.
    base: u64,
    position: u64,
    len: u64,
    extension: Option<String>,
    /// Places in the file where the four bytes of a box's kind read as free space.
    hidden: Vec<u64>,
}

enum Bytes {
    File { reader: BufReader<File>, path: PathBuf },
    Memory(Cursor<Held>),
}

impl Bytes {
    /// A file, and its length.
    fn open(path: &Path) -> Result<(Self, u64), DecodeError> {
        let file = File::open(path).map_err(refusal)?;
        let len = file.metadata().map_err(DecodeError::Io)?.len();
        let reader = BufReader::with_capacity(1 << 16, file);
        Ok((Self::File { reader, path: path.to_owned() }, len))
    }
}

impl Input {
    /// Opens a file that is not empty.
    pub(crate) fn of(file: &SoundFile) -> Result<Self, DecodeError> {
        match file {
            SoundFile::OnDisk(path) => Self::open(path),
            SoundFile::Track(path, track) => {
                let mut input = Self::open(path)?;
                let tracks = SoundTracks::in_input(&mut input)?;
                if *track >= tracks.count() {
                    return Err(DecodeError::NotAudio);
                }
                Ok(Self { hidden: tracks.others(*track), ..input })
            }
            SoundFile::InMemory(bytes) => Self::from_bytes(bytes.clone()),
        }
    }

    fn open(path: &Path) -> Result<Self, DecodeError> {
        // Asked before opening: opening a pipe without a writer would block for ever.
        let metadata = std::fs::metadata(path).map_err(refusal)?;
        if let Some(kind) = odd_kind(&metadata) {
            return Err(DecodeError::NotAFile { kind });
        }
        if metadata.is_dir() {
            return Err(DecodeError::IsFolder);
        }
        let (bytes, len) = Bytes::open(path)?;
        let extension = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
        Self { bytes, base: 0, position: 0, len, extension, hidden: Vec::new() }.not_empty()
    }

    fn from_bytes(bytes: Held) -> Result<Self, DecodeError> {
        let len = bytes.as_ref().len() as u64;
        let bytes = Bytes::Memory(Cursor::new(bytes));
        Self { bytes, base: 0, position: 0, len, extension: None, hidden: Vec::new() }.not_empty()
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

    /// Undoes [`Input::shorten`] for a file that was `len` bytes long.
    pub(crate) fn lengthen_to(&mut self, len: u64) {
        self.len = len;
    }

    /// The same file once more, from byte `from` to byte `to` of what is seen of it here, as if that were all.
    pub(crate) fn window(&self, from: u64, to: u64) -> Result<Self, DecodeError> {
        let bytes = match &self.bytes {
            Bytes::File { path, .. } => Bytes::open(path)?.0,
            Bytes::Memory(bytes) => Bytes::Memory(Cursor::new(bytes.get_ref().clone())),
        };
        let to = to.min(self.len);
        let len = to.saturating_sub(from);
        let base = self.base + from;
        let (extension, hidden) = (self.extension.clone(), self.hidden.clone());
        let mut window = Self { bytes, base, position: 0, len, extension, hidden };
        // The position before is that of the whole file.
        window.go_to(base as i64, 0).map_err(DecodeError::Io)?;
        Ok(window)
    }

    /// Moves by some bytes, and is at `position` then.
    fn go_to(&mut self, by: i64, position: u64) -> io::Result<()> {
        match &mut self.bytes {
            // Keeps what is buffered where it can, unlike an absolute seek.
            Bytes::File { reader, .. } => reader.seek_relative(by)?,
            Bytes::Memory(bytes) => bytes.set_position(self.base + position),
        }
        self.position = position;
        Ok(())
    }

    /// Goes to a byte, beyond the end as well.
    pub(crate) fn seek_to(&mut self, position: u64) -> Result<(), DecodeError> {
        self.seek(SeekFrom::Start(position)).map_err(DecodeError::Io)?;
        Ok(())
    }

    /// Hides ID3v2 tags at the beginning, which some programs put before any container.
    pub(crate) fn skip_id3(&mut self) -> Result<(), DecodeError> {
        loop {
            let mut head = [0; 10];
            self.seek_to(0)?;
            let count = self.read_up_to(&mut head)?;
            if count < head.len() || !head.starts_with(b"ID3") {
                return Ok(());
            }
            // Four times seven bits; ID3 2.4.0, 3.1.
            let size = head[6..].iter().fold(0, |size, &byte| size << 7 | u64::from(byte & 0x7F));
            let bytes = (10 + size).min(self.len);
            self.seek_to(bytes)?;
            self.base += bytes;
            self.len -= bytes;
            self.position = 0;
        }
    }

    /// The first bytes, zeros where there are none.
    pub(crate) fn beginning(&mut self) -> Result<[u8; 16], DecodeError> {
        let mut beginning = [0; 16];
        self.seek_to(0)?;
        self.read_up_to(&mut beginning)?;
        Ok(beginning)
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
            Bytes::File { reader, .. } => reader.read(buffer)?,
            Bytes::Memory(bytes) => bytes.read(buffer)?,
        };
        hide(&self.hidden, self.base + self.position, &mut buffer[..count]);
        self.position += count as u64;
        Ok(count)
    }
}

/// What a box is called that nobody reads (ISO/IEC 14496-12, 8.1.2).
const FREE: [u8; 4] = *b"free";

/// Writes over what of `bytes`, which begin at `from` in their file, is hidden.
fn hide(hidden: &[u64], from: u64, bytes: &mut [u8]) {
    for &place in hidden {
        for (index, byte) in FREE.into_iter().enumerate() {
            let at =
                (place + index as u64).checked_sub(from).and_then(|at| usize::try_from(at).ok());
            if let Some(seen) = at.and_then(|at| bytes.get_mut(at)) {
                *seen = byte;
            }
        }
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
        let fits = |&p: &u64| self.base.checked_add(p).is_some_and(|p| i64::try_from(p).is_ok());
        let position = position.filter(fits).ok_or_else(outside)?;
        self.go_to(position as i64 - self.position as i64, position)?;
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
