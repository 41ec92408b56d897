//! Where does Postgres write what it says, and what keeps that small while it runs for years?

use crate::place::Place;
use crate::{Error, Result};
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Size in bytes after which the log is started anew.
const LIMIT: u64 = 16 << 20;

/// The path of the log.
pub(crate) fn path(place: &Place) -> PathBuf {
    place.root.join("log")
}

/// The length of the log in bytes.
pub(crate) fn length(place: &Place) -> u64 {
    fs::metadata(path(place)).map_or(0, |log| log.len())
}

/// Opens the log for a Postgres that starts. A long one is started anew.
pub(crate) fn open(place: &Place) -> Result<File> {
    shorten(place);
    let path = path(place);
    append(&path).map_err(|e| Error::at("opening", &path, e))
}

/// Empties the log if it is long, also while Postgres writes into it.
pub(crate) fn shorten(place: &Place) {
    if length(place) > LIMIT {
        // A log that cannot be emptied now is emptied later.
        let _ = OpenOptions::new().write(true).truncate(true).open(path(place));
    }
}

/// What was logged since the log had this length. If the log was started anew, all of it (at most 64 KiB).
pub(crate) fn last_words(place: &Place, from: u64) -> String {
    let read = || -> std::io::Result<String> {
        let mut log = File::open(path(place))?;
        if log.metadata()?.len() >= from {
            log.seek(SeekFrom::Start(from))?;
        }
        let mut text = Vec::new();
        log.take(64 << 10).read_to_end(&mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    };
    read().unwrap_or_default()
}

/// Every line goes behind the last one, wherever that is: a log that was emptied meanwhile gets no hole.
fn append(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_long_log_is_emptied_while_it_is_written_and_a_short_one_stays() {
        let root = std::env::temp_dir().join(format!("slipway-log-{}", std::process::id()));
        fs::create_dir_all(&root).unwrap();
        let place = Place { root: root.clone(), socket_folder: root.join("run"), user: None };
        let mut log = open(&place).unwrap();
        log.write_all(b"first\n").unwrap();
        shorten(&place);
        assert_eq!(last_words(&place, 0), "first\n");
        log.set_len(LIMIT + 1).unwrap();
        shorten(&place);
        assert_eq!(length(&place), 0);
        log.write_all(b"second\n").unwrap();
        assert_eq!(last_words(&place, 0), "second\n", "it is written from the beginning");
        log.set_len(LIMIT + 1).unwrap();
        drop(open(&place).unwrap());
        assert_eq!(length(&place), 0, "a start begins a long one anew, too");
        fs::remove_dir_all(&root).unwrap();
    }
}
