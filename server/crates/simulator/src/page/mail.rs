//! Parses mail files, just enough to read what the product writes: headers, encoded words, quoted-printable,
//! base64, and the text and HTML of a multipart mail. A file without headers is shown as it is.

use base64::{Engine, engine::general_purpose::STANDARD};

/// A mail, ready to be shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mail {
    /// Recipient.
    pub to: String,
    /// Sender.
    pub from: String,
    /// Subject.
    pub subject: String,
    /// Date, as written.
    pub date: String,
    /// Where an answer goes; empty if it goes to the sender.
    pub reply_to: String,
    /// Text.
    pub text: String,
    /// HTML; empty if the mail has none.
    pub html: String,
}

/// Reads a mail.
pub fn parse(raw: &[u8]) -> Mail {
    let whole = String::from_utf8_lossy(raw).replace("\r\n", "\n");
    let Some((head, body)) = split(&whole) else {
        return Mail { text: whole, ..Mail::default() };
    };
    let header = |name: &str| decode_words(&value_of(&head, name));
    Mail {
        to: header("to"),
        from: header("from"),
        subject: header("subject"),
        date: header("date"),
        reply_to: header("reply-to"),
        text: text_of(&head, body, "text/plain", 0),
        html: html_of(&head, body),
    }
}

/// Splits a mail into its headers, with continuation lines joined, and the body.
fn split(whole: &str) -> Option<(Vec<String>, &str)> {
    let (head, body) = whole.split_once("\n\n")?;
    let mut lines: Vec<String> = Vec::new();
    for line in head.lines() {
        match lines.last_mut() {
            Some(last) if line.starts_with([' ', '\t']) => {
                last.push(' ');
                last.push_str(line.trim());
            }
            _ if line.split_once(':').is_some_and(|(name, _)| !name.is_empty() && !name.contains(' ')) => {
                lines.push(line.to_owned());
            }
            _ => return None,
        }
    }
    Some((lines, body))
}

fn value_of(head: &[String], name: &str) -> String {
    let mut pairs = head.iter().filter_map(|line| line.split_once(':'));
    pairs
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map_or_else(String::new, |(_, value)| value.trim().to_owned())
}

const DEEPEST: u8 = 4;

/// The HTML part of a multipart mail.
fn html_of(head: &[String], body: &str) -> String {
    let has_parts = value_of(head, "content-type").to_lowercase().starts_with("multipart/");
    let is_there = has_parts && body.to_lowercase().contains("content-type: text/html");
    if is_there { text_of(head, body, "text/html", 0) } else { String::new() }
}

/// The part of this type, else the first one.
fn text_of(head: &[String], body: &str, wanted: &str, depth: u8) -> String {
    let kind = value_of(head, "content-type");
    if let Some(boundary) = parameter(&kind, "boundary").filter(|_| depth < DEEPEST) {
        let mark = format!("--{boundary}");
        let parts: Vec<(Vec<String>, &str)> =
            body.split(mark.as_str()).skip(1).filter_map(|part| split(part.trim_start_matches('\n'))).collect();
        let fits = |part: &&(Vec<String>, &str)| {
            let kind = value_of(&part.0, "content-type").to_lowercase();
            kind.is_empty() || kind.starts_with(wanted) || kind.starts_with("multipart/")
        };
        let chosen = parts.iter().find(fits).or_else(|| parts.first());
        return chosen.map_or_else(String::new, |(head, body)| text_of(head, body, wanted, depth + 1));
    }
    let bytes = match value_of(head, "content-transfer-encoding").to_lowercase().as_str() {
        "base64" => {
            let packed: String = body.chars().filter(|c| !c.is_whitespace()).collect();
            STANDARD.decode(packed).unwrap_or_else(|_| body.as_bytes().to_vec())
        }
        "quoted-printable" => unquote(body, false),
        _ => body.as_bytes().to_vec(),
    };
    String::from_utf8_lossy(&bytes).trim().to_owned()
}

fn parameter(kind: &str, name: &str) -> Option<String> {
    let pairs = kind.split(';').skip(1).filter_map(|pair| pair.split_once('='));
    let mut values = pairs.filter(|(known, _)| known.trim().eq_ignore_ascii_case(name));
    values.next().map(|(_, value)| value.trim().trim_matches('"').to_owned())
}

/// Decodes quoted-printable text. In headers an underscore stands for a space.
fn unquote(text: &str, header: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match (*first, after) {
            (b'=', [b'\n', more @ ..]) => rest = more,
            (b'=', [high, low, more @ ..]) => match hex(*high, *low) {
                Some(byte) => {
                    bytes.push(byte);
                    rest = more;
                }
                None => bytes.push(b'='),
            },
            (b'_', _) if header => bytes.push(b' '),
            (byte, _) => bytes.push(byte),
        }
    }
    bytes
}

fn hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

/// Decodes `=?utf-8?b?…?=` and `=?utf-8?q?…?=` in a header.
fn decode_words(value: &str) -> String {
    let mut text = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("=?") {
        let mut parts = after.splitn(3, '?');
        let (Some(_), Some(kind), Some(tail)) = (parts.next(), parts.next(), parts.next()) else { break };
        let Some((word, following)) = tail.split_once("?=") else { break };
        let bytes = match kind {
            "b" | "B" => STANDARD.decode(word).unwrap_or_default(),
            _ => unquote(word, true),
        };
        // White space between two encoded words is only a separator.
        if !before.trim().is_empty() || text.is_empty() {
            text.push_str(before);
        }
        text.push_str(&String::from_utf8_lossy(&bytes));
        rest = following;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plain_part_is_taken_and_decoded() {
        let raw = b"To: a@b.test\r\nSubject: =?utf-8?b?R3LDvMOfZQ==?=\r\nContent-Type: multipart/alternative;\r\n boundary=\"x\"\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n<b>no</b>\r\n--x\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nOpen http://127.0.0.1/set?token=3Dabc=\r\ndef\r\n--x--\r\n";
        let mail = parse(raw);
        assert_eq!(mail.to, "a@b.test");
        assert_eq!(mail.subject, "Grüße");
        assert_eq!(mail.text, "Open http://127.0.0.1/set?token=abcdef");
        assert_eq!(mail.html, "<b>no</b>");
    }

    #[test]
    fn a_file_without_headers_is_shown_as_it_is() {
        assert_eq!(parse(b"Hello there\n\nGo on.").text, "Hello there\n\nGo on.");
        assert_eq!(parse(b"To: a@b.test\n\nGo on.").html, "", "a mail of text has no HTML");
    }
}
