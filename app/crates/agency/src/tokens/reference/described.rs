//! Which members, answers and errors does the description of the API give for a call? All of it is read from the document
//! that programs get, so the page cannot say anything else.

use serde_json::Value;

use super::plural::plural;

/// How deep the members of members are listed.
const DEPTH: usize = 2;
/// The most words of a choice that are listed.
const MOST_WORDS: usize = 20;
/// The most references that lead to one schema.
const MOST_REFERENCES: usize = 8;

/// What the description says of one call.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Described {
    /// The variable parts of its path, its query and its headers.
    pub parameters: Vec<Member>,
    /// The members of its body.
    pub body: Vec<Member>,
    /// What a success answers.
    pub answers: Vec<Success>,
    /// The errors that it answers.
    pub errors: Vec<Failure>,
}

/// One member of a value, or one parameter.
#[derive(Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its type, in words.
    pub kind: String,
    /// Whether it is always there.
    pub required: bool,
    /// Whether it may be null.
    pub nullable: bool,
    /// What it means; empty if its name says everything.
    pub meaning: String,
    /// The words that it may be; empty if it is no choice.
    pub words: Vec<String>,
    /// Its own members, or those of its elements.
    pub inner: Vec<Self>,
}

/// One answer of a success.
#[derive(Debug, PartialEq, Eq)]
pub struct Success {
    /// Its status.
    pub status: String,
    /// What it means.
    pub meaning: String,
    /// The members of its body.
    pub members: Vec<Member>,
    /// An example of its body, over several lines.
    pub example: Option<String>,
}

/// One error.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    /// Its status, or `default`.
    pub status: String,
    /// The codes that it may have.
    pub codes: Vec<String>,
    /// When it is answered.
    pub when: String,
}

/// What the document says of the call; nothing if it does not know it.
pub fn described(document: &Value, path: &str, method: &str) -> Described {
    let calls = document.get("paths").and_then(|paths| paths.get(path));
    let Some(call) = calls.and_then(|calls| calls.get(method.to_ascii_lowercase())) else {
        return Described::default();
    };
    let reader = Reader { document };
    let body = call.pointer("/requestBody/content/application~1json/schema");
    let responses = call.get("responses").and_then(Value::as_object).into_iter().flatten();
    let (good, bad): (Vec<_>, Vec<_>) = responses.partition(|(status, _)| status.starts_with('2'));
    Described {
        parameters: list(call, "parameters").map(|one| reader.parameter(one)).collect(),
        body: body.map(|schema| reader.members(schema, DEPTH)).unwrap_or_default(),
        answers: good.into_iter().map(|(status, answer)| reader.success(status, answer)).collect(),
        errors: bad.into_iter().map(|(status, answer)| failure(status, answer)).collect(),
    }
}

fn failure(status: &str, answer: &Value) -> Failure {
    let codes = list(answer, "x-codes").filter_map(Value::as_str).map(str::to_owned).collect();
    Failure { status: status.to_owned(), codes, when: text(answer, "description") }
}

/// The elements of a list in this value; none if there is no such list.
fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// A text in this value; empty if there is none.
fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The schemas of which a value fits one, without null.
fn choices(schema: &Value) -> Vec<&Value> {
    list(schema, "anyOf").chain(list(schema, "oneOf")).filter(|choice| !is_null(choice)).collect()
}

fn is_null(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("null")
}

/// The type of a schema, apart from null.
fn type_of(schema: &Value) -> Option<&str> {
    match schema.get("type")? {
        Value::String(kind) => Some(kind),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        _ => None,
    }
}

/// Reads schemas of a document.
struct Reader<'a> {
    document: &'a Value,
}

impl<'a> Reader<'a> {
    fn success(&self, status: &str, answer: &'a Value) -> Success {
        let body = answer.pointer("/content/application~1json");
        let schema = body.and_then(|body| body.get("schema"));
        let example = body.and_then(|body| body.get("example"));
        Success {
            status: status.to_owned(),
            meaning: text(answer, "description"),
            members: schema.map(|schema| self.members(schema, DEPTH)).unwrap_or_default(),
            example: example.and_then(|example| serde_json::to_string_pretty(example).ok()),
        }
    }

    fn parameter(&self, parameter: &'a Value) -> Member {
        let schema = parameter.get("schema").unwrap_or(parameter);
        let required = parameter.get("required").and_then(Value::as_bool).unwrap_or_default();
        let mut member = self.member(&text(parameter, "name"), schema, required, 0);
        let place = match parameter.get("in").and_then(Value::as_str) {
            Some("path") => " in the path",
            Some("header") => " in a header",
            _ => " in the query",
        };
        member.kind.push_str(place);
        let meaning = text(parameter, "description");
        if !meaning.is_empty() {
            member.meaning = meaning;
        }
        member
    }

    /// The schema that a reference leads to, or the schema itself.
    fn resolved(&self, schema: &'a Value) -> &'a Value {
        let mut schema = schema;
        for _ in 0..MOST_REFERENCES {
            let place = schema.get("$ref").and_then(Value::as_str);
            let Some(named) = place.and_then(|place| self.document.pointer(place.trim_start_matches('#'))) else {
                break;
            };
            schema = named;
        }
        schema
    }

    /// The schema without references and without the choice to be null.
    fn plain(&self, schema: &'a Value) -> &'a Value {
        let schema = self.resolved(schema);
        match choices(schema).as_slice() {
            [only] if schema.get("properties").is_none() => self.resolved(only),
            _ => schema,
        }
    }

    fn is_nullable(&self, schema: &'a Value) -> bool {
        let schema = self.resolved(schema);
        let mut kinds = list(schema, "type");
        let mut ways = list(schema, "anyOf").chain(list(schema, "oneOf"));
        kinds.any(|kind| kind == "null") || ways.any(is_null) || is_null(schema)
    }

    /// The schema of what is in a list, or in a list of lists; any other schema as it is.
    fn element(&self, schema: &'a Value) -> &'a Value {
        let mut schema = self.plain(schema);
        for _ in 0..MOST_REFERENCES {
            let Some(items) = schema.get("items").or(map_of(schema)) else { break };
            schema = self.plain(items);
        }
        schema
    }

    /// The members of a value of this schema, or of its elements: those that are always there first.
    fn members(&self, schema: &'a Value, depth: usize) -> Vec<Member> {
        let mut all = self.gathered(self.element(schema), depth);
        all.sort_by_key(|member| (!member.required, member.name != "id"));
        all
    }

    fn gathered(&self, schema: &'a Value, depth: usize) -> Vec<Member> {
        let required: Vec<&str> = list(schema, "required").filter_map(Value::as_str).collect();
        let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        let own = properties.map(|(name, inner)| self.member(name, inner, required.contains(&name.as_str()), depth));
        let mut all: Vec<Member> = own.collect();
        for part in list(schema, "allOf") {
            add(&mut all, self.gathered(self.resolved(part), depth));
        }
        let ways: Vec<Vec<Member>> =
            choices(schema).into_iter().map(|way| self.gathered(self.resolved(way), depth)).collect();
        let everywhere = |name: &str| ways.iter().all(|way| way.iter().any(|one| one.name == name && one.required));
        let always: Vec<String> =
            ways.iter().flatten().map(|one| one.name.clone()).filter(|name| everywhere(name)).collect();
        for mut way in ways {
            way.iter_mut().for_each(|member| member.required = always.contains(&member.name));
            add(&mut all, way);
        }
        all
    }

    fn member(&self, name: &str, schema: &'a Value, required: bool, depth: usize) -> Member {
        let plain = self.plain(schema);
        let own = text(schema, "description");
        let element = self.element(schema);
        Member {
            name: name.to_owned(),
            kind: self.kind(plain),
            required,
            nullable: self.is_nullable(schema),
            meaning: if own.is_empty() { text(plain, "description") } else { own },
            words: words(element),
            inner: if depth == 0 { Vec::new() } else { self.members(schema, depth - 1) },
        }
    }

    /// The type in words: "array of strings" is a list of texts.
    fn kind(&self, schema: &'a Value) -> String {
        let kind = type_of(schema).or_else(|| schema.get("properties").map(|_| "object"));
        match (kind, schema.get("format").and_then(Value::as_str)) {
            (Some("array"), _) => match schema.get("items") {
                Some(items) => format!("array of {}", plural(&self.kind(self.plain(items)))),
                None => "array".to_owned(),
            },
            (Some("object"), _) => match map_of(schema) {
                Some(inner) => format!("map of {}", plural(&self.kind(self.plain(inner)))),
                None => "object".to_owned(),
            },
            (Some("string"), Some(format)) => format!("string ({format})"),
            (Some(kind), _) => kind.to_owned(),
            (None, _) => self.either(schema),
        }
    }

    /// The type of a schema that names none: one of several, or anything.
    fn either(&self, schema: &'a Value) -> String {
        if let Some(word) = schema.get("const").or_else(|| schema.pointer("/enum/0")) {
            return if word.is_string() { "string" } else { "constant" }.to_owned();
        }
        let mut kinds: Vec<String> = Vec::new();
        for choice in choices(schema) {
            let kind = self.kind(self.plain(choice));
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        if kinds.is_empty() { "any JSON".to_owned() } else { kinds.join(" or ") }
    }
}

/// The schema of the values of a map, whose names are free.
fn map_of(schema: &Value) -> Option<&Value> {
    let free = schema.get("properties").is_none();
    schema.get("additionalProperties").filter(|inner| free && inner.is_object())
}

/// The words of a choice, as far as they are listed.
fn words(schema: &Value) -> Vec<String> {
    let listed = list(schema, "enum").chain(schema.get("const")).filter_map(Value::as_str);
    let mut words: Vec<String> = listed.map(str::to_owned).collect();
    if let Some(more) = words.len().checked_sub(MOST_WORDS).filter(|more| *more > 0) {
        words.truncate(MOST_WORDS);
        words.push(format!("{more} more"));
    }
    words
}

/// Adds members that are not known yet; those that are get the further words of their choice.
fn add(known: &mut Vec<Member>, more: Vec<Member>) {
    for member in more {
        match known.iter_mut().find(|one| one.name == member.name) {
            Some(one) => {
                let further: Vec<String> = member.words.into_iter().filter(|word| !one.words.contains(word)).collect();
                one.words.extend(further);
            }
            None => known.push(member),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        json!({
            "paths": { "/api/v1/jobs/{id}": { "post": {
                "parameters": [
                    { "name": "id", "in": "path", "required": true, "schema": { "type": "string", "format": "uuid" } },
                    { "name": "q", "in": "query", "description": "Words", "schema": { "type": "string" } }
                ],
                "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/New" } } } },
                "responses": {
                    "202": { "description": "Success", "content": { "application/json": {
                        "schema": { "$ref": "#/components/schemas/Job" }, "example": { "id": "7" }
                    } } },
                    "204": { "description": "Nothing to do" },
                    "409": { "description": "It exists", "x-codes": ["duplicate"] },
                    "default": { "description": "Any other error" }
                }
            } } },
            "components": { "schemas": {
                "New": { "type": "object", "required": ["name"], "properties": {
                    "colour": { "description": "Its colour.", "enum": ["red", "blue"], "type": "string" },
                    "name": { "type": "string" }
                } },
                "Job": { "type": "object", "required": ["id", "steps"], "properties": {
                    "extra": { "anyOf": [{ "$ref": "#/components/schemas/Step" }, { "type": "null" }] },
                    "id": { "type": "string", "format": "uuid" },
                    "at": { "type": ["string", "null"], "format": "date-time", "description": "When." },
                    "steps": { "type": "array", "items": { "$ref": "#/components/schemas/Step" } },
                    "values": { "type": "object", "additionalProperties": { "type": "string" } },
                    "input": { "description": "Anything." }
                } },
                "Step": { "description": "One step.", "type": "object", "oneOf": [
                    { "type": "object", "required": ["kind", "ms"], "properties": {
                        "kind": { "const": "done" }, "ms": { "type": "integer" } } },
                    { "type": "object", "required": ["kind"], "properties": { "kind": { "const": "waits" } } }
                ] }
            } }
        })
    }

    #[test]
    fn a_call_is_read_with_everything_it_takes_and_answers() {
        let document = document();
        let call = described(&document, "/api/v1/jobs/{id}", "POST");
        let kinds: Vec<&str> = call.parameters.iter().map(|one| one.kind.as_str()).collect();
        assert_eq!(kinds, ["string (uuid) in the path", "string in the query"]);
        assert!(call.parameters[0].required && call.parameters[1].meaning == "Words");
        let names: Vec<&str> = call.body.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["name", "colour"], "what is needed comes first");
        assert_eq!(call.body[1].words, ["red", "blue"]);
        assert_eq!(call.answers.len(), 2);
        assert_eq!(call.answers[0].example.as_deref(), Some("{\n  \"id\": \"7\"\n}"));
        assert!(call.answers[1].members.is_empty() && call.answers[1].example.is_none());
        let errors: Vec<_> = call.errors.iter().map(|one| (one.status.as_str(), one.codes.len())).collect();
        assert_eq!(errors, [("409", 1), ("default", 0)]);
        assert_eq!(described(&document, "/nowhere", "GET"), Described::default());
    }

    #[test]
    fn members_are_listed_with_their_own_members() {
        let call = described(&document(), "/api/v1/jobs/{id}", "POST");
        let members = &call.answers[0].members;
        let member = |name: &str| members.iter().find(|one| one.name == name).expect("the member is listed");
        assert_eq!((members[0].name.as_str(), members[1].name.as_str()), ("id", "steps"));
        assert_eq!((member("at").kind.as_str(), member("at").nullable), ("string (date-time)", true));
        assert_eq!((member("steps").kind.as_str(), member("steps").nullable), ("array of objects", false));
        assert_eq!((member("extra").meaning.as_str(), member("extra").nullable), ("One step.", true));
        assert_eq!((member("values").kind.as_str(), member("input").kind.as_str()), ("map of strings", "any JSON"));
        let step = &member("steps").inner;
        assert_eq!((step[0].name.as_str(), step[0].required), ("kind", true));
        assert_eq!(step[0].words, ["done", "waits"], "each way has a word of its own");
        assert_eq!((step[1].name.as_str(), step[1].required), ("ms", false), "only one of the ways has it");
        assert_eq!(&member("extra").inner, step);
    }
}
