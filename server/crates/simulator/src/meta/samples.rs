//! Small files that customers send if nobody gives others. Pictures are whole; the others have the head of their type.

/// The bytes of a file of a MIME type.
pub fn bytes(mime: &str) -> Vec<u8> {
    let head: &[u8] = match mime.split(';').next().unwrap_or_default() {
        "image/png" => return picture(),
        "image/jpeg" => &[0xff, 0xd8, 0xff, 0xe0, 0, 16, b'J', b'F', b'I', b'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0xff, 0xd9],
        "image/webp" => b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\0\0\0\x10\x07\x10\x11\x11\x88\x88\xfe\x07\0",
        "audio/ogg" => b"OggS\0\x02\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\x01\x13OpusHead\x01\x01\x38\x01\x80\xbb\0\0\0\0\0",
        "audio/mpeg" => b"ID3\x04\0\0\0\0\0\0\xff\xfb\x90\x64\0\0",
        "video/mp4" | "audio/mp4" => b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
        "application/pdf" => b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
        _ => b"A file from a customer.\n",
    };
    head.to_vec()
}

const SIDE: u32 = 96;

/// A picture in PNG: a gradient, stored without compression.
fn picture() -> Vec<u8> {
    let mut rows = Vec::new();
    for y in 0..SIDE {
        rows.push(0);
        for x in 0..SIDE {
            let shade = |part: u32| u8::try_from(part * 255 / SIDE).unwrap_or(u8::MAX);
            rows.extend([shade(x), 120, shade(y)]);
        }
    }
    let mut packed = vec![0x78, 0x01];
    let blocks: Vec<&[u8]> = rows.chunks(0xffff).collect();
    for (at, block) in blocks.iter().enumerate() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        packed.push(u8::from(at + 1 == blocks.len()));
        packed.extend(length.to_le_bytes());
        packed.extend((!length).to_le_bytes());
        packed.extend(*block);
    }
    packed.extend(adler(&rows).to_be_bytes());
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let head = [SIDE.to_be_bytes().as_slice(), SIDE.to_be_bytes().as_slice(), &[8, 2, 0, 0, 0]].concat();
    for (kind, data) in [(b"IHDR", head), (b"IDAT", packed), (b"IEND", Vec::new())] {
        let named = [kind.as_slice(), data.as_slice()].concat();
        png.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
        png.extend(&named);
        png.extend(crc(&named).to_be_bytes());
    }
    png
}

fn adler(bytes: &[u8]) -> u32 {
    let (a, b) = bytes.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    b << 16 | a
}

fn crc(bytes: &[u8]) -> u32 {
    let rest = bytes.iter().fold(u32::MAX, |rest, byte| {
        (0..8).fold(rest ^ u32::from(*byte), |rest, _| if rest & 1 == 1 { rest >> 1 ^ 0xedb8_8320 } else { rest >> 1 })
    });
    !rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksums_are_those_of_the_standards() {
        assert_eq!(crc(b"IEND"), 0xae42_6082);
        assert_eq!(adler(b"Wikipedia"), 0x11e6_0398);
        assert!(bytes("image/png").starts_with(b"\x89PNG"));
        assert!(bytes("audio/ogg; codecs=opus").starts_with(b"OggS"));
        assert!(!bytes("text/plain").is_empty());
    }
}
