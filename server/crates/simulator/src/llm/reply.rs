//! The bodies in which the chat model answers: one object, or a stream of pieces as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::{
    body::Body,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tokio_stream::{StreamExt, wrappers::ReceiverStream};

use crate::ids::new_id;

use super::scripts::Said;

/// Letters for each token, as a rule of thumb.
const LETTERS: usize = 4;

/// A whole answer.
pub fn whole(request: &Value, said: &Said) -> Value {
    let (message, reason) = match said {
        Said::Tool(name, arguments) => {
            let call = json!({"id": format!("call_{}", new_id(12)), "type": "function",
                "function": {"name": name, "arguments": arguments}});
            (json!({"role": "assistant", "content": null, "tool_calls": [call]}), "tool_calls")
        }
        said => (json!({"role": "assistant", "content": text(said)}), "stop"),
    };
    json!({
        "id": format!("chatcmpl-{}", new_id(16)), "object": "chat.completion", "created": chrono::Utc::now().timestamp(),
        "model": request["model"], "usage": usage(request, said),
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
    })
}

/// A refusal, which is JSON unless the script broke it.
pub fn refusal(status: u16, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
    if status == StatusCode::TOO_MANY_REQUESTS {
        response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("2"));
    }
    response
}

/// A streamed answer, one piece after the other with this pause between them. One that stalls ends its stream neither with its
/// last pieces nor by closing the connection.
pub fn stream(request: &Value, said: &Said, stalls: bool, pause: Duration) -> Response {
    let mut events = pieces(request, said);
    if stalls {
        events.truncate(events.len() / 2);
    }
    let (sender, receiver) = tokio::sync::mpsc::channel::<String>(1);
    tokio::spawn(async move {
        for event in events {
            // The clock of a runtime knows no shorter pauses.
            if pause >= Duration::from_millis(1) {
                tokio::time::sleep(pause).await;
            }
            if sender.send(event).await.is_err() {
                return;
            }
        }
        if stalls {
            sender.closed().await;
        }
    });
    let body = Body::from_stream(ReceiverStream::new(receiver).map(Ok::<_, Infallible>));
    ([(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-cache")], body).into_response()
}

fn pieces(request: &Value, said: &Said) -> Vec<String> {
    let id = format!("chatcmpl-{}", new_id(16));
    let event = |delta: Value, reason: Option<&str>| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": reason});
        let piece = json!({"id": id, "object": "chat.completion.chunk", "created": chrono::Utc::now().timestamp(),
            "model": request["model"], "choices": [choice]});
        format!("data: {piece}\n\n")
    };
    let mut events = vec![event(json!({"role": "assistant", "content": ""}), None)];
    let reason = match said {
        Said::Tool(name, arguments) => {
            let call = |function: Value| json!({"tool_calls": [{"index": 0, "function": function}]});
            let mut first = call(json!({"name": name, "arguments": ""}));
            first["tool_calls"][0]["id"] = json!(format!("call_{}", new_id(12)));
            first["tool_calls"][0]["type"] = json!("function");
            events.push(event(first, None));
            events.extend(parts(arguments).map(|part| event(call(json!({"arguments": part})), None)));
            "tool_calls"
        }
        said => {
            events.extend(parts(text(said)).map(|part| event(json!({"content": part}), None)));
            "stop"
        }
    };
    events.push(event(json!({}), Some(reason)));
    if request["stream_options"]["include_usage"] == json!(true) {
        let last = json!({"id": id, "object": "chat.completion.chunk", "created": chrono::Utc::now().timestamp(),
            "model": request["model"], "choices": [], "usage": usage(request, said)});
        events.push(format!("data: {last}\n\n"));
    }
    events.push("data: [DONE]\n\n".into());
    events
}

/// A text in pieces that end after a space.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(' ')
}

fn text(said: &Said) -> &str {
    match said {
        Said::Text(text) => text,
        Said::Tool(..) | Said::Status(..) => "",
    }
}

fn usage(request: &Value, said: &Said) -> Value {
    let prompt = request["messages"].to_string().len() / LETTERS;
    let answer = match said {
        Said::Text(text) => text.len(),
        Said::Tool(name, arguments) => name.len() + arguments.len(),
        Said::Status(..) => 0,
    } / LETTERS;
    json!({"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_of_a_stream_are_the_whole_text() {
        let request = json!({"model": "m", "stream_options": {"include_usage": true}});
        let text = "We open at nine. Zoë ☕ said so.";
        let events = pieces(&request, &Said::Text(text.into()));
        let data = events.iter().filter_map(|event| event.strip_prefix("data: "));
        let json: Vec<Value> = data.filter_map(|data| serde_json::from_str(data.trim()).ok()).collect();
        let joined: String = json.iter().filter_map(|piece| piece["choices"][0]["delta"]["content"].as_str()).collect();
        assert_eq!(joined, text);
        assert!(json.last().is_some_and(|last| last["usage"]["total_tokens"].is_number()));
        assert_eq!(events.last().map(String::as_str), Some("data: [DONE]\n\n"));
    }
}
