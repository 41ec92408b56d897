//! How is an answer read that arrives piece by piece? Its pieces become the body that a whole answer has, which is read and
//! refused as that of one.

mod anthropic;
mod events;
mod openai;

use serde_json::Value;
use tokio::sync::{mpsc, watch};

use crate::error::Error;
use crate::loose::{self, Saying};
use events::Events;

/// What some providers send after the last piece.
const DONE: &str = "[DONE]";

/// The pieces of an answer, in the words of one provider.
trait Pieces: Send {
    /// Adds a piece. True if it is the last one.
    fn add(&mut self, event: &Value) -> bool;
    /// The text that came since this was asked last.
    fn fresh(&mut self) -> String;
    /// Whether the model said that it ended, so that only counts can follow.
    fn is_finished(&self) -> bool;
    /// The body of the whole answer. One without an answer or an error, if nothing came of either.
    fn body(&self) -> Value;
}

/// An answer that arrives.
pub(crate) struct Arriving {
    events: Events,
    pieces: Box<dyn Pieces>,
    saying: Saying,
    /// What came before the first event: a provider that cannot stream sends its whole answer.
    raw: Vec<u8>,
    is_stream: bool,
    is_over: bool,
    is_broken: bool,
}

impl Arriving {
    /// A chat completion of which nothing came yet.
    pub(crate) fn chat_completion() -> Self {
        Self::of(Box::new(openai::Chunks::default()))
    }

    /// A message of Anthropic of which nothing came yet.
    pub(crate) fn message() -> Self {
        Self::of(Box::new(anthropic::Events::default()))
    }

    fn of(pieces: Box<dyn Pieces>) -> Self {
        Self {
            events: Events::default(),
            pieces,
            saying: Saying::default(),
            raw: Vec::new(),
            is_stream: false,
            is_over: false,
            is_broken: false,
        }
    }

    /// Reads until the last piece, and tells the text so far. What follows is not read.
    pub(crate) async fn read<B: AsRef<[u8]>>(&mut self, mut arrived: mpsc::Receiver<B>, said: &watch::Sender<String>) {
        while let Some(bytes) = arrived.recv().await {
            self.add(bytes.as_ref());
            let fresh = self.pieces.fresh();
            said.send_if_modified(|known| self.saying.add(&fresh, known));
            if self.is_over {
                return;
            }
        }
    }

    fn add(&mut self, bytes: &[u8]) {
        for data in self.events.add(bytes) {
            self.is_stream = true;
            if self.is_over || data.trim() == DONE {
                self.is_over = true;
                continue;
            }
            match serde_json::from_str(&data) {
                Ok(event) => self.is_over = self.pieces.add(&loose::without_nul(event)),
                Err(_) => self.is_broken = true,
            }
        }
        if !self.is_stream {
            self.raw.extend_from_slice(bytes);
        }
    }

    /// Whether nothing of the answer is missing, however the connection ended.
    pub(crate) fn is_whole(&self) -> bool {
        self.is_stream && !self.is_broken && (self.is_over || self.pieces.is_finished())
    }

    /// The body of the whole answer.
    ///
    /// # Errors
    /// `Malformed` if it stopped in the middle, or a piece cannot be read.
    pub(crate) fn body(&self) -> Result<Value, Error> {
        match (self.is_stream, self.is_whole()) {
            (true, true) => Ok(self.pieces.body()),
            (true, false) => Err(Error::Malformed),
            (false, _) => serde_json::from_slice(&self.raw).map_err(|_| Error::Malformed),
        }
    }
}

/// Takes what was told, if it was.
fn keep(known: &mut Value, told: &Value) {
    if !told.is_null() {
        known.clone_from(told);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(text: &str) -> Arriving {
        let mut arriving = Arriving::chat_completion();
        arriving.add(text.as_bytes());
        arriving
    }

    #[test]
    fn an_answer_is_whole_when_its_end_was_told() {
        let text = "data: {\"choices\":[{\"delta\":{\"content\":\"At nine.\"}}]}\n\n";
        let end = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
        let done = "data: [DONE]\n\n";
        for (parts, is_whole) in [
            (vec![text], false),
            (vec![text, end], true),
            (vec![text, done], true),
            (vec![text, end, done], true),
            (vec![text, "data: {\"cho\n\n", end, done], false),
            (vec![text, &end[..20]], false),
            (vec![": waits\n\n"], false),
        ] {
            assert_eq!(of(&parts.concat()).is_whole(), is_whole, "{parts:?}");
        }
        assert_eq!(of(&[text, end].concat()).body().unwrap()["choices"][0]["message"]["content"], "At nine.");
        assert_eq!(of(text).body(), Err(Error::Malformed));
        assert_eq!(of(&[done, text].concat()).body(), Ok(json!({})), "nothing counts after the end");
    }

    #[test]
    fn a_provider_that_cannot_stream_answers_whole() {
        let whole = "{\"choices\":\n\n[{\"message\":{\"content\":\"data: x\"}}]}";
        assert_eq!(of(whole).body().unwrap()["choices"][0]["message"]["content"], "data: x");
        assert_eq!(of("<html>").body(), Err(Error::Malformed));
        assert_eq!(of("").body(), Err(Error::Malformed));
    }
}
