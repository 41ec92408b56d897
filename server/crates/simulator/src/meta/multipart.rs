//! Reads a `multipart/form-data` body, as uploads have it.

/// One part of a form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// Name of the field.
    pub name: String,
    /// Name of the file; empty for a text.
    pub filename: String,
    /// Type of the file; empty for a text.
    pub mime: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// The parts of a body. Empty if the body or its type are not of a form.
pub fn read(content_type: &str, body: &[u8]) -> Vec<Part> {
    let boundary = content_type.split(';').find_map(|piece| piece.trim().strip_prefix("boundary="));
    let Some(boundary) = boundary.map(|boundary| boundary.trim_matches('"')).filter(|boundary| !boundary.is_empty())
    else {
        return Vec::new();
    };
    let line = format!("--{boundary}").into_bytes();
    let mut starts: Vec<usize> = Vec::new();
    let mut at = 0;
    while let Some(found) = find(body.get(at..).unwrap_or_default(), &line) {
        starts.push(at + found);
        at += found + line.len();
    }
    starts.windows(2).filter_map(|two| part(&body[two[0] + line.len()..two[1]])).collect()
}

fn part(raw: &[u8]) -> Option<Part> {
    let raw = raw.strip_prefix(b"\r\n")?;
    let raw = raw.strip_suffix(b"\r\n").unwrap_or(raw);
    let end = find(raw, b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&raw[..end]).into_owned();
    let header = |wanted: &str| {
        head.lines().filter_map(|line| line.split_once(':')).find(|(name, _)| name.eq_ignore_ascii_case(wanted))
    };
    let (_, disposition) = header("content-disposition")?;
    let value = |wanted: &str| {
        let pieces = disposition.split(';').filter_map(|piece| piece.trim().split_once('='));
        pieces.filter(|(name, _)| *name == wanted).map(|(_, value)| value.trim_matches('"').to_owned()).next()
    };
    Some(Part {
        name: value("name")?,
        filename: value("filename").unwrap_or_default(),
        mime: header("content-type").map(|(_, mime)| mime.trim().to_owned()).unwrap_or_default(),
        bytes: raw[end + 4..].to_vec(),
    })
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_files_are_read_and_anything_else_is_no_form() {
        let body = b"--B\r\nContent-Disposition: form-data; name=\"messaging_product\"\r\n\r\nwhatsapp\r\n--B\r\n\
            Content-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n\x89P\r\nNG\r\n--B--\r\n";
        let parts = read("multipart/form-data; boundary=B", body);
        assert_eq!(parts.len(), 2);
        assert_eq!((parts[0].name.as_str(), parts[0].bytes.as_slice()), ("messaging_product", b"whatsapp".as_slice()));
        assert_eq!((parts[1].filename.as_str(), parts[1].mime.as_str()), ("a.png", "image/png"));
        assert_eq!(parts[1].bytes, b"\x89P\r\nNG");
        for (kind, body) in [
            ("text/plain", b"x".as_slice()),
            ("multipart/form-data; boundary=B", b"--B"),
            ("multipart/form-data; boundary=", b""),
        ] {
            assert!(read(kind, body).is_empty());
        }
    }
}
