//! How is a model's JSON read? Fields may be absent, numbers come as text, and texts come whole or in parts.

use serde_json::Value;

/// How a thought begins.
const THOUGHT: &str = "<think>";

/// The same value without NUL characters, which the database cannot store.
pub(crate) fn without_nul(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace('\0', "")),
        Value::Array(items) => Value::Array(items.into_iter().map(without_nul).collect()),
        Value::Object(fields) => {
            let clean = |(name, value): (String, Value)| (name.replace('\0', ""), without_nul(value));
            Value::Object(fields.into_iter().map(clean).collect())
        }
        other => other,
    }
}

/// A content as it came: a text or a list of parts, of which those that are no text are left out.
pub(crate) fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        _ => String::new(),
    }
}

/// The text of a message, without the thinking that some models write before what they say.
pub(crate) fn said(content: &Value) -> String {
    spoken(&text(content))
}

/// What is said of a text that is still written. Its beginning may be that of a thought.
pub(crate) fn said_so_far(text: &str) -> String {
    if THOUGHT.starts_with(text.trim()) { String::new() } else { spoken(text) }
}

fn spoken(text: &str) -> String {
    let text = text.trim();
    match text.strip_prefix(THOUGHT).map(|thought| thought.split_once("</think>")) {
        Some(Some((_, said))) => said.trim().to_owned(),
        Some(None) => String::new(),
        None => text.to_owned(),
    }
}

/// A count, also if it is sent as text; zero if absent.
pub(crate) fn count(value: &Value) -> u32 {
    let number = match value {
        Value::Number(number) => number.as_u64().or_else(|| number.as_f64().map(|float| float as u64)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.map_or(0, |number| u32::try_from(number).unwrap_or(u32::MAX))
}

/// A short text, such as the name of a model; empty if absent.
pub(crate) fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().chars().take(100).collect()
}

/// The arguments of a call, which come as JSON or as a text of JSON. `Null` if they cannot be read.
pub(crate) fn arguments(value: &Value) -> Value {
    match value {
        Value::String(text) => serde_json::from_str(text).map(without_nul).unwrap_or_default(),
        Value::Object(_) => value.clone(),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_are_found_whole_and_in_parts_and_thinking_is_not_said() {
        for (content, text) in [
            (json!(" We open at nine.\n"), "We open at nine."),
            (
                json!([{"type": "text", "text": "We open "}, {"type": "image"}, 7, {"text": "at nine."}]),
                "We open at nine.",
            ),
            (json!("<think>The customer asks.</think>\n\nAt nine."), "At nine."),
            (json!("<think>The customer asks"), ""),
            (json!(null), ""),
            (json!({"text": "odd"}), ""),
            (json!([null, {"text": null}]), ""),
        ] {
            assert_eq!(said(&content), text, "{content}");
        }
    }

    #[test]
    fn a_thought_is_not_said_at_any_moment() {
        let text = "<think>The customer asks.</think>\n\nAt nine.";
        let end = text.find("At").unwrap();
        for at in 0..=text.len() {
            assert_eq!(said_so_far(&text[..at]), text[at.min(end)..at].trim(), "{at}");
        }
        assert_eq!(said_so_far(" At"), "At");
    }

    #[test]
    fn counts_and_arguments_are_read_in_every_dress() {
        for (value, number) in [
            (json!(7), 7),
            (json!("7"), 7),
            (json!(7.9), 7),
            (json!(-1), 0),
            (json!(u64::MAX), u32::MAX),
            (json!(null), 0),
            (json!("many"), 0),
        ] {
            assert_eq!(count(&value), number, "{value}");
        }
        let reason = json!({"reason": "r"});
        assert_eq!(arguments(&json!("{\"reason\":\"r\\u0000\"}")), reason);
        assert_eq!(arguments(&reason), reason);
        for odd in [json!("{\"reason\": \"unfini"), json!(""), json!(7), json!(null)] {
            assert_eq!(arguments(&odd), Value::Null, "{odd}");
        }
    }

    #[test]
    fn no_nul_is_left_anywhere() {
        let clean = without_nul(json!({"a\u{0}": ["b\u{0}c", {"d": "\u{0}"}], "n": 1}));
        assert_eq!(clean, json!({"a": ["bc", {"d": ""}], "n": 1}));
    }
}
