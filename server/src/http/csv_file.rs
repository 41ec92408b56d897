//! How is a table sent as a file? As CSV that spreadsheets open, in which no cell is a formula.

use axum::http::header;
use axum::response::{IntoResponse, Response};

/// Characters with which a spreadsheet begins a formula, or with which a cell hides one.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The table as CSV. The mark at its beginning tells spreadsheets that it is UTF-8.
///
/// # Errors
/// When the lines have different lengths.
pub fn write<const N: usize>(
    columns: &[&str; N],
    lines: impl IntoIterator<Item = [String; N]>,
) -> Result<Vec<u8>, csv::Error> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(columns)?;
    for line in lines {
        writer.write_record(line.map(harmless))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// The text as a cell that no spreadsheet calculates.
fn harmless(text: String) -> String {
    if text.trim_start_matches(' ').starts_with(FORMULA) { format!("'{text}") } else { text }
}

/// The answer with the file, under a name without ending.
#[must_use]
pub fn answer(name: &str, text: Vec<u8>) -> Response {
    let kind = (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned());
    let name = format!("attachment; filename=\"{name}.csv\"");
    ([kind, (header::CONTENT_DISPOSITION, name)], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_every_cell_stays_one() {
        let lines = ["=1+1", "+1", "-1", "@x", "\tx", " =x", "a,\"b\"\nc", "Bay Dental"]
            .map(|text| [text.to_owned(), "1".to_owned()]);
        let text = String::from_utf8(write(&["Name", "Count"], lines).unwrap()).unwrap();
        assert!(
            text.starts_with("\u{feff}Name,Count\r\n'=1+1,1\r\n'+1,1\r\n'-1,1\r\n'@x,1\r\n'\tx,1\r\n' =x,1\r\n"),
            "{text}"
        );
        assert!(text.ends_with("\"a,\"\"b\"\"\nc\",1\r\nBay Dental,1\r\n"), "{text}");
    }
}
