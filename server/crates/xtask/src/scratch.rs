//! Temporary folders for tests and checks, each with a Postgres that skips fsync. Folder and Postgres are removed
//! when the command ends.

use crate::Result;
use embedded::{Options, Postgres};
use std::fs;
use std::path::{Path, PathBuf};

/// A temporary folder. Dropping it removes the folder and the database files in it.
#[derive(Debug)]
pub struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    /// Creates a temporary folder.
    pub fn new(name: &str) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("slipway-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|e| format!("{} cannot be made: {e}", folder.display()))?;
        Ok(Self { folder })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Starts the folder's Postgres: fast, but not safe against a power failure.
    pub fn postgres(&self) -> Result<Postgres> {
        Ok(Postgres::join_or_start(&self.folder, Options { fsync_off: true, pg_bin: None })?)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // If a folder cannot be removed, nothing can be done here; the system clears its temporary folder.
        let _ = embedded::forget(&self.folder);
        let _ = fs::remove_dir_all(&self.folder);
    }
}
