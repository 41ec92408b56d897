//! What does a call answer, by example? Makes a value that fits a schema of the description: always the same one, with every
//! member that there may be.

use serde_json::{Map, Value};

/// How deep an example shows what may be left out. References count, too.
const DEPTH: usize = 10;
/// How deep an example may be at all. Only a schema that contains itself comes this far.
const DEEPEST: usize = 40;

/// An id in examples.
pub const ID: &str = "01985f2a-7c4e-7d3b-9a51-5f0c2e8b6d17";
/// An id of HighLevel in examples.
const OUTSIDE_ID: &str = "ve9EPM428h8vShlRW1KT";

/// Adds an example to each success of the description that has a body.
pub fn add(document: &mut Value) {
    let known = document.clone();
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else { return };
    let calls = paths.values_mut().filter_map(Value::as_object_mut).flat_map(|path| path.values_mut());
    for call in calls {
        let Some(responses) = call.get_mut("responses").and_then(Value::as_object_mut) else { continue };
        for (_, response) in responses.iter_mut().filter(|(status, _)| status.starts_with('2')) {
            let body = response.pointer_mut("/content/application~1json").and_then(Value::as_object_mut);
            let Some(body) = body else { continue };
            let Some(example) = body.get("schema").map(|schema| example(schema, &known)) else { continue };
            body.insert("example".to_owned(), example);
        }
    }
}

/// A value that fits this schema of the document.
fn example(schema: &Value, document: &Value) -> Value {
    Maker { document }.value(schema, "", 0)
}

/// Makes examples by the schemas of a document.
struct Maker<'a> {
    document: &'a Value,
}

impl Maker<'_> {
    /// A value of this schema for the member of this name.
    fn value(&self, schema: &Value, name: &str, depth: usize) -> Value {
        if depth > DEEPEST || (depth >= DEPTH && may_be_null(schema)) {
            return Value::Null;
        }
        if let Some(place) = schema.get("$ref").and_then(Value::as_str) {
            let named = self.document.pointer(place.trim_start_matches('#'));
            return named.map_or(Value::Null, |named| self.value(named, name, depth + 1));
        }
        if let Some(value) = given(schema) {
            return value;
        }
        let choices = choices(schema);
        let chosen = choices.iter().copied().find(|choice| !is_null(choice)).or(choices.first().copied());
        let parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten().chain(chosen);
        let own = self.own(schema, name, depth);
        let value = parts.fold(own, |value, part| Some(together(value, self.value(part, name, depth))));
        // A schema that says nothing of its type fits any JSON.
        value.unwrap_or_else(|| Value::Object(Map::new()))
    }

    /// What the schema itself says, without its choices and parts.
    fn own(&self, schema: &Value, name: &str, depth: usize) -> Option<Value> {
        let kind = kind(schema).or_else(|| schema.get("properties").map(|_| "object"))?;
        Some(match kind {
            "object" => Value::Object(self.members(schema, depth)),
            "array" => Value::Array(self.elements(schema, name, depth)),
            "string" => Value::String(text(schema, name)),
            "integer" | "number" => number(schema, name),
            "boolean" => Value::Bool(false),
            _ => Value::Null,
        })
    }

    fn members(&self, schema: &Value, depth: usize) -> Map<String, Value> {
        let required = schema.get("required").and_then(Value::as_array);
        let is_required = |name: &str| required.is_some_and(|all| all.iter().any(|one| one.as_str() == Some(name)));
        let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        let shown = properties.filter(|(name, _)| depth < DEPTH || is_required(name));
        let mut members: Map<String, Value> =
            shown.map(|(name, inner)| (name.clone(), self.value(inner, name, depth + 1))).collect();
        let others = schema.get("additionalProperties").filter(|inner| inner.is_object());
        if let Some(inner) = others.filter(|_| members.is_empty() && depth < DEPTH) {
            let words = schema.pointer("/propertyNames/enum/0").and_then(Value::as_str);
            let key = words.unwrap_or("name");
            members.insert(key.to_owned(), self.value(inner, key, depth + 1));
        }
        members
    }

    /// One element, or as many as there must be.
    fn elements(&self, schema: &Value, name: &str, depth: usize) -> Vec<Value> {
        if let Some(places) = schema.get("prefixItems").and_then(Value::as_array) {
            return places.iter().map(|place| self.value(place, name, depth + 1)).collect();
        }
        let limit = |key| schema.get(key).and_then(Value::as_u64).and_then(|limit| usize::try_from(limit).ok());
        let least = limit("minItems").unwrap_or(0);
        let count = if depth < DEPTH { least.max(1) } else { least }.min(limit("maxItems").unwrap_or(usize::MAX));
        let one = name.strip_suffix('s').unwrap_or(name);
        let anything = Value::Bool(true);
        let items = schema.get("items").unwrap_or(&anything);
        (0..count).map(|_| self.value(items, one, depth + 1)).collect()
    }
}

/// Two parts of one value: the members of both, or the later one.
fn together(known: Option<Value>, part: Value) -> Value {
    match (known, part) {
        (Some(Value::Object(mut known)), Value::Object(part)) => {
            known.extend(part);
            Value::Object(known)
        }
        (_, part) => part,
    }
}

/// A value that the schema names itself.
fn given(schema: &Value) -> Option<Value> {
    let listed = schema.get("examples").and_then(|all| all.get(0));
    let named = schema.get("example").or(listed).or(schema.get("const"));
    let words = schema.get("enum").and_then(Value::as_array);
    let word = words.and_then(|words| words.iter().find(|word| !word.is_null()).or(words.first()));
    let says_something = |value: &&Value| match value {
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
        _ => false,
    };
    named.or(word).or(schema.get("default").filter(says_something)).cloned()
}

/// The schemas of which a value fits one.
fn choices(schema: &Value) -> Vec<&Value> {
    ["anyOf", "oneOf"].into_iter().filter_map(|key| schema.get(key)?.as_array()).flatten().collect()
}

/// The type of a schema, apart from null.
fn kind(schema: &Value) -> Option<&str> {
    match schema.get("type")? {
        Value::String(kind) => Some(kind),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        _ => None,
    }
}

fn is_null(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("null")
}

fn may_be_null(schema: &Value) -> bool {
    let kinds = schema.get("type").and_then(Value::as_array);
    kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind == "null")) || choices(schema).into_iter().any(is_null)
}

/// A text of the schema's format, or one that the name of its member suggests.
fn text(schema: &Value, name: &str) -> String {
    let of_format = match schema.get("format").and_then(Value::as_str).unwrap_or_default() {
        "uuid" => ID,
        "date-time" => "2026-01-15T09:30:00Z",
        "date" => "2026-01-15",
        "time" => "09:30:00Z",
        "partial-time" => "09:30:00",
        "partial-date-time" => "2026-01-15T09:30:00",
        "duration" => "PT5M",
        "email" => "owner@brightdental.example",
        "uri" | "url" | "uri-reference" | "iri" => "https://brightdental.example/",
        "hostname" => "brightdental.example",
        "ip" | "ipv4" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        _ => return fitted(&of_name(name), schema),
    };
    of_format.to_owned()
}

/// A text that a member of this name may hold.
fn of_name(name: &str) -> String {
    let known = match name.rsplit('_').next().unwrap_or_default() {
        "id" => OUTSIDE_ID,
        "email" => "owner@brightdental.example",
        "phone" | "number" => "+13055550100",
        "url" | "website" | "link" => "https://brightdental.example/",
        "country" => "US",
        "city" => "Miami",
        "timezone" | "zone" => "America/New_York",
        "language" => "en",
        "next" | "cursor" => "MjAyNi0wMS0xNQ",
        "error" => "HighLevel couldn't be reached for 15 minutes.",
        "name" if name == "first_name" => "Ana",
        "name" if name == "last_name" => "Lee",
        "name" => "Bright Dental",
        _ => return words(name),
    };
    known.to_owned()
}

/// A name as words: `next_step` is "Next step".
fn words(name: &str) -> String {
    let mut letters = name.chars().map(|letter| if letter == '_' { ' ' } else { letter });
    letters.next().map_or_else(|| "Text".to_owned(), |first| first.to_uppercase().chain(letters).collect())
}

/// The text, as short or as long as the schema wants it.
fn fitted(text: &str, schema: &Value) -> String {
    let limit = |key| schema.get(key).and_then(Value::as_u64).and_then(|limit| usize::try_from(limit).ok());
    let (least, most) = (limit("minLength").unwrap_or(0), limit("maxLength").unwrap_or(usize::MAX));
    let long = text.chars().count().max(least).min(most);
    text.chars().chain(std::iter::repeat('x')).take(long).collect()
}

/// A number within the limits of the schema.
fn number(schema: &Value, name: &str) -> Value {
    let limit = |key| schema.get(key).and_then(Value::as_i64);
    let least = limit("minimum").or(limit("exclusiveMinimum").map(|below| below + 1));
    let most = limit("maximum").or(limit("exclusiveMaximum").map(|above| above - 1));
    let usual = if name.ends_with("status") { 200 } else { 1 };
    usual.max(least.unwrap_or(i64::MIN)).min(most.unwrap_or(i64::MAX)).into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::openapi;

    /// Each success with a JSON body: where it stands, its schema and its example.
    fn bodies(document: &Value) -> Vec<(String, &Value, &Value)> {
        let mut all = Vec::new();
        for (path, calls) in document["paths"].as_object().expect("the description has paths") {
            for (method, call) in calls.as_object().expect("a path has calls") {
                for (status, response) in call["responses"].as_object().expect("a call has answers") {
                    let Some(body) = response.pointer("/content/application~1json") else { continue };
                    all.push((format!("{method} {path} {status}"), &body["schema"], &body["example"]));
                }
            }
        }
        all
    }

    #[test]
    fn the_example_of_every_answer_fits_its_schema() {
        let document = openapi::document();
        let bodies = bodies(document);
        assert!(bodies.len() > 30, "{}", bodies.len());
        for (place, schema, example) in bodies {
            assert!(!example.is_null(), "{place}: no example");
            let mut whole = schema.clone();
            whole["components"] = document["components"].clone();
            let validator = jsonschema::options().should_validate_formats(true).build(&whole);
            let validator = validator.unwrap_or_else(|error| panic!("{place}: {error}"));
            let errors: Vec<String> =
                validator.iter_errors(example).map(|error| format!("{}: {error}", error.instance_path())).collect();
            assert!(errors.is_empty(), "{place}: {errors:?}\n{example:#}");
        }
    }

    #[test]
    fn an_example_is_always_the_same() {
        let mut again = openapi::document().clone();
        add(&mut again);
        assert_eq!(&again, openapi::document());
    }

    #[test]
    fn values_follow_format_name_and_limits() {
        let document = json!({ "components": { "schemas": {
            "Node": { "type": "object", "required": ["id"], "properties": {
                "id": { "type": "string", "format": "uuid" },
                "child": { "anyOf": [{ "$ref": "#/components/schemas/Node" }, { "type": "null" }] },
                "next_steps": { "type": "array", "items": { "type": "string" } }
            } }
        } } });
        let of = |schema: Value| example(&schema, &document);
        let node = of(json!({ "$ref": "#/components/schemas/Node" }));
        assert_eq!((&node["id"], &node["next_steps"]), (&json!(ID), &json!(["Next step"])));
        assert_eq!(node["child"]["id"], ID, "what may be null is shown");
        assert!(node.to_string().contains("null"), "a type that contains itself ends: {node}");
        assert_eq!(of(json!({ "type": ["string", "null"], "enum": [null, "a", "b"] })), "a");
        assert_eq!(of(json!({ "type": "string", "maxLength": 2 })), "Te");
        assert_eq!(of(json!({ "type": "string", "minLength": 6 })), "Textxx");
        assert_eq!(of(json!({ "type": "integer", "minimum": 5 })), 5);
        assert_eq!(of(json!({ "type": "integer", "maximum": 0 })), 0);
        assert_eq!(of(json!({ "type": "array", "minItems": 2, "items": { "const": 3 } })), json!([3, 3]));
        assert_eq!(
            of(json!({ "type": "object", "additionalProperties": { "type": "boolean" } })),
            json!({ "name": false })
        );
        assert_eq!(of(json!({ "description": "anything" })), json!({}));
        let tagged = json!({ "type": "object", "properties": { "a": { "type": "integer" } }, "oneOf": [
            { "type": "object", "properties": { "kind": { "const": "x" } } }, { "type": "object" }
        ] });
        assert_eq!(of(tagged), json!({ "a": 1, "kind": "x" }));
    }
}
