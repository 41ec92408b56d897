//! Which events does a piece of a stream complete? Server-sent events, of which only the data counts.

/// What arrived of an event that is not complete.
#[derive(Default)]
pub(super) struct Events {
    line: Vec<u8>,
    data: String,
}

impl Events {
    /// Adds a piece, which may end anywhere, also within a letter. Returns the data of the events that it completes.
    pub(super) fn add(&mut self, piece: &[u8]) -> Vec<String> {
        let mut complete = Vec::new();
        for byte in piece {
            if *byte == b'\n' {
                complete.extend(self.end_line());
            } else {
                self.line.push(*byte);
            }
        }
        complete
    }

    /// Ends a line. An empty one ends the event.
    fn end_line(&mut self) -> Option<String> {
        let bytes = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&bytes);
        let line = line.trim_end_matches('\r');
        if line.is_empty() {
            return Some(std::mem::take(&mut self.data)).filter(|data| !data.is_empty());
        }
        // Names, ids and comments say nothing that the data does not say.
        if let Some(data) = line.strip_prefix("data:") {
            if !self.data.is_empty() {
                self.data.push('\n');
            }
            self.data.push_str(data.strip_prefix(' ').unwrap_or(data));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wherever_a_stream_is_cut_its_events_are_the_same() {
        let text = ": hello\n\nevent: message\r\ndata: {\"a\":\"Zoë ☕\"}\r\nid: 7\r\n\r\ndata:one\ndata: two\n\n\ndata: [DONE]\n\n";
        let expected = ["{\"a\":\"Zoë ☕\"}", "one\ntwo", "[DONE]"];
        for length in 1..=text.len() {
            let mut events = Events::default();
            let found: Vec<String> = text.as_bytes().chunks(length).flat_map(|piece| events.add(piece)).collect();
            assert_eq!(found, expected, "{length}");
        }
    }

    #[test]
    fn an_event_without_its_end_is_none() {
        for text in ["data: {}", "data: {}\n", "{\"choices\":[]}", "\n\n\n", "event: ping\n\n"] {
            assert!(Events::default().add(text.as_bytes()).is_empty(), "{text}");
        }
    }
}
