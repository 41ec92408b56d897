//! How is a table sent as a file? As CSV that spreadsheets open, in which no cell is a formula.

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};

/// Characters with which a spreadsheet begins a formula, or with which a cell hides one.
/// The wide forms count in some languages.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// Where spreadsheets of some countries begin another cell.
const SEPARATORS: [char; 2] = [';', '|'];

/// The first line of a file: the names of the columns. The mark at its beginning tells spreadsheets that it is UTF-8.
///
/// # Errors
/// When the line cannot be written.
pub fn head<const N: usize>(columns: &[&str; N]) -> Result<Vec<u8>, csv::Error> {
    written("\u{feff}".as_bytes().to_vec(), [columns.map(str::to_owned)])
}

/// Further lines of a file.
///
/// # Errors
/// When a line cannot be written.
pub fn lines<const N: usize>(lines: impl IntoIterator<Item = [String; N]>) -> Result<Vec<u8>, csv::Error> {
    written(Vec::new(), lines.into_iter().map(|line| line.map(harmless)))
}

fn written<const N: usize>(
    begun: Vec<u8>,
    lines: impl IntoIterator<Item = [String; N]>,
) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(begun);
    for line in lines {
        writer.write_record(line)?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// The text as a cell that no spreadsheet calculates.
fn harmless(text: String) -> String {
    let begins = |part: &str| part.starts_with(FORMULA) || part.trim_start().starts_with(FORMULA);
    if begins(&text) {
        return format!("'{text}");
    }
    // A part after a separator that would begin a formula is set apart from it, by an apostrophe as above.
    if !text.split(SEPARATORS).skip(1).any(begins) {
        return text;
    }
    let parts = text.split_inclusive(SEPARATORS).enumerate();
    parts.map(|(at, part)| if at > 0 && begins(part) { format!("'{part}") } else { part.to_owned() }).collect()
}

/// The answer with the file, under a name without ending.
#[must_use]
pub fn answer(name: &str, text: Body) -> Response {
    let kind = (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned());
    let name = format!("attachment; filename=\"{name}.csv\"");
    ([kind, (header::CONTENT_DISPOSITION, name)], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_every_cell_stays_one() {
        let lines = ["=1+1", "+1", "-1", "@x", "\tx", " =x", "a; =x;b", "a;b", "\u{ff1d}x", "a,\"b\"\nc", "Bay Dental"]
            .map(|text| [text.to_owned(), "1".to_owned()]);
        let file = [head(&["Name", "Count"]).unwrap(), super::lines(lines).unwrap()].concat();
        let text = String::from_utf8(file).unwrap();
        assert!(
            text.starts_with("\u{feff}Name,Count\r\n'=1+1,1\r\n'+1,1\r\n'-1,1\r\n'@x,1\r\n'\tx,1\r\n' =x,1\r\na;' =x;b,1\r\na;b,1\r\n'\u{ff1d}x,1\r\n"),
            "{text}"
        );
        assert!(text.ends_with("\"a,\"\"b\"\"\nc\",1\r\nBay Dental,1\r\n"), "{text}");
    }
}
