//! Explains why Postgres does not start, as one sentence with the remedy.
//!
//! The full output is in the log. A person needs the one line that matters and what to do about it.

use crate::place::Place;
use crate::{Error, log};
use std::fs;
use std::io::ErrorKind;

/// Turns the output of Postgres or `initdb` into one sentence.
pub(crate) fn sentence(place: &Place, said: &str) -> Error {
    let folder = place.root.display();
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    Error::new(if has(&["No space left on device", "Disk quota exceeded"]) || is_full(place) {
        format!(
            "The disk that holds {folder} is full: free some space and start again. Nothing that was committed is lost."
        )
    } else if has(&["Permission denied", "must be owned by the server", "has wrong ownership"]) {
        format!(
            "Postgres may not read all files in {folder} ({}): start this as the user who made them, or give them back.",
            line(said)
        )
    } else if has(&["Cannot allocate memory", "out of memory"]) {
        "There is not enough memory for Postgres: end other programs or give this machine more, and start again."
            .to_owned()
    } else if has(&["could not locate a valid checkpoint", "PANIC"]) {
        format!(
            "The database files in {folder} are damaged ({}): put back a backup of that folder, or forget the data with `cargo x \
             db reset`.",
            line(said)
        )
    } else {
        format!("Postgres does not start ({}): its whole log is {}.", line(said), log::path(place).display())
    })
}

/// The line that gives the reason, without its time and severity.
fn line(said: &str) -> String {
    let ranks = ["PANIC:", "FATAL:", "initdb: error:", "ERROR:"];
    let telling = ranks.iter().find_map(|rank| said.lines().find_map(|line| Some(line.split_once(rank)?.1)));
    let last = || said.lines().rfind(|line| !line.trim().is_empty());
    telling.or_else(last).map_or("it says nothing", str::trim).chars().take(300).collect()
}

/// True if nothing can be written next to the database files. A full disk prevents even the log from saying so.
fn is_full(place: &Place) -> bool {
    let path = place.root.join(format!("room-{}", std::process::id()));
    let tried = fs::write(&path, [0_u8; 16 << 10]);
    let _ = fs::remove_file(&path);
    tried.is_err_and(|cause| matches!(cause.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded))
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn the_line_that_tells_is_found() {
        let log = "2026-01-01 00:00:00.000 UTC [7] LOG:  starting\n2026-01-01 UTC [7] FATAL:  bogus data in lock file\nHINT: x\n";
        assert_eq!(line(log), "bogus data in lock file");
        assert_eq!(line("\n"), "it says nothing");
    }
}
