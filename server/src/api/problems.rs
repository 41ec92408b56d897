//! How does the description of the API describe the errors of a call? By what the problems mean wherever they come from
//! (`http::problem_kinds`): each code, an example of its body, and when to try again.

use serde_json::{Map, Value, json};

use super::examples::ID;
use super::schemas::reference;
use crate::http::problem::Problem;
use crate::http::problem_kinds::{self, KINDS, Kind};

/// The status of an error that a call does not list: the description calls it `default`.
const OTHER: u16 = 500;

/// The part of the description that the answers of all calls share: an example of each problem under its code, and the
/// header that says when to try again.
pub fn add_components(components: &mut Map<String, Value>) {
    let examples: Map<String, Value> = KINDS.iter().map(|kind| (kind.code.to_owned(), example(kind))).collect();
    components.insert("examples".to_owned(), Value::Object(examples));
    let seconds = json!({ "type": "integer", "minimum": 0 });
    let header = json!({ "description": "The number of seconds until you can try again", "schema": seconds });
    components.insert("headers".to_owned(), json!({ "RetryAfter": header }));
}

/// A problem by example: its body, and beside it the header that an answer with it has.
fn example(kind: &Kind) -> Value {
    let body = serde_json::to_value(Problem::example(kind, ID)).unwrap_or_default();
    let mut example = json!({ "summary": kind.when, "value": body });
    if let Some(seconds) = kind.retry_after {
        example["x-retry-after"] = json!(seconds);
    }
    example
}

/// The answer with this status, or `default`: its meaning, and the codes that its body may have. Without any it has the one of
/// its status.
#[must_use]
pub fn answer(status: &str, meaning: &str, codes: &[&str]) -> Value {
    let kind = problem_kinds::of(status.parse().unwrap_or(OTHER));
    let own: Vec<&str> = kind.map(|kind| kind.code).into_iter().collect();
    let codes = if codes.is_empty() { own.as_slice() } else { codes };
    let mut content = json!({ "schema": reference("Problem") });
    let mut answer = json!({ "description": meaning });
    if !codes.is_empty() {
        answer["x-codes"] = json!(codes);
    }
    if let Some(kind) = kind {
        let example = json!({ "$ref": format!("#/components/examples/{}", kind.code) });
        content["examples"] = json!({ (kind.code): example });
        if kind.retry_after.is_some() {
            answer["headers"] = json!({ "Retry-After": { "$ref": "#/components/headers/RetryAfter" } });
        }
    }
    answer["content"] = json!({ "application/problem+json": content });
    answer
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::permission::Right;
    use operations::Refusal;

    use super::*;
    use crate::api::openapi;
    use crate::http::problem;

    /// Each answer of each call that is no success: where it stands, its status and what is said of it.
    fn answers(document: &Value) -> Vec<(String, &str, &Value)> {
        let mut all = Vec::new();
        for (path, calls) in document["paths"].as_object().unwrap() {
            for (method, call) in calls.as_object().unwrap() {
                for (status, answer) in call["responses"].as_object().unwrap() {
                    if !status.starts_with('2') {
                        all.push((format!("{method} {path} {status}"), status.as_str(), answer));
                    }
                }
            }
        }
        all
    }

    #[test]
    fn every_code_that_the_server_gives_stands_in_the_description() {
        let refusals = [
            Refusal::Forbidden(Right::AgencyRead),
            Refusal::NotFound,
            Refusal::Invalid(Vec::new()),
            Refusal::Duplicate(Vec::new()),
            Refusal::State(String::new()),
            Refusal::KeyReused,
            Refusal::DailyLimit(String::new()),
            Refusal::RateLimited(1),
            Refusal::Fault(String::new()),
        ];
        let given = refusals.iter().map(Refusal::code).chain(KINDS.iter().map(|kind| kind.code));
        let described: BTreeSet<&str> = answers(openapi::document())
            .into_iter()
            .flat_map(|(_, _, answer)| answer["x-codes"].as_array().into_iter().flatten().filter_map(Value::as_str))
            .collect();
        for code in given.chain([problem::ORDER_UNREADABLE]) {
            assert!(described.contains(code), "{code}: no call of the description has it");
        }
    }

    #[test]
    fn every_error_of_a_call_has_its_codes_an_example_and_says_when_to_try_again() {
        let document = openapi::document();
        let found = answers(document);
        assert!(found.len() > 100, "{}", found.len());
        for (place, status, answer) in found {
            let Some(kind) = problem_kinds::of(status.parse().unwrap_or(OTHER)) else { continue };
            assert!(answer["x-codes"].as_array().is_some_and(|codes| !codes.is_empty()), "{place}: no code");
            let example = &answer["content"]["application/problem+json"]["examples"][kind.code]["$ref"];
            let example = document.pointer(example.as_str().unwrap().trim_start_matches('#')).unwrap();
            assert_eq!(example["value"]["status"], kind.status, "{place}");
            let header = answer["headers"]["Retry-After"]["$ref"].as_str();
            assert_eq!(header.is_some(), kind.retry_after.is_some(), "{place}");
            assert!(header.is_none_or(|place| document.pointer(place.trim_start_matches('#')).is_some()), "{place}");
        }
    }

    #[test]
    fn an_example_is_a_problem_with_its_own_code() {
        let document = openapi::document();
        let mut schema = document["components"]["schemas"]["Problem"].clone();
        schema["components"] = document["components"].clone();
        let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
        for kind in KINDS {
            let example = &document["components"]["examples"][kind.code]["value"];
            assert!(validator.is_valid(example), "{example}");
            assert_eq!((&example["code"], &example["detail"]), (&json!(kind.code), &json!(kind.detail)));
        }
    }
}
