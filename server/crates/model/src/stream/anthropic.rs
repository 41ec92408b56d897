//! What do the events of a message of Anthropic say together?

use serde_json::{Map, Value, json};

use super::{Pieces, keep};

/// The events so far.
#[derive(Default)]
pub(super) struct Events {
    blocks: Vec<Block>,
    /// The text that was not asked for, as it came.
    fresh: String,
    usage: Map<String, Value>,
    model: Value,
    reason: Value,
    error: Value,
    has_begun: bool,
}

/// A part of the content: how it began, and the text or the JSON that followed.
struct Block {
    index: u64,
    start: Value,
    more: String,
}

impl Block {
    fn is_text(&self) -> bool {
        self.start["type"] == "text"
    }

    fn text(&self) -> String {
        format!("{}{}", self.start["text"].as_str().unwrap_or_default(), self.more)
    }

    fn whole(&self) -> Value {
        let mut whole = self.start.clone();
        if self.is_text() {
            whole["text"] = json!(self.text());
        } else if self.start["type"] == "tool_use" && !self.more.is_empty() {
            whole["input"] = json!(self.more);
        }
        whole
    }
}

impl Events {
    fn count(&mut self, usage: &Value) {
        let told = usage.as_object().into_iter().flatten().filter(|(_, count)| !count.is_null());
        self.usage.extend(told.map(|(name, count)| (name.clone(), count.clone())));
    }

    fn grow(&mut self, event: &Value) {
        let index = event["index"].as_u64().unwrap_or_default();
        let delta = &event["delta"];
        let more = delta["text"].as_str().or_else(|| delta["partial_json"].as_str()).unwrap_or_default();
        if let Some(block) = self.blocks.iter_mut().find(|block| block.index == index) {
            block.more.push_str(more);
            if block.is_text() {
                self.fresh.push_str(more);
            }
        }
    }
}

impl Pieces for Events {
    fn add(&mut self, event: &Value) -> bool {
        match event["type"].as_str().unwrap_or_default() {
            "message_start" => {
                self.has_begun = true;
                keep(&mut self.model, &event["message"]["model"]);
                self.count(&event["message"]["usage"]);
            }
            "content_block_start" => {
                let (index, start) = (event["index"].as_u64().unwrap_or_default(), event["content_block"].clone());
                // Whatever is no object has no fields that could be set.
                if start.is_object() {
                    let block = Block { index, start, more: String::new() };
                    if block.is_text() {
                        self.fresh.push_str(&block.text());
                    }
                    self.blocks.push(block);
                }
            }
            "content_block_delta" => self.grow(event),
            "message_delta" => {
                keep(&mut self.reason, &event["delta"]["stop_reason"]);
                // The counts are those of the whole message so far.
                self.count(&event["usage"]);
            }
            "message_stop" => return true,
            "error" => {
                self.error = Some(event["error"].clone()).filter(Value::is_object).unwrap_or_else(|| json!({}));
                return true;
            }
            _ => {}
        }
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
        let content: Vec<Value> = self.blocks.iter().map(Block::whole).collect();
        json!({"content": content, "stop_reason": self.reason, "usage": self.usage, "model": self.model})
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anthropic::read;
    use crate::conversation::Call;

    fn of(events: &[Value]) -> Events {
        let mut all = Events::default();
        for event in events {
            assert!(!all.add(event), "{event}");
        }
        all
    }

    fn start(index: u64, block: &Value) -> Value {
        json!({"type": "content_block_start", "index": index, "content_block": block})
    }

    fn delta(index: u64, delta: &Value) -> Value {
        json!({"type": "content_block_delta", "index": index, "delta": delta})
    }

    #[test]
    fn text_and_calls_are_put_together_and_counted_once() {
        let usage = json!({"input_tokens": 12, "output_tokens": 1});
        let events = [
            json!({"type": "message_start", "message": {"model": "m-1", "usage": usage, "content": []}}),
            json!({"type": "ping"}),
            start(0, &json!({"type": "thinking", "thinking": ""})),
            delta(0, &json!({"type": "thinking_delta", "thinking": "The customer asks."})),
            start(1, &json!({"type": "text", "text": ""})),
            delta(1, &json!({"type": "text_delta", "text": "One "})),
            delta(1, &json!({"type": "text_delta", "text": "moment."})),
            json!({"type": "content_block_stop", "index": 1}),
            start(2, &json!({"type": "tool_use", "id": "t", "name": "hand_over", "input": {}})),
            delta(2, &json!({"type": "input_json_delta", "partial_json": "{\"reason\""})),
            delta(2, &json!({"type": "input_json_delta", "partial_json": ": \"r\"}"})),
            start(3, &json!({"type": "tool_use", "id": "t", "name": "other", "input": {}})),
            delta(9, &json!({"type": "text_delta", "text": "of no block"})),
            json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 30, "input_tokens": null}}),
        ];
        let mut all = of(&events);
        assert!(all.is_finished() && all.add(&json!({"type": "message_stop"})));
        assert_eq!((all.fresh().as_str(), all.fresh().as_str()), ("One moment.", ""));
        let reply = read(&all.body()).unwrap();
        let call = |name: &str, arguments: Value| Call { name: name.into(), arguments };
        assert_eq!(reply.calls, [call("hand_over", json!({"reason": "r"})), call("other", json!({}))]);
        assert_eq!((reply.text.as_str(), reply.model.as_str()), ("One moment.", "m-1"));
        assert_eq!((reply.prompt_tokens, reply.completion_tokens), (12, 30));
    }

    #[test]
    fn nothing_and_odd_events_are_no_answer_and_an_error_ends_the_stream() {
        let odd = [json!([]), json!("x"), json!({"type": "new"}), start(0, &json!("x")), delta(0, &json!({"text": 7}))];
        assert_eq!(of(&odd).body(), json!({}));
        for (told, expected) in
            [(json!({"type": "overloaded_error"}), json!({"type": "overloaded_error"})), (Value::Null, json!({}))]
        {
            let mut all = of(&[json!({"type": "message_start"})]);
            assert!(all.add(&json!({"type": "error", "error": told})));
            assert_eq!(all.body(), json!({"error": expected}));
        }
    }
}
