//! Do the laws of tools hold for every tool that is declared, and are wrong arguments named by their places?

use std::collections::HashSet;

use domain::feature::Level;
use serde_json::{Value, json};

use super::schema::is_tenant;
use super::{Compiled, TOOLS, Tool, check, find, input_schema, output_schema};

fn all() -> impl Iterator<Item = &'static Tool> {
    TOOLS.iter().copied().flatten()
}

#[test]
fn names_are_unique_and_formed() {
    let mut seen = HashSet::new();
    for tool in all() {
        let words: Vec<&str> = tool.name.split('_').collect();
        let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
        assert!(words.len() >= 2 && words.iter().all(is_word) && tool.name.len() <= 64, "{}", tool.name);
        assert!(seen.insert(tool.name), "{} twice", tool.name);
        assert!(!tool.title.is_empty() && tool.description.ends_with('.'), "{}", tool.name);
        assert_eq!(find(tool.name).map(|found| found.title), Some(tool.title));
    }
    assert!(find("nothing_of_the_kind").is_none());
}

#[test]
fn every_tool_needs_a_right_of_a_business() {
    for tool in all() {
        assert_eq!(tool.needs.rule().level, Level::Business, "{}", tool.name);
    }
}

#[test]
fn every_schema_is_one_and_refuses_what_it_does_not_name() {
    for tool in all() {
        let (input, output) = (input_schema(tool), output_schema(tool));
        for schema in [input, output] {
            assert!(Compiled::of(schema).is_ok(), "{} {schema}", tool.name);
            assert_eq!(schema["type"], "object", "{} {schema}", tool.name);
        }
        assert_eq!(input["additionalProperties"], false, "{} takes anything", tool.name);
        for name in tool.masked {
            assert!(!input["properties"][name].is_null(), "{} masks {name}, which it does not take", tool.name);
        }
    }
}

#[test]
fn no_argument_is_without_a_bound_and_none_chooses_a_tenant() {
    for tool in all() {
        let mut found = Vec::new();
        walk("", input_schema(tool), &mut found);
        assert!(found.is_empty(), "{}: {found:?}", tool.name);
    }
}

/// What is wrong with a schema of arguments, with its place.
fn walk(place: &str, schema: &Value, found: &mut Vec<String>) {
    let has = |key: &str| !schema[key].is_null();
    let is = |name: &str| match &schema["type"] {
        Value::String(one) => one == name,
        Value::Array(several) => several.iter().any(|one| one == name),
        _ => false,
    };
    let is_fixed = has("enum") || has("const");
    let has_form = ["uuid", "date", "date-time", "email"].iter().any(|form| schema["format"] == *form);
    for (of, bound, is_bounded) in [
        ("string", "maxLength", is_fixed || has_form || has("maxLength")),
        ("array", "maxItems", has("maxItems")),
        ("integer", "maximum", is_fixed || has("maximum")),
        ("number", "maximum", is_fixed || has("maximum")),
    ] {
        if is(of) && !is_bounded {
            found.push(format!("{place} has no {bound}"));
        }
    }
    for (name, of) in schema["properties"].as_object().into_iter().flatten() {
        if is_tenant(name) {
            found.push(format!("{place}/{name} chooses a tenant"));
        }
        walk(&format!("{place}/{name}"), of, found);
    }
    if has("items") {
        walk(&format!("{place}/*"), &schema["items"], found);
    }
    for several in ["anyOf", "oneOf", "allOf"] {
        for one in schema[several].as_array().into_iter().flatten() {
            walk(place, one, found);
        }
    }
}

#[test]
fn what_does_not_fit_is_named_by_its_place_and_not_repeated() {
    const ID: &str = "019b0000-0000-7000-8000-000000000001";
    let tool = find("inbox_update_contact").unwrap();
    for (arguments, places) in [
        (json!({}), vec!["/contact"]),
        (json!([]), vec![""]),
        (json!({ "contact": "canary" }), vec!["/contact"]),
        (json!({ "contact": ID, "name": ["canary"] }), vec!["/name"]),
        (json!({ "contact": ID, "note": "canary".repeat(1000) }), vec!["/note"]),
        (json!({ "contact": ID, "tenantId": "canary" }), vec!["/tenantId"]),
        (json!({ "contact": ID, "location_id": "canary" }), vec!["/location_id"]),
        (json!({ "contact": ID, "a/b~": "canary" }), vec!["/a~1b~0"]),
    ] {
        let errors = check(tool, &arguments).unwrap_err();
        assert_eq!(errors.iter().map(|error| error.pointer.as_str()).collect::<Vec<_>>(), places, "{arguments}");
        assert!(errors.iter().all(|error| !error.detail.contains("canary")), "{errors:?}");
    }
    assert_eq!(check(tool, &json!({ "contact": ID, "name": "Ada", "email": null })), Ok(()));
}

#[test]
fn a_schema_of_a_third_party_is_read_without_its_references_outside() {
    assert!(Compiled::of(&json!({ "type": "object", "properties": { "a": { "type": 7 } } })).is_err());
    assert!(Compiled::of(&json!({ "$ref": "https://example.test/schema.json" })).is_err());
    let schema = Compiled::of(&json!({ "type": "object", "properties": { "a": { "type": "integer" } } })).unwrap();
    assert!(schema.check(&json!({ "a": 1, "b": 2 })).is_ok() && schema.check(&json!({ "a": "x" })).is_err());
}

#[test]
fn nothing_outside_a_schema_is_ever_fetched() {
    for address in ["https://example.test/schema.json", "file:///etc/hostname"] {
        let schema = json!({ "type": "object", "properties": { "a": { "$ref": address } } });
        let why = Compiled::of(&schema).err().unwrap_or_default();
        assert!(why.contains("feature or a custom resolver is required"), "{address}: {why}");
        assert!(Compiled::of_foreign(&schema).is_err());
    }
}

#[test]
fn a_pattern_of_a_third_party_is_small_and_never_goes_back() {
    let of = |pattern: &str| {
        let schema = json!({ "type": "object", "properties": { "a": { "type": "string", "pattern": pattern } } });
        Compiled::of_foreign(&schema)
    };
    for large in ["^(\\p{L}{100}){100}x", "^(?=a)b", "^(a+)\\1$"] {
        assert!(of(large).is_err(), "{large}");
    }
    for usual in ["^[\\w.+-]+@[\\w-]+\\.[a-z]{2,}$", "^\\d{4}-\\d{2}-\\d{2}$", "^\\S{1,60}$", "^.{1,100}$"] {
        assert!(of(usual).is_ok(), "{usual}");
    }
    let slow = of("^(a+)+$").unwrap();
    assert!(slow.check(&json!({ "a": format!("{}b", "a".repeat(10_000)) })).is_err());
}

#[test]
fn names_of_tenants_are_known_however_they_are_written() {
    for name in ["tenantId", "tenant_id", "TENANT-ID", "locationId", "business", "sub_account_id", "agencyId"] {
        assert!(is_tenant(name), "{name}");
    }
    for name in ["contact", "conversation", "query", "limit", "todo"] {
        assert!(!is_tenant(name), "{name}");
    }
}
