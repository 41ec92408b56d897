//! How do a tool and what a call became look in MCP? A call that gave no result is an error that the model can read.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use operations::Refusal;
use operations::tool_servers::Offered;
use operations::tools::{self, Called, Effect, TOOLS, Tool, ToolError};
use rmcp::model::{
    CallToolResult, ContentBlock, JsonObject, MetaObject, ResultType, Tool as Described, ToolAnnotations,
};
use serde_json::Value;

/// The name under which a result carries the id of its call in the log.
const CALL: &str = "slipway/call";
/// What a model reads in place of a result that is too large.
const LEFT_OUT: &str =
    "The tool did its work, but its result is larger than 256 kB and is left out. Ask for less at once.";

/// Every tool of ours as clients read it, made once: its schemas are shared by all answers.
static DESCRIBED: LazyLock<HashMap<&'static str, Described>> =
    LazyLock::new(|| TOOLS.iter().copied().flatten().map(|tool| (tool.name, make(tool))).collect());

/// The tool with its schemas and what a client may assume of it.
pub fn described(tool: &Tool) -> Described {
    DESCRIBED.get(tool.name).cloned().unwrap_or_else(|| make(tool))
}

fn make(tool: &Tool) -> Described {
    let annotations = ToolAnnotations::with_title(tool.title)
        .read_only(tool.effect == Effect::Read)
        .destructive(tool.effect == Effect::Destructive);
    Described::new(tool.name, tool.description, object(tools::input_schema(tool)))
        .with_title(tool.title)
        .with_raw_output_schema(object(tools::output_schema(tool)))
        .with_annotations(annotations)
}

/// A tool of a third-party server. Its full name is its title, too: by its own name alone it could pass for another one. What it
/// says of its effect is not passed on, because nothing proves it.
pub fn described_remote(offered: &Offered) -> Described {
    let (name, text) = (offered.name.clone(), offered.tool.description.clone());
    let described = Described::new(name, text, object(&offered.tool.input)).with_title(offered.name.clone());
    match &offered.tool.output {
        Some(schema) => described.with_raw_output_schema(object(schema)),
        None => described,
    }
}

/// A schema as the object that MCP wants. One that is no object takes every object.
fn object(schema: &Value) -> Arc<JsonObject> {
    let every = || JsonObject::from_iter([("type".to_owned(), Value::from("object"))]);
    Arc::new(schema.as_object().cloned().unwrap_or_else(every))
}

/// What a call became. Only a result that fits the schema of the tool is sent as one: clients refuse others.
pub fn result(outcome: Result<Called, ToolError>) -> CallToolResult {
    match outcome {
        Ok(called) if called.dry_run => {
            let text = format!("This was a dry run: nothing was changed. {}", called.result);
            with_call(failed(text), &called.log.to_string())
        }
        Ok(called) if is_left_out(&called) => with_call(failed(LEFT_OUT.to_owned()), &called.log.to_string()),
        Ok(called) => with_call(CallToolResult::structured(called.result), &called.log.to_string()),
        Err(error) => failed(sentence(error)),
    }
}

/// What a call of a third-party tool became: its server's own result, with the id of the call in our log alone beside it.
pub fn remote_result(outcome: Result<Called, ToolError>) -> CallToolResult {
    match outcome {
        Ok(called) if !called.dry_run && !is_left_out(&called) => {
            let call = called.log.to_string();
            let passed = serde_json::from_value::<CallToolResult>(called.result);
            let mut passed = passed.unwrap_or_else(|_| failed("The tool's result was not understood.".to_owned()));
            // Servers of older versions do not say it, and clients of the newest one take no result that does not.
            passed.result_type = Some(ResultType::COMPLETE);
            with_call(passed, &call)
        }
        other => result(other),
    }
}

/// Whether the door left out a result that is too large. What it says then is no result of the tool.
fn is_left_out(called: &Called) -> bool {
    called.result.get("omitted_bytes").is_some() && called.result.get("content").is_none()
}

fn failed(text: String) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(text)])
}

fn with_call(result: CallToolResult, call: &str) -> CallToolResult {
    result.with_meta(Some(MetaObject(JsonObject::from_iter([(CALL.to_owned(), Value::from(call))]))))
}

/// Why a call gave no result, for a model that may mend it.
pub fn sentence(error: ToolError) -> String {
    match error {
        ToolError::Unknown => "That tool doesn't exist.".to_owned(),
        ToolError::Invalid(errors) => {
            let lines = errors.iter().map(|error| format!("\n{}: {}", error.pointer, error.detail));
            format!("The arguments need mending; nothing was done.{}", lines.collect::<String>())
        }
        ToolError::Waiting(id) => format!(
            "Waiting for a person: someone of the business is asked first (approval {id}). Nothing was done yet. Repeat this \
             call with the same arguments later; once it is approved it runs."
        ),
        ToolError::Refused(fault @ (Refusal::Store(_) | Refusal::Fault(_))) => {
            tracing::error!(event = "tools.fault", error = %fault, "a call of a tool failed on our side");
            "Something went wrong on our side. Look whether it was done before you call again.".to_owned()
        }
        ToolError::Refused(Refusal::NotFound) => "There is nothing with this id in the business.".to_owned(),
        ToolError::Upstream(why) => outbound::redact(&why),
        ToolError::TimedOut => {
            "The tool did not answer in time. It may still have done its work: look before you call again.".to_owned()
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use domain::field::FieldError;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn text(result: &CallToolResult) -> String {
        result.content.iter().filter_map(|block| block.as_text()).map(|block| block.text.clone()).collect()
    }

    #[test]
    fn answers_share_the_schemas_of_a_tool() {
        for tool in TOOLS.iter().copied().flatten() {
            let (one, two) = (described(tool), described(tool));
            assert!(one.name == tool.name && Arc::ptr_eq(&one.input_schema, &two.input_schema), "{}", tool.name);
        }
    }

    #[test]
    fn a_result_is_structured_and_names_its_call() {
        let called = Called { result: json!({ "rows": [1] }), log: Uuid::nil().into(), dry_run: false };
        let result = result(Ok(called));
        assert_eq!(result.structured_content, Some(json!({ "rows": [1] })));
        assert_eq!(result.is_error, Some(false));
        assert_eq!(text(&result), r#"{"rows":[1]}"#);
        assert_eq!(result.meta.and_then(|meta| meta.0.get(CALL).cloned()), Some(json!(Uuid::nil().to_string())));
    }

    #[test]
    fn a_foreign_result_is_passed_on_as_it_is_and_nothing_else_counts_as_one() {
        let foreign = json!({ "content": [{ "type": "text", "text": "hello" }], "isError": true, "_meta": { "x": 1 } });
        let called = |result| Called { result, log: Uuid::nil().into(), dry_run: false };
        let passed = remote_result(Ok(called(foreign)));
        assert!(passed.is_error == Some(true) && text(&passed) == "hello");
        assert_eq!(passed.result_type, Some(ResultType::COMPLETE), "as the newest version wants it");
        let meta = passed.meta.map(|meta| meta.0).unwrap_or_default();
        assert!(
            meta.contains_key(CALL) && meta.len() == 1,
            "what the server adds beside its result stays away: {meta:?}"
        );
        assert!(text(&remote_result(Ok(called(json!(7))))).contains("not understood"));
        for of in [result, remote_result] {
            let large = of(Ok(called(json!({ "omitted_bytes": 300_000, "detail": "Too large." }))));
            assert!(large.is_error == Some(true) && large.structured_content.is_none(), "no schema has this");
            assert!(text(&large).contains("did its work"), "{}", text(&large));
        }
        assert!(text(&remote_result(Err(ToolError::TimedOut))).contains("in time"));
    }

    #[test]
    fn whatever_is_no_result_is_an_error_that_says_why_and_hides_our_faults() {
        for (error, wanted) in [
            (ToolError::Invalid(vec![FieldError::new("/email", "This argument is missing.")]), "/email: This argument"),
            (ToolError::Waiting(Uuid::nil().into()), "approval 00000000"),
            (ToolError::Denied("The policy forbids it.".to_owned()), "The policy forbids it."),
            (ToolError::Refused(Refusal::Fault("secret detail".to_owned())), "on our side"),
            (ToolError::Refused(Refusal::NotFound), "nothing with this id"),
            (ToolError::TimedOut, "in time"),
        ] {
            let result = result(Err(error));
            assert!(result.is_error == Some(true) && result.structured_content.is_none());
            assert!(text(&result).contains(wanted) && !text(&result).contains("secret detail"), "{}", text(&result));
        }
        let dry = Called { result: json!({ "would": "delete 3" }), log: Uuid::nil().into(), dry_run: true };
        let dry = result(Ok(dry));
        assert!(dry.structured_content.is_none() && text(&dry).contains("delete 3"), "{}", text(&dry));
    }
}
