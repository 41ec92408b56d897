//! What does a document of Word say? The words of its body, a part for each paragraph, and a line for each row of a table. It is
//! a packed folder; the one file in it that is read is unpacked as far as there is room.

use std::borrow::Cow;
use std::io::{BufReader, Cursor, Read as _};

use domain::assistant::sources::Problem;
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, Event};
use zip::ZipArchive;

use super::out::Out;

/// The file with the body of a document (ECMA-376).
const BODY: &str = "word/document.xml";
/// The most bytes of the body once it is unpacked.
const LARGEST: u64 = 32 * 1024 * 1024;

/// Writes the text of a document.
pub(super) fn read(bytes: &[u8], out: &mut Out) -> Result<(), Problem> {
    let mut folder = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Problem::Unreadable)?;
    if folder.index_for_name(BODY).is_none() {
        return Err(Problem::WrongKind);
    }
    let body = folder.by_name(BODY).map_err(|_| Problem::Unreadable)?;
    if body.size() > LARGEST {
        return Err(Problem::TooLarge);
    }
    // What the folder says of the size may be a lie.
    body_text(BufReader::new(body.take(LARGEST)), out)
}

/// Where the reader of a body is.
#[derive(Default)]
struct Place {
    /// Whether what stands here is written on the page.
    is_text: bool,
    /// Number of rows around this place: a table may stand in a cell.
    rows: usize,
    /// Number of cells of the innermost row so far.
    cells: usize,
}

fn body_text(body: impl std::io::BufRead, out: &mut Out) -> Result<(), Problem> {
    let mut reader = Reader::from_reader(body);
    reader.config_mut().check_end_names = false;
    let (mut place, mut buffer) = (Place::default(), Vec::new());
    while out.goes_on()? {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(|_| Problem::Unreadable)? {
            Event::Start(tag) => begin(tag.local_name().as_ref(), &mut place, out),
            Event::End(tag) => end(tag.local_name().as_ref(), &mut place, out),
            Event::Empty(tag) => alone(tag.local_name().as_ref(), &place, out),
            Event::Text(text) if place.is_text => out.push(&text.decode().unwrap_or_default()),
            Event::CData(text) if place.is_text => out.push(&text.decode().unwrap_or_default()),
            Event::GeneralRef(name) if place.is_text => out.push(&sign(&name)),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
    Ok(())
}

/// The sign that a reference stands for; nothing for an unknown one.
fn sign(name: &BytesRef<'_>) -> Cow<'static, str> {
    match name.resolve_char_ref() {
        Ok(Some(letter)) => Cow::Owned(letter.to_string()),
        Ok(None) => Cow::Borrowed(name.decode().ok().and_then(|name| resolve_xml_entity(&name)).unwrap_or_default()),
        Err(_) => Cow::Borrowed(""),
    }
}

fn begin(name: &[u8], place: &mut Place, out: &mut Out) {
    match name {
        b"t" => place.is_text = true,
        b"tr" => {
            (place.rows, place.cells) = (place.rows + 1, 0);
            out.line();
        }
        b"tc" => {
            if !out.is_at_line() {
                out.behind(if place.cells == 1 { ": " } else { ", " });
            }
            place.cells += 1;
        }
        b"p" if place.rows > 0 => out.space(),
        b"p" => out.paragraph(),
        _ => {}
    }
}

fn end(name: &[u8], place: &mut Place, out: &mut Out) {
    match name {
        b"t" => place.is_text = false,
        b"tr" => {
            place.rows = place.rows.saturating_sub(1);
            out.line();
        }
        b"tbl" if place.rows == 0 => out.paragraph(),
        _ => {}
    }
}

fn alone(name: &[u8], place: &Place, out: &mut Out) {
    match name {
        b"br" | b"cr" if place.rows == 0 => out.line(),
        b"tab" | b"br" | b"cr" => out.space(),
        b"noBreakHyphen" => out.push("-"),
        _ => {}
    }
}
