//! Where does the file of a message lie, and may a browser show it? Each business has a folder of its own, and the name of a
//! file is its checksum; only pictures, sounds and films are shown, everything else is downloaded.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::BusinessId;

/// The folder of stored files below the data folder of the installation.
pub const FOLDER: &str = "media";

/// What is stored as the error of a file that waits because its business has no room for it.
pub const NO_ROOM: &str = "no_room";

/// What is stored as the error of a file that was erased because of its age.
pub const AGED: &str = "aged";

/// The path of a stored file below the folder of all of them: the business, the part that the checksum begins with, then the
/// whole checksum. A business shares no file with another, so none learns what another has.
#[must_use]
pub fn path(business: BusinessId, sha256: &[u8]) -> PathBuf {
    let mut name = String::with_capacity(sha256.len() * 2);
    for byte in sha256 {
        // Writing into a string cannot fail.
        let _ = write!(name, "{byte:02x}");
    }
    PathBuf::from(business.to_string()).join(part(sha256.first().copied().unwrap_or_default())).join(&name)
}

/// The name of the folder of the files whose checksums begin with this byte.
#[must_use]
pub fn part(first: u8) -> String {
    format!("{first:02x}")
}

/// The checksum that is the name of a file. `None` if the name is no checksum.
#[must_use]
pub fn checksum(name: &str) -> Option<[u8; 32]> {
    let mut sha256 = [0; 32];
    let is_plain = name.len() == 64 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    for (at, byte) in sha256.iter_mut().enumerate().filter(|_| is_plain) {
        *byte = u8::from_str_radix(name.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    is_plain.then_some(sha256)
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
    fn a_file_lies_in_the_folder_of_its_business_under_its_checksum() {
        let business = BusinessId(uuid::Uuid::from_u128(7));
        let folder = "00000000-0000-0000-0000-000000000007";
        assert_eq!(path(business, &[0xab, 0x0c, 0x12]), PathBuf::from(folder).join("ab/ab0c12"));
        let sha256 = [0xf0; 32];
        let stored = path(business, &sha256);
        assert_eq!(stored.file_name().and_then(|name| checksum(name.to_str()?)), Some(sha256));
        assert_eq!(stored.parent().and_then(|part| part.file_name()?.to_str()), Some(part(0xf0).as_str()));
    }

    #[test]
    fn no_other_name_is_a_checksum() {
        let (short, upper, sign) = ("ab".repeat(31), "AB".repeat(32), "+a".repeat(32));
        for name in ["", "ab", &short, &upper, &sign, "arriving", "..", &"ä".repeat(32)] {
            assert_eq!(checksum(name), None, "{name}");
        }
    }

    #[test]
    fn what_could_run_a_script_is_never_shown() {
        for mime in ["image/svg+xml", "text/html", "application/pdf", "application/xhtml+xml", "text/xml", ""] {
            assert!(!is_shown(mime), "{mime}");
        }
        assert!(["image/png", "audio/ogg", "video/mp4"].into_iter().all(is_shown));
    }
}
