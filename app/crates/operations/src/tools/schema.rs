//! Do the arguments of a call fit what the tool declares? Every error names its place by a JSON pointer.

use std::collections::HashMap;
use std::sync::LazyLock;

use domain::field::FieldError;
use jsonschema::error::ValidationErrorKind;
use jsonschema::{PatternOptions, ValidationError, Validator};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use super::{TOOLS, Tool, foreign};

/// The most errors that one answer names.
const MOST_ERRORS: usize = 20;
/// The most characters of a sentence about one error.
const LONGEST_DETAIL: usize = 300;
/// The most bytes of a compiled pattern that a third party wrote.
const LARGEST_PATTERN: usize = 512 * 1024;

/// Names of arguments that choose a tenant, without case, `-` and `_`. No tool takes one: the token fixes the business.
const TENANTS: &[&str] = &[
    "agency",
    "agencyid",
    "business",
    "businessid",
    "client",
    "clientid",
    "company",
    "companyid",
    "location",
    "locationid",
    "subaccount",
    "subaccountid",
    "tenant",
    "tenantid",
];

/// The schema of arguments: one whole, without references.
pub(super) fn of_input<T: JsonSchema>() -> Schema {
    whole(SchemaSettings::draft2020_12().for_deserialize()).into_generator().into_root_schema_for::<T>()
}

/// The schema of a result: one whole, without references.
pub(super) fn of_output<T: JsonSchema>() -> Schema {
    whole(SchemaSettings::draft2020_12().for_serialize()).into_generator().into_root_schema_for::<T>()
}

fn whole(settings: SchemaSettings) -> SchemaSettings {
    settings.with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    })
}

/// What is known of a tool of ours, made once.
struct Known {
    input: Value,
    output: Value,
    arguments: Compiled,
}

static KNOWN: LazyLock<HashMap<&'static str, Known>> = LazyLock::new(|| {
    let tools = TOOLS.iter().copied().flatten();
    tools.map(|tool| (tool.name, known(tool))).collect()
});

fn known(tool: &Tool) -> Known {
    let (input, output) = ((tool.input)().to_value(), (tool.output)().to_value());
    let arguments = Compiled::of(&input).expect("a test compiles the schema of every tool of ours");
    Known { input, output, arguments }
}

fn of(tool: &Tool) -> &'static Known {
    KNOWN.get(tool.name).expect("every tool stands in the list that this was made from")
}

/// The schema of the tool's arguments.
#[must_use]
pub fn input_schema(tool: &Tool) -> &'static Value {
    &of(tool).input
}

/// The schema of the tool's result.
#[must_use]
pub fn output_schema(tool: &Tool) -> &'static Value {
    &of(tool).output
}

/// Checks the arguments of a call of one of our tools.
///
/// # Errors
/// Each argument that is missing, wrong or unknown.
pub fn check(tool: &Tool, arguments: &Value) -> Result<(), Vec<FieldError>> {
    of(tool).arguments.check(arguments)
}

/// A schema that arguments are checked against.
pub struct Compiled(Validator);

impl Compiled {
    /// Reads a schema of ours. Nothing outside it is fetched.
    ///
    /// # Errors
    /// Why it is no schema, in words.
    pub fn of(schema: &Value) -> Result<Self, String> {
        let built = jsonschema::options().should_validate_formats(true).build(schema);
        built.map(Self).map_err(|error| cut(&error.masked().to_string()))
    }

    /// Reads a schema that a third party wrote, with patterns that are matched in a time that grows with the text alone. This
    /// takes a processor for up to a second.
    ///
    /// # Errors
    /// Why it is no schema or cannot be used, in words.
    pub fn of_foreign(schema: &Value) -> Result<Self, String> {
        if let Some(fault) = foreign::fault(schema) {
            return Err(fault);
        }
        let patterns = PatternOptions::regex().size_limit(LARGEST_PATTERN).dfa_size_limit(LARGEST_PATTERN);
        let built = jsonschema::options().should_validate_formats(true).with_pattern_options(patterns).build(schema);
        built.map(Self).map_err(|error| cut(&error.masked().to_string()))
    }

    /// Checks arguments.
    ///
    /// # Errors
    /// Each argument that is missing, wrong or unknown.
    pub fn check(&self, arguments: &Value) -> Result<(), Vec<FieldError>> {
        let Some(sent) = arguments.as_object() else {
            return Err(vec![FieldError::new("", "Send the arguments as a JSON object.")]);
        };
        let said = |error: ValidationError<'_>| match error.kind() {
            // A schema without properties refuses all that there are by one error, which names none of them.
            ValidationErrorKind::FalseSchema if error.instance_path().as_str().is_empty() => {
                sent.keys().map(|name| FieldError::new(cut(&inside("", name)), unknown(name))).collect()
            }
            _ => said(&error),
        };
        let errors: Vec<FieldError> = self.0.iter_errors(arguments).flat_map(said).take(MOST_ERRORS).collect();
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

/// An error without the value, which may be long or secret. What is missing or unknown is named by its own pointer.
fn said(error: &ValidationError<'_>) -> Vec<FieldError> {
    let place = error.instance_path().as_str();
    let inside = |name: &str| inside(place, name);
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            vec![FieldError::new(inside(name), "This argument is missing.")]
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            unexpected.iter().map(|name| FieldError::new(cut(&inside(name)), unknown(name))).collect()
        }
        _ => vec![FieldError::new(cut(place), cut(&error.masked().to_string()))],
    }
}

/// The pointer to a member of this name.
fn inside(place: &str, name: &str) -> String {
    format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn unknown(name: &str) -> &'static str {
    if is_tenant(name) { "The token fixes the business. Leave this out." } else { "The tool takes no such argument." }
}

/// Whether an argument of this name would choose a tenant.
pub(super) fn is_tenant(name: &str) -> bool {
    let plain: String = name.chars().filter(|letter| !matches!(letter, '_' | '-')).collect();
    TENANTS.contains(&plain.to_lowercase().as_str())
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST_DETAIL).collect()
}
