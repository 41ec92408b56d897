//! How does a body become JSON that every later stage takes? What a strict parser or the database refuses is replaced,
//! so that one odd character or number does not cost a whole body.
//!
//! Replaced are: bytes that are no UTF-8, halves of a surrogate pair, NUL and other raw control characters inside texts,
//! and numbers that would lose digits, which become texts.

/// A whole number with more digits may not fit into 64 bits.
const DIGITS: usize = 18;
/// No number that the platform sends is longer; a much longer one overflows.
const LONGEST_NUMBER: usize = 40;

/// The body as JSON text that can be parsed and stored, if it is JSON at all.
pub(super) fn repaired(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut kept = String::with_capacity(rest.len());
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => string(rest, &mut kept),
            '-' | '0'..='9' => number(rest, &mut kept),
            _ => {
                let length = rest.find(|next: char| matches!(next, '"' | '-' | '0'..='9')).unwrap_or(rest.len());
                kept.push_str(&rest[..length]);
                length
            }
        };
        rest = &rest[length..];
    }
    kept
}

/// Keeps the text that begins here with its quotes, and returns its length.
fn string(from: &str, kept: &mut String) -> usize {
    kept.push('"');
    let mut at = 1;
    while let Some(next) = from[at..].chars().next() {
        match next {
            '"' => {
                kept.push('"');
                return at + 1;
            }
            '\\' => at += escape(&from[at..], kept),
            '\0'..='\u{1f}' => {
                kept.push(' ');
                at += 1;
            }
            _ => {
                let plain = from[at..].find(|next| matches!(next, '"' | '\\' | '\0'..='\u{1f}'));
                let end = plain.map_or(from.len(), |plain| at + plain);
                kept.push_str(&from[at..end]);
                at = end;
            }
        }
    }
    at
}

/// Keeps the escape that begins here, or what stands for it, and returns its length.
fn escape(from: &str, kept: &mut String) -> usize {
    let (length, text) = match unit(from) {
        Some(0) => (6, ""),
        Some(0xD800..=0xDBFF) if matches!(unit(&from[6..]), Some(0xDC00..=0xDFFF)) => (12, &from[..12]),
        Some(0xD800..=0xDFFF) => (6, "\\ufffd"),
        Some(_) => (6, &from[..6]),
        None => {
            let length = from.chars().take(2).map(char::len_utf8).sum();
            (length, &from[..length])
        }
    };
    kept.push_str(text);
    length
}

/// The code unit of the `\u` escape that begins here.
fn unit(from: &str) -> Option<u16> {
    let digits = from.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok()).flatten()
}

/// Keeps the number that begins here, as a text if it would lose digits, and returns its length.
fn number(from: &str, kept: &mut String) -> usize {
    let length = from.find(|next: char| !matches!(next, '0'..='9' | '+' | '-' | '.' | 'e' | 'E')).unwrap_or(from.len());
    let number = &from[..length];
    let exact = number.len() <= DIGITS || (number.contains('.') && number.len() <= LONGEST_NUMBER);
    if exact && !number.contains(['e', 'E']) {
        kept.push_str(number);
    } else {
        kept.extend(["\"", number, "\""]);
    }
    length
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(body: &[u8]) -> Value {
        serde_json::from_str(&repaired(body)).unwrap()
    }

    #[test]
    fn what_a_parser_refuses_is_replaced() {
        for (body, value) in [
            (&br#"["\ud83d\ude00"]"#[..], json!(["😀"])),
            (br#"["\ud83d"]"#, json!(["\u{fffd}"])),
            (br#"["\ude00\ud83d!"]"#, json!(["\u{fffd}\u{fffd}!"])),
            (br#"["\ud83d\ud83d\ude00"]"#, json!(["\u{fffd}😀"])),
            (br#"["a\u0000b"]"#, json!(["ab"])),
            (br#"["a\\u0000b"]"#, json!(["a\\u0000b"])),
            (br#"["a\\\u0000\"b"]"#, json!(["a\\\"b"])),
            (b"[\"a\0b\nc\"]", json!(["a b c"])),
            (b"[\"\xff\xfe\"]", json!(["\u{fffd}\u{fffd}"])),
            (b"\xef\xbb\xbf[1]", json!([1])),
            (
                b"[12345678901234567890123, 17841400000000001]",
                json!(["12345678901234567890123", 17_841_400_000_000_001_u64]),
            ),
            (b"[1e999,-122.16165924072,-5]", json!(["1e999", -122.161_659_240_72, -5])),
            (br#"{"a\u0000":{"b":"c"}}"#, json!({"a": {"b": "c"}})),
        ] {
            assert_eq!(read(body), value, "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn what_is_sound_or_beyond_repair_stays() {
        for body in [
            r#"{"a": "b\"c\\", "d": [1, -2.5, true, null], "e": "ä😀\u00e4\/"}"#,
            "\"",
            "\"\\",
            "\"\\u12",
            "[-",
            "",
            "\\ä",
        ] {
            assert_eq!(repaired(body.as_bytes()), *body);
        }
    }
}
