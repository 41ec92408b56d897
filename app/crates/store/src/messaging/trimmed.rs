//! How is what a platform says made to fit a column? Longer texts are cut, and what Postgres cannot store is removed, so
//! that a hostile text never costs the message.

use serde_json::Value;

/// The beginning of a text, at most so many characters, without zero bytes.
pub(crate) fn trimmed(text: &str, most: usize) -> String {
    text.chars().filter(|c| *c != '\0').take(most).collect()
}

/// A text as a key, or none if it is empty or longer than the column.
pub(super) fn key(text: &str, most: usize) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty() && !text.contains('\0') && text.chars().count() <= most)
}

/// A value without zero bytes in its texts and names, which `jsonb` refuses.
pub(crate) fn storable(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace('\0', "")),
        Value::Array(values) => values.iter().map(storable).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.replace('\0', ""), storable(value))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// What the list shows of a message: its text in one line, or its kind in brackets if it has none.
pub(super) fn preview(kind: &str, body: &str) -> String {
    let line = body.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() { format!("[{}]", trimmed(kind, 24)) } else { trimmed(&line, 200) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whatever_comes_fits() {
        assert_eq!(trimmed("a\0bcd", 3), "abc");
        assert_eq!(
            storable(&json!({ "a\0": ["\0x", { "b": "\0" }], "n": 1 })),
            json!({ "a": ["x", { "b": "" }], "n": 1 })
        );
        assert_eq!(preview("image", " \n"), "[image]");
        assert_eq!(preview("text", "one\n two"), "one two");
        assert_eq!(preview("text", &"ä".repeat(300)).chars().count(), 200);
        for (text, expected) in [("", None), ("a", Some("a")), ("abcd", None), ("a\0", None)] {
            assert_eq!(key(text, 3), expected);
        }
    }
}
