//! What do Anthropic's messages look like on the wire?

use serde_json::{Map, Value, json};

use crate::conversation::{Call, Reply, Request, Tool, Turn};
use crate::error::Error;
use crate::loose;

/// Path below the base address.
pub(crate) const ENDPOINT: &str = "/v1/messages";
/// The version of the API that this module speaks.
pub(crate) const VERSION: &str = "2023-06-01";

/// The body of a request to this model.
pub(crate) fn body(request: &Request, model: &str) -> Value {
    let mut body = Map::new();
    body.insert("model".into(), json!(model));
    body.insert("max_tokens".into(), json!(request.max_tokens.max(1)));
    body.insert("messages".into(), messages(&request.turns));
    if !request.system.is_empty() {
        body.insert("system".into(), json!(request.system));
    }
    if !request.tools.is_empty() {
        body.insert("tools".into(), request.tools.iter().map(tool).collect());
    }
    Value::Object(body)
}

/// The same body for an answer that arrives piece by piece.
pub(crate) fn streamed(mut body: Value) -> Value {
    body["stream"] = json!(true);
    body
}

/// The conversation, in which the customer speaks first and the two sides take turns.
fn messages(turns: &[Turn]) -> Value {
    let mut sides: Vec<(bool, String)> = Vec::new();
    let said = turns.iter().filter(|turn| !turn.text.trim().is_empty());
    for turn in said.skip_while(|turn| !turn.from_customer) {
        match sides.last_mut() {
            Some((from_customer, text)) if *from_customer == turn.from_customer => {
                text.push_str("\n\n");
                text.push_str(&turn.text);
            }
            _ => sides.push((turn.from_customer, turn.text.clone())),
        }
    }
    let message = |(from_customer, text): (bool, String)| {
        let role = if from_customer { "user" } else { "assistant" };
        json!({"role": role, "content": text})
    };
    sides.into_iter().map(message).collect()
}

fn tool(tool: &Tool) -> Value {
    let Tool { name, description, parameters } = tool;
    json!({"name": name, "description": description, "input_schema": parameters})
}

/// Reads a 2xx answer.
pub(crate) fn read(body: &Value) -> Result<Reply, Error> {
    let parts = body["content"].as_array().ok_or(Error::Malformed)?;
    match body["stop_reason"].as_str() {
        Some("max_tokens" | "model_context_window_exceeded") => return Err(Error::TooLong),
        Some("refusal") => return Err(Error::Refused),
        _ => {}
    }
    let calls = parts.iter().filter(|part| part["type"] == "tool_use");
    Ok(Reply {
        text: loose::said(&body["content"]),
        calls: calls.map(call).collect(),
        prompt_tokens: loose::count(&body["usage"]["input_tokens"]),
        completion_tokens: loose::count(&body["usage"]["output_tokens"]),
        model: loose::word(&body["model"]),
    })
}

fn call(part: &Value) -> Call {
    Call { name: loose::word(&part["name"]), arguments: loose::arguments(&part["input"]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_customer_speaks_first_and_the_sides_take_turns() {
        let turn = |from_customer, text: &str| Turn { from_customer, text: text.to_owned() };
        let turns =
            [turn(false, "Welcome"), turn(true, "Hi"), turn(true, "When?"), turn(false, ""), turn(false, "Nine")];
        let request = Request { turns: [turns.to_vec(), vec![turn(true, "Thanks")]].concat(), ..Request::default() };
        let messages = json!([{"role": "user", "content": "Hi\n\nWhen?"}, {"role": "assistant", "content": "Nine"},
            {"role": "user", "content": "Thanks"}]);
        assert_eq!(body(&request, "m"), json!({"model": "m", "max_tokens": 1, "messages": messages}));
    }

    #[test]
    fn instructions_and_tools_have_places_of_their_own() {
        let schema = json!({"type": "object"});
        let tool = Tool { name: "hand_over".into(), description: "d".into(), parameters: schema.clone() };
        let body = body(&Request { system: "s".into(), tools: vec![tool], ..Request::default() }, "m");
        assert_eq!(body["system"], "s");
        assert_eq!(body["tools"], json!([{"name": "hand_over", "description": "d", "input_schema": schema}]));
    }

    #[test]
    fn a_reply_is_read_and_one_that_is_cut_or_refused_is_none() {
        let part = json!({"type": "tool_use", "id": "t", "name": "hand_over", "input": {"reason": "r"}});
        let usage = json!({"input_tokens": 12, "output_tokens": "3"});
        let content = json!([{"type": "thinking", "thinking": "t"}, {"type": "text", "text": "One moment."}, part]);
        let reply =
            read(&json!({"content": content, "stop_reason": "tool_use", "usage": usage, "model": "m-1"})).unwrap();
        let call = Call { name: "hand_over".into(), arguments: json!({"reason": "r"}) };
        assert_eq!((reply.text.as_str(), reply.calls), ("One moment.", vec![call]));
        assert_eq!((reply.prompt_tokens, reply.completion_tokens, reply.model.as_str()), (12, 3, "m-1"));
        assert_eq!(read(&json!({"content": []})).unwrap().text, "");
        for (body, error) in [
            (json!({"content": [], "stop_reason": "max_tokens"}), Error::TooLong),
            (json!({"content": [], "stop_reason": "refusal"}), Error::Refused),
            (json!({"content": "text"}), Error::Malformed),
            (json!([]), Error::Malformed),
        ] {
            assert_eq!(read(&body).unwrap_err(), error, "{body}");
        }
    }
}
