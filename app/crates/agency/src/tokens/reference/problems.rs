//! Which errors may every call answer, and how does each look? They are shown once, on the first page of the reference, as the
//! description of the API gives them.

use leptos::prelude::*;
use serde_json::Value;

use super::members::{table, with_code};

/// An error that means the same for every call.
#[derive(Debug, PartialEq, Eq)]
struct Problem {
    status: u64,
    code: String,
    when: String,
    /// An answer by example: the header that says when to try again, if there is one, and the body over several lines.
    example: String,
}

/// The errors of the document, by their status.
fn problems(document: &Value) -> Vec<Problem> {
    let examples = document.pointer("/components/examples").and_then(Value::as_object).into_iter().flatten();
    let mut all: Vec<Problem> = examples.filter_map(|(code, example)| problem(code, example)).collect();
    all.sort_by_key(|problem| problem.status);
    all
}

fn problem(code: &str, example: &Value) -> Option<Problem> {
    let body = example.get("value")?;
    let header = example.get("x-retry-after").map_or_else(String::new, |wait| format!("Retry-After: {wait}\n\n"));
    Some(Problem {
        status: body.get("status")?.as_u64()?,
        code: code.to_owned(),
        when: example.get("summary")?.as_str()?.to_owned(),
        example: format!("{header}{}", serde_json::to_string_pretty(body).ok()?),
    })
}

/// The table of these errors, each with an example that opens.
pub fn problems_table(document: &Value) -> AnyView {
    let lines = problems(document).into_iter().map(line).collect();
    table("Errors".to_owned(), &[("Status", "w-1/5"), ("Code", "w-1/4"), ("When", "")], lines)
}

fn line(problem: Problem) -> AnyView {
    let Problem { status, code, when, example } = problem;
    let label = format!("Example of {status}");
    view! {
        <tr role="row">
            <th role="rowheader" scope="row">{status}</th>
            <td role="cell"><code>{code}</code></td>
            <td role="cell">{with_code(&when)}</td>
        </tr>
        <tr role="row" class="members-inner">
            <td role="cell" colspan="3">
                <details>
                    <summary class="fold text-xs text-fg-2">{label}</summary>
                    <pre class="mt-1 max-h-96 overflow-auto rounded-control bg-raised p-3 font-mono text-xs" tabindex="0"><code>{example}</code></pre>
                </details>
            </td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_errors_are_read_by_status_with_the_header_that_they_have() {
        let document = json!({ "components": { "examples": {
            "rate_limited": { "summary": "Too many.", "value": { "status": 429 }, "x-retry-after": 12 },
            "unauthorized": { "summary": "No token.", "value": { "status": 401 } },
            "broken": { "summary": "Nothing." }
        } } });
        let all = problems(&document);
        let seen: Vec<(u64, &str, &str)> =
            all.iter().map(|one| (one.status, one.code.as_str(), one.example.as_str())).collect();
        let limited = "Retry-After: 12\n\n{\n  \"status\": 429\n}";
        assert_eq!(seen, [(401, "unauthorized", "{\n  \"status\": 401\n}"), (429, "rate_limited", limited)]);
        assert_eq!(all[1].when, "Too many.");
        assert!(problems(&json!({})).is_empty());
    }
}
