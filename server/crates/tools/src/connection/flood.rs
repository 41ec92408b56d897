//! Does a tool process say far more than it is asked for? Lines that nobody waited for are counted from the last answer on.

/// How many lines, and how many bytes of them, a process may write that nobody waited for.
const LINES: u32 = 1000;
const BYTES: u64 = 8 << 20;
/// The longest line, in bytes. An answer that is too long is still somebody's, but one without an end is nobody's.
pub(super) const LINE: usize = 64 << 20;

/// What came since the last answer.
#[derive(Default)]
pub(super) struct Flood {
    lines: u32,
    since: u64,
}

impl Flood {
    /// Notes a line, after which `taken` bytes were read in all. True if it is too much.
    pub fn rises(&mut self, waited: bool, taken: u64) -> bool {
        if waited {
            *self = Self { lines: 0, since: taken };
            return false;
        }
        self.lines += 1;
        self.lines > LINES || taken.saturating_sub(self.since) > BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_bytes_are_counted_from_the_last_answer_on() {
        let mut flood = Flood::default();
        for round in 0..3 {
            let begin = round * 10 * BYTES;
            assert!(!flood.rises(true, begin));
            assert!((0..LINES).all(|_| !flood.rises(false, begin + BYTES)));
        }
        assert!(flood.rises(false, 20 * BYTES + BYTES), "one line too many");
        assert!(!flood.rises(true, 40 * BYTES));
        assert!(flood.rises(false, 41 * BYTES + 1), "one byte too many");
    }
}
