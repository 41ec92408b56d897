//! What does the log say of a call? Its arguments without what the tool masks, and a hash by which the same call is known again.

use domain::permission::Right;
use domain::tools::Outcome;
use serde_json::{Map, Number, Value, json};
use sha2::{Digest, Sha256};
use store::tools::chain::{self, ChainLook};

use super::ToolError;
use crate::{BusinessActor, Refusal};

/// What stands in the log for a masked argument.
pub(super) const MASK: &str = "\u{2022}\u{2022}\u{2022}";
/// The most bytes of arguments in the log.
const MOST_BYTES: usize = 16 * 1024;
/// The most bytes of a text in the log.
const LONGEST_TEXT: usize = 1000;
/// The most characters of a name in the log, where nobody knows the names.
const LONGEST_NAME: usize = 100;
/// Parts of names whose values are secrets, whatever a tool says of them.
const SECRETS: &[&str] = &["password", "secret", "token", "authorization", "apikey", "api_key"];

/// Computes every hash of the log of the business anew and reports what does not fit.
///
/// # Errors
/// `Forbidden` without the right to read what programs did.
pub async fn verify(actor: &BusinessActor) -> Result<ChainLook, Refusal> {
    let mut tx = actor.require(Right::ToolsApprove)?.begin().await?;
    Ok(chain::verify(&mut tx).await?)
}

/// The hash of a tool and its arguments. The order of the arguments does not matter.
pub(super) fn hash_of(tool: &str, arguments: &Value) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(u32::try_from(tool.len()).unwrap_or(u32::MAX).to_be_bytes());
    digest.update(tool.as_bytes());
    digest.update(sorted(arguments).to_string().as_bytes());
    digest.finalize().into()
}

/// The value as text in which the names of every object are in order, so that a value that was stored has the same.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut names: Vec<&String> = fields.keys().collect();
            names.sort_unstable();
            let pairs = names.into_iter().map(|name| json!([name, fields.get(name).map(sorted)]));
            json!({ "object": pairs.collect::<Vec<_>>() })
        }
        Value::Array(values) => values.iter().map(sorted).collect(),
        Value::Number(number) => json!({ "number": numeral(number) }),
        other => other.clone(),
    }
}

/// A number as one text for all its spellings: the database keeps `1e16` as digits and `-0.0` without its sign, and the last
/// digit of a fraction may differ once it is read again.
fn numeral(number: &Number) -> String {
    match number.as_f64().filter(|_| number.is_f64()) {
        None => number.to_string(),
        Some(0.0) => "0".to_owned(),
        Some(float) if float.fract() == 0.0 => format!("{float:.0}"),
        Some(float) => format!("{float:.14e}"),
    }
}

/// The arguments for the log: without masked ones and secrets at any depth, with long texts cut.
pub(super) fn masked(arguments: &Value, names: &[&str]) -> Value {
    let shown = without(arguments, names);
    let bytes = shown.to_string().len();
    match shown {
        Value::Object(_) if bytes <= MOST_BYTES => shown,
        _ => json!({ "omitted_bytes": bytes }),
    }
}

fn without(value: &Value, names: &[&str]) -> Value {
    match value {
        Value::Object(fields) => {
            let shown = fields.iter().map(|(name, value)| {
                let is_hidden = names.contains(&name.as_str()) || is_secret(name);
                (name.clone(), if is_hidden { Value::from(MASK) } else { without(value, names) })
            });
            Value::Object(shown.collect::<Map<_, _>>())
        }
        Value::Array(values) => values.iter().map(|value| without(value, names)).collect(),
        Value::String(text) if text.len() > LONGEST_TEXT => {
            Value::from(text.chars().take(LONGEST_TEXT / 4).chain(['\u{2026}']).collect::<String>())
        }
        other => other.clone(),
    }
}

/// The value without secrets at any depth, and whole apart from them.
pub(super) fn open(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let shown = fields
                .iter()
                .map(|(name, value)| (name.clone(), if is_secret(name) { Value::from(MASK) } else { open(value) }));
            Value::Object(shown.collect::<Map<_, _>>())
        }
        Value::Array(values) => values.iter().map(open).collect(),
        other => other.clone(),
    }
}

/// The arguments of a tool whose arguments nobody knows, for the log: their names, each with what it was and how long. What
/// they said about customers could not be erased from a chained log.
pub(super) fn described(arguments: &Value) -> Value {
    let fields = arguments.as_object().into_iter().flatten();
    let told =
        fields.map(|(name, value)| (name.chars().take(LONGEST_NAME).collect::<String>(), Value::from(kind_of(value))));
    let told = Value::Object(told.collect::<Map<_, _>>());
    let bytes = told.to_string().len();
    if bytes <= MOST_BYTES { told } else { json!({ "omitted_bytes": bytes }) }
}

/// What a value is, and how long, but not what it says.
fn kind_of(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(_) => "yes or no".to_owned(),
        Value::Number(_) => "number".to_owned(),
        Value::String(text) => format!("text of {} characters", text.chars().count()),
        Value::Array(values) => format!("list of {}", values.len()),
        Value::Object(fields) => format!("object of {} fields", fields.len()),
    }
}

/// Whether the value of a name is a secret, as far as the name says so.
pub(super) fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase().replace('-', "_");
    SECRETS.iter().any(|secret| name.contains(secret))
}

/// What became of a call that ended with this error, and why, for the log. What is for our own log alone is not told.
pub(super) fn failure(error: &ToolError) -> (Outcome, String) {
    let outcome = match error {
        ToolError::Denied(_) | ToolError::Refused(Refusal::Forbidden(_)) => Outcome::Refused,
        ToolError::Budget(_) | ToolError::RateLimited { .. } => Outcome::Limited,
        ToolError::Waiting(_) => Outcome::Waiting,
        ToolError::Unknown
        | ToolError::Invalid(_)
        | ToolError::Refused(_)
        | ToolError::Upstream(_)
        | ToolError::TimedOut => Outcome::Failed,
    };
    let reason = match error {
        ToolError::Refused(Refusal::Fault(_) | Refusal::Store(_)) => {
            "It failed here. The log of the server says why.".to_owned()
        }
        ToolError::Invalid(errors) => {
            let said: Vec<String> = errors.iter().map(|one| format!("{}: {}", one.pointer, one.detail)).collect();
            said.join(" ")
        }
        // What somebody else answered may repeat what was sent to them.
        ToolError::Upstream(why) => outbound::redact(why),
        other => other.to_string(),
    };
    (outcome, reason)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::field::FieldError;

    use super::*;

    #[test]
    fn the_same_call_has_the_same_hash_and_another_one_has_not() {
        let one = json!({ "id": "1", "tags": ["a", "b"], "more": { "x": 1, "y": null } });
        let turned: Value = serde_json::from_str(r#"{"more":{"y":null,"x":1},"tags":["a","b"],"id":"1"}"#).unwrap();
        assert_eq!(hash_of("t", &one), hash_of("t", &turned));
        for other in [
            json!({ "id": "2", "tags": ["a", "b"], "more": { "x": 1, "y": null } }),
            json!({ "id": "1", "tags": ["b", "a"], "more": { "x": 1, "y": null } }),
            json!({ "id": "1", "tags": ["a", "b"], "more": { "x": "1", "y": null } }),
            json!({ "id": "1", "tags": ["a", "b"], "more": [["x", 1], ["y", null]] }),
            json!({ "id": "1", "tags": ["a", "b"], "more": { "x": 1 } }),
            json!({}),
        ] {
            assert_ne!(hash_of("t", &one), hash_of("t", &other), "{other}");
        }
        assert_ne!(hash_of("t", &one), hash_of("u", &one));
        assert_ne!(hash_of("ta", &json!("b")), hash_of("t", &json!("ab")));
    }

    #[test]
    fn a_number_has_one_hash_however_it_is_spelled_and_stored() {
        let of = |text: &str| hash_of("t", &serde_json::from_str(text).unwrap());
        for (sent, stored) in [
            ("[1]", "[1.0]"),
            ("[1e2]", "[100]"),
            ("[1e16]", "[10000000000000000]"),
            ("[-0.0]", "[0]"),
            ("[0.1]", "[0.10]"),
            ("[2.5e-9]", "[0.0000000025]"),
            ("[1e20]", "[100000000000000000000]"),
        ] {
            assert_eq!(of(sent), of(stored), "{sent}");
        }
        for other in ["[1.5]", "[2]", "[-1]", "[\"1\"]", "[{\"number\": \"1\"}]", "[[1]]", "[true]"] {
            assert_ne!(of("[1]"), of(other), "{other}");
        }
        assert_ne!(of("[9007199254740993]"), of("[9007199254740992]"), "ids are told apart");
    }

    #[test]
    fn what_is_masked_stands_nowhere_in_the_log() {
        let arguments = json!({
            "text": "canary", "list": [{ "text": "canary", "x": 1 }], "apiKey": "canary", "Access-Token": "canary",
            "long": "ä".repeat(2000),
        });
        let shown = masked(&arguments, &["text"]);
        assert!(!shown.to_string().contains("canary"), "{shown}");
        assert_eq!((&shown["list"][0]["x"], &shown["text"]), (&json!(1), &json!(MASK)));
        assert!(shown["long"].as_str().unwrap().chars().count() < 300);
        let many = json!({ "ids": (0..9000).collect::<Vec<i32>>() });
        assert!(masked(&many, &[]).to_string().len() < 100);
        assert!(masked(&json!("no object"), &[]).is_object());
    }

    #[test]
    fn arguments_that_nobody_knows_are_told_by_name_and_length_alone() {
        let arguments = json!({
            "text": "canary", "amount": 421, "list": ["canary"], "who": { "phone": "canary" }, "urgent": true, "more": null,
        });
        let told = described(&arguments);
        assert!(!told.to_string().contains("canary") && !told.to_string().contains("421"), "{told}");
        assert_eq!((&told["text"], &told["list"]), (&json!("text of 6 characters"), &json!("list of 1")));
        assert_eq!(told.as_object().unwrap().len(), 6);
        let many: Map<String, Value> = (0..9000).map(|at| (format!("name{at}"), json!(1))).collect();
        assert!(described(&Value::Object(many)).to_string().len() < 100);
        assert_eq!(described(&json!("no object")), json!({}));
    }

    #[test]
    fn every_error_is_told_without_what_is_for_our_log_alone() {
        let table = [
            (ToolError::Denied("Stopped.".into()), Outcome::Refused, "Stopped."),
            (ToolError::Refused(Refusal::Forbidden(Right::ToolsManage)), Outcome::Refused, "tools.manage"),
            (ToolError::Budget("Used up.".into()), Outcome::Limited, "Used up."),
            (ToolError::RateLimited { after: Duration::from_secs(9) }, Outcome::Limited, "9 seconds"),
            (ToolError::Refused(Refusal::Fault("canary".into())), Outcome::Failed, "failed here"),
            (ToolError::Refused(Refusal::State("Closed.".into())), Outcome::Failed, "Closed."),
            (ToolError::Invalid(vec![FieldError::new("/id", "Missing.")]), Outcome::Failed, "/id: Missing."),
            (ToolError::Upstream("No: Bearer canarycanarycanary".into()), Outcome::Failed, "No: "),
            (ToolError::TimedOut, Outcome::Failed, "in time"),
            (ToolError::Unknown, Outcome::Failed, "no such tool"),
        ];
        for (error, outcome, words) in table {
            let (ended, reason) = failure(&error);
            assert!(ended == outcome && reason.contains(words) && !reason.contains("canary"), "{error}: {reason}");
        }
    }
}
