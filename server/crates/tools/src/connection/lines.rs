//! Where does one message of a tool process end? At its line break. A line is kept up to a bound, whatever its length.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// How much of the end of a long line is kept, in bytes.
const TAIL: usize = 512;

/// One line without its line break.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// All of it.
    Whole(Vec<u8>),
    /// A line beyond the bound: how it begins and how it ends.
    Long { head: Vec<u8>, tail: Vec<u8> },
}

/// Reads lines.
pub(crate) struct Lines<R> {
    from: BufReader<R>,
    limit: usize,
    longest: usize,
    taken: u64,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    /// Reads lines of which at most `limit` bytes are kept.
    pub fn new(from: R, limit: usize) -> Self {
        Self { from: BufReader::with_capacity(64 << 10, from), limit, longest: usize::MAX, taken: 0 }
    }

    /// A line of more bytes is an error: it may have no end.
    pub fn ending_within(self, longest: usize) -> Self {
        Self { longest, ..self }
    }

    /// How many bytes were read so far, all lines and line breaks together.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// The next line. `None` at the end.
    pub async fn next(&mut self) -> io::Result<Option<Line>> {
        let (mut head, mut tail, mut length) = (Vec::new(), Vec::new(), 0_usize);
        loop {
            let chunk = self.from.fill_buf().await?;
            if chunk.is_empty() {
                return Ok((length > 0).then(|| line(head, tail, length, self.limit)));
            }
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let piece = &chunk[..end.unwrap_or(chunk.len())];
            let room = self.limit.saturating_sub(head.len()).min(piece.len());
            head.extend_from_slice(&piece[..room]);
            keep_end(&mut tail, &piece[room..]);
            length = length.saturating_add(piece.len());
            if length > self.longest {
                return Err(io::Error::other("a line has no end"));
            }
            let used = piece.len() + usize::from(end.is_some());
            self.from.consume(used);
            self.taken = self.taken.saturating_add(used as u64);
            if end.is_some() {
                return Ok(Some(line(head, tail, length, self.limit)));
            }
        }
    }
}

fn keep_end(tail: &mut Vec<u8>, piece: &[u8]) {
    tail.extend_from_slice(&piece[piece.len().saturating_sub(TAIL)..]);
    tail.drain(..tail.len().saturating_sub(TAIL));
}

fn line(head: Vec<u8>, tail: Vec<u8>, length: usize, limit: usize) -> Line {
    if length > limit { Line::Long { head, tail } } else { Line::Whole(head) }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn all(text: &[u8], limit: usize) -> Vec<Line> {
        let mut lines = Lines::new(text, limit);
        let mut found = Vec::new();
        while let Some(line) = lines.next().await.unwrap() {
            found.push(line);
        }
        found
    }

    #[tokio::test]
    async fn lines_of_each_length_are_told_apart() {
        for length in 0..20 {
            let text = format!("{}\nnext\n", "a".repeat(length));
            let found = all(text.as_bytes(), 10).await;
            assert_eq!(found.len(), 2, "{length}");
            assert_eq!(matches!(found[0], Line::Long { .. }), length > 10, "{length}");
            assert_eq!(found[1], Line::Whole(b"next".to_vec()));
        }
    }

    #[tokio::test]
    async fn a_line_without_end_is_a_line_and_nothing_is_none() {
        assert_eq!(all(b"half", 10).await, [Line::Whole(b"half".to_vec())]);
        assert_eq!(all(b"", 10).await, []);
    }

    #[tokio::test]
    async fn a_line_beyond_all_bounds_is_an_error_and_what_was_read_is_counted() {
        let text = [b"abc\n".as_slice(), &[b'x'; 20]].concat();
        let mut lines = Lines::new(&text[..], 10).ending_within(15);
        assert_eq!(lines.next().await.unwrap(), Some(Line::Whole(b"abc".to_vec())));
        assert_eq!(lines.taken(), 4);
        assert!(lines.next().await.is_err());
    }

    #[tokio::test]
    async fn of_a_long_line_begin_and_end_are_kept() {
        let text = format!("begin{}{}end", "x".repeat(1 << 20), "y".repeat(TAIL));
        let [Line::Long { head, tail }] = &all(text.as_bytes(), 100).await[..] else { panic!("one long line") };
        assert!(head.starts_with(b"begin") && head.len() == 100);
        assert!(tail.ends_with(b"end") && tail.len() == TAIL);
    }
}
