//! How does the world survive a restart, kill -9 included? One line for each act: the call, if it was one, and what
//! it changed. The line is written before the answer is sent. A last line that broke off is dropped at the next
//! start: its call was never answered, so nobody relies on it. The loss of power is no case here: nothing is flushed
//! to the disk itself.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::{journal::Entry, world::Change};

/// One act.
#[derive(Debug, Serialize, Deserialize)]
pub struct Line {
    /// The call, unless the act came from the simulator's own page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<Entry>,
    /// What it changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<Change>,
    /// Number of the next call; written by a reset so that numbers go on.
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
    /// Opens the log of a folder and hands every whole line to `each`, oldest first.
    pub fn open(folder: &Path, mut each: impl FnMut(Line) -> anyhow::Result<()>) -> anyhow::Result<Self> {
        // It holds tokens and codes of the stand-in's world: for nobody else on the machine.
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

    /// Adds an act.
    pub fn add(&mut self, line: &Line) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        // One write, so that another end of this process cannot fall between the halves of a line.
        self.file.write_all(&bytes)
    }

    /// Begins a new log with one line; the old one stays until the new one is complete.
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
    // One that a former version made is open to all.
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    Ok(file)
}
