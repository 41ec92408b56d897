//! Where does the file of a message lie, and may a browser show it? Its name is its checksum; only pictures, sounds and films
//! are shown, everything else is downloaded.

use std::fmt::Write as _;
use std::path::PathBuf;

/// The folder of stored files below the data folder of the installation.
pub const FOLDER: &str = "media";

/// The path of a stored file below the folder of all of them: two folders of two letters each, then the whole checksum.
#[must_use]
pub fn path(sha256: &[u8]) -> PathBuf {
    let mut name = String::with_capacity(sha256.len() * 2);
    for byte in sha256 {
        // Writing into a string cannot fail.
        let _ = write!(name, "{byte:02x}");
    }
    let part = |from: usize| name.get(from..from + 2).unwrap_or("00");
    PathBuf::from(part(0)).join(part(2)).join(&name)
}

/// Whether a browser may show a file of this type, which was read from its content. None of these runs scripts.
#[must_use]
pub fn is_shown(mime: &str) -> bool {
    matches!(mime, "image/jpeg" | "image/png" | "image/gif" | "image/webp" | "image/avif")
        || mime.starts_with("audio/")
        || mime.starts_with("video/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_lies_below_the_beginning_of_its_checksum() {
        assert_eq!(path(&[0xab, 0x0c, 0x12]), PathBuf::from("ab/0c/ab0c12"));
        assert_eq!(path(&[]), PathBuf::from("00/00"));
    }

    #[test]
    fn what_could_run_a_script_is_never_shown() {
        for mime in ["image/svg+xml", "text/html", "application/pdf", "application/xhtml+xml", "text/xml", ""] {
            assert!(!is_shown(mime), "{mime}");
        }
        assert!(["image/png", "audio/ogg", "video/mp4"].into_iter().all(is_shown));
    }
}
