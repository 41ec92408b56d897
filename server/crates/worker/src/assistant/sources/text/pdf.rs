//! What does a PDF say? The words of its pages in the order in which they are drawn, a line where the pen moves up or down.
//! What is packed in it is unpacked as far as there is room, and what is nested without an end is not read.

use std::collections::BTreeMap;

use domain::assistant::sources::Problem;
use lopdf::content::{Content, Operation};
use lopdf::{DecompressError, Document, Error, Object, ObjectId};

use super::out::Out;
use super::pdf_load;

/// The most bytes of one part of a document, and of all parts together, once they are unpacked.
const LARGEST_PART: usize = 16 * 1024 * 1024;
const LARGEST: usize = 64 * 1024 * 1024;
/// The most pages that are read.
const MOST_PAGES: usize = 1000;
/// How many lists and dictionaries may begin before one ends. The library reads each in a call of its own.
const DEEPEST: usize = 200;
/// The most bytes of the tables that say which letters the fonts of a page draw. What goes beyond is not read.
const LARGEST_TABLES: usize = 2 * 1024 * 1024;
/// A gap of more than this many thousandths of the size of the letters separates words.
const GAP: f32 = 180.0;

/// Writes the text of a document.
pub(super) fn read(bytes: &[u8], out: &mut Out) -> Result<(), Problem> {
    if is_too_deep(bytes) {
        return Err(Problem::Unreadable);
    }
    let mut document = pdf_load::load(bytes, out)?;
    unpack(&mut document, out)?;
    for page in document.get_pages().into_values().take(MOST_PAGES) {
        if !out.goes_on()? {
            break;
        }
        write_page(&document, page, out)?;
        out.paragraph();
    }
    Ok(())
}

/// Whether more lists and dictionaries begin than any document needs, before one of them ends.
fn is_too_deep(bytes: &[u8]) -> bool {
    let mut deep = 0;
    for (at, byte) in bytes.iter().enumerate() {
        deep = match byte {
            b'[' => deep + 1,
            b'<' if bytes.get(at + 1) == Some(&b'<') => deep + 1,
            b']' | b'>' => 0,
            _ => deep,
        };
        if deep > DEEPEST {
            return true;
        }
    }
    false
}

/// Unpacks everything but pictures, so that nothing is unpacked without a limit later.
fn unpack(document: &mut Document, out: &Out) -> Result<(), Problem> {
    let mut left = LARGEST;
    for object in document.objects.values_mut() {
        out.goes_on()?;
        let Object::Stream(stream) = object else { continue };
        let is_picture = stream.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|name| name == b"Image");
        if is_picture || !stream.dict.has(b"Filter") {
            continue;
        }
        match stream.decompressed_content_with_limit(left.min(LARGEST_PART)) {
            Ok(plain) if is_too_deep(&plain) => return Err(Problem::Unreadable),
            Ok(plain) => {
                left = left.saturating_sub(plain.len());
                stream.set_plain_content(plain);
            }
            Err(Error::Decompress(DecompressError::MemoryLimitExceeded { .. })) => return Err(Problem::TooLarge),
            // A kind of packing that is not for texts.
            Err(_) => {}
        }
    }
    Ok(())
}

fn write_page(document: &Document, page: ObjectId, out: &mut Out) -> Result<(), Problem> {
    let Ok(bytes) = document.get_page_content_with_limit(page, LARGEST_PART) else { return Ok(()) };
    if pdf_load::is_too_much(&bytes) {
        return Err(Problem::TooLarge);
    }
    let Ok(content) = Content::decode(&bytes) else { return Ok(()) };
    let mut left = LARGEST_TABLES;
    let mut encodings = BTreeMap::new();
    for (name, font) in document.get_page_fonts(page).unwrap_or_default() {
        let table = font.get_deref(b"ToUnicode", document).and_then(Object::as_stream);
        let Some(rest) = left.checked_sub(table.map_or(0, |table| table.content.len())) else { continue };
        left = rest;
        if let Ok(encoding) = font.get_font_encoding(document) {
            encodings.insert(name, encoding);
        }
    }
    let (mut encoding, mut height) = (None, 0.0);
    for operation in &content.operations {
        if !out.goes_on()? {
            break;
        }
        let operands = &operation.operands;
        match operation.operator.as_str() {
            "Tf" => {
                let font = operands.first().and_then(|name| name.as_name().ok());
                encoding = font.and_then(|name| encodings.get(name));
            }
            "Tj" | "TJ" | "'" | "\"" => {
                move_on(operation, &mut height, out);
                let decode = |bytes: &[u8]| encoding.and_then(|known| Document::decode_text(known, bytes).ok());
                show(operands, &decode, out);
            }
            _ => move_on(operation, &mut height, out),
        }
    }
    Ok(())
}

/// Begins a line where the pen moves up or down, and a word where it moves on.
fn move_on(operation: &Operation, height: &mut f32, out: &mut Out) {
    let operand = |at: usize| operation.operands.get(at).map_or(0.0, number);
    match operation.operator.as_str() {
        "Td" | "TD" if operand(1).abs() > 0.5 => out.line(),
        "Td" | "TD" => out.space(),
        "Tm" => {
            let is_same = (operand(5) - *height).abs() < 0.5;
            *height = operand(5);
            if is_same { out.space() } else { out.line() }
        }
        "T*" | "'" | "\"" | "ET" => out.line(),
        _ => {}
    }
}

/// Writes the strings among operands. Numbers between them move the pen.
fn show(operands: &[Object], decode: &dyn Fn(&[u8]) -> Option<String>, out: &mut Out) {
    for operand in operands {
        match operand {
            Object::String(bytes, _) => out.words(&decode(bytes).unwrap_or_default()),
            Object::Array(parts) => show_array(parts, decode, out),
            _ => {}
        }
    }
}

fn show_array(parts: &[Object], decode: &dyn Fn(&[u8]) -> Option<String>, out: &mut Out) {
    for part in parts {
        match part {
            Object::String(bytes, _) => out.words(&decode(bytes).unwrap_or_default()),
            other if number(other) < -GAP => out.space(),
            _ => {}
        }
    }
}

fn number(object: &Object) -> f32 {
    match object {
        Object::Integer(number) => *number as f32,
        Object::Real(number) => *number,
        _ => 0.0,
    }
}
