//! Where is a text gathered while it is taken out of something? In a bounded string that knows until when it may grow.

use std::time::Instant;

use domain::assistant::LONGEST_CONTENT;
use domain::assistant::sources::Problem;

/// The most bytes that are gathered: more than the longest text has, because cleaning makes it shorter.
const MOST: usize = LONGEST_CONTENT * 8;

/// A text that grows.
pub(super) struct Out {
    text: String,
    until: Instant,
}

impl Out {
    /// An empty text that may grow until this time.
    pub fn new(until: Instant) -> Self {
        Self { text: String::new(), until }
    }

    /// Until when it may grow.
    pub const fn until(&self) -> Instant {
        self.until
    }

    /// Whether there is room for more.
    ///
    /// # Errors
    /// `Unreadable` when the time is over.
    pub fn goes_on(&self) -> Result<bool, Problem> {
        if Instant::now() >= self.until { Err(Problem::Unreadable) } else { Ok(self.text.len() < MOST) }
    }

    /// Adds a piece as it is, as far as there is room.
    pub fn push(&mut self, piece: &str) {
        let room = MOST.saturating_sub(self.text.len());
        let end = (0..=room.min(piece.len())).rev().find(|end| piece.is_char_boundary(*end)).unwrap_or(0);
        self.text.push_str(&piece[..end]);
    }

    /// Adds a piece in which any white space is one space.
    pub fn words(&mut self, piece: &str) {
        for letter in piece.chars() {
            if letter.is_whitespace() {
                self.space();
            } else if self.text.len() < MOST {
                self.text.push(letter);
            }
        }
    }

    /// Adds a space, unless a line begins here or there is one.
    pub fn space(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
            self.push(" ");
        }
    }

    /// Begins a new line, unless one begins here.
    pub fn line(&mut self) {
        self.end_line();
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.push("\n");
        }
    }

    /// Begins something new behind an empty line, unless it begins here.
    pub fn paragraph(&mut self) {
        self.line();
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.push("\n");
        }
    }

    /// Adds a piece right behind the last word.
    pub fn behind(&mut self, piece: &str) {
        self.end_line();
        self.push(piece);
    }

    fn end_line(&mut self) {
        while self.text.ends_with(' ') {
            self.text.pop();
        }
    }

    /// Whether a line begins here.
    pub fn is_at_line(&self) -> bool {
        self.text.is_empty() || self.text.ends_with('\n')
    }

    /// Whether nothing was said.
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// The text.
    pub fn into_text(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn white_space_is_single_and_nothing_grows_beyond_its_room_or_time() {
        let mut out = Out::new(Instant::now() + Duration::from_secs(60));
        out.paragraph();
        out.words("  one \n\t two ");
        out.line();
        out.line();
        out.words("three");
        out.paragraph();
        out.paragraph();
        out.words("four");
        assert_eq!(out.text, "one two\nthree\n\nfour");
        out.push(&"ä".repeat(MOST));
        out.words(&"ä".repeat(9));
        assert!(out.text.len() <= MOST + 2 && out.goes_on() == Ok(out.text.len() < MOST));
        assert_eq!(Out::new(Instant::now()).goes_on(), Err(Problem::Unreadable));
    }
}
