//! The log from which the world is rebuilt after a restart, including after kill -9.
//!
//! Each transaction is one line: the call, if there was one, and what changed. The line is written before the
//! answer is sent. An incomplete last line is dropped at the next start: its call was never answered, so nobody
//! relies on it. The log does not protect against a power failure because it is not flushed to disk.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::{journal::Entry, world::Change};

/// One transaction.
#[derive(Debug, Serialize, Deserialize)]
pub struct Line {
    /// The call. `None` if the transaction came from the simulator's own pages, a fault or the clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<Entry>,
    /// The changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<Change>,
    /// Number of the next call. A reset writes it so that the numbering continues.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// The open log.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    file: File,
}

impl Log {
    /// Opens the log in a folder and passes every complete line to `each`, oldest first.
    pub fn open(folder: &Path, mut each: impl FnMut(Line) -> anyhow::Result<()>) -> anyhow::Result<Self> {
        // The log describes the credentials of the simulated world, so no other user of the machine may read it.
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .with_context(|| format!("creating {}", folder.display()))?;
        let path = folder.join("log.ndjson");
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error).with_context(|| format!("reading {}", path.display())),
        };
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        for line in text[..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let line = serde_json::from_slice(line).with_context(|| {
                format!("{} was written by another version of the simulator; remove it to begin anew", path.display())
            })?;
            each(line)?;
        }
        let file = append(&path)?;
        if whole < text.len() {
            file.set_len(whole as u64)?;
        }
        Ok(Self { path, file })
    }

    /// Appends a transaction.
    pub fn add(&mut self, line: &Line) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        // A single write, so that the end of this process cannot split a line.
        self.file.write_all(&bytes)
    }

    /// Starts a new log with one line. The old log stays until the new one is complete.
    pub fn replace(&mut self, first: &Line) -> io::Result<()> {
        let fresh = self.path.with_extension("fresh");
        let _ = fs::remove_file(&fresh);
        let old = std::mem::replace(&mut self.file, append(&fresh)?);
        if let Err(error) = self.add(first).and_then(|()| fs::rename(&fresh, &self.path)) {
            self.file = old;
            return Err(error);
        }
        Ok(())
    }
}

fn append(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    // An older version created this file readable by everyone.
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    Ok(file)
}
