//! How are a tool's arguments read and its result written? What every tool has in common.

use domain::field::FieldError;
use domain::text;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Running, ToolContext, ToolError};
use crate::Refusal;

/// The most bytes of a result, as JSON.
const LONGEST_RESULT: usize = 256 * 1024;

/// The most characters of a text that a tool writes. A person who approves it reads all of it.
pub(super) const LONGEST_TEXT: u32 = 6000;

/// The most characters of a text of somebody else inside a sentence of ours.
const LONGEST_TOLD: usize = 200;

/// No arguments.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NoArguments {}

/// A call that reads `I`, does `act` and writes what it returns.
pub(super) fn typed<I, O, R>(context: ToolContext, arguments: Value, act: fn(ToolContext, I) -> R) -> Running<Value>
where
    I: DeserializeOwned + Send + 'static,
    O: Serialize + Send + 'static,
    R: Future<Output = Result<O, ToolError>> + Send + 'static,
{
    Box::pin(async move {
        let output = act(context, read(arguments)?).await?;
        written(&output)
    })
}

/// What a person reads before they approve a call that reads `I`.
pub(super) fn told<I, R>(context: ToolContext, arguments: Value, say: fn(ToolContext, I) -> R) -> Running<String>
where
    I: DeserializeOwned + Send + 'static,
    R: Future<Output = Result<String, ToolError>> + Send + 'static,
{
    Box::pin(async move { say(context, read(arguments)?).await })
}

/// The preview of a tool that only reads.
pub(super) fn reads(_: ToolContext, _: Value) -> Running<String> {
    Box::pin(async { Ok("Reads, and changes nothing.".to_owned()) })
}

/// The arguments as their type. The schema was checked before, so an error here is rare.
fn read<I: DeserializeOwned>(arguments: Value) -> Result<I, ToolError> {
    serde_json::from_value(arguments)
        .map_err(|error| ToolError::Invalid(vec![FieldError::new("", format!("The arguments do not fit: {error}."))]))
}

/// The result as JSON, if it is not too long.
fn written<O: Serialize>(output: &O) -> Result<Value, ToolError> {
    let value = serde_json::to_value(output).map_err(|error| Refusal::Fault(error.to_string()))?;
    if value.to_string().len() > LONGEST_RESULT {
        return Err(Refusal::State("The result is longer than 256 kB. Ask for fewer rows.".to_owned()).into());
    }
    Ok(value)
}

/// How many rows a page has if the caller does not say.
pub(super) const fn usual() -> u16 {
    50
}

/// A text of somebody else inside a sentence of ours: one line, and not too long.
pub(super) fn flat(told: &str) -> String {
    let line = text::line(told);
    let mut short: String = line.chars().take(LONGEST_TOLD).collect();
    if short.len() < line.len() {
        short.push('\u{2026}');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_that_is_too_long_is_refused_and_not_cut() {
        assert!(written(&"a".repeat(1000)).is_ok());
        let long = written(&"a".repeat(LONGEST_RESULT)).unwrap_err();
        assert!(matches!(long, ToolError::Refused(Refusal::State(_))), "{long:?}");
    }

    #[test]
    fn a_name_inside_a_sentence_stays_on_its_line() {
        assert_eq!(flat(" Ada\n\nApproved by\u{202e} Maya "), "Ada Approved by Maya");
        assert_eq!(flat(&"a".repeat(201)).chars().count(), LONGEST_TOLD + 1);
    }
}
