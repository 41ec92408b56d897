//! Writes a form with files as a multipart body (RFC 7578).

/// One part of a form.
#[derive(Clone)]
pub struct Part {
    /// Name of the field.
    pub name: &'static str,
    /// The file's name and media type; `None` if the part is a plain field.
    pub file: Option<(String, String)>,
    /// The field's text, or the contents of the file.
    pub content: Vec<u8>,
}

/// The content type, which names the boundary, and the body. The boundary is random, so no content contains it.
pub(crate) fn write(parts: &[Part]) -> Result<(String, Vec<u8>), String> {
    let boundary = format!("{:032x}", rand::random::<u128>());
    let mut body = Vec::new();
    for part in parts {
        let mut head = format!("--{boundary}\r\ncontent-disposition: form-data; name=\"{}\"", quoted(part.name));
        if let Some((name, kind)) = &part.file {
            if kind.is_empty() || kind.chars().any(|letter| !(' '..='~').contains(&letter)) {
                return Err(format!("the media type of {} has characters no media type has", part.name));
            }
            head.push_str(&format!("; filename=\"{}\"\r\ncontent-type: {kind}", quoted(name)));
        }
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(&part.content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok((format!("multipart/form-data; boundary={boundary}"), body))
}

/// A name as browsers write it between quotes: it ends neither the quotes nor the line.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(file: Option<(&str, &str)>) -> Part {
        let file = file.map(|(name, kind)| (name.to_owned(), kind.to_owned()));
        Part { name: "file", file, content: b"x".to_vec() }
    }

    fn body(parts: &[Part]) -> String {
        let (kind, body) = write(parts).unwrap();
        let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
        String::from_utf8(body).unwrap().replace(boundary, "B")
    }

    #[test]
    fn fields_and_files_are_written_as_the_standard_says() {
        let parts = [part(None), part(Some(("a.png", "image/png")))];
        assert_eq!(
            body(&parts),
            "--B\r\ncontent-disposition: form-data; name=\"file\"\r\n\r\nx\r\n\
             --B\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\
             content-type: image/png\r\n\r\nx\r\n--B--\r\n"
        );
        assert_ne!(write(&[]).unwrap().0, write(&[]).unwrap().0, "each body has a boundary of its own");
    }

    #[test]
    fn no_file_name_and_no_media_type_adds_a_header() {
        let named = body(&[part(Some(("a\"\r\nx-evil: 1\r\n\r\n", "text/plain")))]);
        assert!(named.contains("filename=\"a%22%0D%0Ax-evil: 1%0D%0A%0D%0A\"\r\ncontent-type: text/plain"), "{named}");
        for kind in ["", "text/plain\r\nx-evil: 1", "text/plain\n", "text/ü"] {
            assert!(write(&[part(Some(("a", kind)))]).is_err(), "{kind:?}");
        }
    }
}
