//! What does a line of a tool process say? An answer, a question to us, a notice, or nothing that the protocol knows.

use serde_json::Value;

use crate::error::CallError;

/// How much of a foreign message is shown, in characters.
const SHOWN: usize = 300;

/// A line, read.
#[derive(Debug, PartialEq)]
pub(super) enum Incoming {
    /// The answer to one of our requests.
    Answer { id: u64, result: Result<Value, CallError> },
    /// A request to us.
    Request { id: Value, method: String },
    /// A notice, by its method.
    Notice(String),
    /// Not a message.
    Stray,
}

/// Reads a line.
pub(super) fn read(line: &[u8]) -> Incoming {
    let Ok(Value::Object(mut message)) = serde_json::from_slice::<Value>(line) else { return Incoming::Stray };
    let id = message.remove("id").filter(|id| !id.is_null());
    if let Some(Value::String(method)) = message.remove("method") {
        return match id {
            Some(id) => Incoming::Request { id, method },
            None => Incoming::Notice(method),
        };
    }
    let Some(id) = id.as_ref().and_then(Value::as_u64) else { return Incoming::Stray };
    match (message.remove("result"), message.remove("error")) {
        (Some(result), None) => Incoming::Answer { id, result: Ok(result) },
        (None, Some(error)) => Incoming::Answer { id, result: Err(refused(&error)) },
        _ => Incoming::Answer { id, result: Err(CallError::Malformed) },
    }
}

fn refused(error: &Value) -> CallError {
    let code = error.get("code").and_then(Value::as_i64).unwrap_or(0);
    let message = error.get("message").and_then(Value::as_str).unwrap_or("it gave no reason");
    CallError::Refused { code, message: shortened(message) }
}

/// The begin of a foreign text, without secrets.
pub(super) fn shortened(text: &str) -> String {
    outbound::redact(&text.chars().take(SHOWN).collect::<String>())
}

/// Whose answer a line is that was too long to be read: the id stands near its end or its begin.
pub(super) fn id_of(head: &[u8], tail: &[u8]) -> Option<u64> {
    last_id(tail).or_else(|| last_id(&head[head.len().saturating_sub(512)..])).or_else(|| {
        let begin = String::from_utf8_lossy(&head[..head.len().min(512)]).into_owned();
        begin.find(ID).and_then(|at| number(&begin[at + ID.len()..]))
    })
}

const ID: &str = "\"id\":";

fn last_id(bytes: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(bytes);
    // Only the brace of the message stands behind the id that ends it.
    let at = text.rfind(ID)?;
    let rest = &text[at + ID.len()..];
    let after = rest.trim_start().trim_start_matches(|letter: char| letter.is_ascii_digit());
    (after.trim() == "}").then(|| number(rest)).flatten()
}

fn number(text: &str) -> Option<u64> {
    let digits: String = text.trim_start().chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_kind_of_line_is_told_apart() {
        let refused = |code, message: &str| Err(CallError::Refused { code, message: message.into() });
        let cases = [
            (r#"{"jsonrpc":"2.0","id":3,"result":{"a":1}}"#, Incoming::Answer { id: 3, result: Ok(json!({"a": 1})) }),
            (r#"{"id":3,"error":{"code":-1,"message":"no"}}"#, Incoming::Answer { id: 3, result: refused(-1, "no") }),
            (r#"{"id":3,"error":7}"#, Incoming::Answer { id: 3, result: refused(0, "it gave no reason") }),
            (r#"{"id":3}"#, Incoming::Answer { id: 3, result: Err(CallError::Malformed) }),
            (r#"{"id":"x","method":"ping"}"#, Incoming::Request { id: json!("x"), method: "ping".into() }),
            (r#"{"method":"notifications/message"}"#, Incoming::Notice("notifications/message".into())),
            (r#"{"id":"3","result":{}}"#, Incoming::Stray),
            (r#"{"id":-3,"result":{}}"#, Incoming::Stray),
            ("Server listens on stdio", Incoming::Stray),
            ("", Incoming::Stray),
            ("[1]", Incoming::Stray),
            ("\u{0}\u{1}", Incoming::Stray),
        ];
        for (line, wanted) in cases {
            assert_eq!(read(line.as_bytes()), wanted, "{line}");
        }
    }

    #[test]
    fn the_call_of_a_long_answer_is_found_wherever_its_id_stands() {
        let text = "x".repeat(2000);
        let last = format!(r#"{{"result":{{"text":"{text}"}},"jsonrpc":"2.0","id":41}}"#);
        let first = format!(r#"{{"jsonrpc":"2.0","id":42,"result":{{"text":"{text}"}}}}"#);
        let inner = format!(r#"{{"jsonrpc":"2.0","id":43,"result":{{"text":"{text}","rows":[{{"id":7}}]}}}}"#);
        for (line, wanted) in [(&last, Some(41)), (&first, Some(42)), (&inner, Some(43)), (&text, None)] {
            let (head, tail) = line.as_bytes().split_at(1000);
            assert_eq!(id_of(head, &tail[tail.len() - 512..]), wanted);
        }
    }

    #[test]
    fn a_reason_is_shortened_and_holds_no_token() {
        let reason = format!("Bearer abcdefghijklmnop {}", "é".repeat(1000));
        let Incoming::Answer { result: Err(CallError::Refused { message, .. }), .. } =
            read(json!({"id": 1, "error": {"code": 1, "message": reason}}).to_string().as_bytes())
        else {
            panic!("a refusal")
        };
        assert!(!message.contains("abcdefgh") && message.chars().count() <= SHOWN, "{message}");
    }
}
