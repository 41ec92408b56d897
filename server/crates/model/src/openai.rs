//! What do chat completions look like on the wire? Many providers understand them; few follow every detail.

use serde_json::{Map, Value, json};
use url::Url;

use crate::conversation::{Call, Reply, Request, Tool};
use crate::error::Error;
use crate::loose;

/// Path below the base address.
pub(crate) const ENDPOINT: &str = "/chat/completions";

/// The host of OpenAI itself, whose newer models refuse the field that all other providers know (OpenAI, chat
/// completions: `max_tokens` is deprecated and not compatible with reasoning models).
const OPENAI: &str = "api.openai.com";

/// The body of a request to the model `model` at `base`.
pub(crate) fn body(request: &Request, model: &str, base: &Url) -> Value {
    let turns = request.turns.iter().filter(|turn| !turn.text.trim().is_empty()).map(|turn| {
        let role = if turn.from_customer { "user" } else { "assistant" };
        json!({"role": role, "content": turn.text})
    });
    let messages: Vec<Value> =
        std::iter::once(json!({"role": "system", "content": request.system})).chain(turns).collect();
    let limit = if base.host_str() == Some(OPENAI) { "max_completion_tokens" } else { "max_tokens" };
    let mut body = Map::new();
    body.insert("model".into(), json!(model));
    body.insert("messages".into(), json!(messages));
    body.insert(limit.into(), json!(request.max_tokens.max(1)));
    if !request.tools.is_empty() {
        body.insert("tools".into(), request.tools.iter().map(tool).collect());
    }
    Value::Object(body)
}

/// The same body for an answer that arrives piece by piece, with what it cost at its end.
pub(crate) fn streamed(mut body: Value) -> Value {
    body["stream"] = json!(true);
    body["stream_options"] = json!({"include_usage": true});
    body
}

fn tool(tool: &Tool) -> Value {
    let Tool { name, description, parameters } = tool;
    json!({"type": "function", "function": {"name": name, "description": description, "parameters": parameters}})
}

/// Reads a 2xx answer.
pub(crate) fn read(body: &Value) -> Result<Reply, Error> {
    let choice = &body["choices"][0];
    let message = &choice["message"];
    if !message.is_object() {
        return Err(Error::Malformed);
    }
    match choice["finish_reason"].as_str() {
        Some("length") => return Err(Error::TooLong),
        Some("content_filter") => return Err(Error::Refused),
        _ => {}
    }
    if message["refusal"].as_str().is_some_and(|refusal| !refusal.is_empty()) {
        return Err(Error::Refused);
    }
    let calls = message["tool_calls"].as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(Reply {
        text: loose::said(&message["content"]),
        calls: calls.iter().map(call).collect(),
        prompt_tokens: loose::count(&body["usage"]["prompt_tokens"]),
        completion_tokens: loose::count(&body["usage"]["completion_tokens"]),
        model: loose::word(&body["model"]),
    })
}

fn call(call: &Value) -> Call {
    let function = &call["function"];
    Call { name: loose::word(&function["name"]), arguments: loose::arguments(&function["arguments"]) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::Turn;

    fn asked() -> Request {
        let turn = |from_customer, text: &str| Turn { from_customer, text: text.to_owned() };
        Request {
            system: "Answer.".into(),
            turns: vec![turn(true, "Hi"), turn(false, "Hello"), turn(true, " "), turn(true, "When?")],
            tools: Vec::new(),
            max_tokens: 300,
        }
    }

    #[test]
    fn a_request_has_the_contracts_shape() {
        let base = Url::parse("https://models.example.com/v1").unwrap();
        let messages = json!([{"role": "system", "content": "Answer."}, {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": "Hello"}, {"role": "user", "content": "When?"}]);
        assert_eq!(body(&asked(), "m", &base), json!({"model": "m", "messages": messages, "max_tokens": 300}));
        let schema = json!({"type": "object", "properties": {}});
        let tool = Tool { name: "hand_over".into(), description: "d".into(), parameters: schema.clone() };
        let own = Url::parse("https://api.openai.com/v1").unwrap();
        let body = body(&Request { tools: vec![tool], ..asked() }, "m", &own);
        assert_eq!((&body["max_completion_tokens"], body.get("max_tokens")), (&json!(300), None));
        let function = json!({"name": "hand_over", "description": "d", "parameters": schema});
        assert_eq!(body["tools"], json!([{"type": "function", "function": function}]));
    }

    #[test]
    fn a_reply_is_read_and_one_that_is_cut_or_refused_is_none() {
        let answer = |message: Value, reason: &str| json!({"choices": [{"message": message, "finish_reason": reason}]});
        let said = json!({"role": "assistant", "content": "At nine.", "refusal": null});
        let reply = read(&answer(said.clone(), "stop")).unwrap();
        assert_eq!((reply.text.as_str(), reply.calls.len(), reply.prompt_tokens), ("At nine.", 0, 0));
        let function = json!({"name": "hand_over", "arguments": "{\"reason\":\"r\"}"});
        let call = json!({"id": "c", "type": "function", "function": function});
        let reply = read(&answer(json!({"content": null, "tool_calls": [call, {}]}), "tool_calls")).unwrap();
        let expected = Call { name: "hand_over".into(), arguments: json!({"reason": "r"}) };
        assert_eq!((reply.text.as_str(), &reply.calls[0]), ("", &expected));
        assert_eq!(reply.calls[1], Call { name: String::new(), arguments: Value::Null });
        for (body, error) in [
            (answer(said.clone(), "length"), Error::TooLong),
            (answer(said, "content_filter"), Error::Refused),
            (answer(json!({"content": null, "refusal": "I can't."}), "stop"), Error::Refused),
            (answer(json!("text"), "stop"), Error::Malformed),
            (json!({"choices": []}), Error::Malformed),
            (json!({}), Error::Malformed),
            (json!("text"), Error::Malformed),
            (Value::Null, Error::Malformed),
        ] {
            assert_eq!(read(&body).unwrap_err(), error, "{body}");
        }
    }
}
