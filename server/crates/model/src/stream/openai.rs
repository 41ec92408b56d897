//! What do the pieces of a chat completion say together? Few providers follow every detail.

use serde_json::{Value, json};

use super::{Pieces, keep};
use crate::loose;

/// The pieces so far.
#[derive(Default)]
pub(super) struct Chunks {
    content: String,
    /// What of the content was not asked for.
    fresh: String,
    refusal: String,
    calls: Vec<Call>,
    reason: Value,
    usage: Value,
    model: Value,
    error: Value,
    has_begun: bool,
}

/// A call of a tool, of which the arguments arrive as parts of a text.
#[derive(Default)]
struct Call {
    index: Option<u64>,
    name: String,
    arguments: String,
}

impl Chunks {
    /// Adds a part of a call. Where the provider does not number its calls, a name begins one.
    fn call(&mut self, part: &Value) {
        let (index, function) = (part["index"].as_u64(), &part["function"]);
        let name = function["name"].as_str().unwrap_or_default();
        let known = match index {
            Some(_) => self.calls.iter().position(|call| call.index == index),
            None if name.is_empty() => self.calls.len().checked_sub(1),
            None => None,
        };
        let at = known.unwrap_or_else(|| {
            self.calls.push(Call { index, ..Call::default() });
            self.calls.len() - 1
        });
        let call = &mut self.calls[at];
        if call.name.is_empty() {
            name.clone_into(&mut call.name);
        }
        match &function["arguments"] {
            Value::String(more) => call.arguments.push_str(more),
            whole @ Value::Object(_) => call.arguments = whole.to_string(),
            _ => {}
        }
    }
}

impl Pieces for Chunks {
    fn add(&mut self, event: &Value) -> bool {
        if event["error"].is_object() {
            self.error = event["error"].clone();
            return true;
        }
        keep(&mut self.usage, &event["usage"]);
        keep(&mut self.model, &event["model"]);
        let mut choices = event["choices"].as_array().into_iter().flatten();
        let Some(choice) = choices.find(|choice| choice["index"].as_u64().unwrap_or_default() == 0) else {
            return false;
        };
        self.has_begun = true;
        let delta = &choice["delta"];
        let more = loose::text(&delta["content"]);
        self.content.push_str(&more);
        self.fresh.push_str(&more);
        self.refusal.push_str(delta["refusal"].as_str().unwrap_or_default());
        for part in delta["tool_calls"].as_array().into_iter().flatten() {
            self.call(part);
        }
        keep(&mut self.reason, &choice["finish_reason"]);
        false
    }

    fn fresh(&mut self) -> String {
        std::mem::take(&mut self.fresh)
    }

    fn is_finished(&self) -> bool {
        self.reason.is_string()
    }

    fn body(&self) -> Value {
        if !self.error.is_null() {
            return json!({"error": self.error});
        }
        if !self.has_begun {
            return json!({});
        }
        let call = |call: &Call| json!({"function": {"name": call.name, "arguments": call.arguments}});
        let calls: Vec<Value> = self.calls.iter().map(call).collect();
        let message = json!({"content": self.content, "refusal": self.refusal, "tool_calls": calls});
        let choice = json!({"message": message, "finish_reason": self.reason});
        json!({"choices": [choice], "usage": self.usage, "model": self.model})
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::Call as Called;
    use crate::openai::read;

    fn of(events: &[Value]) -> Chunks {
        let mut chunks = Chunks::default();
        for event in events {
            assert!(!chunks.add(event), "{event}");
        }
        chunks
    }

    fn delta(delta: &Value) -> Value {
        json!({"choices": [{"index": 0, "delta": delta, "finish_reason": null}], "usage": null})
    }

    #[test]
    fn calls_are_put_together_numbered_or_not() {
        let call = |index: Option<u64>, name: Option<&str>, arguments: &Value| {
            delta(&json!({"tool_calls": [{"index": index, "function": {"name": name, "arguments": arguments}}]}))
        };
        let reason = |word: &str| Called { name: "hand_over".into(), arguments: json!({"reason": word}) };
        for (events, expected) in [
            (
                vec![
                    call(Some(0), Some("hand_over"), &json!("")),
                    call(Some(7), Some("hand_over"), &json!("{\"reason\":")),
                    call(Some(0), None, &json!("{\"reason\":\"a\"}")),
                    call(Some(7), None, &json!("\"b\"}")),
                ],
                vec![reason("a"), reason("b")],
            ),
            (
                vec![
                    call(None, Some("hand_over"), &json!("{\"reason\"")),
                    call(None, None, &json!(":\"a\"}")),
                    call(None, Some("hand_over"), &json!({"reason": "b"})),
                ],
                vec![reason("a"), reason("b")],
            ),
            (
                vec![call(Some(0), Some("hand_over"), &json!("{\"reas"))],
                vec![Called { name: "hand_over".into(), arguments: Value::Null }],
            ),
            (vec![call(None, None, &Value::Null)], vec![Called { name: String::new(), arguments: Value::Null }]),
        ] {
            assert_eq!(read(&of(&events).body()).unwrap().calls, expected, "{events:?}");
        }
    }

    #[test]
    fn odd_pieces_say_nothing() {
        let other = json!({"choices": [{"index": 1, "delta": {"content": "Another choice."}}]});
        let text = delta(&json!({"content": "At nine."}));
        let odd = [json!([]), json!("x"), json!({"choices": "x"}), json!({"choices": []}), other];
        let chunks = of(&odd);
        assert_eq!((chunks.body(), chunks.is_finished()), (json!({}), false));
        let events = [vec![text], odd.to_vec(), vec![delta(&json!({"content": [{"text": " Come!"}]}))]].concat();
        assert_eq!(of(&events).fresh(), "At nine. Come!");
    }

    #[test]
    fn an_error_ends_the_stream() {
        let mut chunks = of(&[delta(&json!({"content": "At"}))]);
        assert!(chunks.add(&json!({"error": {"code": 503}})));
        assert_eq!(chunks.body(), json!({"error": {"code": 503}}));
    }
}
