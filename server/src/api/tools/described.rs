//! How are the plain tool routes described to programs? Each tool of ours is a path of its own in the description of the
//! API, with the schemas of its arguments and its result.

use operations::Refusal;
use operations::tools::{self, TOOLS, Tool};
use serde_json::{Map, Value, json};

use super::SCOPE;
use crate::api::problems;
use crate::http::problem_kinds::when;

/// The paths of the tools, for the description of the API.
pub fn paths() -> Map<String, Value> {
    let mut paths = Map::new();
    paths.insert("/tools".to_owned(), json!({ "get": list() }));
    for tool in TOOLS.iter().copied().flatten() {
        paths.insert(format!("/tools/{}", tool.name), json!({ "post": call(tool) }));
    }
    paths.insert("/tools/approvals/{id}".to_owned(), json!({ "post": poll() }));
    paths
}

fn list() -> Value {
    let text = json!({ "type": "string" });
    let schema = json!({ "type": "object" });
    let tool = json!({
        "type": "object",
        "properties": {
            "name": text, "title": text, "description": text,
            "effect": { "type": "string", "enum": ["read", "write", "destructive"] },
            "inputSchema": schema, "outputSchema": schema
        }
    });
    let answer = json!({ "type": "object", "properties": { "tools": { "type": "array", "items": tool } } });
    json!({
        "summary": "List the tools of your client",
        "description": needs(),
        "responses": responses(&[("200", "The tools", answer)])
    })
}

fn call(tool: &Tool) -> Value {
    let done = json!({
        "type": "object",
        "properties": {
            "result": tools::output_schema(tool),
            "call": { "type": "string", "format": "uuid" },
            "dry_run": { "type": "boolean" }
        }
    });
    json!({
        "summary": tool.title,
        "description": format!("{} {}", tool.description, needs()),
        "requestBody": { "content": { "application/json": { "schema": tools::input_schema(tool) } } },
        "responses": responses(&[("200", "Success", done), ("202", "Waiting for a person to approve", waiting())])
    })
}

fn poll() -> Value {
    let id = json!({ "name": "id", "in": "path", "required": true, "schema": { "type": "string", "format": "uuid" } });
    json!({
        "summary": "Check on a call that waits for approval, and run it once it is approved",
        "description": needs(),
        "parameters": [id],
        "responses": responses(&[("200", "The status of the call", waiting())])
    })
}

fn waiting() -> Value {
    let status = ["waiting", "approved", "done", "failed", "rejected", "expired"];
    json!({ "type": "object", "properties": { "status": { "type": "string", "enum": status } } })
}

fn needs() -> String {
    format!("Requires the scope `{SCOPE}` and a token for one client.")
}

fn responses(good: &[(&str, &str, Value)]) -> Value {
    let mut all = Map::new();
    for (status, meaning, schema) in good {
        let content = json!({ "application/json": { "schema": schema } });
        all.insert((*status).to_owned(), json!({ "description": meaning, "content": content }));
    }
    let limits = [Refusal::RateLimited(1).code(), Refusal::DailyLimit(String::new()).code()];
    let refusals: [(&str, &str, &[&str]); 7] = [
        ("401", when(401), &[]),
        ("403", "The token or the client's policy does not allow this", &[]),
        ("404", "This token has no tool or approval with this name or ID", &[]),
        ("422", "Some arguments are invalid", &[]),
        (
            "429",
            "Too many requests in a minute, actions in a day, or calls at once; Retry-After shows when to try again",
            &limits,
        ),
        ("503", when(503), &[]),
        ("default", "Any other error", &[]),
    ];
    for (status, meaning, codes) in refusals {
        all.insert(status.to_owned(), problems::answer(status, meaning, codes));
    }
    Value::Object(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_of_ours_is_described_with_its_arguments() {
        let paths = paths();
        for tool in TOOLS.iter().copied().flatten() {
            let call = &paths[&format!("/tools/{}", tool.name)]["post"];
            assert_eq!(call["requestBody"]["content"]["application/json"]["schema"]["type"], "object", "{}", tool.name);
            assert!(
                call["responses"]["200"]["content"]["application/json"]["schema"]["properties"]["result"].is_object()
            );
        }
        assert!(paths.len() > 10, "the list, the approvals and every tool");
    }
}
