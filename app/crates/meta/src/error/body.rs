//! What does the body of an error say? It may be the Graph's JSON, Instagram's flat JSON, a page of HTML or nothing.

use serde::Deserialize;
use serde_json::Value;

use crate::tolerant::{flag, number, text};

/// What a body says; nothing of it may be there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fault {
    pub code: Option<i64>,
    pub subcode: Option<i64>,
    /// Whether Meta itself calls the error temporary.
    pub transient: bool,
    /// The words that help most.
    pub message: Option<String>,
    /// Meta's id of the call.
    pub trace: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    error: Option<Value>,
    #[serde(deserialize_with = "text")]
    error_message: Option<String>,
    #[serde(deserialize_with = "text")]
    error_description: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Inner {
    #[serde(deserialize_with = "number")]
    code: Option<i64>,
    #[serde(deserialize_with = "number", alias = "subcode")]
    error_subcode: Option<i64>,
    #[serde(deserialize_with = "flag")]
    is_transient: Option<bool>,
    #[serde(deserialize_with = "text")]
    message: Option<String>,
    #[serde(deserialize_with = "text")]
    error_user_msg: Option<String>,
    error_data: Option<Value>,
    #[serde(deserialize_with = "text")]
    fbtrace_id: Option<String>,
}

impl Fault {
    pub(super) fn read(body: &[u8]) -> Self {
        // A list would be read as the fields of `Body` in their order.
        let object = serde_json::from_slice(body).ok().filter(Value::is_object);
        let Some(Ok(body)) = object.map(serde_json::from_value::<Body>) else { return Self::default() };
        let Some(error) = body.error.filter(Value::is_object) else {
            let message = body.error_message.or(body.error_description);
            return Self { message, ..Self::default() };
        };
        let inner: Inner = serde_json::from_value(error).unwrap_or_default();
        let details = inner.error_data.as_ref().and_then(details);
        Self {
            code: inner.code,
            subcode: inner.error_subcode,
            transient: inner.is_transient == Some(true),
            message: details.or(inner.error_user_msg).or(inner.message),
            trace: inner.fbtrace_id,
        }
    }
}

/// `error_data` is an object, or an object written as a text.
fn details(data: &Value) -> Option<String> {
    let inner;
    let data = match data {
        Value::String(text) => {
            inner = serde_json::from_str::<Value>(text).ok()?;
            &inner
        }
        data => data,
    };
    data["details"].as_str().filter(|details| !details.trim().is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(code: i64, message: &str) -> Fault {
        Fault { code: Some(code), message: Some(message.to_owned()), ..Fault::default() }
    }

    #[test]
    fn the_code_and_the_best_words_are_found_wherever_they_are() {
        let cases = [
            (
                r#"{"error":{"code":131047,"message":"(#131047) Re","error_data":{"details":"why"}}}"#,
                fault(131_047, "why"),
            ),
            (r#"{"error":{"code":"100","message":"m","error_user_msg":"for people"}}"#, fault(100, "for people")),
            (r#"{"error":{"code":100,"message":"m","error_data":"{\"details\":\"why\"}"}}"#, fault(100, "why")),
            (r#"{"error":{"code":100,"message":"m","error_data":"odd"}}"#, fault(100, "m")),
            (r#"{"error":{"code":100,"message":"m","error_data":[1],"type":7}}"#, fault(100, "m")),
            (
                r#"{"error_type":"OAuthException","code":400,"error_message":"Matching code was not found"}"#,
                Fault { message: Some("Matching code was not found".into()), ..Fault::default() },
            ),
            (
                r#"{"error":"invalid","error_description":"words"}"#,
                Fault { message: Some("words".into()), ..Fault::default() },
            ),
            ("<html><h1>502</h1></html>", Fault::default()),
            ("", Fault::default()),
            ("[1,2]", Fault::default()),
            ("null", Fault::default()),
            (r#"{"error":null}"#, Fault::default()),
            (r#"{"error":{}}"#, Fault::default()),
        ];
        for (body, expected) in cases {
            assert_eq!(Fault::read(body.as_bytes()), expected, "{body}");
        }
    }

    #[test]
    fn subcode_transience_and_trace_are_read() {
        let body = r#"{"error":{"code":2,"error_subcode":"33","is_transient":true,"fbtrace_id":"AXs"}}"#;
        let fault = Fault::read(body.as_bytes());
        assert_eq!((fault.code, fault.subcode, fault.transient), (Some(2), Some(33), true));
        assert_eq!(fault.trace.as_deref(), Some("AXs"));
    }
}
