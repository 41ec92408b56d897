//! Which text is in a page or a file? What it is is judged by its content; its name only tells a table from a text. The text is
//! clean, bounded, and has empty lines where something new begins.

mod docx;
mod html;
mod out;
mod pdf;
mod pdf_load;
mod plain;
mod table;
#[cfg(test)]
mod tests;

use std::time::Instant;

use domain::assistant::sources::Problem;
use domain::assistant::{LONGEST_CONTENT, LONGEST_TITLE};
use domain::text;

use super::fetch::{Format, Page};
use out::Out;

/// The text of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text {
    /// Its title, if it says one.
    pub title: Option<String>,
    /// What it says, 1 to [`LONGEST_CONTENT`] characters. What goes beyond is left out.
    pub content: String,
}

/// The text of a page.
pub(super) fn of_page(page: &Page, until: Instant) -> Result<Text, Problem> {
    let mut out = Out::new(until);
    let title = match page.format {
        Format::Html => html::read(&plain::decoded_page(&page.bytes, page.charset.as_deref()), &mut out)?,
        Format::Plain => {
            out.push(&plain::decoded(&page.bytes, page.charset.as_deref()));
            None
        }
    };
    finished(title, out)
}

/// The text of a file. People find it by its name, whatever it calls itself.
pub(super) fn of_file(name: &str, bytes: &[u8], until: Instant) -> Result<Text, Problem> {
    let mut out = Out::new(until);
    match kind(name, bytes) {
        Kind::Pdf => pdf::read(bytes, &mut out)?,
        Kind::Zip => docx::read(bytes, &mut out)?,
        Kind::Html => drop(html::read(&plain::decoded_page(bytes, None), &mut out)?),
        Kind::Table => table::read(&plain::decoded(bytes, None), &mut out)?,
        Kind::Plain => out.push(&plain::decoded(bytes, None)),
        Kind::Other => return Err(Problem::WrongKind),
    }
    finished(None, out)
}

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Pdf,
    Zip,
    Html,
    Table,
    Plain,
    Other,
}

/// How many first bytes tell what a file is.
const HEAD: usize = 1024;

fn kind(name: &str, bytes: &[u8]) -> Kind {
    let head = &bytes[..bytes.len().min(HEAD)];
    let begins = head.trim_ascii_start().to_ascii_lowercase();
    let named = |ending: &str| name.to_lowercase().ends_with(ending);
    if head.windows(5).any(|five| five == b"%PDF-") {
        Kind::Pdf
    } else if head.starts_with(b"PK\x03\x04") {
        Kind::Zip
    } else if !plain::is_text(bytes) {
        Kind::Other
    } else if begins.starts_with(b"<!doctype html") || begins.starts_with(b"<html") {
        Kind::Html
    } else if named(".csv") || named(".tsv") {
        Kind::Table
    } else {
        Kind::Plain
    }
}

/// The cleaned text, with at most one empty line between its parts.
fn finished(title: Option<String>, out: Out) -> Result<Text, Problem> {
    let mut content = String::new();
    let mut empty = 0;
    for line in text::lines(&out.into_text()).lines().map(str::trim_end) {
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty < 2 {
            content.push_str(line);
            content.push('\n');
        }
    }
    let content: String = content.trim().chars().take(LONGEST_CONTENT).collect();
    let content = content.trim_end().to_owned();
    if content.chars().any(char::is_alphanumeric) {
        let title = title.map(|title| text::line(&title).chars().take(LONGEST_TITLE).collect::<String>());
        Ok(Text { title: title.filter(|title| !title.is_empty()), content })
    } else {
        Err(Problem::Empty)
    }
}
