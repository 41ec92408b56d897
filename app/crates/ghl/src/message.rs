//! Finds the error message in an error body. It may be plain text, `message` (a text or a list), `error` (a text
//! or an object) or `detail`; in the v3 generation it is `error.message` (HighLevel API, error bodies).

use http::StatusCode;
use serde_json::Value;

/// The error messages, at least one.
pub(crate) fn messages(body: &[u8], status: StatusCode) -> Vec<String> {
    let found = match serde_json::from_slice::<Value>(body) {
        Ok(json) => from_json(&json),
        Err(_) => from_text(body),
    };
    if found.is_empty() { vec![phrase(status)] } else { found }
}

fn from_json(json: &Value) -> Vec<String> {
    match json {
        Value::String(text) => vec![text.clone()],
        Value::Object(_) => {
            let mut lines =
                ["message", "error", "detail"].iter().map(|key| lines(&json[*key])).find(|lines| !lines.is_empty());
            // An OAuth refusal needs both: the code for the program and the description for people.
            if let (Some(lines), Some(more)) = (&mut lines, json["error_description"].as_str()) {
                lines.push(more.to_owned());
            }
            lines.unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

fn lines(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => vec![text.trim().to_owned()],
        Value::Array(items) => items.iter().flat_map(lines).take(20).collect(),
        Value::Object(fields) => {
            let parts = ["message", "code"].iter().filter_map(|key| fields.get(*key)).flat_map(lines);
            let parts: Vec<String> = parts.collect();
            if parts.is_empty() { complaint(fields) } else { parts }
        }
        _ => Vec::new(),
    }
}

/// An error about one field may have the form `{"property": …, "constraints": {rule: words}}` or `{field: words}`.
/// A message that does not mention its field gets the field's name as a prefix.
fn complaint(fields: &serde_json::Map<String, Value>) -> Vec<String> {
    let property = fields.get("property").and_then(Value::as_str).unwrap_or_default();
    let own: Vec<String> =
        ["constraints", "children"].iter().filter_map(|key| fields.get(*key)).flat_map(words).collect();
    if !own.is_empty() || !property.is_empty() {
        let own = if own.is_empty() { vec!["is not accepted".to_owned()] } else { own };
        return own
            .into_iter()
            .map(|line| if line.contains(property) { line } else { format!("{property}: {line}") })
            .collect();
    }
    let named = fields.iter().flat_map(|(name, value)| {
        words(value)
            .into_iter()
            .map(move |line| if line.contains(name.as_str()) { line } else { format!("{name}: {line}") })
    });
    named.take(20).collect()
}

/// Every text inside a value, outermost first.
fn words(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) if fields.contains_key("property") => complaint(fields),
        Value::Object(fields) => fields.values().flat_map(words).take(20).collect(),
        Value::Number(number) => vec![number.to_string()],
        other => lines(other),
    }
}

/// Plain text is shown; an HTML page is not.
fn from_text(body: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    if text.is_empty() || text.starts_with('<') { Vec::new() } else { vec![text.chars().take(300).collect()] }
}

fn phrase(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(phrase) => format!("{} {phrase}", status.as_u16()),
        None => status.as_u16().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_found_wherever_they_are() {
        let cases: &[(&str, &[&str])] = &[
            (r#"{"statusCode":400,"message":"Bad Request"}"#, &["Bad Request"]),
            (
                r#"{"message":["a should not exist","b is empty"],"error":"Unprocessable Entity"}"#,
                &["a should not exist", "b is empty"],
            ),
            (r#"{"error":"Unauthorized"}"#, &["Unauthorized"]),
            (r#"{"error":"invalid_grant","error_description":"used"}"#, &["invalid_grant", "used"]),
            (r#"{"error":{"code":"E1","message":"gone","details":{}}}"#, &["gone", "E1"]),
            (r#"{"detail":"x"}"#, &["x"]),
            (r#""just text""#, &["just text"]),
            ("Too Many Requests", &["Too Many Requests"]),
            ("<html><h1>502</h1></html>", &["502 Bad Gateway"]),
            ("", &["502 Bad Gateway"]),
            ("{}", &["502 Bad Gateway"]),
            (r#"{"message":null,"error":""}"#, &["502 Bad Gateway"]),
            (r#"{"message":{"message":"inner"}}"#, &["inner"]),
            (
                r#"{"message":[{"property":"phone","constraints":{"isPhone":"phone must be valid"}}]}"#,
                &["phone must be valid"],
            ),
            (r#"{"message":{"property":"email","constraints":{"isEmail":"must be an email"}}}"#, &["must be an email"]),
            (r#"{"message":{"email":"is taken","limit":3}}"#, &["email: is taken", "limit: 3"]),
            (r#"{"message":{"property":"name"}}"#, &["name: is not accepted"]),
            ("[1,2", &["[1,2"]),
        ];
        for (body, expected) in cases {
            assert_eq!(messages(body.as_bytes(), StatusCode::BAD_GATEWAY), *expected, "{body}");
        }
    }
}
