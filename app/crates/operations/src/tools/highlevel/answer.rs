//! What does a tool pass on of HighLevel's answers? Everything that is data, and of a refusal words for people: no secret, no text
//! without end.

use std::time::Duration;

use chrono::{DateTime, Utc};
use ghl::{Error, Kind, Reason};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::tools::ToolError;

/// The most characters of a text.
const LONGEST_TEXT: usize = 8000;

/// Parts of names of fields that hold a secret, without case and punctuation.
const SECRETS: [&str; 5] = ["token", "secret", "password", "apikey", "credential"];

/// The answer without fields that hold secrets, without the token of the call, and with long texts cut.
pub(super) fn passed_on(answer: Value, token: &SecretString) -> Value {
    match answer {
        Value::Object(fields) => {
            let kept = fields.into_iter().filter(|(name, _)| !is_secret(name));
            kept.map(|(name, value)| (name, passed_on(value, token))).collect()
        }
        Value::Array(items) => items.into_iter().map(|item| passed_on(item, token)).collect(),
        Value::String(text) => Value::String(plain(text, token.expose_secret())),
        other => other,
    }
}

fn is_secret(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = plain.to_lowercase();
    SECRETS.iter().any(|part| plain.contains(part))
}

fn plain(mut text: String, token: &str) -> String {
    if !token.is_empty() && text.contains(token) {
        text = text.replace(token, "[masked]");
    }
    if let Some((end, _)) = text.char_indices().nth(LONGEST_TEXT) {
        text.truncate(end);
        text.push('\u{2026}');
    }
    text
}

/// The list with this name; empty if there is none.
pub(super) fn rows(answer: &mut Value, name: &str) -> Vec<Value> {
    match answer.get_mut(name).map(Value::take) {
        Some(Value::Array(rows)) => rows,
        _ => Vec::new(),
    }
}

/// The object inside a wrapper with one of these names, or else the answer itself.
pub(super) fn unwrapped(mut answer: Value, names: &[&str]) -> Value {
    let inner = names.iter().find_map(|name| answer.get_mut(*name).filter(|inner| inner.is_object()).map(Value::take));
    inner.unwrap_or(answer)
}

/// A text of an object; empty if there is none.
pub(super) fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The refusal in words. `reads` says whether the call changes nothing, so that it may be repeated after an unclear end.
pub(super) fn said(error: &Error, reads: bool, now: DateTime<Utc>) -> ToolError {
    if let Some(until) = error.until() {
        let after = (until - now).to_std().unwrap_or_default().max(Duration::from_secs(1));
        return ToolError::RateLimited { after };
    }
    let words = match &error.kind {
        Kind::Invalid(lines) => format!("HighLevel refused it: {}", lines.join("; ")),
        Kind::NotFound => "HighLevel knows no such record in this client's sub-account.".to_owned(),
        Kind::Unauthorised => {
            "HighLevel does not accept the connection any more. Somebody at the agency has to connect it again."
                .to_owned()
        }
        Kind::Refused(reason) => refused(*reason, error),
        Kind::Unclear if reads => "HighLevel did not answer. Try again in a minute.".to_owned(),
        Kind::Unclear => {
            "HighLevel did not answer, so it may have been carried out or not. Look before you repeat it.".to_owned()
        }
        Kind::Down | Kind::Limited { .. } | Kind::Held { .. } => {
            "HighLevel cannot be reached. Nothing was changed. Try again in a minute.".to_owned()
        }
    };
    ToolError::Upstream(words)
}

fn refused(reason: Reason, error: &Error) -> String {
    match reason {
        Reason::Scope => {
            let scope = ghl::scope(error.operation).unwrap_or("that this call needs");
            format!(
                "The connection with HighLevel lacks the permission {scope}. Somebody at the agency has to connect it again and allow it."
            )
        }
        Reason::Plan => "The agency's plan at HighLevel does not include this.".to_owned(),
        Reason::Location => {
            "HighLevel does not let the connection reach this client's sub-account or that record.".to_owned()
        }
        Reason::Inactive => "HighLevel has paused this client's sub-account.".to_owned(),
        Reason::Version | Reason::Removed => "HighLevel no longer offers this call.".to_owned(),
        Reason::Grant | Reason::Other => format!("HighLevel refused it: {}", error.message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn token() -> SecretString {
        "eyJ.location-token".to_owned().into()
    }

    #[test]
    fn no_secret_is_passed_on_at_any_depth_and_unknown_fields_are() {
        let answer = json!({
            "contact": {"id": "c", "new2027": [{"deep": 1}], "note": "see eyJ.location-token here"},
            "location": {"apiKey": "k1", "settings": {"access_token": "k2", "authToken": "k3", "clientSecret": "k4"}},
        });
        let passed = passed_on(answer, &token());
        assert_eq!(
            passed,
            json!({
                "contact": {"id": "c", "new2027": [{"deep": 1}], "note": "see [masked] here"},
                "location": {"settings": {}},
            })
        );
    }

    #[test]
    fn a_long_text_is_cut_between_two_characters() {
        let passed = passed_on(json!({"body": "é".repeat(LONGEST_TEXT + 5)}), &token());
        assert_eq!(text(&passed, "body").chars().count(), LONGEST_TEXT + 1);
        let whole = json!({"body": "é".repeat(LONGEST_TEXT)});
        assert_eq!(passed_on(whole.clone(), &token()), whole);
    }

    #[test]
    fn an_unclear_write_is_not_called_a_failure_and_a_limit_says_how_long() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let error = |kind: Kind| Error {
            kind,
            operation: "send_message",
            doing: "sending the message",
            status: None,
            request_id: None,
            message: "m".into(),
        };
        let words = |kind: Kind, reads: bool| match said(&error(kind), reads, now) {
            ToolError::Upstream(words) => words,
            other => other.to_string(),
        };
        assert!(words(Kind::Unclear, false).contains("Look before you repeat it"));
        assert!(words(Kind::Unclear, true).contains("Try again"));
        assert!(words(Kind::Refused(Reason::Scope), false).contains("conversations/message.write"));
        let until = now + chrono::TimeDelta::seconds(7);
        let limited = said(&error(Kind::Limited { until, daily: false }), false, now);
        assert!(matches!(limited, ToolError::RateLimited { after } if after == Duration::from_secs(7)));
        let past = said(&error(Kind::Held { until: now }), true, now);
        assert!(matches!(past, ToolError::RateLimited { after } if after == Duration::from_secs(1)));
    }
}
