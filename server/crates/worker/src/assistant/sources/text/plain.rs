//! Which text do bytes mean? What their marks or their web site say, else UTF-8, else what Windows writes in the west.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// How many first bytes of a page may name its encoding (HTML, "prescan").
const PRESCAN: usize = 1024;

/// Whether bytes are a text: no zero byte, and hardly any control character.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    let has_mark = Encoding::for_bom(bytes).is_some();
    let strange = bytes.iter().filter(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace()).count();
    has_mark || (!bytes.contains(&0) && strange * 100 <= bytes.len())
}

/// Text in the encoding of this label, or in the one that it seems to have. A mark at its beginning comes first.
pub(super) fn decoded(bytes: &[u8], label: Option<&str>) -> String {
    let named = label.and_then(|label| Encoding::for_label(label.as_bytes()));
    let guessed = || if std::str::from_utf8(bytes).is_ok() { UTF_8 } else { WINDOWS_1252 };
    let (text, ..) = named.unwrap_or_else(guessed).decode(bytes);
    text.into_owned()
}

/// The text of a page, whose first bytes may name its encoding, too.
pub(super) fn decoded_page(bytes: &[u8], label: Option<&str>) -> String {
    match label {
        Some(_) => decoded(bytes, label),
        None => decoded(bytes, named(&bytes[..bytes.len().min(PRESCAN)]).as_deref()),
    }
}

/// The encoding that the beginning of a page names.
fn named(head: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let (_, after) = head.split_once("charset=")?;
    let label: String = after
        .trim_start_matches(['"', '\'', ' '])
        .chars()
        .take_while(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | ':' | '.'))
        .collect();
    (!label.is_empty()).then_some(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_in_the_encoding_that_they_have() {
        assert_eq!(decoded("añil".as_bytes(), None), "añil");
        assert_eq!(decoded(b"a\xf1il \x80", None), "añil €");
        assert_eq!(decoded(b"a\xf1il", Some("iso-8859-1")), "añil");
        assert_eq!(decoded(b"\xef\xbb\xbfhello", None), "hello");
        assert_eq!(decoded(b"\xff\xfeh\0i\0", None), "hi");
        assert_eq!(decoded_page(b"<meta charset=\"windows-1251\">\xcf", None), "<meta charset=\"windows-1251\">П");
        assert_eq!(decoded_page(b"<meta charset='nonsense'>x", None), "<meta charset='nonsense'>x");
    }

    #[test]
    fn pictures_and_programs_are_no_texts() {
        assert!(is_text(b"") && is_text(b"just words\r\n\t\x0c") && is_text(b"a\xf1il") && is_text(b"\xff\xfeh\0i\0"));
        assert!(!is_text(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR") && !is_text(b"\x01\x02\x03\x04"));
    }
}
