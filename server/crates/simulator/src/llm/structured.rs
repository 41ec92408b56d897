//! Puts an answer into the shape that a request asks for: the arguments of a tool, or an object of a JSON schema.

use serde_json::{Map, Value, json};

/// What a model has decided, before it is given a shape.
#[derive(Debug, Clone, Default)]
pub struct Decision {
    /// What is said to the customer.
    pub text: String,
    /// True if a person is to take over.
    pub hand_off: bool,
    /// Names of the passages that the text comes from.
    pub sources: Vec<String>,
}

/// A value of a JSON schema that carries a decision. Properties are filled by their names: texts with what is said, flags for a
/// hand-off with whether there is one, lists with the sources.
pub fn fill(schema: &Value, decision: &Decision) -> Value {
    let empty = Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&empty);
    let required = |name: &str| {
        schema["required"].as_array().is_none_or(|names| names.iter().any(|known| known.as_str() == Some(name)))
    };
    let filled = properties
        .iter()
        .filter(|(name, _)| required(name) || is_about_people(name))
        .map(|(name, schema)| (name.clone(), value(name, schema, decision)));
    Value::Object(filled.collect())
}

fn value(name: &str, schema: &Value, decision: &Decision) -> Value {
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or_default(),
        kind => kind.as_str().unwrap_or_default(),
    };
    if let Some(choices) = schema["enum"].as_array() {
        return choice(choices, decision);
    }
    match kind {
        "object" => fill(schema, decision),
        "array" => json!(decision.sources),
        "boolean" => json!(is_about_people(name) && decision.hand_off),
        "integer" => json!(u8::from(!decision.hand_off)),
        "number" => json!(if decision.hand_off { 0.1 } else { 0.9 }),
        _ => json!(decision.text),
    }
}

/// The choice that names a hand-off if there is one, else the first that does not, else the first.
fn choice(choices: &[Value], decision: &Decision) -> Value {
    let fits = |choice: &&Value| is_about_people(choice.as_str().unwrap_or_default()) == decision.hand_off;
    choices.iter().find(fits).or_else(|| choices.first()).cloned().unwrap_or_default()
}

/// True if a name speaks of handing a conversation to a person.
pub fn is_about_people(name: &str) -> bool {
    let name = name.to_lowercase();
    ["hand", "human", "escalat", "person", "transfer"].iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_required_property_is_there_and_has_its_type() {
        let schema = json!({"type": "object", "required": ["reply", "confidence", "sources", "mood"], "properties": {
            "reply": {"type": "string"}, "confidence": {"type": "number"}, "sources": {"type": "array"},
            "mood": {"enum": ["answer", "hand_off"]}, "hand_off": {"type": ["boolean", "null"]}, "note": {"type": "string"}}});
        for hand_off in [true, false] {
            let decision = Decision { text: "Hi".into(), hand_off, sources: vec!["p1".into()] };
            let filled = fill(&schema, &decision);
            assert_eq!((&filled["reply"], &filled["sources"]), (&json!("Hi"), &json!(["p1"])));
            assert_eq!(filled["hand_off"], json!(hand_off));
            assert_eq!(filled["mood"], if hand_off { json!("hand_off") } else { json!("answer") });
            assert!(filled["confidence"].is_number() && filled.get("note").is_none());
        }
    }
}
