//! Checks each request against HighLevel's published contracts: path, version, query, content type and body, and
//! no property that is not published, because the service rejects unknown ones. The contracts are in a folder
//! beside the checkout or in the folder that `HIGHLEVEL_SPECS` names. Without them the test is skipped.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use url::Url;

use crate::calls::record_all;
use crate::server::Seen;

#[expect(clippy::disallowed_methods, reason = "a setting of this test alone")]
fn folder() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..").join("../shared/specs/ghl");
    let folder = std::env::var("HIGHLEVEL_SPECS").map_or_else(|_| beside(), PathBuf::from);
    folder.is_dir().then_some(folder)
}

fn load(file: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

struct Contracts(HashMap<String, Value>);

impl Contracts {
    /// All contracts of the dated generation, by product, with references to the common file made local.
    fn read(folder: &Path) -> Self {
        let common = load(&folder.join("common/common-schemas.json"));
        let products = [
            "oauth",
            "marketplace",
            "companies",
            "snapshots",
            "locations",
            "users",
            "contacts",
            "conversations",
            "calendars",
            "opportunities",
        ];
        let one = |product: &&str| {
            let mut contract = load(&folder.join(format!("{product}.json")));
            contract["common"] = common.clone();
            tidy(&mut contract);
            ((*product).to_owned(), contract)
        };
        Self(products.iter().map(one).collect())
    }

    fn operation(&self, path: &str, method: &str) -> Option<(&Value, &Value)> {
        self.0.values().find_map(|contract| {
            let operation = &contract["paths"][path][method];
            operation.is_object().then_some((contract, operation))
        })
    }
}

/// Makes references local and forbids additional properties in every object that lists its properties. An empty list says
/// nothing: the search for contacts has one.
fn tidy(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(to)) = fields.get_mut("$ref") {
                *to = to.replace("../common/common-schemas.json#/", "#/common/");
            }
            if fields.get("properties").and_then(Value::as_object).is_some_and(|listed| !listed.is_empty())
                && fields.get("type").is_some_and(|kind| kind == "object")
            {
                fields.entry("additionalProperties").or_insert(json!(false));
            }
            fields.values_mut().for_each(tidy);
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// Checks that every reference can be resolved.
fn check_references(at: &Value, root: &Value) {
    match at {
        Value::Object(fields) => {
            if let Some(to) = fields.get("$ref").and_then(Value::as_str) {
                let pointer = to.strip_prefix('#').unwrap_or_else(|| panic!("{to} leads out of the contract"));
                assert!(root.pointer(pointer).is_some(), "{to} leads nowhere");
            }
            fields.values().for_each(|value| check_references(value, root));
        }
        Value::Array(items) => items.iter().for_each(|value| check_references(value, root)),
        _ => {}
    }
}

fn complaints(contract: &Value, schema: &Value, instance: &Value) -> Vec<String> {
    let mut document = schema.as_object().cloned().unwrap_or_default();
    document.insert("components".into(), contract["components"].clone());
    document.insert("common".into(), contract["common"].clone());
    let validator =
        jsonschema::options().with_draft(jsonschema::Draft::Draft4).build(&Value::Object(document)).unwrap();
    validator.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn body(seen: &Seen) -> (String, Value) {
    let kind = seen
        .headers
        .iter()
        .find(|(name, _)| name == "content-type")
        .map(|(_, value)| value.clone())
        .unwrap_or_default();
    let value = if kind == "application/json" {
        serde_json::from_str(&seen.body).unwrap()
    } else {
        let pairs = url::form_urlencoded::parse(seen.body.as_bytes());
        Value::Object(
            pairs.map(|(name, value)| (name.into_owned(), Value::from(value.into_owned()))).collect::<Map<_, _>>(),
        )
    };
    (kind, value)
}

/// The text of a query or header value, converted to the type that its schema requires.
fn typed(text: &str, schema: &Value) -> Value {
    match schema["type"].as_str() {
        Some("boolean" | "number" | "integer") => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        _ => text.into(),
    }
}

fn check(contracts: &Contracts, op: &ghl::Op, seen: &Seen) {
    let name = op.name;
    let found = contracts.operation(op.path, &op.method.as_str().to_lowercase());
    let (contract, operation) = found.unwrap_or_else(|| panic!("{name}: {} {} is not published", op.method, op.path));
    let target = seen.line.split(' ').nth(1).unwrap();
    let url = Url::parse("http://x").unwrap().join(target).unwrap();
    let mut query: HashMap<String, String> = url.query_pairs().into_owned().collect();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let (key, schema) = (parameter["name"].as_str().unwrap(), &parameter["schema"]);
        let value = match parameter["in"].as_str() {
            Some("query") => query.remove(key),
            Some("header") => {
                seen.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value.clone())
            }
            _ => continue,
        };
        match value {
            Some(text) => assert_eq!(complaints(contract, schema, &typed(&text, schema)), [""; 0], "{name}: {key}"),
            None => assert_ne!(parameter["required"], true, "{name}: {key} is required"),
        }
    }
    assert!(query.is_empty(), "{name}: {query:?} is not published");
    let contents = &operation["requestBody"]["content"];
    if contents.is_null() {
        assert_eq!(seen.body, "", "{name} takes no body");
        return;
    }
    let (kind, value) = body(seen);
    let schema = &contents[&kind]["schema"];
    assert!(schema.is_object(), "{name}: {kind} is not published");
    assert_eq!(complaints(contract, schema, &value), [""; 0], "{name}");
}

#[tokio::test]
async fn every_request_keeps_the_published_contract() {
    let Some(folder) = folder() else {
        println!("skipped: there is no folder with HighLevel's contracts (HIGHLEVEL_SPECS)");
        return;
    };
    let contracts = Contracts::read(&folder);
    contracts.0.values().for_each(|contract| check_references(contract, contract));
    for (name, seen) in record_all().await {
        let op = ghl::OPS.iter().find(|op| op.name == name).unwrap();
        check(&contracts, op, &seen);
    }
}

#[test]
fn the_check_itself_refuses_what_the_service_refuses() {
    let mut contract = json!({
        "components": {"schemas": {"A": {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}}},
        "common": {}
    });
    tidy(&mut contract);
    let schema = json!({"$ref": "#/components/schemas/A"});
    assert!(complaints(&contract, &schema, &json!({"a": "x"})).is_empty());
    for wrong in [json!({}), json!({"a": 1}), json!({"a": "x", "ours": 1})] {
        assert!(!complaints(&contract, &schema, &wrong).is_empty(), "{wrong}");
    }
}
