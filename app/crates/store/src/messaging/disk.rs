//! Where on the disk is a file while it arrives, and when it is stored? It is whole in its place, or not there at all.

use std::io;
use std::path::{Path, PathBuf};

use domain::BusinessId;
use domain::messaging::file;
use tokio::fs::{DirBuilder, File, OpenOptions};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// The folder of files that arrive, beside those of the businesses, so that a file is moved and never copied.
pub const ARRIVING: &str = "arriving";

/// As many first bytes tell the type of a file.
const FIRST: u64 = 8192;

/// The type of a file of which nobody can tell what it is.
const UNKNOWN: &str = "application/octet-stream";

/// A file that arrives. When it is dropped before it was kept, it is removed.
#[derive(Debug)]
pub struct Arriving {
    path: PathBuf,
    is_kept: bool,
}

impl Arriving {
    /// A new file, and what writes into it.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn begin(root: &Path) -> io::Result<(Self, File)> {
        let folder = root.join(ARRIVING);
        make(&folder).await?;
        let path = folder.join(crate::new_id::<uuid::Uuid>().to_string());
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).await?;
        Ok((Self { path, is_kept: false }, file))
    }

    /// The type of the file by its first bytes, whatever its sender says.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn kind(&self) -> io::Result<&'static str> {
        Ok(kind_of(&self.first().await?))
    }

    /// As [`Arriving::kind`], and `text/plain` for what nothing tells but that it begins as a text.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn kind_or_text(&self) -> io::Result<&'static str> {
        let first = self.first().await?;
        let kind = kind_of(&first);
        Ok(if kind == UNKNOWN && is_text(&first) { "text/plain" } else { kind })
    }

    /// All its bytes.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn bytes(&self) -> io::Result<Vec<u8>> {
        tokio::fs::read(&self.path).await
    }

    async fn first(&self) -> io::Result<Vec<u8>> {
        let mut first = Vec::new();
        File::open(&self.path).await?.take(FIRST).read_to_end(&mut first).await?;
        Ok(first)
    }

    /// Moves the file to its place. One that is there already is the same.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn keep(mut self, root: &Path, business: BusinessId, sha256: &[u8]) -> io::Result<()> {
        let path = root.join(file::path(business, sha256));
        if let Some(folder) = path.parent() {
            make(folder).await?;
        }
        tokio::fs::rename(&self.path, &path).await?;
        self.is_kept = true;
        Ok(())
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        if !self.is_kept {
            // One that cannot be removed now is removed by the next sweep.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Makes a folder, and those above it, that no other user of the machine opens: files are what customers sent.
async fn make(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).await
}

/// As many bytes tell whether the disk takes a file.
const TRIED: usize = 1024 * 1024;

/// Whether the disk has room for a small file: one is written and removed again.
///
/// # Errors
/// When the disk refuses for another reason.
pub async fn has_room(root: &Path) -> io::Result<bool> {
    match try_write(root).await {
        Err(error) if is_full(&error) => Ok(false),
        done => done.map(|()| true),
    }
}

async fn try_write(root: &Path) -> io::Result<()> {
    let (_removed, mut file) = Arriving::begin(root).await?;
    file.write_all(&vec![0; TRIED]).await?;
    file.sync_all().await
}

/// Whether a disk refused because it has no room.
#[must_use]
pub fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// Erases a file. One that is not there is erased already.
///
/// # Errors
/// When the disk refuses.
pub async fn erase(path: &Path) -> io::Result<()> {
    match tokio::fs::remove_file(path).await {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

fn kind_of(bytes: &[u8]) -> &'static str {
    infer::get(bytes).map_or(UNKNOWN, |kind| kind.mime_type())
}

/// Whether a file that begins so is a text. The last character may be cut in the middle.
fn is_text(first: &[u8]) -> bool {
    let is_readable = match std::str::from_utf8(first) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && error.valid_up_to() > 0,
    };
    is_readable && !first.is_empty() && !first.contains(&0)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use sha2::{Digest as _, Sha256};
    use uuid::Uuid;

    use super::*;

    const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

    #[test]
    fn the_content_decides_what_a_file_is() {
        for (bytes, expected) in [
            (&b"\xff\xd8\xff\xe0\0\x10JFIF"[..], "image/jpeg"),
            (PICTURE, "image/png"),
            (b"%PDF-1.7\n", "application/pdf"),
            (b"OggS\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x13OpusHead", "audio/opus"),
            (b"just words", "application/octet-stream"),
            (b"", "application/octet-stream"),
        ] {
            assert_eq!(kind_of(bytes), expected);
        }
        assert!(is_text("just wörds".as_bytes()) && is_text(&"ö".as_bytes().repeat(9)[..5]));
        assert!([&b""[..], b"\0\0", b"ab\0", b"\xff\xfe"].into_iter().all(|bytes| !is_text(bytes)));
        let page = kind_of(b"<!DOCTYPE html><script>alert(1)</script>");
        assert!(!file::is_shown(page), "{page} is never shown in the browser");
    }

    #[tokio::test]
    async fn a_full_disk_is_told_from_one_that_takes_files() {
        let refused = std::fs::write("/dev/full", b"x").unwrap_err();
        assert!(is_full(&refused) && !is_full(&io::ErrorKind::PermissionDenied.into()));
        let root = std::env::temp_dir().join(format!("slipway-files-{}", crate::new_id::<Uuid>()));
        assert!(has_room(&root).await.unwrap());
        assert_eq!(count(&root), 0, "nothing is left of the try");
        std::fs::remove_dir_all(root).unwrap();
    }

    /// The number of files below a folder.
    fn count(folder: &Path) -> usize {
        let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
        entries.map(|entry| entry.unwrap().path()).map(|path| if path.is_dir() { count(&path) } else { 1 }).sum()
    }

    async fn arrived(root: &Path) -> Arriving {
        let (arriving, mut file) = Arriving::begin(root).await.unwrap();
        file.write_all(PICTURE).await.unwrap();
        file.flush().await.unwrap();
        arriving
    }

    #[tokio::test]
    async fn a_file_is_whole_in_the_place_of_its_business_or_nowhere() {
        let root = std::env::temp_dir().join(format!("slipway-files-{}", crate::new_id::<Uuid>()));
        let sha256: [u8; 32] = Sha256::digest(PICTURE).into();
        drop(arrived(&root).await);
        assert_eq!(count(&root), 0, "what was not kept is gone");
        let (one, two) = (BusinessId(Uuid::from_u128(1)), BusinessId(Uuid::from_u128(2)));
        for (business, files) in [(one, 1), (one, 1), (two, 2)] {
            let arriving = arrived(&root).await;
            assert_eq!(arriving.kind().await.unwrap(), "image/png");
            arriving.keep(&root, business, &sha256).await.unwrap();
            assert_eq!(count(&root), files, "once in each business");
            assert_eq!(std::fs::read(root.join(file::path(business, &sha256))).unwrap(), PICTURE);
        }
        let path = root.join(file::path(one, &sha256));
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let (folder, arriving) = (path.parent().unwrap(), root.join(ARRIVING));
        assert_eq!((mode(&path), mode(folder), mode(&arriving)), (0o600, 0o700, 0o700), "nobody else reads it");
        for _ in 0..2 {
            erase(&path).await.unwrap();
            assert_eq!(count(&root), 1);
        }
        std::fs::remove_dir_all(root).unwrap();
    }
}
