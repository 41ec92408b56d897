//! Where do tests and checks keep what nobody needs afterwards? In a folder of the system's temporary one, with a
//! Postgres that skips fsync; both are gone when the command ends.

use crate::Result;
use embedded::{Options, Postgres};
use std::fs;
use std::path::{Path, PathBuf};

/// A folder that is removed when dropped, with the database files in it.
#[derive(Debug)]
pub struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    /// Makes one.
    pub fn new(name: &str) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("slipway-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|e| format!("{} cannot be made: {e}", folder.display()))?;
        Ok(Self { folder })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Its Postgres: fast, and not safe against a power cut.
    pub fn postgres(&self) -> Result<Postgres> {
        Ok(Postgres::join_or_start(&self.folder, Options { fsync_off: true, pg_bin: None })?)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Nothing to do about a folder that cannot be removed; the system clears its temporary folder.
        let _ = embedded::forget(&self.folder);
        let _ = fs::remove_dir_all(&self.folder);
    }
}
