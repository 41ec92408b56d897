//! What does a table say? Each row on its own, with the name of its column before each value: a passage has to say what its
//! numbers are.

use csv::{ReaderBuilder, StringRecord};
use domain::assistant::sources::Problem;

use super::out::Out;

/// What may stand between the values of a row.
const BETWEEN: [char; 4] = [',', ';', '\t', '|'];

/// Writes the rows of a table. What has one column is a text.
pub(super) fn read(text: &str, out: &mut Out) -> Result<(), Problem> {
    let mut rows =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(between(text)).from_reader(text.as_bytes());
    let mut row = StringRecord::new();
    let mut more = |row: &mut StringRecord| rows.read_record(row).map_err(|_| Problem::Unreadable);
    if !more(&mut row)? {
        return Ok(());
    }
    let names = row.clone();
    if names.len() < 2 {
        out.push(text);
        return Ok(());
    }
    let mut is_alone = true;
    while out.goes_on()? && more(&mut row)? {
        is_alone = false;
        write(&names, &row, out);
    }
    if is_alone {
        out.push(text);
    }
    Ok(())
}

fn write(names: &StringRecord, row: &StringRecord, out: &mut Out) {
    out.paragraph();
    for (at, value) in row.iter().enumerate().filter(|(_, value)| !value.trim().is_empty()) {
        if !out.is_at_line() {
            out.push("; ");
        }
        if let Some(name) = names.get(at).filter(|name| !name.trim().is_empty()) {
            out.words(name.trim());
            out.push(": ");
        }
        out.words(value.trim());
    }
}

/// What stands between the values: the sign that the first line has most of.
fn between(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let often = BETWEEN.into_iter().rev().max_by_key(|sign| first.matches(*sign).count());
    often.and_then(|sign| u8::try_from(sign).ok()).unwrap_or(b',')
}
