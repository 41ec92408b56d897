//! Can a schema that a third party wrote be used, and how much work is it to check arguments against it? A few bytes of
//! references or patterns can cost minutes and gigabytes, so both are counted before anything is built or checked.

use std::collections::HashMap;

use serde_json::Value;

/// The most nodes of a schema once every reference is written out.
const MOST_NODES: usize = 50_000;
/// The deepest that a schema is nested once every reference is written out.
const DEEPEST: usize = 256;
/// The most patterns of one schema.
const MOST_PATTERNS: usize = 50;
/// The most steps of one check.
const MOST_STEPS: usize = 200_000;
/// The bytes of a text or a name that a keyword reads in one step.
const BYTES_A_STEP: usize = 8;

/// Keywords whose reference is another one at each place, so that nobody can follow them beforehand.
const MOVING: &[&str] = &["$dynamicRef", "$recursiveRef"];

/// Why a schema cannot be used, however it is written: it refers to something outside it or to itself in too many ways, or
/// it has too many patterns. `None` if it can be.
pub(super) fn fault(schema: &Value) -> Option<String> {
    if patterns(schema) > MOST_PATTERNS {
        return Some(format!("It has more than {MOST_PATTERNS} patterns."));
    }
    let mut size = Size { root: schema, known: HashMap::new(), open: Vec::new() };
    match size.of(schema, 0) {
        Ok(nodes) if nodes <= MOST_NODES => None,
        Ok(_) => Some("It has too many nodes once every reference is written out.".to_owned()),
        Err(why) => Some(why),
    }
}

/// How many patterns are compiled for a schema.
pub(crate) fn patterns(schema: &Value) -> usize {
    match schema {
        Value::Object(keywords) => keywords
            .iter()
            .map(|(keyword, given)| {
                let own = match (keyword.as_str(), given) {
                    ("pattern", Value::String(_)) => 1,
                    ("patternProperties", Value::Object(of)) => of.len(),
                    _ => 0,
                };
                own + patterns(given)
            })
            .sum(),
        Value::Array(several) => several.iter().map(patterns).sum(),
        _ => 0,
    }
}

/// What a reference within the schema means. `None` if it leaves the schema, has a name in place of a path, or leads nowhere.
fn target<'a>(root: &'a Value, reference: &str) -> Option<&'a Value> {
    let path = reference.strip_prefix('#')?;
    if path.contains('%') { None } else { root.pointer(path) }
}

/// Counts a schema once every reference is written out. What a reference leads to is counted once and then known.
struct Size<'a> {
    root: &'a Value,
    known: HashMap<&'a str, usize>,
    /// The references that are being counted. One to them is a schema of something that nests, such as a tree.
    open: Vec<&'a str>,
}

impl<'a> Size<'a> {
    fn of(&mut self, schema: &'a Value, depth: usize) -> Result<usize, String> {
        if depth > DEEPEST {
            return Err("It is nested too deeply.".to_owned());
        }
        let mut nodes: usize = 1;
        match schema {
            Value::Object(keywords) => {
                for (keyword, given) in keywords {
                    let more = match given {
                        Value::String(reference) if keyword == "$ref" => self.referred(reference, depth)?,
                        Value::String(_) if MOVING.contains(&keyword.as_str()) => {
                            return Err(format!("It uses {keyword}."));
                        }
                        // What a path leads to is another one from there on.
                        Value::String(_) if keyword == "$id" && !std::ptr::eq(schema, self.root) => {
                            return Err("A part of it has an address of its own.".to_owned());
                        }
                        _ => self.of(given, depth + 1)?,
                    };
                    nodes = nodes.saturating_add(more);
                }
            }
            Value::Array(several) => {
                for one in several {
                    nodes = nodes.saturating_add(self.of(one, depth + 1)?);
                }
            }
            _ => {}
        }
        Ok(nodes)
    }

    fn referred(&mut self, reference: &'a str, depth: usize) -> Result<usize, String> {
        if self.open.contains(&reference) {
            return Ok(1);
        }
        if let Some(nodes) = self.known.get(reference) {
            return Ok(*nodes);
        }
        let found =
            target(self.root, reference).ok_or("It refers to something that is not a part of it by its path.")?;
        self.open.push(reference);
        let nodes = self.of(found, depth + 1)?;
        self.open.pop();
        self.known.insert(reference, nodes);
        Ok(nodes)
    }
}

/// Whether arguments are checked against the schema in a bounded number of steps.
pub(super) fn is_bounded(schema: &Value, arguments: &Value) -> bool {
    Steps { root: schema, left: MOST_STEPS }.check(schema, arguments, 0).is_some()
}

/// Goes the way of a check without judging anything, until no step is left.
struct Steps<'a> {
    root: &'a Value,
    left: usize,
}

impl Steps<'_> {
    /// Takes steps. `None` if there are not so many left.
    fn take(&mut self, steps: usize) -> Option<()> {
        self.left = self.left.checked_sub(steps)?;
        Some(())
    }

    fn check(&mut self, schema: &Value, value: &Value, depth: usize) -> Option<()> {
        self.take(1)?;
        if depth > DEEPEST {
            return None;
        }
        let Some(keywords) = schema.as_object() else { return Some(()) };
        // What nobody named is found by going through all other keywords once more.
        let again = keywords.contains_key("unevaluatedProperties") || keywords.contains_key("unevaluatedItems");
        for _ in 0..=usize::from(again) {
            for (keyword, given) in keywords {
                self.take(1)?;
                self.keyword(keyword, given, value, depth + 1)?;
            }
        }
        Some(())
    }

    fn keyword(&mut self, keyword: &str, given: &Value, value: &Value, depth: usize) -> Option<()> {
        match keyword {
            "$ref" => {
                let root = self.root;
                self.check(target(root, given.as_str()?)?, value, depth)
            }
            "not" | "if" | "then" | "else" => self.check(given, value, depth),
            "allOf" | "anyOf" | "oneOf" => self.each(given.as_array()?, value, depth),
            "dependentSchemas" | "dependencies" => self.each(given.as_object()?.values(), value, depth),
            "properties" | "patternProperties" | "additionalProperties" | "unevaluatedProperties" | "propertyNames" => {
                self.fields(keyword, given, value, depth)
            }
            "items" | "prefixItems" | "additionalItems" | "unevaluatedItems" | "contains" => {
                self.items(given, value, depth)
            }
            "pattern" | "format" => self.take(value.as_str().map_or(0, str::len) / BYTES_A_STEP),
            // Each of several types, names or values is looked at.
            _ => self.take(given.as_array().map_or(0, Vec::len)),
        }
    }

    fn each<'b>(&mut self, schemas: impl IntoIterator<Item = &'b Value>, value: &Value, depth: usize) -> Option<()> {
        schemas.into_iter().try_for_each(|schema| self.check(schema, value, depth))
    }

    fn fields(&mut self, keyword: &str, given: &Value, value: &Value, depth: usize) -> Option<()> {
        let Some(fields) = value.as_object() else { return Some(()) };
        for (name, field) in fields {
            self.take(1 + name.len() / BYTES_A_STEP)?;
            match keyword {
                "properties" => {
                    if let Some(schema) = given.get(name) {
                        self.check(schema, field, depth)?;
                    }
                }
                "patternProperties" => {
                    for schema in given.as_object()?.values() {
                        self.take(name.len() / BYTES_A_STEP)?;
                        self.check(schema, field, depth)?;
                    }
                }
                "propertyNames" => self.check(given, &Value::from(name.as_str()), depth)?,
                _ => self.check(given, field, depth)?,
            }
        }
        Some(())
    }

    fn items(&mut self, given: &Value, value: &Value, depth: usize) -> Option<()> {
        let Some(items) = value.as_array() else { return Some(()) };
        match given {
            Value::Array(schemas) => {
                schemas.iter().zip(items).try_for_each(|(schema, item)| self.check(schema, item, depth))
            }
            schema => items.iter().try_for_each(|item| self.check(schema, item, depth)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A schema in which each definition refers twice to the one below.
    fn doubled(levels: usize) -> Value {
        let mut defs = serde_json::Map::new();
        defs.insert("a0".to_owned(), json!({ "type": "integer" }));
        for level in 1..=levels {
            let below = format!("#/$defs/a{}", level - 1);
            defs.insert(format!("a{level}"), json!({ "allOf": [{ "$ref": below }, { "$ref": below }] }));
        }
        json!({ "type": "object", "$defs": defs, "properties": { "a": { "$ref": format!("#/$defs/a{levels}") } } })
    }

    /// A tree; each node is looked at once for each of these references.
    fn tree(references: usize) -> Value {
        let below = vec![json!({ "$ref": "#/$defs/node" }); references];
        let node = json!({ "type": "object", "properties": { "below": { "allOf": below } } });
        json!({ "type": "object", "$defs": { "node": node }, "properties": { "top": { "$ref": "#/$defs/node" } } })
    }

    #[test]
    fn a_schema_that_doubles_at_each_reference_is_set_aside_at_once() {
        for levels in [16, 25, 60, 250] {
            assert!(fault(&doubled(levels)).is_some(), "{levels}");
        }
        assert_eq!(fault(&doubled(5)), None);
        assert!(is_bounded(&doubled(5), &json!({ "a": "x" })));
        // Lists that were stored before anybody counted are counted when they are called.
        assert!(!is_bounded(&doubled(25), &json!({ "a": "x" })));
    }

    #[test]
    fn a_tree_can_be_used_and_one_that_doubles_at_each_node_only_as_far_as_it_is_bounded() {
        let nested = |levels: usize| (0..levels).fold(json!({}), |below, _| json!({ "below": below }));
        assert_eq!(fault(&tree(1)), None);
        assert!(is_bounded(&tree(1), &json!({ "top": nested(60) })));
        assert!(is_bounded(&tree(2), &json!({ "top": nested(6) })));
        assert!(!is_bounded(&tree(2), &json!({ "top": nested(60) })));
        let loops = json!({ "type": "object", "$defs": { "a": { "$ref": "#/$defs/a" } }, "$ref": "#/$defs/a" });
        assert!(!is_bounded(&loops, &json!({})), "it never comes to an end");
    }

    #[test]
    fn many_errors_in_many_rows_are_not_collected() {
        let never: Vec<Value> = (0..700).map(|at| json!({ "minimum": at })).collect();
        let schema = json!({ "type": "object", "properties": { "rows": { "items": { "allOf": never } } } });
        assert_eq!(fault(&schema), None);
        assert!(!is_bounded(&schema, &json!({ "rows": vec![-1; 10_000] })));
        let row = json!({ "type": "object", "properties": { "id": { "type": "string", "pattern": "^[a-z]+$" } } });
        let schema = json!({ "type": "object", "properties": { "rows": { "type": "array", "items": row } } });
        assert!(is_bounded(&schema, &json!({ "rows": vec![json!({ "id": "abc" }); 5000] })), "as many as fit");
    }

    #[test]
    fn patterns_are_counted_and_long_texts_under_them() {
        let of = |count: usize| {
            let fields = (0..count).map(|at| (format!("p{at}"), json!({ "pattern": format!("\\p{{L}}{{200}}x{at}") })));
            json!({ "type": "object", "properties": fields.collect::<serde_json::Map<_, _>>() })
        };
        assert_eq!(fault(&of(MOST_PATTERNS)), None);
        assert!(fault(&of(MOST_PATTERNS + 1)).is_some_and(|why| why.contains("patterns")));
        let by_name: serde_json::Map<_, _> = (0..=MOST_PATTERNS).map(|at| (format!("^{at}x+"), json!({}))).collect();
        assert!(fault(&json!({ "type": "object", "patternProperties": by_name })).is_some());
        let several = vec![json!({ "pattern": "a+b" }); MOST_PATTERNS];
        let schema = json!({ "type": "object", "properties": { "a": { "allOf": several } } });
        assert!(!is_bounded(&schema, &json!({ "a": "a".repeat(100_000) })));
    }

    #[test]
    fn what_cannot_be_followed_within_the_schema_is_set_aside() {
        for schema in [
            json!({ "$ref": "https://example.test/schema.json" }),
            json!({ "$ref": "other.json#/$defs/a" }),
            json!({ "$ref": "#a" }),
            json!({ "$ref": "#/$defs/none" }),
            json!({ "$dynamicRef": "#a" }),
            json!({ "$recursiveRef": "#" }),
            json!({ "properties": { "a": { "$id": "https://example.test/a", "$ref": "#/b" } } }),
        ] {
            assert!(fault(&schema).is_some(), "{schema}");
        }
        let named =
            json!({ "$id": "https://example.test/a", "properties": { "$id": { "type": "string" }, "$ref": {} } });
        assert_eq!(fault(&named), None, "a field may have any name");
        let whole = json!({ "$id": "https://example.test/a", "properties": { "again": { "$ref": "#" } } });
        assert_eq!(fault(&whole), None, "a schema may mean itself");
    }

    #[test]
    fn what_nobody_named_is_looked_for_in_a_bounded_number_of_steps() {
        let nested = (0..40).fold(json!({}), |below, _| json!({ "unevaluatedProperties": {}, "allOf": [below] }));
        assert!(!is_bounded(&nested, &json!({ "a": 1 })));
    }
}
