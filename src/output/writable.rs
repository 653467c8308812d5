//! Whether a folder takes files: known before any work is done for them.

use std::io::{Error as IoError, ErrorKind};
use std::path::Path;

use acetate_files::temporary_in;

use crate::Error;
use crate::output::naming::folder_of;

/// Expects that files can be written into a folder, which need not be there yet: the first of its folders that is there takes one. A file
/// is made there under a temporary name, and removed at once.
///
/// # Errors
/// When it takes none, or is no folder.
pub fn expect_writable(folder: &Path) -> Result<(), Error> {
    let there = folder.ancestors().find(|folder| folder.as_os_str().is_empty() || folder.exists());
    let there = there.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let cannot = |reason| match there.is_dir() && folder.exists() {
        true => Error::Write { path: folder.to_owned(), reason },
        false => Error::Folder { path: folder.to_owned(), reason },
    };
    if !there.is_dir() {
        let reason = format!("{} is a file", there.display());
        return Err(cannot(IoError::new(ErrorKind::NotADirectory, reason)));
    }
    temporary_in(there).map(drop).map_err(cannot)
}

/// The same of the folder that a file is to be written into.
///
/// # Errors
/// When it takes none.
pub(crate) fn expect_writable_beside(file: &Path) -> Result<(), Error> {
    expect_writable(folder_of(file))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_folder_that_is_not_there_can_be_made_where_one_is_and_nothing_stays() {
        let folder = tempfile::tempdir().unwrap();
        expect_writable(folder.path()).unwrap();
        expect_writable(&folder.path().join("one/two")).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        expect_writable(Path::new("")).unwrap();
        fs::write(folder.path().join("file"), "text").unwrap();
        for inside in ["file", "file/inside"] {
            let error = expect_writable(&folder.path().join(inside)).unwrap_err().to_string();
            assert!(error.contains("file is a file"), "{error}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_that_takes_no_files_is_told() {
        // Nobody makes files there, not even whoever may do everything.
        let error = expect_writable(Path::new("/proc/self")).unwrap_err();
        assert!(matches!(error, Error::Write { .. }), "{error}");
        let error = expect_writable(Path::new("/proc/self/masters")).unwrap_err();
        assert!(matches!(error, Error::Folder { .. }), "{error}");
    }
}
